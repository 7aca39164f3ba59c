/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CONDITION_H
#define LIB_CONDITION_H 1

/* Conditions on upcalls and passes, in one grammar for all that chooses them:
 *
 *   STAGE>TIME, STAGE>=TIME    a stage took so long: "total>5ms"
 *   KEY=VALUE                  a key of record-keys.h: "port=tap3"
 *   NAME                       an outcome or a class: "lost", "slow_path"
 *   hit                        a pass that a flow matched
 *   drop                       a pass whose packet was dropped
 *   no-put                     a miss that was handled and put no flow
 *   !COND                      any but those that meet COND
 *
 * What is not known of an upcall or a pass, or is no matter of it, meets no
 * condition, and so meets one with '!'.  Of the stages, a pass has "total"
 * only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct condition;
struct ds;
struct port_map;

/* Most conditions of a set: all of them may be looked at for each upcall. */
#define CONDITIONS_MAX 256

/* A set of conditions, of which an upcall has to meet one. */
struct conditions {
    struct condition *conditions;
    size_t n, allocated;
};

#define CONDITIONS_INITIALIZER { NULL, 0, 0 }

void conditions_init(struct conditions *);
void conditions_clone(struct conditions *, const struct conditions *);
void conditions_destroy(struct conditions *);

char *conditions_parse(struct conditions *, const char *text);
char *conditions_parse_values(struct conditions *, const char *key,
                              const char *values);

bool conditions_match(const struct conditions *, const void *record,
                      const struct port_map *);
const char *conditions_text(const struct conditions *, size_t number);

#endif /* lib/store/condition.h */
