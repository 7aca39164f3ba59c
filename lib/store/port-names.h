/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_PORT_NAMES_H
#define LIB_PORT_NAMES_H 1

/* Ports that a user has chosen by their names: those that exist, those that
 * come later, and, with a pattern such as "tap*", all whose names are like
 * it.  See user_text_matches() for patterns. */

#include <stdbool.h>
#include <stddef.h>

#include "sset.h"

struct ds;
struct json;
struct port_map;
struct svec;

/* Most of these names that may be patterns: each port is compared with each
 * of them. */
#define PORT_NAMES_PATTERNS_MAX 64

struct port_names {
    struct sset names;          /* Those that are no patterns. */
    struct sset patterns;
};

void port_names_init(struct port_names *);
void port_names_clone(struct port_names *, const struct port_names *);
void port_names_destroy(struct port_names *);

void port_names_add(struct port_names *, const char *);
bool port_names_is_empty(const struct port_names *);
size_t port_names_count(const struct port_names *);
bool port_names_has(const struct port_names *, const char *port);
struct json *port_names_to_json(const struct port_names *);

void port_names_get_absent(const struct port_names *, const struct port_map *,
                           struct svec *absent);
void port_names_put_some(const struct svec *, struct ds *);

#endif /* lib/store/port-names.h */
