/* SPDX-License-Identifier: Apache-2.0 */

/* One upcall as lines of events: the second half of upcall-text.h. */

#include <config.h>

#include "show/upcall-text.h"

#include <inttypes.h>

#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/names.h"
#include "record/record.h"
#include "show/record-text.h"
#include "util.h"

static void put_lines(const struct upcall *, bool actions, struct ds *);
static void put_line(const struct upcall *, const struct upcall_event *,
                     struct ds *);

/* Appends the events of 'u' to 'ds', a line for each, which starts with its
 * time in ns and the thread.  The lines are similar to those of Retis.  Ports
 * are numbers as there; 'map' is not used. */
void
upcall_format_events(const struct upcall *u,
                     const struct port_map *map OVS_UNUSED, struct ds *ds)
{
    put_lines(u, true, ds);
}

/* Appends them but for the actions, which others tell of. */
void
upcall_format_begin_events(const struct upcall *u, struct ds *ds)
{
    put_lines(u, false, ds);
}

static void
put_lines(const struct upcall *u, bool actions, struct ds *ds)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    size_t n = upcall_expand(u, events);

    for (size_t i = 0; i < n; i++) {
        if (actions || events[i].kind != UPCALL_EVENT_ACTION) {
            put_line(u, &events[i], ds);
        }
    }
}

/* Appends the netlink command of the upcall. */
static void
put_cmd(const struct upcall *u, struct ds *ds)
{
    const char *name = upcall_cmd_name(u->class);

    ds_put_format(ds, "(%s)", name ? name : "unknown");
}

/* Appends the common part of the events of the kernel, the CPU and time of the
 * upcall. */
static void
put_origin(const struct upcall *u, struct ds *ds)
{
    ds_put_format(ds, "(%"PRIu32"/%"PRIu64")", u->rec->cpu,
                  (uint64_t) u->rec->ts);
}

static void
put_number(bool known, int value, struct ds *ds)
{
    if (known) {
        ds_put_format(ds, "%d", value);
    } else {
        ds_put_char(ds, '-');
    }
}

static void
put_return_event(const struct upcall *u, struct ds *ds)
{
    int ret;
    bool known = upcall_get_return(u, &ret);

    ds_put_cstr(ds, "upcall_ret ");
    put_origin(u, ds);
    ds_put_cstr(ds, " ret ");
    put_number(known, ret, ds);
}

/* Appends a request that the handler sent for 'u', which OVS's names identify
 * by the time of the receive and the place in the batch. */
static void
put_request(const struct upcall *u, const char *name, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;

    ds_put_format(ds, "%s q %"PRIu64" ts %"PRIu64" (%"PRIu32")", name,
                  (uint64_t) rec->id, (uint64_t) rec->recv_ts,
                  rec->batch_idx);
}

static void
put_put_event(const struct upcall *u, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;

    put_request(u, "flow_put", ds);
    if (rec->flags & UPCALL_F_UFID) {
        ds_put_cstr(ds, " ufid:");
        flow_text_ufid(rec->ufid, ds);
    }
    ds_put_cstr(ds, " ret ");
    put_number(rec->flags & UPCALL_F_PUT_DONE, rec->put_ret, ds);
}

static void
put_upcall_event(const struct upcall *u, struct ds *ds)
{
    ds_put_cstr(ds, "upcall ");
    put_cmd(u, ds);
    ds_put_format(ds, " port %"PRIu32" cpu %"PRIu32, u->rec->portid,
                  u->rec->cpu);
}

static void
put_enqueue_event(const struct upcall *u, struct ds *ds)
{
    const struct upcall_record *rec = u->rec;

    ds_put_cstr(ds, "upcall_enqueue ");
    put_cmd(u, ds);
    ds_put_char(ds, ' ');
    put_origin(u, ds);
    ds_put_format(ds, " q %"PRIu64" ret %d", (uint64_t) rec->id,
                  rec->outcome == UPCALL_LOST ? rec->ret : 0);
}

static void
put_recv_event(const struct upcall *u, struct ds *ds)
{
    ds_put_format(ds, "upcall_recv q %"PRIu64" pkt_size %"PRIu32,
                  (uint64_t) u->rec->id, u->rec->packet_sent);
}

/* Appends an event of ovs-vswitchd, of which no more is known. */
static void
put_usdt_event(const struct upcall *u, const struct upcall_event *event,
               struct ds *ds)
{
    ds_put_format(ds, "%s q %"PRIu64, upcall_event_name(event->kind),
                  (uint64_t) u->rec->id);
}

static void
put_action_event(const struct upcall *u, const struct upcall_event *event,
                 struct ds *ds)
{
    record_text_action_event(event->action, ds);
    ds_put_format(ds, " q %"PRIu64, (uint64_t) u->rec->id);
}

static void
put_event(const struct upcall *u, const struct upcall_event *event,
          struct ds *ds)
{
    switch (event->kind) {
    case UPCALL_EVENT_UPCALL: put_upcall_event(u, ds); break;
    case UPCALL_EVENT_ENQUEUE: put_enqueue_event(u, ds); break;
    case UPCALL_EVENT_RETURN: put_return_event(u, ds); break;
    case UPCALL_EVENT_RECV: put_recv_event(u, ds); break;
    case UPCALL_EVENT_USDT_RECV:
        put_recv_event(u, ds);
        ds_put_cstr(ds, " (usdt)");
        break;
    case UPCALL_EVENT_TRANSLATED:
    case UPCALL_EVENT_USDT_PUT:
    case UPCALL_EVENT_USDT_EXEC: put_usdt_event(u, event, ds); break;
    case UPCALL_EVENT_PUT: put_put_event(u, ds); break;
    case UPCALL_EVENT_EXEC: put_request(u, "flow_exec", ds); break;
    case UPCALL_EVENT_ACTION: put_action_event(u, event, ds); break;
    case UPCALL_N_EVENTS: default: OVS_NOT_REACHED();
    }
}

static void
put_line(const struct upcall *u, const struct upcall_event *event,
         struct ds *ds)
{
    bool by_handler = upcall_event_is_by_handler(event);

    record_text_begin_event(event->has_ts, event->ts,
                            by_handler ? u->rec->recv_comm : u->rec->comm,
                            ds);
    put_event(u, event, ds);
    ds_put_char(ds, '\n');
}
