/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/pass-stats.c, and of its rows in lib/show/stats-row.c. */

#include <config.h>
#include "store/pass-stats.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-pass.h"
#include "build-record.h"
#include "openvswitch/util.h"
#include "random.h"
#include "record/pass.h"
#include "show/stats-row.h"
#include "store/port-map.h"
#include "test-stats.h"
#include "util.h"

#define SECOND UINT64_C(1000000000)

/* Another datapath than BUILD_DP_IFINDEX. */
#define OTHER_DP (BUILD_DP_IFINDEX + 1)

static struct port_map *ports;
static struct pass_stats *stats;

static void
setup(void)
{
    ports = stats_ports_create("p3");
    port_map_add(ports, OTHER_DP, PORT_MAP_LOCAL, "other", 0);
    stats = pass_stats_create(ports);
}

static void
teardown(void)
{
    pass_stats_destroy(stats);
    port_map_destroy(ports);
}

/* Adds the pass of 'rec', whose packet and actions do not matter. */
static void
add(const struct pass_record *rec)
{
    struct pass p;
    char *error;

    ck_assert(pass_parse(rec, sizeof *rec, &p, &error));
    pass_stats_add(stats, &p);
}

/* Adds a hit of port 'port_no' of datapath 'dp_ifindex' at 'ts'. */
static void
add_hit(uint32_t dp_ifindex, uint32_t port_no, uint64_t ts)
{
    struct build_pass b;

    build_pass_hit(&b);
    b.rec.flags &= ~PASS_F_ACTIONS;
    b.rec.dp_ifindex = dp_ifindex;
    b.rec.port_no = port_no;
    b.rec.ts = ts;
    add(&b.rec);
    build_pass_uninit(&b);
}

/* Numbers one by one, which a histogram is to be compared with. */

#define N_RECORDS 20000
#define N_PORTS 40
#define N_REASONS 7

struct numbers {
    uint64_t *values;
    size_t n;
};

static void
add_number(struct numbers *numbers, uint64_t value)
{
    if (!numbers->values) {
        numbers->values = xmalloc(N_RECORDS * sizeof *numbers->values);
    }
    numbers->values[numbers->n++] = value;
}

static int
compare_values(const void *a_, const void *b_)
{
    const uint64_t *a = a_;
    const uint64_t *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Fails unless 'h' has 'numbers', which it frees. */
static void
check_numbers(const struct histogram *h, struct numbers *numbers)
{
    static const unsigned int permilles[] = { 500, 900, 990, 999 };
    size_t n = numbers->n;
    uint64_t sum = 0;

    ck_assert_uint_eq(h->count, n);
    if (n) {
        qsort(numbers->values, n, sizeof *numbers->values, compare_values);
        ck_assert_uint_eq(h->min, numbers->values[0]);
        ck_assert_uint_eq(h->max, numbers->values[n - 1]);
    }
    for (size_t i = 0; i < n; i++) {
        sum += numbers->values[i];
    }
    ck_assert_uint_eq(h->sum, sum);
    for (size_t i = 0; i < ARRAY_SIZE(permilles) && n; i++) {
        uint64_t exact = numbers->values[DIV_ROUND_UP(n * permilles[i], 1000)
                                         - 1];
        uint64_t got = histogram_percentile(h, permilles[i]);

        ck_assert_uint_le(got > exact ? got - exact : exact - got,
                          exact / 128);
    }
    free(numbers->values);
}

/* What is to be counted of a group, and how records are added to it. */
struct naive {
    uint64_t outcomes[PASS_N_LOOKUPS], cache, dropped;
    struct numbers masks, lookup, total;
};

/* Returns true if the packet of the pass of 'rec' was dropped: the kernel has
 * said so, or its flow has no actions. */
static bool
is_dropped(const struct pass_record *rec)
{
    return (rec->flags & PASS_F_DROP
            || (rec->lookup == PASS_HIT && rec->flags & PASS_F_ACTIONS));
}

static void
add_naive(struct naive *n, const struct pass_record *rec)
{
    n->outcomes[rec->lookup]++;
    n->dropped += is_dropped(rec);
    if (rec->lookup != PASS_NONE) {
        n->cache += rec->cache;
        add_number(&n->masks, rec->masks);
        add_number(&n->lookup, rec->lookup_ns);
    }
    if (rec->flags & PASS_F_DONE) {
        add_number(&n->total, rec->end_ns);
    }
}

/* Fails unless 'g' is what is in 'n', which it frees. */
static void
check_naive(const struct pass_group *g, struct naive *n)
{
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        ck_assert_uint_eq(g->outcomes[i], n->outcomes[i]);
    }
    ck_assert_uint_eq(g->cache, n->cache);
    ck_assert_uint_eq(g->dropped, n->dropped);
    check_numbers(&g->masks, &n->masks);
    check_numbers(&g->lookup, &n->lookup);
    check_numbers(&g->total, &n->total);
}

