/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_H
#define LIB_CONVERT_H 1

/* Formats that traces in files are converted to.  Which there are is in
 * store/program-commands.h; how each is written is a row of the table in
 * convert.c. */

#include <stddef.h>

#include "store/program-commands.h"

struct converter;
struct json;
struct trace_item;

/* Writes the 'n' bytes at 'data', all of them.  Returns 0 or a positive errno
 * value. */
typedef int convert_write_func(const void *data, size_t n, void *aux);

struct converter *converter_create(enum convert_format, convert_write_func *,
                                   void *aux);
void converter_begin(struct converter *, const struct json *startup);
char *converter_put(struct converter *, const struct trace_item *);
char *converter_tell(struct converter *, const struct trace_item *);
int converter_get_error(const struct converter *);
int converter_end(struct converter *);
void converter_destroy(struct converter *);

#endif /* lib/file/convert.h */
