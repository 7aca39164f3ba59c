/* SPDX-License-Identifier: Apache-2.0 */

/* The answer to ofproto/trace: the lines of a translation, of which those
 * that are rules are wanted, with their actions and bridges, which only the
 * indentation tells. */

#include <config.h>

#include "flow/flow-answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow-rules.h"
#include "flow/slice.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Most lines of a translation that are kept. */
#define TRACE_NODES_MAX 256

/* Spaces by which each level of a translation is indented. */
#define TRACE_INDENT 4

enum trace_type {
    TRACE_BRIDGE,
    TRACE_RULE,
    TRACE_OTHER,                /* Has actions that are not of a rule. */
};

/* A line of a translation that others belong to. */
struct trace_node {
    enum trace_type type;
    size_t indent;              /* Spaces in front, none of table 100. */
    const struct trace_node *bridge;    /* The one that it is in, or NULL. */

    /* For a bridge. */
    struct slice name;
    size_t inner;               /* Lowest level of what is in it; SIZE_MAX if
                                 * there is nothing so far. */

    /* For a rule. */
    char table[4];
    struct slice match;         /* Match, priority and cookie. */
    struct ds actions;
};

struct trace {
    struct trace_node nodes[TRACE_NODES_MAX];
    size_t n;
    struct trace_node *bridge;  /* The last one that has not ended. */
    bool has_rules;
    bool cut;                   /* There is more than is kept. */
};

static struct trace_node *
trace_add(struct trace *t, enum trace_type type, size_t indent)
{
    struct trace_node *node;

    if (t->n >= TRACE_NODES_MAX) {
        t->cut = true;
        return NULL;
    }
    node = &t->nodes[t->n++];
    memset(node, 0, sizeof *node);
    node->type = type;
    node->indent = indent;
    node->bridge = t->bridge;
    ds_init(&node->actions);
    return node;
}

static size_t
trace_level(size_t indent)
{
    return indent / TRACE_INDENT;
}

/* Goes back to the bridge around the current one. */
static void
trace_leave_bridge(struct trace *t)
{
    t->bridge = CONST_CAST(struct trace_node *, t->bridge->bridge);
}

/* Ends the bridges that a rule, or a bridge, with 'indent' is not in.
 *
 * What is in a bridge has a higher level than that, or at least the same one
 * if nothing follows in the rule that the bridge is in: the first line in it
 * tells (oftrace_node_print_details() in ofproto/ofproto-dpif-trace.c). */
static void
trace_end_bridges(struct trace *t, size_t indent)
{
    size_t level = trace_level(indent);

    while (t->bridge) {
        size_t outer = trace_level(t->bridge->indent);

        if (t->bridge->inner == SIZE_MAX && level >= outer) {
            t->bridge->inner = MIN(level, outer + 1);
        }
        if (t->bridge->inner != SIZE_MAX && level >= t->bridge->inner) {
            break;
        }
        trace_leave_bridge(t);
    }
}

/* Takes in a bridge, 'line' is what is behind the quote. */
static void
trace_add_bridge(struct trace *t, const struct slice *line, size_t indent)
{
    struct trace_node *node;

    trace_end_bridges(t, indent);
    node = trace_add(t, TRACE_BRIDGE, indent);
    if (node) {
        node->name.s = line->s;
        node->name.n = strcspn(line->s, "\"\n");
        node->inner = SIZE_MAX;
        t->bridge = node;
    }
}

/* Takes in the start of an action set, the last line on its level in a bridge,
 * which may have had only lines of higher levels so far. */
static void
trace_add_action_set(struct trace *t, size_t indent)
{
    size_t level = trace_level(indent);

    while (t->bridge && trace_level(t->bridge->indent) > level) {
        trace_leave_bridge(t);
    }
    if (t->bridge) {
        t->bridge->inner = MIN(t->bridge->inner, level);
    }
    trace_add(t, TRACE_OTHER, indent);
}

/* If 'line' is a rule, such as "5. ip, priority 20", or the lack of one, adds
 * it to 't' and returns true. */
static bool
trace_add_rule(struct trace *t, const struct slice *line, size_t indent)
{
    struct trace_node *node;
    size_t digits = 0;

    while (digits < line->n && isdigit((unsigned char) line->s[digits])) {
        digits++;
    }
    if (!digits || digits > 3 || line->n < digits + 2
        || memcmp(line->s + digits, ". ", 2)) {
        return false;
    }
    trace_end_bridges(t, indent);
    node = trace_add(t, TRACE_RULE, indent);
    if (node) {
        memcpy(node->table, line->s, digits);
        node->match.s = line->s + digits + 2;
        node->match.n = line->n - digits - 2;
        t->has_rules = true;
    }
    return true;
}

