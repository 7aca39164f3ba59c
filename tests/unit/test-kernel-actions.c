/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/kernel-actions*.c and lib/record/action.c. */

#include <config.h>
#include "record/kernel-actions.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "flow/flow-text.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

TCase *kernel_actions_tcase(void);

static const struct kernel_layout *const layouts[] = {
    &kernel_layout_6_1, &kernel_layout_6_12,
};

/* Every action that OVS 3.1 can make for the kernel, with all its arguments,
 * and nested ones. */
static const char *const texts[] = {
    "1",
    "1,2,3",
    "userspace(pid=9)",
    "userspace(pid=9,slow_path(lacp))",
    "userspace(pid=9,userdata(0102030405),actions,tunnel_out_port=10)",
    "userspace(pid=9,controller(reason=1,dont_send=0,continuation=0,"
        "recirc_id=4,rule_cookie=0x1234,controller_id=5,max_len=65535))",
    "userspace(pid=9,flow_sample(probability=7,collector_set_id=1,"
        "obs_domain_id=2,obs_point_id=3,output_port=4,ingress))",
    "set(eth(src=01:02:03:04:05:06,dst=07:08:09:0a:0b:0c))",
    "set(eth(src=01:02:03:04:05:06/ff:ff:ff:00:00:00))",
    "set(ipv4(src=1.2.3.4,dst=5.6.7.8,proto=6,tos=0,ttl=64,frag=no))",
    "set(ipv4(ttl=63))",
    "set(ipv4(src=1.2.3.0/255.255.255.0,tos=0x4/0xfc))",
    "set(ipv6(src=::1,dst=::2,label=0,proto=6,tclass=0,hlimit=64,frag=no))",
    "set(ipv6(dst=fc00::/ffff:ffff::))",
    "set(tcp(src=80,dst=8080))", "set(tcp(src=80/0xff))",
    "set(udp(dst=53))", "set(sctp(src=1,dst=2))",
    "set(skb_mark(0x5))", "set(skb_mark(0x5/0xff))", "set(skb_priority(3))",
    "set(mpls(label=7,tc=1,ttl=64,bos=1))",
    "push_vlan(vid=5,pcp=3)", "push_vlan(tpid=0x88a8,vid=5,pcp=0,cfi=1)",
    "pop_vlan",
    "sample(sample=50.0%,actions(1,2))",
    "sample(sample=100.0%,actions(userspace(pid=3,userdata(01))))",
    "recirc(31)",
    "add_mpls(label=1,tc=2,ttl=3,bos=1,eth_type=0x8847)",
    "ct", "ct(commit)", "ct(force_commit,zone=65535)",
    "ct(commit,zone=7,mark=0x5/0xff,label=0x1/0x3)",
    "ct(commit,mark=0xffffffff/0xffffffff,label=0x123456789abcdef0/"
        "0xffffffffffffffffffffffffffffffff)",
    "ct(commit,zone=7,timeout=ovs_test_tp)",
    "ct(commit,zone=7,timeout=a_name_of_31_characters_in_all_)",
    "ct(nat)", "ct(commit,nat(src))", "ct(commit,nat(dst))",
    "ct(commit,nat(src=10.0.0.1))",
    "ct(commit,nat(src=10.0.0.1-10.0.0.9:5-10,hash))",
    "ct(commit,nat(dst=10.0.0.1:80,persistent,random))",
    "ct(commit,nat(src=[fd00::1]-[fd00::9]:5-10,persistent,hash))",
    "ct(commit,nat(dst=fd00::1))",
    "ct_clear", "trunc(100)",
    "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255,c1=0x1,c2=0x2,"
        "c3=0x3,c4=0x4)",
    "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x1,si=255,"
        "md2=0x00010203)",
    "pop_nsh()",
    "clone(1)", "clone(set(ipv4(ttl=63)),ct(commit,zone=3),recirc(2)),4",
    "check_pkt_len(size=1500,gt(3),le(2))",
    "check_pkt_len(size=200,gt(drop),le(set(eth(src=01:02:03:04:05:06)),5))",
    "clone(clone(clone(sample(sample=50.0%,actions(check_pkt_len(size=9,"
        "gt(ct(commit,zone=1),recirc(3)),le(clone(recirc(4))))))))),7",
};

