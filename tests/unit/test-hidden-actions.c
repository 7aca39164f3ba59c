/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/hidden-actions.c and lib/flow/flow-table-hits.c. */

#include <config.h>
#include "flow/hidden-actions.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/clock.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "flow/flow-text.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass-actions.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

TCase *hidden_actions_tcase(void);

/* When the flows were put. */
#define HIDDEN_PUT_TS 1000

/* Their actions: those of the first two look the same. */
#define HIDDEN_TUNNEL \
    "set(tunnel(tun_id=0x7b,dst=10.0.0.1,ttl=64,flags(df|key))),2"
#define HIDDEN_OTHER \
    "set(tunnel(tun_id=0x7b,dst=10.0.0.2,ttl=64,flags(df|key))),2"
#define HIDDEN_HELPER "ct(commit,zone=7,helper=ftp),2"

static struct hidden_actions hidden;
static uint32_t lookup_ns;      /* How long the lookup of each hit takes. */

static void
setup(void)
{
    hidden_actions_init(&hidden, HIDDEN_PUT_TS);
    lookup_ns = 0;
}

/* Makes the pass 'b' that hits a flow with 'actions' in the kernel, where each
 * 'version' has pointers of its own, at 'ts'. */
static void
hidden_hit_build(struct build_pass *b, uint64_t ts, const char *actions,
                 uint8_t version)
{
    size_t ofs = 2 * NLA_HDRLEN;        /* Of the pointer to a tunnel. */
    struct upcall_attrs attrs;
    struct ofpbuf request;

    build_pass_hit(b);
    b->rec.ts = ts;
    b->rec.lookup_ns = 0;
    ofpbuf_init(&request, 0);
    ofpbuf_clear(&b->actions);
    ovs_assert(!odp_actions_from_string(actions, NULL, &request));
    attrs.data = request.data;
    attrs.len = request.size;
    kernel_bytes_put(&kernel_layout_6_12, &attrs, &b->actions);
    ofpbuf_uninit(&request);
    if (nl_attr_type(b->actions.data) == OVS_ACTION_ATTR_CT) {
        const struct kernel_place *helper
            = &kernel_layout_6_12.fields[KERNEL_FIELD_CT_HELPER];

        ofs = NLA_HDRLEN + helper->bit / 8;
    }
    ((uint8_t *) b->actions.data)[ofs] ^= version;
    b->rec.actions_total = b->actions.size;
}

/* Adds a hit 'after' ns of the put and returns whether ovs-vswitchd is to be
 * asked. */
static bool
hit(int64_t after, const char *actions, uint8_t version)
{
    struct build_pass b;
    struct pass p;
    void *data;
    bool ask;

    hidden_hit_build(&b, HIDDEN_PUT_TS + after, actions, version);
    b.rec.lookup_ns = lookup_ns;
    data = build_pass_parse(&b, &p);
    ask = hidden_actions_add_hit(&hidden, &p, &kernel_layout_6_12);
    free(data);
    return ask;
}

/* Fails unless a hit 'after' ns of the put is known to have its actions, or
 * with 'known' false, is not. */
static void
check_known(bool known, uint8_t version, uint64_t after)
{
    struct build_pass b;
    struct pass p;
    void *data;

    hidden_hit_build(&b, HIDDEN_PUT_TS + after, HIDDEN_TUNNEL, version);
    b.rec.lookup_ns = lookup_ns;
    data = build_pass_parse(&b, &p);
    ck_assert_msg(hidden_actions_are_those(&hidden, &p) == known,
                  "%"PRIu64" ns after the put", after);
    free(data);
}

/* Fails unless hits of 'VERSION' so many ns after the put are known to have
 * its actions, or are not. */
#define KNOWN(VERSION, ...) CHECK_KNOWN(true, VERSION, __VA_ARGS__)
#define UNKNOWN(VERSION, ...) CHECK_KNOWN(false, VERSION, __VA_ARGS__)
#define CHECK_KNOWN(KNOWN, VERSION, ...)                                \
    do {                                                                \
        const uint64_t after[] = { __VA_ARGS__ };                       \
                                                                        \
        for (size_t i = 0; i < ARRAY_SIZE(after); i++) {                \
            check_known(KNOWN, VERSION, after[i]);                      \
        }                                                               \
    } while (0)

