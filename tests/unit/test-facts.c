/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/record-facts.c and lib/record/event.c. */

#include <config.h>
#include "record/event.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/names.h"
#include "record/record.h"
#include "util.h"

/* Facts. */

START_TEST(test_latency)
{
    struct upcall_latency l;
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert_uint_eq(l.known, (1u << UPCALL_N_STAGES) - 1
                               - (1u << UPCALL_STAGE_TRANSLATE));
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_QUEUE], 142542 - 26993);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_HANDLE], 246803 - 142542);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_INSTALL], 12100);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_EXECUTE], 51100);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_TOTAL], 311100);
    free(data);
}
END_TEST

START_TEST(test_latency_of_translation)
{
    struct upcall_latency l;
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    build_usdt(&b);
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert(upcall_latency_has(&l, UPCALL_STAGE_TRANSLATE));
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_TRANSLATE], 230000 - 150100);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_HANDLE], 246803 - 142542);
    free(data);

    build_executed(&b);
    build_usdt(&b);
    b.rec.flags &= ~UPCALL_F_TRANSLATED;
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert(!upcall_latency_has(&l, UPCALL_STAGE_TRANSLATE));
    free(data);

    build_executed(&b);
    build_usdt(&b);
    b.rec.translated_ts = b.rec.usdt_recv_ts - 1;
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert(!upcall_latency_has(&l, UPCALL_STAGE_TRANSLATE));
    free(data);
}
END_TEST

/* Without a put, the handling ends with the execute; without its end, the
 * execute takes no time that is known. */
START_TEST(test_latency_without_put)
{
    struct upcall_latency l;
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    b.rec.flags &= ~(UPCALL_F_PUT | UPCALL_F_EXEC_DONE);
    b.rec.exec_duration = 0;
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_HANDLE], 260000 - 142542);
    ck_assert(!upcall_latency_has(&l, UPCALL_STAGE_INSTALL)
              && !upcall_latency_has(&l, UPCALL_STAGE_EXECUTE));
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_TOTAL], 260000);
    free(data);
}
END_TEST

START_TEST(test_latency_unknown)
{
    struct upcall_latency l;
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert_uint_eq(l.known, 0);
    free(data);

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    b.rec.recv_ts = BUILD_TS;           /* Before the enqueue. */
    data = build_parse(&b, &u);
    upcall_get_latency(u.rec, &l);
    ck_assert_uint_eq(l.known, 1u << UPCALL_STAGE_TOTAL);
    ck_assert_uint_eq(l.ns[UPCALL_STAGE_TOTAL], 0);
    free(data);
}
END_TEST

/* Returns the error of a record with these values. */
static int
get_errno(enum upcall_outcome outcome, int ret, int put_ret, int exec_ret)
{
    struct upcall_record rec = {
        .outcome = outcome, .ret = ret, .put_ret = put_ret,
        .exec_ret = exec_ret, .flags = UPCALL_F_PUT_DONE | UPCALL_F_EXEC_DONE,
    };
    struct upcall u = { .rec = &rec };

    return upcall_get_errno(&u);
}

START_TEST(test_errno)
{
    ck_assert_int_eq(get_errno(UPCALL_LOST, -EAGAIN, 0, -EPERM), EAGAIN);
    ck_assert_int_eq(get_errno(UPCALL_FAILED, 0, 0, -EINVAL), EINVAL);
    ck_assert_int_eq(get_errno(UPCALL_FAILED, 0, -EEXIST, -EINVAL), EINVAL);
    ck_assert_int_eq(get_errno(UPCALL_EXECUTED, -EAGAIN, -EEXIST, -1), 0);
    ck_assert_int_eq(get_errno(UPCALL_LOST, INT32_MIN, 0, 0), 0);
    ck_assert_int_eq(get_errno(UPCALL_LOST, -4095, 0, 0), 4095);
    ck_assert_int_eq(get_errno(UPCALL_LOST, -4096, 0, 0), 0);
    ck_assert_int_eq(get_errno(UPCALL_LOST, 11, 0, 0), 0);
}
END_TEST

/* Outcome and put of what was received, with 'flags', an enum upcall_class and
 * what put and execute returned. */