/* Stores the actions in 'text' in 'buf', which is initialized. */
static void
parse(const char *text, struct ofpbuf *buf)
{
    ofpbuf_init(buf, 256);
    ck_assert_msg(!odp_actions_from_string(text, NULL, buf), "%s", text);
}

static struct upcall_attrs
as_attrs(const struct ofpbuf *buf)
{
    static const struct nlattr nothing;

    return (struct upcall_attrs) {
        .data = buf->size ? buf->data : &nothing, .len = buf->size,
    };
}

/* Returns the text of the actions in 'buf', to be freed by the caller. */
static char *
as_text(const struct ofpbuf *buf)
{
    struct upcall_attrs attrs = as_attrs(buf);
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert(flow_text_actions(&attrs, &ds));
    return ds_steal_cstr(&ds);
}

/* Stores what a kernel of 'layout' has in memory for 'text' in 'bytes', which
 * is initialized. */
static void
encode(const struct kernel_layout *layout, const char *text,
       struct ofpbuf *bytes)
{
    struct upcall_attrs attrs;
    struct ofpbuf actions;

    parse(text, &actions);
    attrs = as_attrs(&actions);
    ofpbuf_init(bytes, 256);
    kernel_bytes_put(layout, &attrs, bytes);
    ofpbuf_uninit(&actions);
}

/* Fails unless 'bytes', of a kernel of 'layout', are decoded and shown as
 * 'expected'. */
static void
check_bytes(const struct kernel_layout *layout, const struct ofpbuf *bytes,
            const char *expected)
{
    struct ofpbuf decoded;
    char *text;

    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(layout, bytes->data, bytes->size,
                                    &decoded, NULL));
    text = as_text(&decoded);
    ck_assert_str_eq(text, expected);
    free(text);
    ofpbuf_uninit(&decoded);
}

static void
check_decoded(const struct kernel_layout *layout, const char *text,
              const char *expected)
{
    struct ofpbuf bytes;

    encode(layout, text, &bytes);
    check_bytes(layout, &bytes, expected);
    ofpbuf_uninit(&bytes);
}

/* What the kernel has of each action is shown as that action is. */
START_TEST(test_decode)
{
    const struct kernel_layout *layout = layouts[_i];

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct ofpbuf actions;
        char *expected;

        parse(texts[i], &actions);
        expected = as_text(&actions);
        check_decoded(layout, texts[i], expected);
        free(expected);
        ofpbuf_uninit(&actions);
    }
}
END_TEST

/* What is behind a pointer. */
START_TEST(test_unknown)
{
    const struct kernel_layout *layout = layouts[_i];

    check_decoded(layout, "1,set(tunnel(tun_id=0x7b,dst=10.0.0.1,ttl=64,"
                  "tp_dst=4789,flags(df|key))),2", "1,set(tunnel(?)),2");
    check_decoded(layout, "ct(commit,zone=5,helper=ftp),2",
                  "ct(commit,zone=5,helper=?),2");
    check_decoded(layout, "clone(sample(sample=50.0%,actions(check_pkt_len("
                  "size=9,gt(set(tunnel(dst=1.1.1.2,ttl=64,flags())),2),"
                  "le(ct(commit,helper=tftp))))),3),4",
                  "clone(sample(sample=50.0%,actions(check_pkt_len(size=9,"
                  "gt(set(tunnel(?)),2),le(ct(commit,helper=?))))),3),4");
}
END_TEST

/* Appends an action of the kernel that OVS does not have. */
static void
put_unknown(struct ofpbuf *bytes, int number)
{
    static const uint8_t arg[] = { 0, 0x11, 0xab };

    nl_msg_put_unspec(bytes, number, arg, sizeof arg);
}

