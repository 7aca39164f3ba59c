/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/record.c, lib/record/names.c and lib/base/base64.c, and
 * the suite of those of lib/store/record-facts.c, lib/record/event.c and
 * lib/record/attr-check.c.
 *
 * Records are in memory of exactly their size, so that a build with sanitizers
 * notices each byte that is read beyond. */

#include <config.h>
#include "record/record.h"
#include "record/userdata.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "build-record.h"
#include "netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "record/names.h"
#include "util.h"

Suite *record_suite(void);

/* Size of what a message starts with. */
#define HEADER_SIZE 24

/* Parses the 'size' bytes at 'data', which must be possible, into '*u'. */
static void
parse(const void *data, size_t size, struct upcall *u)
{
    char *error;

    if (!upcall_parse(data, size, u, &error)) {
        ck_abort_msg("%s", error);
    }
    ck_assert_ptr_null(error);
}

/* Fails unless the 'size' bytes at 'data' are rejected with 'expected'. */
static void
check_rejected(const void *data, size_t size, const char *expected)
{
    struct upcall u;
    char *error;

    ck_assert(!upcall_parse(data, size, &u, &error));
    ck_assert_str_eq(error, expected);
    free(error);
}

/* Fails unless the 'size' bytes at 'data' are rejected because its parts need
 * 'need'. */
static void
check_size_rejected(const void *data, size_t size, size_t need)
{
    char *expected = xasprintf("record has %"PRIuSIZE" bytes, its parts need "
                               "%"PRIuSIZE, size, need);

    check_rejected(data, size, expected);
    free(expected);
}

/* Names. */

START_TEST(test_names)
{
    ck_assert_str_eq(upcall_outcome_name(UPCALL_EXECUTED), "executed");
    ck_assert_str_eq(upcall_outcome_name(UPCALL_ABANDONED), "abandoned");
    ck_assert_ptr_null(upcall_outcome_name(UPCALL_N_OUTCOMES));
    ck_assert_ptr_null(upcall_outcome_name(-1));
    ck_assert_int_eq(upcall_outcome_from_name("lost"), UPCALL_LOST);
    ck_assert_int_eq(upcall_outcome_from_name("los"), -1);
    ck_assert_str_eq(upcall_class_name(UPCALL_CLASS_SLOW_PATH), "slow_path");
    ck_assert_ptr_null(upcall_class_name(UPCALL_N_CLASSES));
    ck_assert_int_eq(upcall_class_from_name("ipfix"), UPCALL_CLASS_IPFIX);
    ck_assert_int_eq(upcall_class_from_name(""), -1);
    ck_assert_str_eq(upcall_drop_name(UPCALL_DROP_RING_FULL), "ring_full");
    ck_assert_ptr_null(upcall_drop_name(UPCALL_N_DROPS));
    ck_assert_str_eq(upcall_hook_name(UPCALL_HOOK_PUT), "ovs_flow_cmd_new");
    ck_assert_str_eq(upcall_hook_where(UPCALL_HOOK_PUT_RETURN), "exit");
    ck_assert_ptr_null(upcall_hook_name(UPCALL_N_HOOKS));
    ck_assert_ptr_null(upcall_hook_where(-1));
    ck_assert_str_eq(upcall_cmd_name(UPCALL_CLASS_MISS), "miss");
    ck_assert_str_eq(upcall_cmd_name(UPCALL_CLASS_SFLOW), "action");
    ck_assert_ptr_null(upcall_cmd_name(-1));
    ck_assert_str_eq(upcall_rule_name(UPCALL_RULE_ORDER), "order");
    ck_assert_ptr_null(upcall_rule_name(UPCALL_N_RULES));
    ck_assert_str_eq(upcall_conflict_name(UPCALL_CONFLICT_EXEC), "flow_exec");
    ck_assert_ptr_null(upcall_conflict_name(UPCALL_N_CONFLICTS));
    ck_assert_ptr_null(upcall_conflict_name(-1));
}
END_TEST

START_TEST(test_usdt_hooks)
{
    ck_assert_str_eq(upcall_hook_name(UPCALL_HOOK_USDT_RECV),
                     "dpif_recv:recv_upcall");
    ck_assert(!upcall_hook_is_usdt(-1));
    ck_assert(!upcall_hook_is_usdt(UPCALL_N_HOOKS));
    for (int i = 0; i < UPCALL_N_HOOKS; i++) {
        bool usdt = !strcmp(upcall_hook_where(i), "usdt");

        ck_assert_int_eq(upcall_hook_is_usdt(i), usdt);
        ck_assert_int_eq(strchr(upcall_hook_name(i), ':') != NULL, usdt);
    }
}
END_TEST

