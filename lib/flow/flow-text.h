/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_TEXT_H
#define LIB_FLOW_TEXT_H 1

/* Flows and actions of the datapath as "ovs-appctl dpctl/dump-flows" prints
 * them, with numbers for ports, so that they can be given to its commands.
 *
 * All text is printable ASCII, whatever is in the attributes. */

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct nlattr;
struct upcall_attrs;

void flow_text_key(const struct upcall_attrs *key, struct ds *);
void flow_text_trace_key(const struct upcall_attrs *key, struct ds *);
bool flow_text_match(const struct upcall_attrs *key,
                     const struct upcall_attrs *mask, struct ds *);
bool flow_text_is_match(const struct upcall_attrs *key,
                        const struct upcall_attrs *mask, const char *text);

bool flow_text_actions(const struct upcall_attrs *, struct ds *);
bool flow_text_is_actions(const struct upcall_attrs *, const char *text);
bool flow_text_is_traced(const struct upcall_attrs *, const char *text);
bool flow_text_is_slow_path(const struct upcall_attrs *);
void flow_text_action(const struct nlattr *, struct ds *);
void flow_text_action_all(const struct nlattr *, struct ds *);
bool flow_text_action_is_known(const struct nlattr *);
void flow_text_action_name(const struct nlattr *, struct ds *);

const char *flow_text_drop_reason(const struct nlattr *);

void flow_text_ufid(const uint8_t ufid[16], struct ds *);

#endif /* lib/flow/flow-text.h */
