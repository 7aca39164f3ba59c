/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/enricher-private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/ctl-client.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/token-bucket.h"
#include "openvswitch/util.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

/* Tokens that a request costs, and the bucket holds; it gets as many per ms as
 * there may be requests in a second.  2 % more than 1000, so that N + 1
 * requests always take more than a second, whatever delays them. */
#define REQUEST_TOKENS 1020

/* How long to wait for an answer, in ms. */
#define REQUEST_TIMEOUT 2000

/* How often to ask which datapaths there are, in ms. */
#define DATAPATHS_INTERVAL 10000

/* The rules of a new flow are not known before a revalidator has looked at it:
 * other_config:max-revalidator is 500 ms.  So that is the earliest time to ask
 * for them, in ms. */
#define FIRST_DELAY 600

/* Memory for flows. */
#define FLOWS_MEMORY (8 * 1024 * 1024)

/* Returns the name of 'command', an enum enrich_command, or NULL. */
const char *
enrich_command_name(int command)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [ENRICH_##ENUM] = NAME,
        ENRICH_COMMANDS
#undef X
    };

    return command >= 0 && command < ENRICH_N_COMMANDS ? names[command] : NULL;
}

/* Returns a new enricher that sends at most 'rate' requests in a second.
 * 'ports' has the names of datapaths and must live as long.  The caller frees
 * it with enricher_destroy(). */
struct enricher *
enricher_create(unsigned int rate, const struct port_map *ports)
{
    struct enricher *e = xzalloc(sizeof *e);

    e->client = ctl_client_create();
    e->flows = flow_table_create(FLOWS_MEMORY);
    e->ports = ports;
    e->stats.rate = rate;
    token_bucket_init(&e->bucket, rate, REQUEST_TOKENS);
    token_bucket_withdraw(&e->bucket, REQUEST_TOKENS);
    return e;
}

/* Frees 'e', which may be NULL. */
void
enricher_destroy(struct enricher *e)
{
    if (e) {
        ctl_client_destroy(e->client);
        flow_table_destroy(e->flows);
        free(e->stats.last_error);
        free(e);
    }
}

/* Forgets what is known of ovs-vswitchd. */
void
enricher_forget_target(struct enricher *e)
{
    e->has_commands = false;
    e->n_datapaths = 0;
}

/* The flow that was being asked about is to be asked about later. */
static void
put_back(struct enricher *e)
{
    struct dp_flow *f = flow_table_get(e->flows, e->flow);

    if (f && f->state == FLOW_PENDING) {
        flow_table_requeue(e->flows, f, 0);
    } else if (f) {
        f->is_checked = false;
    }
}

/* Has 'e' ask the ovs-vswitchd with the control socket 'path' from now on. */
void
enricher_set_path(struct enricher *e, const char *path)
{
    bool busy = !ctl_client_is_idle(e->client) || e->next_is_same;

    if (ctl_client_set_path(e->client, path)) {
        if (busy) {
            put_back(e);
        }
        enricher_forget_target(e);
        e->next_is_same = false;
        /* Others may just have asked, too. */
        e->bucket.tokens = 0;
        e->bucket.last_fill = time_msec();
    }
}

/* Adds the flow that 'u' has installed, if it has. */
void
enricher_add(struct enricher *e, const struct upcall *u)
{
    bool may_know = e->has_commands && !e->has_detrace;

    flow_table_add(e->flows, u, may_know ? 0 : FIRST_DELAY);
}

/* Takes the flow that 'p' has hit, if any, into account.  'layout' is that of
 * the kernel, NULL if unknown. */
void
enricher_add_pass(struct enricher *e, const struct pass *p,
                  const struct kernel_layout *layout)
{
    flow_table_add_hit(e->flows, p, layout);
}

