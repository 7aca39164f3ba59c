/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include "attach-filter.h"
#include "base/clock.h"
#include "base/compat.h"
#include "host.h"
#include "kernel-functions.h"
#include "kernel-memory.h"
#include "lockdown.h"
#include "netlink-socket.h"
#include "odp-netlink.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "random.h"
#include "record/filter.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(attach);

/* What many CPUs write shares no cache lines. */
#define IS_ON_LINE(MEMBER)                                                  \
    (offsetof(struct upcall_bpf__bss, MEMBER) % UPCALL_LINE == 0)
BUILD_ASSERT_DECL(sizeof(struct upcall_cpu) % UPCALL_LINE == 0);
BUILD_ASSERT_DECL(IS_ON_LINE(cpus) && IS_ON_LINE(last_id)
                  && IS_ON_LINE(n_executing) && IS_ON_LINE(loop_start));

/* Records that are read at once, before others get their turn. */
#define CONSUME_MAX 4096

/* Memory of all slots, in bytes. */
#define SLOTS_MEMORY_MAX (96 * 1024 * 1024)

static int
log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
    enum vlog_level vlevel = (level == LIBBPF_WARN ? attach_failure_level
                              : VLL_DBG);

    if (vlog_is_enabled(&this_module, vlevel)) {
        char *s = xvasprintf(format, args);
        size_t n = strlen(s);

        if (n && s[n - 1] == '\n') {
            s[n - 1] = '\0';
        }
        vlog(&this_module, vlevel, "%s", s);
        free(s);
    }
    return 0;
}

/* Chooses the number of places for handlers.  By default ovs-vswitchd has as
 * many as there are CPUs, and new ones come before the old are forgotten. */
static void
choose_handlers(struct attachment *a)
{
    a->n_handlers = 128;
    while (a->n_handlers < a->n_cpus * 4 && a->n_handlers < 4096) {
        a->n_handlers *= 2;
    }
}

/* Bytes that a handler's socket takes: nl_sock_create() in
 * lib/netlink-socket.c of OVS 3.1 to 4.0 asks for 4 MB, and the kernel doubles
 * that. */
#define SOCKET_BYTES (8 * 1024 * 1024)

/* The least that the message of a small packet takes of it: the sk_buff and,
 * since Linux 6.3, a head of 704 bytes (skb_small_head_cache in
 * net/core/skbuff.c); before, it was 1 024 bytes. */
#define MESSAGE_BYTES (704 + 256)

/* Chooses the number of slots: upcalls that may be queued or in the hands of
 * a handler at the same time.  There is a handler for each CPU.  A third more
 * keeps buckets from being full before.  SLOTS_MEMORY_MAX is enough for two
 * sockets that are full. */
static void
choose_slots(struct attachment *a)
{
    size_t n = (SOCKET_BYTES / MESSAGE_BYTES * 4 / 3
                * MIN(MAX(a->n_cpus, 2), 16));

    a->n_slots = 1024;
    while (a->n_slots < n) {
        a->n_slots *= 2;
    }
    while (a->n_slots > 1024 && a->n_slots * a->slot_size > SLOTS_MEMORY_MAX) {
        a->n_slots /= 2;
    }
}

/* Returns the type of the netlink messages that are upcalls, 0 if that cannot
 * be found out; then there is no openvswitch module. */
static uint16_t
get_packet_family(void)
{
    int family = 0;

    return nl_lookup_genl_family(OVS_PACKET_FAMILY, &family) ? 0 : family;
}

/* Has the programs ask 'filter', if there is one, which packets are chosen.
 * Returns 0 or a positive errno value. */
static int
configure_filter(struct upcall_bpf *skel, const struct filter *filter)
{
    int error = attach_filter_put(filter, skel->progs.upcall_fentry);

    if (!error) {
        error = attach_filter_put(filter, skel->progs.upcall_raw_tp);
    }
    attach_filter_size(filter, skel->maps.filter_buffers);
    skel->rodata->filter_bytes = filter ? filter->n_bytes : 0;
    skel->rodata->can_cast = attach_btf_has_kfunc("bpf_rdonly_cast");
    return error;
}

/* Has the programs, which are not loaded yet, do what 'config' says.  Returns
 * 0 or a positive errno value. */
