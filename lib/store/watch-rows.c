/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of watch.  Each has a row for what has been seen since the start,
 * to which what there was in the interval is put. */

#include <config.h>

#include "store/watch-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* Appends a row called 'name', which it takes the ownership of, with nothing
 * known. */
struct watch_row *
watch_table_add(struct watch_table *t, char *name)
{
    if (t->n >= t->allocated) {
        t->rows = x2nrealloc(t->rows, &t->allocated, sizeof *t->rows);
    }
    t->rows[t->n] = (struct watch_row) { .name = name, .cpu = -1 };
    return &t->rows[t->n++];
}

/* Removes all rows. */
void
watch_table_clear(struct watch_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->rows[i].name);
    }
    t->n = 0;
}

/* Sets what 'row' has of upcalls: 'all' since the start, and 'now', which may
 * be NULL for none, in the interval. */
static void
set_upcalls(struct watch_row *row, const struct stats_group *all,
            const struct stats_group *now)
{
    const struct stats_group_class *class = &upcall_stats_group_class;

    row->count.all = class->count(all);
    row->lost.all = all->outcomes[UPCALL_LOST];
    if (now) {
        row->count.now = class->count(now);
        row->lost.now = now->outcomes[UPCALL_LOST];
        watch_times_set(&row->times, &now->total);
    }
}

/* Stages. */

/* Sets 't' to the times of 'stage'. */
static void
take_stage(const struct upcall_stats *s, enum upcall_stage stage,
           struct watch_times *t)
{
    struct histogram h;

    upcall_stats_get_stage(s, stage, &h);
    watch_times_set(t, &h);
    histogram_clear(&h);
}

/* Adds a row for 'stage', if any upcall has it. */
static void
add_stage(const struct watch *w, enum upcall_stage stage,
          struct watch_table *t)
{
    struct watch_times all;

    take_stage(w->all, stage, &all);
    if (all.n) {
        struct watch_row *row
            = watch_table_add(t, xstrdup(upcall_stage_name(stage)));

        row->times_all = all;
        take_stage(w->now, stage, &row->times);
        row->count = (struct watch_count) { row->times.n, all.n };
    }
}

/* The total comes first, and then what it consists of. */
static void
fill_stages(const struct watch *w, struct watch_table *t)
{
    add_stage(w, UPCALL_STAGE_TOTAL, t);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (i != UPCALL_STAGE_TOTAL) {
            add_stage(w, i, t);
        }
    }
}

static char *
past_name(uint64_t n)
{
    return xasprintf("(%"PRIu64" earlier ones)", n);
}

/* Ports. */

static char *
port_name(const struct stats_port *port)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    if (port->name) {
        printable_put_string(&ds, port->name);
    } else if (port->known) {
        ds_put_format(&ds, "port %"PRIu32, port->port_no);
    } else {
        ds_put_cstr(&ds, "unknown");
    }
    return ds_steal_cstr(&ds);
}

/* Returns the port of 's' that is the same as 'port', or NULL. */
static const struct stats_port *
find_port(const struct stats_ports *s, const struct stats_port *port)
{
    const struct stats_port *p;

    HMAP_FOR_EACH_WITH_HASH (p, item.node, port->item.node.hash, &s->ports) {
        if (p->known == port->known && p->dp_ifindex == port->dp_ifindex
            && p->port_no == port->port_no
            && nullable_string_is_equal(p->name, port->name)) {
            return p;
        }
    }
    return NULL;
}

static void
fill_ports(const struct watch *w, struct watch_table *t)
{
    const struct stats_port *port;

    HMAP_FOR_EACH (port, item.node, &w->all->ports.ports) {
        const struct stats_port *now = find_port(&w->now->ports, port);

        set_upcalls(watch_table_add(t, port_name(port)), port->group,
                    now ? now->group : NULL);
    }
    if (w->all->ports.n_past) {
        set_upcalls(watch_table_add(t, past_name(w->all->ports.n_past)),
                    w->all->ports.past, w->now->ports.past);
    }
}

/* Handlers. */

static char *
handler_name(const struct stats_handler *handler)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    upcall_put_comm(&ds, handler->comm);
    ds_put_format(&ds, " (%"PRIu32")", handler->tid);
    return ds_steal_cstr(&ds);
}

static const struct stats_handler *
find_handler(const struct upcall_stats *s, const struct stats_handler *handler)
{
    const struct stats_handler *h;

    HMAP_FOR_EACH_WITH_HASH (h, item.node, handler->item.node.hash,
                             &s->handlers) {
        if (h->tid == handler->tid && h->tgid == handler->tgid) {
            return h;
        }
    }
    return NULL;
}

static void
fill_handlers(struct watch *w, struct watch_table *t)
{
    const struct stats_handler *handler;

    HMAP_FOR_EACH (handler, item.node, &w->all->handlers) {
        const struct stats_handler *now = find_handler(w->now, handler);
        struct watch_row *row = watch_table_add(t, handler_name(handler));

        row->tid = handler->tid;
        row->tgid = handler->tgid;
        set_upcalls(row, &handler->group, now ? &now->group : NULL);
        memset(&row->times, 0, sizeof row->times);
        if (now) {
            watch_times_set(&row->times, &now->queue);
        }
    }
    watch_receivers_fill(&w->receivers, t);
    if (w->all->n_past_handlers) {
        set_upcalls(watch_table_add(t, past_name(w->all->n_past_handlers)),
                    &w->all->past_handlers, &w->now->past_handlers);
    }
}

/* Classes and outcomes. */

/* Sets '*g', which is to be cleared, to the upcalls of 's' that have 'class'
 * and 'outcome', -1 for any. */
