/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of what records have with --track=full: events of the probes of
 * ovs-vswitchd, several executes, conflicts. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "check-output.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/event.h"
#include "record/record.h"
#include "util.h"

#define HEADER "#17 miss p2 icmp 172.200.0.3 > 172.200.0.2 98 bytes: "

static void
build_full(struct build *b)
{
    build_executed(b);
    build_usdt(b);
}

/* Starts an upcall whose packet the handler sent to port 2 as it was, and to
 * port 3 with another address. */
static void
build_two_executes(struct build *b)
{
    build_executed(b);
    build_execute(b, "set(eth(src=00:00:00:00:00:01)),3", 0);
    build_usdt(b);
}

/* Events. */

START_TEST(test_text)
{
    struct build b;

    build_full(&b);
    check_text(&b,
        HEADER "executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   150.1  usdt_recv\n"
        "   230.0  translated\n"
        "   231.2  op_put\n"
        "   233.4  op_execute\n"
        "   246.8  flow_put   ufid:66252ae8-0102-0304-0506-0708090a0b0c "
        "12.1 us\n"
        "   260.0  flow_exec\n"
        "   311.1  output     p1\n");
}
END_TEST

/* What the handler did: it came to rest 20 us after the upcall was queued, and
 * received something 40 us before it received this one. */
static void
build_waits(struct build *b)
{
    build_full(b);
    b->rec.flags |= UPCALL_F_IDLE | UPCALL_F_DELAY;
    b->rec.idle_from = b->rec.enqueue_ts + 20000;
    b->rec.idle_until = b->rec.recv_ts - 40000;
    b->rec.idle_delay = 1500;
    b->rec.recv_delay = 1000000;
    b->rec.end_delay = 1002500;
}

/* Fails unless the handler was 'busy', idle and so on, in ns. */
static void
check_waits(const struct build *b, uint64_t busy, uint64_t idle,
            uint64_t queue_delay, uint64_t handle_delay)
{
    struct upcall_waits w;

    upcall_get_waits(&b->rec, &w);
    ck_assert(w.has_queue);
    ck_assert(w.has_handle);
    ck_assert_uint_eq(w.busy, busy);
    ck_assert_uint_eq(w.idle, idle);
    ck_assert_uint_eq(w.queue_delay, queue_delay);
    ck_assert_uint_eq(w.handle_delay, handle_delay);
}

START_TEST(test_waits)
{
    struct build b;
    uint64_t queue;

    build_waits(&b);
    queue = b.rec.recv_ts - b.rec.enqueue_ts;
    check_waits(&b, 60000, queue - 60000, 1500, 2500);

    /* Asleep since before the upcall, and until it was received. */
    b.rec.idle_from = 1;
    b.rec.idle_until = b.rec.recv_ts;
    check_waits(&b, 0, queue, 1500, 2500);
    b.rec.idle_delay = UINT64_MAX;
    check_waits(&b, 0, queue, queue, 2500);

    /* Awake all the time. */
    b.rec.idle_until = b.rec.enqueue_ts;
    check_waits(&b, queue, 0, 0, 2500);

    /* Impossible times. */
    b.rec.idle_from = UINT64_MAX;
    b.rec.idle_until = 0;
    check_waits(&b, queue, 0, 0, 2500);
    build_uninit(&b);
}
END_TEST

/* What is not known is not said. */
START_TEST(test_no_waits)
{
    struct upcall_waits w;
    struct build b;

    build_waits(&b);
    b.rec.end_delay = 0;
    b.rec.recv_ts = 0;
    upcall_get_waits(&b.rec, &w);
    ck_assert(!w.has_queue);
    ck_assert(!w.has_handle);
    build_uninit(&b);

    build_full(&b);
    upcall_get_waits(&b.rec, &w);
    ck_assert(!w.has_queue);
    ck_assert(!w.has_handle);
    build_uninit(&b);
}
END_TEST

