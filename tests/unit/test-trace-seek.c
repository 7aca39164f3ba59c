/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-seek.c: what is before a place must not be needed,
 * and little of a file must be read to find one. */

#include <config.h>

#include "file/trace-seek.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/packed-file.h"
#include "file/trace-choice.h"
#include "file/trace-file.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "random.h"
#include "show/record-context.h"
#include "store/file-options.h"
#include "store/port-map.h"
#include "unit/build-record.h"
#include "util.h"

TCase *trace_seek_tcase(void);

/* The files: so many records, one each 30 ms, with a start at 0. */
#define N_RECORDS 6600
#define INTERVAL 30000000ULL

/* Last bytes of a packet, which anything may be in. */
#define PAYLOAD 56

#define STARTUP "{\"event\":\"startup\",\"started_ms\":1795961130000," \
    "\"wall_offset\":1795961130000000000}\n"
#define END "{\"event\":\"end\",\"started_ms\":1795961130000}\n"

static const char *const endings[] = { ".json", ".json.gz", ".json.zst" };

static char dir[32];
static char *name;
static struct packed_file *file;
static struct file_choice options;
static struct trace_choice choice;
static uint64_t size;
static const char *middle;      /* A line, or NULL. */
static struct record_context context = { .raw = true };

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-seek-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    memset(&options, 0, sizeof options);
    trace_choice_init(&choice, &options);
}

static void
teardown(void)
{
    unlink(name);
    free(name);
    name = NULL;
    ck_assert_int_eq(rmdir(dir), 0);
}

static void
put_text(const char *text)
{
    ck_assert_int_eq(packed_file_write(file, text, strlen(text)), 0);
}

/* Writes record 'i', which began at 'ts'. */
static void
put_record(struct build *b, uint64_t i, uint64_t ts, bool abandoned)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t rec_size;
    void *rec;

    b->rec.id = i + 1;
    b->rec.ret_word = UPCALL_RET_TAG(i + 1) | 30500;
    b->rec.enqueue_ts += ts - b->rec.ts;
    b->rec.ts = ts;
    b->rec.outcome = abandoned ? UPCALL_ABANDONED : UPCALL_OUTCOME_UNKNOWN;
    /* So that it does not become nothing when it is packed. */
    random_bytes((char *) b->msg.data + b->msg.size - PAYLOAD, PAYLOAD);
    rec = build_get(b, &rec_size);
    ck_assert_ptr_null(trace_line_put_record(&ds, rec, rec_size, i, &context));
    ck_assert_int_eq(packed_file_write(file, ds_cstr(&ds), ds.length), 0);
    ds_destroy(&ds);
    free(rec);
}

/* Returns when record 'i' began.  One in ten took a second. */
static uint64_t
get_ts(uint64_t i)
{
    uint64_t ts = (i + 33) * INTERVAL;

    return i % 10 == 3 ? ts - 900000000 : ts;
}

/* Writes a file with the ending 'i': in its middle, there are many that were
 * abandoned long after they began. */
static void
write_file(int i, const char *end)
{
    struct build b;

    random_set_seed(1);
    name = xasprintf("%s/t%s", dir, endings[i]);
    ck_assert_int_eq(packed_file_create(name, NULL, &file), 0);
    put_text(STARTUP);
    build_init(&b, UPCALL_CLASS_MISS);
    build_message(&b, build_icmp_key, build_icmp, NULL, 0);
    for (uint64_t j = 0; j < N_RECORDS; j++) {
        bool abandoned = j >= 5600 && j < 5900;

        if (middle && j == N_RECORDS / 2) {
            put_text(middle);
        }
        put_record(&b, j, abandoned ? get_ts(j - 2000) : get_ts(j),
                   abandoned);
    }
    build_uninit(&b);
    put_text(end);
    ck_assert_int_eq(packed_file_close(file, &size), 0);
}

/* Returns how many records that are chosen are from 'offset' on, or with a
 * negative one in all. */
static uint64_t
count_from(uint64_t offset)
{
    struct trace_choice c = choice;
    struct trace_file *f;
    struct trace_item item;
    uint64_t n = 0;

    ck_assert_ptr_null(trace_file_open(name, &f));
    ck_assert(trace_file_next(f, &item));
    ck_assert_int_eq(item.kind, TRACE_STARTUP);
    ck_assert_ptr_null(trace_choice_begin(&c, item.json));
    if (offset) {
        ck_assert(trace_file_seek(f, offset));
    }
    while (trace_file_next(f, &item)) {
        ck_assert_msg(item.kind != TRACE_ERROR, "%s", item.error);
        n += item.kind == TRACE_RECORD && trace_choice_has(&c, &item);
    }
    trace_file_close(f);
    return n;
}