/* Makes '*rec' any pass, of a port of the two datapaths or an unknown one. */
static void
make_random(struct pass_record *rec, uint64_t ts)
{
    memset(rec, 0, sizeof *rec);
    rec->head = PASS_RECORD | ts;
    rec->ts = ts;
    rec->lookup = random_range(PASS_N_LOOKUPS);
    rec->masks = random_range(8) ? random_range(20) : random_range(2000);
    rec->cache = random_range(2);
    rec->lookup_ns = 100 + random_range(1 << (8 + random_range(16)));
    rec->end_ns = rec->lookup_ns + random_range(100000);
    rec->dp_ifindex = random_range(2) ? BUILD_DP_IFINDEX : OTHER_DP;
    rec->port_no = random_range(N_PORTS);
    rec->flags = PASS_F_DP | PASS_F_PORT | random_range(2) * PASS_F_DONE;
    if (!random_range(5)) {
        rec->flags |= PASS_F_DROP;
        rec->drop_reason = random_range(N_REASONS);
        rec->n_drops = 1 + random_range(3);
    }
    rec->flags |= random_range(5) ? 0 : PASS_F_ACTIONS;
    if (!random_range(10)) {
        rec->flags &= ~(random_range(2) ? PASS_F_PORT : PASS_F_DP);
    }
}

/* Returns the place of the port of 'rec' in what is expected of ports: the
 * first is of those that are unknown. */
static size_t
get_place(const struct pass_record *rec)
{
    if (!(rec->flags & PASS_F_DP) || !(rec->flags & PASS_F_PORT)) {
        return 0;
    }
    return 1 + rec->port_no + (rec->dp_ifindex == OTHER_DP) * N_PORTS;
}

/* Fails unless 'reason' was counted 'n' times. */
static void
check_reason(uint32_t reason, uint64_t n)
{
    uint64_t found = 0;

    for (size_t i = 0; i < stats->n_reasons; i++) {
        if (stats->reasons[i].reason == reason) {
            found += stats->reasons[i].n;
        }
    }
    ck_assert_uint_eq(found, n);
}

