/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what is found in actions of the kernel. */

#include <config.h>
#include "record/kernel-actions.h"

#include <check.h>

#include "build-actions.h"
#include "flow/flow-text.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "record/record.h"
#include "util.h"

TCase *kernel_actions_find_tcase(void);

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

    build_actions_kernel(&kernel_layout_6_12, text, &bytes);
    ofpbuf_init(&decoded, 0);
    ofpbuf_init(&offsets, 0);
    ck_assert(kernel_actions_decode(&kernel_layout_6_12, bytes.data,
                                    bytes.size, NULL, &decoded, &offsets));
    attrs = build_actions_attrs(&decoded);
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

    build_actions(text, &complete);
    complete_attrs = build_actions_attrs(&complete);
    ck_assert(kernel_actions_fill(&decoded, &complete_attrs));
    attrs = build_actions_attrs(&decoded);
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

    build_actions("recirc(1),sample(sample=50.0%,actions(recirc(2))),clone("
                  "check_pkt_len(size=9,gt(recirc(3)),le(recirc(4)))),"
                  "recirc(5)", &actions);
    attrs = build_actions_attrs(&actions);
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

        build_actions_kernel(&kernel_layout_6_12, tests[i].text, &bytes);
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

/* Returns the tests of this file. */
TCase *
kernel_actions_find_tcase(void)
{
    TCase *tc = tcase_create("kernel-actions-find");

    tcase_add_test(tc, test_find);
    tcase_add_test(tc, test_recirc_ids);
    tcase_add_test(tc, test_simple);
    tcase_add_test(tc, test_drop_is_simple);
    return tc;
}
