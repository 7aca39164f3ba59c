/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/frame-reader.c with payloads that are too short for what
 * they say, or from a program that knows less or more. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "bpf/upcall-record.h"
#include "file/frame.h"
#include "frames.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *frame_payload_tcase(void);

/* Each type, with each payload that is too short for it. */
START_TEST(test_short)
{
    static const uint8_t zeros[2048];
    const struct {
        enum frame_type type;
        size_t needs;
    } types[] = {
        { FRAME_START, 8 }, { FRAME_BEGIN, 9 }, { FRAME_END, 9 },
        { FRAME_RECORD, 8 + sizeof(struct upcall_record) }, { FRAME_GAP, 16 },
        { FRAME_PORT, 25 }, { FRAME_FLOW, 40 }, { FRAME_ERROR, 1 },
        { FRAME_LAYOUT, 16 }, { FRAME_FOUND, 80 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        for (size_t n = 0; n <= types[i].needs; n++) {
            ofpbuf_clear(&frames);
            frame_put_hello(&frames);
            frames_put_raw(n, types[i].type, zeros, n);
            frames_restart();
            frames_feed();
            frames_expect(FRAME_HELLO);
            ck_assert_int_eq(frames_next(), n < types[i].needs ? EPROTO : 0);
        }
    }
}
END_TEST

/* Appends a FRAME_LAYOUT with so many numbers and places, which count from 10,
 * and reasons of drops, of which each has the same 'name'. */
static void
put_layout(uint32_t n_numbers, uint32_t n_fields, uint32_t n_drops,
           const char *name)
{
    const struct frame_layout n = { n_numbers, n_fields, n_drops, 0 };
    struct kernel_drop drop = { .reason = 7 };
    struct ofpbuf payload;

    memcpy(drop.name, name, MIN(strlen(name), sizeof drop.name));
    ofpbuf_init(&payload, 0);
    ofpbuf_put(&payload, &n, sizeof n);
    for (uint32_t i = 0; i < n_numbers + 2 * n_fields; i++) {
        uint32_t word = 10 + i;

        ofpbuf_put(&payload, &word, sizeof word);
    }
    for (uint32_t i = 0; i < n_drops; i++) {
        ofpbuf_put(&payload, &drop, sizeof drop);
    }
    frames_put_raw(payload.size, FRAME_LAYOUT, payload.data, payload.size);
    ofpbuf_uninit(&payload);
}

/* Layouts of a program that knows less, or more, than this one. */
START_TEST(test_layout)
{
    const struct kernel_layout *l = &frame.layout;

    frame_put_hello(&frames);
    put_layout(2, 1, 0, "");
    put_layout(KERNEL_N_NUMBERS + 1, KERNEL_N_FIELDS + 1,
               KERNEL_DROPS_MAX + 1, "NAME");
    frames_feed();

    frames_expect(FRAME_HELLO);
    frames_expect(FRAME_LAYOUT);
    ck_assert_uint_eq(l->numbers[0], 10);
    ck_assert_uint_eq(l->numbers[1], 11);
    ck_assert_uint_eq(l->numbers[2], 0);
    ck_assert_uint_eq(l->fields[0].bit, 12);
    ck_assert_uint_eq(l->fields[0].bits, 13);
    ck_assert_uint_eq(l->fields[KERNEL_N_FIELDS - 1].bits, 0);
    ck_assert_uint_eq(l->n_drops, 0);
    frames_expect(FRAME_LAYOUT);
    ck_assert_uint_eq(l->numbers[KERNEL_N_NUMBERS - 1],
                      10 + KERNEL_N_NUMBERS - 1);
    ck_assert_uint_eq(l->fields[0].bit, 10 + KERNEL_N_NUMBERS + 1);
    ck_assert_uint_eq(l->n_drops, KERNEL_DROPS_MAX);
    ck_assert_str_eq(l->drops[KERNEL_DROPS_MAX - 1].name, "NAME");
}
END_TEST

/* Names that do not end, or that a terminal must not see. */
START_TEST(test_layout_names)
{
    char longest[KERNEL_DROP_NAME_LEN + 1];

    memset(longest, 'A', KERNEL_DROP_NAME_LEN);
    longest[KERNEL_DROP_NAME_LEN] = '\0';
    frame_put_hello(&frames);
    put_layout(0, 0, 1, longest);
    put_layout(0, 0, 1, "BELL\aX");
    frames_feed();
    frames_expect(FRAME_HELLO);
    frames_expect(FRAME_LAYOUT);
    ck_assert_uint_eq(strlen(frame.layout.drops[0].name),
                      KERNEL_DROP_NAME_LEN - 1);
    frames_expect(FRAME_LAYOUT);
    ck_assert_str_eq(frame.layout.drops[0].name, "BELL");
}
END_TEST

/* Layouts that say that they have more than there is. */
START_TEST(test_short_layout)
{
    const struct frame_layout ns[] = {
        { 3, 0, 0, 0 }, { 0, 2, 0, 0 }, { 1, 1, 0, 0 }, { 0, 0, 1, 0 },
        { UINT32_MAX, 0, 0, 0 }, { 0, UINT32_MAX, 0, 0 },
        { 0, 0, UINT32_MAX, 0 }, { UINT32_MAX, UINT32_MAX, UINT32_MAX, 0 },
    };
    uint32_t payload[6] = { 0 };

    for (size_t i = 0; i < ARRAY_SIZE(ns); i++) {
        ofpbuf_clear(&frames);
        frame_put_hello(&frames);
        memcpy(payload, &ns[i], sizeof ns[i]);
        frames_put_raw(sizeof payload, FRAME_LAYOUT, payload, sizeof payload);
        frames_expect_error("it is damaged: there is a frame \"layout\" of "
                            "24 bytes, which are too few");
    }
}
END_TEST

/* A record of a pass that is too short for one. */
START_TEST(test_short_pass)
{
    const size_t needs = 8 + sizeof(struct pass_record);
    uint64_t payload[128] = { 7, PASS_RECORD };

    ck_assert_uint_ne(sizeof(struct pass_record),
                      sizeof(struct upcall_record));
    for (size_t n = 16; n <= needs; n++) {
        ofpbuf_clear(&frames);
        frame_put_hello(&frames);
        frames_put_raw(n, FRAME_RECORD, payload, n);
        frames_restart();
        frames_feed();
        frames_expect(FRAME_HELLO);
        ck_assert_int_eq(frames_next(), n < needs ? EPROTO : 0);
    }
}
END_TEST

/* A string without its end must not be taken for one. */
START_TEST(test_strings)
{
    char payload[64];

    memset(payload, 'x', sizeof payload);
    frame_put_hello(&frames);
    frames_put_raw(30, FRAME_PORT, payload, 30);
    frames_expect_error("it is damaged: there is a frame \"port\" of 30 "
                        "bytes, which are too few");
    ofpbuf_clear(&frames);
    frame_put_hello(&frames);
    memset(payload, 0xff, 40);                  /* All strings are there. */
    memcpy(payload + 40, "a\0b\0c\0d", 7);      /* The last one ends not. */
    frames_put_raw(47, FRAME_FLOW, payload, 47);
    frames_expect_error("it is damaged: there is a frame \"flow\" of 47 "
                        "bytes, which are too few");
}
END_TEST

/* Returns the tests of this file. */
TCase *
frame_payload_tcase(void)
{
    TCase *tcase = tcase_create("frame-payload");

    tcase_add_checked_fixture(tcase, frames_setup, frames_teardown);
    tcase_add_test(tcase, test_short);
    tcase_add_test(tcase, test_layout);
    tcase_add_test(tcase, test_layout_names);
    tcase_add_test(tcase, test_short_layout);
    tcase_add_test(tcase, test_short_pass);
    tcase_add_test(tcase, test_strings);
    return tcase;
}
