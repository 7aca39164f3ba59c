/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASSES_SHOW_H
#define LIB_PASSES_SHOW_H 1

/* The passes of an upcall, as a part of that: see store/upcall-passes.h. */

struct ds;
struct json_writer;
struct record_context;
struct upcall;

void passes_show_json(struct json_writer *, const char *name,
                      const struct upcall *, const struct record_context *);
void passes_show_text(const struct upcall *, const struct record_context *,
                      struct ds *);
void passes_show_events(const struct upcall *, const struct record_context *,
                        struct ds *);

#endif /* lib/show/passes-show.h */
