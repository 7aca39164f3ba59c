/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_ATTACH_H
#define EXTENSION_ATTACH_H 1

/* The BPF programs: loading, attaching, and what they share with us. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bpf/pass-record.h"
#include "bpf/upcall-record.h"
#include "bpf/vswitchd-record.h"

struct attachment;
struct filter;

/* Which variant of the programs to use.  They are tried in this order, and
 * the first that the kernel takes is kept: what a kernel can do is found by
 * trying, not from its version. */
enum attach_mode {
    ATTACH_FENTRY,              /* All by trampoline. */
    ATTACH_MIXED,               /* Those in the module by kprobe, for a module
                                 * without BTF. */
    ATTACH_KPROBE,              /* All by kprobe. */
    ATTACH_N_MODES
};

struct attach_config {
    uint32_t snaplen;           /* Packet bytes to keep. */
    uint64_t buffer;            /* Bytes of the ring buffer, a power of 2. */
    uint32_t netns;             /* Inode of the network namespace. */
    bool full;                  /* See attach_usdt(). */
    bool all_probes;            /* With those that tell a time only. */
    uint32_t classes;           /* Bit (1 << enum upcall_class), or all. */
    bool choose_ports;          /* See attach_choose_ports(). */
    bool datapath;              /* Record the passes of packets as well, */
    bool executed;              /* and which actions are executed. */
    uint32_t sample;            /* Of those packets, one in so many. */
    uint32_t modes;             /* Bit (1 << enum attach_mode) for each that
                                 * is tried; 0 for all. */
    const struct filter *filter;        /* Which packets, NULL for all. */
    bool quiet;                 /* Log only for debugging why the kernel does
                                 * not take the programs. */
};

/* How a hook is attached. */
struct attach_hook {
    const char *name;           /* Kernel function, tracepoint, USDT probe. */
    const char *where;          /* "entry", "exit", "tracepoint", "usdt". */
    const char *kind;           /* "fentry", "kprobe", ...; NULL if not. */
    uint64_t hits;              /* Runs that concerned an upcall. */
    uint64_t missed;            /* Runs that the kernel skipped, at most: the
                                 * twin of the program may have been run. */
    uint64_t unmatched;         /* Puts or executes of a handler that belong
                                 * to no upcall that is followed. */
};

/* What a program costs. */
struct attach_run {
    char name[32];
    uint32_t instructions;      /* Of the program. */
    uint32_t verified;          /* Instructions that the verifier went through;
                                 * 0 if unknown (before Linux 5.16). */

    /* As far as the kernel was asked to count that. */
    uint64_t count;             /* How often it ran. */
    uint64_t time;              /* How long that took, in ns. */
};

/* Most programs that are loaded. */
#define ATTACH_RUNS_MAX 48

/* Sums of the counters of all CPUs. */
struct attach_counters {
    uint64_t misses, losses;    /* Packets that no flow matched, and whose
                                 * upcalls failed. */
    uint64_t seen;              /* Upcalls that were chosen. */
    uint64_t undecided;         /* Packets that were chosen since the filter
                                 * could not read what it had to know. */
    uint64_t produced;          /* Records completed, sent or not. */
    uint64_t dropped[UPCALL_N_DROPS];
};

/* The same for passes. */
struct attach_pass_counters {
    uint64_t produced;
    uint64_t dropped[PASS_N_DROPS];
};

const char *attach_mode_name(enum attach_mode);

typedef void attach_record_cb(const void *record, size_t size, void *aux);
typedef void attach_sample_cb(const struct vswitchd_sample *, void *aux);

char *attach_create(const struct attach_config *, attach_record_cb *,
                    attach_sample_cb *, void *aux, struct attachment **);
void attach_enable(struct attachment *);
void attach_detach(struct attachment *);
void attach_destroy(struct attachment *);

void attach_set_ends_visible(struct attachment *, bool);
void attach_set_netns(struct attachment *, uint32_t netns);
bool attach_choose_ports(struct attachment *,
                         const struct upcall_port_key *, size_t n);

bool attach_consume(struct attachment *);
bool attach_was_woken(struct attachment *);
void attach_wait(struct attachment *);

int attach_n_cpus(const struct attachment *);
void attach_get_counters(const struct attachment *, struct attach_counters *);
void attach_get_counts(const struct attachment *, struct upcall_counts *);
void attach_get_hooks(const struct attachment *,
                      struct attach_hook hooks[UPCALL_N_HOOKS]);
size_t attach_get_runs(const struct attachment *,
                       struct attach_run runs[ATTACH_RUNS_MAX]);
void attach_look_for_missed(struct attachment *);
bool attach_missed_since(struct attachment *, enum upcall_hook, uint64_t ts);
int attach_doubt_outcome(struct attachment *, const struct upcall_record *,
                         int outcome);
size_t attach_get_memory(const struct attachment *);

/* Passes of packets, if they are recorded. */
bool attach_has_passes(const struct attachment *);
bool attach_sees_pages(const struct attachment *);
const struct kernel_layout *attach_get_layout(const struct attachment *);
void attach_get_pass_counters(const struct attachment *,
                              struct attach_pass_counters *);
size_t attach_get_pass_hooks(const struct attachment *,
                             struct attach_hook hooks[PASS_N_HOOKS]);

/* USDT probes of ovs-vswitchd.  Those that are hit for each flow of each dump
 * are left alone while there are more flows than this: each hit costs a
 * revalidator about a microsecond, and a dump that takes longer has
 * ovs-vswitchd allow fewer flows. */
#define ATTACH_MAX_FLOWS 10000

char *attach_usdt(struct attachment *, pid_t);
void attach_follow_flows(struct attachment *, pid_t);
bool attach_has_usdt(const struct attachment *);
void attach_forget_usdt(struct attachment *);
void attach_get_vswitchd_counts(const struct attachment *,
                                struct vswitchd_counts *);
uint64_t attach_get_loop_start(const struct attachment *);
bool attach_has_vswitchd_probe(const struct attachment *, enum vswitchd_probe);

/* Handler threads, see bpf/handler.bpf.h, and slots, see bpf/slot.bpf.h, for
 * sweep.c. */
size_t attach_n_places(const struct attachment *);
struct upcall_handler *attach_handler_at(const struct attachment *,
                                         size_t place);
struct upcall_handler *attach_get_handler(const struct attachment *,
                                          uint32_t tid);
void attach_handler_is_gone(struct attachment *, struct upcall_handler *);

size_t attach_n_slots(const struct attachment *);
bool attach_slots_are_free(const struct attachment *, size_t slot);
unsigned long long *attach_slot_key(struct attachment *, size_t slot);
const struct upcall_record *attach_slot_read(struct attachment *, size_t slot,
                                             size_t *sizep);

#endif /* extension/attach.h */
