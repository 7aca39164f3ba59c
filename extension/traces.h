/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_TRACES_H
#define EXTENSION_TRACES_H 1

/* Which trace runs, and which one commands show.
 *
 * A trace by hand is one that upcall-trace/start has started.  The recorder is
 * the trace of --start.  It runs whenever no trace by hand does, until it is
 * stopped itself: by upcall-trace/stop, or because its options say so.
 *
 * Commands show the last trace by hand, also while the recorder runs again,
 * until it is forgotten, and else the recorder. */

#include <stdbool.h>

struct auto_start;
struct ds;
struct filter;
struct session;
struct start_options;
struct traces;

/* Called before another trace is shown than before: 'shown', or none if that
 * is NULL.  What was shown still exists. */
typedef void traces_change_cb(struct session *shown, void *aux);

struct traces *traces_create(struct auto_start *recorder, traces_change_cb *,
                             void *aux);
void traces_destroy(struct traces *);

char *traces_check_start(const struct traces *);
char *traces_start(struct traces *, const struct start_options *,
                   const struct filter *);
char *traces_stop(struct traces *, long long int since, struct ds *reply);
bool traces_forget(struct traces *);

void traces_run(struct traces *);
void traces_wait(struct traces *);

/* The recorder.
 *
 * X(ENUM, NAME) */
#define RECORDER_STATES                                                 \
    X(NONE, NULL)               /* There is none, or none any more. */  \
    X(WAITING, "waiting")       /* It is to start as soon as it can. */ \
    X(RUNNING, "running")                                               \
    X(SET_ASIDE, "set_aside")   /* A trace by hand is running. */

enum recorder_state {
#define X(ENUM, NAME) RECORDER_##ENUM,
    RECORDER_STATES
#undef X
};

enum recorder_state traces_recorder_state(const struct traces *);
const char *recorder_state_name(enum recorder_state);
const struct start_options *traces_recorder_options(const struct traces *);
const char *traces_recorder_error(const struct traces *);
struct session *traces_recorder(const struct traces *);

#endif /* extension/traces.h */
