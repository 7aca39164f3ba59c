/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/upcall-stats*.c. */

#include <config.h>
#include "store/upcall-stats.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "openvswitch/util.h"
#include "show/stats-rows.h"
#include "store/port-map.h"
#include "test-stats.h"
#include "util.h"

#define SECOND UINT64_C(1000000000)

static struct port_map *ports;
static struct upcall_stats *stats;

static void
setup(void)
{
    ports = stats_ports_create("p3");
    stats = upcall_stats_create(ports);
}

static void
teardown(void)
{
    upcall_stats_destroy(stats);
    port_map_destroy(ports);
}

/* Adds the record of 'b' and keeps 'b'. */
static void
add(const struct build *b)
{
    void *rec = build_get(b, NULL);

    upcall_stats_add(stats, rec);
    free(rec);
}

/* Adds an upcall of port 'port_no' of datapath 'dp_ifindex' at 'ts', which was
 * lost. */
static void
add_lost(uint32_t dp_ifindex, uint32_t port_no, uint64_t ts)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -EAGAIN);
    b.rec.dp_ifindex = dp_ifindex;
    b.rec.port_no = port_no;
    b.rec.ts = ts;
    add(&b);
    build_uninit(&b);
}

/* Adds an upcall that was received by handler 'tid' in 'batch'. */
static void
add_received(uint32_t tid, uint32_t batch, uint32_t batch_size)
{
    struct build b;

    build_executed(&b);
    b.rec.recv_tid = tid;
    b.rec.batch = batch;
    b.rec.batch_size = batch_size;
    add(&b);
    build_uninit(&b);
}

/* Fails unless there are as many upcalls of the port 'name' with 'port_no'. */
static void
check_port(const char *name, uint32_t port_no, uint64_t count)
{
    struct stats_rows rows;
    uint64_t n = 0;

    stats_rows_get(stats, STATS_PORT, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        if (rows.rows[i].port_no == port_no
            && !strcmp(rows.rows[i].name ? rows.rows[i].name : "", name)) {
            n += rows.rows[i].count;
        }
    }
    ck_assert_uint_eq(n, count);
    stats_rows_destroy(&rows);
}

/* Fails unless 'stage' has 'count' times from 'min' to 'max'. */
static void
check_stage(enum upcall_stage stage, uint64_t count, uint64_t min,
            uint64_t max)
{
    struct histogram h;

    upcall_stats_get_stage(stats, stage, &h);
    ck_assert_uint_eq(h.count, count);
    ck_assert_uint_eq(h.min, min);
    ck_assert_uint_eq(h.max, max);
    histogram_clear(&h);
}

/* Without an upcall, there is nothing to be sorted.  Needs a sanitizer to
 * fail. */
START_TEST(test_no_rows)
{
    struct stats_rows rows;

    for (int kind = STATS_DATAPATH; kind < STATS_N_KINDS; kind++) {
        stats_rows_get(stats, kind, &rows);
        ck_assert_uint_eq(rows.n, 0);
        stats_rows_destroy(&rows);
    }
}
END_TEST

START_TEST(test_stages)
{
    struct build b;

    build_executed(&b);
    add(&b);
    b.rec.recv_ts += 1000;
    add(&b);
    build_uninit(&b);
    ck_assert_uint_eq(stats->count, 2);
    check_stage(UPCALL_STAGE_QUEUE, 2, 142542 - 26993, 143542 - 26993);
    check_stage(UPCALL_STAGE_HANDLE, 2, 246803 - 143542, 246803 - 142542);
    check_stage(UPCALL_STAGE_INSTALL, 2, 12100, 12100);
    check_stage(UPCALL_STAGE_EXECUTE, 2, 51100, 51100);
    check_stage(UPCALL_STAGE_TOTAL, 2, 311100, 311100);
    check_stage(UPCALL_STAGE_TRANSLATE, 0, 0, 0);
    ck_assert_uint_eq(stats->totals[UPCALL_CLASS_MISS][
                          UPCALL_EXECUTED].count, 2);
    ck_assert_uint_eq(stats->counts[UPCALL_CLASS_MISS][
                          UPCALL_EXECUTED], 2);
}
END_TEST

