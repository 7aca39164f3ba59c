/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_WAITING_H
#define EXTENSION_WAITING_H 1

/* Which commands of the control socket may wait before they reply. */

#include <stdbool.h>

struct unixctl_conn;

void waiting_begin_turn(void);
bool waiting_is_safe(const struct unixctl_conn *);

#endif /* extension/waiting.h */
