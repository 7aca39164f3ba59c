/* SPDX-License-Identifier: Apache-2.0 */

/* The programs of bpf/packet.bpf.c, which see each packet in the datapath:
 * part of attach.h.  They are loaded only if asked for, and use maps of those
 * of bpf/upcall.bpf.c. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attach-filter.h"
#include "openvswitch/util.h"
#include "record/kernel-actions.h"
#include "record/pass.h"
#include "util.h"

/* A quarter of the ring buffer is left to upcalls. */
#define PASS_SHARE(BUFFER) ((BUFFER) / 4 * 3)

/* The kernel has the BTF of the module here, if there is any. */
#define MODULE_BTF "/sys/kernel/btf/openvswitch"

static const struct {
    enum pass_hook hook;
    bool needed;                /* Are they needed for --datapath=actions? */
} executed_hooks[] = {
    { PASS_HOOK_ACTION, true },
    { PASS_HOOK_CT, false },
    { PASS_HOOK_METER, false },
    { PASS_HOOK_ACTIONS_RETURN, true },
    { PASS_HOOK_PROCESS_RETURN, true },
    { PASS_HOOK_DROP, false },
};

static struct bpf_program *get_program(const struct packet_bpf *,
                                       enum pass_hook);
static struct bpf_program *get_twin(const struct packet_bpf *, enum pass_hook);

static size_t
pass_slot_size(const struct upcall_bpf *skel)
{
    return ROUND_UP(PASS_SLOT_SIZE(skel->rodata->snap_max), 8);
}

static size_t
pass_cpus_size(const struct attachment *a)
{
    return ROUND_UP(a->n_cpus * sizeof(struct pass_cpu), getpagesize());
}

/* Has the programs for upcalls of 'a', which are not loaded yet, know whether
 * passes are recorded. */
void
attach_packet_configure(struct attachment *a,
                        const struct attach_config *config)
{
    struct upcall_bpf *skel = a->skel;

    skel->rodata->passes = config->datapath;
    skel->rodata->executed = config->executed;
    if (!config->datapath) {
        return;
    }
    skel->rodata->pass_share = PASS_SHARE(a->buffer);
    bpf_map__set_max_entries(skel->maps.pass_cpus, a->n_cpus);
    bpf_map__set_max_entries(skel->maps.pass_slots,
                             a->n_cpus * PASS_SLOTS_PER_CPU(config->executed));
    bpf_map__set_value_size(skel->maps.pass_slots, pass_slot_size(skel));
}

/* Sets what 'packet', which is not loaded yet, has to know.  Returns 0 or a
 * positive errno value. */
static int
configure(struct packet_bpf *packet, const struct attachment *a,
          const struct attach_config *config)
{
    const struct upcall_bpf *skel = a->skel;

    packet->rodata->snap_max = skel->rodata->snap_max;
    packet->rodata->stacks_apart = skel->rodata->stacks_apart;
    packet->rodata->n_cpus = skel->rodata->n_cpus;
    packet->rodata->vmemmap = skel->rodata->vmemmap;
    packet->rodata->page_offset = skel->rodata->page_offset;
    packet->rodata->page_size = skel->rodata->page_size;
    packet->rodata->choose_ports = config->choose_ports;
    packet->rodata->passes = true;
    packet->rodata->executed = config->executed;
    packet->rodata->pass_share = skel->rodata->pass_share;
    packet->rodata->sample_every = MAX(config->sample, 1);
    packet->rodata->filter_bytes = skel->rodata->filter_bytes;
    packet->rodata->can_cast = skel->rodata->can_cast;
    kernel_layout_get_pointers(&a->layout, &packet->rodata->pointers);
    packet->bss->target_netns = config->netns;
    return attach_filter_put(config->filter, packet->progs.pass_begin);
}

/* Chooses which programs of 'packet' are to be loaded: twins only if 'twins',
 * those that see what is executed only if 'executed', and those of them that
 * are not needed only if the kernel has what they are attached to. */
