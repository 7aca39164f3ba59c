/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CTL_SOCKET_H
#define EXTENSION_CTL_SOCKET_H 1

/* The control socket of an ovs-vswitchd, on this machine or in a container of
 * it. */

#include <sys/types.h>

struct ctl_socket {
    char *name;                 /* For people. */
    char *path;                 /* To connect to. */
    int fd;                     /* What 'path' names, if it is not 'name'; or
                                 * -1. */
};

void ctl_socket_find(struct ctl_socket *, const char *pidfile, pid_t pid,
                     pid_t ns_pid);
void ctl_socket_use(struct ctl_socket *, const char *path);
void ctl_socket_destroy(struct ctl_socket *);

char *ctl_socket_get_server(const char *path, pid_t *pidp);

#endif /* extension/ctl-socket.h */
