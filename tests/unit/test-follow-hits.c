/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/follow.c and feed.c: who follows knows of the flows that
 * passes hit what the daemon knows. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask-flows.h"
#include "base/clock.h"
#include "base/json-writer.h"
#include "build-pass.h"
#include "build-record.h"
#include "file/follow.h"
#include "flow/flow-table.h"
#include "follow.h"
#include "kernel-bytes.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "store/history.h"
#include "util.h"

TCase *follow_hits_tcase(void);

/* What the flow of build_pass_hit() is told to be. */
#define MATCH ASK_MATCH
#define ACTIONS "2"
#define RULES "br0\n  " ASK_RULE "\n"

static struct flow_table *flows;        /* The daemon's. */
static struct follow *follower;
static struct follow_item item;

static char *
begin_cb(const void *aux OVS_UNUSED)
{
    return xstrdup("{\"options\":{\"enrich\":true}}");
}

static void
expect(enum follow_kind kind)
{
    int error = EAGAIN;

    for (int i = 0; i < 100 && error == EAGAIN; i++) {
        follow_run();
        error = follow_next(follower, &item);
    }
    ck_assert_int_eq(error, 0);
    ck_assert_int_eq(item.kind, kind);
}

/* Nothing more must come, but what is told of flows. */
static void
expect_nothing(void)
{
    for (int i = 0; i < 10; i++) {
        follow_run();
        ck_assert_int_eq(follow_next(follower, &item), EAGAIN);
    }
}

static void
start_follower(void)
{
    follow_close(follower);
    ck_assert_int_eq(follow_open(follow_path, &follower), 0);
    expect(FOLLOW_BEGIN);
}

/* Begins with a trace that has passes, and asks about flows. */
static void
setup(void)
{
    follow_setup();
    follow_begin_with_passes(1 << 20);
    flows = flow_table_create(1 << 20);
    follow_source.flows = flows;
    follow_source.layout = &kernel_layout_6_12;
    follow_source.begin = begin_cb;
    start_follower();
}

static void
teardown(void)
{
    follow_close(follower);
    follower = NULL;
    follow_teardown();
    flow_table_destroy(flows);
}

/* The daemon records an upcall that puts the flow 'ufid' at 'ts'. */
static void
put(uint64_t id, uint8_t ufid, uint64_t ts)
{
    struct upcall_record *rec;
    struct upcall u;
    struct build b;
    char *error;
    size_t size;

    ask_build_put(&b, id, ACTIONS, 0);
    rec = build_get(&b, &size);
    rec->ufid[0] ^= ufid;
    rec->put_ts = ts;
    ck_assert(upcall_parse(rec, size, &u, &error));
    flow_table_add(flows, &u, 0);
    history_add(follow_history, rec, size);
    build_uninit(&b);
    free(rec);
}

/* The daemon records a pass that hits the flow 'ufid' at 'ts'. */
static void
hit(uint8_t ufid, uint64_t ts)
{
    struct build_pass b;
    size_t size;
    void *rec;

    build_pass_hit(&b);
    b.rec.head = PASS_RECORD | history_next(follow_history);
    b.rec.ufid[0] ^= ufid;
    b.rec.ts = ts;
    rec = build_pass_get(&b, &size);
    history_add(follow_history, rec, size);
    ask_add_hit(flows, &b, follow_source.layout);
    free(rec);
}

/* Returns the flow that was added last to the daemon's table. */
static struct dp_flow *
newest(void)
{
    const struct dp_flow *f = flow_table_first(flows);

    while (flow_table_next(flows, f)) {
        f = flow_table_next(flows, f);
    }
    return flow_table_get(flows, f->id);
}

/* ovs-vswitchd has told the daemon about the newest flow. */
static void
tell(void)
{
    struct dp_flow *f = newest();

    if (f->found) {
        flow_table_set_told(flows, f, MATCH, ACTIONS);
    }
    flow_table_set_rules(flows, f, RULES,
                         enrich_command_name(ENRICH_DETRACE));
    flow_table_done(flows, f, FLOW_COMPLETE, NULL);
}

static char *
show(const void *record, size_t size, const struct record_context *context)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    json_writer_init(&w, &ds);
    ck_assert_ptr_null(record_show_json(&w, record, size, 1, context));
    return ds_steal_cstr(&ds);
}

/* The pass 'seq' of the history must be shown as the daemon shows it, and have
 * a flow of 'state', told if it is not NULL. */
static void
expect_same(uint64_t seq, const char *state, const char *told)
{
    const struct record_context theirs = {
        .ports = follow_ports, .flows = flows, .layout = follow_source.layout,
    };
    const struct record_context ours = follow_context(follower);
    size_t size;
    const void *record = history_get(follow_history, seq, &size);
    char *expected = show(record, size, &theirs);
    char *found = show(record, size, &ours);
    char *part = xasprintf("\"state\":\"%s\"", state);

    ck_assert_msg(!strcmp(strstr(found, "\"flow\":{"),
                          strstr(expected, "\"flow\":{")),
                  "%.600s\ninstead of\n%.600s", strstr(found, "\"flow\":{"),
                  strstr(expected, "\"flow\":{"));
    ck_assert_msg(strstr(found, part), "no %s", part);
    ck_assert_msg(!told || strstr(found, told), "no \"%s\"", told);
    free(part);
    free(expected);
    free(found);
}

