/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/follow.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/printable.h"
#include "file/frame.h"
#include "flow/enricher.h"
#include "flow/flow-table.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "socket-util.h"
#include "store/name-log.h"
#include "store/port-map.h"
#include "util.h"

/* Names of ports that are gone, of a trace. */
#define MAX_PAST_PORTS 4096

/* Memory for what ovs-vswitchd has told about flows, in bytes. */
#define FLOWS_MEMORY (16 << 20)

/* Bytes that are read at once. */
#define READ_SIZE (64 * 1024)

struct follow {
    int fd;
    struct frame_reader *reader;
    bool is_answer;             /* Is it what was asked for? */
    bool is_accepted;           /* Has the daemon said something? */
    bool more;                  /* May there be more without waiting? */
    char *error;                /* Why it has ended, if it is said. */

    /* The trace. */
    struct port_map *ports;
    struct flow_table *flows;   /* NULL without --enrich. */
    bool sees_all;              /* Has it got all records of the trace? */
    struct kernel_layout layout;        /* If 'has_layout'. */
    bool has_layout;
};

/* Connects to the socket 'path' of the daemon.  Returns 0 and stores in '*fp'
 * a follower of what is recorded from now on, which the caller frees with
 * follow_close(); otherwise a positive errno value. */
int
follow_open(const char *path, struct follow **fp)
{
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

    *fp = fd < 0 ? NULL : follow_create(fd);
    return fd < 0 ? -fd : 0;
}

/* Returns a follower of what comes from 'fd', a stream socket that does not
 * block or has all that will come.  The caller frees it with follow_close(),
 * which closes 'fd'. */
struct follow *
follow_create(int fd)
{
    struct follow *f = xzalloc(sizeof *f);

    f->fd = fd;
    f->reader = frame_reader_create();
    f->is_answer = f->more = true;
    f->ports = port_map_create(MAX_PAST_PORTS);
    return f;
}

/* Closes the connection of 'f', which may be NULL, and frees it. */
void
follow_close(struct follow *f)
{
    if (f) {
        close(f->fd);
        frame_reader_destroy(f->reader);
        port_map_destroy(f->ports);
        flow_table_destroy(f->flows);
        free(f->error);
        free(f);
    }
}

/* Asks for the records from 'from' on, 0 for all that the daemon has, instead
 * of those from now on.  May be called once.  Returns 0 if successful,
 * otherwise a positive errno value. */
int
follow_request(struct follow *f, uint64_t from)
{
    struct ofpbuf b;
    ssize_t n;
    int error;

    ofpbuf_init(&b, 0);
    frame_put_request(&b, from);
    n = send(f->fd, b.data, b.size, MSG_NOSIGNAL);
    error = n == b.size ? 0 : n < 0 ? errno : EMSGSIZE;
    ofpbuf_uninit(&b);
    f->is_answer = error != 0;
    return error;
}

/* What a trace consists of. */

/* Returns true if 'text', the first line of a trace, says that ovs-vswitchd is
 * asked about flows. */
static bool
is_enriched(const char *text)
{
    struct json *json = json_from_string(text);
    const struct json *options, *enrich;
    bool is;

    options = (json->type == JSON_OBJECT
               ? shash_find_data(json_object(json), "options") : NULL);
    enrich = (options && options->type == JSON_OBJECT
              ? shash_find_data(json_object(options), "enrich") : NULL);
    is = enrich && enrich->type == JSON_TRUE;
    json_destroy(json);
    return is;
}

/* Forgets the trace before, and begins with record 'seq' of the one of which
 * 'text' is the first line. */
