/* SPDX-License-Identifier: Apache-2.0 */

/* Records as a stream of bytes, as it is read.
 *
 * A reader has one buffer.  What is read from the stream goes to its end, and
 * frames are looked at where they are.  As the hello and all frames have sizes
 * that are multiples of 8, and only whole ones are taken off the start, each
 * stays aligned when the rest is moved there. */

#include <config.h>

#include "file/frame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/pass-record.h"
#include "openvswitch/util.h"
#include "util.h"

/* Of which the names of enumerators consist. */
#define NAME_CHARACTERS                                                 \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/* Bytes of a buffer at first. */
#define BUFFER_SIZE 4096

/* Reads a stream.  See the top of this file. */
struct frame_reader {
    uint8_t *buffer;
    size_t allocated;
    size_t start, end;          /* What is in use of it. */
    bool has_hello;
    uint64_t n_unknown;         /* Frames that were stepped over. */
    char *error;                /* Why it is of no use any more, or NULL. */
};

/* Returns a reader for a new stream, which the caller frees with
 * frame_reader_destroy(). */
struct frame_reader *
frame_reader_create(void)
{
    struct frame_reader *r = xzalloc(sizeof *r);

    r->allocated = BUFFER_SIZE;
    r->buffer = xmalloc(r->allocated);
    return r;
}

/* Frees 'r', which may be NULL. */
void
frame_reader_destroy(struct frame_reader *r)
{
    if (r) {
        free(r->buffer);
        free(r->error);
        free(r);
    }
}

/* Takes the 'n' bytes at 'data' that come next in the stream.  For the buffer
 * to stay small, call frame_reader_next() before until there is no frame. */
void
frame_reader_put(struct frame_reader *r, const void *data, size_t n)
{
    if (r->start) {
        memmove(r->buffer, r->buffer + r->start, r->end - r->start);
        r->end -= r->start;
        r->start = 0;
    }
    if (r->allocated - r->end < n) {
        r->allocated = MAX(2 * r->allocated, r->end + n);
        r->buffer = xrealloc(r->buffer, r->allocated);
    }
    nullable_memcpy(r->buffer + r->end, data, n);
    r->end += n;
}

/* Has 'r' fail with an error message, which it takes the ownership of. */
static int
fail(struct frame_reader *r, char *error)
{
    free(r->error);
    r->error = error;
    return EPROTO;
}

/* Returns why this program cannot read records of a kind, NULL if it can:
 * those in the stream begin with 'size' bytes, those that it knows with
 * 'expected'.  'what' is empty, or which they are. */
static char *
check_size(uint32_t size, size_t expected, const char *what)
{
    return (size == expected ? NULL
            : xasprintf("its records%s begin with %"PRIu32" bytes, and this "
                        "program reads those with %"PRIuSIZE": use the "
                        "program of the same release", what, size, expected));
}

/* Returns why this program cannot read what follows 'hello', NULL if it
 * can. */
static char *
check_hello(const struct frame_hello *hello)
{
    char *error;

    if (hello->byte_order != FRAME_BYTE_ORDER) {
        return xstrdup("it comes from a machine with another byte order: read "
                       "it on a machine like that one");
    } else if (hello->major != FRAME_MAJOR) {
        return xasprintf("it has version %"PRIu16" of the format, and this "
                         "program reads version %d: use the program of the "
                         "same release", hello->major, FRAME_MAJOR);
    } else if (hello->size < sizeof *hello || hello->size > FRAME_HELLO_MAX
               || hello->size % FRAME_ALIGN
               || hello->version[sizeof hello->version - 1]) {
        return xstrdup("it is damaged: its first bytes make no sense");
    }
    error = check_size(hello->record_size, sizeof(struct upcall_record), "");
    if (!error && hello->pass_record_size) {
        error = check_size(hello->pass_record_size,
                           sizeof(struct pass_record), " of passes");
    }
    return error;
}

