/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "session-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file/trigger.h"
#include "flow/enricher.h"
#include "flow/version-query.h"
#include "host.h"
#include "netlink-protocol.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/kernel-actions.h"
#include "record/pass-actions.h"
#include "record/pass-links.h"
#include "record/pass.h"
#include "record/record.h"
#include "startup-line.h"
#include "store/pass-stats.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "svec.h"
#include "sweep.h"
#include "target.h"
#include "timeval.h"
#include "util.h"
#include "vport-monitor.h"

VLOG_DEFINE_THIS_MODULE(session);

/* While upcalls come, the ring buffer is read so often that it does not
 * overflow when there are as many bytes per ms, which are 250 000 ordinary
 * upcalls in a second, but not more seldom than after so many ms. */
#define BYTES_PER_MS (160 * 1024)
#define MAX_READ_INTERVAL 50

/* After so long without an upcall, in ms, the programs wake us up instead. */
#define QUIET_INTERVAL 100

/* How often to look for upcalls that ended unseen, and after the target. */
#define SWEEP_INTERVAL 250

/* After so long, in ms, a command that takes over records lets the main loop
 * do its other work, but not before it has taken over so many times what
 * attach_consume() does at once, for which even a slow machine does not need
 * much longer. */
#define CATCH_UP_MS 50
#define CATCH_UP_MIN 2

/* Names of ports that are gone. */
#define MAX_PAST_PORTS 4096

static bool
has_enough(const struct session *s)
{
    return s->options.stop_after && s->delivered >= s->options.stop_after;
}

/* Returns a copy of 'record', 'size' bytes, in a buffer that is valid until
 * the next call. */
static void *
copy_record(struct session *s, const void *record, size_t size)
{
    if (s->copy_size < size) {
        s->copy_size = size;
        s->copy = xrealloc(s->copy, s->copy_size);
    }
    memcpy(s->copy, record, size);
    return s->copy;
}

/* The programs keep UPCALL_MATCH_MAX bytes of each packet, to tell packets
 * from each other.  Returns 'record' without those that were not asked for,
 * which may be a copy_record(). */
static const void *
cut_packet(struct session *s, const void *record, size_t *sizep)
{
    struct upcall_record *rec;

    if (s->options.snaplen >= UPCALL_MATCH_MAX) {
        return record;
    }
    rec = copy_record(s, record, *sizep);
    *sizep = upcall_limit_packet(rec, s->options.snaplen);
    return rec;
}

/* Has ovs-vswitchd asked about the flow that 'record' has put, if any. */
static void
add_flow(struct session *s, const struct upcall_record *record, size_t size)
{
    struct upcall upcall;
    char *error;

    if (!(record->flags & UPCALL_F_PUT)) {
        return;
    }
    if (upcall_parse(record, size, &upcall, &error)) {
        enricher_add(s->enricher, &upcall);
    }
    free(error);
}

/* Makes 'rec', which is that of 'p', say what is certain of the passes that it
 * names. */
static void
link_pass(struct session *s, struct pass_record *rec, const struct pass *p)
{
    static const struct nlattr nothing;
    const struct upcall_attrs none = { .data = &nothing };
    struct pass_actions actions;

    if (p->actions && !p->is_execute
        && kernel_actions_are_simple(p->actions, p->actions_len)) {
        pass_links_resolve(s->links, rec, &none);
    } else {
        pass_actions_init(&actions, p, &s->layout);
        pass_links_resolve(s->links, rec, &actions.attrs);
        pass_actions_uninit(&actions);
    }
}

/* Takes over the record of a pass. */
static void
deliver_pass(struct session *s, const void *record, size_t size)
{
    struct pass_record *rec = copy_record(s, record, size);
    struct pass p;
    char *error;

    if (pass_parse(rec, size, &p, &error)) {
        link_pass(s, rec, &p);
        pass_stats_add(s->passes, &p);
        if (s->enricher) {
            enricher_add_pass(s->enricher, &p, &s->layout);
        }
    }
    free(error);
    history_add(s->history, rec, pass_limit_packet(rec, s->options.snaplen));
    s->passes_delivered++;
}

static void
deliver(const void *record, size_t size, void *s_)
{
    struct session *s = s_;
    uint64_t seq;

    if (record_is_pass(record)) {
        deliver_pass(s, record, size);
        return;
    }
    if (has_enough(s)) {
        s->late++;
        return;
    }
    record = cut_packet(s, record, &size);
    seq = history_add(s->history, record, size);
    upcall_stats_add(s->stats, record);
    s->delivered++;
    if (s->enricher) {
        add_flow(s, record, size);
    }
    if (s->trigger
        && conditions_match(&s->options.trigger, record, s->ports)) {
        const struct upcall_record *rec = record;

        trigger_note(s->trigger, seq, rec->id, time_msec());
    }
}

