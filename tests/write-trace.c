/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a trace as a busy machine might have it to its standard output, for
 * programs that read such files:
 *
 *     write-trace [--hostile] [--ports] [N] > FILE
 *
 * It has N upcalls, by default 2000, with the times of four handlers, which
 * receive them in batches, some that are slow, and a burst in which some are
 * lost.  It is always the same.  With --hostile, names are such as break out
 * of a page that is careless; with --ports, each upcall is of another port.
 */

#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/trace-end.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "show/record-context.h"
#include "store/port-map.h"
#include "unit/build-record.h"
#include "util.h"

#define N_HANDLERS 4
#define N_PORTS 6

/* What is in front of a hostile name, and how much of the name follows: names
 * of ports have at most 15 bytes. */
#define HOSTILE "</script>&lt"
#define HOSTILE_REST 3

/* Time of a trace, ns. */
#define US 1000ULL
#define MS (1000 * US)

/* When the trace was started, by the clock. */
#define STARTED_MS 1767427988757LL

struct handler {
    uint64_t free;              /* When it has done all that it has. */
    uint32_t batch;
    uint32_t in_batch;          /* Upcalls in it, so far. */
    uint64_t batch_end;         /* Those that come until then are in it. */
};

static struct handler handlers[N_HANDLERS];
static struct port_map *ports;
static bool hostile, many_ports;

/* Returns a time around 'ns', some of which are much longer. */
static uint64_t
around(uint64_t ns)
{
    double u = (random_range(1000000) + 1) / 1000001.0;
    double v = random_range(1000000) / 1000000.0;
    double normal = sqrt(-2 * log(u)) * cos(6.283185307 * v);

    return ns * exp(0.45 * normal);
}

/* Returns a number below 'n', small ones more often. */
static uint32_t
skewed(uint32_t n)
{
    uint32_t a = random_range(n), b = random_range(n);

    return MIN(a, b);
}

/* Names. */

static char *
get_name(const char *name)
{
    return (hostile ? xasprintf(HOSTILE"%.*s", HOSTILE_REST, name)
            : xstrdup(name));
}

static void
add_port(uint32_t port_no, const char *name)
{
    char *s = get_name(name);

    port_map_add(ports, BUILD_DP_IFINDEX, port_no, s, 0);
    free(s);
}

static void
add_ports(unsigned int n)
{
    static const char *const names[N_PORTS] = {
        "ovs-system", "eth1", "tap3", "vxlan_sys_4789", "ovn0a2c3", "patch"
    };

    ports = port_map_create(0);
    for (size_t i = 0; i < N_PORTS; i++) {
        add_port(i, names[i]);
    }
    for (unsigned int i = N_PORTS; many_ports && i < n; i++) {
        char *name = xasprintf("tap%u", i);

        add_port(i, name);
        free(name);
    }
}

/* Upcalls. */

/* Starts an upcall of 'class' from 'port' at 'ts', that is enqueued to
 * 'handler'. */
static void
start(struct build *b, uint64_t id, enum upcall_class class, uint32_t port,
      int handler, uint64_t ts)
{
    char *key = xasprintf(
        "skb_priority(0),in_port(%"PRIu32"),recirc_id(0),"
        "eth(src=02:00:00:00:00:03,dst=02:00:00:00:00:02),eth_type(0x0800),"
        "ipv4(src=172.200.0.3,dst=172.200.0.2,proto=1,tos=0,ttl=64,frag=no),"
        "icmp(type=8,code=0)", port);

    build_init(b, class);
    build_message(b, key, build_icmp, NULL, 0);
    b->rec.id = id;
    b->rec.ts = ts;
    b->rec.enqueue_ts = ts + around(2 * US);
    b->rec.ret_word = (UPCALL_RET_TAG(id)
                       | (uint32_t) (b->rec.enqueue_ts - ts + 900));
    b->rec.cpu = handler;
    b->rec.portid = 3644007000U + handler;
    free(key);
}

/* Has the handler of 'b' receive it, and handle it if that is what it needs
 * operations for. */
static void
handle(struct build *b, int number)
{
    static const char mask[] = "recirc_id(0),in_port(3),eth(),"
        "eth_type(0x0800),ipv4(frag=no)";
    struct handler *h = &handlers[number];
    struct upcall_record *rec = &b->rec;

    if (rec->enqueue_ts > h->batch_end || h->in_batch >= 50) {
        h->batch++;
        h->in_batch = 0;
        h->free = MAX(h->free, rec->enqueue_ts) + around(12 * US);
        h->batch_end = h->free;
    }
    build_receive(b);
    rec->recv_tid = 4201 + number;
    rec->recv_tgid = 4190;
    snprintf(rec->recv_comm, sizeof rec->recv_comm, "%s%d",
             hostile ? "</script><b>" : "handler", number + 1);
    rec->batch = h->batch;
    rec->batch_idx = h->in_batch++;
    rec->batch_size = h->in_batch;
    rec->queue_len = rec->batch_idx;
    rec->recv_ts = MAX(h->free, rec->enqueue_ts) + around(1 * US);
    rec->flags |= UPCALL_F_TRANSLATED;
    rec->translated_ts = rec->recv_ts + around(
        random_range(300) ? 40 * US : 3 * MS);
    h->free = rec->translated_ts;
    if (upcall_class_has_operations(rec->class_)) {
        if (rec->class_ == UPCALL_CLASS_MISS) {
            build_put(b, mask, "2", random_range(50) ? 0 : -EEXIST);
            rec->put_ts = h->free + around(5 * US);
            rec->put_duration = around(9 * US);
            h->free = rec->put_ts + rec->put_duration;
        }
        build_execute(b, "2", random_range(400) ? 0 : -EINVAL);
        rec->exec_ts = h->free + around(2 * US);
        rec->exec_duration = around(14 * US);
        h->free = rec->exec_ts + rec->exec_duration;
    }
}