static int
configure(struct attachment *a, const struct attach_config *config)
{
    struct upcall_bpf *skel = a->skel;
    uint32_t snap = ROUND_UP(MAX(config->snaplen, UPCALL_MATCH_MAX), 8);
    struct kernel_memory memory;
    size_t n_buckets;
    int error;

    a->slot_size = ROUND_UP(UPCALL_SLOT_SIZE(UPCALL_KEY_MAX + snap), 8);
    a->buffer = config->buffer;
    choose_slots(a);
    choose_handlers(a);
    n_buckets = a->n_slots / UPCALL_BUCKET;

    skel->rodata->bucket_mask = n_buckets - 1;
    skel->rodata->handler_mask = a->n_handlers - 1;
    skel->rodata->snap_max = snap;
    skel->rodata->msg_max = UPCALL_KEY_MAX + snap;
    skel->bss->target_netns = config->netns;
    skel->rodata->full = config->full;
    a->all_probes = config->all_probes;
    skel->rodata->class_mask = config->classes;
    skel->rodata->choose_ports = config->choose_ports;
    skel->rodata->stacks_apart = host_has_softirq_stacks();
    skel->rodata->n_cpus = a->n_cpus;
    if (kernel_memory_find(&memory)) {
        VLOG_INFO_ONCE("bytes of packets that are in pages will not be kept: "
                       "see upcall-trace/check");
    }
    skel->rodata->vmemmap = memory.vmemmap;
    skel->rodata->page_offset = memory.page_offset;
    skel->rodata->page_size = getpagesize();
    skel->rodata->print_key = random_uint64() | 1;
    skel->rodata->packet_family = get_packet_family();

    bpf_map__set_max_entries(skel->maps.ring, config->buffer);
    bpf_map__set_max_entries(skel->maps.buckets, n_buckets);
    bpf_map__set_max_entries(skel->maps.handlers, a->n_handlers);
    bpf_map__set_max_entries(skel->maps.slots, a->n_slots + a->n_handlers);
    bpf_map__set_value_size(skel->maps.slots, a->slot_size);
    skel->rodata->twins = host_is_preemptible();
    attach_choose_programs(skel, a->mode, skel->rodata->twins, config);
    attach_packet_configure(a, config);
    error = configure_filter(skel, config->filter);
    attach_configure_unread(a, config);
    return error;
}

/* Returns true if the bytes of packets that are in pages can be read. */
bool
attach_sees_pages(const struct attachment *a)
{
    return a->skel->rodata->vmemmap != 0;
}

static size_t
buckets_size(const struct attachment *a)
{
    return ROUND_UP(a->n_slots * sizeof(uint64_t), getpagesize());
}

static size_t
handlers_size(const struct attachment *a)
{
    return ROUND_UP(a->n_handlers * sizeof(struct upcall_handler),
                    getpagesize());
}

/* Maps 'map' of 'size' bytes, which are shared with the kernel.  Returns NULL
 * with errno set if that fails. */
void *
attach_map_shared(const struct bpf_map *map, size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                   bpf_map__fd(map), 0);

    return p == MAP_FAILED ? NULL : p;
}

/* Undoes attach_map_shared(). */
void
attach_unmap_shared(void *p, size_t size)
{
    if (p) {
        munmap(p, size);
    }
}

/* Returns true if the kernel may not have run any program for an operation
 * whose programs are those of 'entry' and 'end', at 'ts' or later. */
static bool
operation_missed_since(struct attachment *a, enum upcall_hook entry,
                       enum upcall_hook end, uint64_t ts)
{
    bool entry_missed = attach_missed_since(a, entry, ts);
    bool end_missed = attach_missed_since(a, end, ts);

    return entry_missed && end_missed;
}

/* Returns true if an operation of 'rec', which was received and has 'outcome',
 * may not have been seen, or may have been taken for that of another. */
static bool
outcome_is_doubtful(struct attachment *a, const struct upcall_record *rec,
                    int outcome)
{
    bool no_exec = outcome == UPCALL_CONSUMED || outcome == UPCALL_INSTALLED;
    uint64_t ts = rec->recv_ts;

    return (no_exec && upcall_class_has_operations(rec->class_)
            && (attach_missed_since(a, UPCALL_HOOK_RECV, ts)
                || operation_missed_since(a, UPCALL_HOOK_EXEC,
                                          UPCALL_HOOK_EXEC_RETURN, ts)
                || (outcome == UPCALL_CONSUMED
                    && operation_missed_since(a, UPCALL_HOOK_PUT,
                                              UPCALL_HOOK_PUT_RETURN, ts))));
}

/* Returns 'outcome' of 'rec', or UPCALL_OUTCOME_UNKNOWN if that says that
 * something was not done with the upcall, and that may not have been seen: the
 * kernel does not always run the programs, and counts that.
 *
 * Where the program for the entry or that for the end of an operation was run,
 * the programs know that there was one (REQUEST_MISSED in bpf/twin.bpf.h). */
