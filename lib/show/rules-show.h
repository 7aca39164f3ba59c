/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RULES_SHOW_H
#define LIB_RULES_SHOW_H 1

/* OpenFlow rules, whose text flow/flow-rules.h describes, as JSON. */

#include <stdbool.h>
#include <stddef.h>

struct ds;
struct json_writer;

/* A rule of a text, and the bridge that it is of, NULL if unknown. */
struct rule {
    const char *bridge, *rule;
    size_t bridge_len, rule_len;
};

void rules_show_rules(struct json_writer *, const char *name,
                      const char *text);
void rules_show_bridges(struct json_writer *, const char *name,
                        const char *text);

void rules_show_join(struct ds *text, const struct rule *last,
                     const struct rule *);
bool rules_show_is_joined(const char *text);

#endif /* lib/show/rules-show.h */
