/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many records user space handles in a second, for "make bench-userspace":
 *
 *     bench-userspace --list
 *     bench-userspace STAGE COUNT
 *
 * Puts COUNT records through STAGE and prints the nanoseconds that this took.
 * The records are those of a ping whose flow is put, as build-record.c makes
 * them.
 */

#include <config.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "store/condition.h"
#include "store/history.h"
#include "store/pass-stats.h"
#include "store/port-map.h"
#include "store/upcall-stats.h"
#include "unit/build-pass.h"
#include "unit/build-record.h"
#include "util.h"

/* As much as the daemon keeps by default. */
#define HISTORY_LIMIT (32 << 20)

struct bench {
    void *record;
    size_t size;
    struct history *history;
    struct upcall_stats *stats;
    struct pass_record pass;
    struct pass_stats *pass_stats;
    struct port_map *ports;
    struct conditions slow, from_port;
    struct ds text;
    uint64_t sum;               /* So that no result is unused. */
};

/* Decodes the record 'seq' of the history. */
static void
decode(struct bench *b, uint64_t seq, struct upcall *upcall)
{
    size_t size;
    const void *record = history_get(b->history, seq, &size);
    char *error;

    if (!record || !upcall_parse(record, size, upcall, &error)) {
        ovs_fatal(0, "the record cannot be decoded");
    }
}

/* What the daemon does with each record when it arrives. */
static void
stage_history(struct bench *b, uint64_t i OVS_UNUSED)
{
    b->sum += history_add(b->history, b->record, b->size);
}

static void
stage_stats(struct bench *b, uint64_t i)
{
    struct upcall_record *rec = b->record;

    /* All times differ, and batches have 50. */
    rec->exec_duration = 50000 + i % 4096;
    rec->batch = i / 50;
    upcall_stats_add(b->stats, rec);
    b->sum++;
}

/* The same where each upcall comes from another of 'n_ports' ports, 100 000 of
 * them in a second. */
static void
count_of_ports(struct bench *b, uint64_t i, uint32_t n_ports)
{
    struct upcall_record *rec = b->record;

    rec->port_no = 1 + i * 7919 % n_ports;
    rec->ts += 10000;
    rec->enqueue_ts += 10000;
    rec->recv_ts += 10000;
    rec->put_ts += 10000;
    rec->exec_ts += 10000;
    stage_stats(b, i);
}

static void
stage_100_ports(struct bench *b, uint64_t i)
{
    count_of_ports(b, i, 100);
}

static void
stage_1024_ports(struct bench *b, uint64_t i)
{
    count_of_ports(b, i, 1024);
}

static void
stage_2000_ports(struct bench *b, uint64_t i)
{
    count_of_ports(b, i, 2000);
}

static void
stage_10000_ports(struct bench *b, uint64_t i)
{
    count_of_ports(b, i, 10000);
}

/* What the daemon does for the statistics of a pass that hits a flow and whose
 * end is known, with its decoding. */
static void
stage_passes(struct bench *b, uint64_t i)
{
    struct pass p;
    char *error;

    b->pass.lookup_ns = 500 + i % 4096;
    b->pass.end_ns = 50000 + i % 4096;
    if (pass_parse(&b->pass, sizeof b->pass, &p, &error)) {
        pass_stats_add(b->pass_stats, &p);
        b->sum++;
    }
}

static void
passes_of_ports(struct bench *b, uint64_t i, uint32_t n_ports)
{
    b->pass.port_no = 1 + i * 7919 % n_ports;
    b->pass.ts += 1000;
    stage_passes(b, i);
}

static void
stage_passes_1024_ports(struct bench *b, uint64_t i)
{
    passes_of_ports(b, i, 1024);
}

static void
stage_passes_10000_ports(struct bench *b, uint64_t i)
{
    passes_of_ports(b, i, 10000);
}

/* A condition of --trigger that the record does not meet, as most do not. */
static void
stage_slow(struct bench *b, uint64_t i OVS_UNUSED)
{
    b->sum += 1 + conditions_match(&b->slow, b->record, b->ports);
}

/* The same where the name of the port has to be found. */
static void
stage_from_port(struct bench *b, uint64_t i OVS_UNUSED)
{
    b->sum += 1 + conditions_match(&b->from_port, b->record, b->ports);
}

