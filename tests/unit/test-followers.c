/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/followers.h: followers in this process, so that each test
 * says when they read. */

#include <config.h>

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-record.h"
#include "file/followers.h"
#include "file/frame.h"
#include "flow/flow-table.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "socket-util.h"
#include "store/history.h"
#include "store/port-map.h"
#include "timeval.h"
#include "util.h"

TCase *followers_tcase(void);

/* A follower. */
struct client {
    int fd;
    struct frame_reader *reader;
    bool is_closed;             /* By the other side. */

    /* What it got. */
    bool has_hello, in_trace;
    uint64_t begun, started;    /* 'seq' of the last BEGIN, START, and */
    int n_begins, n_ends, n_starts;     /* how many there were. */
    int n_flows;
    uint64_t next;              /* Number that the next record must have. */
    uint64_t n, gap;
    size_t bytes;
    char last_text[64];         /* Of BEGIN or END, */
    char error[200];            /* of ERROR. */
    struct port_map *ports;
};

static char dir[32];
static char *path;
static struct followers *fs;
static struct follow_source source;
static struct history *history;
static struct port_map *ports;
static uint64_t noted_gap;
static int trace;               /* Number of the trace. */
static struct client clients[FOLLOWERS_MAX + 1];
static struct follower_stats stats[FOLLOWERS_MAX];
static void *record;
static size_t record_size;

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
    noted_gap += n;
}

/* Begins a trace with a history of 'limit' bytes. */
static void
begin_trace(size_t limit)
{
    if (history) {
        followers_forget(fs, &source);
        history_destroy(history);
        port_map_destroy(ports);
    }
    trace++;
    history = history_create(limit);
    ports = port_map_create(100);
    source = (struct follow_source) {
        history, ports, NULL, true, begin_cb, end_cb, note_gap_cb, NULL
    };
}

static void
setup(void)
{
    struct build build;

    trace = 0;
    noted_gap = 0;
    ovs_strlcpy(dir, "/tmp/test-followers-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    path = xasprintf("%s/stream", dir);
    ck_assert_int_eq(followers_create(path, &fs), 0);
    build_executed(&build);
    record = build_get(&build, &record_size);
    build_uninit(&build);
    begin_trace(1 << 20);
    for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
        clients[i].fd = -1;
    }
}

static void
disconnect(struct client *c)
{
    if (c->fd >= 0) {
        close(c->fd);
        frame_reader_destroy(c->reader);
        port_map_destroy(c->ports);
    }
    memset(c, 0, sizeof *c);
    c->fd = -1;
}

static void
teardown(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(clients); i++) {
        disconnect(&clients[i]);
    }
    followers_destroy(fs);
    ck_assert_int_eq(access(path, F_OK), -1);
    ck_assert_int_eq(rmdir(dir), 0);
    history_destroy(history);
    port_map_destroy(ports);
    history = NULL;
    free(record);
    free(path);
}

/* Has a client connect and the followers know of it. */
static struct client *
start(int i)
{
    struct client *c = &clients[i];

    c->fd = make_unix_socket(SOCK_STREAM, true, NULL, path);
    ck_assert_int_ge(c->fd, 0);
    c->reader = frame_reader_create();
    c->ports = port_map_create(100);
    followers_run(fs, history ? &source : NULL);
    return c;
}

static void
run(void)
{
    followers_run(fs, history ? &source : NULL);
}

static void
say(struct client *c, uint64_t from)
{
    struct ofpbuf b;

    ofpbuf_init(&b, 0);
    frame_put_request(&b, from);
    ck_assert_int_eq(send(c->fd, b.data, b.size, 0), b.size);
    ofpbuf_uninit(&b);
    run();
}

static void
add(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        ((struct upcall_record *) record)->id = history_next(history);
        history_add(history, record, record_size);
    }
}

static void
take_record(struct client *c, const struct frame *frame)
{
    const struct upcall_record *rec = frame->record;

    ck_assert(c->in_trace);
    ck_assert_uint_eq(frame->seq, c->next);
    ck_assert_uint_eq(rec->id, frame->seq);
    ck_assert_uint_eq(frame->size, record_size);
    ck_assert_mem_eq(&rec->parent, (char *) record + 8, record_size - 8);
    c->next++;
    c->n++;
}

