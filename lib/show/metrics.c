/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/json-values.h"
#include "util.h"

/* Buckets of times are powers of two, from 2 to the power of FIRST_SHIFT ns,
 * a microsecond, to that of LAST_SHIFT ns, 69 s. */
#define FIRST_SHIFT 10
#define LAST_SHIFT 36

struct metrics {
    enum metrics_form form;
    enum metrics_type type;     /* Of the metric that has begun. */
    char *name;                 /* Of its samples; NULL before the first. */
    struct ds text;
    struct json *array;         /* For METRICS_JSON. */
    struct json *samples;       /* Of the metric that has begun. */
};

/* Returns a new writer, which the caller has to free with metrics_finish(). */
struct metrics *
metrics_create(enum metrics_form form)
{
    struct metrics *m = xzalloc(sizeof *m);

    m->form = form;
    ds_init(&m->text);
    m->array = json_array_create_empty();
    return m;
}

/* Frees 'm'.  Stores what was written in '*text', or for METRICS_JSON in
 * '*jsonp', which the caller has to destroy.  '*text' must be initialized;
 * the other is left alone. */
void
metrics_finish(struct metrics *m, struct ds *text, struct json **jsonp)
{
    if (m->form == METRICS_JSON) {
        *jsonp = m->array;
    } else {
        ds_put_cstr(text, ds_cstr(&m->text));
        ds_put_cstr(text, m->form == METRICS_OPENMETRICS ? "# EOF\n" : "");
        json_destroy(m->array);
    }
    ds_destroy(&m->text);
    free(m->name);
    free(m);
}

static const char *
type_name(enum metrics_type type)
{
    switch (type) {
    case METRICS_COUNTER: return "counter";
    case METRICS_GAUGE: return "gauge";
    case METRICS_HISTOGRAM: return "histogram";
    default: OVS_NOT_REACHED();
    }
}

static void
begin_json(struct metrics *m, const char *help)
{
    struct json *metric = json_object_create();

    m->samples = json_array_create_empty();
    put(metric, "name", json_string_create(m->name));
    put(metric, "type", json_string_create(type_name(m->type)));
    put(metric, "help", json_string_create(help));
    put(metric, "samples", m->samples);
    json_array_add(m->array, metric);
}

/* Begins the metric 'name', without "_total", whose samples follow.  Its
 * values are in 'unit', with which the name ends, or NULL. */
void
metrics_begin(struct metrics *m, enum metrics_type type, const char *name,
              const char *unit, const char *help)
{
    const char *family;

    free(m->name);
    m->name = xasprintf("%s%s", name,
                        type == METRICS_COUNTER ? "_total" : "");
    m->type = type;
    if (m->form == METRICS_JSON) {
        begin_json(m, help);
        return;
    }
    family = m->form == METRICS_OPENMETRICS ? name : m->name;
    ds_put_format(&m->text, "# HELP %s %s\n", family, help);
    ds_put_format(&m->text, "# TYPE %s %s\n", family, type_name(type));
    if (unit && m->form == METRICS_OPENMETRICS) {
        ds_put_format(&m->text, "# UNIT %s %s\n", family, unit);
    }
}

/* Returns true if 'value' has a control character other than the end of a
 * line, which has an escape sequence of its own. */
static bool
has_controls(const char *value)
{
    for (; *value; value++) {
        if ((unsigned char) *value < ' ' && *value != '\n') {
            return true;
        }
    }
    return false;
}

/* Appends 'value' of a label.  Parsers refuse what is not UTF-8, and control
 * characters have no other meaning than for a terminal: those are escaped
 * first, then what is special in a label. */
static void
put_label_value(struct ds *ds, const char *value)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    if (has_controls(value)) {
        printable_put_string(&text, value);
    } else {
        printable_put_utf8(&text, value);
    }
    for (const char *c = ds_cstr(&text); *c; c++) {
        if (*c == '\\' || *c == '"') {
            ds_put_char(ds, '\\');
            ds_put_char(ds, *c);
        } else if (*c == '\n') {
            ds_put_cstr(ds, "\\n");
        } else {
            ds_put_char(ds, *c);
        }
    }
    ds_destroy(&text);
}

static void
put_number(struct ds *ds, double value)
{
    if (isinf(value)) {
        ds_put_cstr(ds, "+Inf");
    } else {
        ds_put_format(ds, value == floor(value) ? "%.17g" : "%.12g", value);
    }
}

/* Appends a line for a value of the metric's 'suffix', with 'labels' and, if
 * it is not NULL, the label "le". */