/* Returns NULL if this process and this kernel can trace, else an error
 * message.  Asking for the datapath's netlink family would load the module,
 * so look for the module before. */
static char *
check_prerequisites(const struct target *t)
{
    if (!host_is_privileged()) {
        return xstrdup("no permission to trace: run ovs-upcall-traced as "
                       "root, or with the capabilities CAP_SYS_ADMIN and "
                       "CAP_SYS_PTRACE");
    }
    if (!t->netns) {
        return xasprintf("cannot tell the network namespace of process %ld: "
                         "it has ended, start again", (long) t->pid);
    }
    if (!host_has_datapath()) {
        return xstrdup("the kernel module openvswitch is not loaded: run "
                       "\"modprobe openvswitch\", or start ovs-vswitchd with "
                       "a kernel datapath");
    }
    return NULL;
}

static char *
start_vports(struct session *s)
{
    int error;

    s->ports = port_map_create(MAX_PAST_PORTS);
    error = vport_monitor_create(s->target->pid, s->ports, &s->vports);
    return (!error ? NULL
            : xasprintf("cannot list the ports of the kernel's datapaths "
                        "(%s): run ovs-upcall-traced as root",
                        ovs_strerror(error)));
}

static char *
start_history(struct session *s)
{
    s->history = history_create(s->options.history,
                                session_has_passes(s));
    return (s->history ? NULL
            : xasprintf("--history=%"PRIu64": there is not so much memory: "
                        "try less", s->options.history));
}

static char *
attach(struct session *s, const struct filter *filter, bool quiet)
{
    struct attach_config config = {
        .snaplen = s->options.snaplen,
        .buffer = s->options.buffer,
        .netns = s->target->netns,
        .classes = s->options.classes,
        .choose_ports = !port_names_is_empty(&s->options.ports),
        .full = session_is_full(s),
        .all_probes = s->options.track == UPCALL_TRACK_ALL,
        .datapath = session_has_passes(s),
        .executed = s->options.datapath == UPCALL_DATAPATH_ACTIONS,
        .sample = s->options.sample,
        .filter = filter,
        .quiet = quiet,
    };
    char *error = attach_create(&config, deliver, session_add_sample, s,
                                &s->attachment);

    if (!error) {
        s->sweeper = sweeper_create(s->attachment);
        s->layout = *attach_get_layout(s->attachment);
        s->links = pass_links_create(attach_n_cpus(s->attachment));
    }
    if (!error && session_is_full(s)) {
        error = attach_usdt(s->attachment, s->target->pid);
    }
    if (!error) {
        session_choose_ports(s);
    }
    return error;
}

static char *
start_attachment(struct session *s, const struct filter *filter, bool quiet)
{
    if (session_is_full(s) && !s->target->usdt) {
        return xasprintf("ovs-vswitchd, pid %ld, has no USDT probes: build "
                         "Open vSwitch with ./configure --enable-usdt-probes, "
                         "or use --track=kernel", (long) s->target->pid);
    }
    return attach(s, filter, quiet);
}

static void
start_enricher(struct session *s)
{
    if (s->options.enrich) {
        s->enricher = enricher_create(s->options.enrich_rate, s->ports);
    }
}

static void
start_clocks(struct session *s)
{
    s->started = time_wall_msec();
    s->last_active = s->next_sweep = time_msec();
    s->stop_at = (s->options.duration
                  ? time_msec() + s->options.duration * 1000 : LLONG_MAX);
}

/* A port that does not exist yet is no error, but may be a slip. */
static void
log_absent_ports(const struct session *s)
{
    struct svec absent = SVEC_EMPTY_INITIALIZER;
    struct ds names = DS_EMPTY_INITIALIZER;

    session_get_absent_ports(s, &absent);
    if (absent.n) {
        port_names_put_some(&absent, &names);
        VLOG_INFO("no datapath has these ports yet: %s", ds_cstr(&names));
    }
    ds_destroy(&names);
    svec_destroy(&absent);
}

