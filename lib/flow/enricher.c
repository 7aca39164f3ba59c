/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/enricher.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "flow/ctl-client.h"
#include "flow/flow-answer.h"
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

/* How long to wait before another try when ovs-vswitchd has not answered, in
 * ms: at first and at most. */
#define FIRST_PAUSE 100
#define MAX_PAUSE 1000

/* How often to ask which datapaths there are, in ms. */
#define DATAPATHS_INTERVAL 10000

/* The rules of a new flow are not known before a revalidator has looked at it:
 * other_config:max-revalidator is 500 ms.  So that is the earliest time to ask
 * for them, in ms, and when to ask again if they were not known. */
#define FIRST_DELAY 600
#define NO_CACHE_DELAY 2000

/* How long it may take, in ms, until the record of an upcall has arrived: what
 * ends without an execute is collected after a while. */
#define SETTLE_DELAY 1000

/* So often to ask for the rules that are kept, before those for the key are
 * asked for, unless there is more to ask than fits into a second; and how
 * often a flow may be left without an answer. */
#define MAX_NO_CACHE 2
#define MAX_FAILED 3

/* Memory for flows. */
#define FLOWS_MEMORY (8 * 1024 * 1024)

struct enricher {
    struct ctl_client *client;
    struct flow_table *flows;
    const struct port_map *ports;
    struct token_bucket bucket;
    struct enrich_stats stats;

    /* What is known of ovs-vswitchd. */
    bool has_commands;          /* Has list-commands been answered? */
    bool has_detrace;
    int n_datapaths;            /* Types of them; 0 if unknown. */
    long long int datapaths_at; /* When that was asked, time_msec(). */

    /* The request in progress. */
    enum enrich_command command;
    uint64_t flow;              /* Number of the flow; 0 if it is of none. */
    bool next_is_same;          /* Ask about that flow again at once. */

    /* When there was no answer. */
    int pause;                  /* In ms; 0 if there was one. */
    long long int paused_until;
};

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
static void
forget_target(struct enricher *e)
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
        forget_target(e);
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

