/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_SHOW_H
#define LIB_FLOW_SHOW_H 1

/* Flows of a flow table as JSON and as text for people. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/dynamic-string.h"

struct dp_flow;
struct flow_table;
struct json_writer;
struct pass;
struct port_map;
struct upcall;
struct upcall_attrs;

/* Text of the flow that an upcall has put, which is wanted twice. */
struct flow_put_text {
    struct ds ds;               /* All of it, as dpctl/get-flow prints it. */
    size_t match_len;           /* Of what it matches, in front. */
    bool has_match, has_actions;        /* Are they known? */
};

void flow_put_text_init(struct flow_put_text *, const struct upcall *);
void flow_put_text_destroy(struct flow_put_text *);
void flow_put_text_write_match(struct json_writer *, const char *name,
                               const struct flow_put_text *);
void flow_put_text_write_actions(struct json_writer *, const char *name,
                                 const struct flow_put_text *);

void flow_show_write_upcall(struct json_writer *, const char *name,
                            const struct upcall *,
                            const struct flow_put_text *,
                            const struct flow_table *);
void flow_show_write_pass(struct json_writer *, const char *name,
                          const struct pass *, const struct upcall_attrs *,
                          const struct flow_table *);
void flow_show_write_rules_text(struct json_writer *, const char *name,
                                const struct upcall *,
                                const struct flow_table *);
void flow_show_upcall(const struct upcall *, const struct flow_table *,
                      struct ds *);
bool flow_show_put_flow(const struct dp_flow *, struct ds *);

void flow_show_write(struct json_writer *, const struct dp_flow *,
                     const struct port_map *, bool has_hits);
void flow_show_write_ufid(struct json_writer *, const char *name,
                          const uint8_t *ufid);
void flow_show(const struct dp_flow *, const struct port_map *, bool has_hits,
               struct ds *);

#endif /* lib/show/flow-show.h */
