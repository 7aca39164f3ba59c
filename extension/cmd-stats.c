/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-stats.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "cmd-status.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/names.h"
#include "reply.h"
#include "session.h"
#include "show/stats-show.h"
#include "show/vswitchd-show.h"
#include "unixctl.h"
#include "util.h"

/* What is asked for. */
struct stats_options {
    enum upcall_stage stage;    /* Of the histogram. */
    bool reset;                 /* Start anew afterwards? */
};

/* Returns the error message for 'name', which is no stage. */
static char *
unknown_stage(const char *name)
{
    struct ds error = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&error, "--stage='");
    args_put_printable(name, &error);
    ds_put_cstr(&error, "': there is no such stage (stages:");
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        ds_put_format(&error, " %s", upcall_stage_name(i));
    }
    ds_put_char(&error, ')');
    return ds_steal_cstr(&error);
}

static char *
parse(struct args *args, struct stats_options *o)
{
    char *error = NULL;

    o->stage = UPCALL_STAGE_TOTAL;
    o->reset = false;
    while (args->n && !error) {
        const char *name = NULL;

        if (args_take_flag(args, "--reset")) {
            o->reset = true;
        } else if (args_take_string(args, "--stage", &name, &error)) {
            int stage = upcall_stage_from_name(name);

            if (stage < 0) {
                error = unknown_stage(name);
            } else {
                o->stage = stage;
            }
        } else if (!error) {
            error = args_unexpected(args, "options are --stage=NAME, --reset "
                                    "and --json");
        }
    }
    return error;
}

/* Returns how often programs were not run, by hook. */
static struct json *
missed_to_json(const struct session *s)
{
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct json *o = json_object_create();

    session_get_hooks(s, hooks);
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
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
    struct json *o = json_object_create();
    uint64_t n_gaps, n_records;

    session_get_gaps(s, &n_gaps, &n_records);
    json_object_put(o, "count", json_integer_create(n_gaps));
    json_object_put(o, "records", json_integer_create(n_records));
    return o;
}

static void
format_missed(const struct session *s, struct ds *ds)
{
    struct attach_hook hooks[UPCALL_N_HOOKS];
    const char *separator = "program runs that were missed: ";

    session_get_hooks(s, hooks);
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
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
    uint64_t n_gaps, n_records;

    session_get_gaps(s, &n_gaps, &n_records);
    if (n_gaps) {
        ds_put_format(ds, "readers: %"PRIu64" times told of a gap, of "
                      "%"PRIu64" records in all\n", n_gaps, n_records);
    }
}

/* Replies to 'conn' with the statistics of 's', which may be NULL, as 'args'
 * ask for. */
void
stats_reply(struct session *s, struct unixctl_conn *conn, struct args *args)
{
    struct stats_datapath dps[VPORT_DATAPATHS_MAX];
    struct stats_options options;
    char *error = parse(args, &options);
    const struct vswitchd_stats *vswitchd;
    struct stats_frame frame;

    if (!error && !s) {
        error = xstrdup(REPLY_NO_SESSION);
    }
    if (error) {
        reply_error(conn, error);
        return;
    }
    session_catch_up(s);
    session_get_stats_frame(s, &frame, dps);
    vswitchd = session_vswitchd_stats(s);
    if (args->json) {
        struct json *o = stats_to_json(session_stats(s), &frame);

        json_object_put(o, "records", status_records_to_json(s));
        json_object_put(o, "missed", missed_to_json(s));
        json_object_put(o, "gaps", gaps_to_json(s));
        json_object_put(o, "vswitchd", vswitchd
                        ? vswitchd_stats_to_json(vswitchd, frame.now)
                        : json_null_create());
        reply_json(conn, o);
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        stats_format(session_stats(s), &frame, options.stage, &text);
        if (vswitchd) {
            vswitchd_stats_format(vswitchd, frame.now, &text);
        }
        status_format_records(s, &text);
        format_missed(s, &text);
        format_gaps(s, &text);
        reply_text(conn, &text);
    }
    if (options.reset) {
        session_reset_stats(s, &frame);
    }
}
