/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of sessions and their files. */

#include <config.h>

#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/json-node.h"
#include "build-record.h"
#include "check-output.h"
#include "file/forward-file.h"
#include "file/forward-message.h"
#include "file/forward-queue.h"
#include "file/forward-session.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "jsonrpc.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "show/record-context.h"
#include "util.h"

TCase *forward_session_tcase(void);

#define ID "01234567-89ab-cdef-0123-456789abcdef"
#define OTHER_ID "01234567-89ab-cdef-0123-456789abcde0"
#define STARTUP "{\"event\":\"startup\",\"version\":\"1\"}"
#define END "{\"event\":\"end\"}"

static char dir[32];
static struct forward_file_options options;
static struct forward_session *session;
static const char *host;

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-forward-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    options = (struct forward_file_options) { .dir = dir, .ending = ".json" };
    session = NULL;
    host = "h";
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

static void
teardown(void)
{
    forward_session_close(session);
    remove_all(dir);
}

/* Sessions. */

/* Returns a line with the record 'seq'.  The caller frees it. */
static char *
make_record(uint64_t seq)
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
static void
open_session(const char *id, uint64_t first)
{
    const struct forward_message hello = {
        .kind = FORWARD_MESSAGE_HELLO, .session = id, .host = host,
        .first = first,
    };
    char *error = forward_session_open(&options, &hello, &session);

    ck_assert_msg(!error, "%s", error);
    forward_session_resume(session, &hello);
}

/* Closes it, as if the process was killed. */
static void
kill_session(void)
{
    forward_session_close(session);
    session = NULL;
}

/* Returns the last number that the session has. */
static uint64_t
number(void)
{
    struct forward_message m;

    forward_session_get_ack(session, &m);
    return m.number;
}

/* Has the session take 'm', by way of JSON, of which nothing may be wrong
 * unless it is 'expected'. */
static void
take_expecting(const struct forward_message *m, const char *expected)
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

static void
take(const struct forward_message *m)
{
    take_expecting(m, NULL);
}

static void
begin(uint64_t next, const char *startup)
{
    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_BEGIN, .number = next, .startup = startup,
    });
}

static void
take_line(uint64_t first, const char *line)
{
    struct json *lines = json_array_create_1(json_string_create(line));

    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_RECORDS, .first = first, .lines = lines,
    });
    json_destroy(lines);
}

static void
take_record(uint64_t first, uint64_t seq)
{
    char *line = make_record(seq);

    take_line(first, line);
    free(line);
}

/* What is in files. */

struct found {
    int traces;
    uint64_t records, dropped, missed, last;
};

/* Counts the gap 'item'. */
static void
count_gap(const struct trace_item *item, struct found *found)
{
    const struct json_node *dropped = json_node_find(item->root, "dropped");

    ck_assert_ptr_nonnull(dropped);
    found->dropped += dropped->integer;
    found->missed += item->n - dropped->integer;
}

/* Adds what is in the file 'name', which has to be a whole trace. */
static void
read_file(const char *name, struct found *found)
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
static struct found
read_files(int n_files)
{
    struct found found = { .traces = 0 };
    DIR *d = opendir(dir);
    const struct dirent *entry;
    int n = 0;

    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d))) {
        if (entry->d_name[0] != '.') {
            char *name = xasprintf("%s/%s", dir, entry->d_name);

            n++;
            read_file(name, &found);
            free(name);
        }
    }
    closedir(d);
    ck_assert(!n_files || n == n_files);
    return found;
}

START_TEST(test_session)
{
    struct forward_counts counts;
    struct found found;

    open_session(ID, 1);
    ck_assert_uint_eq(number(), 0);
    begin(1, NULL);
    take_line(1, STARTUP);
    take_record(2, 10);
    take_record(2, 11);         /* It has that. */
    take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 4, .number = 5,
    }, "number 4 comes in place of 3");
    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 3, .number = 8,
        .gap = { .dropped = 6, .missed = 4, .next = 20 },
    });
    take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 5, .number = 9,
    }, "the gap from 5 on has changed");
    take_line(9, "{\"nonsense\":1}");
    take_record(10, 21);
    take_line(11, END);
    ck_assert(forward_session_has_news(session));
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(!forward_session_has_news(session));
    ck_assert_uint_eq(number(), 11);
    take_expecting(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_ACK,
    }, "not a message of a sender");
    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 12, .why = "over",
    });
    ck_assert(forward_session_is_closed(session));
    counts = forward_session_counts(session);
    ck_assert_uint_eq(counts.records, 2);
    ck_assert_uint_eq(counts.dropped, 6);
    ck_assert_uint_eq(counts.missed, 4);
    ck_assert_uint_eq(counts.refused, 1);
    found = read_files(1);
    ck_assert_int_eq(found.traces, 1);
    ck_assert_uint_eq(found.records, 2);
    ck_assert_uint_eq(found.dropped, 6);
    ck_assert_uint_eq(found.missed, 4 + 1);
}
END_TEST

