/* SPDX-License-Identifier: Apache-2.0 */

/* Passes: the inverse of show/pass-json.h. */

#include <config.h>

#include "file/json-record.h"

#include <string.h>

#include "file/json-record-private.h"
#include "openvswitch/util.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "util.h"

/* No action is there. */
#define NO_PLACE (PASS_NO_OFFSET - 1)

/* A pass that is being read. */
struct reading {
    struct json_read *r;
    struct pass_record *rec;
};

/* Returns the place of an action that 'name' of 'raw' is, PASS_NO_OFFSET if it
 * is null. */
static uint16_t
read_place(struct reading *p, const struct json_node *raw, const char *name)
{
    int64_t place;

    return (json_node_integer_if(p->r, raw, name, 0, NO_PLACE, &place)
            ? place : PASS_NO_OFFSET);
}

/* Reads a pass's flags and numbers that say what came of its lookup. */
static void
read_lookup(struct reading *p, const struct json_node *json)
{
    const char *name = json_node_string_if(p->r, json, "lookup");
    struct pass_record *rec = p->rec;

    rec->lookup = (!name ? PASS_NONE
                   : !strcmp(name, pass_lookup_name(PASS_HIT)) ? PASS_HIT
                   : PASS_MISS);
    if (!name) {
        return;
    } else if (strcmp(name, pass_lookup_name(rec->lookup))) {
        json_read_error(p->r, "member \"lookup\" is unknown");
    }
    rec->masks = json_read_u32(p->r, json, "masks");
    rec->cache = json_read_u32(p->r, json, "cache");
    rec->recirc_id = json_read_u32(p->r, json, "recirc_id");
}

static void
read_ids(struct reading *p, const struct json_node *json,
         const struct json_node *raw)
{
    struct pass_record *rec = p->rec;
    uint64_t id;

    id = json_node_id(p->r, json, "id", "p");
    if (id & PASS_RECORD) {
        json_read_error(p->r, "member \"id\" is too large");
    }
    rec->head = id | PASS_RECORD;
    rec->root = json_node_id(p->r, raw, "root", "p");
    rec->track = (json_node_id_if(p->r, json, "track", "p", &id)
                  ? id : PASS_NO_TRACK);
    if (json_node_id_if(p->r, json, "parent", "p", &id)) {
        rec->below = id;
        rec->flags |= PASS_F_BELOW;
    }
    if (json_node_id_if(p->r, json, "upcall", "", &id)) {
        rec->upcall = id;
        rec->flags |= PASS_F_UPCALL;
    }
    if (json_read_ufid_if(p->r, json, "ufid", rec->ufid)) {
        rec->flags |= PASS_F_UFID;
    }
}

static void
read_latency(struct reading *p, const struct json_node *json)
{
    const struct json_node *latency = json_node_object(p->r, json, "latency");
    struct pass_record *rec = p->rec;

    json_read_u32_if(p->r, latency, "lookup", &rec->lookup_ns);
    if (json_read_u32_if(p->r, latency, "total", &rec->end_ns)) {
        rec->flags |= PASS_F_DONE;
    }
}

/* Reads where and when the pass began from 'event', its first. */
static void
read_first_event(struct reading *p, const struct json_node *event)
{
    const char *context = json_node_string_if(p->r, event, "context");
    struct pass_record *rec = p->rec;
    bool is_execute = rec->lookup == PASS_NONE;
    uint64_t ts = json_node_integer(p->r, event, "ts", 0,
                                    JSON_RECORD_TIME_MAX);
    int64_t ret;

    json_read_comm(p->r, event, rec->comm);
    if (context) {
        rec->flags |= (!strcmp(context, "softirq") ? PASS_F_SOFTIRQ
                       : !strcmp(context, "process") ? PASS_F_PROCESS : 0);
    }
    rec->cpu = json_read_u32(p->r, event, "cpu");
    rec->tid = json_read_u32(p->r, event, "tid");
    rec->ts = is_execute ? ts : ts - rec->lookup_ns;
    if (rec->ts > ts) {
        json_read_error(p->r, "its lookup took longer than all before it");
    }
    if (is_execute && rec->flags & PASS_F_DONE) {
        json_node_integer_if(p->r, event, "ret", INT32_MIN, INT32_MAX, &ret);
        rec->ret = ret;
    }
}

