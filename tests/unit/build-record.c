/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "build-record.h"

#include <linux/netlink.h>
#include <string.h>

#include "dp-packet.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "packets.h"
#include "record/record.h"
#include "util.h"

const char build_icmp[] =
    "020000000002" "020000000003" "0800"
    "45000054e3004000" "4001fe18" "acc80003" "acc80002"
    "0800000000010001"
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b"
    "1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637";

const char build_icmp_key[] =
    "skb_priority(0),in_port(3),skb_mark(0),ct_state(0),ct_zone(0),"
    "ct_mark(0),ct_label(0),recirc_id(0),dp_hash(0),"
    "eth(src=02:00:00:00:00:03,dst=02:00:00:00:00:02),eth_type(0x0800),"
    "ipv4(src=172.200.0.3,dst=172.200.0.2,proto=1,tos=0,ttl=64,frag=no),"
    "icmp(type=8,code=0)";

/* The family of OVS_PACKET_FAMILY; any number. */
#define FAMILY 33

static void put_packet(struct ofpbuf *, const char *hex);
static void put_actions(struct ofpbuf *, int type, const char *);

/* Starts an upcall of 'class', of which nothing but its entry is known. */
void
build_init(struct build *b, enum upcall_class class)
{
    memset(b, 0, sizeof *b);
    ofpbuf_init(&b->msg, 0);
    ofpbuf_init(&b->put, 0);
    ofpbuf_init(&b->exec, 0);

    b->rec.id = 17;
    b->rec.ts = BUILD_TS;
    b->rec.ret_word = UPCALL_RET_TAG(17);
    b->rec.cpu = 7;
    b->rec.hash = 4022250974;
    b->rec.napi_id = 8195;
    b->rec.rx_queue = 3;
    b->rec.flags |= UPCALL_F_SOFTIRQ;
    b->rec.portid = 3644007146;
    b->rec.class_ = class;
    b->rec.outcome = UPCALL_ABANDONED;
    ovs_strlcpy(b->rec.comm, "swapper/7", sizeof b->rec.comm);
}

/* Frees the memory of 'b'. */
void
build_uninit(struct build *b)
{
    ofpbuf_uninit(&b->msg);
    ofpbuf_uninit(&b->put);
    ofpbuf_uninit(&b->exec);
}

/* Returns the input port in a flow key of 'len' bytes, as the programs do. */
static uint32_t
get_in_port(const void *key, size_t len)
{
    const struct nlattr *a = nl_attr_find__(key, len, OVS_KEY_ATTR_IN_PORT);

    return a ? nl_attr_get_u32(a) : UINT32_MAX;
}

/* Adds the message with the flow key 'key', the first 'cookie_size' bytes of
 * 'cookie' as userdata unless it is NULL, and all of 'packet'. */
void
build_message(struct build *b, const char *key, const char *packet,
              const struct user_action_cookie *cookie, size_t cookie_size)
{
    const struct ovs_header header = { .dp_ifindex = BUILD_DP_IFINDEX };
    bool miss = b->rec.class_ == UPCALL_CLASS_MISS;
    size_t ofs;

    nl_msg_put_genlmsghdr(&b->msg, 0, FAMILY, 0,
                          miss ? OVS_PACKET_CMD_MISS : OVS_PACKET_CMD_ACTION,
                          OVS_PACKET_VERSION);
    ofpbuf_put(&b->msg, &header, sizeof header);
    ofs = nl_msg_start_nested(&b->msg, OVS_PACKET_ATTR_KEY);
    ovs_assert(!odp_flow_from_string(key, NULL, &b->msg, NULL, NULL));
    b->rec.key_len = b->msg.size - ofs - NLA_HDRLEN;
    b->rec.port_no = get_in_port((uint8_t *) b->msg.data + ofs + NLA_HDRLEN,
                                 b->rec.key_len);
    nl_msg_end_nested(&b->msg, ofs);
    if (cookie) {
        nl_msg_put_unspec(&b->msg, OVS_PACKET_ATTR_USERDATA, cookie,
                          cookie_size);
    }
    nl_msg_put_u64(&b->msg, OVS_PACKET_ATTR_HASH, 0x3deadbeef);

    ofs = b->msg.size;
    put_packet(&b->msg, packet);
    b->rec.packet_ofs = ofs + NLA_HDRLEN;
    b->rec.packet_kept = strlen(packet) / 2;
    b->rec.packet_sent = b->rec.packet_len = b->rec.packet_kept;
    b->rec.flags |= UPCALL_F_ENQUEUED;
    b->rec.enqueue_ts = BUILD_TS + 26993;
    b->rec.ret_word |= 30500;
    b->msg.size = b->rec.packet_ofs + b->rec.packet_kept;
}

