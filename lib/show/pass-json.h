/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_JSON_H
#define LIB_PASS_JSON_H 1

/* One pass as JSON, with the keys that ovs-upcall-trace(5) documents. */

#include <stdint.h>

struct flow_table;
struct json_writer;
struct kernel_layout;
struct pass;
struct port_map;
struct record_context;

void pass_json_write_all(struct json_writer *, const struct pass *,
                         uint64_t seq, const struct record_context *);
void pass_json_write(struct json_writer *, const struct pass *, uint64_t seq,
                     const struct port_map *, const struct flow_table *,
                     const struct kernel_layout *);

#endif /* lib/show/pass-json.h */
