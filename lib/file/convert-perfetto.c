/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert-perfetto-private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "sset.h"
#include "store/place.h"
#include "util.h"

/* Writes what there is, unless there was an error before. */
void
perfetto_flush(struct perfetto *w)
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
    perfetto_flush(w);
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
    perfetto_note_time(w, 1);   /* In case there was no other. */
    ds_put_cstr(&w->text, "\n]}\n");
    perfetto_flush(w);
    return w->error;
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

/* Returns true if the upcall came to its socket, or went on from there. */
static bool
is_sent(const struct upcall_record *rec)
{
    return (rec->flags & UPCALL_F_RECEIVED
            || (rec->flags & UPCALL_F_ENQUEUED
                && rec->outcome != UPCALL_LOST));
}

/* Writes what happened on the CPU that has the upcall. */
static void
write_on_cpu(struct perfetto *w, const struct upcall *u,
             const struct place *place)
{
    const struct upcall_record *rec = u->rec;
    struct perfetto_track cpu = perfetto_cpu(w, rec->cpu);
    const char *class = upcall_class_name(u->class);
    const char *outcome = upcall_outcome_name(rec->outcome);

    perfetto_begin_slice(w, cpu, class ? class : "upcall", rec->ts,
                         upcall_get_return_ns(u));
    json_write_integer(&w->json, "id", rec->id);
    json_write_string(&w->json, "outcome", outcome);
    write_port(w, place, u->has_port, u->port_no);
    perfetto_end_args(w);
    if (is_sent(rec)) {
        perfetto_put_flow(w, "s", cpu, rec->id, rec->ts);
    }

    if (rec->outcome == UPCALL_LOST || rec->outcome == UPCALL_ABANDONED) {
        struct ds name = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&name, outcome);
        if (upcall_get_errno(u)) {
            ds_put_char(&name, ' ');
            upcall_put_errno_name(&name, upcall_get_errno(u));
        }
        perfetto_begin_instant(w, cpu, ds_cstr(&name), rec->ts);
        json_write_integer(&w->json, "id", rec->id);
        perfetto_end_args(w);
        ds_destroy(&name);
    }
}

/* Writes a slice of upcall 'id' on 'track', and the flow to it: 'phase', see
 * perfetto_put_flow(). */
static void
write_step(struct perfetto *w, struct perfetto_track track, const char *name,
           uint64_t id, uint64_t ts, uint64_t duration, const char *phase)
{
    perfetto_begin_slice(w, track, name, ts, duration);
    json_write_integer(&w->json, "id", id);
    perfetto_end_args(w);
    perfetto_put_flow(w, phase, track, id, ts);
}

/* Writes how the upcall came to its socket, and to its handler. */
static void
write_queue(struct perfetto *w, const struct upcall_record *rec)
{
    struct perfetto_track socket = perfetto_socket(w, rec->portid);
    uint64_t ns;

    write_step(w, socket, "enqueue", rec->id, rec->enqueue_ts, 0,
               rec->flags & UPCALL_F_RECEIVED ? "t" : "f");
    if (upcall_get_stage(rec, UPCALL_STAGE_QUEUE, &ns)) {
        char *name = xasprintf("queue of socket %"PRIu32, rec->portid);

        perfetto_put_span(w, socket, "queue", rec->id, rec->enqueue_ts,
                          rec->recv_ts);
        perfetto_begin_at(w, "C", socket, name, "upcall", rec->recv_ts);
        json_write_object(&w->json, "args");
        json_write_integer(&w->json, "upcalls", rec->queue_len);
        perfetto_end_args(w);
        free(name);
    }
}

/* Writes what the handler did. */
static void
write_handler(struct perfetto *w, const struct upcall_record *rec)
{
    struct perfetto_track handler = perfetto_handler(w, rec);
    bool put = rec->flags & UPCALL_F_PUT;
    bool exec = rec->flags & UPCALL_F_EXEC;
    bool translated = (rec->flags & UPCALL_F_TRANSLATED
                       && rec->translated_ts >= rec->recv_ts);
    uint64_t ns;

    if (upcall_get_stage(rec, UPCALL_STAGE_HANDLE, &ns)) {
        perfetto_put_span(w, handler, "handle", rec->id, rec->recv_ts,
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
    if (rec->flags & UPCALL_F_ENQUEUED && is_sent(rec)) {
        write_queue(w, rec);
    }
    if (rec->flags & UPCALL_F_RECEIVED) {
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

    perfetto_begin_slice(w, perfetto_cpu(w, rec->cpu), name, rec->ts,
                         pass_get_total(rec));
    json_write_string(&w->json, "id", id);
    json_write_integer_if(&w->json, "upcall", rec->flags & PASS_F_UPCALL,
                          rec->upcall);
    write_port(w, &place, p->has_port, rec->port_no);
    perfetto_end_args(w);
    free(name);
    free(id);
}

/* Takes note of the time that 'record', aligned to 8 bytes, ended at, whether
 * it is written or not: gaps after it are shown there.  Written are those that
 * were held back until there was a time. */
void
perfetto_note(struct perfetto *w, const void *record)
{
    const struct upcall_record *rec = record;
    uint64_t total = 0, ts;

    if (record_is_pass(record)) {
        const struct pass_record *pass = record;

        ts = pass->ts + pass_get_total(pass);
    } else {
        ts = (upcall_get_stage(rec, UPCALL_STAGE_TOTAL, &total)
              ? rec->ts + total : rec->ts);
    }
    perfetto_note_time(w, ts);
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
    perfetto_flush(w);
    return error;
}
