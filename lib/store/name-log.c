/* SPDX-License-Identifier: Apache-2.0 */

/* The names that something has had.  The map of ports (port-map.c) has a log
 * for each port number. */

#include <config.h>
#include "store/name-log.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static void name_log_make_room(struct name_log *);
static struct logged_name *name_log_last(const struct name_log *);
static size_t name_log_count_before(const struct name_log *, uint64_t ts);

/* Initializes 'log' without names.  The caller must destroy it with
 * name_log_destroy(). */
void
name_log_init(struct name_log *log)
{
    memset(log, 0, sizeof *log);
}

/* Frees the names in 'log', but not 'log' itself. */
void
name_log_destroy(struct name_log *log)
{
    while (!name_log_is_empty(log)) {
        name_log_forget_oldest(log);
    }
    free(log->names);
}

/* Notes in 'log', which must not have a current name, that it is 'name' from
 * time 'now' on, or from the end of the name before if that is later.  This
 * is the change with the number 'serial'. */
void
name_log_begin(struct name_log *log, const char *name, uint64_t now,
               uint64_t serial)
{
    uint64_t earliest = (name_log_is_empty(log)
                         ? 0
                         : name_log_last(log)->until);

    name_log_make_room(log);
    log->names[log->end++] = (struct logged_name) {
        .from = MAX(now, earliest),
        .until = NAME_LOG_NEVER,
        .serial = serial,
        .name = xstrdup(name),
    };
}

/* Notes in 'log', which must have a current name, that this ended at time
 * 'now', or when it began if that is later.  This is the change with the
 * number 'serial'. */
void
name_log_end(struct name_log *log, uint64_t now, uint64_t serial)
{
    struct logged_name *last = name_log_last(log);

    last->until = MIN(MAX(now, last->from), NAME_LOG_NEVER - 1);
    last->serial = serial;
}

/* Removes the oldest name from 'log', which must have one. */
void
name_log_forget_oldest(struct name_log *log)
{
    free(log->names[log->start++].name);
}

/* Returns true if 'log' has no names, neither a current one nor others. */
bool
name_log_is_empty(const struct name_log *log)
{
    return log->start == log->end;
}

/* Returns the current name of 'log', which keeps it, or NULL if it has
 * none. */
const char *
name_log_current(const struct name_log *log)
{
    if (name_log_is_empty(log)) {
        return NULL;
    }

    const struct logged_name *last = name_log_last(log);
    return last->until == NAME_LOG_NEVER ? last->name : NULL;
}

/* Returns from which time on 'log' has its current name, or UINT64_MAX if it
 * has none. */
uint64_t
name_log_current_since(const struct name_log *log)
{
    return name_log_current(log) ? name_log_last(log)->from : UINT64_MAX;
}

/* Returns the name in 'log' whose last change has the number 'serial', or NULL
 * if there is none.  It is valid until 'log' is changed. */
const struct logged_name *
name_log_find(const struct name_log *log, uint64_t serial)
{
    size_t low = log->start;
    size_t high = log->end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (log->names[middle].serial < serial) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (low < log->end && log->names[low].serial == serial
            ? &log->names[low] : NULL);
}

/* Returns the name of 'log' at time 'ts', which 'log' keeps, or NULL if there
 * was none then. */
const char *
name_log_at(const struct name_log *log, uint64_t ts)
{
    size_t n = log->end - log->start;

    /* Most often it is the current one that is asked for. */
    if (n && ts < name_log_last(log)->from) {
        n = name_log_count_before(log, ts);
    }
    if (!n) {
        return NULL;
    }

    const struct logged_name *name = &log->names[log->start + n - 1];
    return (ts < name->until || name->until == NAME_LOG_NEVER ? name->name
            : NULL);
}

/* Makes sure that a name can be added to 'log'.  If at least half of the array
 * is unused at its start, moves the names there, otherwise enlarges it.
 * Either way the next names to be added need no work. */
static void
name_log_make_room(struct name_log *log)
{
    size_t n = log->end - log->start;

    if (log->end < log->n_allocated) {
        return;
    } else if (log->start > n) {
        memmove(log->names, &log->names[log->start], n * sizeof *log->names);
        log->start = 0;
        log->end = n;
    } else {
        log->names = x2nrealloc(log->names, &log->n_allocated,
                                sizeof *log->names);
    }
}

static struct logged_name *
name_log_last(const struct name_log *log)
{
    return &log->names[log->end - 1];
}

/* Returns the number of names in 'log' that began at 'ts' or earlier. */
static size_t
name_log_count_before(const struct name_log *log, uint64_t ts)
{
    size_t low = log->start;
    size_t high = log->end;

    /* Those before 'low' began at 'ts' or earlier, those from 'high' on
     * later. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (log->names[middle].from <= ts) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - log->start;
}
