/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/record-links.h"

#include <string.h>

#include "base/json-node.h"
#include "bpf/pass-record.h"
#include "file/json-record-private.h"
#include "openvswitch/util.h"
#include "util.h"

/* Adds the member 'id' of 'm', if it is known, to 'links'; it is that of a
 * pass if 'is_pass'. */
static void
add_link(struct record_links *links, const struct record_members *m,
         enum record_member_id id, bool is_pass)
{
    if (m->known & 1u << id) {
        links->links[links->n++] = m->ids[id] | (is_pass ? PASS_RECORD : 0);
    }
}

/* Stores in '*links' what 'm' says. */
void
record_links_from_members(struct record_links *links,
                          const struct record_members *m)
{
    *links = (struct record_links) {
        .self = m->ids[RECORD_ID] | (m->is_pass ? PASS_RECORD : 0),
        .seq = m->seq,
        .ts = m->ts,
    };
    if (m->is_pass) {
        add_link(links, m, RECORD_PARENT, true);
        if (m->is_execute) {
            add_link(links, m, RECORD_UPCALL, false);
        }
        links->n_above = links->n;
        if (!m->is_execute) {
            add_link(links, m, RECORD_UPCALL, false);
        }
    } else {
        add_link(links, m, RECORD_PASS, true);
        add_link(links, m, RECORD_PARENT, false);
        links->n_above = links->n;
        add_link(links, m, RECORD_GROUP, false);
    }
    add_link(links, m, RECORD_TRACK, true);
}

/* Reads the number 'name' of 'object', if it is not null, as 'id' of 'm'. */
static void
read_id(struct json_read *r, const struct json_node *object, const char *name,
        const char *prefix, enum record_member_id id,
        struct record_members *m)
{
    if (json_node_id_if(r, object, name, prefix, &m->ids[id])) {
        m->known |= 1u << id;
    }
    if (m->ids[id] & PASS_RECORD) {
        json_read_error(r, "member \"%s\" is too large", name);
    }
}

/* Returns the time of the first of the events of 'json', 0 if unknown. */
static uint64_t
read_ts(struct json_read *r, const struct json_node *json)
{
    const struct json_node *events = json_node_array(r, json, "events");
    uint64_t first = 0;

    if (!events) {
        return 0;
    }
    FOR_EACH_JSON_NODE (event, events) {
        uint64_t ts = 0;

        if (event->type != JSON_OBJECT) {
            json_read_error(r, "an event is not an object");
        } else if (json_node_find(event, "ts")) {
            ts = json_read_time_if(r, event, "ts");
        }
        first = ts && (!first || ts < first) ? ts : first;
    }
    return first;
}

/* Reads 'json', an object that is said to be a pass, if 'is_pass', or else an
 * upcall, into '*links'.  Returns NULL if successful, otherwise what is wrong,
 * which the caller has to free. */
char *
record_links_from_json(const struct json_node *json, bool is_pass,
                       struct record_links *links)
{
    struct json_read r = JSON_READ_INITIALIZER;
    struct record_members m = { .is_pass = is_pass };
    const struct json_node *raw = json_node_object(&r, json, "raw");

    m.seq = json_node_integer(&r, json, "seq", 0, INT64_MAX);
    m.ts = read_ts(&r, json);
    json_node_string(&r, json, "id");
    read_id(&r, json, "id", is_pass ? "p" : "", RECORD_ID, &m);
    read_id(&r, json, "parent", is_pass ? "p" : "", RECORD_PARENT, &m);
    if (is_pass) {
        m.is_execute = !json_node_string_if(&r, json, "lookup");
        read_id(&r, json, "upcall", "", RECORD_UPCALL, &m);
        read_id(&r, json, "track", "p", RECORD_TRACK, &m);
    } else {
        read_id(&r, json, "pass", "p", RECORD_PASS, &m);
        read_id(&r, json, "group", "", RECORD_GROUP, &m);
        read_id(&r, raw, "track", "p", RECORD_TRACK, &m);
    }
    record_links_from_members(links, &m);
    return json_read_finish(&r);
}
