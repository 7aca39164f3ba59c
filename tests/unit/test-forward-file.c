/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the files of sessions. */

#include <config.h>

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "check-output.h"
#include "file/forward-dir.h"
#include "file/forward-message.h"
#include "file/forward-name.h"
#include "file/forward-state.h"
#include "lockfile.h"
#include "openvswitch/dynamic-string.h"
#include "session-files.h"
#include "sset.h"
#include "util.h"

TCase *forward_file_tcase(void);

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
        char *name = xasprintf("%s/%s.01234567.json", session_dir,
                               names[i].file);

        session_host = names[i].host;
        session_open(SESSION_ID, 1);
        session_begin(1, NULL);
        session_take_line(1, STARTUP);
        session_take_record(2, 1);
        ck_assert_int_eq(forward_session_sync(session), 0);
        session_kill();
        ck_assert_ptr_null(strchr(name + strlen(session_dir) + 1, '/'));
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
    struct session_found found;
    int error = 0;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
    full.rlim_max = old.rlim_max;
    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 2; i <= 20 && !error; i++) {
        session_take_record(i, i);
        error = forward_session_sync(session);
    }
    ck_assert_int_ne(error, 0);
    ck_assert_ptr_nonnull(strstr(forward_session_error(session),
                                 session_dir));
    session_kill();
    session_open(SESSION_ID, 1);
    ck_assert_uint_gt(session_number(), 1);
    ck_assert_uint_lt(session_number(), 20);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
    session_begin(session_number() + 1, STARTUP);
    for (uint64_t i = session_number() + 1; i <= 20; i++) {
        session_take_record(i, i);
    }
    forward_session_end(session, "test");
    found = session_read_files(1);
    ck_assert_uint_eq(found.records, 19);
    ck_assert_uint_eq(found.last, 20);
}
END_TEST

/* What is known of sessions. */

/* Returns the path of 'name', in the directory.  The caller frees it. */
static char *
path_of(const char *name)
{
    return xasprintf("%s/%s", session_dir, name);
}

static bool
exists(const char *name)
{
    char *path = path_of(name);
    struct stat s;
    bool ok = !lstat(path, &s);

    free(path);
    return ok;
}

/* Writes 'text' to the file 'name'. */
static void
write_text(const char *name, const char *text)
{
    char *path = path_of(name);
    FILE *stream = fopen(path, "w");

    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    ck_assert_int_eq(fclose(stream), 0);
    free(path);
}

/* Has 'name' have been written 'age' seconds ago. */
static void
set_age(const char *name, time_t age)
{
    const struct timespec times[2] = {
        { .tv_sec = time(NULL) - age }, { .tv_sec = time(NULL) - age }
    };
    char *path = path_of(name);

    ck_assert_msg(!utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW),
                  "%s", name);
    free(path);
}

static void
remove_file(const char *name)
{
    char *path = path_of(name);

    ck_assert_msg(!unlink(path), "%s", name);
    free(path);
}

#define STATE ".state/h.01234567"

/* Has a session begin a trace and end it, with one record. */
static void
write_session(const char *id, uint64_t first)
{
    session_open(id, first);
    session_begin(first, NULL);
    session_take_line(first, STARTUP);
    session_take_record(first + 1, first);
    forward_session_end(session, "test");
    session_kill();
}

/* If what was known is lost, or makes no sense, files that are there stay as
 * they are. */
START_TEST(test_lost_state)
{
    static const char *const states[] = { NULL, "", "nonsense", "{}", "[]" };
    struct session_found found;
    char *path = path_of(STATE);

    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        if (i) {
            ck_assert_int_eq(truncate(path, 0), 0);
            write_text(STATE, states[i]);
        } else if (exists(STATE)) {
            remove_file(STATE);
        }
        write_session(SESSION_ID, 1 + 10 * i);
    }
    /* Also if the first have been removed. */
    remove_file(STATE);
    remove_file("h.01234567.json");
    write_session(SESSION_ID, 100);
    free(path);
    found = session_read_files(ARRAY_SIZE(states));
    ck_assert_uint_eq(found.records, ARRAY_SIZE(states));
    ck_assert(exists("h.01234567.00006.json"));
}
END_TEST

/* Nothing is written to what is there and is not the session's own: what a
 * symbolic link points to, or files that others have written. */
START_TEST(test_others_files)
{
    char *target = path_of("target");
    char *link = path_of("h.01234567.json");
    char *second = path_of("h.01234567.00002.json");
    char *third = path_of("h.01234567.00003.json");

    write_text("target", "kept");
    ck_assert_int_eq(symlink(target, link), 0);
    ck_assert_int_eq(mkdir(second, 0700), 0);
    session_open(SESSION_ID, 1);
    /* It comes only now, so that it has not been seen before. */
    ck_assert_int_eq(symlink("nowhere", third), 0);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 1);
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(exists("h.01234567.00004.json"));
    ck_assert(!exists("nowhere"));
    session_kill();
    remove_file("h.01234567.json");
    remove_file("h.01234567.00003.json");
    ck_assert_int_eq(rmdir(second), 0);
    remove_file("target");
    free(target);
    free(link);
    free(second);
    free(third);
}
END_TEST