/* An action that nobody knows, alone and in each kind of list. */
START_TEST(test_unknown_number)
{
    const struct kernel_layout *layout = layouts[_i];
    struct ofpbuf actions, bytes;
    struct upcall_attrs attrs;
    size_t outer, inner;

    ofpbuf_init(&bytes, 0);
    nl_msg_put_u32(&bytes, OVS_ACTION_ATTR_OUTPUT, 1);
    put_unknown(&bytes, 77);
    nl_msg_put_u32(&bytes, OVS_ACTION_ATTR_OUTPUT, 2);
    check_bytes(layout, &bytes, "1,action77(00 11 ab),2");
    ofpbuf_uninit(&bytes);

    ofpbuf_init(&actions, 0);
    outer = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_CLONE);
    put_unknown(&actions, 77);
    nl_msg_put_flag(&actions, OVS_ACTION_ATTR_CT_CLEAR);
    nl_msg_end_nested(&actions, outer);
    outer = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_SAMPLE);
    nl_msg_put_u32(&actions, OVS_SAMPLE_ATTR_PROBABILITY, UINT32_MAX / 4);
    inner = nl_msg_start_nested(&actions, OVS_SAMPLE_ATTR_ACTIONS);
    put_unknown(&actions, 78);
    nl_msg_end_nested(&actions, inner);
    nl_msg_end_nested(&actions, outer);
    outer = nl_msg_start_nested(&actions, ACTION_DEC_TTL);
    inner = nl_msg_start_nested(&actions, ACTION_DEC_TTL_ACTIONS);
    put_unknown(&actions, 79);
    nl_msg_end_nested(&actions, inner);
    nl_msg_end_nested(&actions, outer);
    outer = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_CHECK_PKT_LEN);
    nl_msg_put_u16(&actions, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, 9);
    inner = nl_msg_start_nested(&actions,
                                OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER);
    nl_msg_end_nested(&actions, inner);
    inner = nl_msg_start_nested(&actions,
                                OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL);
    nl_msg_put_flag(&actions, 80);
    nl_msg_end_nested(&actions, inner);
    nl_msg_end_nested(&actions, outer);
    nl_msg_put_u32(&actions, OVS_ACTION_ATTR_OUTPUT, 2);

    attrs = as_attrs(&actions);
    ofpbuf_init(&bytes, 0);
    kernel_bytes_put(layout, &attrs, &bytes);
    check_bytes(layout, &bytes,
                "clone(action77(00 11 ab),ct_clear),sample(sample=25.0%,"
                "actions(action78(00 11 ab))),dec_ttl(le_1(action79("
                "00 11 ab))),check_pkt_len(size=9,gt(drop),le(action80)),2");
    ofpbuf_uninit(&bytes);
    ofpbuf_uninit(&actions);
}
END_TEST

/* Those that OVS 3.1 cannot make from text, which are as in messages, but for
 * a set, which OVS prints in full only if it knows how. */
START_TEST(test_by_hand)
{
    static const struct ovs_action_hash hash = {
        .hash_alg = OVS_HASH_ALG_SYM_L4, .hash_basis = 5,
    };
    static const struct ovs_nsh_key_base base = { .flags = 1, .ttl = 62 };
    struct ofpbuf actions, bytes, decoded;
    struct upcall_attrs attrs;
    size_t outer, inner;

    ofpbuf_init(&actions, 0);
    nl_msg_put_unspec(&actions, OVS_ACTION_ATTR_HASH, &hash, sizeof hash);
    nl_msg_put_u32(&actions, OVS_ACTION_ATTR_METER, 3);
    nl_msg_put_flag(&actions, OVS_ACTION_ATTR_POP_ETH);
    nl_msg_put_unspec_zero(&actions, OVS_ACTION_ATTR_PUSH_ETH, 12);
    nl_msg_put_u64(&actions, OVS_ACTION_ATTR_PUSH_MPLS, 0x12345678);
    nl_msg_put_be16(&actions, OVS_ACTION_ATTR_POP_MPLS, htons(0x800));
    outer = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_SET);
    inner = nl_msg_start_nested(&actions, OVS_KEY_ATTR_NSH);
    nl_msg_put_unspec(&actions, OVS_NSH_KEY_ATTR_BASE, &base, sizeof base);
    nl_msg_end_nested(&actions, inner);
    nl_msg_end_nested(&actions, outer);
    nl_msg_put_u32(&actions, ACTION_DROP, 2);
    outer = nl_msg_start_nested(&actions, ACTION_PSAMPLE);
    nl_msg_put_u32(&actions, ACTION_PSAMPLE_GROUP, 7);
    nl_msg_put_u16(&actions, ACTION_PSAMPLE_COOKIE, 0x1234);
    nl_msg_end_nested(&actions, outer);
    outer = nl_msg_start_nested(&actions, OVS_ACTION_ATTR_CT);
    nl_msg_put_flag(&actions, OVS_CT_ATTR_COMMIT);
    nl_msg_put_u16(&actions, OVS_CT_ATTR_ZONE, 0);
    nl_msg_put_u32(&actions, OVS_CT_ATTR_EVENTMASK, 0x2f);
    nl_msg_end_nested(&actions, outer);

    attrs = as_attrs(&actions);
    ofpbuf_init(&bytes, 0);
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &bytes);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, &decoded, NULL));
    ck_assert(ofpbuf_equal(&decoded, &actions));
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
    ofpbuf_uninit(&actions);
}
END_TEST

