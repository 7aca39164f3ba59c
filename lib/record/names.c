/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/names.h"

#include <errno.h>
#include <string.h>

#include "base/printable.h"
#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

static const char *const outcome_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_##ENUM] = NAME,
    UPCALL_OUTCOMES
#undef X
};

static const char *const class_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_CLASS_##ENUM] = NAME,
    UPCALL_CLASSES
#undef X
};

static const char *const stage_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_STAGE_##ENUM] = NAME,
    UPCALL_STAGES
#undef X
};

static const char *const put_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_PUT_##ENUM] = NAME,
    UPCALL_PUTS
#undef X
};

static const char *const drop_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_DROP_##ENUM] = NAME,
    UPCALL_DROPS
#undef X
};

static const char *const hook_names[] = {
#define X(ENUM, NAME, WHERE) [UPCALL_HOOK_##ENUM] = NAME,
    UPCALL_HOOKS
#undef X
};

static const char *const hook_wheres[] = {
#define X(ENUM, NAME, WHERE) [UPCALL_HOOK_##ENUM] = WHERE,
    UPCALL_HOOKS
#undef X
};

static const char *const rule_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_RULE_##ENUM] = NAME,
    UPCALL_RULES
#undef X
};

static const char *const conflict_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [UPCALL_CONFLICT_##ENUM] = NAME,
    UPCALL_CONFLICTS
#undef X
};

static const char *const vswitchd_probe_names[] = {
#define X(ENUM, PROGRAM, NAME, ARGS) [VSWITCHD_PROBE_##ENUM] = NAME,
    VSWITCHD_PROBES
#undef X
};

static const char *const vswitchd_phase_names[] = {
#define X(ENUM, NAME) [VSWITCHD_PHASE_##ENUM] = NAME,
    VSWITCHD_PHASES
#undef X
};

static const char *const vswitchd_result_names[] = {
#define X(ENUM, NAME) [VSWITCHD_RESULT_##ENUM] = NAME,
    VSWITCHD_RESULTS
#undef X
};

static const char *const vswitchd_reason_names[] = {
#define X(ENUM, NAME) [VSWITCHD_REASON_##ENUM] = NAME,
    VSWITCHD_REASONS
#undef X
};

static const char *const vswitchd_time_names[] = {
#define X(ENUM, NAME, DESCRIPTION) [VSWITCHD_TIME_##ENUM] = NAME,
    VSWITCHD_TIMES
#undef X
};

static const char *lookup(const char *const names[], size_t n, int number);
static int find(const char *const names[], size_t n, const char *name);

/* Returns the name of 'outcome', an enum upcall_outcome, or NULL. */
const char *
upcall_outcome_name(int outcome)
{
    return lookup(outcome_names, ARRAY_SIZE(outcome_names), outcome);
}

/* Returns the name of 'class', an enum upcall_class, or NULL. */
const char *
upcall_class_name(int class)
{
    return lookup(class_names, ARRAY_SIZE(class_names), class);
}

/* Returns the name of 'stage', an enum upcall_stage, or NULL. */
const char *
upcall_stage_name(int stage)
{
    return lookup(stage_names, ARRAY_SIZE(stage_names), stage);
}

/* Returns the name of 'put', an enum upcall_put, or NULL. */
const char *
upcall_put_name(int put)
{
    return lookup(put_names, ARRAY_SIZE(put_names), put);
}

/* Returns the name of 'drop', an enum upcall_drop, or NULL. */
const char *
upcall_drop_name(int drop)
{
    return lookup(drop_names, ARRAY_SIZE(drop_names), drop);
}

/* Returns the kernel function or tracepoint, or the provider and name of the
 * USDT probe, of 'hook', an enum upcall_hook, or NULL. */
const char *
upcall_hook_name(int hook)
{
    return lookup(hook_names, ARRAY_SIZE(hook_names), hook);
}

/* Returns where in upcall_hook_name() 'hook' is: "entry", "exit", "tracepoint"
 * or "usdt"; or NULL. */
const char *
upcall_hook_where(int hook)
{
    return lookup(hook_wheres, ARRAY_SIZE(hook_wheres), hook);
}

/* Returns "PROVIDER:NAME" of 'probe', an enum vswitchd_probe, or NULL. */
const char *
vswitchd_probe_name(int probe)
{
    return lookup(vswitchd_probe_names, ARRAY_SIZE(vswitchd_probe_names),
                  probe);
}

