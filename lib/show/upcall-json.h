/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_JSON_H
#define LIB_UPCALL_JSON_H 1

/* One upcall as JSON, with the keys that ovs-upcall-trace(5) documents. */

#include <stdint.h>

struct flow_table;
struct json_writer;
struct port_map;
struct record_context;
struct upcall;

void upcall_json_write_all(struct json_writer *, const struct upcall *,
                           uint64_t seq, const struct record_context *);
void upcall_json_write(struct json_writer *, const struct upcall *,
                       uint64_t seq, const struct port_map *,
                       const struct flow_table *);
void upcall_json_write_pending(struct json_writer *, const struct upcall *,
                               uint64_t age, const char *state,
                               const struct port_map *);

#endif /* lib/show/upcall-json.h */
