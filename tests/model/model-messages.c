/* SPDX-License-Identifier: Apache-2.0 */

/* Netlink messages of the model, as the kernel and ovs-vswitchd write them. */

#include <config.h>

#include <assert.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <string.h>

#include "model.h"

/* struct user_action_cookie of lib/odp-util.h of Open vSwitch, as far as it is
 * needed. */
#define COOKIE_SFLOW 1
#define COOKIE_SLOW_PATH 2
#define SLOW_ACTION (1u << 5)

struct user_cookie {
    uint16_t type;
    uint16_t pad[13];
    uint32_t reason;            /* COOKIE_SLOW_PATH: enum slow_path_reason. */
};

#define DP_IFINDEX 5
#define HASH 0x1234567

/* Appends the 'n' bytes in 'data' to 'm', and aligns its end. */
void
model_message_put(struct model_message *m, const void *data, size_t n)
{
    assert(m->len + n + 3 <= sizeof m->words);
    memcpy((char *) m->words + m->len, data, n);
    m->len += n;
    while (m->len & 3) {
        ((char *) m->words)[m->len++] = 0;
    }
}

static size_t
msg_attr_start(struct model_message *m, int type)
{
    struct nlattr attr = { .nla_len = 4, .nla_type = type };
    size_t ofs = m->len;

    model_message_put(m, &attr, sizeof attr);
    return ofs;
}

static void
msg_attr_set_len(struct model_message *m, size_t ofs, size_t len)
{
    uint16_t nla_len = len;

    memcpy((char *) m->words + ofs, &nla_len, sizeof nla_len);
}

static void
msg_attr_end(struct model_message *m, size_t ofs)
{
    msg_attr_set_len(m, ofs, m->len - ofs);
}

static void
msg_attr_put(struct model_message *m, int type, const void *data, size_t n)
{
    struct nlattr attr = { .nla_len = 4 + n, .nla_type = type };

    model_message_put(m, &attr, sizeof attr);
    model_message_put(m, data, n);
}

static void
msg_attr_u32(struct model_message *m, int type, uint32_t x)
{
    msg_attr_put(m, type, &x, sizeof x);
}

static void
msg_start(struct model_message *m, int cmd)
{
    const struct nlmsghdr nlmsg = { .nlmsg_type = MODEL_PACKET_FAMILY };
    const struct genlmsghdr genlmsg = { .cmd = cmd };
    const struct ovs_header header = { .dp_ifindex = DP_IFINDEX };

    m->len = 0;
    model_message_put(m, &nlmsg, sizeof nlmsg);
    model_message_put(m, &genlmsg, sizeof genlmsg);
    model_message_put(m, &header, sizeof header);
}

static void
put_tunnel(struct model_message *m, const struct model_upcall *u)
{
    uint64_t id = (uint64_t) u->tunnel << 40;
    size_t ofs;

    if (u->tunnel) {
        ofs = msg_attr_start(m, OVS_KEY_ATTR_TUNNEL);
        msg_attr_put(m, OVS_TUNNEL_KEY_ATTR_ID, &id, sizeof id);
        msg_attr_u32(m, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, 0x01020304);
        msg_attr_end(m, ofs);
    }
}

/* Appends the flow key of 'u' as attribute 'type', see model_same_key(). */
static void
put_key(struct model_message *m, int type, const struct model_upcall *u)
{
    uint8_t eth[12] = { u->packet.bytes[13] };
    size_t ofs = msg_attr_start(m, type);

    msg_attr_u32(m, OVS_KEY_ATTR_RECIRC_ID, u->recirc);
    msg_attr_u32(m, OVS_KEY_ATTR_PRIORITY, 0);
    put_tunnel(m, u);
    msg_attr_u32(m, OVS_KEY_ATTR_IN_PORT, u->port);
    msg_attr_u32(m, OVS_KEY_ATTR_SKB_MARK, u->mark);
    msg_attr_put(m, OVS_KEY_ATTR_ETHERNET, eth, sizeof eth);
    msg_attr_end(m, ofs);
}

static void
put_cookie(struct model_message *m, int type, uint16_t cookie_type,
           bool helped)
{
    struct user_cookie cookie = {
        .type = cookie_type, .reason = helped ? SLOW_ACTION : 1
    };

    msg_attr_put(m, type, &cookie, sizeof cookie);
}