/* The number of another kernel's masked set is not taken for that. */
START_TEST(test_other_kernel)
{
    struct ofpbuf bytes;

    encode(&kernel_layout_6_12, "set(skb_mark(0x5)),2", &bytes);
    check_bytes(&kernel_layout_6_1, &bytes,
                "action27(0c 00 0f 00 05 00 00 00 ff ff ff ff),2");
    ofpbuf_uninit(&bytes);
}
END_TEST

/* Appends all that is shown of 'bytes' with nothing known of the kernel but
 * what 'layout' has. */
static void
check_incomplete(const struct kernel_layout *layout, const char *action,
                 const char *expected)
{
    struct ofpbuf bytes, decoded;
    char *text;

    encode(&kernel_layout_6_12, action, &bytes);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(layout, bytes.data, bytes.size, &decoded,
                                    NULL));
    text = as_text(&decoded);
    ck_assert_msg(!strncmp(text, expected, strlen(expected)),
                  "%s: %s", action, text);
    ck_assert_str_eq(&text[strlen(text) - 2], ",2");
    free(text);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}

/* Without a layout, or without a part of it, only what needs it is unknown. */
START_TEST(test_layout_missing)
{
    static const struct kernel_layout nothing;
    struct kernel_layout part;

    check_incomplete(&nothing, "push_vlan(vid=5,pcp=3),trunc(100),2",
                     "push_vlan(vid=5,pcp=3),trunc(100),2");
    check_incomplete(&nothing, "set(skb_mark(0x5)),2", "action27(0c 00 0f ");
    check_incomplete(&nothing, "set(tunnel(dst=1.1.1.2,ttl=64,flags())),2",
                     "action3(0c 00 1f 00 ");
    check_incomplete(&nothing, "ct(commit,zone=5),2", "action12(00 00 ");
    check_incomplete(&nothing, "sample(sample=50.0%,actions(1)),2",
                     "action6(0c 00 04 00 ");
    check_incomplete(&nothing, "check_pkt_len(size=200,gt(4),le(5)),2",
                     "action21(08 00 05 00 c8 00 ");
    check_incomplete(&nothing, "clone(set(skb_mark(0x5)),1),2",
                     "clone(action27(0c 00 0f ");

    part = kernel_layout_6_12;
    part.fields[KERNEL_FIELD_CT_RANGE_MIN_ADDR].bits = 0;
    check_incomplete(&part, "ct(commit,zone=5),2", "ct(commit,zone=5),2");
    check_incomplete(&part, "ct(nat),2", "ct(nat),2");
    check_incomplete(&part, "ct(commit,nat(src=1.2.3.4)),2", "action12(");
}
END_TEST

