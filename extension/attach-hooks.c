/* SPDX-License-Identifier: Apache-2.0 */

/* What the hooks have counted: the third part of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

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
    c->undecided = __atomic_load_n(&a->skel->bss->filter_undecided,
                                   __ATOMIC_SEQ_CST);
    if (a->packet) {
        c->undecided += __atomic_load_n(&a->packet->bss->filter_undecided,
                                        __ATOMIC_SEQ_CST);
    }
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
uint64_t
attach_program_missed(const struct bpf_program *prog)
{
    struct bpf_prog_info info;

    get_program_info(prog, &info);
    return info.recursion_misses;
}

/* Adds what the kernel has counted for each program of 'object' that is loaded
 * to the 'n' 'runs'.  Returns how many they are then. */
static size_t
add_runs(const struct bpf_object *object,
         struct attach_run runs[ATTACH_RUNS_MAX], size_t n)
{
    struct bpf_program *prog;

    bpf_object__for_each_program (prog, object) {
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

/* Stores in 'runs' what the kernel has counted for each program that is
 * loaded, always in the same order.  It counts only while the statistic
 * BPF_STATS_RUN_TIME is enabled.  Returns how many programs there are. */
size_t
attach_get_runs(const struct attachment *a,
                struct attach_run runs[ATTACH_RUNS_MAX])
{
    size_t n = add_runs(a->skel->obj, runs, 0);

    return a->packet ? add_runs(a->packet->obj, runs, n) : n;
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
    attach_get_programs(a->skel, hook, &p);
    kprobe = attach_uses_kprobe(&p, a->mode);
    if (!p.is_usdt
        || (attach_has_usdt(a) && attach_uses_probe(hook, a->all_probes))) {
        h->kind = kprobe ? p.kprobe_kind : p.trampoline_kind;
    }
    h->missed = attach_program_missed(kprobe ? p.by_kprobe : p.by_trampoline);
    if (p.twin && bpf_program__autoload(p.twin)) {
        h->missed = MIN(h->missed, attach_program_missed(p.twin));
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
    uint64_t prog = attach_program_missed(kprobe ? p->by_kprobe
                                          : p->by_trampoline);
    uint64_t twin = p->twin ? attach_program_missed(p->twin) : 0;
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
        attach_get_programs(a->skel, hook, &p);
        note_missed(m, &p, attach_uses_kprobe(&p, a->mode), now);
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
            + a->n_unread * sizeof(struct upcall_unread)
            + sizeof *a->skel->bss
            + bpf_map__max_entries(a->skel->maps.samples)
            + attach_packet_get_memory(a));
}
