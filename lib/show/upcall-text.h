/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_UPCALL_TEXT_H
#define LIB_UPCALL_TEXT_H 1

/* One upcall as text for people. */

struct ds;
struct flow_table;
struct port_map;
struct upcall;

void upcall_format(const struct upcall *, const struct port_map *,
                   const struct flow_table *, struct ds *);
void upcall_format_line(const struct upcall *, const struct port_map *,
                        struct ds *);
void upcall_format_begin_events(const struct upcall *, struct ds *);
void upcall_format_events(const struct upcall *, const struct port_map *,
                          struct ds *);

#endif /* lib/show/upcall-text.h */
