/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/pass-executed.c, pass-drop.c and kernel-offsets.c, and
 * of how these are shown. */

#include <config.h>
#include "record/pass-executed.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "build-actions.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "kernel-bytes.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "read-back.h"
#include "record/action.h"
#include "record/pass-actions.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "show/pass-json.h"
#include "show/record-context.h"
#include "show/pass-text.h"
#include "util.h"

/* Of Linux 6.12. */
#define NO_SOCKET 3
#define OVS_METER 0x30005
#define OVS_LAST_ACTION 0x30001
#define OVS_EXPLICIT 0x30003
#define OVS_EXPLICIT_WITH_ERROR 0x30004

/* Of Linux 6.1. */
#define OLD_NO_REASON 1

static struct kernel_layout layout;

static void
add_reason(uint32_t reason, const char *name)
{
    struct kernel_drop *drop = &layout.drops[layout.n_drops++];

    drop->reason = reason;
    ovs_strlcpy(drop->name, name, sizeof drop->name);
}

static void
setup(void)
{
    check_output_setup();
    layout = kernel_layout_6_12;
    add_reason(NO_SOCKET, "NO_SOCKET");
    add_reason(OVS_METER, "OVS_DROP_METER");
    add_reason(OVS_LAST_ACTION, "OVS_DROP_LAST_ACTION");
    add_reason(OLD_NO_REASON, "NOT_SPECIFIED");
}

/* Starts the pass of a packet that hits a flow with 'text' as its actions, as
 * the kernel has them. */
static void
build_traced(struct build_pass *b, const char *text)
{
    struct ofpbuf bytes;

    build_pass_hit(b);
    build_actions_kernel(&layout, text, &bytes);
    ofpbuf_clear(&b->actions);
    ofpbuf_put(&b->actions, bytes.data, bytes.size);
    b->rec.flags |= PASS_F_EXECUTED | PASS_F_DONE;
    b->rec.end_ns = 9000;
    b->rec.actions_total = bytes.size;
    ofpbuf_uninit(&bytes);
}

/* Adds that action 'nth' of those of 'b' was executed, after 'us'. */
static void
add_executed(struct build_pass *b, size_t nth, unsigned int us, int result)
{
    struct pass_executed x = { .ns = us * 1000, .result = result };
    struct ofpbuf decoded, offsets;

    ofpbuf_init(&decoded, 0);
    ofpbuf_init(&offsets, 0);
    if (b->rec.lookup == PASS_NONE) {
        struct upcall_attrs attrs = build_actions_attrs(&b->actions);

        ck_assert(kernel_actions_place(&layout, &attrs, &offsets));
    } else {
        ck_assert(kernel_actions_decode(&layout, b->actions.data,
                                        b->actions.size, NULL, &decoded,
                                        &offsets));
    }
    ck_assert_uint_lt(nth * sizeof(uint32_t), offsets.size);
    x.offset = ((uint32_t *) offsets.data)[nth];
    ofpbuf_put(&b->executed, &x, sizeof x);
    ofpbuf_uninit(&offsets);
    ofpbuf_uninit(&decoded);
}

static void
check_lines(struct build_pass *b, const char *text, const char *events)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct pass p;
    void *data = build_pass_parse(b, &p);

    pass_format(&p, test_ports, NULL, &layout, &ds);
    ck_assert_str_eq(strchr(ds_cstr(&ds), '\n') + 1, text);
    ds_clear(&ds);
    pass_format_events(&p, PASS_TEXT_ALL, 0, NULL, &layout, &ds);
    ck_assert_str_eq(strchr(ds_cstr(&ds), '\n') + 1, events);
    ds_destroy(&ds);
    free(data);
}

/* Fails unless 'name' of 'b', which is freed, is 'expected' in JSON. */
static void
check_pass_member(struct build_pass *b, const char *name, const char *expected)
{
    struct json *json = get_pass_json(b, test_ports, NULL, &layout);

    check_part(json, name, expected);
    json_destroy(json);
}

/* Fails unless what is known of the actions of 'b', which is freed, is
 * 'expected': a letter for each, "y", "n" or "?". */
