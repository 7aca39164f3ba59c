/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record-counts.h"
#include "record/names.h"
#include "reply.h"
#include "session.h"
#include "show/pass-stats-show.h"
#include "show/stats-show.h"
#include "show/vswitchd-show.h"
#include "unixctl.h"
#include "util.h"

/* Returns how often the programs of 'hooks', of which there are 'n', were not
 * run, by hook. */
static struct json *
missed_to_json(const struct attach_hook *hooks, size_t n)
{
    struct json *o = json_object_create();

    for (size_t i = 0; i < n; i++) {
        if (hooks[i].missed) {
            char *name = xasprintf("%s %s", hooks[i].name, hooks[i].where);

            json_object_put(o, name, json_integer_create(hooks[i].missed));
            free(name);
        }
    }
    return o;
}

static struct json *
gaps_to_json(const struct session *s)
{
    const struct session_view v = session_view(s);
    struct json *o = json_object_create();

    json_object_put(o, "count", json_integer_create(v.n_gaps));
    json_object_put(o, "records", json_integer_create(v.gap_records));
    return o;
}

/* Appends the same in a line that begins with 'what', unless all were run. */
static void
format_missed(const char *what, const struct attach_hook *hooks, size_t n,
              struct ds *ds)
{
    const char *separator = what;

    for (size_t i = 0; i < n; i++) {
        if (hooks[i].missed) {
            ds_put_format(ds, "%s%"PRIu64" of %s (%s)", separator,
                          hooks[i].missed, hooks[i].name, hooks[i].where);
            separator = ", ";
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? "\n" : "");
}

static void
format_gaps(const struct session *s, struct ds *ds)
{
    const struct session_view v = session_view(s);

    if (v.n_gaps) {
        ds_put_format(ds, "readers: %"PRIu64" times told of a gap, of "
                      "%"PRIu64" records in all\n", v.n_gaps,
                      v.gap_records);
    }
}

/* Returns the statistics of passes, null if none are recorded. */
static struct json *
passes_to_json(const struct session *s, const struct stats_frame *frame)
{
    const struct session_view v = session_view(s);
    struct attach_hook hooks[PASS_N_HOOKS];
    struct json *o;

    if (!v.passes) {
        return json_null_create();
    }
    o = pass_stats_to_json(v.passes, frame, v.layout);
    json_object_put(o, "records", record_counts_passes_to_json(s));
    json_object_put(o, "missed", missed_to_json(
                        hooks, session_get_pass_hooks(s, hooks)));
    return o;
}

/* Returns the statistics of 's' at the time of 'frame'. */
static struct json *
to_json(const struct session *s, const struct stats_frame *frame)
{
    const struct session_view v = session_view(s);
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct json *o = stats_to_json(v.stats, frame);

    session_get_hooks(s, hooks);
    json_object_put(o, "passes", passes_to_json(s, frame));
    json_object_put(o, "records", record_counts_to_json(s));
    json_object_put(o, "missed", missed_to_json(hooks, UPCALL_N_HOOKS));
    json_object_put(o, "gaps", gaps_to_json(s));
    json_object_put(o, "vswitchd", v.vswitchd
                    ? vswitchd_stats_to_json(v.vswitchd, frame->now)
                    : json_null_create());
    return o;
}

/* Appends the same for people, with a histogram of 'stage'. */
static void
format(const struct session *s, const struct stats_frame *frame,
       enum upcall_stage stage, struct ds *ds)
{
    const struct session_view v = session_view(s);
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct attach_hook pass_hooks[PASS_N_HOOKS];

    stats_format(v.stats, frame, stage, ds);
    if (v.vswitchd) {
        vswitchd_stats_format(v.vswitchd, frame->now, ds);
    }
    if (v.passes) {
        pass_stats_format(v.passes, frame, v.layout, ds);
    }
    record_counts_format(s, ds);
    session_get_hooks(s, hooks);
    format_missed("program runs that were missed: ", hooks, UPCALL_N_HOOKS,
                  ds);
    format_missed("program runs of passes that were missed: ", pass_hooks,
                  session_get_pass_hooks(s, pass_hooks), ds);
    format_gaps(s, ds);
}

/* upcall-trace/stats. */
void
cmd_stats(struct commands *c, const struct request *request)
{
    struct stats_datapath dps[VPORT_DATAPATHS_MAX];
    const struct stats_options *options = request->options;
    struct stats_frame frame;

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    session_get_stats_frame(c->session, &frame, dps);
    if (request->json) {
        reply_json(request->conn, to_json(c->session, &frame));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        format(c->session, &frame, options->stage, &text);
        reply_text(request->conn, &text);
    }
    if (options->reset) {
        session_reset_stats(c->session, &frame);
    }
}
