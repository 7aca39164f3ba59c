/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of sessions. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check-output.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "random.h"
#include "session-files.h"
#include "sset.h"
#include "util.h"

TCase *forward_session_tcase(void);

START_TEST(test_session)
{
    struct forward_counts counts;
    struct session_found found;

    session_open(SESSION_ID, 1);
    ck_assert_uint_eq(session_number(), 0);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 10);
    session_take_record(2, 11);         /* It has that. */
    session_take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 4, .number = 5,
    }, "number 4 comes in place of 3");
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 3, .number = 8,
        .gap = { .dropped = 6, .missed = 4, .next = 20 },
    });
    session_take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 5, .number = 9,
    }, "the gap from 5 on has changed");
    session_take_line(9, "{\"nonsense\":1}");
    session_take_record(10, 21);
    session_take_line(11, END);
    ck_assert(forward_session_has_news(session));
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(!forward_session_has_news(session));
    ck_assert_uint_eq(session_number(), 11);
    session_take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_ACK,
    }, "not a message of a sender");
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 12, .why = "over",
    });
    ck_assert(forward_session_is_closed(session));
    counts = forward_session_counts(session);
    ck_assert_uint_eq(counts.records, 2);
    ck_assert_uint_eq(counts.dropped, 6);
    ck_assert_uint_eq(counts.missed, 4);
    ck_assert_uint_eq(counts.refused, 1);
    found = session_read_files(1);
    ck_assert_int_eq(found.traces, 1);
    ck_assert_uint_eq(found.records, 2);
    ck_assert_uint_eq(found.dropped, 6);
    ck_assert_uint_eq(found.missed, 4 + 1);
}
END_TEST

/* What was not synced is gone, and comes again. */
START_TEST(test_killed)
{
    struct session_found found;

    session_options.ending = _i ? ".json.gz" : ".json";
    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 1);
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_take_record(3, 2);
    session_kill();

    session_open(SESSION_ID, 2);
    ck_assert_uint_eq(session_number(), 2);
    session_begin(3, STARTUP);
    session_take_record(3, 2);
    ck_assert_int_eq(forward_session_sync(session), 0);
    /* In a session of its own, in spite of the same name. */
    session_kill();
    session_open(OTHER_ID, 7);
    ck_assert_uint_eq(session_number(), 6);
    session_begin(7, STARTUP);
    session_take_record(7, 5);
    forward_session_end(session, "test");
    session_kill();
    /* Also what was ended goes on, in another file. */
    session_open(SESSION_ID, 4);
    session_begin(4, STARTUP);
    forward_session_end(session, "test");
    session_kill();
    session_open(SESSION_ID, 4);
    session_begin(4, STARTUP);
    session_take_record(4, 3);
    /* What another receiver has got is not asked for. */
    forward_session_resume(session, &(struct forward_message) { .first = 9 });
    ck_assert_uint_eq(session_number(), 8);
    session_begin(9, STARTUP);
    session_take_record(9, 8);
    forward_session_end(session, "test");
    session_kill();
    found = session_read_files(4);
    ck_assert_uint_eq(found.records, 5);
}
END_TEST

/* Traces whose end was dropped, and gaps outside of any. */
START_TEST(test_traces)
{
    struct session_found found;

    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 1, .number = 3,
        .gap = { .dropped = 2, .traces = 1 },
    });
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    session_open(SESSION_ID, 1);
    session_begin(4, NULL);
    session_take_line(4, STARTUP);
    session_take_record(5, 1);
    session_take_line(6, STARTUP);
    session_take_line(7, END);
    session_take_line(8, STARTUP);
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 9, .why = "over",
    });
    found = session_read_files(1);
    ck_assert_int_eq(found.traces, 2);
    ck_assert_uint_eq(found.records, 1);
    ck_assert_uint_eq(found.dropped, 2);
}
END_TEST

/* A record comes once, whatever was before: a line that was refused, another
 * connection, or another process. */
START_TEST(test_seq)
{
    static const char *const others[] = { "{\"nonsense\":1}", END };
    struct session_found found;

    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 5);
    session_take_line(3, others[0]);
    session_take_record(4, 5);
    session_begin(5, STARTUP);
    session_take_record(5, 4);
    session_take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_BEGIN, .number = 5, .startup = STARTUP,
    }, "a begin of number 5, which has come");
    session_take_record(6, 6);
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    session_open(SESSION_ID, 7);
    session_begin(7, STARTUP);
    session_take_record(7, 6);
    session_take_record(8, 7);
    /* Another trace has numbers of its own, with its first line or without. */
    session_begin(9, "{\"event\":\"startup\",\"version\":\"2\"}");
    session_take_record(9, 1);
    session_take_line(10, others[1]);
    session_take_line(11, STARTUP);
    session_take_record(12, 1);
    session_take_line(13, others[1]);
    ck_assert_uint_eq(forward_session_counts(session).refused, 4);
    forward_session_end(session, "test");
    found = session_read_files(1);
    ck_assert_int_eq(found.traces, 3);
    ck_assert_uint_eq(found.records, 5);
    ck_assert_uint_eq(found.missed, 4);
}
END_TEST

