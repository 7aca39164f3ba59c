/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/report-heat.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* Makes 'h' one without upcalls. */
void
report_heat_init(struct report_heat *h)
{
    memset(h, 0, sizeof *h);
    h->shift = REPORT_HEAT_SHIFT_MIN;
}

/* Frees what 'h' needed. */
void
report_heat_uninit(struct report_heat *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free(h->columns[i]);
    }
}

/* Rows. */

/* Returns the row of 'ns'. */
size_t
report_heat_row(uint64_t ns)
{
    unsigned int bits, sub;
    size_t row;

    if (ns < REPORT_HEAT_LEAST) {
        return 0;
    }
    bits = 63 - __builtin_clzll(ns);
    sub = ns >> (bits - REPORT_HEAT_SUB_BITS) & (REPORT_HEAT_SUB - 1);
    row = 1 + (bits - REPORT_HEAT_LEAST_BITS) * REPORT_HEAT_SUB + sub;
    return MIN(row, REPORT_HEAT_ROWS - 1);
}

/* Returns the least time of 'row', in ns. */
uint64_t
report_heat_row_from(size_t row)
{
    uint64_t octave = (row - 1) / REPORT_HEAT_SUB + REPORT_HEAT_LEAST_BITS;
    uint64_t sub = (row - 1) % REPORT_HEAT_SUB;

    return row ? (REPORT_HEAT_SUB + sub) << (octave - REPORT_HEAT_SUB_BITS)
           : 0;
}

/* Columns. */

/* Adds 'src' to 'dst'. */
static void
merge(struct report_heat_column *dst, const struct report_heat_column *src)
{
    dst->upcalls += src->upcalls;
    dst->lost += src->lost;
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        for (size_t j = 0; j < REPORT_HEAT_ROWS; j++) {
            dst->cells[i][j] += src->cells[i][j];
        }
    }
}

/* Makes columns of 'h' twice as wide. */
static void
widen(struct report_heat *h)
{
    uint64_t first = h->first >> 1;
    size_t n = h->n ? ((h->first + h->n - 1) >> 1) - first + 1 : 0;

    /* An element is moved to one that was moved before, or to itself. */
    for (size_t i = 0; i < h->n; i++) {
        size_t to = ((h->first + i) >> 1) - first;
        struct report_heat_column *column = h->columns[i];

        h->columns[i] = NULL;
        if (!h->columns[to]) {
            h->columns[to] = column;
        } else if (column) {
            merge(h->columns[to], column);
            free(column);
        }
    }
    h->first = first;
    h->n = n;
    h->shift++;
}

/* Has 'h' begin with the column 'first', which is before all there are, and
 * for which there is room. */
static void
extend_to_front(struct report_heat *h, uint64_t first)
{
    size_t by = h->first - first;

    memmove(h->columns + by, h->columns, h->n * sizeof *h->columns);
    memset(h->columns, 0, by * sizeof *h->columns);
    h->first = first;
    h->n += by;
}

/* Returns the column of 'ts', in ns, for the caller to count in.  It is valid
 * until the next call. */
struct report_heat_column *
report_heat_at(struct report_heat *h, uint64_t ts)
{
    uint64_t c = ts >> h->shift;
    size_t i;

    if (!h->n) {
        h->first = c;
        h->n = 1;
    }
    while (MAX(c, h->first + h->n - 1) - MIN(c, h->first)
           >= REPORT_HEAT_COLUMNS) {
        widen(h);
        c = ts >> h->shift;
    }
    if (c < h->first) {
        extend_to_front(h, c);
    }
    i = c - h->first;
    h->n = MAX(h->n, i + 1);
    if (!h->columns[i]) {
        h->columns[i] = xzalloc(sizeof *h->columns[i]);
    }
    return h->columns[i];
}

/* JSON. */

/* Writes an array: the number of the first row of 'cells' that has upcalls,
 * and how many that and each of the following ones have, up to the last one
 * that has any.  It is empty if none has. */
static void
write_cells(const uint64_t cells[REPORT_HEAT_ROWS], struct json_writer *w)
{
    size_t from = 0, until = REPORT_HEAT_ROWS;

    while (until && !cells[until - 1]) {
        until--;
    }
    while (from < until && !cells[from]) {
        from++;
    }
    json_write_array(w, NULL);
    for (size_t i = from; i < until; i++) {
        if (i == from) {
            json_write_integer(w, NULL, from);
        }
        json_write_integer(w, NULL, cells[i]);
    }
    json_write_end_array(w);
}

static void
write_stage(const struct report_heat *h, enum upcall_stage stage,
            struct json_writer *w)
{
    static const uint64_t nothing[REPORT_HEAT_ROWS];

    json_write_array(w, upcall_stage_name(stage));
    for (size_t i = 0; i < h->n; i++) {
        write_cells(h->columns[i] ? h->columns[i]->cells[stage] : nothing, w);
    }
    json_write_end_array(w);
}

/* Writes 'h' as a member "heat": "from", from 'origin', and "width" of the
 * columns are in ns; "rows" has where each row begins; "upcalls" and "lost"
 * are by column; and "stages" has for each stage the columns, see
 * write_cells(). */
void
report_heat_write(const struct report_heat *h, uint64_t origin,
                  struct json_writer *w)
{
    json_write_object(w, "heat");
    json_write_integer(w, "from",
                       (long long int) ((h->first << h->shift) - origin));
    json_write_array(w, "lost");
    for (size_t i = 0; i < h->n; i++) {
        json_write_integer(w, NULL, h->columns[i] ? h->columns[i]->lost : 0);
    }
    json_write_end_array(w);
    json_write_array(w, "rows");
    for (size_t i = 0; i < REPORT_HEAT_ROWS; i++) {
        json_write_integer(w, NULL, report_heat_row_from(i));
    }
    json_write_end_array(w);
    json_write_object(w, "stages");
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        write_stage(h, i, w);
    }
    json_write_end_object(w);
    json_write_array(w, "upcalls");
    for (size_t i = 0; i < h->n; i++) {
        json_write_integer(w, NULL,
                           h->columns[i] ? h->columns[i]->upcalls : 0);
    }
    json_write_end_array(w);
    json_write_integer(w, "width", 1LL << h->shift);
    json_write_end_object(w);
}