static const struct {
    uint32_t flags;
    int class;
    int put_ret, exec_ret;
    int outcome, put;
} ends[] = {
#define PUT (UPCALL_F_PUT | UPCALL_F_PUT_DONE)
#define EXEC (UPCALL_F_EXEC | UPCALL_F_EXEC_DONE)
#define UNKNOWN UPCALL_OUTCOME_UNKNOWN
    { PUT | EXEC, 0, 0, 0, UPCALL_EXECUTED, UPCALL_PUT_INSTALLED },
    { PUT | EXEC, 0, -EEXIST, 0, UPCALL_EXECUTED, UPCALL_PUT_DUPLICATE },
    { PUT | EXEC, 0, -ENOSPC, 0, UPCALL_EXECUTED, UPCALL_PUT_REFUSED },
    { PUT | EXEC, 0, 0, -EINVAL, UPCALL_FAILED, UPCALL_PUT_INSTALLED },
    { PUT | EXEC, 0, -ENODEV, -ENODEV, UPCALL_FAILED, UPCALL_PUT_REFUSED },
    { PUT, 0, 0, 0, UPCALL_INSTALLED, UPCALL_PUT_INSTALLED },
    { PUT, 0, -EEXIST, 0, UPCALL_CONSUMED, UPCALL_PUT_DUPLICATE },
    { EXEC, 0, 0, 0, UPCALL_EXECUTED, UPCALL_PUT_NONE },
    { EXEC, 0, 0, -1, UPCALL_FAILED, UPCALL_PUT_NONE },
    { 0, 0, 0, 0, UPCALL_CONSUMED, UPCALL_PUT_NONE },
    { UPCALL_F_PUT, 0, 0, 0, UNKNOWN, -1 },
    { UPCALL_F_PUT | EXEC, 0, 0, 0, UPCALL_EXECUTED, -1 },
    { PUT | UPCALL_F_EXEC, 0, 0, 0, UNKNOWN, UPCALL_PUT_INSTALLED },
    { UPCALL_F_EXEC, 0, 0, 0, UNKNOWN, -1 },
    { UPCALL_F_UNSURE, 0, 0, 0, UNKNOWN, -1 },
    { EXEC | UPCALL_F_UNSURE, 0, 0, 0, UPCALL_EXECUTED, -1 },
    { EXEC, UPCALL_CLASS_SLOW_PATH, 0, 0, UPCALL_EXECUTED, -1 },
    { 0, UPCALL_CLASS_CONTROLLER, 0, 0, UPCALL_CONSUMED, -1 },
#undef PUT
#undef EXEC
#undef UNKNOWN
};

START_TEST(test_end)
{
    struct upcall_record rec = {
        .flags = UPCALL_F_ENQUEUED | UPCALL_F_RECEIVED | ends[_i].flags,
        .class_ = ends[_i].class,
        .put_ret = ends[_i].put_ret,
        .exec_ret = ends[_i].exec_ret,
    };
    struct upcall u = { .rec = &rec };

    rec.outcome = upcall_record_outcome(&rec);
    ck_assert_int_eq(rec.outcome, ends[_i].outcome);
    ck_assert_int_eq(upcall_get_put(&rec), ends[_i].put);
    ck_assert_int_eq(upcall_get_put_errno(&u),
                     ends[_i].put == UPCALL_PUT_REFUSED ? -ends[_i].put_ret
                     : 0);
}
END_TEST

START_TEST(test_put_of_lost)
{
    struct upcall_record rec = { .outcome = UPCALL_LOST };

    ck_assert_int_eq(upcall_get_put(&rec), -1);
    rec.outcome = UPCALL_ABANDONED;
    ck_assert_int_eq(upcall_get_put(&rec), -1);
    ck_assert_str_eq(upcall_put_name(UPCALL_PUT_REFUSED), "refused");
    ck_assert_ptr_null(upcall_put_name(-1));
    ck_assert_ptr_null(upcall_put_name(UPCALL_N_PUTS));
}
END_TEST

START_TEST(test_return)
{
    struct upcall_record rec = {
        .id = 0x500000011, .outcome = UPCALL_EXECUTED,
        .ret_word = 0x11000004d2, .ret = -11,
    };
    struct upcall u = { .rec = &rec };
    int ret;

    ck_assert_uint_eq(upcall_get_return_ns(&u), 1234);
    ck_assert(upcall_get_return(&u, &ret));
    ck_assert_int_eq(ret, 0);
    rec.ret_word += 1ULL << 32;         /* Of another upcall. */
    ck_assert_uint_eq(upcall_get_return_ns(&u), 0);
    ck_assert(!upcall_get_return(&u, &ret));
    rec.outcome = UPCALL_LOST;
    ck_assert(upcall_get_return(&u, &ret));
    ck_assert_int_eq(ret, -11);
}
END_TEST

/* Events. */

/* Fails unless the events of 'b', which is freed, are 'expected': names, each
 * with the time after the upcall in ns. */