static void
check_states(struct build_pass *b, const char *expected)
{
    struct pass p;
    void *data = build_pass_parse(b, &p);
    struct pass_actions actions;
    struct executed x;

    pass_actions_init(&actions, &p, &layout);
    executed_init(&x, &p, &actions);
    for (size_t i = 0; i < strlen(expected); i++) {
        const struct nlattr *a = action_nth(&actions.attrs, i);
        const struct pass_executed *entry;

        ck_assert_ptr_nonnull(a);
        ck_assert_int_eq("?ny"[executed_get(&x, a, &entry)], expected[i]);
        ck_assert_int_eq(entry != NULL, expected[i] == 'y');
    }
    ck_assert_ptr_null(action_nth(&actions.attrs, strlen(expected)));
    executed_uninit(&x);
    pass_actions_uninit(&actions);
    free(data);
}

#define NESTED "ct(commit,zone=5),clone(2,sample(sample=50.0%,actions(2))),3"

START_TEST(test_shown)
{
    struct build_pass b;

    for (int i = 0; i < 2; i++) {
        build_traced(&b, NESTED);
        add_executed(&b, 0, 1, 0);
        add_executed(&b, 1, 2, PASS_NO_RESULT);
        add_executed(&b, 2, 3, PASS_NO_RESULT);
        add_executed(&b, 3, 4, PASS_NO_RESULT);
        add_executed(&b, 5, 6, PASS_NO_RESULT);
        if (!i) {
            check_lines(&b,
                "     1.0  ct         commit,zone=5\n"
                "     2.0  clone      2,sample(sample=50.0%,actions(2))\n"
                "     3.0    output     p1\n"
                "     4.0    sample     sample=50.0%,actions(2)\n"
                "     6.0  output     p2\n",
                "202388857517033 [swapper/7] exec ct(commit,zone=5) q p18\n"
                "202388857518033 [swapper/7] exec clone(2,sample(sample="
                "50.0%,actions(2))) q p18\n"
                "202388857519033 [swapper/7] exec oport 2 q p18\n"
                "202388857520033 [swapper/7] exec sample(sample=50.0%,"
                "actions(2)) q p18\n"
                "202388857522033 [swapper/7] exec oport 3 q p18\n");
        } else {
            check_states(&b, "yyyyny");
        }
    }
}
END_TEST

/* What was not executed, and what came of those that were. */
START_TEST(test_results)
{
    struct build_pass b;

    build_traced(&b, "meter(1),2");
    add_executed(&b, 0, 1, PASS_METER_DROPS);
    check_lines(&b,
        "     1.0  meter      1, dropped\n"
        "       -  output     p1, not executed\n"
        "       -  drop       by meter 1\n",
        "202388857517033 [swapper/7] exec meter(1) q p18\n"
        "- [swapper/7] drop - by meter(1) q p18\n");
    build_traced(&b, "ct,2");
    add_executed(&b, 0, 1, -EINPROGRESS);
    check_lines(&b,
        "     1.0  ct          (EINPROGRESS)\n"
        "       -  output     p1, not executed\n",
        "202388857517033 [swapper/7] exec ct q p18\n");
    build_traced(&b, "clone(2),3");
    add_executed(&b, 0, 1, PASS_NO_RESULT);
    add_executed(&b, 1, 2, PASS_NO_RESULT);
    check_pass_member(&b, "latency", "{\"lookup\":900,\"total\":9000}");
    build_traced(&b, "clone(2),3");
    add_executed(&b, 0, 1, PASS_NO_RESULT);
    add_executed(&b, 1, 2, PASS_NO_RESULT);
    check_pass_member(&b, "events",
        "[{\"cache\":1,\"comm\":\"swapper/7\",\"context\":\"softirq\","
        "\"cpu\":7,\"event\":\"flow_tbl_lookup\",\"masks\":3,"
        "\"result\":\"hit\",\"tid\":0,\"ts\":202388857516933,"
        "\"ufid\":\"66252ae8-0102-0304-0506-0708090a0b0c\"},"
        "{\"action\":\"clone\",\"actions\":[{\"action\":\"output\","
        "\"executed\":true,\"port\":{\"name\":\"p1\",\"number\":2},"
        "\"ret\":null,\"text\":\"2\",\"ts\":202388857518033}],"
        "\"event\":\"action_execute\",\"executed\":true,\"ret\":null,"
        "\"source\":\"flow\",\"text\":\"clone(2)\","
        "\"ts\":202388857517033},"
        "{\"action\":\"output\",\"event\":\"action_execute\","
        "\"executed\":false,\"port\":{\"name\":\"p2\",\"number\":3},"
        "\"ret\":null,\"source\":\"flow\",\"text\":\"3\",\"ts\":null}]");
}
END_TEST

