/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/convert-retis-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "bpf/upcall-record.h"
#include "file/trace-begin.h"
#include "openvswitch/json.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "packets.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/record-context.h"
#include "show/record-json.h"
#include "util.h"

/* Writes 'line', unless there was an error before. */
static void
write_line(struct retis *w, const char *line)
{
    if (!w->error) {
        w->error = w->write(line, strlen(line), w->aux);
    }
}

/* Starts what is written with 'write', to which 'aux' is passed.  If that
 * fails, retis_get_error() tells, and nothing more is written.  The caller
 * destroys what is returned. */
struct retis *
retis_create(retis_write_func *write, void *aux)
{
    struct retis *w = xzalloc(sizeof *w);

    w->write = write;
    w->aux = aux;
    ds_init(&w->text);
    hmap_init(&w->packets);
    ovs_list_init(&w->oldest);
    return w;
}

/* Frees 'w', which may be NULL. */
void
retis_destroy(struct retis *w)
{
    if (w) {
        for (size_t i = 0; i < w->n_events; i++) {
            free(w->events[i].line);
        }
        free(w->events);
        retis_forget_all(w);
        hmap_destroy(&w->packets);
        ds_destroy(&w->text);
        json_destroy(w->startup);
        free(w->binary);
        free(w);
    }
}

/* Returns 0, or the positive errno value with which writing has failed the
 * first time. */
int
retis_get_error(const struct retis *w)
{
    return w->error;
}

/* What is kept back. */

static int
compare_events(const void *a_, const void *b_)
{
    const struct retis_event *a = a_;
    const struct retis_event *b = b_;

    return (a->ts != b->ts ? (a->ts < b->ts ? -1 : 1)
            : a->number < b->number ? -1 : a->number > b->number);
}

/* Returns true if 'e' is what was written before, of another segment of the
 * packet.  Notes what is written. */
static bool
is_repeated(struct retis *w, const struct retis_event *e)
{
    bool same = (w->has_upcall && w->upcall.upcall_ts == e->upcall_ts
                 && w->upcall.upcall_cpu == e->upcall_cpu);
    bool repeated = false;

    if (e->kind == RETIS_UPCALL) {
        repeated = same && !w->has_return;
        w->upcall = *e;
        w->has_upcall = true;
        w->has_return = false;
    } else if (e->kind == RETIS_RETURN) {
        repeated = same && w->has_return;
        w->has_return = w->has_return || same;
    }
    return repeated;
}

/* Writes the first 'n' events by time, and leaves the others. */
static void
release(struct retis *w, size_t n)
{
    if (w->n_events) {
        qsort(w->events, w->n_events, sizeof *w->events, compare_events);
    }
    for (size_t i = 0; i < n; i++) {
        struct retis_event *e = &w->events[i];

        if (!is_repeated(w, e)) {
            write_line(w, e->line);
        }
        w->n_bytes -= strlen(e->line);
        free(e->line);
    }
    w->n_events -= n;
    if (n) {
        memmove(w->events, w->events + n, w->n_events * sizeof *w->events);
    }
}

/* Writes the line about the trace, if it was not written. */
static void
put_startup(struct retis *w)
{
    if (!w->is_started) {
        retis_put_startup(w);
        write_line(w, ds_cstr(&w->text));
        w->is_started = true;
    }
}

/* Begins with a trace of which 'startup', an object, is the first line, unless
 * that is the one under way, as at the begin of another file of it.  Without
 * this, nothing is known of the trace. */
void
retis_start(struct retis *w, const struct json *startup)
{
    if (!w->startup || !trace_begin_is_same(w->startup, startup)) {
        if (w->startup || w->is_started) {
            release(w, w->n_events);
            retis_forget_all(w);
            memset(w->batches, 0, sizeof w->batches);
            w->has_upcall = false;
        }
        json_destroy(w->startup);
        w->startup = json_clone(startup);
        w->is_started = false;
        put_startup(w);
    }
}

/* Ends what is written.  Returns what retis_get_error() does. */
int
retis_end(struct retis *w)
{
    put_startup(w);
    release(w, w->n_events);
    return w->error;
}

/* Events. */

/* Writes which task of 'head' it was.  Retis calls the process "pid" and the
 * thread "tgid". */
static void
write_task(struct retis *w, const struct retis_head *head)
{
    json_write_object(&w->json, "task");
    json_write_integer(&w->json, "pid", (int32_t) head->process);
    json_write_integer(&w->json, "tgid", (int32_t) head->thread);
    record_json_comm(&w->json, head->comm);
    json_write_end_object(&w->json);
}

static void
write_kernel(struct retis *w, const struct retis_head *head)
{
    json_write_object(&w->json, "kernel");
    json_write_string(&w->json, "symbol", head->symbol);
    json_write_string(&w->json, "probe_type",
                      !strcmp(head->where, "entry") ? "kprobe"
                      : !strcmp(head->where, "exit") ? "kretprobe"
                      : "raw_tracepoint");
    json_write_end_object(&w->json);
}

