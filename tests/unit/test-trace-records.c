/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of records that were read from a trace. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "build-record.h"
#include "check-output.h"
#include "file/trace-reader.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/vlog.h"
#include "read-back.h"
#include "record/record.h"
#include "show/record-show.h"
#include "show/stats-show.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "util.h"

TCase *trace_records_tcase(void);

#define STARTUP "{\"event\":\"startup\",\"version\":\"1\"}\n"

/* Appends the 'size' bytes at 'record', which it frees, as a line. */
static void
put_record(struct ds *ds, void *record, size_t size, uint64_t seq)
{
    const struct record_context c = { .ports = test_ports, .raw = true };
    struct json_writer w;

    json_writer_init(&w, ds);
    ck_assert_ptr_null(record_show_json(&w, record, size, seq, &c));
    ds_put_char(ds, '\n');
    free(record);
}

/* Records of which something is unusual. */

static void
check_built(struct build *b, const struct record_context *c)
{
    struct upcall u;
    void *data = build_parse(b, &u);

    check_read_back(data, upcall_record_size(u.rec), false, c);
    free(data);
}

/* Names that are not text are read as the bytes that they are. */
START_TEST(test_names)
{
    static const char *const names[] = {
        "p\xff", "tap \x1b[31m", "a\\101", "\xc3\xa4", "\"", "\\378", "\x7f",
    };
    const struct record_context c = { .ports = test_ports };
    struct build b;

    port_map_add(test_ports, BUILD_DP_IFINDEX, 3, names[_i], 0);
    port_map_add(test_ports, BUILD_DP_IFINDEX, 0, names[_i], 0);
    build_executed(&b);
    memset(b.rec.comm, 0xff, sizeof b.rec.comm);
    ovs_strlcpy(b.rec.recv_comm, names[_i], sizeof b.rec.recv_comm);
    check_built(&b, &c);
}
END_TEST

/* What ovs-vswitchd told about a flow is read, also in text. */
START_TEST(test_flow)
{
    static const char *const rules[] = {
        "br0\n  table=0 actions=NORMAL\n  table=1 x\nbr1\n  table=0 y\n",
        "(bridge unknown)\n  table=0 x\n",
        "  table=0 x\nbr0\n  table=1 \\377\n(bridge unknown)\n  z\n  ...\n",
        "br0\nbr1\n",
    };
    struct flow_table *flows = flow_table_create(1 << 20);
    const struct record_context c = { .ports = test_ports, .flows = flows };
    struct build b;
    struct upcall u;
    void *data;

    for (int with = 0; with <= 1; with++) {
        build_executed(&b);
        data = build_parse(&b, &u);
        if (with) {
            flow_table_add(flows, &u, 0);
            flow_table_set_match(flows, flow_table_get(flows, u.rec->id),
                                 "in_port(3)");
            flow_table_set_rules(flows, flow_table_get(flows, u.rec->id),
                                 rules[_i], "ofproto/detrace");
            flow_table_done(flows, flow_table_get(flows, u.rec->id),
                            _i ? FLOW_PARTIAL : FLOW_COMPLETE,
                            _i ? "no \\001 rules" : NULL);
        }
        check_read_back(data, upcall_record_size(u.rec), false, &c);
        free(data);
    }
    flow_table_destroy(flows);
}
END_TEST

/* Returns the statistics 's', which it frees, as text. */
static char *
get_stats(struct upcall_stats *s)
{
    const struct stats_frame frame = { .now = BUILD_TS };
    struct json *json = stats_to_json(s, &frame);
    char *text = json_to_string(json, JSSF_SORT);

    json_destroy(json);
    upcall_stats_destroy(s);
    return text;
}

/* Statistics of what was read are those of what was written. */
START_TEST(test_stats)
{
    struct upcall_stats *before = upcall_stats_create(test_ports);
    struct upcall_stats *after = upcall_stats_create(test_ports);
    struct trace_reader *t = trace_reader_create();
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct trace_item item;
    char *a, *b;

    ds_put_cstr(&ds, STARTUP);
    for (int i = 0; i < 40; i++) {
        struct build build;
        size_t size;
        void *rec;

        build_executed(&build);
        build.rec.id = 17 + i;
        build.rec.ret_word = UPCALL_RET_TAG(17 + i) | (30500 + i);
        build.rec.exec_ret = i % 4 ? 0 : -EINVAL;
        build.rec.put_ret = i % 5 ? 0 : -EEXIST;
        build.rec.recv_tid += i % 3;
        build.rec.put_duration += i * 1000;
        build.rec.outcome = upcall_record_outcome(&build.rec);
        rec = build_get(&build, &size);
        build_uninit(&build);
        upcall_stats_add(before, rec);
        put_record(&ds, rec, size, i);
    }
    trace_reader_put(t, ds_cstr(&ds), ds.length);
    while (trace_reader_next(t, &item)) {
        if (item.kind == TRACE_RECORD) {
            upcall_stats_add(after, item.record);
        }
    }
    trace_reader_destroy(t);
    a = get_stats(before);
    b = get_stats(after);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    ds_destroy(&ds);
}
END_TEST

static void
setup(void)
{
    vlog_set_levels_from_string_assert("ANY:off");
    check_output_setup();
}

/* Returns the tests of this file. */
TCase *
trace_records_tcase(void)
{
    TCase *tc = tcase_create("trace-records");

    tcase_add_checked_fixture(tc, setup, check_output_teardown);
    tcase_add_loop_test(tc, test_names, 0, 7);
    tcase_add_loop_test(tc, test_flow, 0, 4);
    tcase_add_test(tc, test_stats);
    return tc;
}
