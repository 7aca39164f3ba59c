/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_WATCH_PRIVATE_H
#define LIB_WATCH_PRIVATE_H 1

/* What the files of watch share. */

#include "openvswitch/hmap.h"
#include "record/pass.h"
#include "store/pass-stats.h"
#include "store/upcall-stats.h"
#include "store/watch.h"

struct histogram;
struct stats_handler;

/* Records that the daemon has dropped for some cause. */
struct watch_drop {
    uint64_t total;             /* So many, the daemon says, */
    uint64_t base;              /* of them, before the start, */
    uint64_t last;              /* before the interval. */
};

/* Threads that receive upcalls, and their sockets. */
struct watch_receivers {
    thread_cpu_func *get_cpu;
    void *aux;
    struct hmap threads;        /* Of struct watch_thread. */
    struct hmap sockets;        /* Of struct watch_socket. */
    struct watch_thread *last_thread;   /* To find them quickly, or NULL. */
    struct watch_socket *last_socket;
};

struct watch {
    enum watch_state state;
    uint64_t since;             /* When counting began, CLOCK_MONOTONIC, ns. */
    uint64_t from;              /* When the interval began. */
    uint64_t seq;               /* Of the interval. */

    /* Upcalls and passes since the start, and in the interval.  NULL before
     * the first trace, those of passes before the first pass. */
    const struct port_map *ports;
    struct upcall_stats *all, *now;
    struct pass_stats *all_passes, *now_passes;

    struct watch_count missed, damaged;
    bool knows_dropped;
    struct watch_drop dropped[UPCALL_N_DROPS];
    struct watch_drop pass_dropped[PASS_N_DROPS];
    struct watch_receivers receivers;
};

void watch_times_set(struct watch_times *, const struct histogram *);

/* Rows: watch-rows.c. */
struct watch_row *watch_table_add(struct watch_table *, char *name);
void watch_table_clear(struct watch_table *);
void watch_fill_tables(struct watch *, struct watch_figures *);

/* Threads that receive upcalls: watch-receivers.c. */
void watch_receivers_init(struct watch_receivers *, thread_cpu_func *,
                          void *aux);
void watch_receivers_destroy(struct watch_receivers *);
void watch_receivers_count(struct watch_receivers *,
                           const struct upcall_record *);
void watch_receivers_reset(struct watch_receivers *);
void watch_receivers_skip(struct watch_receivers *);
void watch_receivers_fill(struct watch_receivers *, struct watch_table *);

#endif /* lib/store/watch-private.h */
