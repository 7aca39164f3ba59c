/* SPDX-License-Identifier: Apache-2.0 */

/* The parts of synthetic-traced that are not those of the daemon: a datapath
 * and BPF programs which do not exist, so that what the daemon does with many
 * records can be tested on any machine, at a rate that an emulated one does
 * not reach.
 *
 * An upcall ends every so often, as many in a second as the environment
 * variable UPCALL_SYNTHETIC_RATE says.  Their records wait in a ring buffer of
 * the size that --buffer asks for, and are dropped and counted when that is
 * full, as in attach.c.  With --datapath, UPCALL_SYNTHETIC_PASSES passes come
 * with each of them, and take no room; as many are dropped before the first
 * as UPCALL_SYNTHETIC_DROPPED_PASSES says.  If UPCALL_SYNTHETIC_VARIED is 1,
 * they differ as in synthetic-varied.c.  All else is what a quiet machine
 * would have. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bpf/upcall-record.h"
#include "extension/attach.h"
#include "extension/host.h"
#include "extension/vport-monitor.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "record/kernel-actions.h"
#include "record/names.h"
#include "record/pass.h"
#include "store/port-map.h"
#include "synthetic-varied.h"
#include "unit/build-pass.h"
#include "unit/build-record.h"
#include "util.h"

/* As many records as one call of attach_consume() of attach.c takes. */
#define CONSUME_MAX 4096

/* Bytes of the header of a record in a ring buffer (BPF_RINGBUF_HDR_SZ in
 * include/uapi/linux/bpf.h). */
#define RING_HEADER 8

struct attachment {
    attach_record_cb *cb;
    void *aux;
    uint64_t rate;              /* Upcalls a second. */
    uint64_t room;              /* Records that fit into the ring buffer. */
    uint64_t size;              /* Of a record, in bytes. */
    struct upcall_record *record;
    bool varied;                /* Do they differ? */
    uint64_t since;             /* First upcall, CLOCK_MONOTONIC, ns. */
    bool enabled;
    uint64_t produced;          /* Taken out of the buffer or dropped. */
    uint64_t dropped;
    uint64_t n_passes;          /* That come with each upcall. */
    struct pass_record *pass;
    size_t pass_size;
    uint64_t passes;            /* Produced. */
};

/* Host and ports. */

bool
host_is_privileged(void)
{
    return true;
}

bool
host_has_datapath(void)
{
    return true;
}

bool
host_is_realtime(void)
{
    return getenv("UPCALL_SYNTHETIC_REALTIME") != NULL;
}

struct vport_monitor {
    int unused;
};

int
vport_monitor_create(pid_t pid OVS_UNUSED, struct port_map *ports,
                     struct vport_monitor **mp)
{
    *mp = xzalloc(sizeof **mp);
    port_map_add(ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p2", 0);
    for (int i = 1; getenv("UPCALL_SYNTHETIC_VARIED") && i < VARIED_PORTS;
         i++) {
        const char name[] = { 'p', '2' + i, '\0' };

        port_map_add(ports, BUILD_DP_IFINDEX, 3 + i, name, 0);
    }
    return 0;
}

void
vport_monitor_destroy(struct vport_monitor *m)
{
    free(m);
}

bool
vport_monitor_run(struct vport_monitor *m OVS_UNUSED)
{
    return false;
}

void
vport_monitor_wait(struct vport_monitor *m OVS_UNUSED)
{
}

bool
vport_monitor_is_per_cpu(const struct vport_monitor *m OVS_UNUSED)
{
    return true;
}

size_t
vport_monitor_get_counts(
    struct vport_monitor *m OVS_UNUSED,
    struct stats_datapath dps[VPORT_DATAPATHS_MAX] OVS_UNUSED)
{
    return 0;
}

/* Records. */

/* Returns a record of a ping that was handled, and stores its size in
 * '*sizep'. */
static struct upcall_record *
make_record(uint64_t *sizep)
{
    struct upcall_record *record;
    struct build b;
    size_t size;

    build_executed(&b);
    record = build_get(&b, &size);
    build_uninit(&b);
    *sizep = size;
    return record;
}

/* Returns the same of a ping that hits a flow, which no upcall has put. */
static struct pass_record *
make_pass(size_t *sizep)
{
    struct pass_record *record;
    struct build_pass b;

    build_pass_hit(&b);
    b.rec.ufid[0] ^= 1;
    record = build_pass_get(&b, sizep);
    build_pass_uninit(&b);
    return record;
}

/* Returns the number that the environment variable 'name' has, 0 if none. */
static uint64_t
get_number(const char *name)
{
    const char *value = getenv(name);

    return value ? strtoull(value, NULL, 10) : 0;
}

char *
attach_create(const struct attach_config *config, attach_record_cb *cb,
              attach_sample_cb *sample_cb OVS_UNUSED, void *aux,
              struct attachment **ap)
{
    struct attachment *a = xzalloc(sizeof *a);