/* Adds 'action' to the rule that it belongs to: the last one with less
 * indentation. */
static void
trace_add_action(struct trace *t, const struct slice *action, size_t indent)
{
    for (size_t i = t->n; i-- > 0; ) {
        struct trace_node *node = &t->nodes[i];

        if (node->type != TRACE_BRIDGE && node->indent < indent) {
            if (node->type == TRACE_RULE
                && !flow_rules_put_limited(&node->actions,
                                node->actions.length ? "," : "", action, "")) {
                t->cut = true;
            }
            break;
        }
    }
}

/* Returns true if 'line' is a bucket of a group, such as "bucket 0".  Its
 * actions are those of the group. */
static bool
is_trace_bucket(const struct slice *line)
{
    struct slice id = *line;

    return (slice_skip(&id, "bucket ") && id.n
            && strspn(id.s, "0123456789") >= id.n);
}

/* Takes in 'line'. */
static void
trace_add_line(struct trace *t, struct slice line)
{
    size_t indent = slice_skip_spaces(&line);

    if (slice_skip(&line, "bridge(\"")) {
        trace_add_bridge(t, &line, indent);
    } else if (slice_skip(&line, "--. ")) {
        trace_add_action_set(t, indent);
    } else if (is_trace_bucket(&line)) {
        trace_add(t, TRACE_OTHER, indent);
    } else if (line.n && !trace_add_rule(t, &line, indent) && indent
               && !slice_skip(&line, "-> ") && !slice_skip(&line, ">> ")
               && !slice_skip(&line, ">>>> ") && !slice_skip(&line, "--")) {
        trace_add_action(t, &line, indent);
    }
}

/* Appends the rule in 'node' to 'rules'. */
static void
trace_put_rule(struct trace_node *node, struct ds *rules)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct slice line;

    ds_put_format(&ds, "table=%s, ", node->table);
    ds_put_buffer(&ds, node->match.s, node->match.n);
    ds_put_format(&ds, ", actions=%s", node->actions.length
                  ? ds_cstr(&node->actions) : "drop");
    line.s = ds_cstr(&ds);
    line.n = ds.length;
    flow_rules_put(rules, "  ", &line);
    ds_destroy(&ds);
}

/* Appends the rules of 't', each behind the bridge that it is in, to 'rules'
 * and frees what 't' refers to. */
static void
trace_finish(struct trace *t, struct ds *rules)
{
    const struct trace_node *bridge = NULL;

    for (size_t i = 0; i < t->n; i++) {
        struct trace_node *node = &t->nodes[i];

        if (node->type == TRACE_RULE) {
            if (node->bridge && node->bridge != bridge) {
                bridge = node->bridge;
                flow_rules_put_bridge(rules, &bridge->name);
            }
            trace_put_rule(node, rules);
        }
        ds_destroy(&node->actions);
    }
    if (t->cut) {
        flow_rules_put_cut(rules);
    }
}

/* Appends the rules in 'text', the answer to ofproto/trace for a datapath
 * flow, to 'rules', and the datapath actions that they give to 'actions'.
 *
 * Rules are made look as those of ofproto/detrace, as far as ofproto/trace
 * tells: "table=5, ip, priority 20, cookie 0x2, actions=output:2".  What
 * follows a recirculation is not that flow's (oftrace_node_print_details() and
 * ofproto_trace__() in ofproto/ofproto-dpif-trace.c of OVS 3.1 to 4.0). */
enum flow_answer
flow_answer_trace(const char *text, struct ds *rules, struct ds *actions)
{
    struct trace *t = xzalloc(sizeof *t);
    enum flow_answer answer = FLOW_ANSWER_BAD;
    struct slice line;

    while (answer == FLOW_ANSWER_BAD && slice_next_line(&text, &line)) {
        if (slice_skip(&line, "Datapath actions: ")) {
            flow_rules_put_limited(actions, "", &line, "");
            answer = t->has_rules ? FLOW_ANSWER_OK : FLOW_ANSWER_NO_RULES;
        } else if (!t->cut) {
            trace_add_line(t, line);
        }
    }
    trace_finish(t, rules);
    free(t);
    return answer;
}
