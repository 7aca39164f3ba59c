/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the comparison of actions in lib/flow/flow-text.c. */

#include <config.h>
#include "flow/flow-text.h"

#include <check.h>
#include <string.h>

#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/record.h"
#include "util.h"

TCase *flow_text_tcase(void);

/* Returns true if 'text' means the 'actions' of a flow.  "drop" is to have
 * none; OVS 3.1 parses it as an action that the kernel does not have. */
static bool
is_actions(const char *actions, const char *text)
{
    struct upcall_attrs attrs;
    struct ofpbuf buf;
    bool same;

    ofpbuf_init(&buf, 64);
    if (strcmp(actions, "drop")) {
        ck_assert_msg(!odp_actions_from_string(actions, NULL, &buf), "%s",
                      actions);
    }
    attrs.data = buf.data;
    attrs.len = buf.size;
    same = flow_text_is_actions(&attrs, text);
    ofpbuf_uninit(&buf);
    return same;
}

START_TEST(test_is_actions)
{
    static const char *const texts[] = {
        "2", "drop", "2,3", "push_vlan(vid=5,pcp=0),2", "ct_clear",
        "set(ipv4(ttl=63)),2", "ct(commit,zone=1),2",
        "check_pkt_len(size=1500,gt(3),le(2))", "clone(2,3),2",
        "userspace(pid=9,slow_path(action))",
        "sample(sample=50.0%,actions(1,2))",
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(texts); j++) {
            ck_assert_msg(is_actions(texts[i], texts[j]) == (i == j),
                          "%s, %s", texts[i], texts[j]);
        }
    }
    ck_assert(is_actions("2,3", " 2, 3\t"));
    ck_assert(is_actions("set(ipv4(ttl=63)),2", "set( ipv4(ttl = 63) ) ,2"));
    ck_assert(is_actions("recirc(10)", "recirc(0xa)"));
    ck_assert(!is_actions("23", "2 3"));
    ck_assert(!is_actions("2", ""));
    ck_assert(!is_actions("2", "2,"));
}
END_TEST

/* Text that the parser of OVS takes as an attack on itself. */
START_TEST(test_hostile_actions)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "check_pkt_len(size=1,gt(1");
    for (int i = 0; i < 8189; i++) {
        ds_put_cstr(&ds, ",1");
    }
    ds_put_cstr(&ds, ",pop_vlan),le(drop))");
    ck_assert(!is_actions("2", ds_cstr(&ds)));
    ck_assert(!is_actions("2", "check_pkt_len(size=1,gt(1),le(drop"));
    ck_assert(!is_actions("2", "  "));
    ck_assert(!is_actions("2", "((((((((((("));
    ds_destroy(&ds);
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_text_tcase(void)
{
    TCase *tc = tcase_create("flow-text");

    tcase_add_test(tc, test_is_actions);
    tcase_add_test(tc, test_hostile_actions);
    return tc;
}
