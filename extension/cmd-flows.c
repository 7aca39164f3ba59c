/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "commands-private.h"
#include "flow/flow-table.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "reply.h"
#include "session.h"
#include "show/flow-show.h"
#include "unixctl.h"
#include "util.h"

/* Flows that are shown if not told otherwise. */
#define FLOWS_LAST 20

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

/* Returns how many of the flows from 'f' on were asked for. */
static uint64_t
count_chosen(const struct flow_table *flows, const struct dp_flow *f,
             struct chosen_flows *chosen)
{
    uint64_t n = 0;

    for (; f; f = flow_table_next(flows, f)) {
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
                                      "installed this flow and no packet was "
                                      "seen to hit it, or it is forgotten");
        }
    }
    return NULL;
}

/* Appends 'f' to 'a'. */
static void
add_flow(const struct session *s, const struct dp_flow *f, struct answer *a)
{
    const struct session_view v = session_view(s);
    bool has_hits = history_has_passes(v.history);

    if (a->json) {
        flow_show_write(&a->w, f, v.ports, has_hits);
    } else {
        flow_show(f, v.ports, has_hits, &a->ds);
    }
}

/* Appends those of the flows from 'f' on that are 'chosen', but for the first
 * 'skip' ones, to 'a' until it is full.  Returns the last that was appended if
 * there are more, else NULL. */
static const struct dp_flow *
add_flows(const struct session *s, const struct dp_flow *f,
          struct chosen_flows *chosen, uint64_t skip, struct answer *a)
{
    const struct dp_flow *last = NULL;

    for (; f; f = flow_table_next(session_view(s).flows, f)) {
        if (!is_chosen(f, chosen)) {
            continue;
        } else if (skip) {
            skip--;
        } else if (last && answer_is_full(a)) {
            return last;
        } else {
            add_flow(s, f, a);
            last = f;
        }
    }
    return NULL;
}

/* Replies with the flows from 'f' on, but for the first 'skip' ones, of those
 * 'chosen'. */
static void
reply_flows(const struct session *s, struct unixctl_conn *conn,
            const struct dp_flow *f, struct chosen_flows *chosen,
            uint64_t skip, bool as_json)
{
    char *members = NULL;
    struct answer a;

    answer_init(&a, as_json);
    f = add_flows(s, f, chosen, skip, &a);
    if (!as_json && skip) {
        ds_put_format(&a.ds, "(%"PRIu64" earlier flows are not shown: "
                      "--last=0 shows all)\n", skip);
    }
    if (f) {
        members = xasprintf("\"next\":%"PRIu64, f->id);
        if (!as_json) {
            ds_put_format(&a.ds, "(there are more: the same with "
                          "--after=%"PRIu64")\n", f->id);
        }
    } else if (!as_json && !a.ds.length) {
        ds_put_cstr(&a.ds, "(no flows)\n");
    }
    answer_reply(&a, conn, members, "flows");
    free(members);
}

/* Stores in '*f' the flow behind that with the number 'after', that of the
 * upcall or of a flow that was found; NULL if there is none.  Returns NULL or
 * an error. */
static char *
find_after(const struct flow_table *flows, uint64_t after,
           const struct dp_flow **f)
{
    const struct dp_flow *last = flow_table_find(flows, after);

    if (!last) {
        return xasprintf("--after=%"PRIu64": no upcall with this number has "
                         "installed a flow and none was found by a hit, or it "
                         "is forgotten: begin again without --after", after);
    }
    *f = flow_table_next(flows, last);
    return NULL;
}

/* Returns how many of the 'chosen' flows, from 'f' on, are not among the
 * 'last' ones; 0 if all are wanted. */
static uint64_t
count_earlier(const struct session *s, const struct dp_flow *f,
              struct chosen_flows *chosen, uint64_t last)
{
    uint64_t n = last ? count_chosen(session_view(s).flows, f, chosen) : 0;

    return n > last ? n - last : 0;
}

/* Returns how many of the last flows to show, 0 for all. */
static uint64_t
get_last(const struct flows_options *options)
{
    return (options->last != OPTION_UNSET ? options->last
            : options->after ? 0 : FLOWS_LAST);
}

/* upcall-trace/flows. */
void
cmd_flows(struct commands *c, const struct request *request)
{
    const struct flows_options *options = request->options;
    const struct session *s = c->session;
    const struct dp_flow *f = NULL;
    struct chosen_flows chosen;
    const struct flow_table *flows;
    char *error;

    if (commands_lack_session(c, request)) {
        return;
    }
    session_catch_up(c->session);
    flows = session_view(s).flows;
    error = parse_ufids(request->args, &chosen);
    if (!error && !flows) {
        error = xstrdup("ovs-vswitchd is not asked about flows: start with "
                        "--enrich");
    }
    if (!error) {
        f = flow_table_first(flows);
        count_chosen(flows, f, &chosen);
        error = check_found(request->args, &chosen);
    }
    if (!error && options->after) {
        error = find_after(flows, options->after, &f);
    }
    if (error) {
        reply_error(request->conn, error);
    } else {
        reply_flows(s, request->conn, f, &chosen, chosen.n ? 0
                    : count_earlier(s, f, &chosen, get_last(options)),
                    request->json);
    }
}
