/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/convert-perfetto.h, with OVS's reader of JSON. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "file/convert-perfetto.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/record-context.h"
#include "util.h"

TCase *perfetto_tcase(void);

static struct ds file;          /* What was written. */
static int write_error;
static int n_writes;
static struct perfetto *w;

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
    check_output_setup();
    ds_init(&file);
    write_error = 0;
    w = perfetto_create(write_file, &file);
}

static void
teardown(void)
{
    perfetto_destroy(w);
    ds_destroy(&file);
    check_output_teardown();
}

static void
put(const void *record, size_t size)
{
    const struct record_context context = { .ports = test_ports };
    char *error = perfetto_put(w, record, size, &context);

    ck_assert_msg(!error, "%s", error);
}

/* Appends the value of member 'name' of 'event', if it has that, to 'ds'. */
static void
put_member(const struct json *event, const char *name, struct ds *ds)
{
    const struct json *value = shash_find_data(json_object(event), name);

    if (value) {
        char *s = json_to_string(value, JSSF_SORT);

        ds_put_format(ds, " %s", s);
        free(s);
    }
}

/* Ends the trace, and fails unless it has the events 'expected', a line
 * each. */
static void
check_events_are(const char *expected)
{
    static const char *const names[] = {
        "ph", "pid", "tid", "name", "id", "ts", "dur", "s", "bp", "args"
    };
    struct ds ds = DS_EMPTY_INITIALIZER;
    const struct json *events;
    struct json *json;

    ck_assert_int_eq(perfetto_end(w), 0);
    json = json_from_string(ds_cstr(&file));
    ck_assert_int_eq(json->type, JSON_OBJECT);
    events = shash_find_data(json_object(json), "traceEvents");
    ck_assert_ptr_nonnull(events);
    for (size_t i = 0; i < upcall_json_array_size(events); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
            put_member(upcall_json_array_at(events, i), names[j], &ds);
        }
        ds_put_char(&ds, '\n');
    }
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
    json_destroy(json);
}

#define CPU " 4194305 8"
#define SOCKET " 4194306 3644007146"
#define HANDLER " 3215259 3215302"
#define CPU_NAMES                                                       \
    " \"M\"" CPU " \"process_name\" {\"name\":\"datapath\"}\n"          \
    " \"M\"" CPU " \"thread_name\" {\"name\":\"cpu 7\"}\n"

START_TEST(test_upcall)
{
    struct build b;

    build_executed(&b);
    b.rec.flags |= UPCALL_F_TRANSLATED;
    b.rec.translated_ts = BUILD_TS + 230000;
    build_write(&b, put);
    check_events_are(
        CPU_NAMES
        " \"X\"" CPU " \"miss\" 202388857516.033 30.5 {\"id\":17,"
        "\"outcome\":\"executed\",\"port\":\"p2\",\"port_number\":3}\n"
        " \"s\"" CPU " \"upcall\" \"17\" 202388857516.033\n"
        " \"M\"" SOCKET " \"process_name\" {\"name\":\"netlink sockets\"}\n"
        " \"M\"" SOCKET " \"thread_name\" "
        "{\"name\":\"socket 3644007146\"}\n"
        " \"X\"" SOCKET " \"enqueue\" 202388857543.026 0 {\"id\":17}\n"
        " \"t\"" SOCKET " \"upcall\" \"17\" 202388857543.026\n"
        " \"b\"" SOCKET " \"queue\" \"17\" 202388857543.026\n"
        " \"e\"" SOCKET " \"queue\" \"17\" 202388857658.575\n"
        " \"C\"" SOCKET " \"queue of socket 3644007146\" 202388857658.575 "
        "{\"upcalls\":12}\n"
        " \"M\"" HANDLER " \"process_name\" {\"name\":\"ovs-vswitchd\"}\n"
        " \"M\"" HANDLER " \"thread_name\" {\"name\":\"handler9\"}\n"
        " \"b\"" HANDLER " \"handle\" \"17\" 202388857658.575\n"
        " \"e\"" HANDLER " \"handle\" \"17\" 202388857762.836\n"
        " \"X\"" HANDLER " \"translate\" 202388857658.575 87.458 "
        "{\"id\":17}\n"
        " \"t\"" HANDLER " \"upcall\" \"17\" 202388857658.575\n"
        " \"X\"" HANDLER " \"flow_put\" 202388857762.836 12.1 {\"id\":17}\n"
        " \"t\"" HANDLER " \"upcall\" \"17\" 202388857762.836\n"
        " \"X\"" HANDLER " \"flow_exec\" 202388857776.033 51.1 "
        "{\"id\":17}\n"
        " \"f\"" HANDLER " \"upcall\" \"17\" 202388857776.033 \"e\"\n");
}
END_TEST