/* What was not synced is gone, and comes again. */
START_TEST(test_killed)
{
    struct found found;

    options.ending = _i ? ".json.gz" : ".json";
    open_session(ID, 1);
    begin(1, NULL);
    take_line(1, STARTUP);
    take_record(2, 1);
    ck_assert_int_eq(forward_session_sync(session), 0);
    take_record(3, 2);
    kill_session();

    open_session(ID, 2);
    ck_assert_uint_eq(number(), 2);
    begin(3, STARTUP);
    take_record(3, 2);
    ck_assert_int_eq(forward_session_sync(session), 0);
    /* In a session of its own, in spite of the same name. */
    kill_session();
    open_session(OTHER_ID, 7);
    ck_assert_uint_eq(number(), 6);
    begin(7, STARTUP);
    take_record(7, 5);
    forward_session_end(session, "test");
    kill_session();
    /* Also what was ended goes on, in another file. */
    open_session(ID, 4);
    begin(4, STARTUP);
    forward_session_end(session, "test");
    kill_session();
    open_session(ID, 4);
    begin(4, STARTUP);
    take_record(4, 3);
    /* What another receiver has got is not asked for. */
    forward_session_resume(session, &(struct forward_message) { .first = 9 });
    ck_assert_uint_eq(number(), 8);
    begin(9, STARTUP);
    take_record(9, 8);
    forward_session_end(session, "test");
    kill_session();
    found = read_files(4);
    ck_assert_uint_eq(found.records, 5);
}
END_TEST

/* Traces whose end was dropped, and gaps outside of any. */
START_TEST(test_traces)
{
    struct found found;

    open_session(ID, 1);
    begin(1, NULL);
    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 1, .number = 3,
        .gap = { .dropped = 2, .traces = 1 },
    });
    ck_assert_int_eq(forward_session_sync(session), 0);
    kill_session();
    open_session(ID, 1);
    begin(4, NULL);
    take_line(4, STARTUP);
    take_record(5, 1);
    take_line(6, STARTUP);
    take_line(7, END);
    take_line(8, STARTUP);
    take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 9, .why = "over",
    });
    found = read_files(1);
    ck_assert_int_eq(found.traces, 2);
    ck_assert_uint_eq(found.records, 1);
    ck_assert_uint_eq(found.dropped, 2);
}
END_TEST

/* Whoever it is, the files are in the directory, and it does not matter. */
START_TEST(test_names)
{
    static const struct {
        const char *host, *file;
    } names[] = {
        { "../../tmp/x", "_._.._tmp_x" }, { "/etc/passwd", "_etc_passwd" },
        { "..", "_." }, { "", "_" }, { "-rf", "_rf" },
        { "a\nb\"c", "a_b_c" }, { "h\xc3\xb6st", "h__st" },
        { "0123456789012345678901234567890123456789012345678901234567890123"
          "456789", "01234567890123456789012345678901234567890123456789012345"
          "67890123" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *name = xasprintf("%s/%s.01234567.json", dir, names[i].file);

        host = names[i].host;
        open_session(ID, 1);
        begin(1, NULL);
        take_line(1, STARTUP);
        take_record(2, 1);
        ck_assert_int_eq(forward_session_sync(session), 0);
        kill_session();
        ck_assert_ptr_null(strchr(name + strlen(dir) + 1, '/'));
        ck_assert_msg(!access(name, F_OK), "%s", name);
        free(name);
    }
}
END_TEST

/* What cannot be written is not acknowledged, and comes again. */
START_TEST(test_disk_full)
{
    struct rlimit full = { .rlim_cur = 8192, .rlim_max = RLIM_INFINITY };
    struct rlimit old;
    struct found found;
    int error = 0;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    full.rlim_max = old.rlim_max;
    open_session(ID, 1);
    begin(1, NULL);
    take_line(1, STARTUP);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 2; i <= 20 && !error; i++) {
        take_record(i, i);
        error = forward_session_sync(session);
    }
    ck_assert_int_ne(error, 0);
    ck_assert_ptr_nonnull(strstr(forward_session_error(session), dir));
    kill_session();
    open_session(ID, 1);
    ck_assert_uint_gt(number(), 1);
    ck_assert_uint_lt(number(), 20);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    begin(number() + 1, STARTUP);
    for (uint64_t i = number() + 1; i <= 20; i++) {
        take_record(i, i);
    }
    forward_session_end(session, "test");
    found = read_files(1);
    ck_assert_uint_eq(found.records, 19);
    ck_assert_uint_eq(found.last, 20);
}
END_TEST

