/* SPDX-License-Identifier: Apache-2.0 */

/* Records that are not as the kernel makes them are given to all that takes
 * records.  They are in memory of exactly their size, and what these tests are
 * worth depends on sanitizers: "configure --enable-sanitizers", with an Open
 * vSwitch that was built with them, too. */

#include <config.h>
#include "record/record.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "check-output.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "random.h"
#include "show/upcall-text.h"
#include "util.h"

/* Records that each test of hostile ones makes, unless the environment has
 * another number as UPCALL_MUTATIONS. */
#define N_MUTATIONS 400

/* Fails unless 's' has printable characters and ends of lines only. */
static void
check_printable(const char *s)
{
    /* One check for all: each is reported to another process. */
    while ((*s >= ' ' && *s <= '~') || *s == '\n') {
        s++;
    }
    ck_assert_int_eq(*s, '\0');
}

/* Gives the 'size' bytes at 'data' to everything, if they are accepted.
 * Returns true if they were. */
static bool
use_record(void *data, size_t size)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct upcall u;
    char *s;

    if (!upcall_parse(data, size, &u, &s)) {
        ck_assert_ptr_nonnull(s);
        free(s);
        return false;
    }
    upcall_format(&u, NULL, NULL, &ds);
    upcall_format_events(&u, NULL, &ds);
    check_printable(ds_cstr(&ds));
    ds_destroy(&ds);

    json_destroy(get_upcall_json(&u, NULL));

    ck_assert_uint_le(upcall_limit_packet(data, random_range(64)), size);
    return true;
}

/* Changes up to 8 bytes of the 'size' at 'data'.  Behind the fixed part mostly
 * single bits: most of the sizes there have few of them set. */
static void
mutate(uint8_t *data, size_t size)
{
    int n = 1 + random_range(8);

    for (int i = 0; i < n; i++) {
        size_t ofs = random_range(size);

        if (random_range(4)) {
            ofs = (sizeof(struct upcall_record)
                   + random_range(size - sizeof(struct upcall_record)));
        }
        if (random_range(3)) {
            data[ofs] ^= 1 << random_range(8);
        } else {
            data[ofs] = random_uint32();
        }
    }
}

static int
get_n_mutations(void)
{
    const char *s = getenv("UPCALL_MUTATIONS");

    return s ? atoi(s) : N_MUTATIONS;
}

/* Makes changes to the record of 'b', which is freed.  Fails unless some of
 * them are accepted. */
static void
check_mutations(struct build *b)
{
    int n = get_n_mutations();
    int n_accepted = 0;
    size_t size;
    void *data = build_get(b, &size);

    build_uninit(b);
    for (int i = 0; i < n; i++) {
        void *copy = xmemdup(data, size);

        mutate(copy, size);
        n_accepted += use_record(copy, size);
        free(copy);
    }
    free(data);
    ck_assert_int_gt(n_accepted, n / 4);
}

static const char *const mutated_actions[] = {
    "ct(commit,zone=5,mark=0x1/0xff,label=0x1/0x1,nat(src=10.0.0.1-10.0.0.9:"
    "5-10,hash)),recirc(5)",
    "set(tunnel(tun_id=0x7b,src=1.1.1.1,dst=10.0.0.1,ttl=64,tp_dst=4789,"
    "vxlan(gbp(id=3,flags=0x1)),flags(df|csum|key))),2",
    "set(tunnel(tun_id=0x1,dst=1.1.1.2,ttl=64,geneve({class=0xffff,type=0x80,"
    "len=4,0xa}{class=0xffff,type=0x81,len=8,0xb}),flags(key))),2",
    "set(tunnel(tun_id=0x1,dst=1.1.1.2,ttl=64,erspan(ver=2,dir=1,hwid=0x4),"
    "flags(key))),2",
    "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255,c1=0x1,c2=0x2,"
    "c3=0x3,c4=0x4),pop_nsh()",
    "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x1,si=255,md2=0x00010203)",
    "sample(sample=50.0%,actions(userspace(pid=1,sFlow(vid=1,pcp=2,output=3)"
    "),clone(set(ipv6(hlimit=3/0xff)))))",
    "check_pkt_len(size=200,gt(set(eth(src=01:02:03:04:05:06/ff:ff:ff:00:00:"
    "00)),4),le(push_vlan(vid=5,pcp=0),5))",
    "add_mpls(label=1,tc=0,ttl=64,bos=1,eth_type=0x8847),trunc(100),meter(1)"
    ",set(mpls(label=200,tc=7,ttl=64,bos=1)),ct_clear",
};