/* ovs-vswitchd has told all that it could about 'f'. */
void
enricher_finish_flow(struct enricher *e, struct dp_flow *f)
{
    if (f->modified) {
        flow_table_done(e->flows, f, FLOW_PARTIAL,
                        "modified before ovs-vswitchd was asked "
                        "(see upcall-trace/flows)");
    } else if (!f->rules) {
        flow_table_done(e->flows, f, FLOW_PARTIAL, f->no_rules);
    } else if (flow_rules_are_cut(f->rules)) {
        flow_table_done(e->flows, f, FLOW_PARTIAL,
                        "it has more rules than are kept, the last are left "
                        "out");
    } else {
        flow_table_done(e->flows, f, FLOW_COMPLETE, NULL);
    }
}

/* Stops asking.  What has not been asked never will be. */
void
enricher_stop(struct enricher *e)
{
    struct dp_flow *f;

    enricher_set_path(e, NULL);
    while ((f = flow_table_pop_settled(e->flows, true)) != NULL) {
        enricher_finish_flow(e, f);     /* All records have arrived. */
    }
    flow_table_stop(e->flows);
}

/* Forgets all flows. */
void
enricher_clear(struct enricher *e)
{
    flow_table_clear(e->flows);
}

/* Returns the flows that 'e' knows. */
const struct flow_table *
enricher_flows(const struct enricher *e)
{
    return e->flows;
}

/* Stores in '*stats' how 'e' stands. */
void
enricher_get_stats(const struct enricher *e, struct enrich_stats *stats)
{
    struct token_bucket bucket = e->bucket;

    *stats = e->stats;
    stats->tokens = token_bucket_withdraw(&bucket, REQUEST_TOKENS);
    stats->last_error = nullable_xstrdup(e->stats.last_error);
}

/* Requests. */

/* Returns the name of the datapath of 'f' behind 'prefix', which the caller
 * frees, or NULL if it has none any more. */
char *
enricher_datapath_name(const struct enricher *e, const struct dp_flow *f,
                       const char *prefix)
{
    const char *name = port_map_dp_name(e->ports, f->dp_ifindex, UINT64_MAX);

    return name ? xasprintf("%s%s", prefix, name) : NULL;
}

static char *
ufid_argument(const struct dp_flow *f)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "ufid:");
    flow_text_ufid(f->ufid, &ds);
    return ds_steal_cstr(&ds);
}

static char *
key_argument(const struct dp_flow *f)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_text_trace_key(&f->key, &ds);
    return ds_steal_cstr(&ds);
}

static void
send_request(struct enricher *e, enum enrich_command command, uint64_t flow,
             char *args[2])
{
    int n = (args[0] != NULL) + (args[1] != NULL);

    e->command = command;
    e->flow = flow;
    e->sent = clock_ns();
    e->stats.requests++;
    ctl_client_request(e->client, enrich_command_name(command),
                       (const char *const *) args, n, REQUEST_TIMEOUT);
}

/* Passes over what makes no sense to be asked about 'f'.
 *
 * That a flow needs the slow path is no action in the eyes of ofproto/trace,
 * which prints what would be done there, so there is nothing to compare. */
static void
skip_steps(const struct enricher *e, struct dp_flow *f)
{
    if (f->step == FLOW_ASK_DETRACE && !e->has_detrace) {
        f->step = FLOW_ASK_TRACE;
    }
    if (f->step == FLOW_ASK_TRACE && f->found) {
        f->no_rules = "ovs-vswitchd keeps no rules of it";
        f->step = FLOW_ASK_GET;
    }
    if (f->step == FLOW_ASK_TRACE && flow_text_is_slow_path(&f->actions)) {
        f->no_rules = "handled by the slow path, which ofproto/trace cannot "
            "confirm";
        f->step = FLOW_ASK_GET;
    }
}

