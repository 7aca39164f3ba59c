/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/flow-table.c. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json-writer.h"
#include "build-record.h"
#include "check-output.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

TCase *flow_table_tcase(void);

static struct flow_table *table;

static void
setup(void)
{
    table = flow_table_create(1024 * 1024);
}

static void
teardown(void)
{
    flow_table_destroy(table);
}

/* Adds the flow 'ufid' by upcall 'id', which was put at 'put_ts' and may be
 * asked about in 'delay' ms; the kernel has returned 'ret'. */
static void
add_at(uint64_t id, uint32_t ufid, int delay, int ret, uint64_t put_ts)
{
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    b.rec.id = id;
    b.rec.ret_word = UPCALL_RET_TAG(id);
    b.rec.put_ret = ret;
    b.rec.put_ts = put_ts;
    memcpy(b.rec.ufid, &ufid, sizeof ufid);
    data = build_parse(&b, &u);
    flow_table_add(table, &u, delay);
    free(data);
}

/* The same for a put after those before. */
static void
add(uint64_t id, uint32_t ufid, int delay, int ret)
{
    add_at(id, ufid, delay, ret, BUILD_TS + id);
}

/* Fails unless the next flow to be asked about is that of upcall 'id', 0 for
 * none.  Returns it. */
static struct dp_flow *
pop(uint64_t id)
{
    struct dp_flow *f = flow_table_pop(table);

    ck_assert_uint_eq(f ? f->id : 0, id);
    return f;
}

static struct flow_table_stats
get_stats(void)
{
    struct flow_table_stats stats;

    flow_table_get_stats(table, &stats);
    return stats;
}

START_TEST(test_add)
{
    const struct dp_flow *f;

    add(1, 1, 0, 0);
    add(2, 2, 0, -EEXIST);
    ck_assert_uint_eq(get_stats().n_flows, 1);
    f = flow_table_find(table, 1);
    ck_assert_int_eq(f->state, FLOW_PENDING);
    ck_assert_uint_eq(f->dp_ifindex, BUILD_DP_IFINDEX);
    ck_assert_ptr_nonnull(f->key.data);
    ck_assert_ptr_nonnull(f->mask.data);
    ck_assert_uint_eq(f->actions.len, 8);
    ck_assert_ptr_null(flow_table_find(table, 2));
    ck_assert_ptr_eq(flow_table_first(table), f);
    ck_assert_ptr_null(flow_table_next(table, f));
    add(1, 1, 0, 0);                    /* The same record once more. */
    ck_assert_uint_eq(get_stats().n_flows, 1);
}
END_TEST

/* A drop of everything has neither mask nor actions, and what is said of it
 * ends with the record: nothing behind that is read.  Needs a sanitizer to
 * fail. */
START_TEST(test_add_drop)
{
    const struct dp_flow *f;
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    build_put(&b, "", "", 0);
    data = build_parse(&b, &u);
    flow_table_add(table, &u, 0);
    f = flow_table_find(table, u.rec->id);
    free(data);
    ck_assert_ptr_nonnull(f->mask.data);
    ck_assert_uint_eq(f->mask.len, 0);
    ck_assert_ptr_nonnull(f->actions.data);
    ck_assert_uint_eq(f->actions.len, 0);
}
END_TEST

/* Flows that are installed often come first, then new ones; tries in vain
 * count against them. */
START_TEST(test_need)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    usleep(3000);
    add(2, 2, 0, 0);
    add(3, 3, 0, 0);
    usleep(3000);
    add(4, 4, 0, 0);
    usleep(3000);
    add(5, 2, 0, 0);                    /* For the second time. */
    ck_assert_uint_eq(get_stats().n_queued, 4);
    f = pop(5);
    ck_assert_uint_eq(f->n_installed, 2);
    f->n_no_cache = 2;
    ck_assert(flow_table_requeue(table, f, 0));
    pop(4);
    pop(3);
    pop(1);
    pop(5);
    pop(0);
}
END_TEST

START_TEST(test_wait)
{
    ck_assert_int_eq(flow_table_next_try(table), LLONG_MAX);
    add(1, 1, 60000, 0);
    pop(0);
    ck_assert_int_gt(flow_table_next_try(table), time_msec());
    ck_assert_int_le(flow_table_next_try(table), time_msec() + 60000);
    add(2, 2, 0, 0);
    ck_assert_int_eq(flow_table_next_try(table), 0);
    pop(2);
    add(3, 3, 10, 0);
    usleep(20 * 1000);
    pop(3);
    pop(0);
}
END_TEST