/* Has it be asked for 'after' ns of the put, and the answer come 2 ns
 * later. */
static void
answer(bool same, uint64_t after)
{
    hidden_actions_add_answer(&hidden, same, HIDDEN_PUT_TS + after,
                              HIDDEN_PUT_TS + after + 2);
}

/* A hit, and then an answer. */
static void
begin(void)
{
    setup();
    hit(1, HIDDEN_TUNNEL, 0);
    answer(true, 10);
}

/* A hit between the put and an answer, and others, as far as answers go that
 * hits came after. */
START_TEST(test_between)
{
    ck_assert(hit(1, HIDDEN_TUNNEL, 0));
    UNKNOWN(0, 1);
    ck_assert(hit(5, HIDDEN_TUNNEL, 0));
    answer(true, 10);
    UNKNOWN(0, 1);
    ck_assert(hit(12, HIDDEN_TUNNEL, 0)); /* As the answer comes. */
    UNKNOWN(0, 1);
    ck_assert(hit(13, HIDDEN_TUNNEL, 0));
    KNOWN(0, 1, 5);
    UNKNOWN(1, 5);
    UNKNOWN(0, 0, 10, 11, 13);
    ck_assert(!hit(6, HIDDEN_TUNNEL, 0)); /* It comes late. */
    answer(true, 20);
    KNOWN(0, 5);
    UNKNOWN(0, 13);
    ck_assert(hit(23, HIDDEN_TUNNEL, 0));
    KNOWN(0, 13, 1);
    UNKNOWN(0, 23);
}
END_TEST

/* All of a lookup has to be in the time in question. */
START_TEST(test_lookup)
{
    lookup_ns = 3;
    hit(1, HIDDEN_TUNNEL, 0);
    answer(true, 10);
    hit(12, HIDDEN_TUNNEL, 0);          /* Perhaps before the answer. */
    UNKNOWN(0, 1);
    hit(13, HIDDEN_TUNNEL, 0);
    KNOWN(0, 1, 6);
    UNKNOWN(0, 7, 0);
    hit(9, HIDDEN_TUNNEL, 1);           /* Perhaps between these two. */
    UNKNOWN(0, 1);
}
END_TEST

/* What a hit came after lately may have others whose record is to come. */
START_TEST(test_late)
{
    uint64_t now = clock_ns();

    begin();
    hit(now - HIDDEN_PUT_TS, HIDDEN_TUNNEL, 0);
    ck_assert_uint_eq(hidden.confirmed, HIDDEN_PUT_TS + 10);
    UNKNOWN(0, 1);

    /* One before the answer. */
    begin();
    hit(2, HIDDEN_TUNNEL, 1);
    hit(13, HIDDEN_TUNNEL, 0);
    UNKNOWN(0, 1);
    UNKNOWN(1, 2);

    /* One between the answer and the hit after that. */
    begin();
    hit(15, HIDDEN_TUNNEL, 0);
    KNOWN(0, 1);
    hit(14, HIDDEN_TUNNEL, 1);
    UNKNOWN(0, 1);

    /* One before there was an answer: it begins with that. */
    setup();
    hit(5, HIDDEN_TUNNEL, 0);
    hit(3, HIDDEN_TUNNEL, 1);
    answer(true, 10);
    hit(13, HIDDEN_TUNNEL, 2);
    answer(true, 20);
    hit(23, HIDDEN_TUNNEL, 2);
    KNOWN(2, 13);
    UNKNOWN(0, 5);
}
END_TEST

/* The flow was modified, to what looks the same but for what is hidden. */
START_TEST(test_modified)
{
    /* Before the first answer: nobody knows which hit has which. */
    hit(1, HIDDEN_TUNNEL, 0);
    ck_assert(!hit(2, HIDDEN_OTHER, 1));
    answer(true, 10);
    ck_assert(!hit(11, HIDDEN_TUNNEL, 0)); /* As the answer comes. */
    ck_assert(hit(13, HIDDEN_TUNNEL, 2));
    UNKNOWN(0, 1);
    UNKNOWN(1, 2);

    /* After it: what was known stays, and no more is. */
    answer(true, 20);
    ck_assert(hit(23, HIDDEN_TUNNEL, 2));
    KNOWN(2, 13);
    ck_assert(!hit(25, HIDDEN_OTHER, 3));
    answer(false, 30);
    ck_assert(!hit(33, HIDDEN_OTHER, 3));
    KNOWN(2, 13);
    UNKNOWN(2, 23, 25);
    UNKNOWN(3, 25);
}
END_TEST

