/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/convert-retis.h. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "file/convert-retis.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "random.h"
#include "record/action.h"
#include "retis-check.h"
#include "show/record-context.h"
#include "util.h"

TCase *retis_tcase(void);

static struct ds file;          /* What was written. */
static int write_error;
static int n_writes;
static struct retis *w;

/* The first line of the trace. */
#define STARTUP_LINE                                                        \
    "{\"event\":\"startup\",\"version\":\"0.1\","                           \
    "\"kernel\":\"6.12.107\",\"wall_offset\":-1500000000,"                  \
    "\"started_ms\":7000,"                                                  \
    "\"target\":{\"binary\":\"/usr/sbin/ovs-vswitchd\"},"                   \
    "\"options\":{\"enrich\":true,\"class\":[\"miss\",\"action\"],"         \
    "\"filter\":null,\"snaplen\":64,\"track\":\"full\"}}"

static int
write_file(const void *data, size_t n, void *aux)
{
    ck_assert_ptr_eq(aux, &file);
    n_writes++;
    if (!write_error) {
        ds_put_buffer(&file, data, n);
    }
    return write_error;
}

static void
setup(void)
{
    struct json *startup = json_from_string(STARTUP_LINE);

    check_output_setup();
    ds_init(&file);
    write_error = 0;
    n_writes = 0;
    w = retis_create(write_file, &file);
    retis_start(w, startup);
    json_destroy(startup);
}

static void
teardown(void)
{
    retis_destroy(w);
    ds_destroy(&file);
    check_output_teardown();
}

static void
put(const void *record, size_t size)
{
    const struct record_context context = { .ports = test_ports };
    char *error = retis_put(w, record, size, &context);

    ck_assert_msg(!error, "%s", error);
}

/* Makes 'b', which has returned, upcall 'id'. */
static void
set_id(struct build *b, uint64_t id)
{
    b->rec.id = id;
    b->rec.ret_word = UPCALL_RET_TAG(id) | 30500;
}

/* The first line, and the parts that many events have. */
#define STARTUP                                                             \
    "{\"common\":{\"timestamp\":8500000000},\"startup\":{"                 \
    "\"retis_version\":\"1.7.0\",\"cmdline\":\"ovs-upcall-traced 0.1"      \
    " --class=miss,action --enrich --snaplen=64 --track=full\","            \
    "\"clock_monotonic_offset\":{\"sec\":-2,\"nsec\":500000000},"           \
    "\"machine\":{\"kernel_release\":\"6.12.107\","                         \
    "\"kernel_version\":\"unknown\",\"hardware_name\":\"unknown\"}}}\n"
#define KERNEL(SYMBOL, TYPE)                                                \
    "\"kernel\":{\"symbol\":\"" SYMBOL "\",\"probe_type\":\"" TYPE "\"}"
#define IDLE                                                                \
    "\"smp_id\":7,\"task\":{\"pid\":0,\"tgid\":0,\"comm\":\"swapper/7\"}"
#define HANDLER                                                             \
    "\"task\":{\"pid\":3215259,\"tgid\":3215302,\"comm\":\"handler9\"}"
#define SKB(HEAD)                                                           \
    "\"skb-tracking\":{\"orig_head\":" HEAD                                 \
    ",\"timestamp\":202388857516033,\"skb\":0}"
#define PACKET                                                              \
    "\"packet\":{\"len\":98,\"capture_len\":98,\"data\":\"AgAAAAACAgAAAAAD" \
    "CABFAABU4wBAAEAB/hisyAADrMgAAggAAAAAAQABAAECAwQFBgcICQoLDA0ODxAREhMU" \
    "FRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc=\"}"
#define BATCH "\"queue_id\":17,\"batch_ts\":0,\"batch_idx\":1"

/* Ends the trace, and fails unless it has the events 'expected', in lines,
 * after the first line. */
static void
check_events_are(const char *expected)
{
    ck_assert_int_eq(retis_end(w), 0);
    retis_check(ds_cstr(&file));
    ck_assert_int_eq(strncmp(ds_cstr(&file), STARTUP, strlen(STARTUP)), 0);
    ck_assert_str_eq(ds_cstr(&file) + strlen(STARTUP), expected);
}

