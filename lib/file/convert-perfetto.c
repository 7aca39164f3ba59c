/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert-perfetto.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "sset.h"
#include "store/place.h"
#include "util.h"

/* Numbers of processes that no process has: they are above PID_MAX_LIMIT of
 * the kernel (include/linux/threads.h, 4 Mi). */
#define DATAPATH_PID (4194304 + 1)
#define SOCKETS_PID (4194304 + 2)

/* Most tracks whose names are remembered as written.  Beyond that, they are
 * forgotten and written again, which does no harm. */
#define NAMED_MAX 4096

/* Where something is shown. */
struct track {
    uint32_t pid, tid;
};

struct perfetto {
    perfetto_write_func *write;
    void *aux;
    int error;                  /* The first one that 'write' returned. */
    struct ds text;             /* Not written yet. */
    struct json_writer json;    /* Of the event under way. */
    bool any;                   /* Was there an event? */
    struct sset named;          /* Tracks whose name was written. */
};

/* Writes what there is, unless there was an error before. */
static void
flush(struct perfetto *w)
{
    if (!w->error && w->text.length) {
        w->error = w->write(ds_cstr(&w->text), w->text.length, w->aux);
    }
    ds_clear(&w->text);
}

/* Starts a trace, which is written with 'write', to which 'aux' is passed.  If
 * that fails, perfetto_get_error() tells, and nothing more is written.  The
 * caller destroys what is returned. */
struct perfetto *
perfetto_create(perfetto_write_func *write, void *aux)
{
    struct perfetto *w = xzalloc(sizeof *w);

    w->write = write;
    w->aux = aux;
    ds_init(&w->text);
    sset_init(&w->named);
    ds_put_cstr(&w->text, "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [");
    flush(w);
    return w;
}

/* Frees 'w', which may be NULL. */
void
perfetto_destroy(struct perfetto *w)
{
    if (w) {
        sset_destroy(&w->named);
        ds_destroy(&w->text);
        free(w);
    }
}

/* Returns 0, or the positive errno value with which writing has failed the
 * first time. */
int
perfetto_get_error(const struct perfetto *w)
{
    return w->error;
}