/* It was modified, hit, and modified back, all before it was asked for: the
 * answer is that it has what was put, and the hit had not. */
START_TEST(test_modified_back)
{
    ck_assert(hit(5, HIDDEN_OTHER, 1));
    answer(true, 10);
    UNKNOWN(1, 5);
    ck_assert(!hit(13, HIDDEN_TUNNEL, 2));
    UNKNOWN(1, 5);
    answer(true, 20);
    ck_assert(!hit(23, HIDDEN_TUNNEL, 2));
    answer(true, 30);
    ck_assert(!hit(33, HIDDEN_TUNNEL, 2));
    UNKNOWN(1, 5);
    UNKNOWN(2, 13, 23);
}
END_TEST

/* It is modified to and fro: the same bytes need not be the same actions. */
START_TEST(test_to_and_fro)
{
    /* An answer shows it, */
    hit(5, HIDDEN_TUNNEL, 1);
    answer(true, 10);
    hit(13, HIDDEN_TUNNEL, 1);
    KNOWN(1, 5);
    hit(14, HIDDEN_OTHER, 2);
    KNOWN(1, 5);
    answer(true, 20);
    UNKNOWN(1, 5);

    /* or a hit. */
    setup();
    hit(5, HIDDEN_TUNNEL, 1);
    answer(true, 10);
    hit(13, HIDDEN_TUNNEL, 1);
    answer(false, 20);
    hit(22, HIDDEN_TUNNEL, 1);
    KNOWN(1, 5);
    hit(23, HIDDEN_TUNNEL, 1);
    UNKNOWN(1, 5);
}
END_TEST

/* The answer is that it has others. */
START_TEST(test_other_answer)
{
    ck_assert(hit(1, HIDDEN_TUNNEL, 0));
    answer(false, 10);
    UNKNOWN(0, 1);
    ck_assert(!hit(13, HIDDEN_TUNNEL, 0));
    answer(true, 20);
    ck_assert(!hit(23, HIDDEN_TUNNEL, 0));
    UNKNOWN(0, 1, 13);
}
END_TEST

/* Nothing is asked about a flow of which nothing is hidden. */
START_TEST(test_nothing_hidden)
{
    ck_assert(!hit(1, "ct(commit,zone=7),2", 0));
    setup();
    ck_assert(hit(1, HIDDEN_HELPER, 0));
    setup();
    ck_assert(hit(1, "clone(" HIDDEN_TUNNEL ")", 0));
    setup();
    ck_assert(!hit(-1, HIDDEN_TUNNEL, 0));
}
END_TEST

/* Fails unless the actions of a hit at 'ts' are 'expected', with 'flows'. */
static void
check_filled(const struct flow_table *flows, uint64_t ts, const char *actions,
             uint8_t version, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct pass_actions a;
    struct build_pass b;
    struct pass p;
    void *data;
    bool filled;

    hidden_hit_build(&b, ts, actions, version);
    data = build_pass_parse(&b, &p);
    pass_actions_init(&a, &p, &kernel_layout_6_12);
    filled = hidden_actions_fill(&a, &p, flows);
    ck_assert(flow_text_actions(&a.attrs, &ds));
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ck_assert_int_eq(filled, !strchr(expected, '?'));
    pass_actions_uninit(&a);
    ds_destroy(&ds);
    free(data);
}

/* Adds the flow 'ufid' with 'actions', which upcall 'id' has put, to be asked
 * about now. */
static void
add_put(struct flow_table *table, uint64_t id, const uint8_t ufid[16],
        const char *actions)
{
    struct upcall u;
    struct build b;
    void *data;

    ask_build_put(&b, id, actions, 0);
    b.rec.put_ts = HIDDEN_PUT_TS + id;
    b.rec.put_duration = 5;
    memcpy(b.rec.ufid, ufid, sizeof b.rec.ufid);
    data = build_parse(&b, &u);
    flow_table_add(table, &u, 0);
    free(data);
}

