/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_OUTPUT_H
#define UTILITIES_TRACE_OUTPUT_H 1

/* Standard output. */

#include <stdbool.h>

#include "openvswitch/dynamic-string.h"

int output_text(const char *text);
int output_check_error(int error);

const char *output_get_pager(void);
bool output_lacks_pager(int status);

/* Standard output of what runs for long and must not be kept waiting by it:
 * what it does not take now waits in 'ds', which users append to. */
struct output {
    int fd;                     /* STDOUT_FILENO, or another for the same. */
    struct ds ds;
    bool is_terminal;
    bool is_closed;             /* Nobody reads it any more, or 'error'. */
    int error;                  /* Why it cannot be written, or 0. */
};

void output_init(struct output *);
void output_uninit(struct output *);
void output_run(struct output *);
void output_wait(const struct output *);
bool output_is_full(const struct output *);
void output_flush(struct output *, long long int deadline);
int output_finish(struct output *);

#endif /* utilities/trace-output.h */