static void
write_userspace(struct retis *w, const struct retis_head *head)
{
    json_write_object(&w->json, "userspace");
    json_write_string(&w->json, "probe_type", "usdt");
    json_write_string(&w->json, "symbol", head->symbol);
    json_write_integer(&w->json, "ip", 0);
    json_write_string(&w->json, "path", w->binary ? w->binary : "");
    json_write_integer(&w->json, "pid", (int32_t) head->process);
    json_write_integer(&w->json, "tid", (int32_t) head->thread);
    json_write_end_object(&w->json);
}

/* Writes a number of 64 bits. */
static void
write_u64(struct retis *w, const char *name, uint64_t number)
{
    json_write_integer(&w->json, name, 0);
    w->text.length--;
    ds_put_format(&w->text, "%"PRIu64, number);
}

/* Begins an event with 'head'.  The caller adds the rest and ends it with
 * retis_finish(). */
void
retis_begin(struct retis *w, const struct retis_head *head)
{
    ds_clear(&w->text);
    json_writer_init(&w->json, &w->text);
    json_write_object(&w->json, NULL);
    json_write_object(&w->json, "common");
    write_u64(w, "timestamp", head->ts);
    if (head->has_cpu) {
        json_write_integer(&w->json, "smp_id", head->cpu);
    }
    if (head->comm) {
        write_task(w, head);
    }
    json_write_end_object(&w->json);
    if (strcmp(head->where, "usdt")) {
        write_kernel(w, head);
    } else {
        write_userspace(w, head);
    }
    if (head->root) {
        json_write_object(&w->json, "skb-tracking");
        write_u64(w, "orig_head", head->root);
        write_u64(w, "timestamp", retis_root_ts(w, head->root, head->ts));
        json_write_integer(&w->json, "skb", 0);
        json_write_end_object(&w->json);
    }
}

/* Ends the event with 'head'. */
void
retis_finish(struct retis *w, const struct retis_head *head)
{
    retis_finish_upcall(w, head, RETIS_OTHER, 0, 0);
}

/* Does the same; 'kind' is which event of the upcall at 'upcall_ts' it is. */
void
retis_finish_upcall(struct retis *w, const struct retis_head *head,
                    enum retis_event_kind kind, uint64_t upcall_ts,
                    uint32_t upcall_cpu)
{
    json_write_end_object(&w->json);
    ds_put_char(&w->text, '\n');
    if (w->n_events >= w->n_allocated) {
        w->events = x2nrealloc(w->events, &w->n_allocated,
                               sizeof *w->events);
    }
    w->events[w->n_events++] = (struct retis_event) {
        .ts = head->ts,
        .number = w->next_number++,
        .kind = kind,
        .upcall_ts = upcall_ts,
        .upcall_cpu = upcall_cpu,
        .line = xmemdup0(ds_cstr(&w->text), w->text.length),
    };
    w->n_bytes += w->text.length;
}

/* Writes the 'kept' bytes of a packet of 'len' at 'data', NULL if there are
 * none: one that has no Ethernet header, but 'ethertype', in network order,
 * gets an empty one. */
void
retis_put_packet(struct retis *w, const uint8_t *data, size_t kept,
                 uint32_t len, bool has_ethernet, uint16_t ethertype)
{
    size_t header = has_ethernet ? 0 : sizeof(struct eth_header);
    struct ofpbuf packet;

    if (!data || !kept) {
        return;
    }
    ofpbuf_init(&packet, header + kept);
    if (header) {
        struct eth_header *eth = ofpbuf_put_zeros(&packet, sizeof *eth);

        eth->eth_type = (OVS_FORCE ovs_be16) ethertype;
    }
    ofpbuf_put(&packet, data, kept);
    json_write_object(&w->json, "packet");
    json_write_integer(&w->json, "len", header + MAX(len, kept));
    json_write_integer(&w->json, "capture_len", packet.size);
    base64_put(json_write_text(&w->json, "data"), packet.data, packet.size);
    json_write_end_text(&w->json);
    json_write_end_object(&w->json);
    ofpbuf_uninit(&packet);
}

/* Writes the name of a flow as four numbers, those of which its text is made
 * (flow_text_ufid()). */
void
retis_put_ufid(struct retis *w, const uint8_t ufid[16])
{
    json_write_array(&w->json, "ufid");
    for (int i = 0; i < 4; i++) {
        uint32_t part;

        memcpy(&part, ufid + 4 * i, sizeof part);
        json_write_integer(&w->json, NULL, part);
    }
    json_write_end_array(&w->json);
}

/* Writes the record, the 'size' bytes at 'record', aligned to 8 bytes; 'c' is
 * what it refers to.
 *
 * Returns NULL if the record is right; whether it could be written,
 * retis_get_error() tells.  Otherwise writes nothing and returns what is wrong
 * with it, which the caller has to free. */
char *
retis_put(struct retis *w, const void *record, size_t size,
          const struct record_context *c)
{
    struct upcall u;
    struct pass p;
    char *error;

    put_startup(w);
    if (!record_is_pass(record)) {
        if (upcall_parse(record, size, &u, &error)) {
            retis_put_upcall(w, &u);
        }
    } else if (pass_parse(record, size, &p, &error)) {
        retis_put_pass(w, &p, c);
    }
    if (w->n_events >= RETIS_EVENTS_MAX || w->n_bytes >= RETIS_BYTES_MAX) {
        release(w, w->n_events / 2);
    }
    return error;
}