static void
take_frame(struct client *c, const struct frame *frame)
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
    case FRAME_REQUEST:
        ck_abort_msg("frame of type %d", frame->type);
    }
}

/* Has 'c' read what is there, up to about 'max' bytes. */
static void
take_some(struct client *c, size_t max)
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

static void
take(struct client *c)
{
    take_some(c, SIZE_MAX);
}

static size_t
get_stats(void)
{
    return followers_get_stats(fs, history ? &source : NULL, stats);
}

/* Has all take turns until 'c' has read all that there is for it.  When the
 * machine is slow, no more than one may have its turn in a run. */
static void
take_all(struct client *c)
{
    for (size_t n_idle = 0; n_idle <= get_stats(); n_idle++) {
        size_t bytes = c->bytes;

        run();
        take(c);
        if (c->bytes != bytes) {
            n_idle = 0;
        }
    }
}

START_TEST(test_from_now_on)
{
    struct client *c;

    add(10);
    c = start(0);
    run();
    take(c);
    ck_assert(c->has_hello);
    ck_assert_int_eq(c->n_begins, 1);
    ck_assert_uint_eq(c->begun, 11);
    ck_assert_str_eq(c->last_text, "begin 1");
    add(1000);
    ck_assert_uint_eq(get_stats(), 1);
    ck_assert_uint_eq(stats[0].lag, 1000);
    take_all(c);
    ck_assert_uint_eq(c->n, 1000);
    ck_assert_uint_eq(c->gap, 0);
    get_stats();
    ck_assert_int_eq(stats[0].pid, getpid());
    ck_assert_uint_eq(stats[0].lag, 0);
    ck_assert_uint_eq(stats[0].sent, 1000);
    ck_assert_uint_eq(stats[0].lost, 0);
    ck_assert_uint_eq(stats[0].bytes, c->bytes);

    add(1);
    source.running = false;
    take_all(c);
    ck_assert_uint_eq(c->n, 1001);
    ck_assert_int_eq(c->n_ends, 1);
    ck_assert_str_eq(c->last_text, "end 1");
    ck_assert_str_eq(c->error, "");
}
END_TEST

/* No trace has begun, and then one does; one that has ended is not told to
 * whoever comes later. */
START_TEST(test_no_trace)
{
    struct client *c;

    history_destroy(history);
    port_map_destroy(ports);
    history = NULL;
    c = start(0);
    run();
    take(c);
    ck_assert(c->has_hello);
    ck_assert_uint_eq(c->bytes, sizeof(struct frame_hello));
    begin_trace(1 << 20);
    take_all(c);
    ck_assert_uint_eq(c->begun, 1);
    add(5);
    take_all(c);
    ck_assert_uint_eq(c->n, 5);

    source.running = false;
    c = start(1);
    take_all(c);
    ck_assert_uint_eq(c->bytes, sizeof(struct frame_hello));
    get_stats();
    ck_assert_uint_eq(stats[1].lag, 0);
    begin_trace(1 << 20);
    add(3);
    take_all(c);
    ck_assert_uint_eq(c->n, 3);
    ck_assert_str_eq(c->last_text, "begin 3");
    take_all(&clients[0]);
    ck_assert_uint_eq(clients[0].n, 8);
    ck_assert_int_eq(clients[0].n_ends, 1);
}
END_TEST

START_TEST(test_request)
{
    struct client *c;

    add(10);
    c = start(0);
    say(c, 0);
    take_all(c);
    ck_assert_int_eq(c->n_starts, 1);
    ck_assert_uint_eq(c->started, 1);
    ck_assert_uint_eq(c->begun, 1);
    ck_assert_uint_eq(c->n, 10);

    c = start(1);
    run();                      /* It is sent something before it asks. */
    add(1);
    run();
    say(c, 8);
    take_all(c);
    ck_assert_uint_eq(c->started, 8);
    ck_assert_uint_eq(c->n, 1 + 4);

    source.running = false;
    c = start(2);
    say(c, 11);
    take_all(c);
    ck_assert_uint_eq(c->n, 1);
    ck_assert_int_eq(c->n_ends, 1);

    c = start(3);
    say(c, 12);                 /* The next. */
    take_all(c);
    ck_assert_uint_eq(c->n, 0);
    ck_assert_int_eq(c->n_ends, 1);

    c = start(4);
    say(c, 13);
    take_all(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, "there is no record 13 yet, the last is 11: a "
                     "new trace begins with 1");
    ck_assert_uint_eq(get_stats(), 4);
}
END_TEST

