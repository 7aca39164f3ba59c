/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "session-files.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/json-node.h"
#include "build-record.h"
#include "check-output.h"
#include "file/forward-message.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "show/record-context.h"
#include "util.h"

/* Where the files are. */
char session_dir[32];

/* For sessions that are opened, and which is. */
struct forward_file_options session_options;
struct forward_session *session;
const char *session_host;

/* Makes the directory. */
void
session_setup(void)
{
    ovs_strlcpy(session_dir, "/tmp/test-forward-XXXXXX", sizeof session_dir);
    ck_assert_ptr_nonnull(mkdtemp(session_dir));
    session_options = (struct forward_file_options) {
        .dir = session_dir, .ending = ".json",
    };
    session = NULL;
    session_host = "h";
    random_set_seed(1);
}

/* Removes 'name', and what is in it if it is a directory. */
static void
remove_all(const char *name)
{
    DIR *d = opendir(name);
    const struct dirent *entry;

    while (d && (entry = readdir(d))) {
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) {
            char *path = xasprintf("%s/%s", name, entry->d_name);

            remove_all(path);
            free(path);
        }
    }
    if (d) {
        closedir(d);
    }
    ck_assert_int_eq(remove(name), 0);
}

/* Removes it, and closes the session. */
void
session_teardown(void)
{
    forward_session_close(session);
    remove_all(session_dir);
}

/* Sessions. */

/* Returns a line with the record 'seq'.  The caller frees it. */
char *
session_make_record(uint64_t seq)
{
    const struct record_context c = { .ports = test_ports, .raw = true };
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct build b;
    size_t size;
    void *record;

    build_executed(&b);
    record = build_get(&b, &size);
    build_uninit(&b);
    ck_assert_ptr_null(trace_line_put_record(&ds, record, size, seq, &c));
    free(record);
    ds_chomp(&ds, '\n');
    return ds_steal_cstr(&ds);
}

/* Opens the session 'id', as on a connection whose first number is 'first'. */
void
session_open(const char *id, uint64_t first)
{
    const struct forward_message hello = {
        .kind = FORWARD_MESSAGE_HELLO, .session = id, .host = session_host,
        .first = first,
    };
    char *error = forward_session_open(&session_options, &hello, &session);

    ck_assert_msg(!error, "%s", error);
    forward_session_resume(session, &hello);
}

/* Closes it, as if the process was killed. */
void
session_kill(void)
{
    forward_session_close(session);
    session = NULL;
}

/* Returns the last number that the session has. */
uint64_t
session_number(void)
{
    struct forward_message m;

    forward_session_get_ack(session, &m);
    return m.number;
}

/* Has the session take 'm', by way of JSON, of which nothing may be wrong
 * unless it is 'expected'. */
void
session_take_expecting(const struct forward_message *m, const char *expected)
{
    struct jsonrpc_msg *msg = forward_message_notify(m);
    struct forward_message copy;
    char *error = forward_message_parse(msg->method, msg->params, &copy);

    ck_assert_msg(!error, "%s", error);
    error = forward_session_take(session, &copy);
    ck_assert_msg(!error || (expected && strstr(error, expected)), "%s",
                  error);
    ck_assert(!expected || error);
    free(error);
    jsonrpc_msg_destroy(msg);
}

/* Has the session take 'm'. */
void
session_take(const struct forward_message *m)
{
    session_take_expecting(m, NULL);
}

/* Has 'next' be of the trace of 'startup'. */
void
session_begin(uint64_t next, const char *startup)
{
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_BEGIN, .number = next, .startup = startup,
    });
}

/* Has the session take a line, with the number 'first'. */
void
session_take_line(uint64_t first, const char *line)
{
    struct json *lines = json_array_create_1(json_string_create(line));

    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_RECORDS, .first = first, .lines = lines,
    });
    json_destroy(lines);
}

/* The same with that of the record 'seq'. */
void
session_take_record(uint64_t first, uint64_t seq)
{
    char *line = session_make_record(seq);

    session_take_line(first, line);
    free(line);
}

/* What is in files. */

/* Counts the gap 'item'. */
static void
count_gap(const struct trace_item *item, struct session_found *found)
{
    const struct json_node *dropped = json_node_find(item->root, "dropped");

    ck_assert_ptr_nonnull(dropped);
    found->dropped += dropped->integer;
    found->missed += item->n - dropped->integer;
}

/* Adds what is in the file 'name', which has to be a whole trace. */
static void
read_file(const char *name, struct session_found *found)
{
    struct trace_reader *t = trace_reader_create();
    gzFile gz = gzopen(name, "r");
    char line[65536];
    struct trace_item item;

    ck_assert_ptr_nonnull(gz);
    while (gzgets(gz, line, sizeof line)) {
        trace_reader_put(t, line, strlen(line));
        ck_assert(trace_reader_next(t, &item));
        ck_assert_msg(item.kind != TRACE_ERROR, "%s: %s", name, item.error);
        ck_assert_ptr_nonnull(strstr(line, "\"host\":\"h\""));
        found->traces += item.kind == TRACE_STARTUP;
        found->gaps += item.kind == TRACE_GAP;
        if (item.kind == TRACE_GAP) {
            count_gap(&item, found);
        } else if (item.kind == TRACE_RECORD) {
            found->records++;
            found->last = item.seq;
        }
    }
    ck_assert(trace_reader_has_ended(t));
    trace_reader_destroy(t);
    gzclose(gz);
}

/* Returns what is in all files of the directory, which are 'n_files', any
 * number if that is 0. */
struct session_found
session_read_files(int n_files)
{
    struct session_found found = { .traces = 0 };
    DIR *d = opendir(session_dir);
    const struct dirent *entry;
    int n = 0;

    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d))) {
        if (entry->d_name[0] != '.') {
            char *name = xasprintf("%s/%s", session_dir, entry->d_name);

            n++;
            read_file(name, &found);
            free(name);
        }
    }
    closedir(d);
    ck_assert(!n_files || n == n_files);
    return found;
}
