/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/history.c with records of both kinds.
 *
 * A model knows all records that were ever added.  What of them is kept is
 * what two histories with the share of one kind each would have kept, which
 * test-history.c is about. */

#include <config.h>
#include "store/history.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "hash.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *history_kinds_tcase(void);

/* See test-history.c. */
#define FAST_ASSERT(EXPR)                           \
    do {                                            \
        if (!(EXPR)) {                              \
            ck_abort_msg("'%s' is false", #EXPR);   \
        }                                           \
    } while (0)

#define MAX_RECORDS 20000
#define MAX_SIZE 5000

/* A record that was added. */
struct added {
    enum history_kind kind;
    size_t size;
    bool kept;
};

struct model {
    struct history *h;
    struct history *alone[HISTORY_N_KINDS];     /* Those of one kind. */
    uint64_t numbers[HISTORY_N_KINDS][MAX_RECORDS + 1]; /* By that in them. */
    struct added records[MAX_RECORDS + 1];      /* By number. */
};
static struct model m;

/* Returns a random number less than 'n', always the same for 'a' and 'b'. */
static uint32_t
pick(uint64_t a, uint32_t b, uint32_t n)
{
    return hash_uint64_basis(a, b) % n;
}

/* Fills 'buffer' with the record that has the number 'seq'. */
static void
fill(uint64_t *buffer, uint64_t seq, enum history_kind kind, size_t size)
{
    memset(buffer, seq, ROUND_UP(size, 8));
    buffer[0] = seq | (kind == HISTORY_PASSES ? PASS_RECORD : 0);
}

static void
model_init(size_t limit)
{
    memset(&m, 0, sizeof m);
    m.h = history_create(limit, true);
    m.alone[HISTORY_UPCALLS] = history_create(limit - limit / 2, false);
    m.alone[HISTORY_PASSES] = history_create(limit / 2 * 2, true);
}

static void
model_destroy(void)
{
    history_destroy(m.h);
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        history_destroy(m.alone[i]);
    }
}

static void
model_add(enum history_kind kind, size_t size)
{
    uint64_t buffer[MAX_SIZE / 8 + 1];
    uint64_t seq = history_next(m.h);

    m.records[seq].kind = kind;
    m.records[seq].size = size;
    fill(buffer, seq, kind, size);
    FAST_ASSERT(history_add(m.h, buffer, size) == seq);
    m.numbers[kind][history_add(m.alone[kind], buffer, size)] = seq;
}

/* Has the model know what is kept. */
static void
model_update(void)
{
    for (uint64_t seq = 1; seq < history_next(m.h); seq++) {
        m.records[seq].kept = false;
    }
    for (int i = 0; i < HISTORY_N_KINDS; i++) {
        const struct history *h = m.alone[i];

        for (uint64_t n = history_first(h); n < history_next(h); n++) {
            size_t size;

            m.records[m.numbers[i][n]].kept = history_get(h, n, &size);
        }
    }
}

/* Returns true if record 'seq' is kept and of 'kind'. */
static bool
has(uint64_t seq, enum history_kind kind)
{
    return (seq && seq < history_next(m.h) && m.records[seq].kept
            && (kind == HISTORY_ALL || kind == m.records[seq].kind));
}

/* Fails unless 'record' is what it must be. */
static void
check_record(uint64_t seq, const void *record, size_t size)
{
    uint64_t buffer[MAX_SIZE / 8 + 1];

    FAST_ASSERT(record);
    FAST_ASSERT((uintptr_t) record % 8 == 0);
    FAST_ASSERT(size == m.records[seq].size);
    fill(buffer, seq, m.records[seq].kind, size);
    FAST_ASSERT(!memcmp(record, buffer, size));
}

static void
check_get(void)
{
    uint64_t first = history_next(m.h);

    for (uint64_t seq = 0; seq <= history_next(m.h) + 1; seq++) {
        size_t size = SIZE_MAX;
        const void *record = history_get(m.h, seq, &size);

        if (has(seq, HISTORY_ALL)) {
            check_record(seq, record, size);
            first = MIN(first, seq);
        } else {
            FAST_ASSERT(!record && !size);
        }
    }
    FAST_ASSERT(history_first(m.h) == first);
}

