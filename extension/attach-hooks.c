/* SPDX-License-Identifier: Apache-2.0 */

/* Hooks: the second part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* The programs of a hook. */
struct hook_progs {
    struct bpf_program *by_trampoline;
    struct bpf_program *by_kprobe;      /* Or the same, if only one. */
    struct bpf_program *by_kprobe_too;  /* One more that this needs, or
                                         * NULL. */
    struct bpf_program *twin;           /* By trampoline, see
                                         * bpf/upcall.bpf.c, or NULL. */
    const char *trampoline_kind;
    const char *kprobe_kind;
    bool in_module;
    bool is_usdt;
    uint32_t usdt_args;                 /* Arguments that it needs, bits. */
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
#define USDT(A, ARGS)                                           \
    (struct hook_progs) {                                       \
        .by_trampoline = skel->progs.A,                         \
        .by_kprobe = skel->progs.A,                             \
        .trampoline_kind = "usdt",                              \
        .kprobe_kind = "usdt",                                  \
        .is_usdt = true,                                        \
        .usdt_args = ARGS,                                      \
    }
    switch (hook) {
    case UPCALL_HOOK_UPCALL:
        *p = PAIR(upcall_fentry, upcall_raw_tp, true, false);
        p->kprobe_kind = "raw_tracepoint";
        break;
    case UPCALL_HOOK_ENQUEUE:
        *p = PAIR(enqueue_fentry, enqueue_kprobe, false, false);
        break;
    case UPCALL_HOOK_RETURN:
        *p = PAIR(upcall_fexit, upcall_kretprobe, true, true);
        break;
    case UPCALL_HOOK_RECV:
        *p = PAIR(recv_fexit, recv_kretprobe, false, true);
        p->by_kprobe_too = skel->progs.recv_kprobe;
        p->twin = skel->progs.recv_twin;
        break;
    case UPCALL_HOOK_PUT:
        *p = PAIR(put_fentry, put_kprobe, true, false);
        p->twin = skel->progs.put_twin;
        break;
    case UPCALL_HOOK_PUT_RETURN:
        *p = PAIR(put_fexit, put_kretprobe, true, true);
        p->twin = skel->progs.put_return_twin;
        break;
    case UPCALL_HOOK_EXEC:
        *p = PAIR(exec_fentry, exec_kprobe, true, false);
        p->twin = skel->progs.exec_twin;
        break;
    case UPCALL_HOOK_EXEC_RETURN:
        *p = PAIR(exec_fexit, exec_kretprobe, true, true);
        p->twin = skel->progs.exec_return_twin;
        break;
    case UPCALL_HOOK_USDT_RECV:
        *p = USDT(usdt_recv_upcall, 1 << 1 | 1 << 2 | 1 << 3);
        break;
    case UPCALL_HOOK_USDT_PUT:
        *p = USDT(usdt_op_flow_put, 1 << 3);
        break;
    case UPCALL_HOOK_USDT_EXEC:
        *p = USDT(usdt_op_flow_execute, 1 << 2 | 1 << 3);
        break;
    case UPCALL_N_HOOKS:
    default:
        OVS_NOT_REACHED();
    }
#undef PAIR
#undef USDT
}

static bool
hook_uses_kprobe(const struct hook_progs *p, enum attach_mode mode)
{
    return mode == ATTACH_KPROBE || (mode == ATTACH_MIXED && p->in_module);
}

/* Returns how 'mode' attaches, for people. */
const char *
attach_mode_name(enum attach_mode mode)
{
    return (mode == ATTACH_FENTRY ? "fentry"
            : mode == ATTACH_MIXED ? "fentry and kprobe"
            : "kprobe");
}

/* Has 'skel', which is not loaded yet, load the programs of 'mode', with their
 * twins if 'twins', and those at USDT probes as 'config' says. */
void
attach_choose_programs(struct upcall_bpf *skel, enum attach_mode mode,
                       bool twins, const struct attach_config *config)
{
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        struct hook_progs p;
        bool kprobe;

        hook_get_progs(skel, i, &p);
        kprobe = hook_uses_kprobe(&p, mode);
        if (p.is_usdt) {
            bpf_program__set_autoload(
                p.by_kprobe,
                config->full && attach_uses_probe(i, config->all_probes));
        } else if (p.by_kprobe != p.by_trampoline) {
            bpf_program__set_autoload(p.by_trampoline, !kprobe);
            bpf_program__set_autoload(p.by_kprobe, kprobe);
        }
        if (p.by_kprobe_too) {
            bpf_program__set_autoload(p.by_kprobe_too, kprobe);
        }
        if (p.twin) {
            bpf_program__set_autoload(p.twin, twins && !kprobe);
        }
    }
    attach_choose_vswitchd_programs(skel, config->full);
}

