/* SPDX-License-Identifier: Apache-2.0 */

/* The events of upcalls. */

#include <config.h>

#include "file/convert-retis-private.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "util.h"

/* The types of upcalls in ovs-vswitchd, enum dpif_upcall_type of lib/dpif.h of
 * OVS 3.1 to 4.0. */
enum { UC_MISS, UC_ACTION };

/* An upcall of which events are written. */
struct subject {
    struct retis *w;
    const struct upcall *u;
    uint64_t root;
    bool is_queued;             /* Was its enqueue written? */
    bool has_actions;           /* Have its passes told of its actions? */
    bool has_usdt[UPCALL_N_EVENTS];     /* What probes of ovs-vswitchd told. */
};

/* Returns the number of the netlink command. */
static int
get_cmd(const struct upcall *u)
{
    return (u->class < 0 ? OVS_PACKET_CMD_UNSPEC
            : u->class == UPCALL_CLASS_MISS ? OVS_PACKET_CMD_MISS
            : OVS_PACKET_CMD_ACTION);
}

/* Returns the recirculation that the packet of 'u' continues, 0 for none. */
static uint32_t
get_recirc_id(const struct upcall *u)
{
    const struct nlattr *a
        = (u->key.data ? nl_attr_find__(u->key.data, u->key.len,
                                        OVS_KEY_ATTR_RECIRC_ID) : NULL);

    return (a && nl_attr_get_size(a) == sizeof(uint32_t)
            ? nl_attr_get_u32(a) : 0);
}

/* Writes the packet of 'u'.  The kernel has the addresses of Ethernet in the
 * flow key if there is such a header (__ovs_nla_put_key() in
 * net/openvswitch/flow_netlink.c, Linux 6.1 to 7.2). */
static void
put_packet(struct retis *w, const struct upcall *u)
{
    bool has_ethernet = !u->key.data || nl_attr_find__(u->key.data,
                                                       u->key.len,
                                                       OVS_KEY_ATTR_ETHERNET);
    const struct nlattr *type
        = (has_ethernet ? NULL
           : nl_attr_find__(u->key.data, u->key.len,
                            OVS_KEY_ATTR_ETHERTYPE));
    ovs_be16 ethertype = (type && nl_attr_get_size(type) == sizeof ethertype
                          ? nl_attr_get_be16(type) : htons(0));

    retis_put_packet(w, u->packet, u->packet_kept, u->packet_len,
                     has_ethernet, (OVS_FORCE uint16_t) ethertype);
}

/* Returns what begins an event at 'ts' that 'hook' told of. */
static struct retis_head
make_head(uint64_t ts, enum upcall_hook hook)
{
    return (struct retis_head) {
        .ts = ts,
        .symbol = upcall_hook_name(hook),
        .where = upcall_hook_where(hook),
    };
}

/* Begins "ovs" of 'type' in the event with 'head'. */
static void
begin_ovs(const struct subject *s, const char *type)
{
    json_write_object(&s->w->json, "ovs");
    json_write_string(&s->w->json, "event_type", type);
}

static void
end_ovs(const struct subject *s, const struct retis_head *head)
{
    json_write_end_object(&s->w->json);
    retis_finish(s->w, head);
}

/* Ends "ovs" and the event with 'head', one of what is the same for all
 * segments of a packet. */
static void
end_common(const struct subject *s, const struct retis_head *head,
           enum retis_event_kind kind)
{
    json_write_end_object(&s->w->json);
    retis_finish_upcall(s->w, head, kind, s->u->rec->ts, s->u->rec->cpu);
}

/* Writes an unsigned number. */
static void
put_number(const struct subject *s, const char *name, uint64_t number)
{
    json_write_integer(&s->w->json, name, number);
}

static void
put_queue_id(const struct subject *s)
{
    put_number(s, "queue_id", retis_queue_id(s->u->rec->id));
}

/* Sets in '*head' where the datapath was. */
static void
set_datapath(const struct subject *s, struct retis_head *head)
{
    const struct upcall_record *rec = s->u->rec;

    head->has_cpu = true;
    head->cpu = rec->cpu;
    head->comm = rec->tid ? NULL : rec->comm;   /* Threads of 0 are idle. */
    head->root = s->root;
}

