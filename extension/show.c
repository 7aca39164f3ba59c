/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "show.h"

#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/record.h"
#include "session.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "store/history.h"

VLOG_DEFINE_THIS_MODULE(show);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

/* Finds record 'seq' in the history.  Returns false if it is forgotten. */
static bool
get_upcall(const struct session *s, uint64_t seq, struct upcall *upcall)
{
    size_t size;
    const void *record = history_get(session_history(s), seq, &size);
    char *error;

    if (!record) {
        return false;
    }
    if (!upcall_parse(record, size, upcall, &error)) {
        VLOG_WARN_RL(&rl, "record %"PRIu64": %s", seq, error);
        free(error);
        return false;
    }
    return true;
}

/* Adds record 'seq' to 'array' if it is in the history. */
void
show_add_json(const struct session *s, uint64_t seq, struct json *array)
{
    struct upcall upcall;

    if (get_upcall(s, seq, &upcall)) {
        json_array_add(array, upcall_to_json(&upcall, seq, session_ports(s),
                                             session_flows(s)));
    }
}

/* Returns the records 'from' to 'until' - 1, those that are in the history,
 * as a JSON array. */
struct json *
show_range_json(const struct session *s, uint64_t from, uint64_t until)
{
    struct json *array = json_array_create_empty();

    for (uint64_t seq = from; seq < until; seq++) {
        show_add_json(s, seq, array);
    }
    return array;
}

/* Appends the records 'from' to 'until' - 1, those that are in the history,
 * to 'text'. */
void
show_range_text(const struct session *s, uint64_t from, uint64_t until,
                enum show_form form, struct ds *text)
{
    struct upcall upcall;

    for (uint64_t seq = from; seq < until; seq++) {
        if (!get_upcall(s, seq, &upcall)) {
            continue;
        }
        if (form == SHOW_EVENTS) {
            upcall_format_events(&upcall, session_ports(s), text);
        } else {
            upcall_format(&upcall, session_ports(s), session_flows(s), text);
        }
    }
}

/* Returns the sequence number of the upcall 'id', 0 if it is not in the
 * history. */
uint64_t
show_find_id(const struct session *s, uint64_t id)
{
    const struct history *h = session_history(s);

    for (uint64_t seq = history_first(h); seq < history_next(h); seq++) {
        size_t size;
        const struct upcall_record *rec = history_get(h, seq, &size);

        if (rec && rec->id == id) {
            return seq;
        }
    }
    return 0;
}
