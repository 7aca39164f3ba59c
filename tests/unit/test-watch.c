/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/watch*.c. */

#include <config.h>
#include "store/watch.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "build-pass.h"
#include "build-record.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "store/port-map.h"
#include "test-stats.h"
#include "util.h"

#define SECOND NS_PER_SECOND

static struct port_map *ports;
static struct watch *watch;
static struct watch_figures figures;
static struct thread_cpu cpu;   /* Of all threads. */
static bool has_cpu;

static bool
get_cpu(uint32_t tgid, uint32_t tid OVS_UNUSED,
        const char comm[UPCALL_COMM_LEN], struct thread_cpu *c, void *aux)
{
    ck_assert_uint_eq(tgid, 3215259);
    ck_assert_str_eq(comm, "handler9");
    ck_assert_ptr_eq(aux, &cpu);
    *c = cpu;
    return has_cpu;
}

static void
setup(void)
{
    ports = stats_ports_create("p2");
    watch = watch_create(get_cpu, &cpu);
    watch_figures_init(&figures);
    memset(&cpu, 0, sizeof cpu);
    has_cpu = false;
    watch_begin(watch, ports, 100 * SECOND);
}

static void
teardown(void)
{
    watch_figures_uninit(&figures);
    watch_destroy(watch);
    port_map_destroy(ports);
}

/* Adds the record of 'b' and keeps 'b'. */
static void
add(const struct build *b)
{
    void *rec = build_get(b, NULL);

    watch_add_upcall(watch, rec);
    free(rec);
}

static void
add_executed(void)
{
    struct build b;

    build_executed(&b);
    add(&b);
    build_uninit(&b);
}

static void
add_lost(void)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -EAGAIN);
    add(&b);
    build_uninit(&b);
}

/* Adds an upcall that 'tid' receives from 'portid', whose socket has had
 * 'drops' and has 'len' messages left. */
static void
add_received(uint32_t tid, uint32_t portid, uint32_t drops, uint32_t len)
{
    struct build b;

    build_executed(&b);
    b.rec.recv_tid = tid;
    b.rec.portid = portid;
    b.rec.queue_drops = drops;
    b.rec.queue_len = len;
    add(&b);
    build_uninit(&b);
}

/* Ends an interval, 's' seconds after the begin. */
static void
take(unsigned int s)
{
    watch_take(watch, (100 + s) * SECOND, &figures);
}

/* Returns the row of 'kind' whose name begins with 'name', NULL if there is
 * none. */
static const struct watch_row *
find_row(enum watch_table_kind kind, const char *name)
{
    const struct watch_table *t = &figures.tables[kind];

    for (size_t i = 0; i < t->n; i++) {
        if (!strncmp(t->rows[i].name, name, strlen(name))) {
            return &t->rows[i];
        }
    }
    return NULL;
}

static const struct watch_row *
get_row(enum watch_table_kind kind, const char *name)
{
    const struct watch_row *row = find_row(kind, name);

    if (!row) {
        ck_abort_msg("no row %s", name);
    }
    return row;
}

static void
check_count(struct watch_count c, uint64_t now, uint64_t all)
{
    ck_assert_uint_eq(c.now, now);
    ck_assert_uint_eq(c.all, all);
}

static void
check_row(enum watch_table_kind kind, const char *name, uint64_t now,
          uint64_t all)
{
    check_count(get_row(kind, name)->count, now, all);
}