static void
put_line(struct metrics *m, const char *suffix,
         const struct metrics_label *labels, const double *le, double value)
{
    const char *separator = "{";

    ds_put_format(&m->text, "%s%s", m->name, suffix);
    for (; labels && labels->name; labels++) {
        ds_put_format(&m->text, "%s%s=\"", separator, labels->name);
        put_label_value(&m->text, labels->value);
        ds_put_char(&m->text, '"');
        separator = ",";
    }
    if (le) {
        ds_put_format(&m->text, "%sle=\"", separator);
        put_number(&m->text, *le);
        ds_put_char(&m->text, '"');
        separator = ",";
    }
    ds_put_cstr(&m->text, separator[0] == ',' ? "} " : " ");
    put_number(&m->text, value);
    ds_put_char(&m->text, '\n');
}

/* Returns 'value' with all its digits, which a real number does not have. */
static struct json *
number_to_json(double value)
{
    return (value == floor(value) && fabs(value) < INT64_MAX
            ? json_integer_create(value) : json_real_create(value));
}

static struct json *
sample_to_json(const struct metrics_label *labels)
{
    struct json *sample = json_object_create();
    struct json *o = json_object_create();

    for (; labels && labels->name; labels++) {
        put(o, labels->name, value_string(labels->value));
    }
    put(sample, "labels", o);
    return sample;
}

/* Adds a sample with 'labels', which end with a name that is NULL, or which
 * are NULL. */
void
metrics_put(struct metrics *m, const struct metrics_label *labels,
            double value)
{
    if (m->form == METRICS_JSON) {
        struct json *sample = sample_to_json(labels);

        put(sample, "value", number_to_json(value));
        json_array_add(m->samples, sample);
    } else {
        put_line(m, "", labels, NULL, value);
    }
}

static struct json *
buckets_to_json(const struct metrics_bucket *buckets, size_t n)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < n; i++) {
        json_array_add(array, json_array_create_2(
                                  json_real_create(buckets[i].until),
                                  json_integer_create(buckets[i].count)));
    }
    return array;
}

/* Adds a sample of a histogram of 'count' values, whose sum is 'sum'.  Each of
 * the buckets, in ascending order, includes those before it; the last, of all,
 * is not one of them. */
void
metrics_put_histogram(struct metrics *m, const struct metrics_label *labels,
                      const struct metrics_bucket *buckets, size_t n_buckets,
                      uint64_t count, double sum)
{
    const double infinity = INFINITY;

    if (m->form == METRICS_JSON) {
        struct json *sample = sample_to_json(labels);

        put(sample, "buckets", buckets_to_json(buckets, n_buckets));
        put(sample, "count", json_integer_create(count));
        put(sample, "sum", json_real_create(sum));
        json_array_add(m->samples, sample);
        return;
    }
    for (size_t i = 0; i < n_buckets; i++) {
        put_line(m, "_bucket", labels, &buckets[i].until, buckets[i].count);
    }
    put_line(m, "_bucket", labels, &infinity, count);
    put_line(m, "_sum", labels, NULL, sum);
    put_line(m, "_count", labels, NULL, count);
}

/* Returns how many numbers in 'h' are less than 'limit', a power of two. */
static uint64_t
count_below(const struct histogram *h, uint64_t limit)
{
    struct histogram_bucket b;
    uint64_t n = 0;
    size_t pos = 0;

    while (histogram_next(h, &pos, &b) && b.until < limit) {
        n += b.count;
    }
    return n;
}

/* Adds a sample of a histogram of 'h', of which 'per_unit' are the unit of the
 * metric.  The buckets are powers of two, of 2 to the power of 'first_shift',
 * up to that of 'last_shift', of which there are no more than for times. */
static void
put_powers(struct metrics *m, const struct metrics_label *labels,
           const struct histogram *h, unsigned int first_shift,
           unsigned int last_shift, double per_unit)
{
    struct metrics_bucket buckets[LAST_SHIFT - FIRST_SHIFT + 1];
    size_t n = last_shift - first_shift + 1;

    ovs_assert(n <= ARRAY_SIZE(buckets));
    for (size_t i = 0; i < n; i++) {
        uint64_t limit = UINT64_C(1) << (first_shift + i);

        /* A bucket includes its limit, so that is the number before. */
        buckets[i].until = (limit - 1) / per_unit;
        buckets[i].count = count_below(h, limit);
    }
    metrics_put_histogram(m, labels, buckets, n, h->count,
                          histogram_mean(h) * h->count / per_unit);
}

/* Adds a sample of a histogram in seconds of 'h', which is in ns. */
void
metrics_put_times(struct metrics *m, const struct metrics_label *labels,
                  const struct histogram *h)
{
    put_powers(m, labels, h, FIRST_SHIFT, LAST_SHIFT, 1e9);
}

/* Adds a sample of a histogram of 'h', of numbers that are mostly small. */
void
metrics_put_numbers(struct metrics *m, const struct metrics_label *labels,
                    const struct histogram *h)
{
    put_powers(m, labels, h, 1, 10, 1);
}
