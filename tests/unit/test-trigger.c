/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trigger.c and trigger-files.c. */

#include <config.h>
#include "file/trigger.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build-pass.h"
#include "build-record.h"
#include "file/trigger-files.h"
#include "openvswitch/dynamic-string.h"
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
    history = history_create(2 << 20, true);
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

/* Adds 'n' passes. */
static void
add_passes(uint64_t n)
{
    struct build_pass b;
    size_t size;
    void *record;

    build_pass_hit(&b);
    record = build_pass_get(&b, &size);
    for (uint64_t i = 0; i < n; i++) {
        history_add(history, record, size);
    }
    free(record);
    build_pass_uninit(&b);
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

/* Returns true if the last file says that it has not all that was to come. */
static bool
is_cut(void)
{
    FILE *file = fopen(stats.last_file, "r");
    char line[16384];
    bool cut;

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    cut = strstr(line, "\"cut\":true");
    ck_assert(cut || strstr(line, "\"cut\":false"));
    return cut;
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
    ck_assert(!is_cut());
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
    ck_assert(!is_cut());               /* There was nothing to come. */
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
    ck_assert(is_cut());
}
END_TEST

/* What was begun is ended then. */
START_TEST(test_finish_begun)
{
    start((const char *const[]) { NULL });
    add(1, 1000);
    trigger_note(trigger, 500, 500, now);
    now += 5000;
    trigger_run(trigger, get_source(), now);
    trigger_finish(trigger, get_source(), now);
    trigger_get_stats(trigger, &stats);
    ck_assert_int_eq(count_files(), 1);
    check_last_file("500", 1, 1000);
    ck_assert(!is_cut());
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

/* Returns the numbers of the records in the last file: "1p 2 3p" for an upcall
 * between two passes. */
static const char *
get_records(void)
{
    static struct ds ds = DS_EMPTY_INITIALIZER;
    FILE *file = fopen(stats.last_file, "r");
    char line[16384];

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ds_clear(&ds);
    while (fgets(line, sizeof line, file)) {
        const char *seq = strstr(line, "\"seq\":");

        ck_assert_ptr_nonnull(seq);
        ds_put_format(&ds, "%s%d%s", ds.length ? " " : "", atoi(seq + 6),
                      strstr(line, "\"kind\":\"pass\"") ? "p" : "");
    }
    fclose(file);
    return ds_cstr(&ds);
}

/* The window is one of upcalls; passes between them are there, too. */
START_TEST(test_passes)
{
    start((const char *const[]) { "--trigger-window=1", NULL });
    add_passes(2);
    add(3, 3);
    add_passes(2);
    add(6, 6);
    add_passes(1);
    add(8, 8);
    trigger_note(trigger, 8, 8, now);
    add_passes(3);
    run();
    ck_assert_int_eq(count_files(), 0);         /* No upcall has followed. */
    add(12, 12);
    add_passes(1);
    add(14, 14);
    run();
    ck_assert_str_eq(get_records(), "6 7p 8 9p 10p 11p 12");
}
END_TEST

/* What the history has forgotten of a flood of passes is not there, but the
 * upcalls are. */
START_TEST(test_flood_of_passes)
{
    start((const char *const[]) { "--trigger-window=2", NULL });
    for (uint64_t i = 1; i <= 5; i++) {
        uint64_t seq = history_next(history);

        add(seq, seq);
        if (i == 3) {
            trigger_note(trigger, seq, seq, now);
        }
        add_passes(6000);
    }
    run();
    ck_assert_int_eq(count_files(), 1);
    ck_assert_str_eq(get_records(), "1 6002 12003 18004 24005");
}
END_TEST

/* No more passes than there is room for, those around the upcall. */
START_TEST(test_too_many_passes)
{
    const char *records;

    history_destroy(history);
    history = history_create(64 << 20, true);
    start((const char *const[]) { "--trigger-window=1", NULL });
    add(1, 1);
    add_passes(40000);
    add(40002, 40002);
    trigger_note(trigger, 40002, 40002, now);
    add_passes(40000);
    add(80003, 80003);
    trigger_finish(trigger, get_source(), now);
    trigger_get_stats(trigger, &stats);
    records = get_records();
    ck_assert(!strncmp(records, "1 ", 2));
    ck_assert_ptr_nonnull(strstr(records, " 40001p 40002 40003p "));
    ck_assert(string_ends_with(records, "p 80003"));
    ck_assert_ptr_null(strstr(records, " 2p "));
    ck_assert_ptr_null(strstr(records, " 80002p "));
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

/* Returns the name of 'file' in the directory. */
static const char *
in_dir(const char *file)
{
    static char name[256];

    snprintf(name, sizeof name, "%s/%s", dir, file);
    return name;
}

/* Creates a file there, and returns its descriptor. */
static int
create(const char *file)
{
    int fd = open(in_dir(file), O_WRONLY | O_CREAT | O_EXCL, 0600);

    ck_assert_int_ge(fd, 0);
    return fd;
}

static bool
exists(const char *file)
{
    struct stat s;

    return !lstat(in_dir(file), &s);
}

/* Only the latest files are kept, whoever wrote them and when. */
START_TEST(test_rotation)
{
    static const char *const others[] = {
        "ovs-upcall-trace-20200101-000000-1.json~",
        "ovs-upcall-trace-20200101-000000-1.json.tmp.x",
        "ovs-upcall-trace-20200101-000000-.json",
        "ovs-upcall-trace-20200101-000000-1-.json",
        "ovs-upcall-trace-2020-000000-1.json",
        "ovs-upcall-trace-20200101-000000-x.json",
        "ovs-upcall-trace-20200101-000000-1", "x.json", "x.tmp",
        "my-ovs-upcall-trace-20200101-000000-1.json",
    };
    static const char future[] = "ovs-upcall-trace-20990101-000000-1.json";
    char *newest;

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        close(create(others[i]));
    }
    for (int i = 1; i <= 20; i++) {
        char *name = xasprintf("ovs-upcall-trace-20200102-0000%02d-%d%s.json",
                               i, 100 - i, i % 2 ? "" : "-2");

        close(create(name));
        free(name);
    }
    close(create(future));
    start((const char *const[]) { "--trigger-files=4", NULL });
    ck_assert_int_eq(count_files(), ARRAY_SIZE(others) + 21);
    meet();
    ck_assert_int_eq(count_files(), ARRAY_SIZE(others) + 4);
    ck_assert(exists("ovs-upcall-trace-20200102-000020-80-2.json"));
    ck_assert(exists("ovs-upcall-trace-20200102-000019-81.json"));
    ck_assert(exists(future));
    ck_assert(!access(stats.last_file, F_OK));
    for (int i = 0; i < 4; i++) {
        now += 2 * HOUR;
        meet();
        ck_assert(!access(stats.last_file, F_OK));
    }
    ck_assert_int_eq(count_files(), ARRAY_SIZE(others) + 4);
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        ck_assert_msg(exists(others[i]), "%s", others[i]);
    }
    ck_assert_uint_eq(stats.files, 5);

    /* What was written just now stays, whatever the clock said before. */
    newest = xstrdup(stats.last_file);
    trigger_destroy(trigger);
    for (int i = 2; i < 9; i++) {
        char *name = xasprintf("ovs-upcall-trace-20990101-000000-%d.json", i);

        close(create(name));
        free(name);
    }
    start((const char *const[]) { "--trigger-files=1", NULL });
    now += 2 * HOUR;
    meet();
    ck_assert_int_eq(count_files(), ARRAY_SIZE(others) + 1);
    ck_assert(!access(stats.last_file, F_OK));
    ck_assert(access(newest, F_OK));
    free(newest);
}
END_TEST

/* What only looks like a file of ours is no file of ours. */
START_TEST(test_not_ours)
{
    static const char link[] = "ovs-upcall-trace-20200101-000000-1.json";
    static const char directory[] = "ovs-upcall-trace-20200101-000000-2.json";
    static const char pipe[] = "ovs-upcall-trace-20200101-000000-3.json.tmp";
    static const char stale[] = "ovs-upcall-trace-20200101-000000-4.json.tmp";
    static const char own[] = "ovs-upcall-trace-20200101-000000-5.json";
    static const char to_stale[]
        = "ovs-upcall-trace-20200101-000000-6.json.tmp";

    close(create("victim"));
    close(create(stale));
    close(create(own));
    ck_assert(!symlink("victim", in_dir(link)));
    ck_assert(!symlink("victim", in_dir(to_stale)));
    ck_assert(!mkdir(in_dir(directory), 0700));
    ck_assert(!mkfifo(in_dir(pipe), 0600));
    start((const char *const[]) { "--trigger-files=2", NULL });
    ck_assert(!exists(stale));
    meet();
    ck_assert(exists("victim") && exists(link) && exists(directory)
              && exists(pipe) && exists(to_stale));
    ck_assert(exists(own));             /* The others do not count. */
    now += 2 * HOUR;
    meet();
    ck_assert(!exists(own));
}
END_TEST

/* What another daemon is writing stays until that is done. */
START_TEST(test_two_writers)
{
    struct trigger_file a, b, c;

    ck_assert_int_eq(trigger_file_create(dir, 7, &a), 0);
    start((const char *const[]) { NULL });
    ck_assert(!access(a.temporary_name, F_OK));
    ck_assert_int_eq(trigger_file_create(dir, 7, &b), 0);
    ck_assert_str_ne(a.name, b.name);
    ck_assert_int_eq(trigger_file_close(&a, 0), 0);
    ck_assert(!access(a.name, F_OK));
    ck_assert_int_eq(trigger_file_create(dir, 7, &c), 0);
    ck_assert_str_ne(a.name, c.name);   /* It is not written over. */
    ck_assert_str_ne(b.name, c.name);
    ck_assert_int_eq(trigger_file_close(&b, 0), 0);
    ck_assert_int_eq(trigger_file_close(&c, ENOSPC), ENOSPC);
    ck_assert_int_eq(count_files(), 2);
    free(a.name);
    free(a.temporary_name);
    free(b.name);
    free(b.temporary_name);
    free(c.name);
    free(c.temporary_name);
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
    tcase_add_test(tcase, test_finish_begun);
    tcase_add_test(tcase, test_forgotten);
    tcase_add_test(tcase, test_passes);
    tcase_add_test(tcase, test_flood_of_passes);
    tcase_add_test(tcase, test_too_many_passes);
    tcase_add_test(tcase, test_interval);
    tcase_add_test(tcase, test_rotation);
    tcase_add_test(tcase, test_not_ours);
    tcase_add_test(tcase, test_two_writers);
    tcase_add_test(tcase, test_error);
    tcase_add_test(tcase, test_destroy);
    return tcase;
}
