/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_BACKGROUND_H
#define UTILITIES_TRACE_BACKGROUND_H 1

/* Commands that can run for as long as the machine does, in the background
 * with OVS's options for daemons (daemon(7)), which come before the command.
 * With any of these, they have a control socket, as daemons have. */

#include "openvswitch/compiler.h"

struct program;
struct program_call;

char *background_check(const struct program_call *);
void background_start(const struct program *);
int background_complete(const struct program *);
void background_run(void);
void background_wait(void);
void background_end(void);

void background_say(const char *format, ...) OVS_PRINTF_FORMAT(1, 2);

#endif /* utilities/trace-background.h */