static void
read_events(struct reading *p, const struct json_node *json)
{
    const struct json_node *events = json_node_array(p->r, json, "events");
    const struct json_node *first = events ? events->first : NULL;

    if (first && first->type == JSON_OBJECT) {
        read_first_event(p, first);
    } else {
        json_read_error(p->r, "it has no events");
    }
}

static void
read_numbers(struct reading *p, const struct json_node *raw,
             const struct json_place *place)
{
    struct pass_record *rec = p->rec;
    uint32_t ethertype;

    if (place->known) {
        rec->dp_ifindex = place->dp_ifindex;
        rec->flags |= PASS_F_DP;
    }
    if (json_read_u32_if(p->r, raw, "port", &rec->port_no)) {
        rec->flags |= PASS_F_PORT;
    }
    if (json_read_u32_if(p->r, raw, "ethertype", &ethertype)) {
        rec->ethertype = ethertype;
        rec->flags |= PASS_F_L3;
    }
    rec->ct_state = json_node_integer(p->r, raw, "ct_state", 0, UINT8_MAX);
    rec->ct_zone = json_node_integer(p->r, raw, "ct_zone", 0, UINT16_MAX);
    rec->flags |= rec->ct_state || rec->ct_zone ? PASS_F_CT : 0;
}

/* Has the layout of 'record' have the reason 'name' with 'number', or none of
 * these if it is NULL. */
static void
say_reason(struct json_record *record, uint32_t number, const char *name)
{
    struct kernel_layout *layout = &record->layout;
    struct kernel_drop *drop = &layout->drops[0];

    layout->n_drops = 0;
    if (name) {
        drop->reason = number;
        ovs_strlcpy(drop->name, name, sizeof drop->name);
        layout->n_drops = 1;
    }
}

/* Reads how the packet was dropped. */
static void
read_drop(struct reading *p, const struct json_node *json,
          const struct json_node *raw, struct json_record *record)
{
    bool told = json_node_bool(p->r, raw, "drop_told");
    const struct json_node *drop = json_node_object_if(p->r, json, "drop");
    const char *name = drop ? json_node_string_if(p->r, drop, "reason") : NULL;
    struct pass_record *rec = p->rec;
    uint32_t number = 0;

    if (drop) {
        json_read_u32_if(p->r, drop, "number", &number);
    }
    say_reason(record, number, name);
    if (!told || !drop) {
        return;
    }
    rec->flags |= PASS_F_DROP;
    rec->drop_reason = number;
    rec->drop_offset = read_place(p, raw, "drop_action");
    rec->n_drops = json_node_integer(p->r, drop, "count", 1, UINT16_MAX);
    rec->drop_ns = json_read_time_if(p->r, drop, "ts") - rec->ts;
}

/* Parts. */

static void
read_packet(struct reading *p, const struct json_node *json, struct ofpbuf *b)
{
    const struct json_node *packet = json_node_object(p->r, json, "packet");

    p->rec->packet_kept = json_read_part(p->r, packet, "data", b,
                                         UPCALL_SNAP_MAX);
    json_read_u32_if(p->r, packet, "len", &p->rec->packet_len);
}

/* Reads the actions, in the form of requests. */
static void
read_actions(struct reading *p, const struct json_node *json,
             const struct json_node *raw, struct ofpbuf *b)
{
    bool known = json_node_string_if(p->r, raw, "actions");
    struct pass_record *rec = p->rec;
    int64_t missing;

    rec->flags |= PASS_F_DECODED;
    if (!known) {
        return;
    }
    rec->flags |= PASS_F_ACTIONS;
    rec->actions_len = json_read_part(p->r, raw, "actions", b, UINT16_MAX);
    json_node_integer_if(p->r, json, "actions_missing", 0,
                         UINT32_MAX - UINT16_MAX, &missing);
    rec->actions_total = rec->actions_len + missing;
    if (json_node_bool(p->r, raw, "first_actions")) {
        rec->flags |= PASS_F_ACTIONS_CUT;
    }
}

