/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FOLLOW_H
#define LIB_FOLLOW_H 1

/* A program that follows the daemon: it reads the stream of file/frame.h from
 * the daemon's socket and keeps what it needs to show the records as the
 * daemon does.  Nothing here blocks; see follow_wait() for the poll loop.
 *
 *     while (!(error = follow_next(f, &item))) {
 *         ...
 *     }
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct follow;
struct record_context;

/* What there is in a stream for who follows it. */
enum follow_kind {
    FOLLOW_BEGIN,               /* A trace begins. */
    FOLLOW_RECORD,              /* An upcall or a pass. */
    FOLLOW_GAP,                 /* Records are missing. */
    FOLLOW_END,                 /* The trace has ended. */
};

/* Pointers are valid until the follower is used again. */
struct follow_item {
    enum follow_kind kind;
    uint64_t seq;               /* Number of the record; of BEGIN, GAP and END,
                                 * of the one that would be next. */
    const char *text;           /* Of BEGIN and END: JSON as in a file. */
    const void *record;         /* Of RECORD. */
    size_t size;
    uint64_t n;                 /* Of GAP: how many. */
};

int follow_open(const char *path, struct follow **);
struct follow *follow_create(int fd);
void follow_close(struct follow *);

int follow_request(struct follow *, uint64_t from);
int follow_next(struct follow *, struct follow_item *);
void follow_wait(const struct follow *);
bool follow_is_accepted(const struct follow *);

struct record_context follow_context(const struct follow *);
const char *follow_error(const struct follow *);

#endif /* lib/file/follow.h */