START_TEST(test_waits_text)
{
    struct build b;

    build_waits(&b);
    b.rec.flags &= ~(UPCALL_F_PUT | UPCALL_F_EXEC | UPCALL_F_TRANSLATED
                     | UPCALL_F_USDT_PUT | UPCALL_F_USDT_EXEC);
    b.rec.outcome = UPCALL_CONSUMED;
    check_text(&b,
        HEADER "consumed, 142.5 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   150.1  usdt_recv\n"
        "          handler    before: at work 60.0 us, not running 55.5 us "
        "(1.5 us of it without a CPU); after: without a CPU 2.5 us\n");
}
END_TEST

START_TEST(test_events)
{
    struct build b;

    build_full(&b);
    check_events(&b,
        "202388857516033 [swapper/7] upcall (miss) port 3644007146 cpu 7\n"
        "202388857543026 [swapper/7] upcall_enqueue (miss) "
        "(7/202388857516033) q 17 ret 0\n"
        "202388857546533 [swapper/7] upcall_ret (7/202388857516033) ret 0\n"
        "202388857658575 [handler9] upcall_recv q 17 pkt_size 98\n"
        "202388857666133 [handler9] upcall_recv q 17 pkt_size 98 (usdt)\n"
        "202388857746033 [handler9] translated q 17\n"
        "202388857747233 [handler9] op_flow_put q 17\n"
        "202388857749433 [handler9] op_flow_execute q 17\n"
        "202388857762836 [handler9] flow_put q 17 ts 202388857658575 (1) "
        "ufid:66252ae8-0102-0304-0506-0708090a0b0c ret 0\n"
        "202388857776033 [handler9] flow_exec q 17 ts 202388857658575 (1)\n"
        "202388857827133 [handler9] exec oport 2 q 17\n");
}
END_TEST

START_TEST(test_json)
{
    static const char *const expected[] = {
        "{\"batch\":42,\"batch_idx\":1,\"batch_size\":3,"
        "\"comm\":\"handler9\",\"event\":\"upcall_recv\","
        "\"source\":\"usdt\",\"tid\":3215302,\"ts\":202388857666133}",
        "{\"event\":\"translated\",\"source\":\"kernel\","
        "\"ts\":202388857746033}",
        "{\"event\":\"op_flow_put\",\"source\":\"usdt\","
        "\"ts\":202388857747233}",
        "{\"event\":\"op_flow_execute\",\"source\":\"usdt\","
        "\"ts\":202388857749433}",
    };
    struct build b;

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        build_full(&b);
        check_event(&b, 4 + i, expected[i]);
    }
    build_full(&b);
    check_event(&b, 9,
        "{\"duration\":51100,\"event\":\"flow_exec\",\"match\":\"pointer\","
        "\"requests\":1,\"ret\":0,\"ts\":202388857776033}");
    build_full(&b);
    check_member(&b, "latency",
        "{\"execute\":51100,\"handle\":104261,\"install\":12100,"
        "\"queue\":115549,\"total\":311100,\"translate\":79900}");
}
END_TEST

/* Returns a set of bits with the kinds of the events of 'b', which is
 * freed. */
static uint32_t
get_kinds(struct build *b)
{
    struct upcall_event events[UPCALL_MAX_EVENTS];
    uint32_t kinds = 0;
    struct upcall u;
    void *data = build_parse(b, &u);
    size_t n = upcall_expand(&u, events);

    for (size_t i = 0; i < n; i++) {
        kinds |= 1u << events[i].kind;
        ck_assert_int_eq(upcall_event_is_by_handler(&events[i]),
                         events[i].kind > UPCALL_EVENT_RETURN);
    }
    free(data);
    return kinds;
}

/* Each event needs its flag. */
START_TEST(test_flags)
{
    static const struct {
        uint32_t flag;
        enum upcall_event_kind kind;
    } flags[] = {
        { UPCALL_F_USDT_RECV, UPCALL_EVENT_USDT_RECV },
        { UPCALL_F_TRANSLATED, UPCALL_EVENT_TRANSLATED },
        { UPCALL_F_USDT_PUT, UPCALL_EVENT_USDT_PUT },
        { UPCALL_F_USDT_EXEC, UPCALL_EVENT_USDT_EXEC },
    };
    struct build b;

    build_full(&b);
    ck_assert_uint_eq(get_kinds(&b), (1u << UPCALL_N_EVENTS) - 1);
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        build_full(&b);
        b.rec.flags &= ~flags[i].flag;
        ck_assert_uint_eq(get_kinds(&b), (1u << UPCALL_N_EVENTS) - 1
                                         - (1u << flags[i].kind));
    }
}
END_TEST

