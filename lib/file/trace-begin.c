/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-begin.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-read.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

/* Largest distance between clocks that is believed, in ns: some 140 years. */
#define OFFSET_MAX (INT64_MAX / 2)

#define NS_PER_MS 1000000

/* Returns the member 'name' of 'json', NULL if it has none. */
static const struct json *
get_member(const struct json *json, const char *name)
{
    return shash_find_data(json_object(json), name);
}

static const char *
get_string(const struct json *json, const char *name)
{
    const struct json *s = get_member(json, name);

    return s && s->type == JSON_STRING ? json_string(s) : NULL;
}

/* Returns the member 'name' of 'startup', NULL if that is no object. */
static const struct json *
get_object(const struct json *startup, const char *name)
{
    const struct json *o = get_member(startup, name);

    return o && o->type == JSON_OBJECT ? o : NULL;
}

static bool
has_passes(const struct json *startup)
{
    const struct json *options = get_object(startup, "options");
    const struct json *datapath;

    datapath = options ? get_member(options, "datapath") : NULL;
    return datapath && datapath->type != JSON_NULL;
}

/* Sets 'b' to what 'startup', an object, says: what it does not is unknown.
 * It refers to 'startup'. */
void
trace_begin_from_json(struct trace_begin *b, const struct json *startup)
{
    const struct json *target = get_object(startup, "target");
    struct json_read r = JSON_READ_INITIALIZER;
    int64_t start_ts;
    char *error;

    *b = (struct trace_begin) {
        .has_passes = has_passes(startup),
        .kernel = get_string(startup, "kernel"),
        .openvswitch = get_string(startup, "openvswitch"),
        .binary = target ? get_string(target, "binary") : NULL,
    };
    b->wall_offset = json_read_integer(&r, startup, "wall_offset",
                                       -OFFSET_MAX, OFFSET_MAX);
    b->started = json_read_integer(&r, startup, "started_ms", 0,
                                   OFFSET_MAX / NS_PER_MS) * NS_PER_MS;
    start_ts = b->started - b->wall_offset;
    b->start_ts = MAX(start_ts, 0);
    error = json_read_finish(&r);
    b->has_time = !error;
    free(error);
}

/* What first lines of the same trace have in common, and those of others do
 * not, also if they come from other hosts.  Other members may change as long
 * as it lasts: what is known of ovs-vswitchd, and the offset of the clock. */
static const struct {
    const char *of;             /* The object that it is in, or NULL. */
    const char *name;
} id_members[] = {
    { NULL, "started_ms" },
    { NULL, "options" },
    { "target", "pid" },
    { NULL, "host" },
    { NULL, "system-id" },
};

/* Returns what first lines of the same trace, as those of files of a rotation,
 * have in common, and those of others do not.  The caller frees it.  NULL if
 * that is not known. */
char *
trace_begin_get_id(const struct json *startup)
{
    const struct json *started;
    struct json *id;
    char *text;

    if (startup->type != JSON_OBJECT) {
        return NULL;
    }
    started = get_member(startup, "started_ms");
    if (!started || started->type != JSON_INTEGER) {
        return NULL;
    }
    id = json_object_create();
    for (size_t i = 0; i < ARRAY_SIZE(id_members); i++) {
        const char *of = id_members[i].of;
        const struct json *o = of ? get_object(startup, of) : startup;
        const struct json *member = (o ? get_member(o, id_members[i].name)
                                     : NULL);

        if (member) {
            json_object_put(id, id_members[i].name, json_clone(member));
        }
    }
    text = json_to_string(id, JSSF_SORT);
    json_destroy(id);
    return text;
}

/* Returns true if 'a' and 'b' are known to be first lines of the same trace,
 * as those of files of a rotation. */
bool
trace_begin_is_same(const struct json *a, const struct json *b)
{
    char *a_id = trace_begin_get_id(a);
    char *b_id = trace_begin_get_id(b);
    bool is_same = a_id && b_id && !strcmp(a_id, b_id);

    free(b_id);
    free(a_id);
    return is_same;
}
