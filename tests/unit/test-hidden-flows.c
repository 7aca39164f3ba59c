/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-table-hits.c, and of what lib/flow/enricher.c asks
 * about, with flows that have hidden actions. */

#include <config.h>
#include "flow/hidden-actions.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/clock.h"
#include "build-pass.h"
#include "build-record.h"
#include "flow/flow-text.h"
#include "hidden-hit.h"
#include "kernel-bytes.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

TCase *hidden_flows_tcase(void);

/* Fails unless the actions of a hit at 'ts' are 'expected', with 'flows'. */
static void
check_filled(const struct flow_table *flows, uint64_t ts, const char *actions,
             uint8_t version, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct pass_actions a;
    struct build_pass b;
    struct pass p;
    void *data;
    bool filled;

    hidden_hit_build(&b, ts, actions, version);
    data = build_pass_parse(&b, &p);
    pass_actions_init(&a, &p, &kernel_layout_6_12);
    filled = hidden_actions_fill(&a, &p, flows);
    ck_assert(flow_text_actions(&a.attrs, &ds));
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ck_assert_int_eq(filled, !strchr(expected, '?'));
    pass_actions_uninit(&a);
    ds_destroy(&ds);
    free(data);
}

/* Adds the flow 'ufid' with 'actions', which upcall 'id' has put, to be asked
 * about now. */
static void
add_put(struct flow_table *table, uint64_t id, const uint8_t ufid[16],
        const char *actions)
{
    struct upcall u;
    struct build b;
    void *data;

    ask_build_put(&b, id, actions, 0);
    b.rec.put_ts = HIDDEN_PUT_TS + id;
    b.rec.put_duration = 5;
    memcpy(b.rec.ufid, ufid, sizeof b.rec.ufid);
    data = build_parse(&b, &u);
    flow_table_add(table, &u, 0);
    free(data);
}

/* Has the flow that is to be asked about next be known.  Returns it. */
static struct dp_flow *
finish_next(struct flow_table *table)
{
    struct dp_flow *f = flow_table_pop(table);

    ck_assert_ptr_nonnull(f);
    flow_table_done(table, f, FLOW_COMPLETE, NULL);
    return f;
}

/* Has a flow with 'actions' be put, hit, answered for, and hit again. */
static void
check_flow(const char *actions, const char *decoded)
{
    struct flow_table *table = flow_table_create(1 << 20);
    struct build_pass hit;
    struct dp_flow *f;

    hidden_hit_build(&hit, HIDDEN_PUT_TS + 10, actions, 0);
    add_put(table, 1, hit.rec.ufid, actions);
    f = finish_next(table);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, decoded);

    ask_add_hit(table, &hit, &kernel_layout_6_12);
    ck_assert_uint_eq(f->n_hits, 1);
    ck_assert(f->is_checked);
    ck_assert_int_eq(f->step, FLOW_ASK_AGAIN);
    hidden_hit_build(&hit, HIDDEN_PUT_TS + 10, actions, 0);
    ask_add_hit(table, &hit, &kernel_layout_6_12);
    ck_assert_uint_eq(f->n_hits, 2);
    flow_table_checked(f, true, HIDDEN_PUT_TS + 20);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, decoded);

    hidden_hit_build(&hit, clock_ns() + 1, actions, 0);
    while (clock_ns() <= hit.rec.ts + NS_PER_SECOND) {
        usleep(10 * 1000);
    }
    ask_add_hit(table, &hit, &kernel_layout_6_12);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, actions);
    check_filled(NULL, HIDDEN_PUT_TS + 10, actions, 0, decoded);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 1, decoded);
    check_filled(table, HIDDEN_PUT_TS + 30, actions, 0, decoded);

    /* To be asked again, it waits, and is not lost at the end. */
    flow_table_stop(table);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    flow_table_destroy(table);
}

START_TEST(test_fill)
{
    check_flow(HIDDEN_TUNNEL, "set(tunnel(?)),2");
    check_flow(HIDDEN_HELPER, "ct(commit,zone=7,helper=?),2");
}
END_TEST

/* Has the flow 'number' with a tunnel be put by upcall 'id', be known, and be
 * hit, so that it waits to be asked about again.  Returns it. */
static struct dp_flow *
add_checked(struct flow_table *table, uint64_t id, uint8_t number)
{
    struct build_pass b;
    struct dp_flow *f;

    hidden_hit_build(&b, HIDDEN_PUT_TS + 1000, HIDDEN_TUNNEL, 0);
    b.rec.ufid[0] ^= number;
    add_put(table, id, b.rec.ufid, HIDDEN_TUNNEL);
    f = finish_next(table);
    ask_add_hit(table, &b, &kernel_layout_6_12);
    ck_assert(f->is_checked);
    return f;
}