/* Events at the same time, or at none that is known, are in the order in which
 * they happen. */
START_TEST(test_same_time)
{
    struct build b;

    build_full(&b);
    b.rec.translated_ts = b.rec.usdt_put_ts = b.rec.usdt_exec_ts
        = b.rec.put_ts = b.rec.exec_ts = b.rec.usdt_recv_ts;
    b.rec.ret_word = UPCALL_RET_TAG(17);
    check_text(&b,
        HEADER "executed, 201.2 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   150.1  usdt_recv\n"
        "   150.1  translated\n"
        "   150.1  op_put\n"
        "   150.1  flow_put   ufid:66252ae8-0102-0304-0506-0708090a0b0c "
        "12.1 us\n"
        "   150.1  op_execute\n"
        "   150.1  flow_exec\n"
        "   201.2  output     p1\n");
}
END_TEST

/* Executes. */

START_TEST(test_two_executes)
{
    struct build b;

    build_two_executes(&b);
    check_text(&b,
        HEADER "executed, 311.1 us\n"
        "     0.0  upcall     cpu 7\n"
        "    27.0  enqueue    socket 3644007146 (handler9)\n"
        "   142.5  receive    handler9, 2 of 3, 12 more waiting\n"
        "   150.1  usdt_recv\n"
        "   230.0  translated\n"
        "   231.2  op_put\n"
        "   233.4  op_execute\n"
        "   246.8  flow_put   ufid:66252ae8-0102-0304-0506-0708090a0b0c "
        "12.1 us\n"
        "   260.0  flow_exec  2 requests\n"
        "   311.1  output     p1\n"
        "   311.1  set_masked eth(src=00:00:00:00:00:01)\n"
        "   311.1  output     p2\n");
    build_two_executes(&b);
    check_event(&b, 9,
        "{\"duration\":51100,\"event\":\"flow_exec\",\"match\":\"pointer\","
        "\"requests\":2,\"ret\":0,\"ts\":202388857776033}");
    build_two_executes(&b);
    check_event(&b, 12,
        "{\"action\":\"output\",\"event\":\"action_execute\","
        "\"port\":{\"name\":\"p2\",\"number\":3},\"source\":\"request\","
        "\"text\":\"3\",\"ts\":202388857827133}");
}
END_TEST

/* Returns the actions that are found in all executes of 'b', which is freed,
 * as a string that the caller has to free: '2' for an output to port 2, 'x'
 * for another action, '.' behind those of an execute. */
static char *
get_actions(struct build *b)
{
    struct upcall_attrs actions = { .data = NULL };
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct nlattr *a;
    struct upcall u;
    size_t left;
    void *data = build_parse(b, &u);

    while (upcall_next_actions(&u, &actions)) {
        if (!ds.length) {
            ck_assert_ptr_eq(u.exec_actions.data, actions.data);
            ck_assert_uint_eq(u.exec_actions.len, actions.len);
        }
        NL_ATTR_FOR_EACH (a, left, actions.data, actions.len) {
            bool output = (nl_attr_type(a) == OVS_ACTION_ATTR_OUTPUT
                           && nl_attr_get_size(a) == sizeof(uint32_t));

            ds_put_char(&ds, output ? '0' + nl_attr_get_u32(a) : 'x');
        }
        ds_put_char(&ds, '.');
    }
    if (!ds.length) {
        ck_assert_ptr_null(u.exec_actions.data);
    }
    free(data);
    return ds_steal_cstr(&ds);
}

static void
check_actions(struct build *b, const char *expected)
{
    char *actions = get_actions(b);

    ck_assert_str_eq(actions, expected);
    free(actions);
}

