/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_READ_H
#define LIB_JSON_READ_H 1

/* Takes members from objects of JSON that somebody else has written.
 *
 * What is wrong first is kept, and everything else is nothing from then on, so
 * that who reads has to ask once, at the end:
 *
 *     struct json_read r = JSON_READ_INITIALIZER;
 *
 *     a = json_read_integer(&r, json, "a", 0, 9);
 *     b = json_read_string(&r, json, "b");
 *     error = json_read_finish(&r);
 *
 * Members that nobody asks for are ignored. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"

struct json;
struct ofpbuf;

struct json_read {
    char *error;                /* NULL as long as nothing is wrong. */
};

#define JSON_READ_INITIALIZER { .error = NULL }

char *json_read_finish(struct json_read *);
void json_read_error(struct json_read *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* Each has to be there and be of that kind, or with "_if" null. */
const struct json *json_read_object(struct json_read *, const struct json *,
                                    const char *name);
const struct json *json_read_object_if(struct json_read *,
                                       const struct json *, const char *name);
const struct json *json_read_array(struct json_read *, const struct json *,
                                   const char *name);
const struct json *json_read_array_if(struct json_read *, const struct json *,
                                      const char *name);
const char *json_read_string(struct json_read *, const struct json *,
                             const char *name);
const char *json_read_string_if(struct json_read *, const struct json *,
                                const char *name);
bool json_read_bool(struct json_read *, const struct json *,
                    const char *name);
int64_t json_read_integer(struct json_read *, const struct json *,
                          const char *name, int64_t min, int64_t max);
bool json_read_integer_if(struct json_read *, const struct json *,
                          const char *name, int64_t min, int64_t max,
                          int64_t *value);
uint64_t json_read_id(struct json_read *, const struct json *,
                      const char *name, const char *prefix);
bool json_read_id_if(struct json_read *, const struct json *,
                     const char *name, const char *prefix, uint64_t *id);
bool json_read_base64_if(struct json_read *, const struct json *,
                         const char *name, struct ofpbuf *);

/* For who takes members from something else: json-node.h. */
int64_t json_read_check_range(struct json_read *, int64_t value,
                              const char *name, int64_t min, int64_t max);
bool json_read_check_id(struct json_read *, const char *s, const char *name,
                        const char *prefix, uint64_t *id);
bool json_read_put_base64(struct json_read *, const char *s, const char *name,
                          struct ofpbuf *);

#endif /* lib/base/json-read.h */
