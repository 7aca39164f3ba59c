/* SPDX-License-Identifier: Apache-2.0 */

/* Records as a stream of bytes, as it is written. */

#include <config.h>

#include "file/frame.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/pass-record.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "util.h"

BUILD_ASSERT_DECL(sizeof(struct frame_hello) == 64);
BUILD_ASSERT_DECL(sizeof(struct frame_header) == 8);
BUILD_ASSERT_DECL(sizeof(struct frame_position) == 8);
BUILD_ASSERT_DECL(sizeof(struct frame_gap) == 16);
BUILD_ASSERT_DECL(sizeof(struct frame_port) == 24);
BUILD_ASSERT_DECL(sizeof(struct frame_flow) == 40);
BUILD_ASSERT_DECL(sizeof(struct frame_found) == 40);
BUILD_ASSERT_DECL(sizeof(struct frame_layout) == 16);
BUILD_ASSERT_DECL(sizeof(struct kernel_place) == 8);
BUILD_ASSERT_DECL(sizeof(struct kernel_drop) == 48);
BUILD_ASSERT_DECL(sizeof(struct frame_request) == 16);

/* Appends the start of a stream of this process to 'b'. */
void
frame_put_hello(struct ofpbuf *b)
{
    struct frame_hello hello = {
        .byte_order = FRAME_BYTE_ORDER,
        .major = FRAME_MAJOR,
        .minor = FRAME_MINOR,
        .size = sizeof hello,
        .record_size = sizeof(struct upcall_record),
        .pid = getpid(),
        .pass_record_size = sizeof(struct pass_record),
        .wall_offset = clock_wall_offset(),
    };

    memcpy(hello.magic, FRAME_MAGIC, sizeof hello.magic);
    ovs_strlcpy(hello.version, VERSION, sizeof hello.version);
    ofpbuf_put(b, &hello, sizeof hello);
}

/* Appends the header of a frame of 'type' to 'b', and the 'size' bytes at
 * 'fixed', of a payload of 'length' bytes. */
static void
put_header(struct ofpbuf *b, enum frame_type type, size_t length,
           const void *fixed, size_t size)
{
    struct frame_header header = { .length = length, .type = type };

    ovs_assert(length <= FRAME_MAX);
    ofpbuf_prealloc_tailroom(b, sizeof header + length + FRAME_ALIGN);
    ofpbuf_put(b, &header, sizeof header);
    ofpbuf_put(b, fixed, size);
}

/* Appends what is missing behind a payload of 'length' bytes. */
static void
put_padding(struct ofpbuf *b, size_t length)
{
    ofpbuf_put_zeros(b, ROUND_UP(length, FRAME_ALIGN) - length);
}

