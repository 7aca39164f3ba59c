/* SPDX-License-Identifier: Apache-2.0 */

/* Records with what is in those of no other test, for tests/schema.at, which
 * wants all that the JSON Schema allows; and tests of lib/base/json-schema.c
 * and lib/file/trace-schema.c.
 *
 * What these records are as JSON is compared elsewhere; here they are read
 * back. */

#include <config.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-schema.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "file/trace-end.h"
#include "file/trace-schema.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "read-back.h"
#include "record/action.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/vswitchd-show.h"
#include "store/vswitchd-stats.h"
#include "util.h"

TCase *schema_tcase(void);

static void
read_upcall(struct build *b)
{
    const struct record_context c = { .ports = test_ports };
    struct upcall u;
    void *data = build_parse(b, &u);

    check_read_back(data, upcall_record_size(u.rec), false, &c);
    free(data);
}

static void
read_pass(struct build_pass *b)
{
    const struct record_context c = { .ports = test_ports };
    struct pass p;
    void *data = build_pass_parse(b, &p);

    check_read_back(data, pass_record_size(p.rec), true, &c);
    free(data);
}

/* Times and devices that are not known. */
START_TEST(test_unknown)
{
    struct build b;

    build_executed(&b);
    build_usdt(&b);
    b.rec.hash = b.rec.napi_id = b.rec.rx_queue = 0;
    b.rec.flags |= UPCALL_F_IDLE;
    b.rec.idle_from = b.rec.enqueue_ts + 20000;
    b.rec.idle_until = b.rec.recv_ts - 40000;
    read_upcall(&b);

    build_executed(&b);
    build_usdt(&b);
    b.rec.ts = b.rec.enqueue_ts = b.rec.recv_ts = 0;
    b.rec.usdt_recv_ts = b.rec.usdt_put_ts = 0;
    read_upcall(&b);
}
END_TEST

/* An execute whose end was not seen, wherever it was. */
START_TEST(test_execute)
{
    struct build_pass b;

    for (int i = 0; i < 2; i++) {
        build_pass_execute(&b, "2", 0);
        b.rec.flags &= ~(PASS_F_DONE | PASS_F_PROCESS);
        b.rec.flags |= i ? PASS_F_SOFTIRQ : 0;
        read_pass(&b);
    }
}
END_TEST

static void
put_userspace(struct ofpbuf *actions, enum user_action_cookie_type type)
{
    struct user_action_cookie cookie;
    size_t ofs = nl_msg_start_nested(actions, OVS_ACTION_ATTR_USERSPACE);

    memset(&cookie, 0, sizeof cookie);
    cookie.type = type;
    nl_msg_put_u32(actions, OVS_USERSPACE_ATTR_PID, 7);
    nl_msg_put_unspec(actions, OVS_USERSPACE_ATTR_USERDATA, &cookie,
                      sizeof cookie);
    nl_msg_end_nested(actions, ofs);
}

/* Actions that OVS does not parse, or has not got in all versions. */
static void
put_actions(struct ofpbuf *actions)
{
    struct ovs_action_hash hash = { .hash_alg = OVS_HASH_ALG_SYM_L4 };
    struct ovs_action_push_eth eth = { .addresses.eth_dst.ea[5] = 1 };
    size_t ofs, inner;

    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof eth);
    nl_msg_put_unspec(actions, OVS_ACTION_ATTR_HASH, &hash, sizeof hash);
    nl_msg_put_u32(actions, ACTION_DROP, 9999);

    ofs = nl_msg_start_nested(actions, ACTION_PSAMPLE);
    nl_msg_put_u32(actions, ACTION_PSAMPLE_GROUP, 3);
    nl_msg_put_u32(actions, ACTION_PSAMPLE_COOKIE, 4);
    nl_msg_end_nested(actions, ofs);

    ofs = nl_msg_start_nested(actions, ACTION_DEC_TTL);
    inner = nl_msg_start_nested(actions, ACTION_DEC_TTL_ACTIONS);
    nl_msg_put_u32(actions, OVS_ACTION_ATTR_OUTPUT, 2);
    nl_msg_end_nested(actions, inner);
    nl_msg_end_nested(actions, ofs);
    nl_msg_put_flag(actions, ACTION_DEC_TTL);

    ofs = nl_msg_start_nested(actions, OVS_ACTION_ATTR_SET);
    nl_msg_put_flag(actions, OVS_KEY_ATTR_TUNNEL);
    nl_msg_end_nested(actions, ofs);

    put_userspace(actions, USER_ACTION_COOKIE_CONTROLLER);
    put_userspace(actions, USER_ACTION_COOKIE_FLOW_SAMPLE);
    put_userspace(actions, USER_ACTION_COOKIE_IPFIX);
}

/* Puts actions within 'depth' others. */
static void
put_clones(struct ofpbuf *actions, int depth)
{
    size_t ofs = nl_msg_start_nested(actions, OVS_ACTION_ATTR_CLONE);

    if (depth) {
        put_clones(actions, depth - 1);
    }
    nl_msg_put_u32(actions, OVS_ACTION_ATTR_OUTPUT, 2);
    nl_msg_end_nested(actions, ofs);
}

START_TEST(test_actions)
{
    struct build_pass b;

    build_pass_execute(&b, "2", 0);
    ofpbuf_clear(&b.actions);
    put_actions(&b.actions);
    b.rec.actions_total = b.actions.size;
    read_pass(&b);

    build_pass_execute(&b, "2", 0);
    put_clones(&b.actions, ACTION_MAX_DEPTH + 1);
    b.rec.actions_total = b.actions.size;
    read_pass(&b);
}
END_TEST

