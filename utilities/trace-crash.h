/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_CRASH_H
#define UTILITIES_TRACE_CRASH_H 1

/* Has a terminal be as it was before when this program crashes. */

struct termios;

void crash_restores(const struct termios *);

#endif /* utilities/trace-crash.h */
