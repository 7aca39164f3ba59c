/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a trace of packets that have several records each, mixed as those of
 * several CPUs are, to standard output:
 *
 *     make-trace COUNT [SEED]
 *
 * COUNT is how many packets there are.  A third of them hit a flow; others
 * miss and are executed, and some of these are recirculated, and miss again.
 * One record in 50 is missing, without a line that says so, and here and there
 * there is such a line.  The same arguments give the same trace, and another
 * SEED gives another one, of another ovs-vswitchd.
 */

#include <config.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "store/port-map.h"
#include "unit/build-pass.h"
#include "unit/build-record.h"
#include "util.h"

/* Records that wait to be written in any order. */
#define WAITING 64

/* ns between packets, from a lookup to its upcall, and to the execute. */
#define PACKET_TIME 20000
#define MISS_TIME 1500
#define EXECUTE_TIME 300000

struct record {
    void *data;
    size_t size;
};

struct trace {
    struct port_map *ports;
    struct record_context context;
    struct record waiting[WAITING];
    size_t n;
    uint64_t seq, ts;
    uint64_t n_records, n_missed;
    uint64_t last_upcall, last_pass;
    struct ds ds;

    /* Made once, and changed for each. */
    struct build upcall;
    struct build_pass hit, miss, execute;
};

/* Writes the record 'i' of those that wait, unless it is to be missing. */
static void
write_record(struct trace *t, size_t i)
{
    struct record record = t->waiting[i];

    t->waiting[i] = t->waiting[--t->n];
    t->seq++;
    if (random_range(50)) {
        char *error = trace_line_put_record(&t->ds, record.data, record.size,
                                            t->seq, &t->context);

        if (error) {
            ovs_fatal(0, "%s", error);
        }
        t->n_records++;
    }
    if (!random_range(5000)) {
        trace_line_put_gap(&t->ds, t->seq + 4, 3);
        t->seq += 3;
        t->n_missed += 3;
    }
    fwrite(t->ds.string, 1, t->ds.length, stdout);
    ds_clear(&t->ds);
    free(record.data);
}

static void
add(struct trace *t, void *data, size_t size)
{
    if (t->n >= WAITING) {
        write_record(t, random_range(t->n));
    }
    t->waiting[t->n++] = (struct record) { data, size };
}

static void
add_pass(struct trace *t, struct build_pass *b, uint64_t id, uint64_t track)
{
    size_t size;
    void *data;

    b->rec.head = PASS_RECORD | id;
    b->rec.root = id;
    b->rec.track = track;
    b->rec.ts = t->ts;
    data = build_pass_get(b, &size);
    add(t, data, size);
}

/* Has 'b' be beneath the pass 'below', 0 for none. */
static void
set_below(struct build_pass *b, uint64_t below)
{
    b->rec.below = below;
    b->rec.recirc_id = below ? 1 : 0;
    b->rec.flags = below ? b->rec.flags | PASS_F_BELOW
                   : b->rec.flags & ~PASS_F_BELOW;
}

/* Adds the upcall 'id', which happened in the pass 'pass' and in the execute
 * of the upcall 'parent', 0 for none. */
static void
add_upcall(struct trace *t, uint64_t id, uint64_t pass, uint64_t parent,
           uint64_t track)
{
    const struct upcall_record old = t->upcall.rec;
    struct upcall_record *rec = &t->upcall.rec;
    uint64_t later = t->ts - rec->ts;
    size_t size;
    void *data;

    rec->id = id;
    rec->pass = pass;
    rec->track = track;
    rec->parent = parent;
    rec->flags |= parent ? UPCALL_F_NESTED : 0;
    rec->ts += later;
    rec->enqueue_ts += later;
    rec->recv_ts += later + random_range(50000);
    rec->put_ts += later + 50000;
    rec->exec_ts += later + 50000;
    rec->ret_word = UPCALL_RET_TAG(id) | 30500;
    data = build_get(&t->upcall, &size);
    *rec = old;
    add(t, data, size);
}

/* Adds what begins with a miss, beneath the pass 'below' and the upcall
 * 'parent', both of which may be 0. */
static void
add_miss(struct trace *t, uint64_t below, uint64_t parent, uint64_t track)
{
    uint64_t upcall = ++t->last_upcall;
    uint64_t miss = ++t->last_pass;
    uint64_t execute;

    track = track ? track : miss;
    t->miss.rec.upcall = upcall;
    set_below(&t->miss, below);
    add_pass(t, &t->miss, miss, track);
    t->ts += MISS_TIME;
    add_upcall(t, upcall, miss, parent, track);
    t->ts += EXECUTE_TIME;
    execute = ++t->last_pass;
    t->execute.rec.upcall = upcall;
    add_pass(t, &t->execute, execute, random_range(2) ? track
             : PASS_NO_TRACK);
    t->ts += 1000;
    if (!random_range(3)) {
        add_miss(t, execute, upcall, track);
    } else if (!random_range(3)) {
        set_below(&t->hit, execute);
        add_pass(t, &t->hit, ++t->last_pass, track);
    }
}

static void
add_packet(struct trace *t)
{
    uint64_t ts = t->ts;

    if (random_range(3)) {
        add_miss(t, 0, 0, 0);
    } else {
        uint64_t id = ++t->last_pass;

        set_below(&t->hit, 0);
        add_pass(t, &t->hit, id, id);
    }
    t->ts = ts + random_range(2 * PACKET_TIME);
}

static void
init(struct trace *t)
{
    struct port_map *ports = port_map_create(0);

    port_map_add(ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p2", 0);
    *t = (struct trace) {
        .ports = ports,
        .context = { .ports = ports, .raw = true },
        .ts = BUILD_TS,
        .ds = DS_EMPTY_INITIALIZER,
    };
    build_executed(&t->upcall);
    build_pass_hit(&t->hit);
    build_pass_miss(&t->miss);
    build_pass_execute(&t->execute, "2", 0);
}

static void
uninit(struct trace *t)
{
    build_pass_uninit(&t->execute);
    build_pass_uninit(&t->miss);
    build_pass_uninit(&t->hit);
    build_uninit(&t->upcall);
    ds_destroy(&t->ds);
    port_map_destroy(t->ports);
}

int
main(int argc, char *argv[])
{
    struct trace t;
    uint64_t count;
    int seed;

    set_program_name(argv[0]);
    if (argc < 2 || argc > 3) {
        ovs_fatal(0, "usage: %s COUNT [SEED]", argv[0]);
    }
    count = strtoull(argv[1], NULL, 10);
    seed = argc > 2 ? MAX(1, atoi(argv[2])) : 1;
    random_set_seed(seed);
    init(&t);
    printf("{\"event\":\"startup\",\"started_ms\":1764000000000,"
           "\"target\":{\"pid\":%d},\"version\":\"1\","
           "\"wall_offset\":1763797611142483967}\n", seed);
    for (uint64_t i = 0; i < count; i++) {
        add_packet(&t);
    }
    while (t.n) {
        write_record(&t, random_range(t.n));
    }
    printf("{\"delivered\":null,\"dropped\":null,\"event\":\"end\","
           "\"file\":{\"missed\":%"PRIu64",\"next\":null,\"records\":%"PRIu64
           "},\"produced\":null}\n", t.n_missed, t.n_records);
    uninit(&t);
    return ferror(stdout) || fclose(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