/* Whatever may be missing is unknown. */
START_TEST(test_incomplete)
{
    struct build_pass b;

    for (int i = 0; i < 6; i++) {
        build_traced(&b, "2,clone(3),2");
        add_executed(&b, 1, 1, PASS_NO_RESULT);
        switch (i) {
        case 0:
            b.rec.flags &= ~PASS_F_DONE;
            break;
        case 1:
            b.rec.flags |= PASS_F_EXECUTED_CUT;
            break;
        case 2:
            b.rec.n_not_kept = 1;
            break;
        case 3:
            add_executed(&b, 1, 1, PASS_NO_RESULT);
            break;
        case 4:
            add_executed(&b, 1, 1, PASS_NO_RESULT);
            ((struct pass_executed *) b.executed.data)[1].offset++;
            break;
        case 5:
            check_states(&b, "nynn");
            continue;
        }
        check_states(&b, "?y??");
    }
    build_traced(&b, "2,clone(3),2");
    add_executed(&b, 1, 1, PASS_NO_RESULT);
    b.rec.flags &= ~PASS_F_EXECUTED;
    check_states(&b, "????");
    build_traced(&b, "2,clone(3),2");
    b.rec.flags |= PASS_F_ACTIONS_CUT;
    check_states(&b, "");
}
END_TEST

/* The kernel's copy of the actions of a request. */
START_TEST(test_place)
{
    static const char *const texts[] = {
        "", "2", NESTED,
        "set(ipv4(ttl=9)),set(eth(src=02:00:00:00:00:09)),2",
        "set(tunnel(dst=1.1.1.2,ttl=64,flags(df))),ct(commit,nat(src=1.1.1.1))"
        ",recirc(1)",
        "check_pkt_len(size=9,gt(2,clone(3)),le(set(udp(src=1)),3,recirc(4)))"
        ",5",
        "userspace(pid=9,userdata(0102030405)),trunc(7),push_vlan(vid=1,pcp=0)"
        ",sample(sample=1.0%,actions(clone(ct,2),ct_clear)),meter(3)",
    };
    static const struct kernel_layout *const layouts[] = {
        &kernel_layout_6_1, &kernel_layout_6_12,
    };

    for (size_t i = 0; i < ARRAY_SIZE(texts) * 2; i++) {
        struct ofpbuf request, bytes, decoded, expected, found;
        struct upcall_attrs attrs;

        build_actions(texts[i / 2], &request);
        build_actions_kernel(layouts[i % 2], texts[i / 2], &bytes);
        ofpbuf_init(&decoded, 0);
        ofpbuf_init(&expected, 0);
        ofpbuf_init(&found, 0);
        ck_assert(kernel_actions_decode(layouts[i % 2], bytes.data,
                                        bytes.size, NULL, &decoded,
                                        &expected));
        attrs = build_actions_attrs(&request);
        ck_assert(kernel_actions_place(layouts[i % 2], &attrs, &found));
        ck_assert_uint_eq(found.size, expected.size);
        ck_assert(!found.size
                  || !memcmp(found.data, expected.data, found.size));
        ofpbuf_uninit(&found);
        ofpbuf_uninit(&expected);
        ofpbuf_uninit(&decoded);
        ofpbuf_uninit(&bytes);
        ofpbuf_uninit(&request);
    }
}
END_TEST

/* Without the layout of the kernel, nothing behind a ct is known. */
START_TEST(test_execute)
{
    struct build_pass b;

    for (int i = 0; i < 2; i++) {
        build_pass_execute(&b, "2,ct,recirc(3)", 0);
        b.rec.flags |= PASS_F_EXECUTED;
        add_executed(&b, 0, 1, PASS_NO_RESULT);
        add_executed(&b, 1, 2, 0);
        add_executed(&b, 2, 3, PASS_NO_RESULT);
        if (i) {
            layout.fields[KERNEL_FIELD_CT].bits = 0;
            check_states(&b, "yy?");
        } else {
            check_states(&b, "yyy");
        }
    }
}
END_TEST

