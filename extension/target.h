/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_TARGET_H
#define EXTENSION_TARGET_H 1

/* The ovs-vswitchd whose upcalls are traced. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ctl-socket.h"

struct json;

struct target {
    char *name;                 /* What it was looked up by: a pidfile, */
    bool by_pid;                /* a pid, or a control socket. */
    pid_t pid;
    unsigned long long int start_time;  /* In clock ticks since boot. */
    char *binary;               /* Path of the executable, as it can be shown;
                                 * NULL if unknown. */
    char *version;              /* Of OVS, such as "3.5.0"; NULL at first, for
                                 * the caller to find out. */
    struct ctl_socket socket;   /* Its control socket. */
    uint32_t netns;             /* Inode of its network namespace; 0 if
                                 * unknown. */
    bool usdt;                  /* Has it USDT probes? */
};

char *target_find(const char *name, struct target **);
bool target_is_alive(const struct target *);
char *target_get_sockets_file(const struct target *);
void target_destroy(struct target *);
struct json *target_to_json(const struct target *);

#endif /* extension/target.h */
