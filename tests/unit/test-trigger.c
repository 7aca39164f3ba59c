/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trigger.c. */

#include <config.h>
#include "file/trigger.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-record.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "store/history.h"
#include "store/start-options.h"
#include "test-stats.h"
#include "util.h"

#define HOUR 3600000LL

static char dir[] = "/tmp/test-trigger-XXXXXX";
static struct start_options options;
static struct history *history;
static struct trigger *trigger;
static struct trigger_stats stats;
static long long int now;

static struct json *
first_line(const void *aux)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "event", aux);
    return json;
}

static const struct trigger_source *
get_source(void)
{
    static struct trigger_source source;

    source.history = history;
    source.first_line = first_line;
    source.aux = "startup";
    return &source;
}

/* Starts with the options in 'argv', up to NULL. */
static void
start(const char *const argv[])
{
    const char *all[8] = { "start", "--trigger=lost", "--trigger-dir", dir };
    int n = 4;

    while (*argv) {
        all[n++] = *argv++;
    }
    start_options_destroy(&options);
    start_options_init(&options);
    ck_assert_ptr_null(start_options_parse(&options, n, all));
    ck_assert_ptr_null(trigger_create(&options, &trigger));
    ck_assert_ptr_nonnull(trigger);
}

static void
setup(void)
{
    strcpy(strrchr(dir, '-'), "-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    start_options_init(&options);
    history = history_create(1 << 20);
    now = 1000000000;
}

static void
teardown(void)
{
    char *command = xasprintf("rm -rf %s", dir);

    trigger_destroy(trigger);
    trigger = NULL;
    history_destroy(history);
    start_options_destroy(&options);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

/* Adds upcalls with numbers from 'first' to 'last'. */
static void
add(uint64_t first, uint64_t last)
{
    struct build b;

    build_executed(&b);
    for (uint64_t id = first; id <= last; id++) {
        size_t size;
        void *record;

        b.rec.id = id;
        record = build_get(&b, &size);
        history_add(history, record, size);
        free(record);
    }
    build_uninit(&b);
}

/* Does what there is to do at 'now'. */
static void
run(void)
{
    for (int i = 0; i < 100; i++) {
        trigger_run(trigger, get_source(), now);
    }
    trigger_get_stats(trigger, &stats);
}

/* Returns how many files there are. */
static int
count_files(void)
{
    DIR *d = opendir(dir);
    int n = 0;

    ck_assert_ptr_nonnull(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        n += e->d_name[0] != '.';
    }
    closedir(d);
    return n;
}

/* Fails unless the last file is about 'id' and has the upcalls from 'first' to
 * 'last', in numbers of the history. */
static void
check_last_file(const char *id, int first, int last)
{
    FILE *file = fopen(stats.last_file, "r");
    char *tail = xasprintf("-%s.json", id);
    char line[16384];
    struct stat s;

    ck_assert_ptr_nonnull(file);
    ck_assert(!fstat(fileno(file), &s));
    ck_assert_int_eq(s.st_mode & 0777, 0600);
    ck_assert(string_ends_with(stats.last_file, tail));
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_ptr_nonnull(strstr(line, "\"event\":\"startup\""));
    ck_assert_ptr_nonnull(strstr(line, id));
    for (int seq = first; seq <= last; seq++) {
        char *expected = xasprintf("\"seq\":%d,", seq);

        ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
        ck_assert_ptr_nonnull(strstr(line, expected));
        free(expected);
    }
    ck_assert_ptr_null(fgets(line, sizeof line, file));
    fclose(file);
    free(tail);
}

/* A file is written when enough upcalls have followed. */
START_TEST(test_window)
{
    start((const char *const[]) { "--trigger-window=3", NULL });
    add(1, 10);
    trigger_note(trigger, 10, 10, now);
    run();
    ck_assert_int_eq(count_files(), 0);
    add(11, 12);
    run();
    ck_assert_int_eq(count_files(), 0);
    add(13, 20);
    run();
    ck_assert_int_eq(count_files(), 1);
    ck_assert_uint_eq(stats.files, 1);
    check_last_file("10", 7, 13);
}
END_TEST

/* Or when no more follow. */
START_TEST(test_deadline)
{
    start((const char *const[]) { NULL });
    add(1, 5);
    trigger_note(trigger, 2, 2, now);
    now += 4999;
    run();
    ck_assert_int_eq(count_files(), 0);
    now++;
    run();
    ck_assert_int_eq(count_files(), 1);
    check_last_file("2", 1, 5);
}
END_TEST

/* Or when the trace ends. */
START_TEST(test_finish)
{
    start((const char *const[]) { NULL });
    add(1, 5);
    trigger_note(trigger, 5, 5, now);
    trigger_finish(trigger, get_source(), now);
    trigger_get_stats(trigger, &stats);
    check_last_file("5", 1, 5);
}
END_TEST

/* What the history has forgotten meanwhile is not there. */
START_TEST(test_forgotten)
{
    start((const char *const[]) { NULL });
    add(1, 5);
    trigger_note(trigger, 5, 5, now);
    history_clear(history);
    add(6, 7);
    now += 5000;
    run();
    check_last_file("5", 6, 7);
}
END_TEST

/* Has an upcall that meets the condition at 'now'. */
static void
meet(void)
{
    uint64_t seq = history_next(history);

    add(seq, seq);
    trigger_note(trigger, seq, seq, now);
    trigger_finish(trigger, get_source(), now);
    trigger_get_stats(trigger, &stats);
}

/* A storm does not lead to many files. */
START_TEST(test_interval)
{
    long long int begin = now;

    start((const char *const[]) { NULL });
    for (; now < begin + 15000; now += 100) {
        meet();
    }
    ck_assert_uint_eq(stats.events, 150);
    ck_assert_uint_eq(stats.files, 4);  /* After 0, 1, 3 and 7 s. */

    /* It begins anew when it was quiet. */
    now += HOUR + 1;
    meet();
    ck_assert_uint_eq(stats.files, 5);
    now += 1000;
    meet();
    ck_assert_uint_eq(stats.files, 6);
}
END_TEST

/* Only the latest files are kept. */
START_TEST(test_rotation)
{
    char *first;

    start((const char *const[]) { NULL });
    meet();
    first = xstrdup(stats.last_file);
    for (int i = 1; i < TRIGGER_MAX_FILES; i++) {
        now += 2 * HOUR;
        meet();
    }
    ck_assert_int_eq(count_files(), TRIGGER_MAX_FILES);
    ck_assert(!access(first, F_OK));
    now += 2 * HOUR;
    meet();
    ck_assert_int_eq(count_files(), TRIGGER_MAX_FILES);
    ck_assert(access(first, F_OK));
    ck_assert_uint_eq(stats.files, TRIGGER_MAX_FILES + 1);
    free(first);
}
END_TEST

/* It is tried again, but not at once, and nothing is left behind. */
START_TEST(test_error)
{
    start((const char *const[]) { NULL });
    ck_assert(!rmdir(dir));
    meet();
    ck_assert_uint_eq(stats.files, 0);
    ck_assert_ptr_nonnull(strstr(stats.error, "No such file or directory"));
    ck_assert(!mkdir(dir, 0700));
    meet();
    ck_assert_uint_eq(stats.files, 0);
    now += 1000;
    meet();
    ck_assert_uint_eq(stats.files, 1);
    ck_assert_ptr_null(stats.error);
}
END_TEST

/* A file that was not finished is not there. */
START_TEST(test_destroy)
{
    start((const char *const[]) { NULL });
    add(1, 1000);
    trigger_note(trigger, 500, 500, now);
    now += 5000;
    trigger_run(trigger, get_source(), now);
    trigger_run(trigger, get_source(), now);
    ck_assert_int_eq(count_files(), 1);         /* With another name. */
    trigger_destroy(trigger);
    trigger = NULL;
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

TCase *
trigger_tcase(void)
{
    TCase *tcase = tcase_create("trigger");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_window);
    tcase_add_test(tcase, test_deadline);
    tcase_add_test(tcase, test_finish);
    tcase_add_test(tcase, test_forgotten);
    tcase_add_test(tcase, test_interval);
    tcase_add_test(tcase, test_rotation);
    tcase_add_test(tcase, test_error);
    tcase_add_test(tcase, test_destroy);
    return tcase;
}