int
attach_doubt_outcome(struct attachment *a, const struct upcall_record *rec,
                     int outcome)
{
    return (outcome_is_doubtful(a, rec, outcome)
            ? UPCALL_OUTCOME_UNKNOWN : outcome);
}

/* Looks whether the kernel has not run a program, for attach_doubt_outcome()
 * and attach_missed_since(), which know no better when that was than when they
 * have looked. */
void
attach_look_for_missed(struct attachment *a)
{
    static const enum upcall_hook hooks[] = {
        UPCALL_HOOK_RECV, UPCALL_HOOK_PUT, UPCALL_HOOK_PUT_RETURN,
        UPCALL_HOOK_EXEC, UPCALL_HOOK_EXEC_RETURN,
    };

    for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
        attach_missed_since(a, hooks[i], 0);
    }
}

/* Passes on the record of a pass at 'data'. */
static int
pass_cb(struct attachment *a, const void *data, size_t size)
{
    a->cb(data, MIN(size, pass_record_size(data)), a->aux);
    return ++a->n_consumed < CONSUME_MAX ? 0 : -EAGAIN;
}

/* Passes on the record at 'data', which may have more bytes than it needs (see
 * ring_write() in bpf/ring.bpf.h). */
static int
ring_cb(void *a_, void *data, size_t size)
{
    struct attachment *a = a_;
    const struct upcall_record *rec = data;
    int outcome;

    if (record_is_pass(data)) {
        return pass_cb(a, data, size);
    }
    outcome = attach_doubt_outcome(a, rec, rec->outcome);
    size = MIN(size, upcall_record_size(rec));
    if (outcome != rec->outcome) {
        struct upcall_record *copy = xmemdup(data, size);

        copy->outcome = outcome;
        a->cb(copy, size, a->aux);
        free(copy);
    } else {
        a->cb(data, size, a->aux);
    }
    return ++a->n_consumed < CONSUME_MAX ? 0 : -EAGAIN;
}

static int
sample_cb(void *a_, void *data, size_t size OVS_UNUSED)
{
    struct attachment *a = a_;

    a->sample_cb(data, a->aux);
    return 0;
}

/* Opens what user space needs of the loaded programs.  Returns 0 or a
 * positive errno value. */
static int
open_maps(struct attachment *a)
{
    a->buckets = attach_map_shared(a->skel->maps.buckets, buckets_size(a));
    if (!a->buckets) {
        return errno;
    }
    a->handlers = attach_map_shared(a->skel->maps.handlers, handlers_size(a));
    if (!a->handlers) {
        return errno;
    }
    a->ring = ring_buffer__new(bpf_map__fd(a->skel->maps.ring), ring_cb, a,
                               NULL);
    if (!a->ring) {
        return errno;
    }
    a->samples = ring_buffer__new(bpf_map__fd(a->skel->maps.samples),
                                  sample_cb, a, NULL);
    if (!a->samples) {
        return errno;
    }
    a->slot = xzalloc(a->slot_size);
    return 0;
}

/* Tries to load and attach the programs as 'a->mode' says.  Returns 0 or a
 * positive errno value. */
static int
try_mode(struct attachment *a, const struct attach_config *config)
{
    int error;

    a->skel = upcall_bpf__open();
    if (!a->skel) {
        return errno;
    }
    error = configure(a, config);
    if (!error) {
        error = -upcall_bpf__load(a->skel);
    }
    if (!error) {
        error = open_maps(a);
    }
    if (!error) {
        error = attach_join_twins(a);
    }
    if (!error && config->datapath) {
        error = attach_packet_load(a, config);
    }
    if (!error) {
        error = -upcall_bpf__attach(a->skel);
    }
    if (!error && config->datapath) {
        error = attach_packet_attach(a);
    }
    return error;
}

static void
close_all(struct attachment *a)
{
    attach_forget_usdt(a);
    ring_buffer__free(a->ring);
    a->ring = NULL;
    ring_buffer__free(a->samples);
    a->samples = NULL;
    attach_unmap_shared(a->buckets, buckets_size(a));
    a->buckets = NULL;
    attach_unmap_shared(a->handlers, handlers_size(a));
    a->handlers = NULL;
    free(a->slot);
    a->slot = NULL;
    attach_packet_close(a);
    upcall_bpf__destroy(a->skel);
    a->skel = NULL;
}

