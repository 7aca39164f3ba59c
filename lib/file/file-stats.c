/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/file-stats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-read.h"
#include "base/printable.h"
#include "file/trace-begin.h"
#include "file/trace-end.h"
#include "file/trace-reader.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/kernel-actions.h"
#include "record/pass-drop.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "store/pass-stats.h"
#include "store/place.h"
#include "store/port-map.h"
#include "show/vswitchd-show.h"
#include "store/upcall-stats.h"
#include "store/vswitchd-stats.h"
#include "util.h"

/* Names of ports are forgotten after so many, for a file that makes them
 * up. */
#define NAMES_MAX 65536

#define NS_PER_MS 1000000

/* In front of the name of a datapath. */
#define DATAPATH_PREFIX "system@"

struct file_stats {
    struct port_map *ports;
    size_t n_names;             /* Of 'ports'. */
    struct kernel_layout layout;        /* Reasons of drops. */
    struct upcall_stats *upcalls;
    struct pass_stats *passes;  /* NULL if none are recorded. */
    uint64_t n_gaps, gap_records;

    /* The trace. */
    struct json *startup;       /* Its first line, NULL before it. */
    struct trace_begin begin;   /* The same. */
    struct json *end_json;      /* Its last line, NULL before it. */
    struct trace_end end;       /* The same, if it is 'complete'. */
    bool complete;
    struct vswitchd_stats vswitchd;     /* If 'end' has them. */
    uint64_t last_ts;           /* Of the latest record, 0 if none is. */
};

/* Returns new statistics, which the caller frees with
 * file_stats_destroy(). */
struct file_stats *
file_stats_create(void)
{
    struct file_stats *s = xzalloc(sizeof *s);

    s->ports = port_map_create(0);
    s->upcalls = upcall_stats_create(s->ports);
    return s;
}

/* Frees 's', which may be NULL. */
void
file_stats_destroy(struct file_stats *s)
{
    if (s) {
        upcall_stats_destroy(s->upcalls);
        if (s->passes) {
            pass_stats_destroy(s->passes);
        }
        vswitchd_stats_clear(&s->vswitchd, 0);
        port_map_destroy(s->ports);
        json_destroy(s->startup);
        json_destroy(s->end_json);
        free(s);
    }
}

/* Names. */

/* Has 'port_no' of 'dp_ifindex' have 'name' from now on, none if it is
 * NULL. */
static void
say_name(struct file_stats *s, uint32_t dp_ifindex, uint32_t port_no,
         const char *name)
{
    const char *old = port_map_lookup(s->ports, dp_ifindex, port_no, 0);

    if (nullable_string_is_equal(name, old)) {
        return;
    }
    if (s->n_names >= NAMES_MAX) {
        port_map_begin_dump(s->ports);
        port_map_end_dump(s->ports, 0);
        s->n_names = 0;
    }
    port_map_remove(s->ports, dp_ifindex, port_no, 0);
    if (name) {
        port_map_add(s->ports, dp_ifindex, port_no, name, 0);
        s->n_names++;
    }
}

/* Takes over the names that a record at 'place' has. */
static void
say_names(struct file_stats *s, const struct place *place, bool has_port,
          uint32_t port_no)
{
    if (place->known) {
        say_name(s, place->dp_ifindex, PORT_MAP_LOCAL, place_dp_name(place));
        if (has_port) {
            say_name(s, place->dp_ifindex, port_no,
                     place_port_name(place, port_no));
        }
    }
}

/* Takes over the reasons of drops that 'layout' has. */
static void
say_reasons(struct file_stats *s, const struct kernel_layout *layout)
{
    struct kernel_layout *own = &s->layout;

    for (size_t i = 0; layout && i < layout->n_drops; i++) {
        const struct kernel_drop *drop = &layout->drops[i];

        if (!kernel_drop_name(own, drop->reason)
            && own->n_drops < KERNEL_DROPS_MAX) {
            own->drops[own->n_drops++] = *drop;
        }
    }
}

/* Records. */

static void
put_pass(struct file_stats *s, const struct trace_item *item)
{
    struct pass p;
    char *error;

    if (pass_parse(item->record, item->size, &p, &error)) {
        struct place place = place_of_pass(&p, item->context->ports);

        say_names(s, &place, p.rec->flags & PASS_F_PORT, p.rec->port_no);
        say_reasons(s, item->context->layout);
        if (!s->passes) {
            s->passes = pass_stats_create(s->ports);
        }
        pass_stats_add(s->passes, &p);
        s->last_ts = MAX(s->last_ts, p.rec->ts);
    }
    free(error);
}