    a->cb = cb;
    a->aux = aux;
    a->rate = get_number("UPCALL_SYNTHETIC_RATE");
    a->varied = get_number("UPCALL_SYNTHETIC_VARIED");
    a->n_passes = (config->datapath ? get_number("UPCALL_SYNTHETIC_PASSES")
                   : 0);
    a->pass = make_pass(&a->pass_size);
    a->record = make_record(&a->size);
    a->room = config->buffer / ROUND_UP(a->size + RING_HEADER, 8);
    *ap = a;
    return NULL;
}

void
attach_enable(struct attachment *a)
{
    a->since = clock_ns();
    a->enabled = true;
}

void
attach_detach(struct attachment *a)
{
    a->enabled = false;
}

void
attach_destroy(struct attachment *a)
{
    if (a) {
        free(a->record);
        free(a->pass);
        free(a);
    }
}

/* Returns how many records are in the ring buffer, without those that had no
 * room, which it counts. */
static uint64_t
count_waiting(struct attachment *a)
{
    uint64_t ended, waiting;

    if (!a->enabled) {
        return 0;
    }
    ended = (clock_ns() - a->since) * (double) a->rate / 1e9;
    waiting = ended > a->produced ? ended - a->produced : 0;
    if (waiting > a->room) {
        a->dropped += waiting - a->room;
        a->produced += waiting - a->room;
        waiting = a->room;
    }
    return waiting;
}

/* Moves all that happened to 'r' in time, so that it began at 'ts'. */
static void
move_record(struct upcall_record *r, uint64_t ts)
{
    uint64_t by = ts - r->ts;

    r->ts += by;
    r->enqueue_ts += by;
    r->recv_ts += by;
    r->put_ts += by;
    r->exec_ts += by;
}

/* Delivers the record of the next pass.  They differ in how many masks were
 * tried, from 1 to 7, and in the time of the lookup. */
static void
deliver_pass(struct attachment *a)
{
    a->pass->head = PASS_RECORD | ++a->passes;
    a->pass->root = a->pass->track = a->passes;
    a->pass->ts = a->record->ts;
    a->pass->masks = 1 + a->passes % 7;
    a->pass->lookup_ns = 500 + a->passes * 7919 % 2003;
    a->cb(a->pass, a->pass_size, a->aux);
}

/* Delivers the records of the next upcall, and of the passes with it, in the
 * first of which it happened. */
static void
deliver_next(struct attachment *a)
{
    struct upcall_record *r = a->record;

    move_record(r, a->since + (uint64_t) (a->produced * 1e9 / a->rate));
    r->id = ++a->produced;
    r->pass = a->n_passes ? a->passes + 1 : 0;
    r->ret_word = UPCALL_RET_TAG(r->id) | (uint32_t) r->ret_word;
    if (a->varied) {
        const struct upcall_record same = *r;

        vary_record(r, r->id);
        a->cb(r, a->size, a->aux);
        *r = same;
    } else {
        a->cb(r, a->size, a->aux);
    }
    for (uint64_t i = 0; i < a->n_passes; i++) {
        deliver_pass(a);
    }
}

bool
attach_consume(struct attachment *a)
{
    uint64_t n = MIN(count_waiting(a), CONSUME_MAX);

    for (uint64_t i = 0; i < n; i++) {
        deliver_next(a);
    }
    return n >= CONSUME_MAX;
}

bool
attach_was_woken(struct attachment *a OVS_UNUSED)
{
    return false;
}

void
attach_wait(struct attachment *a)
{
    if (a->rate) {
        poll_timer_wait(1000 / a->rate);
    }
}

/* What is not there, or never changes. */

void
attach_get_counters(const struct attachment *a, struct attach_counters *c)
{
    memset(c, 0, sizeof *c);
    c->seen = c->misses = c->produced = a->produced;
    c->dropped[UPCALL_DROP_RING_FULL] = a->dropped;
}

void
attach_get_counts(const struct attachment *a OVS_UNUSED,
                  struct upcall_counts *counts)
{
    memset(counts, 0, sizeof *counts);
}

void
attach_get_hooks(const struct attachment *a OVS_UNUSED,
                 struct attach_hook hooks[UPCALL_N_HOOKS])
{
    for (size_t i = 0; i < UPCALL_N_HOOKS; i++) {
        hooks[i] = (struct attach_hook) {
            .name = upcall_hook_name(i), .where = upcall_hook_where(i),
        };
    }
}

void
attach_get_pass_counters(const struct attachment *a,
                         struct attach_pass_counters *c)
{
    memset(c, 0, sizeof *c);
    c->dropped[PASS_DROP_RING_FULL] = get_number(
        "UPCALL_SYNTHETIC_DROPPED_PASSES");
    c->produced = a->passes + c->dropped[PASS_DROP_RING_FULL];
}

const struct kernel_layout *
attach_get_layout(const struct attachment *a OVS_UNUSED)
{
    static const struct kernel_layout layout;

    return &layout;             /* Of which nothing is known. */
}

bool
attach_sees_pages(const struct attachment *a OVS_UNUSED)
{
    return true;
}

size_t
attach_get_pass_hooks(const struct attachment *a,
                      struct attach_hook hooks[PASS_N_HOOKS])
{
    for (size_t i = 0; i < PASS_N_HOOKS; i++) {
        hooks[i] = (struct attach_hook) {
            .name = pass_hook_name(i), .where = pass_hook_where(i),
        };
    }
    hooks[PASS_HOOK_PROCESS].hits = a->passes;
    return a->n_passes ? PASS_FIRST_EXECUTED_HOOK : 0;
}

int
attach_n_cpus(const struct attachment *a OVS_UNUSED)
{
    return 1;
}

size_t
attach_get_runs(const struct attachment *a OVS_UNUSED,
                struct attach_run runs[ATTACH_RUNS_MAX] OVS_UNUSED)
{
    return 0;
}

size_t
attach_get_memory(const struct attachment *a)
{
    return a->room * a->size;
}

bool
attach_choose_ports(struct attachment *a OVS_UNUSED,
                    const struct upcall_port_key *keys OVS_UNUSED,
                    size_t n OVS_UNUSED)
{
    return true;
}

void
attach_set_ends_visible(struct attachment *a OVS_UNUSED,
                        bool visible OVS_UNUSED)
{
}

void
attach_set_netns(struct attachment *a OVS_UNUSED, uint32_t netns OVS_UNUSED)
{
}

char *
attach_usdt(struct attachment *a OVS_UNUSED, pid_t pid OVS_UNUSED)
{
    return xstrdup("there are no USDT probes");
}

void
attach_follow_flows(struct attachment *a OVS_UNUSED, pid_t pid OVS_UNUSED)
{
}

bool
attach_has_usdt(const struct attachment *a OVS_UNUSED)
{
    return false;
}

void
attach_forget_usdt(struct attachment *a OVS_UNUSED)
{
}

void
attach_get_vswitchd_counts(const struct attachment *a OVS_UNUSED,
                           struct vswitchd_counts *counts)
{
    memset(counts, 0, sizeof *counts);
}

uint64_t
attach_get_loop_start(const struct attachment *a OVS_UNUSED)
{
    return 0;
}

bool
attach_has_vswitchd_probe(const struct attachment *a OVS_UNUSED,
                          enum vswitchd_probe probe OVS_UNUSED)
{
    return false;
}

size_t
attach_n_slots(const struct attachment *a OVS_UNUSED)
{
    return 0;
}

bool
attach_slots_are_free(const struct attachment *a OVS_UNUSED,
                      size_t slot OVS_UNUSED)
{
    OVS_NOT_REACHED();
}

unsigned long long *
attach_slot_key(struct attachment *a OVS_UNUSED, size_t slot OVS_UNUSED)
{
    OVS_NOT_REACHED();
}

const struct upcall_record *
attach_slot_read(struct attachment *a OVS_UNUSED, size_t slot OVS_UNUSED,
                 size_t *sizep OVS_UNUSED)
{
    OVS_NOT_REACHED();
}
