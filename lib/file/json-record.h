/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_JSON_RECORD_H
#define LIB_JSON_RECORD_H 1

/* Records that were written as JSON, with what they need to be made again
 * (show/record-raw.h), as records: what takes records of the programs takes
 * these as well, and writes the same JSON and text, and counts the same.
 *
 * What a record refers to is known as far as it is in its own JSON, until the
 * next record is read.  Names of ports stay known after that, as the last
 * record that had them said.  Those numbers that only the BPF programs use,
 * and that nothing shows, are lost.
 *
 * JSON may come from anywhere.  What is impossible is an error. */

#include <stddef.h>
#include <stdint.h>

#include "openvswitch/ofpbuf.h"
#include "record/kernel-actions.h"
#include "show/record-context.h"

struct json_node;

struct json_record {
    /* What was read last. */
    struct ofpbuf record;       /* A struct upcall_record or a struct
                                 * pass_record (see record_is_pass()), with
                                 * what follows it, aligned to 8 bytes. */
    uint64_t seq;               /* Its number in the trace. */
    struct record_context context;      /* What it refers to. */

    /* For the implementation: what 'context' points to. */
    struct port_map *ports;
    size_t n_names;             /* That were said to 'ports'. */
    struct flow_table *flows;
    struct kernel_layout layout;        /* The reasons of drops. */
};

void json_record_init(struct json_record *);
void json_record_uninit(struct json_record *);

char *upcall_from_json(struct json_record *, const struct json_node *);
char *pass_from_json(struct json_record *, const struct json_node *);

/* Kinds of records, by the member "kind". */
#define JSON_RECORD_UPCALL "upcall"
#define JSON_RECORD_PASS "pass"

#endif /* lib/file/json-record.h */