/* Tries one variant after the other.  Returns 0 or a positive errno value. */
static int
try_modes(struct attachment *a, const struct attach_config *config)
{
    int error = 0;

    for (a->mode = 0; a->mode < ATTACH_N_MODES; a->mode++) {
        if ((config->modes && !(config->modes & (1U << a->mode)))
            || (config->datapath && a->mode != ATTACH_FENTRY)) {
            continue;
        }
        error = try_mode(a, config);
        if (!error) {
            VLOG_INFO("attached by %s", attach_mode_name(a->mode));
            return 0;
        }
        VLOG(attach_failure_level, "attaching by %s failed (%s)",
             attach_mode_name(a->mode), ovs_strerror(error));
        close_all(a);
        if (error == EPERM || error == ENOMEM) {
            break;
        }
    }
    return error;
}

/* Returns NULL if the kernel has what 'config' needs to see which actions are
 * executed, or it needs nothing; otherwise an error message. */
static char *
describe_missing(const struct attach_config *config)
{
    char *missing = (config->executed
                     ? kernel_functions_missing(KERNEL_FUNCTIONS_ACTIONS)
                     : NULL);
    char *error = NULL;

    if (missing) {
        error = xasprintf("--datapath=actions cannot be used: the kernel does "
                          "not have %s: load the openvswitch module of one "
                          "that has them, or use --datapath=flows", missing);
        free(missing);
    }
    return error;
}

static char *
describe_error(int error, const struct attach_config *config)
{
    char *missing;

    if (config->datapath && attach_packet_why_not()) {
        return xasprintf("--datapath cannot be used: %s",
                         attach_packet_why_not());
    }
    missing = describe_missing(config);
    if (missing) {
        return missing;
    }
    if (error == EINVAL && kernel_is_locked_down()) {
        return xstrdup("kernel lockdown is on for confidentiality, so BPF "
                       "programs may not read kernel memory (/sys/kernel/"
                       "security/lockdown): boot without "
                       "lockdown=confidentiality");
    }
    switch (error) {
    case EPERM:
        return xstrdup("the kernel does not permit loading BPF programs: run "
                       "ovs-upcall-traced as root, outside of containers and "
                       "with kernel lockdown off (/sys/kernel/security/"
                       "lockdown)");
    case ENOMEM:
        return xstrdup("not enough memory for the BPF maps: try a smaller "
                       "--buffer or --snaplen");
    default:
        return xasprintf("the kernel takes the BPF programs neither by fentry "
                         "nor by kprobe (%s): see upcall-trace/check, and "
                         "the log for details", ovs_strerror(error));
    }
}

/* Loads the programs as 'config' says and attaches them; they do nothing until
 * attach_enable() is called.  Each record is passed to 'cb' with 'aux', from
 * attach_consume(), each sample of what ovs-vswitchd does to 'sample_cb'.
 *
 * Returns NULL and stores the new attachment in '*ap', which the caller
 * destroys with attach_destroy(); or returns an error message, which the
 * caller frees. */
char *
attach_create(const struct attach_config *config, attach_record_cb *cb,
              attach_sample_cb *sample_cb_, void *aux, struct attachment **ap)
{
    struct attachment *a = xzalloc(sizeof *a);
    int error;

    *ap = NULL;
    a->cb = cb;
    a->sample_cb = sample_cb_;
    a->aux = aux;
    libbpf_set_print(log_libbpf);
    a->n_cpus = libbpf_num_possible_cpus();
    if (a->n_cpus < 1 || a->n_cpus > UPCALL_CPUS_MAX) {
        error = a->n_cpus;
        free(a);
        return xasprintf("this machine has %d possible CPUs, only up to %d "
                         "can be traced", error, UPCALL_CPUS_MAX);
    }
    attach_failure_level = config->quiet ? VLL_DBG : VLL_INFO;
    attach_btf_open();
    if (config->datapath) {
        attach_btf_get_layout(&a->layout);
    }
    error = try_modes(a, config);
    if (!error && config->datapath) {
        attach_btf_check_layout(&a->layout);
    }
    attach_btf_close();
    attach_failure_level = VLL_INFO;
    upcall_trim_memory();       /* Some 10 MB, depending on chance. */
    if (error) {
        free(a);
        return describe_error(error, config);
    }
    *ap = a;
    return NULL;
}

/* Has the programs, which are attached, record upcalls from now on. */
void
attach_enable(struct attachment *a)
{
    attach_expect_unseen(a);
    __atomic_store_n(&a->skel->bss->enabled, 1, __ATOMIC_SEQ_CST);
    attach_packet_enable(a, true);
    attach_expect_unseen(a);               /* It may have taken a while. */
}

