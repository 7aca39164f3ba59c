/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/record-json.h"

#include <string.h>

#include "base/base64.h"
#include "base/json-writer.h"
#include "flow/flow-text.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/dynamic-string.h"
#include "record/event.h"
#include "store/place.h"

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

/* Writes what some actions have in addition to their text. */
static void
write_action_argument(struct json_writer *w, const struct nlattr *action,
                      const struct place *place)
{
    uint32_t port_no;

    if (action_get_output(action, &port_no)) {
        record_json_port(w, "port", place, true, port_no);
    } else if (nl_attr_type(action) == OVS_ACTION_ATTR_RECIRC
               && nl_attr_get_size(action) == sizeof(uint32_t)) {
        json_write_integer(w, "recirc_id", nl_attr_get_u32(action));
    } else if (flow_text_drop_reason(action)) {
        json_write_string(w, "reason", flow_text_drop_reason(action));
    }
}

/* Writes 'a' at 'place' as an event. */
void
record_json_action(struct json_writer *w, const struct action_show *a,
                   const struct place *place)
{
    json_write_object(w, NULL);
    flow_text_action_name(a->action, json_write_text(w, "action"));
    json_write_end_text(w);
    json_write_string(w, "event", upcall_event_name(UPCALL_EVENT_ACTION));
    write_action_argument(w, a->action, place);
    json_write_string(w, "source", a->source);
    flow_text_action(a->action, json_write_text(w, "text"));
    json_write_end_text(w);
    json_write_integer_if(w, "ts", a->has_ts, a->ts);
    json_write_end_object(w);
}