static int
next_hello(struct frame_reader *r, struct frame *frame)
{
    const uint8_t *data = r->buffer + r->start;
    size_t n = r->end - r->start;
    struct frame_hello *hello = &frame->hello;
    char *error;

    if (n && memcmp(data, FRAME_MAGIC, MIN(n, sizeof hello->magic))) {
        return fail(r, xstrdup("these are not records of ovs-upcall-traced"));
    } else if (n < sizeof *hello) {
        return EAGAIN;
    }
    memcpy(hello, data, sizeof *hello);
    error = check_hello(hello);
    if (error) {
        return fail(r, error);
    } else if (n < hello->size) {
        return EAGAIN;
    }
    r->start += hello->size;
    r->has_hello = true;
    frame->type = FRAME_HELLO;
    return 0;
}

/* Payloads. */

/* A payload, of which the first bytes are taken off. */
struct payload {
    const uint8_t *data;
    size_t n;
};

static bool
take(struct payload *p, void *dst, size_t size)
{
    if (p->n < size) {
        return false;
    }
    memcpy(dst, p->data, size);
    p->data += size;
    p->n -= size;
    return true;
}

static bool
take_string(struct payload *p, const char **sp)
{
    const uint8_t *end = p->n ? memchr(p->data, '\0', p->n) : NULL;

    if (!end) {
        return false;
    }
    *sp = (const char *) p->data;
    p->n -= end + 1 - p->data;
    p->data = end + 1;
    return true;
}

/* Takes a record, if it has as many bytes as all of its kind have. */
static bool
take_record(struct payload *p, struct frame *frame)
{
    frame->record = p->data;
    frame->size = p->n;
    return (p->n >= sizeof(uint64_t)
            && p->n >= (record_is_pass(p->data) ? sizeof(struct pass_record)
                        : sizeof(struct upcall_record)));
}

/* Takes 'n' elements of 'size' bytes.  Stores the first 'n_known' of them in
 * 'dst', in which those that are missing are 0. */
static bool
take_array(struct payload *p, void *dst, size_t n, size_t n_known, size_t size)
{
    size_t known = MIN(n, n_known) * size;

    if (n > p->n / size) {
        return false;
    }
    memset(dst, 0, n_known * size);
    memcpy(dst, p->data, known);
    p->data += n * size;
    p->n -= n * size;
    return true;
}

static bool
take_layout(struct payload *p, struct kernel_layout *layout)
{
    struct frame_layout n;

    if (!take(p, &n, sizeof n)
        || !take_array(p, layout->numbers, n.n_numbers, KERNEL_N_NUMBERS,
                       sizeof layout->numbers[0])
        || !take_array(p, layout->fields, n.n_fields, KERNEL_N_FIELDS,
                       sizeof layout->fields[0])
        || !take_array(p, layout->drops, n.n_drops, KERNEL_DROPS_MAX,
                       sizeof layout->drops[0])) {
        return false;
    }
    layout->n_drops = MIN(n.n_drops, KERNEL_DROPS_MAX);
    for (uint32_t i = 0; i < layout->n_drops; i++) {
        char *name = layout->drops[i].name;

        name[KERNEL_DROP_NAME_LEN - 1] = '\0';
        name[strspn(name, NAME_CHARACTERS)] = '\0';
    }
    return true;
}

static bool
take_flow(struct payload *p, struct frame *frame)
{
    if (!take(p, &frame->flow, sizeof frame->flow)
        || (frame->type == FRAME_FOUND
            && !take(p, &frame->found, sizeof frame->found))) {
        return false;
    }
    for (int i = 0; i < FRAME_FLOW_STRINGS; i++) {
        frame->strings[i] = NULL;
        if (frame->flow.flags & 1u << i
            && !take_string(p, &frame->strings[i])) {
            return false;
        }
    }
    return true;
}

/* Stores in '*frame', whose type is set, what the payload 'p' says.  Returns
 * false if it is too short. */
