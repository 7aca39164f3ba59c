/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "follow.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "build-pass.h"
#include "build-record.h"
#include "file/frame.h"
#include "flow/flow-table.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "record/pass.h"
#include "record/record.h"
#include "socket-util.h"
#include "store/history.h"
#include "store/port-map.h"
#include "util.h"

char follow_dir[32];
char *follow_path;
struct followers *follow_followers;
struct follow_source follow_source;
struct history *follow_history;
struct port_map *follow_ports;
uint64_t follow_noted_gap;
static int trace;               /* Number of the trace. */
struct follow_client follow_clients[FOLLOWERS_MAX + 1];
struct follower_stats follow_stats[FOLLOWERS_MAX];
void *follow_record;
size_t follow_record_size;

static char *
begin_cb(const void *aux OVS_UNUSED)
{
    return xasprintf("begin %d", trace);
}

static char *
end_cb(const void *aux OVS_UNUSED)
{
    return xasprintf("end %d", trace);
}

static void
note_gap_cb(void *aux OVS_UNUSED, uint64_t n)
{
    follow_noted_gap += n;
}

static void
begin_trace(struct history *history)
{
    if (follow_history) {
        followers_forget(follow_followers, &follow_source);
        history_destroy(follow_history);
        port_map_destroy(follow_ports);
    }
    trace++;
    follow_history = history;
    follow_ports = port_map_create(100);
    follow_source = (struct follow_source) {
        .history = follow_history,
        .ports = follow_ports,
        .running = true,
        .is_ready = true,
        .begin = begin_cb,
        .end = end_cb,
        .note_gap = note_gap_cb,
    };
}

/* Begins a trace with a history of 'limit' bytes. */
void
follow_begin_trace(size_t limit)
{
    begin_trace(history_create(limit, false));
}

/* Begins a trace that records passes, too. */
void
follow_begin_with_passes(size_t limit)
{
    static const struct kernel_layout layout = { .numbers = { 1, 2, 3 } };

    begin_trace(history_create(limit, true));
    follow_source.layout = &layout;
}

/* Begins a trace that nobody follows yet. */
void
follow_setup(void)
{
    struct build build;

    trace = 0;
    follow_noted_gap = 0;
    ovs_strlcpy(follow_dir, "/tmp/test-follow-XXXXXX", sizeof follow_dir);
    ck_assert_ptr_nonnull(mkdtemp(follow_dir));
    follow_path = xasprintf("%s/stream", follow_dir);
    ck_assert_int_eq(followers_create(follow_path, &follow_followers), 0);
    build_executed(&build);
    follow_record = build_get(&build, &follow_record_size);
    build_uninit(&build);
    follow_begin_trace(1 << 20);
    for (size_t i = 0; i < ARRAY_SIZE(follow_clients); i++) {
        follow_clients[i].fd = -1;
    }
}

/* Has 'c' go, if it is there. */
void
follow_disconnect(struct follow_client *c)
{
    if (c->fd >= 0) {
        close(c->fd);
        frame_reader_destroy(c->reader);
        port_map_destroy(c->ports);
    }
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

/* Ends what follow_setup() began, and all clients. */
void
follow_teardown(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(follow_clients); i++) {
        follow_disconnect(&follow_clients[i]);
    }
    followers_destroy(follow_followers);
    ck_assert_int_eq(access(follow_path, F_OK), -1);
    ck_assert_int_eq(rmdir(follow_dir), 0);
    history_destroy(follow_history);
    port_map_destroy(follow_ports);
    follow_history = NULL;
    free(follow_record);
    free(follow_path);
}

/* Has a client connect and the followers know of it. */
struct follow_client *
follow_start(int i)
{
    struct follow_client *c = &follow_clients[i];

    c->fd = make_unix_socket(SOCK_STREAM, true, NULL, follow_path);
    ck_assert_int_ge(c->fd, 0);
    c->reader = frame_reader_create();
    c->ports = port_map_create(100);
    followers_run(follow_followers, follow_history ? &follow_source : NULL);
    return c;
}

/* Has the followers do what there is to do. */
void
follow_run(void)
{
    followers_run(follow_followers, follow_history ? &follow_source : NULL);
}

/* Has 'c' ask for the records from 'from' on. */
void
follow_say(struct follow_client *c, uint64_t from)
{
    struct ofpbuf b;

    ofpbuf_init(&b, 0);
    frame_put_request(&b, from);
    ck_assert_int_eq(send(c->fd, b.data, b.size, 0), b.size);
    ofpbuf_uninit(&b);
    follow_run();
}

/* Adds 'n' records to the history. */
void
follow_add(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        struct upcall_record *rec = follow_record;

        rec->id = history_next(follow_history);
        history_add(follow_history, follow_record, follow_record_size);
    }
}

/* Adds 'n' passes. */
void
follow_add_passes(uint64_t n)
{
    struct build_pass build;
    struct pass_record *rec;
    size_t size;

    build_pass_hit(&build);
    rec = build_pass_get(&build, &size);
    for (uint64_t i = 0; i < n; i++) {
        rec->head = PASS_RECORD | history_next(follow_history);
        history_add(follow_history, rec, size);
    }
    free(rec);
    build_pass_uninit(&build);
}