START_TEST(test_layout_is_complete)
{
    struct kernel_layout part = kernel_layout_6_12;
    struct ds missing = DS_EMPTY_INITIALIZER;

    ck_assert(kernel_layout_is_complete(&part, &missing));
    ck_assert_uint_eq(missing.length, 0);
    part.numbers[KERNEL_NUMBER_TUNNEL_INFO] = 0;
    part.fields[KERNEL_FIELD_SAMPLE].bits = 0;
    part.fields[KERNEL_FIELD_CT_ZONE].bits = 0;
    ck_assert(!kernel_layout_is_complete(&part, &missing));
    ck_assert_str_eq(ds_cstr(&missing), "OVS_KEY_ATTR_TUNNEL_INFO, "
                     "ovs_conntrack_info.zone.id, sample_arg");
    ds_destroy(&missing);
}
END_TEST

/* Fails if the first 'size' of 'bytes', in memory of exactly that size, do
 * harm. */
static void
decode_cut(const struct ofpbuf *bytes, size_t size)
{
    struct ofpbuf decoded, offsets;
    uint8_t *copy = xmemdup(bytes->data, MAX(size, 1));
    uint8_t *exact = xrealloc(copy, MAX(size, 1));
    struct upcall_attrs attrs;
    uint32_t ids[4];
    char *text;
    size_t n;

    ofpbuf_init(&decoded, 0);
    ofpbuf_init(&offsets, 0);
    kernel_actions_decode(&kernel_layout_6_12, exact, size, &decoded,
                          &offsets);
    text = as_text(&decoded);
    ck_assert(*text);
    free(text);
    attrs = as_attrs(&decoded);
    n = offsets.size / sizeof(uint32_t);
    ck_assert(!n || action_nth(&attrs, n - 1));
    ck_assert_ptr_null(action_nth(&attrs, n));
    action_recirc_ids(&attrs, ids, ARRAY_SIZE(ids));
    kernel_actions_match(&attrs, &attrs);
    ofpbuf_uninit(&offsets);
    ofpbuf_uninit(&decoded);
    free(exact);
}

/* Each action cut at each byte, and with each length that it might claim in
 * each place. */
START_TEST(test_cut)
{
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct ofpbuf bytes;
        uint8_t *data;

        encode(&kernel_layout_6_12, texts[i], &bytes);
        for (size_t n = 0; n <= bytes.size; n++) {
            decode_cut(&bytes, n);
        }
        data = bytes.data;
        for (size_t n = 0; n < bytes.size; n++) {
            uint8_t old = data[n];

            for (int value = 0; value < 256; value += 3) {
                data[n] = value;
                decode_cut(&bytes, bytes.size);
            }
            data[n] = old;
        }
        ofpbuf_uninit(&bytes);
    }
}
END_TEST

/* What is cut is said to be. */
START_TEST(test_not_whole)
{
    struct ofpbuf bytes, decoded;
    char *text;

    encode(&kernel_layout_6_12, "1,clone(2,3),4", &bytes);
    ofpbuf_init(&decoded, 0);
    ck_assert(!kernel_actions_decode(&kernel_layout_6_12, bytes.data, 20,
                                     &decoded, NULL));
    text = as_text(&decoded);
    ck_assert_str_eq(text, "1");
    free(text);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* More levels than the kernel has are not followed. */
START_TEST(test_deep)
{
    struct ofpbuf bytes, decoded;
    size_t ofs[100];
    char *text;

    ofpbuf_init(&bytes, 0);
    for (size_t i = 0; i < ARRAY_SIZE(ofs); i++) {
        ofs[i] = nl_msg_start_nested(&bytes, OVS_ACTION_ATTR_CLONE);
        nl_msg_put_u32(&bytes, 0, 1);
    }
    for (size_t i = ARRAY_SIZE(ofs); i-- > 0; ) {
        nl_msg_end_nested(&bytes, ofs[i]);
    }
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, &decoded, NULL));
    text = as_text(&decoded);
    ck_assert_ptr_nonnull(strstr(text, "clone(clone(clone(action20("));
    free(text);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* Lists that would become larger than an attribute can be. */
