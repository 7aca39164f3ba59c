/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A follower of the daemon:
 *
 *     follow-stream SOCKET FROM N_TRACES
 *
 * Prints the records from number FROM on (0 for all that there are, "now" for
 * those that end from now on) as upcall-trace/read does, a line of JSON for
 * each, with lines where a trace begins and ends and where records are
 * missing.  Ends after N_TRACES traces.
 */

#include <config.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json-writer.h"
#include "file/frame.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "socket-util.h"
#include "store/name-log.h"
#include "store/port-map.h"
#include "util.h"

/* Names of ports that are gone. */
#define MAX_PAST_PORTS 4096

struct follow {
    int fd;
    struct frame_reader *reader;
    struct port_map *ports;
    struct kernel_layout layout;        /* If 'has_layout'. */
    bool has_layout;
    bool is_answer;             /* Is it what was asked for? */
    long long int n_traces;     /* That are still to end. */
};

static void
print_record(const struct follow *f, const struct frame *frame)
{
    const struct record_context context = {
        .ports = f->ports, .layout = f->has_layout ? &f->layout : NULL,
    };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    char *error;

    json_writer_init(&w, &ds);
    error = record_show_json(&w, frame->record, frame->size, frame->seq,
                             &context);
    if (error) {
        ovs_fatal(0, "record %"PRIu64": %s", frame->seq, error);
    }
    puts(ds_cstr(&ds));
    ds_destroy(&ds);
}

static void
take_port(struct follow *f, const struct frame_port *port, const char *name)
{
    port_map_add(f->ports, port->dp_ifindex, port->port_no, name, port->from);
    if (port->until != NAME_LOG_NEVER) {
        port_map_remove(f->ports, port->dp_ifindex, port->port_no,
                        port->until);
    }
}

static void
take_frame(struct follow *f, const struct frame *frame)
{
    if (frame->type == FRAME_ERROR) {
        ovs_fatal(0, "%s", frame->error);
    } else if (frame->type == FRAME_START) {
        f->is_answer = true;
    } else if (!f->is_answer) {
        return;
    }
    switch (frame->type) {
    case FRAME_BEGIN:
        port_map_destroy(f->ports);
        f->ports = port_map_create(MAX_PAST_PORTS);
        f->has_layout = false;
        puts(frame->text);
        break;
    case FRAME_END:
        puts(frame->text);
        f->n_traces--;
        break;
    case FRAME_GAP:
        printf("{\"event\":\"gap\",\"records\":%"PRIu64",\"next\":%"PRIu64
               "}\n", frame->gap.n, frame->gap.seq);
        break;
    case FRAME_RECORD:
        print_record(f, frame);
        break;
    case FRAME_LAYOUT:
        f->layout = frame->layout;
        f->has_layout = true;
        break;
    case FRAME_PORT:
        take_port(f, &frame->port, frame->name);
        break;
    case FRAME_HELLO:
    case FRAME_START:
    case FRAME_FLOW:
    case FRAME_FOUND:
    case FRAME_ERROR:
    case FRAME_REQUEST:
        break;
    }
}

/* Reads once, and prints what this makes complete.  Returns false at the
 * end. */
static bool
follow_once(struct follow *f)
{
    char buffer[65536];
    struct frame frame;
    ssize_t n = read(f->fd, buffer, sizeof buffer);

    if (n < 0 && errno != ECONNRESET) {
        ovs_fatal(errno, "read");
    }
    frame_reader_put(f->reader, buffer, MAX(n, 0));
    while (f->n_traces && !frame_reader_next(f->reader, &frame)) {
        take_frame(f, &frame);
    }
    if (frame_reader_error(f->reader)
        || (n <= 0 && !frame_reader_end(f->reader))) {
        ovs_fatal(0, "cannot read the stream: %s",
                  frame_reader_error(f->reader));
    }
    fflush(stdout);
    return n > 0 && f->n_traces;
}

static void
ask(int fd, uint64_t from)
{
    struct ofpbuf b;

    ofpbuf_init(&b, 0);
    frame_put_request(&b, from);
    if (write(fd, b.data, b.size) != b.size) {
        ovs_fatal(errno, "write");
    }
    ofpbuf_uninit(&b);
}

int
main(int argc, char *argv[])
{
    struct follow f = { .reader = frame_reader_create() };
    unsigned long long int from = 0;

    set_program_name(argv[0]);
    f.is_answer = argc > 2 && !strcmp(argv[2], "now");
    if (argc != 4 || (!f.is_answer && !str_to_ullong(argv[2], 10, &from))
        || !str_to_llong(argv[3], 10, &f.n_traces)) {
        ovs_fatal(0, "usage: %s SOCKET FROM|now N_TRACES", program_name);
    }
    f.fd = make_unix_socket(SOCK_STREAM, false, NULL, argv[1]);
    if (f.fd < 0) {
        ovs_fatal(-f.fd, "%s", argv[1]);
    }
    if (!f.is_answer) {
        ask(f.fd, from);
    }
    while (follow_once(&f)) {
        continue;
    }
    close(f.fd);
    frame_reader_destroy(f.reader);
    port_map_destroy(f.ports);
    return f.n_traces ? EXIT_FAILURE : EXIT_SUCCESS;
}
