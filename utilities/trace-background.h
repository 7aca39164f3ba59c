/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_BACKGROUND_H
#define UTILITIES_TRACE_BACKGROUND_H 1

/* Commands that can run for as long as the machine does, in the background
 * with OVS's options for daemons (daemon(7)), which come before the command.
 * With any of these, they have a control socket, as daemons have. */

struct program;

void background_start(const struct program *);
int background_complete(const struct program *);
void background_run(void);
void background_wait(void);
void background_end(void);

#endif /* utilities/trace-background.h */