/* An upcall that did not end has an outcome and no total. */
START_TEST(test_abandoned)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_SFLOW);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    add(&b);
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    b.rec.class_ = UPCALL_N_CLASSES;
    add(&b);
    build_uninit(&b);
    ck_assert_uint_eq(stats->count, 2);
    check_stage(UPCALL_STAGE_TOTAL, 0, 0, 0);
    ck_assert_uint_eq(stats->counts[UPCALL_CLASS_SFLOW][
                          UPCALL_ABANDONED], 1);
    ck_assert_uint_eq(stats->counts[UPCALL_N_CLASSES][
                          UPCALL_OUTCOME_UNKNOWN], 1);
}
END_TEST

/* What no record of the kernel has does no harm. */
START_TEST(test_hostile)
{
    struct build b;

    build_executed(&b);
    b.rec.class_ = 255;
    b.rec.outcome = 255;
    b.rec.ts = UINT64_MAX;
    b.rec.batch_size = UINT32_MAX;
    b.rec.exec_duration = UINT64_MAX;
    add(&b);
    b.msg.size = 8;                     /* No struct ovs_header. */
    add(&b);
    b.rec.ts = 0;
    b.rec.recv_ts = 0;
    add(&b);
    build_uninit(&b);
    ck_assert_uint_eq(stats->count, 3);
    ck_assert_uint_eq(stats->batches[STATS_BATCH_MAX], 1);
    check_port("p3", 3, 1);
    check_port("", 0, 2);
}
END_TEST

/* The port of a message is found, and one that is not in it is unknown. */
START_TEST(test_port)
{
    struct stats_rows rows;
    struct build b;

    build_executed(&b);
    add(&b);
    b.rec.port_no = UINT32_MAX;
    add(&b);
    add(&b);
    build_uninit(&b);
    add_lost(BUILD_DP_IFINDEX, 3, BUILD_TS);
    add_lost(BUILD_DP_IFINDEX, 4, BUILD_TS);

    stats_rows_get(stats, STATS_PORT, &rows);
    ck_assert_uint_eq(rows.n, 3);
    ck_assert(!rows.rows[0].has_port);
    ck_assert_uint_eq(rows.rows[0].count, 2);
    ck_assert_str_eq(rows.rows[1].name, "p3");
    ck_assert_str_eq(rows.rows[1].datapath, "ovs-system");
    ck_assert_uint_eq(rows.rows[1].port_no, 3);
    ck_assert_uint_eq(stats_row_upcalls(&rows.rows[1])->outcomes[
                          UPCALL_LOST], 1);
    ck_assert_ptr_null(rows.rows[2].name);
    ck_assert_uint_eq(rows.rows[2].port_no, 4);
    stats_rows_destroy(&rows);
}
END_TEST

/* A number that is used for another port is another port, even for a record
 * that comes late. */
START_TEST(test_port_number_is_used_again)
{
    add_lost(BUILD_DP_IFINDEX, 3, 10);
    port_map_remove(ports, BUILD_DP_IFINDEX, 3, 20);
    add_lost(BUILD_DP_IFINDEX, 3, 11);
    add_lost(BUILD_DP_IFINDEX, 3, 25);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p9", 30);
    add_lost(BUILD_DP_IFINDEX, 3, 31);
    add_lost(BUILD_DP_IFINDEX, 3, 12);
    add_lost(BUILD_DP_IFINDEX, 3, 32);
    add_lost(BUILD_DP_IFINDEX, 3, 33);
    add_lost(BUILD_DP_IFINDEX, 3, 13);
    check_port("p3", 3, 4);
    check_port("", 3, 1);
    check_port("p9", 3, 3);
}
END_TEST

