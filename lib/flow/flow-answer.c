/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-answer.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow-rules.h"
#include "flow/slice.h"
#include "openvswitch/dynamic-string.h"
#include "sset.h"
#include "util.h"

/* Returns true if 'text', the answer to list-commands, has 'command'. */
bool
flow_answer_lists(const char *text, const char *command)
{
    struct slice line;

    while (slice_next_line(&text, &line)) {
        slice_skip_spaces(&line);
        line.n = strcspn(line.s, " \t\n");
        if (slice_is(&line, command)) {
            return true;
        }
    }
    return false;
}

/* Returns how many types of datapaths 'text', the answer to dpif/dump-dps,
 * has.  It has a line TYPE@BRIDGE for each bridge, and all bridges of a type
 * have one datapath in common (get_ofprotos() in ofproto/ofproto-dpif.c). */
int
flow_answer_count_datapaths(const char *text)
{
    struct sset types = SSET_INITIALIZER(&types);
    struct slice line;
    int n;

    while (slice_next_line(&text, &line)) {
        if (line.n) {
            const char *at = memchr(line.s, '@', line.n);
            char *type = xmemdup0(line.s, at ? at - line.s : line.n);

            sset_add(&types, type);
            free(type);
        }
    }
    n = MIN(sset_count(&types), INT_MAX);
    sset_destroy(&types);
    return n;
}

/* What ofproto/detrace says of datapaths where it has no rules. */
static const char no_flow_prefix[] = "UFID was not found for ";
static const char no_cache_prefix[] = "Cache was not found for ";

/* Returns true if 's', a string, is what ofproto/detrace prints for a rule
 * (ofproto_rule_stats_ds() in ofproto/ofproto.c), or for the lack of one. */
static bool
is_detrace_rule(const char *s)
{
    uint64_t cookie;
    uint8_t table;
    int n = 0;

    if (ovs_scan(s, "cookie=0x%"SCNx64",%n", &cookie, &n) && s[n] == ' ') {
        s += n + 1;
    }
    n = 0;
    if (ovs_scan(s, "table_id=%"SCNu8",%n", &table, &n) && s[n] == ' ') {
        return (!strncmp(s + n, " duration=", 10)
                || !strncmp(s + n, " no match", 9));
    }
    n = 0;
    return ovs_scan(s, "duration=%*ds,%n", &n) && s[n] == ' ';
}

/* Returns true if 's', a string, is what may follow a group. */
static bool
ends_group(const char *s)
{
    switch (*s) {
    case 'c':
    case 't':
    case 'd':
        return is_detrace_rule(s);
    case 'g':
        return !strncmp(s, "group_id=", 9);
    case 'U':
        return !strncmp(s, no_flow_prefix, strlen(no_flow_prefix));
    case 'C':
        return !strncmp(s, no_cache_prefix, strlen(no_cache_prefix));
    default:
        return false;
    }
}

/* Returns where what follows the group in 'line' starts, or the end of 'line'
 * if nothing is recognized: OVS 3.4 to 4.0 put no new-line behind groups
 * (xlate_xcache_format() in ofproto/ofproto-dpif-xlate-cache.c). */
static size_t
group_end(const struct slice *line)
{
    for (size_t i = 1; i < line->n; i++) {
        if (ends_group(line->s + i)) {
            return i;
        }
    }
    return line->n;
}

/* An answer to ofproto/detrace as it is read. */
struct detrace {
    struct ds *rules;
    bool has_rules;
    bool has_bridge;            /* The next rule is of a bridge. */
};

static void
detrace_put_bridge(struct detrace *d, const struct slice *name)
{
    flow_rules_put_bridge(d->rules, name);
    d->has_bridge = true;
}

/* Takes the group out of the start of 'line', behind which there is a new-line
 * if 'ended' is true.  If nothing is recognized between them, that is due to
 * the name of a bridge, which nobody can tell from the end of the group. */
static void
detrace_put_group(struct detrace *d, struct slice *line, bool ended)
{
    static const struct slice unknown = {
        FLOW_BRIDGE_UNKNOWN, sizeof FLOW_BRIDGE_UNKNOWN - 1,
    };
    struct slice group = { line->s, group_end(line) };

    line->s += group.n;
    line->n -= group.n;
    while (group.n && group.s[group.n - 1] == ' ') {
        group.n--;
    }
    flow_rules_put(d->rules, "  ", &group);
    d->has_rules = true;
    if (!line->n && ended && d->has_bridge) {
        flow_rules_put(d->rules, "", &unknown);
        d->has_bridge = false;
    }
}

/* If 'line' is a rule as ofproto/detrace prints it, or a group, or the lack of
 * a rule, takes it out of 'line', perhaps not all of it, and returns true. */
static bool
detrace_put_rule(struct detrace *d, struct slice *line, bool ended)
{
    struct slice rule = *line;

    slice_skip_spaces(&rule);
    if (slice_skip(&rule, "group_id=")) {
        slice_skip_spaces(line);
        detrace_put_group(d, line, ended);
        return true;
    }
    if (!slice_skip(&rule, "cookie=") && !slice_skip(&rule, "table_id=")
        && !slice_skip(&rule, "duration=")) {
        return false;
    }
    slice_skip_spaces(line);
    flow_rules_put(d->rules, "  ", line);
    d->has_rules = true;
    line->n = 0;
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
    struct detrace d = { .rules = rules };
    struct slice line = { text, 0 };
    int n_others = 0;

    while (line.n || slice_next_line(&text, &line)) {
        bool ended = line.s[line.n] == '\n';

        if (slice_skip(&line, no_flow_prefix)) {
            if (slice_is(&line, datapath)) {
                answer = FLOW_ANSWER_NO_FLOW;
            }
            n_others++;
        } else if (slice_skip(&line, no_cache_prefix)) {
            if (slice_is(&line, datapath)) {
                answer = FLOW_ANSWER_NO_CACHE;
            }
            n_others++;
        } else if (detrace_put_rule(&d, &line, ended)) {
            continue;
        } else if (line.n && !memchr(line.s, ' ', line.n)) {
            detrace_put_bridge(&d, &line);
        } else {
            return FLOW_ANSWER_BAD;
        }
        line.n = 0;
    }
    return (answer != FLOW_ANSWER_OK ? answer
            : n_others < n_datapaths - 1 ? FLOW_ANSWER_AMBIGUOUS
            : d.has_rules ? FLOW_ANSWER_OK : FLOW_ANSWER_NO_RULES);
}

/* Stores the counters in 'text', the answer to dpctl/get-flow, in '*counters'
 * and appends what the flow matches to 'match', unless that is too long, and
 * the actions to 'actions'.  An error may look like a success
 * (dpctl_get_flow() in lib/dpctl.c of OVS 3.1 to 4.0). */
enum flow_answer
flow_answer_get_flow(const char *text, struct flow_counters *counters,
                     struct ds *match, struct ds *actions)
{
    const char *packets = strstr(text, ", packets:");
    const char *found = packets ? strstr(packets, ", actions:") : NULL;
    struct slice line;

    if (!found || !ovs_scan(packets, ", packets:%"SCNu64", bytes:%"SCNu64,
                            &counters->packets, &counters->bytes)) {
        return FLOW_ANSWER_BAD;
    }
    line.s = text;
    line.n = packets - text;
    flow_rules_put_limited(match, "", &line, "");
    line.s = found;
    line.n = strcspn(found, "\n");
    slice_skip(&line, ", actions:");
    flow_rules_put_limited(actions, "", &line, "");
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