static void
check_events(struct build *b, const char *expected)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct upcall u;
    void *data = build_parse(b, &u);
    size_t n = upcall_expand(&u, events);

    for (size_t i = 0; i < n; i++) {
        ds_put_format(&ds, "%s ", upcall_event_name(events[i].kind));
        if (events[i].has_ts) {
            ds_put_format(&ds, "%d ", (int) (events[i].ts - BUILD_TS));
        }
    }
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
    free(data);
}

START_TEST(test_events)
{
    struct build b;

    build_executed(&b);
    check_events(&b, "upcall 0 upcall_enqueue 26993 upcall_return 30500 "
                 "upcall_recv 142542 flow_put 246803 flow_exec 260000 "
                 "action_execute 311100 ");
    build_executed(&b);                 /* It returns late. */
    b.rec.ret_word = UPCALL_RET_TAG(17) | 250000;
    check_events(&b, "upcall 0 upcall_enqueue 26993 upcall_recv 142542 "
                 "flow_put 246803 upcall_return 250000 flow_exec 260000 "
                 "action_execute 311100 ");
    build_executed(&b);                 /* Nobody saw it return. */
    b.rec.ret_word = UPCALL_RET_TAG(17);
    check_events(&b, "upcall 0 upcall_enqueue 26993 upcall_return "
                 "upcall_recv 142542 flow_put 246803 flow_exec 260000 "
                 "action_execute 311100 ");
    build_init(&b, UPCALL_CLASS_MISS);  /* Nor this, and maybe it did not. */
    check_events(&b, "upcall 0 ");
    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    check_events(&b, "upcall 0 upcall_return 4400 ");
}
END_TEST

START_TEST(test_events_of_actions)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_execute(&b, "ct(commit,zone=5),2,recirc(31)", 0);
    check_events(&b, "upcall 0 flow_exec 260000 action_execute 311100 "
                 "action_execute 311100 action_execute 311100 ");
    build_init(&b, UPCALL_CLASS_MISS);  /* Nobody knows how far it got. */
    build_execute(&b, "ct(commit,zone=5),2,recirc(31)", -EINVAL);
    check_events(&b, "upcall 0 flow_exec 260000 ");
    build_init(&b, UPCALL_CLASS_MISS);
    build_execute(&b, "2", 0);
    b.rec.flags &= ~UPCALL_F_EXEC_DONE;
    check_events(&b, "upcall 0 flow_exec 260000 ");
}
END_TEST

/* As many actions as fit into a record. */
START_TEST(test_events_are_limited)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    struct upcall_record *rec;
    struct nlattr *actions;
    struct upcall u;
    struct build b;

    build_executed(&b);
    build_usdt(&b);
    ofpbuf_clear(&b.exec);
    actions = nl_msg_put_uninit(&b.exec, UPCALL_EXEC_MAX);
    memset(actions, 0, UPCALL_EXEC_MAX);
    actions->nla_len = UPCALL_EXEC_MAX;
    actions->nla_type = OVS_PACKET_ATTR_ACTIONS;
    for (size_t i = 1; i < UPCALL_EXEC_MAX / NLA_HDRLEN; i++) {
        actions[i].nla_len = NLA_HDRLEN;
        actions[i].nla_type = OVS_ACTION_ATTR_POP_VLAN;
    }
    rec = build_parse(&b, &u);
    ck_assert_uint_eq(upcall_expand(&u, events), 10 + 127);

    /* More than that. */
    actions = xcalloc(1000, sizeof *actions);
    actions[0].nla_len = 1000 * sizeof *actions;
    actions[0].nla_type = OVS_PACKET_ATTR_ACTIONS;
    for (size_t i = 1; i < 1000; i++) {
        actions[i].nla_len = NLA_HDRLEN;
    }
    u.exec.data = actions;
    u.exec.len = 1000 * sizeof *actions;
    ck_assert_uint_eq(upcall_expand(&u, events), UPCALL_MAX_EVENTS);
    free(actions);
    free(rec);
}
END_TEST

/* Returns these tests. */
TCase *
facts_tcase(void)
{
    TCase *tcase = tcase_create("facts");

    tcase_add_test(tcase, test_latency);
    tcase_add_test(tcase, test_latency_of_translation);
    tcase_add_test(tcase, test_latency_without_put);
    tcase_add_test(tcase, test_latency_unknown);
    tcase_add_test(tcase, test_errno);
    tcase_add_loop_test(tcase, test_end, 0, ARRAY_SIZE(ends));
    tcase_add_test(tcase, test_put_of_lost);
    tcase_add_test(tcase, test_return);
    tcase_add_test(tcase, test_events);
    tcase_add_test(tcase, test_events_of_actions);
    tcase_add_test(tcase, test_events_are_limited);
    return tcase;
}
