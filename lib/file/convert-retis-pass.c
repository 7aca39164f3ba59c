/* SPDX-License-Identifier: Apache-2.0 */

/* The events of passes. */

#include <config.h>

#include "file/convert-retis-private.h"

#include <string.h>

#include "base/compat.h"
#include "flow/hidden-actions.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass-executed.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/record-context.h"
#include "util.h"

/* Tracepoints have the system that they are of in front of their name. */
#define ACTION_SYMBOL "openvswitch:ovs_do_execute_action"
#define DROP_SYMBOL "skb:kfree_skb"

/* How the reasons of Open vSwitch begin. */
#define OVS_REASON "OVS_DROP_"

/* Returns what begins an event of 'p' at 'ts' that 'hook' told of. */
static struct retis_head
make_head(const struct pass *p, uint64_t root, uint64_t ts,
          enum pass_hook hook)
{
    const struct pass_record *rec = p->rec;

    return (struct retis_head) {
        .ts = ts,
        .has_cpu = true,
        .cpu = rec->cpu,
        .comm = rec->tid ? NULL : rec->comm,    /* Threads of 0 are idle. */
        .symbol = pass_hook_name(hook),
        .where = pass_hook_where(hook),
        .root = root,
    };
}

/* Returns 'flow', as flow_show_write_pass() has it, of 'p'. */
static struct json *
get_flow(const struct pass *p, const struct pass_actions *actions,
         const struct flow_table *flows)
{
    static const struct upcall_attrs none = { .data = NULL };
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json_writer json;
    struct json *flow;

    json_writer_init(&json, &text);
    flow_show_write_pass(&json, NULL, p, p->actions ? &actions->attrs : &none,
                         flows);
    flow = json_from_string(ds_cstr(&text));
    ds_destroy(&text);
    return flow;
}

/* Writes what ovs-vswitchd has said of the flow of 'p'. */
static void
put_flow(struct retis *w, const struct pass *p,
         const struct pass_actions *actions, const struct record_context *c)
{
    struct json *flow = get_flow(p, actions, c->flows);
    const struct json *told = NULL, *rules = NULL;

    if (flow->type == JSON_OBJECT) {
        told = shash_find_data(json_object(flow), "datapath_flow");
        rules = shash_find_data(json_object(flow), "openflow");
    }
    json_write_string(&w->json, "dpflow",
                      told && told->type == JSON_STRING ? json_string(told)
                      : "");
    json_write_array(&w->json, "ofpflows");
    for (size_t i = 0; rules && i < upcall_json_array_size(rules); i++) {
        const struct json *rule = upcall_json_array_at(rules, i);

        json_write_string(&w->json, NULL, json_string(rule));
    }
    json_write_end_array(&w->json);
    json_destroy(flow);
}

static void
put_lookup(struct retis *w, const struct pass *p, uint64_t root,
           const struct pass_actions *actions, const struct record_context *c)
{
    static const uint8_t no_ufid[16];
    const struct pass_record *rec = p->rec;
    struct retis_head head = make_head(p, root, pass_get_lookup_ts(rec),
                                       PASS_HOOK_LOOKUP);

    retis_begin(w, &head);
    retis_put_packet(w, p->packet, p->packet_kept, rec->packet_len,
                     !(rec->flags & PASS_F_L3), rec->ethertype);
    json_write_object(&w->json, "ovs");
    json_write_string(&w->json, "event_type", "flow_lookup");
    json_write_integer(&w->json, "flow", rec->lookup == PASS_HIT);
    json_write_integer(&w->json, "sf_acts", 0);
    retis_put_ufid(w, rec->flags & PASS_F_UFID ? rec->ufid : no_ufid);
    json_write_integer(&w->json, "n_mask_hit", rec->masks);
    json_write_integer(&w->json, "n_cache_hit", rec->cache);
    put_flow(w, p, actions, c);
    json_write_end_object(&w->json);
    retis_finish(w, &head);
}

/* Writes the actions that were executed.  Retis tells those of an execute by
 * its upcall; where that was not written, they are of their packet alone. */
static void
put_actions(struct retis *w, const struct pass *p, uint64_t root,
            const struct executed *x)
{
    const struct pass_record *rec = p->rec;
    bool of_upcall = p->is_execute && rec->flags & PASS_F_UPCALL;
    const struct retis_packet *upcall
        = of_upcall ? retis_packet_get(w, rec->upcall) : NULL;
    uint64_t queued = upcall ? upcall->queued : 0;
    uint32_t recirc_id = upcall ? upcall->recirc_id : 0;

    if (upcall && upcall->told_by_upcall) {
        return;
    }
    for (size_t i = 0; i < x->n; i++) {
        const struct executed_action *a = &x->actions[i];

        if (a->entry) {
            struct retis_head head = make_head(p, root, x->ts + a->entry->ns,
                                               PASS_HOOK_ACTION);

            head.symbol = ACTION_SYMBOL;
            retis_put_action(w, &head, a->action,
                             p->is_execute ? recirc_id : rec->recirc_id,
                             queued && head.ts >= queued,
                             retis_queue_id(rec->upcall));
        }
    }
    if (of_upcall && x->is_known && x->is_complete) {
        retis_packet_get(w, rec->upcall)->told_by_pass = true;
    }
}

/* Writes how the packet was dropped, if the kernel has told. */
static void
put_drop(struct retis *w, const struct pass *p, uint64_t root,
         const struct record_context *c)
{
    struct packet_drop drop;
    struct retis_head head;

    if (!pass_get_drop(p, c->layout, &drop) || !drop.has_time
        || !drop.name) {
        return;
    }
    head = make_head(p, root, p->rec->ts + drop.ns, PASS_HOOK_DROP);
    head.symbol = DROP_SYMBOL;
    retis_begin(w, &head);
    json_write_object(&w->json, "skb-drop");
    if (!strncmp(drop.name, OVS_REASON, strlen(OVS_REASON))) {
        json_write_string(&w->json, "subsys", "openvswitch");
    }
    json_write_string(&w->json, "drop_reason", drop.name);
    json_write_end_object(&w->json);
    retis_finish(w, &head);
}

/* Writes the events of 'p'; 'c' is what it refers to. */
void
retis_put_pass(struct retis *w, const struct pass *p,
               const struct record_context *c)
{
    uint64_t root = retis_root_of_pass(w, p);
    struct pass_actions actions;
    struct executed executed;

    pass_actions_init_first(&actions, p, c->layout);
    hidden_actions_fill(&actions, p, c->flows);
    executed_init(&executed, p, &actions);
    if (!p->is_execute) {
        put_lookup(w, p, root, &actions, c);
        if (p->rec->flags & PASS_F_UPCALL) {
            retis_packet_get(w, p->rec->upcall)->recirc_id = p->rec->recirc_id;
        }
    }
    put_actions(w, p, root, &executed);
    put_drop(w, p, root, c);
    executed_uninit(&executed);
    pass_actions_uninit(&actions);
}
