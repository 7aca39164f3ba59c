/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/trace-counts.h"

#include <inttypes.h>
#include <string.h>

#include "base/json-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "show/json-values.h"

/* Returns the name of cause 'i' of drops. */
typedef const char *name_func(int i);

/* JSON. */

static void
put_integer(struct json *object, const char *name, uint64_t value)
{
    put(object, name, value_integer(true, value));
}

static struct json *
causes_to_json(const uint64_t *by_cause, int n, name_func *get_name)
{
    struct json *causes = json_object_create();

    for (int i = 0; i < n; i++) {
        put_integer(causes, get_name(i), by_cause[i]);
    }
    return causes;
}

/* Returns 'c' as an object. */
struct json *
trace_counts_to_json(const struct trace_counts *c)
{
    struct json *json = json_object_create();

    put_integer(json, "produced", c->produced);
    put_integer(json, "delivered", c->delivered);
    put_integer(json, "dropped", c->dropped);
    put_integer(json, "in_flight", c->in_flight);
    put(json, "by_cause", causes_to_json(c->by_cause, UPCALL_N_DROPS,
                                         upcall_drop_name));
    return json;
}

/* Returns 'c' as an object. */
struct json *
trace_pass_counts_to_json(const struct trace_pass_counts *c)
{
    struct json *json = json_object_create();

    put_integer(json, "seen", c->seen);
    put_integer(json, "produced", c->produced);
    put_integer(json, "delivered", c->delivered);
    put_integer(json, "dropped", c->dropped);
    put(json, "by_cause", causes_to_json(c->by_cause, PASS_N_DROPS,
                                         pass_drop_name));
    return json;
}

static uint64_t
read_count(struct json_read *r, const struct json *json, const char *name)
{
    return json_read_integer(r, json, name, 0, INT64_MAX);
}

/* Causes that another version does not have are none of its drops. */
static void
read_causes(struct json_read *r, const struct json *json, uint64_t *by_cause,
            int n, name_func *get_name)
{
    const struct json *causes = json_read_object(r, json, "by_cause");

    for (int i = 0; i < n && !r->error; i++) {
        by_cause[i] = (shash_find(json_object(causes), get_name(i))
                       ? read_count(r, causes, get_name(i)) : 0);
    }
}

/* Sets 'c' to what 'json' says, in which there may be more. */
void
trace_counts_from_json(struct trace_counts *c, struct json_read *r,
                       const struct json *json)
{
    memset(c, 0, sizeof *c);
    c->produced = read_count(r, json, "produced");
    c->delivered = read_count(r, json, "delivered");
    c->dropped = read_count(r, json, "dropped");
    c->in_flight = read_count(r, json, "in_flight");
    read_causes(r, json, c->by_cause, UPCALL_N_DROPS, upcall_drop_name);
}

/* The same for passes. */
void
trace_pass_counts_from_json(struct trace_pass_counts *c, struct json_read *r,
                            const struct json *json)
{
    memset(c, 0, sizeof *c);
    c->seen = read_count(r, json, "seen");
    c->produced = read_count(r, json, "produced");
    c->delivered = read_count(r, json, "delivered");
    c->dropped = read_count(r, json, "dropped");
    read_causes(r, json, c->by_cause, PASS_N_DROPS, pass_drop_name);
}

/* Text. */

/* Appends those causes that there were, in parentheses. */
static void
put_causes(const uint64_t *by_cause, int n, name_func *get_name,
           struct ds *ds)
{
    const char *separator = " (";

    for (int i = 0; i < n; i++) {
        if (by_cause[i]) {
            ds_put_format(ds, "%s%s %"PRIu64, separator, get_name(i),
                          by_cause[i]);
            separator = ", ";
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? ")" : "");
}

/* Appends 'c' in a line. */
void
trace_counts_format(const struct trace_counts *c, struct ds *ds)
{
    ds_put_format(ds, "records:  %"PRIu64" produced, %"PRIu64" delivered, "
                  "%"PRIu64" dropped", c->produced, c->delivered, c->dropped);
    put_causes(c->by_cause, UPCALL_N_DROPS, upcall_drop_name, ds);
    ds_put_format(ds, ", %"PRIu64" in flight\n", c->in_flight);
}

/* Appends 'c' in a line. */
void
trace_pass_counts_format(const struct trace_pass_counts *c, struct ds *ds)
{
    ds_put_format(ds, "passes:   %"PRIu64" seen, %"PRIu64" produced, "
                  "%"PRIu64" delivered, %"PRIu64" dropped",
                  c->seen, c->produced, c->delivered, c->dropped);
    put_causes(c->by_cause, PASS_N_DROPS, pass_drop_name, ds);
    ds_put_char(ds, '\n');
}
