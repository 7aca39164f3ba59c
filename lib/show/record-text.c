/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show/record-text.h"

#include <inttypes.h>
#include <string.h>

#include "base/printable.h"
#include "flow/flow-text.h"
#include "openvswitch/dynamic-string.h"
#include "record/event.h"
#include "record/names.h"
#include "store/place.h"

/* Columns of the name of a stage, with the blank behind it. */
#define STAGE_NAME_LEN 11

/* Values. */

/* Appends the name that 'port_no' had at 'place', or the number if it has
 * none. */
void
record_text_port(const struct place *place, uint32_t port_no, struct ds *ds)
{
    const char *name = place_port_name(place, port_no);

    if (name) {
        printable_put_string(ds, name);
    } else {
        ds_put_format(ds, "port %"PRIu32, port_no);
    }
}

/* Does the same for an input port, which may not be 'known'. */
void
record_text_in_port(const struct place *place, bool known, uint32_t port_no,
                    struct ds *ds)
{
    if (known) {
        record_text_port(place, port_no, ds);
    } else {
        ds_put_char(ds, '-');
    }
}

/* Appends 'ns' in microseconds. */
void
record_text_us(uint64_t ns, struct ds *ds)
{
    ds_put_format(ds, "%.1f us", ns / 1000.0);
}

/* Appends the name of 'error' in parentheses unless it is 0. */
void
record_text_errno(int error, struct ds *ds)
{
    if (error) {
        ds_put_cstr(ds, " (");
        upcall_put_errno_name(ds, error);
        ds_put_char(ds, ')');
    }
}

/* Stages. */

/* Begins a line with how many ns after the first stage this one was, if that
 * is known. */
void
record_text_begin_stage(bool has_offset, int64_t offset, struct ds *ds)
{
    if (has_offset) {
        ds_put_format(ds, "%8.1f  ", offset / 1000.0);
    } else {
        ds_put_format(ds, "%8s  ", "-");
    }
}

/* Appends blanks up to where details begin, behind a name that began at
 * 'start'. */
static void
pad_name(size_t start, struct ds *ds)
{
    ds_put_char(ds, ' ');
    while (ds->length - start < STAGE_NAME_LEN) {
        ds_put_char(ds, ' ');
    }
}

/* Appends 'name' as that of a stage. */
void
record_text_stage_name(const char *name, struct ds *ds)
{
    size_t start = ds->length;

    ds_put_cstr(ds, name);
    pad_name(start, ds);
}

/* Appends the name of 'action', an attribute OVS_ACTION_ATTR_*, as that of a
 * stage. */
void
record_text_action_name(const struct nlattr *action, struct ds *ds)
{
    size_t start = ds->length;

    flow_text_action_name(action, ds);
    pad_name(start, ds);
}

/* Appends what OVS prints between parentheses for 'action', and what it does
 * not. */
static void
put_argument(const struct nlattr *action, struct ds *ds)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    const char *argument;

    flow_text_action_all(action, &text);
    argument = strchr(ds_cstr(&text), '(');
    if (argument && ds_chomp(&text, ')')) {
        ds_put_cstr(ds, argument + 1);
    }
    ds_destroy(&text);
}

/* Appends the details of 'action'. */
void
record_text_action(const struct nlattr *action, const struct place *place,
                   struct ds *ds)
{
    uint32_t port_no;

    if (action_get_output(action, &port_no)) {
        record_text_port(place, port_no, ds);
    } else if (flow_text_drop_reason(action)) {
        ds_put_cstr(ds, flow_text_drop_reason(action));
    } else {
        put_argument(action, ds);
    }
}

/* Ends the line of a stage. */
void
record_text_end_stage(struct ds *ds)
{
    while (ds_chomp(ds, ' ')) {
        continue;
    }
    ds_put_char(ds, '\n');
}

/* Events. */

/* Begins a line with the time of an event and the thread 'comm', of
 * UPCALL_COMM_LEN bytes. */
void
record_text_begin_event(bool has_ts, uint64_t ts, const char *comm,
                        struct ds *ds)
{
    if (has_ts) {
        ds_put_format(ds, "%"PRIu64, ts);
    } else {
        ds_put_char(ds, '-');
    }
    ds_put_cstr(ds, " [");
    upcall_put_comm(ds, comm);
    ds_put_cstr(ds, "] ");
}

/* Appends 'action' as an event. */
void
record_text_action_event(const struct nlattr *action, struct ds *ds)
{
    ds_put_cstr(ds, "exec ");
    record_text_action_short(action, ds);
}

/* Appends 'action' as it is in an event. */
void
record_text_action_short(const struct nlattr *action, struct ds *ds)
{
    uint32_t port_no;

    if (action_get_output(action, &port_no)) {
        ds_put_format(ds, "oport %"PRIu32, port_no);
    } else {
        flow_text_action_all(action, ds);
    }
}
