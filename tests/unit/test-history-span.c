/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/history*.c with so few bits for a sequence number in the
 * header of a record that they are soon too few to tell numbers apart. */

#include <config.h>

/* A history of our own, beside that of the library. */
#define SEQ_BITS 8
#define history_create span_create
#define history_destroy span_destroy
#define history_clear span_clear
#define history_add span_add
#define history_get span_get
#define history_first span_first
#define history_next span_next
#define history_count span_count
#define history_newest span_newest
#define history_has_passes span_has_passes
#define history_get_stats span_get_stats
#define history_search_init span_search_init
#define history_search_next span_search_next
#define history_walk_init span_walk_init
#define history_walk_next span_walk_next
#define history_walk_prev span_walk_prev
#define lane_plan span_lane_plan
#define lane_set_memory span_lane_set_memory
#define lane_clear span_lane_clear
#define lane_has_room span_lane_has_room
#define lane_add span_lane_add
#define lane_add_stats span_lane_add_stats
#define lane_is_empty span_lane_is_empty
#define lane_find span_lane_find
#define lane_header span_lane_header
#define lane_seq span_lane_seq
#define lane_get_size span_lane_get_size
#define chain_of span_chain_of
#define chain_hash span_chain_hash
#define chains_add span_chains_add
#define chain_first span_chain_first
#define chain_next span_chain_next
#include "store/history-chain.c"
#include "store/history-lane.c"
#include "store/history.c"

#include <check.h>

TCase *history_span_tcase(void);

/* Adds a record, and returns its number. */
static uint64_t
add(struct history *h, enum history_kind kind)
{
    uint64_t record[16] = { history_next(h) };

    record[0] |= kind == HISTORY_PASSES ? PASS_RECORD : 0;
    return history_add(h, record, sizeof record);
}

/* Fails unless the record 'seq' is found exactly if 'kept'. */
static void
check_kept(const struct history *h, uint64_t seq, bool kept)
{
    size_t size;
    const uint64_t *record = history_get(h, seq, &size);

    ck_assert_int_eq(record != NULL, kept);
    ck_assert(!record || (*record & ~PASS_RECORD) == seq);
}

/* An upcall stays while others of its kind have numbers that can be told from
 * its own, however many passes there are. */
START_TEST(test_span)
{
    struct history *h = history_create(1 << 20, true);
    uint64_t seq;

    ck_assert_uint_eq(add(h, HISTORY_UPCALLS), 1);
    for (int i = 0; i < 1000; i++) {
        add(h, HISTORY_PASSES);
        check_kept(h, 1, true);
    }
    ck_assert_uint_eq(history_count(h, HISTORY_PASSES, 0), SEQ_SPAN);
    seq = add(h, HISTORY_UPCALLS);
    check_kept(h, 1, false);
    check_kept(h, seq, true);
    while (history_next(h) < seq + SEQ_SPAN - 1) {
        add(h, HISTORY_PASSES);
    }
    add(h, HISTORY_UPCALLS);                    /* The last that may. */
    check_kept(h, seq, true);
    check_kept(h, seq + SEQ_SPAN - 1, true);
    add(h, HISTORY_UPCALLS);
    check_kept(h, seq, false);
    check_kept(h, seq + SEQ_SPAN - 1, true);
    history_destroy(h);
}
END_TEST

/* Numbers are right for all that is kept. */
START_TEST(test_numbers)
{
    struct history *h = history_create(1 << 20, true);

    for (uint64_t i = 1; i <= 5000; i++) {
        struct history_walk walk;
        const uint64_t *record;
        uint64_t last = 0;
        uint64_t seq;
        size_t size;

        add(h, i % 1000 < 300 || i % 7 == 0 ? HISTORY_UPCALLS
               : HISTORY_PASSES);
        if (i % 10) {
            continue;
        }
        history_walk_init(&walk, h, HISTORY_ALL, 0);
        while ((record = history_walk_next(&walk, &seq, &size))) {
            ck_assert((*record & ~PASS_RECORD) == seq && seq > last);
            last = seq;
        }
        ck_assert(last == i);
    }
    history_destroy(h);
}
END_TEST

/* Returns the tests of this file. */
TCase *
history_span_tcase(void)
{
    TCase *tcase = tcase_create("span");

    tcase_add_test(tcase, test_span);
    tcase_add_test(tcase, test_numbers);
    return tcase;
}
