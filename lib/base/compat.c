/* SPDX-License-Identifier: Apache-2.0 */

/* Differences between versions of Open vSwitch, and between C libraries, that
 * need more than an inline function.  See compat.h. */

#include <config.h>
#include "base/compat.h"

#if HAVE_DECL_MALLOC_TRIM
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Gives free memory back to the system, as far as the C library can.  The GNU
 * C library keeps much of what was used. */
void
upcall_trim_memory(void)
{
#if HAVE_DECL_MALLOC_TRIM
    malloc_trim(0);
#endif
}

#ifdef OVS_HAVE_UNIXCTL_TRANSACT_JSON
/* Returns the text of 'json', which it frees: a string, as all replies are to
 * a client that has not asked for another format, or what it is. */
static char *
text_of(struct json *json)
{
    char *text = (json->type == JSON_STRING ? xstrdup(json_string(json))
                  : json_to_string(json, JSSF_SORT));

    json_destroy(json);
    return text;
}
#endif

/* Calls unixctl_client_transact().  If that returns 0, stores in either
 * '*result' or '*error' the text of the reply, which the caller frees, and
 * NULL in the other.
 *
 * OVS 3.4 made both of them JSON. */
int
upcall_unixctl_transact(struct jsonrpc *client, const char *command, int argc,
                        char *argv[], char **result, char **error)
{
#ifdef OVS_HAVE_UNIXCTL_TRANSACT_JSON
    struct json *json_result, *json_error;
    int retval = unixctl_client_transact(client, command, argc, argv,
                                         &json_result, &json_error);

    *result = json_result ? text_of(json_result) : NULL;
    *error = json_error ? text_of(json_error) : NULL;
    return retval;
#else
    return unixctl_client_transact(client, command, argc, argv, result, error);
#endif
}

/* Replies to the command of 'conn' with 'json', and takes ownership of it.
 *
 * OVS 3.4 added unixctl_command_reply_json(), which may be used only if the
 * client asked for JSON.  In all other cases the client gets the JSON as
 * text. */
void
upcall_unixctl_reply_json(struct unixctl_conn *conn, struct json *json)
{
    char *text, *line;

#ifdef OVS_HAVE_UNIXCTL_REPLY_JSON
    if (upcall_unixctl_wants_json(conn)) {
        unixctl_command_reply_json(conn, json);
        return;
    }
#endif

    text = json_to_string(json, JSSF_SORT);
    json_destroy(json);
    line = xasprintf("%s\n", text);
    free(text);
    unixctl_command_reply(conn, line);
    free(line);
}

/* Returns a JSON value that is serialized as 'text', which has to be valid
 * JSON, and takes the ownership of it.  Nothing but json_destroy() and
 * functions that serialize may be called for what is returned.
 *
 * OVS has JSON_SERIALIZED_OBJECT since 2.16, but no function that takes the
 * text.  OVS 3.6, which stores short strings inside 'struct json', renamed the
 * member that is a pointer. */
struct json *
upcall_json_from_text(char *text)
{
    struct json *null = json_null_create();
    struct json *json = json_serialized_object_create(null);

    json_destroy(null);
#ifdef OVS_HAVE_JSON_ARRAY_AT
    free(json->str_ptr);
    json->str_ptr = text;
#else
    free(json->string);
    json->string = text;
#endif
    return json;
}

/* Replies to the command of 'conn' with 'text', which has to be valid JSON,
 * and takes the ownership of it.
 *
 * To a client that asked for JSON, no copy is made but what is sent.  OVS has
 * no way to do so for others, whose JSON is text: there is a second one until
 * this function returns. */
void
upcall_unixctl_reply_json_text(struct unixctl_conn *conn, char *text)
{
#ifdef OVS_HAVE_UNIXCTL_REPLY_JSON
    if (upcall_unixctl_wants_json(conn)) {
        unixctl_command_reply_json(conn, upcall_json_from_text(text));
        return;
    }
#endif

    unixctl_command_reply(conn, text);
    free(text);
}

/* Replies to the command of 'conn' with 'error', which need not end its line.
 *
 * OVS 3.4 left it to ovs-appctl to end the last line of a reply: that of
 * earlier versions, asking a daemon that was built with a later one, would
 * print its own message behind the error. */
void
upcall_unixctl_reply_error(struct unixctl_conn *conn, const char *error)
{
    size_t len = strlen(error);
    bool ended = len && error[len - 1] == '\n';
    char *line = xasprintf("%s%s", error, ended ? "" : "\n");

    unixctl_command_reply_error(conn, line);
    free(line);
}
