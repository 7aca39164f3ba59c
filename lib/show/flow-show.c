/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/flow-show.h"

#include <inttypes.h>
#include <string.h>

#include "base/json-writer.h"
#include "base/printable.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "flow/flow-text.h"
#include "flow/hidden-actions.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/kernel-actions.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/rules-show.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

/* Bytes that most texts of what was put fit in. */
#define PUT_TEXT_SIZE 256

/* What is to be shown of a flow. */
struct flow_facts {
    enum flow_state state;
    const char *error;          /* Or NULL. */
    const char *source;         /* Or NULL. */
    const char *rules;          /* Or NULL. */
    const char *installed_as;   /* Or NULL. */
};

/* Adds what ovs-vswitchd has told of 'f', which is in the table, to '*facts'.
 */
static void
add_facts(struct flow_facts *facts, const struct dp_flow *f)
{
    facts->state = f->state;
    facts->error = f->error;
    facts->installed_as = f->installed_as;
    if (!f->modified && f->state != FLOW_PENDING) {
        facts->source = f->source;
        facts->rules = f->rules;
    }
}

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
        add_facts(&facts, f);
    } else if (upcall_get_put(u->rec) == UPCALL_PUT_DUPLICATE) {
        facts.error = "another upcall had put a flow for it";
    } else if (upcall_get_put(u->rec) != UPCALL_PUT_INSTALLED) {
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
    ds_put_cstr(ds, FLOW_ACTIONS_PREFIX);
    flow_text_actions(actions, ds);
    return true;
}

/* Appends what 'f' matches, and its actions, to 'ds' in the same form.
 * Returns false if that is not known. */
