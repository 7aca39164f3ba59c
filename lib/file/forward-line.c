/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-line.h"

#include "file/forward-state.h"
#include "file/trace-lines.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Returns 'line', an object, or an object with nothing in it if that is NULL
 * or something else. */
static struct json *
parse(const char *line)
{
    struct json *json = line ? json_from_string(line) : NULL;

    if (!json || json->type != JSON_OBJECT) {
        json_destroy(json);
        json = json_object_create();
    }
    return json;
}

static struct json *
string_or_null(const char *s)
{
    return s ? json_string_create(s) : json_null_create();
}

/* Returns the first line of a trace in a file: 'startup', which is that of the
 * trace or NULL if that is unknown, with 'session' and 'sender', whatever
 * 'startup' says of that.  The caller destroys it, as what the other functions
 * return. */
struct json *
forward_line_first(const char *startup, const char *session,
                   const struct forward_sender *sender)
{
    struct json *json = parse(startup);

    json_object_put_string(json, "event", "startup");
    json_object_put_string(json, "session", session);
    json_object_put(json, "sender", string_or_null(sender->address));
    json_object_put(json, "sender-certificate",
                    string_or_null(sender->certificate));
    return json;
}

/* Adds to 'json', a last line, which trace it is of, if it does not say so
 * itself. */
static void
put_started(struct json *json, const char *startup)
{
    struct json *first = parse(startup);
    const struct json *started, *said;

    started = shash_find_data(json_object(first), "started_ms");
    said = shash_find_data(json_object(json), "started_ms");
    if (started && (!said || said->type == JSON_NULL)) {
        json_object_put(json, "started_ms", json_clone(started));
    }
    json_destroy(first);
}

/* Returns the last line of a trace in a file: 'line', or if that is NULL one
 * that says 'why' it ends; with what 'state' says of the file, and which file
 * is 'next', NULL if none is.  'startup' is as above. */
struct json *
forward_line_last(const char *line, const char *why, const char *startup,
                  const struct forward_state *state, const char *next)
{
    struct json *json = line ? parse(line) : trace_line_unknown_end(why);
    struct json *file = json_object_create();

    json_object_put(file, "records", json_integer_create(state->in_file));
    json_object_put(file, "missed",
                    json_integer_create(state->missed_in_file));
    json_object_put(file, "next",
                    next ? json_string_create(next) : json_null_create());
    json_object_put(json, "file", file);
    put_started(json, startup);
    return json;
}

/* Returns a line that says that before the record 'next', 0 if that is
 * unknown, so many are missing. */
struct json *
forward_line_gap(uint64_t next, uint64_t dropped, uint64_t missed)
{
    struct json *json = json_object_create();
    uint64_t records = dropped;

    forward_state_add(&records, missed);
    json_object_put_string(json, "event", "gap");
    json_object_put(json, "next", json_integer_create(next));
    json_object_put(json, "records", json_integer_create(records));
    json_object_put(json, "dropped", json_integer_create(dropped));
    return json;
}

/* Appends 'json', which it destroys, to 'ds', and says who has sent it:
 * 'system_id' is NULL if it is unknown. */
void
forward_line_put(struct ds *ds, struct json *json, const char *host,
                 const char *system_id)
{
    json_object_put_string(json, "host", host);
    json_object_put(json, "system-id",
                    system_id ? json_string_create(system_id)
                    : json_null_create());
    trace_line_put_json(ds, json);
}
