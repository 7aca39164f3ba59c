/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FRAME_H
#define LIB_FRAME_H 1

/* Records as a stream of bytes: what followers of the daemon get.
 *
 * The stream begins with a struct frame_hello.  Frames follow, each of which
 * is a struct frame_header, 'length' bytes of payload, and bytes of 0 up to
 * the next multiple of 8.  So all numbers are aligned in a buffer that is, and
 * a reader can step over a frame whose type it does not know.
 *
 * Numbers are in the byte order of the machine that writes, which the hello
 * tells, and records are as the kernel made them (bpf/upcall-record.h and
 * bpf/pass-record.h), which costs the writer nothing.  A reader on a machine
 * of the other byte order, or with records of another size, has to refuse the
 * stream.
 *
 * What a payload is:
 *
 *   FRAME_START     struct frame_position: the answer to FRAME_REQUEST.  What
 *                   came before belongs to no request: the reader forgets it.
 *
 *   FRAME_BEGIN     struct frame_position, and a string: JSON as in the first
 *                   line of a file, about the trace that begins.  The number
 *                   is that of the first record to be expected.
 *
 *   FRAME_LAYOUT    struct frame_layout, and what it counts: how the kernel
 *                   lays out the actions of flows, which are in records of
 *                   passes (record/kernel-actions.h), and calls the reasons
 *                   of drops.  It comes before the first record of a trace
 *                   that has such records.
 *
 *   FRAME_PORT      struct frame_port, and a string: the name that a port had
 *                   from some time until another.  A name that ends later
 *                   comes again, with the same 'from', as it ends.
 *
 *   FRAME_FLOW      struct frame_flow, and strings: what ovs-vswitchd has told
 *                   about the flow that an upcall has put.  It comes after
 *                   the record, when that is known.  A flow of which nothing
 *                   comes was not asked about, or is pending.
 *
 *   FRAME_FOUND     struct frame_flow, struct frame_found, and strings: the
 *                   same about a flow that packets have hit, and whose put
 *                   this reader is not told of: nobody has seen it, or it was
 *                   before the first record that is sent.
 *
 *   FRAME_RECORD    struct frame_position, and a struct upcall_record, or a
 *                   struct pass_record, with what follows it: see
 *                   record_is_pass().  Numbers of a trace, which are those of
 *                   both kinds, go up by one but for gaps.
 *
 *   FRAME_GAP       struct frame_gap: so many records were forgotten before
 *                   they could be sent.  The next one has the number 'seq'.
 *                   Between two traces it is about traces of which nothing
 *                   was sent.
 *
 *   FRAME_END       struct frame_position, and a string: JSON as in the last
 *                   line of a file: what was produced, delivered and dropped.
 *                   Another trace may begin after that.
 *
 *   FRAME_ERROR     A string: why the writer ends the stream.
 *
 *   FRAME_REQUEST   struct frame_request, from a follower to the daemon.
 *
 * A string ends with a byte of 0 and has no other.  Payloads may become longer
 * in a later minor version: a reader ignores what it does not expect.
 *
 * A reader has no reason to trust what it reads: nothing here uses a length
 * before it was checked. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/kernel-actions.h"

struct ofpbuf;

#define FRAME_MAGIC "\211OVSUPC\n"      /* Without its byte of 0. */
#define FRAME_BYTE_ORDER 0x01020304
#define FRAME_MAJOR 1           /* Readers of another one refuse it. */
#define FRAME_MINOR 5           /* 1: there may be records of passes;
                                 * 2: FRAME_LAYOUT; 3: what actions point to
                                 * may be in records of passes;
                                 * 4: FRAME_FLOW_INSTALLED;
                                 * 5: FRAME_FOUND. */

/* Frames, and the hello, begin at multiples of this. */
#define FRAME_ALIGN 8

/* The longest payload, in bytes. */
#define FRAME_MAX (1024 * 1024)

/* The longest hello that a later minor version may have, in bytes. */
#define FRAME_HELLO_MAX 4096

/* Types of frames, by number.
 *
 * X(ENUM, NUMBER, NAME) */
#define FRAME_TYPES                     \
    X(START, 1, "start")                \
    X(BEGIN, 2, "begin")                \
    X(END, 3, "end")                    \
    X(RECORD, 4, "record")              \
    X(GAP, 5, "gap")                    \
    X(PORT, 6, "port")                  \
    X(FLOW, 7, "flow")                  \
    X(ERROR, 8, "error")                \
    X(REQUEST, 9, "request")            \
    X(LAYOUT, 10, "layout")             \
    X(FOUND, 11, "found")

enum frame_type {
    FRAME_HELLO = 0,            /* Only in struct frame. */
#define X(ENUM, NUMBER, NAME) FRAME_##ENUM = NUMBER,
    FRAME_TYPES
#undef X
};

/* The start of a stream. */
struct frame_hello {
    char magic[8];              /* FRAME_MAGIC. */
    uint32_t byte_order;        /* FRAME_BYTE_ORDER. */
    uint16_t major, minor;      /* FRAME_MAJOR, FRAME_MINOR. */
    uint32_t size;              /* Of the hello, a multiple of 8. */
    uint32_t record_size;       /* sizeof(struct upcall_record). */
    uint32_t pid;               /* Of the daemon. */
    uint32_t pass_record_size;  /* sizeof(struct pass_record); 0 before minor
                                 * version 1. */
    int64_t wall_offset;        /* To be added to times in records for those
                                 * of the wall clock, since the epoch, ns. */
    char version[24];           /* Of the daemon, filled up with 0. */
};