/* ovs-vswitchd has told all that it could about 'f'. */
static void
finish_flow(struct enricher *e, struct dp_flow *f)
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
        finish_flow(e, f);              /* All records have arrived. */
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
static char *
datapath_name(const struct enricher *e, const struct dp_flow *f,
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
        finish_flow(e, f);
        return;
    }
    if (f->step == FLOW_ASK_DETRACE) {
        command = ENRICH_DETRACE;
        args[0] = ufid_argument(f);
    } else if (f->step == FLOW_ASK_GET) {
        command = ENRICH_GET_FLOW;
        args[0] = datapath_name(e, f, "system@");
        args[1] = ufid_argument(f);
    } else {
        command = ENRICH_TRACE;
        args[0] = datapath_name(e, f, "");
        args[1] = f->key.data ? key_argument(f) : NULL;
    }
    if (!args[0] || (command != ENRICH_DETRACE && !args[1])) {
        flow_table_done(e->flows, f, FLOW_FAILED, "its datapath is gone");
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

/* Answers. */

static void
fail_flow(struct enricher *e, struct dp_flow *f, const char *error)
{
    flow_table_done(e->flows, f, FLOW_FAILED, error);
}

/* Goes on to check whether 'f' is still the flow that it was. */
static void
check_flow(struct enricher *e, struct dp_flow *f)
{
    f->step = FLOW_ASK_GET;
    e->next_is_same = true;
}

/* Returns true if more flows wait than there can be requests in a second. */
static bool
is_busy(const struct enricher *e)
{
    struct flow_table_stats stats;

    flow_table_get_stats(e->flows, &stats);
    return stats.n_queued > e->stats.rate;
}

/* 'answer' told no rules of 'f'. */
static void
handle_no_rules(struct enricher *e, struct dp_flow *f, enum flow_answer answer)
{
    switch (answer) {
    case FLOW_ANSWER_NO_CACHE:
        if (++f->n_no_cache < MAX_NO_CACHE && !is_busy(e)) {
            flow_table_requeue(e->flows, f, NO_CACHE_DELAY);
            break;
        }
        /* Fall through. */
    case FLOW_ANSWER_AMBIGUOUS:
    case FLOW_ANSWER_NO_RULES:
        f->step = FLOW_ASK_TRACE;
        e->next_is_same = true;
        break;
    case FLOW_ANSWER_NO_FLOW:
        fail_flow(e, f, "removed before ovs-vswitchd was asked");
        break;
    case FLOW_ANSWER_OK:
    case FLOW_ANSWER_BAD:
    default:
        e->stats.errors++;
        fail_flow(e, f, "ovs-vswitchd gave an answer that is not known");
        break;
    }
}

static void
handle_detrace(struct enricher *e, struct dp_flow *f, const char *text)
{
    char *datapath = datapath_name(e, f, "system@");
    struct ds rules = DS_EMPTY_INITIALIZER;
    enum flow_answer answer = flow_answer_detrace(
        text, datapath ? datapath : "", e->n_datapaths, &rules);

    if (answer == FLOW_ANSWER_OK) {
        check_flow(e, f);
        flow_table_set_rules(e->flows, f, ds_cstr(&rules),
                             enrich_command_name(ENRICH_DETRACE));
    } else {
        handle_no_rules(e, f, answer);
    }
    ds_destroy(&rules);
    free(datapath);
}

/* All is known of the rules of 'f'.  Goes on to check whether it is still the
 * flow that it was, if it ever was one. */
static void
end_rules(struct enricher *e, struct dp_flow *f)
{
    if (f->refused) {
        finish_flow(e, f);
    } else {
        check_flow(e, f);
    }
}

static void
handle_trace(struct enricher *e, struct dp_flow *f, const char *text)
{
    struct ds rules = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;
    enum flow_answer answer = flow_answer_trace(text, &rules, &actions);

    if (answer != FLOW_ANSWER_OK && answer != FLOW_ANSWER_NO_RULES) {
        handle_no_rules(e, f, FLOW_ANSWER_BAD);
    } else {
        if (answer == FLOW_ANSWER_NO_RULES) {
            f->no_rules = "ofproto/trace gives no rules";
        } else if (!flow_text_is_traced(&f->actions, ds_cstr(&actions))) {
            f->no_rules = "ofproto/trace gives other actions: the rules may "
                "have changed before ovs-vswitchd was asked";
        } else {
            flow_table_set_rules(e->flows, f, ds_cstr(&rules),
                                 enrich_command_name(ENRICH_TRACE));
            f = flow_table_get(e->flows, e->flow);
        }
        if (f) {
            end_rules(e, f);
        }
    }
    ds_destroy(&rules);
    ds_destroy(&actions);
}

/* Compares 'f' with 'match' and 'actions', which the kernel has for it.
 * Returns false if the table has forgotten it.
 *
 * What the kernel tells of an NSH header has fields that the put had not, with
 * a mask that says nothing of them, so that is not compared. */
static bool
compare_flow(struct enricher *e, struct dp_flow *f, const char *match,
             const char *actions)
{
    if (!strstr(match, "nsh(")
        && !flow_text_is_match(&f->key, &f->mask, match)) {
        flow_table_set_match(e->flows, f, match);
        f = flow_table_get(e->flows, e->flow);
    }
    if (f && !flow_text_is_actions(&f->actions, actions)) {
        flow_table_set_now(e->flows, f, actions);
        f = flow_table_get(e->flows, e->flow);
    }
    return f != NULL;
}

static void
handle_get_flow(struct enricher *e, struct dp_flow *f, const char *text)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;

    if (flow_answer_get_flow(text, &f->counters, &match, &actions)
        == FLOW_ANSWER_OK) {
        f->has_counters = true;
        if (compare_flow(e, f, ds_cstr(&match), ds_cstr(&actions))) {
            flow_table_settle(e->flows, f, SETTLE_DELAY);
        }
    } else {
        handle_no_rules(e, f, FLOW_ANSWER_BAD);
    }
    ds_destroy(&match);
    ds_destroy(&actions);
}

/* There is nothing to be asked about before ovs-vswitchd has a datapath: all
 * of its bridges are still to come, or were removed. */
static void
handle_datapaths(struct enricher *e, const char *text)
{
    e->n_datapaths = flow_answer_count_datapaths(text);
    e->datapaths_at = time_msec();
    if (!e->n_datapaths) {
        e->pause = MAX_PAUSE;
        e->paused_until = time_msec() + e->pause;
    }
}