START_TEST(test_intervals)
{
    const struct watch_row *row;

    add_executed();
    add_executed();
    add_lost();
    take(2);
    ck_assert_int_eq(figures.state, WATCH_RUNNING);
    ck_assert_uint_eq(figures.interval, 2 * SECOND);
    ck_assert_uint_eq(figures.since, 2 * SECOND);
    check_count(figures.upcalls, 3, 3);
    check_count(figures.lost, 1, 1);
    check_row(WATCH_PORT, "p2", 3, 3);
    check_count(get_row(WATCH_PORT, "p2")->lost, 1, 1);
    check_row(WATCH_CLASS, "miss", 3, 3);
    check_row(WATCH_OUTCOME, "executed", 2, 2);
    check_row(WATCH_OUTCOME, "lost", 1, 1);
    check_row(WATCH_LOSS, "lost: EAGAIN handler9, socket 3644007146", 1, 1);
    ck_assert_ptr_null(find_row(WATCH_CLASS, "action"));
    row = get_row(WATCH_STAGE, "total");
    check_count(row->count, 2, 2);
    ck_assert_uint_eq(row->times.n, 2);
    ck_assert_uint_eq(row->times.max, 311100);
    ck_assert_uint_eq(row->times_all.max, 311100);
    /* Translation was not seen. */
    ck_assert_ptr_null(find_row(WATCH_STAGE, "translate"));

    /* Another interval has what came then. */
    add_executed();
    take(5);
    ck_assert_uint_eq(figures.interval, 3 * SECOND);
    ck_assert_uint_eq(figures.since, 5 * SECOND);
    check_count(figures.upcalls, 1, 4);
    check_count(figures.lost, 0, 1);
    check_row(WATCH_PORT, "p2", 1, 4);
    check_row(WATCH_OUTCOME, "lost", 0, 1);
    check_row(WATCH_LOSS, "lost: ", 0, 1);
    check_row(WATCH_STAGE, "queue", 1, 3);

    /* Or nothing, of which no times are known. */
    take(6);
    check_row(WATCH_PORT, "p2", 0, 4);
    ck_assert_uint_eq(get_row(WATCH_PORT, "p2")->times.n, 0);
    ck_assert_uint_eq(get_row(WATCH_STAGE, "total")->times.p99, 0);

    /* What was skipped is in no interval. */
    add_executed();
    watch_skip(watch, 110 * SECOND);
    take(11);
    ck_assert_uint_eq(figures.interval, SECOND);
    check_count(figures.upcalls, 0, 5);
}
END_TEST

START_TEST(test_begin_and_end)
{
    struct watch *none = watch_create(get_cpu, &cpu);

    /* Without a trace, there is nothing, and nothing is counted. */
    watch_take(none, 100 * SECOND, &figures);
    ck_assert_int_eq(figures.state, WATCH_NO_TRACE);
    watch_reset(none, 100 * SECOND);
    watch_destroy(none);

    add_lost();
    watch_add_gap(watch, 7);
    watch_end(watch);
    take(1);
    ck_assert_int_eq(figures.state, WATCH_ENDED);
    check_count(figures.upcalls, 1, 1);
    check_count(figures.missed, 7, 7);
    check_row(WATCH_LOSS, "missed", 7, 7);

    /* Another trace starts from nothing. */
    watch_begin(watch, ports, 110 * SECOND);
    take(11);
    ck_assert_int_eq(figures.state, WATCH_RUNNING);
    ck_assert_uint_eq(figures.since, SECOND);
    check_count(figures.upcalls, 0, 0);
    check_count(figures.missed, 0, 0);
    ck_assert_uint_eq(figures.tables[WATCH_LOSS].n, 0);
    ck_assert_uint_eq(figures.tables[WATCH_PORT].n, 0);
}
END_TEST

START_TEST(test_reset)
{
    add_executed();
    watch_add_gap(watch, 7);
    watch_add_damaged(watch);
    take(1);
    check_row(WATCH_LOSS, "damaged", 1, 1);
    watch_reset(watch, 110 * SECOND);
    add_executed();
    take(12);
    ck_assert_uint_eq(figures.since, 2 * SECOND);
    ck_assert_uint_eq(figures.interval, 2 * SECOND);
    check_count(figures.upcalls, 1, 1);
    check_count(figures.missed, 0, 0);
    ck_assert_uint_eq(figures.tables[WATCH_LOSS].n, 0);
}
END_TEST

