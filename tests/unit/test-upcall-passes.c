/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/upcall-passes.c, of the searches of lib/store/history.c,
 * and of lib/show/passes-show.c. */

#include <config.h>
#include "store/upcall-passes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-writer.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "store/history.h"
#include "util.h"

TCase *upcall_passes_tcase(void);

static struct history *history;

static void
setup(void)
{
    check_output_setup();
    history = history_create(1 << 20, true);
}

static void
teardown(void)
{
    history_destroy(history);
    check_output_teardown();
}

/* Adds the pass 'b', which is freed, as that with number 'id', which begins
 * after those with lower ones, and returns the number of the record. */
static uint64_t
add(struct build_pass *b, uint64_t id)
{
    uint64_t seq;
    size_t size;
    void *data;

    b->rec.head = PASS_RECORD | id;
    b->rec.ts = BUILD_TS + id;
    data = build_pass_get(b, &size);
    build_pass_uninit(b);
    seq = history_add(history, data, size);
    free(data);
    return seq;
}

/* Adds a pass that the pass 'parent' has recirculated; none if that is 0. */
static uint64_t
add_hit(uint64_t id, uint64_t parent)
{
    struct build_pass b;

    build_pass_hit(&b);
    b.rec.below = parent;
    b.rec.flags |= parent ? PASS_F_BELOW : 0;
    b.rec.recirc_id = parent ? 0x1a2 : 0;
    return add(&b, id);
}

static uint64_t
add_miss(uint64_t id, uint64_t upcall, uint64_t parent)
{
    struct build_pass b;

    build_pass_miss(&b);
    b.rec.upcall = upcall;
    b.rec.below = parent;
    b.rec.flags |= parent ? PASS_F_BELOW : 0;
    return add(&b, id);
}

static uint64_t
add_execute(uint64_t id, uint64_t upcall)
{
    struct build_pass b;

    build_pass_execute(&b, "2", 0);
    b.rec.upcall = upcall;
    return add(&b, id);
}

/* Fails unless the passes of upcall 'id', which happened in 'pass', are the
 * 'n' ones in 'seqs'. */
static void
check_passes(uint64_t id, uint64_t pass, const uint64_t seqs[], size_t n)
{
    const struct upcall_record rec = { .id = id, .pass = pass };
    struct upcall_passes p;

    ck_assert(upcall_passes_find(history, &rec, &p));
    ck_assert_uint_eq(p.n, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(p.passes[i].seq, seqs[i]);
    }
}

/* The miss, two executes and what these have recirculated, but neither other
 * passes of the same packet nor what another upcall has executed. */
START_TEST(test_find)
{
    uint64_t seqs[6], other[2];

    add_hit(10, 0);
    seqs[0] = add_miss(11, 17, 10);
    add_hit(12, 10);
    add_execute(16, 18);
    seqs[1] = add_execute(13, 17);
    seqs[2] = add_hit(14, 13);
    add_hit(17, 16);
    seqs[3] = other[0] = add_miss(15, 19, 14);
    seqs[4] = add_execute(18, 17);
    seqs[5] = add_hit(19, 18);
    other[1] = add_execute(20, 19);
    check_passes(17, 11, seqs, 6);
    check_passes(17, 0, seqs + 1, 5);
    check_passes(17, 99, seqs + 1, 5);
    check_passes(19, 15, other, 2);
    check_passes(20, 21, NULL, 0);
    history_clear(history);
    check_passes(17, 11, NULL, 0);
}
END_TEST

/* The record of a pass may come after those of what it has recirculated. */
START_TEST(test_order)
{
    uint64_t seqs[4];

    seqs[3] = add_hit(15, 14);
    seqs[2] = add_hit(14, 13);
    seqs[1] = add_execute(13, 17);
    seqs[0] = add_miss(11, 17, 0);
    check_passes(17, 11, seqs, 4);
}
END_TEST

