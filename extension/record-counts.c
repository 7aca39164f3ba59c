/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record-counts.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/names.h"
#include "record/pass.h"
#include "session.h"

static void
put_integer(struct json *object, const char *name, long long int value)
{
    json_object_put(object, name, json_integer_create(value));
}

/* Returns how many records of 's' there were, and what became of them. */
struct json *
record_counts_to_json(const struct session *s)
{
    struct json *json = json_object_create();
    struct json *causes = json_object_create();
    struct session_counters c;

    session_get_counters(s, &c);
    put_integer(json, "produced", c.produced);
    put_integer(json, "delivered", c.delivered);
    put_integer(json, "dropped", c.dropped);
    put_integer(json, "in_flight", c.in_flight);
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        put_integer(causes, upcall_drop_name(i), c.by_cause[i]);
    }
    json_object_put(json, "by_cause", causes);
    return json;
}

/* Returns the same for passes, null if none are recorded. */
struct json *
record_counts_passes_to_json(const struct session *s)
{
    struct json *json, *causes;
    struct session_pass_counters c;

    if (!session_get_pass_counters(s, &c)) {
        return json_null_create();
    }
    json = json_object_create();
    causes = json_object_create();
    put_integer(json, "seen", c.seen);
    put_integer(json, "produced", c.produced);
    put_integer(json, "delivered", c.delivered);
    put_integer(json, "dropped", c.dropped);
    for (int i = 0; i < PASS_N_DROPS; i++) {
        put_integer(causes, pass_drop_name(i), c.by_cause[i]);
    }
    json_object_put(json, "by_cause", causes);
    return json;
}

/* Appends the same as record_counts_passes_to_json() returns, in a line. */
static void
format_passes(const struct session *s, struct ds *ds)
{
    const char *separator = " (";
    struct session_pass_counters c;

    if (!session_get_pass_counters(s, &c)) {
        return;
    }
    ds_put_format(ds, "passes:   %"PRIu64" seen, %"PRIu64" produced, "
                  "%"PRIu64" delivered, %"PRIu64" dropped",
                  c.seen, c.produced, c.delivered, c.dropped);
    for (int i = 0; i < PASS_N_DROPS; i++) {
        if (c.by_cause[i]) {
            ds_put_format(ds, "%s%s %"PRIu64, separator, pass_drop_name(i),
                          c.by_cause[i]);
            separator = ", ";
        }
    }
    ds_put_cstr(ds, c.dropped ? ")\n" : "\n");
}

/* Appends the same as record_counts_to_json() returns, in a line, and one for
 * passes. */
void
record_counts_format(const struct session *s, struct ds *ds)
{
    const char *separator = " (";
    struct session_counters c;

    session_get_counters(s, &c);
    ds_put_format(ds, "records:  %"PRIu64" produced, %"PRIu64" delivered, "
                  "%"PRIu64" dropped", c.produced, c.delivered, c.dropped);
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        if (c.by_cause[i]) {
            ds_put_format(ds, "%s%s %"PRIu64, separator, upcall_drop_name(i),
                          c.by_cause[i]);
            separator = ", ";
        }
    }
    if (c.dropped) {
        ds_put_char(ds, ')');
    }
    ds_put_format(ds, ", %"PRIu64" in flight\n", c.in_flight);
    format_passes(s, ds);
}