START_TEST(test_passes)
{
    struct build_pass b;
    struct pass p;
    void *rec;

    take(1);
    ck_assert(!figures.has_passes);
    build_pass_hit(&b);
    rec = build_pass_parse(&b, &p);
    watch_add_pass(watch, &p);
    watch_add_pass(watch, &p);
    take(2);
    ck_assert(figures.has_passes);
    check_count(figures.passes, 2, 2);
    check_row(WATCH_PASS, "hit", 2, 2);
    ck_assert_uint_eq(get_row(WATCH_PASS, "hit")->times.max,
                      p.rec->lookup_ns);
    take(3);
    check_count(figures.passes, 0, 2);
    check_row(WATCH_PASS, "hit", 0, 2);
    free(rec);
}
END_TEST

/* What the daemon says that the trace has dropped. */
static void
set_dropped(int ring_full, int slots_full, int passes)
{
    char *text = xasprintf("{\"by_cause\":{\"ring_full\":%d,\"slots_full\":%d}"
                           "}", ring_full, slots_full);
    struct json *counts = json_from_string(text);
    struct json *pass_counts = NULL;

    free(text);
    if (passes >= 0) {
        text = xasprintf("{\"by_cause\":{\"ring_full\":%d}}", passes);
        pass_counts = json_from_string(text);
        free(text);
    }
    watch_set_dropped(watch, counts, pass_counts);
    json_destroy(counts);
    json_destroy(pass_counts);
}

START_TEST(test_dropped)
{
    static const char *const nonsense[] = {
        "1", "[]", "{}", "{\"by_cause\":[]}",
        "{\"by_cause\":{\"ring_full\":\"a\"}}",
        "{\"by_cause\":{\"ring_full\":-1}}",
    };

    take(1);
    ck_assert(!figures.knows_dropped);
    /* It happened before. */
    set_dropped(5, 0, 3);
    take(2);
    ck_assert(figures.knows_dropped);
    check_count(figures.dropped, 0, 8);
    check_row(WATCH_LOSS, "dropped: ring_full, upcalls", 0, 5);
    check_row(WATCH_LOSS, "dropped: ring_full, passes", 0, 3);
    ck_assert_ptr_null(find_row(WATCH_LOSS, "dropped: slots_full"));

    set_dropped(7, 1, -1);
    take(3);
    check_count(figures.dropped, 3, 11);
    check_row(WATCH_LOSS, "dropped: ring_full, upcalls", 2, 7);
    check_row(WATCH_LOSS, "dropped: slots_full", 1, 1);
    check_row(WATCH_LOSS, "dropped: ring_full, passes", 0, 3);

    watch_reset(watch, 104 * SECOND);
    set_dropped(8, 1, 3);
    for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
        struct json *json = json_from_string(nonsense[i]);

        watch_set_dropped(watch, json, json);
        json_destroy(json);
    }
    take(5);
    check_count(figures.dropped, 1, 1);
    check_row(WATCH_LOSS, "dropped: ring_full, upcalls", 1, 1);
    ck_assert_uint_eq(figures.tables[WATCH_LOSS].n, 1);
}
END_TEST

