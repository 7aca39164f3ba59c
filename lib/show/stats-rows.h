/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_ROWS_H
#define LIB_STATS_ROWS_H 1

/* Statistics of upcalls as tables: one row for each outcome, class, datapath,
 * port or handler that had upcalls; and the sockets for which some were
 * lost. */

#include <stddef.h>

#include "show/stats-row.h"
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

const char *stats_kind_name(enum stats_kind);
const char *stats_kind_plural(enum stats_kind);
void stats_rows_get(const struct upcall_stats *, enum stats_kind,
                    struct stats_rows *);

/* Returns what is counted of the upcalls of 'row'. */
static inline const struct stats_group *
stats_row_upcalls(const struct stats_row *row)
{
    return row->group;
}

const struct stats_socket **stats_get_sockets(const struct upcall_stats *,
                                              size_t *n);

#endif /* lib/show/stats-rows.h */
