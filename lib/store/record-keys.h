/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_RECORD_KEYS_H
#define LIB_RECORD_KEYS_H 1

/* The keys by which upcalls and passes are chosen and counted: "port",
 * "handler", and so on.  RECORD_KEYS in record-keys.c is the only list of
 * them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/uuid.h"

struct ds;
struct port_map;

/* Most bytes of a text that a user gives: those of the name of a port. */
#define RECORD_KEY_TEXT_MAX 64

/* What a key is for an upcall or a pass, or what a user wants it to be. */
struct record_value {
    uint64_t number;
    const char *text;           /* NULL if it is a number only.  Need not end
                                 * with a null, and belongs to the record, to
                                 * the map of ports, or to the user's text. */
    size_t len;                 /* Bytes of 'text'. */
    bool pattern;               /* Is 'text' one for user_text_matches()? */
    struct uuid uuid;           /* Of a UFID. */
};

struct record_key;

const struct record_key *record_key_find(const char *name);
const struct record_key *record_key_next(const struct record_key *);
const char *record_key_name(const struct record_key *);
const char *record_key_help(const struct record_key *);

bool record_key_get(const struct record_key *, const void *record,
                    const struct port_map *, struct record_value *);
bool record_key_parse(const struct record_key *, const char *,
                      struct record_value *);
bool record_key_is(const struct record_key *, const struct record_value *,
                   const struct record_value *wanted);

void record_key_put_value(const struct record_key *,
                          const struct record_value *, struct ds *);
void record_key_put_allowed(const struct record_key *, struct ds *);

#endif /* lib/store/record-keys.h */
