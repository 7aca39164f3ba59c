/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/condition.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

static const struct {
    const char *name;
    uint64_t ns;
} units[] = {
    { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { "ns", 1 },
};

/* Sets 'c' to no condition. */
void
conditions_init(struct conditions *c)
{
    c->lost = false;
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        c->min_ns[i] = UINT64_MAX;
    }
}

/* Returns true if 'c' has a condition. */
bool
conditions_is_set(const struct conditions *c)
{
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (c->min_ns[i] != UINT64_MAX) {
            return true;
        }
    }
    return c->lost;
}

/* Parses a time such as "5ms" or "1.5s", less than 2**63 ns, into '*ns'. */
static bool
parse_time(const char *s, uint64_t *ns)
{
    char *end;
    double number = strtod(s, &end);

    if (!isdigit((unsigned char) s[0])
        || s[strspn(s, "0123456789.")] != *end) {
        return false;                   /* No exponent, and not in base 16. */
    }
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (!strcmp(end, units[i].name)) {
            number *= units[i].ns;
            if (!(number >= 0 && number < INT64_MAX)) {
                return false;
            }
            *ns = number;
            return true;
        }
    }
    return false;
}

/* Adds 'condition' to 'c': "lost", or a stage, '>' and a time, such as
 * "total>5ms".  Returns false if it is no condition. */
bool
conditions_add(struct conditions *c, const char *condition)
{
    const char *time = strchr(condition, '>');
    uint64_t ns = 0;
    char *name;
    int stage;

    if (!strcmp(condition, upcall_outcome_name(UPCALL_LOST))) {
        c->lost = true;
        return true;
    } else if (!time || !parse_time(time + 1, &ns)) {
        return false;
    }
    name = xmemdup0(condition, time - condition);
    stage = upcall_stage_from_name(name);
    free(name);
    if (stage >= 0) {
        c->min_ns[stage] = ns;
    }
    return stage >= 0;
}

/* Returns true if the upcall of 'rec' meets a condition of 'c'. */
bool
conditions_match(const struct conditions *c, const struct upcall_record *rec)
{
    struct upcall_latency l;

    if (c->lost && rec->outcome == UPCALL_LOST) {
        return true;
    }
    upcall_get_latency(rec, &l);
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (upcall_latency_has(&l, i) && l.ns[i] > c->min_ns[i]) {
            return true;
        }
    }
    return false;
}

/* Appends 'ns' in the largest unit in which it is a whole number. */
static void
put_time(uint64_t ns, struct ds *ds)
{
    size_t i = 0;

    while (ns % units[i].ns) {
        i++;
    }
    ds_put_format(ds, "%"PRIu64"%s", ns / units[i].ns, units[i].name);
}

/* Appends the condition of 'c' with 'number', from 0 on, to 'ds'.  Returns
 * false if there are no more. */
bool
conditions_format(const struct conditions *c, size_t number, struct ds *ds)
{
    size_t n = 0;

    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        if (c->min_ns[i] != UINT64_MAX && n++ == number) {
            ds_put_format(ds, "%s>", upcall_stage_name(i));
            put_time(c->min_ns[i], ds);
            return true;
        }
    }
    if (c->lost && n == number) {
        ds_put_cstr(ds, upcall_outcome_name(UPCALL_LOST));
        return true;
    }
    return false;
}