START_TEST(test_names_are_distinct)
{
    for (int i = 0; i < UPCALL_N_OUTCOMES; i++) {
        const char *name = upcall_outcome_name(i);

        ck_assert_int_eq(upcall_outcome_from_name(name), i);
    }
    for (int i = 0; i < UPCALL_N_CLASSES; i++) {
        ck_assert_int_eq(upcall_class_from_name(upcall_class_name(i)), i);
    }
}
END_TEST

START_TEST(test_reason_names)
{
    ck_assert_str_eq(upcall_slow_path_reason_name(SLOW_CFM), "cfm");
    ck_assert_str_eq(upcall_slow_path_reason_name(SLOW_LACP), "lacp");
    ck_assert_str_eq(upcall_slow_path_reason_name(SLOW_MATCH), "match");
    ck_assert_str_eq(upcall_slow_path_reason_name(SLOW_MATCH | SLOW_BFD),
                     "bfd");
    ck_assert_ptr_null(upcall_slow_path_reason_name(0));
    ck_assert_ptr_null(upcall_slow_path_reason_name(1u << 31));
}
END_TEST

START_TEST(test_errno_names)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    upcall_put_errno(&ds, EEXIST);
    ds_put_char(&ds, ' ');
    upcall_put_errno_name(&ds, 4000);
    ds_put_char(&ds, ' ');
    upcall_put_comm(&ds, "a\n\377b\0cdefghijklm");
    ds_put_char(&ds, ' ');
    upcall_put_comm(&ds, "0123456789abcdef");
    ck_assert_str_eq(ds_cstr(&ds), "EEXIST (File exists) 4000 a\\012\\377b "
                     "0123456789abcdef");
    ds_destroy(&ds);
}
END_TEST

START_TEST(test_base64)
{
    static const char *const expected[] = {
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"
    };
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        ds_clear(&ds);
        base64_put(&ds, "foobar", i);
        ck_assert_str_eq(ds_cstr(&ds), expected[i]);
    }
    base64_put(&ds, "\373\377\276", 3);
    ck_assert_str_eq(ds_cstr(&ds), "Zm9vYmFy+/++");
    ds_destroy(&ds);
}
END_TEST

/* Parsing. */

START_TEST(test_parse)
{
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    data = build_parse(&b, &u);
    ck_assert_ptr_eq(u.rec, data);
    ck_assert(u.has_dp && u.has_port);
    ck_assert_uint_eq(u.dp_ifindex, BUILD_DP_IFINDEX);
    ck_assert_uint_eq(u.port_no, 3);
    ck_assert_int_eq(u.class, UPCALL_CLASS_MISS);
    ck_assert_ptr_null(u.userdata);
    ck_assert_uint_eq(u.packet_len, 98);
    ck_assert_uint_eq(u.packet_kept, 98);
    ck_assert_int_eq(u.packet[5], 2);
    ck_assert_int_eq(u.packet[97], 0x37);
    ck_assert_uint_eq(u.key.len, u.rec->key_len);
    ck_assert_uint_gt(u.mask.len, 0);
    ck_assert_uint_eq(u.put_actions.len, 8);
    ck_assert_uint_eq(u.exec_actions.len, 8);
    ck_assert_uint_eq(nl_attr_get_u32(u.exec_actions.data), 2);
    free(data);
}
END_TEST

/* Nothing but the fixed part. */
START_TEST(test_parse_empty)
{
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_N_CLASSES);
    b.rec.flags = ~UPCALL_F_PORT;
    data = build_parse(&b, &u);
    ck_assert(!u.has_dp && !u.has_port);
    ck_assert_int_eq(u.class, -1);
    ck_assert_ptr_null(u.packet);
    ck_assert_uint_eq(u.packet_len, 0);
    ck_assert_ptr_null(u.key.data);
    ck_assert_ptr_null(u.mask.data);
    ck_assert_ptr_null(u.put_actions.data);
    ck_assert_ptr_null(u.exec_actions.data);
    free(data);
}
END_TEST

START_TEST(test_parse_lost_early)
{
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -ENOTCONN);
    data = build_parse(&b, &u);
    ck_assert(u.has_dp && u.has_port);
    ck_assert_uint_eq(u.port_no, 3);
    ck_assert_ptr_null(u.key.data);
    ck_assert_uint_eq(u.packet_kept, 98);
    ck_assert_ptr_eq(u.packet, u.rec->data);
    free(data);
}
END_TEST

