/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow-answer.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* A line, or a part of one, within a text. */
struct slice {
    const char *s;
    size_t n;
};

/* Takes the first line out of '*textp'.  Returns false if there is none. */
static bool
next_line(const char **textp, struct slice *line)
{
    line->s = *textp;
    line->n = strcspn(line->s, "\n");
    *textp += line->n + (line->s[line->n] != '\0');
    return line->s[0] != '\0';
}

static bool
slice_is(const struct slice *slice, const char *s)
{
    return slice->n == strlen(s) && !memcmp(slice->s, s, slice->n);
}

/* If 'line' starts with 'prefix', removes that and returns true. */
static bool
skip(struct slice *line, const char *prefix)
{
    size_t n = strlen(prefix);

    if (line->n < n || memcmp(line->s, prefix, n)) {
        return false;
    }
    line->s += n;
    line->n -= n;
    return true;
}

/* Removes spaces from the start of 'line' and returns how many. */
static size_t
skip_spaces(struct slice *line)
{
    size_t n = 0;

    while (n < line->n && line->s[n] == ' ') {
        n++;
    }
    line->s += n;
    line->n -= n;
    return n;
}

/* Appends 'prefix', 'line' and 'suffix' to 'ds'.  Returns false and appends
 * nothing if it would have more than FLOW_RULES_MAX bytes with a line behind
 * that says so. */
static bool
put_limited(struct ds *ds, const char *prefix, const struct slice *line,
            const char *suffix)
{
    const size_t max = FLOW_RULES_MAX - strlen(FLOW_RULES_CUT);
    size_t length = ds->length;

    if (length + line->n >= max) {
        return false;
    }
    ds_put_cstr(ds, prefix);
    ds_put_printable(ds, line->s, line->n);
    ds_put_cstr(ds, suffix);
    if (ds->length > max) {
        ds_truncate(ds, length);
        return false;
    }
    return true;
}

static bool
are_cut(const char *rules, size_t length)
{
    size_t n = strlen(FLOW_RULES_CUT);

    return length >= n && !strcmp(rules + length - n, FLOW_RULES_CUT);
}

/* Returns true if 'rules' are not all that the flow has. */
bool
flow_rules_are_cut(const char *rules)
{
    return are_cut(rules, strlen(rules));
}

/* Appends 'line', of which 'prefix' says whether it is a bridge or a rule, to
 * 'rules', as long as there is room. */
static void
put_rule(struct ds *rules, const char *prefix, const struct slice *line)
{
    if (!are_cut(ds_cstr(rules), rules->length)
        && !put_limited(rules, prefix, line, "\n")) {
        ds_put_cstr(rules, FLOW_RULES_CUT);
    }
}

/* Returns true if 'text', the answer to list-commands, has 'command'. */
bool
flow_answer_lists(const char *text, const char *command)
{
    struct slice line;

    while (next_line(&text, &line)) {
        skip_spaces(&line);
        line.n = strcspn(line.s, " \t\n");
        if (slice_is(&line, command)) {
            return true;
        }
    }
    return false;
}

/* Returns how many datapaths 'text', the answer to dpif/dump-dps, has. */
int
flow_answer_count_datapaths(const char *text)
{
    struct slice line;
    int n = 0;

    while (next_line(&text, &line)) {
        n += line.n > 0;
    }
    return n;
}

/* Returns where the rule that follows the group in 'line' starts, or the end
 * of 'line' if there is none: OVS 3.4 to 4.0 put no new-line behind groups
 * (xlate_xcache_format() in ofproto/ofproto-dpif-xlate-cache.c). */
static size_t
group_end(const struct slice *line)
{
    for (size_t i = 1; i < line->n; i++) {
        const char *s = line->s + i;
        int n = 0;

        if (!strncmp(s, "cookie=0x", 9)
            && ovs_scan(s, "cookie=0x%*[0-9a-f],%n", &n) && n
            && (!strncmp(s + n, " duration=", 10)
                || !strncmp(s + n, " table_id=", 10))) {
            return i;
        }
    }
    return line->n;
}