START_TEST(test_drop)
{
    static const struct {
        uint32_t reason;
        const char *line, *name;
    } tests[] = {
        { NO_SOCKET, "NO_SOCKET", "\"NO_SOCKET\"" },
        { OVS_METER, "OVS_DROP_METER", "\"OVS_DROP_METER\"" },
        { 77, "reason 0x4d", "null" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        struct build_pass b;
        char *text, *events, *json;

        for (int j = 0; j < 2; j++) {
            build_traced(&b, "2");
            add_executed(&b, 0, 1, PASS_NO_RESULT);
            b.rec.flags |= PASS_F_DROP;
            b.rec.drop_reason = tests[i].reason;
            b.rec.drop_ns = 2500;
            b.rec.drop_offset = PASS_NO_OFFSET;
            b.rec.n_drops = i + 1;
            text = xasprintf("     1.0  output     p1\n"
                             "     2.5  drop       %s%s\n", tests[i].line,
                             !i ? "" : i == 1 ? ", one of 2"
                             : ", one of 3");
            events = xasprintf("202388857517033 [swapper/7] exec oport 2 q "
                               "p18\n202388857518533 [swapper/7] drop %s q "
                               "p18\n", tests[i].line);
            json = xasprintf("{\"action\":null,\"count\":%"PRIuSIZE","
                             "\"number\":%"PRIu32",\"reason\":%s,"
                             "\"ts\":202388857518533}", i + 1,
                             tests[i].reason, tests[i].name);
            if (j) {
                check_pass_member(&b, "drop", json);
            } else {
                check_lines(&b, text, events);
            }
            free(json);
            free(events);
            free(text);
        }
    }
}
END_TEST

/* Starts a pass in which 'reason' has the packet dropped, action 'nth' being
 * the last one that was executed. */
static void
build_dropped(struct build_pass *b, uint32_t reason, size_t nth)
{
    const struct pass_executed *last;

    build_traced(b, "clone(meter(1),2),clone(set(ipv4(ttl=9)))");
    for (size_t i = 0; i <= nth; i++) {
        add_executed(b, i, i + 1, PASS_NO_RESULT);
    }
    last = ofpbuf_at_assert(&b->executed, nth * sizeof *last, sizeof *last);
    b->rec.flags |= PASS_F_DROP;
    b->rec.drop_reason = reason;
    b->rec.drop_ns = 8000;
    b->rec.drop_offset = last->offset;
    b->rec.n_drops = 1;
}

/* Which action has dropped the packet, also if it is in another one.  If it
 * may have been dropped because there was no other one, it is not said to be
 * by the last one. */
START_TEST(test_dropped_by)
{
    static const struct {
        uint32_t reason;
        size_t nth;
        const char *name, *line, *event;
    } tests[] = {
        { OVS_METER, 1, "OVS_DROP_METER", "by meter 1", "by meter(1)" },
        { NO_SOCKET, 2, "NO_SOCKET", "by output p1", "by oport 2" },
        { OVS_LAST_ACTION, 4, "OVS_DROP_LAST_ACTION",
          "after set_masked ipv4(ttl=9)", "after set(ipv4(ttl=9))" },
        { OLD_NO_REASON, 4, "NOT_SPECIFIED",
          "after set_masked ipv4(ttl=9)", "after set(ipv4(ttl=9))" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        char *line, *event;
        struct build_pass b;
        struct pass p;
        void *data;

        build_dropped(&b, tests[i].reason, tests[i].nth);
        data = build_pass_parse(&b, &p);
        pass_format(&p, test_ports, NULL, &layout, &ds);
        line = xasprintf("\n     8.0  drop       %s, %s\n", tests[i].name,
                         tests[i].line);
        ck_assert_msg(strstr(ds_cstr(&ds), line), "%s", ds_cstr(&ds));
        ds_clear(&ds);
        pass_format_events(&p, PASS_TEXT_ALL, 0, NULL, &layout, &ds);
        event = xasprintf("] drop %s %s q p18\n", tests[i].name,
                          tests[i].event);
        ck_assert_msg(strstr(ds_cstr(&ds), event), "%s", ds_cstr(&ds));
        free(event);
        free(line);
        ds_destroy(&ds);
        free(data);
    }
}
END_TEST

START_TEST(test_dropped_by_json)
{
    struct build_pass b;

    build_dropped(&b, NO_SOCKET, 2);
    check_pass_member(&b, "drop",
        "{\"action\":{\"action\":\"output\",\"executed\":true,"
        "\"port\":{\"name\":\"p1\",\"number\":2},\"ret\":null,"
        "\"text\":\"2\",\"ts\":202388857519033},\"count\":1,"
        "\"number\":3,\"reason\":\"NO_SOCKET\","
        "\"ts\":202388857524033}");

    /* No action begins there. */
    build_dropped(&b, NO_SOCKET, 2);
    b.rec.drop_offset++;
    check_pass_member(&b, "drop",
        "{\"action\":null,\"count\":1,\"number\":3,"
        "\"reason\":\"NO_SOCKET\",\"ts\":202388857524033}");
}
END_TEST

/* Linux before 6.7 has reasons of the core only. */
START_TEST(test_ovs_drops)
{
    static struct kernel_layout l;

    ck_assert(!kernel_tells_ovs_drops(&l));
    l.n_drops = 2;
    l.drops[0].reason = 2;
    l.drops[1].reason = 77;
    ck_assert(!kernel_tells_ovs_drops(&l));
    l.drops[1].reason = 0x30001;
    ck_assert(kernel_tells_ovs_drops(&l));
}
END_TEST

/* Starts the pass of a packet that hits a flow which drops for 'reason', a
 * value of enum xlate_error of Open vSwitch. */
static void
build_drop(struct build_pass *b, uint32_t reason)
{
    build_pass_hit(b);
    ofpbuf_clear(&b->actions);
    nl_msg_put_u32(&b->actions, ACTION_DROP, reason);
}

/* What a flow that does nothing but drop says of the reason.  Before Linux
 * 6.7, that is nothing, and there is no such action.  In Open vSwitch
 * 3.1 it has another number, so that it has no name there. */
START_TEST(test_drop_of_flow)
{
    static const struct {
        uint32_t value;
        const char *name, *number, *reason;
    } tests[] = {
        { 0, "OVS_DROP_EXPLICIT", "196611", "OK" },
        { 2, "OVS_DROP_EXPLICIT_WITH_ERROR", "196612",
          "Recursion too deep" },
    };

    add_reason(OVS_EXPLICIT, "OVS_DROP_EXPLICIT");
    add_reason(OVS_EXPLICIT_WITH_ERROR, "OVS_DROP_EXPLICIT_WITH_ERROR");
    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        struct build_pass b;
        char *name = ((int) OVS_ACTION_ATTR_DROP == ACTION_DROP
                      ? xstrdup("drop")
                      : xasprintf("action%d(%02"PRIx32" 00 00 00)",
                                  ACTION_DROP, tests[i].value));
        char *text, *events, *json;

        text = xasprintf("       -  drop       %s\n"
                         "       -  drop       %s, by drop %s\n",
                         tests[i].reason, tests[i].name, tests[i].reason);
        events = xasprintf("- [swapper/7] exec %s q p18\n"
                           "- [swapper/7] drop %s by %s q p18\n",
                           name, tests[i].name, name);
        json = xasprintf("{\"action\":{\"action\":\"drop\","
                         "\"executed\":null,\"reason\":\"%s\","
                         "\"ret\":null,\"text\":\"%s\",\"ts\":null},"
                         "\"count\":1,\"number\":%s,"
                         "\"reason\":\"%s\",\"ts\":null}",
                         tests[i].reason, name, tests[i].number,
                         tests[i].name);
        build_drop(&b, tests[i].value);
        check_lines(&b, text, events);
        build_drop(&b, tests[i].value);
        check_pass_member(&b, "drop", json);
        free(json);
        free(events);
        free(text);
        free(name);
    }
}
END_TEST

/* A flow without actions drops, and that is all that may be known. */
START_TEST(test_drop_unknown)
{
    static const char dropped[]
        = "{\"action\":null,\"count\":1,\"number\":null,\"reason\":null,"
          "\"ts\":null}";
    struct build_pass b;

    build_traced(&b, "");
    check_pass_member(&b, "drop",
        "{\"action\":null,\"count\":1,\"number\":196609,"
        "\"reason\":\"OVS_DROP_LAST_ACTION\",\"ts\":null}");
    layout.n_drops = 0;
    build_traced(&b, "");
    check_pass_member(&b, "drop", dropped);
    build_traced(&b, "meter(1),2");
    add_executed(&b, 0, 1, PASS_METER_DROPS);
    check_pass_member(&b, "drop",
        "{\"action\":{\"action\":\"meter\",\"executed\":true,\"id\":1,"
        "\"ret\":1,\"text\":\"meter(1)\",\"ts\":202388857517033},"
        "\"count\":1,\"number\":null,\"reason\":null,\"ts\":null}");
    build_traced(&b, "meter(1),2");
    add_executed(&b, 0, 1, 0);
    check_pass_member(&b, "drop", "null");
    build_pass_miss(&b);
    check_pass_member(&b, "drop", "null");
    build_pass_hit(&b);
    b.rec.flags &= ~PASS_F_ACTIONS;
    b.actions.size = 0;
    check_pass_member(&b, "drop", "null");
}
END_TEST

/* Records that no program writes. */
START_TEST(test_hostile)
{
    struct build_pass b;
    struct pass_record *rec;
    struct pass p;
    char *error;
    size_t size;

    build_traced(&b, "2");
    for (int i = 0; i <= PASS_EXECUTED_MAX; i++) {
        add_executed(&b, 0, i, PASS_NO_RESULT);
    }
    rec = build_pass_get(&b, &size);
    ck_assert(!pass_parse(rec, size, &p, &error));
    ck_assert_str_eq(error, "record has impossible 65 executed actions");
    free(error);
    rec->n_executed--;
    ck_assert(!pass_parse(rec, size, &p, &error));
    free(error);
    ck_assert(pass_parse(rec, size - sizeof(struct pass_executed), &p,
                         &error));
    ck_assert_uint_eq(p.n_executed, PASS_EXECUTED_MAX);
    ck_assert_uint_eq(pass_limit_packet(rec, 10),
                      size - sizeof(struct pass_executed)
                      - ROUND_UP(b.packet.size, 8) + 16);
    ck_assert(pass_parse(rec, pass_record_size(rec), &p, &error));
    ck_assert_uint_eq(p.executed[7].ns, 7000);
    free(rec);
    build_pass_uninit(&b);
}
END_TEST

/* Whatever a record says, it is refused or can be shown. */
START_TEST(test_random)
{
    struct build_pass b;
    void *good;
    size_t size;
    int n_shown = 0;

    random_init();
    random_set_seed(15);
    build_traced(&b, NESTED);
    for (size_t i = 0; i < 6; i++) {
        add_executed(&b, i, i, PASS_NO_RESULT);
    }
    good = build_pass_get(&b, &size);
    build_pass_uninit(&b);
    for (int i = 0; i < 20000; i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        uint8_t *bad = xmemdup(good, size);
        struct json_writer w;
        struct pass p;
        char *error;

        for (int j = random_range(4); j >= 0; j--) {
            bad[random_range(size)] = random_uint32();
        }
        if (pass_parse(bad, size, &p, &error)) {
            pass_format(&p, test_ports, NULL, &layout, &ds);
            pass_format_events(&p, PASS_TEXT_ALL, 0, NULL, &layout, &ds);
            json_writer_init(&w, &ds);
            pass_json_write(&w, &p, 4, test_ports, NULL, &layout);
            check_read_back(bad, pass_record_size(p.rec), true,
                            &(struct record_context) {
                                .ports = test_ports, .layout = &layout,
                            });
            n_shown++;
        }
        free(error);
        ds_destroy(&ds);
        free(bad);
    }
    ck_assert_int_gt(n_shown, 1000);
    free(good);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_executed_tcase(void)
{
    TCase *tcase = tcase_create("pass-executed");

    tcase_add_checked_fixture(tcase, setup, check_output_teardown);
    tcase_add_test(tcase, test_shown);
    tcase_add_test(tcase, test_results);
    tcase_add_test(tcase, test_incomplete);
    tcase_add_test(tcase, test_place);
    tcase_add_test(tcase, test_execute);
    tcase_add_test(tcase, test_drop);
    tcase_add_test(tcase, test_dropped_by);
    tcase_add_test(tcase, test_dropped_by_json);
    tcase_add_test(tcase, test_ovs_drops);
    tcase_add_test(tcase, test_drop_of_flow);
    tcase_add_test(tcase, test_drop_unknown);
    tcase_add_test(tcase, test_hostile);
    tcase_add_test(tcase, test_random);
    return tcase;
}
