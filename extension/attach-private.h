/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_ATTACH_PRIVATE_H
#define EXTENSION_ATTACH_PRIVATE_H 1

/* What the files that implement attach.h share.  Each uses only those below
 * it:
 *
 *   attach.c           loading, attaching, and the ring buffer
 *   attach-hooks.c     what the hooks have counted
 *   attach-packet.c    the programs of bpf/packet.bpf.c
 *   attach-ports.c     which upcalls are recorded
 *   attach-filter.c    which packets, see attach-filter.h
 *   attach-usdt.c      USDT probes
 *   attach-state.c     handler threads and slots
 *   attach-programs.c  which program is at which hook
 *   attach-btf.c       where the functions are that have hooks
 */

#include "attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/packet.skel.h"
#include "bpf/upcall.skel.h"
#include "bpf/vswitchd-record.h"
#include "openvswitch/vlog.h"
#include "record/kernel-actions.h"

struct uprobes;

/* USDT probes that are attached together. */
enum usdt_group {
    USDT_UPCALLS,               /* Those in UPCALL_HOOKS. */
    USDT_VSWITCHD,              /* Those in VSWITCHD_PROBES, but for */
    USDT_FLOWS,                 /* those for each flow. */
    USDT_N_GROUPS
};

/* For attach_missed_since(). */
struct attach_missed {
    uint64_t prog, twin;        /* What the kernel had counted of either */
    uint64_t checked_ts;        /* then, CLOCK_MONOTONIC, ns, */
    uint64_t prog_before;       /* and what at the look before. */
    uint64_t twin_before;
    uint64_t ts;                /* When a run was noticed that both had
                                 * missed; 0 if never. */
};

struct attachment {
    struct upcall_bpf *skel;
    struct packet_bpf *packet;          /* NULL without --datapath. */
    enum attach_mode mode;
    struct ring_buffer *ring;
    struct ring_buffer *samples;
    attach_record_cb *cb;
    attach_sample_cb *sample_cb;
    void *aux;

    size_t n_slots;
    size_t slot_size;
    size_t n_handlers;                  /* Places for handler threads. */
    size_t n_unread;                    /* Of these, can keep messages. */
    uint64_t buffer;
    int n_cpus;
    bool all_probes;                    /* See attach_uses_probe(). */
    struct upcall_bucket *buckets;      /* Shared with the kernel. */
    struct upcall_handler *handlers;    /* Likewise. */
    struct pass_cpu *pass_cpus;         /* Likewise; NULL without
                                         * --datapath. */
    bool executed;                      /* With --datapath=actions. */
    struct kernel_layout layout;        /* Nothing without --datapath. */
    void *slot;                         /* For attach_slot_read(). */
    size_t n_consumed;                  /* By this attach_consume(), */
    uint64_t consume_ts;                /* which began then, ns. */
    bool sleeps;                        /* Was attach_wait() called? */

    struct upcall_counts past;          /* What handler threads that are gone
                                         * have counted. */
    struct attach_missed missed[UPCALL_N_HOOKS];
    struct uprobes *usdt[USDT_N_GROUPS];        /* NULL if not attached. */
    long long int flows_after;  /* No attaching to USDT_FLOWS before this, of
                                 * time_msec(). */
};

/* attach-packet.c. */
void attach_packet_configure(struct attachment *,
                             const struct attach_config *);
int attach_packet_load(struct attachment *, const struct attach_config *);
int attach_packet_attach(struct attachment *);
void attach_packet_enable(struct attachment *, bool);
void attach_packet_close(struct attachment *);
const char *attach_packet_why_not(void);
size_t attach_packet_get_memory(const struct attachment *);
void *attach_map_shared(const struct bpf_map *, size_t size);
void attach_unmap_shared(void *, size_t size);

/* attach-hooks.c. */
uint64_t attach_program_missed(const struct bpf_program *);

/* attach-ports.c. */
void attach_configure_unread(struct attachment *,
                             const struct attach_config *);
void attach_expect_unseen(struct attachment *);

/* attach-btf.c. */
extern enum vlog_level attach_failure_level;
void attach_btf_open(void);
void attach_btf_get_layout(struct kernel_layout *);
void attach_btf_check_layout(const struct kernel_layout *);
bool attach_btf_has(const struct bpf_program *);
bool attach_btf_has_kfunc(const char *name);
void attach_btf_close(void);

/* attach-programs.c: the programs of a hook. */
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

void attach_get_programs(const struct upcall_bpf *, enum upcall_hook,
                         struct hook_progs *);
bool attach_uses_kprobe(const struct hook_progs *, enum attach_mode);
bool attach_uses_probe(enum upcall_hook, bool all);
struct bpf_program *attach_usdt_program(const struct attachment *,
                                        enum upcall_hook, uint32_t *argsp);
struct bpf_program *attach_vswitchd_program(const struct upcall_bpf *,
                                            enum vswitchd_probe,
                                            uint32_t *argsp);
void attach_choose_programs(struct upcall_bpf *, enum attach_mode,
                            bool twins, const struct attach_config *);
int attach_join_twins(const struct attachment *);

#endif /* extension/attach-private.h */