/* Records that were forgotten before it asked. */
START_TEST(test_request_forgotten)
{
    struct client *c;
    uint64_t first;

    add(10000);
    first = history_first(history);
    ck_assert_uint_gt(first, 1000);
    c = start(0);
    say(c, 1);
    take_all(c);
    ck_assert_uint_eq(c->begun, 1);
    ck_assert_uint_eq(c->gap, first - 1);
    ck_assert_uint_eq(c->n, 10000 - c->gap);

    c = start(1);
    say(c, 0);
    take_all(c);
    ck_assert_uint_eq(c->begun, first);
    ck_assert_uint_eq(c->gap, 0);
}
END_TEST

/* A follower that stops reading, and then goes on. */
START_TEST(test_slow)
{
    struct client *slow = start(0);
    struct client *good = start(1);
    const uint64_t total = 50000;
    size_t sent;

    for (uint64_t i = 0; i < total / 100; i++) {
        add(100);
        take_all(good);
    }
    ck_assert_uint_eq(good->n, total);
    ck_assert_uint_eq(good->gap, 0);
    get_stats();
    sent = stats[0].sent;
    ck_assert_uint_lt(sent, 2000);
    ck_assert_uint_gt(stats[0].lost, total / 2);
    ck_assert_uint_eq(sent + stats[0].lost + stats[0].lag, total);
    ck_assert_uint_eq(stats[1].lost, 0);

    take_all(slow);
    ck_assert_uint_eq(slow->n + slow->gap, total);
    ck_assert_uint_ge(slow->gap, total / 2);
    get_stats();
    ck_assert_uint_eq(stats[0].lost, slow->gap);
    ck_assert_uint_eq(stats[0].sent, slow->n);
    ck_assert_uint_eq(stats[0].lag, 0);
    ck_assert_uint_eq(noted_gap, slow->gap);
}
END_TEST

/* Reads a little now and then: many gaps. */
START_TEST(test_slower)
{
    struct client *c = start(0);
    const uint64_t total = 100000;

    for (uint64_t i = 0; i < total / 1000; i++) {
        add(1000);
        run();
        take_some(c, 10000 + i * 1000);
    }
    take_all(c);
    ck_assert_uint_eq(c->n + c->gap, total);
    ck_assert_uint_gt(c->gap, 1000);
    ck_assert_uint_gt(c->n, 3000);
}
END_TEST

/* Records that the history could not keep, or was told to forget. */
START_TEST(test_holes)
{
    struct client *c = start(0);
    void *large = xzalloc(1 << 20);

    add(3);
    history_add(history, large, 1 << 20);
    history_add(history, large, 1 << 20);
    add(1);
    take_all(c);
    ck_assert_uint_eq(c->n, 4);
    ck_assert_uint_eq(c->gap, 2);
    history_add(history, large, 1 << 20);
    take_all(c);
    ck_assert_uint_eq(c->gap, 3);
    add(7);
    history_clear(history);
    take_all(c);
    ck_assert_uint_eq(c->n, 4);
    ck_assert_uint_eq(c->gap, 10);
    free(large);
}
END_TEST

START_TEST(test_ports)
{
    struct client *c;

    port_map_add(ports, 5, 1, "a", 0);
    port_map_add(ports, 5, 1, "b", 10);
    c = start(0);
    take_all(c);
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 9), "a");
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 10), "b");
    port_map_remove(ports, 5, 1, 20);
    port_map_add(ports, 5, 2, "c", 20);
    take_all(c);
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 1, 19), "b");
    ck_assert_ptr_null(port_map_lookup(c->ports, 5, 1, 20));
    ck_assert_str_eq(port_map_lookup(c->ports, 5, 2, 20), "c");
}
END_TEST