START_TEST(test_next_actions)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    check_actions(&b, "");
    build_executed(&b);
    check_actions(&b, "2.");
    build_two_executes(&b);
    check_actions(&b, "2.x3.");
    build_init(&b, UPCALL_CLASS_MISS);
    build_execute(&b, "", 0);           /* Nothing to do. */
    build_execute(&b, "4,5", 0);
    build_execute(&b, "", 0);
    build_execute(&b, "2", 0);
    check_actions(&b, ".45..2.");
    build_two_executes(&b);             /* Parts without the stage. */
    b.rec.flags &= ~UPCALL_F_EXEC;
    check_actions(&b, "");
}
END_TEST

/* The executes are cut after each of their bytes. */
START_TEST(test_cut_executes)
{
    size_t first, whole;
    struct build b;

    build_executed(&b);
    first = b.exec.size;
    build_uninit(&b);
    build_two_executes(&b);
    whole = b.exec.size;
    build_uninit(&b);

    for (size_t i = 0; i <= whole; i++) {
        build_two_executes(&b);
        b.exec.size = i;
        b.rec.flags |= UPCALL_F_EXEC_CUT;
        check_actions(&b, (i >= whole - 12 ? "2.x3."
                           : i >= first - 12 ? "2." : ""));
    }
}
END_TEST

/* Appends an execute with nothing but actions of 'size' bytes, whose only
 * action says that it has 'len' bytes, to 'buf'. */
static void
put_raw_actions(struct ofpbuf *buf, size_t size, size_t len)
{
    struct nlattr *a = nl_msg_put_unspec_uninit(buf, OVS_PACKET_ATTR_ACTIONS,
                                                size);

    memset(a, 0, size);
    if (size >= sizeof *a) {
        a->nla_type = OVS_ACTION_ATTR_OUTPUT;
        a->nla_len = len;
    }
}

/* Broken actions are left out, those of other executes are not.  What is no
 * attribute is the end. */
START_TEST(test_broken_executes)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_execute(&b, "2", 0);
    put_raw_actions(&b.exec, 8, 12);    /* Longer than what is around it. */
    put_raw_actions(&b.exec, 8, 3);     /* Shorter than its header. */
    put_raw_actions(&b.exec, 3, 0);     /* No room for a header. */
    build_execute(&b, "5", 0);
    check_actions(&b, "2.5.");

    build_init(&b, UPCALL_CLASS_MISS);
    put_raw_actions(&b.exec, 8, 12);
    build_execute(&b, "5", 0);
    check_actions(&b, "5.");

    build_init(&b, UPCALL_CLASS_MISS);
    build_execute(&b, "2", 0);
    ofpbuf_put_zeros(&b.exec, 4);       /* An attribute has 4 bytes. */
    build_execute(&b, "5", 0);
    check_actions(&b, "2.");

    build_init(&b, UPCALL_CLASS_MISS);  /* The last without its padding. */
    build_execute(&b, "2", 0);
    put_raw_actions(&b.exec, 5, 5);
    b.exec.size -= 3;
    check_actions(&b, "2.x.");
}
END_TEST

/* Fails unless 'match', and 'text' behind "flow_exec", is said of an execute
 * that was linked by 'rule', for which there were 'n' requests, to one of
 * which the kernel returned 'ret'. */
static void
check_match(enum upcall_rule rule, int n, int ret, const char *match,
            const char *text)
{
    char *expected = xasprintf("#17 miss -: %s, 311.1 us\n"
                               "     0.0  upcall     cpu 7\n"
                               "   260.0  flow_exec%s\n",
                               ret ? "failed (EINVAL)" : "executed", text);

    for (int json = 0; json < 2; json++) {
        struct build b;

        build_init(&b, UPCALL_CLASS_MISS);
        build_execute(&b, "", ret);
        b.rec.exec_rule = rule;
        b.rec.n_execs = n;
        if (json) {
            check_event(&b, 1, match);
        } else {
            check_text(&b, expected);
        }
    }
    free(expected);
}

