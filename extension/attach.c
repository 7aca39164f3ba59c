/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "attach.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/upcall.skel.h"
#include "names.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(attach);

/* Which variant of the programs to use.  They are tried in this order, and
 * the first that the kernel takes is kept: what a kernel can do is found by
 * trying, not from its version. */
enum attach_mode {
    MODE_FENTRY,                /* All by trampoline. */
    MODE_MIXED,                 /* Those in the module by kprobe, for a module
                                 * without BTF. */
    MODE_KPROBE,                /* All by kprobe. */
    N_MODES
};

/* Records that are read at once, before others get their turn. */
#define CONSUME_MAX 4096

/* Memory of all slots, in bytes. */
#define SLOTS_MEMORY_MAX (64 * 1024 * 1024)

struct attachment {
    struct upcall_bpf *skel;
    enum attach_mode mode;
    struct ring_buffer *ring;
    attach_record_cb *cb;
    void *aux;

    size_t n_slots;
    size_t slot_size;
    uint64_t buffer;
    int n_cpus;
    struct upcall_bucket *buckets;      /* Shared with the kernel. */
    void *slot;                         /* For attach_slot_read(). */
    size_t n_consumed;                  /* By this attach_consume(). */

    /* What handler threads that are gone have counted. */
    uint64_t past_hits[UPCALL_N_HOOKS];
    uint64_t past_unmatched[UPCALL_N_HOOKS];
};

/* The programs of a hook. */
struct hook_progs {
    struct bpf_program *by_trampoline;
    struct bpf_program *by_kprobe;      /* Or the same, if only one. */
    const char *trampoline_kind;
    const char *kprobe_kind;
    bool in_module;
};

static void
hook_get_progs(const struct upcall_bpf *skel, enum upcall_hook hook,
               struct hook_progs *p)
{
#define PAIR(A, B, MODULE, EXIT)                                \
    (struct hook_progs) {                                       \
        .by_trampoline = skel->progs.A,                         \
        .by_kprobe = skel->progs.B,                             \
        .trampoline_kind = EXIT ? "fexit" : "fentry",           \
        .kprobe_kind = EXIT ? "kretprobe" : "kprobe",           \
        .in_module = MODULE,                                    \
    }
    switch (hook) {
    case UPCALL_HOOK_UPCALL:
        *p = PAIR(upcall_fentry, upcall_kprobe, true, false);
        break;
    case UPCALL_HOOK_ENQUEUE:
        *p = PAIR(enqueue_fentry, enqueue_kprobe, false, false);
        break;
    case UPCALL_HOOK_RETURN:
        *p = PAIR(upcall_fexit, upcall_kretprobe, true, true);
        break;
    case UPCALL_HOOK_RECV:
        *p = PAIR(recv_raw_tp, recv_raw_tp, false, false);
        p->trampoline_kind = p->kprobe_kind = "raw_tracepoint";
        break;
    case UPCALL_HOOK_PUT:
        *p = PAIR(put_fentry, put_kprobe, true, false);
        break;
    case UPCALL_HOOK_PUT_RETURN:
        *p = PAIR(put_fexit, put_kretprobe, true, true);
        break;
    case UPCALL_HOOK_EXEC:
        *p = PAIR(exec_fentry, exec_kprobe, true, false);
        break;
    case UPCALL_HOOK_EXEC_RETURN:
        *p = PAIR(exec_fexit, exec_kretprobe, true, true);
        break;
    case UPCALL_N_HOOKS:
    default:
        OVS_NOT_REACHED();
    }
#undef PAIR
}

static bool
hook_uses_kprobe(const struct hook_progs *p, enum attach_mode mode)
{
    return mode == MODE_KPROBE || (mode == MODE_MIXED && p->in_module);
}

static const char *
mode_name(enum attach_mode mode)
{
    return (mode == MODE_FENTRY ? "fentry"
            : mode == MODE_MIXED ? "fentry and kprobe"
            : "kprobe");
}

static int
log_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
    enum vlog_level vlevel = level == LIBBPF_WARN ? VLL_INFO : VLL_DBG;

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

/* Chooses the number of slots: upcalls that may be queued or in the hands of
 * a handler at the same time.  A handler's socket takes a few thousand small
 * packets (4 MB of receive buffer, doubled by the kernel), and there is a
 * handler for each CPU. */
static void
choose_slots(struct attachment *a)
{
    size_t n = 4096 * MIN(MAX(a->n_cpus, 2), 16);

    while (n > 1024 && n * a->slot_size > SLOTS_MEMORY_MAX) {
        n /= 2;
    }
    a->n_slots = 1024;
    while (a->n_slots < n) {
        a->n_slots *= 2;
    }
}

