/* SPDX-License-Identifier: Apache-2.0 */

/* What the enricher makes of the answers of ovs-vswitchd: results, and what to
 * ask next. */

#include <config.h>

#include "flow/enricher-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "flow/ctl-client.h"
#include "flow/flow-answer.h"
#include "flow/flow-table.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "timeval.h"
#include "util.h"

/* How long to wait before another try when ovs-vswitchd has not answered, in
 * ms: at first and at most. */
#define FIRST_PAUSE 100
#define MAX_PAUSE 1000

/* When to ask again for the rules of a flow if they were not known, in ms. */
#define NO_CACHE_DELAY 2000

/* How long it may take, in ms, until the record of an upcall has arrived: what
 * ends without an execute is collected after a while. */
#define SETTLE_DELAY 1000

/* So often to ask for the rules that are kept, before those for the key are
 * asked for, unless there is more to ask than fits into a second; and how
 * often a flow may be left without an answer. */
#define MAX_NO_CACHE 2
#define MAX_FAILED 3

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

/* Returns true if more flows that were put wait to be asked about for the
 * first time than there can be requests in a second. */
static bool
is_busy(const struct enricher *e)
{
    struct flow_table_stats stats;

    flow_table_get_stats(e->flows, &stats);
    return (stats.n_queued - stats.n_check_queued - stats.n_found_queued
            > e->stats.rate);
}

/* 'answer' told no rules of 'f'.  Of one that was found, the kernel may have
 * told already: then it was there just now, and another program may have put
 * it. */
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
        fail_flow(e, f, f->told
                  ? "removed, or ovs-vswitchd does not know it"
                  : "removed before ovs-vswitchd was asked");
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
    char *datapath = enricher_datapath_name(e, f, "system@");
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
        enricher_finish_flow(e, f);
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
 * Returns false if the table has forgotten it. */
static bool
compare_flow(struct enricher *e, struct dp_flow *f, const char *match,
             const char *actions)
{
    if (!flow_text_is_match(&f->key, &f->mask, match)) {
        flow_table_set_match(e->flows, f, match);
        f = flow_table_get(e->flows, e->flow);
    }
    if (f && !flow_text_is_actions(&f->actions, actions)) {
        flow_table_set_now(e->flows, f, actions);
        f = flow_table_get(e->flows, e->flow);
    }
    return f != NULL;
}

/* 'f', which was found, matches 'match' and has 'actions'.  At first, goes on
 * to its rules; then, these have been told of that flow, or of another one. */
static void
handle_found(struct enricher *e, struct dp_flow *f, const char *match,
             const char *actions)
{
    char *told = xasprintf("%s" FLOW_ACTIONS_PREFIX "%s", match, actions);

    if (!f->told) {
        f->step = FLOW_ASK_DETRACE;
        e->next_is_same = true;
        flow_table_set_told(e->flows, f, match, actions);
    } else {
        if (strcmp(f->told, told)) {
            flow_table_set_now(e->flows, f, actions);
            f = flow_table_get(e->flows, e->flow);
        }
        if (f) {
            flow_table_settle(e->flows, f, SETTLE_DELAY);
        }
    }
    free(told);
}

/* 'f', of which all else is known, has been asked for again. */
static void
handle_get_again(struct enricher *e, struct dp_flow *f, const char *text)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;
    struct flow_counters counters;

    if (flow_answer_get_flow(text, &counters, &match, &actions)
        == FLOW_ANSWER_OK) {
        flow_table_checked(f, flow_text_is_actions(&f->actions,
                                                   ds_cstr(&actions)),
                           e->sent);
    } else {
        e->stats.errors++;
        flow_table_checked(f, false, e->sent);
    }
    ds_destroy(&match);
    ds_destroy(&actions);
}

static void
handle_get_flow(struct enricher *e, struct dp_flow *f, const char *text)
{
    struct ds match = DS_EMPTY_INITIALIZER;
    struct ds actions = DS_EMPTY_INITIALIZER;

    if (flow_answer_get_flow(text, &f->counters, &match, &actions)
        == FLOW_ANSWER_OK) {
        f->has_counters = true;
        if (f->found) {
            handle_found(e, f, ds_cstr(&match), ds_cstr(&actions));
            goto out;
        }
        flow_table_checked(f, flow_text_is_actions(&f->actions,
                                                   ds_cstr(&actions)),
                           e->sent);
        if (compare_flow(e, f, ds_cstr(&match), ds_cstr(&actions))) {
            flow_table_settle(e->flows, f, SETTLE_DELAY);
        }
    } else {
        handle_no_rules(e, f, FLOW_ANSWER_BAD);
    }
out:
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

/* Returns true if it was only asked about 'f', which may be NULL, again. */
static bool
was_asked_again(const struct enricher *e, const struct dp_flow *f)
{
    if (!f || !f->is_checked) {
        return false;
    }
    ovs_assert(e->command == ENRICH_GET_FLOW);
    return true;
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
        if (was_asked_again(e, f)) {
            handle_get_again(e, f, text);
        } else if (!f || f->state != FLOW_PENDING) {
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
    } else if (was_asked_again(e, f)) {
        flow_table_checked(f, false, e->sent);
        return;
    } else if (!f || f->state != FLOW_PENDING) {
        return;
    } else if (e->command == ENRICH_GET_FLOW
               && (flow_answer_get_flow_error(text) == FLOW_ANSWER_NO_FLOW)) {
        if (f->found && !f->told) {
            handle_no_rules(e, f, FLOW_ANSWER_NO_FLOW);
            return;
        }
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
    enricher_forget_target(e);
    e->pause = e->pause ? MIN(e->pause * 2, MAX_PAUSE) : FIRST_PAUSE;
    e->paused_until = time_msec() + e->pause;
    if (f && f->is_checked) {
        f->is_checked = false;
    } else if (f && f->state == FLOW_PENDING
               && (++f->n_failed >= MAX_FAILED
                   || !flow_table_requeue(e->flows, f, e->pause))) {
        fail_flow(e, f, answer->text);
    }
}

/* Takes in the answer to the request in progress. */
void
enricher_handle_answer(struct enricher *e, const struct ctl_answer *answer)
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
