/* SPDX-License-Identifier: Apache-2.0 */

/* Why packets were dropped in their passes: a part of pass-stats-show.h. */

#include <config.h>

#include "show/pass-stats-show.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "record/pass-drop.h"
#include "store/pass-stats.h"
#include "util.h"

static char *
get_name(uint32_t reason, const struct kernel_layout *layout)
{
    const struct packet_drop drop = {
        .has_reason = true,
        .reason = reason,
        .name = layout ? kernel_drop_name(layout, reason) : NULL,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;

    packet_drop_format(&drop, &ds);
    return ds_steal_cstr(&ds);
}

/* More passes come first. */
static int
compare_rows(const void *a_, const void *b_)
{
    const struct pass_reason_row *a = a_;
    const struct pass_reason_row *b = b_;

    if (a->n != b->n) {
        return a->n > b->n ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

/* Adds 'count' passes that dropped for 'reason' to 'rows', of which there are
 * '*n', those of the reasons of 's' before others. */
static void
add_reason(const struct pass_stats *s, const struct kernel_layout *layout,
           uint32_t reason, uint64_t count, struct pass_reason_row *rows,
           size_t *n)
{
    for (size_t i = 0; i < s->n_reasons; i++) {
        if (s->reasons[i].reason == reason) {
            rows[i].n += count;
            return;
        }
    }
    rows[*n].name = get_name(reason, layout);
    rows[(*n)++].n = count;
}

/* Does the same for those of which only the flow tells, and returns how many
 * have no reason that 'layout' has. */
static uint64_t
add_flows(const struct pass_stats *s, const struct kernel_layout *layout,
          struct pass_reason_row *rows, size_t *n)
{
    uint64_t unknown = 0;

    for (int i = 0; i < FLOW_N_DROPS; i++) {
        uint32_t reason;

        if (layout && kernel_flow_drop_reason(layout, i, &reason)) {
            if (s->by_flow[i]) {
                add_reason(s, layout, reason, s->by_flow[i], rows, n);
            }
        } else {
            unknown += s->by_flow[i];
        }
    }
    return unknown;
}

/* Returns the reasons for which the passes in 's' have dropped packets, those
 * of most passes first: each with its name, or its number if that is unknown,
 * and "unknown" where the reason is.  Stores how many there are in '*n'.  The
 * caller must free them with pass_reasons_destroy(). */
struct pass_reason_row *
pass_stats_get_reasons(const struct pass_stats *s,
                       const struct kernel_layout *layout, size_t *n)
{
    struct pass_reason_row *rows = xcalloc(s->n_reasons + FLOW_N_DROPS + 1,
                                           sizeof *rows);
    uint64_t unknown;

    for (*n = 0; *n < s->n_reasons; ++*n) {
        rows[*n].name = get_name(s->reasons[*n].reason, layout);
        rows[*n].n = s->reasons[*n].n;
    }
    unknown = s->no_reason + add_flows(s, layout, rows, n);
    if (unknown) {
        rows[*n].name = xstrdup("unknown");
        rows[(*n)++].n = unknown;
    }
    qsort(rows, *n, sizeof *rows, compare_rows);
    return rows;
}

/* Frees 'rows', of which there are 'n'. */
void
pass_reasons_destroy(struct pass_reason_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].name);
    }
    free(rows);
}
