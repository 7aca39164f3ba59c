/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/follow.c: what it knows of a trace is what the daemon
 * knows. */

#include <config.h>

#include "file/follow.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/json-writer.h"
#include "build-record.h"
#include "file/frame.h"
#include "flow/enricher.h"
#include "flow/flow-table.h"
#include "follow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "socket-util.h"
#include "store/history.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

TCase *follow_tcase(void);

static struct follow *follower;
static struct follow_item item;

/* Returns what follow_next() does when it is the turn of the others until it
 * is not EAGAIN, but no longer than 100 turns. */
static int
next(void)
{
    int error = EAGAIN;

    for (int i = 0; i < 100 && error == EAGAIN; i++) {
        follow_run();
        error = follow_next(follower, &item);
    }
    return error;
}

static void
expect(enum follow_kind kind, uint64_t seq)
{
    ck_assert_int_eq(next(), 0);
    ck_assert_int_eq(item.kind, kind);
    ck_assert_uint_eq(item.seq, seq);
}

/* Begins with a follower of a trace that has begun. */
static void
setup(void)
{
    follow_setup();
    ck_assert_int_eq(follow_open(follow_path, &follower), 0);
    expect(FOLLOW_BEGIN, 1);
    ck_assert_str_eq(item.text, "begin 1");
}

static void
teardown(void)
{
    follow_close(follower);
    follow_teardown();
}

/* Returns the record 'seq' as JSON and as text. */
static char *
show(const void *record, size_t size, uint64_t seq,
     const struct record_context *context)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    json_writer_init(&w, &ds);
    ck_assert_ptr_null(record_show_json(&w, record, size, seq, context));
    ds_put_char(&ds, '\n');
    ck_assert_ptr_null(record_show_text(&ds, record, size, false, context));
    return ds_steal_cstr(&ds);
}

/* Texts are too long for a message of Check. */
static void
expect_equal(const char *found, const char *expected)
{
    size_t i = 0;

    while (found[i] && found[i] == expected[i]) {
        i++;
    }
    ck_assert_msg(found[i] == expected[i], "%.200s\ninstead of\n%.200s",
                  found + i, expected + i);
}

/* The record of 'item' must be shown as the daemon shows it. */
static void
expect_same(const char *part)
{
    const struct record_context theirs = {
        .ports = follow_ports, .flows = follow_source.flows,
        .layout = follow_source.layout,
    };
    const struct record_context ours = follow_context(follower);
    size_t size;
    const void *record = history_get(follow_history, item.seq, &size);
    char *expected = show(record, size, item.seq, &theirs);
    char *found = show(item.record, item.size, item.seq, &ours);

    expect_equal(found, expected);
    ck_assert_msg(strstr(found, part), "no \"%s\"", part);
    free(expected);
    free(found);
}

START_TEST(test_names)
{
    follow_begin_with_passes(1 << 20);
    port_map_add(follow_ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, "dp7", 0);
    port_map_add(follow_ports, BUILD_DP_IFINDEX, 3, "eth7", 0);
    follow_add(1);
    follow_add_passes(1);
    expect(FOLLOW_END, 1);
    expect(FOLLOW_BEGIN, 1);
    ck_assert_str_eq(item.text, "begin 2");
    expect(FOLLOW_RECORD, 1);
    expect_same("eth7");
    expect(FOLLOW_RECORD, 2);
    ck_assert(record_is_pass(item.record));
    expect_same("dp7");
    ck_assert_mem_eq(follow_context(follower).layout, follow_source.layout,
                     sizeof *follow_source.layout);
    ck_assert_ptr_null(follow_context(follower).flows);

    /* A port has another name from some time on, for another trace, too. */
    port_map_remove(follow_ports, BUILD_DP_IFINDEX, 3, UINT64_MAX - 2);
    port_map_add(follow_ports, BUILD_DP_IFINDEX, 3, "eth8", UINT64_MAX - 1);
    follow_add(1);
    expect(FOLLOW_RECORD, 3);
    expect_same("eth7");
    follow_source.running = false;
    expect(FOLLOW_END, 4);
    ck_assert_str_eq(item.text, "end 2");
    follow_begin_trace(1 << 20);
    follow_add(1);
    expect(FOLLOW_BEGIN, 1);
    ck_assert_ptr_null(follow_context(follower).layout);
    expect(FOLLOW_RECORD, 1);
    expect_same("\"name\":null");
    ck_assert_int_eq(next(), EAGAIN);
}
END_TEST

static char *
begin_enriched_cb(const void *aux OVS_UNUSED)
{
    return xstrdup("{\"options\":{\"enrich\":true}}");
}

/* Adds the record of an upcall that has put the flow 'id'. */
static void
add_put(struct flow_table *flows, uint64_t id)
{
    struct upcall_record *rec;
    struct upcall u;
    struct build b;
    char *error;
    size_t size;

    ask_build_put(&b, id, "2", 0);
    rec = build_get(&b, &size);
    rec->ufid[0] = id;
    ck_assert(upcall_parse(rec, size, &u, &error));
    flow_table_add(flows, &u, 0);
    history_add(follow_history, rec, size);
    build_uninit(&b);
    free(rec);
}

/* Has the daemon know all that there can be to say of a flow. */
static void
tell_all(struct flow_table *flows, uint64_t id)
{
    struct dp_flow *f = flow_table_get(flows, id);

    flow_table_set_rules(flows, f, "  rule of it\n",
                         enrich_command_name(ENRICH_DETRACE));
    flow_table_set_match(flows, f, "in_port(3),wider");
    f->has_counters = true;
    f->counters = (struct flow_counters) { 17, 1700 };
    flow_table_done(flows, f, FLOW_COMPLETE, NULL);
}