/* Parts that are there without the stage that they belong to. */
START_TEST(test_parse_needs_flags)
{
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    b.rec.flags = 0;
    data = build_parse(&b, &u);
    ck_assert(!u.has_dp);
    ck_assert_ptr_null(u.packet);
    ck_assert_ptr_null(u.key.data);
    ck_assert_ptr_null(u.put_actions.data);
    ck_assert_ptr_null(u.exec_actions.data);
    free(data);
}
END_TEST

/* Fails unless 'reason', NULL for none, is found in the first 'size' bytes of
 * 'cookie'. */
static void
check_reason(enum upcall_class class, const struct user_action_cookie *cookie,
             size_t size, const char *reason)
{
    char buf[USERDATA_REASON_MAX];
    const char *found;
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, class);
    build_message(&b, build_icmp_key, build_icmp, cookie, size);
    data = build_parse(&b, &u);
    found = userdata_reason(&u, buf);
    ck_assert_str_eq(found ? found : "none", reason ? reason : "none");
    free(data);
}

START_TEST(test_parse_reason)
{
    size_t size = OFFSETOFEND(struct user_action_cookie, slow_path.reason);
    struct user_action_cookie cookie;

    memset(&cookie, 0, sizeof cookie);
    cookie.type = USER_ACTION_COOKIE_SLOW_PATH;
    cookie.slow_path.reason = SLOW_LLDP;
    check_reason(UPCALL_CLASS_SLOW_PATH, &cookie, sizeof cookie, "lldp");
    check_reason(UPCALL_CLASS_SLOW_PATH, &cookie, size, "lldp");
    for (size_t i = 0; i < size; i++) {
        check_reason(UPCALL_CLASS_SLOW_PATH, &cookie, i, NULL);
    }
    check_reason(UPCALL_CLASS_ACTION, &cookie, sizeof cookie, NULL);
    check_reason(UPCALL_CLASS_CONTROLLER, &cookie, sizeof cookie, NULL);
    cookie.type = USER_ACTION_COOKIE_CONTROLLER;
    check_reason(UPCALL_CLASS_SLOW_PATH, &cookie, sizeof cookie, NULL);
    check_reason(UPCALL_CLASS_MISS, &cookie, sizeof cookie, NULL);

    cookie.controller.reason = OFPR_INVALID_TTL;
    check_reason(UPCALL_CLASS_CONTROLLER, &cookie, sizeof cookie,
                 "invalid_ttl");
    cookie.controller.reason = OFPR_IMPLICIT_MISS;
    check_reason(UPCALL_CLASS_CONTROLLER, &cookie, sizeof cookie, "no_match");
    cookie.controller.reason = UINT16_MAX;
    check_reason(UPCALL_CLASS_CONTROLLER, &cookie, sizeof cookie, "65535");
}
END_TEST

/* The message is cut after each of its bytes. */
START_TEST(test_parse_cut_message)
{
    struct build b;
    size_t whole;

    build_executed(&b);
    whole = b.msg.size;
    for (size_t i = 0; i <= whole; i++) {
        size_t key_end = HEADER_SIZE + NLA_HDRLEN + b.rec.key_len;
        struct upcall u;
        size_t size;
        void *data;

        b.msg.size = i;
        b.rec.packet_kept = MAX(i, b.rec.packet_ofs) - b.rec.packet_ofs;
        data = build_get(&b, &size);
        parse(data, size, &u);
        ck_assert_int_eq(u.has_dp, i >= HEADER_SIZE);
        ck_assert_int_eq(u.has_port, i >= key_end);
        ck_assert_int_eq(u.key.data != NULL, i >= key_end);
        ck_assert_uint_eq(u.packet_kept, b.rec.packet_kept);
        ck_assert_int_eq(u.packet != NULL, i > b.rec.packet_ofs);
        ck_assert_ptr_nonnull(u.exec_actions.data);
        free(data);
    }
    build_uninit(&b);
}
END_TEST

/* Where the packet is said to be is not where it is. */
START_TEST(test_parse_packet_elsewhere)
{
    static const struct {
        int ofs, kept;
    } wrong[] = { { 1, -1 }, { -4, 4 }, { 0, -1 }, { 0, 1 }, { 8, 0 } };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct upcall u;
        struct build b;
        void *data;

        build_executed(&b);
        b.rec.packet_ofs += wrong[i].ofs;
        b.rec.packet_kept += wrong[i].kept;
        data = build_parse(&b, &u);
        ck_assert_ptr_null(u.packet);
        ck_assert_uint_eq(u.packet_kept, 0);
        free(data);
    }
}
END_TEST

