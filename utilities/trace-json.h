/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_JSON_H
#define UTILITIES_TRACE_JSON_H 1

/* Takes members from JSON of the daemon, which may be of another release: what
 * is not there, or is something else, is unknown. */

#include <stdint.h>

#include "openvswitch/json.h"

const struct json *trace_json_get(const struct json *, const char *name,
                                  enum json_type);
int64_t trace_json_number(const struct json *, const char *name);
int64_t trace_json_text_number(const char *text, const char *name);

#endif /* utilities/trace-json.h */
