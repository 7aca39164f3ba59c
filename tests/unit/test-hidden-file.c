/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/hidden-file.c: there is the file, or that which was there
 * before. */

#include <config.h>

#include "file/hidden-file.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compat.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *hidden_file_tcase(void);
int fsync(int fd);

static char dir[32];
static char *name;
static int n_synced;            /* Calls of fsync(), */
static char *at_sync;           /* and what 'name' had at the last. */
static int sync_error;          /* What it is to fail with, or 0. */

/* Returns what the file 'name' has, "" if it is not there.  The caller frees
 * it. */
static char *
read_name(void)
{
    FILE *stream = fopen(name, "r");
    char text[64] = "";

    if (stream) {
        upcall_ignore(fgets(text, sizeof text, stream));
        fclose(stream);
    }
    return xstrdup(text);
}

/* Instead of the C library's. */
int
fsync(int fd)
{
    n_synced++;
    if (name) {
        free(at_sync);
        at_sync = read_name();
    }
    errno = sync_error;
    return sync_error ? -1 : syscall(SYS_fsync, fd);
}

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-hidden-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    name = xasprintf("%s/x", dir);
}

static void
teardown(void)
{
    unlink(name);
    /* Nothing else is there. */
    ck_assert_int_eq(rmdir(dir), 0);
    free(name);
    free(at_sync);
    name = at_sync = NULL;
    sync_error = 0;
}

static void
check_name(const char *expected)
{
    char *text = read_name();

    ck_assert_str_eq(text, expected);
    free(text);
}

static void
check_mode(unsigned int mode)
{
    struct stat s;

    ck_assert_int_eq(stat(name, &s), 0);
    ck_assert_uint_eq(s.st_mode & 07777, mode);
}

/* Writes "old" to the file with 'mode'. */
static void
write_old(mode_t mode)
{
    FILE *stream = fopen(name, "w");

    fputs("old", stream);
    fclose(stream);
    ck_assert_int_eq(chmod(name, mode), 0);
}

/* Writes "new". */
static struct hidden_file *
write_new(void)
{
    struct hidden_file *f;

    ck_assert_int_eq(hidden_file_create(name, &f), 0);
    ck_assert_int_eq(write(hidden_file_fd(f), "new", 3), 3);
    return f;
}

static void
replace(void)
{
    struct hidden_file *f = write_new();

    ck_assert_int_eq(hidden_file_publish(f), 0);
    hidden_file_destroy(f);
    check_name("new");
}

START_TEST(test_new)
{
    struct hidden_file *f = write_new();

    check_name("");
    hidden_file_destroy(f);
    check_name("");
    replace();
    check_mode(0600);
}
END_TEST

START_TEST(test_old)
{
    struct hidden_file *f;

    write_old(0640);
    f = write_new();
    check_name("old");
    hidden_file_destroy(f);
    check_name("old");
    replace();
    check_mode(0640);
    write_old(06666);
    replace();
    check_mode(0666);
}
END_TEST

/* The file has its name when it is on the disk, not before. */
START_TEST(test_sync)
{
    struct hidden_file *f;
    int before = n_synced;

    write_old(0600);
    replace();
    ck_assert_int_eq(n_synced, before + 1);
    ck_assert_str_eq(at_sync, "old");

    write_old(0600);
    sync_error = EIO;
    f = write_new();
    ck_assert_int_eq(hidden_file_publish(f), EIO);
    hidden_file_destroy(f);
    check_name("old");
}
END_TEST

/* Tries to replace a file that must not be written, as somebody who must
 * not. */
static void
replace_forbidden(void)
{
    struct hidden_file *f;
    int status = !geteuid() && (setgid(65534) || setuid(65534));

    _exit(status ? status : hidden_file_create(name, &f));
}

START_TEST(test_forbidden)
{
    int status;
    pid_t pid;

    write_old(0444);
    ck_assert_int_eq(chmod(dir, 0777), 0);
    pid = fork();
    if (!pid) {
        replace_forbidden();
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EACCES);
}
END_TEST

TCase *
hidden_file_tcase(void)
{
    TCase *tc = tcase_create("hidden-file");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_new);
    tcase_add_test(tc, test_old);
    tcase_add_test(tc, test_sync);
    tcase_add_test(tc, test_forbidden);
    return tc;
}
