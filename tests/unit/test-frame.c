/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/frame.h: what was written is read, in whatever pieces it
 * comes, and nothing else harms the reader. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "build-pass.h"
#include "build-record.h"
#include "file/frame.h"
#include "frames.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

TCase *frame_tcase(void);

static void
put_executed(uint64_t seq)
{
    struct build build;
    size_t size;
    void *record;

    build_executed(&build);
    record = build_get(&build, &size);
    frame_put_record(&frames, seq, record, size);
    free(record);
    build_uninit(&build);
}

static void
put_pass(uint64_t seq)
{
    struct build_pass build;
    size_t size;
    void *record;

    build_pass_hit(&build);
    record = build_pass_get(&build, &size);
    frame_put_record(&frames, seq, record, size);
    free(record);
    build_pass_uninit(&build);
}

/* Makes '*layout' one in which no two words are the same. */
static void
make_layout(struct kernel_layout *layout)
{
    uint32_t word = 1000;

    for (size_t i = 0; i < KERNEL_N_NUMBERS; i++) {
        layout->numbers[i] = word++;
    }
    for (size_t i = 0; i < KERNEL_N_FIELDS; i++) {
        layout->fields[i].bit = word++;
        layout->fields[i].bits = word++;
    }
    memset(layout->drops, 0, sizeof layout->drops);
    layout->n_drops = 3;
    for (size_t i = 0; i < layout->n_drops; i++) {
        layout->drops[i].reason = word++;
        snprintf(layout->drops[i].name, sizeof layout->drops[i].name,
                 "OVS_DROP_%"PRIuSIZE, i);
    }
}

/* Appends one frame of each type, and a record of each kind, to 'b'. */
static void
put_all(void)
{
    const struct frame_port port = { 10, UINT64_MAX, 5, 3 };
    const struct frame_flow flow = {
        .id = 77, .n_installed = 2, .packets = 3, .bytes = 4, .state = 1,
        .flags = FRAME_FLOW_COUNTERS | FRAME_FLOW_NOW,  /* No such string. */
    };
    const struct frame_found found = {
        .since = 78, .failed_at = 79, .dp_ifindex = 5, .ufid = { 80 },
    };
    struct kernel_layout layout;

    frame_put_hello(&frames);
    frame_put_position(&frames, FRAME_START, 4, NULL);
    frame_put_position(&frames, FRAME_BEGIN, 5, "{\"event\":\"startup\"}");
    make_layout(&layout);
    frame_put_layout(&frames, &layout);
    frame_put_port(&frames, &port, "p3");
    put_executed(5);
    put_pass(6);
    frame_put_gap(&frames, 9, 3);
    frame_put_flow(&frames, &flow, (const char *[]) { "why", NULL, "", NULL,
                                                     "wider" });
    frame_put_found(&frames, &flow, &found,
                    (const char *[]) { NULL, "source", NULL, "told", NULL });
    frame_put_position(&frames, FRAME_END, 9, "");
    frame_put_error(&frames, "enough");
}
#define N_ALL 12

static void
expect_record(void)
{
    struct build build;
    struct upcall upcall;
    size_t size;
    void *record;
    char *error;

    build_executed(&build);
    record = build_get(&build, &size);
    frames_expect(FRAME_RECORD);
    ck_assert_uint_eq(frame.seq, 5);
    ck_assert_uint_eq(frame.size, size);
    ck_assert_mem_eq(frame.record, record, size);
    ck_assert_uint_eq((uintptr_t) frame.record % 8, 0);
    ck_assert(upcall_parse(frame.record, frame.size, &upcall, &error));
    free(record);
    build_uninit(&build);
}

static void
expect_pass(void)
{
    struct build_pass build;
    struct pass pass;
    size_t size;
    void *record;
    char *error;

    build_pass_hit(&build);
    record = build_pass_get(&build, &size);
    frames_expect(FRAME_RECORD);
    ck_assert_uint_eq(frame.seq, 6);
    ck_assert_uint_eq(frame.size, size);
    ck_assert_mem_eq(frame.record, record, size);
    ck_assert_uint_eq((uintptr_t) frame.record % 8, 0);
    ck_assert(pass_parse(frame.record, frame.size, &pass, &error));
    ck_assert_uint_eq(pass.id, 18);
    free(record);
    build_pass_uninit(&build);
}