/* The put is cut after each of its bytes. */
START_TEST(test_parse_cut_put)
{
    struct build b;
    size_t whole;

    build_executed(&b);
    b.rec.flags |= UPCALL_F_PUT_CUT;
    whole = b.put.size;
    for (size_t i = 0; i <= whole; i++) {
        struct upcall u;
        size_t size;
        void *data;

        b.put.size = i;
        data = build_get(&b, &size);
        parse(data, size, &u);
        ck_assert_int_eq(u.mask.data != NULL, i >= whole - 12);
        ck_assert_int_eq(u.put_actions.data != NULL, i == whole);
        ck_assert_ptr_nonnull(u.exec_actions.data);
        free(data);
    }
    build_uninit(&b);
}
END_TEST

START_TEST(test_parse_put_without_mask)
{
    struct upcall u;
    struct build b;
    void *data;

    build_init(&b, UPCALL_CLASS_MISS);
    build_put(&b, NULL, "", 0);
    data = build_parse(&b, &u);
    ck_assert_ptr_nonnull(u.mask.data);
    ck_assert_uint_eq(u.mask.len, 0);
    ck_assert_ptr_nonnull(u.put_actions.data);
    ck_assert_uint_eq(u.put_actions.len, 0);
    free(data);
}
END_TEST

/* The execute is cut after each of its bytes. */
START_TEST(test_parse_cut_exec)
{
    struct build b;
    size_t whole;

    build_executed(&b);
    whole = b.exec.size;
    for (size_t i = 0; i <= whole; i++) {
        struct upcall u;
        size_t size;
        void *data;

        b.exec.size = i;
        data = build_get(&b, &size);
        parse(data, size, &u);
        ck_assert_int_eq(u.exec_actions.data != NULL, i >= whole - 12);
        free(data);
    }
    build_uninit(&b);
}
END_TEST

/* An attribute inside has an impossible size, but fits. */
START_TEST(test_parse_broken_key)
{
    struct upcall u;
    struct build b;
    void *data;

    build_executed(&b);
    ((struct nlattr *) ((char *) b.msg.data + HEADER_SIZE
                        + NLA_HDRLEN))->nla_len = 16;
    data = build_parse(&b, &u);
    ck_assert_ptr_null(u.key.data);
    ck_assert(!u.has_port);
    ck_assert(u.has_dp);
    ck_assert_uint_eq(u.packet_kept, 98);
    free(data);
}
END_TEST

/* Rejecting. */

/* A record that is shorter or longer than its parts. */
START_TEST(test_reject_size)
{
    struct build b;
    size_t whole;
    char *data;

    build_executed(&b);
    data = build_get(&b, &whole);
    build_uninit(&b);
    for (size_t i = 0; i < whole; i++) {
        char *part = xmemdup(data, i ? i : 1);
        struct upcall u;
        char *error;

        ck_assert(!upcall_parse(part, i, &u, &error));
        ck_assert_ptr_nonnull(strstr(error, "bytes"));
        free(error);
        free(part);
    }
    data = xrealloc(data, whole + 9);
    check_size_rejected(data, whole + 9, whole);
    free(data);
}
END_TEST

START_TEST(test_reject_alignment)
{
    struct build b;
    size_t size;
    char *data;

    build_executed(&b);
    data = build_get(&b, &size);
    build_uninit(&b);
    data = xrealloc(data, size + 8);
    memmove(data + 4, data, size);
    check_rejected(data + 4, size, "record is not aligned to 8 bytes");
    free(data);
}
END_TEST

