/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_TEXT_H
#define LIB_PASS_TEXT_H 1

/* One pass as text for people. */

#include <stdint.h>

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

/* Events of a pass, of which some may be shown. */
enum pass_text_events {
    PASS_TEXT_BEGIN = 1 << 0,   /* The lookup, or the execute. */
    PASS_TEXT_ACTIONS = 1 << 1,
    PASS_TEXT_DROP = 1 << 2,
    PASS_TEXT_ALL = PASS_TEXT_BEGIN | PASS_TEXT_ACTIONS | PASS_TEXT_DROP
};

void pass_format_events(const struct pass *, enum pass_text_events,
                        uint64_t upcall, const struct flow_table *,
                        const struct kernel_layout *, struct ds *);

#endif /* lib/show/pass-text.h */