/* Ends the trace.  Returns what perfetto_get_error() does. */
int
perfetto_end(struct perfetto *w)
{
    ds_put_cstr(&w->text, "\n]}\n");
    flush(w);
    return w->error;
}

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
begin_event(struct perfetto *w, const char *phase, struct track track,
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

/* Begins one that happened at 'ts'. */
static void
begin_event_at(struct perfetto *w, const char *phase, struct track track,
               const char *name, uint64_t ts)
{
    begin_event(w, phase, track, name);
    json_write_string(&w->json, "cat", "upcall");
    write_us(w, "ts", ts);
}

static void
end_event(struct perfetto *w)
{
    json_write_end_object(&w->json);
}

static void
begin_slice(struct perfetto *w, struct track track, const char *name,
            uint64_t ts, uint64_t duration)
{
    begin_event_at(w, "X", track, name, ts);
    write_us(w, "dur", duration);
    json_write_object(&w->json, "args");
}

static void
end_args(struct perfetto *w)
{
    json_write_end_object(&w->json);
    end_event(w);
}

/* Writes a slice of upcall 'id' that overlaps with those of others. */
static void
write_span(struct perfetto *w, struct track track, const char *name,
           uint64_t id, uint64_t from, uint64_t until)
{
    for (int end = 0; end < 2; end++) {
        begin_event_at(w, end ? "e" : "b", track, name, end ? until : from);
        json_write_number_string(&w->json, "id", id);
        end_event(w);
    }
}

/* Writes that upcall 'id' is in the slice that begins at 'ts' of 'track':
 * 'phase' is "s" for the first one, "t", or "f" for the last one. */
static void
write_flow(struct perfetto *w, const char *phase, struct track track,
           uint64_t id, uint64_t ts)
{
    begin_event_at(w, phase, track, "upcall", ts);
    json_write_number_string(&w->json, "id", id);
    if (phase[0] == 'f') {
        json_write_string(&w->json, "bp", "e");
    }
    end_event(w);
}

/* Tracks. */

/* Returns true the first time that it is called for 'track' and 'what'. */
static bool
is_unnamed(struct perfetto *w, const char *what, struct track track)
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
name_process(struct perfetto *w, struct track track, const char *name)
{
    if (is_unnamed(w, "process", (struct track) { track.pid, 0 })) {
        begin_event(w, "M", track, "process_name");
        json_write_object(&w->json, "args");
        json_write_string(&w->json, "name", name);
        end_args(w);
    }
}

/* Writes what 'track' is called: the text 'name', which is freed. */
static void
name_track(struct perfetto *w, struct track track, char *name)
{
    if (is_unnamed(w, name, track)) {
        begin_event(w, "M", track, "thread_name");
        json_write_object(&w->json, "args");
        json_write_string(&w->json, "name", name);
        end_args(w);
    }
    free(name);
}

static struct track
cpu_track(struct perfetto *w, uint32_t cpu)
{
    struct track track = { DATAPATH_PID, cpu + 1 };

    name_process(w, track, "datapath");
    name_track(w, track, xasprintf("cpu %"PRIu32, cpu));
    return track;
}

static struct track
socket_track(struct perfetto *w, uint32_t portid)
{
    struct track track = { SOCKETS_PID, portid };

    name_process(w, track, "netlink sockets");
    name_track(w, track, xasprintf("socket %"PRIu32, portid));
    return track;
}

static struct track
handler_track(struct perfetto *w, const struct upcall_record *rec)
{
    struct track track = { rec->recv_tgid, rec->recv_tid };
    struct ds comm = DS_EMPTY_INITIALIZER;

    upcall_put_comm(&comm, rec->recv_comm);
    name_process(w, track, "ovs-vswitchd");
    name_track(w, track, ds_steal_cstr(&comm));
    return track;
}

/* Upcalls. */

static void
write_port(struct perfetto *w, const struct place *place, bool known,
           uint32_t port_no)
{
    json_write_string(&w->json, "port",
                      known ? place_port_name(place, port_no) : NULL);
    json_write_integer_if(&w->json, "port_number", known, port_no);
}

/* Writes what happened on the CPU that has the upcall. */
static void
write_on_cpu(struct perfetto *w, const struct upcall *u,
             const struct place *place)
{
    const struct upcall_record *rec = u->rec;
    struct track cpu = cpu_track(w, rec->cpu);
    const char *class = upcall_class_name(u->class);
    const char *outcome = upcall_outcome_name(rec->outcome);

    begin_slice(w, cpu, class ? class : "upcall", rec->ts,
                upcall_get_return_ns(u));
    json_write_integer(&w->json, "id", rec->id);
    json_write_string(&w->json, "outcome", outcome);
    write_port(w, place, u->has_port, u->port_no);
    end_args(w);

    if (rec->outcome == UPCALL_LOST || rec->outcome == UPCALL_ABANDONED) {
        struct ds name = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&name, outcome);
        if (upcall_get_errno(u)) {
            ds_put_char(&name, ' ');
            upcall_put_errno_name(&name, upcall_get_errno(u));
        }
        begin_event_at(w, "i", cpu, ds_cstr(&name), rec->ts);
        json_write_string(&w->json, "s", "t");
        json_write_object(&w->json, "args");
        json_write_integer(&w->json, "id", rec->id);
        end_args(w);
        ds_destroy(&name);
    }
}

/* Writes how the upcall came to its handler. */
static void
write_queue(struct perfetto *w, const struct upcall_record *rec)
{
    struct track socket = socket_track(w, rec->portid);
    uint64_t ns;

    if (upcall_get_stage(rec, UPCALL_STAGE_QUEUE, &ns)) {
        char *name = xasprintf("queue of socket %"PRIu32, rec->portid);

        write_span(w, socket, "queue", rec->id, rec->enqueue_ts,
                   rec->recv_ts);
        begin_event_at(w, "C", socket, name, rec->recv_ts);
        json_write_object(&w->json, "args");
        json_write_integer(&w->json, "upcalls", rec->queue_len);
        end_args(w);
        free(name);
    }
}

