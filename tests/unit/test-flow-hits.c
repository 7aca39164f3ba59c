/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-table-hits.c, and of what lib/flow/enricher.c asks
 * about flows that no upcall is known to have put. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/clock.h"
#include "base/json-writer.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "store/port-map.h"
#include "util.h"

TCase *flow_hits_tcase(void);

#define FIRST (FLOW_FOUND_ID + 1)

/* How long lookups take. */
#define LOOKUP_NS 900

/* Starts a hit at 'ts' of the flow that the server knows, or with 'ufid' of
 * another one. */
static void
build_hit(struct build_pass *b, uint8_t ufid, uint64_t ts)
{
    build_pass_hit(b);
    b->rec.ufid[0] ^= ufid;
    b->rec.ts = ts;
    b->rec.lookup_ns = LOOKUP_NS;
}

static void
hit(uint8_t ufid, uint64_t ts)
{
    struct build_pass b;
    struct pass p;
    void *data;

    build_hit(&b, ufid, ts);
    data = build_pass_parse(&b, &p);
    enricher_add_pass(ask_enricher, &p, NULL);
    free(data);
}

static struct flow_table_stats
get_stats(void)
{
    struct flow_table_stats stats;

    flow_table_get_stats(enricher_flows(ask_enricher), &stats);
    return stats;
}

/* Has a flow be hit at 'ts' that ovs-vswitchd, which gives 'answers', is asked
 * about until that ends in 'state' with 'error', which may be NULL.  Returns
 * it. */
static const struct dp_flow *
check_asked(const struct fake_answers *answers, uint64_t ts,
            enum flow_state state, const char *error)
{
    const struct dp_flow *f;

    fake_vswitchd_start(ask_path, answers);
    hit(0, ts);
    f = ask_until_done(FIRST);
    ck_assert_str_eq(flow_state_name(f->state), flow_state_name(state));
    ck_assert_pstr_eq(f->error, error);
    return f;
}

/* A flow that was there is asked for, then its rules, then whether it is still
 * the same. */
START_TEST(test_found)
{
    struct fake_answers answers = ask_usual();
    const struct dp_flow *f;

    fake_vswitchd_start(ask_path, &answers);
    for (int i = 0; i < 3; i++) {
        hit(0, BUILD_TS + 10 - i);
    }
    f = ask_find_flow(FIRST);
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(f->n_hits, 3);
    ck_assert_uint_eq(f->put_ts, BUILD_TS + 8 + LOOKUP_NS);
    ck_assert_int_eq(f->state, FLOW_PENDING);
    f = ask_until_done(FIRST);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert_ptr_null(f->error);
    ck_assert_str_eq(f->told, ASK_MATCH ", actions:2");
    ck_assert_str_eq(f->rules, "br0\n  " ASK_RULE "\n");
    ck_assert_uint_eq(f->counters.packets, 1);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_GET_FLOW].count, 2);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_DETRACE].count, 1);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_TRACE].count, 0);

    /* Once is enough. */
    hit(0, clock_ns());
    ask_run_for(2000);
    ck_assert_uint_eq(f->n_hits, 4);
    ck_assert_uint_eq(get_stats().n_queued, 0);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_GET_FLOW].count, 2);
}
END_TEST

/* ovs-vswitchd has no ofproto/detrace, and ofproto/trace needs what nobody
 * knows. */
START_TEST(test_no_detrace)
{
    struct fake_answers answers = ask_usual();
    const struct dp_flow *f;

    answers.detrace = NULL;
    f = check_asked(&answers, BUILD_TS, FLOW_PARTIAL,
                    "ovs-vswitchd keeps no rules of it");
    ck_assert_str_eq(f->told, ASK_MATCH ", actions:2");
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_TRACE].count, 0);
}
END_TEST

/* A flow that is gone is asked about again if it is hit again, less and less
 * often, and else never. */
START_TEST(test_gone)
{
    struct fake_answers answers = ask_usual();
    const struct dp_flow *f;
    uint64_t failed_at;

    answers.get_flow = "!No such file or directory";
    f = check_asked(&answers, clock_ns(), FLOW_FAILED,
                    "removed before ovs-vswitchd was asked");
    failed_at = f->failed_at;
    hit(0, failed_at);                  /* Before it was gone. */
    ask_run_for(2000);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_uint_eq(ask_get_stats().requests, 3);

    /* As another one. */
    ck_assert_uint_eq(f->n_hits, 2);
    CONST_CAST(struct dp_flow *, f)->n_failed = 2;
    hit(0, failed_at + 1);
    ck_assert_int_eq(f->state, FLOW_PENDING);
    ck_assert_uint_eq(f->n_hits, 1);
    ck_assert_int_eq(f->n_failed, 0);
    ck_assert_ptr_null(f->error);
    ck_assert_int_gt(f->next_try, time_msec() + 1500);
    fake_vswitchd_stop();
    answers = ask_usual();
    fake_vswitchd_start(ask_path, &answers);
    ask_until_done(FIRST);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert_ptr_null(f->error);
}
END_TEST

