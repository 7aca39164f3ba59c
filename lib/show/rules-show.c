/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/rules-show.h"

#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-rules.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"

/* What is in front of a rule, and of nothing else, see flow-rules.h. */
#define RULE_INDENT "  "

/* Finds the next rule in '*text' (see flow-rules.h), which may be NULL, and
 * moves '*text' behind it.  Stores it in 'rule', which has to be all zeros
 * before the first.  Returns false if there are no more. */
static bool
next_rule(const char **text, struct rule *rule)
{
    const char *line = *text;

    rule->rule = NULL;
    while (line && *line && !rule->rule) {
        size_t n = strcspn(line, "\n");

        if (strncmp(line, RULE_INDENT, strlen(RULE_INDENT))) {
            bool known = strncmp(line, FLOW_BRIDGE_UNKNOWN "\n",
                                 sizeof FLOW_BRIDGE_UNKNOWN);

            rule->bridge = known ? line : NULL;
            rule->bridge_len = n;
        } else if (strcmp(line, FLOW_RULES_CUT)) {
            rule->rule = line + strlen(RULE_INDENT);
            rule->rule_len = n - strlen(RULE_INDENT);
        }
        line += n + (line[n] != '\0');
    }
    *text = line;
    return rule->rule != NULL;
}

/* Writes the rules of 'text' (see flow-rules.h), which may be NULL, as an
 * array. */
void
rules_show_rules(struct json_writer *w, const char *name, const char *text)
{
    struct rule rule = { .rule = NULL };

    json_write_array(w, name);
    while (next_rule(&text, &rule)) {
        json_write_string_len(w, NULL, rule.rule, rule.rule_len);
    }
    json_write_end_array(w);
}

/* Writes the bridge that each of the rules of 'text' is of, which may be NULL,
 * as an array. */
void
rules_show_bridges(struct json_writer *w, const char *name, const char *text)
{
    struct rule rule = { .rule = NULL };

    json_write_array(w, name);
    while (next_rule(&text, &rule)) {
        if (rule.bridge) {
            json_write_string_len(w, NULL, rule.bridge, rule.bridge_len);
        } else {
            json_write_null(w, NULL);
        }
    }
    json_write_end_array(w);
}

/* Returns true if 'a' and 'b' are of the same bridge, or if that of both is
 * unknown. */
static bool
have_same_bridge(const struct rule *a, const struct rule *b)
{
    return (!a->bridge || !b->bridge ? a->bridge == b->bridge
            : (a->bridge_len == b->bridge_len
               && !memcmp(a->bridge, b->bridge, a->bridge_len)));
}

/* Appends 'rule' to 'text', in which 'last' is the one before, all zeros if
 * there is none. */
void
rules_show_join(struct ds *text, const struct rule *last,
                const struct rule *rule)
{
    if (!have_same_bridge(last, rule)) {
        if (rule->bridge) {
            ds_put_buffer(text, rule->bridge, rule->bridge_len);
        } else {
            ds_put_cstr(text, FLOW_BRIDGE_UNKNOWN);
        }
        ds_put_char(text, '\n');
    }
    ds_put_cstr(text, RULE_INDENT);
    ds_put_buffer(text, rule->rule, rule->rule_len);
    ds_put_char(text, '\n');
}

/* Returns true if 'text' is what rules_show_join() makes of its rules. */
bool
rules_show_is_joined(const char *text)
{
    struct ds joined = DS_EMPTY_INITIALIZER;
    struct rule rule = { .rule = NULL };
    struct rule last = { .rule = NULL };
    const char *left = text;
    bool same;

    while (next_rule(&left, &rule)) {
        rules_show_join(&joined, &last, &rule);
        last = rule;
    }
    same = !strcmp(ds_cstr(&joined), text);
    ds_destroy(&joined);
    return same;
}
