/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_STATS_SHOW_H
#define LIB_PASS_STATS_SHOW_H 1

/* Statistics of passes as JSON, for people, and as metrics. */

struct ds;
struct json;
struct metrics;
struct pass_stats;
struct stats_frame;

struct json *pass_stats_to_json(const struct pass_stats *,
                                const struct stats_frame *);
void pass_stats_format(const struct pass_stats *, const struct stats_frame *,
                       struct ds *);
void pass_stats_put_metrics(const struct pass_stats *, struct metrics *);

#endif /* lib/show/pass-stats-show.h */