/* The last line of a trace with all that it can have, or nothing. */
START_TEST(test_end)
{
    struct stats_datapath datapaths[] = {
        { .dp_ifindex = BUILD_DP_IFINDEX, .lost = 3 }, { .dp_ifindex = 99 },
    };
    const struct trace_missed_all missed = {
        .hooks = { { "ovs_dp_upcall", "exit", 2 } }, .n = 1,
    };
    struct vswitchd_stats stats = { .since = 1 };

    for (int i = 0; i < 4; i++) {
        struct json *vswitchd = vswitchd_stats_to_json(&stats, 10000);
        struct trace_end e = {
            .told.has_passes = i,
            .told.missed = missed,
            .told.passes_missed = missed,
            .frame.datapaths = i ? datapaths : NULL,
            .frame.n_datapaths = ARRAY_SIZE(datapaths),
            .vswitchd = i ? vswitchd : NULL,
            .ports = test_ports,
        };
        struct json *json = trace_end_to_json(&e);
        struct json *o = json_object_create();
        char *line;

        json_object_put(o, "missed", json_integer_create(0));
        json_object_put(o, "next", i ? json_null_create()
                        : json_string_create("t.00002.json"));
        json_object_put(o, "records", json_integer_create(0));
        json_object_put(json, "file", o);
        json_object_put(json, "started_ms", i ? json_null_create()
                        : json_integer_create(7));
        line = json_to_string(json, JSSF_SORT);
        keep_line(line);
        free(line);
        json_destroy(json);
        json_destroy(vswitchd);
        stats.known = i ? UINT32_MAX : 0;
        stats.loop_start = 5000;
        stats.now.results[VSWITCHD_PHASE_DUMP][VSWITCHD_RESULT_KEEP]
                         [VSWITCHD_REASON_NONE]++;
        if (i) {
            vswitchd_stats_add(&stats, &(struct vswitchd_sample) {
                .time = i == 2 ? VSWITCHD_TIME_LOOP : VSWITCHD_TIME_DUMP,
                .ts = 2000, .ns = 100, .n_flows = 3, .counted = true,
            });
        }
    }
    vswitchd_stats_clear(&stats, 0);
}
END_TEST

/* What types become. */
START_TEST(test_types)
{
    static const struct {
        const char *type, *schema;
    } cases[] = {
        { "boolean", "{\"type\":\"boolean\"}" },
        { "null", "{\"anyOf\":[{\"type\":\"null\"}]}" },
        { "uint", "{\"minimum\":0,\"type\":\"integer\"}" },
        { "uint|null",
          "{\"minimum\":0,\"type\":[\"integer\",\"null\"]}" },
        { "@port|null",
          "{\"anyOf\":[{\"$ref\":\"#/$defs/port\"},{\"type\":\"null\"}]}" },
        { "=a|=b", "{\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]}" },
        { "[[integer|null]]|null",
          "{\"items\":{\"items\":{\"type\":[\"integer\",\"null\"]},"
          "\"type\":\"array\"},\"type\":[\"array\",\"null\"]}" },
        { "{[uint]|null}|null",
          "{\"additionalProperties\":{\"items\":{\"minimum\":0,"
          "\"type\":\"integer\"},\"type\":[\"array\",\"null\"]},"
          "\"type\":[\"object\",\"null\"]}" },
        { "base64|null", "{\"contentEncoding\":\"base64\","
          "\"type\":[\"string\",\"null\"]}" },
        { "names|null",
          "{\"enum\":[\"installed\",\"refused\",\"duplicate\",\"none\","
          "null]}" },
        { "[names]",
          "{\"items\":{\"enum\":[\"installed\",\"refused\",\"duplicate\","
          "\"none\"]},\"type\":\"array\"}" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct json *json = schema_type_to_json(cases[i].type,
                                                upcall_put_name);

        check_json(json, cases[i].schema);
        json_destroy(json);
    }
}
END_TEST

/* Fails unless all that is referred to in 'json' is in 'defs'. */
static void
check_references(const struct json *json, const struct json *defs)
{
    const struct shash_node *node;

    if (json->type == JSON_ARRAY) {
        for (size_t i = 0; i < upcall_json_array_size(json); i++) {
            check_references(upcall_json_array_at(json, i), defs);
        }
    } else if (json->type == JSON_OBJECT) {
        SHASH_FOR_EACH (node, json_object(json)) {
            const struct json *value = node->data;

            if (!strcmp(node->name, "$ref")) {
                const char *ref = json_string(value);

                ck_assert_int_eq(strncmp(ref, "#/$defs/", 8), 0);
                ck_assert_msg(shash_find(json_object(defs), ref + 8), "%s",
                              ref);
            }
            check_references(value, defs);
        }
    }
}

START_TEST(test_references)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json *json;

    trace_schema_format(&ds);
    json = json_from_string(ds_cstr(&ds));
    ck_assert_int_eq(json->type, JSON_OBJECT);
    check_references(json, shash_find_data(json_object(json), "$defs"));
    json_destroy(json);
    ds_destroy(&ds);
}
END_TEST

TCase *
schema_tcase(void)
{
    TCase *tcase = tcase_create("schema");

    tcase_add_checked_fixture(tcase, check_output_setup,
                              check_output_teardown);
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_execute);
    tcase_add_test(tcase, test_actions);
    tcase_add_test(tcase, test_end);
    tcase_add_test(tcase, test_types);
    tcase_add_test(tcase, test_references);
    return tcase;
}
