/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_CHILD_H
#define UTILITIES_TRACE_CHILD_H 1

/* A command that runs while something is recorded.
 *
 * The process is made before anything else, and becomes the command later: so
 * it has no file of this process open, neither the daemon's sockets nor the
 * file that is written, and its signals are as they were. */

#include <stdbool.h>

struct child;

struct child *child_create(char *argv[], bool stdout_is_taken);
void child_destroy(struct child *);

void child_start(struct child *);
void child_signal(struct child *, int number);
bool child_is_running(struct child *);
void child_wait(const struct child *);
int child_status(const struct child *);

#endif /* utilities/trace-child.h */
