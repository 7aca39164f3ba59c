/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_STATS_TIMES_H
#define LIB_STATS_TIMES_H 1

/* Times and counts in statistics, as JSON and for people. */

#include <stddef.h>
#include <stdint.h>

struct ds;
struct histogram;
struct json;

struct json *stats_count(uint64_t n);
struct json *stats_buckets_to_json(const struct histogram *);
struct json *stats_times_to_json(const struct histogram *);

void stats_put_left(const char *, size_t width, struct ds *);
void stats_put_time(uint64_t ns, struct ds *);
void stats_put_times_title(const char *name, struct ds *);
void stats_put_times(const char *name, const struct histogram *, struct ds *);

#endif /* lib/show/stats-times.h */
