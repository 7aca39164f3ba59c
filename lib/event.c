/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "event.h"

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "util.h"

/* Events that are being collected. */
struct event_list {
    struct upcall_event *events;        /* UPCALL_MAX_EVENTS of them. */
    size_t n;                           /* Events that are in use. */
};

static void add(struct event_list *, enum upcall_event_kind, uint64_t ts);
static void add_return(struct event_list *, const struct upcall *);
static void add_actions(struct event_list *, const struct upcall *);

/* Returns the name of 'kind', such as "upcall_recv". */
const char *
upcall_event_name(enum upcall_event_kind kind)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [UPCALL_EVENT_##ENUM] = NAME,
        UPCALL_EVENTS
#undef X
    };

    ovs_assert(kind < UPCALL_N_EVENTS);
    return names[kind];
}

/* Stores the events of 'u' in 'events', by time where it is known, otherwise
 * in the order in which they happen.  Returns how many there are, at least
 * one.  What they point to is part of the record of 'u'. */
size_t
upcall_expand(const struct upcall *u,
              struct upcall_event events[UPCALL_MAX_EVENTS])
{
    const struct upcall_record *rec = u->rec;
    struct event_list list = { .events = events };

    add(&list, UPCALL_EVENT_UPCALL, rec->ts);
    if (rec->flags & UPCALL_F_ENQUEUED) {
        add(&list, UPCALL_EVENT_ENQUEUE, rec->enqueue_ts);
    }
    add_return(&list, u);
    if (rec->flags & UPCALL_F_RECEIVED) {
        add(&list, UPCALL_EVENT_RECV, rec->recv_ts);
    }
    if (rec->flags & UPCALL_F_PUT) {
        add(&list, UPCALL_EVENT_PUT, rec->put_ts);
    }
    if (rec->flags & UPCALL_F_EXEC) {
        add(&list, UPCALL_EVENT_EXEC, rec->exec_ts);
        add_actions(&list, u);
    }
    return list.n;
}

/* If 'event' is an action that outputs the packet to a port, stores its number
 * in '*port_no' and returns true. */
bool
upcall_event_get_output(const struct upcall_event *event, uint32_t *port_no)
{
    const struct nlattr *a = event->action;

    if (event->kind != UPCALL_EVENT_ACTION
        || nl_attr_type(a) != OVS_ACTION_ATTR_OUTPUT
        || nl_attr_get_size(a) != sizeof *port_no) {
        return false;
    }
    *port_no = nl_attr_get_u32(a);
    return true;
}

/* Returns true if 'event' happens in the handler thread ('recv_comm' of the
 * record), false if it happens in the thread of the upcall ('comm'). */
bool
upcall_event_is_by_handler(const struct upcall_event *event)
{
    return event->kind >= UPCALL_EVENT_RECV;
}

static bool
is_after(const struct upcall_event *a, const struct upcall_event *b)
{
    return a->has_ts && b->has_ts && a->ts > b->ts;
}

/* Inserts 'event' behind all that happened before or at the same time. */
static void
insert(struct event_list *list, const struct upcall_event *event)
{
    struct upcall_event *events = list->events;
    size_t i = list->n++;

    for (; i > 0 && is_after(&events[i - 1], event); i--) {
        events[i] = events[i - 1];
    }
    events[i] = *event;
}

/* Adds an event of 'kind' at 'ts', 0 if that is unknown. */
static void
add(struct event_list *list, enum upcall_event_kind kind, uint64_t ts)
{
    struct upcall_event event = { .kind = kind, .has_ts = ts != 0, .ts = ts };

    insert(list, &event);
}

/* Adds the return of ovs_dp_upcall(), if it is known to have returned. */
static void
add_return(struct event_list *list, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    uint32_t ns = upcall_get_return_ns(u);

    if (ns || rec->outcome == UPCALL_LOST || rec->flags & UPCALL_F_RECEIVED) {
        add(list, UPCALL_EVENT_RETURN, ns ? rec->ts + ns : 0);
    }
}

/* Adds the actions of the execute if it has done them. */
static void
add_actions(struct event_list *list, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    struct upcall_event event = {
        .kind = UPCALL_EVENT_ACTION,
        .has_ts = true,
        .ts = rec->exec_ts + rec->exec_duration,
    };
    size_t left;

    if (!(rec->flags & UPCALL_F_EXEC_DONE) || rec->exec_ret) {
        return;
    }
    NL_ATTR_FOR_EACH (event.action, left, u->exec_actions.data,
                      u->exec_actions.len) {
        if (list->n < UPCALL_MAX_EVENTS) {
            insert(list, &event);
        }
    }
}