static void
configure_programs(struct upcall_bpf *skel, enum attach_mode mode)
{
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        struct hook_progs p;
        bool kprobe;

        hook_get_progs(skel, i, &p);
        kprobe = hook_uses_kprobe(&p, mode);
        if (p.by_kprobe != p.by_trampoline) {
            bpf_program__set_autoload(p.by_trampoline, !kprobe);
            bpf_program__set_autoload(p.by_kprobe, kprobe);
        }
    }
}

/* Returns true if the kernel runs softirqs on stacks of their own: on x86-64,
 * unless it was built with CONFIG_PREEMPT_RT. */
static bool
stacks_are_apart(void)
{
    struct utsname u;

    return (!uname(&u) && !strcmp(u.machine, "x86_64")
            && !strstr(u.version, "PREEMPT_RT"));
}

static void
configure(struct attachment *a, const struct attach_config *config)
{
    struct upcall_bpf *skel = a->skel;
    uint32_t snap = ROUND_UP(MAX(config->snaplen, UPCALL_MATCH_MAX), 8);
    size_t n_buckets;

    a->slot_size = ROUND_UP(UPCALL_SLOT_SIZE(UPCALL_KEY_MAX + snap), 8);
    a->buffer = config->buffer;
    choose_slots(a);
    n_buckets = a->n_slots / UPCALL_BUCKET;

    skel->rodata->bucket_mask = n_buckets - 1;
    skel->rodata->snap_max = snap;
    skel->rodata->msg_max = UPCALL_KEY_MAX + snap;
    skel->rodata->target_netns = config->netns;
    skel->rodata->class_mask = config->classes;
    skel->rodata->choose_ports = config->choose_ports;
    skel->rodata->stacks_apart = stacks_are_apart();
    skel->rodata->wake_bytes = config->buffer / 4;

    bpf_map__set_max_entries(skel->maps.ring, config->buffer);
    bpf_map__set_max_entries(skel->maps.buckets, n_buckets);
    bpf_map__set_max_entries(skel->maps.slots, a->n_slots);
    bpf_map__set_value_size(skel->maps.slots, a->slot_size);
    configure_programs(skel, a->mode);
}

static size_t
buckets_size(const struct attachment *a)
{
    return ROUND_UP(a->n_slots * sizeof(uint64_t), getpagesize());
}

static int
ring_cb(void *a_, void *data, size_t size)
{
    struct attachment *a = a_;

    a->cb(data, size, a->aux);
    return ++a->n_consumed < CONSUME_MAX ? 0 : -EAGAIN;
}

/* Opens what user space needs of the loaded programs.  Returns 0 or a
 * positive errno value. */