START_TEST(test_last)
{
    static const uint64_t numbers[] = { 1, 10, 1000, N_RECORDS + 1 };

    write_file(_i, END);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        uint64_t n = numbers[i];
        struct trace_place place;

        trace_seek_last(name, &choice, n, &place);
        ck_assert_uint_eq(place.n_chosen, count_from(place.offset));
        ck_assert_uint_ge(place.n_chosen, MIN(n, N_RECORDS));
        if (n <= 10) {
            ck_assert_uint_gt(place.offset, size - 300000);
            ck_assert_uint_lt(place.n_read, 700000);
            ck_assert_uint_lt(place.n_read, size / 2);
        }
    }
}
END_TEST

/* Bytes at the end of a file that take as much room when they are packed. */
#define NOISE 100000

/* The last member, or line, may be larger than what is looked at first: such
 * a file has a place near its end all the same. */
START_TEST(test_last_member)
{
    struct ds end = DS_EMPTY_INITIALIZER;
    struct trace_place place;

    ds_put_cstr(&end, "{\"event\":\"noise\",\"hex\":\"");
    for (int i = 0; i < NOISE; i++) {
        ds_put_format(&end, "%02x", random_range(256));
    }
    ds_put_cstr(&end, "\"}\n" END);
    write_file(_i, ds_cstr(&end));
    trace_seek_last(name, &choice, 1, &place);
    ck_assert(place.is_one_trace);
    ck_assert_uint_gt(place.offset, size / 2);
    ck_assert_uint_ge(place.n_chosen, 1);
    ck_assert_uint_eq(place.n_chosen, count_from(place.offset));
    ck_assert(moment_parse("150", &options.since));
    trace_seek_since(name, &choice, &place);
    ck_assert(place.is_one_trace);
    ck_assert_uint_gt(place.offset, 0);
    ds_destroy(&end);
}
END_TEST

/* Of those that are chosen, which are far from the end. */
START_TEST(test_last_chosen)
{
    struct trace_place place;

    write_file(_i, END);
    ck_assert_ptr_null(conditions_parse(&options.selection.outcomes,
                                        "abandoned"));
    trace_seek_last(name, &choice, 10, &place);
    ck_assert_uint_gt(place.offset, 0);
    ck_assert_uint_ge(place.n_chosen, 10);
    ck_assert_uint_eq(place.n_chosen, count_from(place.offset));
    conditions_destroy(&options.selection.outcomes);
}
END_TEST

START_TEST(test_since)
{
    static const char *const times[] = {
        "0", "20", "89", "95", "150", "172", "176", "195.5", "2000",
    };

    write_file(_i, END);
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        struct trace_place place;

        ck_assert(moment_parse(times[i], &options.since));
        trace_seek_since(name, &choice, &place);
        ck_assert(place.is_one_trace);
        ck_assert_uint_eq(count_from(place.offset), count_from(0));
        if (options.since.ns >= 100 * INT64_C(1000000000)) {
            ck_assert_uint_gt(place.offset, size / 3);
            ck_assert(_i || place.n_read < size / 2);
        }
    }
}
END_TEST

/* What is in the file is another trace, as far as is known. */
START_TEST(test_other_trace)
{
    struct trace_place place;

    write_file(_i, "{\"event\":\"end\",\"started_ms\":1795961130001}\n");
    ck_assert(moment_parse("150", &options.since));
    trace_seek_since(name, &choice, &place);
    ck_assert(!place.is_one_trace);
    ck_assert_uint_eq(place.offset, 0);
}
END_TEST