/* Has the flow that is to be asked about next be known.  Returns it. */
static struct dp_flow *
finish_next(struct flow_table *table)
{
    struct dp_flow *f = flow_table_pop(table);

    ck_assert_ptr_nonnull(f);
    flow_table_done(table, f, FLOW_COMPLETE, NULL);
    return f;
}

/* Has a flow with 'actions' be put, hit, answered for, and hit again. */
static void
check_flow(const char *actions, const char *decoded)
{
    struct flow_table *table = flow_table_create(1 << 20);
    struct build_pass hit;
    struct dp_flow *f;

    hidden_hit_build(&hit, HIDDEN_PUT_TS + 10, actions, 0);
    add_put(table, 1, hit.rec.ufid, actions);
    f = finish_next(table);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, decoded);

    ask_add_hit(table, &hit, &kernel_layout_6_12);
    ck_assert_uint_eq(f->n_hits, 1);
    ck_assert(f->is_checked);
    ck_assert_int_eq(f->step, FLOW_ASK_AGAIN);
    hidden_hit_build(&hit, HIDDEN_PUT_TS + 10, actions, 0);
    ask_add_hit(table, &hit, &kernel_layout_6_12);
    ck_assert_uint_eq(f->n_hits, 2);
    flow_table_checked(f, true, HIDDEN_PUT_TS + 20);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, decoded);

    hidden_hit_build(&hit, clock_ns() + 1, actions, 0);
    while (clock_ns() <= hit.rec.ts + NS_PER_SECOND) {
        usleep(10 * 1000);
    }
    ask_add_hit(table, &hit, &kernel_layout_6_12);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 0, actions);
    check_filled(NULL, HIDDEN_PUT_TS + 10, actions, 0, decoded);
    check_filled(table, HIDDEN_PUT_TS + 10, actions, 1, decoded);
    check_filled(table, HIDDEN_PUT_TS + 30, actions, 0, decoded);

    /* To be asked again, it waits, and is not lost at the end. */
    flow_table_stop(table);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    flow_table_destroy(table);
}

START_TEST(test_fill)
{
    check_flow(HIDDEN_TUNNEL, "set(tunnel(?)),2");
    check_flow(HIDDEN_HELPER, "ct(commit,zone=7,helper=?),2");
}
END_TEST

/* Has the flow 'number' with a tunnel be put by upcall 'id', be known, and be
 * hit, so that it waits to be asked about again.  Returns it. */
static struct dp_flow *
add_checked(struct flow_table *table, uint64_t id, uint8_t number)
{
    struct build_pass b;
    struct dp_flow *f;

    hidden_hit_build(&b, HIDDEN_PUT_TS + 1000, HIDDEN_TUNNEL, 0);
    b.rec.ufid[0] ^= number;
    add_put(table, id, b.rec.ufid, HIDDEN_TUNNEL);
    f = finish_next(table);
    ask_add_hit(table, &b, &kernel_layout_6_12);
    ck_assert(f->is_checked);
    return f;
}

/* Adds a hit of the flow 'number' at 'ts'. */
static void
hit_number(struct flow_table *table, uint8_t number, uint64_t ts)
{
    struct build_pass b;

    hidden_hit_build(&b, ts, HIDDEN_TUNNEL, 0);
    b.rec.ufid[0] ^= number;
    ask_add_hit(table, &b, &kernel_layout_6_12);
}

/* A new flow is asked about before one that is only asked about again, even if
 * that was put more often.  This one gets its turn, though, where many are
 * found. */