/* One that was lost before it was queued has no flow. */
START_TEST(test_lost)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_lost_early(&b, build_icmp, -EAGAIN);
    build_write(&b, put);
    check_events_are(
        CPU_NAMES
        " \"X\"" CPU " \"miss\" 202388857516.033 4.4 {\"id\":17,"
        "\"outcome\":\"lost\",\"port\":\"p2\",\"port_number\":3}\n"
        " \"i\"" CPU " \"lost EAGAIN\" 202388857516.033 \"t\" "
        "{\"id\":17}\n");
}
END_TEST

/* A flow ends where the handler has done the last thing.  Names come once. */
START_TEST(test_consumed)
{
    struct build b;
    size_t start;

    build_executed(&b);
    build_write(&b, put);
    start = file.length;
    build_init(&b, UPCALL_CLASS_SFLOW);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    build_receive(&b);
    build_write(&b, put);
    ck_assert_ptr_null(strstr(ds_cstr(&file) + start, "\"M\""));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&file) + start,
                                 "\"name\":\"receive\""));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&file) + start, "\"ph\":\"f\""));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&file) + start, "\"ph\":\"t\",\"pid\""
                                 ":4194306"));
    ck_assert_ptr_null(strstr(ds_cstr(&file) + start, "\"ph\":\"t\",\"pid\""
                              ":3215259"));
    ck_assert_ptr_null(strstr(ds_cstr(&file) + start, "\"handle\""));
}
END_TEST

START_TEST(test_passes)
{
    struct build_pass b;

    build_pass_miss(&b);
    build_pass_write(&b, put);
    build_pass_execute(&b, "2", 0);
    b.rec.flags &= ~PASS_F_PORT;
    build_pass_write(&b, put);
    check_events_are(
        CPU_NAMES
        " \"X\"" CPU " \"pass: miss\" 202388857516.033 0.9 {\"id\":\"p18\","
        "\"port\":\"p2\",\"port_number\":3,\"upcall\":17}\n"
        " \"X\"" CPU " \"pass: execute\" 202388857516.033 51.1 "
        "{\"id\":\"p19\",\"port\":null,\"port_number\":null,"
        "\"upcall\":17}\n");
}
END_TEST

/* A flow ends at the socket if nobody has received the upcall. */
START_TEST(test_abandoned)
{
    struct build b;

    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    b.rec.outcome = UPCALL_ABANDONED;
    build_write(&b, put);
    ck_assert_ptr_nonnull(strstr(ds_cstr(&file), "\"ph\":\"f\",\"pid\":"
                                 "4194306,\"tid\":3644007146"));
    ck_assert_ptr_nonnull(strstr(ds_cstr(&file), "\"name\":\"abandoned"));
    ck_assert_ptr_null(strstr(ds_cstr(&file), "\"ph\":\"t\""));
}
END_TEST

#define LOSSES " 4194308 1"
#define LOSSES_NAMES                                                    \
    " \"M\"" LOSSES " \"process_name\" {\"name\":\"trace\"}\n"           \
    " \"M\"" LOSSES " \"thread_name\" "                                \
    "{\"name\":\"records that are missing\"}\n"

/* Gaps are shown where the record before them ended, whether it was chosen or
 * not; those before there is any time wait for one. */
START_TEST(test_gaps)
{
    struct build_pass b;
    size_t size;
    void *record;

    perfetto_put_gap(w, 3, 7);
    perfetto_put_gap(w, 2, 9);
    ck_assert_int_eq(n_writes, 1);
    build_pass_hit(&b);
    record = build_pass_get(&b, &size);
    build_pass_uninit(&b);
    perfetto_note(w, record);
    free(record);
    perfetto_put_gap(w, 1, 12);
    check_events_are(
        LOSSES_NAMES
        " \"i\"" LOSSES " \"gap\" 202388857516.933 \"t\" "
        "{\"next\":9,\"records\":5}\n"
        " \"i\"" LOSSES " \"gap\" 202388857516.933 \"t\" "
        "{\"next\":12,\"records\":1}\n");
}
END_TEST

/* The first line has a time, too. */
START_TEST(test_start)
{
    struct json *json = json_from_string(
        "{\"started_ms\":1000,\"wall_offset\":999000000}");

    perfetto_start(w, json);
    json_destroy(json);
    perfetto_put_gap(w, 1, 0);
    check_events_are(
        LOSSES_NAMES
        " \"i\"" LOSSES " \"gap\" 1000 \"t\" "
        "{\"next\":0,\"records\":1}\n");
}
END_TEST

