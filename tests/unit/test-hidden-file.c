/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/hidden-file.c: there is the file, or that which was there
 * before. */

#include <config.h>

#include "file/hidden-file.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compat.h"
#include "file/output-name.h"
#include "openvswitch/util.h"
#include "util.h"

TCase *hidden_file_tcase(void);
int fsync(int fd);
int open(const char *, int flags, ...);
uid_t geteuid(void);

#define NOBODY 65534

static char dir[32];
static char *name;
static int n_synced;            /* Calls of fsync(), */
static char *at_sync;           /* and what 'name' had at the last. */
static int sync_error;          /* What it is to fail with, or 0. */
static bool has_no_tmpfile;     /* Must files have names? */
static int n_taken;             /* So many names are taken. */
static bool is_other;           /* Is this process to be somebody else's? */

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

/* Instead of the C library's. */
int
open(const char *path, int flags, ...)
{
    mode_t mode = 0;

    if ((flags & O_TMPFILE) == O_TMPFILE && has_no_tmpfile) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (flags & O_EXCL && n_taken) {
        n_taken--;
        errno = EEXIST;
        return -1;
    }
    if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
        va_list args;

        va_start(args, flags);
        mode = va_arg(args, int);
        va_end(args);
    }
    return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/* Instead of the C library's. */
uid_t
geteuid(void)
{
    return syscall(SYS_geteuid) + is_other;
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
    has_no_tmpfile = is_other = false;
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
publish_new(void)
{
    struct hidden_file *f = write_new();

    ck_assert_int_eq(hidden_file_publish(f), 0);
    hidden_file_destroy(f);
}

static void
replace(void)
{
    publish_new();
    check_name("new");
}

START_TEST(test_new)
{
    struct hidden_file *f;

    has_no_tmpfile = _i;
    f = write_new();
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

    has_no_tmpfile = _i;
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

/* Returns what waitpid() says of a child that does 'work'. */
static int
run_child(void (*work)(void))
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        work();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

/* Tries to replace a file that must not be written, as somebody who must
 * not. */
static void
replace_forbidden(void)
{
    struct hidden_file *f;
    int status = !geteuid() && (setgid(NOBODY) || setuid(NOBODY));

    _exit(status ? status : hidden_file_create(name, &f));
}

START_TEST(test_forbidden)
{
    int status;

    write_old(0444);
    ck_assert_int_eq(chmod(dir, 0777), 0);
    status = run_child(replace_forbidden);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), EACCES);
}
END_TEST

static const int deadly[] = { SIGHUP, SIGINT, SIGTERM, SIGALRM };
static int number;              /* One of these. */

static void
write_and_die(void)
{
    signal(number, SIG_DFL);
    write_new();
    raise(number);
}

/* A signal ends the program as it would have, and nothing is left. */
START_TEST(test_signal)
{
    int status;

    has_no_tmpfile = true;
    number = deadly[_i];
    write_old(0600);
    status = run_child(write_and_die);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), number);
    check_name("old");
}
END_TEST

/* Who handles a signal still does, and afterwards nothing is different. */
START_TEST(test_handlers)
{
    struct hidden_file *f;
    struct sigaction sa;

    has_no_tmpfile = true;
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    f = write_new();
    ck_assert_int_eq(sigaction(SIGINT, NULL, &sa), 0);
    ck_assert(sa.sa_handler == SIG_IGN);
    ck_assert_int_eq(sigaction(SIGTERM, NULL, &sa), 0);
    ck_assert(sa.sa_handler != SIG_DFL);
    ck_assert_int_eq(hidden_file_publish(f), 0);
    hidden_file_destroy(f);
    ck_assert_int_eq(sigaction(SIGTERM, NULL, &sa), 0);
    ck_assert(sa.sa_handler == SIG_DFL);
}
END_TEST

/* Temporary files that are there, such as that of who was killed, are in
 * nobody's way. */
START_TEST(test_left_over)
{
    char *left = xasprintf("%s.%ld.tmp", name, (long int) getpid());
    struct hidden_file *f;

    has_no_tmpfile = _i;
    ck_assert_int_eq(close(creat(left, 0600)), 0);
    replace();
    ck_assert_int_eq(unlink(left), 0);
    free(left);

    has_no_tmpfile = true;
    n_taken = 3;
    replace();
    n_taken = INT_MAX;
    ck_assert_int_eq(hidden_file_create(name, &f), EEXIST);
    n_taken = 0;
}
END_TEST

/* A temporary name is no longer than a name may be. */
START_TEST(test_long_name)
{
    free(name);
    name = xasprintf("%s/%0255d", dir, 0);
    has_no_tmpfile = _i;
    replace();
}
END_TEST

/* A link leads to the file that is replaced, also if that is not there yet,
 * but not if somebody else has made it where anybody can. */
START_TEST(test_link)
{
    char *target = name;
    char *link = xasprintf("%s/link", dir);
    struct hidden_file *f;

    ck_assert_int_eq(symlink("x", link), 0);
    name = link;
    replace();
    name = target;
    write_old(0600);
    ck_assert_int_eq(chmod(dir, 01777), 0);
    name = link;
    replace();
    write_old(0600);
    if (geteuid()) {
        is_other = true;
    } else {
        ck_assert_int_eq(lchown(link, NOBODY, NOBODY), 0);
    }
    ck_assert_int_eq(hidden_file_create(name, &f), EACCES);
    check_name("old");
    ck_assert_int_eq(unlink(link), 0);
    free(link);
    name = target;
}
END_TEST