START_TEST(test_checked_last)
{
    struct flow_table *table = flow_table_create(1 << 20);
    struct flow_table_stats stats;

    for (int i = 1; i <= 3; i++) {
        for (int j = 0; j < i; j++) {
            hit_number(table, i, HIDDEN_PUT_TS + 1000);
        }
    }
    add_checked(table, 1, 0);
    ck_assert_uint_eq(add_checked(table, 2, 0)->n_installed, 2);
    ask_wait_until_due(table);
    ck_assert_int_eq(flow_table_next_try(table), 0);
    add_put(table, 3, (uint8_t [16]) { 3 }, "2");
    flow_table_get_stats(table, &stats);
    ck_assert_uint_eq(stats.n_queued, 5);
    ck_assert_uint_eq(stats.n_check_queued, 1);
    ck_assert_uint_eq(stats.n_found_queued, 3);

    ask_check_next(table, FLOW_FOUND_ID + 3);
    ask_check_next(table, 3);
    ask_check_next(table, FLOW_FOUND_ID + 2);
    ask_check_next(table, 2);
    ask_check_next(table, FLOW_FOUND_ID + 1);
    ask_check_next(table, 0);
    flow_table_destroy(table);
}
END_TEST

/* ovs-vswitchd is asked again while the flow has the same actions. */
START_TEST(test_asked_again)
{
    struct fake_answers answers = ask_usual();
    struct flow_table *table;
    const struct dp_flow *f;
    uint64_t until;

    ask_setup();
    table = CONST_CAST(struct flow_table *, enricher_flows(ask_enricher));
    answers.get_flow = ASK_FLOW HIDDEN_TUNNEL "\n";
    fake_vswitchd_start(ask_path, &answers);
    f = add_checked(table, 1, 0);
    until = f->hidden.until;
    ASK_UNTIL(!f->is_checked);
    ck_assert_uint_gt(f->hidden.until, until);
    ck_assert_uint_gt(f->hidden.answered, f->hidden.until);
    ck_assert(!f->hidden.ended);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);

    answers.get_flow = ASK_FLOW HIDDEN_OTHER "\n";
    fake_vswitchd_stop();
    fake_vswitchd_start(ask_path, &answers);
    hit_number(table, 0, clock_ns());
    ck_assert(f->is_checked);
    ck_assert_uint_eq(f->hidden.confirmed, f->hidden.until);
    ASK_UNTIL(!f->is_checked);
    ck_assert(f->hidden.ended);
    ck_assert_int_eq(f->state, FLOW_COMPLETE);
    ask_teardown();
}
END_TEST

/* Nothing is as urgent because of flows that are asked about again: that a
 * flow has no rules yet is asked once more, later. */
START_TEST(test_checked_are_no_load)
{
    struct fake_answers answers = ask_usual();
    struct flow_table_stats stats;
    struct flow_table *table;
    const struct dp_flow *f;

    ask_setup();
    enricher_destroy(ask_enricher);
    ask_enricher = enricher_create(20, ask_ports);
    table = CONST_CAST(struct flow_table *, enricher_flows(ask_enricher));
    for (int i = 1; i <= 100; i++) {
        add_checked(table, i, i);
    }
    answers.detrace = ASK_NO_CACHE;
    fake_vswitchd_start(ask_path, &answers);
    ask_add_flow(1000);
    f = ask_find_flow(1000);
    ASK_UNTIL(f->n_no_cache);
    flow_table_get_stats(table, &stats);
    ck_assert_uint_gt(stats.n_check_queued, 40);
    ck_assert_uint_eq(ask_get_stats().commands[ENRICH_TRACE].count, 0);
    ck_assert_int_eq(ask_until_done(1000)->state, FLOW_COMPLETE);
    ck_assert_int_eq(f->n_no_cache, 2);
    ask_teardown();
}
END_TEST

/* Returns the tests of this file. */
TCase *
hidden_actions_tcase(void)
{
    TCase *tcase = tcase_create("hidden-actions");

    tcase_set_timeout(tcase, 600);
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_between);
    tcase_add_test(tcase, test_lookup);
    tcase_add_test(tcase, test_late);
    tcase_add_test(tcase, test_modified);
    tcase_add_test(tcase, test_modified_back);
    tcase_add_test(tcase, test_to_and_fro);
    tcase_add_test(tcase, test_other_answer);
    tcase_add_test(tcase, test_nothing_hidden);
    tcase_add_test(tcase, test_fill);
    tcase_add_test(tcase, test_checked_last);
    tcase_add_test(tcase, test_asked_again);
    tcase_add_test(tcase, test_checked_are_no_load);
    return tcase;
}