/* Sets in '*head' which handler it was. */
static void
set_handler(const struct subject *s, struct retis_head *head)
{
    const struct upcall_record *rec = s->u->rec;

    if (rec->recv_tgid) {
        head->comm = rec->recv_comm;
        head->process = rec->recv_tgid;
        head->thread = rec->recv_tid;
    }
}

/* The events of one kind each. */

static void
put_begin(const struct subject *s, uint64_t ts)
{
    struct retis_head head = make_head(ts, UPCALL_HOOK_UPCALL);

    set_datapath(s, &head);
    retis_begin(s->w, &head);
    put_packet(s->w, s->u);
    begin_ovs(s, "upcall");
    put_number(s, "cmd", get_cmd(s->u));
    put_number(s, "port", s->u->rec->portid);
    put_number(s, "cpu", s->u->rec->cpu);
    end_common(s, &head, RETIS_UPCALL);
}

/* Nothing that has a queue id can be there without an enqueue before it. */
static void
put_enqueue(struct subject *s, uint64_t ts)
{
    const struct upcall_record *rec = s->u->rec;
    struct retis_head head = make_head(ts, UPCALL_HOOK_ENQUEUE);

    if (ts < rec->ts) {
        return;
    }
    set_datapath(s, &head);
    retis_begin(s->w, &head);
    begin_ovs(s, "upcall_enqueue");
    json_write_integer(&s->w->json, "ret",
                       rec->outcome == UPCALL_LOST ? rec->ret : 0);
    put_number(s, "cmd", get_cmd(s->u));
    put_number(s, "port", rec->portid);
    put_number(s, "upcall_ts", rec->ts);
    put_number(s, "upcall_cpu", rec->cpu);
    put_queue_id(s);
    end_ovs(s, &head);
    s->is_queued = true;
    retis_packet_get(s->w, rec->id)->queued = ts;
    retis_packet_get(s->w, rec->id)->recirc_id = get_recirc_id(s->u);
}

static void
put_return(const struct subject *s, uint64_t ts)
{
    const struct upcall_record *rec = s->u->rec;
    struct retis_head head = make_head(ts, UPCALL_HOOK_RETURN);
    int ret;

    if (!upcall_get_return(s->u, &ret)
        || (rec->flags & UPCALL_F_ENQUEUED && ts < rec->enqueue_ts)) {
        return;
    }
    set_datapath(s, &head);
    retis_begin(s->w, &head);
    begin_ovs(s, "upcall_return");
    put_number(s, "upcall_ts", rec->ts);
    put_number(s, "upcall_cpu", rec->cpu);
    json_write_integer(&s->w->json, "ret", ret);
    end_common(s, &head, RETIS_RETURN);
}

/* Returns when the batch of 's', which was received at 'ts' or 0 if that is
 * not known, began; 0 if that is not known. */
static uint64_t
get_batch_ts(const struct subject *s, uint64_t ts)
{
    const struct upcall_record *rec = s->u->rec;
    struct retis_batch *b = &s->w->batches[rec->recv_tid % RETIS_BATCHES];

    if (!rec->batch_idx && ts) {
        *b = (struct retis_batch) { rec->recv_tid, rec->batch, ts };
    }
    return (b->tid == rec->recv_tid && b->batch == rec->batch ? b->ts : 0);
}

/* Ends "ovs" with the place in the batch, for which Retis has 8 bits. */
static void
end_batch(const struct subject *s, const struct retis_head *head, uint64_t ts)
{
    put_queue_id(s);
    put_number(s, "batch_ts", get_batch_ts(s, ts));
    put_number(s, "batch_idx", MIN(s->u->rec->batch_idx, UINT8_MAX));
    end_ovs(s, head);
}

static void
put_recv(const struct subject *s, const struct upcall_event *event)
{
    const struct upcall_record *rec = s->u->rec;
    bool is_kernel = event->kind == UPCALL_EVENT_RECV;
    struct retis_head head = make_head(event->ts, is_kernel
                                       ? UPCALL_HOOK_RECV
                                       : UPCALL_HOOK_USDT_RECV);

    head.has_cpu = is_kernel;
    head.cpu = rec->recv_cpu;
    set_handler(s, &head);
    retis_begin(s->w, &head);
    begin_ovs(s, "recv_upcall");
    put_number(s, "type", s->u->class == UPCALL_CLASS_MISS ? UC_MISS
               : UC_ACTION);
    put_number(s, "pkt_size", s->u->packet_len);
    put_number(s, "key_size", s->u->key.len);
    end_batch(s, &head, event->ts);
}