/* Returns the size of 's' in a payload. */
static size_t
string_size(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

/* Appends a frame of 'type' to 'b': 'size' bytes at 'fixed', then 'tail_size'
 * at 'tail'. */
static void
put_frame(struct ofpbuf *b, enum frame_type type, const void *fixed,
          size_t size, const void *tail, size_t tail_size)
{
    size_t length = size + tail_size;

    put_header(b, type, length, fixed, size);
    if (tail_size) {
        ofpbuf_put(b, tail, tail_size);
    }
    put_padding(b, length);
}

/* Appends a FRAME_START, which has no 'text', or a FRAME_BEGIN or FRAME_END,
 * which have one, to 'b'. */
void
frame_put_position(struct ofpbuf *b, enum frame_type type, uint64_t seq,
                   const char *text)
{
    struct frame_position position = { .seq = seq };

    put_frame(b, type, &position, sizeof position, text, string_size(text));
}

/* Appends the record 'seq', which is the 'size' bytes at 'record'. */
void
frame_put_record(struct ofpbuf *b, uint64_t seq, const void *record,
                 size_t size)
{
    struct frame_position position = { .seq = seq };

    put_frame(b, FRAME_RECORD, &position, sizeof position, record, size);
}

/* Appends that 'n' records are missing before the record 'seq'. */
void
frame_put_gap(struct ofpbuf *b, uint64_t seq, uint64_t n)
{
    struct frame_gap gap = { .seq = seq, .n = n };

    put_frame(b, FRAME_GAP, &gap, sizeof gap, NULL, 0);
}

/* Appends how the kernel lays out the actions of flows. */
void
frame_put_layout(struct ofpbuf *b, const struct kernel_layout *layout)
{
    const struct frame_layout n = {
        .n_numbers = KERNEL_N_NUMBERS,
        .n_fields = KERNEL_N_FIELDS,
        .n_drops = MIN(layout->n_drops, KERNEL_DROPS_MAX),
    };
    size_t drops_size = n.n_drops * sizeof layout->drops[0];
    size_t length = (sizeof n + sizeof layout->numbers
                     + sizeof layout->fields + drops_size);

    put_header(b, FRAME_LAYOUT, length, &n, sizeof n);
    ofpbuf_put(b, layout->numbers, sizeof layout->numbers);
    ofpbuf_put(b, layout->fields, sizeof layout->fields);
    ofpbuf_put(b, layout->drops, drops_size);
    put_padding(b, length);
}

/* Appends that 'port' has the name 'name'. */
void
frame_put_port(struct ofpbuf *b, const struct frame_port *port,
               const char *name)
{
    put_frame(b, FRAME_PORT, port, sizeof *port, name, string_size(name));
}

/* Appends a frame of 'type' that begins with 'flow', in which it sets which of
 * 'strings' there are, has the 'size' bytes at 'more' behind it, and then
 * those of 'strings' that are not NULL. */
static void
put_flow(struct ofpbuf *b, enum frame_type type, struct frame_flow flow,
         const void *more, size_t size,
         const char *const strings[FRAME_FLOW_STRINGS])
{
    size_t length = sizeof flow + size;

    for (int i = 0; i < FRAME_FLOW_STRINGS; i++) {
        flow.flags &= ~(1u << i);
        flow.flags |= strings[i] ? 1u << i : 0;
        length += string_size(strings[i]);
    }
    put_header(b, type, length, &flow, sizeof flow);
    if (size) {
        ofpbuf_put(b, more, size);
    }
    for (int i = 0; i < FRAME_FLOW_STRINGS; i++) {
        if (strings[i]) {
            ofpbuf_put(b, strings[i], string_size(strings[i]));
        }
    }
    put_padding(b, length);
}

/* Appends what is known of 'flow', with those of the 'strings' that are not
 * NULL.  'flow->flags' need not say which these are. */
void
frame_put_flow(struct ofpbuf *b, const struct frame_flow *flow,
               const char *const strings[FRAME_FLOW_STRINGS])
{
    put_flow(b, FRAME_FLOW, *flow, NULL, 0, strings);
}

/* Appends the same about a flow that 'found' tells which it is. */
void
frame_put_found(struct ofpbuf *b, const struct frame_flow *flow,
                const struct frame_found *found,
                const char *const strings[FRAME_FLOW_STRINGS])
{
    put_flow(b, FRAME_FOUND, *flow, found, sizeof *found, strings);
}

/* Appends that the stream ends because of 'text'. */
void
frame_put_error(struct ofpbuf *b, const char *text)
{
    put_frame(b, FRAME_ERROR, text, string_size(text), NULL, 0);
}

/* Appends what a follower asks for that wants the records from 'from' on, or
 * all with 0. */
void
frame_put_request(struct ofpbuf *b, uint64_t from)
{
    struct frame_request request = { .from = from };

    put_frame(b, FRAME_REQUEST, &request, sizeof request, NULL, 0);
}

/* Looks for a request in the 'n' bytes at 'data', the first that a follower
 * has sent.  Returns 0 and stores it in '*request', EAGAIN if it may become
 * one, or EPROTO if they are something else. */
int
frame_get_request(const void *data, size_t n, struct frame_request *request)
{
    const struct frame_header expected = {
        .length = sizeof *request, .type = FRAME_REQUEST
    };

    if (memcmp(data, &expected, MIN(n, sizeof expected))
        || n > FRAME_REQUEST_SIZE) {
        return EPROTO;
    } else if (n < FRAME_REQUEST_SIZE) {
        return EAGAIN;
    }
    memcpy(request, (const uint8_t *) data + sizeof expected, sizeof *request);
    return request->flags ? EPROTO : 0;
}