/* If 'line' is a rule as ofproto/detrace prints it, or a group, or the lack of
 * a rule, appends it to 'rules' and returns true. */
static bool
put_detrace_rule(struct slice line, struct ds *rules)
{
    skip_spaces(&line);
    if (!strncmp(line.s, "group_id=", 9)) {
        struct slice group = { line.s, group_end(&line) };

        line.s += group.n;
        line.n -= group.n;
        while (group.n && group.s[group.n - 1] == ' ') {
            group.n--;
        }
        put_rule(rules, "  ", &group);
        return !line.n || put_detrace_rule(line, rules);
    } else if (strncmp(line.s, "cookie=", 7)
               && strncmp(line.s, "table_id=", 9)) {
        return false;
    }
    put_rule(rules, "  ", &line);
    return true;
}

/* Appends the rules in 'text', the answer to ofproto/detrace, to 'rules'.
 * That command looks for the flow in each of 'n_datapaths' datapaths and says
 * in which it is not, but not in which it is
 * (upcall_unixctl_ofproto_detrace() in ofproto/ofproto-dpif-upcall.c of OVS
 * 3.4 to 4.0).  The rules are only taken if the flow must be in 'datapath',
 * such as "system@ovs-system".  Before OVS 4.0 it does not name bridges. */
enum flow_answer
flow_answer_detrace(const char *text, const char *datapath, int n_datapaths,
                    struct ds *rules)
{
    enum flow_answer answer = FLOW_ANSWER_OK;
    struct slice line;
    int n_others = 0;

    while (next_line(&text, &line)) {
        if (skip(&line, "UFID was not found for ")) {
            if (slice_is(&line, datapath)) {
                answer = FLOW_ANSWER_NO_FLOW;
            }
            n_others++;
        } else if (skip(&line, "Cache was not found for ")) {
            if (slice_is(&line, datapath)) {
                answer = FLOW_ANSWER_NO_CACHE;
            }
            n_others++;
        } else if (put_detrace_rule(line, rules)) {
            continue;
        } else if (line.n && !memchr(line.s, ' ', line.n)) {
            put_rule(rules, "", &line);        /* A bridge. */
        } else {
            return FLOW_ANSWER_BAD;
        }
    }
    return (answer == FLOW_ANSWER_OK && n_others < n_datapaths - 1
            ? FLOW_ANSWER_AMBIGUOUS : answer);
}

/* Most rules of a translation that are read. */
#define TRACE_RULES_MAX 256

/* A rule of a translation, or a bridge. */
struct trace_rule {
    struct slice bridge;        /* For a bridge. */
    char table[4];              /* For a rule. */
    struct slice match;         /* Match, priority and cookie. */
    size_t indent;              /* Spaces in front, none of table 100. */
    struct ds actions;
};

struct trace {
    struct trace_rule rules[TRACE_RULES_MAX];
    size_t n;
};

static struct trace_rule *
trace_add(struct trace *t)
{
    struct trace_rule *rule;

    if (t->n >= TRACE_RULES_MAX) {
        return NULL;
    }
    rule = &t->rules[t->n++];
    memset(rule, 0, sizeof *rule);
    ds_init(&rule->actions);
    return rule;
}

/* If 'line' is a rule, such as "5. ip, priority 20", or the lack of one, adds
 * it to 't' and returns true. */
static bool
trace_add_rule(struct trace *t, const struct slice *line, size_t indent)
{
    struct trace_rule *rule;
    size_t digits = 0;

    while (digits < line->n && isdigit((unsigned char) line->s[digits])) {
        digits++;
    }
    if (!digits || digits > 3 || line->n < digits + 2
        || memcmp(line->s + digits, ". ", 2)) {
        return false;
    }
    rule = trace_add(t);
    if (rule) {
        memcpy(rule->table, line->s, digits);
        rule->match.s = line->s + digits + 2;
        rule->match.n = line->n - digits - 2;
        rule->indent = indent;
    }
    return true;
}