/* Starts a trace with 'options', which it takes a copy of, and 'filter', which
 * was made of those, NULL if there is none.  When it returns, upcalls are
 * being recorded.  With 'quiet', does not log why the kernel does
 * not take the BPF programs, if so: that was logged before.
 *
 * Returns NULL and stores the new session in '*sp', which the caller destroys
 * with session_destroy(); or returns an error message, which the caller
 * frees. */
char *
session_start(const struct start_options *options,
              const struct filter *filter, bool quiet, struct session **sp)
{
    struct session *s = xzalloc(sizeof *s);
    char *error;

    *sp = NULL;
    s->version_query = version_query_create();
    start_options_clone(&s->options, options);
    error = target_find(s->options.target, &s->target);
    if (!error) {
        error = check_prerequisites(s->target);
    }
    if (!error) {
        session_ask_version(s);
        error = start_vports(s);
    }
    if (!error) {
        error = start_history(s);
    }
    if (!error) {
        error = trigger_create(&s->options, &s->trigger);
    }
    if (!error) {
        start_enricher(s);
        session_init_stats(s);
        error = start_attachment(s, filter, quiet);
    }
    if (!error) {
        session_start_stats(s);
        attach_enable(s->attachment);
        session_begin_comparison(s);
        start_clocks(s);
    }
    if (error) {
        session_destroy(s);
        return error;
    }
    VLOG_INFO("tracing upcalls of ovs-vswitchd, pid %ld",
              (long) s->target->pid);
    log_absent_ports(s);
    *sp = s;
    return NULL;
}

static struct json *
first_line(const void *s_)
{
    const struct session *s = s_;

    return startup_line_to_json(s->target, &s->options, s->started);
}

/* Returns what files of 's->trigger' are about. */
static struct trigger_source
get_trigger_source(const struct session *s)
{
    return (struct trigger_source) {
        .history = s->history,
        .ports = s->ports,
        .flows = s->enricher ? enricher_flows(s->enricher) : NULL,
        .layout = &s->layout,
        .first_line = first_line,
        .aux = s,
    };
}

/* Keeps what is known of the programs when they go. */
static void
keep_last_state(struct session *s)
{
    attach_get_counters(s->attachment, &s->counters);
    attach_get_counts(s->attachment, &s->counts);
    attach_get_hooks(s->attachment, s->hooks);
    attach_get_pass_counters(s->attachment, &s->pass_counters);
    s->n_pass_hooks = attach_get_pass_hooks(s->attachment, s->pass_hooks);
    for (size_t i = 0; i < s->n_pass_hooks; i++) {
        s->pass_hooks[i].kind = NULL;
    }
    session_update_vswitchd(s);
    s->vswitchd.loop_start = 0;
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        s->hooks[i].kind = NULL;
    }
}

static void
stop__(struct session *s, const char *why)
{
    session_stop_stats(s);
    session_end_comparison(s);
    attach_detach(s->attachment);
    while (attach_consume(s->attachment)) {
        continue;                       /* Nothing is added any more. */
    }
    s->collected += sweeper_finish(s->sweeper, deliver, s);
    keep_last_state(s);
    sweeper_destroy(s->sweeper);
    s->sweeper = NULL;
    attach_destroy(s->attachment);
    s->attachment = NULL;
    vport_monitor_destroy(s->vports);
    s->vports = NULL;
    if (s->trigger) {
        struct trigger_source source = get_trigger_source(s);

        trigger_finish(s->trigger, &source, time_msec());
    }
    if (s->enricher) {
        enricher_stop(s->enricher);
    }
    s->why_stopped = why;
    VLOG_INFO("stopped tracing (%s)", why);
}

/* Writes the file of the flight recorder that waits for more, or that is not
 * complete, if any, because the daemon is about to be ended.  The trace goes
 * on, so that this takes no longer than it must. */
void
session_save(struct session *s)
{
    if (s->attachment && s->trigger) {
        struct trigger_source source = get_trigger_source(s);

        session_catch_up(s);
        trigger_finish(s->trigger, &source, time_msec());
    }
}

/* Stops the trace 's', if it is running.  What it has recorded stays. */
void
session_stop(struct session *s)
{
    if (s->attachment) {
        stop__(s, "stopped on request");
    }
}

/* Stops and frees 's', which may be NULL. */
void
session_destroy(struct session *s)
{
    if (s) {
        sweeper_destroy(s->sweeper);
        attach_destroy(s->attachment);
        pass_links_destroy(s->links);
        vport_monitor_destroy(s->vports);
        enricher_destroy(s->enricher);
        trigger_destroy(s->trigger);
        upcall_stats_destroy(s->stats);
        pass_stats_destroy(s->passes);
        vswitchd_stats_clear(&s->vswitchd, 0);
        port_map_destroy(s->ports);
        history_destroy(s->history);
        version_query_destroy(s->version_query);
        target_destroy(s->target);
        start_options_destroy(&s->options);
        free(s->usdt_error);
        free(s->copy);
        free(s);
    }
}

