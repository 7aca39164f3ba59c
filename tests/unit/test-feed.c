/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/feed.c: what a follower gets of a trace. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file/frame.h"
#include "flow/flow-table.h"
#include "follow.h"
#include "record/record.h"
#include "store/history.h"
#include "store/port-map.h"
#include "util.h"

TCase *feed_tcase(void);

START_TEST(test_from_now_on)
{
    struct follow_client *c;

    follow_add(10);
    c = follow_start(0);
    follow_run();
    follow_take(c);
    ck_assert(c->has_hello);
    ck_assert_int_eq(c->n_begins, 1);
    ck_assert_int_eq(c->n_layouts, 0);
    ck_assert_uint_eq(c->begun, 11);
    ck_assert_str_eq(c->last_text, "begin 1");
    follow_add(1000);
    ck_assert_uint_eq(follow_get_stats(), 1);
    ck_assert_uint_eq(follow_stats[0].lag, 1000);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 1000);
    ck_assert_uint_eq(c->gap, 0);
    follow_get_stats();
    ck_assert_int_eq(follow_stats[0].pid, getpid());
    ck_assert_uint_eq(follow_stats[0].lag, 0);
    ck_assert_uint_eq(follow_stats[0].sent, 1000);
    ck_assert_uint_eq(follow_stats[0].lost, 0);
    ck_assert_uint_eq(follow_stats[0].bytes, c->bytes);

    follow_add(1);
    follow_source.running = false;
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 1001);
    ck_assert_int_eq(c->n_ends, 1);
    ck_assert_str_eq(c->last_text, "end 1");
    ck_assert_str_eq(c->error, "");
}
END_TEST

/* No trace has begun, and then one does; one that has ended is not told to
 * whoever comes later. */
START_TEST(test_no_trace)
{
    struct follow_client *c;

    history_destroy(follow_history);
    port_map_destroy(follow_ports);
    follow_history = NULL;
    c = follow_start(0);
    follow_run();
    follow_take(c);
    ck_assert(c->has_hello);
    ck_assert_uint_eq(c->bytes, sizeof(struct frame_hello));
    follow_begin_trace(1 << 20);
    follow_take_all(c);
    ck_assert_uint_eq(c->begun, 1);
    follow_add(5);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 5);

    follow_source.running = false;
    c = follow_start(1);
    follow_take_all(c);
    ck_assert_uint_eq(c->bytes, sizeof(struct frame_hello));
    follow_get_stats();
    ck_assert_uint_eq(follow_stats[1].lag, 0);
    follow_begin_trace(1 << 20);
    follow_add(3);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 3);
    ck_assert_str_eq(c->last_text, "begin 3");
    follow_take_all(&follow_clients[0]);
    ck_assert_uint_eq(follow_clients[0].n, 8);
    ck_assert_int_eq(follow_clients[0].n_ends, 1);
}
END_TEST

/* Nothing is told of a trace before all is known that its first line has, and
 * nothing is missed so. */
START_TEST(test_not_ready)
{
    struct follow_client *c;

    follow_begin_trace(1 << 20);
    follow_source.is_ready = false;
    c = follow_start(0);
    follow_add(5);
    follow_take_all(c);
    ck_assert_uint_eq(c->bytes, sizeof(struct frame_hello));
    follow_source.is_ready = true;
    follow_take_all(c);
    ck_assert_uint_eq(c->begun, 1);
    ck_assert_uint_eq(c->n, 5);
    ck_assert_uint_eq(c->gap, 0);
}
END_TEST

/* Records that were forgotten before it asked. */
START_TEST(test_request_forgotten)
{
    struct follow_client *c;
    uint64_t first;

    follow_add(10000);
    first = history_first(follow_history);
    ck_assert_uint_gt(first, 1000);
    c = follow_start(0);
    follow_say(c, 1);
    follow_take_all(c);
    ck_assert_uint_eq(c->begun, 1);
    ck_assert_uint_eq(c->gap, first - 1);
    ck_assert_uint_eq(c->n, 10000 - c->gap);

    c = follow_start(1);
    follow_say(c, 0);
    follow_take_all(c);
    ck_assert_uint_eq(c->begun, first);
    ck_assert_uint_eq(c->gap, 0);
}
END_TEST

