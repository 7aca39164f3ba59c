/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/flow-show.h"

#include <inttypes.h>
#include <string.h>

#include "flow/flow-table.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "show/upcall-json-values.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

/* What is to be shown of a flow. */
struct flow_facts {
    enum flow_state state;
    const char *error;          /* Or NULL. */
    const char *source;         /* Or NULL. */
    const char *rules;          /* Or NULL. */
};

/* Returns what is known of the flow that 'u' has put. */
static struct flow_facts
get_facts(const struct upcall *u, const struct flow_table *table)
{
    struct flow_facts facts = { .state = FLOW_PARTIAL };
    const struct dp_flow *f;

    if (!table) {
        return facts;                   /* Nobody is asked. */
    }
    f = flow_table_find(table, u->rec->id);
    if (f) {
        facts.state = f->state;
        facts.error = f->error;
        if (!f->modified && f->state != FLOW_PENDING) {
            facts.source = f->source;
            facts.rules = f->rules;
        }
    } else if (!(u->rec->flags & UPCALL_F_PUT_DONE) || u->rec->put_ret) {
        facts.error = "the kernel has not installed it";
    } else if (!(u->rec->flags & UPCALL_F_UFID)) {
        facts.error = "it has no UFID";
    } else {
        facts.error = "forgotten, there were too many flows";
    }
    return facts;
}

/* Appends the flow with 'key', 'mask' and 'actions' to 'ds', as dpctl/get-flow
 * prints it but for the counters.  Returns false if it is not known. */
static bool
put_datapath_flow(const struct upcall_attrs *key,
                  const struct upcall_attrs *mask,
                  const struct upcall_attrs *actions, struct ds *ds)
{
    if (!actions->data || !flow_text_match(key, mask, ds)) {
        return false;
    }
    ds_put_cstr(ds, ", actions:");
    flow_text_actions(actions, ds);
    return true;
}

/* Rules. */

/* What is in front of a rule, and of nothing else, see flow-answer.h. */
#define RULE_INDENT "  "

/* Adds the rules of 'text' (see flow-answer.h), which may be NULL, to the
 * object 'o', and the bridge that each is of. */
static void
put_rules(struct json *o, const char *text)
{
    struct json *rules = json_array_create_empty();
    struct json *bridges = json_array_create_empty();
    const char *bridge = NULL;
    size_t bridge_len = 0;

    while (text && *text) {
        size_t n = strcspn(text, "\n");

        if (strncmp(text, RULE_INDENT, strlen(RULE_INDENT))) {
            bool known = strncmp(text, FLOW_BRIDGE_UNKNOWN "\n",
                                 sizeof FLOW_BRIDGE_UNKNOWN);

            bridge = known ? text : NULL;
            bridge_len = n;
        } else if (strcmp(text, FLOW_RULES_CUT)) {
            json_array_add(rules, json_string_create_nocopy(
                               xmemdup0(text + strlen(RULE_INDENT),
                                        n - strlen(RULE_INDENT))));
            json_array_add(bridges, bridge ? json_string_create_nocopy(
                               xmemdup0(bridge, bridge_len))
                           : json_null_create());
        }
        text += n + (text[n] != '\0');
    }
    put(o, "openflow", rules);
    put(o, "bridges", bridges);
}

/* Appends the lines of 'rules', which may be NULL, indented by 'indent'. */
static void
format_rules(const char *rules, int indent, struct ds *ds)
{
    while (rules && *rules) {
        size_t n = strcspn(rules, "\n");

        ds_put_char_multiple(ds, ' ', indent);
        ds_put_buffer(ds, rules, n);
        ds_put_char(ds, '\n');
        rules += n + (rules[n] != '\0');
    }
}

static void
put_facts(struct json *o, const struct flow_facts *facts)
{
    put_rules(o, facts->rules);
    put(o, "source", value_string(facts->source));
    put(o, "state", value_string(flow_state_name(facts->state)));
    put(o, "error", value_string(facts->error));
}

static void
format_state(const struct flow_facts *facts, struct ds *ds)
{
    ds_put_cstr(ds, flow_state_name(facts->state));
    if (facts->source) {
        ds_put_format(ds, ", by %s", facts->source);
    }
    if (facts->error) {
        ds_put_format(ds, ": %s", facts->error);
    }
}

/* The flow of an upcall. */

/* Returns the flow that 'u' has put, with what 'table', NULL if nobody is
 * asked, has about it; null if 'u' has put none. */
