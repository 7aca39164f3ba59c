/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_REPLY_H
#define EXTENSION_REPLY_H 1

/* Arguments and replies of control commands.
 *
 * Each command takes --json, and gives JSON as well to a client that asked
 * for it with "ovs-appctl --format json" (OVS 3.4). */

#include <stdbool.h>
#include <stdint.h>

struct ds;
struct json;
struct unixctl_conn;

/* Most arguments of a command. */
#define ARGS_MAX 64

/* Arguments of a command, taken one by one. */
struct args {
    int n;                      /* How many are left. */
    const char **args;          /* The first that is left; before it is
                                 * another, as argv[0] is. */
    bool json;                  /* Whether --json was among them. */
    const char *array[ARGS_MAX + 1];
};

void args_init(struct args *, struct unixctl_conn *, int argc,
               const char *argv[]);
bool args_take_flag(struct args *, const char *name);
bool args_take_string(struct args *, const char *name, const char **valuep,
                      char **errorp);
bool args_take_uint(struct args *, const char *name, uint64_t min,
                    uint64_t max, uint64_t *valuep, char **errorp);
char *args_unexpected(const struct args *, const char *usage);

void args_put_printable(const char *arg, struct ds *);
bool args_is_option(const struct args *);

/* The error of commands that need a trace. */
#define REPLY_NO_SESSION "nothing was traced yet: run upcall-trace/start"

void reply_json(struct unixctl_conn *, struct json *);
void reply_text(struct unixctl_conn *, struct ds *);
void reply_error(struct unixctl_conn *, char *error);

#endif /* extension/reply.h */
