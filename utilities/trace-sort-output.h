/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_SORT_OUTPUT_H
#define UTILITIES_TRACE_SORT_OUTPUT_H 1

/* What the command sort writes: lines of JSON, to a file or to standard
 * output, or text. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "openvswitch/dynamic-string.h"
#include "trace-pager.h"
#include "trace-text.h"

struct hidden_file;
struct packed_file;
struct program;
struct svec;
struct trace_reader;
struct trace_sort_line;

struct sort_output {
    const char *name;           /* Of the file, NULL or "-" for none. */
    bool json;                  /* Are lines of JSON printed? */
    enum trace_text form;       /* If not: how text is. */
    bool failed;                /* Can nothing more be written? */
    uint64_t n_printed;         /* Records. */

    bool is_input;              /* Is it one of those that are read? */
    struct stat old;            /* Then, what it was before that. */
    struct hidden_file *hidden; /* NULL if it is standard output. */
    struct packed_file *file;
    struct ds lines;            /* That come next in 'file'. */
    struct paged paged;         /* Standard output. */
    struct trace_reader *reader;        /* Of what becomes text. */
};

void sort_output_open(struct sort_output *, const struct program *,
                      const struct svec *inputs);
bool sort_output_has_changed(const struct sort_output *);
int sort_output_close(struct sort_output *, bool keep);
bool sort_output_is_over(const struct sort_output *);
struct ds *sort_output_get(struct sort_output *);
void sort_output_begin(struct sort_output *, const char *startup);
void sort_output_put(struct sort_output *, const struct trace_sort_line *);

#endif /* utilities/trace-sort-output.h */