/* The kernel has a flow that another program has put. */
START_TEST(test_unknown)
{
    struct fake_answers answers = ask_usual();

    answers.detrace = ASK_NO_FLOW;
    check_asked(&answers, BUILD_TS, FLOW_FAILED,
                "removed, or ovs-vswitchd does not know it");
}
END_TEST

/* The record of the upcall that has put the flow comes later than that of a
 * hit: then it is the flow of that upcall; else there was another one before
 * it. */
START_TEST(test_put_later)
{
    const struct dp_flow *f;
    uint64_t put_ts;

    hit(0, BUILD_TS + 1000 * 1000 * 1000);
    hit(0, BUILD_TS + 1000 * 1000 * 1001);
    ask_add_flow(1);
    ck_assert_ptr_null(ask_find_flow(FIRST));
    f = ask_find_flow(1);
    ck_assert_uint_eq(f->n_hits, 2);
    ck_assert_uint_eq(f->n_installed, 1);
    ck_assert(f->is_last);
    ck_assert_uint_eq(get_stats().n_flows, 1);
    ck_assert_uint_eq(get_stats().n_dropped, 0);
    hit(0, BUILD_TS + 1000 * 1000 * 1002);
    ck_assert_uint_eq(f->n_hits, 3);
    hit(0, f->put_ts - LOOKUP_NS - 1);  /* Of one before. */
    ck_assert_uint_eq(f->n_hits, 3);
    hit(0, f->put_ts - LOOKUP_NS);      /* It was put during the lookup. */
    ck_assert_uint_eq(f->n_hits, 4);

    /* Likewise, and the record comes first. */
    put_ts = f->put_ts;
    enricher_clear(ask_enricher);
    hit(0, put_ts - LOOKUP_NS);
    ck_assert_uint_eq(ask_find_flow(FIRST + 1)->put_ts, put_ts);
    ask_add_flow(1);
    ck_assert_ptr_null(ask_find_flow(FIRST + 1));
    ck_assert_uint_eq(ask_find_flow(1)->n_hits, 1);
    ck_assert_uint_eq(ask_find_flow(1)->n_installed, 1);

    enricher_clear(ask_enricher);
    hit(0, BUILD_TS - 1000);
    ask_add_flow(1);
    f = ask_find_flow(FIRST + 2);
    ck_assert(!f->is_last);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_uint_eq(ask_find_flow(1)->n_hits, 0);
    ck_assert_uint_eq(ask_find_flow(1)->n_installed, 2);
}
END_TEST

/* Those that are hit most often come first, and take turns with those that
 * were put. */
START_TEST(test_turns)
{
    struct flow_table *table = CONST_CAST(struct flow_table *,
                                          enricher_flows(ask_enricher));
    long long int start = time_msec();
    const struct dp_flow *f;

    for (int i = 1; i <= 4; i++) {
        for (int j = 0; j < i; j++) {
            hit(i, BUILD_TS);
        }
    }
    ask_add_flow_with(1, 11, "2");
    usleep(3000);
    ask_add_flow_with(2, 12, "2");
    for (f = flow_table_first(table); f; f = flow_table_next(table, f)) {
        ck_assert_int_ge(f->next_try, start + (f->found ? 1500 : 600));
    }
    ask_wait_until_due(table);
    ck_assert_int_eq(flow_table_next_try(table), 0);
    for (int i = 0; i < 14; i++) {
        hit(1, BUILD_TS);               /* When its turn may have come. */
    }
    ck_assert_uint_eq(get_stats().n_queued, 6);
    ck_assert_uint_eq(get_stats().n_found_queued, 4);
    ask_check_next(table, 2);
    ask_check_next(table, FIRST);
    ask_check_next(table, 1);
    ask_check_next(table, FIRST + 3);
    ask_check_next(table, FIRST + 2);
    ask_check_next(table, FIRST + 1);
    ask_check_next(table, 0);
}
END_TEST