START_TEST(test_mutated_actions)
{
    struct build b;

    random_set_seed(1 + _i);
    build_executed(&b);
    ofpbuf_clear(&b.put);
    build_put(&b, "in_port(3)", mutated_actions[_i], 0);
    ofpbuf_clear(&b.exec);
    build_execute(&b, mutated_actions[_i], 0);
    check_mutations(&b);
}
END_TEST

static const char *const mutated_keys[] = {
    "tunnel(tun_id=0x7f10354,src=10.10.10.10,dst=20.20.20.20,tos=0x0,ttl=64,"
    "geneve({class=0,type=0,len=4,0xa/0xff}),flags(csum|key)),in_port(1),"
    "eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15),eth_type(0x0800),"
    "ipv4(src=35.8.2.41,dst=172.16.0.20,proto=5,tos=0x80,ttl=128,frag=no)",
    "tunnel(tun_id=0xfedcba9876543210,src=10.0.0.1,dst=10.0.0.2,tos=0x8,"
    "ttl=128,erspan(ver=1,idx=0x7),flags(df|key)),in_port(1),"
    "eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15)",
    "tunnel(tun_id=0x1,ipv6_src=2001:cafe::1,ipv6_dst=2001:cafe::92,tos=0x8,"
    "ttl=128,vxlan(gbp(id=10,flags=0xb)),flags(df|csum|key)),in_port(1),"
    "eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15)",
    "in_port(1),eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15),"
    "eth_type(0x88a8),vlan(vid=99,pcp=7),encap(eth_type(0x8100),"
    "vlan(vid=100,pcp=7),encap(eth_type(0x86dd),ipv6(src=::1,dst=::2,"
    "label=0,proto=58,tclass=0x71,hlimit=128,frag=no),icmpv6(type=136,"
    "code=0),nd(target=::3,sll=00:05:06:07:08:09,tll=00:0a:0b:0c:0d:0e)))",
    "skb_priority(0x123),skb_mark(0xabc),ct_state(0x21),ct_zone(5),"
    "ct_mark(0x17),ct_label(0x1234567890abcdef1234567890abcdef),"
    "ct_tuple4(src=10.10.10.10,dst=20.20.20.20,proto=17,tp_src=1,tp_dst=2),"
    "in_port(1),eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15),"
    "eth_type(0x0800),ipv4(src=35.8.2.41,dst=172.16.0.20,proto=6,tos=0,"
    "ttl=128,frag=no),tcp(src=0,dst=8080),tcp_flags(0x2)",
    "in_port(1),eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15),"
    "eth_type(0x8847),mpls(label=100,tc=3,ttl=64,bos=0,label=200,tc=7,"
    "ttl=100,bos=1)",
    "in_port(1),eth(src=00:01:02:03:04:05,dst=10:11:12:13:14:15),"
    "eth_type(0x0806),arp(sip=1.2.3.4,tip=5.6.7.8,op=1,"
    "sha=00:0f:10:11:12:13,tha=00:14:15:16:17:18)",
};

START_TEST(test_mutated_keys)
{
    struct build b;

    random_set_seed(1 + _i);
    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, mutated_keys[_i], build_icmp, NULL, 0);
    build_receive(&b);
    build_put(&b, mutated_keys[_i], "2", 0);
    check_mutations(&b);
}
END_TEST

/* Appends a key of an NSH header, 'n' times as long as it is, to 'buf'. */
static void
put_nsh(struct ofpbuf *buf, size_t n)
{
    static const struct ovs_nsh_key_base base[2] = { { .mdtype = 1 } };
    static const struct ovs_nsh_key_md1 md1[2];
    size_t ofs = nl_msg_start_nested(buf, OVS_KEY_ATTR_NSH);

    nl_msg_put_unspec(buf, OVS_NSH_KEY_ATTR_BASE, base, n * sizeof base[0]);
    nl_msg_put_unspec(buf, OVS_NSH_KEY_ATTR_MD1, md1, n * sizeof md1[0]);
    nl_msg_end_nested(buf, ofs);
}

