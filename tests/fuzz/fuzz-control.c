/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "flow/ctl-client.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* So many times the client is run without an answer: the bytes are there
 * before, and it reads some thousand of them at a time. */
#define RUNS_MAX 1000

static int listener = -1;
static struct sockaddr_un address;

static void
remove_socket(void)
{
    unlink(address.sun_path);
}

/* Listens on a socket that is removed when the program ends. */
static void
init(void)
{
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sun_family = AF_UNIX;
    snprintf(address.sun_path, sizeof address.sun_path,
             "/tmp/fuzz-control.%ld", (long) getpid());
    remove_socket();
    ovs_assert(listener >= 0
               && !bind(listener, (struct sockaddr *) &address,
                        sizeof address)
               && !listen(listener, 1));
    atexit(remove_socket);
}

/* Sends the 'size' bytes at 'data' to the client at the other end of 'fd',
 * with the id of its request for each '@'. */
static void
answer_request(int fd, const uint8_t *data, size_t size)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char request[512];
    ssize_t n = recv(fd, request, sizeof request - 1, 0);
    const char *id;

    request[MAX(n, 0)] = '\0';
    id = strstr(request, "\"id\":");
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '@') {
            ds_put_format(&text, "%d", id ? atoi(id + 5) : 0);
        } else {
            ds_put_char(&text, data[i]);
        }
    }
    if (send(fd, ds_cstr(&text), text.length, MSG_NOSIGNAL) < 0) {
        /* The client has closed the connection. */
    }
    ds_destroy(&text);
}

/* Makes a request of 'c', which has the other end of '*fd', or connects and
 * then has that of another.  Answers with the 'size' bytes at 'data', and if
 * these are not an answer, closes the connection. */
static void
ask(struct ctl_client *c, int *fd, const uint8_t *data, size_t size)
{
    static const char *const args[] = { "system@ovs-system" };
    struct ctl_answer answer;

    ctl_client_request(c, "ofproto/detrace", args, 1, 60000);
    for (int run = 0; !ctl_client_run(c, &answer); run++) {
        int new_fd = accept4(listener, NULL, NULL,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);

        ovs_assert(run < RUNS_MAX);
        if (new_fd >= 0) {
            close(*fd);
            *fd = new_fd;
        }
        if (new_fd >= 0 || !run) {
            answer_request(*fd, data, size);
        } else {
            shutdown(*fd, SHUT_WR);
        }
    }
    ovs_assert(answer.text && ctl_client_is_idle(c));
    ovs_assert((answer.result == CTL_FAILED) == (answer.error != 0));
    ctl_answer_destroy(&answer);
}

/* Takes what a server sends when it is asked, of two requests on a connection.
 * '@' stands for the id of the request. */
void
fuzz_control(const uint8_t *data, size_t size)
{
    struct ctl_client *c = ctl_client_create();
    int fd = -1;

    if (listener < 0) {
        init();
    }
    ctl_client_set_path(c, address.sun_path);
    ask(c, &fd, data, size);
    ask(c, &fd, data, size);
    ctl_client_destroy(c);
    close(fd);
}