START_TEST(test_flows)
{
    static const char *const parts[] = {
        NULL, "rule of it", "no answer", "modified", "why"
    };
    struct flow_table *flows = flow_table_create(1 << 20);
    struct dp_flow *f;

    follow_begin_trace(1 << 20);
    follow_source.flows = flows;
    follow_source.begin = begin_enriched_cb;
    for (int id = 1; id <= 4; id++) {
        add_put(flows, id);
    }
    expect(FOLLOW_END, 1);
    expect(FOLLOW_BEGIN, 1);
    expect(FOLLOW_RECORD, 1);
    expect_same("\"pending\"");
    expect(FOLLOW_RECORD, 2);
    expect(FOLLOW_RECORD, 3);

    tell_all(flows, 1);
    flow_table_done(flows, flow_table_get(flows, 2), FLOW_FAILED, "no answer");
    f = flow_table_get(flows, 3);
    flow_table_set_now(flows, f, "drop");
    flow_table_done(flows, f, FLOW_PARTIAL, "it was modified");
    flow_table_done(flows, flow_table_get(flows, 4), FLOW_PARTIAL, "why");
    expect(FOLLOW_RECORD, 4);
    ck_assert_int_eq(next(), EAGAIN);

    /* The same records once more. */
    follow_close(follower);
    ck_assert_int_eq(follow_open(follow_path, &follower), 0);
    ck_assert_int_eq(follow_request(follower, 0), 0);
    expect(FOLLOW_BEGIN, 1);
    for (int id = 1; id <= 4; id++) {
        expect(FOLLOW_RECORD, id);
    }
    ck_assert_int_eq(next(), EAGAIN);
    for (int id = 1; id <= 4; id++) {
        item.seq = id;
        item.record = history_get(follow_history, id, &item.size);
        expect_same(parts[id]);
    }
    flow_table_destroy(flows);
    follow_source.flows = NULL;
}
END_TEST

START_TEST(test_gap)
{
    follow_add(3);
    for (int i = 1; i <= 3; i++) {
        expect(FOLLOW_RECORD, i);
    }
    follow_add(100000);
    expect(FOLLOW_GAP, history_first(follow_history));
    ck_assert_uint_eq(item.n, item.seq - 4);
    expect(FOLLOW_RECORD, history_first(follow_history));
}
END_TEST

/* What comes before the answer to a request does not count. */
START_TEST(test_request)
{
    follow_add(3);
    follow_run();
    ck_assert_int_eq(follow_request(follower, 3), 0);
    expect(FOLLOW_BEGIN, 3);
    expect(FOLLOW_RECORD, 3);
    ck_assert_int_eq(next(), EAGAIN);
}
END_TEST

START_TEST(test_wait)
{
    long long int start;

    follow_add(2);
    expect(FOLLOW_RECORD, 1);
    follow_wait(follower);              /* There is more in the buffer. */
    poll_timer_wait(60000);
    start = time_msec();
    poll_block();
    expect(FOLLOW_RECORD, 2);
    ck_assert_int_eq(next(), EAGAIN);
    follow_add(1);
    follow_run();
    follow_wait(follower);              /* And now at the socket. */
    poll_timer_wait(60000);
    poll_block();
    ck_assert_int_lt(time_msec() - start, 30000);
    expect(FOLLOW_RECORD, 3);
}
END_TEST

START_TEST(test_end)
{
    followers_destroy(follow_followers);
    ck_assert_int_eq(follow_next(follower, &item), EOF);
    ck_assert_ptr_null(follow_error(follower));
    ck_assert_int_eq(followers_create(follow_path, &follow_followers), 0);
}
END_TEST

START_TEST(test_no_socket)
{
    struct follow *f;
    char *name = xasprintf("%s/missing", follow_dir);

    ck_assert_int_eq(follow_open(name, &f), ENOENT);
    ck_assert_ptr_null(f);
    follow_close(f);
    free(name);
}
END_TEST

/* The daemon says why, in a frame. */
START_TEST(test_refused)
{
    ck_assert_int_eq(follow_request(follower, 1000), 0);
    ck_assert_int_eq(next(), EPROTO);
    ck_assert_str_eq(follow_error(follower), "there is no record 1000 yet, "
                     "the last is 0: a new trace begins with 1");
}
END_TEST

/* Whoever listens there is no daemon of ours. */
START_TEST(test_garbage)
{
    char *name = xasprintf("%s/other", follow_dir);
    int listener = make_unix_socket(SOCK_STREAM, true, name, NULL);
    int fd;

    ck_assert_int_ge(listener, 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    follow_close(follower);
    ck_assert_int_eq(follow_open(name, &follower), 0);
    fd = accept(listener, NULL, NULL);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(send(fd, "{\"id\":0}", 8, 0), 8);
    ck_assert_int_eq(follow_next(follower, &item), EPROTO);
    ck_assert_str_eq(follow_error(follower),
                     "these are not records of ovs-upcall-traced");
    ck_assert_int_eq(follow_next(follower, &item), EPROTO);
    close(fd);
    close(listener);
    unlink(name);
    free(name);
}
END_TEST

/* Returns the tests of this file. */
TCase *
follow_tcase(void)
{
    TCase *tc = tcase_create("follow");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_flows);
    tcase_add_test(tc, test_gap);
    tcase_add_test(tc, test_request);
    tcase_add_test(tc, test_wait);
    tcase_add_test(tc, test_end);
    tcase_add_test(tc, test_no_socket);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_garbage);
    return tc;
}
