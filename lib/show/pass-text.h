/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_TEXT_H
#define LIB_PASS_TEXT_H 1

/* One pass as text for people. */

struct ds;
struct flow_table;
struct kernel_layout;
struct pass;
struct port_map;

void pass_format(const struct pass *, const struct port_map *,
                 const struct flow_table *, const struct kernel_layout *,
                 struct ds *);
void pass_format_line(const struct pass *, const struct port_map *,
                      struct ds *);
void pass_format_events(const struct pass *, const struct flow_table *,
                        const struct kernel_layout *, struct ds *);

#endif /* lib/show/pass-text.h */
