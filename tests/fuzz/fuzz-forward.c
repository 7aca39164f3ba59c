/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/forward-file.h"
#include "file/forward-message.h"
#include "file/forward-name.h"
#include "file/forward-session.h"
#include "file/trace-reader.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* A receiver, with one sender. */
struct receiver {
    struct forward_file_options options;
    struct forward_session *session;    /* NULL if there is none. */
    bool refuses;               /* Until another hello? */
};

/* Where files are, the same for each input, and empty between these. */
static char *dir;

/* Files. */

static void
remove_dir(void)
{
    char *state = xasprintf("%s/.state", dir);

    rmdir(state);
    rmdir(dir);
    free(state);
    free(dir);
}

/* Makes 'dir', in memory where that is possible. */
static void
make_dir(void)
{
    if (!dir) {
        dir = xasprintf("%s/fuzz-forward-XXXXXX",
                        access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        ovs_assert(mkdtemp(dir));
        atexit(remove_dir);
    }
}

/* Fails unless what is in the file 'path' is a trace, without errors. */
static void
check_file(const char *path)
{
    struct trace_reader *reader = trace_reader_create();
    FILE *file = fopen(path, "r");
    char block[4096];
    struct trace_item item;
    size_t n;

    ovs_assert(file);
    while ((n = fread(block, 1, sizeof block, file)) > 0) {
        trace_reader_put(reader, block, n);
        while (trace_reader_next(reader, &item)) {
            ovs_assert(item.kind != TRACE_ERROR);
        }
    }
    trace_reader_end(reader, NULL);
    while (trace_reader_next(reader, &item)) {
        ovs_assert(item.kind != TRACE_ERROR);
    }
    fclose(file);
    trace_reader_destroy(reader);
}

/* Checks and removes all files in the directory 'name', but for 'check' only
 * removes them. */
static void
empty(const char *name, bool check)
{
    DIR *d = opendir(name);
    const struct dirent *entry;

    while (d && (entry = readdir(d))) {
        char *path = xasprintf("%s/%s", name, entry->d_name);
        struct stat s;

        if (!lstat(path, &s) && S_ISREG(s.st_mode)) {
            if (check) {
                check_file(path);
            }
            unlink(path);
        }
        free(path);
    }
    if (d) {
        closedir(d);
    }
}

static void
empty_all(void)
{
    char *state = xasprintf("%s/.state", dir);

    empty(dir, true);
    empty(state, false);
    free(state);
}

/* Messages. */

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

/* Opens the session of 'hello', as if the receiver had been killed before. */
static void
take_hello(struct receiver *r, const struct forward_message *hello)
{
    char *error;

    check_names(hello);
    forward_session_close(r->session);
    error = forward_session_open(&r->options, hello, &r->session);
    if (error) {
        fuzz_check_printable(error);
        free(error);
    } else {
        forward_session_resume(r->session, hello);
        ovs_assert(!forward_session_sync(r->session));
    }
    r->refuses = error != NULL;
}

/* Has 's' acknowledge what it has. */
static void
sync_session(struct forward_session *s)
{
    struct forward_message ack;

    ovs_assert(!forward_session_sync(s));
    forward_session_get_ack(s, &ack);
    if (ack.why) {
        fuzz_check_printable(ack.why);
    }
    forward_session_forget_why(s);
}

/* Takes 'm', which is no hello, if there was one. */
static void
take_from(struct receiver *r, const struct forward_message *m)
{
    struct forward_session *s = r->session;
    char *error;

    if (!s || r->refuses) {
        return;
    }
    error = forward_session_take(s, m);
    if (error) {
        fuzz_check_printable(error);
        free(error);
        r->refuses = true;
    } else if (forward_session_is_closed(s)) {
        sync_session(s);
        forward_session_close(s);
        r->session = NULL;
    } else if (m->number % 2 || forward_session_is_full(s)) {
        sync_session(s);
    }
}

/* Takes a message, which it destroys. */
static void
take_message(struct receiver *r, struct jsonrpc_msg *msg)
{
    struct forward_message m;
    char *error = (msg->method
                   ? forward_message_parse(msg->method, msg->params, &m)
                   : xstrdup("a reply"));

    if (error) {
        fuzz_check_printable(error);
        free(error);
        r->refuses = true;
    } else if (m.kind == FORWARD_MESSAGE_HELLO) {
        take_hello(r, &m);
    } else {
        take_from(r, &m);
    }
    jsonrpc_msg_destroy(msg);
}

/* Takes all messages that there are. */
static void
take_messages(struct receiver *r, const char *data, size_t size)
{
    size_t i = 0;

    while (i < size) {
        struct json_parser *parser = json_parser_create(0);
        size_t used = json_parser_feed(parser, data + i, size - i);
        struct json *json = json_parser_finish(parser);
        struct jsonrpc_msg *msg;
        char *error = jsonrpc_msg_from_json(json, &msg);

        if (error) {
            free(error);
            break;
        }
        take_message(r, msg);
        i += used;
    }
}

/* Takes messages as they come from a sender, by one that rotates files or not,
 * and looks at these. */
void
fuzz_forward(const uint8_t *data, size_t size)
{
    struct receiver r = {
        .options = { .ending = ".json", .rotate = size % 2 ? 4096 : 0 },
        .refuses = true,
    };

    make_dir();
    r.options.dir = dir;
    take_messages(&r, (const char *) data, size);
    if (r.session) {
        forward_session_end(r.session, "over");
        sync_session(r.session);
        forward_session_close(r.session);
    }
    empty_all();
}
