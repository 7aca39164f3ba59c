/* SPDX-License-Identifier: Apache-2.0 */

/* What a trace cannot see on this machine, and what to do.  Before a trace,
 * "upcall-trace/check" tells that of all that could be traced. */

#include <config.h>

#include "limited.h"

#include "attach.h"
#include "host.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "record/kernel-actions.h"
#include "record/pass-drop.h"
#include "session.h"
#include "store/start-options.h"
#include "svec.h"
#include "util.h"

/* Adds what a kernel does in which packets can preempt each other: the
 * programs note by CPU which pass is in progress (bpf/pass.bpf.h). */
static void
add_realtime(struct svec *limits)
{
    if (host_is_realtime()) {
        svec_add(limits, "of passes, some may be missing and some mixed up: "
                 "this kernel has PREEMPT_RT, where a packet can preempt "
                 "another one: use a kernel without");
    }
}

/* Adds what is not known of the actions of flows. */
static void
add_layout(const struct session *s, struct svec *limits)
{
    struct ds missing = DS_EMPTY_INITIALIZER;

    if (!kernel_layout_is_complete(session_view(s).layout, &missing)) {
        svec_add_nocopy(limits, xasprintf(
            "some actions of flows are shown by number and bytes, or with "
            "\"?\": the BTF of this kernel does not have %s: see "
            "dpctl/dump-flows for these, or load the openvswitch module of "
            "one that has it",
            ds_cstr(&missing)));
    }
    ds_destroy(&missing);
}

/* Adds what is not known of executed actions. */
static void
add_executed(const struct session *s, struct svec *limits)
{
    struct attach_hook hooks[PASS_N_HOOKS];
    size_t n = session_get_pass_hooks(s, hooks);

    for (size_t i = 0; i < n; i++) {
        if (!hooks[i].kind) {
            svec_add_nocopy(limits, xasprintf(
                "what comes of some actions is not known: the kernel has no "
                "%s: load the openvswitch module of one that has it",
                hooks[i].name));
        }
    }
    if (!kernel_tells_ovs_drops(session_view(s).layout)) {
        svec_add(limits, "why Open vSwitch drops packets is not known: use "
                 "Linux 6.7 or later");
    }
}

/* Adds what the trace 's' cannot see to 'limits'; nothing if it has
 * stopped. */
static void
get_limits(const struct session *s, struct svec *limits)
{
    const struct session_view v = session_view(s);

    if (!v.running) {
        return;
    }
    if (!session_sees_pages(s)) {
        svec_add(limits, "of packets in pages, only the first bytes are kept: "
                 "see \"packets in pages\" of upcall-trace/check");
    }
    if (v.options->datapath != UPCALL_DATAPATH_OFF) {
        add_realtime(limits);
        add_layout(s, limits);
    }
    if (v.options->datapath == UPCALL_DATAPATH_ACTIONS) {
        add_executed(s, limits);
    }
}

/* Returns what the trace 's' cannot see as an array of strings. */
struct json *
limited_to_json(const struct session *s)
{
    struct svec limits = SVEC_EMPTY_INITIALIZER;
    struct json *array = json_array_create_empty();
    const char *limit;
    size_t i;

    get_limits(s, &limits);
    SVEC_FOR_EACH (i, limit, &limits) {
        json_array_add(array, json_string_create(limit));
    }
    svec_destroy(&limits);
    return array;
}

/* Appends the same to 'ds', a line for each that begins with 'label'. */
void
limited_format(const struct session *s, const char *label, struct ds *ds)
{
    struct svec limits = SVEC_EMPTY_INITIALIZER;
    const char *limit;
    size_t i;

    get_limits(s, &limits);
    SVEC_FOR_EACH (i, limit, &limits) {
        ds_put_format(ds, "%s%s\n", label, limit);
    }
    svec_destroy(&limits);
}