START_TEST(test_random_passes)
{
    uint64_t reasons[N_REASONS] = { 0 };
    uint64_t no_reason = 0;
    struct naive by_outcome[PASS_N_LOOKUPS] = { { .cache = 0 } };
    struct naive by_port[1 + 2 * N_PORTS] = { { .cache = 0 } };
    struct naive all = { .cache = 0 };
    struct pass_group group;
    struct stats_rows rows;

    random_set_seed(1 + _i);
    for (uint64_t i = 0; i < N_RECORDS; i++) {
        struct pass_record rec;

        make_random(&rec, BUILD_TS + 1000 * i);
        add(&rec);
        if (rec.flags & PASS_F_DROP) {
            reasons[rec.drop_reason]++;
        } else {
            no_reason += is_dropped(&rec);
        }
        add_naive(&all, &rec);
        add_naive(&by_outcome[rec.lookup], &rec);
        add_naive(&by_port[get_place(&rec)], &rec);
    }

    ck_assert_uint_eq(stats->count, N_RECORDS);
    pass_stats_get_all(stats, &group);
    check_naive(&group, &all);
    pass_stats_group_class.clear(&group);
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        check_naive(&stats->outcomes[i], &by_outcome[i]);
    }

    ck_assert_uint_eq(stats->no_reason, 0);
    ck_assert_uint_eq(stats->by_flow[FLOW_DROP_LAST_ACTION], no_reason);
    for (uint32_t i = 0; i < N_REASONS; i++) {
        check_reason(i, reasons[i]);
    }

    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_ports(&rows, &stats->ports);
    ck_assert_uint_eq(rows.n, ARRAY_SIZE(by_port));
    for (size_t i = 0; i < rows.n; i++) {
        const struct stats_row *row = &rows.rows[i];
        const struct pass_record rec = {
            .dp_ifindex = row->dp_ifindex, .port_no = row->port_no,
            .flags = row->has_port ? PASS_F_DP | PASS_F_PORT : 0,
        };

        check_naive(row->group, &by_port[get_place(&rec)]);
    }
    stats_rows_destroy(&rows);
}
END_TEST

/* Fails unless the passes of all 'rows', which it frees, are 'count'. */
static void
check_sum(struct stats_rows *rows, size_t n_rows, uint64_t count)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < rows->n; i++) {
        sum += rows->rows[i].count;
    }
    ck_assert_uint_eq(rows->n, n_rows);
    ck_assert_uint_eq(sum, count);
    stats_rows_destroy(rows);
}

/* Of too many ports, those of the latest passes are kept; nothing gets lost
 * of the others. */
START_TEST(test_many_ports)
{
    const struct pass_group *past = stats->ports.past;
    struct stats_rows rows;
    size_t n;

    for (int i = 0; i < 3 * STATS_MAX_PORTS; i++) {
        add_hit(OTHER_DP, 1000 + i, (1 + i) * SECOND);
    }
    add_hit(BUILD_DP_IFINDEX, 3, BUILD_TS);
    n = hmap_count(&stats->ports.ports);
    ck_assert_uint_eq(n, STATS_MAX_PORTS);
    ck_assert_uint_eq(past->outcomes[PASS_HIT], 3 * STATS_MAX_PORTS + 1 - n);
    ck_assert_uint_eq(past->masks.count, past->outcomes[PASS_HIT]);
    ck_assert_uint_eq(past->masks.sum, 3 * past->masks.count);
    ck_assert_uint_eq(past->cache, past->masks.count);
    ck_assert_uint_eq(past->lookup.sum, 900 * past->masks.count);

    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_ports(&rows, &stats->ports);
    stats_rows_sort(&rows);
    ck_assert_uint_eq(rows.rows[0].n_past, 3 * STATS_MAX_PORTS + 1 - n);
    check_sum(&rows, n + 1, 3 * STATS_MAX_PORTS + 1);

    /* Those that are not kept are of no known datapath. */
    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_datapaths(&rows, &stats->ports);
    stats_rows_sort(&rows);
    ck_assert_ptr_null(rows.rows[0].name);
    ck_assert_str_eq(rows.rows[1].name, "other");
    ck_assert_str_eq(rows.rows[2].name, "ovs-system");
    ck_assert_uint_eq(rows.rows[2].count, 1);
    check_sum(&rows, 3, 3 * STATS_MAX_PORTS + 1);
}
END_TEST