/* Writes a slice of upcall 'id' in its handler, and the flow to it: 'phase',
 * see write_flow(). */
static void
write_step(struct perfetto *w, struct track track, const char *name,
           uint64_t id, uint64_t ts, uint64_t duration, const char *phase)
{
    begin_slice(w, track, name, ts, duration);
    json_write_integer(&w->json, "id", id);
    end_args(w);
    write_flow(w, phase, track, id, ts);
}

/* Writes what the handler did. */
static void
write_handler(struct perfetto *w, const struct upcall_record *rec)
{
    struct track handler = handler_track(w, rec);
    bool put = rec->flags & UPCALL_F_PUT;
    bool exec = rec->flags & UPCALL_F_EXEC;
    bool translated = (rec->flags & UPCALL_F_TRANSLATED
                       && rec->translated_ts >= rec->recv_ts);
    uint64_t ns;

    if (upcall_get_stage(rec, UPCALL_STAGE_HANDLE, &ns)) {
        write_span(w, handler, "handle", rec->id, rec->recv_ts,
                   rec->recv_ts + ns);
    }
    write_step(w, handler, translated ? "translate" : "receive", rec->id,
               rec->recv_ts, translated ? rec->translated_ts - rec->recv_ts
               : 0, put || exec ? "t" : "f");
    if (put) {
        write_step(w, handler, "flow_put", rec->id, rec->put_ts,
                   rec->flags & UPCALL_F_PUT_DONE ? rec->put_duration : 0,
                   exec ? "t" : "f");
    }
    if (exec) {
        write_step(w, handler, "flow_exec", rec->id, rec->exec_ts,
                   rec->flags & UPCALL_F_EXEC_DONE ? rec->exec_duration : 0,
                   "f");
    }
}

static void
write_upcall(struct perfetto *w, const struct upcall *u,
             const struct record_context *c)
{
    const struct upcall_record *rec = u->rec;
    struct place place = place_of_upcall(u, c->ports);

    write_on_cpu(w, u, &place);
    if (rec->flags & UPCALL_F_ENQUEUED) {
        write_queue(w, rec);
    }
    if (rec->flags & UPCALL_F_RECEIVED) {
        write_flow(w, "s", cpu_track(w, rec->cpu), rec->id, rec->ts);
        write_handler(w, rec);
    }
}

/* Passes. */

static void
write_pass(struct perfetto *w, const struct pass *p,
           const struct record_context *c)
{
    const struct pass_record *rec = p->rec;
    struct place place = place_of_pass(p, c->ports);
    char *name = xasprintf("pass: %s", pass_lookup_name(rec->lookup));
    char *id = xasprintf("p%"PRIu64, p->id);

    begin_slice(w, cpu_track(w, rec->cpu), name, rec->ts,
                pass_get_total(rec));
    json_write_string(&w->json, "id", id);
    json_write_integer_if(&w->json, "upcall", rec->flags & PASS_F_UPCALL,
                          rec->upcall);
    write_port(w, &place, p->has_port, rec->port_no);
    end_args(w);
    free(name);
    free(id);
}

/* Writes the record, the 'size' bytes at 'record', aligned to 8 bytes; 'c' is
 * what it refers to.
 *
 * Returns NULL if the record is right; whether it could be written,
 * perfetto_get_error() tells.  Otherwise writes nothing and returns what is
 * wrong with it, which the caller has to free. */
char *
perfetto_put(struct perfetto *w, const void *record, size_t size,
             const struct record_context *c)
{
    struct upcall u;
    struct pass p;
    char *error;

    if (!record_is_pass(record)) {
        if (upcall_parse(record, size, &u, &error)) {
            write_upcall(w, &u, c);
        }
    } else if (pass_parse(record, size, &p, &error)) {
        write_pass(w, &p, c);
    }
    flush(w);
    return error;
}
