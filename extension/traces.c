/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "traces.h"

#include <inttypes.h>
#include <stdlib.h>

#include "auto-start.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "session.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(traces);

struct traces {
    struct session *last;       /* The last trace by hand, or that of a
                                 * recorder that has ended; NULL if none or
                                 * forgotten. */
    struct auto_start *recorder;        /* NULL if none, or it has ended. */
    struct session *recording;  /* The trace of 'recorder', NULL unless it is
                                 * running. */
    bool set_aside;             /* Has a trace by hand kept 'recorder' from
                                 * running? */
    traces_change_cb *cb;
    void *aux;
};

/* Returns the traces of a daemon with 'recorder', which it takes the ownership
 * of, and which may be NULL.  'cb' is called with 'aux' before another trace
 * is shown. */
struct traces *
traces_create(struct auto_start *recorder, traces_change_cb *cb, void *aux)
{
    struct traces *t = xzalloc(sizeof *t);

    t->recorder = recorder;
    t->cb = cb;
    t->aux = aux;
    return t;
}

/* Stops all traces and frees 't', which may be NULL. */
void
traces_destroy(struct traces *t)
{
    if (t) {
        if (t->last) {
            session_stop(t->last);
        }
        if (t->recording) {
            session_stop(t->recording);
        }
        t->cb(NULL, t->aux);
        session_destroy(t->last);
        session_destroy(t->recording);
        auto_start_destroy(t->recorder);
        free(t);
    }
}

static bool
is_by_hand(const struct traces *t)
{
    return t->last && session_view(t->last).running;
}

/* Shows 'session', which may be NULL, instead of 't->last'. */
static void
replace_last(struct traces *t, struct session *session)
{
    struct session *old = t->last;

    t->cb(session ? session : t->recording, t->aux);
    t->last = session;
    session_destroy(old);
}

/* Stops the recorder for a trace by hand, which is shown already.  A file of
 * its trigger is completed. */
static void
set_aside(struct traces *t)
{
    t->set_aside = t->recorder != NULL;
    if (t->recording) {
        session_stop(t->recording);
        session_destroy(t->recording);
        t->recording = NULL;
        VLOG_INFO("the trace of --start will resume later");
    }
}

/* Returns NULL if a trace can be started by hand, as far as other traces are
 * concerned, or an error message, which the caller frees. */
char *
traces_check_start(const struct traces *t)
{
    return (is_by_hand(t)
            ? xstrdup("a trace is running already: stop it with "
                      "upcall-trace/stop first")
            : NULL);
}

/* Starts a trace by hand, with 'filter', which was made of 'options', NULL if
 * there is none.  Returns NULL, or an error message, which the caller frees;
 * then all is as it was: the recorder runs until the trace does. */
char *
traces_start(struct traces *t, const struct start_options *options,
             const struct filter *filter)
{
    char *error = traces_check_start(t);
    struct session *session;

    if (error) {
        return error;
    }
    error = session_start(options, filter, false, &session);
    if (!error) {
        replace_last(t, session);
        set_aside(t);
    }
    return error;
}

/* The recorder, which has stopped, does not run again.  What it has recorded
 * is shown, unless a trace by hand is. */
static void
end_recorder(struct traces *t)
{
    if (t->last) {
        session_destroy(t->recording);
    } else {
        t->last = t->recording;
    }
    t->recording = NULL;
    auto_start_destroy(t->recorder);
    t->recorder = NULL;
}

/* Stops 's', and appends to 'reply' what it has recorded. */
static void
stop(struct session *s, struct ds *reply)
{
    struct session_counters c;

    session_stop(s);
    session_get_counters(s, &c);
    ds_put_format(reply, "%"PRIu64" upcalls recorded, %"PRIu64" dropped\n",
                  c.delivered, c.dropped);
}

/* Stops the trace by hand, or, if none is running, ends the recorder; if
 * 'since' is not 0, only the trace by hand that was started then, in ms since
 * the epoch.  Returns NULL and appends what was done to 'reply'; or returns an
 * error message, which the caller frees. */
char *
traces_stop(struct traces *t, long long int since, struct ds *reply)
{
    if (since && (!is_by_hand(t) || session_view(t->last).started != since)) {
        return xasprintf("no trace by hand that was started at %lld is "
                         "running: see \"since_ms\" of "
                         "\"upcall-trace/status --json\"", since);
    } else if (is_by_hand(t)) {
        ds_put_cstr(reply, "stopped; ");
        stop(t->last, reply);
        if (t->recorder) {
            ds_put_cstr(reply, "the trace of --start resumes\n");
        }
    } else if (t->recording) {
        ds_put_cstr(reply, "stopped the trace of --start; ");
        stop(t->recording, reply);
        end_recorder(t);
    } else if (t->recorder) {
        ds_put_cstr(reply, "no trace will start by itself now\n");
        end_recorder(t);
    } else {
        return xstrdup("no trace is running: start one with "
                       "upcall-trace/start");
    }
    return NULL;
}

/* Forgets the last trace by hand if it has stopped and there is a recorder,
 * which is shown then.  Returns true if so. */
bool
traces_forget(struct traces *t)
{
    bool forget = t->recorder && t->last && !is_by_hand(t);

    if (forget) {
        replace_last(t, NULL);
    }
    return forget;
}

/* Has the recorder run, or try to. */
static void
run_recorder(struct traces *t)
{
    if (t->set_aside) {
        t->set_aside = false;
        auto_start_postpone(t->recorder);
    }
    if (!t->recording) {
        struct session *session = auto_start_run(t->recorder);

        if (session && !t->last) {
            t->cb(session, t->aux);
        }
        t->recording = session;
    } else {
        session_run(t->recording);
        if (!session_view(t->recording).running) {
            end_recorder(t);
        }
    }
}

/* Does what the traces need. */
void
traces_run(struct traces *t)
{
    if (t->last) {
        session_run(t->last);
    }
    if (t->recorder && !is_by_hand(t)) {
        run_recorder(t);
    }
}

/* Arranges for the poll loop to wake up when traces_run() has work. */
void
traces_wait(struct traces *t)
{
    if (t->last) {
        session_wait(t->last);
    }
    if (t->recording) {
        session_wait(t->recording);
    } else if (t->recorder && !is_by_hand(t)) {
        auto_start_wait(t->recorder);
    }
}

/* Returns how the recorder stands. */
enum recorder_state
traces_recorder_state(const struct traces *t)
{
    return (!t->recorder ? RECORDER_NONE
            : t->recording ? RECORDER_RUNNING
            : is_by_hand(t) ? RECORDER_SET_ASIDE
            : RECORDER_WAITING);
}

/* Returns the name of 'state', NULL for RECORDER_NONE. */
const char *
recorder_state_name(enum recorder_state state)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [RECORDER_##ENUM] = NAME,
        RECORDER_STATES
#undef X
    };

    return names[state];
}

/* Returns the options of the recorder, which there must be. */
const struct start_options *
traces_recorder_options(const struct traces *t)
{
    return auto_start_options(t->recorder);
}

/* Returns why the recorder could not be started when that was tried last, NULL
 * if it was not tried.  There must be a recorder. */
const char *
traces_recorder_error(const struct traces *t)
{
    return auto_start_error(t->recorder);
}

/* Returns the trace of the recorder if it is running, else NULL. */
struct session *
traces_recorder(const struct traces *t)
{
    return t->recording;
}
