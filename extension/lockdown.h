/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_LOCKDOWN_H
#define EXTENSION_LOCKDOWN_H 1

/* Kernel lockdown, see kernel_lockdown(7). */

#include <stdbool.h>

bool kernel_is_locked_down(void);

#endif /* extension/lockdown.h */