START_TEST(test_match)
{
#define MATCH(RULE, REQUESTS, RET)                                          \
    "{\"duration\":51100,\"event\":\"flow_exec\",\"match\":\"" RULE "\","   \
    "\"requests\":" REQUESTS ",\"ret\":" RET ",\"ts\":202388857776033}"

    check_match(UPCALL_RULE_POINTER, 1, 0, MATCH("pointer", "1", "0"), "");
    check_match(UPCALL_RULE_PACKET, 1, 0, MATCH("packet", "1", "0"), "");
    check_match(UPCALL_RULE_ORDER, 1, 0, MATCH("order", "1", "0"),
                "  by order");
    check_match(UPCALL_RULE_ORDER, 65535, 0, MATCH("order", "65535", "0"),
                "  65535 requests, by order");
    check_match(UPCALL_RULE_KEY, 1, -EINVAL, MATCH("key", "1", "-22"),
                "  by key, EINVAL (Invalid argument)");
    check_match(UPCALL_RULE_POINTER, 3, -EINVAL, MATCH("pointer", "3", "-22"),
                "  3 requests, EINVAL (Invalid argument)");
    check_match(UPCALL_RULE_PACKET, 0, 0, MATCH("packet", "null", "0"), "");
#undef MATCH
}
END_TEST

/* An execute that may be that of another upcall. */
START_TEST(test_unsure)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.flags |= UPCALL_F_UNSURE;
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    check_text(&b, "#17 miss -: unknown, -\n"
               "     0.0  upcall     cpu 7\n");
    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.flags |= UPCALL_F_UNSURE;
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    check_member(&b, "outcome", "null");
}
END_TEST

/* Conflicts. */

/* Fails unless the 'conflicts' are 'text' in the header, and 'json', with the
 * receive seen by the probe of ovs-vswitchd or not. */
static void
check_conflicts(uint8_t conflicts, bool seen, const char *text,
                const char *json)
{
    char *expected = xasprintf("#17 miss -: abandoned, -%s\n"
                               "     0.0  upcall     cpu 7\n%s", text,
                               seen ? "     0.1  usdt_recv\n" : "");

    for (int i = 0; i < 2; i++) {
        struct build b;

        build_init(&b, UPCALL_CLASS_MISS);
        b.rec.conflicts = conflicts;
        b.rec.flags |= seen ? UPCALL_F_USDT_RECV : 0;
        b.rec.usdt_recv_ts = BUILD_TS + 100;
        if (i) {
            check_text(&b, expected);
        } else {
            check_member(&b, "conflicts", json);
        }
    }
    free(expected);
}

START_TEST(test_conflicts)
{
    check_conflicts(0, false, "", "null");
    check_conflicts(0, true, "", "[]");
    check_conflicts(1 << UPCALL_CONFLICT_EXEC, false,
                    " (conflict: flow_exec)", "[\"flow_exec\"]");
    check_conflicts(1 << UPCALL_CONFLICT_RECV, true,
                    " (conflict: upcall_recv)", "[\"upcall_recv\"]");
    check_conflicts((1 << UPCALL_N_CONFLICTS) - 1, true,
                    " (conflict: upcall_recv, flow_exec)",
                    "[\"upcall_recv\",\"flow_exec\"]");
}
END_TEST

/* Returns these tests. */
TCase *
usdt_tcase(void)
{
    TCase *usdt = tcase_create("usdt");

    tcase_add_checked_fixture(usdt, check_output_setup,
                              check_output_teardown);
    tcase_add_test(usdt, test_text);
    tcase_add_test(usdt, test_waits);
    tcase_add_test(usdt, test_no_waits);
    tcase_add_test(usdt, test_waits_text);
    tcase_add_test(usdt, test_events);
    tcase_add_test(usdt, test_json);
    tcase_add_test(usdt, test_flags);
    tcase_add_test(usdt, test_same_time);
    tcase_add_test(usdt, test_two_executes);
    tcase_add_test(usdt, test_next_actions);
    tcase_add_test(usdt, test_cut_executes);
    tcase_add_test(usdt, test_broken_executes);
    tcase_add_test(usdt, test_match);
    tcase_add_test(usdt, test_unsure);
    tcase_add_test(usdt, test_conflicts);
    return usdt;
}
