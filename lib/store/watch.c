/* SPDX-License-Identifier: Apache-2.0 */

/* What watch knows of a trace.
 *
 * Everything is counted twice: since the start, and in the interval, of which
 * figures are made when it ends. */

#include <config.h>

#include "store/watch-private.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* Names. */

/* Returns the name of a table, such as "port". */
const char *
watch_table_name(int kind)
{
    static const char *const names[] = {
#define X(ENUM, NAME, PLURAL) NAME,
        WATCH_TABLES
#undef X
    };

    return names[kind];
}

/* Returns the plural of it. */
const char *
watch_table_plural(int kind)
{
    static const char *const plurals[] = {
#define X(ENUM, NAME, PLURAL) PLURAL,
        WATCH_TABLES
#undef X
    };

    return plurals[kind];
}

/* Returns the name of 'sort', an enum watch_sort, or NULL. */
const char *
watch_sort_name(int sort)
{
    static const char *const names[] = {
#define X(ENUM, NAME, DESCRIPTION) NAME,
        WATCH_SORTS
#undef X
    };

    return sort >= 0 && sort < ARRAY_SIZE(names) ? names[sort] : NULL;
}

/* Figures. */

/* Makes 'f' figures of nothing, which the caller frees with
 * watch_figures_uninit(). */
void
watch_figures_init(struct watch_figures *f)
{
    memset(f, 0, sizeof *f);
}

/* Frees what 'f' refers to. */
void
watch_figures_uninit(struct watch_figures *f)
{
    for (int i = 0; i < WATCH_N_TABLES; i++) {
        watch_table_clear(&f->tables[i]);
        free(f->tables[i].rows);
    }
}

/* Sets 't' to the times in 'h'. */
void
watch_times_set(struct watch_times *t, const struct histogram *h)
{
    memset(t, 0, sizeof *t);
    if (h->count) {
        *t = (struct watch_times) {
            .n = h->count,
            .p50 = histogram_percentile(h, 500),
            .p90 = histogram_percentile(h, 900),
            .p99 = histogram_percentile(h, 990),
            .p999 = histogram_percentile(h, 999),
            .max = h->max,
        };
    }
}

/* Following. */

/* Returns what knows of no trace yet, which the caller frees with
 * watch_destroy().  It asks 'get_cpu', called with 'aux', for the CPU time of
 * handlers. */
struct watch *
watch_create(thread_cpu_func *get_cpu, void *aux)
{
    struct watch *w = xzalloc(sizeof *w);

    watch_receivers_init(&w->receivers, get_cpu, aux);
    return w;
}

static void
destroy_stats(struct watch *w)
{
    upcall_stats_destroy(w->all);
    upcall_stats_destroy(w->now);
    pass_stats_destroy(w->all_passes);
    pass_stats_destroy(w->now_passes);
    w->all = w->now = NULL;
    w->all_passes = w->now_passes = NULL;
}

/* Frees 'w', which may be NULL. */
void
watch_destroy(struct watch *w)
{
    if (w) {
        destroy_stats(w);
        watch_receivers_destroy(&w->receivers);
        free(w);
    }
}

/* Forgets the trace before, if any, because another one begins at 'now',
 * CLOCK_MONOTONIC in ns, whose ports are in 'ports', which must be there until
 * the next one begins or 'w' is destroyed. */
void
watch_begin(struct watch *w, const struct port_map *ports, uint64_t now)
{
    destroy_stats(w);
    w->ports = ports;
    w->all = upcall_stats_create(ports);
    w->now = upcall_stats_create(ports);
    w->knows_dropped = false;
    memset(w->dropped, 0, sizeof w->dropped);
    memset(w->pass_dropped, 0, sizeof w->pass_dropped);
    w->missed = w->damaged = (struct watch_count) { 0, 0 };
    watch_receivers_reset(&w->receivers);
    w->state = WATCH_RUNNING;
    w->since = w->from = now;
}

/* Notes that the trace has ended.  What is known of it stays. */
void
watch_end(struct watch *w)
{
    w->state = WATCH_ENDED;
}

/* Returns whether there is a trace. */
enum watch_state
watch_get_state(const struct watch *w)
{
    return w->state;
}

static void
reset_drops(struct watch_drop *drops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        drops[i].base = drops[i].last = drops[i].total;
    }
}

static void
clear_interval(struct watch *w)
{
    if (w->now) {
        upcall_stats_clear(w->now);
    }
    if (w->now_passes) {
        pass_stats_clear(w->now_passes);
    }
    w->missed.now = w->damaged.now = 0;
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        w->dropped[i].last = w->dropped[i].total;
    }
    for (int i = 0; i < PASS_N_DROPS; i++) {
        w->pass_dropped[i].last = w->pass_dropped[i].total;
    }
}

/* Has all that was counted so far not count any more: it starts at 'now',
 * CLOCK_MONOTONIC in ns. */
void
watch_reset(struct watch *w, uint64_t now)
{
    if (w->all) {
        upcall_stats_clear(w->all);
    }
    if (w->all_passes) {
        pass_stats_clear(w->all_passes);
    }
    w->missed.all = w->damaged.all = 0;
    reset_drops(w->dropped, UPCALL_N_DROPS);
    reset_drops(w->pass_dropped, PASS_N_DROPS);
    watch_receivers_reset(&w->receivers);
    w->since = now;
    watch_skip(w, now);
}

