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

struct port_map;

/* Most ports, handlers and sockets that are kept, and errors of a socket. */
#define STATS_MAX_PORTS 1024
#define STATS_MAX_HANDLERS 1024
#define STATS_MAX_SOCKETS 1024
#define STATS_MAX_ERRORS 8

/* Outcomes, of which the last is UPCALL_OUTCOME_UNKNOWN, and classes, of which
 * the last is none. */
#define STATS_N_OUTCOMES (UPCALL_N_OUTCOMES + 1)
#define STATS_N_CLASSES (UPCALL_N_CLASSES + 1)

/* Seconds for which upcalls are counted one by one. */
#define STATS_SECONDS 64

/* Upcalls that have something in common. */
struct stats_group {
    uint64_t outcomes[STATS_N_OUTCOMES];        /* How many. */
    struct histogram total;     /* UPCALL_STAGE_TOTAL, ns. */
};

/* A port, handler or socket. */
struct stats_item {
    struct hmap_node node;
    struct ovs_list use_node;   /* Those used last are at the end. */
    uint64_t last_ts;           /* Of the latest upcall, CLOCK_MONOTONIC. */
};

/* Those that came from a port. */
struct stats_port {
    struct stats_item item;
    bool known;                 /* If not, all of the following are 0. */
    uint32_t dp_ifindex, port_no;
    char *name;                 /* NULL if unknown. */
    struct stats_group group;
};

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

/* What happened in a second of CLOCK_MONOTONIC. */
struct stats_second {
    uint64_t second;
    uint64_t upcalls;
    uint64_t lost;              /* Of these. */
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

    struct hmap ports;          /* Of struct stats_port. */
    struct ovs_list ports_by_use;
    struct stats_group past_ports;      /* Those that are not kept. */
    uint64_t n_past_ports;      /* How often one was forgotten. */
    unsigned int n_not_kept;    /* Upcalls of ports that are not kept, since
                                 * one of them was last taken in. */

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

    struct stats_second seconds[STATS_SECONDS];

    /* To find ports and handlers quickly. */
    struct stats_port_cache *port_cache;
    struct stats_handler *last_handler; /* Or NULL. */
};

struct upcall_stats *upcall_stats_create(const struct port_map *);
void upcall_stats_destroy(struct upcall_stats *);
void upcall_stats_clear(struct upcall_stats *);
void upcall_stats_add(struct upcall_stats *, const struct upcall_record *);

const char *upcall_stats_dp_name(const struct upcall_stats *,
                                 uint32_t dp_ifindex, uint64_t ts);

/* The times over which rates are shown, in seconds. */
#define STATS_N_RATES 3
extern const unsigned int stats_rate_seconds[STATS_N_RATES];

/* Upcalls in a time. */
struct stats_rate {
    unsigned int seconds;       /* Over which it is; 0 if it is unknown. */
    double upcalls, lost;       /* Per second. */
};

void upcall_stats_get_rate(const struct upcall_stats *, uint64_t since,
                           uint64_t now, unsigned int seconds,
                           struct stats_rate *);
uint64_t stats_group_count(const struct stats_group *);
void upcall_stats_get_stage(const struct upcall_stats *, enum upcall_stage,
                            struct histogram *);
uint64_t upcall_stats_lost(const struct upcall_stats *);

#endif /* lib/store/upcall-stats.h */