struct json *
flow_show_upcall_json(const struct upcall *u, const struct flow_table *table)
{
    struct flow_facts facts = get_facts(u, table);
    struct ds flow = DS_EMPTY_INITIALIZER;
    struct json *o;
    bool known;

    if (!(u->rec->flags & UPCALL_F_PUT)) {
        return json_null_create();
    }
    known = put_datapath_flow(&u->key, &u->mask, &u->put_actions, &flow);
    o = json_object_create();
    put(o, "ufid", value_ufid(u));
    put(o, "datapath_flow", value_text(known, &flow));
    put_facts(o, &facts);
    return o;
}

/* Appends the flow that 'u' has put to 'ds', with its rules, in lines of their
 * own.  Appends nothing if 'u' has put none or if nobody is asked ('table' is
 * NULL). */
void
flow_show_upcall(const struct upcall *u, const struct flow_table *table,
                 struct ds *ds)
{
    struct flow_facts facts = get_facts(u, table);

    if (!(u->rec->flags & UPCALL_F_PUT) || !table) {
        return;
    }
    ds_put_cstr(ds, "          flow       ");
    if (!put_datapath_flow(&u->key, &u->mask, &u->put_actions, ds)) {
        ds_put_char(ds, '-');
    }
    ds_put_cstr(ds, "\n          rules      ");
    format_state(&facts, ds);
    ds_put_char(ds, '\n');
    format_rules(facts.rules, 12, ds);
}

/* A flow of the table. */

static void
put_ufid(const struct dp_flow *f, struct ds *ds)
{
    ds_put_cstr(ds, "ufid:");
    flow_text_ufid(f->ufid, ds);
}

/* Returns what is known of 'f', or of what it was modified to. */
static struct flow_facts
flow_facts(const struct dp_flow *f)
{
    return (struct flow_facts) {
        .state = f->state,
        .error = f->error,
        .source = f->source,
        .rules = f->rules,
    };
}

/* Returns how long ago 'f' was installed, in ms. */
static long long int
flow_age(const struct dp_flow *f)
{
    return time_msec() - f->installed;
}

/* Returns 'f' as a JSON object.  The name of its datapath comes from
 * 'ports'. */
struct json *
flow_show_json(const struct dp_flow *f, const struct port_map *ports)
{
    const char *dp = port_map_dp_name(ports, f->dp_ifindex, UINT64_MAX);
    struct flow_facts facts = flow_facts(f);
    struct json *o = json_object_create();
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds ufid = DS_EMPTY_INITIALIZER;
    struct ds name = DS_EMPTY_INITIALIZER;
    bool known = put_datapath_flow(&f->key, &f->mask, &f->actions, &text);

    flow_text_ufid(f->ufid, &ufid);
    ds_put_format(&name, "system@%s", dp ? dp : "");
    put(o, "ufid", value_text(true, &ufid));
    put(o, "datapath", value_text(dp, &name));
    put(o, "upcall", value_integer(true, f->id));
    put(o, "installed", value_integer(true, f->n_installed));
    put(o, "age_ms", value_integer(true, flow_age(f)));
    put(o, "datapath_flow", value_text(known, &text));
    put(o, "packets", value_integer(f->has_counters, f->counters.packets));
    put(o, "bytes", value_integer(f->has_counters, f->counters.bytes));
    put(o, "modified_to", value_string(f->now));
    put_facts(o, &facts);
    return o;
}

/* Appends 'f' to 'ds', for people. */
void
flow_show(const struct dp_flow *f, const struct port_map *ports, struct ds *ds)
{
    const char *dp = port_map_dp_name(ports, f->dp_ifindex, UINT64_MAX);
    struct flow_facts facts = flow_facts(f);

    put_ufid(f, ds);
    ds_put_format(ds, " %s, by upcall #%"PRIu64", %.1f s ago", dp ? dp : "-",
                  f->id, flow_age(f) / 1000.0);
    if (f->n_installed > 1) {
        ds_put_format(ds, ", installed %"PRIu64" times", f->n_installed);
    }
    if (f->has_counters) {
        ds_put_format(ds, ", %"PRIu64" packets, %"PRIu64" bytes",
                      f->counters.packets, f->counters.bytes);
    }
    ds_put_cstr(ds, "\n  ");
    if (!put_datapath_flow(&f->key, &f->mask, &f->actions, ds)) {
        ds_put_char(ds, '-');
    }
    if (f->now) {
        ds_put_format(ds, "\n  modified to: %s", f->now);
    }
    ds_put_cstr(ds, "\n  ");
    format_state(&facts, ds);
    ds_put_char(ds, '\n');
    format_rules(facts.rules, 4, ds);
}
