/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_WATCH_H
#define UTILITIES_TRACE_WATCH_H 1

/* The command watch: what its two forms, a screen and --once, have in
 * common. */

#include <stdbool.h>
#include <stdint.h>

#include "show/watch-screen.h"
#include "store/watch.h"

struct ctl_client;
struct follow;
struct program;
struct watch_options;

struct watcher {
    const struct program *program;
    const struct watch_options *options;
    struct follow *follow;
    struct watch *watch;
    struct watch_figures figures;       /* Of the last interval. */
    struct watch_look look;
    struct watch_screen screen;
    char *interval;             /* As text. */

    /* What the daemon says of its losses. */
    struct ctl_client *client;
    bool is_asked;              /* For the status of this trace? */
    long long int next_status;  /* When to ask again, time_msec(). */
    int64_t started;            /* "started_ms" of the trace. */
    bool knows_none;            /* Does it say that no trace is running? */
};

int watcher_run(struct watcher *);
void watcher_wait(struct watcher *);
int watcher_end(struct watcher *, int error);
void watcher_take(struct watcher *);

int watch_live(struct watcher *);

#endif /* utilities/trace-watch.h */
