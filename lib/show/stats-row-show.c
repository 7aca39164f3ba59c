/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of statistics as JSON and for people, on a terminal of 80 columns: the
 * second half of stats-row.h. */

#include <config.h>

#include "show/stats-row.h"

#include <inttypes.h>

#include "openvswitch/dynamic-string.h"
#include "show/json-values.h"
#include "show/stats-times.h"
#include "util.h"

/* Columns of a name. */
#define NAME_WIDTH 20

/* Puts the port of 'row' into 'o'. */
void
stats_row_put_port(struct json *o, const struct stats_row *row)
{
    put(o, "name", value_string(row->name));
    put(o, "number", value_integer(row->has_port, row->port_no));
    put(o, "datapath", value_datapath(row->datapath));
}

/* Puts the datapath of 'row' into 'o'. */
void
stats_row_put_datapath(struct json *o, const struct stats_row *row)
{
    put(o, "name", value_datapath(row->name));
}

/* Returns an array of 'rows': of each, what 'put_what' puts of what it is,
 * 'put_counts' of its records, and "count", how many there are.  That of those
 * which are not kept any more has a member "past": for how many it is. */
struct json *
stats_rows_to_json(const struct stats_rows *rows, stats_row_json_cb *put_what,
                   stats_row_json_cb *put_counts)
{
    struct json *array = json_array_create_empty();

    for (size_t i = 0; i < rows->n; i++) {
        const struct stats_row *row = &rows->rows[i];
        struct json *o = json_object_create();

        put_what(o, row);
        put(o, "count", stats_count(row->count));
        put_counts(o, row);
        if (row->n_past) {
            put(o, "past", stats_count(row->n_past));
        }
        json_array_add(array, o);
    }
    return array;
}

static void
put_name(const struct stats_row *row, struct ds *ds)
{
    struct ds name = DS_EMPTY_INITIALIZER;

    if (row->n_past) {
        ds_put_format(&name, "(%"PRIu64" earlier ones)", row->n_past);
    } else if (row->name) {
        ds_put_cstr(&name, row->name);
    } else if (row->has_port) {
        ds_put_format(&name, "port %"PRIu32, row->port_no);
    } else {
        ds_put_cstr(&name, "unknown");
    }
    if (row->tid) {
        ds_put_format(&name, " (%"PRIu32")", row->tid);
    }
    stats_put_left(ds_cstr(&name), NAME_WIDTH, ds);
    ds_destroy(&name);
}

static void
put_row(const struct stats_row *row, const struct stats_table *table,
        struct ds *ds)
{
    put_name(row, ds);
    ds_put_format(ds, "%11"PRIu64" ", row->count);
    stats_put_share(row->count, table->all, ds);
    table->put(row, ds);
    ds_put_char(ds, '\n');
}

/* Appends those of 'rows' that have records, up to STATS_MAX_ROWS, as
 * 'table'. */
void
stats_rows_format(const struct stats_rows *rows,
                  const struct stats_table *table, struct ds *ds)
{
    size_t n = 0;

    ds_put_char(ds, '\n');
    stats_put_left(table->title, NAME_WIDTH, ds);
    ds_put_format(ds, "%11s %7s%s\n", table->records, "share",
                  table->columns);
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->rows[i].count && n++ < STATS_MAX_ROWS) {
            put_row(&rows->rows[i], table, ds);
        }
    }
    if (n > STATS_MAX_ROWS) {
        ds_put_format(ds, "(%"PRIuSIZE" more %s: --json shows all)\n",
                      n - STATS_MAX_ROWS, table->plural);
    }
}
