/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REPORT_LANES_H
#define LIB_REPORT_LANES_H 1

/* What handlers did when, in lanes: a bar for each batch of upcalls, from its
 * first receive to the end of the last thing that is known to be done for
 * it.
 *
 * There are at most REPORT_LANES_MAX lanes, of the handlers that were seen
 * first.  When there are more than REPORT_LANES_BARS bars, those of a lane
 * that begin in the same span of time, a power of two of ns, become one; the
 * span is the same for all, and grows as needed. */

#include <stddef.h>
#include <stdint.h>

#include "bpf/upcall-record.h"

struct json_writer;

#define REPORT_LANES_MAX 64
#define REPORT_LANES_BARS 4096

/* Batches of a handler of which upcalls may still come: records of a handler
 * come nearly in order. */
#define REPORT_LANES_OPEN 64

/* A batch, or several that are next to each other. */
struct report_bar {
    uint64_t from, until;       /* ns. */
    uint64_t busy;              /* Of this, time in batches, ns. */
    uint64_t upcalls;
    uint64_t batches;           /* 0 if it is not used. */
    uint32_t batch;             /* Number of the first one. */
};

struct report_lane {
    uint32_t tid, tgid;
    char comm[UPCALL_COMM_LEN];
    uint64_t upcalls;
    struct report_bar open[REPORT_LANES_OPEN];  /* By number of the batch,
                                                 * modulo their number. */
    struct report_bar *bars;
    size_t n, allocated;
};

/* All zeros has no lanes. */
struct report_lanes {
    struct report_lane *lanes[REPORT_LANES_MAX];
    size_t n;
    size_t n_bars;              /* In all lanes, without those that are
                                 * open. */
    unsigned int shift;         /* Span of time: 2 to this power, ns; 0 as long
                                 * as each batch has a bar. */
    uint64_t others;            /* Upcalls of handlers without a lane. */
};

void report_lanes_uninit(struct report_lanes *);
void report_lanes_add(struct report_lanes *, const struct upcall_record *);
void report_lanes_finish(struct report_lanes *);
void report_lanes_write(const struct report_lanes *, uint64_t origin,
                        struct json_writer *);

#endif /* lib/file/report-lanes.h */