static void
put_actions(struct model_message *m, const struct model_flow *f, int only)
{
    for (int i = 0; i < f->n_actions; i++) {
        if (only < 0 || i == only) {
            msg_attr_u32(m, OVS_ACTION_ATTR_OUTPUT, 10 + i);
        }
    }
}

static void
put_slow_action(struct model_message *m, bool helped)
{
    size_t ofs = msg_attr_start(m, OVS_ACTION_ATTR_USERSPACE);

    msg_attr_u32(m, OVS_USERSPACE_ATTR_PID, 99);
    put_cookie(m, OVS_USERSPACE_ATTR_USERDATA, COOKIE_SLOW_PATH, helped);
    msg_attr_end(m, ofs);
}

/* Makes 'm' the message of 'u' but for the bytes of the packet. */
void
model_message_upcall(struct model_message *m, const struct model_upcall *u)
{
    uint64_t hash = u->hashed ? HASH : 0;

    msg_start(m, u->class_ == MODEL_MISS ? OVS_PACKET_CMD_MISS
              : OVS_PACKET_CMD_ACTION);
    put_key(m, OVS_PACKET_ATTR_KEY, u);
    if (u->class_ != MODEL_MISS) {
        put_cookie(m, OVS_PACKET_ATTR_USERDATA,
                   u->class_ == MODEL_SFLOW ? COOKIE_SFLOW : COOKIE_SLOW_PATH,
                   u->flow.helped);
    }
    msg_attr_put(m, OVS_PACKET_ATTR_HASH, &hash, sizeof hash);
    msg_attr_set_len(m, msg_attr_start(m, OVS_PACKET_ATTR_PACKET),
                     4 + u->packet.len);
}

/* Makes 'm' the request of ovs-vswitchd that 'e' of 's' is, a put. */
void
model_message_put_flow(struct model_message *m, const struct model_sequence *s,
                       const struct model_event *e)
{
    const struct model_upcall *u = &s->upcalls[e->upcall];
    uint8_t ufid[16] = { 0 };
    size_t ofs;

    msg_start(m, OVS_FLOW_CMD_NEW);
    msg_attr_put(m, OVS_FLOW_ATTR_UFID, ufid, sizeof ufid);
    put_key(m, OVS_FLOW_ATTR_KEY, u);
    if (!e->immediate && !s->no_masks) {
        put_key(m, OVS_FLOW_ATTR_MASK, u);
    }
    ofs = msg_attr_start(m, OVS_FLOW_ATTR_ACTIONS);
    if (!e->immediate) {
        if (u->flow.helped || u->flow.slow) {
            put_slow_action(m, u->flow.helped);
        } else {
            put_actions(m, &u->flow, -1);
        }
    }
    msg_attr_end(m, ofs);
}

/* The same of an execute. */
void
model_message_execute(struct model_message *m, const struct model_sequence *s,
                      const struct model_event *e)
{
    const struct model_upcall *u = &s->upcalls[e->upcall];
    struct model_packet packet;
    uint64_t hash = HASH;
    size_t ofs;

    model_packet_of(s, e, &packet);
    msg_start(m, OVS_PACKET_CMD_EXECUTE);
    msg_attr_put(m, OVS_PACKET_ATTR_PACKET, packet.bytes, packet.len);
    ofs = msg_attr_start(m, OVS_PACKET_ATTR_KEY);
    msg_attr_u32(m, OVS_KEY_ATTR_PRIORITY, 0);
    put_tunnel(m, u);
    msg_attr_u32(m, OVS_KEY_ATTR_SKB_MARK, u->mark);
    msg_attr_u32(m, OVS_KEY_ATTR_IN_PORT, u->port);
    msg_attr_end(m, ofs);
    ofs = msg_attr_start(m, OVS_PACKET_ATTR_ACTIONS);
    put_actions(m, &u->flow, e->action);
    msg_attr_end(m, ofs);
    if (u->hashed && (!u->flow.helped || s->keeps_hash)) {
        msg_attr_put(m, OVS_PACKET_ATTR_HASH, &hash, sizeof hash);
    }
    msg_attr_u32(m, MODEL_ATTR_EVENT, e - s->events);
}