/* Adds a hit of the flow 'number' at 'ts'. */
static void
hit_number(struct flow_table *table, uint8_t number, uint64_t ts)
{
    struct build_pass b;

    hidden_hit_build(&b, ts, HIDDEN_TUNNEL, 0);
    b.rec.ufid[0] ^= number;
    ask_add_hit(table, &b, &kernel_layout_6_12);
}

/* A new flow is asked about before one that is only asked about again, even if
 * that was put more often.  This one gets its turn, though, where many are
 * found. */
START_TEST(test_checked_last)
{
    struct flow_table *table = flow_table_create(1 << 20);
    struct flow_table_stats stats;

    for (int i = 1; i <= 3; i++) {
        for (int j = 0; j < i; j++) {
            hit_number(table, i, HIDDEN_PUT_TS + 1000);
        }
    }
    add_checked(table, 1, 0);
    ck_assert_uint_eq(add_checked(table, 2, 0)->n_installed, 2);
    ask_wait_until_due(table);
    ck_assert_int_eq(flow_table_next_try(table), 0);
    add_put(table, 3, (uint8_t [16]) { 3 }, "2");
    flow_table_get_stats(table, &stats);
    ck_assert_uint_eq(stats.n_queued, 5);
    ck_assert_uint_eq(stats.n_check_queued, 1);
    ck_assert_uint_eq(stats.n_found_queued, 3);

    ask_check_next(table, FLOW_FOUND_ID + 3);
    ask_check_next(table, 3);
    ask_check_next(table, FLOW_FOUND_ID + 2);
    ask_check_next(table, 2);
    ask_check_next(table, FLOW_FOUND_ID + 1);
    ask_check_next(table, 0);
    flow_table_destroy(table);
}
END_TEST

/* ovs-vswitchd is asked again while the flow has the same actions. */
START_TEST(test_asked_again)
{
    struct fake_answers answers = ask_usual();
    struct flow_table *table;
    const struct dp_flow *f;
    uint64_t until;

    ask_setup();
    table = CONST_CAST(struct flow_table *, enricher_flows(ask_enricher));
    answers.get_flow = ASK_FLOW HIDDEN_TUNNEL "\n";
    fake_vswitchd_start(ask_path, &answers);
    f = add_checked(table, 1, 0);
    until = f->hidden.until;
    ASK_UNTIL(!f->is_checked);
    ck_assert_uint_gt(f->hidden.until, until);
    ck_assert_uint_gt(f->hidden.answered, f->hidden.until);
    ck_assert(!f->hidden.ended);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);

    answers.get_flow = ASK_FLOW HIDDEN_OTHER "\n";
    fake_vswitchd_stop();
    fake_vswitchd_start(ask_path, &answers);
    hit_number(table, 0, clock_ns());
    ck_assert(f->is_checked);
    ck_assert_uint_eq(f->hidden.confirmed, f->hidden.until);
    ASK_UNTIL(!f->is_checked);
    ck_assert(f->hidden.ended);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ask_teardown();
}
END_TEST

/* Nothing is as urgent because of flows that are asked about again: that a
 * flow has no rules yet is asked once more, later. */
START_TEST(test_checked_are_no_load)
{
    struct fake_answers answers = ask_usual();
    struct flow_table_stats stats;
    struct flow_table *table;
    const struct dp_flow *f;

    ask_setup();
    enricher_destroy(ask_enricher);
    ask_enricher = enricher_create(20, ask_ports);
    table = CONST_CAST(struct flow_table *, enricher_flows(ask_enricher));
    for (int i = 1; i <= 100; i++) {
        add_checked(table, i, i);
    }
    answers.detrace = ASK_NO_CACHE;
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1000);
    f = ask_find_flow(1000);
    ASK_UNTIL(f->n_no_cache);
    flow_table_get_stats(table, &stats);
    ck_assert_uint_gt(stats.n_check_queued, 40);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_TRACE].count, 0);
    ck_assert_int_eq(ask_until_done(1000)->state, FLOW_COMPLETE);
    ck_assert_int_eq(f->n_no_cache, 2);
    ask_teardown();
}
END_TEST

/* Returns the tests of this file. */
TCase *
hidden_flows_tcase(void)
{
    TCase *tcase = tcase_create("hidden-flows");

    tcase_add_test(tcase, test_fill);
    tcase_add_test(tcase, test_checked_last);
    tcase_add_test(tcase, test_asked_again);
    tcase_add_test(tcase, test_checked_are_no_load);
    return tcase;
}