/* A follower that stops reading, and then goes on. */
START_TEST(test_slow)
{
    struct follow_client *slow = follow_start(0);
    struct follow_client *good = follow_start(1);
    const uint64_t total = 50000;
    size_t sent;

    for (uint64_t i = 0; i < total / 100; i++) {
        follow_add(100);
        follow_take_all(good);
    }
    ck_assert_uint_eq(good->n, total);
    ck_assert_uint_eq(good->gap, 0);
    follow_get_stats();
    sent = follow_stats[0].sent;
    ck_assert_uint_lt(sent, 2000);
    ck_assert_uint_gt(follow_stats[0].lost, total / 2);
    ck_assert_uint_eq(sent + follow_stats[0].lost + follow_stats[0].lag,
                      total);
    ck_assert_uint_eq(follow_stats[1].lost, 0);

    follow_take_all(slow);
    ck_assert_uint_eq(slow->n + slow->gap, total);
    ck_assert_uint_ge(slow->gap, total / 2);
    follow_get_stats();
    ck_assert_uint_eq(follow_stats[0].lost, slow->gap);
    ck_assert_uint_eq(follow_stats[0].sent, slow->n);
    ck_assert_uint_eq(follow_stats[0].lag, 0);
    ck_assert_uint_eq(follow_noted_gap, slow->gap);
}
END_TEST

/* Reads a little now and then: many gaps. */
START_TEST(test_slower)
{
    struct follow_client *c = follow_start(0);
    const uint64_t total = 100000;

    for (uint64_t i = 0; i < total / 1000; i++) {
        follow_add(1000);
        follow_run();
        follow_take_some(c, 10000 + i * 1000);
    }
    follow_take_all(c);
    ck_assert_uint_eq(c->n + c->gap, total);
    ck_assert_uint_gt(c->gap, 1000);
    ck_assert_uint_gt(c->n, 3000);
}
END_TEST

/* Records that the history could not keep, or was told to forget. */
START_TEST(test_holes)
{
    struct follow_client *c = follow_start(0);
    void *large = xzalloc(1 << 20);

    follow_add(3);
    history_add(follow_history, large, 1 << 20);
    history_add(follow_history, large, 1 << 20);
    follow_add(1);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 4);
    ck_assert_uint_eq(c->gap, 2);
    history_add(follow_history, large, 1 << 20);
    follow_take_all(c);
    ck_assert_uint_eq(c->gap, 3);
    follow_add(7);
    history_clear(follow_history);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 4);
    ck_assert_uint_eq(c->gap, 10);
    free(large);
}
END_TEST

START_TEST(test_ports)
{
    struct follow_client *c;

    port_map_add(follow_ports, 5, 1, "a", 0);
    port_map_add(follow_ports, 5, 1, "b", 10);
    c = follow_start(0);
    follow_take_all(c);
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 9), "a");
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 10), "b");
    port_map_remove(follow_ports, 5, 1, 20);
    port_map_add(follow_ports, 5, 2, "c", 20);
    follow_take_all(c);
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 19), "b");
    ck_assert_ptr_null(port_map_lookup(c->ports, 5, 1, 20));
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 2, 20), "c");
}
END_TEST

/* Adds a record, and the flow that its upcall has put. */
static void
add_with_flow(struct flow_table *flows)
{
    struct upcall_record *rec = follow_record;
    struct upcall u;
    char *error;

    follow_add(1);
    memcpy(rec->ufid, &rec->id, sizeof rec->id);
    ck_assert(upcall_parse(follow_record, follow_record_size, &u, &error));
    flow_table_add(flows, &u, 0);
    memset(rec->ufid, 0, sizeof rec->ufid);
}

/* Passes come with upcalls, in the order of their numbers. */
START_TEST(test_passes)
{
    struct follow_client *c;

    follow_begin_with_passes(1 << 20);
    c = follow_start(0);
    for (int i = 0; i < 100; i++) {
        follow_add(i % 3);
        follow_add_passes(i % 5);
    }
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 299);
    ck_assert_uint_eq(c->n_passes, 200);
    ck_assert_uint_eq(c->gap, 0);
    ck_assert_int_eq(c->n_layouts, 1);
}
END_TEST

/* A flood of passes is lost to who reads too late, but upcalls are not, and
 * each gap is told where it is. */
