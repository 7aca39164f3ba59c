/* SPDX-License-Identifier: Apache-2.0 */

/* Upcalls that differ.  How is clear from their number, so that tests know how
 * many there are of each kind. */

#include <config.h>

#include "synthetic-varied.h"

#include <errno.h>
#include <stdio.h>

#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/util.h"
#include "util.h"

/* What all but lost ones have. */
static uint32_t all_flags;

/* Has the upcall come in by 'port_no', in its message, too. */
static void
set_port(struct upcall_record *r, uint32_t port_no)
{
    size_t ofs = NLMSG_HDRLEN + GENL_HDRLEN + sizeof(struct ovs_header);
    const struct nlattr *key, *port = NULL;

    key = nl_attr_find__(ALIGNED_CAST(const struct nlattr *, r->data + ofs),
                         r->msg_len - ofs,
                         OVS_PACKET_ATTR_KEY);
    if (key) {
        port = nl_attr_find_nested(key, OVS_KEY_ATTR_IN_PORT);
    }
    ovs_assert(port);
    *ALIGNED_CAST(uint32_t *, nl_attr_get(port)) = port_no;
    r->port_no = port_no;
}

/* Has one of the handlers receive it, each from a socket of its own. */
static void
set_handler(struct upcall_record *r, unsigned int handler, uint64_t n)
{
    r->portid = 3644007146 + handler;
    r->recv_tid = 3215302 + handler;
    r->queue_len = n % 7 * handler;
    r->queue_drops = handler == 1 ? n / 100 : 0;
    snprintf(r->recv_comm, sizeof r->recv_comm, "handler%u", 9 + handler);
}

/* Makes 'r', the record of a miss that was executed, upcall 'n', from 1 on.
 * Of 16, 8 come from port 3, 4 from port 4 and so on; one of 50 is lost. */
void
vary_record(struct upcall_record *r, uint64_t n)
{
    unsigned int port = MIN(ctz64(n), VARIED_PORTS - 1);
    uint64_t later = n * 7919 % 1009 * 300;

    all_flags = all_flags ? all_flags : r->flags;
    set_port(r, 3 + port);
    set_handler(r, port % VARIED_HANDLERS, n);
    r->flags = all_flags;
    r->outcome = UPCALL_EXECUTED;
    r->ret = 0;
    if (n % 50 == 25) {
        r->flags &= UPCALL_F_ENQUEUED | UPCALL_F_SOFTIRQ;
        r->outcome = UPCALL_LOST;
        r->ret = -EAGAIN;
    }
    r->recv_ts += later;
    r->put_ts += later + later / 3;
    r->exec_ts += later + later / 3;
}