/* Two ports, or two datapaths, in one place of the cache. */
START_TEST(test_port_cache)
{
    port_map_add(ports, BUILD_DP_IFINDEX, 3 + 256, "p259", 0);
    port_map_add(ports, BUILD_DP_IFINDEX + 256, 3, "other", 0);
    for (int i = 0; i < 3; i++) {
        add_lost(BUILD_DP_IFINDEX, 3, 10);
        add_lost(BUILD_DP_IFINDEX, 3 + 256, 10);
        add_lost(BUILD_DP_IFINDEX + 256, 3, 10);
    }
    check_port("p3", 3, 3);
    check_port("p259", 3 + 256, 3);
    check_port("other", 3, 3);
}
END_TEST

/* Fails unless the upcalls of all rows of 'kind' are 'count'. */
static void
check_sum(enum stats_kind kind, size_t n_rows, uint64_t count)
{
    struct stats_rows rows;
    uint64_t sum = 0;

    stats_rows_get(stats, kind, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        sum += rows.rows[i].count;
    }
    ck_assert_uint_eq(rows.n, n_rows);
    ck_assert_uint_eq(sum, count);
    stats_rows_destroy(&rows);
}

/* Of too many ports, those of the latest upcalls are kept. */
START_TEST(test_many_ports)
{
    const struct stats_group *past;
    struct build b;
    size_t n;

    build_executed(&b);
    b.rec.ts = 1;
    add(&b);
    build_uninit(&b);
    for (int i = 0; i < 3 * STATS_MAX_PORTS; i++) {
        add_lost(BUILD_DP_IFINDEX, 1000 + i, (1 + i) * SECOND);
    }
    add_lost(BUILD_DP_IFINDEX, 3, BUILD_TS);
    n = hmap_count(&stats->ports.ports);
    ck_assert_uint_eq(n, STATS_MAX_PORTS);
    check_sum(STATS_PORT, n + 1, 3 * STATS_MAX_PORTS + 2);
    check_sum(STATS_DATAPATH, 2, 3 * STATS_MAX_PORTS + 2);
    check_port("", 1000 + 3 * STATS_MAX_PORTS - 1, 1);
    check_port("", 1000, 0);
    check_port("p3", 3, 1);
    ck_assert_uint_eq(stats->ports.n_past, 3 * STATS_MAX_PORTS + 2 - n);
    past = stats->ports.past;
    ck_assert_uint_eq(past->total.count, 1);
}
END_TEST

/* While more ports than are kept have upcalls, one is seldom forgotten for
 * another, because that takes long.  One with many upcalls is kept even if it
 * comes last, and nothing is counted twice or not at all. */
START_TEST(test_too_many_ports_in_use)
{
    const int n_ports = 2 * STATS_MAX_PORTS;
    const int n = 10 * n_ports;
    struct stats_rows rows;

    for (int i = 0; i < n_ports; i++) {
        port_map_add(ports, BUILD_DP_IFINDEX, 1000 + i, "other", 0);
    }
    for (int i = 0; i < n; i++) {
        add_lost(BUILD_DP_IFINDEX, 1000 + i % n_ports, BUILD_TS + 1000 * i);
        if (i >= n / 2 && i % 10 == 0) {
            add_lost(BUILD_DP_IFINDEX, 3, BUILD_TS + 1000 * i);
        }
    }
    ck_assert_uint_eq(hmap_count(&stats->ports.ports), STATS_MAX_PORTS);
    check_sum(STATS_PORT, STATS_MAX_PORTS + 1, n + n / 20);
    check_sum(STATS_DATAPATH, 2, n + n / 20);
    ck_assert_uint_le(stats->ports.n_past, n_ports + n / 8);
    stats_rows_get(stats, STATS_PORT, &rows);
    ck_assert_str_eq(rows.rows[1].name, "p3");
    ck_assert_uint_ge(rows.rows[1].count, n / 20 - n / 200);
    stats_rows_destroy(&rows);
}
END_TEST

