/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_INPUT_H
#define UTILITIES_TRACE_INPUT_H 1

/* The files with traces that a command is given, one after the other:
 *
 *     struct trace_input *in = trace_input_create(command, &line.args);
 *
 *     while (trace_input_next(in, &item)) {
 *         use item;
 *     }
 *     status = trace_input_destroy(in);
 *
 * What is wrong with a file is said on standard error, when all before it has
 * been an item; the next file is read all the same. */

#include <stdbool.h>

#include "file/trace-file.h"
#include "openvswitch/compiler.h"

struct command;
struct svec;
struct trace_choice;
struct trace_input;
struct trace_place;

struct trace_input *trace_input_create(const struct command *,
                                       const struct svec *names);
int trace_input_destroy(struct trace_input *);
void trace_input_set_mode(struct trace_input *, enum trace_reader_mode);
void trace_input_set_prints(struct trace_input *, bool prints);

bool trace_input_next(struct trace_input *, struct trace_item *);
const char *trace_input_name(const struct trace_input *);
bool trace_input_has_failed(const struct trace_input *);
bool trace_input_has_ended(const struct trace_input *);
int trace_input_plain_fd(const struct trace_input *, uint64_t *start);
void trace_input_error(struct trace_input *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
char *trace_input_take_error(struct trace_input *);
void trace_input_choose(struct trace_input *, const struct trace_choice *);
void trace_input_begin_at(struct trace_input *, size_t i,
                          const struct trace_place *);
void trace_input_be_quiet(struct trace_input *);
bool trace_input_is_regular(const char *name);

#endif /* utilities/trace-input.h */
