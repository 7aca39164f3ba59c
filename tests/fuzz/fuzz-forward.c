/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "file/forward-check.h"
#include "file/forward-message.h"
#include "file/forward-name.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* Checks what becomes of the names that 'm', a hello, has. */
static void
check_names(const struct forward_message *m)
{
    char *name = forward_file_name_of(m->host);
    char *label = forward_label(m->host, m->system_id);
    char *object = xasprintf("{%s\"x\":1}", label);
    struct json *json = json_from_string(object);

    ovs_assert(name[0] && name[0] != '.' && name[0] != '-');
    ovs_assert(!strchr(name, '/'));
    fuzz_check_utf8(label);
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
    free(object);
    free(label);
    free(name);
}

/* Checks the lines of 'm', records. */
static void
check_lines(struct forward_check *c, const struct forward_message *m)
{
    size_t n = upcall_json_array_size(m->lines);

    for (size_t i = 0; i < n; i++) {
        const char *line = json_string(upcall_json_array_at(m->lines, i));
        enum forward_kind kind;
        char *error = forward_check_line(c, line, strlen(line), &kind);

        if (error) {
            fuzz_check_printable(error);
        } else {
            ovs_assert(line[0] == '{' && !strchr(line, '\n'));
            fuzz_check_utf8(line);
        }
        free(error);
    }
}

/* Takes a message, which it destroys. */
static void
take_message(struct forward_check *c, struct jsonrpc_msg *msg)
{
    struct forward_message m;
    char *error = (msg->method
                   ? forward_message_parse(msg->method, msg->params, &m)
                   : xstrdup("a reply"));

    if (error) {
        fuzz_check_printable(error);
    } else if (m.kind == FORWARD_MESSAGE_HELLO) {
        check_names(&m);
    } else if (m.kind == FORWARD_MESSAGE_BEGIN) {
        error = forward_check_begin(c, m.startup);
    } else if (m.kind == FORWARD_MESSAGE_RECORDS) {
        check_lines(c, &m);
    }
    free(error);
    jsonrpc_msg_destroy(msg);
}

/* Takes messages as they come from a sender. */
void
fuzz_forward(const uint8_t *data, size_t size)
{
    struct forward_check *c = forward_check_create();
    size_t i = 0;

    while (i < size) {
        struct json_parser *parser = json_parser_create(0);
        size_t used = json_parser_feed(parser, (const char *) data + i,
                                       size - i);
        struct json *json = json_parser_finish(parser);
        struct jsonrpc_msg *msg;
        char *error = jsonrpc_msg_from_json(json, &msg);

        if (error) {
            free(error);
            break;
        }
        take_message(c, msg);
        i += used;
    }
    forward_check_destroy(c);
}