/* Reads what put_all() has written. */
static void
expect_all(void)
{
    struct kernel_layout layout;

    frames_expect(FRAME_HELLO);
    ck_assert_int_eq(frame.hello.minor, FRAME_MINOR);
    ck_assert_uint_eq(frame.hello.pass_record_size,
                      sizeof(struct pass_record));
    ck_assert_str_eq(frame.hello.version, VERSION);
    ck_assert(llabs(frame.hello.wall_offset - clock_wall_offset())
              < INT64_C(60000000000));
    frames_expect(FRAME_START);
    ck_assert_uint_eq(frame.seq, 4);
    frames_expect(FRAME_BEGIN);
    ck_assert_uint_eq(frame.seq, 5);
    ck_assert_str_eq(frame.text, "{\"event\":\"startup\"}");
    frames_expect(FRAME_LAYOUT);
    make_layout(&layout);
    ck_assert_mem_eq(&frame.layout, &layout, sizeof layout);
    frames_expect(FRAME_PORT);
    ck_assert_uint_eq(frame.port.from, 10);
    ck_assert_uint_eq(frame.port.until, UINT64_MAX);
    ck_assert_uint_eq(frame.port.dp_ifindex, 5);
    ck_assert_uint_eq(frame.port.port_no, 3);
    ck_assert_str_eq(frame.name, "p3");
    expect_record();
    expect_pass();
    frames_expect(FRAME_GAP);
    ck_assert_uint_eq(frame.gap.seq, 9);
    ck_assert_uint_eq(frame.gap.n, 3);
    frames_expect(FRAME_FLOW);
    ck_assert_uint_eq(frame.flow.id, 77);
    ck_assert_uint_eq(frame.flow.bytes, 4);
    ck_assert_uint_eq(frame.flow.flags, FRAME_FLOW_COUNTERS
                      | FRAME_FLOW_ERROR | FRAME_FLOW_RULES
                      | FRAME_FLOW_INSTALLED);
    ck_assert_str_eq(frame.strings[0], "why");
    ck_assert_ptr_null(frame.strings[1]);
    ck_assert_str_eq(frame.strings[2], "");
    ck_assert_ptr_null(frame.strings[3]);
    ck_assert_str_eq(frame.strings[4], "wider");
    frames_expect(FRAME_FOUND);
    ck_assert_uint_eq(frame.flow.bytes, 4);
    ck_assert_uint_eq(frame.flow.flags, FRAME_FLOW_COUNTERS
                      | FRAME_FLOW_SOURCE | FRAME_FLOW_NOW);
    ck_assert_uint_eq(frame.found.since, 78);
    ck_assert_uint_eq(frame.found.failed_at, 79);
    ck_assert_uint_eq(frame.found.dp_ifindex, 5);
    ck_assert_uint_eq(frame.found.ufid[0], 80);
    ck_assert_ptr_null(frame.strings[0]);
    ck_assert_str_eq(frame.strings[1], "source");
    ck_assert_str_eq(frame.strings[3], "told");
    frames_expect(FRAME_END);
    ck_assert_str_eq(frame.text, "");
    frames_expect(FRAME_ERROR);
    ck_assert_str_eq(frame.error, "enough");
    ck_assert_int_eq(frames_next(), EAGAIN);
    ck_assert(frame_reader_end(frames_reader));
}

START_TEST(test_all)
{
    put_all();
    ck_assert_uint_eq(frames.size % 8, 0);
    frames_feed();
    expect_all();
}
END_TEST

/* In pieces of '_i' + 1 bytes. */
START_TEST(test_pieces)
{
    size_t piece = _i + 1;
    int n = 0;

    put_all();
    for (size_t i = 0; i < frames.size; i += piece) {
        frame_reader_put(frames_reader, (char *) frames.data + i,
                         MIN(piece, frames.size - i));
        while (!frames_next()) {
            n++;
            ck_assert_int_ne(frame.type, FRAME_REQUEST);
        }
        ck_assert_ptr_null(frame_reader_error(frames_reader));
    }
    ck_assert_int_eq(n, N_ALL);
    ck_assert(frame_reader_end(frames_reader));
}
END_TEST

