/* SPDX-License-Identifier: Apache-2.0 */

#ifndef LIB_COMPAT_H
#define LIB_COMPAT_H 1

/* Differences between versions of Open vSwitch.
 *
 * The rest of the code compiles against Open vSwitch 3.1 and later without an
 * #ifdef, because each function whose interface has changed since is wrapped
 * here.  Each wrapper says what changed, and in which version.  The macros
 * OVS_HAVE_* come from compile tests in acinclude.m4. */

#include <stdbool.h>
#include <stddef.h>

#include "daemon.h"
#include "odp-util.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "unixctl.h"

/* Takes a result that its function wants to be looked at, where there is
 * nothing to do about it.
 *
 * OVS 4.0 calls its ignore() ovs_ignore(). */
static inline void
upcall_ignore(bool result OVS_UNUSED)
{
}

/* Calls daemonize_start().
 *
 * OVS 3.2 added the argument 'access_hardware_ports', with which a daemon that
 * changes its user keeps the right to use I/O ports.  We never need it. */
static inline void
upcall_daemonize_start(bool access_datapath)
{
#ifdef OVS_HAVE_DAEMONIZE_START_2
    daemonize_start(access_datapath, false);
#else
    daemonize_start(access_datapath);
#endif
}

/* Returns the number of elements of 'json', which must be an array.
 *
 * OVS 3.6 stores small arrays inside 'struct json' and added functions to
 * access them.  Before, struct members had to be used. */
static inline size_t
upcall_json_array_size(const struct json *json)
{
#ifdef OVS_HAVE_JSON_ARRAY_AT
    return json_array_size(json);
#else
    return json_array(json)->n;
#endif
}

/* Returns element 'index' of 'json', which must be an array with more than
 * 'index' elements.  'json' keeps the ownership.
 *
 * OVS 3.6: see upcall_json_array_size(). */
static inline const struct json *
upcall_json_array_at(const struct json *json, size_t index)
{
#ifdef OVS_HAVE_JSON_ARRAY_AT
    return json_array_at(json, index);
#else
    ovs_assert(index < json_array(json)->n);
    return json_array(json)->elems[index];
#endif
}

/* Returns true if the client of 'conn' asked for JSON ("--format json").
 *
 * OVS 3.4 added output formats.  Before, a client could not ask. */
static inline bool
upcall_unixctl_wants_json(struct unixctl_conn *conn)
{
#ifdef OVS_HAVE_UNIXCTL_REPLY_JSON
    return (unixctl_command_get_output_format(conn)
            == UNIXCTL_OUTPUT_FMT_JSON);
#else
    (void) conn;
    return false;
#endif
}

/* Calls odp_flow_format().
 *
 * OVS 3.5 added the argument 'skip_no_mask', which omits fields that the mask
 * does not mention.  We always show what earlier versions showed. */
static inline void
upcall_odp_flow_format(const struct nlattr *key, size_t key_len,
                       const struct nlattr *mask, size_t mask_len,
                       const struct hmap *portno_names, struct ds *ds,
                       bool verbose)
{
#ifdef OVS_HAVE_ODP_FLOW_FORMAT_8
    odp_flow_format(key, key_len, mask, mask_len, portno_names, ds, verbose,
                    false);
#else
    odp_flow_format(key, key_len, mask, mask_len, portno_names, ds, verbose);
#endif
}

struct jsonrpc;

void upcall_trim_memory(void);
int upcall_unixctl_transact(struct jsonrpc *, const char *command, int argc,
                            char *argv[], char **result, char **error);
struct json *upcall_json_from_text(char *text);
void upcall_unixctl_reply_json(struct unixctl_conn *, struct json *);
void upcall_unixctl_reply_json_text(struct unixctl_conn *, char *text);
void upcall_unixctl_reply_error(struct unixctl_conn *, const char *error);

#endif /* lib/base/compat.h */
