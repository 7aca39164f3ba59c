/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_HOST_H
#define EXTENSION_HOST_H 1

/* What tracing needs of the machine and of the rights of this process. */

#include <stdbool.h>

bool host_is_privileged(void);
bool host_has_datapath(void);
bool host_is_realtime(void);
bool host_has_softirq_stacks(void);
bool host_is_preemptible(void);

#endif /* extension/host.h */
