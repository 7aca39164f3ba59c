/* SPDX-License-Identifier: Apache-2.0 */

/* Upcalls: the inverse of show/upcall-json.h. */

#include <config.h>

#include "file/json-record.h"

#include <string.h>

#include "bpf/pass-record.h"
#include "file/json-record-private.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "util.h"

/* An upcall that is being read. */
struct reading {
    struct json_read *r;
    struct upcall_record *rec;
    uint64_t return_ts;         /* 0 if unknown. */
};

/* Events.  Each of these functions is given one of its kind. */

static void
read_upcall(struct reading *u, const struct json_node *event)
{
    const char *context = json_node_string_if(u->r, event, "context");
    struct upcall_record *rec = u->rec;
    int64_t queue;

    json_read_comm(u->r, event, rec->comm);
    if (context) {
        rec->flags |= (!strcmp(context, "softirq") ? UPCALL_F_SOFTIRQ
                       : !strcmp(context, "process") ? UPCALL_F_PROCESS : 0);
    }
    rec->cpu = json_read_u32(u->r, event, "cpu");
    json_read_u32_if(u->r, event, "hash", &rec->hash);
    json_read_u32_if(u->r, event, "napi_id", &rec->napi_id);
    rec->portid = json_read_u32(u->r, event, "portid");
    rec->rx_queue = (json_node_integer_if(u->r, event, "rx_queue", 0,
                                          UINT16_MAX - 1, &queue)
                     ? queue + 1 : 0);
    rec->tid = json_read_u32(u->r, event, "tid");
    rec->ts = json_read_time_if(u->r, event, "ts");
}