/* Ends the trace, and returns how many lines have 'text'. */
static int
count(const char *text)
{
    char *end;
    int n = 0;

    ck_assert_int_eq(retis_end(w), 0);
    retis_check(ds_cstr(&file));
    /* The address sanitizer has strstr() read all of a string each time. */
    for (char *s = ds_cstr(&file); (end = strchr(s, '\n')); s = end + 1) {
        char next = end[1];

        end[1] = '\0';
        n += strstr(s, text) != NULL;
        end[1] = next;
    }
    return n;
}

START_TEST(test_nothing)
{
    check_events_are("");
}
END_TEST

/* The first line of another file of the trace is not repeated; that of another
 * trace is written, after what was before it. */
START_TEST(test_traces)
{
    struct json *same = json_from_string(STARTUP_LINE);
    struct json *other = json_from_string("{\"started_ms\":1}");
    struct build_pass b;

    build_pass_hit(&b);
    build_pass_write(&b, put);
    retis_start(w, same);
    ck_assert_int_eq(n_writes, 1);
    retis_start(w, other);
    ck_assert_int_eq(n_writes, 3);
    build_pass_hit(&b);
    b.rec.ts -= 1000000;
    build_pass_write(&b, put);
    ck_assert_int_eq(retis_end(w), 0);
    ck_assert_int_eq(n_writes, 4);
    ck_assert_ptr_nonnull(strstr(
        ds_cstr(&file), "\n{\"common\":{\"timestamp\":0},\"startup\":{"
        "\"retis_version\":\"1.7.0\",\"cmdline\":\"ovs-upcall-traced\","
        "\"clock_monotonic_offset\":{\"sec\":0,\"nsec\":0},\"machine\":{"
        "\"kernel_release\":\"unknown\",\"kernel_version\":\"unknown\","
        "\"hardware_name\":\"unknown\"}}}\n"));
    json_destroy(same);
    json_destroy(other);
}
END_TEST

/* Records without a first line get one. */
START_TEST(test_no_start)
{
    struct build_pass b;

    retis_destroy(w);
    ds_clear(&file);
    w = retis_create(write_file, &file);
    build_pass_hit(&b);
    build_pass_write(&b, put);
    ck_assert_int_eq(count("\"startup\""), 1);
}
END_TEST

START_TEST(test_upcall)
{
    struct build b;

    build_executed(&b);
    build_write(&b, put);
    check_events_are(
        "{\"common\":{\"timestamp\":202388857516033," IDLE "},"
        KERNEL("ovs_dp_upcall", "kprobe") "," SKB("17") "," PACKET ","
        "\"ovs\":{\"event_type\":\"upcall\",\"cmd\":1,\"port\":3644007146,"
        "\"cpu\":7}}\n"
        "{\"common\":{\"timestamp\":202388857543026," IDLE "},"
        KERNEL("skb_zerocopy", "kprobe") "," SKB("17") ","
        "\"ovs\":{\"event_type\":\"upcall_enqueue\",\"ret\":0,\"cmd\":1,"
        "\"port\":3644007146,\"upcall_ts\":202388857516033,"
        "\"upcall_cpu\":7,\"queue_id\":17}}\n"
        "{\"common\":{\"timestamp\":202388857546533," IDLE "},"
        KERNEL("ovs_dp_upcall", "kretprobe") "," SKB("17") ","
        "\"ovs\":{\"event_type\":\"upcall_return\","
        "\"upcall_ts\":202388857516033,\"upcall_cpu\":7,\"ret\":0}}\n"
        "{\"common\":{\"timestamp\":202388857658575,\"smp_id\":3," HANDLER
        "}," KERNEL("skb_recv_datagram", "kretprobe") ","
        "\"ovs\":{\"event_type\":\"recv_upcall\",\"type\":0,\"pkt_size\":98,"
        "\"key_size\":132," BATCH "}}\n"
        "{\"common\":{\"timestamp\":202388857762836," HANDLER "},"
        KERNEL("ovs_flow_cmd_new", "kprobe") ","
        "\"ovs\":{\"event_type\":\"flow_operation\",\"op_type\":\"put\","
        BATCH "}}\n"
        "{\"common\":{\"timestamp\":202388857776033," HANDLER "},"
        KERNEL("ovs_packet_cmd_execute", "kprobe") ","
        "\"ovs\":{\"event_type\":\"flow_operation\",\"op_type\":\"exec\","
        BATCH "}}\n"
        "{\"common\":{\"timestamp\":202388857827133," HANDLER "},"
        KERNEL("ovs_packet_cmd_execute", "kretprobe") "," SKB("17") ","
        "\"ovs\":{\"event_type\":\"action_execute\",\"action\":\"output\","
        "\"port\":2,\"recirc_id\":0,\"queue_id\":17}}\n");
}
END_TEST