static void
begin(struct follow *f, uint64_t seq, const char *text)
{
    port_map_destroy(f->ports);
    flow_table_destroy(f->flows);
    f->ports = port_map_create(MAX_PAST_PORTS);
    f->flows = is_enriched(text) ? flow_table_create(FLOWS_MEMORY) : NULL;
    f->sees_all = seq == 1;
    f->has_layout = false;
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

/* Has the flow that 'record' has put, if any, be known. */
static void
add_put(struct follow *f, const struct upcall_record *record, size_t size)
{
    struct upcall upcall;
    char *error = NULL;

    if (record->flags & UPCALL_F_PUT
        && upcall_parse(record, size, &upcall, &error)) {
        flow_table_add(f->flows, &upcall, 0);
    }
    free(error);
}

/* Has the flow that 'record' has hit, if any, be known, and be pending if it
 * is a new one, as it is for the daemon.  After records that are missing,
 * another upcall may have put it, of which the daemon will not tell again: so
 * it is unknown then until the daemon says something. */
static void
add_hit(struct follow *f, const struct pass_record *record, size_t size)
{
    struct pass pass;
    char *error = NULL;

    if (f->sees_all && record->lookup == PASS_HIT
        && record->flags & PASS_F_UFID
        && pass_parse(record, size, &pass, &error)) {
        flow_table_add_hit(f->flows, &pass,
                           f->has_layout ? &f->layout : NULL);
    }
    free(error);
}

/* Has the flows that are in 'record' be known. */
static void
add_flow(struct follow *f, const void *record, size_t size)
{
    if (f->flows && record_is_pass(record)) {
        add_hit(f, record, size);
    } else if (f->flows) {
        add_put(f, record, size);
    }
}

/* Returns the command of ovs-vswitchd that is called 'name', a constant, or
 * NULL. */
static const char *
get_source(const char *name)
{
    const char *command = NULL;

    for (int i = 0; name && (command = enrich_command_name(i)); i++) {
        if (!strcmp(command, name)) {
            return command;
        }
    }
    return NULL;
}

/* Returns the flow that 'frame' is about, if it is known. */
static struct dp_flow *
get_flow(const struct follow *f, const struct frame *frame)
{
    return f->flows ? flow_table_get(f->flows, frame->flow.id) : NULL;
}

/* Takes over what ovs-vswitchd has told about a flow.  Each step may have the
 * table forget it. */
static void
take_flow(struct follow *f, const struct frame *frame)
{
    const struct frame_flow *told = &frame->flow;
    const char *const *s = frame->strings;
    struct dp_flow *flow = get_flow(f, frame);

    if (!flow || told->state >= FLOW_N_STATES) {
        return;
    }
    flow->n_installed = told->n_installed;
    flow->has_counters = told->flags & FRAME_FLOW_COUNTERS;
    flow->counters = (struct flow_counters) { told->packets, told->bytes };
    flow->modified = told->flags & FRAME_FLOW_MODIFIED;
    flow_table_set_rules(f->flows, flow, s[2], get_source(s[1]));
    flow = get_flow(f, frame);
    if (flow) {
        flow_table_set_match(f->flows, flow, s[4]);
        flow = get_flow(f, frame);
    }
    if (flow && s[3]) {
        flow_table_set_now(f->flows, flow, s[3]);
        flow = get_flow(f, frame);
    }
    if (flow) {
        flow_table_done(f->flows, flow, told->state, s[0]);
    }
}

/* Takes over what ovs-vswitchd has told about a flow that packets have hit. */
static void
take_found(struct follow *f, const struct frame *frame)
{
    const struct frame_found *found = &frame->found;
    const struct told_flow told = {
        .said = {
            .ufid = found->ufid,
            .dp_ifindex = found->dp_ifindex,
            .state = frame->flow.state,
            .error = frame->strings[0],
            .source = get_source(frame->strings[1]),
            .rules = frame->strings[2],
            .told = frame->strings[3],
            .installed_as = frame->strings[4],
        },
        .put_ts = found->since,
        .failed_at = found->failed_at,
        .modified = frame->flow.flags & FRAME_FLOW_MODIFIED,
    };

    if (f->flows && frame->flow.state < FLOW_N_STATES) {
        flow_table_take_found(f->flows, &told);
    }
}

/* Reading. */

/* Stores in '*item' what 'frame' is for who follows.  Returns false if it is
 * for 'f' itself, which has taken it over. */
static bool
take_frame(struct follow *f, const struct frame *frame,
           struct follow_item *item)
{
    *item = (struct follow_item) { .seq = frame->seq };
    switch (frame->type) {
    case FRAME_BEGIN:
        begin(f, frame->seq, frame->text);
        item->kind = FOLLOW_BEGIN;
        item->text = frame->text;
        return true;
    case FRAME_RECORD:
        add_flow(f, frame->record, frame->size);
        item->kind = FOLLOW_RECORD;
        item->record = frame->record;
        item->size = frame->size;
        return true;
    case FRAME_GAP:
        f->sees_all = false;
        item->kind = FOLLOW_GAP;
        item->seq = frame->gap.seq;
        item->n = frame->gap.n;
        return true;
    case FRAME_END:
        item->kind = FOLLOW_END;
        item->text = frame->text;
        return true;
    case FRAME_PORT:
        take_port(f, &frame->port, frame->name);
        return false;
    case FRAME_FLOW:
        take_flow(f, frame);
        return false;
    case FRAME_FOUND:
        take_found(f, frame);
        return false;
    case FRAME_LAYOUT:
        f->layout = frame->layout;
        f->has_layout = true;
        return false;
    case FRAME_HELLO:
    case FRAME_START:
    case FRAME_ERROR:
    case FRAME_REQUEST:
    default:
        return false;
    }
}

/* Ends the stream because of 'error', which it copies, and which may have come
 * with it. */
static int
fail(struct follow *f, const char *error)
{
    free(f->error);
    f->error = error ? printable_copy(error, strlen(error)) : NULL;
    return EPROTO;
}

/* Reads once.  Returns 0 if there was something, EAGAIN if there is nothing
 * now, otherwise as follow_next(). */
static int
receive(struct follow *f)
{
    uint8_t buffer[READ_SIZE];
    ssize_t n;

    do {
        n = recv(f->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        frame_reader_put(f->reader, buffer, n);
        return 0;
    } else if (n < 0 && errno != ECONNRESET) {
        return errno == EWOULDBLOCK ? EAGAIN : errno;
    }
    return (frame_reader_end(f->reader) ? EOF
            : fail(f, frame_reader_error(f->reader)));
}

/* Stores in '*item' what the next frame that matters says, and returns 0.
 * Returns EAGAIN if it has not come yet, EOF if the daemon has ended the
 * stream, EPROTO if the stream cannot be read or the daemon says why it ends
 * it, which is then what follow_error() returns, or another positive errno
 * value. */
int
follow_next(struct follow *f, struct follow_item *item)
{
    struct frame frame;
    int error;

    for (;;) {
        error = frame_reader_next(f->reader, &frame);
        if (error == EAGAIN) {
            error = receive(f);
            if (error) {
                f->more = error != EAGAIN;
                return error;
            }
        } else if (error) {
            return fail(f, frame_reader_error(f->reader));
        } else if (frame.type == FRAME_HELLO) {
            f->is_accepted = true;
        } else if (frame.type == FRAME_ERROR) {
            return fail(f, frame.error);
        } else if (frame.type == FRAME_START) {
            f->is_answer = true;
        } else if (f->is_answer && take_frame(f, &frame, item)) {
            f->more = true;
            return 0;
        }
    }
}

/* Arranges for the poll loop to wake up when follow_next() has something to
 * return. */
void
follow_wait(const struct follow *f)
{
    if (f->more) {
        poll_immediate_wake();
    } else {
        poll_fd_wait(f->fd, POLLIN);
    }
}

/* Returns true if follow_next() has found that the daemon knows of 'f': no
 * record that ends from now on is missed without a word. */
bool
follow_is_accepted(const struct follow *f)
{
    return f->is_accepted;
}

/* Returns what the records of the trace refer to.  It is valid until
 * follow_next() is called again. */
struct record_context
follow_context(const struct follow *f)
{
    return (struct record_context) {
        .ports = f->ports,
        .flows = f->flows,
        .layout = f->has_layout ? &f->layout : NULL,
    };
}

/* Returns what is wrong with the stream, after EPROTO. */
const char *
follow_error(const struct follow *f)
{
    return f->error;
}