/* A sender and a receiver. */

/* Sends what 'q' has next.  Returns false if that is nothing. */
static bool
send_next(struct forward_queue *q)
{
    const struct forward_item *item = forward_queue_next(q);

    if (!item) {
        return false;
    } else if (item->kind == FORWARD_GAP) {
        take(&(struct forward_message) {
            .kind = FORWARD_MESSAGE_GAP, .first = item->first,
            .number = item->number, .gap = item->gap,
        });
    } else if (item->kind == FORWARD_CLOSE) {
        take(&(struct forward_message) {
            .kind = FORWARD_MESSAGE_CLOSE, .number = item->number,
            .why = "test",
        });
    } else {
        take_line(item->number, item->line);
    }
    return true;
}

static void
put_line(struct forward_queue *q, enum forward_kind kind, uint64_t seq,
         const char *line)
{
    forward_queue_put(q, kind, seq, line, strlen(line));
}

/* Goes on with the session, which the receiver may have forgotten. */
static void
reconnect(struct forward_queue *q)
{
    open_session(ID, forward_queue_first(q));
    forward_queue_ack(q, number());
    forward_queue_rewind(q);
    begin(forward_queue_first(q), forward_queue_startup(q));
}

/* The receiver is killed at any moment, may be away for long, and the queue
 * has no room: all that was put is in the files or counted there. */
START_TEST(test_random)
{
    struct forward_queue *q = forward_queue_create(60000);
    struct forward_queue_stats stats;
    struct found found;
    bool in_trace = false;

    options.rotate = _i == 2 ? 20000 : 0;
    options.ending = _i == 1 ? ".json.gz" : ".json";
    for (int i = 1; i <= 3000; i++) {
        if (!in_trace) {
            put_line(q, FORWARD_STARTUP, 0, STARTUP);
            in_trace = true;
        } else if (random_range(40) == 0) {
            put_line(q, FORWARD_END, 0, END);
            in_trace = false;
        } else if (random_range(50) == 0) {
            forward_queue_put_gap(q, i, 3);
        } else {
            char *line = make_record(i);

            put_line(q, FORWARD_RECORD, i, line);
            free(line);
        }
        if (!session && (i / 100 % 4 != 3)) {
            reconnect(q);
        }
        for (uint32_t n = random_range(4); session && n > 0; n--) {
            send_next(q);
        }
        if (session && random_range(10) == 0) {
            ck_assert_int_eq(forward_session_sync(session), 0);
            if (random_range(2)) {
                /* The acknowledgement may be lost. */
                forward_queue_ack(q, number());
            }
        }
        if (session && random_range(100) == 0) {
            kill_session();
        }
    }
    forward_queue_put(q, FORWARD_CLOSE, 0, NULL, 0);
    while (!forward_queue_is_empty(q)) {
        if (!session) {
            reconnect(q);
        }
        while (send_next(q)) {
            continue;
        }
        ck_assert_int_eq(forward_session_sync(session), 0);
        forward_queue_ack(q, number());
    }
    forward_queue_get_stats(q, &stats);
    found = read_files(0);
    ck_assert_uint_gt(stats.dropped, 100);
    ck_assert_uint_eq(found.records, stats.acked);
    ck_assert_uint_eq(found.dropped, stats.dropped);
    ck_assert_uint_eq(found.missed, stats.missed);
    ck_assert_uint_eq(found.records + found.dropped, stats.records);
    forward_queue_destroy(q);
}
END_TEST

/* Returns the tests of this file. */
TCase *
forward_session_tcase(void)
{
    TCase *tc = tcase_create("forward-session");

    tcase_add_checked_fixture(tc, check_output_setup,
                              check_output_teardown);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_session);
    tcase_add_loop_test(tc, test_killed, 0, 2);
    tcase_add_test(tc, test_traces);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_disk_full);
    tcase_add_loop_test(tc, test_random, 0, 3);
    return tc;
}