START_TEST(test_handlers)
{
    struct stats_rows rows;

    add_received(7, 1, 2);
    add_received(7, 1, 2);
    add_received(8, 1, 64);
    stats_rows_get(stats, STATS_HANDLER, &rows);
    ck_assert_uint_eq(rows.n, 2);
    ck_assert_str_eq(rows.rows[0].name, "handler9");
    ck_assert_uint_eq(rows.rows[0].tid, 7);
    ck_assert_uint_eq(rows.rows[0].tgid, 3215259);
    ck_assert_uint_eq(rows.rows[0].count, 2);
    ck_assert_uint_eq(rows.rows[0].queue->max, 142542 - 26993);
    ck_assert_uint_eq(stats_row_upcalls(&rows.rows[0])->total.max, 311100);
    stats_rows_destroy(&rows);
    ck_assert_uint_eq(stats->n_batches, 2);
    ck_assert_uint_eq(stats->batches[2], 1);
    ck_assert_uint_eq(stats->batches[64], 1);
}
END_TEST

/* Each batch counts once, in whichever order its records come. */
START_TEST(test_batches)
{
    static const uint32_t batches[] = {
        UINT32_MAX, 0, UINT32_MAX, 5, 3, 4, 3, 5, 68, 6, 5, 1000, 937, 936,
    };

    for (size_t i = 0; i < ARRAY_SIZE(batches); i++) {
        add_received(7, batches[i], 1);
    }
    /* 5 and 936 are too old, and were counted or not: nobody knows. */
    ck_assert_uint_eq(stats->n_batches, 9);
}
END_TEST

/* It has its final size. */
START_TEST(test_batch_grows)
{
    add_received(7, 10, 1);
    add_received(7, 11, 2);
    add_received(7, 10, 4);
    add_received(7, 10, 3);
    add_received(7, 200, 5);
    add_received(7, 10, 9);
    ck_assert_uint_eq(stats->n_batches, 3);
    ck_assert_uint_eq(stats->batches[1], 0);
    ck_assert_uint_eq(stats->batches[2], 1);
    ck_assert_uint_eq(stats->batches[4], 1);
    ck_assert_uint_eq(stats->batches[5], 1);
    ck_assert_uint_eq(stats->batches[9], 0);
}
END_TEST

START_TEST(test_many_handlers)
{
    for (int i = 1; i <= 2 * STATS_MAX_HANDLERS; i++) {
        add_received(i, 1, 1);
    }
    ck_assert_uint_le(hmap_count(&stats->handlers), STATS_MAX_HANDLERS);
    check_sum(STATS_HANDLER, hmap_count(&stats->handlers) + 1,
              2 * STATS_MAX_HANDLERS);
    check_stage(UPCALL_STAGE_QUEUE, 2 * STATS_MAX_HANDLERS, 142542 - 26993,
                142542 - 26993);
}
END_TEST

/* Returns the socket 'portid', which must be there. */
static const struct stats_socket *
find_socket(uint32_t portid)
{
    const struct stats_socket *socket;

    HMAP_FOR_EACH (socket, item.node, &stats->sockets) {
        if (socket->portid == portid) {
            return socket;
        }
    }
    ck_abort_msg("no socket %u", portid);
}

/* A socket is named after the handler that receives from it. */
START_TEST(test_sockets)
{
    const struct stats_socket *socket;
    struct build b;

    add_received(7, 1, 1);
    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    for (int error = 1; error <= STATS_MAX_ERRORS; error++) {
        build_lost(&b, -error);
        add(&b);
        add(&b);
    }
    socket = find_socket(b.rec.portid);
    ck_assert_uint_eq(socket->tid, 7);
    ck_assert_str_eq(socket->comm, "handler9");
    ck_assert_uint_eq(socket->lost, 2 * STATS_MAX_ERRORS);
    ck_assert_uint_eq(socket->n_errors, STATS_MAX_ERRORS);
    ck_assert_int_eq(socket->errors[2].error, 3);
    ck_assert_uint_eq(socket->errors[2].n, 2);

    /* The last place is for all others. */
    build_lost(&b, -EAGAIN);
    add(&b);
    build_lost(&b, 17);
    add(&b);
    ck_assert_uint_eq(socket->n_errors, STATS_MAX_ERRORS);
    ck_assert_int_eq(socket->errors[STATS_MAX_ERRORS - 1].error, 0);
    ck_assert_uint_eq(socket->errors[STATS_MAX_ERRORS - 1].n, 4);

    /* There are not too many. */
    for (int i = 0; i < STATS_MAX_SOCKETS; i++) {
        b.rec.portid = i;
        b.rec.ts++;
        add(&b);
    }
    ck_assert_uint_eq(hmap_count(&stats->sockets), STATS_MAX_SOCKETS);
    ck_assert_uint_eq(stats->past_sockets_lost, 2 * STATS_MAX_ERRORS + 2);
    build_uninit(&b);
}
END_TEST

