/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/record-json.h"

#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/json-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/event.h"
#include "record/userdata.h"
#include "show/action-json.h"
#include "store/place.h"
#include "util.h"

/* Writes 'comm', the name of a thread, of UPCALL_COMM_LEN bytes. */
void
record_json_comm(struct json_writer *w, const char *comm)
{
    json_write_string_len(w, "comm", comm, strnlen(comm, UPCALL_COMM_LEN));
}

/* Writes the bytes of a packet, null if 'packet' is NULL. */
void
record_json_data(struct json_writer *w, const uint8_t *packet, size_t size)
{
    if (packet) {
        base64_put(json_write_text(w, "data"), packet, size);
        json_write_end_text(w);
    } else {
        json_write_null(w, "data");
    }
}

/* Writes the name of the datapath at 'place' as OVS's commands want it. */
void
record_json_datapath(struct json_writer *w, const struct place *place)
{
    const char *dp_name = place_dp_name(place);

    if (dp_name) {
        ds_put_format(json_write_text(w, "datapath"), "system@%s", dp_name);
        json_write_end_text(w);
    } else {
        json_write_null(w, "datapath");
    }
}

/* Writes the number of a pass, which has a "p" to be none of an upcall; null
 * if it is not 'known'. */
void
record_json_pass_id(struct json_writer *w, const char *name, bool known,
                    uint64_t id)
{
    if (known) {
        ds_put_format(json_write_text(w, name), "p%"PRIu64, id);
        json_write_end_text(w);
    } else {
        json_write_null(w, name);
    }
}

/* Writes the port 'port_no' at 'place', with its name; null if the port is not
 * 'known'. */
void
record_json_port(struct json_writer *w, const char *name,
                 const struct place *place, bool known, uint32_t port_no)
{
    if (!known) {
        json_write_null(w, name);
        return;
    }
    json_write_object(w, name);
    json_write_string(w, "name", place_port_name(place, port_no));
    json_write_integer(w, "number", port_no);
    json_write_end_object(w);
}

static void
write_userdata_field(struct json_writer *w, const struct userdata_field *f,
                     const struct place *place)
{
    switch (f->kind) {
    case USERDATA_NUMBER:
        json_write_integer(w, f->name, f->value);
        break;
    case USERDATA_HEX:
        ds_put_format(json_write_text(w, f->name), "%#"PRIx64, f->value);
        json_write_end_text(w);
        break;
    case USERDATA_PORT:
        record_json_port(w, f->name, place, true, f->value);
        break;
    case USERDATA_FLAG:
        json_write_bool(w, f->name, f->value);
        break;
    case USERDATA_NAME:
        json_write_string(w, f->name, f->text);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

/* Writes what ovs-vswitchd has written into 'userdata', an attribute
 * OVS_USERSPACE_ATTR_USERDATA for upcalls of 'class', or NULL; null if that is
 * nothing. */
void
record_json_userdata(struct json_writer *w, const struct nlattr *userdata,
                     int class, const struct place *place)
{
    struct userdata_field fields[USERDATA_FIELDS_MAX];
    size_t n = userdata_attr_fields(userdata, class, fields);

    if (!n) {
        json_write_null(w, "userdata");
        return;
    }
    json_write_object(w, "userdata");
    for (size_t i = 0; i < n; i++) {
        write_userdata_field(w, &fields[i], place);
    }
    json_write_end_object(w);
}

/* Writes 'a' at 'place' as an event. */
void
record_json_action(struct json_writer *w, const struct action_show *a,
                   const struct place *place)
{
    struct action_json j;

    action_json_init(&j, a->action, place, w);
    j.executed = a->of_pass ? a->executed : NULL;
    json_write_object(w, NULL);
    action_json_write_until(&j, "event");
    json_write_string(w, "event", upcall_event_name(UPCALL_EVENT_ACTION));
    if (a->of_pass) {
        action_json_write_until(&j, "executed");
        action_json_executed(&j);
        action_json_write_until(&j, "ret");
        action_json_result(&j);
    }
    action_json_write_until(&j, "source");
    json_write_string(w, "source", a->source);
    action_json_write_until(&j, "ts");
    json_write_integer_if(w, "ts", a->has_ts, a->ts);
    action_json_write_until(&j, NULL);
    json_write_end_object(w);
}
