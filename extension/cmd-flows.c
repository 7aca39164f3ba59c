/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "commands-private.h"
#include "flow/flow-table.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "reply.h"
#include "session.h"
#include "show/flow-show.h"
#include "unixctl.h"
#include "util.h"

/* The UFIDs that were asked for. */
struct chosen_flows {
    ovs_u128 ufids[COMMAND_ARGS_MAX];
    bool found[COMMAND_ARGS_MAX];
    size_t n;
};

/* Parses 'args' as UFIDs into 'chosen'.  Returns NULL or an error message. */
static char *
parse_ufids(const struct svec *args, struct chosen_flows *chosen)
{
    ovs_assert(args->n <= COMMAND_ARGS_MAX);
    chosen->n = args->n;
    for (size_t i = 0; i < args->n; i++) {
        chosen->found[i] = false;
        if (odp_ufid_from_string(args->names[i], &chosen->ufids[i]) <= 0) {
            return reply_bad_argument(args->names[i], "expected ufid:UUID, as "
                                      "upcall-trace/show prints it");
        }
    }
    return NULL;
}

/* Returns true if 'f' was asked for. */
static bool
is_chosen(const struct dp_flow *f, struct chosen_flows *chosen)
{
    bool is = !chosen->n;

    for (size_t i = 0; i < chosen->n; i++) {
        if (!memcmp(f->ufid, &chosen->ufids[i], sizeof f->ufid)) {
            chosen->found[i] = is = true;
        }
    }
    return is;
}

/* Returns how many flows were asked for and are there. */
static uint64_t
count_chosen(const struct flow_table *flows, struct chosen_flows *chosen)
{
    uint64_t n = 0;

    for (const struct dp_flow *f = flow_table_first(flows); f;
         f = flow_table_next(flows, f)) {
        n += is_chosen(f, chosen);
    }
    return n;
}

/* Returns NULL if all flows that were asked for by name, in 'args', are there,
 * else an error message. */
static char *
check_found(const struct svec *args, const struct chosen_flows *chosen)
{
    for (size_t i = 0; i < chosen->n; i++) {
        if (!chosen->found[i]) {
            return reply_bad_argument(args->names[i], "no upcall has "
                                      "installed this flow, or it is "
                                      "forgotten");
        }
    }
    return NULL;
}

/* Replies with the flows after the first 'skip' ones of those 'chosen'. */
static void
reply_flows(const struct session *s, struct unixctl_conn *conn,
            struct chosen_flows *chosen, uint64_t skip, bool as_json)
{
    const struct flow_table *flows = session_flows(s);
    struct json *array = json_array_create_empty();
    struct ds text = DS_EMPTY_INITIALIZER;
    uint64_t n = 0;

    for (const struct dp_flow *f = flow_table_first(flows); f;
         f = flow_table_next(flows, f)) {
        if (!is_chosen(f, chosen) || n++ < skip) {
            continue;
        } else if (as_json) {
            json_array_add(array, flow_show_json(f, session_ports(s)));
        } else {
            flow_show(f, session_ports(s), &text);
        }
    }
    if (as_json) {
        reply_json(conn, array);
        ds_destroy(&text);
        return;
    }
    if (skip) {
        ds_put_format(&text, "(%"PRIu64" earlier flows are not shown: "
                      "--last=0 shows all)\n", skip);
    } else if (!n) {
        ds_put_cstr(&text, "(no flows)\n");
    }
    json_destroy(array);
    reply_text(conn, &text);
}

/* upcall-trace/flows. */
void
cmd_flows(struct commands *c, const struct request *request)
{
    const struct flows_options *options = request->options;
    struct chosen_flows chosen;
    const struct session *s = c->session;
    uint64_t n = 0;
    char *error;

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    error = parse_ufids(request->args, &chosen);
    if (!error && !session_flows(s)) {
        error = xstrdup("ovs-vswitchd is not asked about flows: start with "
                        "--enrich");
    }
    if (!error) {
        n = count_chosen(session_flows(s), &chosen);
        error = check_found(request->args, &chosen);
    }
    if (error) {
        reply_error(request->conn, error);
    } else {
        bool is_cut = !chosen.n && options->last && n > options->last;

        reply_flows(s, request->conn, &chosen,
                    is_cut ? n - options->last : 0, request->json);
    }
}
