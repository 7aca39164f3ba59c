/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/trace-stats.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/names.h"
#include "show/json-values.h"
#include "show/pass-stats-show.h"
#include "show/vswitchd-show.h"
#include "util.h"

/* Runs of programs that were missed. */

/* Returns how it is called in JSON. */
static char *
missed_name(const struct trace_missed *m)
{
    return xasprintf("%s %s", m->name, m->where);
}

/* Returns how often programs were not run, by hook. */
struct json *
trace_missed_to_json(const struct trace_missed_all *all)
{
    struct json *o = json_object_create();

    for (size_t i = 0; i < all->n; i++) {
        if (all->hooks[i].n) {
            char *name = missed_name(&all->hooks[i]);

            put(o, name, value_integer(true, all->hooks[i].n));
            free(name);
        }
    }
    return o;
}

/* Sets 'all' to what 'json' says about those of its hooks that are known, of
 * which 'get_name' and 'get_where' tell. */
static void
missed_from_json(struct trace_missed_all *all, struct json_read *r,
                 const struct json *json, const char *(*get_name)(int),
                 const char *(*get_where)(int))
{
    all->n = 0;
    for (int i = 0; !r->error && get_name(i); i++) {
        struct trace_missed m = {
            .name = get_name(i), .where = get_where(i),
        };
        char *name = missed_name(&m);

        if (shash_find(json_object(json), name)) {
            m.n = json_read_integer(r, json, name, 0, INT64_MAX);
            all->hooks[all->n++] = m;
        }
        free(name);
    }
}

/* Sets 'all' to what 'json' says, which trace_missed_to_json() has made of the
 * hooks for upcalls. */
void
trace_missed_from_json(struct trace_missed_all *all, struct json_read *r,
                       const struct json *json)
{
    missed_from_json(all, r, json, upcall_hook_name, upcall_hook_where);
}

/* The same for passes. */
void
trace_pass_missed_from_json(struct trace_missed_all *all, struct json_read *r,
                            const struct json *json)
{
    missed_from_json(all, r, json, pass_hook_name, pass_hook_where);
}

/* Appends the same in a line that begins with 'what', unless all were run. */
static void
format_missed(const char *what, const struct trace_missed_all *all,
              struct ds *ds)
{
    const char *separator = what;

    for (size_t i = 0; i < all->n; i++) {
        const struct trace_missed *m = &all->hooks[i];

        if (m->n) {
            ds_put_format(ds, "%s%"PRIu64" of %s (%s)", separator, m->n,
                          m->name, m->where);
            separator = ", ";
        }
    }
    ds_put_cstr(ds, separator[0] == ',' ? "\n" : "");
}

/* JSON. */

static struct json *
gaps_to_json(const struct trace_stats *s)
{
    struct json *o = json_object_create();

    put(o, "count", value_integer(true, s->n_gaps));
    put(o, "records", value_integer(true, s->gap_records));
    return o;
}

/* Returns the statistics of passes, null if none are recorded. */
static struct json *
passes_to_json(const struct trace_stats *s)
{
    bool told = s->told && s->told->has_passes;
    struct json *o;

    if (!s->passes) {
        return json_null_create();
    }
    o = pass_stats_to_json(s->passes, &s->frame, s->layout);
    put(o, "records", told ? trace_pass_counts_to_json(&s->told->passes)
                      : json_null_create());
    put(o, "missed", told ? trace_missed_to_json(&s->told->passes_missed)
                     : json_null_create());
    return o;
}

/* Returns 's' as an object, which the caller destroys. */
struct json *
trace_stats_to_json(const struct trace_stats *s)
{
    struct json *o = stats_to_json(s->upcalls, &s->frame);

    put(o, "passes", passes_to_json(s));
    put(o, "records", s->told ? trace_counts_to_json(&s->told->records)
                      : json_null_create());
    put(o, "missed", s->told ? trace_missed_to_json(&s->told->missed)
                     : json_null_create());
    put(o, "gaps", gaps_to_json(s));
    put(o, "vswitchd", s->vswitchd_json ? json_clone(s->vswitchd_json)
                       : json_null_create());
    return o;
}

/* Text. */

static void
format_told(const struct trace_stats *s, struct ds *ds)
{
    const struct trace_told *told = s->told;

    if (!told) {
        ds_put_cstr(ds, "records:  not ended properly: what was dropped is "
                    "unknown\n");
        return;
    }
    trace_counts_format(&told->records, ds);
    if (told->has_passes) {
        trace_pass_counts_format(&told->passes, ds);
    }
    format_missed("program runs that were missed: ", &told->missed, ds);
    if (told->has_passes) {
        format_missed("program runs of passes that were missed: ",
                      &told->passes_missed, ds);
    }
}

/* Appends 's' to 'ds' for people, with a histogram of 'stage'. */
void
trace_stats_format(const struct trace_stats *s, enum upcall_stage stage,
                   struct ds *ds)
{
    stats_format(s->upcalls, &s->frame, stage, ds);
    if (s->vswitchd) {
        vswitchd_stats_format(s->vswitchd, s->frame.now, ds);
    }
    if (s->passes) {
        pass_stats_format(s->passes, &s->frame, s->layout, ds);
    }
    format_told(s, ds);
    if (s->n_gaps) {
        ds_put_format(ds, "readers: %"PRIu64" times told of a gap, of "
                      "%"PRIu64" records in all\n", s->n_gaps,
                      s->gap_records);
    }
}