static void
put_operation(const struct subject *s, uint64_t ts, enum upcall_hook hook,
              const char *type)
{
    struct retis_head head = make_head(ts, hook);

    set_handler(s, &head);
    retis_begin(s->w, &head);
    begin_ovs(s, "flow_operation");
    json_write_string(&s->w->json, "op_type", type);
    end_batch(s, &head, 0);
}

/* An action of an execute. */
static void
put_action(struct subject *s, const struct upcall_event *event)
{
    struct retis_head head = make_head(event->ts, UPCALL_HOOK_EXEC_RETURN);

    set_handler(s, &head);
    head.root = s->root;
    retis_put_action(s->w, &head, event->action, get_recirc_id(s->u),
                     s->is_queued && event->ts >= s->u->rec->enqueue_ts,
                     retis_queue_id(s->u->rec->id));
    retis_packet_get(s->w, s->u->rec->id)->told_by_upcall = true;
}

/* Writes an event of the handler, of which the enqueue was written.  What both
 * the kernel and a probe of ovs-vswitchd tell is there once, as the probe
 * tells it. */
static void
put_handled(const struct subject *s, const struct upcall_event *event)
{
    switch (event->kind) {
    case UPCALL_EVENT_RECV:
        if (!s->has_usdt[UPCALL_EVENT_USDT_RECV]) {
            put_recv(s, event);
        }
        break;
    case UPCALL_EVENT_USDT_RECV:
        put_recv(s, event);
        break;
    case UPCALL_EVENT_PUT:
        if (!s->has_usdt[UPCALL_EVENT_USDT_PUT]) {
            put_operation(s, event->ts, UPCALL_HOOK_PUT, "put");
        }
        break;
    case UPCALL_EVENT_USDT_PUT:
        put_operation(s, event->ts, UPCALL_HOOK_USDT_PUT, "put");
        break;
    case UPCALL_EVENT_EXEC:
        if (!s->has_usdt[UPCALL_EVENT_USDT_EXEC]) {
            put_operation(s, event->ts, UPCALL_HOOK_EXEC, "exec");
        }
        break;
    case UPCALL_EVENT_USDT_EXEC:
        put_operation(s, event->ts, UPCALL_HOOK_USDT_EXEC, "exec");
        break;
    case UPCALL_EVENT_TRANSLATED: break;        /* Retis has none. */
    case UPCALL_EVENT_UPCALL: case UPCALL_EVENT_ENQUEUE:
    case UPCALL_EVENT_RETURN: case UPCALL_EVENT_ACTION:
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
}

static void
put_event(struct subject *s, const struct upcall_event *event)
{
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL: break;            /* Was before all others. */
    case UPCALL_EVENT_ENQUEUE: put_enqueue(s, event->ts); break;
    case UPCALL_EVENT_RETURN: put_return(s, event->ts); break;
    case UPCALL_EVENT_ACTION:
        if (!s->has_actions) {
            put_action(s, event);
        }
        break;
    case UPCALL_EVENT_RECV: case UPCALL_EVENT_USDT_RECV:
    case UPCALL_EVENT_TRANSLATED: case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_PUT: case UPCALL_EVENT_USDT_EXEC:
    case UPCALL_EVENT_EXEC: case UPCALL_N_EVENTS: default:
        if (s->is_queued && event->ts >= s->u->rec->enqueue_ts) {
            put_handled(s, event);
        }
        break;
    }
}

/* Writes the events of 'u'. */
void
retis_put_upcall(struct retis *w, const struct upcall *u)
{
    struct subject s = {
        .w = w, .u = u, .root = retis_root_of_upcall(w, u),
        .has_actions = retis_packet_get(w, u->rec->id)->told_by_pass,
    };
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);

    for (size_t i = 0; i < n; i++) {
        s.has_usdt[events[i].kind] = events[i].has_ts;
    }
    if (!u->rec->ts) {
        return;
    }
    put_begin(&s, u->rec->ts);
    for (size_t i = 0; i < n; i++) {
        if (events[i].has_ts) {
            put_event(&s, &events[i]);
        }
    }
}
