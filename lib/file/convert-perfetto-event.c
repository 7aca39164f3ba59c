/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert-perfetto-private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bpf/upcall-record.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "util.h"

/* Numbers of processes that no process has: they are above PID_MAX_LIMIT of
 * the kernel (include/linux/threads.h, 4 Mi). */
#define DATAPATH_PID (4194304 + 1)
#define SOCKETS_PID (4194304 + 2)
#define REVALIDATORS_PID (4194304 + 3)
#define LOSSES_PID (4194304 + 4)

/* Most tracks whose names are remembered as written.  Beyond that, they are
 * forgotten and written again, which does no harm. */
#define NAMED_MAX 4096

/* Events. */

/* Writes 'ns' in us. */
static void
write_us(struct perfetto *w, const char *name, uint64_t ns)
{
    json_write_integer(&w->json, name, ns / 1000);
    ds_put_format(w->json.ds, ".%03u", (unsigned int) (ns % 1000));
}

/* Begins the event 'phase' on 'track', with 'name'. */
static void
begin_event(struct perfetto *w, const char *phase, struct perfetto_track track,
            const char *name)
{
    ds_put_cstr(&w->text, w->any ? ",\n" : "\n");
    w->any = true;
    json_writer_init(&w->json, &w->text);
    json_write_object(&w->json, NULL);
    json_write_string(&w->json, "ph", phase);
    json_write_integer(&w->json, "pid", track.pid);
    json_write_integer(&w->json, "tid", track.tid);
    json_write_string(&w->json, "name", name);
}

/* Begins an event 'phase' on 'track', with 'name', that happened at 'ts'.
 * Those with the same id, name and 'category' belong together. */
void
perfetto_begin_at(struct perfetto *w, const char *phase,
                  struct perfetto_track track, const char *name,
                  const char *category, uint64_t ts)
{
    begin_event(w, phase, track, name);
    json_write_string(&w->json, "cat", category);
    write_us(w, "ts", ts);
}

void
perfetto_end_event(struct perfetto *w)
{
    json_write_end_object(&w->json);
}

/* Begins a slice, whose arguments follow. */
void
perfetto_begin_slice(struct perfetto *w, struct perfetto_track track,
                     const char *name, uint64_t ts, uint64_t duration)
{
    perfetto_begin_at(w, "X", track, name, "upcall", ts);
    write_us(w, "dur", duration);
    json_write_object(&w->json, "args");
}

/* Begins an instant, whose arguments follow. */
void
perfetto_begin_instant(struct perfetto *w, struct perfetto_track track,
                       const char *name, uint64_t ts)
{
    perfetto_begin_at(w, "i", track, name, "upcall", ts);
    json_write_string(&w->json, "s", "t");
    json_write_object(&w->json, "args");
}

void
perfetto_end_args(struct perfetto *w)
{
    json_write_end_object(&w->json);
    perfetto_end_event(w);
}

/* Writes a slice of upcall 'id' that overlaps with those of others. */
void
perfetto_put_span(struct perfetto *w, struct perfetto_track track,
                  const char *name, uint64_t id, uint64_t from, uint64_t until)
{
    for (int end = 0; end < 2; end++) {
        perfetto_begin_at(w, end ? "e" : "b", track, name, name,
                          end ? until : from);
        json_write_number_string(&w->json, "id", id);
        perfetto_end_event(w);
    }
}

/* Writes that upcall 'id' is in the slice that begins at 'ts' of 'track', and
 * was written just before: 'phase' is "s" for the first one, "t", or "f" for
 * the last one. */
void
perfetto_put_flow(struct perfetto *w, const char *phase,
                  struct perfetto_track track, uint64_t id, uint64_t ts)
{
    perfetto_begin_at(w, phase, track, "upcall", "upcall", ts);
    json_write_number_string(&w->json, "id", id);
    if (phase[0] == 'f') {
        json_write_string(&w->json, "bp", "e");
    }
    perfetto_end_event(w);
}

/* Tracks. */

/* Returns true the first time that it is called for 'track' and 'what'. */
static bool
is_unnamed(struct perfetto *w, const char *what, struct perfetto_track track)
{
    char *id = xasprintf("%s %"PRIu32" %"PRIu32, what, track.pid, track.tid);
    bool is_new;

    if (sset_count(&w->named) >= NAMED_MAX) {
        sset_clear(&w->named);
    }
    is_new = sset_add(&w->named, id) != NULL;
    free(id);
    return is_new;
}

/* Writes what the process of 'track' is called. */
static void
name_process(struct perfetto *w, struct perfetto_track track, const char *name)
{
    if (is_unnamed(w, "process", (struct perfetto_track) { track.pid, 0 })) {
        begin_event(w, "M", track, "process_name");
        json_write_object(&w->json, "args");
        json_write_string(&w->json, "name", name);
        perfetto_end_args(w);
    }
}

/* Writes what 'track' is called: the text 'name', which is freed. */
static void
name_track(struct perfetto *w, struct perfetto_track track, char *name)
{
    if (is_unnamed(w, name, track)) {
        begin_event(w, "M", track, "thread_name");
        json_write_object(&w->json, "args");
        json_write_string(&w->json, "name", name);
        perfetto_end_args(w);
    }
    free(name);
}

struct perfetto_track
perfetto_cpu(struct perfetto *w, uint32_t cpu)
{
    struct perfetto_track track = { DATAPATH_PID, cpu + 1 };

    name_process(w, track, "datapath");
    name_track(w, track, xasprintf("cpu %"PRIu32, cpu));
    return track;
}

struct perfetto_track
perfetto_socket(struct perfetto *w, uint32_t portid)
{
    struct perfetto_track track = { SOCKETS_PID, portid };

    name_process(w, track, "netlink sockets");
    name_track(w, track, xasprintf("socket %"PRIu32, portid));
    return track;
}

struct perfetto_track
perfetto_handler(struct perfetto *w, const struct upcall_record *rec)
{
    struct perfetto_track track = { rec->recv_tgid, rec->recv_tid };
    struct ds comm = DS_EMPTY_INITIALIZER;

    upcall_put_comm(&comm, rec->recv_comm);
    name_process(w, track, "ovs-vswitchd");
    name_track(w, track, ds_steal_cstr(&comm));
    return track;
}

/* All revalidators, of which a trace does not tell what each did. */
struct perfetto_track
perfetto_revalidators(struct perfetto *w)
{
    struct perfetto_track track = { REVALIDATORS_PID, 1 };

    name_process(w, track, "ovs-vswitchd, all threads");
    name_track(w, track, xstrdup("revalidators"));
    return track;
}

/* Records that the trace does not have. */
struct perfetto_track
perfetto_losses(struct perfetto *w)
{
    struct perfetto_track track = { LOSSES_PID, 1 };

    name_process(w, track, "trace");
    name_track(w, track, xstrdup("records that are missing"));
    return track;
}
