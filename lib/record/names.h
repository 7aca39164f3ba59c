/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_NAMES_H
#define LIB_NAMES_H 1

/* Names of what the tables of bpf/upcall-record.h list: outcomes, classes,
 * causes of drops, hooks, rules, conflicts; and those of
 * bpf/vswitchd-record.h; of the stages of record.h and of what becomes of
 * flows, of the slow path's reasons and of errors.
 *
 * Functions that take a number return NULL if it has no name. */

#include <stdbool.h>
#include <stdint.h>

#include "bpf/upcall-record.h"
#include "bpf/vswitchd-record.h"

struct ds;

const char *upcall_outcome_name(int outcome);
const char *upcall_class_name(int class);
const char *upcall_stage_name(int stage);
const char *upcall_put_name(int put);
const char *upcall_drop_name(int drop);
const char *upcall_hook_name(int hook);
const char *upcall_hook_where(int hook);
const char *upcall_rule_name(int rule);
const char *upcall_conflict_name(int conflict);

const char *vswitchd_probe_name(int probe);
const char *vswitchd_phase_name(int phase);
const char *vswitchd_result_name(int result);
const char *vswitchd_reason_name(int reason);
const char *vswitchd_time_name(int time);

/* Returns true if 'hook' is a USDT probe of ovs-vswitchd. */
bool upcall_hook_is_usdt(int hook);

/* Returns the outcome, class or stage with the given name, or -1. */
int upcall_outcome_from_name(const char *);
int upcall_class_from_name(const char *);
int upcall_stage_from_name(const char *);

/* Returns the name of the lowest bit that is set in 'reason', an enum
 * slow_path_reason of lib/odp-util.h of OVS 3.1 to 4.0: "cfm", "bfd", "lacp",
 * "stp", "lldp", "action", "match"; NULL if it is another. */
const char *upcall_slow_path_reason_name(uint32_t reason);

/* Returns the netlink command of upcalls of a class: "miss" or "action". */
const char *upcall_cmd_name(int class);

/* "EAGAIN", and "EAGAIN (Resource temporarily unavailable)". */
void upcall_put_errno_name(struct ds *, int error);
void upcall_put_errno(struct ds *, int error);

/* The name of a thread, which may be anything. */
void upcall_put_comm(struct ds *, const char comm[UPCALL_COMM_LEN]);

#endif /* lib/record/names.h */