/* Adds a record, and the flow that its upcall has put. */
static void
add_with_flow(struct flow_table *flows)
{
    struct upcall_record *rec = record;
    struct upcall u;
    char *error;

    add(1);
    memcpy(rec->ufid, &rec->id, sizeof rec->id);
    ck_assert(upcall_parse(record, record_size, &u, &error));
    flow_table_add(flows, &u, 0);
    memset(rec->ufid, 0, sizeof rec->ufid);
}

/* What is known of flows comes once it is. */
START_TEST(test_flows)
{
    struct flow_table *flows = flow_table_create(4 << 20);
    struct client *c;

    memset(((struct upcall_record *) record)->ufid, 0, 16);
    source.flows = flows;
    c = start(0);
    for (int i = 1; i <= 1000; i++) {
        add_with_flow(flows);
    }
    take_all(c);
    ck_assert_uint_eq(c->n, 1000);
    ck_assert_int_eq(c->n_flows, 0);
    for (int i = 1; i <= 1000; i += 2) {
        struct dp_flow *f = flow_table_get(flows, i);

        flow_table_set_rules(flows, f, "  rules\n", "source");
        f->has_counters = true;
        f->counters.packets = 7;
        flow_table_done(flows, f, FLOW_COMPLETE, NULL);
    }
    take_all(c);
    ck_assert_int_eq(c->n_flows, 500);

    c = start(1);               /* Has no use for them. */
    take_all(c);
    ck_assert_int_eq(c->n_flows, 0);
    c = start(2);
    say(c, 900);
    take_all(c);
    ck_assert_int_eq(c->n_flows, 500);
    ck_assert_uint_eq(c->n, 101);
    flow_table_destroy(flows);
}
END_TEST

/* More ports than there is room for at once. */
START_TEST(test_many_ports)
{
    struct client *c;
    char name[16];

    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "port%d", i);
        port_map_add(ports, 5, i, name, 0);
    }
    c = start(0);
    add(10);
    take_all(c);
    ck_assert_uint_eq(c->n, 10);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "port%d", i);
        ck_assert_str_eq(port_map_lookup(c->ports, 5, i, 1), name);
    }
}
END_TEST

/* Waits until the poll loop wakes up because of the followers. */
static void
wait_for_wakeup(void)
{
    long long int start = time_msec();

    followers_wait(fs);
    poll_timer_wait(60000);
    poll_block();
    ck_assert_int_lt(time_msec() - start, 30000);
    run();
}

START_TEST(test_killed)
{
    struct client *full = start(0);
    struct client *idle = start(1);

    for (int i = 0; i < 20; i++) {
        add(100);
        take_all(idle);
    }
    ck_assert_uint_eq(get_stats(), 2);
    disconnect(full);
    wait_for_wakeup();
    ck_assert_uint_eq(get_stats(), 1);
    disconnect(idle);
    wait_for_wakeup();
    ck_assert_uint_eq(get_stats(), 0);
}
END_TEST

/* One that only ends its side still follows, and is no reason to be awake. */
START_TEST(test_silent)
{
    struct client *c = start(0);
    long long int begin;

    ck_assert_int_eq(shutdown(c->fd, SHUT_WR), 0);
    wait_for_wakeup();
    begin = time_msec();
    followers_wait(fs);
    poll_timer_wait(200);
    poll_block();
    ck_assert_int_ge(time_msec() - begin, 200);
    add(100);
    take_all(c);
    ck_assert_uint_eq(c->n, 100);
    disconnect(c);
    wait_for_wakeup();
    ck_assert_uint_eq(get_stats(), 0);
}
END_TEST

START_TEST(test_garbage)
{
    static const char error[] = "a follower may send one request, as "
        "lib/file/frame.h has it, and nothing else: use ovs-appctl for "
        "commands";
    struct client *good = start(0);
    struct client *c = start(1);
    char garbage[100000];

    ck_assert_int_eq(send(c->fd, "{\"id\":1}", 8, 0), 8);
    wait_for_wakeup();
    take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    c = start(2);
    memset(garbage, 0, sizeof garbage);
    ck_assert_int_gt(send(c->fd, garbage, sizeof garbage, 0), 0);
    wait_for_wakeup();
    take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    c = start(3);
    say(c, 0);                  /* A request, and another. */
    say(c, 0);
    take(c);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, error);

    ck_assert_uint_eq(get_stats(), 1);
    add(10);
    take_all(good);
    ck_assert_uint_eq(good->n, 10);
}
END_TEST

