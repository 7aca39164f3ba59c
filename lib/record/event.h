/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H 1

/* Expansion of one record into the events of the upcall's way. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

/* The kinds of events, mostly in the order in which they happen.  Those with
 * USDT in them, and the end of the translation, are of the probes of
 * ovs-vswitchd; a name may be that of two kinds.
 *
 * X(ENUM, NAME) */
#define UPCALL_EVENTS                           \
    X(UPCALL, "upcall")                         \
    X(ENQUEUE, "upcall_enqueue")                \
    X(RETURN, "upcall_return")                  \
    X(RECV, "upcall_recv")                      \
    X(USDT_RECV, "upcall_recv")                 \
    X(TRANSLATED, "translated")                 \
    X(USDT_PUT, "op_flow_put")                  \
    X(PUT, "flow_put")                          \
    X(USDT_EXEC, "op_flow_execute")             \
    X(EXEC, "flow_exec")                        \
    X(ACTION, "action_execute")

enum upcall_event_kind {
#define X(ENUM, NAME) UPCALL_EVENT_##ENUM,
    UPCALL_EVENTS
#undef X
    UPCALL_N_EVENTS
};

struct upcall_event {
    enum upcall_event_kind kind;
    bool has_ts;                /* Is 'ts' known? */
    uint64_t ts;                /* CLOCK_MONOTONIC, ns.  For an action, when
                                 * the last execute returned. */
    const struct nlattr *action;        /* For UPCALL_EVENT_ACTION. */
};

/* Each of the other kinds once, and as many actions as fit into a record if
 * they have 4 bytes, which is the least. */
#define UPCALL_MAX_EVENTS (UPCALL_EVENT_ACTION + UPCALL_EXEC_MAX / 4)

const char *upcall_event_name(enum upcall_event_kind);
size_t upcall_expand(const struct upcall *,
                     struct upcall_event events[UPCALL_MAX_EVENTS]);
bool action_get_output(const struct nlattr *, uint32_t *port_no);
bool upcall_event_is_by_handler(const struct upcall_event *);

#endif /* lib/record/event.h */
