/* SPDX-License-Identifier: Apache-2.0 */

/* What upcalls and passes have in common, see json-record.h. */

#include <config.h>

#include "file/json-record.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "file/json-record-private.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "record/kernel-actions.h"
#include "show/rules-show.h"
#include "store/port-map.h"
#include "util.h"
#include "uuid.h"

/* Names of ports are forgotten after so many were said, for one that makes
 * them up. */
#define NAMES_MAX 65536

/* Most bytes of the name of a port or a datapath: the kernel has no longer
 * ones (vport_policy and datapath_policy in net/openvswitch/datapath.c, 6.12),
 * and so the daemon writes none. */
#define NAME_LEN_MAX (IFNAMSIZ - 1)

/* In front of the name of a datapath. */
#define DATAPATH_PREFIX "system@"

/* Actions are in each other, and each in an array: so deep are their ports. */
#define PORTS_DEPTH_MAX 64

/* Prepares 'r', of which nothing was read.  The caller frees what it needs
 * with json_record_uninit(). */
void
json_record_init(struct json_record *r)
{
    memset(r, 0, sizeof *r);
    ofpbuf_init(&r->record, 0);
    r->ports = port_map_create(0);
    r->flows = flow_table_create(SIZE_MAX);
}

/* Frees what 'r' needed. */
void
json_record_uninit(struct json_record *r)
{
    ofpbuf_uninit(&r->record);
    port_map_destroy(r->ports);
    flow_table_destroy(r->flows);
}

/* Members of several objects. */

/* Returns the number of 32 bits 'name' of 'object'. */
uint32_t
json_read_u32(struct json_read *r, const struct json_node *object,
              const char *name)
{
    return json_node_integer(r, object, name, 0, UINT32_MAX);
}

/* Stores the same in '*value' and returns true; if it is null, stores 0 and
 * returns false. */
bool
json_read_u32_if(struct json_read *r, const struct json_node *object,
                 const char *name, uint32_t *value)
{
    int64_t integer;
    bool known = json_node_integer_if(r, object, name, 0, UINT32_MAX,
                                      &integer);

    *value = integer;
    return known;
}

/* Returns the time, or duration, 'name' of 'object' in ns, 0 if it is null. */
uint64_t
json_read_time_if(struct json_read *r, const struct json_node *object,
                  const char *name)
{
    int64_t time;

    json_node_integer_if(r, object, name, 0, JSON_RECORD_TIME_MAX, &time);
    return time;
}

/* Stores the name of a thread in 'comm', of UPCALL_COMM_LEN bytes. */
void
json_read_comm(struct json_read *r, const struct json_node *object, char *comm)
{
    const char *s = json_node_string(r, object, "comm");
    char *name = s ? printable_undo(s) : NULL;

    if (name && strlen(name) > UPCALL_COMM_LEN) {
        json_read_error(r, "member \"comm\" is longer than %d bytes",
                        UPCALL_COMM_LEN);
    } else if (name) {
        memset(comm, 0, UPCALL_COMM_LEN);
        memcpy(comm, name, strlen(name));
    }
    free(name);
}

/* Stores the UFID 'name' of 'object' in 'ufid'.  Returns false if it is
 * null. */
bool
json_read_ufid_if(struct json_read *r, const struct json_node *object,
                  const char *name, uint8_t ufid[16])
{
    const char *s = json_node_string_if(r, object, name);
    struct uuid uuid;

    if (!s) {
        return false;
    } else if (!uuid_from_string(&uuid, s)) {
        json_read_error(r, "member \"%s\" is no UFID", name);
        return false;
    }
    memcpy(ufid, &uuid, sizeof uuid);
    return true;
}

/* Appends the bytes that 'name' of 'object' has in base 64, or nothing if it
 * is null, to 'b', and zeros up to a multiple of 8 bytes.  Returns how many
 * there are without these, at most 'max'. */
size_t
json_read_part(struct json_read *r, const struct json_node *object,
               const char *name, struct ofpbuf *b, size_t max)
{
    size_t start = b->size;
    size_t len;

    json_node_base64_if(r, object, name, b);
    len = b->size - start;
    if (len > max) {
        json_read_error(r, "member \"%s\" has %"PRIuSIZE" bytes, more than "
                        "%"PRIuSIZE, name, len, max);
        b->size = start;
        return 0;
    }
    ofpbuf_put_zeros(b, ROUND_UP(b->size, 8) - b->size);
    return len;
}

