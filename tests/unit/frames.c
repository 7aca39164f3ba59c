/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "frames.h"

#include <check.h>
#include <errno.h>

#include "openvswitch/util.h"
#include "util.h"

struct ofpbuf frames;
struct frame_reader *frames_reader;
struct frame frame;

/* A fixture: an empty stream. */
void
frames_setup(void)
{
    ofpbuf_init(&frames, 0);
    frames_reader = frame_reader_create();
}

void
frames_teardown(void)
{
    frame_reader_destroy(frames_reader);
    ofpbuf_uninit(&frames);
}

/* Has another reader begin. */
void
frames_restart(void)
{
    frame_reader_destroy(frames_reader);
    frames_reader = frame_reader_create();
}

/* Has the reader take all that was written. */
void
frames_feed(void)
{
    frame_reader_put(frames_reader, frames.data, frames.size);
}

/* Reads the next frame.  Returns what frame_reader_next() does. */
int
frames_next(void)
{
    return frame_reader_next(frames_reader, &frame);
}

/* Appends a frame that is not right. */
void
frames_put_raw(uint32_t length, uint16_t type, const void *payload,
               size_t size)
{
    struct frame_header header = { .length = length, .type = type };

    ofpbuf_put(&frames, &header, sizeof header);
    ofpbuf_put(&frames, payload, size);
    ofpbuf_put_zeros(&frames, ROUND_UP(size, 8) - size);
}

/* Reads the next frame, which must have 'type'. */
void
frames_expect(enum frame_type type)
{
    ck_assert_int_eq(frames_next(), 0);
    ck_assert_int_eq(frame.type, type);
}

/* The stream 'frames' must be refused, with 'error', and stay so. */
void
frames_expect_error(const char *error)
{
    int retval;

    frames_restart();
    frames_feed();
    do {
        retval = frames_next();
    } while (!retval);
    ck_assert_int_eq(retval, EPROTO);
    ck_assert_str_eq(frame_reader_error(frames_reader), error);
    ck_assert(!frame_reader_end(frames_reader));
    frames_feed();
    ck_assert_int_eq(frames_next(), EPROTO);
}