START_TEST(test_large)
{
    struct ofpbuf bytes, decoded;
    size_t ofs;
    char *text;

    ofpbuf_init(&bytes, 0);
    ofs = nl_msg_start_nested(&bytes, OVS_ACTION_ATTR_CLONE);
    nl_msg_put_u32(&bytes, 0, 1);
    while (bytes.size - ofs < UINT16_MAX - 400) {
        struct ofpbuf ct;

        encode(&kernel_layout_6_12, "ct(commit,zone=1,mark=0x1/0x1,"
               "label=0x1/0x1,helper=ftp,timeout=a_name_of_31_characters_in_"
               "all_,nat(src=[fd00::1]-[fd00::9]:5-10))", &ct);
        ofpbuf_put(&bytes, ct.data, ct.size);
        ofpbuf_uninit(&ct);
    }
    nl_msg_end_nested(&bytes, ofs);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, &decoded, NULL));
    text = as_text(&decoded);
    ck_assert_ptr_eq(strstr(text, "action20("), text);
    free(text);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* Fails unless action 'n' of 'actions' is 'expected'. */
static void
check_nth(const struct upcall_attrs *actions, size_t n, const char *expected)
{
    const struct nlattr *a = action_nth(actions, n);
    struct ds ds = DS_EMPTY_INITIALIZER;

    ck_assert_ptr_nonnull(a);
    flow_text_action(a, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

/* Which action begins at an offset, in the decoded actions and in those that
 * they are completed with. */
START_TEST(test_find)
{
    static const char text[] = "1,clone(set(tunnel(dst=1.1.1.2,ttl=64,"
        "flags(df))),check_pkt_len(size=9,gt(2),le(3,recirc(4)))),5";
    static const char *const in_order[] = {
        "1",
        "clone(set(tunnel(?)),check_pkt_len(size=9,gt(2),le(3,recirc(0x4))))",
        "set(tunnel(?))", "check_pkt_len(size=9,gt(2),le(3,recirc(0x4)))",
        "3", "recirc(0x4)", "2", "5",
    };
    struct ofpbuf bytes, decoded, offsets, complete;
    struct upcall_attrs attrs, complete_attrs;
    const uint32_t *o;
    int found = 0;

    encode(&kernel_layout_6_12, text, &bytes);
    ofpbuf_init(&decoded, 0);
    ofpbuf_init(&offsets, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, &decoded, &offsets));
    attrs = as_attrs(&decoded);
    ck_assert_uint_eq(offsets.size, sizeof *o * ARRAY_SIZE(in_order));
    o = offsets.data;
    for (size_t i = 0; i < ARRAY_SIZE(in_order); i++) {
        ck_assert_int_eq(kernel_actions_find(&offsets, o[i]), i);
        check_nth(&attrs, i, in_order[i]);
    }
    ck_assert_uint_eq(o[0], 0);
    ck_assert_uint_eq(o[1], 8);
    ck_assert_uint_eq(o[2], 20);
    for (uint32_t i = 0; i < bytes.size + 8; i++) {
        found += kernel_actions_find(&offsets, i) >= 0;
    }
    ck_assert_int_eq(found, ARRAY_SIZE(in_order));

    parse(text, &complete);
    complete_attrs = as_attrs(&complete);
    ck_assert(kernel_actions_fill(&decoded, &complete_attrs));
    attrs = as_attrs(&decoded);
    check_nth(&attrs, 2, "set(tunnel(dst=1.1.1.2,ttl=64,flags(df)))");
    check_nth(&attrs, 5, "recirc(0x4)");
    check_nth(&attrs, 6, "2");
    check_nth(&attrs, 7, "5");
    ofpbuf_uninit(&complete);
    ofpbuf_uninit(&offsets);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}
END_TEST

START_TEST(test_recirc_ids)
{
    struct upcall_attrs attrs;
    struct ofpbuf actions;
    uint32_t ids[4];

    parse("recirc(1),sample(sample=50.0%,actions(recirc(2))),clone("
          "check_pkt_len(size=9,gt(recirc(3)),le(recirc(4)))),recirc(5)",
          &actions);
    attrs = as_attrs(&actions);
    ck_assert_uint_eq(action_recirc_ids(&attrs, ids, ARRAY_SIZE(ids)), 5);
    ck_assert_uint_eq(ids[0], 1);
    ck_assert_uint_eq(ids[1], 2);
    ck_assert_uint_eq(ids[2], 4);
    ck_assert_uint_eq(ids[3], 3);
    ck_assert_uint_eq(action_recirc_ids(&attrs, NULL, 0), 5);
    ofpbuf_uninit(&actions);
}
END_TEST

/* Those with none of these are found without decoding them. */
START_TEST(test_simple)
{
    static const struct {
        const char *text;
        bool simple;
    } tests[] = {
        { "2", true },
        { "push_vlan(vid=3,pcp=1),2,pop_vlan,ct_clear,3", true },
        { "set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,flags(key))),4", true },
        { "2,recirc(1)", false },
        { "clone(2),3", false },
        { "sample(sample=50.0%,actions(recirc(2)))", false },
        { "check_pkt_len(size=9,gt(recirc(3)),le(4))", false },
        { "ct(zone=3),2", false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        struct ofpbuf bytes;
        bool simple;

        encode(&kernel_layout_6_12, tests[i].text, &bytes);
        simple = kernel_actions_are_simple(bytes.data, bytes.size);
        ck_assert_msg(simple == tests[i].simple, "%s", tests[i].text);
        ck_assert(!bytes.size
                  || !kernel_actions_are_simple(bytes.data, bytes.size - 1));
        ofpbuf_uninit(&bytes);
    }
}
END_TEST

/* As "drop" is, which has another number in older versions of Open vSwitch. */
START_TEST(test_drop_is_simple)
{
    struct ofpbuf bytes;

    ofpbuf_init(&bytes, 0);
    ck_assert(kernel_actions_are_simple(bytes.data, bytes.size));
    nl_msg_put_u32(&bytes, 24, 0);      /* OVS_ACTION_ATTR_DROP of Linux. */
    ck_assert(kernel_actions_are_simple(bytes.data, bytes.size));
    nl_msg_put_u32(&bytes, 25, 0);
    ck_assert(!kernel_actions_are_simple(bytes.data, bytes.size));
    ofpbuf_uninit(&bytes);
}
END_TEST

/* Returns true if what the kernel has of 'text' is completed by 'other', and
 * fails unless it has become that then. */
static bool
fill(const char *text, const char *other)
{
    struct ofpbuf bytes, decoded, complete;
    struct upcall_attrs attrs;
    bool filled;

    encode(&kernel_layout_6_12, text, &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size,
                          &decoded, NULL);
    parse(other, &complete);
    attrs = as_attrs(&complete);
    filled = kernel_actions_fill(&decoded, &attrs);
    ck_assert(!filled || ofpbuf_equal(&decoded, &complete));
    ofpbuf_uninit(&complete);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
    return filled;
}

START_TEST(test_fill)
{
    static const char tunnel[] = "1,set(tunnel(tun_id=0x7b,dst=10.0.0.1,"
        "ttl=64,tp_dst=4789,flags(df|key))),2";

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
            ck_assert_msg(fill(texts[i], texts[j]) == (i == j), "%s, %s",
                          texts[i], texts[j]);
        }
    }
    ck_assert(fill(tunnel, tunnel));
    ck_assert(!fill(tunnel, "1,2"));
    ck_assert(!fill(tunnel, "1,set(skb_mark(0x5)),2"));
    ck_assert(!fill("1,set(skb_mark(0x5)),2", tunnel));
    ck_assert(fill("ct(commit,helper=ftp)", "ct(commit,helper=ftp)"));
    ck_assert(!fill("ct(commit,helper=ftp)", "ct(commit)"));
    ck_assert(!fill("ct(commit,helper=ftp)", "ct(commit,zone=1,helper=ftp)"));
    ck_assert(!fill("ct(commit)", "ct(commit,helper=ftp)"));
    ck_assert(!fill("1", "1,2"));
    ck_assert(!fill("1,2", "1"));
}
END_TEST

