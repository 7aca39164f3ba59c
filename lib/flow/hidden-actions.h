/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HIDDEN_ACTIONS_H
#define LIB_HIDDEN_ACTIONS_H 1

/* What the record of a pass does not have of the actions of its flow: the
 * tunnel of a "set" and the helper of a "ct", for which the kernel has
 * pointers (record/kernel-actions.h), where what these point to was not read.
 * They are in the request that has put the flow, but ovs-vswitchd may have
 * modified the flow since, and only what is hidden may be different then.
 *
 * So the actions of a put are taken for those of a hit only if ovs-vswitchd
 * told, later, that the flow has them, if another hit came after its answer,
 * and if all hits from that one to this have the same bytes in the kernel,
 * pointers and all: a modification makes new ones, and lets go of the old ones
 * afterwards.  That leaves out a flow that was modified before the answer and
 * modified back after it, with no hit in between, where the kernel uses the
 * memory of the first ones again; if a later answer or hit shows that it goes
 * to and fro, nothing of it is known.  What is not known so stays unknown. */

#include <stdbool.h>
#include <stdint.h>

struct flow_table;
struct kernel_layout;
struct pass;
struct pass_actions;
struct upcall_attrs;

/* What is known of the actions of a flow that was put.  Times are those of the
 * kernel, in ns. */
struct hidden_actions {
    uint64_t since, until;      /* The flow had those of the put then, and when
                                 * it was asked for last; all hits in between
                                 * had the same bytes. */
    uint64_t answered;          /* When the answer to that had come. */
    uint64_t confirmed;         /* 'until', once a hit after the answer had
                                 * these bytes, too; 0 if none had. */
    uint64_t confirmed_by;      /* When that hit was. */
    uint64_t hash;              /* Of these bytes. */
    bool has_hash;
    bool is_hidden;             /* Is something not in them? */
    bool differs;               /* Had a hit behind 'until' other ones? */
    bool ended;                 /* No more is to be known. */
    bool is_wrong;              /* Nor is anything known. */
};

void hidden_actions_init(struct hidden_actions *, uint64_t ts);
bool hidden_actions_add_hit(struct hidden_actions *, const struct pass *,
                            const struct kernel_layout *);
void hidden_actions_add_answer(struct hidden_actions *, bool same,
                               uint64_t sent, uint64_t received);
bool hidden_actions_are_those(const struct hidden_actions *,
                              const struct pass *);

bool hidden_actions_are_in(const struct upcall_attrs *);
bool hidden_actions_fill(struct pass_actions *, const struct pass *,
                         const struct flow_table *);

#endif /* lib/flow/hidden-actions.h */
