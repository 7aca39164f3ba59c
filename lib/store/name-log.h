/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_NAME_LOG_H
#define LIB_NAME_LOG_H 1

/* The names that something has had, one after the other, each from a time
 * (included) until another (excluded).
 *
 * They never overlap, but there may be times without a name in between:
 *
 *      from  until       from until = from                from
 *        |     |           |       |                        |
 *        +-----+           +-------+---------+              +-------------
 *        | p1  |           |  p2   |   p7    |              | p9
 *        +-----+           +-------+---------+              +-------------
 *      -------------------------- time ---------------------------------->
 *
 * The last one may be current, that is, not have ended. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 'until' of a name that has not ended. */
#define NAME_LOG_NEVER UINT64_MAX

/* A name, and when it was valid. */
struct logged_name {
    uint64_t from;              /* First time. */
    uint64_t until;             /* First time at which it was not, or
                                 * NAME_LOG_NEVER. */
    uint64_t serial;            /* Number of its last change, which increases
                                 * from name to name. */
    char *name;                 /* Owned. */
};

/* A log of names.  Its members are private. */
struct name_log {
    /* Elements 'start' up to 'end' (excluded) of 'names' are in use, ordered
     * by time. */
    struct logged_name *names;
    size_t start;
    size_t end;
    size_t n_allocated;         /* Allocated elements of 'names'. */
};

void name_log_init(struct name_log *);
void name_log_destroy(struct name_log *);

void name_log_begin(struct name_log *, const char *name, uint64_t now,
                    uint64_t serial);
void name_log_end(struct name_log *, uint64_t now, uint64_t serial);
void name_log_forget_oldest(struct name_log *);

bool name_log_is_empty(const struct name_log *);
const char *name_log_current(const struct name_log *);
uint64_t name_log_current_since(const struct name_log *);
const struct logged_name *name_log_find(const struct name_log *,
                                        uint64_t serial);
const char *name_log_at(const struct name_log *, uint64_t ts);

#endif /* lib/store/name-log.h */