/* Requests of ovs-vswitchd may have attributes in another order, and zeros. */
START_TEST(test_fill_order)
{
    struct ofpbuf bytes, decoded, other;
    struct upcall_attrs attrs;
    size_t outer, inner;

    encode(&kernel_layout_6_12, "ct(commit,mark=0x1/0x3,helper=ftp,"
           "nat(src=1.2.3.4:5))", &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size,
                          &decoded, NULL);
    ofpbuf_init(&other, 0);
    outer = nl_msg_start_nested(&other, OVS_ACTION_ATTR_CT);
    inner = nl_msg_start_nested(&other, OVS_CT_ATTR_NAT);
    nl_msg_put_u16(&other, OVS_NAT_ATTR_PROTO_MIN, 5);
    nl_msg_put_u16(&other, OVS_NAT_ATTR_PROTO_MAX, 5);
    nl_msg_put_be32(&other, OVS_NAT_ATTR_IP_MIN, htonl(0x01020304));
    nl_msg_put_be32(&other, OVS_NAT_ATTR_IP_MAX, htonl(0x01020304));
    nl_msg_put_flag(&other, OVS_NAT_ATTR_SRC);
    nl_msg_end_nested(&other, inner);
    nl_msg_put_string(&other, OVS_CT_ATTR_HELPER, "ftp");
    nl_msg_put_u64(&other, OVS_CT_ATTR_MARK, UINT64_C(0x300000001));
    nl_msg_put_flag(&other, OVS_CT_ATTR_COMMIT);
    nl_msg_end_nested(&other, outer);
    attrs = as_attrs(&other);
    ck_assert(kernel_actions_fill(&decoded, &attrs));
    ofpbuf_uninit(&other);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
}
END_TEST