/* A port that was removed and added again is the same for metrics. */
START_TEST(test_merged_ports)
{
    const struct pass_group *g;
    struct stats_rows rows;

    add_hit(BUILD_DP_IFINDEX, 3, 10);
    port_map_remove(ports, BUILD_DP_IFINDEX, 3, 20);
    add_hit(BUILD_DP_IFINDEX, 3, 21);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p9", 30);
    add_hit(BUILD_DP_IFINDEX, 3, 31);
    port_map_remove(ports, BUILD_DP_IFINDEX, 3, 40);
    port_map_remove(ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, 40);
    port_map_add(ports, OTHER_DP + 1, PORT_MAP_LOCAL, "ovs-system", 50);
    port_map_add(ports, OTHER_DP + 1, 3, "p3", 50);
    add_hit(OTHER_DP + 1, 3, 51);
    add_hit(OTHER_DP + 1, 3, 52);
    add_hit(OTHER_DP, 3, 53);

    stats_rows_init(&rows, &pass_stats_group_class);
    stats_rows_add_ports(&rows, &stats->ports);
    ck_assert_uint_eq(rows.n, 5);
    stats_rows_merge_ports(&rows);
    ck_assert_uint_eq(rows.n, 4);
    ck_assert_str_eq(rows.rows[0].datapath, "other");
    ck_assert_ptr_null(rows.rows[1].name);
    ck_assert_str_eq(rows.rows[2].name, "p3");
    ck_assert_str_eq(rows.rows[2].datapath, "ovs-system");
    ck_assert_str_eq(rows.rows[3].name, "p9");
    ck_assert_uint_eq(rows.rows[2].count, 3);
    g = rows.rows[2].group;
    ck_assert_uint_eq(g->masks.sum, 9);
    check_sum(&rows, 4, 6);
}
END_TEST

/* Reasons that have no place are counted as unknown. */
START_TEST(test_many_reasons)
{
    struct build_pass b;

    build_pass_hit(&b);
    b.rec.flags |= PASS_F_DROP;
    for (uint32_t i = 0; i < 2 * PASS_STATS_MAX_REASONS; i++) {
        b.rec.drop_reason = 65536 + i;
        add(&b.rec);
    }
    b.rec.drop_reason = 65536;
    add(&b.rec);
    build_pass_uninit(&b);
    ck_assert_uint_eq(stats->n_reasons, PASS_STATS_MAX_REASONS);
    ck_assert_uint_eq(stats->no_reason, PASS_STATS_MAX_REASONS);
    check_reason(65536, 2);
    check_reason(65537, 1);
}
END_TEST

START_TEST(test_pass_rates)
{
    struct stats_rate rate;

    for (int i = 0; i < 30; i++) {
        add_hit(BUILD_DP_IFINDEX, 3, 100 * SECOND + i);
    }
    stats_rates_get(&stats->rates, 0, 101 * SECOND, 10, &rate);
    ck_assert_uint_eq(rate.seconds, 10);
    ck_assert(rate.records == 3);
}
END_TEST

START_TEST(test_clear)
{
    struct build_pass b;

    build_pass_execute(&b, "2", 0);
    b.rec.flags |= PASS_F_DROP;
    add(&b.rec);
    build_pass_uninit(&b);
    add_hit(BUILD_DP_IFINDEX, 3, BUILD_TS);
    pass_stats_clear(stats);
    ck_assert_uint_eq(stats->count, 0);
    ck_assert_uint_eq(stats->n_reasons, 0);
    ck_assert_uint_eq(hmap_count(&stats->ports.ports), 0);
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        ck_assert_uint_eq(stats->outcomes[i].outcomes[i], 0);
        ck_assert_uint_eq(stats->outcomes[i].masks.count, 0);
        ck_assert_uint_eq(stats->outcomes[i].total.count, 0);
    }
    add_hit(BUILD_DP_IFINDEX, 3, BUILD_TS);
    ck_assert_uint_eq(stats->count, 1);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_stats_tcase(void)
{
    TCase *tc = tcase_create("pass-stats");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_random_passes, 0, 3);
    tcase_add_test(tc, test_many_ports);
    tcase_add_test(tc, test_merged_ports);
    tcase_add_test(tc, test_many_reasons);
    tcase_add_test(tc, test_pass_rates);
    tcase_add_test(tc, test_clear);
    return tc;
}
