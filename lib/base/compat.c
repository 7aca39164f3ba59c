/* SPDX-License-Identifier: Apache-2.0 */

/* Differences between versions of Open vSwitch that need more than an inline
 * function.  See compat.h. */

#include <config.h>
#include "base/compat.h"

#include <stdlib.h>

/* Replies to the command of 'conn' with 'json', and takes ownership of it.
 *
 * OVS 3.4 added unixctl_command_reply_json(), which may be used only if the
 * client asked for JSON.  In all other cases the client gets the JSON as
 * text. */
void
upcall_unixctl_reply_json(struct unixctl_conn *conn, struct json *json)
{
    char *text;

#ifdef OVS_HAVE_UNIXCTL_REPLY_JSON
    if (upcall_unixctl_wants_json(conn)) {
        unixctl_command_reply_json(conn, json);
        return;
    }
#endif

    text = json_to_string(json, JSSF_SORT);
    unixctl_command_reply(conn, text);
    free(text);
    json_destroy(json);
}