static int
open_maps(struct attachment *a)
{
    a->buckets = mmap(NULL, buckets_size(a), PROT_READ | PROT_WRITE,
                      MAP_SHARED, bpf_map__fd(a->skel->maps.buckets), 0);
    if (a->buckets == MAP_FAILED) {
        a->buckets = NULL;
        return errno;
    }
    a->ring = ring_buffer__new(bpf_map__fd(a->skel->maps.ring), ring_cb, a,
                               NULL);
    if (!a->ring) {
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
    configure(a, config);
    error = -upcall_bpf__load(a->skel);
    if (!error) {
        error = open_maps(a);
    }
    if (!error) {
        error = -upcall_bpf__attach(a->skel);
    }
    if (!error) {
        __atomic_store_n(&a->skel->bss->enabled, 1, __ATOMIC_SEQ_CST);
    }
    return error;
}

static void
close_all(struct attachment *a)
{
    ring_buffer__free(a->ring);
    a->ring = NULL;
    if (a->buckets) {
        munmap(a->buckets, buckets_size(a));
        a->buckets = NULL;
    }
    free(a->slot);
    a->slot = NULL;
    upcall_bpf__destroy(a->skel);
    a->skel = NULL;
}

static char *
describe_error(int error)
{
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

/* Loads the programs as 'config' says and attaches them.  Each record is
 * passed to 'cb' with 'aux', from attach_consume().
 *
 * Returns NULL and stores the new attachment in '*ap', which the caller
 * destroys with attach_destroy(); or returns an error message, which the
 * caller frees. */
char *
attach_create(const struct attach_config *config, attach_record_cb *cb,
              void *aux, struct attachment **ap)
{
    struct attachment *a = xzalloc(sizeof *a);
    int error = 0;

    *ap = NULL;
    a->cb = cb;
    a->aux = aux;
    libbpf_set_print(log_libbpf);
    a->n_cpus = libbpf_num_possible_cpus();
    if (a->n_cpus < 1 || a->n_cpus > UPCALL_CPUS_MAX) {
        error = a->n_cpus;
        free(a);
        return xasprintf("this machine has %d possible CPUs, only up to %d "
                         "can be traced", error, UPCALL_CPUS_MAX);
    }
    for (a->mode = MODE_FENTRY; a->mode < N_MODES; a->mode++) {
        error = try_mode(a, config);
        if (!error) {
            VLOG_INFO("attached by %s", mode_name(a->mode));
            *ap = a;
            return NULL;
        }
        VLOG_INFO("attaching by %s failed (%s)", mode_name(a->mode),
                  ovs_strerror(error));
        close_all(a);
        if (error == EPERM || error == ENOMEM) {
            break;
        }
    }
    free(a);
    return describe_error(error);
}

/* Detaches the programs, so that none is running or runs any more.  Records
 * can still be consumed and slots be read. */
void
attach_detach(struct attachment *a)
{
    __atomic_store_n(&a->skel->bss->enabled, 0, __ATOMIC_SEQ_CST);
    upcall_bpf__detach(a->skel);

    /* A program that was running on another CPU has ended when all CPUs have
     * scheduled. */
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* Detaches and unloads the programs and frees 'a'. */
void
attach_destroy(struct attachment *a)
{
    if (a) {
        close_all(a);
        free(a);
    }
}

static bool
port_is_among(const struct upcall_port_key *port,
              const struct upcall_port_key *ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ports[i].dp_ifindex == port->dp_ifindex
            && ports[i].port_no == port->port_no) {
            return true;
        }
    }
    return false;
}

/* Chooses upcalls of the 'n' 'ports' and no others.  Returns false if there
 * are too many. */
bool
attach_choose_ports(struct attachment *a,
                    const struct upcall_port_key *ports, size_t n)
{
    int fd = bpf_map__fd(a->skel->maps.ports);
    struct upcall_port_key key, next;
    bool ok = true;
    uint8_t value = 1;
    int error;

    for (size_t i = 0; i < n; i++) {
        ok = !bpf_map_update_elem(fd, &ports[i], &value, BPF_ANY) && ok;
    }
    for (error = bpf_map_get_next_key(fd, NULL, &key); !error; key = next) {
        error = bpf_map_get_next_key(fd, &key, &next);
        if (!port_is_among(&key, ports, n)) {
            bpf_map_delete_elem(fd, &key);
        }
    }
    return ok;
}

/* Passes on the records that are in the ring buffer.  Returns true if it has
 * passed on so many that there are probably more. */
bool
attach_consume(struct attachment *a)
{
    a->n_consumed = 0;
    ring_buffer__consume(a->ring);
    return a->n_consumed >= CONSUME_MAX;
}

/* Arranges for the poll loop to wake up when there is a record.  The programs
 * wake us up only once, so nothing is woken up while we are busy reading. */
void
attach_wait(struct attachment *a)
{
    __atomic_store_n(&a->skel->bss->reader_sleeps, 1, __ATOMIC_SEQ_CST);
    attach_consume(a);
    if (a->n_consumed) {
        poll_immediate_wake();
    } else {
        poll_fd_wait(ring_buffer__epoll_fd(a->ring), POLLIN);
    }
}

/* Adds up the counters of all CPUs.  What is produced was seen before, so it
 * is read first, and never exceeds what was seen. */
void
attach_get_counters(const struct attachment *a, struct attach_counters *c)
{
    const struct upcall_cpu *cpus = a->skel->bss->cpus;

    memset(c, 0, sizeof *c);
    for (int i = 0; i < a->n_cpus; i++) {
        c->produced += __atomic_load_n(&cpus[i].produced, __ATOMIC_SEQ_CST);
    }
    for (int i = 0; i < a->n_cpus; i++) {
        c->seen += __atomic_load_n(&cpus[i].seen, __ATOMIC_SEQ_CST);
        for (int j = 0; j < UPCALL_N_DROPS; j++) {
            c->dropped[j] += cpus[i].dropped[j];
        }
    }
}

/* Adds what the handler threads have counted for 'hook'. */
static void
count_handlers(const struct attachment *a, enum upcall_hook hook,
               struct attach_hook *h)
{
    int fd = bpf_map__fd(a->skel->maps.handlers);
    struct upcall_handler handler;
    uint32_t tid, *prev = NULL;

    while (!bpf_map_get_next_key(fd, prev, &tid)) {
        if (!bpf_map_lookup_elem(fd, &tid, &handler)) {
            h->hits += handler.hits[hook];
            h->unmatched += handler.unmatched[hook];
        }
        prev = &tid;
    }
}

/* Returns how often the kernel did not run 'prog' because it was running
 * already (since Linux 5.12, 0 before). */
static uint64_t
program_missed(const struct bpf_program *prog)
{
    struct bpf_prog_info info;
    uint32_t len = sizeof info;

    memset(&info, 0, sizeof info);
    return (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len)
            ? 0 : info.recursion_misses);
}