static void
put_upcall(struct file_stats *s, const struct trace_item *item)
{
    struct upcall u;
    char *error;

    if (upcall_parse(item->record, item->size, &u, &error)) {
        struct place place = place_of_upcall(&u, item->context->ports);

        say_names(s, &place, u.rec->port_no != UINT32_MAX, u.rec->port_no);
        upcall_stats_add(s->upcalls, u.rec);
        s->last_ts = MAX(s->last_ts, u.rec->ts);
    }
    free(error);
}

static void
put_record(struct file_stats *s, const struct trace_item *item)
{
    if (record_is_pass(item->record)) {
        put_pass(s, item);
    } else {
        put_upcall(s, item);
    }
}

/* The trace. */

static char *
begin(struct file_stats *s, const struct json *startup)
{
    if (!s->startup) {
        s->startup = json_clone(startup);
        trace_begin_from_json(&s->begin, s->startup);
        if (s->begin.has_passes) {
            s->passes = pass_stats_create(s->ports);
        }
    } else if (!trace_begin_is_same(s->startup, startup)) {
        return xstrdup("another trace begins here: statistics are of one, so "
                       "name the files of one");
    }
    return NULL;
}

/* Takes what the last line has of ovs-vswitchd.  Returns NULL, or what is
 * wrong with it, which the caller frees. */
static char *
read_vswitchd(struct file_stats *s)
{
    struct json_read r = JSON_READ_INITIALIZER;
    const struct stats_frame *frame = &s->end.frame;

    vswitchd_stats_clear(&s->vswitchd, 0);
    vswitchd_stats_from_json(&s->vswitchd, &r, s->end.vswitchd, frame->since,
                             frame->now);
    return json_read_finish(&r);
}

/* Takes the last line, which that of a file that another follows is not: it
 * has no numbers. */
static char *
end(struct file_stats *s, const struct json *json)
{
    const struct json *produced = shash_find_data(json_object(json),
                                                  "produced");
    char *error;

    if (!produced || produced->type == JSON_NULL) {
        return NULL;
    }
    json_destroy(s->end_json);
    s->end_json = json_clone(json);
    error = trace_end_from_json(&s->end, s->end_json);
    if (!error && s->end.vswitchd) {
        error = read_vswitchd(s);
    }
    s->complete = !error;
    return error;
}

/* Takes what 'item', which is no error, tells.  Returns NULL, or why it is not
 * one of these statistics, which the caller frees: all before it is. */
char *
file_stats_put(struct file_stats *s, const struct trace_item *item)
{
    switch (item->kind) {
    case TRACE_STARTUP:
        return begin(s, item->json);
    case TRACE_RECORD:
        put_record(s, item);
        break;
    case TRACE_GAP:
        s->n_gaps++;
        /* Of one file, they are no more than that. */
        s->gap_records = MIN(s->gap_records + item->n, INT64_MAX);
        break;
    case TRACE_END:
        return end(s, item->json);
    case TRACE_ERROR:
    default:
        OVS_NOT_REACHED();
    }
    return NULL;
}

/* Stores the frame of a trace without a last line in '*frame'. */
static void
get_frame(const struct file_stats *s, struct stats_frame *frame)
{
    *frame = (struct stats_frame) {
        .since_wall = s->begin.started / NS_PER_MS,
        .since = s->begin.start_ts,
        .now = MAX(s->last_ts, s->begin.start_ts),
    };
}

/* Has the datapaths that the last line tells of have their names. */
static void
say_datapaths(struct file_stats *s)
{
    static const char prefix[] = DATAPATH_PREFIX;

    for (size_t i = 0; i < s->end.frame.n_datapaths; i++) {
        const char *text = s->end.names[i];
        char *name = (text && !strncmp(text, prefix, strlen(prefix))
                      ? printable_undo(text + strlen(prefix)) : NULL);

        say_name(s, s->end.datapaths[i].dp_ifindex, PORT_MAP_LOCAL, name);
        free(name);
    }
}

/* Stores all statistics in '*stats', which refers to 's' until that changes.
 * Returns false if there was no trace. */
bool
file_stats_get(struct file_stats *s, struct trace_stats *stats)
{
    if (!s->startup) {
        return false;
    }
    *stats = (struct trace_stats) {
        .upcalls = s->upcalls,
        .passes = s->passes,
        .layout = &s->layout,
        .told = s->complete ? &s->end.told : NULL,
        .n_gaps = s->n_gaps,
        .gap_records = s->gap_records,
        .vswitchd = s->complete && s->end.vswitchd ? &s->vswitchd : NULL,
        .vswitchd_json = s->complete ? s->end.vswitchd : NULL,
    };
    if (s->complete) {
        say_datapaths(s);
        stats->frame = s->end.frame;
    } else {
        get_frame(s, &stats->frame);
    }
    return true;
}
