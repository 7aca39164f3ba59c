/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/compat.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "trace-program.h"
#include "util.h"

/* What a shell says of a command that is there and cannot be run, and of one
 * that is not there. */
#define STATUS_NOT_EXECUTABLE 126
#define STATUS_NOT_FOUND 127

/* How often it is looked whether the command has ended, in ms, where the
 * kernel does not tell. */
#define LOOK_INTERVAL 50

struct child {
    pid_t pid;                  /* 0 if it has ended. */
    int pid_fd;                 /* Can be read once it has ended, or -1. */
    int go_fd;                  /* To have it become the command, or -1. */
    int status;                 /* Exit status. */
};

/* Becomes the command 'argv' when something comes out of 'fd', and ends when
 * that is closed. */
OVS_NO_RETURN static void
become(char *argv[], int fd, bool stdout_is_taken)
{
    ssize_t n;
    int error;
    char go;

    do {
        n = read(fd, &go, 1);
    } while (n < 0 && errno == EINTR);
    if (n != 1) {
        _exit(EXIT_SUCCESS);
    }
    if (stdout_is_taken) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
    }
    execvp(argv[0], argv);
    error = errno;
    ovs_error(error, "cannot run \"%s\"", argv[0]);
    _exit(error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
}

/* Returns a descriptor that poll() says can be read once process 'pid' has
 * ended (see pidfd_open(2), Linux 5.3), or -1. */
static int
open_pid(pid_t pid)
{
#ifdef SYS_pidfd_open
    return syscall(SYS_pidfd_open, pid, 0);
#else
    upcall_ignore(pid);
    return -1;
#endif
}

/* Makes a process that will become the command 'argv'.  If 'stdout_is_taken',
 * what the command writes to standard output goes to standard error.  Returns
 * NULL after an error message if that is not possible; the caller frees what
 * is returned with child_destroy(). */
struct child *
child_create(char *argv[], bool stdout_is_taken)
{
    struct child *c;
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC)) {
        ovs_error(errno, "cannot run \"%s\"", argv[0]);
        return NULL;
    }
    fflush(NULL);
    pid = fork();
    if (!pid) {
        close(fds[1]);
        become(argv, fds[0], stdout_is_taken);
    } else if (pid < 0) {
        ovs_error(errno, "cannot run \"%s\"", argv[0]);
    }
    close(fds[0]);
    if (pid < 0) {
        close(fds[1]);
        return NULL;
    }
    c = xzalloc(sizeof *c);
    c->pid = pid;
    c->pid_fd = open_pid(pid);
    c->go_fd = fds[1];
    return c;
}

static void
close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

/* Frees 'c', which may be NULL.  One that was not started ends; one that runs
 * goes on. */
void
child_destroy(struct child *c)
{
    if (c) {
        bool was_started = c->go_fd < 0;

        close_fd(&c->go_fd);
        close_fd(&c->pid_fd);
        if (c->pid && !was_started) {
            while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
                continue;
            }
        }
        free(c);
    }
}

/* Has 'c' become the command. */
void
child_start(struct child *c)
{
    /* If it has ended, that will be seen. */
    upcall_ignore(write(c->go_fd, "", 1));
    close_fd(&c->go_fd);
}

/* Sends 'c' the signal 'number', if it runs. */
void
child_signal(struct child *c, int number)
{
    if (c->pid) {
        kill(c->pid, number);
    }
}

/* Returns true if the command of 'c' has not ended. */
bool
child_is_running(struct child *c)
{
    int status;

    if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid) {
        c->pid = 0;
        c->status = (WIFEXITED(status) ? WEXITSTATUS(status)
                     : PROGRAM_SIGNAL + WTERMSIG(status));
    }
    return c->pid != 0;
}

/* Arranges for the poll loop to wake up when 'c', which runs, has ended. */
void
child_wait(const struct child *c)
{
    if (c->pid_fd >= 0) {
        poll_fd_wait(c->pid_fd, POLLIN);
    } else {
        poll_timer_wait(LOOK_INTERVAL);
    }
}

/* Returns the exit status of the command, as a shell has it: 128 and the
 * number of the signal that has ended it, 127 if it is not there, 126 if it
 * cannot be run.  0 if it has not ended. */
int
child_status(const struct child *c)
{
    return c->status;
}