/* Describes 'hook'.  'a' may be NULL: then nothing is attached. */
void
attach_get_hook(const struct attachment *a, enum upcall_hook hook,
                struct attach_hook *h)
{
    struct hook_progs p;
    bool kprobe;

    memset(h, 0, sizeof *h);
    h->name = upcall_hook_name(hook);
    h->where = upcall_hook_where(hook);
    if (!a) {
        return;
    }
    hook_get_progs(a->skel, hook, &p);
    kprobe = hook_uses_kprobe(&p, a->mode);
    h->kind = kprobe ? p.kprobe_kind : p.trampoline_kind;
    h->missed = program_missed(kprobe ? p.by_kprobe : p.by_trampoline);
    for (int i = 0; i < a->n_cpus; i++) {
        h->hits += a->skel->bss->cpus[i].hits[hook];
    }
    h->hits += a->past_hits[hook];
    h->unmatched += a->past_unmatched[hook];
    count_handlers(a, hook, h);
}

/* Returns the memory of the maps of 'a' in the kernel, in bytes. */
size_t
attach_get_memory(const struct attachment *a)
{
    return (a->n_slots * (a->slot_size + sizeof(uint64_t)) + a->buffer
            + sizeof *a->skel->bss
            + UPCALL_HANDLERS_MAX * sizeof(struct upcall_handler));
}

/* Stores the state of handler thread 'tid' in '*h'.  Returns false if there is
 * no such thread. */
bool
attach_get_handler(struct attachment *a, uint32_t tid,
                   struct upcall_handler *h)
{
    return !bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.handlers), &tid, h);
}

/* Finds the handler thread that follows thread '*tid', or the first if '*tid'
 * is 0, and stores its number in '*tid' and its state in '*h'.  Returns false
 * if there is none. */
bool
attach_next_handler(struct attachment *a, uint32_t *tid,
                    struct upcall_handler *h)
{
    int fd = bpf_map__fd(a->skel->maps.handlers);

    while (!bpf_map_get_next_key(fd, *tid ? tid : NULL, tid)) {
        if (attach_get_handler(a, *tid, h)) {
            return true;
        }
    }
    return false;
}

/* Tells the programs that handler thread 'tid' was asleep when it had received
 * 'recv_seq' upcalls. */
void
attach_handler_is_idle(struct attachment *a, uint32_t tid, uint64_t recv_seq)
{
    struct upcall_idle *idle
        = &a->skel->bss->idle[tid & (UPCALL_IDLE_MAX - 1)];

    idle->recv_seq = 0;
    __atomic_store_n(&idle->tid, tid, __ATOMIC_SEQ_CST);
    __atomic_store_n(&idle->recv_seq, recv_seq, __ATOMIC_SEQ_CST);
}

/* Returns true if attach_handler_is_idle() was called with the same arguments
 * and nothing has changed since. */
bool
attach_handler_is_known_idle(const struct attachment *a, uint32_t tid,
                             uint64_t recv_seq)
{
    const struct upcall_idle *idle
        = &a->skel->bss->idle[tid & (UPCALL_IDLE_MAX - 1)];

    return idle->tid == tid && idle->recv_seq == recv_seq;
}

/* Forgets handler thread 'tid', which has ended, but not what it counted. */
void
attach_handler_is_gone(struct attachment *a, uint32_t tid)
{
    int fd = bpf_map__fd(a->skel->maps.handlers);
    struct upcall_handler h;

    if (bpf_map_lookup_elem(fd, &tid, &h)) {
        return;
    }
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        a->past_hits[i] += h.hits[i];
        a->past_unmatched[i] += h.unmatched[i];
    }
    bpf_map_delete_elem(fd, &tid);
}

/* Returns the number of slots of 'a'. */
size_t
attach_n_slots(const struct attachment *a)
{
    return a->n_slots;
}

/* Returns the key of 'slot', shared with the kernel. */
unsigned long long *
attach_slot_key(struct attachment *a, size_t slot)
{
    return &a->buckets[slot / UPCALL_BUCKET].keys[slot % UPCALL_BUCKET];
}

/* Reads the record in 'slot'.  Returns NULL if that fails, else the record,
 * which is valid until the next call, and stores its size in '*sizep'. */
const struct upcall_record *
attach_slot_read(struct attachment *a, size_t slot_, size_t *sizep)
{
    uint32_t slot = slot_;
    const struct upcall_record *rec = a->slot;

    if (bpf_map_lookup_elem(bpf_map__fd(a->skel->maps.slots), &slot,
                            a->slot)) {
        return NULL;
    }
    *sizep = (sizeof *rec + ROUND_UP(rec->msg_len, 8)
              + ROUND_UP(rec->put_len, 8) + rec->exec_len);
    return *sizep <= a->slot_size ? rec : NULL;
}