/* Returns the name of 'phase', an enum vswitchd_phase, or NULL. */
const char *
vswitchd_phase_name(int phase)
{
    return lookup(vswitchd_phase_names, ARRAY_SIZE(vswitchd_phase_names),
                  phase);
}

/* Returns the name of 'result', an enum vswitchd_result, or NULL. */
const char *
vswitchd_result_name(int result)
{
    return lookup(vswitchd_result_names, ARRAY_SIZE(vswitchd_result_names),
                  result);
}

/* Returns the name of 'reason', an enum vswitchd_reason, or NULL. */
const char *
vswitchd_reason_name(int reason)
{
    return lookup(vswitchd_reason_names, ARRAY_SIZE(vswitchd_reason_names),
                  reason);
}

/* Returns the name of 'time', an enum vswitchd_time, or NULL. */
const char *
vswitchd_time_name(int time)
{
    return lookup(vswitchd_time_names, ARRAY_SIZE(vswitchd_time_names),
                  time);
}

/* Returns the name of 'rule', an enum upcall_rule, or NULL. */
const char *
upcall_rule_name(int rule)
{
    return lookup(rule_names, ARRAY_SIZE(rule_names), rule);
}

/* Returns the name of 'conflict', an enum upcall_conflict, or NULL. */
const char *
upcall_conflict_name(int conflict)
{
    return lookup(conflict_names, ARRAY_SIZE(conflict_names), conflict);
}

/* Returns true if 'hook', an enum upcall_hook, is a USDT probe of
 * ovs-vswitchd, false if it is in the kernel or none. */
bool
upcall_hook_is_usdt(int hook)
{
    return hook >= UPCALL_HOOK_FIRST_USDT && hook < UPCALL_N_HOOKS;
}

/* Returns the enum upcall_outcome that is called 'name', or -1. */
int
upcall_outcome_from_name(const char *name)
{
    return find(outcome_names, ARRAY_SIZE(outcome_names), name);
}

/* Returns the enum upcall_class that is called 'name', or -1. */
int
upcall_class_from_name(const char *name)
{
    return find(class_names, ARRAY_SIZE(class_names), name);
}

/* Returns the enum upcall_stage that is called 'name', or -1. */
int
upcall_stage_from_name(const char *name)
{
    return find(stage_names, ARRAY_SIZE(stage_names), name);
}

/* Returns the name of the lowest bit that is set in 'reason', an enum
 * slow_path_reason, or NULL if it has none. */
const char *
upcall_slow_path_reason_name(uint32_t reason)
{
    switch (rightmost_1bit(reason)) {
#define SPR(ENUM, STRING, EXPLANATION) case ENUM: return STRING;
        SLOW_PATH_REASONS
#undef SPR
    }
    return NULL;
}

/* Returns the name of the netlink command with which upcalls of 'class', an
 * enum upcall_class, are sent; NULL if 'class' is none. */
const char *
upcall_cmd_name(int class)
{
    return (class == UPCALL_CLASS_MISS ? "miss"
            : upcall_class_name(class) ? "action" : NULL);
}

/* Appends the symbolic name of 'error', a positive errno value, to 'ds'; where
 * it has none, or the C library does not know it, the number. */
void
upcall_put_errno_name(struct ds *ds, int error)
{
    const char *name = NULL;

#if defined(__GLIBC__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 32)
    name = strerrorname_np(error);
#endif
#endif
    if (name) {
        ds_put_cstr(ds, name);
    } else {
        ds_put_format(ds, "%d", error);
    }
}

/* Appends name and text of 'error', a positive errno value, to 'ds', such as
 * "EAGAIN (Resource temporarily unavailable)". */
void
upcall_put_errno(struct ds *ds, int error)
{
    upcall_put_errno_name(ds, error);
    ds_put_format(ds, " (%s)", ovs_strerror(error));
}

/* Appends 'comm', the name of a thread, which need not end with a null, to
 * 'ds'.  What is not printable ASCII is escaped. */
void
upcall_put_comm(struct ds *ds, const char comm[UPCALL_COMM_LEN])
{
    printable_put(ds, comm, strnlen(comm, UPCALL_COMM_LEN));
}

static const char *
lookup(const char *const names[], size_t n, int number)
{
    return number >= 0 && number < n ? names[number] : NULL;
}

static int
find(const char *const names[], size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(names[i], name)) {
            return i;
        }
    }
    return -1;
}