/* Names of ports. */

/* Returns where the record happened of which 'raw' is a member. */
struct json_place
json_read_place(struct json_read *r, const struct json_node *raw)
{
    struct json_place place;

    place.known = json_read_u32_if(r, raw, "dp_ifindex", &place.dp_ifindex);
    return place;
}

/* Has 'port_no' at 'place' have 'name' at all times, none if that is NULL. */
static void
say_name(struct json_record *record, const struct json_place *place,
         uint32_t port_no, const char *name)
{
    const char *old = port_map_lookup(record->ports, place->dp_ifindex,
                                      port_no, 0);

    if (!nullable_string_is_equal(name, old)) {
        port_map_remove(record->ports, place->dp_ifindex, port_no, 0);
        if (name) {
            port_map_add(record->ports, place->dp_ifindex, port_no, name, 0);
            record->n_names++;
        }
    }
}

/* The same for 's', what is in JSON in place of the name, behind 'prefix'. */
static void
say_string(struct json_record *record, struct json_read *r,
           const struct json_place *place, uint32_t port_no, const char *s,
           const char *prefix)
{
    char *text = s ? printable_undo(s) : NULL;
    const char *name = (text && !strncmp(text, prefix, strlen(prefix))
                        ? text + strlen(prefix) : NULL);

    if (name && strlen(name) > NAME_LEN_MAX) {
        json_read_error(r, "the name of a port or of a datapath is longer "
                        "than %d bytes", NAME_LEN_MAX);
    } else {
        say_name(record, place, port_no, name);
    }
    free(text);
}

/* Returns true if 'json', an object, is a port. */
static bool
is_port(const struct json_node *json)
{
    return (json->n == 2 && json_node_find(json, "name")
            && json_node_find(json, "number"));
}

static void
say_port(struct json_record *record, struct json_read *r,
         const struct json_node *port, const struct json_place *place)
{
    const char *name = json_node_string_if(r, port, "name");
    uint32_t number = json_read_u32(r, port, "number");

    if (!r->error) {
        say_string(record, r, place, number, name, "");
    }
}

/* Says all ports in 'json', in which 'depth' others are. */
static void
say_ports(struct json_record *record, struct json_read *r,
          const struct json_node *json, const struct json_place *place,
          int depth)
{
    if (depth > PORTS_DEPTH_MAX) {
        json_read_error(r, "its objects are in each other more than %d times",
                        PORTS_DEPTH_MAX);
    } else if (json->type == JSON_OBJECT && is_port(json)) {
        say_port(record, r, json, place);
    } else if (json->type == JSON_OBJECT || json->type == JSON_ARRAY) {
        FOR_EACH_JSON_NODE (node, json) {
            say_ports(record, r, node, place, depth + 1);
        }
    }
}

/* Has 'record' know the names of the datapath and of all ports in 'json', all
 * of the record that happened at 'place'. */
void
json_record_say_names(struct json_record *record, struct json_read *r,
                      const struct json_node *json,
                      const struct json_place *place)
{
    const char *datapath = json_node_string_if(r, json, "datapath");

    if (record->n_names > NAMES_MAX) {
        port_map_destroy(record->ports);
        record->ports = port_map_create(0);
        record->n_names = 0;
    }
    record->context.ports = record->ports;
    if (!r->error && place->known) {
        say_string(record, r, place, PORT_MAP_LOCAL, datapath,
                   DATAPATH_PREFIX);
        say_ports(record, r, json, place, 0);
    }
}

/* Flows. */

/* Returns a copy of 's', all lines of which are printable, as all is that the
 * daemon has about flows: it is shown as it is.  The caller frees it. */
static char *
copy_printable(const char *s)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (;;) {
        size_t n = strcspn(s, "\n");
        size_t start = ds.length;

        ds_put_buffer(&ds, s, n);
        if (!printable_is(ds_cstr(&ds) + start)) {
            ds_truncate(&ds, start);
            printable_put(&ds, s, n);
        }
        if (!s[n]) {
            return ds_steal_cstr(&ds);
        }
        ds_put_char(&ds, '\n');
        s += n + 1;
    }
}