/* Adds 'action' to the rule that it belongs to: the last one with less
 * indentation. */
static void
trace_add_action(struct trace *t, const struct slice *action, size_t indent)
{
    for (size_t i = t->n; i-- > 0; ) {
        struct trace_rule *rule = &t->rules[i];

        if (!rule->bridge.s && rule->indent < indent) {
            put_limited(&rule->actions, rule->actions.length ? "," : "",
                        action, "");
            break;
        }
    }
}

/* Takes in 'line'. */
static void
trace_add_line(struct trace *t, struct slice line)
{
    size_t indent = skip_spaces(&line);
    struct trace_rule *rule;

    if (skip(&line, "bridge(\"")) {
        rule = trace_add(t);
        if (rule) {
            line.n = strcspn(line.s, "\"\n");
            rule->bridge = line;
        }
    } else if (line.n && !trace_add_rule(t, &line, indent) && indent
               && !skip(&line, "-> ") && !skip(&line, ">> ")
               && !skip(&line, ">>>> ") && !skip(&line, "--")) {
        trace_add_action(t, &line, indent);
    }
}

/* Appends the rules of 't' to 'rules' and frees what 't' refers to. */
static void
trace_finish(struct trace *t, struct ds *rules)
{
    for (size_t i = 0; i < t->n; i++) {
        struct trace_rule *rule = &t->rules[i];
        struct ds ds = DS_EMPTY_INITIALIZER;
        struct slice line;

        if (rule->bridge.s) {
            put_rule(rules, "", &rule->bridge);
        } else {
            ds_put_format(&ds, "table=%s, ", rule->table);
            ds_put_buffer(&ds, rule->match.s, rule->match.n);
            ds_put_format(&ds, ", actions=%s", rule->actions.length
                          ? ds_cstr(&rule->actions) : "drop");
            line.s = ds_cstr(&ds);
            line.n = ds.length;
            put_rule(rules, "  ", &line);
        }
        ds_destroy(&ds);
        ds_destroy(&rule->actions);
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

    while (answer == FLOW_ANSWER_BAD && next_line(&text, &line)) {
        if (skip(&line, "Datapath actions: ")) {
            put_limited(actions, "", &line, "");
            answer = FLOW_ANSWER_OK;
        } else {
            trace_add_line(t, line);
        }
    }
    trace_finish(t, rules);
    free(t);
    return answer;
}

/* Stores the counters in 'text', the answer to dpctl/get-flow, in '*counters'
 * and appends the actions to 'actions'.  An error may look like a success
 * (dpctl_get_flow() in lib/dpctl.c of OVS 3.1 to 4.0). */
enum flow_answer
flow_answer_get_flow(const char *text, struct flow_counters *counters,
                     struct ds *actions)
{
    const char *packets = strstr(text, "packets:");
    const char *found = packets ? strstr(packets, ", actions:") : NULL;

    if (!found || !ovs_scan(packets, "packets:%"SCNu64", bytes:%"SCNu64,
                            &counters->packets, &counters->bytes)) {
        return FLOW_ANSWER_BAD;
    }

    struct slice line = { found, strcspn(found, "\n") };

    skip(&line, ", actions:");
    put_limited(actions, "", &line, "");
    return FLOW_ANSWER_OK;
}

/* Returns what 'text', an error reply to dpctl/get-flow, means. */
enum flow_answer
flow_answer_get_flow_error(const char *text)
{
    return (strstr(text, "No such file or directory")
            || strstr(text, "No such device")
            || strstr(text, "datapath not found")
            ? FLOW_ANSWER_NO_FLOW : FLOW_ANSWER_BAD);
}
