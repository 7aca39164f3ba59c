/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-rows.h"

#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* Returns what is told apart by 'kind': "outcome", "port"... */
const char *
stats_kind_name(enum stats_kind kind)
{
    static const char *const names[] = {
#define X(ENUM, NAME, PLURAL) [STATS_##ENUM] = NAME,
        STATS_KINDS
#undef X
    };

    return names[kind];
}

/* Returns the plural of stats_kind_name(). */
const char *
stats_kind_plural(enum stats_kind kind)
{
    static const char *const plurals[] = {
#define X(ENUM, NAME, PLURAL) [STATS_##ENUM] = PLURAL,
        STATS_KINDS
#undef X
    };

    return plurals[kind];
}

static void
add_outcomes(const struct upcall_stats *s, struct stats_rows *rows)
{
    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        struct stats_group *group
            = stats_rows_add_own(rows, upcall_outcome_name(i))->own;

        for (int class = 0; class < STATS_N_CLASSES; class++) {
            group->outcomes[i] += s->counts[class][i];
            histogram_merge(&group->total, &s->totals[class][i]);
        }
    }
    stats_rows_count_own(rows);
}

static void
add_classes(const struct upcall_stats *s, struct stats_rows *rows)
{
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        struct stats_group *group
            = stats_rows_add_own(rows, upcall_class_name(i))->own;

        for (int outcome = 0; outcome < STATS_N_OUTCOMES; outcome++) {
            group->outcomes[outcome] = s->counts[i][outcome];
            histogram_merge(&group->total, &s->totals[i][outcome]);
        }
    }
    stats_rows_count_own(rows);
}

static void
add_datapaths(const struct upcall_stats *s, struct stats_rows *rows)
{
    stats_rows_add_datapaths(rows, &s->ports);
}

static void
add_ports(const struct upcall_stats *s, struct stats_rows *rows)
{
    stats_rows_add_ports(rows, &s->ports);
}

static void
add_handlers(const struct upcall_stats *s, struct stats_rows *rows)
{
    const struct stats_handler *h;

    HMAP_FOR_EACH (h, item.node, &s->handlers) {
        struct ds name = DS_EMPTY_INITIALIZER;
        struct stats_row *row;

        upcall_put_comm(&name, h->comm);
        row = stats_rows_add(rows, ds_cstr(&name), &h->group);
        ds_destroy(&name);
        row->tid = h->tid;
        row->tgid = h->tgid;
        row->queue = &h->queue;
    }
    stats_rows_add_past(rows, s->n_past_handlers, &s->past_handlers);
}

/* Sets '*rows' to a row for each 'kind' that there is, those of most upcalls
 * first, but outcomes and classes in the order of their tables, with those
 * that had none.  The caller must free it with stats_rows_destroy().  It is
 * valid until 's' or its port map is changed. */
void
stats_rows_get(const struct upcall_stats *s, enum stats_kind kind,
               struct stats_rows *rows)
{
    static void (*const add[])(const struct upcall_stats *,
                               struct stats_rows *) = {
        [STATS_OUTCOME] = add_outcomes,
        [STATS_CLASS] = add_classes,
        [STATS_DATAPATH] = add_datapaths,
        [STATS_PORT] = add_ports,
        [STATS_HANDLER] = add_handlers,
    };

    stats_rows_init(rows, &upcall_stats_group_class);
    add[kind](s, rows);
    if (kind != STATS_OUTCOME && kind != STATS_CLASS) {
        stats_rows_sort(rows);
    }
}

/* More losses come first. */
static int
compare_sockets(const void *a_, const void *b_)
{
    const struct stats_socket *a = *(const struct stats_socket **) a_;
    const struct stats_socket *b = *(const struct stats_socket **) b_;

    if (a->lost != b->lost) {
        return a->lost > b->lost ? -1 : 1;
    } else {
        return a->portid < b->portid ? -1 : 1;
    }
}

/* Returns the sockets for which upcalls were lost, those with the most first,
 * in an array of '*n' elements that the caller has to free.  It is valid until
 * 's' is changed. */
const struct stats_socket **
stats_get_sockets(const struct upcall_stats *s, size_t *n)
{
    const struct stats_socket **sockets
        = xmalloc(MAX(1, hmap_count(&s->sockets)) * sizeof *sockets);
    const struct stats_socket *socket;

    *n = 0;
    HMAP_FOR_EACH (socket, item.node, &s->sockets) {
        if (socket->lost) {
            sockets[(*n)++] = socket;
        }
    }
    qsort(sockets, *n, sizeof *sockets, compare_sockets);
    return sockets;
}