/* Returns the string 'name' of 'object', NULL if it is null.  The caller frees
 * it. */
static char *
read_text_if(struct json_read *r, const struct json_node *object,
             const char *name)
{
    const char *s = json_node_string_if(r, object, name);

    return s ? copy_printable(s) : NULL;
}

/* Returns the element 'node' of the array 'name', NULL if it is null, or not
 * there.  The caller frees it. */
static char *
read_element(struct json_read *r, const struct json_node *node,
             const char *name)
{
    if (!node || node->type == JSON_NULL) {
        return NULL;
    } else if (node->type != JSON_STRING) {
        json_read_error(r, "an element of \"%s\" is not a string", name);
        return NULL;
    }
    return copy_printable(node->string);
}

/* Appends 'rule' of 'bridge' to 'text', behind one of the bridge 'last'; both
 * may be NULL. */
static void
join_rule(struct ds *text, const char *last, const char *bridge,
          const char *rule)
{
    if (rule) {
        rules_show_join(text, &(struct rule) {
            .bridge = last, .bridge_len = last ? strlen(last) : 0,
        }, &(struct rule) {
            .bridge = bridge, .bridge_len = bridge ? strlen(bridge) : 0,
            .rule = rule, .rule_len = strlen(rule),
        });
    }
}

/* Returns the text of the rules of 'flow', NULL if there are none.  The caller
 * frees it. */
static char *
join_rules(struct json_read *r, const struct json_node *flow)
{
    const struct json_node *rules = json_node_array(r, flow, "openflow");
    const struct json_node *bridges = json_node_array(r, flow, "bridges");
    const struct json_node *next;
    struct ds text = DS_EMPTY_INITIALIZER;
    char *last = NULL;

    if (r->error || !rules->n) {
        return NULL;
    }
    next = bridges->first;
    FOR_EACH_JSON_NODE (node, rules) {
        char *rule = read_element(r, node, "openflow");
        char *bridge = read_element(r, next, "bridges");

        join_rule(&text, last, bridge, rule);
        free(rule);
        free(last);
        last = bridge;
        next = next ? next->next : NULL;
    }
    free(last);
    return ds_steal_cstr(&text);
}

/* Returns the state of 'flow'. */
static enum flow_state
read_state(struct json_read *r, const struct json_node *flow)
{
    const char *name = json_node_string(r, flow, "state");

    for (int state = 0; name && state < FLOW_N_STATES; state++) {
        if (!strcmp(name, flow_state_name(state))) {
            return state;
        }
    }
    json_read_error(r, "member \"state\" is unknown");
    return FLOW_PARTIAL;
}

/* Has 'record' know what 'flow' says, about the flow 'which'. */
static void
say_flow(struct json_record *record, struct json_read *r,
         const struct json_node *flow, const struct json_node *raw,
         const struct json_flow *which)
{
    char *told = which->ufid ? read_text_if(r, flow, "datapath_flow") : NULL;
    char *rules = which->ufid ? NULL : read_text_if(r, raw, "rules");
    char *error = read_text_if(r, flow, "error");
    char *source = read_text_if(r, flow, "source");
    char *installed_as = read_text_if(r, flow, "installed_as");
    struct said_flow said = {
        .id = which->id,
        .ufid = which->ufid,
        .dp_ifindex = which->place->dp_ifindex,
        .state = read_state(r, flow),
        .error = error,
        .source = source,
        .installed_as = installed_as,
        .told = told,
    };

    rules = rules ? rules : join_rules(r, flow);
    said.rules = rules;
    if (!r->error) {
        flow_table_say(record->flows, &said);
    }
    free(told);
    free(rules);
    free(error);
    free(source);
    free(installed_as);
}

/* Has 'record' know what its JSON, whose member "raw" is 'raw', says about its
 * flow, which is 'which'. */
void
json_record_say_flow(struct json_record *record, struct json_read *r,
                     const struct json_node *json, const struct json_node *raw,
                     const struct json_flow *which)
{
    bool asked = json_node_bool(r, raw, "asked");
    const struct json_node *flow = json_node_object_if(r, json, "flow");

    flow_table_clear(record->flows);
    record->context.flows = asked ? record->flows : NULL;
    if (asked && flow) {
        say_flow(record, r, flow, raw, which);
    }
}
