/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/event.h"

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
static void add_if(struct event_list *, bool, enum upcall_event_kind,
                   uint64_t ts);
static void add_return(struct event_list *, const struct upcall *);
static void add_actions(struct event_list *, const struct upcall *);

/* Returns the name of 'kind', such as "flow_put". */
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
    const uint32_t flags = rec->flags;
    struct event_list list = { .events = events };

    add(&list, UPCALL_EVENT_UPCALL, rec->ts);
    add_if(&list, flags & UPCALL_F_ENQUEUED, UPCALL_EVENT_ENQUEUE,
           rec->enqueue_ts);
    add_return(&list, u);
    add_if(&list, flags & UPCALL_F_RECEIVED, UPCALL_EVENT_RECV, rec->recv_ts);
    add_if(&list, flags & UPCALL_F_USDT_RECV, UPCALL_EVENT_USDT_RECV,
           rec->usdt_recv_ts);
    add_if(&list, flags & UPCALL_F_TRANSLATED, UPCALL_EVENT_TRANSLATED,
           rec->translated_ts);
    add_if(&list, flags & UPCALL_F_USDT_PUT, UPCALL_EVENT_USDT_PUT,
           rec->usdt_put_ts);
    add_if(&list, flags & UPCALL_F_PUT, UPCALL_EVENT_PUT, rec->put_ts);
    add_if(&list, flags & UPCALL_F_USDT_EXEC, UPCALL_EVENT_USDT_EXEC,
           rec->usdt_exec_ts);
    add_if(&list, flags & UPCALL_F_EXEC, UPCALL_EVENT_EXEC, rec->exec_ts);
    add_actions(&list, u);
    return list.n;
}

/* If 'a', an attribute OVS_ACTION_ATTR_*, outputs the packet to a port, stores
 * its number in '*port_no' and returns true. */
bool
action_get_output(const struct nlattr *a, uint32_t *port_no)
{
    if (nl_attr_type(a) != OVS_ACTION_ATTR_OUTPUT
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

/* The same, if 'known'. */
static void
add_if(struct event_list *list, bool known, enum upcall_event_kind kind,
       uint64_t ts)
{
    if (known) {
        add(list, kind, ts);
    }
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

/* Adds 'actions' of an execute of 'u', as far as there is room. */
static void
add_actions_of_one(struct event_list *list, const struct upcall *u,
                   const struct upcall_attrs *actions)
{
    struct upcall_event event = {
        .kind = UPCALL_EVENT_ACTION,
        .has_ts = true,
        .ts = u->rec->exec_ts + u->rec->exec_duration,
    };
    size_t left;

    NL_ATTR_FOR_EACH (event.action, left, actions->data, actions->len) {
        if (list->n < UPCALL_MAX_EVENTS) {
            insert(list, &event);
        }
    }
}

/* Adds the actions of all executes if they have been done. */
static void
add_actions(struct event_list *list, const struct upcall *u)
{
    struct upcall_attrs actions = { .data = NULL };

    if (u->rec->flags & UPCALL_F_EXEC_DONE && !u->rec->exec_ret) {
        while (upcall_next_actions(u, &actions)) {
            add_actions_of_one(list, u, &actions);
        }
    }
}