/* Makes the upcall 'id' at 'ts'. */
static void
make(struct build *b, uint64_t id, uint64_t ts)
{
    static const enum upcall_class classes[] = {
        UPCALL_CLASS_MISS, UPCALL_CLASS_MISS, UPCALL_CLASS_MISS,
        UPCALL_CLASS_MISS, UPCALL_CLASS_MISS, UPCALL_CLASS_SLOW_PATH,
        UPCALL_CLASS_SFLOW, UPCALL_CLASS_ACTION
    };
    enum upcall_class class = classes[random_range(ARRAY_SIZE(classes))];
    uint32_t port = 1 + skewed(N_PORTS - 1);
    int number = skewed(N_HANDLERS);

    start(b, id, class, many_ports ? id : port, number, ts);
    /* So many wait for the handler that its socket is full. */
    if (handlers[number].free > ts + 18 * MS) {
        build_lost(b, -EAGAIN);
    } else if (!random_range(3000)) {
        build_lost(b, -ENOMEM);
    } else {
        handle(b, number);
    }
}

static void
put_line(struct ds *ds)
{
    if (fwrite(ds->string, ds->length, 1, stdout) != 1) {
        ovs_fatal(errno, "cannot write");
    }
    ds_clear(ds);
}

static void
put_upcall(uint64_t id, uint64_t ts, struct ds *ds)
{
    const struct record_context context = { .ports = ports, .raw = true };
    struct build b;
    char *error;
    size_t size;
    void *record;

    make(&b, id, ts);
    record = build_get(&b, &size);
    build_uninit(&b);
    error = trace_line_put_record(ds, record, size, id, &context);
    if (error) {
        ovs_fatal(0, "%s", error);
    }
    free(record);
    put_line(ds);
}

/* Returns when, after one at 'ts', the next upcall comes: in a burst that
 * lasts a tenth of the trace they come ten times as often. */
static uint64_t
next(uint64_t ts, uint64_t id, uint64_t n)
{
    bool burst = id > n / 2 && id < n * 8 / 10;

    return ts + around(burst ? 9 * US : 180 * US);
}

static void
put_startup(struct ds *ds)
{
    char *host = get_name("host1");
    char *options = get_name("port");

    ds_put_format(ds, "{\"event\":\"startup\",\"host\":\"%s\",\"kernel\":"
                  "\"6.12.107\",\"openvswitch\":\"3.5.0\",\"options\":{"
                  "\"track\":\"kernel\",\"snaplen\":128,\"port\":[\"%s\"],"
                  "\"filter\":null},\"started_ms\":%lld,\"target\":{"
                  "\"binary\":\"/usr/sbin/ovs-vswitchd\",\"pid\":4190,"
                  "\"usdt\":false},\"version\":\""VERSION"\",\"wall_offset\":"
                  "1767225600000000000}\n", host, options, STARTED_MS);
    put_line(ds);
    free(host);
    free(options);
}

static void
put_end(uint64_t n, uint64_t ts, struct ds *ds)
{
    static const uint64_t dropped = 3;
    struct trace_end e = {
        .told.records = {
            .produced = n + dropped, .delivered = n, .dropped = dropped,
            .by_cause[UPCALL_DROP_RING_FULL] = dropped,
        },
        .frame = {
            .since_wall = STARTED_MS, .since = BUILD_TS - 100 * MS,
            .now = ts + 100 * MS,
        },
        .stopped = "stopped by upcall-trace/stop",
    };

    trace_line_put_json(ds, trace_end_to_json(&e));
    put_line(ds);
}

int
main(int argc, char *argv[])
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    uint64_t ts = BUILD_TS;
    uint64_t n = 2000;

    set_program_name(argv[0]);
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--hostile")) {
            hostile = true;
        } else if (!strcmp(argv[i], "--ports")) {
            many_ports = true;
        } else {
            n = strtoull(argv[i], NULL, 10);
        }
    }
    random_set_seed(17);
    add_ports(n);
    put_startup(&ds);
    for (uint64_t id = 1; id <= n; id++) {
        put_upcall(id, ts, &ds);
        ts = next(ts, id, n);
    }
    put_end(n, ts, &ds);
    port_map_destroy(ports);
    ds_destroy(&ds);
    if (fclose(stdout)) {
        ovs_fatal(errno, "cannot write");
    }
    return 0;
}