/* What a probe of ovs-vswitchd tells as well is there once. */
START_TEST(test_usdt)
{
    struct build b;

    build_executed(&b);
    build_usdt(&b);
    b.rec.batch_idx = 0;
    build_write(&b, put);
    ck_assert_int_eq(count("\"recv_upcall\""), 1);
    ck_assert_int_eq(count("\"flow_operation\""), 2);
    ck_assert_int_eq(count("\"skb_recv_datagram\""), 0);
    ck_assert_int_eq(
        count("{\"common\":{\"timestamp\":202388857666133," HANDLER "},"
              "\"userspace\":{\"probe_type\":\"usdt\","
              "\"symbol\":\"dpif_recv:recv_upcall\",\"ip\":0,"
              "\"path\":\"/usr/sbin/ovs-vswitchd\",\"pid\":3215259,"
              "\"tid\":3215302},\"ovs\":{\"event_type\":\"recv_upcall\","
              "\"type\":0,\"pkt_size\":98,\"key_size\":132,\"queue_id\":17,"
              "\"batch_ts\":202388857666133,\"batch_idx\":0}}\n"), 1);
    ck_assert_int_eq(
        count("\"op_type\":\"put\",\"queue_id\":17,"
              "\"batch_ts\":202388857666133,\"batch_idx\":0"), 1);
}
END_TEST

/* One that was lost before there was a message has no enqueue; one that the
 * socket refused has one, with the error. */
START_TEST(test_lost)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -EAGAIN);
    build_write(&b, put);
    ck_assert_int_eq(count("\"upcall_enqueue\""), 0);
    ck_assert_int_eq(count("\"upcall_ts\":202388857516033,\"upcall_cpu\":7,"
                           "\"ret\":-11}}"), 1);

    build_init(&b, UPCALL_CLASS_MISS);
    b.rec.id++;
    b.rec.ts++;
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_lost(&b, -ENOBUFS);
    build_write(&b, put);
    ck_assert_int_eq(count("\"upcall_enqueue\",\"ret\":-105"), 1);
}
END_TEST

/* A process of which only the thread is known is not told. */
START_TEST(test_thread)
{
    struct build b;

    build_executed(&b);
    b.rec.tid = 4711;
    build_write(&b, put);
    ck_assert_int_eq(count("4711"), 0);
    ck_assert_int_eq(count("\"task\""), 4);
}
END_TEST

/* Segments of a packet are one upcall, of one packet. */
START_TEST(test_segments)
{
    struct build b;

    for (int i = 0; i < 2; i++) {
        build_executed(&b);
        set_id(&b, 17 + i);
        b.rec.group = 17;
        b.rec.segment = i;
        b.rec.enqueue_ts += i;
        build_write(&b, put);
    }
    ck_assert_int_eq(count("\"event_type\":\"upcall\""), 1);
    ck_assert_int_eq(count("\"upcall_enqueue\""), 2);
    ck_assert_int_eq(count("\"upcall_return\""), 1);
    ck_assert_int_eq(count("\"orig_head\":17"), 6);

    /* One that comes after the others were written has its own. */
    build_executed(&b);
    set_id(&b, 19);
    b.rec.group = 17;
    b.rec.segment = 2;
    build_write(&b, put);
    ck_assert_int_eq(count("\"event_type\":\"upcall\""), 2);
    ck_assert_int_eq(count("\"upcall_return\""), 2);
}
END_TEST

/* An upcall in the execute of another is of the same packet, in whichever
 * order they come. */
