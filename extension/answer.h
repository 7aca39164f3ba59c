/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_ANSWER_H
#define EXTENSION_ANSWER_H 1

/* The answer to a command that shows many records.
 *
 * It is one text, JSON or for people, to which records are appended until it
 * is full: it has had as many bytes, or as much time, as one answer may have.
 * Then it is cut between two records and says where the next one is to go on,
 * so that no command keeps the daemon from its work for long, and none needs
 * much memory.  OVS makes a copy of the text to wrap it, and another to send
 * it, so the limit is far below what one reply may have.
 *
 * All connections may have commands in one turn of the main loop, before
 * anything else is done.  Once they have together had more time than a turn
 * may have, the answers to those that follow are short; and so they are while
 * answers that clients have not read take much memory.  What there is to show
 * is searched for all the same. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"

struct unixctl_conn;

struct answer {
    bool json;
    struct ds ds;               /* The text so far. */
    struct json_writer w;       /* Appends to it, in an array. */
    uint64_t deadline;          /* clock_ns(). */
    bool is_short;              /* See above. */
    size_t n_records;           /* Calls of answer_is_full(), and parts. */
    unsigned int n_looks;       /* Calls of answer_is_late(). */
    bool late;                  /* Was it past the deadline? */
};

void answer_begin_turn(uint64_t kept);
void answer_spend_turn(uint64_t ns);

void answer_init(struct answer *, bool json);
void answer_destroy(struct answer *);

void answer_restart(struct answer *);
bool answer_is_late(struct answer *);
bool answer_is_full(struct answer *);
bool answer_is_large(const struct answer *);
void answer_add_parts(struct answer *, size_t n);

void answer_reply(struct answer *, struct unixctl_conn *, const char *members,
                  const char *name);

#endif /* extension/answer.h */
