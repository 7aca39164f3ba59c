/* SPDX-License-Identifier: Apache-2.0 */

/* Which program is at which hook, for the other parts of attach.h. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>

#include "openvswitch/util.h"
#include "util.h"

/* Stores in '*p' the programs of 'hook'. */
void
attach_get_programs(const struct upcall_bpf *skel, enum upcall_hook hook,
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

/* Returns true if 'mode' has the programs 'p' attached by kprobe. */
bool
attach_uses_kprobe(const struct hook_progs *p, enum attach_mode mode)
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

/* Returns the program for 'probe', and stores in '*argsp' which arguments it
 * needs, as bits. */
struct bpf_program *
attach_vswitchd_program(const struct upcall_bpf *skel,
                        enum vswitchd_probe probe, uint32_t *argsp)
{
    switch (probe) {
#define X(ENUM, PROGRAM, NAME, ARGS)            \
    case VSWITCHD_PROBE_##ENUM:                 \
        *argsp = ARGS;                          \
        return skel->progs.vswitchd_##PROGRAM;
    VSWITCHD_PROBES
#undef X
    case VSWITCHD_N_PROBES:
    default:
        OVS_NOT_REACHED();
    }
}

/* Has 'skel', which is not loaded yet, load the programs for VSWITCHD_PROBES
 * if 'full'. */
static void
choose_vswitchd_programs(struct upcall_bpf *skel, bool full)
{
    for (int i = 0; i < VSWITCHD_N_PROBES; i++) {
        uint32_t args;

        bpf_program__set_autoload(attach_vswitchd_program(skel, i, &args),
                                  full);
    }
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

        attach_get_programs(skel, i, &p);
        kprobe = attach_uses_kprobe(&p, mode);
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
    choose_vswitchd_programs(skel, config->full);
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

        attach_get_programs(a->skel, hooks[i], &p);
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

    attach_get_programs(a->skel, hook, &p);
    *argsp = p.usdt_args;
    return p.by_kprobe;
}