START_TEST(test_nested)
{
    struct build b;

    for (int i = 0; i < 2; i++) {
        build_executed(&b);
        set_id(&b, i ? 17 : 18);
        b.rec.ts += i ? 0 : 1000;
        if (!i) {
            b.rec.flags |= UPCALL_F_NESTED;
            b.rec.parent = 17;
        }
        build_write(&b, put);
    }
    ck_assert_int_eq(count("\"orig_head\":17,\"timestamp\":202388857517033"),
                     8);
    ck_assert_int_eq(count("\"queue_id\":18"), 5);
}
END_TEST

START_TEST(test_hit)
{
    struct build_pass b;

    build_pass_hit(&b);
    build_pass_write(&b, put);
    check_events_are(
        "{\"common\":{\"timestamp\":202388857516933," IDLE "},"
        KERNEL("ovs_flow_tbl_lookup_stats", "kretprobe") ","
        "\"skb-tracking\":{\"orig_head\":9223372036854775826,"
        "\"timestamp\":202388857516933,\"skb\":0}," PACKET ","
        "\"ovs\":{\"event_type\":\"flow_lookup\",\"flow\":1,\"sf_acts\":0,"
        "\"ufid\":[1713711848,16909060,84281096,151653132],"
        "\"n_mask_hit\":3,\"n_cache_hit\":1,\"dpflow\":\"\","
        "\"ofpflows\":[]}}\n");
}
END_TEST

/* A pass, its upcall and the pass of the execute are of one packet, and the
 * action is there once: told by what comes first. */
START_TEST(test_passes)
{
    struct build_pass p;
    struct build b;

    build_pass_miss(&p);
    build_pass_write(&p, put);
    build_executed(&b);
    b.rec.pass = b.rec.track = 18;
    build_write(&b, put);
    build_pass_execute(&p, "2", 0);
    p.rec.track = 18;
    build_pass_write(&p, put);
    ck_assert_int_eq(count("\"orig_head\":9223372036854775826,"
                           "\"timestamp\":202388857516933"), 5);
    ck_assert_int_eq(count("\"flow\":0"), 1);
    ck_assert_int_eq(count("\"action_execute\""), 1);
}
END_TEST

/* Adds that the action at 'offset' was executed 'ns' after the pass began. */
static void
put_executed(struct build_pass *b, uint16_t offset, uint32_t ns)
{
    const struct pass_executed e = {
        .ns = ns, .offset = offset, .result = PASS_NO_RESULT,
    };

    ofpbuf_put(&b->executed, &e, sizeof e);
    b->rec.flags |= PASS_F_EXECUTED;
}

START_TEST(test_executed)
{
    struct build_pass p;
    struct build b;

    build_pass_miss(&p);
    p.rec.recirc_id = 5;
    build_pass_write(&p, put);
    build_pass_execute(&p, "recirc(7),2", 0);
    p.rec.track = 18;
    put_executed(&p, 0, 1000);
    put_executed(&p, 8, 2000);
    build_pass_write(&p, put);
    build_executed(&b);
    b.rec.track = 18;
    build_write(&b, put);
    ck_assert_int_eq(count("\"action_execute\""), 2);
    ck_assert_int_eq(count("\"action\":\"recirc\",\"id\":7,\"recirc_id\":5"),
                     1);
    ck_assert_int_eq(count("202388857518033,"), 1);
    ck_assert_int_eq(count(KERNEL("openvswitch:ovs_do_execute_action",
                                  "raw_tracepoint")), 2);

    /* With the upcall before it, it is told by that. */
    build_executed(&b);
    set_id(&b, 20);
    b.rec.ts += 1000000;
    b.rec.enqueue_ts += 1000000;
    b.rec.flags &= ~(UPCALL_F_EXEC | UPCALL_F_EXEC_DONE);
    b.rec.outcome = UPCALL_OUTCOME_UNKNOWN;
    b.rec.flags |= UPCALL_F_UNSURE;
    ofpbuf_clear(&b.exec);
    b.rec.n_execs = 0;
    build_write(&b, put);
    build_pass_execute(&p, "2", 0);
    p.rec.upcall = 20;
    p.rec.ts += 2000000;
    put_executed(&p, 0, 1000);
    build_pass_write(&p, put);
    ck_assert_int_eq(count("\"port\":2,\"recirc_id\":0,\"queue_id\":20"), 1);
}
END_TEST

/* Events come by time, in whatever order the records do, as far as they are
 * kept back. */