static void
choose_programs(struct packet_bpf *packet, bool executed, bool twins)
{
    for (int i = 0; i < PASS_N_HOOKS; i++) {
        struct bpf_program *twin = get_twin(packet, i);

        if (twin) {
            bpf_program__set_autoload(twin, twins);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(executed_hooks); i++) {
        struct bpf_program *prog = get_program(packet, executed_hooks[i].hook);

        bpf_program__set_autoload(
            prog, executed && (executed_hooks[i].needed
                               || attach_btf_has(prog)));
    }
}

/* Has 'packet', which is not loaded yet, use the maps of 'skel', which is.
 * Returns 0 or a positive errno value. */
static int
share_maps(struct packet_bpf *packet, const struct upcall_bpf *skel)
{
#define SHARE(MAP)                                                      \
    bpf_map__reuse_fd(packet->maps.MAP, bpf_map__fd(skel->maps.MAP))
    int error = SHARE(ring);

    error = error ? error : SHARE(ports);
    error = error ? error : SHARE(pass_cpus);
    error = error ? error : SHARE(pass_slots);
    error = error ? error : SHARE(pass_executes);
#undef SHARE
    return -error;
}

/* Loads the programs, after those for upcalls of 'a'.  Returns 0 or a positive
 * errno value. */
int
attach_packet_load(struct attachment *a, const struct attach_config *config)
{
    int error;

    a->packet = packet_bpf__open();
    if (!a->packet) {
        return errno;
    }
    a->executed = config->executed;
    choose_programs(a->packet, config->executed, a->skel->rodata->twins);
    error = configure(a->packet, a, config);
    if (!error) {
        error = share_maps(a->packet, a->skel);
    }
    if (!error) {
        error = -packet_bpf__load(a->packet);
    }
    if (!error) {
        a->pass_cpus = attach_map_shared(a->skel->maps.pass_cpus,
                                         pass_cpus_size(a));
        error = a->pass_cpus ? 0 : errno;
    }
    return error;
}

/* Attaches the programs, after those for upcalls: of two at the same place,
 * the kernel runs the one first that was attached last (hlist_add_head() in
 * __bpf_trampoline_link_prog() of kernel/bpf/trampoline.c, Linux 6.1 to 7.2).
 * So that for executes has told of it when the one for upcalls finds out whose
 * it is; otherwise, that would be unknown.  Returns 0 or a positive errno
 * value. */
int
attach_packet_attach(struct attachment *a)
{
    return -packet_bpf__attach(a->packet);
}

/* Has the programs, if there are any, record passes or not. */
void
attach_packet_enable(struct attachment *a, bool enable)
{
    if (!a->packet) {
        return;
    }
    __atomic_store_n(&a->packet->bss->enabled, enable, __ATOMIC_SEQ_CST);
    if (!enable) {
        packet_bpf__detach(a->packet);
    }
}

/* Unloads the programs, if there are any. */
void
attach_packet_close(struct attachment *a)
{
    attach_unmap_shared(a->pass_cpus, pass_cpus_size(a));
    a->pass_cpus = NULL;
    packet_bpf__destroy(a->packet);
    a->packet = NULL;
}

/* Returns NULL if passes can be recorded here as far as is known without
 * trying, otherwise why not, and what to do. */
const char *
attach_packet_why_not(void)
{
    return (!access(MODULE_BTF, R_OK) ? NULL
            : "the module openvswitch has no BTF (" MODULE_BTF "): use the "
              "kernel of a distribution, or build it with "
              "CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

/* Returns the memory of the maps for passes in the kernel, in bytes. */
size_t
attach_packet_get_memory(const struct attachment *a)
{
    return (!a->packet ? 0
            : (pass_cpus_size(a)
               + a->n_cpus * PASS_SLOTS_PER_CPU(a->executed)
                  * pass_slot_size(a->skel)
               + sizeof *a->packet->bss));
}

/* Returns true if passes are recorded. */
bool
attach_has_passes(const struct attachment *a)
{
    return a->packet != NULL;
}

/* Returns how the kernel lays out the actions of flows, as far as it says
 * that. */
const struct kernel_layout *
attach_get_layout(const struct attachment *a)
{
    return &a->layout;
}

/* Adds up the counters of all CPUs. */
void
attach_get_pass_counters(const struct attachment *a,
                         struct attach_pass_counters *c)
{
    memset(c, 0, sizeof *c);
    for (int i = 0; a->packet && i < a->n_cpus; i++) {
        const struct pass_cpu *pc = &a->pass_cpus[i];

        c->produced += __atomic_load_n(&pc->produced, __ATOMIC_SEQ_CST);
        for (int j = 0; j < PASS_N_DROPS; j++) {
            c->dropped[j] += __atomic_load_n(&pc->dropped[j],
                                             __ATOMIC_SEQ_CST);
        }
    }
}

static struct bpf_program *
get_program(const struct packet_bpf *packet, enum pass_hook hook)
{
    switch (hook) {
    case PASS_HOOK_PROCESS:
        return packet->progs.pass_begin;
    case PASS_HOOK_LOOKUP:
        return packet->progs.pass_lookup;
    case PASS_HOOK_EXECUTE:
        return packet->progs.pass_execute_begin;
    case PASS_HOOK_EXECUTE_RETURN:
        return packet->progs.pass_execute_end;
    case PASS_HOOK_NEW_DATAPATH:
        return packet->progs.pass_new_datapath;
    case PASS_HOOK_ACTION:
        return packet->progs.pass_action;
    case PASS_HOOK_CT:
        return packet->progs.pass_ct;
    case PASS_HOOK_METER:
        return packet->progs.pass_meter;
    case PASS_HOOK_ACTIONS_RETURN:
        return packet->progs.pass_actions_end;
    case PASS_HOOK_PROCESS_RETURN:
        return packet->progs.pass_end;
    case PASS_HOOK_DROP:
        return packet->progs.pass_drop;
    case PASS_N_HOOKS:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the twin of the program at 'hook' (bpf/twin.bpf.h), NULL if it has
 * none: at the others, no thread can be preempted, but at that for a new
 * datapath, of which there are few. */
static struct bpf_program *
get_twin(const struct packet_bpf *packet, enum pass_hook hook)
{
    return (hook == PASS_HOOK_EXECUTE ? packet->progs.pass_execute_twin
            : hook == PASS_HOOK_EXECUTE_RETURN
            ? packet->progs.pass_execute_end_twin : NULL);
}

/* Returns how a program at 'where' is attached. */
static const char *
get_kind(const char *where)
{
    return (!strcmp(where, "exit") ? "fexit"
            : !strcmp(where, "tracepoint") ? "tp_btf" : "fentry");
}

/* Describes the hooks of the programs, and returns how many are wanted: 0 if
 * passes are not recorded. */
size_t
attach_get_pass_hooks(const struct attachment *a,
                      struct attach_hook hooks[PASS_N_HOOKS])
{
    size_t n = (!a->packet ? 0
                : a->executed ? PASS_N_HOOKS : PASS_FIRST_EXECUTED_HOOK);

    for (size_t i = 0; i < n; i++) {
        const struct bpf_program *prog = get_program(a->packet, i);
        const struct bpf_program *twin = get_twin(a->packet, i);
        struct attach_hook *h = &hooks[i];

        memset(h, 0, sizeof *h);
        h->name = pass_hook_name(i);
        h->where = pass_hook_where(i);
        if (bpf_program__fd(prog) < 0) {
            continue;           /* The kernel has no such function. */
        }
        h->kind = get_kind(h->where);
        h->missed = attach_program_missed(prog);
        if (twin && bpf_program__autoload(twin)) {
            h->missed = MIN(h->missed, attach_program_missed(twin));
        }
        for (int j = 0; j < a->n_cpus; j++) {
            h->hits += a->pass_cpus[j].hits[i];
        }
    }
    return n;
}
