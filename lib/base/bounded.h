/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_BOUNDED_H
#define LIB_BOUNDED_H 1

/* Calls that may take for ever, such as those that open a file of a container:
 * its file system may be one whose server, a process in the container, does
 * not answer, and neither O_NONBLOCK nor a signal ends that. */

#include <stdbool.h>

/* Calls that have not returned in time, and still have not: as long as there
 * are so many, no others are made. */
#define BOUNDED_MAX_STUCK 4

bool bounded_call(void (*cb)(void *aux), void (*destroy)(void *aux),
                  void *aux, int timeout_ms);

#endif /* lib/base/bounded.h */