/* Goes from 'from' on to the end. */
static void
check_walk_next(enum history_kind kind, uint64_t from)
{
    struct history_walk w;
    uint64_t seq;
    size_t size;

    history_walk_init(&w, m.h, kind, from);
    for (uint64_t i = from; i < history_next(m.h); i++) {
        if (has(i, kind)) {
            const void *record = history_walk_next(&w, &seq, &size);

            FAST_ASSERT(seq == i);
            check_record(seq, record, size);
        }
    }
    for (int i = 0; i < 2; i++) {
        FAST_ASSERT(!history_walk_next(&w, &seq, &size));
        FAST_ASSERT(seq == history_next(m.h) && !size);
    }
}

/* Goes back from 'from' to the start. */
static void
check_walk_prev(enum history_kind kind, uint64_t from)
{
    struct history_walk w;
    uint64_t seq;
    size_t size;

    history_walk_init(&w, m.h, kind, from);
    for (uint64_t i = MIN(from, history_next(m.h)); i-- > 0;) {
        if (has(i, kind)) {
            const void *record = history_walk_prev(&w, &seq, &size);

            FAST_ASSERT(seq == i);
            check_record(seq, record, size);
        }
    }
    for (int i = 0; i < 2; i++) {
        FAST_ASSERT(!history_walk_prev(&w, &seq, &size));
        FAST_ASSERT(!seq && !size);
    }
}

/* Goes to and fro from 'from'. */
static void
check_walk_turns(enum history_kind kind, uint64_t from)
{
    uint64_t there, back;
    struct history_walk w;
    size_t size;

    history_walk_init(&w, m.h, kind, from);
    for (int i = 0; i < 20; i++) {
        const void *record = history_walk_next(&w, &there, &size);

        if (record) {
            FAST_ASSERT(history_walk_prev(&w, &back, &size) == record);
            FAST_ASSERT(there == back);
            history_walk_next(&w, &there, &size);
        }
    }
}

static void
check_counts(enum history_kind kind, uint64_t from)
{
    struct history_stats stats;
    uint64_t n_behind = 0;
    uint64_t n_all = 0;

    for (uint64_t seq = history_next(m.h); seq-- > 0;) {
        if (has(seq, kind)) {
            n_all++;
            n_behind += seq >= from;
            if (kind != HISTORY_ALL) {
                FAST_ASSERT(history_newest(m.h, kind, n_all) == seq);
            }
        }
    }
    FAST_ASSERT(history_count(m.h, kind, from) == n_behind);
    FAST_ASSERT(history_count(m.h, kind, 0) == n_all);
    history_get_stats(m.h, kind, &stats);
    FAST_ASSERT(stats.records == n_all);
    if (kind == HISTORY_ALL) {
        FAST_ASSERT(stats.records + stats.forgotten == history_next(m.h) - 1);
    } else {
        uint64_t first = n_all ? history_newest(m.h, kind, n_all)
                         : history_next(m.h);
        struct history_stats alone;

        FAST_ASSERT(history_newest(m.h, kind, 0) == history_next(m.h));
        FAST_ASSERT(history_newest(m.h, kind, n_all + 1) == first);
        history_get_stats(m.alone[kind], kind, &alone);
        FAST_ASSERT(!memcmp(&stats, &alone, sizeof stats));
    }
}

static void
check_all(uint32_t basis)
{
    model_update();
    check_get();
    for (int kind = 0; kind <= HISTORY_ALL; kind++) {
        uint64_t next = history_next(m.h);
        uint64_t from = pick(next, basis + kind, next + 2);

        check_walk_next(kind, from);
        check_walk_next(kind, 0);
        check_walk_prev(kind, from);
        check_walk_prev(kind, next);
        check_walk_prev(kind, UINT64_MAX);
        check_walk_turns(kind, from);
        check_counts(kind, from);
    }
}

/* Random sizes, some too large for their share, in runs of one kind, of which
 * 'passes' of 100 are of passes. */