static void
sweep_now(struct session *s)
{
    char *sockets = target_get_sockets_file(s->target);

    s->collected += sweeper_run(s->sweeper, sockets, deliver, s);
    free(sockets);
}

static void
run_sweep(struct session *s)
{
    if (time_msec() >= s->next_sweep) {
        s->next_sweep = time_msec() + SWEEP_INTERVAL;
        sweep_now(s);
        session_follow(s);
    }
}

static void
consume(struct session *s)
{
    uint64_t delivered = s->delivered + s->passes_delivered;

    s->has_more = attach_consume(s->attachment);
    s->last_read = time_msec();
    if (s->delivered + s->passes_delivered != delivered) {
        s->last_active = s->last_read;
    }
}

/* Takes over what has been recorded, and stops when it is time to. */
void
session_run(struct session *s)
{
    session_run_version(s);
    if (!s->attachment) {
        return;
    }
    session_follow_vports(s);
    if (attach_was_woken(s->attachment)) {
        s->last_active = time_msec();
    }
    consume(s);
    run_sweep(s);
    if (s->enricher) {
        enricher_set_path(s->enricher, s->target->socket.path);
        enricher_run(s->enricher);
    }
    if (s->trigger) {
        struct trigger_source source = get_trigger_source(s);

        trigger_run(s->trigger, &source, time_msec());
    }
    if (has_enough(s)) {
        stop__(s, "recorded the number of upcalls asked for");
    } else if (time_msec() >= s->stop_at) {
        stop__(s, "recorded for the time asked for");
    }
}

/* Returns how long to wait for more records, in ms. */
static int
read_interval(const struct session *s)
{
    uint64_t ms = s->options.buffer / BYTES_PER_MS;

    return MAX(1, MIN(ms, MAX_READ_INTERVAL));
}

/* Takes over what has been recorded if it is time to, for what is done before
 * session_run() is called again and may take long. */
void
session_keep_up(struct session *s)
{
    if (s->attachment && time_msec() >= s->last_read + read_interval(s)) {
        consume(s);
    }
}

/* Arranges for the poll loop to wake up when session_run() has work to do. */
void
session_wait(struct session *s)
{
    version_query_wait(s->version_query);
    if (!s->attachment) {
        return;
    }
    vport_monitor_wait(s->vports);
    if (s->enricher) {
        enricher_wait(s->enricher);
    }
    if (s->trigger) {
        struct trigger_source source = get_trigger_source(s);

        trigger_wait(s->trigger, &source, time_msec());
    }
    poll_timer_wait_until(s->stop_at);
    poll_timer_wait_until(s->next_sweep);
    if (s->has_more) {
        poll_immediate_wake();
    } else if (time_msec() < s->last_active + QUIET_INTERVAL) {
        poll_timer_wait(read_interval(s));
    } else {
        attach_wait(s->attachment);
    }
}

/* Takes over all that has ended by now: what shows, counts or forgets what has
 * been recorded calls this before.  The ring buffer may have many records.
 * While more come than can be taken over, this gives up after CATCH_UP_MS; the
 * rest is for session_run(). */
void
session_catch_up(struct session *s)
{
    long long int deadline;
    int n = 0;

    if (!s->attachment) {
        return;
    }
    session_follow_vports(s);
    sweep_now(s);

    /* Last, so that it is as near as possible to what the datapaths have
     * counted when the caller asks them. */
    deadline = time_msec() + CATCH_UP_MS;
    do {
        consume(s);
    } while (s->has_more && (++n < CATCH_UP_MIN || time_msec() < deadline));
    session_update_vswitchd(s);
}

/* Calls 'cb' with 'aux' for each upcall that has not ended, in no order. */
void
session_for_each_pending(struct session *s, session_pending_cb *cb, void *aux)
{
    if (s->attachment) {
        sweeper_for_each_pending(s->sweeper, cb, aux);
    }
}

/* Forgets what was recorded, and starts the statistics anew. */
void
session_clear(struct session *s)
{
    history_clear(s->history);
    session_reset_stats(s, NULL);
    if (s->enricher) {
        enricher_clear(s->enricher);
    }
}
