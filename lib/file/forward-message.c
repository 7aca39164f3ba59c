/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-message.h"

#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-read.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "unicode.h"
#include "util.h"
#include "uuid.h"

/* Largest number of an item, so that sums do not overflow. */
#define NUMBER_MAX (INT64_MAX / 2)

static const char *const methods[] = {
#define X(KIND, METHOD) [FORWARD_MESSAGE_##KIND] = FORWARD_PREFIX METHOD,
    FORWARD_MESSAGES
#undef X
};

/* Returns the method of messages of 'kind'. */
const char *
forward_message_method(enum forward_message_kind kind)
{
    return methods[kind];
}

/* Reading. */

static uint64_t
read_number(struct json_read *r, const struct json *json, const char *name)
{
    return json_read_integer(r, json, name, 0, NUMBER_MAX);
}

/* Returns true if 's', which is UTF-8, has a control character: U+0000 to
 * U+001F, or U+007F to U+009F.  Each would be six bytes of each line, and may
 * do anything to a terminal. */
static bool
has_control(const char *s)
{
    for (const unsigned char *p = (const unsigned char *) s; *p; p++) {
        if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
            return true;
        }
    }
    return false;
}

/* Returns why 's' cannot be the name of a host or a system-id, a constant;
 * NULL if it can. */
const char *
forward_name_fault(const char *s)
{
    size_t length;
    char *error;

    if (strlen(s) > FORWARD_NAME_MAX) {
        BUILD_ASSERT_DECL(FORWARD_NAME_MAX == 255);
        return "is longer than 255 bytes";
    }
    error = utf8_validate(s, &length);
    if (error) {
        free(error);
        return "is not UTF-8";
    }
    return has_control(s) ? "has control characters" : NULL;
}

/* Returns 's', of the member 'name', if it can be a name. */
static const char *
check_name(struct json_read *r, const char *s, const char *name)
{
    const char *fault = s ? forward_name_fault(s) : NULL;

    if (fault) {
        json_read_error(r, "member \"%s\" %s", name, fault);
        return NULL;
    }
    return s;
}

static const char *
read_name(struct json_read *r, const struct json *json, const char *name)
{
    return check_name(r, json_read_string(r, json, name), name);
}

static const char *
read_name_if(struct json_read *r, const struct json *json, const char *name)
{
    return check_name(r, json_read_string_if(r, json, name), name);
}

static void
read_hello(struct json_read *r, const struct json *json,
           struct forward_message *m)
{
    struct uuid uuid;

    /* What comes after the version is its matter. */
    json_read_integer(r, json, "version", FORWARD_VERSION, FORWARD_VERSION);
    m->session = json_read_string(r, json, "session");
    if (m->session && (strlen(m->session) != UUID_LEN
                       || !uuid_from_string(&uuid, m->session))) {
        json_read_error(r, "member \"session\" is no UUID");
    }
    m->host = read_name(r, json, "host");
    m->system_id = read_name_if(r, json, "system_id");
    m->first = read_number(r, json, "first");
    m->window = read_number(r, json, "window");
}

static void
read_lines(struct json_read *r, const struct json *json,
           struct forward_message *m)
{
    size_t n;

    m->first = read_number(r, json, "first");
    m->lines = json_read_array(r, json, "lines");
    n = m->lines ? upcall_json_array_size(m->lines) : 0;
    if (n > FORWARD_LINES_MAX) {
        json_read_error(r, "more than %d lines in a message",
                        FORWARD_LINES_MAX);
    }
    for (size_t i = 0; i < n; i++) {
        if (upcall_json_array_at(m->lines, i)->type != JSON_STRING) {
            json_read_error(r, "an element of \"lines\" is not a string");
        }
    }
}

static void
read_gap(struct json_read *r, const struct json *json,
         struct forward_message *m)
{
    m->first = read_number(r, json, "first");
    m->number = read_number(r, json, "last");
    m->gap.dropped = read_number(r, json, "dropped");
    m->gap.missed = read_number(r, json, "missed");
    m->gap.traces = read_number(r, json, "traces");
    m->gap.next = read_number(r, json, "next");
    if (m->first > m->number) {
        json_read_error(r, "member \"first\" is greater than \"last\"");
    }
}

static void
read_ack(struct json_read *r, const struct json *json,
         struct forward_message *m)
{
    m->number = read_number(r, json, "number");
    m->refused = read_number(r, json, "refused");
    m->why = json_read_string_if(r, json, "why");
}