/* What ovs-vswitchd prints of a flow has what is unknown. */
START_TEST(test_text)
{
    static const char *const same[] = {
        "set(tunnel(?)),2",
        "set(tunnel(tun_id=0x7b,dst=10.0.0.1,geneve({class=0xffff,type=0x80,"
            "len=4,0xa}),flags(df|key))),2",
    };
    static const char *const other[] = {
        "set(tunnel(dst=10.0.0.1)),3", "set(tunnel(dst=10.0.0.1",
        "set(skb_mark(0x5)),2", "2", "set(tunnel(dst=10.0.0.1)),2,3",
    };
    struct ofpbuf bytes, decoded;
    struct upcall_attrs attrs;

    encode(&kernel_layout_6_12, "set(tunnel(dst=1.1.1.2,ttl=64,flags())),2",
           &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size,
                          &decoded, NULL);
    attrs = as_attrs(&decoded);
    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        ck_assert_msg(flow_text_is_actions(&attrs, same[i]), "%s", same[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
        ck_assert_msg(!flow_text_is_actions(&attrs, other[i]), "%s",
                      other[i]);
    }
    ofpbuf_uninit(&bytes);
    ofpbuf_uninit(&decoded);

    encode(&kernel_layout_6_12, "ct(commit,helper=ftp,nat(src)),2", &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size,
                          &decoded, NULL);
    attrs = as_attrs(&decoded);
    ck_assert(flow_text_is_actions(&attrs, "ct(commit,helper=ftp,nat(src)),"
                                   "2"));
    ck_assert(!flow_text_is_actions(&attrs, "ct(commit,helper=ftp,nat(dst)),"
                                    "2"));
    ofpbuf_uninit(&bytes);
    ofpbuf_uninit(&decoded);
}
END_TEST

/* Returns the tests of this file. */
TCase *
kernel_actions_tcase(void)
{
    TCase *tc = tcase_create("kernel-actions");

    tcase_add_loop_test(tc, test_decode, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_unknown, 0, ARRAY_SIZE(layouts));
    tcase_add_loop_test(tc, test_unknown_number, 0, ARRAY_SIZE(layouts));
    tcase_add_test(tc, test_by_hand);
    tcase_add_test(tc, test_other_kernel);
    tcase_add_test(tc, test_layout_missing);
    tcase_add_test(tc, test_layout_is_complete);
    tcase_add_test(tc, test_cut);
    tcase_add_test(tc, test_not_whole);
    tcase_add_test(tc, test_deep);
    tcase_add_test(tc, test_large);
    tcase_add_test(tc, test_find);
    tcase_add_test(tc, test_recirc_ids);
    tcase_add_test(tc, test_simple);
    tcase_add_test(tc, test_drop_is_simple);
    tcase_add_test(tc, test_fill);
    tcase_add_test(tc, test_fill_order);
    tcase_add_test(tc, test_text);
    return tc;
}
