/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONVERT_JSON_H
#define LIB_CONVERT_JSON_H 1

/* Writes records as an array of JSON, of which each is an element as "show" or
 * "passes" with "--json" has it, on a line of its own. */

#include <stddef.h>
#include <stdint.h>

struct convert_json;
struct record_context;

/* Writes the 'n' bytes at 'data', all of them.  Returns 0 or a positive errno
 * value. */
typedef int convert_json_write_func(const void *data, size_t n, void *aux);

struct convert_json *convert_json_create(convert_json_write_func *, void *aux);
char *convert_json_put(struct convert_json *, const void *record, size_t size,
                       uint64_t seq, const struct record_context *);
int convert_json_get_error(const struct convert_json *);
int convert_json_end(struct convert_json *);
void convert_json_destroy(struct convert_json *);

#endif /* lib/file/convert-json.h */
