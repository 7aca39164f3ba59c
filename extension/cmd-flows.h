/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_CMD_FLOWS_H
#define EXTENSION_CMD_FLOWS_H 1

/* upcall-trace/flows. */

#include <stdint.h>

struct args;
struct session;
struct unixctl_conn;

void flows_reply(const struct session *, struct unixctl_conn *,
                 const struct args *, uint64_t last);

#endif /* extension/cmd-flows.h */
