/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_REPORT_SOURCE_H
#define LIB_REPORT_SOURCE_H 1

/* The trace that a report is about: what it says about itself, and how the
 * files came to their end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "svec.h"

struct json;
struct json_writer;
struct trace_item;

/* Most bytes that a member of a line may have as JSON, names of files, and
 * bytes of an error. */
#define REPORT_MEMBER_MAX 2048
#define REPORT_FILES_MAX 16
#define REPORT_ERROR_MAX 1024

struct report_source {
    struct json *startup;       /* The first line, without what is not known
                                 * or too long; NULL before it. */
    struct json *end;           /* The last line likewise, NULL if the last
                                 * file has none. */
    bool has_wall;              /* Is 'offset' known? */
    uint64_t offset;            /* From CLOCK_MONOTONIC to wall-clock time, in
                                 * ns; 0 if unknown. */
    struct svec files;          /* Names of the first files. */
    uint64_t n_files;
    uint64_t records;           /* That were read. */
    char *error;                /* What is wrong with a file, or NULL. */
};

void report_source_init(struct report_source *);
void report_source_uninit(struct report_source *);
void report_source_begin_file(struct report_source *, const char *name);
void report_source_put(struct report_source *, const struct trace_item *);
void report_source_write(const struct report_source *, struct json_writer *);

#endif /* lib/file/report-source.h */