START_TEST(test_order)
{
    const char *last = NULL;

    for (int i = 0; i < RETIS_EVENTS_MAX; i++) {
        struct build_pass b;

        build_pass_hit(&b);
        b.rec.head = PASS_RECORD | (18 + i);
        b.rec.ts += (i ^ 7) * 1000;
        build_pass_write(&b, put);
    }
    ck_assert_int_gt(n_writes, 1);
    ck_assert_int_lt(n_writes, RETIS_EVENTS_MAX);
    ck_assert_int_eq(count("\"flow_lookup\""), RETIS_EVENTS_MAX);
    for (const char *s = strchr(ds_cstr(&file), '\n') + 1; *s;
         s = strchr(s, '\n') + 1) {
        if (last) {
            ck_assert_int_lt(strncmp(last, s, 40), 0);
        }
        last = s;
    }
}
END_TEST

/* A packet without an Ethernet header gets an empty one. */
START_TEST(test_l3)
{
    struct build_pass b;

    build_pass_init(&b, 18, PASS_HIT);
    build_pass_packet(&b, "450000140000400040060000acc80003acc80002");
    build_pass_actions(&b, "2");
    b.rec.flags |= PASS_F_L3;
    b.rec.ethertype = (OVS_FORCE uint16_t) htons(0x0800);
    build_pass_write(&b, put);
    ck_assert_int_eq(count("\"packet\":{\"len\":34,\"capture_len\":34,"
                           "\"data\":\"AAAAAAAAAAAAAAAACABF"), 1);
}
END_TEST