/* Returns the number '*node', one of the three about an action that was
 * executed, if it is not null and from 'min' to 'max', else 'other'.  Has
 * '*node' be the next one. */
static int64_t
read_number(struct reading *p, const struct json_node **node,
            int64_t min, int64_t max, int64_t other)
{
    const struct json_node *number = *node;

    if (!number
        || (number->type != JSON_INTEGER && number->type != JSON_NULL)) {
        json_read_error(p->r, "an element of \"executed\" is not an array of "
                        "3 numbers");
        return other;
    }
    *node = number->next;
    return (number->type == JSON_INTEGER && number->integer >= min
            && number->integer <= max ? number->integer : other);
}

/* Reads which actions were executed. */
static void
read_executed(struct reading *p, const struct json_node *raw, struct ofpbuf *b)
{
    const struct json_node *executed = json_node_array_if(p->r, raw,
                                                          "executed");
    size_t n = executed ? executed->n : 0;
    struct pass_record *rec = p->rec;

    if (!executed) {
        return;
    } else if (n > PASS_EXECUTED_MAX) {
        json_read_error(p->r, "member \"executed\" has more than %d elements",
                        PASS_EXECUTED_MAX);
        return;
    }
    rec->flags |= PASS_F_EXECUTED;
    rec->flags |= (json_node_bool(p->r, raw, "executed_cut")
                   ? PASS_F_EXECUTED_CUT : 0);
    rec->n_executed = n;
    FOR_EACH_JSON_NODE (entry, executed) {
        const struct json_node *node = (entry->type == JSON_ARRAY
                                        ? entry->first : NULL);
        struct pass_executed e;

        e.offset = read_number(p, &node, 0, NO_PLACE, NO_PLACE);
        e.ns = read_number(p, &node, 0, UINT32_MAX, 0);
        e.result = read_number(p, &node, INT16_MIN, INT16_MAX,
                               PASS_NO_RESULT);
        ofpbuf_put(b, &e, sizeof e);
    }
}

/* Makes the record of 'json' in that of 'record', which is empty. */
static void
make_record(struct json_record *record, struct json_read *r,
            const struct json_node *json, const struct json_node *raw,
            const struct json_place *place)
{
    struct ofpbuf *b = &record->record;
    struct pass_record rec = { .drop_offset = PASS_NO_OFFSET };
    struct reading p = { .r = r, .rec = &rec };

    read_lookup(&p, json);
    read_ids(&p, json, raw);
    read_latency(&p, json);
    read_events(&p, json);
    read_numbers(&p, raw, place);
    read_drop(&p, json, raw, record);
    ofpbuf_put_zeros(b, sizeof rec);
    read_packet(&p, json, b);
    read_actions(&p, json, raw, b);
    read_executed(&p, raw, b);
    memcpy(b->data, &rec, sizeof rec);
}

/* Reads the pass 'json', an object that pass_json_write_all() has written with
 * 'raw', into '*record'.  Returns NULL if successful, otherwise what is wrong,
 * which the caller has to free; '*record' has no record then. */
char *
pass_from_json(struct json_record *record, const struct json_node *json)
{
    struct json_read r = JSON_READ_INITIALIZER;
    const struct json_node *raw = json_node_object(&r, json, "raw");
    struct json_place place = json_read_place(&r, raw);
    struct json_flow flow = { .place = &place };
    struct pass p;

    ofpbuf_clear(&record->record);
    record->context = (struct record_context) {
        .raw = true, .layout = &record->layout,
    };
    record->seq = json_node_integer(&r, json, "seq", 0, INT64_MAX);
    make_record(record, &r, json, raw, &place);
    json_record_say_names(record, &r, json, &place);
    if (!r.error && pass_parse(record->record.data, record->record.size,
                               &p, &r.error)) {
        flow.ufid = p.rec->ufid;
        json_record_say_flow(record, &r, json, raw, &flow);
    }
    return json_read_finish(&r);
}