/* A flow that nobody has seen being put. */
START_TEST(test_found)
{
    hit(0, 1000);
    expect(FOLLOW_RECORD);
    expect_same(1, "pending", NULL);
    hit(0, 2000);
    tell();
    expect(FOLLOW_RECORD);
    expect_nothing();
    expect_same(1, "complete", MATCH ", actions:" ACTIONS);
    expect_same(2, "complete", "duration=14s");

    /* Another one that is gone, and then is there again. */
    hit(1, 3000);
    flow_table_done(flows, newest(), FLOW_FAILED, "it is gone");
    expect(FOLLOW_RECORD);
    expect_nothing();
    expect_same(3, "failed", "it is gone");
    hit(1, clock_ns() + 1);
    expect(FOLLOW_RECORD);
    expect_same(4, "pending", NULL);
    tell();
    expect_nothing();
    expect_same(4, "complete", MATCH);
    expect_same(3, "partial", NULL);    /* It was before that. */
}
END_TEST

/* The record of the upcall that has put it comes after those of its hits: it
 * was put before them, or after. */
START_TEST(test_found_and_put)
{
    hit(0, 2000);
    tell();
    put(77, 0, 1000);
    expect(FOLLOW_RECORD);
    expect(FOLLOW_RECORD);
    expect_nothing();
    expect_same(1, "pending", NULL);
    tell();
    expect_nothing();
    expect_same(1, "complete", "duration=14s");

    hit(1, 2000);
    tell();
    expect(FOLLOW_RECORD);
    expect_nothing();
    expect_same(3, "complete", MATCH);
    put(78, 1, 3000);
    expect(FOLLOW_RECORD);
    expect_nothing();
    expect_same(3, "partial", NULL);
    hit(1, 4000);
    expect(FOLLOW_RECORD);
    expect_same(5, "pending", NULL);
}
END_TEST

/* Who begins to follow later gets passes that hit what was put before. */
START_TEST(test_late)
{
    put(1, 0, 1000);
    tell();
    hit(1, 2000);
    tell();
    put(2, 2, 3000);                    /* Still pending. */
    start_follower();
    hit(0, 4000);
    hit(1, 4000);
    hit(2, 4000);
    for (int i = 0; i < 3; i++) {
        expect(FOLLOW_RECORD);
    }
    expect_nothing();
    expect_same(4, "complete", "actions:" ACTIONS);
    expect_same(5, "complete", MATCH);
    flow_table_done(flows, flow_table_get(flows, 2), FLOW_PARTIAL, "why");
    expect_nothing();
    expect_same(6, "partial", "why");
}
END_TEST

/* Who asks for some records gets flows in both ways, and knows each once. */
START_TEST(test_both)
{
    struct flow_table_stats stats;

    put(1, 0, 1000);
    tell();
    put(2, 1, 2000);
    tell();
    follow_close(follower);
    ck_assert_int_eq(follow_open(follow_path, &follower), 0);
    ck_assert_int_eq(follow_request(follower, 2), 0);
    expect(FOLLOW_BEGIN);
    expect(FOLLOW_RECORD);
    expect_nothing();
    {
        const struct record_context ours = follow_context(follower);

        flow_table_get_stats(ours.flows, &stats);
        ck_assert_uint_eq(stats.n_flows, 2);
        ck_assert(!flow_table_find(ours.flows, 2)->found);
    }
    hit(0, 3000);
    hit(1, 3000);
    expect(FOLLOW_RECORD);
    expect(FOLLOW_RECORD);
    expect_same(3, "complete", MATCH);
    expect_same(4, "complete", "actions:" ACTIONS);
}
END_TEST

/* Where records are missing, nothing is said of a flow before the daemon has
 * said it: it may have said it before. */
START_TEST(test_gap)
{
    void *large = xzalloc(1 << 20);

    history_add(follow_history, large, 1 << 20);
    hit(0, 1000);
    expect(FOLLOW_GAP);
    expect(FOLLOW_RECORD);
    item.record = NULL;
    {
        const struct record_context ours = follow_context(follower);

        ck_assert_ptr_null(flow_table_first(ours.flows));
    }
    tell();
    expect_nothing();
    expect_same(2, "complete", MATCH);
    free(large);
}
END_TEST

/* What is told of a flow is no longer than frames. */
START_TEST(test_long)
{
    char *long_text = xmalloc(2000000);

    memset(long_text, 'x', 2000000 - 1);
    long_text[2000000 - 1] = '\0';
    follow_source.flows = NULL;         /* Its table has to be larger. */
    flow_table_destroy(flows);
    flows = flow_table_create(64 << 20);
    follow_source.flows = flows;
    hit(0, 1000);
    flow_table_set_told(flows, newest(), long_text, ACTIONS);
    flow_table_done(flows, newest(), FLOW_PARTIAL, "why");
    expect(FOLLOW_RECORD);
    expect_nothing();
    {
        const struct record_context ours = follow_context(follower);
        const struct dp_flow *f = flow_table_first(ours.flows);

        ck_assert_ptr_null(f->told);
        ck_assert_str_eq(f->error, "why");
    }
    free(long_text);
}
END_TEST

/* Returns the tests of this file. */
TCase *
follow_hits_tcase(void)
{
    TCase *tc = tcase_create("follow-hits");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_found);
    tcase_add_test(tc, test_found_and_put);
    tcase_add_test(tc, test_late);
    tcase_add_test(tc, test_both);
    tcase_add_test(tc, test_gap);
    tcase_add_test(tc, test_long);
    return tc;
}
