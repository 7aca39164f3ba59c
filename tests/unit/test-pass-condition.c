/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/condition.c and record-keys.c with passes. */

#include <config.h>
#include "store/condition.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-pass.h"
#include "build-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "record/action.h"
#include "store/commands.h"
#include "store/port-map.h"
#include "store/record-keys.h"
#include "test-stats.h"
#include "util.h"

static struct port_map *ports;
static struct build_pass hit, miss, execute;

static void
setup(void)
{
    ports = port_map_create(16);
    port_map_add(ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p3", BUILD_TS);
    build_pass_hit(&hit);
    hit.rec.recirc_id = 0x1a2;
    build_pass_miss(&miss);
    build_pass_execute(&execute, "2", -EINVAL);
}

static void
teardown(void)
{
    port_map_destroy(ports);
    build_pass_uninit(&hit);
    build_pass_uninit(&miss);
    build_pass_uninit(&execute);
}

/* Returns true if 'b' meets 'condition', and so not the opposite. */
static bool
meets(const struct build_pass *b, const char *condition)
{
    char *opposite = xasprintf("!%s", condition);
    struct conditions is, is_not;
    void *rec = build_pass_get(b, NULL);
    bool met;

    conditions_init(&is);
    conditions_init(&is_not);
    ck_assert_pstr_eq(conditions_parse(&is, condition), NULL);
    ck_assert_pstr_eq(conditions_parse(&is_not, opposite), NULL);
    met = conditions_match(&is, rec, ports);
    ck_assert_int_eq(conditions_match(&is_not, rec, ports), !met);
    conditions_destroy(&is);
    conditions_destroy(&is_not);
    free(opposite);
    free(rec);
    return met;
}

/* Conditions, and which of the hit, the miss and the execute meet them. */
static const struct {
    const char *condition, *met;
} conditions[] = {
    { "hit", "h" }, { "lookup=hit", "h" },
    { "miss", "m" }, { "class=miss", "m" }, { "lookup=miss", "m" },
    { "execute", "e" }, { "lookup=execute", "e" }, { "lookup=none", "e" },
    { "port=p3", "hme" }, { "port=p?", "hme" }, { "port=p4", "" },
    { "datapath=system@ovs-system", "hme" },
    { "cpu=7", "hme" }, { "cpu=6", "" },
    { "ufid=ufid:66252ae8-0102-0304-0506-0708090a0b0c", "h" },
    { "recirc-id=418", "h" }, { "recirc-id=0x1a2", "h" },
    { "recirc-id=0", "m" },
    { "masks=3", "hm" }, { "masks=2", "" }, { "cache=1", "hm" },
    { "upcall=17", "me" }, { "upcall=#17", "me" }, { "upcall=18", "" },
    { "errno=EINVAL", "e" },
    { "process=handler9", "e" }, { "process=swapper/7", "" },
    { "total>=900ns", "hme" }, { "total>900ns", "e" }, { "total>52us", "" },

    { "drop", "" },

    /* These are no matter of a pass. */
    { "lost", "" }, { "no-put", "" }, { "handler=handler9", "" },
    { "outcome=executed", "" }, { "queue>=0ns", "" }, { "execute>=0ns", "" },
    { "portid=1", "" }, { "reason=action", "" },
};

START_TEST(test_conditions)
{
    for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
        const char *text = conditions[i].condition;
        struct ds met = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&met, meets(&hit, text) ? "h" : "");
        ds_put_cstr(&met, meets(&miss, text) ? "m" : "");
        ds_put_cstr(&met, meets(&execute, text) ? "e" : "");
        ck_assert_msg(!strcmp(ds_cstr(&met), conditions[i].met),
                      "%s: met by \"%s\"", text, ds_cstr(&met));
        ds_destroy(&met);
    }
}
END_TEST

/* Returns which of the hit, the miss, the execute, and the hit with a drop,
 * upcall-trace/passes chooses with 'option', or its error. */
static char *
choose(const char *option)
{
    const char *argv[] = { "upcall-trace/passes", option };
    const struct build_pass *passes[] = { &hit, &miss, &execute, &hit };
    struct show_options options;
    char *error;
    char *chosen = xstrdup("hmed");
    size_t n = 0;

    command_init(&command_passes, &options);
    error = command_parse(&command_passes, ARRAY_SIZE(argv), argv, &options,
                          NULL);
    for (size_t i = 0; !error && i < ARRAY_SIZE(passes); i++) {
        void *rec;

        hit.rec.flags |= i == 3 ? PASS_F_DROP : 0;
        rec = build_pass_get(passes[i], NULL);
        if (selection_has(&options.selection, rec, ports)) {
            chosen[n++] = "hmed"[i];
        }
        free(rec);
    }
    hit.rec.flags &= ~PASS_F_DROP;
    chosen[n] = '\0';
    command_destroy(&command_passes, &options);
    if (error) {
        free(chosen);
        return error;
    }
    return chosen;
}

