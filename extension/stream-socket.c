/* SPDX-License-Identifier: Apache-2.0 */

/* The socket for followers, see file/followers.h, and what they follow: the
 * daemon's trace. */

#include <config.h>

#include "stream-socket.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dirs.h"
#include "file/followers.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "session-report.h"
#include "session.h"
#include "startup-line.h"
#include "target.h"
#include "timeval.h"
#include "util.h"

/* How long a trace may have begun without followers being told, in ms, while
 * ovs-vswitchd is asked for its version, and how often it is looked for it. */
#define VERSION_TIME 1000
#define EARLY_INTERVAL 50

/* NULL if there is no control socket. */
static struct followers *followers;
static bool is_early;           /* Are they not to be told yet of the trace? */

/* Returns the name of the socket: as that of the control socket, which is
 * 'unixctl_path' or, if that is NULL, the default one (unixctl_server_create()
 * in lib/unixctl.c of OVS), but with "stream" for "ctl". */
static char *
get_path(const char *unixctl_path)
{
    char *ctl = (unixctl_path ? abs_file_name(ovs_rundir(), unixctl_path)
                 : xasprintf("%s/%s.%ld.ctl", ovs_rundir(), program_name,
                             (long) getpid()));
    int length = strlen(ctl);
    char *path;

    if (length > 4 && !strcmp(ctl + length - 4, ".ctl")) {
        length -= 4;
    }
    path = xasprintf("%.*s.stream", length, ctl);
    free(ctl);
    return path;
}

/* Opens the socket beside the control socket 'unixctl_path', as --unixctl has
 * it, NULL for the default.  With "none", there is none either.  Returns 0 if
 * successful, otherwise a positive errno value after an error message. */
int
stream_socket_open(const char *unixctl_path)
{
    char *path;
    int error;

    if (unixctl_path && !strcmp(unixctl_path, "none")) {
        return 0;
    }
    path = get_path(unixctl_path);
    error = followers_create(path, &followers);
    if (error) {
        ovs_error(error, "%s: could not initialize the socket for followers",
                  path);
    }
    free(path);
    return error;
}

/* Closes the socket. */
void
stream_socket_close(void)
{
    followers_destroy(followers);
    followers = NULL;
}

/* What is followed. */

/* Returns 'json', which it frees, as a string. */
static char *
to_string(struct json *json)
{
    char *s = json_to_string(json, JSSF_SORT);

    json_destroy(json);
    return s;
}

static char *
begin_cb(const void *s_)
{
    const struct session_view v = session_view(s_);

    return to_string(startup_line_to_json(v.target, v.options, v.started));
}

static char *
end_cb(const void *s_)
{
    return to_string(session_report_get_end(s_));
}

static void
note_gap_cb(void *s_, uint64_t n)
{
    session_note_gap(s_, n);
}

/* Returns true if followers can be told that the trace of 'v' has begun: what
 * ovs-vswitchd says of its version is in the first line, unless it takes too
 * long for that. */
static bool
is_ready(const struct session_view *v)
{
    long long int age = time_wall_msec() - v->started;

    return (!v->running || v->target->version || age < 0
            || age > VERSION_TIME);
}

static struct follow_source
get_source(struct session *s)
{
    const struct session_view v = session_view(s);

    return (struct follow_source) {
        .history = v.history,
        .ports = v.ports,
        .flows = v.flows,
        .layout = history_has_passes(v.history) ? v.layout : NULL,
        .running = v.running,
        .is_ready = is_ready(&v),
        .begin = begin_cb,
        .end = end_cb,
        .note_gap = note_gap_cb,
        .aux = s,
    };
}

/* Sends the followers what there is of 's', the last trace, or NULL. */
void
stream_socket_run(struct session *s)
{
    is_early = false;
    if (followers && s) {
        struct follow_source source = get_source(s);

        is_early = !source.is_ready;
        followers_run(followers, &source);
    } else if (followers) {
        followers_run(followers, NULL);
    }
}

/* Arranges for the poll loop to wake up when a follower does something, or
 * when it may be told something. */
void
stream_socket_wait(void)
{
    if (followers) {
        followers_wait(followers);
    }
    if (is_early) {
        poll_timer_wait(EARLY_INTERVAL);
    }
}

/* 's', which may be NULL, is about to be destroyed. */
void
stream_socket_forget(struct session *s)
{
    if (followers && s) {
        struct follow_source source = get_source(s);

        source.is_ready = true;
        followers_forget(followers, &source);
    }
}

/* How followers stand. */

static size_t
get_stats(struct session *s, struct follower_stats stats[FOLLOWERS_MAX])
{
    struct follow_source source;

    if (!followers) {
        return 0;
    } else if (s) {
        source = get_source(s);
    }
    return followers_get_stats(followers, s ? &source : NULL, stats);
}

/* Returns an array with how each follower of 's' stands. */
struct json *
stream_socket_to_json(struct session *s)
{
    struct follower_stats stats[FOLLOWERS_MAX];
    size_t n = get_stats(s, stats);
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        struct json *o = json_object_create();

        json_object_put(o, "pid", json_integer_create(stats[i].pid));
        json_object_put(o, "lag", json_integer_create(stats[i].lag));
        json_object_put(o, "sent", json_integer_create(stats[i].sent));
        json_object_put(o, "lost", json_integer_create(stats[i].lost));
        json_object_put(o, "bytes", json_integer_create(stats[i].bytes));
        json_array_add(array, o);
    }
    return array;
}

/* Appends the same to 'ds', for people: a line for each follower. */
void
stream_socket_format(struct session *s, struct ds *ds)
{
    struct follower_stats stats[FOLLOWERS_MAX];
    size_t n = get_stats(s, stats);

    for (size_t i = 0; i < n; i++) {
        ds_put_format(ds, "follower: pid %ld, %"PRIu64" records sent, %"PRIu64
                      " behind, %"PRIu64" lost\n", (long) stats[i].pid,
                      stats[i].sent, stats[i].lag, stats[i].lost);
    }
}