/* Of many, those are forgotten that were not hit for long, and no upcall's. */
START_TEST(test_memory)
{
    struct flow_table *table = flow_table_create(100000);
    struct flow_table_stats stats;
    struct build_pass b;

    enricher_clear(ask_enricher);
    for (uint32_t i = 1; i <= 5000; i++) {
        for (int again = 0; again < 2; again++) {
            uint32_t number = again ? 1 : i;

            build_hit(&b, 0, BUILD_TS);
            memcpy(b.rec.ufid, &number, sizeof number);
            ask_add_hit(table, &b, NULL);
        }
        flow_table_get_stats(table, &stats);
        ck_assert_uint_le(stats.bytes, stats.limit);
    }
    ck_assert_uint_gt(stats.n_flows, 50);
    ck_assert_uint_gt(stats.n_dropped, 4000);
    ck_assert_uint_eq(flow_table_find(table, FIRST)->n_hits, 5001);
    ck_assert_ptr_null(flow_table_find(table, FIRST + 1));
    flow_table_clear(table);
    flow_table_get_stats(table, &stats);
    ck_assert_uint_eq(stats.bytes, 0);
    ck_assert_uint_eq(stats.n_queued, 0);
    flow_table_destroy(table);
}
END_TEST

/* Returns the member "flow" of a pass at 'ts' with 'actions', to be freed. */
static struct json *
get_flow_json(uint64_t ts, const char *actions)
{
    struct json *json, *flow;
    struct build_pass b;

    build_hit(&b, 0, ts);
    ofpbuf_clear(&b.actions);
    build_pass_actions(&b, actions);
    json = get_pass_json(&b, ask_ports, enricher_flows(ask_enricher), NULL);
    flow = json_clone(shash_find_data(json_object(json), "flow"));
    json_destroy(json);
    return flow;
}

static void
check_flow_member(const char *actions, const char *name, const char *expected)
{
    struct json *flow = get_flow_json(BUILD_TS + 1, actions);

    check_part(flow, name, expected);
    json_destroy(flow);
}

START_TEST(test_show)
{
    struct fake_answers answers = ask_usual();
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct dp_flow *f;
    struct json_writer w;
    struct json *json;

    fake_vswitchd_start(ask_path, &answers);
    hit(0, BUILD_TS);
    check_flow_member("2", "state", "\"pending\"");
    check_flow_member("2", "datapath_flow", "null");
    f = ask_until_done(FIRST);
    check_flow_member("2", "state", "\"complete\"");
    check_flow_member("2", "datapath_flow", "\"" ASK_MATCH ", actions:2\"");
    check_flow_member("2", "openflow", "[\"" ASK_RULE "\"]");

    /* A pass before it was modified. */
    check_flow_member("3", "state", "\"partial\"");
    check_flow_member("3", "datapath_flow", "null");
    check_flow_member("3", "openflow", "[]");
    check_flow_member("3", "error",
                      "\"it has been modified, or may have been\"");

    flow_show(f, ask_ports, true, &ds);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), " ovs-system, first hit "));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&ds), "s ago, 1 hit, 1 packets, 98 "
                                 "bytes\n  " ASK_MATCH ", actions:2\n  "
                                 "complete, by ofproto/detrace\n"));
    ds_clear(&ds);
    json_writer_init(&w, &ds);
    flow_show_write(&w, f, ask_ports, true);
    json = parse_json(&ds);
    check_part(json, "hits", "1");
    check_part(json, "upcall", "null");
    json_destroy(json);
}
END_TEST

/* A pass has the flow that was put before its lookup had ended. */
START_TEST(test_show_put)
{
    struct json *flow;
    uint64_t put_ts;

    ask_add_flow(1);
    put_ts = ask_find_flow(1)->put_ts;
    for (int i = 0; i <= 1; i++) {
        flow = get_flow_json(put_ts - LOOKUP_NS - i, "2");
        check_part(flow, "state", i ? "\"partial\"" : "\"pending\"");
        json_destroy(flow);
    }
}
END_TEST

static bool
expect_first(const struct dp_flow *f, void *n)
{
    ck_assert_uint_eq(f->id, FIRST);
    ++*(int *) n;
    return true;
}

/* Followers are told of them. */
START_TEST(test_changes)
{
    const struct flow_table *table = enricher_flows(ask_enricher);
    uint64_t serial = flow_table_serial(table);
    int n = 0;

    hit(0, BUILD_TS);
    ck_assert_uint_eq(flow_table_serial(table), serial);
    enricher_stop(ask_enricher);
    ck_assert_int_eq(ask_find_flow(FIRST)->state, FLOW_PARTIAL);
    flow_table_changes(table, &serial, expect_first, &n);
    ck_assert_int_eq(n, 1);
    ck_assert_uint_eq(flow_table_serial(table), serial);
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_hits_tcase(void)
{
    TCase *tcase = tcase_create("flow-hits");

    tcase_add_checked_fixture(tcase, ask_setup, ask_teardown);
    tcase_add_test(tcase, test_found);
    tcase_add_test(tcase, test_no_detrace);
    tcase_add_test(tcase, test_gone);
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_put_later);
    tcase_add_test(tcase, test_turns);
    tcase_add_test(tcase, test_memory);
    tcase_add_test(tcase, test_show);
    tcase_add_test(tcase, test_show_put);
    tcase_add_test(tcase, test_changes);
    return tcase;
}
