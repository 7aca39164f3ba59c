/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/kernel-actions*.c and lib/record/action.c. */

#include <config.h>
#include "record/kernel-actions.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-actions.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

TCase *kernel_actions_tcase(void);

static const struct kernel_layout *const layouts[] = {
    &kernel_layout_6_1, &kernel_layout_6_12,
};

/* Fails unless 'bytes', of a kernel of 'layout', are decoded and shown as
 * 'expected'. */
static void
check_bytes(const struct kernel_layout *layout, const struct ofpbuf *bytes,
            const char *expected)
{
    struct ofpbuf decoded;
    char *text;

    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(layout, bytes->data, bytes->size, NULL,
                                    &decoded, NULL));
    text = build_actions_text(&decoded);
    ck_assert_str_eq(text, expected);
    free(text);
    ofpbuf_uninit(&decoded);
}

static void
check_decoded(const struct kernel_layout *layout, const char *text,
              const char *expected)
{
    struct ofpbuf bytes;

    build_actions_kernel(layout, text, &bytes);
    check_bytes(layout, &bytes, expected);
    ofpbuf_uninit(&bytes);
}

/* What the kernel has of each action is shown as that action is. */
START_TEST(test_decode)
{
    const struct kernel_layout *layout = layouts[_i];

    for (size_t i = 0; i < n_action_texts; i++) {
        struct ofpbuf actions;
        char *expected;

        build_actions(action_texts[i], &actions);
        expected = build_actions_text(&actions);
        check_decoded(layout, action_texts[i], expected);
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

    attrs = build_actions_attrs(&actions);
    ofpbuf_init(&bytes, 0);
    kernel_bytes_put(layout, &attrs, &bytes, NULL);
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

    attrs = build_actions_attrs(&actions);
    ofpbuf_init(&bytes, 0);
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &bytes, NULL);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, NULL, &decoded, NULL));
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

    build_actions_kernel(&kernel_layout_6_12, "set(skb_mark(0x5)),2", &bytes);
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

    build_actions_kernel(&kernel_layout_6_12, action, &bytes);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(layout, bytes.data, bytes.size, NULL,
                                    &decoded,
                                    NULL));
    text = build_actions_text(&decoded);
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
    kernel_actions_decode(&kernel_layout_6_12, exact, size, NULL, &decoded,
                          &offsets);
    text = build_actions_text(&decoded);
    ck_assert(*text);
    free(text);
    attrs = build_actions_attrs(&decoded);
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
    for (size_t i = 0; i < n_action_texts; i++) {
        struct ofpbuf bytes;
        uint8_t *data;

        build_actions_kernel(&kernel_layout_6_12, action_texts[i], &bytes);
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

    build_actions_kernel(&kernel_layout_6_12, "1,clone(2,3),4", &bytes);
    ofpbuf_init(&decoded, 0);
    ck_assert(!kernel_actions_decode(&kernel_layout_6_12, bytes.data, 20, NULL,
                                     &decoded, NULL));
    text = build_actions_text(&decoded);
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
                                    bytes.size, NULL, &decoded, NULL));
    text = build_actions_text(&decoded);
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

        build_actions_kernel(&kernel_layout_6_12,
                             "ct(commit,zone=1,mark=0x1/0x1,label=0x1/0x1,"
                             "helper=ftp,timeout=a_name_of_31_characters_in_"
                             "all_,nat(src=[fd00::1]-[fd00::9]:5-10))", &ct);
        ofpbuf_put(&bytes, ct.data, ct.size);
        ofpbuf_uninit(&ct);
    }
    nl_msg_end_nested(&bytes, ofs);
    ofpbuf_init(&decoded, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, NULL, &decoded, NULL));
    text = build_actions_text(&decoded);
    ck_assert_ptr_eq(strstr(text, "action20("), text);
    free(text);
    ofpbuf_uninit(&decoded);
    ofpbuf_uninit(&bytes);
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
    return tc;
}