/* Lines that are refused in a row are one gap, of the trace that they are in:
 * what is written is not more than what is sent. */
START_TEST(test_refused)
{
    struct session_found found;
    uint64_t n = 1;

    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(n++, STARTUP);
    session_take_record(n++, 1);
    for (int trace = 0; trace < 2; trace++) {
        for (int i = 0; i < 100; i++) {
            session_take_line(n++, "{}");
        }
        ck_assert_int_eq(forward_session_sync(session), 0);
        session_kill();
        session_open(SESSION_ID, n);
        session_begin(n, STARTUP);
        session_take_line(n++, "{}");
        /* What comes next may be a record, another trace, or a gap. */
        if (!trace) {
            session_take_record(n++, 2);
            session_take_line(n++, "{}");
            session_take_line(n++, STARTUP);
        }
    }
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = n, .number = n,
        .gap = { .traces = 1 },
    });
    n++;
    session_take_record(n++, 1);
    session_take_line(n++, "{}");
    session_take_line(n++, END);
    ck_assert_uint_eq(forward_session_counts(session).refused, 2 * 101 + 2);
    forward_session_end(session, "test");
    found = session_read_files(1);
    ck_assert_int_eq(found.traces, 2);
    ck_assert_uint_eq(found.records, 3);
    ck_assert_uint_eq(found.missed, 2 * 101 + 2);
    ck_assert_int_eq(found.gaps, 4);
}
END_TEST

/* A gap after the last trace is in a file, if there is one. */
START_TEST(test_last_gap)
{
    struct session_found found;

    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 1);
    session_take_line(3, END);
    session_take_line(4, "{}");
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 5, .number = 9,
        .gap = { .dropped = 2, .missed = 1 },
    });
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 10, .why = "over",
    });
    found = session_read_files(1);
    ck_assert_uint_eq(found.dropped, 2);
    ck_assert_uint_eq(found.missed, 2);
    ck_assert_int_eq(found.traces, 2);
    session_kill();
    /* One without a trace has no file. */
    session_open("11234567-89ab-cdef-0123-456789abcdef", 1);
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 1, .number = 9,
        .gap = { .dropped = 2 },
    });
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 10, .why = "over",
    });
    session_read_files(1);
}
END_TEST

/* Two sessions whose first digits are the same, neither of which has written
 * anything so far, have files of their own. */
START_TEST(test_same_digits)
{
    static const char *const ids[] = { SESSION_ID, OTHER_ID };
    struct sset in_use = SSET_INITIALIZER(&in_use);
    struct forward_session *sessions[2];

    session_options.in_use = &in_use;
    for (int i = 0; i < 2; i++) {
        session_open(ids[i], 1);
        sessions[i] = session;
    }
    for (int i = 0; i < 2; i++) {
        session = sessions[i];
        session_begin(1, NULL);
        session_take_line(1, STARTUP);
        session_take_record(2, 1);
        forward_session_end(session, "test");
    }
    forward_session_close(sessions[0]);
    ck_assert_ptr_nonnull(strstr(forward_session_name(session), OTHER_ID));
    session_kill();
    ck_assert_uint_eq(session_read_files(2).records, 2);
    sset_destroy(&in_use);
}
END_TEST

/* Files are rotated also if no record comes. */
START_TEST(test_rotate)
{
    static const char *const lines[] = { STARTUP, END };

    session_options.rotate = 4096;
    session_options.files = 2;
    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    for (int i = 2; i <= 401; i++) {
        if (_i) {
            session_take_line(i, lines[(i + 1) % 2]);
        } else {
            session_take(&(struct forward_message) {
                .kind = FORWARD_MESSAGE_GAP, .first = i, .number = i,
                .gap = { .dropped = 1 },
            });
        }
    }
    forward_session_end(session, "test");
    ck_assert_int_eq(session_read_files(2).records, 0);
}
END_TEST

/* Numbers that are as large as can be do no harm, and can be read again;
 * larger ones are refused. */
START_TEST(test_sums)
{
    const uint64_t most = INT64_MAX / 2;
    const struct forward_gap gaps[] = {
        { .dropped = most / 4, .missed = most / 4, .next = most },
        { .dropped = most / 4, .missed = most - 3 * (most / 4) },
        { .dropped = 1 }, { .missed = 1 }, { .dropped = most, .missed = most },
    };
    struct forward_message m = { .kind = FORWARD_MESSAGE_GAP };
    struct forward_counts counts;
    struct session_found found;

    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    /* Outside of a trace, and in one. */
    m.first = m.number = 1;
    m.gap = gaps[0];
    session_take(&m);
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    session_open(SESSION_ID, 2);
    session_begin(2, NULL);
    session_take_line(2, STARTUP);
    m.first = m.number = 3;
    m.gap = gaps[1];
    session_take(&m);
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    session_open(SESSION_ID, 4);
    session_begin(4, STARTUP);
    for (size_t i = 2; i < ARRAY_SIZE(gaps); i++) {
        m.first = m.number = 4;
        m.gap = gaps[i];
        session_take_expecting(&m, "more records are missing than there can");
    }
    ck_assert_uint_eq(session_number(), 3);
    session_take_record(4, 1);
    session_take_line(5, "refused");
    counts = forward_session_counts(session);
    ck_assert_uint_eq(counts.dropped + counts.missed, most);
    forward_session_end(session, "test");
    found = session_read_files(1);
    ck_assert_uint_eq(found.records, 1);
    ck_assert_uint_eq(found.dropped + found.missed, most + 1);
}
END_TEST

