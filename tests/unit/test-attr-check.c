/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/attr-check.c.  See also tests/unit/test-hostile.c. */

#include <config.h>
#include "record/attr-check.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "netlink.h"
#include "odp-util.h"
#include "util.h"

/* Returns whether 'text' is an action that may be given to OVS. */
static bool
check_action_text(const char *text)
{
    struct ofpbuf actions;
    bool ok;

    ofpbuf_init(&actions, 0);
    ck_assert_msg(!odp_actions_from_string(text, NULL, &actions), "%s", text);
    ok = attr_check_action(actions.data);
    ofpbuf_uninit(&actions);
    return ok;
}

START_TEST(test_actions)
{
    static const char *const good[] = {
        "5", "pop_vlan", "push_vlan(vid=5,pcp=0)", "recirc(3)",
        "set(eth(src=01:02:03:04:05:06/ff:ff:ff:00:00:00))",
        "set(ipv4(src=1.2.3.4,dst=5.6.7.8,proto=6,tos=0,ttl=64,frag=no))",
        "set(tunnel(tun_id=0x7b,dst=10.0.0.1,ttl=64,tp_dst=4789,"
        "vxlan(gbp(id=3,flags=0x1)),flags(df|key)))",
        "set(tunnel(tun_id=0x1,dst=1.1.1.2,ttl=64,"
        "geneve({class=0xffff,type=0x80,len=4,0xa}),flags(key)))",
        "ct(commit,zone=5,mark=0x1/0xff,helper=ftp,nat(src=10.0.0.1:5))",
        "ct_clear", "trunc(100)", "meter(3)",
        "add_mpls(label=1,tc=0,ttl=64,bos=1,eth_type=0x8847)",
        "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255,c1=0x1,c2=0x2,"
        "c3=0x3,c4=0x4)",
        "push_nsh(flags=0,ttl=63,mdtype=2,np=3,spi=0x1,si=255,"
        "md2=0x00010203)", "pop_nsh()",
        "userspace(pid=3,slow_path(lacp),actions)",
        "sample(sample=50.0%,actions(1,2))", "clone(clone(1),2)",
        "check_pkt_len(size=200,gt(4),le(5))",
    };

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        ck_assert_msg(check_action_text(good[i]), "%s", good[i]);
    }
    ck_assert(!check_action_text("tnl_pop(4)"));
    ck_assert(!check_action_text("clone(tnl_pop(4))"));
    ck_assert(!check_action_text("lb_output(1)"));
}
END_TEST

/* Returns whether an action of 'type' with these 32-bit words in native byte
 * order, if they are attributes, may be given to OVS. */
static bool
check_action_words(int type, const uint32_t words[], size_t n_words)
{
    struct ofpbuf actions;
    bool ok;

    ofpbuf_init(&actions, 0);
    nl_msg_put_unspec(&actions, type, words, n_words * sizeof *words);
    actions.data = xmemdup(actions.data, actions.size);
    ok = attr_check_action(actions.data);
    free(actions.data);
    ofpbuf_uninit(&actions);
    return ok;
}

/* The first word of an attribute. */
static uint32_t
attr_word(int type, int len)
{
    struct nlattr a = { .nla_type = type, .nla_len = len };
    uint32_t word;

    memcpy(&word, &a, sizeof word);
    return word;
}

#define CHECK_WORDS(TYPE, ...)                                          \
    check_action_words(TYPE, (const uint32_t []) { __VA_ARGS__ },       \
                       sizeof((const uint32_t []) { __VA_ARGS__ }) / 4)

/* Actions that OVS would read beyond the end of, or abort for. */
START_TEST(test_bad_actions)
{
    ck_assert(CHECK_WORDS(OVS_ACTION_ATTR_OUTPUT, 1));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_OUTPUT, 1, 2));
    ck_assert(!check_action_words(OVS_ACTION_ATTR_SET, NULL, 0));
    ck_assert(CHECK_WORDS(OVS_ACTION_ATTR_SET,
                          attr_word(OVS_KEY_ATTR_SKB_MARK, 8), 1));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET,
                           attr_word(OVS_KEY_ATTR_SKB_MARK, 12), 1));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET,
                           attr_word(OVS_KEY_ATTR_SKB_MARK, 8), 1, 2));
    ck_assert(CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                          attr_word(OVS_KEY_ATTR_SKB_MARK, 12), 1, 2));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                           attr_word(OVS_KEY_ATTR_SKB_MARK, 8), 1));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                           attr_word(OVS_KEY_ATTR_SKB_MARK, 2), 1));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                           attr_word(OVS_KEY_ATTR_TUNNEL, 4)));
    ck_assert(CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                          attr_word(OVS_KEY_ATTR_NSH, 24),
                          attr_word(OVS_NSH_KEY_ATTR_BASE, 20), 1, 2, 3, 4));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET_MASKED,
                           attr_word(OVS_KEY_ATTR_NSH, 8),
                           attr_word(OVS_NSH_KEY_ATTR_BASE, 5)));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_PUSH_NSH,
                           attr_word(OVS_KEY_ATTR_NSH, 4)));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_PUSH_NSH,
                           attr_word(OVS_KEY_ATTR_NSH, 16),
                           attr_word(OVS_NSH_KEY_ATTR_BASE, 12), 0, 0));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_CLONE, attr_word(1, 6)));
    ck_assert(CHECK_WORDS(OVS_ACTION_ATTR_SET,
                          attr_word(OVS_KEY_ATTR_TUNNEL, 8),
                          attr_word(OVS_TUNNEL_KEY_ATTR_CSUM, 4)));
    ck_assert(!CHECK_WORDS(OVS_ACTION_ATTR_SET,
                           attr_word(OVS_KEY_ATTR_TUNNEL, 8),
                           attr_word(OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, 4)));
    ck_assert(!CHECK_WORDS(999, 0));
}
END_TEST

/* Actions inside each other, as deep as the kernel has them and deeper. */
START_TEST(test_nested_actions)
{
    uint32_t words[100];

    for (size_t n = 1; n < ARRAY_SIZE(words); n++) {
        for (size_t i = 0; i < n; i++) {
            words[i] = attr_word(OVS_ACTION_ATTR_CLONE, (n - i) * 4);
        }
        ck_assert_int_eq(check_action_words(OVS_ACTION_ATTR_CLONE, words, n),
                         n < 16);
    }
}
END_TEST

/* Returns these tests. */
TCase *
attr_check_tcase(void)
{
    TCase *tcase = tcase_create("attributes");

    tcase_add_test(tcase, test_actions);
    tcase_add_test(tcase, test_bad_actions);
    tcase_add_test(tcase, test_nested_actions);
    return tcase;
}
