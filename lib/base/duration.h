/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_DURATION_H
#define LIB_DURATION_H 1

/* Times with a unit, as users write and read them: "5ms", "1.5s". */

#include <stdbool.h>
#include <stdint.h>

struct ds;

/* What duration_parse() takes, for errors. */
#define DURATION_UNITS "s, ms, us or ns"

bool duration_parse(const char *, uint64_t *ns);
void duration_put_exact(struct ds *, uint64_t ns);
void duration_put(struct ds *, uint64_t ns);

#endif /* lib/base/duration.h */
