/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FLOW_RULES_H
#define LIB_FLOW_RULES_H 1

/* The text in which the OpenFlow rules of a flow are stored.
 *
 * It is as ofproto/detrace of OVS 4.0 prints them: a line with the name of a
 * bridge, if that is known, with "\040" for each blank in it, then one for
 * each rule, with two spaces in front.  The bridge of what follows
 * FLOW_BRIDGE_UNKNOWN is not known. */

#include <stdbool.h>

struct ds;
struct slice;

/* Most bytes of rules that are stored of a flow.  Instead of later ones, there
 * is a line with FLOW_RULES_CUT then. */
#define FLOW_RULES_MAX 65536
#define FLOW_RULES_CUT "  ...\n"

/* No bridge is stored with a blank in its name. */
#define FLOW_BRIDGE_UNKNOWN "(bridge unknown)"

bool flow_rules_are_cut(const char *rules);

void flow_rules_put(struct ds *rules, const char *prefix,
                    const struct slice *);
void flow_rules_put_bridge(struct ds *rules, const struct slice *name);
void flow_rules_put_cut(struct ds *rules);
bool flow_rules_put_limited(struct ds *, const char *prefix,
                            const struct slice *, const char *suffix);

#endif /* lib/flow/flow-rules.h */