/* OVS cannot make these from strings. */
static void
put_nsh_actions(struct ofpbuf *buf)
{
    size_t ofs = nl_msg_start_nested(buf, OVS_PACKET_ATTR_ACTIONS);
    size_t action_ofs;

    action_ofs = nl_msg_start_nested(buf, OVS_ACTION_ATTR_SET);
    put_nsh(buf, 1);
    nl_msg_end_nested(buf, action_ofs);
    action_ofs = nl_msg_start_nested(buf, OVS_ACTION_ATTR_SET_MASKED);
    put_nsh(buf, 2);
    nl_msg_end_nested(buf, action_ofs);
    nl_msg_put_u64(buf, OVS_ACTION_ATTR_HASH, 0);
    nl_msg_put_u64(buf, OVS_ACTION_ATTR_PUSH_MPLS, 0);
    nl_msg_put_u16(buf, OVS_ACTION_ATTR_POP_MPLS, 0);
    nl_msg_put_flag(buf, OVS_ACTION_ATTR_POP_ETH);
    nl_msg_end_nested(buf, ofs);
}

START_TEST(test_mutated_nsh)
{
    static const struct ovs_key_ethernet eth;
    struct build b;
    size_t ofs;

    random_set_seed(1);
    build_executed(&b);
    b.msg.size = 24;                    /* What a message starts with. */
    ofs = nl_msg_start_nested(&b.msg, OVS_PACKET_ATTR_KEY);
    nl_msg_put_unspec(&b.msg, OVS_KEY_ATTR_ETHERNET, &eth, sizeof eth);
    nl_msg_put_be16(&b.msg, OVS_KEY_ATTR_ETHERTYPE, htons(ETH_TYPE_NSH));
    put_nsh(&b.msg, 1);
    nl_msg_end_nested(&b.msg, ofs);
    ofpbuf_clear(&b.exec);
    put_nsh_actions(&b.exec);
    check_mutations(&b);
}
END_TEST

START_TEST(test_mutated_bytes)
{
    struct user_action_cookie cookie;
    struct build b;

    random_set_seed(1);
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    check_mutations(&b);

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SLOW_PATH;
    cookie.slow_path.reason = SLOW_MATCH;
    build_init(&b, UPCALL_CLASS_SLOW_PATH);
    build_message(&b, build_icmp_key, build_icmp, &cookie, sizeof cookie);
    check_mutations(&b);
}
END_TEST

/* Executes that helped, and all that the probes of ovs-vswitchd see. */
START_TEST(test_mutated_usdt)
{
    struct build b;

    random_set_seed(1);
    build_executed(&b);
    build_execute(&b, "set(eth(src=00:00:00:00:00:01)),3", 0);
    build_execute(&b, "clone(2,3),pop_vlan", 0);
    build_usdt(&b);
    b.rec.conflicts = 1 << UPCALL_CONFLICT_EXEC;
    check_mutations(&b);
}
END_TEST

/* Anything at all behind a fixed part that is possible. */
START_TEST(test_random)
{
    int n = get_n_mutations();

    random_set_seed(1);
    for (int i = 0; i < n; i++) {
        size_t size;
        uint8_t *data;
        struct build b;

        build_executed(&b);
        data = build_get(&b, &size);
        build_uninit(&b);
        random_bytes(data + sizeof b.rec, size - sizeof b.rec);
        ck_assert(use_record(data, size));
        free(data);
    }
}
END_TEST

/* OVS logs what is wrong with a flow key. */
static void
setup(void)
{
    vlog_set_levels_from_string_assert("odp_util:off");
}

/* Returns these tests. */
TCase *
hostile_tcase(void)
{
    TCase *tcase = tcase_create("hostile");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_loop_test(tcase, test_mutated_actions, 0,
                        ARRAY_SIZE(mutated_actions));
    tcase_add_loop_test(tcase, test_mutated_keys, 0,
                        ARRAY_SIZE(mutated_keys));
    tcase_add_test(tcase, test_mutated_nsh);
    tcase_add_test(tcase, test_mutated_usdt);
    tcase_add_test(tcase, test_mutated_bytes);
    tcase_add_test(tcase, test_random);
    return tcase;
}
