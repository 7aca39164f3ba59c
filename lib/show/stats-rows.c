/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-rows.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "store/port-map.h"
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

/* Adds a row without any upcalls, which is named 'name', or if that is NULL
 * has no name. */
static struct stats_row *
add_row(struct stats_rows *rows, const char *name)
{
    struct stats_row *row;

    if (rows->n == rows->allocated) {
        rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                sizeof *rows->rows);
    }
    row = &rows->rows[rows->n++];
    memset(row, 0, sizeof *row);
    row->name = nullable_xstrdup(name);
    return row;
}

static void
set_group(struct stats_row *row, const struct stats_group *group)
{
    row->count = stats_group_count(group);
    row->lost = group->outcomes[UPCALL_LOST];
    row->outcomes = group->outcomes;
    row->total = &group->total;
}

/* Adds a row for the 'n' things in 'group' that are not kept, if any. */
static void
add_past(struct stats_rows *rows, uint64_t n, const struct stats_group *group)
{
    if (n) {
        struct stats_row *row = add_row(rows, NULL);

        row->n_past = n;
        set_group(row, group);
    }
}

/* Gives 'row' a group of its own, in which upcalls can be added up. */
static struct stats_group *
own_group(struct stats_row *row)
{
    row->own = xzalloc(sizeof *row->own);
    set_group(row, row->own);
    return row->own;
}

static void
add_outcomes(const struct upcall_stats *s, struct stats_rows *rows)
{
    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        struct stats_row *row = add_row(rows, upcall_outcome_name(i));
        struct stats_group *group = own_group(row);

        for (int class = 0; class < STATS_N_CLASSES; class++) {
            group->outcomes[i] += s->counts[class][i];
            histogram_merge(&group->total, &s->totals[class][i]);
        }
        set_group(row, group);
    }
}

static void
add_classes(const struct upcall_stats *s, struct stats_rows *rows)
{
    for (int i = 0; i < STATS_N_CLASSES; i++) {
        struct stats_row *row = add_row(rows, upcall_class_name(i));
        struct stats_group *group = own_group(row);

        for (int outcome = 0; outcome < STATS_N_OUTCOMES; outcome++) {
            group->outcomes[outcome] = s->counts[i][outcome];
            histogram_merge(&group->total, &s->totals[i][outcome]);
        }
        set_group(row, group);
    }
}

static void
add_ports(const struct upcall_stats *s, struct stats_rows *rows)
{
    const struct stats_port *port;

    HMAP_FOR_EACH (port, item.node, &s->ports) {
        struct stats_row *row = add_row(rows, port->name);

        row->has_port = port->known;
        row->dp_ifindex = port->dp_ifindex;
        row->port_no = port->port_no;
        row->datapath = port_map_dp_name(s->port_map, port->dp_ifindex,
                                         port->item.last_ts);
        set_group(row, &port->group);
    }
    add_past(rows, s->n_past_ports, &s->past_ports);
}

static void
add_handlers(const struct upcall_stats *s, struct stats_rows *rows)
{
    const struct stats_handler *h;

    HMAP_FOR_EACH (h, item.node, &s->handlers) {
        struct ds name = DS_EMPTY_INITIALIZER;
        struct stats_row *row;

        upcall_put_comm(&name, h->comm);
        row = add_row(rows, ds_cstr(&name));
        ds_destroy(&name);
        row->tid = h->tid;
        row->tgid = h->tgid;
        row->queue = &h->queue;
        set_group(row, &h->group);
    }
    add_past(rows, s->n_past_handlers, &s->past_handlers);
}

/* Returns the row of datapath 'dp_ifindex', which is added if need be. */
static struct stats_row *
find_datapath(struct stats_rows *rows, uint32_t dp_ifindex)
{
    struct stats_row *row;

    for (size_t i = 0; i < rows->n; i++) {
        if (rows->rows[i].dp_ifindex == dp_ifindex) {
            return &rows->rows[i];
        }
    }
    row = add_row(rows, NULL);
    row->dp_ifindex = dp_ifindex;
    own_group(row);
    return row;
}

/* Adds 'src' to 'dst'. */
static void
add_group(struct stats_group *dst, const struct stats_group *src)
{
    for (int i = 0; i < STATS_N_OUTCOMES; i++) {
        dst->outcomes[i] += src->outcomes[i];
    }
    histogram_merge(&dst->total, &src->total);
}

/* Adds the upcalls of all ports of each datapath.  One that is not known, also
 * because the port is not kept any more, has index 0, which no network device
 * has. */
static void
add_datapaths(const struct upcall_stats *s, struct stats_rows *rows)
{
    const struct stats_port *port;

    HMAP_FOR_EACH (port, item.node, &s->ports) {
        struct stats_row *row = find_datapath(rows, port->dp_ifindex);
        const char *name = port_map_dp_name(s->port_map, port->dp_ifindex,
                                            port->item.last_ts);

        if (!row->name) {
            row->name = nullable_xstrdup(name);
        }
        add_group(row->own, &port->group);
    }
    if (s->n_past_ports) {
        add_group(find_datapath(rows, 0)->own, &s->past_ports);
    }
    for (size_t i = 0; i < rows->n; i++) {
        set_group(&rows->rows[i], rows->rows[i].own);
    }
}

/* More upcalls come first. */
static int
compare_rows(const void *a_, const void *b_)
{
    const struct stats_row *a = a_;
    const struct stats_row *b = b_;

    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    } else if (a->port_no != b->port_no) {
        return a->port_no < b->port_no ? -1 : 1;
    } else {
        return a->tid < b->tid ? -1 : a->tid > b->tid;
    }
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

    memset(rows, 0, sizeof *rows);
    add[kind](s, rows);
    if (rows->n && kind != STATS_OUTCOME && kind != STATS_CLASS) {
        qsort(rows->rows, rows->n, sizeof *rows->rows, compare_rows);
    }
}

/* Frees what '*rows' refers to. */
void
stats_rows_destroy(struct stats_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        struct stats_row *row = &rows->rows[i];

        if (row->own) {
            histogram_clear(&row->own->total);
        }
        free(row->own);
        free(row->name);
    }
    free(rows->rows);
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
