/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_COMMANDS_PRIVATE_H
#define EXTENSION_COMMANDS_PRIVATE_H 1

/* The functions of the commands, each in cmd-NAME.c, and what they share.
 * Only commands.c, which calls them, and they themselves use this. */

#include <stdbool.h>

#include "store/commands.h"

struct checks;
struct measures;
struct readers;
struct session;
struct starting;
struct traces;
struct unixctl_conn;

/* How long a command may keep the daemon from its other work, in ms. */
#define COMMANDS_BLOCK_MS 100

struct commands {
    struct traces *traces;
    struct session *session;    /* Of these, the one that is shown; NULL
                                 * before the first. */
    struct starting *starting;  /* A start that waits for its filter, NULL if
                                 * there is none. */
    struct checks *checks;      /* Wait for ovs-vswitchd. */
    struct readers *readers;    /* Wait for a record of 'session'. */
    struct measures *measures;  /* Of 'session', under way. */
};

/* A command that a client has sent.  All of it but 'conn' is gone when the
 * function of the command returns. */
struct request {
    struct unixctl_conn *conn;  /* Where the reply goes, now or later. */
    bool json;                  /* Is that to be JSON? */
    bool may_wait;              /* May it come later?  See waiting.h. */
    const struct svec *args;    /* What is no option. */
    const void *options;        /* A structure of store/commands.h. */
};

#define X(NAME) void cmd_##NAME(struct commands *, const struct request *);
COMMANDS
#undef X

bool commands_lack_session(const struct commands *, const struct request *);
void commands_reply_status(struct commands *, const struct request *);

#endif /* extension/commands-private.h */