/* A place in a file is used only if it is known that all is one trace. */
START_TEST(test_several)
{
    static const char other[] =
        "{\"event\":\"startup\",\"started_ms\":1795961130001,"
        "\"wall_offset\":1795961130000000000}\n";
    static const struct {
        const char *middle, *end;
        bool is_one;
    } files[] = {
        { NULL, END, true },
        { NULL, "", true },
        { NULL, "{\"event\":\"end\",\"started_ms\":null}\n", true },
        { other, "", false },
        { other, "{\"event\":\"end\"}\n", false },
        { other, "{\"event\":\"end\",\"started_ms\":1795961130001}\n",
          false },
        { NULL, "{\"event\":\"end\",\"started_ms\":1795961130000,"
          "\"host\":\"b\"}\n", false },
    };

    ck_assert(moment_parse("150", &options.since));
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        struct trace_place place;

        middle = files[i].middle;
        free(name);
        write_file(_i, files[i].end);
        trace_seek_last(name, &choice, 10, &place);
        ck_assert_int_eq(place.is_one_trace, files[i].is_one);
        ck_assert_int_eq(place.offset > 0, files[i].is_one);
        trace_seek_since(name, &choice, &place);
        ck_assert_int_eq(place.is_one_trace, files[i].is_one);
        ck_assert_int_eq(place.offset > 0, files[i].is_one);
    }
    middle = NULL;
}
END_TEST

/* A file that is cut off, or is being written, has no end that would tell:
 * what is before the last place does. */
START_TEST(test_cut)
{
    static const char *const middles[] = {
        NULL, "{\"event\":\"startup\",\"started_ms\":1}\n"
    };

    for (size_t i = 0; i < ARRAY_SIZE(middles); i++) {
        struct trace_place place;

        middle = middles[i];
        free(name);
        write_file(_i, END);
        ck_assert_int_eq(truncate(name, size - 100), 0);
        trace_seek_last(name, &choice, 1, &place);
        ck_assert_int_eq(place.is_one_trace, !middle);
        ck_assert_int_eq(place.offset > 0, !middle);
    }
    middle = NULL;
}
END_TEST

/* Overwrites bytes of the file with what is anything but right. */
static void
damage(uint64_t from, uint64_t until)
{
    FILE *stream = fopen(name, "r+");

    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fseek(stream, from, SEEK_SET), 0);
    for (uint64_t i = from; i < until; i++) {
        /* Lines, and what looks like members. */
        static const char bytes[] = "{\n\x1f\x8b\x08\x00\x28\xb5\x2f\xfd";

        fputc(bytes[i % (sizeof bytes - 1)], stream);
    }
    ck_assert_int_eq(fclose(stream), 0);
}

/* A file whose middle is damaged has an end, from which it is read, and a
 * search that ends there ends. */
START_TEST(test_damaged)
{
    struct trace_place place;

    write_file(_i, END);
    damage(size / 3, size - 200000);
    trace_seek_last(name, &choice, 5, &place);
    ck_assert_uint_gt(place.offset, 0);
    ck_assert_uint_eq(place.n_chosen, count_from(place.offset));
    ck_assert(moment_parse("150", &options.since));
    trace_seek_since(name, &choice, &place);
    damage(size / 3, size);
    trace_seek_last(name, &choice, 5, &place);
    ck_assert_uint_eq(place.offset, 0);
    trace_seek_since(name, &choice, &place);
    ck_assert_uint_eq(place.offset, 0);
}
END_TEST

/* What is no file of a trace, or none at all. */
START_TEST(test_nothing)
{
    struct trace_place place;

    name = xasprintf("%s/t", dir);
    trace_seek_last(name, &choice, 5, &place);
    ck_assert_uint_eq(place.offset, 0);
    ck_assert_uint_eq(place.n_chosen, 0);
    ck_assert_int_eq(packed_file_create(name, NULL, &file), 0);
    for (int i = 0; i < 500000; i++) {
        put_text("{}\n");
    }
    ck_assert_int_eq(packed_file_close(file, NULL), 0);
    trace_seek_last(name, &choice, 5, &place);
    ck_assert_uint_eq(place.n_chosen, 0);
    ck_assert(moment_parse("150", &options.since));
    trace_seek_since(name, &choice, &place);
    ck_assert_uint_eq(place.offset, 0);
}
END_TEST

TCase *
trace_seek_tcase(void)
{
    TCase *tc = tcase_create("trace-seek");
    int n = ARRAY_SIZE(endings);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_last, 0, n);
    tcase_add_loop_test(tc, test_last_member, 0, n);
    tcase_add_loop_test(tc, test_last_chosen, 0, n);
    tcase_add_loop_test(tc, test_since, 0, n);
    tcase_add_loop_test(tc, test_other_trace, 0, n);
    tcase_add_loop_test(tc, test_several, 0, n);
    tcase_add_loop_test(tc, test_cut, 0, n);
    tcase_add_loop_test(tc, test_damaged, 0, n);
    tcase_add_test(tc, test_nothing);
    return tc;
}