/* Counts an upcall, 'rec', which must be one that upcall_parse() accepts, and
 * of the trace that has begun last. */
void
watch_add_upcall(struct watch *w, const struct upcall_record *rec)
{
    if (w->all) {
        upcall_stats_add(w->all, rec);
        upcall_stats_add(w->now, rec);
        if (rec->flags & UPCALL_F_RECEIVED) {
            watch_receivers_count(&w->receivers, rec);
        }
    }
}

/* The same for a pass. */
void
watch_add_pass(struct watch *w, const struct pass *p)
{
    if (!w->all_passes && w->all) {
        w->all_passes = pass_stats_create(w->ports);
        w->now_passes = pass_stats_create(w->ports);
    }
    if (w->all_passes) {
        pass_stats_add(w->all_passes, p);
        pass_stats_add(w->now_passes, p);
    }
}

/* Counts 'n' records that were missed, of whatever kind. */
void
watch_add_gap(struct watch *w, uint64_t n)
{
    w->missed.now += n;
    w->missed.all += n;
}

/* Counts a record that makes no sense. */
void
watch_add_damaged(struct watch *w)
{
    w->damaged.now++;
    w->damaged.all++;
}

/* Records that the trace has dropped. */

/* Takes over the number that 'causes', an object of JSON, has for 'name', if
 * it has one. */
static void
set_drop(struct watch_drop *drop, const struct json *causes, const char *name,
         bool is_first)
{
    const struct json *n = shash_find_data(json_object(causes), name);

    if (n && n->type == JSON_INTEGER && json_integer(n) >= 0) {
        drop->total = json_integer(n);
    }
    if (is_first) {
        drop->last = drop->total;
    }
}

/* Returns what 'counts' has by cause, or NULL. */
static const struct json *
get_causes(const struct json *counts)
{
    const struct json *causes;

    causes = (counts && counts->type == JSON_OBJECT
              ? shash_find_data(json_object(counts), "by_cause") : NULL);
    return causes && causes->type == JSON_OBJECT ? causes : NULL;
}

/* Takes over from 'counts', and from 'pass_counts', how many records of
 * upcalls, and of passes, were dropped since the trace began: both are as in
 * the daemon's status, or NULL, and whatever else they are is ignored.  What
 * was dropped before this is called first is of no interval. */
void
watch_set_dropped(struct watch *w, const struct json *counts,
                  const struct json *pass_counts)
{
    const struct json *causes = get_causes(counts);
    const struct json *pass_causes = get_causes(pass_counts);
    bool is_first = !w->knows_dropped;

    for (int i = 0; causes && i < UPCALL_N_DROPS; i++) {
        set_drop(&w->dropped[i], causes, upcall_drop_name(i), is_first);
    }
    for (int i = 0; pass_causes && i < PASS_N_DROPS; i++) {
        set_drop(&w->pass_dropped[i], pass_causes, pass_drop_name(i),
                 is_first);
    }
    w->knows_dropped = w->knows_dropped || causes;
}

/* Making figures. */

/* Has another interval begin at 'now', CLOCK_MONOTONIC in ns, and forgets the
 * last one. */
void
watch_skip(struct watch *w, uint64_t now)
{
    clear_interval(w);
    watch_receivers_skip(&w->receivers);
    w->from = now;
}

static uint64_t
count_pass_drops(const struct pass_stats *s)
{
    uint64_t n = 0;

    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        n += s->outcomes[i].dropped;
    }
    return n;
}

static void
take_dropped(const struct watch_drop *drops, size_t n, struct watch_count *c)
{
    for (size_t i = 0; i < n; i++) {
        c->now += drops[i].total - MIN(drops[i].last, drops[i].total);
        c->all += drops[i].total - MIN(drops[i].base, drops[i].total);
    }
}

static void
take_counts(const struct watch *w, struct watch_figures *f)
{
    f->missed = w->missed;
    f->damaged = w->damaged;
    f->knows_dropped = w->knows_dropped;
    take_dropped(w->dropped, UPCALL_N_DROPS, &f->dropped);
    take_dropped(w->pass_dropped, PASS_N_DROPS, &f->dropped);
    if (w->all) {
        f->upcalls = (struct watch_count) { w->now->count, w->all->count };
        f->lost = (struct watch_count) { upcall_stats_lost(w->now),
                                         upcall_stats_lost(w->all) };
    }
    if (w->all_passes) {
        f->has_passes = true;
        f->passes = (struct watch_count) { w->now_passes->count,
                                           w->all_passes->count };
        f->pass_drops = (struct watch_count) {
            count_pass_drops(w->now_passes), count_pass_drops(w->all_passes)
        };
    }
}

/* Sets 'f' to the figures of the interval that ends at 'now', CLOCK_MONOTONIC
 * in ns, and has another one begin. */
void
watch_take(struct watch *w, uint64_t now, struct watch_figures *f)
{
    watch_figures_uninit(f);
    watch_figures_init(f);
    f->state = w->state;
    f->seq = ++w->seq;
    f->interval = now > w->from ? now - w->from : 0;
    f->since = now > w->since ? now - w->since : 0;
    take_counts(w, f);
    watch_fill_tables(w, f);
    clear_interval(w);
    w->from = now;
}