/* Waits until all programs that are running now have ended.
 *
 * The kernel waits for that when it changes a map of maps, by
 * synchronize_rcu(): maybe_wait_bpf_programs() in kernel/bpf/syscall.c of
 * Linux 6.1 to 7.2.  (MEMBARRIER_CMD_GLOBAL, which does the same, is refused
 * by a kernel with nohz_full= on its command line.) */
static void
wait_for_programs(void)
{
    LIBBPF_OPTS(bpf_map_create_opts, opts);
    int inner, outer = -1, error = 0;
    uint32_t zero = 0;

    inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "upcall_wait", sizeof zero,
                           sizeof zero, 1, NULL);
    if (inner >= 0) {
        opts.inner_map_fd = inner;
        outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "upcall_waits",
                               sizeof zero, sizeof zero, 1, &opts);
    }
    if (outer < 0 || bpf_map_update_elem(outer, &zero, &inner, 0)) {
        error = errno;
    }
    if (outer >= 0) {
        close(outer);
    }
    if (inner >= 0) {
        close(inner);
    }
    if (error && syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0)) {
        VLOG_WARN("cannot wait for BPF programs that are running (%s)",
                  ovs_strerror(error));
        xnanosleep(10 * 1000 * 1000);   /* None takes so long. */
    }
}

/* Detaches the programs, so that none is running or runs any more.  Records
 * can still be consumed and slots be read. */
void
attach_detach(struct attachment *a)
{
    attach_packet_enable(a, false);
    __atomic_store_n(&a->skel->bss->enabled, 0, __ATOMIC_SEQ_CST);
    upcall_bpf__detach(a->skel);
    attach_forget_usdt(a);
    wait_for_programs();
}

/* Detaches and unloads the programs and frees 'a'. */
void
attach_destroy(struct attachment *a)
{
    if (a) {
        close_all(a);
        free(a);
        upcall_trim_memory();       /* Some 10 MB, depending on chance. */
    }
}

/* Tells the programs whether the end of a batch of a handler is seen: only if
 * it has a single socket, see bpf/recv.bpf.h. */
void
attach_set_ends_visible(struct attachment *a, bool visible)
{
    __atomic_store_n(&a->skel->data->ends_visible, visible, __ATOMIC_SEQ_CST);
}

/* Follows the upcalls in the network namespace with inode 'netns'. */
void
attach_set_netns(struct attachment *a, uint32_t netns)
{
    __atomic_store_n(&a->skel->bss->target_netns, netns, __ATOMIC_SEQ_CST);
    if (a->packet) {
        __atomic_store_n(&a->packet->bss->target_netns, netns,
                         __ATOMIC_SEQ_CST);
    }
    attach_expect_unseen(a);
}

/* Passes on the records that are in the ring buffer.  Returns true if it has
 * passed on so many that there are probably more. */
bool
attach_consume(struct attachment *a)
{
    a->n_consumed = 0;
    a->consume_ts = clock_ns();
    ring_buffer__consume(a->ring);
    ring_buffer__consume(a->samples);
    return a->n_consumed >= CONSUME_MAX;
}

/* Returns true, once, if the programs have woken us up since attach_wait() was
 * called, because there was an upcall.  Its record comes later. */
bool
attach_was_woken(struct attachment *a)
{
    bool woken = (a->sleeps
                  && (!__atomic_load_n(&a->skel->bss->reader_sleeps,
                                       __ATOMIC_SEQ_CST)
                      || (a->packet
                          && !__atomic_load_n(&a->packet->bss->reader_sleeps,
                                              __ATOMIC_SEQ_CST))));

    a->sleeps = a->sleeps && !woken;
    return woken;
}

/* Arranges for the poll loop to wake up when there is an upcall.  The programs
 * wake us up only once, so nothing is woken up while we are busy reading. */
void
attach_wait(struct attachment *a)
{
    a->sleeps = true;
    __atomic_store_n(&a->skel->bss->reader_sleeps, 1, __ATOMIC_SEQ_CST);
    if (a->packet) {
        __atomic_store_n(&a->packet->bss->reader_sleeps, 1, __ATOMIC_SEQ_CST);
    }
    attach_consume(a);
    if (a->n_consumed) {
        poll_immediate_wake();
    } else {
        poll_fd_wait(ring_buffer__epoll_fd(a->ring), POLLIN);
    }
}
