/* SPDX-License-Identifier: Apache-2.0 */

/* The events of one upcall as JSON: the second half of upcall-json.h. */

#include <config.h>

#include "show/upcall-json-private.h"

#include "base/json-writer.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "show/record-json.h"
#include "store/place.h"
#include "util.h"

static void write_action(struct json_writer *, const struct upcall_event *,
                         const struct place *);
static void write_event(struct json_writer *, const struct upcall *,
                        const struct upcall_event *,
                        const struct flow_put_text *);

/* Writes the events of 'u', which has put 'put' if it has put a flow, as an
 * array.  Names of ports come from 'map', which may be NULL. */
void
upcall_json_write_events(struct json_writer *w, const char *name,
                         const struct upcall *u,
                         const struct flow_put_text *put,
                         const struct port_map *map)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);
    struct place place = place_of_upcall(u, map);

    json_write_array(w, name);
    for (size_t i = 0; i < n; i++) {
        if (events[i].kind == UPCALL_EVENT_ACTION) {
            write_action(w, &events[i], &place);
        } else {
            write_event(w, u, &events[i], put);
        }
    }
    json_write_end_array(w);
}


/* What all events have.  Each of the functions below writes it where the order
 * of names wants it. */

static void
write_kind(struct json_writer *w, const struct upcall_event *event)
{
    json_write_string(w, "event", upcall_event_name(event->kind));
}

static void
write_ts(struct json_writer *w, const struct upcall_event *event)
{
    json_write_integer_if(w, "ts", event->has_ts, event->ts);
}

/* The events of one kind each. */

static void
write_upcall(struct json_writer *w, const struct upcall *u,
             const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;

    json_write_string(w, "cmd", upcall_cmd_name(u->class));
    record_json_comm(w, rec->comm);
    json_write_string(w, "context",
                      rec->flags & UPCALL_F_SOFTIRQ ? "softirq"
                      : rec->flags & UPCALL_F_PROCESS ? "process" : NULL);
    json_write_integer(w, "cpu", rec->cpu);
    write_kind(w, event);
    json_write_integer_if(w, "hash", rec->hash, rec->hash);
    json_write_integer_if(w, "napi_id", rec->napi_id, rec->napi_id);
    json_write_integer(w, "portid", rec->portid);
    json_write_integer_if(w, "rx_queue", rec->rx_queue, rec->rx_queue - 1);
    json_write_integer(w, "tid", rec->tid);
    write_ts(w, event);
}

static void
write_enqueue(struct json_writer *w, const struct upcall *u,
              const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;

    write_kind(w, event);
    json_write_integer(w, "portid", rec->portid);
    json_write_integer(w, "ret", rec->outcome == UPCALL_LOST ? rec->ret : 0);
    json_write_integer(w, "segment", rec->segment);
    write_ts(w, event);
}

static void
write_return(struct json_writer *w, const struct upcall *u,
             const struct upcall_event *event)
{
    int ret;
    bool known = upcall_get_return(u, &ret);

    write_kind(w, event);
    json_write_integer_if(w, "ret", known, ret);
    write_ts(w, event);
}

/* Writes a receive, with what the kernel knows about the socket and about the
 * CPU if it is the kernel that tells. */
static void
write_recv(struct json_writer *w, const struct upcall *u,
           const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;
    bool is_kernel = event->kind == UPCALL_EVENT_RECV;

    json_write_integer(w, "batch", rec->batch);
    json_write_integer(w, "batch_idx", rec->batch_idx);
    json_write_integer(w, "batch_size", rec->batch_size);
    record_json_comm(w, rec->recv_comm);
    if (is_kernel) {
        json_write_integer(w, "cpu", rec->recv_cpu);
    }
    write_kind(w, event);
    if (is_kernel) {
        json_write_integer(w, "queue_drops", rec->queue_drops);
        json_write_integer(w, "queue_len", rec->queue_len);
    }
    json_write_string(w, "source", is_kernel ? SOURCE_KERNEL : SOURCE_USDT);
    json_write_integer(w, "tid", rec->recv_tid);
    write_ts(w, event);
}

/* Writes an event of which nothing is known but when it was, and by whom. */
static void
write_moment(struct json_writer *w, const struct upcall_event *event,
             const char *source)
{
    write_kind(w, event);
    json_write_string(w, "source", source);
    write_ts(w, event);
}

static void
write_put(struct json_writer *w, const struct upcall *u,
          const struct upcall_event *event, const struct flow_put_text *put)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_PUT_DONE;

    flow_put_text_write_actions(w, "actions", put);
    json_write_integer_if(w, "duration", done, rec->put_duration);
    write_kind(w, event);
    flow_put_text_write_match(w, "key", put);
    json_write_integer_if(w, "ret", done, rec->put_ret);
    write_ts(w, event);
    flow_show_write_ufid(w, "ufid",
                         rec->flags & UPCALL_F_UFID ? rec->ufid : NULL);
}

static void
write_exec(struct json_writer *w, const struct upcall *u,
           const struct upcall_event *event)
{
    const struct upcall_record *rec = u->rec;
    bool done = rec->flags & UPCALL_F_EXEC_DONE;

    json_write_integer_if(w, "duration", done, rec->exec_duration);
    write_kind(w, event);
    json_write_string(w, "match", upcall_rule_name(rec->exec_rule));
    json_write_integer_if(w, "requests", rec->n_execs, rec->n_execs);
    json_write_integer_if(w, "ret", done, rec->exec_ret);
    write_ts(w, event);
}

/* Writes an action, with braces of its own. */
static void
write_action(struct json_writer *w, const struct upcall_event *event,
             const struct place *place)
{
    const struct action_show action = {
        .action = event->action,
        .source = SOURCE_REQUEST,
        .has_ts = event->has_ts,
        .ts = event->ts,
    };

    record_json_action(w, &action, place);
}

/* Writes any other event. */
static void
write_event(struct json_writer *w, const struct upcall *u,
            const struct upcall_event *event,
            const struct flow_put_text *put)
{
    json_write_object(w, NULL);
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL: write_upcall(w, u, event); break;
    case UPCALL_EVENT_ENQUEUE: write_enqueue(w, u, event); break;
    case UPCALL_EVENT_RETURN: write_return(w, u, event); break;
    case UPCALL_EVENT_RECV:
    case UPCALL_EVENT_USDT_RECV:
        write_recv(w, u, event);
        break;
    case UPCALL_EVENT_TRANSLATED:
        write_moment(w, event, SOURCE_KERNEL);
        break;
    case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_USDT_EXEC:
        write_moment(w, event, SOURCE_USDT);
        break;
    case UPCALL_EVENT_PUT: write_put(w, u, event, put); break;
    case UPCALL_EVENT_EXEC: write_exec(w, u, event); break;
    case UPCALL_EVENT_ACTION:
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
    json_write_end_object(w);
}