/* Every action, with the arguments that Retis has. */
START_TEST(test_actions)
{
    static const struct {
        const char *action, *event;
    } cases[] = {
        { "2", "\"action\":\"output\",\"port\":2,\"recirc_id\":0" },
        { "drop", "\"action\":\"drop\",\"reason\":0,\"recirc_id\":0" },
        { "set(eth(src=02:00:00:00:00:02,dst=02:00:00:00:00:03))",
          "\"action\":\"set\",\"recirc_id\":0" },
        { "set(eth(dst=02:00:00:00:00:03))",
          "\"action\":\"set_masked\",\"recirc_id\":0" },
        { "push_vlan(vid=7,pcp=1)",
          "\"action\":\"push_vlan\",\"recirc_id\":0" },
        { "sample(sample=50.0%,actions(2))",
          "\"action\":\"sample\",\"recirc_id\":0" },
        { "ct", "\"action\":\"ct\",\"flags\":0,\"zone_id\":0,"
          "\"recirc_id\":0" },
        { "ct(commit,zone=7)", "\"action\":\"ct\",\"flags\":1,"
          "\"zone_id\":7,\"recirc_id\":0" },
        { "ct(force_commit,nat)", "\"action\":\"ct\",\"flags\":19,"
          "\"zone_id\":0,\"nat\":{},\"recirc_id\":0" },
        { "ct(commit,zone=20,nat(dst=10.244.1.3-10.244.1.30:36895-36900,"
          "persistent,random))",
          "\"action\":\"ct\",\"flags\":3541,\"zone_id\":20,"
          "\"nat\":{\"dir\":\"dst\",\"min_addr\":\"10.244.1.3\","
          "\"max_addr\":\"10.244.1.30\",\"min_port\":36895,"
          "\"max_port\":36900},\"recirc_id\":0" },
        { "ct(commit,nat(src=fc00::1,hash))",
          "\"action\":\"ct\",\"flags\":697,\"zone_id\":0,"
          "\"nat\":{\"dir\":\"src\",\"min_addr\":\"fc00::1\","
          "\"max_addr\":\"fc00::1\"},\"recirc_id\":0" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct build b;
        char *event = xasprintf("\"action_execute\",%s,\"queue_id\":%"PRIuSIZE
                                "}", cases[i].event, 100 + i);

        build_executed(&b);
        ofpbuf_clear(&b.exec);
        b.rec.n_execs = 0;
        if (strcmp(cases[i].action, "drop")) {
            build_execute(&b, cases[i].action, 0);
        } else {
            size_t ofs;

            build_execute(&b, "", 0);
            ofpbuf_clear(&b.exec);
            ofs = nl_msg_start_nested(&b.exec, OVS_PACKET_ATTR_ACTIONS);
            nl_msg_put_u32(&b.exec, ACTION_DROP, 0);
            nl_msg_end_nested(&b.exec, ofs);
        }
        set_id(&b, 100 + i);
        b.rec.ts += i;
        build_write(&b, put);
        ck_assert_msg(count(event) == 1, "%s", event);
        free(event);
    }
}
END_TEST

/* One that Retis has no name for has none. */
START_TEST(test_unnamed_action)
{
    struct build_pass p;
    size_t ofs;

    build_pass_execute(&p, "", 0);
    ofs = nl_msg_start_nested(&p.actions, ACTION_PSAMPLE);
    nl_msg_put_u32(&p.actions, ACTION_PSAMPLE_GROUP, 3);
    nl_msg_end_nested(&p.actions, ofs);
    p.rec.actions_total = p.actions.size;
    put_executed(&p, 0, 1000);
    build_pass_write(&p, put);
    ck_assert_int_eq(count("\"action_execute\",\"recirc_id\":0}"), 1);
}
END_TEST

/* Whatever is in a record, Retis takes what is made of it. */
START_TEST(test_random)
{
    random_set_seed(1);
    for (int i = 0; i < 3000; i++) {
        const struct record_context context = { .ports = test_ports };
        struct upcall_record *rec;
        struct build b;
        size_t size;
        uint8_t *bytes;

        build_executed(&b);
        if (random_range(2)) {
            build_usdt(&b);
        }
        rec = build_get(&b, &size);
        build_uninit(&b);
        rec->id = 1 + (i ^ 21);
        rec->ret_word = UPCALL_RET_TAG(rec->id) | random_range(100000);
        rec->ts += (i ^ 5) * 50;
        bytes = (uint8_t *) rec;
        for (int n = random_range(4); n; n--) {
            bytes[8 + random_range(sizeof *rec - 8)] = random_uint32();
        }
        free(retis_put(w, rec, size, &context));
        free(rec);
    }
    ck_assert_int_gt(count("\"recv_upcall\""), 100);
}
END_TEST

/* More packets than are remembered. */
START_TEST(test_many)
{
    for (uint32_t i = 0; i < RETIS_PACKETS_MAX + 100; i++) {
        struct build_pass b;

        build_pass_hit(&b);
        b.rec.head = PASS_RECORD | (18 + i);
        b.rec.track = 18 + i;
        b.rec.ts += i;
        build_pass_write(&b, put);
    }
    ck_assert_int_eq(count("\"flow_lookup\""), RETIS_PACKETS_MAX + 100);
}
END_TEST

/* The first error stays, and nothing is written after it. */
START_TEST(test_errors)
{
    const struct record_context context = { .ports = test_ports };
    struct upcall_record bad = { .msg_len = 1000 };
    struct build_pass b;
    char *error;

    error = retis_put(w, &bad, sizeof bad, &context);
    ck_assert_ptr_nonnull(error);
    free(error);
    for (int i = 0; i < 2; i++) {
        build_pass_hit(&b);
        b.rec.head += i;
        build_pass_write(&b, put);
    }
    ck_assert_int_eq(n_writes, 1);
    write_error = ENOSPC;
    ck_assert_int_eq(retis_end(w), ENOSPC);
    write_error = 0;
    ck_assert_int_eq(retis_get_error(w), ENOSPC);
    ck_assert_int_eq(retis_end(w), ENOSPC);
    ck_assert_int_eq(n_writes, 2);
}
END_TEST

TCase *
retis_tcase(void)
{
    TCase *tcase = tcase_create("retis");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_nothing);
    tcase_add_test(tcase, test_traces);
    tcase_add_test(tcase, test_no_start);
    tcase_add_test(tcase, test_upcall);
    tcase_add_test(tcase, test_usdt);
    tcase_add_test(tcase, test_lost);
    tcase_add_test(tcase, test_thread);
    tcase_add_test(tcase, test_segments);
    tcase_add_test(tcase, test_nested);
    tcase_add_test(tcase, test_hit);
    tcase_add_test(tcase, test_passes);
    tcase_add_test(tcase, test_executed);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_l3);
    tcase_add_test(tcase, test_actions);
    tcase_add_test(tcase, test_unnamed_action);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_many);
    tcase_add_test(tcase, test_errors);
    return tcase;
}