/* Cut anywhere, it ends in the middle or at the end of a frame. */
START_TEST(test_cut)
{
    size_t whole = 0;
    int n_whole = 0;

    put_all();
    for (size_t n = 1; n <= frames.size; n++) {
        size_t n_frames = 0;

        frames_restart();
        frame_reader_put(frames_reader, frames.data, n);
        while (!frames_next()) {
            n_frames++;
        }
        if (n_frames > whole) {
            whole = n_frames;
            n_whole++;
            ck_assert(frame_reader_end(frames_reader));
        } else if (frame_reader_end(frames_reader)) {
            ck_abort_msg("no error after %"PRIuSIZE" bytes", n);
        } else {
            ck_assert_str_eq(frame_reader_error(frames_reader),
                             "it ends in the middle of a frame");
        }
    }
    ck_assert_int_eq(n_whole, N_ALL);
    frames_restart();
    ck_assert_int_eq(frames_next(), EAGAIN);
    ck_assert(!frame_reader_end(frames_reader));
    ck_assert_str_eq(frame_reader_error(frames_reader), "it is empty");
}
END_TEST

START_TEST(test_magic)
{
    ofpbuf_put(&frames, "{\"event\"", 8);
    frames_expect_error("these are not records of ovs-upcall-traced");
    ofpbuf_clear(&frames);
    ofpbuf_put(&frames, FRAME_MAGIC "x", 7);    /* As far as it goes. */
    frame_reader_put(frames_reader, "\211OVX", 4);
    ck_assert_int_eq(frames_next(), EPROTO);
    frames_restart();
    frames_feed();
    ck_assert_int_eq(frames_next(), EAGAIN);
}
END_TEST

START_TEST(test_hello)
{
    struct frame_hello *hello;
    char *error;

    frame_put_hello(&frames);
    hello = frames.data;
    hello->minor++;                             /* A later one. */
    hello->size += 8;
    ofpbuf_put_zeros(&frames, 8);
    frame_put_gap(&frames, 1, 1);
    frames_feed();
    frames_expect(FRAME_HELLO);
    frames_expect(FRAME_GAP);

    hello = frames.data;
    hello->size = 4;
    frames_expect_error("it is damaged: its first bytes make no sense");
    hello->size = 68;
    frames_expect_error("it is damaged: its first bytes make no sense");
    hello->size = UINT32_MAX - 7;
    frames_expect_error("it is damaged: its first bytes make no sense");
    hello->size = sizeof *hello;
    memset(hello->version, 'x', sizeof hello->version);
    frames_expect_error("it is damaged: its first bytes make no sense");
    hello->version[0] = hello->version[sizeof hello->version - 1] = '\0';

    hello->pass_record_size += 8;
    error = xasprintf("its records of passes begin with %"PRIuSIZE" bytes, "
                      "and this program reads those with %"PRIuSIZE": use the "
                      "program of the same release",
                      sizeof(struct pass_record) + 8,
                      sizeof(struct pass_record));
    frames_expect_error(error);
    free(error);
    hello->pass_record_size = 0;                /* One without passes. */
    frames_restart();
    frames_feed();
    frames_expect(FRAME_HELLO);

    hello->record_size += 8;
    error = xasprintf("its records begin with %"PRIuSIZE" bytes, and this "
                      "program reads those with %"PRIuSIZE": use the program "
                      "of the same release", sizeof(struct upcall_record) + 8,
                      sizeof(struct upcall_record));
    frames_expect_error(error);
    free(error);
    hello->major = 2;
    frames_expect_error("it has version 2 of the format, and this program "
                        "reads version 1: use the program of the same "
                        "release");
    hello->byte_order = 0x04030201;
    frames_expect_error("it comes from a machine with another byte order: "
                        "read it on a machine like that one");
}
END_TEST

START_TEST(test_unknown)
{
    frame_put_hello(&frames);
    frames_put_raw(3, 999, "abc", 3);
    frames_put_raw(0, 0, NULL, 0);
    frames_put_raw(0, FRAME_REQUEST, NULL, 0);  /* Not for a reader. */
    frame_put_gap(&frames, 1, 2);
    frames_put_raw(8, 65535, "abcdefgh", 8);
    frames_feed();
    frames_expect(FRAME_HELLO);
    frames_expect(FRAME_GAP);
    ck_assert_int_eq(frames_next(), EAGAIN);
    ck_assert_uint_eq(frame_reader_n_unknown(frames_reader), 4);
    ck_assert(frame_reader_end(frames_reader));
}
END_TEST