/* Stores in '*m' what 'params' of a message of its kind say. */
static void
read_message(struct json_read *r, const struct json *json,
             struct forward_message *m)
{
    switch (m->kind) {
    case FORWARD_MESSAGE_HELLO:
        read_hello(r, json, m);
        break;
    case FORWARD_MESSAGE_BEGIN:
        m->number = read_number(r, json, "number");
        m->startup = json_read_string_if(r, json, "startup");
        break;
    case FORWARD_MESSAGE_RECORDS:
        read_lines(r, json, m);
        break;
    case FORWARD_MESSAGE_GAP:
        read_gap(r, json, m);
        break;
    case FORWARD_MESSAGE_CLOSE:
        m->number = read_number(r, json, "number");
        m->why = read_name(r, json, "why");
        break;
    case FORWARD_MESSAGE_ACK:
        read_ack(r, json, m);
        break;
    case FORWARD_MESSAGE_ERROR:
        m->why = json_read_string(r, json, "why");
        break;
    case FORWARD_N_MESSAGES:
    default:
        OVS_NOT_REACHED();
    }
}

/* Parses a message 'method' with 'params', either of which may be anything.
 * Returns NULL and stores in '*m' what it says, or returns what is wrong with
 * it, which the caller frees. */
char *
forward_message_parse(const char *method, const struct json *params,
                      struct forward_message *m)
{
    struct json_read r = JSON_READ_INITIALIZER;

    memset(m, 0, sizeof *m);
    while (m->kind < FORWARD_N_MESSAGES && strcmp(methods[m->kind], method)) {
        m->kind++;
    }
    if (m->kind >= FORWARD_N_MESSAGES) {
        return xstrdup("its method is unknown");
    } else if (!params || params->type != JSON_ARRAY
               || upcall_json_array_size(params) != 1
               || upcall_json_array_at(params, 0)->type != JSON_OBJECT) {
        return xstrdup("its params are not an array with an object");
    }
    read_message(&r, upcall_json_array_at(params, 0), m);
    return json_read_finish(&r);
}

/* The same for the reply to HELLO. */
char *
forward_reply_parse(const struct json *result, struct forward_message *m)
{
    struct json_read r = JSON_READ_INITIALIZER;

    memset(m, 0, sizeof *m);
    m->kind = FORWARD_MESSAGE_ACK;
    if (!result || result->type != JSON_OBJECT) {
        return xstrdup("the reply is not an object");
    }
    read_ack(&r, result, m);
    return json_read_finish(&r);
}

/* Writing. */

static void
put_number(struct json *json, const char *name, uint64_t number)
{
    json_object_put(json, name, json_integer_create(number));
}

static void
put_string_if(struct json *json, const char *name, const char *s)
{
    json_object_put(json, name,
                    s ? json_string_create(s) : json_null_create());
}

static void
put_hello(struct json *json, const struct forward_message *m)
{
    put_number(json, "version", FORWARD_VERSION);
    json_object_put_string(json, "session", m->session);
    json_object_put_string(json, "host", m->host);
    put_string_if(json, "system_id", m->system_id);
    put_number(json, "first", m->first);
    put_number(json, "window", m->window);
}

static void
put_gap(struct json *json, const struct forward_message *m)
{
    put_number(json, "first", m->first);
    put_number(json, "last", m->number);
    put_number(json, "dropped", m->gap.dropped);
    put_number(json, "missed", m->gap.missed);
    put_number(json, "traces", m->gap.traces);
    put_number(json, "next", m->gap.next);
}

/* Adds to 'json' what 'm' says. */
static void
put_message(struct json *json, const struct forward_message *m)
{
    switch (m->kind) {
    case FORWARD_MESSAGE_HELLO:
        put_hello(json, m);
        break;
    case FORWARD_MESSAGE_BEGIN:
        put_number(json, "number", m->number);
        put_string_if(json, "startup", m->startup);
        break;
    case FORWARD_MESSAGE_RECORDS:
        put_number(json, "first", m->first);
        json_object_put(json, "lines", json_clone(m->lines));
        break;
    case FORWARD_MESSAGE_GAP:
        put_gap(json, m);
        break;
    case FORWARD_MESSAGE_CLOSE:
        put_number(json, "number", m->number);
        json_object_put_string(json, "why", m->why);
        break;
    case FORWARD_MESSAGE_ACK:
        put_number(json, "number", m->number);
        put_number(json, "refused", m->refused);
        put_string_if(json, "why", m->why);
        break;
    case FORWARD_MESSAGE_ERROR:
        json_object_put_string(json, "why", m->why);
        break;
    case FORWARD_N_MESSAGES:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the params of 'm', which the caller destroys. */
struct json *
forward_message_params(const struct forward_message *m)
{
    struct json *json = json_object_create();

    put_message(json, m);
    return json_array_create_1(json);
}

/* Returns 'm' as a notification, which the caller destroys. */
struct jsonrpc_msg *
forward_message_notify(const struct forward_message *m)
{
    return jsonrpc_create_notify(forward_message_method(m->kind),
                                 forward_message_params(m));
}
