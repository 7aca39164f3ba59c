/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what completes actions of the kernel. */

#include <config.h>
#include "record/kernel-actions.h"

#include <check.h>

#include "build-actions.h"
#include "flow/flow-text.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "record/record.h"
#include "util.h"

TCase *kernel_actions_fill_tcase(void);

/* Returns true if what the kernel has of 'text' is completed by 'other', and
 * fails unless it has become that then. */
static bool
fill(const char *text, const char *other)
{
    struct ofpbuf bytes, decoded, complete;
    struct upcall_attrs attrs;
    bool filled;

    build_actions_kernel(&kernel_layout_6_12, text, &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size, NULL,
                          &decoded, NULL);
    build_actions(other, &complete);
    attrs = build_actions_attrs(&complete);
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

    for (size_t i = 0; i < n_action_texts; i++) {
        for (size_t j = 0; j < n_action_texts; j++) {
            const char *a = action_texts[i];
            const char *b = action_texts[j];

            ck_assert_msg(fill(a, b) == (i == j), "%s, %s", a, b);
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

    build_actions_kernel(&kernel_layout_6_12, "ct(commit,mark=0x1/0x3,"
                         "helper=ftp,nat(src=1.2.3.4:5))", &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size, NULL,
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
    attrs = build_actions_attrs(&other);
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

    build_actions_kernel(&kernel_layout_6_12,
                         "set(tunnel(dst=1.1.1.2,ttl=64,flags())),2", &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size, NULL,
                          &decoded, NULL);
    attrs = build_actions_attrs(&decoded);
    for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
        ck_assert_msg(flow_text_is_actions(&attrs, same[i]), "%s", same[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
        ck_assert_msg(!flow_text_is_actions(&attrs, other[i]), "%s",
                      other[i]);
    }
    ofpbuf_uninit(&bytes);
    ofpbuf_uninit(&decoded);

    build_actions_kernel(&kernel_layout_6_12,
                         "ct(commit,helper=ftp,nat(src)),2", &bytes);
    ofpbuf_init(&decoded, 0);
    kernel_actions_decode(&kernel_layout_6_12, bytes.data, bytes.size, NULL,
                          &decoded, NULL);
    attrs = build_actions_attrs(&decoded);
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
kernel_actions_fill_tcase(void)
{
    TCase *tc = tcase_create("kernel-actions-fill");

    tcase_add_test(tc, test_fill);
    tcase_add_test(tc, test_fill_order);
    tcase_add_test(tc, test_text);
    return tc;
}
