/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REPORT_HEAT_H
#define LIB_REPORT_HEAT_H 1

/* How long upcalls took over time, as a grid that does not grow: columns are
 * spans of time, rows are spans of latency, a cell is how many upcalls there
 * were.
 *
 * All columns are equally wide, a power of two of ns.  When a time does not
 * fit, each two become one, as often as needed, so that any times are taken in
 * any order. */

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct json_writer;

/* Most columns.  There are more than half as many once a trace is longer than
 * so many of the narrowest ones. */
#define REPORT_HEAT_COLUMNS 240

/* Width of the narrowest columns: 2 to this power, in ns. */
#define REPORT_HEAT_SHIFT_MIN 10

/* Rows: a power of two of ns is divided into REPORT_HEAT_SUB rows of equal
 * width.  The first row has all that is less than REPORT_HEAT_LEAST, the last
 * one all from 128 s on. */
#define REPORT_HEAT_SUB_BITS 2
#define REPORT_HEAT_SUB (1 << REPORT_HEAT_SUB_BITS)
#define REPORT_HEAT_LEAST_BITS 7
#define REPORT_HEAT_LEAST (1 << REPORT_HEAT_LEAST_BITS)
#define REPORT_HEAT_OCTAVES 30
#define REPORT_HEAT_ROWS (1 + REPORT_HEAT_OCTAVES * REPORT_HEAT_SUB + 1)

struct report_heat_column {
    uint64_t upcalls, lost;     /* Those that came in this time. */
    uint64_t cells[UPCALL_N_STAGES][REPORT_HEAT_ROWS];
};

/* All zeros but 'shift' has no upcalls: see report_heat_init(). */
struct report_heat {
    unsigned int shift;         /* Width of a column: 2 to this power, ns. */
    uint64_t first;             /* Time of the first one, in columns. */
    size_t n;                   /* How many there are. */
    struct report_heat_column *columns[REPORT_HEAT_COLUMNS];    /* NULL if
                                                                 * empty. */
};

void report_heat_init(struct report_heat *);
void report_heat_uninit(struct report_heat *);

struct report_heat_column *report_heat_at(struct report_heat *, uint64_t ts);
size_t report_heat_row(uint64_t ns);
uint64_t report_heat_row_from(size_t row);

void report_heat_write(const struct report_heat *, uint64_t origin,
                       struct json_writer *);

#endif /* lib/file/report-heat.h */
