/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_TIMES_H
#define LIB_STATS_TIMES_H 1

/* Times, counts and rates in statistics, as JSON and for people. */

#include <stddef.h>
#include <stdint.h>

struct ds;
struct histogram;
struct json;
struct stats_rates;

/* The percentiles of times that are shown.
 *
 * X(NAME, TITLE, PERMILLE) */
#define STATS_PERCENTILES   \
    X("p50", "p50", 500)    \
    X("p90", "p90", 900)    \
    X("p99", "p99", 990)    \
    X("p999", "p99.9", 999)

struct json *stats_count(uint64_t n);
struct json *stats_buckets_to_json(const struct histogram *);
struct json *stats_times_to_json(const struct histogram *);
struct json *stats_rates_to_json(const struct stats_rates *, uint64_t since,
                                 uint64_t now, const char *records,
                                 const char *lost);

void stats_put_left(const char *, size_t width, struct ds *);
void stats_put_time(uint64_t ns, struct ds *);
void stats_put_times_title(const char *name, struct ds *);
void stats_put_times(const char *name, const struct histogram *, struct ds *);
void stats_put_numbers(const char *name, const struct histogram *,
                       struct ds *);
void stats_put_percentile(const struct histogram *, unsigned int permille,
                          struct ds *);
void stats_put_share(uint64_t part, uint64_t all, struct ds *);
void stats_put_rates(const struct stats_rates *, uint64_t since, uint64_t now,
                     struct ds *);

#endif /* lib/show/stats-times.h */