/* What it does first with each record that is asked for. */
static void
stage_decode(struct bench *b, uint64_t i)
{
    struct upcall_latency latency;
    struct upcall upcall;

    decode(b, 1 + i % 1000, &upcall);
    upcall_get_latency(upcall.rec, &latency);
    b->sum += latency.ns[UPCALL_STAGE_TOTAL];
}

static void
stage_json(struct bench *b, uint64_t i)
{
    struct upcall upcall;
    struct json_writer w;

    decode(b, 1 + i % 1000, &upcall);
    ds_clear(&b->text);
    json_writer_init(&w, &b->text);
    upcall_json_write(&w, &upcall, i, b->ports, NULL);
    b->sum += b->text.length;
}

static void
stage_text(struct bench *b, uint64_t i)
{
    struct upcall upcall;

    decode(b, 1 + i % 1000, &upcall);
    ds_clear(&b->text);
    upcall_format(&upcall, b->ports, NULL, &b->text);
    b->sum += b->text.length;
}

static const struct stage {
    const char *name;
    void (*cb)(struct bench *, uint64_t i);
} stages[] = {
    { "history", stage_history },
    { "stats", stage_stats },
    { "ports-100", stage_100_ports },
    { "ports-1024", stage_1024_ports },
    { "ports-2000", stage_2000_ports },
    { "ports-10000", stage_10000_ports },
    { "passes", stage_passes },
    { "passes-1024", stage_passes_1024_ports },
    { "passes-10000", stage_passes_10000_ports },
    { "trigger-slow", stage_slow },
    { "trigger-port", stage_from_port },
    { "decode", stage_decode },
    { "json", stage_json },
    { "text", stage_text },
};

/* Does 'stage' 'count' times.  Callgrind counts what is called from here. */
static void __attribute__((noinline))
run_stage(const struct stage *stage, struct bench *b, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        stage->cb(b, i);
    }
}

static void
add_condition(struct conditions *c, const char *text)
{
    conditions_init(c);
    if (conditions_parse(c, text)) {
        ovs_fatal(0, "%s is no condition", text);
    }
}

static void
bench_init(struct bench *b)
{
    struct build_pass build_pass;
    struct build build;

    build_executed(&build);
    b->record = build_get(&build, &b->size);
    build_uninit(&build);
    b->history = history_create(HISTORY_LIMIT, false);
    b->ports = port_map_create(16);
    port_map_add(b->ports, BUILD_DP_IFINDEX, 2, "p2", 0);
    port_map_add(b->ports, BUILD_DP_IFINDEX, 3, "p3", 0);
    for (uint32_t port_no = 4; port_no <= 10000; port_no++) {
        char name[16];

        snprintf(name, sizeof name, "p%"PRIu32, port_no);
        port_map_add(b->ports, BUILD_DP_IFINDEX, port_no, name, 0);
    }
    b->stats = upcall_stats_create(b->ports);
    build_pass_hit(&build_pass);
    b->pass = build_pass.rec;
    b->pass.flags |= PASS_F_DONE;
    build_pass_uninit(&build_pass);
    b->pass_stats = pass_stats_create(b->ports);
    add_condition(&b->slow, "total>5ms");
    add_condition(&b->from_port, "port=p2");
    ds_init(&b->text);
    b->sum = 0;
    for (int i = 0; i < 1000; i++) {
        history_add(b->history, b->record, b->size);
    }
}

static void
bench_destroy(struct bench *b)
{
    ds_destroy(&b->text);
    conditions_destroy(&b->slow);
    conditions_destroy(&b->from_port);
    upcall_stats_destroy(b->stats);
    pass_stats_destroy(b->pass_stats);
    port_map_destroy(b->ports);
    history_destroy(b->history);
    free(b->record);
}

static const struct stage *
find_stage(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
        if (!strcmp(stages[i].name, name)) {
            return &stages[i];
        }
    }
    ovs_fatal(0, "unknown stage %s: see --list", name);
}

int
main(int argc, char *argv[])
{
    const struct stage *stage;
    struct bench b;
    uint64_t start;
    int count;

    set_program_name(argv[0]);
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
            puts(stages[i].name);
        }
        return 0;
    }
    if (argc != 3 || !str_to_int(argv[2], 10, &count) || count < 1) {
        ovs_fatal(0, "usage: %s --list | STAGE COUNT", program_name);
    }
    stage = find_stage(argv[1]);
    bench_init(&b);
    start = clock_ns();
    run_stage(stage, &b, count);
    printf("%"PRIu64"\n", clock_ns() - start);
    bench_destroy(&b);
    return b.sum ? 0 : 1;
}