/* A payload with more than is known, of a later version. */
START_TEST(test_longer)
{
    const uint64_t payload[] = { 7, 8, 9 };

    frame_put_hello(&frames);
    frames_put_raw(sizeof payload, FRAME_GAP, payload, sizeof payload);
    frames_feed();
    frames_expect(FRAME_HELLO);
    frames_expect(FRAME_GAP);
    ck_assert_uint_eq(frame.gap.n, 8);
}
END_TEST

START_TEST(test_length)
{
    frame_put_hello(&frames);
    frames_put_raw(UINT32_MAX, FRAME_RECORD, NULL, 0);
    frames_expect_error("it is damaged: there is a frame of 4294967295 bytes");
    frames.size -= 8;
    frames_put_raw(FRAME_MAX + 1, 999, NULL, 0);
    frames_expect_error("it is damaged: there is a frame of 1048577 bytes");
    frames.size -= 8;
    frames_put_raw(FRAME_MAX, 999, NULL, 0);
    frames_restart();
    frames_feed();
    frames_expect(FRAME_HELLO);
    ck_assert_int_eq(frames_next(), EAGAIN);
}
END_TEST

/* With bytes changed at random, it is read or refused. */
START_TEST(test_random)
{
    unsigned int n_refused = 0;

    srand(4);
    for (int i = 0; i < 20000; i++) {
        ofpbuf_clear(&frames);
        put_all();
        for (int j = rand() % 8; j >= 0; j--) {
            size_t ofs = 64 + rand() % (frames.size - 64);

            ((uint8_t *) frames.data)[ofs] = rand();
        }
        frames_restart();
        frames_feed();
        while (!frames_next()) {
            struct upcall upcall;
            char *error;

            if (frame.type == FRAME_RECORD) {
                upcall_parse(frame.record, frame.size, &upcall, &error);
                free(error);
            }
        }
        n_refused += !frame_reader_end(frames_reader);
    }
    ck_assert_uint_gt(n_refused, 1000);
}
END_TEST

START_TEST(test_request)
{
    struct frame_request request;
    uint8_t bytes[FRAME_REQUEST_SIZE + 1];

    frame_put_request(&frames, 1234);
    ck_assert_uint_eq(frames.size, FRAME_REQUEST_SIZE);
    for (size_t n = 0; n < frames.size; n++) {
        ck_assert_int_eq(frame_get_request(frames.data, n, &request), EAGAIN);
    }
    ck_assert_int_eq(frame_get_request(frames.data, frames.size, &request), 0);
    ck_assert_uint_eq(request.from, 1234);

    memcpy(bytes, frames.data, frames.size);
    bytes[frames.size] = 0;
    ck_assert_int_eq(frame_get_request(bytes, frames.size + 1, &request),
                     EPROTO);
    for (size_t i = 0; i < sizeof(struct frame_header); i++) {
        memcpy(bytes, frames.data, frames.size);
        bytes[i] ^= 1;
        ck_assert_int_eq(frame_get_request(bytes, i + 1, &request), EPROTO);
        ck_assert_int_eq(frame_get_request(bytes, frames.size, &request),
                         EPROTO);
    }
    memcpy(bytes, frames.data, frames.size);
    bytes[frames.size - 1] = 1;                 /* Unknown flag. */
    ck_assert_int_eq(frame_get_request(bytes, frames.size, &request), EPROTO);
    ck_assert_int_eq(frame_get_request("GET / HTTP/1.0\r\n\r\n", 18, &request),
                     EPROTO);
}
END_TEST

TCase *
frame_tcase(void)
{
    TCase *tcase = tcase_create("frame");

    tcase_add_checked_fixture(tcase, frames_setup, frames_teardown);
    tcase_add_test(tcase, test_all);
    tcase_add_loop_test(tcase, test_pieces, 0, 20);
    tcase_add_test(tcase, test_cut);
    tcase_add_test(tcase, test_magic);
    tcase_add_test(tcase, test_hello);
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_longer);
    tcase_add_test(tcase, test_length);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_request);
    return tcase;
}