static void
read_enqueue(struct reading *u, const struct json_node *event)
{
    u->rec->flags |= UPCALL_F_ENQUEUED;
    u->rec->enqueue_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_return(struct reading *u, const struct json_node *event)
{
    int64_t ret;

    json_node_integer_if(u->r, event, "ret", INT32_MIN, INT32_MAX, &ret);
    u->rec->ret = ret;
    u->return_ts = json_read_time_if(u->r, event, "ts");
}

/* Reads what the kernel's event has, and that of the probe in part. */
static void
read_batch(struct reading *u, const struct json_node *event)
{
    struct upcall_record *rec = u->rec;

    json_read_comm(u->r, event, rec->recv_comm);
    rec->batch = json_read_u32(u->r, event, "batch");
    rec->batch_idx = json_read_u32(u->r, event, "batch_idx");
    rec->batch_size = json_read_u32(u->r, event, "batch_size");
    rec->recv_tid = json_read_u32(u->r, event, "tid");
}

static void
read_recv(struct reading *u, const struct json_node *event)
{
    struct upcall_record *rec = u->rec;

    read_batch(u, event);
    rec->flags |= UPCALL_F_RECEIVED;
    rec->recv_cpu = json_read_u32(u->r, event, "cpu");
    rec->queue_drops = json_read_u32(u->r, event, "queue_drops");
    rec->queue_len = json_read_u32(u->r, event, "queue_len");
    rec->recv_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_usdt_recv(struct reading *u, const struct json_node *event)
{
    read_batch(u, event);
    u->rec->flags |= UPCALL_F_USDT_RECV;
    u->rec->usdt_recv_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_translated(struct reading *u, const struct json_node *event)
{
    u->rec->flags |= UPCALL_F_TRANSLATED;
    u->rec->translated_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_usdt_put(struct reading *u, const struct json_node *event)
{
    u->rec->flags |= UPCALL_F_USDT_PUT;
    u->rec->usdt_put_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_usdt_exec(struct reading *u, const struct json_node *event)
{
    u->rec->flags |= UPCALL_F_USDT_EXEC;
    u->rec->usdt_exec_ts = json_read_time_if(u->r, event, "ts");
}

static void
read_put(struct reading *u, const struct json_node *event)
{
    struct upcall_record *rec = u->rec;
    int64_t ret;

    rec->flags |= UPCALL_F_PUT;
    rec->put_ts = json_read_time_if(u->r, event, "ts");
    rec->put_duration = json_read_time_if(u->r, event, "duration");
    if (json_node_integer_if(u->r, event, "ret", INT32_MIN, INT32_MAX,
                             &ret)) {
        rec->flags |= UPCALL_F_PUT_DONE;
        rec->put_ret = ret;
    }
    if (json_read_ufid_if(u->r, event, "ufid", rec->ufid)) {
        rec->flags |= UPCALL_F_UFID;
    }
}

/* Stores by what the execute was linked. */
static void
read_rule(struct reading *u, const struct json_node *event)
{
    const char *name = json_node_string(u->r, event, "match");

    for (int rule = 0; name && rule < UPCALL_N_RULES; rule++) {
        if (!strcmp(name, upcall_rule_name(rule))) {
            u->rec->exec_rule = rule;
            return;
        }
    }
    json_read_error(u->r, "member \"match\" is unknown");
}

static void
read_exec(struct reading *u, const struct json_node *event)
{
    struct upcall_record *rec = u->rec;
    int64_t ret, n_execs;

    rec->flags |= UPCALL_F_EXEC;
    rec->exec_ts = json_read_time_if(u->r, event, "ts");
    rec->exec_duration = json_read_time_if(u->r, event, "duration");
    if (json_node_integer_if(u->r, event, "ret", INT32_MIN, INT32_MAX,
                             &ret)) {
        rec->flags |= UPCALL_F_EXEC_DONE;
        rec->exec_ret = ret;
    }
    json_node_integer_if(u->r, event, "requests", 0, UINT16_MAX, &n_execs);
    rec->n_execs = n_execs;
    read_rule(u, event);
}

/* Actions are in the request, see "raw". */
static void
read_action(struct reading *u OVS_UNUSED,
            const struct json_node *event OVS_UNUSED)
{
}

/* Returns true if 'event' is told by a probe of ovs-vswitchd. */
static bool
is_usdt(struct reading *u, const struct json_node *event)
{
    const char *source = json_node_string(u->r, event, "source");

    return source && !strcmp(source, "usdt");
}

/* Reads 'event', unless a later version has made it. */
static void
read_event(struct reading *u, const struct json_node *event)
{
    static void (*const readers[])(struct reading *,
                                   const struct json_node *) = {
        [UPCALL_EVENT_UPCALL] = read_upcall,
        [UPCALL_EVENT_ENQUEUE] = read_enqueue,
        [UPCALL_EVENT_RETURN] = read_return,
        [UPCALL_EVENT_RECV] = read_recv,
        [UPCALL_EVENT_USDT_RECV] = read_usdt_recv,
        [UPCALL_EVENT_TRANSLATED] = read_translated,
        [UPCALL_EVENT_USDT_PUT] = read_usdt_put,
        [UPCALL_EVENT_PUT] = read_put,
        [UPCALL_EVENT_USDT_EXEC] = read_usdt_exec,
        [UPCALL_EVENT_EXEC] = read_exec,
        [UPCALL_EVENT_ACTION] = read_action,
    };
    const char *name = json_node_string(u->r, event, "event");
    int kind = 0;

    while (name && kind < UPCALL_N_EVENTS
           && strcmp(name, upcall_event_name(kind))) {
        kind++;
    }
    if (kind == UPCALL_EVENT_RECV && name && is_usdt(u, event)) {
        kind = UPCALL_EVENT_USDT_RECV;
    }
    if (name && kind < UPCALL_N_EVENTS) {
        readers[kind](u, event);
    }
}

static void
read_events(struct reading *u, const struct json_node *json)
{
    const struct json_node *events = json_node_array(u->r, json, "events");

    if (!events) {
        return;
    }
    FOR_EACH_JSON_NODE (event, events) {
        if (event->type == JSON_OBJECT) {
            read_event(u, event);
        } else {
            json_read_error(u->r, "an event is not an object");
        }
    }
}

/* Other members. */

/* Returns the number that 'from_name' has for the string 'name' of 'json', or
 * 'unknown' if it is null. */
static int
read_name(struct reading *u, const struct json_node *json, const char *name,
          int (*from_name)(const char *), int unknown)
{
    const char *s = json_node_string_if(u->r, json, name);
    int number = s ? from_name(s) : unknown;

    if (number < 0) {
        json_read_error(u->r, "member \"%s\" is unknown", name);
        number = unknown;
    }
    return number;
}

static void
read_conflicts(struct reading *u, const struct json_node *json)
{
    const struct json_node *array = json_node_array_if(u->r, json,
                                                       "conflicts");

    if (!array) {
        return;
    }
    FOR_EACH_JSON_NODE (name, array) {
        for (int bit = 0; bit < UPCALL_N_CONFLICTS; bit++) {
            if (name->type == JSON_STRING
                && !strcmp(name->string, upcall_conflict_name(bit))) {
                u->rec->conflicts |= 1u << bit;
            }
        }
    }
}

/* Only what follows from them was written of the times when the handler ran,
 * so these are others. */
static void
read_waits(struct reading *u, const struct json_node *json)
{
    const struct json_node *waits = json_node_object_if(u->r, json, "waits");
    struct upcall_record *rec = u->rec;
    int64_t ns;

    if (!waits) {
        return;
    }
    if (json_node_integer_if(u->r, waits, "queue_idle", 0,
                             JSON_RECORD_TIME_MAX, &ns)) {
        rec->flags |= UPCALL_F_IDLE;
        rec->idle_from = rec->enqueue_ts;
        rec->idle_until = rec->enqueue_ts + ns;
        rec->idle_delay = json_read_time_if(u->r, waits, "queue_delay");
    }
    if (json_node_integer_if(u->r, waits, "handle_delay", 0,
                             JSON_RECORD_TIME_MAX, &ns)) {
        rec->flags |= UPCALL_F_DELAY;
        rec->end_delay = ns;
    }
}

/* Stores when ovs_dp_upcall() returned. */
static void
set_return(struct reading *u)
{
    struct upcall_record *rec = u->rec;
    uint64_t ns = u->return_ts - rec->ts;

    rec->ret_word = UPCALL_RET_TAG(rec->id);
    if (u->return_ts && ns - 1 < UINT32_MAX) {
        rec->ret_word |= ns;
    } else if (u->return_ts) {
        json_read_error(u->r, "its return is not within 4 s of it");
    }
}

/* Reads which upcall it is, and what became of it. */
static void
read_members(struct reading *u, const struct json_node *json)
{
    struct upcall_record *rec = u->rec;
    struct json_read *r = u->r;
    uint64_t id;

    rec->id = json_node_id(r, json, "id", "");
    if (rec->id & PASS_RECORD) {
        json_read_error(r, "member \"id\" is too large");
    }
    if (json_node_id_if(r, json, "parent", "", &id)) {
        rec->parent = id;
        rec->flags |= UPCALL_F_NESTED;
    }
    json_node_id_if(r, json, "group", "", &id);
    rec->group = id;
    json_node_id_if(r, json, "pass", "p", &id);
    rec->pass = id;
    rec->class_ = read_name(u, json, "class", upcall_class_from_name,
                            UPCALL_N_CLASSES);
    rec->outcome = read_name(u, json, "outcome", upcall_outcome_from_name,
                             UPCALL_OUTCOME_UNKNOWN);
    read_conflicts(u, json);
}

/* Reads where it happened, which for one that was enqueued is in the message,
 * too. */
static void
read_port(struct reading *u, const struct json_node *json,
          const struct json_place *place)
{
    const struct json_node *port = json_node_object_if(u->r, json, "port");
    struct upcall_record *rec = u->rec;

    rec->port_no = port ? json_read_u32(u->r, port, "number") : UINT32_MAX;
    if (port && !(rec->flags & UPCALL_F_ENQUEUED)) {
        rec->flags |= UPCALL_F_PORT;
        rec->dp_ifindex = place->dp_ifindex;
    }
}

static void
read_numbers(struct reading *u, const struct json_node *raw)
{
    struct upcall_record *rec = u->rec;
    uint64_t track;

    rec->segment = json_read_u32(u->r, raw, "segment");
    rec->packet_sent = json_read_u32(u->r, raw, "sent");
    rec->recv_tgid = json_read_u32(u->r, raw, "tgid");
    json_node_id_if(u->r, raw, "track", "p", &track);
    rec->track = track;
    rec->flags |= json_node_bool(u->r, raw, "unsure") ? UPCALL_F_UNSURE : 0;
}

/* Appends the message, with the packet behind it, to 'b'. */
static void
read_message(struct reading *u, const struct json_node *json,
             const struct json_node *raw, struct ofpbuf *b)
{
    const struct json_node *packet = json_node_object(u->r, json, "packet");
    struct upcall_record *rec = u->rec;
    size_t start = b->size;

    json_node_base64_if(u->r, raw, "upcall", b);
    if (b->size - start > UPCALL_KEY_MAX + UPCALL_SNAP_MAX) {
        json_read_error(u->r, "member \"upcall\" has too many bytes");
        return;
    }
    rec->packet_ofs = b->size - start;
    rec->packet_kept = json_read_part(u->r, packet, "data", b,
                                      UPCALL_KEY_MAX + UPCALL_SNAP_MAX
                                      - rec->packet_ofs);
    rec->msg_len = rec->packet_ofs + rec->packet_kept;
    json_read_u32_if(u->r, packet, "len", &rec->packet_len);
}

/* Makes the record of 'json' in 'b', which is empty. */
static void
make_record(struct json_read *r, const struct json_node *json,
            const struct json_node *raw, const struct json_place *place,
            struct ofpbuf *b)
{
    struct upcall_record rec = { .id = 0 };
    struct reading u = { .r = r, .rec = &rec };

    read_members(&u, json);
    read_events(&u, json);
    read_waits(&u, json);
    set_return(&u);
    read_port(&u, json, place);
    read_numbers(&u, raw);
    ofpbuf_put_zeros(b, sizeof rec);
    read_message(&u, json, raw, b);
    rec.put_len = json_read_part(r, raw, "put", b, UPCALL_PUT_MAX);
    rec.exec_len = json_read_part(r, raw, "execute", b, UPCALL_EXEC_MAX);
    memcpy(b->data, &rec, sizeof rec);
}

/* Reads the upcall 'json', an object that upcall_json_write_all() has written
 * with 'raw', into '*record'.  Returns NULL if successful, otherwise what is
 * wrong, which the caller has to free; '*record' has no record then. */
char *
upcall_from_json(struct json_record *record, const struct json_node *json)
{
    struct json_read r = JSON_READ_INITIALIZER;
    const struct json_node *raw = json_node_object(&r, json, "raw");
    struct json_place place = json_read_place(&r, raw);
    struct json_flow flow = { .place = &place };
    struct upcall u;

    ofpbuf_clear(&record->record);
    record->context = (struct record_context) { .raw = true };
    record->seq = json_node_integer(&r, json, "seq", 0, INT64_MAX);
    make_record(&r, json, raw, &place, &record->record);
    json_record_say_names(record, &r, json, &place);
    if (!r.error && upcall_parse(record->record.data, record->record.size,
                                 &u, &r.error)) {
        flow.id = u.rec->id;
        json_record_say_flow(record, &r, json, raw, &flow);
    }
    return json_read_finish(&r);
}