static bool
take_payload(struct payload *p, struct frame *frame)
{
    switch (frame->type) {
    case FRAME_START:
        return take(p, &frame->seq, sizeof frame->seq);
    case FRAME_BEGIN:
    case FRAME_END:
        return (take(p, &frame->seq, sizeof frame->seq)
                && take_string(p, &frame->text));
    case FRAME_RECORD:
        if (!take(p, &frame->seq, sizeof frame->seq)) {
            return false;
        }
        return take_record(p, frame);
    case FRAME_GAP:
        return take(p, &frame->gap, sizeof frame->gap);
    case FRAME_PORT:
        return (take(p, &frame->port, sizeof frame->port)
                && take_string(p, &frame->name));
    case FRAME_FLOW:
    case FRAME_FOUND:
        return take_flow(p, frame);
    case FRAME_LAYOUT:
        return take_layout(p, &frame->layout);
    case FRAME_ERROR:
        return take_string(p, &frame->error);
    case FRAME_HELLO:
    case FRAME_REQUEST:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the name of frames of 'type', NULL if a reader does not know it. */
static const char *
type_name(uint16_t type)
{
    switch (type) {
#define X(ENUM, NUMBER, NAME)                                       \
    case NUMBER:                                                    \
        return FRAME_##ENUM == FRAME_REQUEST ? NULL : NAME;
    FRAME_TYPES
#undef X
    }
    return NULL;
}

/* Takes the frame at the start of the buffer.  Returns 0 with a 'type' of
 * FRAME_HELLO if it is of no use. */
static int
next_frame(struct frame_reader *r, struct frame *frame)
{
    struct frame_header header;
    struct payload p = { r->buffer + r->start, r->end - r->start };
    size_t space;

    frame->type = FRAME_HELLO;
    if (!take(&p, &header, sizeof header)) {
        return EAGAIN;
    } else if (header.length > FRAME_MAX) {
        return fail(r, xasprintf("it is damaged: there is a frame of %"PRIu32
                                 " bytes", header.length));
    }
    space = sizeof header + ROUND_UP(header.length, FRAME_ALIGN);
    if (r->end - r->start < space) {
        return EAGAIN;
    }
    r->start += space;
    if (!type_name(header.type)) {
        r->n_unknown++;
        return 0;
    }
    frame->type = header.type;
    p.n = header.length;
    if (!take_payload(&p, frame)) {
        return fail(r, xasprintf("it is damaged: there is a frame \"%s\" of "
                                 "%"PRIu32" bytes, which are too few",
                                 type_name(header.type), header.length));
    }
    return 0;
}

/* Takes the next frame of the stream and returns 0.  The first one is the
 * hello; frames of unknown types are stepped over.  Returns EAGAIN if that
 * needs more of the stream, or EPROTO if it cannot be read: then
 * frame_reader_error() says why, and nothing else is read. */
int
frame_reader_next(struct frame_reader *r, struct frame *frame)
{
    int error;

    if (r->error) {
        return EPROTO;
    } else if (!r->has_hello) {
        return next_hello(r, frame);
    }
    do {
        error = next_frame(r, frame);
    } while (!error && frame->type == FRAME_HELLO);
    return error;
}

/* The stream has come to its end.  Returns false, and has
 * frame_reader_error() say so, if that is in the middle of something. */
bool
frame_reader_end(struct frame_reader *r)
{
    if (!r->error && !r->has_hello && r->start == r->end) {
        fail(r, xstrdup("it is empty"));
    } else if (!r->error && (!r->has_hello || r->start < r->end)) {
        fail(r, xstrdup("it ends in the middle of a frame"));
    }
    return !r->error;
}

/* Returns what is wrong with the stream, for a line that says which stream it
 * is, or NULL. */
const char *
frame_reader_error(const struct frame_reader *r)
{
    return r->error;
}

/* Returns how many frames 'r' has stepped over. */
uint64_t
frame_reader_n_unknown(const struct frame_reader *r)
{
    return r->n_unknown;
}