/* A file that was created just before the process was killed is used. */
START_TEST(test_created_only)
{
    write_session(SESSION_ID, 1);
    write_text("h.01234567.00002.json", "");
    session_open(SESSION_ID, 3);
    session_begin(3, STARTUP);
    session_take_record(3, 3);
    session_kill();             /* Before anything of it was synced. */
    session_open(SESSION_ID, 3);
    session_begin(3, STARTUP);
    session_take_record(3, 3);
    forward_session_end(session, "test");
    session_kill();
    ck_assert_uint_eq(session_read_files(2).records, 2);
}
END_TEST

/* Has 'id' write a file, which was written 'age' seconds ago. */
static void
write_aged(const char *id, const char *name, time_t age)
{
    write_session(id, 1);
    set_age(name, age);
}

/* So many files are kept of a host, of all its sessions, and not of others;
 * those that are in use do not go. */
START_TEST(test_files_of_host)
{
    struct sset in_use = SSET_INITIALIZER(&in_use);
    struct forward_session *other;

    session_options.rotate = 1024 * 1024;
    session_options.files = 3;
    session_options.in_use = &in_use;
    write_aged("1" "1234567-89ab-cdef-0123-456789abcdef",
               "h.11234567.00001.json", 900);
    write_aged("2" "1234567-89ab-cdef-0123-456789abcdef",
               "h.21234567.00001.json", 1000);
    write_aged("3" "1234567-89ab-cdef-0123-456789abcdef",
               "h.31234567.00001.json", 800);
    ck_assert_int_eq(sset_count(&in_use), 0);
    write_text("h.json", "");
    write_text("h.b.31234567.00001.json", "");
    set_age("h.b.31234567.00001.json", 9999);
    write_aged("4" "1234567-89ab-cdef-0123-456789abcdef",
               "h.41234567.00001.json", 700);
    ck_assert(!exists("h.21234567.00001.json"));
    ck_assert(exists("h.11234567.00001.json"));
    ck_assert(exists("h.b.31234567.00001.json"));

    /* The oldest is written. */
    session_options.files = 1;
    session_open("5" "1234567-89ab-cdef-0123-456789abcdef", 1);
    session_begin(1, NULL);
    session_take_line(1, STARTUP);
    session_take_record(2, 1);
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(!exists("h.41234567.00001.json"));
    set_age("h.51234567.00001.json", 5000);
    ck_assert_int_eq(sset_count(&in_use), 2);
    other = session;
    session = NULL;
    write_session("6" "1234567-89ab-cdef-0123-456789abcdef", 1);
    ck_assert(exists("h.51234567.00001.json"));
    ck_assert(exists("h.61234567.00001.json"));
    forward_session_close(other);
    ck_assert_int_eq(sset_count(&in_use), 0);
    write_session("7" "1234567-89ab-cdef-0123-456789abcdef", 1);
    ck_assert(!exists("h.51234567.00001.json"));
    ck_assert(!exists("h.61234567.00001.json"));
    ck_assert(exists("h.71234567.00001.json"));
    ck_assert(exists("h.json"));
    remove_file("h.json");
    remove_file("h.b.31234567.00001.json");
    sset_destroy(&in_use);
}
END_TEST

/* What is known of sessions goes when these are over, or have no files. */
START_TEST(test_forget)
{
    struct sset in_use = SSET_INITIALIZER(&in_use);
    char *path = path_of(STATE);

    write_session(SESSION_ID, 1);
    set_age(STATE, 100);
    forward_dir_forget(session_dir, 10, NULL);
    ck_assert(exists(STATE));
    /* It is not over. */
    session_open(SESSION_ID, 3);
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 3, .why = "over",
    });
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    forward_dir_forget(session_dir, 10, NULL);
    ck_assert(exists(STATE));
    set_age(STATE, 100);
    sset_add(&in_use, path);
    forward_dir_forget(session_dir, 10, &in_use);
    ck_assert(exists(STATE));
    sset_clear(&in_use);
    forward_dir_forget(session_dir, 10, &in_use);
    ck_assert(!exists(STATE));

    /* Without its files. */
    write_session(SESSION_ID, 1);
    set_age(STATE, 100);
    ck_assert(exists("h.01234567.00002.json"));
    remove_file("h.01234567.json");
    forward_dir_forget(session_dir, 10, &in_use);
    ck_assert(exists(STATE));
    remove_file("h.01234567.00002.json");
    forward_dir_forget(session_dir, 200, &in_use);
    ck_assert(exists(STATE));
    forward_dir_forget(session_dir, 10, &in_use);
    ck_assert(!exists(STATE));
    sset_destroy(&in_use);
    free(path);
}
END_TEST

