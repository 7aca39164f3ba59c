/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_STATS_H
#define LIB_UPCALL_STATS_H 1

/* Statistics of upcalls, kept as their records arrive.
 *
 * What is kept is exact in its counts; times are as exact as histogram.h says.
 * The memory is bounded: of ports, handlers and sockets, those of the latest
 * records are kept, what others had is in a sum.  While more ports than are
 * kept have upcalls, those with many of them are. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "record/record.h"
#include "store/stats-item.h"
#include "store/stats-ports.h"
#include "store/stats-rates.h"

struct port_map;

/* Most handlers and sockets that are kept, and errors of a socket. */
#define STATS_MAX_HANDLERS 1024
#define STATS_MAX_SOCKETS 1024
#define STATS_MAX_ERRORS 8

/* Outcomes, of which the last is UPCALL_OUTCOME_UNKNOWN, and classes, of which
 * the last is none. */
#define STATS_N_OUTCOMES (UPCALL_N_OUTCOMES + 1)
#define STATS_N_CLASSES (UPCALL_N_CLASSES + 1)

/* Upcalls that have something in common. */
struct stats_group {
    uint64_t outcomes[STATS_N_OUTCOMES];        /* How many. */
    struct histogram total;     /* UPCALL_STAGE_TOTAL, ns. */
};

extern const struct stats_group_class upcall_stats_group_class;

/* Those that a handler received. */
struct stats_handler {
    struct stats_item item;
    uint32_t tid, tgid;
    char comm[UPCALL_COMM_LEN];
    struct stats_group group;
    struct histogram queue;     /* UPCALL_STAGE_QUEUE, ns. */

    /* Batches that were counted. */
    uint32_t last_batch;        /* Latest one. */
    uint64_t batches;           /* Bit N: 'last_batch' - N was counted. */
    uint16_t sizes[64];         /* As what, by number modulo 64. */

    uint32_t portid;            /* Of the socket last received from. */
};

/* Those that were lost on the way to a socket, by errno. */
struct stats_error {
    int error;                  /* Positive; 0 if unknown or one of many. */
    uint64_t n;
};

struct stats_socket {
    struct stats_item item;
    uint32_t portid;
    uint32_t tid, tgid;         /* Handler that received from it last, 0 if */
    char comm[UPCALL_COMM_LEN]; /* unknown. */
    uint64_t lost;
    struct stats_error errors[STATS_MAX_ERRORS];
    size_t n_errors;
};

/* Larger batches are counted as this large: more messages than fit into the
 * queue of a handler's socket. */
#define STATS_BATCH_MAX 16384

struct upcall_stats {
    const struct port_map *port_map;

    uint64_t count;             /* Records. */
    struct histogram stages[UPCALL_N_STAGES];   /* For
                                                 * upcall_stats_get_stage(). */
    struct histogram totals[STATS_N_CLASSES][STATS_N_OUTCOMES];
    uint64_t counts[STATS_N_CLASSES][STATS_N_OUTCOMES];

    struct stats_ports ports;   /* With a struct stats_group. */

    struct hmap handlers;       /* Of struct stats_handler. */
    struct ovs_list handlers_by_use;
    struct stats_group past_handlers;
    struct histogram past_queue;
    uint64_t n_past_handlers;

    struct hmap sockets;        /* Of struct stats_socket. */
    struct ovs_list sockets_by_use;
    uint64_t past_sockets_lost;
    uint64_t n_past_sockets;

    uint64_t n_batches;
    uint64_t batches[STATS_BATCH_MAX + 1]; /* By number of upcalls; the last
                                             * also counts larger ones. */

    struct stats_rates rates;

    struct stats_handler *last_handler; /* To find it quickly, or NULL. */
};

struct upcall_stats *upcall_stats_create(const struct port_map *);
void upcall_stats_destroy(struct upcall_stats *);
void upcall_stats_clear(struct upcall_stats *);
void upcall_stats_add(struct upcall_stats *, const struct upcall_record *);

const char *upcall_stats_dp_name(const struct upcall_stats *,
                                 uint32_t dp_ifindex, uint64_t ts);

void upcall_stats_get_stage(const struct upcall_stats *, enum upcall_stage,
                            struct histogram *);
uint64_t upcall_stats_lost(const struct upcall_stats *);

#endif /* lib/store/upcall-stats.h */