/* Returns true if 'hook', a USDT probe, is used with --track=full, or if 'all'
 * with --track=all.  It is that which names the upcall of an execute.  Of a
 * receive and of a put, the kernel tier knows as much, but for the time in
 * ovs-vswitchd, and each probe costs the handler a trap.  On s390x, recvmsg()
 * may be a socketcall(), of which the programs do not know where the packet
 * is (sysdeps/unix/sysv/linux/recvmsg.c of glibc). */
bool
attach_uses_probe(enum upcall_hook hook, bool all)
{
#ifdef __s390x__
    all |= hook == UPCALL_HOOK_USDT_RECV;
#endif
    return all || hook == UPCALL_HOOK_USDT_EXEC;
}

/* Has the twins of 'a', whose programs are loaded, call these.  Returns 0 or a
 * positive errno value. */
int
attach_join_twins(const struct attachment *a)
{
    static const enum upcall_hook hooks[] = {
        UPCALL_HOOK_RECV, UPCALL_HOOK_PUT, UPCALL_HOOK_EXEC,
    };
    const struct bpf_map *const maps[ARRAY_SIZE(hooks)] = {
        a->skel->maps.recv_programs, a->skel->maps.put_programs,
        a->skel->maps.exec_programs,
    };

    for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
        struct hook_progs p;
        uint32_t zero = 0;
        int fd;

        hook_get_progs(a->skel, hooks[i], &p);
        fd = bpf_program__fd(p.by_trampoline);
        if (bpf_program__fd(p.twin) >= 0
            && bpf_map_update_elem(bpf_map__fd(maps[i]), &zero, &fd, 0)) {
            return errno;
        }
    }
    return 0;
}

/* Returns the program at 'hook', a USDT probe, and stores in '*argsp' which
 * arguments it needs, as bits. */
struct bpf_program *
attach_usdt_program(const struct attachment *a, enum upcall_hook hook,
                    uint32_t *argsp)
{
    struct hook_progs p;

    hook_get_progs(a->skel, hook, &p);
    *argsp = p.usdt_args;
    return p.by_kprobe;
}

/* Returns the number of possible CPUs. */
int
attach_n_cpus(const struct attachment *a)
{
    return a->n_cpus;
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
        c->misses += __atomic_load_n(&cpus[i].misses, __ATOMIC_SEQ_CST);
        c->losses += __atomic_load_n(&cpus[i].losses, __ATOMIC_SEQ_CST);
        c->seen += __atomic_load_n(&cpus[i].seen, __ATOMIC_SEQ_CST);
        for (int j = 0; j < UPCALL_N_DROPS; j++) {
            c->dropped[j] += cpus[i].dropped[j];
        }
    }
}

/* Adds 'src' to 'dst'. */
void
attach_add_counts(struct upcall_counts *dst_, const struct upcall_counts *src_)
{
    uint64_t *dst = (uint64_t *) dst_;
    const uint64_t *src = (const uint64_t *) src_;

    for (size_t i = 0; i < sizeof *src_ / sizeof *src; i++) {
        dst[i] += src[i];
    }
}

/* Stores in '*counts' what all handler threads have counted. */
void
attach_get_counts(const struct attachment *a, struct upcall_counts *counts)
{
    *counts = a->past;
    for (size_t i = 0; i < a->n_handlers; i++) {
        const struct upcall_handler *h = attach_handler_at(a, i);

        if (h) {
            attach_add_counts(counts, &h->counts);
        }
    }
}

/* Stores what the kernel knows about 'prog' in '*info', zeros if it is not
 * loaded. */
static void
get_program_info(const struct bpf_program *prog, struct bpf_prog_info *info)
{
    int fd = bpf_program__fd(prog);
    uint32_t len = sizeof *info;

    memset(info, 0, sizeof *info);
    if (fd < 0 || bpf_obj_get_info_by_fd(fd, info, &len)) {
        memset(info, 0, sizeof *info);
    }
}

/* Returns how often the kernel did not run 'prog' because it was running
 * already (since Linux 5.12, 0 before). */
static uint64_t
program_missed(const struct bpf_program *prog)
{
    struct bpf_prog_info info;

    get_program_info(prog, &info);
    return info.recursion_misses;
}