/* Fails unless the rate since 'since' is 'upcalls' over 'seconds'. */
static void
check_rate(uint64_t since, uint64_t now, unsigned int asked,
           unsigned int seconds, double upcalls)
{
    struct stats_rate rate;

    stats_rates_get(&stats->rates, since, now, asked, &rate);
    ck_assert_uint_eq(rate.seconds, seconds);
    ck_assert(rate.records == upcalls);
    ck_assert(rate.lost == upcalls);
}

START_TEST(test_rates)
{
    for (int i = 0; i < 10; i++) {
        add_lost(BUILD_DP_IFINDEX, 3, 100 * SECOND + i);
    }
    add_lost(BUILD_DP_IFINDEX, 3, 101 * SECOND);
    add_lost(BUILD_DP_IFINDEX, 3, 110 * SECOND - 1);

    /* The second that is under way does not count. */
    check_rate(90 * SECOND, 100 * SECOND + 5, 1, 1, 0);
    check_rate(90 * SECOND, 101 * SECOND + 5, 1, 1, 10);
    check_rate(90 * SECOND, 110 * SECOND, 10, 10, 1.2);
    check_rate(90 * SECOND, 130 * SECOND, 60, 40, 0.3);

    /* Nor does one that has begun before. */
    check_rate(99 * SECOND + 1, 101 * SECOND, 10, 1, 10);
    check_rate(100 * SECOND + 1, 101 * SECOND, 10, 0, 0);
    check_rate(100 * SECOND + 1, 102 * SECOND, 10, 1, 1);

    /* A second that is long ago is not taken for another. */
    check_rate(0, (110 + STATS_SECONDS) * SECOND, 60, 60, 0);
    add_lost(BUILD_DP_IFINDEX, 3, (100 + STATS_SECONDS) * SECOND);
    add_lost(BUILD_DP_IFINDEX, 3, 100 * SECOND);
    check_rate(0, (101 + STATS_SECONDS) * SECOND, 1, 1, 1);
}
END_TEST

START_TEST(test_clear)
{
    add_received(7, 1, 1);
    add_lost(BUILD_DP_IFINDEX, 3, 10);
    upcall_stats_clear(stats);
    ck_assert_uint_eq(stats->count, 0);
    ck_assert_uint_eq(stats->n_batches, 0);
    ck_assert_uint_eq(hmap_count(&stats->sockets), 0);
    check_sum(STATS_PORT, 0, 0);
    check_sum(STATS_HANDLER, 0, 0);
    check_sum(STATS_CLASS, STATS_N_CLASSES, 0);
    check_sum(STATS_OUTCOME, STATS_N_OUTCOMES, 0);
    add_lost(BUILD_DP_IFINDEX, 3, 10);
    check_port("p3", 3, 1);
}
END_TEST

TCase *
upcall_stats_tcase(void)
{
    TCase *tc = tcase_create("upcall-stats");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_no_rows);
    tcase_add_test(tc, test_stages);
    tcase_add_test(tc, test_abandoned);
    tcase_add_test(tc, test_hostile);
    tcase_add_test(tc, test_port);
    tcase_add_test(tc, test_port_number_is_used_again);
    tcase_add_test(tc, test_port_cache);
    tcase_add_test(tc, test_many_ports);
    tcase_add_test(tc, test_too_many_ports_in_use);
    tcase_add_test(tc, test_handlers);
    tcase_add_test(tc, test_batches);
    tcase_add_test(tc, test_batch_grows);
    tcase_add_test(tc, test_many_handlers);
    tcase_add_test(tc, test_sockets);
    tcase_add_test(tc, test_rates);
    tcase_add_test(tc, test_clear);
    return tc;
}
