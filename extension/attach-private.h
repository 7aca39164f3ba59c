/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_ATTACH_PRIVATE_H
#define EXTENSION_ATTACH_PRIVATE_H 1

/* What the files that implement attach.h share:
 *
 *   attach.c           loading, attaching, and the ring buffer
 *   attach-btf.c       where the functions are that have hooks
 *   attach-hooks.c     which program is at which hook, and what they count
 *   attach-state.c     handler threads and slots
 *   attach-usdt.c      USDT probes
 */

#include "attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/upcall.skel.h"
#include "bpf/vswitchd-record.h"
#include "openvswitch/vlog.h"

struct usdt_attachment;

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
    enum attach_mode mode;
    struct ring_buffer *ring;
    struct ring_buffer *samples;
    attach_record_cb *cb;
    attach_sample_cb *sample_cb;
    void *aux;

    size_t n_slots;
    size_t slot_size;
    size_t n_handlers;                  /* Places for handler threads. */
    uint64_t buffer;
    int n_cpus;
    bool all_probes;                    /* See attach_uses_probe(). */
    struct upcall_bucket *buckets;      /* Shared with the kernel. */
    struct upcall_handler *handlers;    /* Likewise. */
    void *slot;                         /* For attach_slot_read(). */
    size_t n_consumed;                  /* By this attach_consume(), */
    uint64_t consume_ts;                /* which began then, ns. */
    bool sleeps;                        /* Was attach_wait() called? */

    struct upcall_counts past;          /* What handler threads that are gone
                                         * have counted. */
    struct attach_missed missed[UPCALL_N_HOOKS];
    struct usdt_attachment *usdt[USDT_N_GROUPS];        /* NULL if not
                                                         * attached. */
    long long int flows_after;  /* No attaching to USDT_FLOWS before this, of
                                 * time_msec(). */
};

/* attach.c. */
extern enum vlog_level attach_failure_level;

/* attach-btf.c. */
void attach_btf_open(void);
void attach_btf_close(void);

/* attach-hooks.c. */
void attach_choose_programs(struct upcall_bpf *, enum attach_mode,
                            bool twins, const struct attach_config *);
bool attach_uses_probe(enum upcall_hook, bool all);
int attach_join_twins(const struct attachment *);
struct bpf_program *attach_usdt_program(const struct attachment *,
                                        enum upcall_hook, uint32_t *argsp);
void attach_add_counts(struct upcall_counts *, const struct upcall_counts *);

/* attach-usdt.c. */
void attach_choose_vswitchd_programs(struct upcall_bpf *, bool full);

#endif /* extension/attach-private.h */
