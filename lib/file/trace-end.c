/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-end.h"

#include "base/compat.h"
#include "base/json-read.h"
#include "openvswitch/json.h"
#include "show/json-values.h"
#include "store/port-map.h"
#include "util.h"

/* Returns what the datapaths have lost by their own count. */
static struct json *
datapaths_to_json(const struct trace_end *e)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < e->frame.n_datapaths; i++) {
        const struct stats_datapath *dp = &e->frame.datapaths[i];
        struct json *o = json_object_create();

        put(o, "name", value_datapath(port_map_dp_name(
                                          e->ports, dp->dp_ifindex,
                                          e->frame.now)));
        put(o, "dp_ifindex", value_integer(true, dp->dp_ifindex));
        put(o, "lost", value_integer(true, dp->lost));
        json_array_add(array, o);
    }
    return array;
}

static struct json *
passes_to_json(const struct trace_told *told)
{
    struct json *json;

    if (!told->has_passes) {
        return json_null_create();
    }
    json = trace_pass_counts_to_json(&told->passes);
    put(json, "missed", trace_missed_to_json(&told->passes_missed));
    return json;
}

/* Returns 'e' as an object. */
struct json *
trace_end_to_json(const struct trace_end *e)
{
    struct json *json = trace_counts_to_json(&e->told.records);

    json_object_put_string(json, "event", "end");
    put(json, "stopped", value_string(e->stopped));
    put(json, "since_ms", value_integer(true, e->frame.since_wall));
    put(json, "since", value_integer(true, e->frame.since));
    put(json, "until", value_integer(true, e->frame.now));
    put(json, "missed", trace_missed_to_json(&e->told.missed));
    put(json, "passes", passes_to_json(&e->told));
    put(json, "datapaths", (e->frame.datapaths ? datapaths_to_json(e)
                            : json_null_create()));
    put(json, "vswitchd", (e->vswitchd ? json_clone(e->vswitchd)
                           : json_null_create()));
    return json;
}

static void
read_datapath(struct trace_end *e, struct json_read *r, size_t i,
              const struct json *json)
{
    if (json->type != JSON_OBJECT) {
        json_read_error(r, "an element of \"datapaths\" is not an object");
        return;
    }
    e->names[i] = json_read_string_if(r, json, "name");
    e->datapaths[i].dp_ifindex = json_read_integer(r, json, "dp_ifindex", 0,
                                                   UINT32_MAX);
    e->datapaths[i].lost = json_read_integer(r, json, "lost", 0, INT64_MAX);
}

static void
read_datapaths(struct trace_end *e, struct json_read *r,
               const struct json *json)
{
    const struct json *array = json_read_array_if(r, json, "datapaths");
    size_t n = array ? upcall_json_array_size(array) : 0;

    if (n > TRACE_END_DATAPATHS_MAX) {
        json_read_error(r, "member \"datapaths\" has more than %d elements",
                        TRACE_END_DATAPATHS_MAX);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        read_datapath(e, r, i, upcall_json_array_at(array, i));
    }
    e->frame.datapaths = array ? e->datapaths : NULL;
    e->frame.n_datapaths = n;
}

static void
read_passes(struct trace_told *told, struct json_read *r,
            const struct json *json)
{
    const struct json *passes = json_read_object_if(r, json, "passes");

    told->has_passes = passes != NULL;
    if (passes) {
        trace_pass_counts_from_json(&told->passes, r, passes);
        trace_pass_missed_from_json(&told->passes_missed, r,
                                    json_read_object(r, passes, "missed"));
    }
}

/* Sets 'e' to what 'json', an object, says.  It refers to 'json'.  Returns
 * NULL if successful, otherwise what is wrong, which the caller frees: 'e' is
 * not to be used then. */
char *
trace_end_from_json(struct trace_end *e, const struct json *json)
{
    struct json_read r = JSON_READ_INITIALIZER;
    int64_t until;

    memset(e, 0, sizeof *e);
    trace_counts_from_json(&e->told.records, &r, json);
    e->stopped = json_read_string_if(&r, json, "stopped");
    e->frame.since_wall = json_read_integer(&r, json, "since_ms", 0,
                                            INT64_MAX);
    e->frame.since = json_read_integer(&r, json, "since", 0, INT64_MAX);
    until = json_read_integer(&r, json, "until", 0, INT64_MAX);
    e->frame.now = MAX(until, e->frame.since);
    trace_missed_from_json(&e->told.missed, &r,
                           json_read_object(&r, json, "missed"));
    read_passes(&e->told, &r, json);
    read_datapaths(e, &r, json);
    e->vswitchd = json_read_object_if(&r, json, "vswitchd");
    return json_read_finish(&r);
}
