/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/selection.h"

#include <string.h>

#include "base/option-kind.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/record.h"
#include "store/port-map.h"
#include "util.h"

#define MEMBER(NAME) offsetof(struct selection, NAME)

/* The options. */
static const struct command_option SELECTION_OPTIONS[] = {
    { "outcome", "NAME,...", NULL, "lost", "", NULL, 0, 0, NULL,
      &option_kind_outcome, MEMBER(outcomes) },
    { "class", "NAME,...", NULL, "miss", "", NULL, 0, 0, NULL,
      &option_kind_class, MEMBER(classes) },
    { "port", "NAME,...", NULL, "eth0", "", NULL, 0, 0, NULL,
      &option_kind_port, MEMBER(ports) },
    { "min-latency", "US", NULL, "1000", "", NULL, 1, INT64_MAX / 1000,
      "microseconds", &option_kind_number, MEMBER(min_latency) },
};

/* Initializes 'sel' to all upcalls.  The caller must destroy it with
 * selection_destroy(). */
void
selection_init(struct selection *sel)
{
    sel->classes = sel->outcomes = UINT32_MAX;
    sel->min_latency = 0;
    port_names_init(&sel->ports);
}

/* Frees what 'sel' refers to. */
void
selection_destroy(struct selection *sel)
{
    port_names_destroy(&sel->ports);
}

/* Returns the name of the option with 'number', from 0 on, such as "class", or
 * NULL if there are no more. */
const char *
selection_option(size_t number)
{
    return (number < ARRAY_SIZE(SELECTION_OPTIONS)
            ? SELECTION_OPTIONS[number].name : NULL);
}

/* Changes 'sel' as option 'number' with 'value' says.  Values of an option
 * that is a list of names add up.  Returns NULL, or an error that the caller
 * must free. */
char *
selection_parse(struct selection *sel, size_t number, const char *value)
{
    const struct command_option *option = &SELECTION_OPTIONS[number];

    if (!*value) {
        return xasprintf("--%s needs a value, such as --%s=%s", option->name,
                         option->name, option->example);
    }
    return option->kind->parse(option, value, (char *) sel + option->offset);
}

/* Appends the options to 'ds': "--class=NAME,..., " and so on. */
void
selection_put_usage(struct ds *ds)
{
    for (size_t i = 0; i < ARRAY_SIZE(SELECTION_OPTIONS); i++) {
        ds_put_format(ds, "--%s=%s, ", SELECTION_OPTIONS[i].name,
                      SELECTION_OPTIONS[i].arg);
    }
}

/* Returns true if all upcalls are in 'sel'. */
bool
selection_is_all(const struct selection *sel)
{
    return (sel->classes == UINT32_MAX && sel->outcomes == UINT32_MAX
            && port_names_is_empty(&sel->ports) && !sel->min_latency);
}

static bool
has_port(const struct selection *sel, const struct upcall_record *rec,
         const struct port_map *map)
{
    uint32_t dp_ifindex, port_no;
    const char *name;

    if (!upcall_get_port(rec, &dp_ifindex, &port_no)) {
        return false;
    }
    name = port_map_lookup(map, dp_ifindex, port_no, rec->ts);
    return name && port_names_has(&sel->ports, name);
}

static bool
is_slow(const struct selection *sel, const struct upcall_record *rec)
{
    struct upcall_latency l;

    upcall_get_latency(rec, &l);
    return (upcall_latency_has(&l, UPCALL_STAGE_TOTAL)
            && l.ns[UPCALL_STAGE_TOTAL] / 1000 >= sel->min_latency);
}

/* Returns true if 'bits' are all, or have 'number', which is less than
 * 'n'. */
static bool
has_bit(uint32_t bits, unsigned int number, unsigned int n)
{
    return bits == UINT32_MAX || (number < n && bits & 1u << number);
}

/* Returns true if the upcall of 'rec', which must be one that upcall_parse()
 * accepts, is in 'sel'.  Names of ports come from 'map'.  What is not known of
 * an upcall is not what was chosen. */
bool
selection_has(const struct selection *sel, const struct upcall_record *rec,
              const struct port_map *map)
{
    return (has_bit(sel->classes, rec->class_, UPCALL_N_CLASSES)
            && has_bit(sel->outcomes, rec->outcome, UPCALL_N_OUTCOMES)
            && (port_names_is_empty(&sel->ports) || has_port(sel, rec, map))
            && (!sel->min_latency || is_slow(sel, rec)));
}
