/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_FOLLOW_H
#define UTILITIES_TRACE_FOLLOW_H 1

/* What commands that follow the daemon have in common. */

struct follow;

char *follow_target(const char *target, struct follow **);
char *follow_why_ended(const struct follow *, int error);

#endif /* utilities/trace-follow.h */