static void
handle_reply(struct enricher *e, const char *text)
{
    struct dp_flow *f = flow_table_get(e->flows, e->flow);

    switch (e->command) {
    case ENRICH_LIST_COMMANDS:
        e->has_commands = true;
        e->has_detrace = flow_answer_lists(
            text, enrich_command_name(ENRICH_DETRACE));
        break;
    case ENRICH_DUMP_DATAPATHS:
        handle_datapaths(e, text);
        break;
    case ENRICH_DETRACE:
    case ENRICH_TRACE:
    case ENRICH_GET_FLOW:
        if (!f || f->state != FLOW_PENDING) {
            break;                      /* Forgotten, or installed anew. */
        } else if (e->command == ENRICH_DETRACE) {
            handle_detrace(e, f, text);
        } else if (e->command == ENRICH_TRACE) {
            handle_trace(e, f, text);
        } else {
            handle_get_flow(e, f, text);
        }
        break;
    case ENRICH_N_COMMANDS: default: OVS_NOT_REACHED();
    }
}

/* ovs-vswitchd has refused the request with 'text'. */
static void
handle_error(struct enricher *e, const char *text)
{
    struct dp_flow *f = flow_table_get(e->flows, e->flow);
    struct ds error = DS_EMPTY_INITIALIZER;

    if (e->command == ENRICH_LIST_COMMANDS) {
        e->has_commands = true;         /* An odd one: try the old way. */
        e->has_detrace = false;
    } else if (e->command == ENRICH_DUMP_DATAPATHS) {
        e->n_datapaths = 1;
        e->datapaths_at = time_msec();
    } else if (!f || f->state != FLOW_PENDING) {
        return;
    } else if (e->command == ENRICH_GET_FLOW
               && (flow_answer_get_flow_error(text) == FLOW_ANSWER_NO_FLOW)) {
        flow_table_settle(e->flows, f, SETTLE_DELAY);   /* Removed since. */
        return;
    } else {
        ds_put_format(&error, "%s: ", enrich_command_name(e->command));
        printable_put(&error, text, MIN(strcspn(text, "\n"), 200));
        fail_flow(e, f, ds_cstr(&error));
        ds_destroy(&error);
    }
    e->stats.errors++;
}

/* There was no answer, for the reason in 'answer'. */
static void
handle_failure(struct enricher *e, const struct ctl_answer *answer)
{
    struct dp_flow *f = flow_table_get(e->flows, e->flow);

    if (answer->error == ETIMEDOUT) {
        e->stats.timeouts++;
    } else {
        e->stats.failures++;
    }
    free(e->stats.last_error);
    e->stats.last_error = xstrdup(answer->text);
    forget_target(e);
    e->pause = e->pause ? MIN(e->pause * 2, MAX_PAUSE) : FIRST_PAUSE;
    e->paused_until = time_msec() + e->pause;
    if (f && f->state == FLOW_PENDING
        && (++f->n_failed >= MAX_FAILED
            || !flow_table_requeue(e->flows, f, e->pause))) {
        fail_flow(e, f, answer->text);
    }
}

static void
handle_answer(struct enricher *e, const struct ctl_answer *answer)
{
    e->next_is_same = false;
    if (answer->result == CTL_FAILED) {
        handle_failure(e, answer);
        return;
    }
    e->pause = 0;
    e->stats.commands[e->command].count++;
    e->stats.commands[e->command].total += answer->took;
    e->stats.commands[e->command].max
        = MAX(e->stats.commands[e->command].max, answer->took);
    if (answer->result == CTL_REPLY) {
        e->stats.answers++;
        handle_reply(e, answer->text);
    } else {
        handle_error(e, answer->text);
    }
}

/* Takes in answers and sends requests. */
void
enricher_run(struct enricher *e)
{
    struct ctl_answer answer;
    struct dp_flow *f;

    while ((f = flow_table_pop_settled(e->flows, false)) != NULL) {
        finish_flow(e, f);
    }

    if (ctl_client_run(e->client, &answer)) {
        handle_answer(e, &answer);
        ctl_answer_destroy(&answer);
    }
    run_requests(e);
    if (!ctl_client_is_idle(e->client)
        && ctl_client_run(e->client, &answer)) {
        handle_answer(e, &answer);
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