static char *
put_end(const char *text)
{
    struct json *json = json_from_string(text);
    char *error = perfetto_put_end(w, json);

    json_destroy(json);
    return error;
}

#define END(MORE)                                                           \
    "{\"event\":\"end\",\"produced\":9,\"delivered\":2,\"dropped\":7,"      \
    "\"in_flight\":0,\"by_cause\":{\"ring_full\":4,\"slots_full\":0,"        \
    "\"handlers_full\":0,\"program_missed\":3,\"stopped\":0},"              \
    "\"stopped\":null,\"since_ms\":1,\"since\":1000,\"until\":9500,"         \
    "\"missed\":{},\"datapaths\":null,\"passes\":null," MORE "}"

/* What was dropped is an instant for each cause, and revalidators have a
 * track. */
START_TEST(test_end)
{
    ck_assert_ptr_null(put_end("{\"produced\":null}"));
    ck_assert_int_eq(n_writes, 1);
    ck_assert_ptr_null(put_end(
        END("\"vswitchd\":{\"requests\":{\"flow_del\":5,\"flow_get\":6},"
            "\"busy\":0.5,\"flows\":{\"last\":2,\"max\":8}}")));
    check_events_are(
        LOSSES_NAMES
        " \"i\"" LOSSES " \"upcalls dropped: ring_full\" 9.5 \"t\" "
        "{\"records\":4}\n"
        " \"i\"" LOSSES " \"upcalls dropped: program_missed\" 9.5 \"t\" "
        "{\"records\":3}\n"
        " \"M\" 4194307 1 \"process_name\" "
        "{\"name\":\"ovs-vswitchd, all threads\"}\n"
        " \"M\" 4194307 1 \"thread_name\" {\"name\":\"revalidators\"}\n"
        " \"X\" 4194307 1 \"all dumps of the trace\" 1 8.5 "
        "{\"flows\":{\"last\":2,\"max\":8},"
        "\"requests\":{\"flow_del\":5,\"flow_get\":6}}\n");
}
END_TEST

START_TEST(test_end_errors)
{
    char *error = put_end("{\"produced\":9,\"delivered\":-1}");

    ck_assert_ptr_nonnull(error);
    free(error);
    ck_assert_int_eq(n_writes, 1);
}
END_TEST

START_TEST(test_nothing)
{
    check_events_are("");
}
END_TEST

/* More tracks than are remembered. */
START_TEST(test_many_tracks)
{
    size_t n = 0;

    for (uint32_t i = 0; i < 10000; i++) {
        struct build_pass b;

        build_pass_hit(&b);
        b.rec.cpu = i;
        build_pass_write(&b, put);
    }
    for (const char *s = ds_cstr(&file); (s = strstr(s, "\"process_name\""));
         s++) {
        n++;
    }
    ck_assert_uint_eq(n, 3);
}
END_TEST

/* The first error stays, and nothing is written after it. */
START_TEST(test_errors)
{
    const struct record_context context = { .ports = test_ports };
    struct upcall_record bad = { .msg_len = 1000 };
    struct build_pass b;
    char *error;

    error = perfetto_put(w, &bad, sizeof bad, &context);
    ck_assert_ptr_nonnull(error);
    free(error);
    ck_assert_int_eq(n_writes, 1);
    write_error = ENOSPC;
    for (int i = 0; i < 2; i++) {
        build_pass_hit(&b);
        build_pass_write(&b, put);
        ck_assert_int_eq(perfetto_get_error(w), ENOSPC);
        write_error = 0;
    }
    ck_assert_int_eq(perfetto_end(w), ENOSPC);
    ck_assert_int_eq(n_writes, 2);
}
END_TEST

TCase *
perfetto_tcase(void)
{
    TCase *tcase = tcase_create("perfetto");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_upcall);
    tcase_add_test(tcase, test_lost);
    tcase_add_test(tcase, test_consumed);
    tcase_add_test(tcase, test_passes);
    tcase_add_test(tcase, test_abandoned);
    tcase_add_test(tcase, test_gaps);
    tcase_add_test(tcase, test_start);
    tcase_add_test(tcase, test_end);
    tcase_add_test(tcase, test_end_errors);
    tcase_add_test(tcase, test_nothing);
    tcase_add_test(tcase, test_many_tracks);
    tcase_add_test(tcase, test_errors);
    return tcase;
}