static void
run(uint32_t basis, size_t limit, uint64_t n, uint32_t passes)
{
    enum history_kind kind = HISTORY_UPCALLS;

    model_init(limit);
    check_all(basis);
    for (uint64_t i = 1; i <= n; i++) {
        size_t max = pick(i, basis, 50) ? 400 : MAX_SIZE - 8;

        if (!pick(i, basis + 1, 3)) {
            kind = (pick(i, basis + 2, 100) < passes ? HISTORY_PASSES
                    : HISTORY_UPCALLS);
        }
        model_add(kind, 8 + pick(i, basis + 3, max));
        if (!pick(i, basis + 4, 400)) {
            check_all(basis + i);
        }
        if (!pick(i, basis + 5, 1500)) {
            history_clear(m.h);
            history_clear(m.alone[0]);
            history_clear(m.alone[1]);
        }
    }
    check_all(basis);
    model_destroy();
}

START_TEST(test_random)
{
    static const size_t limits[] = {
        0, 100, 1000, 4096, 9999, 65536, 1 << 20
    };
    static const uint32_t passes[] = { 0, 2, 50, 99, 100 };

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(passes); j++) {
            run(100 * i + 10 * j, limits[i], 3000, passes[j]);
        }
    }
}
END_TEST

/* A flood of passes does not push an upcall out, nor the other way. */
START_TEST(test_share)
{
    model_init(1 << 20);
    for (int i = 0; i < 20; i++) {
        model_add(HISTORY_UPCALLS, 400);
        for (int j = 0; j < 900; j++) {
            model_add(HISTORY_PASSES, 300);
        }
    }
    check_all(0);
    ck_assert_uint_eq(history_count(m.h, HISTORY_UPCALLS, 0), 20);
    ck_assert_uint_gt(history_count(m.h, HISTORY_PASSES, 0), 1500);
    ck_assert_uint_lt(history_count(m.h, HISTORY_PASSES, 0), 1800);
    ck_assert_uint_eq(history_first(m.h), 1);
    model_destroy();

    model_init(1 << 20);
    model_add(HISTORY_PASSES, 300);
    for (int j = 0; j < 10000; j++) {
        model_add(HISTORY_UPCALLS, 400);
    }
    check_all(0);
    ck_assert_uint_eq(history_count(m.h, HISTORY_PASSES, 0), 1);
    model_destroy();
}
END_TEST

/* Without passes, all memory is for upcalls, and a pass is forgotten. */
START_TEST(test_without_passes)
{
    struct history *h = history_create(4096, false);
    struct history_stats stats;
    uint64_t record[15];
    size_t size;

    ck_assert(!history_has_passes(h));
    for (uint64_t seq = 1; seq <= 31; seq++) {
        fill(record, seq, HISTORY_UPCALLS, sizeof record);
        history_add(h, record, sizeof record);
    }
    fill(record, 32, HISTORY_PASSES, sizeof record);
    ck_assert_uint_eq(history_add(h, record, sizeof record), 32);
    ck_assert_ptr_null(history_get(h, 32, &size));
    ck_assert_uint_eq(history_count(h, HISTORY_ALL, 0), 31);
    history_get_stats(h, HISTORY_PASSES, &stats);
    ck_assert_uint_eq(stats.limit, 0);
    ck_assert_uint_eq(stats.records, 0);
    ck_assert_uint_eq(stats.forgotten, 1);
    history_destroy(h);

    h = history_create(4097, true);
    ck_assert(history_has_passes(h));
    history_get_stats(h, HISTORY_ALL, &stats);
    ck_assert_uint_eq(stats.limit, 4097);
    history_get_stats(h, HISTORY_PASSES, &stats);
    ck_assert_uint_eq(stats.limit, 2048);
    history_destroy(h);
}
END_TEST

/* Returns the tests of this file. */
TCase *
history_kinds_tcase(void)
{
    TCase *tcase = tcase_create("kinds");

    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_share);
    tcase_add_test(tcase, test_without_passes);
    return tcase;
}