static void
sum_up(const struct upcall_stats *s, int class, int outcome,
       struct stats_group *g)
{
    memset(g, 0, sizeof *g);
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        for (int j = 0; j < STATS_N_OUTCOMES; j++) {
            if ((class < 0 || i == class) && (outcome < 0 || j == outcome)) {
                g->outcomes[j] += s->counts[i][j];
                histogram_merge(&g->total, &s->totals[i][j]);
            }
        }
    }
}

/* Adds a row for what sum_up() finds, if there is anything. */
static void
add_sum(const struct watch *w, struct watch_table *t, int class, int outcome,
        const char *name)
{
    const struct stats_group_class *c = &upcall_stats_group_class;
    struct stats_group all, now;

    sum_up(w->all, class, outcome, &all);
    if (c->count(&all)) {
        sum_up(w->now, class, outcome, &now);
        set_upcalls(watch_table_add(t, xstrdup(name ? name : "unknown")),
                    &all, &now);
        c->clear(&now);
    }
    c->clear(&all);
}

/* Passes. */

static void
fill_passes(const struct watch *w, struct watch_table *t)
{
    for (int i = 0; i < PASS_N_LOOKUPS; i++) {
        const struct pass_group *all = &w->all_passes->outcomes[i];
        const struct pass_group *now = &w->now_passes->outcomes[i];

        if (all->outcomes[i]) {
            struct watch_row *row
                = watch_table_add(t, xstrdup(pass_lookup_name(i)));

            row->count.all = all->outcomes[i];
            row->count.now = now->outcomes[i];
            row->lost.all = all->dropped;
            row->lost.now = now->dropped;
            watch_times_set(&row->times, &now->lookup);
        }
    }
}

/* Losses. */

static void
add_loss(struct watch_table *t, char *name, uint64_t now, uint64_t all)
{
    struct watch_row *row = watch_table_add(t, name);

    row->count = row->lost = (struct watch_count) { .now = now, .all = all };
}

static char *
socket_loss_name(const struct stats_socket *socket, int error)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&ds, "lost: ");
    if (error) {
        upcall_put_errno_name(&ds, error);
    } else {
        ds_put_cstr(&ds, "other reasons");
    }
    if (socket->tid) {
        ds_put_char(&ds, ' ');
        upcall_put_comm(&ds, socket->comm);
        ds_put_char(&ds, ',');
    }
    ds_put_format(&ds, " socket %"PRIu32, socket->portid);
    return ds_steal_cstr(&ds);
}

/* Returns how many upcalls of 's' were lost for 'error' at the same socket as
 * 'socket'. */
static uint64_t
count_lost(const struct upcall_stats *s, const struct stats_socket *socket,
           int error)
{
    const struct stats_socket *other;

    HMAP_FOR_EACH_WITH_HASH (other, item.node, socket->item.node.hash,
                             &s->sockets) {
        for (size_t i = 0; other->portid == socket->portid
                           && i < other->n_errors; i++) {
            if (other->errors[i].error == error) {
                return other->errors[i].n;
            }
        }
    }
    return 0;
}

static void
fill_lost(const struct watch *w, struct watch_table *t)
{
    const struct stats_socket *socket;

    HMAP_FOR_EACH (socket, item.node, &w->all->sockets) {
        for (size_t i = 0; i < socket->n_errors; i++) {
            const struct stats_error *e = &socket->errors[i];

            add_loss(t, socket_loss_name(socket, e->error),
                     count_lost(w->now, socket, e->error), e->n);
        }
    }
    if (w->all->past_sockets_lost) {
        add_loss(t, xasprintf("lost: %"PRIu64" earlier sockets",
                              w->all->n_past_sockets),
                 w->now->past_sockets_lost, w->all->past_sockets_lost);
    }
}

/* Adds a row for 'drop', if there is anything. */
static void
add_drop(struct watch_table *t, const struct watch_drop *drop,
         const char *cause, const char *records)
{
    if (drop->total > drop->base) {
        add_loss(t, xasprintf("dropped: %s, %s", cause, records),
                 drop->total - MIN(drop->last, drop->total),
                 drop->total - drop->base);
    }
}

static void
fill_losses(const struct watch *w, struct watch_table *t)
{
    if (w->all) {
        fill_lost(w, t);
    }
    for (int i = 0; i < UPCALL_N_DROPS; i++) {
        add_drop(t, &w->dropped[i], upcall_drop_name(i), "upcalls");
    }
    for (int i = 0; i < PASS_N_DROPS; i++) {
        add_drop(t, &w->pass_dropped[i], pass_drop_name(i), "passes");
    }
    if (w->missed.all) {
        add_loss(t, xstrdup("missed: too slow for the history"),
                 w->missed.now, w->missed.all);
    }
    if (w->damaged.all) {
        add_loss(t, xstrdup("damaged: they make no sense"), w->damaged.now,
                 w->damaged.all);
    }
}

/* Fills the tables of 'f', which are empty, and ends the interval of the
 * handlers. */
void
watch_fill_tables(struct watch *w, struct watch_figures *f)
{
    fill_losses(w, &f->tables[WATCH_LOSS]);
    if (w->all) {
        fill_stages(w, &f->tables[WATCH_STAGE]);
        fill_ports(w, &f->tables[WATCH_PORT]);
        fill_handlers(w, &f->tables[WATCH_HANDLER]);
        for (int i = 0; i < STATS_N_CLASSES; i++) {
            add_sum(w, &f->tables[WATCH_CLASS], i, -1, upcall_class_name(i));
        }
        for (int i = 0; i < STATS_N_OUTCOMES; i++) {
            add_sum(w, &f->tables[WATCH_OUTCOME], -1, i,
                    upcall_outcome_name(i));
        }
    }
    if (w->all_passes) {
        fill_passes(w, &f->tables[WATCH_PASS]);
    }
}
