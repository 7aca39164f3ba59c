/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_METRICS_H
#define LIB_METRICS_H 1

/* A writer of metrics, for Prometheus and others that understand its formats.
 *
 * A metric begins with metrics_begin(), and its samples follow, each with
 * labels that no other sample of it has. */

#include <stddef.h>
#include <stdint.h>

struct ds;
struct histogram;
struct json;
struct metrics;

/* What is written.  In OpenMetrics, the name of a counter is without the
 * "_total" that its samples have; Prometheus's own format knows no such
 * difference. */
enum metrics_form {
    METRICS_PROMETHEUS,         /* Text format 0.0.4 of Prometheus, which
                                 * node_exporter and promtool read. */
    METRICS_OPENMETRICS,        /* OpenMetrics text 1.0. */
    METRICS_JSON,               /* An array with an object for each metric. */
};

enum metrics_type {
    METRICS_COUNTER,            /* The name is without "_total". */
    METRICS_GAUGE,
    METRICS_HISTOGRAM,
};

struct metrics_label {
    const char *name;
    const char *value;
};

/* Labels as an argument: METRICS_LABELS({ "port", name }, { "class", c }). */
#define METRICS_LABELS(...) \
    (const struct metrics_label[]) { __VA_ARGS__, { NULL, NULL } }

/* So many values that are 'until' or less. */
struct metrics_bucket {
    double until;
    uint64_t count;
};

struct metrics *metrics_create(enum metrics_form);
void metrics_finish(struct metrics *, struct ds *, struct json **);

void metrics_begin(struct metrics *, enum metrics_type, const char *name,
                   const char *unit, const char *help);
void metrics_put(struct metrics *, const struct metrics_label *, double value);
void metrics_put_histogram(struct metrics *, const struct metrics_label *,
                           const struct metrics_bucket *, size_t n_buckets,
                           uint64_t count, double sum);
void metrics_put_times(struct metrics *, const struct metrics_label *,
                       const struct histogram *);
void metrics_put_numbers(struct metrics *, const struct metrics_label *,
                         const struct histogram *);

#endif /* lib/show/metrics.h */