START_TEST(test_queues)
{
    const struct watch_row *row;

    /* Records come in any order, and the kernel's counter wraps. */
    add_received(1, 11, UINT32_MAX - 1, 3);
    add_received(1, 11, 2, 9);
    add_received(1, 11, 0, 4);
    add_received(2, 12, 7, 0);
    take(1);
    row = get_row(WATCH_HANDLER, "handler9 (1)");
    check_count(row->count, 3, 3);
    ck_assert_uint_eq(row->times.n, 3);
    ck_assert_uint_eq(row->times.max, 142542 - 26993);
    ck_assert(row->has_queue);
    ck_assert_uint_eq(row->queue_len, 9);
    check_count(row->queue_drops, 4, 4);
    row = get_row(WATCH_HANDLER, "handler9 (2)");
    ck_assert(row->has_queue);
    ck_assert_uint_eq(row->queue_len, 0);
    check_count(row->queue_drops, 0, 0);

    /* Nothing is known of who has received nothing. */
    add_received(1, 11, 3, 1);
    take(2);
    row = get_row(WATCH_HANDLER, "handler9 (1)");
    ck_assert(row->has_queue);
    ck_assert_uint_eq(row->queue_len, 1);
    check_count(row->queue_drops, 1, 5);
    row = get_row(WATCH_HANDLER, "handler9 (2)");
    ck_assert(!row->has_queue);
    check_row(WATCH_HANDLER, "handler9 (2)", 0, 1);

    watch_reset(watch, 103 * SECOND);
    add_received(1, 11, 5, 1);
    take(4);
    check_count(get_row(WATCH_HANDLER, "handler9 (1)")->queue_drops, 2, 2);
}
END_TEST

START_TEST(test_sockets_of_others)
{
    /* From several sockets, each of which is of this handler. */
    add_received(1, 11, 0, 3);
    add_received(1, 12, 0, 3);
    add_received(1, 11, 1, 3);
    /* From one that another one receives from, too. */
    add_received(2, 13, 0, 3);
    add_received(3, 13, 1, 3);
    /* From one that is unknown. */
    add_received(4, 0, 1, 3);
    take(1);
    ck_assert_uint_eq(figures.tables[WATCH_HANDLER].n, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(!figures.tables[WATCH_HANDLER].rows[i].has_queue);
    }

    /* Each interval is looked at anew, but a socket stays shared. */
    add_received(1, 11, 2, 3);
    add_received(2, 13, 2, 3);
    take(2);
    ck_assert(get_row(WATCH_HANDLER, "handler9 (1)")->has_queue);
    ck_assert(!get_row(WATCH_HANDLER, "handler9 (2)")->has_queue);
}
END_TEST

static double
get_share(void)
{
    return get_row(WATCH_HANDLER, "handler9 (1)")->cpu;
}

START_TEST(test_cpu)
{
    add_received(1, 11, 0, 0);
    take(1);
    ck_assert(get_share() < 0);

    /* It was looked at by the last interval at the latest. */
    has_cpu = true;
    cpu = (struct thread_cpu) { .ts = 2 * SECOND, .used = 5 * SECOND };
    add_received(1, 11, 0, 0);
    take(2);
    ck_assert(get_share() < 0);
    cpu.ts += 4 * SECOND;
    cpu.used += SECOND;
    take(3);
    ck_assert(get_share() == 0.25);

    /* It is gone, or there is another one with the same number. */
    has_cpu = false;
    take(4);
    ck_assert(get_share() < 0);
    has_cpu = true;
    cpu.ts += SECOND;
    cpu.used = 0;
    take(5);
    ck_assert(get_share() < 0);
}
END_TEST

/* More ports, handlers and sockets than are kept do no harm. */
START_TEST(test_many)
{
    for (int n = 0; n < 2; n++) {
        for (uint32_t i = 1; i < 3000; i++) {
            add_received(i, i, n, 0);
        }
        take(1 + n);
    }
    ck_assert_uint_le(figures.tables[WATCH_HANDLER].n, 1025);
    check_count(figures.upcalls, 2999, 2 * 2999);
    get_row(WATCH_HANDLER, "(");
}
END_TEST

/* Returns the tests of watch. */
TCase *
watch_tcase(void)
{
    TCase *tcase = tcase_create("watch");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_intervals);
    tcase_add_test(tcase, test_begin_and_end);
    tcase_add_test(tcase, test_reset);
    tcase_add_test(tcase, test_passes);
    tcase_add_test(tcase, test_dropped);
    tcase_add_test(tcase, test_queues);
    tcase_add_test(tcase, test_sockets_of_others);
    tcase_add_test(tcase, test_cpu);
    tcase_add_test(tcase, test_many);
    return tcase;
}
