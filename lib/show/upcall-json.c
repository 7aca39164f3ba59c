/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/upcall-json.h"

#include <inttypes.h>

#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "record/record.h"
#include "record/userdata.h"
#include "show/flow-show.h"
#include "show/passes-show.h"
#include "show/record-context.h"
#include "show/record-json.h"
#include "show/record-raw.h"
#include "show/upcall-json-private.h"
#include "store/place.h"
#include "util.h"

/* The stages in the order of their names. */
static const enum upcall_stage stages_by_name[] = {
    UPCALL_STAGE_EXECUTE, UPCALL_STAGE_HANDLE, UPCALL_STAGE_INSTALL,
    UPCALL_STAGE_QUEUE, UPCALL_STAGE_TOTAL, UPCALL_STAGE_TRANSLATE,
};
BUILD_ASSERT_DECL(ARRAY_SIZE(stages_by_name) == UPCALL_N_STAGES);

static void write_members(struct json_writer *, const struct upcall *,
                          const struct record_context *);
static void write_rest(struct json_writer *, const struct upcall *,
                       const struct place *, const struct record_context *);
static void write_userdata(struct json_writer *, const struct upcall *,
                           const struct port_map *);
static void write_waits(struct json_writer *, const struct upcall *);
static void write_id(struct json_writer *, const char *name, bool known,
                     uint64_t id);

/* Writes 'u' as an object.  'seq' is its number in the history, and 'c' has
 * what it refers to.  What is unknown is null.
 *
 * The members of this object, and of all in it, are in the order of their
 * names. */
void
upcall_json_write_all(struct json_writer *w, const struct upcall *u,
                      uint64_t seq, const struct record_context *c)
{
    json_write_object(w, NULL);
    write_members(w, u, c);
    json_write_integer(w, "seq", seq);
    write_userdata(w, u, c->ports);
    write_waits(w, u);
    json_write_end_object(w);
}

/* Does the same without the passes of 'u'.  Names of ports come from 'map',
 * and what is known of flows from 'flows', both of which may be NULL. */
void
upcall_json_write(struct json_writer *w, const struct upcall *u, uint64_t seq,
                  const struct port_map *map, const struct flow_table *flows)
{
    const struct record_context c = { .ports = map, .flows = flows };

    upcall_json_write_all(w, u, seq, &c);
}

/* Writes 'u', which has not ended, 'age' ns after it began and is in 'state',
 * as an object.  Names of ports come from 'map', which may be NULL. */
void
upcall_json_write_pending(struct json_writer *w, const struct upcall *u,
                          uint64_t age, const char *state,
                          const struct port_map *map)
{
    const struct record_context c = { .ports = map };

    json_write_object(w, NULL);
    json_write_integer(w, "age", age);
    write_members(w, u, &c);
    json_write_null(w, "seq");
    json_write_string(w, "state", state);
    write_userdata(w, u, map);
    write_waits(w, u);
    json_write_end_object(w);
}

/* Parts of an upcall. */

/* Writes where the probes of ovs-vswitchd contradict the kernel's hooks, if
 * they were asked. */
static void
write_conflicts(struct json_writer *w, const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;

    if (!(rec->flags & (UPCALL_F_USDT_RECV | UPCALL_F_USDT_EXEC))
        && !rec->conflicts) {
        json_write_null(w, "conflicts");
        return;
    }
    json_write_array(w, "conflicts");
    for (int i = 0; i < UPCALL_N_CONFLICTS; i++) {
        if (rec->conflicts & 1u << i) {
            json_write_string(w, NULL, upcall_conflict_name(i));
        }
    }
    json_write_end_array(w);
}

static void
write_error(struct json_writer *w, int error)
{
    if (error) {
        upcall_put_errno(json_write_text(w, "error"), error);
        json_write_end_text(w);
    } else {
        json_write_null(w, "error");
    }
}

static void
write_latency(struct json_writer *w, const struct upcall *u)
{
    struct upcall_latency l;

    upcall_get_latency(u->rec, &l);
    json_write_object(w, "latency");
    for (int i = 0; i < UPCALL_N_STAGES; i++) {
        enum upcall_stage stage = stages_by_name[i];

        json_write_integer_if(w, upcall_stage_name(stage),
                              upcall_latency_has(&l, stage), l.ns[stage]);
    }
    json_write_end_object(w);
}

