/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_JSON_H
#define LIB_RECORD_JSON_H 1

/* What upcalls and passes have in common as JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer;
struct nlattr;
struct place;
struct upcall_event;

void record_json_comm(struct json_writer *, const char *comm);
void record_json_data(struct json_writer *, const uint8_t *packet,
                      size_t size);
void record_json_datapath(struct json_writer *, const struct place *);
void record_json_pass_id(struct json_writer *, const char *name, bool known,
                         uint64_t id);
void record_json_port(struct json_writer *, const char *name,
                      const struct place *, bool known, uint32_t port_no);

void record_json_userdata(struct json_writer *, const struct nlattr *,
                          int class, const struct place *);

/* An action that was executed, or is to be. */
struct action_show {
    const struct nlattr *action;        /* OVS_ACTION_ATTR_*. */
    const char *source;         /* Who tells of it. */
    bool has_ts;                /* Is it known when it was executed? */
    uint64_t ts;                /* CLOCK_MONOTONIC, ns. */
    bool of_pass;               /* Is it an action of a pass? */
    const struct executed *executed;    /* Then what is known of that, NULL if
                                         * nothing. */
};

/* Who told of an event: a hook in the kernel or a probe of ovs-vswitchd; and
 * of an action: the request to execute it, or the flow that has it. */
#define SOURCE_KERNEL "kernel"
#define SOURCE_USDT "usdt"
#define SOURCE_REQUEST "request"
#define SOURCE_FLOW "flow"

void record_json_action(struct json_writer *, const struct action_show *,
                        const struct place *);

#endif /* lib/show/record-json.h */