struct frame_header {
    uint32_t length;            /* Of the payload, without padding. */
    uint16_t type;              /* enum frame_type. */
    uint16_t flags;             /* 0. */
};

struct frame_position {
    uint64_t seq;               /* Number of a record. */
};

struct frame_gap {
    uint64_t seq;               /* Number of the next record. */
    uint64_t n;                 /* Records that are missing before it. */
};

struct frame_port {
    uint64_t from;              /* In ns, 0 for since ever. */
    uint64_t until;             /* UINT64_MAX as long as it has not ended. */
    uint32_t dp_ifindex;        /* Datapath. */
    uint32_t port_no;           /* Number in the datapath. */
};

/* Which strings follow a struct frame_flow, or a struct frame_found, in this
 * order. */
enum frame_flow_flags {
    FRAME_FLOW_ERROR = 1 << 0,  /* Why it is not complete. */
    FRAME_FLOW_SOURCE = 1 << 1, /* Command that told the rules. */
    FRAME_FLOW_RULES = 1 << 2,  /* See flow/flow-rules.h. */
    FRAME_FLOW_NOW = 1 << 3,    /* Its actions once it was modified; in a
                                 * FRAME_FOUND, what it matches and its
                                 * actions, see "told" in flow/dp-flow.h. */
    FRAME_FLOW_INSTALLED = 1 << 4,      /* What the kernel matches, if that is
                                         * not what it was asked for. */

    /* Those that are no strings. */
    FRAME_FLOW_MODIFIED = 1 << 8,       /* The rules are those of a later
                                         * modification. */
    FRAME_FLOW_COUNTERS = 1 << 9,       /* 'packets' and 'bytes'. */
};
#define FRAME_FLOW_STRINGS 5

struct frame_flow {
    uint64_t id;                /* 'id' of the record of the upcall; in a
                                 * FRAME_FOUND, of no use to a reader. */
    uint64_t n_installed;       /* So often was the flow installed so far. */
    uint64_t packets, bytes;
    uint32_t state;             /* enum flow_state. */
    uint32_t flags;             /* enum frame_flow_flags. */
};

struct frame_found {
    uint64_t since;             /* When it was hit first, or put, in ns. */
    uint64_t failed_at;         /* When asking about it failed; 0 if that has
                                 * not. */
    uint32_t dp_ifindex;        /* Datapath. */
    uint32_t pad;               /* 0. */
    uint8_t ufid[16];
};

/* So many numbers, then pairs of bit and bits, of 32 bits each, and then
 * reasons of drops follow, as in struct kernel_layout.  Those that a reader
 * knows and are not there are unknown. */
struct frame_layout {
    uint32_t n_numbers;
    uint32_t n_fields;
    uint32_t n_drops;
    uint32_t pad;
};

struct frame_request {
    uint64_t from;              /* Number of the first record that is wanted,
                                 * 0 for all that there are. */
    uint64_t flags;             /* 0. */
};

/* What a frame says.  Pointers are into the reader's buffer: they are valid
 * until it is used again. */
struct frame {
    enum frame_type type;
    union {
        struct frame_hello hello;
        struct frame_gap gap;
        struct {                /* START, BEGIN, END and RECORD. */
            uint64_t seq;
            const char *text;   /* Of BEGIN and END. */
            const void *record; /* Of RECORD, aligned to 8 bytes. */
            size_t size;
        };
        struct {
            struct frame_port port;
            const char *name;
        };
        struct {
            struct frame_flow flow;
            struct frame_found found;   /* With FRAME_FOUND. */
            const char *strings[FRAME_FLOW_STRINGS];    /* NULL if absent. */
        };
        struct kernel_layout layout;
        const char *error;
    };
};

/* Writing: each appends a frame to a buffer. */
void frame_put_hello(struct ofpbuf *);
void frame_put_position(struct ofpbuf *, enum frame_type, uint64_t seq,
                        const char *text);
void frame_put_record(struct ofpbuf *, uint64_t seq, const void *record,
                      size_t size);
void frame_put_gap(struct ofpbuf *, uint64_t seq, uint64_t n);
void frame_put_layout(struct ofpbuf *, const struct kernel_layout *);
void frame_put_port(struct ofpbuf *, const struct frame_port *,
                    const char *name);
void frame_put_flow(struct ofpbuf *, const struct frame_flow *,
                    const char *const strings[FRAME_FLOW_STRINGS]);
void frame_put_found(struct ofpbuf *, const struct frame_flow *,
                     const struct frame_found *,
                     const char *const strings[FRAME_FLOW_STRINGS]);
void frame_put_error(struct ofpbuf *, const char *text);
void frame_put_request(struct ofpbuf *, uint64_t from);

/* A request, all of it. */
#define FRAME_REQUEST_SIZE (sizeof(struct frame_header) \
                            + sizeof(struct frame_request))
int frame_get_request(const void *data, size_t n, struct frame_request *);

/* Reading. */
struct frame_reader *frame_reader_create(void);
void frame_reader_destroy(struct frame_reader *);

void frame_reader_put(struct frame_reader *, const void *data, size_t n);
int frame_reader_next(struct frame_reader *, struct frame *);
bool frame_reader_end(struct frame_reader *);
const char *frame_reader_error(const struct frame_reader *);
uint64_t frame_reader_n_unknown(const struct frame_reader *);

#endif /* lib/file/frame.h */