/* What was true for an earlier installation stays. */
START_TEST(test_install_anew)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    f = pop(1);
    flow_table_set_rules(table, f, "br0\n  cookie=1\n", "test");
    flow_table_done(table, f, FLOW_COMPLETE, NULL);
    add(2, 1, 0, 0);
    add(3, 1, 0, 0);
    f = flow_table_get(table, 1);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ck_assert_str_eq(f->rules, "br0\n  cookie=1\n");
    ck_assert(!flow_table_requeue(table, f, 0));
    f = flow_table_get(table, 2);
    ck_assert_int_eq(f->state, FLOW_FAILED);
    ck_assert_ptr_nonnull(f->error);
    f = pop(3);
    ck_assert_uint_eq(f->n_installed, 3);
    ck_assert_ptr_null(f->rules);
    pop(0);
}
END_TEST

/* A flow that the kernel has refused is asked about again after a failure,
 * although it is never the last installation of its flow. */
START_TEST(test_refused_again)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    add(2, 1, 0, -ENOSPC);
    pop(1);
    f = pop(2);
    ck_assert_int_eq(f->refused, ENOSPC);
    ck_assert(flow_table_requeue(table, f, 0));
    pop(2);
    pop(0);
}
END_TEST

/* The memory has a limit; the oldest are forgotten. */
START_TEST(test_memory)
{
    struct flow_table_stats stats;
    char rules[10000];
    struct dp_flow *f;

    memset(rules, 'x', sizeof rules - 1);
    rules[sizeof rules - 1] = '\0';
    for (int i = 1; i <= 5000; i++) {
        add(i, i, 0, 0);
        f = flow_table_get(table, i);
        flow_table_set_rules(table, f, rules, "test");
        flow_table_done(table, f, FLOW_COMPLETE, NULL);
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
    }
    ck_assert_uint_gt(stats.n_flows, 50);
    ck_assert_uint_lt(stats.n_flows, 110);
    ck_assert_uint_eq(stats.n_dropped, 0);
    ck_assert_ptr_null(flow_table_find(table, 1));
    ck_assert_ptr_nonnull(flow_table_find(table, 5000));

    for (int i = 5001; i <= 20000; i++) {
        add(i, i, 0, 0);
    }
    stats = get_stats();
    ck_assert_uint_le(stats.bytes, stats.limit);
    ck_assert_uint_gt(stats.n_dropped, 0);
    flow_table_clear(table);
    stats = get_stats();
    ck_assert_uint_eq(stats.bytes, 0);
    ck_assert_uint_eq(stats.n_flows, 0);
    ck_assert_uint_eq(stats.n_queued, 0);
    pop(0);
}
END_TEST

/* Answers about a flow do not count if it was installed anew meanwhile. */
START_TEST(test_settle)
{
    ck_assert_int_eq(flow_table_next_settled(table), LLONG_MAX);
    add(1, 1, 0, 0);
    add(2, 2, 0, 0);
    flow_table_settle(table, flow_table_pop(table), 60000);
    flow_table_settle(table, flow_table_pop(table), 60000);
    ck_assert_uint_eq(get_stats().n_queued, 0);
    ck_assert_int_gt(flow_table_next_settled(table), time_msec());
    ck_assert_int_le(flow_table_next_settled(table), time_msec() + 60000);
    ck_assert_ptr_null(flow_table_pop_settled(table, false));
    add(3, 1, 0, 0);
    ck_assert_int_eq(flow_table_find(table, 1)->state, FLOW_FAILED);
    ck_assert_ptr_null(flow_table_pop_settled(table, false));
    ck_assert_uint_eq(flow_table_pop_settled(table, true)->id, 2);
    ck_assert_ptr_null(flow_table_pop_settled(table, true));
    flow_table_settle(table, flow_table_get(table, 3), 10);
    usleep(20 * 1000);
    ck_assert_uint_eq(flow_table_pop_settled(table, false)->id, 3);
    flow_table_settle(table, flow_table_get(table, 3), 60000);
    flow_table_clear(table);
    ck_assert_ptr_null(flow_table_pop_settled(table, true));
}
END_TEST

/* Records come in another order than the puts: the last put counts. */
START_TEST(test_order)
{
    add_at(1, 1, 0, 0, 1000);
    add_at(2, 1, 0, 0, 900);
    ck_assert_int_eq(flow_table_find(table, 2)->state, FLOW_FAILED);
    ck_assert_int_eq(flow_table_find(table, 1)->state, FLOW_PENDING);
    ck_assert_uint_eq(flow_table_find(table, 1)->n_installed, 2);
    ck_assert_uint_eq(flow_table_find(table, 2)->n_installed, 1);
    add_at(3, 1, 0, 0, 1100);
    add_at(4, 1, 0, 0, 1050);
    ck_assert_uint_eq(get_stats().n_queued, 1);
    pop(3);
    pop(0);
    ck_assert(!flow_table_requeue(table, flow_table_get(table, 4), 0));
    ck_assert_uint_eq(flow_table_find(table, 3)->n_installed, 4);
    flow_table_clear(table);
    ck_assert_uint_eq(get_stats().bytes, 0);
}
END_TEST

