/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_SHOW_H
#define LIB_RECORD_SHOW_H 1

/* A record of either kind, an upcall or a pass, as text and as JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds;
struct json_writer;
struct record_context;

char *record_show_json(struct json_writer *, const void *record, size_t size,
                       uint64_t seq, const struct record_context *);
char *record_show_line(struct ds *, const void *record, size_t size,
                       const struct record_context *);
char *record_show_text(struct ds *, const void *record, size_t size,
                       bool events, const struct record_context *);

#endif /* lib/show/record-show.h */