START_TEST(test_options)
{
    static const char *const options[][2] = {
        { "--outcome=hit", "hd" }, { "--outcome=miss", "m" },
        { "--outcome=execute", "e" }, { "--outcome=drop", "d" },
        { "--outcome=miss,execute", "me" },
        { "--outcome=hit,x", "--outcome=x: is no outcome of passes: must be "
          "one of hit, miss, execute, drop" },
        { "--outcome=hit,", "--outcome=: is no outcome of passes: must be "
          "one of hit, miss, execute, drop" },
        { "--class=miss", "m" }, { "--class=action,miss", "m" },
        { "--class=action", "" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
        char *chosen = choose(options[i][0]);

        ck_assert_str_eq(chosen, options[i][1]);
        free(chosen);
    }
}
END_TEST

/* What the kernel has dropped. */
START_TEST(test_drop)
{
    hit.rec.flags |= PASS_F_DROP;
    ck_assert(meets(&hit, "drop"));
    hit.rec.flags &= ~PASS_F_DROP;
    hit.actions.size = 0;
    ck_assert(meets(&hit, "drop"));
    hit.rec.flags &= ~PASS_F_ACTIONS;
    ck_assert(!meets(&hit, "drop"));

    /* An action that drops it, not behind others, and not one of Linux before
     * 6.7 with this number. */
    hit.rec.flags |= PASS_F_ACTIONS;
    nl_msg_put_u32(&hit.actions, ACTION_DROP, 0);
    ck_assert(meets(&hit, "drop"));
    ofpbuf_clear(&hit.actions);
    nl_msg_put_u64(&hit.actions, ACTION_DROP, 0);
    ck_assert(!meets(&hit, "drop"));
    ofpbuf_clear(&hit.actions);
    nl_msg_put_u32(&hit.actions, OVS_ACTION_ATTR_OUTPUT, 2);
    nl_msg_put_u32(&hit.actions, ACTION_DROP, 0);
    ck_assert(!meets(&hit, "drop"));
}
END_TEST

/* What is only of passes is met by no upcall. */
START_TEST(test_upcall)
{
    static const char *const only[] = {
        "hit", "execute", "drop", "lookup=none", "recirc-id=0", "masks=0",
        "cache=0", "upcall=0",
    };
    struct build b;
    void *rec;

    build_executed(&b);
    rec = build_get(&b, NULL);
    build_uninit(&b);
    for (size_t i = 0; i < ARRAY_SIZE(only); i++) {
        struct conditions c = CONDITIONS_INITIALIZER;

        ck_assert_pstr_eq(conditions_parse(&c, only[i]), NULL);
        ck_assert_msg(!conditions_match(&c, rec, ports), "%s", only[i]);
        conditions_destroy(&c);
    }
    free(rec);
}
END_TEST

/* What is not known of a pass meets no condition. */
START_TEST(test_unknown)
{
    hit.rec.flags = 0;
    ck_assert(!meets(&hit, "port=p3"));
    ck_assert(!meets(&hit, "datapath=ovs-system"));
    ck_assert(!meets(&hit, "process=swapper/7"));
    ck_assert(!meets(&hit, "ufid=66252ae8-0102-0304-0506-0708090a0b0c"));
    ck_assert(!meets(&hit, "upcall=0"));
    execute.rec.flags &= ~PASS_F_DONE;
    ck_assert(!meets(&execute, "errno=EINVAL"));
}
END_TEST

START_TEST(test_bad_numbers)
{
    static const char *const bad[] = {
        "recirc-id=0x", "recirc-id=0xg", "recirc-id=0x12345678901234567",
        "recirc-id=x1", "recirc-id=-1", "lookup=maybe",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct conditions c = CONDITIONS_INITIALIZER;
        char *error = conditions_parse(&c, bad[i]);

        ck_assert_msg(error != NULL, "%s", bad[i]);
        free(error);
        conditions_destroy(&c);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_condition_tcase(void)
{
    TCase *tcase = tcase_create("pass-condition");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_conditions);
    tcase_add_test(tcase, test_options);
    tcase_add_test(tcase, test_drop);
    tcase_add_test(tcase, test_upcall);
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_bad_numbers);
    return tcase;
}