/* Fails unless nothing that was answered about flow 'id' is left. */
static void
check_forgotten(uint64_t id, enum flow_state state)
{
    const struct dp_flow *f = flow_table_find(table, id);

    ck_assert_int_eq(f->state, state);
    ck_assert_ptr_nonnull(f->error);
    ck_assert_ptr_null(f->rules);
    ck_assert_ptr_null(f->source);
    ck_assert_ptr_null(f->now);
    ck_assert(!f->modified);
    ck_assert(!f->has_counters);
}

/* Stores answers about the next flow, which must be that of upcall 'id'. */
static struct dp_flow *
answer(uint64_t id)
{
    struct dp_flow *f = pop(id);

    flow_table_set_rules(table, f, "br0\n  cookie=1\n", "test");
    flow_table_set_now(table, f, "drop");
    f->has_counters = true;
    return f;
}

/* Answers that were never confirmed do not count. */
START_TEST(test_unconfirmed)
{
    struct dp_flow *f;
    size_t bytes;

    add(1, 1, 0, 0);
    bytes = get_stats().bytes;
    flow_table_done(table, answer(1), FLOW_FAILED, "x");
    check_forgotten(1, FLOW_FAILED);
    ck_assert_uint_eq(get_stats().bytes, bytes + 2);
    add(2, 2, 0, 0);
    flow_table_settle(table, answer(2), 1000);
    add(3, 2, 0, 0);
    check_forgotten(2, FLOW_FAILED);
    f = answer(3);
    ck_assert(flow_table_requeue(table, f, 0));
    flow_table_stop(table);
    check_forgotten(3, FLOW_PARTIAL);
}
END_TEST

/* The limit of the memory is kept at each step. */
START_TEST(test_memory_settling)
{
    struct flow_table_stats stats;
    char rules[FLOW_RULES_MAX];
    struct dp_flow *f;

    memset(rules, 'x', sizeof rules - 1);
    rules[sizeof rules - 1] = '\0';
    for (int i = 1; i <= 100; i++) {
        add(i, i, 0, 0);
        f = pop(i);
        flow_table_set_rules(table, f, rules, "test");
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
        flow_table_set_now(table, flow_table_get(table, i), rules);
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
        flow_table_settle(table, flow_table_get(table, i), 1000);
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
    }
    ck_assert_uint_gt(stats.n_flows, 5);
    ck_assert_uint_eq(stats.n_dropped, 0);
    while ((f = flow_table_pop_settled(table, true)) != NULL) {
        flow_table_done(table, f, FLOW_PARTIAL, rules);
        stats = get_stats();
        ck_assert_uint_le(stats.bytes, stats.limit);
    }
}
END_TEST

/* A flow that is too big for the table itself is forgotten. */
START_TEST(test_memory_one)
{
    char rules[FLOW_RULES_MAX];

    flow_table_destroy(table);
    table = flow_table_create(10000);
    memset(rules, 'x', sizeof rules - 1);
    rules[sizeof rules - 1] = '\0';
    add(1, 1, 0, 0);
    flow_table_set_rules(table, pop(1), rules, "test");
    ck_assert_ptr_null(flow_table_find(table, 1));
    ck_assert_uint_eq(get_stats().bytes, 0);
}
END_TEST

START_TEST(test_stop)
{
    struct dp_flow *f;

    add(1, 1, 0, 0);
    add(2, 2, 10000, 0);
    f = pop(1);
    flow_table_done(table, f, FLOW_FAILED, "why");
    flow_table_stop(table);
    ck_assert_str_eq(flow_table_find(table, 1)->error, "why");
    ck_assert_int_eq(flow_table_find(table, 2)->state, FLOW_PARTIAL);
    ck_assert_int_eq(flow_table_next_try(table), LLONG_MAX);
}
END_TEST

/* Which bridge a rule is of. */
START_TEST(test_bridges)
{
    struct port_map *ports = port_map_create(4);
    struct ds text = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    struct dp_flow *f;

    add(1, 1, 0, 0);
    f = pop(1);
    flow_table_set_rules(table, f, "br0\n  a\n" FLOW_BRIDGE_UNKNOWN
                         "\n  b\nbr1\n  c\n \n  d\n", "test");
    json_writer_init(&w, &text);
    flow_show_write(&w, f, ports, false);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&text), "\"bridges\":"
                                 "[\"br0\",null,\"br1\",\" \"]"));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&text), "\"openflow\":"
                                 "[\"a\",\"b\",\"c\",\"d\"]"));
    json_destroy(parse_json(&text));
    port_map_destroy(ports);
}
END_TEST