/* Of a session without files nothing is kept but what has to be counted, and
 * that only as long as it is not over. */
START_TEST(test_no_files)
{
    session_open(SESSION_ID, 1);
    session_begin(1, NULL);
    ck_assert_int_eq(forward_session_sync(session), 0);
    session_kill();
    /* It may have come to something else before. */
    session_open(SESSION_ID, 8);
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(!exists(STATE));
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_GAP, .first = 8, .number = 9,
        .gap = { .dropped = 2 },
    });
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(exists(STATE));
    session_kill();
    session_open(SESSION_ID, 10);
    ck_assert_uint_eq(forward_session_counts(session).dropped, 2);
    session_take(&(struct forward_message) {
        .kind = FORWARD_MESSAGE_CLOSE, .number = 10, .why = "over",
    });
    ck_assert_int_eq(forward_session_sync(session), 0);
    ck_assert(!exists(STATE));
    ck_assert(!forward_session_has_file(session));
}
END_TEST

START_TEST(test_lock)
{
    char *dir = path_of("new");
    struct lockfile *lock, *other;
    char *error = forward_dir_lock(dir, &lock);

    ck_assert_msg(!error, "%s", error);
    ck_assert(exists("new/.state"));
    error = forward_dir_lock(dir, &other);
    ck_assert_ptr_nonnull(error);
    ck_assert_ptr_nonnull(strstr(error, "another receiver writes there"));
    free(error);
    lockfile_unlock(lock);
    error = forward_dir_lock(dir, &lock);
    ck_assert_ptr_null(error);
    lockfile_unlock(lock);
    free(dir);
    error = forward_dir_lock("/dev/null/x", &lock);
    ck_assert_str_eq(error, "/dev/null/x (Not a directory)");
    free(error);
}
END_TEST

static const struct {
    const char *name, *base;
    uint64_t number;
} file_names[] = {
    { "h.01234567.json", "h.01234567", 1 },
    { "h.01234567.00012.json.gz", "h.01234567", 12 },
    { "h.01234567.9999999.json.zst", "h.01234567", 9999999 },
    { "a.b-c.01234567.00002.json", "a.b-c.01234567", 2 },
    { "h." SESSION_ID ".00003.json", "h." SESSION_ID, 3 },
    { "h.01234567.12345678.json", "h.01234567.12345678", 1 },
    { "h.json", NULL, 0 }, { ".01234567.json", NULL, 0 },
    { "h.0123456.json", NULL, 0 }, { "h.0123456x.json", NULL, 0 },
    { "h.01234567.0001.json", NULL, 0 }, { "h.01234567.txt", NULL, 0 },
    { "h.01234567.json.bz2", NULL, 0 }, { "", NULL, 0 }, { ".json", NULL, 0 },
};

START_TEST(test_name_parse)
{
    const char *name = file_names[_i].name;
    struct forward_name parsed;

    ck_assert_int_eq(forward_name_parse(name, &parsed),
                     file_names[_i].base != NULL);
    if (file_names[_i].base) {
        char *base = forward_name_base(&parsed);

        ck_assert_str_eq(base, file_names[_i].base);
        ck_assert_uint_eq(parsed.number, file_names[_i].number);
        free(base);
    }
}
END_TEST

/* All that can be known of a session has room in its file. */
START_TEST(test_largest_state)
{
    const uint64_t max = INT64_MAX;
    struct forward_state state = {
        .session = SESSION_ID, .number = max,
        .counts = { .records = max, .dropped = max, .missed = max,
                    .refused = max },
        .next_dropped = max, .next_missed = max, .next_seq = max,
        .file = max, .size = max, .in_file = max, .missed_in_file = max,
    };
    struct forward_state copy;
    char *path = path_of("state");

    ck_assert_int_eq(forward_state_save(path, &state, true), 0);
    ck_assert_int_eq(forward_state_load(path, &copy), 0);
    ck_assert_uint_eq(copy.next_seq, max);
    ck_assert_uint_eq(copy.missed_in_file, max);
    ck_assert(!copy.is_over);
    free(path);
}
END_TEST

/* Returns the tests of this file. */
TCase *
forward_file_tcase(void)
{
    TCase *tc = tcase_create("forward-file");

    tcase_add_checked_fixture(tc, check_output_setup,
                              check_output_teardown);
    tcase_add_checked_fixture(tc, session_setup, session_teardown);
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_disk_full);
    tcase_add_test(tc, test_lost_state);
    tcase_add_test(tc, test_others_files);
    tcase_add_test(tc, test_created_only);
    tcase_add_test(tc, test_files_of_host);
    tcase_add_test(tc, test_forget);
    tcase_add_test(tc, test_no_files);
    tcase_add_test(tc, test_lock);
    tcase_add_loop_test(tc, test_name_parse, 0, ARRAY_SIZE(file_names));
    tcase_add_test(tc, test_largest_state);
    return tc;
}