/* The socket refuses the message with 'ret'. */
void
build_lost(struct build *b, int ret)
{
    b->rec.outcome = UPCALL_LOST;
    b->rec.ret = ret;
}

/* The upcall ends with 'ret' before there is a message.  Port 3 is known from
 * the kernel's structures, and so are the bytes of 'packet'. */
void
build_lost_early(struct build *b, const char *packet, int ret)
{
    size_t size = strlen(packet) / 2;

    build_lost(b, ret);
    put_packet(&b->msg, packet);
    ofpbuf_pull(&b->msg, NLA_HDRLEN);
    b->msg.size = size;
    b->rec.packet_kept = b->rec.packet_sent = b->rec.packet_len = size;
    b->rec.flags |= UPCALL_F_PORT;
    b->rec.dp_ifindex = BUILD_DP_IFINDEX;
    b->rec.port_no = 3;
    b->rec.ret_word |= 4400;
}

/* handler9 receives the upcall, as the second of a batch of three, and does
 * nothing with it. */
void
build_receive(struct build *b)
{
    b->rec.flags |= UPCALL_F_RECEIVED;
    b->rec.recv_ts = BUILD_TS + 142542;
    b->rec.recv_tid = 3215302;
    b->rec.recv_tgid = 3215259;
    b->rec.batch = 42;
    b->rec.batch_idx = 1;
    b->rec.batch_size = 3;
    b->rec.recv_cpu = 3;
    b->rec.queue_len = 12;
    b->rec.queue_drops = 2;
    b->rec.outcome = UPCALL_CONSUMED;
    ovs_strlcpy(b->rec.recv_comm, "handler9", sizeof b->rec.recv_comm);
}

/* The handler puts a flow with 'mask', or without one if it is NULL, and
 * 'actions', to which the kernel returns 'ret'. */
void
build_put(struct build *b, const char *mask, const char *actions, int ret)
{
    static const uint32_t ufid[4] = {
        0x66252ae8, 0x01020304, 0x05060708, 0x090a0b0c
    };

    if (mask) {
        struct ofpbuf key;
        size_t ofs = nl_msg_start_nested(&b->put, OVS_FLOW_ATTR_MASK);

        ofpbuf_init(&key, 0);
        ovs_assert(!odp_flow_from_string(mask, NULL, &key, &b->put, NULL));
        ofpbuf_uninit(&key);
        nl_msg_end_nested(&b->put, ofs);
    }
    put_actions(&b->put, OVS_FLOW_ATTR_ACTIONS, actions);
    b->rec.flags |= UPCALL_F_PUT | UPCALL_F_PUT_DONE | UPCALL_F_UFID;
    memcpy(b->rec.ufid, ufid, sizeof b->rec.ufid);
    b->rec.put_ts = BUILD_TS + 246803;
    b->rec.put_duration = 12100;
    b->rec.put_ret = ret;
    b->rec.outcome = upcall_record_outcome(&b->rec);
}

/* The handler executes 'actions' on the packet, to which the kernel returns
 * 'ret'.  It is a further request if there was one before. */
void
build_execute(struct build *b, const char *actions, int ret)
{
    size_t ofs = nl_msg_start_nested(&b->exec, OVS_PACKET_ATTR_KEY);

    nl_msg_put_u32(&b->exec, OVS_KEY_ATTR_IN_PORT, 3);
    nl_msg_end_nested(&b->exec, ofs);
    put_actions(&b->exec, OVS_PACKET_ATTR_ACTIONS, actions);
    nl_msg_put_u64(&b->exec, OVS_PACKET_ATTR_HASH, 0x3deadbeef);
    b->rec.flags |= UPCALL_F_EXEC | UPCALL_F_EXEC_DONE;
    b->rec.exec_ts = BUILD_TS + 260000;
    b->rec.exec_duration = 51100;
    b->rec.exec_ret = ret;
    b->rec.exec_rule = UPCALL_RULE_PACKET;
    b->rec.n_execs++;
    b->rec.flags |= b->rec.n_execs > 1 ? UPCALL_F_HELP : 0;
    b->rec.outcome = upcall_record_outcome(&b->rec);
}