/* Asks about 'f' what comes next. */
static void
ask_flow(struct enricher *e, struct dp_flow *f)
{
    char *args[2] = { NULL, NULL };
    enum enrich_command command;

    skip_steps(e, f);
    if (f->refused && f->step == FLOW_ASK_GET) {
        enricher_finish_flow(e, f);
        return;
    }
    if (f->step == FLOW_ASK_DETRACE) {
        command = ENRICH_DETRACE;
        args[0] = ufid_argument(f);
    } else if (f->step == FLOW_ASK_GET || f->step == FLOW_ASK_AGAIN) {
        command = ENRICH_GET_FLOW;
        args[0] = enricher_datapath_name(e, f, "system@");
        args[1] = ufid_argument(f);
    } else {
        command = ENRICH_TRACE;
        args[0] = enricher_datapath_name(e, f, "");
        args[1] = f->key.data ? key_argument(f) : NULL;
    }
    if (!args[0] || (command != ENRICH_DETRACE && !args[1])) {
        if (f->step == FLOW_ASK_AGAIN) {
            flow_table_checked(f, false, clock_ns());
        } else {
            flow_table_done(e->flows, f, FLOW_FAILED, "its datapath is gone");
        }
    } else {
        send_request(e, command, f->id, args);
    }
    free(args[0]);
    free(args[1]);
}

/* Returns the flow to ask about, or NULL if there is none. */
static struct dp_flow *
choose_flow(struct enricher *e)
{
    struct dp_flow *f = (e->next_is_same ? flow_table_get(e->flows, e->flow)
                      : NULL);

    e->next_is_same = false;
    return f ? f : flow_table_pop(e->flows);
}

/* Returns true if there is something to ask. */
static bool
has_work(struct enricher *e)
{
    return (e->next_is_same
            || flow_table_next_try(e->flows) <= time_msec());
}

/* Returns true if something has to be known about ovs-vswitchd before flows
 * can be asked about. */
static bool
needs_facts(const struct enricher *e)
{
    return (!e->has_commands || !e->n_datapaths
            || time_msec() >= e->datapaths_at + DATAPATHS_INTERVAL);
}

/* Asks for that. */
static void
ask_facts(struct enricher *e)
{
    char *none[2] = { NULL, NULL };

    send_request(e, e->has_commands ? ENRICH_DUMP_DATAPATHS
                 : ENRICH_LIST_COMMANDS, 0, none);
}

/* Sends the next request, if there is something to ask and it may be asked
 * now. */
static void
run_requests(struct enricher *e)
{
    struct dp_flow *f;

    while (ctl_client_is_idle(e->client) && has_work(e)
           && time_msec() >= e->paused_until
           && token_bucket_withdraw(&e->bucket, REQUEST_TOKENS)) {
        if (needs_facts(e)) {
            if (e->next_is_same) {
                put_back(e);
                e->next_is_same = false;
            }
            ask_facts(e);
        } else {
            f = choose_flow(e);
            if (f) {
                ask_flow(e, f);
            }
        }
    }
}

/* Takes in answers and sends requests. */
void
enricher_run(struct enricher *e)
{
    struct ctl_answer answer;
    struct dp_flow *f;

    while ((f = flow_table_pop_settled(e->flows, false)) != NULL) {
        enricher_finish_flow(e, f);
    }

    if (ctl_client_run(e->client, &answer)) {
        enricher_handle_answer(e, &answer);
        ctl_answer_destroy(&answer);
    }
    run_requests(e);
    if (!ctl_client_is_idle(e->client)
        && ctl_client_run(e->client, &answer)) {
        enricher_handle_answer(e, &answer);
        ctl_answer_destroy(&answer);
    }
}

/* Arranges for the poll loop to wake up when enricher_run() has work. */
void
enricher_wait(struct enricher *e)
{
    ctl_client_wait(e->client);
    poll_timer_wait_until(flow_table_next_settled(e->flows));
    if (ctl_client_is_idle(e->client)) {
        long long int next = (e->next_is_same ? 0
                              : flow_table_next_try(e->flows));

        if (next != LLONG_MAX && time_msec() < e->paused_until) {
            poll_timer_wait_until(e->paused_until);
        } else if (next > time_msec()) {
            poll_timer_wait_until(next);        /* Perhaps never. */
        } else {
            token_bucket_wait(&e->bucket, REQUEST_TOKENS);
        }
    }
}
