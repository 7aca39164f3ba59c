/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "recorder-status.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cmd-status.h"
#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record-counts.h"
#include "session.h"
#include "store/start-options.h"
#include "timeval.h"
#include "traces.h"

/* Returns why the recorder of 't', which there must be, is not running. */
static const char *
get_reason(const struct traces *t)
{
    const char *error = traces_recorder_error(t);

    return error ? error : "not tried yet";
}

/* Returns how the recorder of 't' stands, null if there is none. */
static struct json *
recorder_to_json(const struct traces *t)
{
    enum recorder_state state = traces_recorder_state(t);
    struct session *s = traces_recorder(t);
    struct json *json;

    if (state == RECORDER_NONE) {
        return json_null_create();
    }
    json = json_object_create();
    json_object_put_string(json, "state", recorder_state_name(state));
    json_object_put(json, "options",
                    start_options_to_json(traces_recorder_options(t)));
    json_object_put(json, "since_ms",
                    s ? json_integer_create(session_view(s).started)
                    : json_null_create());
    json_object_put(json, "records",
                    s ? record_counts_to_json(s) : json_null_create());
    json_object_put(json, "trigger",
                    s ? status_trigger_to_json(s) : json_null_create());
    return json;
}

/* Adds what there is to say of the recorder to 'status', which is about the
 * trace that is shown: another one may run. */
void
recorder_put_json(const struct commands *c, struct json *status)
{
    const struct traces *t = c->traces;
    enum recorder_state state = traces_recorder_state(t);

    json_object_put(status, "recorder", recorder_to_json(t));
    if (state == RECORDER_RUNNING) {
        json_object_put(status, "running", json_boolean_create(true));
    }
    json_object_put(status, "waiting",
                    state == RECORDER_WAITING
                    ? json_string_create(get_reason(t)) : json_null_create());
}

static void
format_running(const struct session *s, struct ds *ds)
{
    char *when = xastrftime_msec("%Y-%m-%d %H:%M:%S", session_view(s).started,
                                 false);
    struct session_counters c;

    session_get_counters(s, &c);
    ds_put_format(ds, "recorder: running since %s, %"PRIu64" upcalls recorded"
                  " (upcall-trace/clear forgets the trace below and shows "
                  "this one)\n", when, c.delivered);
    free(when);
}

/* Appends the same to 'ds', a line, or none if there is nothing to say. */
void
recorder_format(const struct commands *c, struct ds *ds)
{
    const struct traces *t = c->traces;

    switch (traces_recorder_state(t)) {
    case RECORDER_NONE:
        break;
    case RECORDER_WAITING:
        ds_put_format(ds, "waiting:  to start a trace: %s\n", get_reason(t));
        break;
    case RECORDER_RUNNING:
        if (traces_recorder(t) == c->session) {
            ds_put_cstr(ds, "recorder: the trace of --start, below\n");
        } else {
            format_running(traces_recorder(t), ds);
        }
        break;
    case RECORDER_SET_ASIDE:
        ds_put_cstr(ds, "recorder: set aside, resumes when this trace "
                    "stops\n");
        break;
    }
}
