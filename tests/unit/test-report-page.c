/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/report.h: all of a report. */

#include <config.h>

#include "file/report.h"

#include <check.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "build-record.h"
#include "check-output.h"
#include "file/report-source.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "show/record-context.h"
#include "store/port-map.h"
#include "util.h"

TCase *report_page_tcase(void);

static long long int
number(const struct json *json, const char *name)
{
    return json_integer(get_member(json, name));
}

/* Puts the line 'text' into 'r', from a file of its own. */
static void
put_line(struct report *r, const char *text)
{
    struct trace_reader *reader = trace_reader_create();
    struct trace_item item;

    report_begin_file(r, "t.json");
    trace_reader_put(reader, text, strlen(text));
    trace_reader_end(reader, NULL);
    while (trace_reader_next(reader, &item)) {
        char *error = report_put(r, &item);

        ck_assert_msg(!error, "%s", error);
    }
    trace_reader_destroy(reader);
}

static struct json *
finish(struct report *r)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    report_finish(r);
    report_put_json(r, 0, &ds);
    return parse_unsorted(&ds);
}

/* What a trace says about itself is bounded, and an error is in it. */
START_TEST(test_source)
{
    struct report *r = report_create();
    const struct json *source;
    struct json *json;
    char *kernel = xmalloc(REPORT_MEMBER_MAX + 1);
    char *line;

    memset(kernel, 'x', REPORT_MEMBER_MAX);
    kernel[REPORT_MEMBER_MAX] = '\0';
    ck_assert(!report_has_trace(r));
    line = xasprintf("{\"event\":\"startup\",\"kernel\":\"%s\",\"other\":1,"
                     "\"host\":\"h\"}\n{", kernel);
    put_line(r, line);
    ck_assert(report_has_trace(r));
    json = finish(r);
    source = get_member(json, "source");
    check_json(get_member(source, "startup"),
               "{\"host\":\"h\",\"kernel\":\"(too long)\"}");
    check_part(source, "end", "null");
    check_part(json, "origin_ms", "null");
    ck_assert_ptr_nonnull(strstr(json_string(get_member(source, "error")),
                                 "line 2"));
    ck_assert_int_eq(number(get_member(json, "stats"), "upcalls"), 0);
    json_destroy(json);
    free(kernel);
    free(line);
    report_destroy(r);
}
END_TEST

/* Appends a line about an upcall with 'id' from the port with that number,
 * which 'ports' has. */
static void
put_upcall(struct ds *ds, uint64_t id, const struct port_map *ports)
{
    const struct record_context context = { .ports = ports, .raw = true };
    struct build b;
    void *record;
    size_t size;
    char *key = xasprintf("in_port(%"PRIu64"),recirc_id(0),eth(),"
                          "eth_type(0x1234)", id);

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, key, build_icmp, NULL, 0);
    build_receive(&b);
    b.rec.id = id;
    record = build_get(&b, &size);
    build_uninit(&b);
    ck_assert_ptr_null(trace_line_put_record(ds, record, size, id,
                                             &context));
    free(record);
    free(key);
}

/* Tables are bounded. */
START_TEST(test_limits)
{
    struct port_map *ports = port_map_create(0);
    struct report *r = report_create();
    struct ds lines = DS_EMPTY_INITIALIZER;
    const struct json *rows, *name;
    char long_name[IFNAMSIZ];
    struct json *json;

    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    ds_put_cstr(&lines, "{\"event\":\"startup\",\"wall_offset\":0,"
                "\"started_ms\":1}\n");
    for (uint64_t i = 1; i <= REPORT_ROWS_MAX + 50; i++) {
        port_map_add(ports, BUILD_DP_IFINDEX, i, long_name, 0);
        put_upcall(&lines, i, ports);
    }
    put_line(r, ds_cstr(&lines));
    json = finish(r);
    rows = get_member(get_member(json, "stats"), "ports");
    ck_assert_uint_eq(upcall_json_array_size(rows), REPORT_ROWS_MAX + 1);
    check_json(upcall_json_array_at(rows, REPORT_ROWS_MAX),
               "{\"count\":50,\"others\":50}");
    name = get_member(upcall_json_array_at(rows, 0), "name");
    ck_assert_str_eq(json_string(name), long_name);
    ck_assert_int_eq(number(get_member(json, "stats"), "upcalls"), 150);
    json_destroy(json);
    ds_destroy(&lines);
    port_map_destroy(ports);
    report_destroy(r);
}
END_TEST

/* An element of HTML that has it ends where it should. */
START_TEST(test_escaped)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    report_put_escaped(&ds, "[\"</script><!--&amp;\",1]");
    ck_assert_str_eq(ds_cstr(&ds), "[\"\\u003c/script\\u003e\\u003c!--"
                     "\\u0026amp;\",1]");
    ck_assert_ptr_null(strpbrk(ds_cstr(&ds), "<>&"));
    ds_destroy(&ds);
}
END_TEST

TCase *
report_page_tcase(void)
{
    TCase *tcase = tcase_create("report-page");

    tcase_add_checked_fixture(tcase, check_output_setup,
                              check_output_teardown);
    tcase_add_test(tcase, test_source);
    tcase_add_test(tcase, test_limits);
    tcase_add_test(tcase, test_escaped);
    return tcase;
}
