/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_VSWITCHD_SHOW_H
#define LIB_VSWITCHD_SHOW_H 1

/* Statistics of ovs-vswitchd as JSON, for people, and as metrics. */

#include <stdint.h>

struct ds;
struct json;
struct json_read;
struct metrics;
struct vswitchd_stats;

struct json *vswitchd_stats_to_json(const struct vswitchd_stats *,
                                    uint64_t now);
void vswitchd_stats_from_json(struct vswitchd_stats *, struct json_read *,
                              const struct json *, uint64_t since,
                              uint64_t now);
void vswitchd_stats_format(const struct vswitchd_stats *, uint64_t now,
                           struct ds *);
void vswitchd_stats_put_metrics(const struct vswitchd_stats *,
                                struct metrics *);

#endif /* lib/show/vswitchd-show.h */