/* Fails unless flow 'id' is shown with 'text', and in JSON with 'json'. */
static void
check_shown(uint64_t id, const char *text, const char *json)
{
    struct port_map *ports = port_map_create(4);
    const struct dp_flow *f = flow_table_find(table, id);
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    flow_show(f, ports, false, &ds);
    ck_assert_msg(strstr(ds_cstr(&ds), text) != NULL, "%s", ds_cstr(&ds));
    ds_clear(&ds);
    json_writer_init(&w, &ds);
    flow_show_write(&w, f, ports, false);
    ck_assert_msg(strstr(ds_cstr(&ds), json) != NULL, "%s", ds_cstr(&ds));
    ds_destroy(&ds);
    port_map_destroy(ports);
}

/* What the kernel has made of a put: refused it, or something else. */
START_TEST(test_show_difference)
{
    add(1, 1, 0, -ENOSPC);
    check_shown(1, ", refused: ENOSPC (No space left on device)\n",
                "\"refused\":\"ENOSPC (No space left on device)\"");
    ck_assert_uint_eq(get_stats().n_flows, 1);
    add(2, 2, 0, 0);
    check_shown(2, "actions:2\n  pending\n", "\"installed_as\":null,");
    check_shown(2, "actions:2\n", "\"refused\":null,");
    flow_table_set_match(table, pop(2), "in_port(3),eth()");
    check_shown(2, "actions:2\n  installed as: in_port(3),eth()\n",
                "\"installed_as\":\"in_port(3),eth()\",");
}
END_TEST

START_TEST(test_names)
{
    ck_assert_str_eq(flow_state_name(FLOW_COMPLETE), "complete");
    ck_assert_str_eq(flow_state_name(FLOW_FAILED), "failed");
    ck_assert_ptr_null(flow_state_name(FLOW_N_STATES));
    ck_assert_ptr_null(flow_state_name(-1));
}
END_TEST

/* Appends the number of the upcall of 'f' to 'ds_', for 3 flows at once. */
static bool
changed_cb(const struct dp_flow *f, void *ds_)
{
    struct ds *ds = ds_;

    ds_put_format(ds, "%"PRIu64" ", f->id);
    return ds->length < 6;
}

/* Fails unless 'expected' have changed since '*serial', and updates that. */
static void
expect_changes(uint64_t *serial, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    flow_table_changes(table, serial, changed_cb, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

START_TEST(test_changes)
{
    uint64_t early = 0, late = 0;

    for (int i = 1; i <= 5; i++) {
        add(i, i, 0, 0);
    }
    expect_changes(&early, "");                 /* All are pending. */
    flow_table_done(table, flow_table_get(table, 3), FLOW_COMPLETE, NULL);
    flow_table_done(table, flow_table_get(table, 1), FLOW_FAILED, "x");
    expect_changes(&early, "3 1 ");
    expect_changes(&early, "");
    ck_assert_uint_eq(early, flow_table_serial(table));
    add(6, 2, 0, 0);                            /* Instead of 2. */
    flow_table_done(table, flow_table_get(table, 3), FLOW_PARTIAL, NULL);
    expect_changes(&early, "2 3 ");
    flow_table_stop(table);
    expect_changes(&late, "1 2 3 ");            /* As many as it takes. */
    expect_changes(&late, "4 5 6 ");
    expect_changes(&early, "4 5 6 ");
    flow_table_clear(table);
    late = 0;
    expect_changes(&late, "");
}
END_TEST

/* Returns the tests of this file. */
TCase *
flow_table_tcase(void)
{
    TCase *tc = tcase_create("flow-table");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_add);
    tcase_add_test(tc, test_add_drop);
    tcase_add_test(tc, test_need);
    tcase_add_test(tc, test_wait);
    tcase_add_test(tc, test_install_anew);
    tcase_add_test(tc, test_refused_again);
    tcase_add_test(tc, test_memory);
    tcase_add_test(tc, test_settle);
    tcase_add_test(tc, test_order);
    tcase_add_test(tc, test_unconfirmed);
    tcase_add_test(tc, test_memory_settling);
    tcase_add_test(tc, test_memory_one);
    tcase_add_test(tc, test_stop);
    tcase_add_test(tc, test_bridges);
    tcase_add_test(tc, test_show_difference);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_changes);
    return tc;
}
