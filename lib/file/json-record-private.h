/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_RECORD_PRIVATE_H
#define LIB_JSON_RECORD_PRIVATE_H 1

/* What upcalls and passes as JSON have in common.
 *
 * Each function does nothing if 'r' has an error, and gives it one if
 * something is wrong. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json-node.h"

struct json_record;
struct json_node;
struct ofpbuf;

/* Times that records have, see record/record.c. */
#define JSON_RECORD_TIME_MAX ((INT64_C(1) << 62) - 1)

uint32_t json_read_u32(struct json_read *, const struct json_node *,
                       const char *name);
bool json_read_u32_if(struct json_read *, const struct json_node *,
                      const char *name, uint32_t *);
uint64_t json_read_time_if(struct json_read *, const struct json_node *,
                           const char *name);
void json_read_comm(struct json_read *, const struct json_node *, char *comm);
bool json_read_ufid_if(struct json_read *, const struct json_node *,
                       const char *name, uint8_t ufid[16]);
size_t json_read_part(struct json_read *, const struct json_node *,
                      const char *name, struct ofpbuf *, size_t max);

/* Where a record happened, whose names its JSON has. */
struct json_place {
    bool known;                 /* Is 'dp_ifindex' known? */
    uint32_t dp_ifindex;
};

struct json_place json_read_place(struct json_read *,
                                  const struct json_node *raw);
void json_record_say_names(struct json_record *, struct json_read *,
                           const struct json_node *,
                           const struct json_place *);

/* The flow of a record: that which the upcall 'id' has put or, if 'ufid' is
 * not NULL, that which a pass at 'place' has hit. */
struct json_flow {
    uint64_t id;
    const uint8_t *ufid;
    const struct json_place *place;
};

void json_record_say_flow(struct json_record *, struct json_read *,
                          const struct json_node *,
                          const struct json_node *raw,
                          const struct json_flow *);

#endif /* lib/file/json-record-private.h */