START_TEST(test_reject_fixed_part)
{
    struct upcall_record rec;

    memset(&rec, 0, sizeof rec);
    rec.outcome = UPCALL_OUTCOME_UNKNOWN + 1;
    check_rejected(&rec, sizeof rec, "record has unknown outcome 7");
    rec.outcome = UPCALL_EXECUTED;
    rec.class_ = UPCALL_N_CLASSES + 1;
    check_rejected(&rec, sizeof rec, "record has unknown class 8");
    rec.class_ = UPCALL_CLASS_MISS;
    rec.exec_rule = UPCALL_N_RULES;
    check_rejected(&rec, sizeof rec, "record has unknown rule 4");
    rec.exec_rule = UPCALL_RULE_ORDER;
    rec.conflicts = 0x81;
    check_rejected(&rec, sizeof rec, "record has unknown conflicts 0x81");
    rec.conflicts = 0x8;
    check_rejected(&rec, sizeof rec, "record has unknown conflicts 0x8");
    rec.conflicts = 0x7;
    rec.put_len = UPCALL_PUT_MAX + 1;
    check_rejected(&rec, sizeof rec,
                   "record has impossible parts of 0, 641 and 0 bytes");
    rec.put_len = 8;
    check_size_rejected(&rec, sizeof rec, sizeof rec + 8);
}
END_TEST

START_TEST(test_reject_time)
{
    static const size_t times[] = {
#define MEMBER(NAME) offsetof(struct upcall_record, NAME)
        MEMBER(ts), MEMBER(enqueue_ts), MEMBER(recv_ts), MEMBER(put_ts),
        MEMBER(put_duration), MEMBER(exec_ts), MEMBER(exec_duration),
        MEMBER(usdt_recv_ts), MEMBER(translated_ts), MEMBER(usdt_put_ts),
        MEMBER(usdt_exec_ts),
#undef MEMBER
    };

    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        struct upcall_record rec;
        struct upcall u;

        memset(&rec, 0, sizeof rec);
        *(uint64_t *) ((char *) &rec + times[i]) = 1ULL << 62;
        check_rejected(&rec, sizeof rec, "record has an impossible time");
        *(uint64_t *) ((char *) &rec + times[i]) = (1ULL << 62) - 1;
        parse(&rec, sizeof rec, &u);
    }
}
END_TEST

/* Keeping less of the packet. */

/* Fails unless limiting the packet of 'b' to 'snaplen' bytes gives what 'b'
 * would have been with a message cut there. */
static void
check_limit(struct build *b, size_t snaplen)
{
    size_t keep = MIN(snaplen, b->rec.packet_kept);
    size_t old_size, new_size;
    void *old = build_get(b, &old_size);
    void *new;

    b->msg.size -= b->rec.packet_kept - keep;
    b->rec.packet_kept = keep;
    new = build_get(b, &new_size);
    ck_assert_uint_eq(upcall_limit_packet(old, snaplen), new_size);
    ck_assert_uint_le(new_size, old_size);
    ck_assert_mem_eq(old, new, new_size);
    free(new);
    free(old);
    build_uninit(b);
}

START_TEST(test_limit_packet)
{
    for (size_t snaplen = 0; snaplen < 110; snaplen++) {
        struct build b;

        build_executed(&b);
        check_limit(&b, snaplen);
        build_init(&b, UPCALL_CLASS_MISS);
        build_lost_early(&b, build_icmp, -ENOMEM);
        check_limit(&b, snaplen);
    }
}
END_TEST

/* Returns the suite of these tests. */
Suite *
record_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *names = tcase_create("names");
    TCase *parsing = tcase_create("parse");

    tcase_add_test(names, test_names);
    tcase_add_test(names, test_usdt_hooks);
    tcase_add_test(names, test_names_are_distinct);
    tcase_add_test(names, test_reason_names);
    tcase_add_test(names, test_errno_names);
    tcase_add_test(names, test_base64);
    suite_add_tcase(suite, names);

    tcase_add_test(parsing, test_parse);
    tcase_add_test(parsing, test_parse_empty);
    tcase_add_test(parsing, test_parse_lost_early);
    tcase_add_test(parsing, test_parse_needs_flags);
    tcase_add_test(parsing, test_parse_reason);
    tcase_add_test(parsing, test_parse_cut_message);
    tcase_add_test(parsing, test_parse_packet_elsewhere);
    tcase_add_test(parsing, test_parse_cut_put);
    tcase_add_test(parsing, test_parse_put_without_mask);
    tcase_add_test(parsing, test_parse_cut_exec);
    tcase_add_test(parsing, test_parse_broken_key);
    tcase_add_test(parsing, test_reject_size);
    tcase_add_test(parsing, test_reject_alignment);
    tcase_add_test(parsing, test_reject_fixed_part);
    tcase_add_test(parsing, test_reject_time);
    tcase_add_test(parsing, test_limit_packet);
    suite_add_tcase(suite, parsing);

    suite_add_tcase(suite, facts_tcase());
    suite_add_tcase(suite, attr_check_tcase());
    return suite;
}
