/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_ROWS_H
#define LIB_STATS_ROWS_H 1

/* Statistics as tables: one row for each outcome, class, datapath, port or
 * handler that had upcalls; and the sockets for which some were lost. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/upcall-stats.h"

/* What upcalls are told apart by.
 *
 * X(ENUM, NAME, PLURAL) */
#define STATS_KINDS                     \
    X(OUTCOME, "outcome", "outcomes")   \
    X(CLASS, "class", "classes")        \
    X(DATAPATH, "datapath", "datapaths") \
    X(PORT, "port", "ports")            \
    X(HANDLER, "handler", "handlers")

enum stats_kind {
#define X(ENUM, NAME, PLURAL) STATS_##ENUM,
    STATS_KINDS
#undef X
    STATS_N_KINDS
};

struct stats_row {
    char *name;                 /* NULL if unknown. */
    uint64_t n_past;            /* For how many that are not kept; else 0. */

    /* Of a port or a datapath. */
    bool has_port;              /* Are the numbers of the port known? */
    uint32_t dp_ifindex;
    uint32_t port_no;
    const char *datapath;       /* Its name, NULL if unknown. */

    /* Of a handler. */
    uint32_t tid, tgid;         /* 0 if unknown. */
    const struct histogram *queue;      /* UPCALL_STAGE_QUEUE, or NULL. */

    /* Of the upcalls. */
    uint64_t count;
    uint64_t lost;              /* Of these. */
    const uint64_t *outcomes;   /* Of these, STATS_N_OUTCOMES. */
    const struct histogram *total;      /* UPCALL_STAGE_TOTAL. */

    struct stats_group *own;    /* What the two above are part of, if it was
                                 * added up for the row; else NULL. */
};

struct stats_rows {
    struct stats_row *rows;
    size_t n, allocated;
};

/* The percentiles of times that are shown.
 *
 * X(NAME, TITLE, PERMILLE) */
#define STATS_PERCENTILES   \
    X("p50", "p50", 500)    \
    X("p90", "p90", 900)    \
    X("p99", "p99", 990)    \
    X("p999", "p99.9", 999)

const char *stats_kind_name(enum stats_kind);
const char *stats_kind_plural(enum stats_kind);
void stats_rows_get(const struct upcall_stats *, enum stats_kind,
                    struct stats_rows *);
void stats_rows_destroy(struct stats_rows *);

const struct stats_socket **stats_get_sockets(const struct upcall_stats *,
                                              size_t *n);

#endif /* lib/show/stats-rows.h */