static void
write_packet(struct json_writer *w, const struct upcall *u)
{
    json_write_object(w, "packet");
    record_json_data(w, u->packet, u->packet_kept);
    if (u->key.data) {
        flow_text_key(&u->key, json_write_text(w, "flow"));
        json_write_end_text(w);
    } else {
        json_write_null(w, "flow");
    }
    json_write_integer_if(w, "len", u->packet_len, u->packet_len);
    json_write_end_object(w);
}

/* Writes what became of the flow, null if that is unknown. */
static void
write_put(struct json_writer *w, const struct upcall *u)
{
    const char *result = upcall_put_name(upcall_get_put(u->rec));

    if (!result) {
        json_write_null(w, "put");
        return;
    }
    json_write_object(w, "put");
    write_error(w, upcall_get_put_errno(u));
    json_write_string(w, "result", result);
    json_write_end_object(w);
}

/* Writes which upcall it is, where it happened and why, and what became of
 * it: all that comes before "seq". */
static void
write_members(struct json_writer *w, const struct upcall *u,
              const struct record_context *c)
{
    struct flow_put_text put = { .has_match = false };
    struct place place = place_of_upcall(u, c->ports);

    if (u->rec->flags & UPCALL_F_PUT) {
        flow_put_text_init(&put, u);
    }
    json_write_string(w, "class", upcall_class_name(u->class));
    write_conflicts(w, u);
    record_json_datapath(w, &place);
    write_error(w, upcall_get_errno(u));
    upcall_json_write_events(w, "events", u, &put, c->ports);
    flow_show_write_upcall(w, "flow", u, &put, c->flows);
    write_rest(w, u, &place, c);
    flow_put_text_destroy(&put);
}

static void
write_rest(struct json_writer *w, const struct upcall *u,
           const struct place *place, const struct record_context *c)
{
    const struct upcall_record *rec = u->rec;
    char buf[USERDATA_REASON_MAX];

    write_id(w, "group", rec->group, rec->group);
    write_id(w, "id", true, rec->id);
    json_write_string(w, "kind", "upcall");
    write_latency(w, u);
    json_write_string(w, "outcome", upcall_outcome_name(rec->outcome));
    write_packet(w, u);
    write_id(w, "parent", rec->flags & UPCALL_F_NESTED, rec->parent);
    record_json_pass_id(w, "pass", rec->pass, rec->pass);
    passes_show_json(w, "passes", u, c);
    record_json_port(w, "port", place, u->has_port, u->port_no);
    write_put(w, u);
    if (c->raw) {
        record_raw_write_upcall(w, "raw", u, c->flows);
    }
    json_write_string(w, "reason", userdata_reason(u, buf));
}

/* Writes what ovs-vswitchd has written into the userdata. */
static void
write_userdata(struct json_writer *w, const struct upcall *u,
               const struct port_map *map)
{
    struct place place = place_of_upcall(u, map);

    record_json_userdata(w, u->userdata, u->class, &place);
}

/* Writes null if nothing is known of that, as without --track=full. */
static void
write_waits(struct json_writer *w, const struct upcall *u)
{
    struct upcall_waits waits;

    upcall_get_waits(u->rec, &waits);
    if (!waits.has_queue && !waits.has_handle) {
        json_write_null(w, "waits");
        return;
    }
    json_write_object(w, "waits");
    json_write_integer_if(w, "handle_delay", waits.has_handle,
                          waits.handle_delay);
    json_write_integer_if(w, "queue_busy", waits.has_queue, waits.busy);
    json_write_integer_if(w, "queue_delay", waits.has_queue,
                          waits.queue_delay);
    json_write_integer_if(w, "queue_idle", waits.has_queue, waits.idle);
    json_write_end_object(w);
}

/* Numbers of upcalls are strings, for programs whose numbers have less than 64
 * bits, and because they may become more than numbers. */
static void
write_id(struct json_writer *w, const char *name, bool known, uint64_t id)
{
    if (known) {
        json_write_number_string(w, name, id);
    } else {
        json_write_null(w, name);
    }
}
