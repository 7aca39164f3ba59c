/* SPDX-License-Identifier: Apache-2.0 */

/* The command watch on a terminal.
 *
 * Reading records comes first: a screen is drawn only when the terminal has
 * taken the one before, so that a slow one shows fewer of them. */

#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "show/watch-keys.h"
#include "store/program-commands.h"
#include "timeval.h"
#include "trace-program.h"
#include "trace-signals.h"
#include "trace-terminal.h"
#include "trace-watch.h"
#include "util.h"

/* The least time between two screens, in ms. */
#define DRAW_INTERVAL 100

/* When it is said that no trace is running, in ms after the start. */
#define HINT_TIME 1000

/* The first interval is not longer than that, in ms. */
#define FIRST_INTERVAL 1000

struct live {
    struct watcher *w;
    struct watch_keys keys;
    long long int next_take;    /* When the interval ends. */
    long long int next_draw;    /* When a screen may be drawn. */
    long long int hint;         /* When it may be said that there is none. */
    bool dirty;                 /* Is there anything new to draw? */
    bool quit;
    enum watch_state state;     /* That was known last. */
};

/* Has the next interval begin, 'ms' long at most. */
static void
begin_interval(struct live *l, long long int ms)
{
    l->next_take = time_msec() + MIN(ms, l->w->options->interval * 1000);
}

/* Does what 'key' asks for. */
static void
press(struct live *l, int key)
{
    struct watch_look *look = &l->w->look;
    bool was_paused = look->paused;
    size_t rows, cols;

    terminal_get_size(&rows, &cols);
    switch (watch_look_press(look, key, MAX(2, rows) / 2)) {
    case WATCH_DO_NOTHING:
        return;
    case WATCH_DO_DRAW:
        break;
    case WATCH_DO_REDRAW:
        terminal_redraw();
        break;
    case WATCH_DO_RESET:
        watch_reset(l->w->watch, clock_ns());
        watcher_take(l->w);
        begin_interval(l, LLONG_MAX);
        break;
    case WATCH_DO_QUIT:
        l->quit = true;
        break;
    }
    if (was_paused && !look->paused) {
        /* What happened meanwhile was no interval. */
        watch_skip(l->w->watch, clock_ns());
        begin_interval(l, FIRST_INTERVAL);
    }
    l->dirty = true;
}

static void
run_keys(struct live *l)
{
    char bytes[64];
    size_t n = terminal_read_keys(bytes, sizeof bytes);

    for (size_t i = 0; i < n && !l->quit; i++) {
        int key = watch_keys_put(&l->keys, bytes[i]);

        if (key != WATCH_KEY_NONE) {
            press(l, key);
        }
    }
}

/* Makes figures when it is time for it, or when a trace begins or ends. */
static void
run_figures(struct live *l)
{
    struct watcher *w = l->w;
    enum watch_state state = watch_get_state(w->watch);

    if (w->look.paused) {
        return;
    } else if (state != l->state && state == WATCH_RUNNING) {
        watch_figures_uninit(&w->figures);
        watch_figures_init(&w->figures);
        w->figures.state = state;
        begin_interval(l, FIRST_INTERVAL);
    } else if (state != l->state || time_msec() >= l->next_take) {
        watcher_take(w);
        begin_interval(l, LLONG_MAX);
    } else {
        return;
    }
    l->state = state;
    l->dirty = true;
}

/* Returns true if there is something that is to be drawn now. */
static bool
may_draw(const struct live *l)
{
    return (l->dirty && !terminal_is_busy()
            && (l->state != WATCH_NO_TRACE || time_msec() >= l->hint));
}

static void
run_screen(struct live *l)
{
    struct watcher *w = l->w;
    size_t rows, cols;

    l->dirty = terminal_has_changed() || l->dirty;
    if (may_draw(l) && time_msec() >= l->next_draw) {
        char *clock = xastrftime_msec("%H:%M:%S", time_wall_msec(), false);

        terminal_get_size(&rows, &cols);
        w->look.clock = clock;
        watch_screen_draw(&w->screen, rows, cols, &w->figures, &w->look);
        w->look.clock = NULL;
        free(clock);
        terminal_show(&w->screen);
        l->dirty = false;
        l->next_draw = time_msec() + DRAW_INTERVAL;
    }
}

static void
wait_all(const struct live *l)
{
    watcher_wait(l->w);
    terminal_wait();
    signals_wait();
    if (!l->w->look.paused) {
        poll_timer_wait_until(l->next_take);
    }
    if (may_draw(l)) {
        poll_timer_wait_until(l->next_draw);
    } else if (l->dirty && l->state == WATCH_NO_TRACE) {
        poll_timer_wait_until(l->hint);
    }
    poll_block();
}

/* Shows what happens.  Returns 0 if somebody has had enough of it, otherwise
 * what watcher_run() has returned last. */
static int
run(struct live *l)
{
    int error = 0;

    while (!error || error == EAGAIN) {
        error = watcher_run(l->w);
        run_figures(l);
        run_keys(l);
        run_screen(l);
        terminal_run();
        if (l->quit || signals_run() || terminal_is_gone()) {
            return 0;
        } else if (!error || error == EAGAIN) {
            wait_all(l);
        }
    }
    return error;
}

/* Shows what happens on the terminal.  Returns the exit status. */
int
watch_live(struct watcher *w)
{
    struct live l = {
        .w = w, .hint = time_msec() + HINT_TIME, .dirty = true,
        .state = WATCH_NO_TRACE,
    };
    char *error = terminal_open(w->program->no_color);
    int retval;

    if (error) {
        ovs_error(0, "watch: %s: --once prints the same as text", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    w->look.has_keys = true;
    begin_interval(&l, FIRST_INTERVAL);
    retval = run(&l);
    terminal_close();
    return (retval ? watcher_end(w, retval)
            : signals_status());
}
