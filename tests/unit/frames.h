/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FRAMES_H
#define TESTS_FRAMES_H 1

/* A stream of frames, as it is written and read. */

#include <stddef.h>
#include <stdint.h>

#include "file/frame.h"
#include "openvswitch/ofpbuf.h"

extern struct ofpbuf frames;    /* What was written. */
extern struct frame_reader *frames_reader;
extern struct frame frame;      /* What was read last. */

void frames_setup(void);
void frames_teardown(void);
void frames_restart(void);

void frames_put_raw(uint32_t length, uint16_t type, const void *payload,
                    size_t size);

void frames_feed(void);
int frames_next(void);
void frames_expect(enum frame_type);
void frames_expect_error(const char *error);

#endif /* tests/unit/frames.h */
