/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CTL_CLIENT_H
#define LIB_CTL_CLIENT_H 1

/* A client of the control socket (unixctl) of an OVS daemon which never waits
 * longer than it is told to. */

int ctl_client_ask(const char *path, const char *command, int timeout_ms,
                   char **replyp);

#endif /* lib/ctl-client.h */
