/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_JSON_PRIVATE_H
#define LIB_UPCALL_JSON_PRIVATE_H 1

/* What upcall-json.c and upcall-json-events.c share. */

struct flow_put_text;
struct json_writer;
struct port_map;
struct upcall;

void upcall_json_write_events(struct json_writer *, const char *name,
                              const struct upcall *,
                              const struct flow_put_text *,
                              const struct port_map *);

#endif /* lib/show/upcall-json-private.h */
