/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PASS_EXECUTED_H
#define LIB_PASS_EXECUTED_H 1

/* Which actions of a pass were executed, and when (--datapath=actions). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nlattr;
struct pass;
struct pass_actions;

enum executed_state {
    EXECUTED_UNKNOWN,
    EXECUTED_NO,
    EXECUTED_YES
};

/* What is known of the actions of a pass. */
struct executed {
    bool is_known;              /* Is anything known? */
    bool is_complete;           /* Was nothing else executed? */
    uint64_t ts;                /* When the pass began, in ns. */
    const struct nlattr *dropped_by;    /* The last action that was executed
                                         * before its packet was dropped, or
                                         * during which it was, NULL if
                                         * unknown. */

    /* All actions, an action before those in it, and these before the next
     * one, so in the order of their addresses. */
    size_t n, allocated;
    struct executed_action {
        const struct nlattr *action;
        const struct pass_executed *entry;      /* NULL if there is none. */
    } *actions;
};

void executed_init(struct executed *, const struct pass *,
                   const struct pass_actions *);
void executed_uninit(struct executed *);

enum executed_state executed_get(const struct executed *,
                                 const struct nlattr *action,
                                 const struct pass_executed **entryp);
bool executed_result(const struct executed *, const struct nlattr *action,
                     int *resultp);

#endif /* lib/record/pass-executed.h */
