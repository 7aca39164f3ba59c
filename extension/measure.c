/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "measure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/clock.h"
#include "base/compat.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "session.h"
#include "timeval.h"
#include "unixctl.h"
#include "util.h"

/* Clients that may wait for a measurement at the same time. */
#define MAX_WAITING 16

struct measured {
    uint64_t duration;          /* ns. */
    struct attach_run runs[ATTACH_RUNS_MAX]; /* In this time. */
    size_t n;
};

/* A measurement that is under way. */
struct measure {
    struct ovs_list node;       /* In struct measures. */
    struct unixctl_conn *conn;
    bool json;
    int stats_fd;               /* The kernel counts while it is open. */
    long long int deadline;     /* time_msec(). */
    uint64_t start;             /* CLOCK_MONOTONIC, ns. */
    struct attach_run runs[ATTACH_RUNS_MAX]; /* Until 'start'. */
    size_t n;
};

struct measures {
    measure_reply_cb *reply;
    struct ovs_list list;       /* Contains "struct measure"s. */
};

/* Returns a new, empty set of measurements, each of which ends with a call of
 * 'reply'. */
struct measures *
measures_create(measure_reply_cb *reply)
{
    struct measures *ms = xmalloc(sizeof *ms);

    ms->reply = reply;
    ovs_list_init(&ms->list);
    return ms;
}

/* Frees 'ms', which must be empty. */
void
measures_destroy(struct measures *ms)
{
    if (ms) {
        ovs_assert(ovs_list_is_empty(&ms->list));
        free(ms);
    }
}

/* Begins to measure the programs of 's' for 'seconds', after which the client
 * at 'conn' gets the status, as JSON if 'json' is true.  Returns NULL, or an
 * error message for the client, which the caller frees. */
char *
measures_add(struct measures *ms, const struct session *s,
             struct unixctl_conn *conn, bool json, uint64_t seconds)
{
    struct measure *m;
    int fd;

    if (!s || !session_view(s).running) {
        return xstrdup("there is nothing to measure, no trace is running: "
                       "start one with upcall-trace/start");
    } else if (ovs_list_size(&ms->list) >= MAX_WAITING) {
        return xasprintf("%d measurements are under way: wait for one of them "
                         "to end", MAX_WAITING);
    }
    fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
    if (fd < 0) {
        return xasprintf("the kernel does not count runs of programs (%s): "
                         "Linux 5.8 or later can", ovs_strerror(errno));
    }
    m = xmalloc(sizeof *m);
    m->conn = conn;
    m->json = json;
    m->stats_fd = fd;
    m->deadline = time_msec() + seconds * 1000;
    m->n = session_get_runs(s, m->runs);
    m->start = clock_ns();
    ovs_list_push_back(&ms->list, &m->node);
    return NULL;
}

/* Ends 'm', of 'ms': replies and frees it. */
static void
finish(const struct measures *ms, struct measure *m, struct session *s)
{
    struct measured measured;

    measured.duration = clock_ns() - m->start;
    measured.n = session_get_runs(s, measured.runs);
    if (measured.n == m->n) {
        for (size_t i = 0; i < m->n; i++) {
            measured.runs[i].count -= m->runs[i].count;
            measured.runs[i].time -= m->runs[i].time;
        }
        session_catch_up(s);
        ms->reply(s, &measured, m->conn, m->json);
    } else {
        upcall_unixctl_reply_error(
            m->conn, "the trace ended while it was measured: start another "
            "with upcall-trace/start");
    }
    close(m->stats_fd);
    ovs_list_remove(&m->node);
    free(m);
}

/* Replies to those whose time is over, or all if 's' has ended. */
void
measures_run(struct measures *ms, struct session *s)
{
    struct measure *m;

    LIST_FOR_EACH_SAFE (m, node, &ms->list) {
        if (time_msec() >= m->deadline || !session_view(s).running) {
            finish(ms, m, s);
        }
    }
}

/* Arranges for the poll loop to wake up when a measurement is over. */
void
measures_wait(struct measures *ms)
{
    struct measure *m;

    LIST_FOR_EACH (m, node, &ms->list) {
        poll_timer_wait_until(m->deadline);
    }
}

/* Replies to all with what was measured up to now, because 's' is about to
 * end. */
void
measures_reply_all(struct measures *ms, struct session *s)
{
    struct measure *m;

    LIST_FOR_EACH_SAFE (m, node, &ms->list) {
        finish(ms, m, s);
    }
}

/* Returns 'm' as JSON, or null if it is NULL. */
struct json *
measured_to_json(const struct measured *m)
{
    struct json *json, *programs;

    if (!m) {
        return json_null_create();
    }
    programs = json_array_create_empty();
    for (size_t i = 0; i < m->n; i++) {
        struct json *program = json_object_create();

        json_object_put_string(program, "name", m->runs[i].name);
        json_object_put(program, "runs",
                        json_integer_create(m->runs[i].count));
        json_object_put(program, "time",
                        json_integer_create(m->runs[i].time));
        json_object_put(program, "instructions",
                        json_integer_create(m->runs[i].instructions));
        json_object_put(program, "verified",
                        json_integer_create(m->runs[i].verified));
        json_array_add(programs, program);
    }
    json = json_object_create();
    json_object_put(json, "duration", json_integer_create(m->duration));
    json_object_put(json, "programs", programs);
    return json;
}

/* Appends 'm' for people, nothing if it is NULL. */
void
measured_format(const struct measured *m, struct ds *ds)
{
    uint64_t time = 0;

    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->n; i++) {
        time += m->runs[i].time;
    }
    ds_put_format(ds, "measured: %.3f s, in which the programs took %.3f %% "
                  "of a CPU\n", m->duration / 1e9,
                  m->duration ? time * 100.0 / m->duration : 0);
    for (size_t i = 0; i < m->n; i++) {
        const struct attach_run *run = &m->runs[i];

        ds_put_format(ds, "  %-20s %10"PRIu64" runs, %5"PRIu64" ns each\n",
                      run->name, run->count,
                      run->count ? run->time / run->count : 0);
    }
}
