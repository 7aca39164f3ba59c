/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a Python script as "python3 -S SCRIPT [ARG]..." does, but in no time:
 *
 *     ask-python PYTHON SOCKET SCRIPT|-c CODE [ARG]...
 *
 * python-server.py, which listens on SOCKET, runs it.  If there is none, this
 * runs PYTHON itself.  See there for what is sent.
 */

#include <config.h>

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_FILES 6

static void
fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Returns a connection to the server at 'name', or -1. */
static int
connect_to(const char *name)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(name) >= sizeof sun.sun_path) {
        return -1;
    }
    strcpy(sun.sun_path, name);
    return connect(fd, (struct sockaddr *) &sun, sizeof sun) ? -1 : fd;
}

static size_t
strings_size(char *const strings[])
{
    size_t n = 0;

    for (; *strings; strings++) {
        n += strlen(*strings) + 1;
    }
    return n;
}

static char *
put_strings(char *p, char *const strings[])
{
    for (; *strings; strings++) {
        p = stpcpy(p, *strings) + 1;
    }
    return p;
}

/* Sends 'data', 'size' bytes, with the files that the script needs. */
static void
send_request(int fd, const char *data, size_t size)
{
    int files[N_FILES] = {
        STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO,
        open(".", O_RDONLY), open("/proc/self/ns/net", O_RDONLY),
        open("/proc/self/ns/mnt", O_RDONLY),
    };
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = { .bytes = "" };
    struct iovec iov = { .iov_base = (void *) data, .iov_len = size };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = &control, .msg_controllen = sizeof control,
    };
    struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
    ssize_t n;

    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(sizeof files);
    memcpy(CMSG_DATA(cmsg), files, sizeof files);
    n = sendmsg(fd, &msg, 0);
    if (n < 0) {
        fail("ask-python: sendmsg");
    }
    while ((size_t) n < size) {
        ssize_t more = write(fd, data + n, size - n);

        if (more < 0) {
            fail("ask-python: write");
        }
        n += more;
    }
}

int
main(int argc, char *argv[])
{
    uint32_t head[2], status;
    size_t size;
    char *data, *p;
    int fd;

    if (argc < 4) {
        fprintf(stderr, "usage: ask-python PYTHON SOCKET SCRIPT [ARG]...\n");
        return EXIT_FAILURE;
    }
    fd = connect_to(argv[2]);
    if (fd < 0) {
        char *python = argv[1];

        argv[1] = python;
        argv[2] = "-S";
        execv(python, argv + 1);
        fail(python);
    }

    size = sizeof head + strings_size(argv + 3) + strings_size(environ);
    head[0] = size - sizeof head[0];
    head[1] = argc - 3;
    data = malloc(size);
    if (!data) {
        fail("ask-python");
    }
    memcpy(data, head, sizeof head);
    p = put_strings(data + sizeof head, argv + 3);
    put_strings(p, environ);
    send_request(fd, data, size);
    if (read(fd, &status, sizeof status) != sizeof status) {
        fprintf(stderr, "ask-python: the server has ended\n");
        return EXIT_FAILURE;
    }
    if (WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    return WEXITSTATUS(status);
}
