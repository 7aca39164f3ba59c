/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/condition.c and record-keys.c. */

#include <config.h>
#include "store/condition.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "store/port-map.h"
#include "store/record-keys.h"
#include "test-stats.h"
#include "util.h"

static struct conditions c;
static struct port_map *ports;
static struct build b;

static void
setup(void)
{
    conditions_init(&c);
    ports = port_map_create(16);
    port_map_add(ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p3", BUILD_TS);
    build_executed(&b);
}

static void
teardown(void)
{
    conditions_destroy(&c);
    port_map_destroy(ports);
    build_uninit(&b);
}

/* Parsing. */

static void
parse(const char *text)
{
    char *error = conditions_parse(&c, text);

    ck_assert_pstr_eq(error, NULL);
}

/* Fails unless the conditions of 'conditions' are 'expected', with spaces
 * between them. */
static void
check_text(const struct conditions *conditions, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    const char *text;

    for (size_t i = 0; (text = conditions_text(conditions, i)); i++) {
        ds_put_format(&ds, "%s%s", i ? " " : "", text);
    }
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

START_TEST(test_parse)
{
    static const char expected[]
        = "queue>1500ns install>2ms execute>=0s !handle>7s lost !miss "
          "no-put !no-put port=tap3 port=a=b>c port=!x handler=handler1 "
          "handler=217 !errno=EAGAIN errno=11 "
          "ufid=01234567-89ab-cdef-0123-456789abcdef datapath=system@x";
    struct conditions copy;

    check_text(&c, "");
    parse("queue>1.5us,install>2000000ns");
    parse("execute>=0s,!handle>7s,lost,!miss,no-put,!no-put");
    parse("port=tap3,port=a=b>c,port=!x,handler=handler1,handler=217");
    parse("!errno=EAGAIN,errno=11");
    parse("ufid=01234567-89ab-cdef-0123-456789abcdef,datapath=system@x");
    check_text(&c, expected);

    /* What is there already is not added. */
    parse("lost,queue>1500ns,port=tap3");
    check_text(&c, expected);

    conditions_clone(&copy, &c);
    check_text(&copy, expected);
    conditions_destroy(&copy);
}
END_TEST

#define NAMES "executed, installed, consumed, failed, lost, abandoned, " \
    "miss, slow_path, controller, sflow, ipfix, flow_sample, action, hit, "   \
    "execute, drop, with ! before it for all others"
#define WORD_ERROR " is no condition: must be STAGE>TIME, KEY=VALUE, no-put " \
    "or one of " NAMES
#define EMPTY_ERROR "there must be a condition: STAGE>TIME, KEY=VALUE, "      \
    "no-put or one of " NAMES
#define STAGE_ERROR " is no stage (stages: queue, translate, handle, "        \
    "install, execute, total)"
#define TIME_ERROR " a number and s, ms, us or ns, such as 5ms"
#define KEY_ERROR " is no key (keys: port, datapath, class, reason, "         \
    "outcome, put, errno, handler, handler-cpu, cpu, process, rx-queue, "     \
    "portid, ufid, lookup, recirc-id, masks, cache, upcall)"

START_TEST(test_errors)
{
    static const struct {
        const char *text;
        const char *error;
    } wrong[] = {
        { "", "character 1: " EMPTY_ERROR },
        { "lost,", "character 6: " EMPTY_ERROR },
        { "lost,,miss", "character 6: " EMPTY_ERROR },
        { "!", "character 2: " EMPTY_ERROR },
        { "!!lost", "character 2: \"!lost\"" WORD_ERROR },
        { "miss,lostx", "character 6: \"lostx\"" WORD_ERROR },
        { "Lost", "character 1: \"Lost\"" WORD_ERROR },
        { " lost", "character 1: \" lost\"" WORD_ERROR },
        { ">5ms", "character 1: \">5ms\"" WORD_ERROR },
        { "=x", "character 1: \"=x\"" WORD_ERROR },
        { "total<5ms", "character 1: \"total<5ms\"" WORD_ERROR },
        { "\x1b[2J\n", "character 1: \"\\033[2J\\012\"" WORD_ERROR },
        { "total", "character 1: \"total\" is a stage and needs a time, such "
          "as total>5ms" },
        { "!port", "character 2: \"port\" is a key and needs a value: "
          "port=VALUE" },
        { "total>", "character 7: there must be a time:" TIME_ERROR },
        { "total>=", "character 8: there must be a time:" TIME_ERROR },
        { "lost,!total>=5", "character 14: \"5\" is no time: must be"
          TIME_ERROR },
        { "total>>5ms", "character 7: \">5ms\" is no time: must be"
          TIME_ERROR },
        { "tot>5ms", "character 1: \"tot\"" STAGE_ERROR },
        { "lost>1s", "character 1: \"lost\"" STAGE_ERROR },
        { "total=5ms", "character 1: \"total\"" KEY_ERROR },
        { "miss,color=red", "character 6: \"color\"" KEY_ERROR },
        { "class=", "character 7: there must be a value of class: must be one "
          "of miss, slow_path, controller, sflow, ipfix, flow_sample, "
          "action" },
        { "reason=x", "character 8: \"x\" is no value of reason: must be one "
          "of cfm, bfd, lacp, stp, lldp, action, match, no_match, "
          "invalid_ttl, action_set, group, packet_out" },
        { "cpu=-1", "character 5: \"-1\" is no value of cpu: must be a "
          "number" },
        { "cpu=18446744073709551616", "character 5: \"18446744073709551616\" "
          "is no value of cpu: must be a number" },
        { "errno=EWHATEVER", "character 7: \"EWHATEVER\" is no value of "
          "errno: must be an error such as EAGAIN, or its number" },
        { "errno=0", "character 7: \"0\" is no value of errno: must be an "
          "error such as EAGAIN, or its number" },
        { "errno=4096", "character 7: \"4096\" is no value of errno: must be "
          "an error such as EAGAIN, or its number" },
        { "handler=4294967296", "character 9: \"4294967296\" is no value of "
          "handler: must be the name of a thread, of 1 to 15 printable "
          "characters, or its id" },
        { "handler=0123456789abcdef", "character 9: \"0123456789abcdef\" is "
          "no value of handler: must be the name of a thread, of 1 to 15 "
          "printable characters, or its id" },
        { "port=\t", "character 6: \"\\011\" is no value of port: must be a "
          "name of 1 to 64 printable characters, or a pattern such as tap*" },
        { "ufid=1234", "character 6: \"1234\" is no value of ufid: must be "
          "the UFID of a flow, as upcall-trace/show prints it" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        char *error = conditions_parse(&c, wrong[i].text);

        ck_assert_pstr_eq(error, wrong[i].error);
        free(error);
    }
}
END_TEST

/* Nothing that a user can write is more than the daemon can bear. */
START_TEST(test_many)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *error;

    for (int i = 0; i < CONDITIONS_MAX; i++) {
        ds_put_format(&text, "%scpu=%d", i ? "," : "", i);
    }
    parse(ds_cstr(&text));
    ck_assert(conditions_text(&c, CONDITIONS_MAX - 1));
    error = conditions_parse(&c, "lost");
    ck_assert_pstr_eq(error, "character 1: \"lost\" is one too many: there "
                      "may be 256");
    free(error);
    ds_destroy(&text);

    error = xmalloc(1 << 20);
    memset(error, 'x', (1 << 20) - 1);
    error[(1 << 20) - 1] = '\0';
    conditions_destroy(&c);
    conditions_init(&c);
    char *long_error = conditions_parse(&c, error);
    ck_assert_uint_lt(strlen(long_error), 500);
    free(long_error);
    free(error);
}
END_TEST

START_TEST(test_values)
{
    char *error;

    ck_assert_ptr_null(conditions_parse_values(&c, "class", "sflow,miss"));
    ck_assert_ptr_null(conditions_parse_values(&c, "port", "a,!b"));
    check_text(&c, "class=sflow class=miss port=a port=!b");
    error = conditions_parse_values(&c, "class", "miss,!miss");
    ck_assert_pstr_eq(error, "character 6: \"!miss\" is no value of class: "
                      "must be one of miss, slow_path, controller, sflow, "
                      "ipfix, flow_sample, action");
    free(error);
}
END_TEST

/* Matching. */

/* Returns true if 'b' meets 'condition'.  Fails if it meets the opposite,
 * too, or neither. */
static bool
meets(const char *condition)
{
    char *opposite = xasprintf("!%s", condition);
    struct conditions is, is_not;
    void *rec = build_get(&b, NULL);
    bool met;

    conditions_init(&is);
    conditions_init(&is_not);
    ck_assert_pstr_eq(conditions_parse(&is, condition), NULL);
    ck_assert_pstr_eq(conditions_parse(&is_not, opposite), NULL);
    met = conditions_match(&is, rec, ports);
    ck_assert_int_eq(conditions_match(&is_not, rec, ports), !met);
    conditions_destroy(&is);
    conditions_destroy(&is_not);
    free(opposite);
    free(rec);
    return met;
}

START_TEST(test_stages)
{
    ck_assert(meets("total>311099ns"));
    ck_assert(!meets("total>311100ns"));
    ck_assert(meets("total>=311100ns"));
    ck_assert(!meets("total>=311101ns"));
    ck_assert(meets("queue>115us"));
    ck_assert(!meets("queue>116us"));
    ck_assert(meets("install>12us"));
    ck_assert(!meets("translate>0s"));          /* It is not known. */
    ck_assert(!meets("translate>=0s"));
}
END_TEST

START_TEST(test_names)
{
    ck_assert(meets("executed") && meets("miss") && meets("outcome=executed"));
    ck_assert(!meets("lost") && !meets("action") && !meets("class=sflow"));
    b.rec.outcome = UPCALL_LOST;
    b.rec.class_ = UPCALL_CLASS_ACTION;
    ck_assert(meets("lost") && meets("action"));
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    b.rec.class_ = UPCALL_N_CLASSES;
    ck_assert(!meets("lost") && !meets("abandoned") && !meets("action"));
}
END_TEST

START_TEST(test_no_put)
{
    ck_assert(!meets("no-put") && meets("put=installed"));
    b.rec.flags &= ~(UPCALL_F_PUT | UPCALL_F_PUT_DONE);
    ck_assert(meets("no-put") && meets("put=none"));
    b.rec.flags |= UPCALL_F_UNSURE;
    ck_assert(!meets("no-put"));
    b.rec.flags &= ~UPCALL_F_UNSURE;
    b.rec.class_ = UPCALL_CLASS_SLOW_PATH;
    ck_assert(!meets("no-put"));
    b.rec.class_ = UPCALL_CLASS_MISS;
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    ck_assert(!meets("no-put"));
    b.rec.outcome = UPCALL_ABANDONED;
    b.rec.flags &= ~UPCALL_F_RECEIVED;
    ck_assert(!meets("no-put"));
}
END_TEST

/* A port has to have the name at the time of the upcall. */
START_TEST(test_port)
{
    ck_assert(meets("port=p3"));
    ck_assert(!meets("port=p") && !meets("port=p33") && !meets("port=3"));
    ck_assert(meets("port=p*") && meets("port=?3") && meets("port=*"));
    ck_assert(!meets("port=?") && !meets("port=q*"));
    ck_assert(meets("datapath=ovs-system"));
    ck_assert(meets("datapath=system@ovs-system"));
    ck_assert(!meets("datapath=ovs"));
    b.rec.ts--;
    ck_assert(!meets("port=p3"));
    b.rec.ts++;
    b.rec.port_no = UINT32_MAX;
    ck_assert(!meets("port=p3") && meets("datapath=ovs-system"));
}
END_TEST

START_TEST(test_handler)
{
    ck_assert(meets("handler=handler9") && !meets("handler=handler"));
    b.rec.recv_tid = 217;
    b.rec.recv_cpu = 3;
    ck_assert(meets("handler=217") && !meets("handler=218"));
    ck_assert(meets("handler-cpu=3") && !meets("handler-cpu=4"));
    b.rec.flags &= ~UPCALL_F_RECEIVED;
    ck_assert(!meets("handler=handler9") && !meets("handler=217"));
    ck_assert(!meets("handler-cpu=3"));

    /* A name that fills all of its bytes has no null. */
    b.rec.flags |= UPCALL_F_RECEIVED;
    memset(b.rec.recv_comm, 'x', sizeof b.rec.recv_comm);
    ck_assert(!meets("handler=xxxxxxxxxxxxxxx"));
}
END_TEST

START_TEST(test_numbers)
{
    b.rec.cpu = 7;
    b.rec.portid = 3644007146;
    b.rec.tid = 99;
    memcpy(b.rec.comm, "ping", 5);
    ck_assert(meets("cpu=7") && meets("cpu=007") && !meets("cpu=0"));
    ck_assert(meets("portid=3644007146") && !meets("portid=0"));
    ck_assert(!meets("process=ping"));          /* It was only interrupted. */
    b.rec.flags |= UPCALL_F_PROCESS;
    ck_assert(meets("process=ping") && meets("process=99"));
    b.rec.rx_queue = 0;
    ck_assert(!meets("rx-queue=0"));
    b.rec.rx_queue = 1;
    ck_assert(meets("rx-queue=0") && !meets("rx-queue=1"));
}
END_TEST

START_TEST(test_errno)
{
    ck_assert(!meets("errno=EAGAIN"));
    b.rec.put_ret = -ENOSPC;
    ck_assert(meets("errno=ENOSPC") && meets("put=refused"));
    b.rec.put_ret = -EEXIST;
    ck_assert(!meets("errno=EEXIST") && meets("put=duplicate"));
    b.rec.outcome = UPCALL_LOST;
    b.rec.ret = -EAGAIN;
    ck_assert(meets("errno=EAGAIN") && meets("errno=11"));
    ck_assert(!meets("errno=ENOBUFS") && !meets("errno=1"));
}
END_TEST

START_TEST(test_ufid)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct record_value value;
    const struct record_key *ufid = record_key_find("ufid");
    void *rec = build_get(&b, NULL);

    ck_assert(record_key_get(ufid, rec, ports, &value));
    ds_put_cstr(&text, "ufid=");
    record_key_put_value(ufid, &value, &text);  /* "ufid:..." */
    ck_assert(meets(ds_cstr(&text)));
    b.rec.ufid[15] ^= 1;
    ck_assert(!meets(ds_cstr(&text)));
    b.rec.ufid[15] ^= 1;
    b.rec.flags &= ~UPCALL_F_UFID;
    ck_assert(!meets(ds_cstr(&text)));
    ds_destroy(&text);
    free(rec);
}
END_TEST

START_TEST(test_reason)
{
    struct user_action_cookie cookie;

    ck_assert(!meets("reason=lacp"));
    build_uninit(&b);
    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SLOW_PATH;
    cookie.slow_path.reason = SLOW_LACP;
    build_init(&b, UPCALL_CLASS_SLOW_PATH);
    build_message(&b, build_icmp_key, build_icmp, &cookie, sizeof cookie);
    ck_assert(meets("reason=lacp") && !meets("reason=bfd"));

    build_uninit(&b);
    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_CONTROLLER;
    cookie.controller.reason = OFPR_INVALID_TTL;
    build_init(&b, UPCALL_CLASS_CONTROLLER);
    build_message(&b, build_icmp_key, build_icmp, &cookie, sizeof cookie);
    ck_assert(meets("reason=invalid_ttl") && !meets("reason=action"));
}
END_TEST

/* One of several is enough. */
START_TEST(test_or)
{
    void *rec = build_get(&b, NULL);

    ck_assert(!conditions_match(&c, rec, ports));
    parse("lost,port=x,queue>1s");
    ck_assert(!conditions_match(&c, rec, ports));
    parse("port=y,port=p3");
    ck_assert(conditions_match(&c, rec, ports));
    free(rec);
}
END_TEST

/* Each key can be asked for by what is shown of it, and says what it is. */
START_TEST(test_keys)
{
    void *rec;
    const struct record_key *key = NULL;
    int n = 0, n_none = 0;

    b.rec.outcome = UPCALL_FAILED;
    b.rec.flags |= UPCALL_F_PROCESS;
    b.rec.exec_ret = -EINVAL;
    b.rec.put_ret = 0;
    b.rec.rx_queue = 4;
    rec = build_get(&b, NULL);
    while ((key = record_key_next(key))) {
        struct ds text = DS_EMPTY_INITIALIZER;
        struct record_value value;

        ck_assert(record_key_help(key)[0]);
        ck_assert_ptr_eq(record_key_find(record_key_name(key)), key);
        if (!record_key_get(key, rec, ports, &value)) {
            n_none++;               /* "reason", and those of passes. */
            continue;
        }
        n++;
        ds_put_format(&text, "%s=", record_key_name(key));
        record_key_put_value(key, &value, &text);
        ds_truncate(&text, strcspn(ds_cstr(&text), " "));  /* "comm (tid)" */
        ck_assert_msg(meets(ds_cstr(&text)), "%s", ds_cstr(&text));
        ds_destroy(&text);
    }
    ck_assert_int_eq(n, 13);
    ck_assert_int_eq(n_none, 6);
    ck_assert_ptr_null(record_key_find("x"));
    free(rec);
}
END_TEST

TCase *
condition_tcase(void)
{
    TCase *tc = tcase_create("condition");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_parse);
    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_values);
    tcase_add_test(tc, test_stages);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_no_put);
    tcase_add_test(tc, test_port);
    tcase_add_test(tc, test_handler);
    tcase_add_test(tc, test_numbers);
    tcase_add_test(tc, test_errno);
    tcase_add_test(tc, test_ufid);
    tcase_add_test(tc, test_reason);
    tcase_add_test(tc, test_or);
    tcase_add_test(tc, test_keys);
    return tc;
}