START_TEST(test_flood_of_passes)
{
    const uint64_t total = 20 * 3001;
    struct follow_client *late;

    follow_begin_with_passes(1 << 20);
    for (int i = 0; i < 20; i++) {
        follow_add(1);
        follow_add_passes(3000);
    }
    late = follow_start(0);
    follow_say(late, 1);
    follow_get_stats();
    ck_assert_uint_eq(follow_stats[0].sent + follow_stats[0].lag
                      + follow_stats[0].lost, total);
    follow_take_all(late);
    ck_assert_uint_eq(late->n - late->n_passes, 20);
    ck_assert_uint_gt(late->n_passes, 1000);
    ck_assert_uint_lt(late->n_passes, 3000);
    ck_assert_uint_eq(late->n + late->gap, total);
    ck_assert_uint_eq(follow_noted_gap, late->gap);
    follow_get_stats();
    ck_assert_uint_eq(follow_stats[0].sent, late->n);
    ck_assert_uint_eq(follow_stats[0].lost, late->gap);
    ck_assert_uint_eq(follow_stats[0].lag, 0);
}
END_TEST

/* What is known of flows comes once it is. */
START_TEST(test_flows)
{
    struct flow_table *flows = flow_table_create(4 << 20);
    struct follow_client *c;

    memset(((struct upcall_record *) follow_record)->ufid, 0, 16);
    follow_source.flows = flows;
    c = follow_start(0);
    for (int i = 1; i <= 1000; i++) {
        add_with_flow(flows);
    }
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 1000);
    ck_assert_int_eq(c->n_flows, 0);
    for (int i = 1; i <= 1000; i += 2) {
        struct dp_flow *f = flow_table_get(flows, i);

        flow_table_set_rules(flows, f, "  rules\n", "source");
        f->has_counters = true;
        f->counters.packets = 7;
        flow_table_done(flows, f, FLOW_COMPLETE, NULL);
    }
    follow_take_all(c);
    ck_assert_int_eq(c->n_flows, 500);

    c = follow_start(1);        /* Has no use for them. */
    follow_take_all(c);
    ck_assert_int_eq(c->n_flows, 0);
    c = follow_start(2);
    follow_say(c, 900);
    follow_take_all(c);
    ck_assert_int_eq(c->n_flows, 500);
    ck_assert_uint_eq(c->n, 101);
    flow_table_destroy(flows);
}
END_TEST

/* More ports than there is room for at once. */
START_TEST(test_many_ports)
{
    struct follow_client *c;
    char name[16];

    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "port%d", i);
        port_map_add(follow_ports, 5, i, name, 0);
    }
    c = follow_start(0);
    follow_add(10);
    follow_take_all(c);
    ck_assert_uint_eq(c->n, 10);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "port%d", i);
        ck_assert_str_eq(port_map_lookup(c->ports, 5, i, 1), name);
    }
}
END_TEST

/* Traces end and begin while a follower does not read. */
START_TEST(test_traces)
{
    struct follow_client *slow = follow_start(0);
    struct follow_client *good = follow_start(1);

    for (int i = 1; i <= 4; i++) {
        follow_add(i * 10000);
        follow_take_all(good);
        follow_source.running = false;
        follow_take_all(good);
        ck_assert_uint_eq(good->n + good->gap, i * (i + 1) / 2 * 10000);
        ck_assert_int_eq(good->n_ends, i);
        follow_begin_trace(1 << 20);
    }
    follow_get_stats();
    ck_assert_uint_eq(follow_stats[0].sent + follow_stats[0].lost, 100000);
    follow_add(5);
    follow_take_all(slow);
    ck_assert_int_eq(slow->n_begins, 2);        /* The first and the last. */
    ck_assert_int_eq(slow->n_ends, 1);
    ck_assert_uint_eq(slow->n + slow->gap, 100005);
    ck_assert_uint_eq(slow->next, 6);
    ck_assert_str_eq(slow->last_text, "begin 5");

    /* One that waits does not get another in between either. */
    follow_source.running = false;
    follow_take_all(slow);
    ck_assert_int_eq(slow->n_ends, 2);
    ck_assert_str_eq(slow->last_text, "end 5");
}
END_TEST

/* Returns the tests of this file. */
TCase *
feed_tcase(void)
{
    TCase *tc = tcase_create("feed");

    tcase_add_checked_fixture(tc, follow_setup, follow_teardown);
    tcase_add_test(tc, test_from_now_on);
    tcase_add_test(tc, test_no_trace);
    tcase_add_test(tc, test_not_ready);
    tcase_add_test(tc, test_request_forgotten);
    tcase_add_test(tc, test_slow);
    tcase_add_test(tc, test_slower);
    tcase_add_test(tc, test_holes);
    tcase_add_test(tc, test_passes);
    tcase_add_test(tc, test_flood_of_passes);
    tcase_add_test(tc, test_ports);
    tcase_add_test(tc, test_flows);
    tcase_add_test(tc, test_many_ports);
    tcase_add_test(tc, test_traces);
    return tc;
}
