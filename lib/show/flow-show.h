/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_SHOW_H
#define LIB_FLOW_SHOW_H 1

/* Flows of a flow table as JSON and as text for people. */

struct ds;
struct dp_flow;
struct flow_table;
struct json;
struct port_map;
struct upcall;

struct json *flow_show_upcall_json(const struct upcall *,
                                   const struct flow_table *);
void flow_show_upcall(const struct upcall *, const struct flow_table *,
                      struct ds *);

struct json *flow_show_json(const struct dp_flow *, const struct port_map *);
void flow_show(const struct dp_flow *, const struct port_map *, struct ds *);

#endif /* lib/show/flow-show.h */