bool
flow_show_put_flow(const struct dp_flow *f, struct ds *ds)
{
    if (f->found) {
        ds_put_cstr(ds, f->told ? f->told : "");
        return f->told != NULL;
    }
    return put_datapath_flow(&f->key, &f->mask, &f->actions, ds);
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

/* Parts of a flow in JSON. */

/* Makes the text of the flow that 'u' has put, as far as it is known, in 't'.
 * The caller must destroy it with flow_put_text_destroy(). */
void
flow_put_text_init(struct flow_put_text *t, const struct upcall *u)
{
    ds_init(&t->ds);
    ds_reserve(&t->ds, PUT_TEXT_SIZE);
    t->has_match = flow_text_match(&u->key, &u->mask, &t->ds);
    t->match_len = t->ds.length;
    ds_put_cstr(&t->ds, FLOW_ACTIONS_PREFIX);
    t->has_actions = flow_text_actions(&u->put_actions, &t->ds);
}

/* Frees what 't' refers to. */
void
flow_put_text_destroy(struct flow_put_text *t)
{
    ds_destroy(&t->ds);
}

/* Writes the bytes from 'ofs' to 'end' of 't', null if they are not
 * 'known'. */
static void
write_text_part(struct json_writer *w, const char *name,
                const struct flow_put_text *t, bool known, size_t ofs,
                size_t end)
{
    if (known) {
        json_write_string_len(w, name, ds_cstr_ro(&t->ds) + ofs, end - ofs);
    } else {
        json_write_null(w, name);
    }
}

/* Writes what the flow matches. */
void
flow_put_text_write_match(struct json_writer *w, const char *name,
                          const struct flow_put_text *t)
{
    write_text_part(w, name, t, t->has_match, 0, t->match_len);
}

/* Writes the actions of the flow. */
void
flow_put_text_write_actions(struct json_writer *w, const char *name,
                            const struct flow_put_text *t)
{
    write_text_part(w, name, t, t->has_actions,
                    t->match_len + strlen(FLOW_ACTIONS_PREFIX), t->ds.length);
}

/* Writes 'ufid', null if it is NULL. */
void
flow_show_write_ufid(struct json_writer *w, const char *name,
                     const uint8_t *ufid)
{
    if (ufid) {
        flow_text_ufid(ufid, json_write_text(w, name));
        json_write_end_text(w);
    } else {
        json_write_null(w, name);
    }
}

/* The flow of an upcall, or of a pass. */

/* Writes what 'f', NULL if it is not known, matches, and its actions. */
static void
write_flow(struct json_writer *w, const struct dp_flow *f)
{
    struct ds *ds = json_write_text(w, "datapath_flow");

    if (f && flow_show_put_flow(f, ds)) {
        json_write_end_text(w);
    } else {
        json_write_null_text(w);
    }
}

/* Writes 'facts', but for the rules' bridges, and the UFID, NULL if it is not
 * known. */
static void
write_facts(struct json_writer *w, const struct flow_facts *facts,
            const uint8_t *ufid)
{
    json_write_string(w, "error", facts->error);
    json_write_string(w, "installed_as", facts->installed_as);
    rules_show_rules(w, "openflow", facts->rules);
    json_write_string(w, "source", facts->source);
    json_write_string(w, "state", flow_state_name(facts->state));
    flow_show_write_ufid(w, "ufid", ufid);
}

/* Writes the flow that 'u' has put, whose text is 't', with what 'table', NULL
 * if nobody is asked, has about it; null if 'u' has put none. */
void
flow_show_write_upcall(struct json_writer *w, const char *name,
                       const struct upcall *u, const struct flow_put_text *t,
                       const struct flow_table *table)
{
    const struct upcall_record *rec = u->rec;
    struct flow_facts facts;

    if (!(rec->flags & UPCALL_F_PUT)) {
        json_write_null(w, name);
        return;
    }
    facts = get_facts(u, table);
    json_write_object(w, name);
    rules_show_bridges(w, "bridges", facts.rules);
    write_text_part(w, "datapath_flow", t, t->has_match && t->has_actions, 0,
                    t->ds.length);
    write_facts(w, &facts, rec->flags & UPCALL_F_UFID ? rec->ufid : NULL);
    json_write_end_object(w);
}

/* Writes the text of the rules of the flow that 'u' has put, which 'table' may
 * have, if that cannot be made again of what flow_show_write_upcall() writes,
 * else null. */
void
flow_show_write_rules_text(struct json_writer *w, const char *name,
                           const struct upcall *u,
                           const struct flow_table *table)
{
    struct flow_facts facts = get_facts(u, table);

    if (u->rec->flags & UPCALL_F_PUT && facts.rules
        && !rules_show_is_joined(facts.rules)) {
        json_write_string(w, name, facts.rules);
    } else {
        json_write_null(w, name);
    }
}

/* Returns true if 'actions', those of a pass that has hit 'f', may be others
 * than are known of 'f': it was modified meanwhile, or that would not show. */
static bool
may_differ(const struct dp_flow *f, const struct upcall_attrs *actions)
{
    const char *told = f->told ? strstr(f->told, FLOW_ACTIONS_PREFIX) : NULL;

    if (f->is_said || (f->found ? !told : !f->actions.data)) {
        return false;                   /* Nothing else is known. */
    } else if (!actions->data || hidden_actions_are_in(actions)) {
        return true;
    }
    return !(f->found
             ? flow_text_is_actions(actions,
                                    told + strlen(FLOW_ACTIONS_PREFIX))
             : kernel_actions_match(actions, &f->actions));
}

/* Writes the flow that 'p', whose actions are 'actions' as far as they are
 * known, has hit, with what 'table', NULL if nobody is asked, has about it;
 * null if it has hit none, or one without a UFID. */
void
flow_show_write_pass(struct json_writer *w, const char *name,
                     const struct pass *p, const struct upcall_attrs *actions,
                     const struct flow_table *table)
{
    const struct pass_record *rec = p->rec;
    struct flow_facts facts = { .state = FLOW_PARTIAL };
    const struct dp_flow *f = NULL;

    if (!(rec->flags & PASS_F_UFID)) {
        json_write_null(w, name);
        return;
    }
    if (table && p->has_dp) {
        f = flow_table_find_at(table, rec->dp_ifindex, rec->ufid,
                               pass_get_lookup_ts(rec));
    }
    if (f && may_differ(f, actions)) {
        facts.error = "it has been modified, or may have been";
        f = NULL;
    } else if (f) {
        add_facts(&facts, f);
    }
    json_write_object(w, name);
    rules_show_bridges(w, "bridges", facts.rules);
    write_flow(w, f);
    write_facts(w, &facts, rec->ufid);
    json_write_end_object(w);
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
    if (facts.installed_as) {
        ds_put_format(ds, "\n          installed  %s", facts.installed_as);
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
        .installed_as = f->installed_as,
    };
}

/* Returns how long ago 'f' was installed, in ms. */
static long long int
flow_age(const struct dp_flow *f)
{
    return time_msec() - f->installed;
}

static void
write_datapath(struct json_writer *w, const struct dp_flow *f,
               const struct port_map *ports)
{
    const char *dp = port_map_dp_name(ports, f->dp_ifindex, UINT64_MAX);

    if (dp) {
        ds_put_format(json_write_text(w, "datapath"), "system@%s", dp);
        json_write_end_text(w);
    } else {
        json_write_null(w, "datapath");
    }
}

/* Writes why the kernel has refused the flow, null if it has not. */
static void
write_refused(struct json_writer *w, const struct dp_flow *f)
{
    if (f->refused) {
        upcall_put_errno(json_write_text(w, "refused"), f->refused);
        json_write_end_text(w);
    } else {
        json_write_null(w, "refused");
    }
}

/* Writes 'f' as an object.  The name of its datapath comes from 'ports';
 * 'has_hits' if hits are recorded. */
void
flow_show_write(struct json_writer *w, const struct dp_flow *f,
                const struct port_map *ports, bool has_hits)
{
    struct flow_facts facts = flow_facts(f);

    json_write_object(w, NULL);
    json_write_integer(w, "age_ms", flow_age(f));
    rules_show_bridges(w, "bridges", facts.rules);
    json_write_integer_if(w, "bytes", f->has_counters, f->counters.bytes);
    write_datapath(w, f, ports);
    write_flow(w, f);
    json_write_string(w, "error", facts.error);
    json_write_integer_if(w, "hits", has_hits, f->n_hits);
    json_write_integer(w, "installed", f->n_installed);
    json_write_string(w, "installed_as", facts.installed_as);
    json_write_string(w, "modified_to", f->now);
    rules_show_rules(w, "openflow", facts.rules);
    json_write_integer_if(w, "packets", f->has_counters, f->counters.packets);
    write_refused(w, f);
    json_write_string(w, "source", facts.source);
    json_write_string(w, "state", flow_state_name(facts.state));
    flow_show_write_ufid(w, "ufid", f->ufid);
    json_write_integer_if(w, "upcall", !f->found, f->id);
    json_write_end_object(w);
}

/* Appends 'f' to 'ds', for people.  Likewise. */
void
flow_show(const struct dp_flow *f, const struct port_map *ports, bool has_hits,
          struct ds *ds)
{
    const char *dp = port_map_dp_name(ports, f->dp_ifindex, UINT64_MAX);
    struct flow_facts facts = flow_facts(f);

    put_ufid(f, ds);
    ds_put_char(ds, ' ');
    printable_put_string(ds, dp ? dp : "-");
    if (f->found) {
        ds_put_cstr(ds, ", first hit");
    } else {
        ds_put_format(ds, ", by upcall #%"PRIu64",", f->id);
    }
    ds_put_format(ds, " %.1f s ago", flow_age(f) / 1000.0);
    if (f->refused) {
        ds_put_cstr(ds, ", refused: ");
        upcall_put_errno(ds, f->refused);
    }
    if (f->n_installed > 1) {
        ds_put_format(ds, ", installed %"PRIu64" times", f->n_installed);
    }
    if (has_hits) {
        ds_put_format(ds, ", %"PRIu64" hit%s", f->n_hits,
                      f->n_hits == 1 ? "" : "s");
    }
    if (f->has_counters) {
        ds_put_format(ds, ", %"PRIu64" packets, %"PRIu64" bytes",
                      f->counters.packets, f->counters.bytes);
    }
    ds_put_cstr(ds, "\n  ");
    if (!flow_show_put_flow(f, ds)) {
        ds_put_char(ds, '-');
    }
    if (f->installed_as) {
        ds_put_format(ds, "\n  installed as: %s", f->installed_as);
    }
    if (f->now) {
        ds_put_format(ds, "\n  modified to: %s", f->now);
    }
    ds_put_cstr(ds, "\n  ");
    format_state(&facts, ds);
    ds_put_char(ds, '\n');
    format_rules(facts.rules, 4, ds);
}