static void
take_upcall(const struct frame *frame)
{
    const struct upcall_record *rec = frame->record;

    ck_assert_uint_eq(rec->id, frame->seq);
    ck_assert_uint_eq(frame->size, follow_record_size);
    ck_assert_mem_eq(&rec->parent, (char *) follow_record + 8,
                     follow_record_size - 8);
}

static void
take_pass(struct follow_client *c, const struct frame *frame)
{
    struct pass pass;
    char *error;

    ck_assert(pass_parse(frame->record, frame->size, &pass, &error));
    ck_assert_uint_eq(pass.id, frame->seq);
    c->n_passes++;
}

static void
take_record(struct follow_client *c, const struct frame *frame)
{
    ck_assert(c->in_trace);
    ck_assert_uint_eq(frame->seq, c->next);
    if (record_is_pass(frame->record)) {
        take_pass(c, frame);
    } else {
        take_upcall(frame);
    }
    c->next++;
    c->n++;
}

static void
take_frame(struct follow_client *c, const struct frame *frame)
{
    ck_assert(c->has_hello == (frame->type != FRAME_HELLO));
    switch (frame->type) {
    case FRAME_HELLO:
        ck_assert_int_eq(frame->hello.pid, getpid());
        c->has_hello = true;
        break;
    case FRAME_START:
        c->n_starts++;
        c->started = frame->seq;
        c->in_trace = false;
        break;
    case FRAME_BEGIN:
        ck_assert(!c->in_trace);
        c->n_begins++;
        c->in_trace = true;
        c->begun = c->next = frame->seq;
        ovs_strlcpy(c->last_text, frame->text, sizeof c->last_text);
        break;
    case FRAME_END:
        ck_assert(c->in_trace);
        ck_assert_uint_eq(frame->seq, c->next);
        c->in_trace = false;
        c->n_ends++;
        ovs_strlcpy(c->last_text, frame->text, sizeof c->last_text);
        break;
    case FRAME_GAP:
        ck_assert_uint_gt(frame->gap.n, 0);
        c->gap += frame->gap.n;
        if (c->in_trace) {
            c->next += frame->gap.n;
            ck_assert_uint_eq(c->next, frame->gap.seq);
        }
        break;
    case FRAME_PORT:
        port_map_add(c->ports, frame->port.dp_ifindex, frame->port.port_no,
                     frame->name, frame->port.from);
        if (frame->port.until != UINT64_MAX) {
            port_map_remove(c->ports, frame->port.dp_ifindex,
                            frame->port.port_no, frame->port.until);
        }
        break;
    case FRAME_RECORD:
        take_record(c, frame);
        break;
    case FRAME_ERROR:
        ovs_strlcpy(c->error, frame->error, sizeof c->error);
        break;
    case FRAME_FLOW:
        ck_assert_uint_lt(frame->flow.id, c->next);     /* After its record. */
        ck_assert_uint_eq(frame->flow.state, FLOW_COMPLETE);
        ck_assert_uint_eq(frame->flow.packets, 7);
        ck_assert_uint_eq(frame->flow.flags, FRAME_FLOW_COUNTERS
                          | FRAME_FLOW_SOURCE | FRAME_FLOW_RULES);
        ck_assert_str_eq(frame->strings[1], "source");
        ck_assert_str_eq(frame->strings[2], "  rules\n");
        c->n_flows++;
        break;
    case FRAME_FOUND:
        ck_assert_uint_eq(frame->flow.state, FLOW_COMPLETE);
        ck_assert_ptr_nonnull(frame->strings[3]);
        c->n_found++;
        break;
    case FRAME_LAYOUT:
        ck_assert(c->in_trace && c->next == c->begun);
        ck_assert_mem_eq(&frame->layout, follow_source.layout,
                         sizeof frame->layout);
        c->n_layouts++;
        break;
    case FRAME_REQUEST:
        ck_abort_msg("frame of type %d", frame->type);
    }
}

/* Has 'c' read what is there, up to about 'max' bytes. */
void
follow_take_some(struct follow_client *c, size_t max)
{
    static char buffer[32768];
    struct frame frame;
    size_t sum = 0;
    ssize_t n = 1;

    while (sum < max && (n = recv(c->fd, buffer, sizeof buffer, 0)) > 0) {
        sum += n;
        frame_reader_put(c->reader, buffer, n);
        while (!frame_reader_next(c->reader, &frame)) {
            take_frame(c, &frame);
        }
        ck_assert_ptr_null(frame_reader_error(c->reader));
    }
    c->bytes += sum;
    c->is_closed = !n || (n < 0 && errno != EAGAIN);
}

/* Has 'c' read all that is there. */
void
follow_take(struct follow_client *c)
{
    follow_take_some(c, SIZE_MAX);
}

/* Stores how the followers stand in 'follow_stats'.  Returns how many there
 * are. */
size_t
follow_get_stats(void)
{
    return followers_get_stats(follow_followers,
                               follow_history ? &follow_source : NULL,
                               follow_stats);
}

/* Has all take turns until 'c' has read all that there is for it.  When the
 * machine is slow, no more than one may have its turn in a run. */
void
follow_take_all(struct follow_client *c)
{
    for (size_t n_idle = 0; n_idle <= follow_get_stats(); n_idle++) {
        size_t bytes = c->bytes;

        follow_run();
        follow_take(c);
        if (c->bytes != bytes) {
            n_idle = 0;
        }
    }
}