/* Records that nothing but a bug would write: a pass that is its own parent,
 * at once or by another one. */
START_TEST(test_circle)
{
    uint64_t seqs[3];

    seqs[0] = add_execute(13, 17);
    seqs[1] = add_hit(14, 13);
    seqs[2] = add_hit(14, 14);
    check_passes(17, 0, seqs, 3);
    add_hit(15, 16);
    add_hit(16, 15);
    add_hit(16, 14);
    check_passes(17, 0, (uint64_t[]) { seqs[0], seqs[1], seqs[2], 4, 5, 6 },
                 6);
}
END_TEST

/* Of too many, none are told. */
START_TEST(test_too_many)
{
    const struct upcall_record rec = { .id = 17 };
    uint64_t seqs[UPCALL_PASSES_MAX];
    struct upcall_passes p;

    seqs[0] = add_execute(13, 17);
    for (size_t i = 1; i < UPCALL_PASSES_MAX; i++) {
        seqs[i] = add_hit(20 + i, 13);
    }
    check_passes(17, 0, seqs, UPCALL_PASSES_MAX);
    add_hit(20 + UPCALL_PASSES_MAX, 13);
    ck_assert(!upcall_passes_find(history, &rec, &p));
    history_destroy(history);
    history = history_create(1 << 20, false);
    add_execute(13, 17);
    ck_assert(!upcall_passes_find(history, &rec, &p));
}
END_TEST

/* Fails unless the search for 'id' finds what a walk over all does, and
 * returns how many these are. */
static size_t
check_search(enum history_relation relation, uint64_t id)
{
    struct history_search search;
    struct history_walk walk;
    uint64_t seq, found;
    const void *record;
    size_t size, same;
    uint64_t other;
    size_t n = 0;

    history_search_init(&search, history, relation, id);
    history_walk_init(&walk, history, HISTORY_PASSES, history_next(history));
    while ((record = history_walk_prev(&walk, &seq, &size))) {
        if (history_relation_get(record, size, relation, &other)
            && other == id) {
            ck_assert_ptr_eq(history_search_next(&search, &found, &same),
                             record);
            ck_assert_uint_eq(found, seq);
            ck_assert_uint_eq(same, size);
            n++;
        }
    }
    ck_assert_ptr_null(history_search_next(&search, &found, &same));
    ck_assert_ptr_null(history_search_next(&search, &found, &same));
    return n;
}

/* Passes with few and with many relations, in histories that forget most of
 * them, beside upcalls and records that are too short to have any. */
START_TEST(test_search)
{
    static const size_t limits[] = { 1000, 10000, 1 << 17 };
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        history_destroy(history);
        history = history_create(limits[i], true);
        for (uint64_t j = 1; j <= 3000; j++) {
            uint64_t record[40] = { j };
            uint32_t r = hash_uint64(j);
            uint32_t key = r % 100 < 20 ? j / 5 : r % 30;

            if (r % 7 == 0) {
                add_execute(j, key);
            } else if (r % 7 == 1) {
                record[0] |= r % 2 ? PASS_RECORD : 0;
                history_add(history, record, 8 + r % 100);
            } else {
                add_hit(j, key);
            }
            if (j % 100 == 0) {
                for (int k = 0; k < HISTORY_N_RELATIONS; k++) {
                    n += check_search(k, key);
                    n += check_search(k, j % 30);
                    n += check_search(k, j);
                }
            }
            if (j % 1700 == 0) {
                history_clear(history);
            }
        }
    }
    ck_assert_uint_gt(n, 300);
}
END_TEST

/* Returns upcall 17, which happened in pass 18, as text with 'events' or not,
 * and as JSON if 'json' is not NULL. */
