/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_TARGET_H
#define UTILITIES_TRACE_TARGET_H 1

/* The daemon that the program talks to, and its sockets. */

char *target_ctl_path(const char *target, char **error);
char *target_stream_path(const char *ctl_path);

#endif /* utilities/trace-target.h */