/* A sender and a receiver. */

/* Sends what 'q' has next.  Returns false if that is nothing. */
static bool
send_next(struct forward_queue *q)
{
    const struct forward_item *item = forward_queue_next(q);

    if (!item) {
        return false;
    } else if (item->kind == FORWARD_GAP) {
        session_take(&(struct forward_message) {
            .kind = FORWARD_MESSAGE_GAP, .first = item->first,
            .number = item->number, .gap = item->gap,
        });
    } else if (item->kind == FORWARD_CLOSE) {
        session_take(&(struct forward_message) {
            .kind = FORWARD_MESSAGE_CLOSE, .number = item->number,
            .why = "test",
        });
    } else {
        session_take_line(item->number, item->line);
    }
    return true;
}

static void
put_line(struct forward_queue *q, enum forward_kind kind, uint64_t seq,
         const char *line)
{
    forward_queue_put(q, kind, seq, line, strlen(line));
}

/* Goes on with the session, which the receiver may have forgotten. */
static void
reconnect(struct forward_queue *q)
{
    session_open(SESSION_ID, forward_queue_first(q));
    forward_queue_ack(q, session_number());
    forward_queue_rewind(q);
    session_begin(forward_queue_first(q), forward_queue_startup(q));
}

/* The receiver is killed at any moment, may be away for long, and the queue
 * has no room: all that was put is in the files or counted there. */
START_TEST(test_random)
{
    struct forward_queue *q = forward_queue_create(60000);
    struct forward_queue_stats stats;
    struct session_found found;
    bool in_trace = false;

    session_options.rotate = _i == 2 ? 20000 : 0;
    session_options.ending = _i == 1 ? ".json.gz" : ".json";
    for (int i = 1; i <= 3000; i++) {
        if (!in_trace) {
            put_line(q, FORWARD_STARTUP, 0, STARTUP);
            in_trace = true;
        } else if (random_range(40) == 0) {
            put_line(q, FORWARD_END, 0, END);
            in_trace = false;
        } else if (random_range(50) == 0) {
            forward_queue_put_gap(q, i, 3);
        } else {
            char *line = session_make_record(i);

            put_line(q, FORWARD_RECORD, i, line);
            free(line);
        }
        if (!session && (i / 100 % 4 != 3)) {
            reconnect(q);
        }
        for (uint32_t n = random_range(4); session && n > 0; n--) {
            send_next(q);
        }
        if (session && random_range(10) == 0) {
            ck_assert_int_eq(forward_session_sync(session), 0);
            if (random_range(2)) {
                /* The acknowledgement may be lost. */
                forward_queue_ack(q, session_number());
            }
        }
        if (session && random_range(100) == 0) {
            session_kill();
        }
    }
    forward_queue_put(q, FORWARD_CLOSE, 0, NULL, 0);
    while (!forward_queue_is_empty(q)) {
        if (!session) {
            reconnect(q);
        }
        while (send_next(q)) {
            continue;
        }
        ck_assert_int_eq(forward_session_sync(session), 0);
        forward_queue_ack(q, session_number());
    }
    forward_queue_get_stats(q, &stats);
    found = session_read_files(0);
    ck_assert_uint_gt(stats.dropped, 100);
    ck_assert_uint_eq(found.records, stats.acked);
    ck_assert_uint_eq(found.dropped, stats.dropped);
    ck_assert_uint_eq(found.missed, stats.missed);
    ck_assert_uint_eq(found.records + found.dropped, stats.records);
    forward_queue_destroy(q);
}
END_TEST

/* Returns the tests of this file. */
TCase *
forward_session_tcase(void)
{
    TCase *tc = tcase_create("forward-session");

    tcase_add_checked_fixture(tc, check_output_setup,
                              check_output_teardown);
    tcase_add_checked_fixture(tc, session_setup, session_teardown);
    tcase_add_test(tc, test_session);
    tcase_add_loop_test(tc, test_killed, 0, 2);
    tcase_add_test(tc, test_traces);
    tcase_add_test(tc, test_seq);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_last_gap);
    tcase_add_test(tc, test_same_digits);
    tcase_add_loop_test(tc, test_rotate, 0, 2);
    tcase_add_test(tc, test_sums);
    tcase_add_loop_test(tc, test_random, 0, 3);
    return tc;
}
