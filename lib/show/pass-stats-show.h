/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_STATS_SHOW_H
#define LIB_PASS_STATS_SHOW_H 1

/* Statistics of passes as JSON, for people, and as metrics.  The names of the
 * reasons for drops come from 'layout', which may be NULL. */

#include <stddef.h>
#include <stdint.h>

struct ds;
struct json;
struct kernel_layout;
struct metrics;
struct pass_stats;
struct stats_frame;

struct json *pass_stats_to_json(const struct pass_stats *,
                                const struct stats_frame *,
                                const struct kernel_layout *);
void pass_stats_format(const struct pass_stats *, const struct stats_frame *,
                       const struct kernel_layout *, struct ds *);
void pass_stats_put_metrics(const struct pass_stats *,
                            const struct kernel_layout *, struct metrics *);

/* Why packets were dropped. */
struct pass_reason_row {
    char *name;
    uint64_t n;                 /* Passes. */
};

struct pass_reason_row *pass_stats_get_reasons(const struct pass_stats *,
                                               const struct kernel_layout *,
                                               size_t *n);
void pass_reasons_destroy(struct pass_reason_row *, size_t n);

#endif /* lib/show/pass-stats-show.h */