START_TEST(test_too_many)
{
    struct client *c;

    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        start(i);
    }
    c = start(FOLLOWERS_MAX);
    take(c);
    ck_assert(c->has_hello);
    ck_assert(c->is_closed);
    ck_assert_str_eq(c->error, "there are 64 followers already, which is the "
                     "most: end one of them, status lists them");
    disconnect(&clients[17]);
    run();
    c = start(17);
    ck_assert_uint_eq(get_stats(), FOLLOWERS_MAX);
    add(1000);
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        take_all(&clients[i]);
        ck_assert_uint_eq(clients[i].n, 1000);
    }
}
END_TEST

/* A run has a limit, and all get the same. */
START_TEST(test_fair)
{
    size_t sum = 0;

    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        take_all(start(i));
    }
    add(1200);
    run();
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        size_t bytes = clients[i].bytes;

        take(&clients[i]);
        sum += clients[i].bytes - bytes;
    }
    ck_assert_uint_gt(sum, 0);
    ck_assert_uint_lt(sum, 1024 * 1024 + 80 * 1024);

    /* As many are served in some runs, 64 KB each. */
    for (int i = 0; i < 100; i++) {
        run();
    }
    get_stats();
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        ck_assert_uint_gt(stats[i].sent, 100);
        take(&clients[i]);
    }
    for (int i = 0; i < FOLLOWERS_MAX; i++) {
        take_all(&clients[i]);
        ck_assert_uint_eq(clients[i].n, 1200);
    }
}
END_TEST

/* Traces end and begin while a follower does not read. */
START_TEST(test_traces)
{
    struct client *slow = start(0);
    struct client *good = start(1);

    for (int i = 1; i <= 4; i++) {
        add(i * 10000);
        take_all(good);
        source.running = false;
        take_all(good);
        ck_assert_uint_eq(good->n + good->gap, i * (i + 1) / 2 * 10000);
        ck_assert_int_eq(good->n_ends, i);
        begin_trace(1 << 20);
    }
    get_stats();
    ck_assert_uint_eq(stats[0].sent + stats[0].lost, 100000);
    add(5);
    take_all(slow);
    ck_assert_int_eq(slow->n_begins, 2);        /* The first and the last. */
    ck_assert_int_eq(slow->n_ends, 1);
    ck_assert_uint_eq(slow->n + slow->gap, 100005);
    ck_assert_uint_eq(slow->next, 6);
    ck_assert_str_eq(slow->last_text, "begin 5");

    /* One that waits does not get another in between either. */
    source.running = false;
    take_all(slow);
    ck_assert_int_eq(slow->n_ends, 2);
    ck_assert_str_eq(slow->last_text, "end 5");
}
END_TEST

START_TEST(test_errors)
{
    struct followers *other = fs;
    char *name = xasprintf("%s/missing/stream", dir);

    ck_assert_int_eq(followers_create(name, &other), ENOENT);
    ck_assert_ptr_null(other);
    followers_destroy(other);
    free(name);
}
END_TEST

TCase *
followers_tcase(void)
{
    TCase *tcase = tcase_create("followers");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_from_now_on);
    tcase_add_test(tcase, test_no_trace);
    tcase_add_test(tcase, test_request);
    tcase_add_test(tcase, test_request_forgotten);
    tcase_add_test(tcase, test_slow);
    tcase_add_test(tcase, test_slower);
    tcase_add_test(tcase, test_holes);
    tcase_add_test(tcase, test_ports);
    tcase_add_test(tcase, test_many_ports);
    tcase_add_test(tcase, test_flows);
    tcase_add_test(tcase, test_killed);
    tcase_add_test(tcase, test_silent);
    tcase_add_test(tcase, test_garbage);
    tcase_add_test(tcase, test_too_many);
    tcase_add_test(tcase, test_fair);
    tcase_add_test(tcase, test_traces);
    tcase_add_test(tcase, test_errors);
    return tcase;
}