/* Starts a whole upcall: a ping misses, its flow is put, and it is sent to
 * port 2. */
void
build_executed(struct build *b)
{
    build_init(b, UPCALL_CLASS_MISS);
    build_message(b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(b);
    build_put(b, "recirc_id(0),in_port(3),eth(),eth_type(0x0800),"
              "ipv4(frag=no)", "2", 0);
    build_execute(b, "2", 0);
}

/* Adds what the probes of ovs-vswitchd see of the stages that 'b' has.  The
 * requests are prepared together and then sent. */
void
build_usdt(struct build *b)
{
    b->rec.flags |= UPCALL_F_USDT_RECV | UPCALL_F_TRANSLATED;
    b->rec.usdt_recv_ts = BUILD_TS + 150100;
    b->rec.translated_ts = BUILD_TS + 230000;
    b->rec.packet_addr = 0x7f0123456780;
    if (b->rec.flags & UPCALL_F_PUT) {
        b->rec.flags |= UPCALL_F_USDT_PUT;
        b->rec.usdt_put_ts = BUILD_TS + 231200;
    }
    if (b->rec.flags & UPCALL_F_EXEC) {
        b->rec.flags |= UPCALL_F_USDT_EXEC;
        b->rec.usdt_exec_ts = BUILD_TS + 233400;
        b->rec.exec_rule = UPCALL_RULE_POINTER;
    }
}

static void
copy_part(uint8_t *dst, const struct ofpbuf *part)
{
    if (part->size) {
        memcpy(dst, part->data, part->size);
    }
}

/* Returns the record, in memory of exactly its size, which the caller has to
 * free.  Stores the size in '*sizep' if that is not NULL. */
void *
build_get(const struct build *b, size_t *sizep)
{
    size_t put_ofs = sizeof b->rec + ROUND_UP(b->msg.size, 8);
    size_t exec_ofs = put_ofs + ROUND_UP(b->put.size, 8);
    size_t size = exec_ofs + b->exec.size;
    struct upcall_record *rec = xzalloc(size);

    *rec = b->rec;
    rec->msg_len = b->msg.size;
    rec->put_len = b->put.size;
    rec->exec_len = b->exec.size;
    copy_part(rec->data, &b->msg);
    copy_part((uint8_t *) rec + put_ofs, &b->put);
    copy_part((uint8_t *) rec + exec_ofs, &b->exec);
    if (sizep) {
        *sizep = size;
    }
    return rec;
}

/* Hands the record of 'b' to 'write', and frees both. */
void
build_write(struct build *b, build_write_func *write)
{
    size_t size;
    void *record = build_get(b, &size);

    build_uninit(b);
    write(record, size);
    free(record);
}

/* Makes the record of 'b', frees 'b', and parses the record, which must be
 * possible, into '*u'.  Returns the record, which the caller has to free. */
void *
build_parse(struct build *b, struct upcall *u)
{
    size_t size;
    void *data = build_get(b, &size);
    char *error;

    build_uninit(b);
    if (!upcall_parse(data, size, u, &error)) {
        ck_abort_msg("%s", error);
    }
    ck_assert_ptr_null(error);
    return data;
}

/* Appends the packet 'hex' as an attribute. */
static void
put_packet(struct ofpbuf *buf, const char *hex)
{
    struct dp_packet *packet;

    ovs_assert(!eth_from_hex(hex, &packet));
    nl_msg_put_unspec(buf, OVS_PACKET_ATTR_PACKET, dp_packet_data(packet),
                      dp_packet_size(packet));
    dp_packet_delete(packet);
}

/* Appends an attribute of 'type' with 'actions'. */
static void
put_actions(struct ofpbuf *buf, int type, const char *actions)
{
    size_t ofs = nl_msg_start_nested(buf, type);

    ovs_assert(!odp_actions_from_string(actions, NULL, buf));
    nl_msg_end_nested(buf, ofs);
}
