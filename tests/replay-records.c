/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day's worth of records, in much less than a day:
 *
 *     replay-records COUNT
 *
 * Puts COUNT records of upcalls that ended in all ways, from more ports,
 * handlers and sockets than are kept, through the history and the statistics,
 * as the daemon does.  Counts them itself, and fails unless the statistics say
 * the same and the memory stays the same from the first tenth on.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "show/stats-rows.h"
#include "store/history.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "unit/build-record.h"
#include "util.h"

#define HISTORY_LIMIT (32 << 20)

#define N_PORTS (3 * STATS_MAX_PORTS)

/* There are so many threads at a time, and so often are there new ones, so
 * that there were too many within the first tenth. */
#define N_HANDLERS 64
#define N_GENERATIONS 200

/* Growth of the memory that is no leak.  A byte for each of the 3 million
 * records of the test suite would be more. */
#define GROWTH_KB 1024

/* What there is to be counted. */
struct expected {
    uint64_t counts[STATS_N_CLASSES][STATS_N_OUTCOMES];
    uint64_t received, lost;
    uint64_t queue_min, queue_max;
    double queue_sum;
};

struct template {
    void *record;
    size_t size;
};

enum {
    EXECUTED,
    CONTROLLER,
    LOST,
    LOST_EARLY,
    N_TEMPLATES
};

struct replay {
    struct template templates[N_TEMPLATES];
    struct history *history;
    struct port_map *ports;
    struct upcall_stats *stats;
    struct expected expected;
    uint64_t random;
    uint64_t per_generation;    /* Records. */
};

static uint64_t
resident_kb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;

    if (!file || fscanf(file, "%*s %lu", &pages) != 1) {
        ovs_fatal(errno, "/proc/self/statm");
    }
    fclose(file);
    return pages * (get_page_size() / 1024);
}

/* Returns the next of a sequence that is the same in each run (Marsaglia's
 * xorshift64). */
static uint64_t
next_random(struct replay *r)
{
    r->random ^= r->random << 13;
    r->random ^= r->random >> 7;
    r->random ^= r->random << 17;
    return r->random;
}

static void
take_template(struct replay *r, int i, struct build *b)
{
    r->templates[i].record = build_get(b, &r->templates[i].size);
    build_uninit(b);
}

static void
build_templates(struct replay *r)
{
    struct build b;

    build_executed(&b);
    take_template(r, EXECUTED, &b);

    build_init(&b, UPCALL_CLASS_CONTROLLER);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    b.rec.outcome = UPCALL_CONSUMED;
    take_template(r, CONTROLLER, &b);

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_lost(&b, -EAGAIN);
    take_template(r, LOST, &b);

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOBUFS);
    take_template(r, LOST_EARLY, &b);
}

/* Gives 'rec', which was received, a time in the queue, and counts it. */
static void
receive(struct replay *r, struct upcall_record *rec, uint64_t i)
{
    uint64_t shift = next_random(r) % 24;
    uint64_t ns = 1000 + (next_random(r) & ((UINT64_C(2) << shift) - 1));
    struct expected *e = &r->expected;

    rec->recv_ts = rec->enqueue_ts + ns;
    rec->recv_tid = 1 + i / r->per_generation * N_HANDLERS + i % N_HANDLERS;
    rec->batch = i;
    e->queue_min = e->received ? MIN(e->queue_min, ns) : ns;
    e->queue_max = MAX(e->queue_max, ns);
    e->queue_sum += ns;
    e->received++;
}

static void
replay_one(struct replay *r, uint64_t i)
{
    static const uint8_t kinds[8] = {
        EXECUTED, EXECUTED, EXECUTED, EXECUTED, EXECUTED, CONTROLLER, LOST,
        LOST_EARLY
    };
    struct template *t = &r->templates[kinds[next_random(r) % 8]];
    struct upcall_record *rec = t->record;

    rec->id = i + 1;
    rec->ts = BUILD_TS + i * 1000;
    rec->enqueue_ts = rec->ts + 1;
    rec->port_no = next_random(r) % N_PORTS;
    rec->portid = 1 + i / r->per_generation * N_HANDLERS + i % N_HANDLERS;
    if (rec->flags & UPCALL_F_RECEIVED) {
        receive(r, rec, i);
    }
    r->expected.counts[rec->class_][rec->outcome]++;
    r->expected.lost += rec->outcome == UPCALL_LOST;
    history_add(r->history, rec, t->size);
    upcall_stats_add(r->stats, rec);
}

