/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REPORT_SLOWEST_H
#define LIB_REPORT_SLOWEST_H 1

/* The upcalls that took longest, with what their way was made of. */

#include <stddef.h>
#include <stdint.h>

#include "record/record.h"

struct json_writer;
struct record_context;

#define REPORT_SLOWEST_MAX 20

/* Most bytes of the text of an upcall. */
#define REPORT_TEXT_MAX 3072

/* A stage of an upcall, in ns from its beginning. */
struct report_part {
    enum upcall_stage stage;
    uint64_t from, until;
};

struct report_slow {
    uint64_t total;             /* UPCALL_STAGE_TOTAL, ns. */
    uint64_t ts;                /* When it began. */
    struct report_part parts[UPCALL_N_STAGES];
    size_t n_parts;
    char *text;                 /* As 'show' prints it, maybe cut. */
};

/* All zeros has none. */
struct report_slowest {
    struct report_slow slow[REPORT_SLOWEST_MAX];        /* The slowest one
                                                         * first. */
    size_t n;
};

void report_slowest_uninit(struct report_slowest *);
void report_slowest_add(struct report_slowest *, const struct upcall *,
                        size_t size, const struct record_context *);
void report_slowest_write(const struct report_slowest *, uint64_t origin,
                          struct json_writer *);
size_t report_get_parts(const struct upcall_record *,
                        struct report_part parts[UPCALL_N_STAGES]);

#endif /* lib/file/report-slowest.h */
