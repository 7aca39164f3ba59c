/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-times.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/histogram.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/json-values.h"
#include "store/stats-rates.h"
#include "util.h"

/* Columns of the name of a row. */
#define NAME_WIDTH 9

/* Returns 'n' as JSON, which has no larger numbers than INT64_MAX. */
struct json *
stats_count(uint64_t n)
{
    return value_integer(true, MIN(n, INT64_MAX));
}

/* Returns the buckets of 'h', each as an array: lower and upper bound, both
 * included, in ns, and how many there are. */
struct json *
stats_buckets_to_json(const struct histogram *h)
{
    struct json *array = json_array_create_empty();
    struct histogram_bucket b;
    size_t pos = 0;

    while (histogram_next(h, &pos, &b)) {
        json_array_add(array, json_array_create_3(stats_count(b.from),
                                                  stats_count(b.until),
                                                  stats_count(b.count)));
    }
    return array;
}

/* Returns 'h', of times in ns, without its buckets. */
struct json *
stats_times_to_json(const struct histogram *h)
{
    struct json *o = json_object_create();
    bool any = h->count > 0;

    put(o, "count", stats_count(h->count));
    put(o, "min", value_integer(any, h->min));
    put(o, "mean", any ? json_real_create(histogram_mean(h))
                   : json_null_create());
#define X(NAME, TITLE, PERMILLE)                                        \
    put(o, NAME, value_integer(any, histogram_percentile(h, PERMILLE)));
    STATS_PERCENTILES
#undef X
    put(o, "max", value_integer(any, h->max));
    return o;
}

/* Returns the records per second that 'r' has at 'now' of what was since
 * 'since', over the last 1, 10 and 60 seconds: of all, as a member 'records',
 * and of those that were lost, as 'lost', unless that is NULL. */
struct json *
stats_rates_to_json(const struct stats_rates *r, uint64_t since, uint64_t now,
                    const char *records, const char *lost)
{
    struct json *o = json_object_create();

    for (size_t i = 0; i < STATS_N_RATES; i++) {
        char *name = xasprintf("%us", stats_rate_seconds[i]);
        struct json *o_rate = json_object_create();
        struct stats_rate rate;

        stats_rates_get(r, since, now, stats_rate_seconds[i], &rate);
        put(o_rate, records, rate.seconds ? json_real_create(rate.records)
                             : json_null_create());
        if (lost) {
            put(o_rate, lost, rate.seconds ? json_real_create(rate.lost)
                              : json_null_create());
        }
        put(o, name, o_rate);
        free(name);
    }
    return o;
}

/* Appends the same for people, without those that were lost, as a line. */
void
stats_put_rates(const struct stats_rates *r, uint64_t since, uint64_t now,
                struct ds *ds)
{
    ds_put_cstr(ds, "rates:");
    for (size_t i = 0; i < STATS_N_RATES; i++) {
        struct stats_rate rate;

        stats_rates_get(r, since, now, stats_rate_seconds[i], &rate);
        if (rate.seconds == stats_rate_seconds[i]) {
            ds_put_format(ds, "%s %.1f/s over %u s", i ? "," : "",
                          rate.records, rate.seconds);
        } else if (rate.seconds) {
            ds_put_format(ds, "%s %.1f/s over the %u s so far",
                          i ? "," : "", rate.records, rate.seconds);
            break;
        } else {
            ds_put_cstr(ds, " not known in the first second");
            break;
        }
    }
    ds_put_char(ds, '\n');
}

/* Appends 'text' and spaces up to 'width' columns. */
void
stats_put_left(const char *text, size_t width, struct ds *ds)
{
    size_t start = ds->length;

    printable_put_string(ds, text);
    ds_put_char_multiple(ds, ' ', ds->length - start < width
                                  ? width - (ds->length - start) : 0);
}

/* Appends 'ns' in 8 columns, rounded. */
void
stats_put_time(uint64_t ns, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    duration_put(&text, ns);
    ds_put_format(ds, "%8s", ds_cstr(&text));
    ds_destroy(&text);
}

/* Appends the titles of the columns of stats_put_times(), where 'name' is that
 * of the names. */
void
stats_put_times_title(const char *name, struct ds *ds)
{
    stats_put_left(name, NAME_WIDTH, ds);
    ds_put_format(ds, "%10s %8s%8s", "count", "min", "mean");
#define X(NAME, TITLE, PERMILLE) ds_put_format(ds, "%8s", TITLE);
    STATS_PERCENTILES
#undef X
    ds_put_format(ds, "%8s\n", "max");
}

/* Appends a row for 'h', of times in ns. */
void
stats_put_times(const char *name, const struct histogram *h, struct ds *ds)
{
    stats_put_left(name, NAME_WIDTH, ds);
    ds_put_format(ds, "%10"PRIu64" ", h->count);
    stats_put_time(h->min, ds);
    stats_put_time(histogram_mean(h), ds);
#define X(NAME, TITLE, PERMILLE)        \
    stats_put_time(histogram_percentile(h, PERMILLE), ds);
    STATS_PERCENTILES
#undef X
    stats_put_time(h->max, ds);
    ds_put_char(ds, '\n');
}

/* Appends a row for 'h', of numbers that are no times, below the same
 * titles. */
void
stats_put_numbers(const char *name, const struct histogram *h, struct ds *ds)
{
    stats_put_left(name, NAME_WIDTH, ds);
    ds_put_format(ds, "%10"PRIu64" %8"PRIu64"%8.1f", h->count, h->min,
                  histogram_mean(h));
#define X(NAME, TITLE, PERMILLE)        \
    ds_put_format(ds, "%8"PRIu64, histogram_percentile(h, PERMILLE));
    STATS_PERCENTILES
#undef X
    ds_put_format(ds, "%8"PRIu64"\n", h->max);
}

/* Appends the percentile of 'h', of times in ns, in 8 columns, or a dash if it
 * has none. */
void
stats_put_percentile(const struct histogram *h, unsigned int permille,
                     struct ds *ds)
{
    if (h->count) {
        stats_put_time(histogram_percentile(h, permille), ds);
    } else {
        ds_put_format(ds, "%8s", "-");
    }
}

/* Appends 'part' of 'all' in 7 columns. */
void
stats_put_share(uint64_t part, uint64_t all, struct ds *ds)
{
    ds_put_format(ds, "%5.1f %%", all ? 100.0 * part / all : 0.0);
}