static char *
show(bool events, bool has_history, struct json **json)
{
    size_t n_passes = 0;
    const struct record_context c = {
        .ports = test_ports, .history = has_history ? history : NULL,
        .n_passes = &n_passes,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    struct build b;
    size_t size;
    void *data;

    build_executed(&b);
    b.rec.pass = 18;
    data = build_get(&b, &size);
    build_uninit(&b);
    if (json) {
        json_writer_init(&w, &ds);
        ck_assert_ptr_null(record_show_json(&w, data, size, 3, &c));
        *json = parse_json(&ds);
        ds_init(&ds);
    }
    ck_assert_ptr_null(record_show_text(&ds, data, size, events, &c));
    free(data);
    if (!has_history || !history_has_passes(history)
        || history_count(history, HISTORY_PASSES, 0) > UPCALL_PASSES_MAX) {
        ck_assert_uint_eq(n_passes, 0);
    } else {
        ck_assert_uint_eq(n_passes, (json ? 2 : 1)
                          * history_count(history, HISTORY_PASSES, 0));
    }
    return ds_steal_cstr(&ds);
}

/* Fails unless 'text' ends with 'end'. */
static void
check_end(char *text, const char *end)
{
    size_t len = strlen(text);

    ck_assert_uint_ge(len, strlen(end));
    ck_assert_str_eq(text + len - strlen(end), end);
    free(text);
}

#define ICMP "icmp 172.200.0.3 > 172.200.0.2 98 bytes"

START_TEST(test_show)
{
    struct json *json, *passes;
    struct shash *members;
    char *text;

    add_miss(18, 17, 0);
    add_execute(19, 17);
    check_end(show(false, true, NULL),
        "output     p1\n"
        "          pass       p18 p2 " ICMP ": miss, upcall #17, 3 masks, "
        "lookup 0.9 us\n"
        "          pass       p19 p2 " ICMP ": execute of upcall #17, "
        "51.1 us\n");

    text = show(false, true, &json);
    passes = shash_find_data(json_object(json), "passes");
    ck_assert_int_eq(passes->type, JSON_ARRAY);
    ck_assert_uint_eq(upcall_json_array_size(passes), 2);
    members = json_object(upcall_json_array_at(passes, 1));
    check_json(shash_find_data(members, "id"), "\"p19\"");
    json_destroy(json);
    free(text);

    /* Without a history, as ever. */
    check_end(show(false, false, &json), "output     p1\n");
    ck_assert_ptr_null(shash_find(json_object(json), "passes"));
    json_destroy(json);

    /* In a trace without passes. */
    history_destroy(history);
    history = history_create(1 << 20, false);
    check_end(show(false, true, &json), "output     p1\n");
    check_part(json, "passes", "null");
    json_destroy(json);
}
END_TEST

#define MISS "202388857516951 [swapper/7] flow_tbl_lookup miss q 17\n"

/* What the events of upcall 17 begin with but for those of passes. */
#define BEGIN                                                               \
    "202388857516033 [swapper/7] upcall (miss) port 3644007146 cpu 7\n"     \
    "202388857543026 [swapper/7] upcall_enqueue (miss) (7/202388857516033) "\
    "q 17 ret 0\n"                                                          \
    "202388857546533 [swapper/7] upcall_ret (7/202388857516033) ret 0\n"    \
    "202388857658575 [handler9] upcall_recv q 17 pkt_size 98\n"             \
    "202388857762836 [handler9] flow_put q 17 ts 202388857658575 (1) "      \
    "ufid:66252ae8-0102-0304-0506-0708090a0b0c ret 0\n"                     \
    "202388857776033 [handler9] flow_exec q 17 ts 202388857658575 (1)\n"

/* Fails unless 'expected' are the events of upcall 17. */
static void
check_shown(const char *expected)
{
    char *events = show(true, true, NULL);

    ck_assert_str_eq(events, expected);
    free(events);
}

/* Each event is there once, with the id of the upcall. */
START_TEST(test_events)
{
    struct build_pass b;

    add_miss(18, 17, 0);
    check_shown(MISS BEGIN
                "202388857827133 [handler9] exec oport 2 q 17\n");

    /* The pass knows when which of its actions were executed. */
    build_pass_execute(&b, "2", 0);
    b.rec.flags |= PASS_F_EXECUTED;
    ofpbuf_put(&b.executed, &(struct pass_executed) {
               .ns = 1000, .result = PASS_NO_RESULT },
               sizeof(struct pass_executed));
    add(&b, 19);
    check_shown(MISS BEGIN
                "202388857517052 [handler9] exec oport 2 q 17\n");

    /* What it has recirculated is of the upcall, too, but what missed then is
     * of another upcall. */
    add_hit(20, 19);
    add_miss(21, 99, 19);
    check_shown(MISS BEGIN
                "202388857517052 [handler9] exec oport 2 q 17\n"
                "202388857516953 [swapper/7] flow_tbl_lookup hit ufid "
                "66252ae8-0102-0304-0506-0708090a0b0c masks 3 cache 1 q 17\n"
                "- [swapper/7] exec oport 2 q 17\n");
}
END_TEST

/* What the passes do not tell, the upcall does; and a pass that an action of
 * has asked for the upcall is none of its events. */
START_TEST(test_events_of_upcall)
{
    struct build_pass b;

    add_hit(18, 0);
    add_execute(19, 17);
    check_shown(BEGIN "202388857827133 [handler9] exec oport 2 q 17\n");
    history_clear(history);
    build_pass_execute(&b, "2", 0);
    b.rec.flags &= ~PASS_F_ACTIONS;
    b.rec.flags |= PASS_F_EXECUTED;
    b.actions.size = 0;
    add(&b, 19);
    check_shown(BEGIN "202388857827133 [handler9] exec oport 2 q 17\n");
}
END_TEST

START_TEST(test_events_too_many)
{
    add_execute(19, 17);
    for (int i = 0; i < UPCALL_PASSES_MAX; i++) {
        add_hit(20 + i, 19);
    }
    check_end(show(true, true, NULL),
        "202388857827133 [handler9] exec oport 2 q 17\n"
        "- [swapper/7] passes more than 64, see upcall-trace/passes q 17\n");
    check_end(show(false, true, NULL),
        "          pass       more than 64, see upcall-trace/passes\n");
}
END_TEST

/* The id is that of the upcall as far as it is known. */
START_TEST(test_owner)
{
    static const struct {
        uint64_t pass, owner;
    } tests[] = {
        { 11, 17 }, { 13, 17 }, { 14, 17 }, { 15, 17 }, { 16, 19 },
        { 20, 0 }, { 21, 0 }, { 22, 0 }, { 23, 0 },
    };

    add_miss(11, 17, 0);
    add_hit(15, 14);
    add_hit(14, 13);
    add_execute(13, 17);
    add_miss(16, 19, 14);
    add_hit(20, 0);
    add_hit(21, 20);
    add_hit(22, 99);
    add_hit(23, 23);
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        struct history_search search;
        const struct pass_record *rec;
        uint64_t seq;
        size_t size;

        history_search_init(&search, history, HISTORY_SELF, tests[i].pass);
        rec = history_search_next(&search, &seq, &size);
        ck_assert_uint_eq(upcall_passes_owner(history, rec), tests[i].owner);
        ck_assert_uint_eq(upcall_passes_owner(NULL, rec),
                          rec->flags & PASS_F_UPCALL ? tests[i].owner : 0);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
upcall_passes_tcase(void)
{
    TCase *tcase = tcase_create("upcall-passes");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_find);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_circle);
    tcase_add_test(tcase, test_too_many);
    tcase_add_test(tcase, test_search);
    tcase_add_test(tcase, test_show);
    tcase_add_test(tcase, test_events);
    tcase_add_test(tcase, test_events_of_upcall);
    tcase_add_test(tcase, test_events_too_many);
    tcase_add_test(tcase, test_owner);
    return tcase;
}
