/* SPDX-License-Identifier: Apache-2.0 */

/* Differences between versions of Open vSwitch that need more than an inline
 * function.  See compat.h. */

#include <config.h>
#include "compat.h"

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

#ifdef OVS_HAVE_UNIXCTL_CLIENT_JSON
/* Returns 'json' as the text that a user should see, and frees it.  A string
 * is shown as such, anything else as JSON.  Returns NULL if 'json' is NULL. */
static char *
json_to_reply_text(struct json *json)
{
    char *text;

    if (!json) {
        return NULL;
    }
    text = (json->type == JSON_STRING
            ? xstrdup(json_string(json))
            : json_to_string(json, JSSF_SORT));
    json_destroy(json);
    return text;
}
#endif

/* Sends 'command' with the 'argc' arguments in 'argv' to the server at the
 * other end of 'client' and waits for the reply.  Returns 0 if there is one:
 * then one of '*result' and '*error' is a string, which the caller must free,
 * and the other is NULL.  Otherwise returns a positive errno value.
 *
 * OVS 3.4 changed the type of '*result' and '*error' to 'struct json *'. */
int
upcall_unixctl_transact(struct jsonrpc *client, const char *command,
                        int argc, char *argv[], char **result, char **error)
{
#ifdef OVS_HAVE_UNIXCTL_CLIENT_JSON
    struct json *json_result, *json_error;
    int retval;

    retval = unixctl_client_transact(client, command, argc, argv,
                                     &json_result, &json_error);
    *result = retval ? NULL : json_to_reply_text(json_result);
    *error = retval ? NULL : json_to_reply_text(json_error);
    return retval;
#else
    return unixctl_client_transact(client, command, argc, argv,
                                   result, error);
#endif
}
