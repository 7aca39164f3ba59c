/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_STARTUP_LINE_H
#define EXTENSION_STARTUP_LINE_H 1

/* The first line of a file with upcalls. */

struct json;
struct start_options;
struct target;

struct json *startup_line_to_json(const struct target *,
                                  const struct start_options *,
                                  long long int started);

#endif /* extension/startup-line.h */
