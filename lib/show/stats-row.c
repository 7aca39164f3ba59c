/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/stats-row.h"

#include <stdlib.h>
#include <string.h>

#include "store/port-map.h"
#include "store/stats-ports.h"
#include "util.h"

/* Makes '*rows' empty.  The records are counted in groups of 'class'.  The
 * caller must free it with stats_rows_destroy(). */
void
stats_rows_init(struct stats_rows *rows, const struct stats_group_class *class)
{
    memset(rows, 0, sizeof *rows);
    rows->class = class;
}

static void
destroy_row(const struct stats_rows *rows, struct stats_row *row)
{
    if (row->own) {
        rows->class->clear(row->own);
    }
    free(row->own);
    free(row->name);
}

/* Frees what '*rows' refers to. */
void
stats_rows_destroy(struct stats_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        destroy_row(rows, &rows->rows[i]);
    }
    free(rows->rows);
}

/* Has 'row' say what is in 'group', which must live as long. */
static void
set_group(const struct stats_rows *rows, struct stats_row *row,
          const void *group)
{
    row->group = group;
    row->count = rows->class->count(group);
}

/* Adds a row, which is named 'name', or if that is NULL has no name, of the
 * records in 'group', which must live as long.  Returns it; it is valid until
 * the next one is added. */
struct stats_row *
stats_rows_add(struct stats_rows *rows, const char *name, const void *group)
{
    struct stats_row *row;

    if (rows->n == rows->allocated) {
        rows->rows = x2nrealloc(rows->rows, &rows->allocated,
                                sizeof *rows->rows);
    }
    row = &rows->rows[rows->n++];
    memset(row, 0, sizeof *row);
    row->name = nullable_xstrdup(name);
    set_group(rows, row, group);
    return row;
}

/* Does the same for a row that has a group of its own, 'own', in which the
 * caller adds up records.  Call stats_rows_count_own() when that is done. */
struct stats_row *
stats_rows_add_own(struct stats_rows *rows, const char *name)
{
    void *own = xzalloc(rows->class->size);
    struct stats_row *row = stats_rows_add(rows, name, own);

    row->own = own;
    return row;
}

/* Counts the records of the rows that have a group of their own. */
void
stats_rows_count_own(struct stats_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->rows[i].own) {
            set_group(rows, &rows->rows[i], rows->rows[i].own);
        }
    }
}

/* Adds a row for the 'n' things in 'group' that are not kept, if any. */
void
stats_rows_add_past(struct stats_rows *rows, uint64_t n, const void *group)
{
    if (n) {
        stats_rows_add(rows, NULL, group)->n_past = n;
    }
}

/* More records come first. */
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

/* Sorts 'rows', those of most records first. */
void
stats_rows_sort(struct stats_rows *rows)
{
    if (rows->n) {
        qsort(rows->rows, rows->n, sizeof *rows->rows, compare_rows);
    }
}

/* Ports. */

static const char *
get_dp_name(const struct stats_ports *ports, const struct stats_port *port)
{
    return port_map_dp_name(ports->map, port->dp_ifindex, port->item.last_ts);
}

/* Adds a row for each of 'ports', and one for those that are not kept.  They
 * are valid until 'ports' or their map are changed. */
void
stats_rows_add_ports(struct stats_rows *rows, const struct stats_ports *ports)
{
    const struct stats_port *port;

    HMAP_FOR_EACH (port, item.node, &ports->ports) {
        struct stats_row *row = stats_rows_add(rows, port->name, port->group);

        row->has_port = port->known;
        row->dp_ifindex = port->dp_ifindex;
        row->port_no = port->port_no;
        row->datapath = get_dp_name(ports, port);
    }
    stats_rows_add_past(rows, ports->n_past, ports->past);
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
    row = stats_rows_add_own(rows, NULL);
    row->dp_ifindex = dp_ifindex;
    return row;
}

/* Adds a row for each datapath, of all of its 'ports'.  One that is not known,
 * also because the port is not kept any more, has index 0, which no network
 * device has. */
void
stats_rows_add_datapaths(struct stats_rows *rows,
                         const struct stats_ports *ports)
{
    const struct stats_port *port;

    HMAP_FOR_EACH (port, item.node, &ports->ports) {
        struct stats_row *row = find_datapath(rows, port->dp_ifindex);

        if (!row->name) {
            row->name = nullable_xstrdup(get_dp_name(ports, port));
        }
        rows->class->add(row->own, port->group);
    }
    if (ports->n_past) {
        rows->class->add(find_datapath(rows, 0)->own, ports->past);
    }
    stats_rows_count_own(rows);
}

/* Compares names, of which one that is NULL is the empty one. */
static int
compare_names(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/* Orders ports by their numbers and names. */
static int
compare_ports(const void *a_, const void *b_)
{
    const struct stats_row *a = a_;
    const struct stats_row *b = b_;
    int cmp;

    if (a->has_port != b->has_port) {
        return a->has_port ? -1 : 1;
    } else if (a->port_no != b->port_no) {
        return a->port_no < b->port_no ? -1 : 1;
    }
    cmp = compare_names(a->datapath, b->datapath);
    return cmp ? cmp : compare_names(a->name, b->name);
}

/* Makes one of the rows of 'rows', which are those of stats_rows_add_ports(),
 * that have the same names and number: a port that was removed and added again
 * is the same then, even if its datapath is another one.  Sorts them by
 * these. */
void
stats_rows_merge_ports(struct stats_rows *rows)
{
    size_t n = 0;

    if (rows->n) {
        qsort(rows->rows, rows->n, sizeof *rows->rows, compare_ports);
    }
    for (size_t i = 0; i < rows->n; i++) {
        struct stats_row *row = &rows->rows[i];
        struct stats_row *last = n ? &rows->rows[n - 1] : NULL;

        if (!last || compare_ports(last, row)) {
            rows->rows[n++] = *row;
            continue;
        }
        if (!last->own) {
            last->own = xzalloc(rows->class->size);
            rows->class->add(last->own, last->group);
        }
        rows->class->add(last->own, row->group);
        destroy_row(rows, row);
    }
    rows->n = n;
    stats_rows_count_own(rows);
}