/* Stores in 'runs' what the kernel has counted for each program that is
 * loaded, always in the same order.  It counts only while the statistic
 * BPF_STATS_RUN_TIME is enabled.  Returns how many programs there are. */
size_t
attach_get_runs(const struct attachment *a,
                struct attach_run runs[ATTACH_RUNS_MAX])
{
    struct bpf_program *prog;
    size_t n = 0;

    bpf_object__for_each_program (prog, a->skel->obj) {
        struct bpf_prog_info info;

        get_program_info(prog, &info);
        if (info.id && n < ATTACH_RUNS_MAX) {
            ovs_strlcpy(runs[n].name, bpf_program__name(prog),
                        sizeof runs[n].name);
            runs[n].instructions = (info.xlated_prog_len
                                    / sizeof(struct bpf_insn));
            runs[n].verified = info.verified_insns;
            runs[n].count = info.run_cnt;
            runs[n].time = info.run_time_ns;
            n++;
        }
    }
    return n;
}

/* Describes 'hook', with 'counts' from attach_get_counts().  'a' may be NULL:
 * then nothing is attached. */
static void
get_hook(const struct attachment *a, enum upcall_hook hook,
         const struct upcall_counts *counts, struct attach_hook *h)
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
    if (!p.is_usdt
        || (attach_has_usdt(a) && attach_uses_probe(hook, a->all_probes))) {
        h->kind = kprobe ? p.kprobe_kind : p.trampoline_kind;
    }
    h->missed = program_missed(kprobe ? p.by_kprobe : p.by_trampoline);
    if (p.twin && bpf_program__autoload(p.twin)) {
        h->missed = MIN(h->missed, program_missed(p.twin));
    }
    for (int i = 0; i < a->n_cpus; i++) {
        h->hits += a->skel->bss->cpus[i].hits[hook];
    }
    h->hits += counts->hits[hook];
    h->unmatched = counts->unmatched[hook];
}

/* Notes in 'm', of the hook with 'p', whether a run has been missed since it
 * was noted last, at 'now': with twins, if both have missed one, which may
 * have been one each. */
static void
note_missed(struct attach_missed *m, const struct hook_progs *p, bool kprobe,
            uint64_t now)
{
    uint64_t prog = program_missed(kprobe ? p->by_kprobe : p->by_trampoline);
    uint64_t twin = p->twin ? program_missed(p->twin) : 0;
    bool has_twin = p->twin && bpf_program__fd(p->twin) >= 0;

    /* A run may have been counted by one of them when it was looked at, and
     * not yet by the other. */
    if (prog > m->prog_before && (!has_twin || twin > m->twin_before)) {
        m->ts = now;
    }
    m->prog_before = m->prog;
    m->twin_before = m->twin;
    m->prog = prog;
    m->twin = twin;
    m->checked_ts = now;
}

/* What was noted is good for so long, in ns. */
#define MISSED_NS 1000000

/* Returns true if the kernel may not have run any program for 'hook' at 'ts'
 * (CLOCK_MONOTONIC, ns) or later, as far as was noticed by this function,
 * which should be called now and then for that. */
bool
attach_missed_since(struct attachment *a, enum upcall_hook hook, uint64_t ts)
{
    struct attach_missed *m = &a->missed[hook];
    uint64_t now = clock_ns();
    struct hook_progs p;

    if (now - m->checked_ts >= MISSED_NS || m->checked_ts < a->consume_ts) {
        hook_get_progs(a->skel, hook, &p);
        note_missed(m, &p, hook_uses_kprobe(&p, a->mode), now);
    }
    return m->ts && m->ts >= ts;
}

/* Describes all hooks.  'a' may be NULL: then nothing is attached. */
void
attach_get_hooks(const struct attachment *a,
                 struct attach_hook hooks[UPCALL_N_HOOKS])
{
    struct upcall_counts counts;

    if (a) {
        attach_get_counts(a, &counts);
    }
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        get_hook(a, i, &counts, &hooks[i]);
    }
}

/* Returns the memory of the maps of 'a' in the kernel, in bytes. */
size_t
attach_get_memory(const struct attachment *a)
{
    return (a->n_slots * (a->slot_size + sizeof(uint64_t)) + a->buffer
            + a->n_handlers * (a->slot_size + sizeof *a->handlers)
            + sizeof *a->skel->bss
            + bpf_map__max_entries(a->skel->maps.samples));
}