/* A link that leads nowhere, or to itself. */
START_TEST(test_loop)
{
    struct hidden_file *f;

    ck_assert_int_eq(symlink("x", name), 0);
    ck_assert_int_eq(hidden_file_create(name, &f), ELOOP);
    ck_assert_int_eq(unlink(name), 0);
    ck_assert_int_eq(symlink("missing/x", name), 0);
    ck_assert_int_eq(hidden_file_create(name, &f), ENOENT);
    ck_assert_int_eq(hidden_file_create("", &f), ENOENT);
    ck_assert_int_eq(hidden_file_create("/tmp/missing/", &f), EISDIR);
}
END_TEST

/* What somebody else has made first does not have who can read it, ... */
START_TEST(test_foreign)
{
    write_old(0666);
    is_other = true;
    replace();
    check_mode(0600);
}
END_TEST

/* ... and if it is no file, is not written. */
START_TEST(test_foreign_pipe)
{
    struct hidden_file *f;

    ck_assert_int_eq(chmod(dir, 01777), 0);
    ck_assert_int_eq(mkfifo(name, 0666), 0);
    if (geteuid()) {
        is_other = true;
    } else {
        ck_assert_int_eq(chown(name, NOBODY, NOBODY), 0);
    }
    ck_assert_int_eq(hidden_file_create(name, &f), EACCES);
}
END_TEST

/* Nor is what others have made where it would not be hidden. */
START_TEST(test_foreign_open)
{
    char *link = xasprintf("%s/link", dir);

    write_old(0666);
    ck_assert_int_eq(symlink("x", link), 0);
    ck_assert_int_eq(chmod(dir, 01777), 0);
    if (geteuid()) {
        is_other = true;
    } else {
        ck_assert_int_eq(chown(name, NOBODY, NOBODY), 0);
        ck_assert_int_eq(lchown(link, NOBODY, NOBODY), 0);
    }
    ck_assert_int_eq(output_name_try(name), EACCES);
    ck_assert_int_eq(output_name_open(name), -EACCES);
    ck_assert_int_eq(output_name_open(link), -EACCES);
    check_name("old");
    ck_assert_int_eq(unlink(link), 0);
    free(link);
}
END_TEST

/* That a file could not be replaced in the end is known at the start. */
START_TEST(test_sticky)
{
    struct hidden_file *f;

    write_old(0666);
    ck_assert_int_eq(chmod(dir, 01777), 0);
    is_other = true;
    ck_assert_int_eq(hidden_file_create(name, &f), EPERM);
    is_other = false;
    replace();
}
END_TEST

/* What this process has open is continued, whether it has a name or not. */
START_TEST(test_descriptor)
{
    static const char *const dirs[] = { "/dev/fd", "/proc/self/fd" };
    char *old_name = name;
    int fd;

    write_old(0600);
    fd = open(name, O_RDWR | O_APPEND);
    ck_assert_int_ge(fd, 0);
    name = xasprintf("%s/%d", dirs[_i], fd);
    publish_new();
    free(name);
    name = old_name;
    check_name("oldnew");

    ck_assert_int_eq(unlink(name), 0);
    name = xasprintf("%s/%d", dirs[_i], fd);
    publish_new();
    check_name("oldnewnew");
    free(name);
    name = old_name;
    close(fd);
}
END_TEST

/* So is what another process has open, which is emptied. */
START_TEST(test_other_process)
{
    char *old_name = name;
    pid_t pid;
    int fd;

    write_old(0600);
    fd = open(name, O_WRONLY);
    pid = fork();
    if (!pid) {
        pause();
        _exit(0);
    }
    name = xasprintf("/proc/%d/fd/%d", pid, fd);
    replace();
    ck_assert_int_eq(unlink(old_name), 0);
    replace();
    free(name);
    name = old_name;
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    check_name("");
    close(fd);
}
END_TEST

TCase *
hidden_file_tcase(void)
{
    TCase *tc = tcase_create("hidden-file");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_new, 0, 2);
    tcase_add_loop_test(tc, test_old, 0, 2);
    tcase_add_test(tc, test_sync);
    tcase_add_test(tc, test_forbidden);
    tcase_add_loop_test(tc, test_signal, 0, ARRAY_SIZE(deadly));
    tcase_add_test(tc, test_handlers);
    tcase_add_loop_test(tc, test_left_over, 0, 2);
    tcase_add_loop_test(tc, test_long_name, 0, 2);
    tcase_add_test(tc, test_link);
    tcase_add_test(tc, test_loop);
    tcase_add_test(tc, test_foreign);
    tcase_add_test(tc, test_foreign_pipe);
    tcase_add_test(tc, test_foreign_open);
    tcase_add_test(tc, test_sticky);
    tcase_add_loop_test(tc, test_descriptor, 0, 2);
    tcase_add_test(tc, test_other_process);
    return tc;
}
