/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_WATCH_H
#define LIB_WATCH_H 1

/* What the command watch knows of a trace that it follows: how much there was
 * in the last interval and since it began, in tables of ports, handlers and so
 * on.  show/watch-screen.h makes screens of it.
 *
 * Records are counted when they arrive, so that an interval has those upcalls
 * that ended in it.  All memory is bounded, as in store/upcall-stats.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/upcall-record.h"
#include "store/thread-cpu.h"

struct json;
struct pass;
struct port_map;

/* The tables.
 *
 * X(ENUM, NAME, PLURAL) */
#define WATCH_TABLES                    \
    X(STAGE, "stage", "stages")         \
    X(LOSS, "loss", "losses")           \
    X(PORT, "port", "ports")            \
    X(HANDLER, "handler", "handlers")   \
    X(CLASS, "class", "classes")        \
    X(OUTCOME, "outcome", "outcomes")   \
    X(PASS, "pass", "passes")

enum watch_table_kind {
#define X(ENUM, NAME, PLURAL) WATCH_##ENUM,
    WATCH_TABLES
#undef X
    WATCH_N_TABLES
};

/* By what the rows of tables are sorted.
 *
 * X(ENUM, NAME, DESCRIPTION) */
#define WATCH_SORTS                                                     \
    X(RATE, "rate", "most in the last interval first")                  \
    X(LOST, "lost", "most losses first, in the last interval and then " \
      "in all")                                                         \
    X(P99, "p99", "longest 99th percentile first")                      \
    X(CPU, "cpu", "handlers that use most CPU time first")              \
    X(TOTAL, "total", "most since the start first")                     \
    X(NAME, "name", "by name")

enum watch_sort {
#define X(ENUM, NAME, DESCRIPTION) WATCH_SORT_##ENUM,
    WATCH_SORTS
#undef X
    WATCH_N_SORTS
};

const char *watch_table_name(int kind);
const char *watch_table_plural(int kind);
const char *watch_sort_name(int sort);

/* How many there were. */
struct watch_count {
    uint64_t now;               /* In the last interval. */
    uint64_t all;               /* Since the start. */
};

/* Times in ns. */
struct watch_times {
    uint64_t n;                 /* How many; if 0, all others are. */
    uint64_t p50, p90, p99, p999, max;
};

/* A row of a table. */
struct watch_row {
    char *name;                 /* As it is to be printed. */
    struct watch_count count;   /* Upcalls, passes or losses. */
    struct watch_count lost;    /* Of these, lost upcalls or packets that were
                                 * dropped. */
    struct watch_times times;   /* Of the last interval: of upcalls, their
                                 * total; of handlers, how long upcalls waited
                                 * in the queue; of passes, the lookup. */
    struct watch_times times_all;       /* Of a stage: since the start. */

    /* Of a handler. */
    uint32_t tid, tgid;         /* Thread and process. */
    double cpu;                 /* Share of a CPU in the last interval, -1 if
                                 * unknown. */
    bool has_queue;             /* Are these known, of the only socket of the
                                 * handler, which is of no other? */
    uint32_t queue_len;         /* Longest queue in the last interval. */
    struct watch_count queue_drops;     /* Messages that it had no room for. */
};

struct watch_table {
    struct watch_row *rows;
    size_t n, allocated;
};

enum watch_state {
    WATCH_NO_TRACE,             /* None has begun. */
    WATCH_RUNNING,
    WATCH_ENDED,                /* The last one has ended. */
};

/* All that a screen shows. */
struct watch_figures {
    enum watch_state state;
    uint64_t seq;               /* Goes up by one with each interval. */
    uint64_t interval;          /* Length of the last one, ns; 0 if there was
                                 * none yet. */
    uint64_t since;             /* How long ago counting began, ns. */
    struct watch_count upcalls, lost;
    bool has_passes;            /* Were there any? */
    struct watch_count passes;
    struct watch_count pass_drops;      /* Packets that passes dropped. */
    struct watch_count missed;  /* Records that the daemon's history forgot
                                 * before they were read. */
    bool knows_dropped;         /* Has the daemon told this? */
    struct watch_count dropped; /* Records that the trace dropped. */
    struct watch_count damaged; /* Records that make no sense. */
    struct watch_table tables[WATCH_N_TABLES];
};

void watch_figures_init(struct watch_figures *);
void watch_figures_uninit(struct watch_figures *);

/* Following a trace. */
struct watch *watch_create(thread_cpu_func *, void *aux);
void watch_destroy(struct watch *);

void watch_begin(struct watch *, const struct port_map *, uint64_t now);
void watch_end(struct watch *);
enum watch_state watch_get_state(const struct watch *);
void watch_reset(struct watch *, uint64_t now);
void watch_add_upcall(struct watch *, const struct upcall_record *);
void watch_add_pass(struct watch *, const struct pass *);
void watch_add_gap(struct watch *, uint64_t n);
void watch_add_damaged(struct watch *);
void watch_set_dropped(struct watch *, const struct json *counts,
                       const struct json *pass_counts);

void watch_skip(struct watch *, uint64_t now);
void watch_take(struct watch *, uint64_t now, struct watch_figures *);

#endif /* lib/store/watch.h */