/* Prints what was counted, and returns true if it is what was expected. */
static bool
check(const char *what, uint64_t counted, uint64_t expected)
{
    printf("%s: %"PRIu64, what, counted);
    if (counted != expected) {
        printf(", but there were %"PRIu64, expected);
    }
    putchar('\n');
    return counted == expected;
}

/* Returns the sum of all rows of 'kind', including those that are not kept
 * one by one. */
static uint64_t
sum_rows(const struct replay *r, enum stats_kind kind)
{
    struct stats_rows rows;
    uint64_t sum = 0;

    stats_rows_get(r->stats, kind, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        sum += rows.rows[i].count;
    }
    stats_rows_destroy(&rows);
    return sum;
}

static bool
check_queue(const struct replay *r)
{
    const struct expected *e = &r->expected;
    struct histogram h;
    bool ok;

    upcall_stats_get_stage(r->stats, UPCALL_STAGE_QUEUE, &h);
    ok = check("queue", h.count, e->received);
    ok = check("queue, least", h.min, e->queue_min) && ok;
    ok = check("queue, most", h.max, e->queue_max) && ok;
    ok = check("queue, mean", histogram_mean(&h) + 0.5,
               e->queue_sum / MAX(1, e->received) + 0.5) && ok;
    histogram_clear(&h);
    return ok;
}

static bool
check_all(const struct replay *r, uint64_t count)
{
    struct history_stats stats;
    bool ok;

    history_get_stats(r->history, HISTORY_ALL, &stats);
    ok = check("records", r->stats->count, count);
    ok = check("kept and forgotten", stats.records + stats.forgotten,
               count) && ok;
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        for (int j = 0; j < STATS_N_OUTCOMES; j++) {
            if (r->expected.counts[i][j] != r->stats->counts[i][j]) {
                ok = check("class and outcome", r->stats->counts[i][j],
                           r->expected.counts[i][j]);
            }
        }
    }
    ok = check("lost", upcall_stats_lost(r->stats), r->expected.lost) && ok;
    ok = check("of ports", sum_rows(r, STATS_PORT), count) && ok;
    ok = check("of handlers", sum_rows(r, STATS_HANDLER),
               r->expected.received) && ok;
    return check_queue(r) && ok;
}

/* Puts records from 'i' up to 'end' through. */
static void
replay(struct replay *r, uint64_t i, uint64_t end)
{
    for (; i < end; i++) {
        replay_one(r, i);
    }
}

int
main(int argc, char *argv[])
{
    struct replay r = { .random = 88172645463325252ULL };
    unsigned long long int count;
    uint64_t kb, end_kb;
    bool ok;

    set_program_name(argv[0]);
    if (argc != 2 || !str_to_ullong(argv[1], 10, &count) || count < 10) {
        ovs_fatal(0, "usage: %s COUNT", program_name);
    }
    r.per_generation = DIV_ROUND_UP(count, N_GENERATIONS);
    build_templates(&r);
    r.history = history_create(HISTORY_LIMIT, false);
    r.ports = port_map_create(16);
    r.stats = upcall_stats_create(r.ports);
    replay(&r, 0, count / 10);
    kb = resident_kb();
    replay(&r, count / 10, count);
    end_kb = resident_kb();
    printf("resident: %"PRIu64" kB, then %"PRIu64" kB\n", kb, end_kb);
    ok = check_all(&r, count);
#if !defined __SANITIZE_ADDRESS__       /* It does not free memory at once. */
    ok = ok && end_kb <= kb + GROWTH_KB;
#endif
    upcall_stats_destroy(r.stats);
    port_map_destroy(r.ports);
    history_destroy(r.history);
    for (int i = 0; i < N_TEMPLATES; i++) {
        free(r.templates[i].record);
    }
    return ok ? 0 : 1;
}
