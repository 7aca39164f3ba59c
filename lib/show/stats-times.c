/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-times.h"

#include <inttypes.h>
#include <string.h>

#include "base/duration.h"
#include "base/histogram.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/stats-rows.h"
#include "show/json-values.h"
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
