/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "check-output.h"

#include <check.h>
#include <stdlib.h>

#include "base/compat.h"
#include "base/json-writer.h"
#include "build-pass.h"
#include "build-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "read-back.h"
#include "record/pass.h"
#include "record/record.h"
#include "show/pass-json.h"
#include "show/record-context.h"
#include "show/upcall-json.h"
#include "show/upcall-text.h"
#include "store/port-map.h"
#include "util.h"

struct port_map *test_ports;

/* Fixture: the ports of all tests. */
void
check_output_setup(void)
{
    test_ports = port_map_create(16);
    port_map_add(test_ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    port_map_add(test_ports, BUILD_DP_IFINDEX, 2, "p1", 0);
    port_map_add(test_ports, BUILD_DP_IFINDEX, 3, "p2", 0);
}

/* The end of the fixture. */
void
check_output_teardown(void)
{
    port_map_destroy(test_ports);
}

/* Fails unless 'format' makes 'expected' from 'b', which is freed. */
static void
check_format(struct build *b, const char *expected,
             void (*format)(const struct upcall *, const struct port_map *,
                            struct ds *))
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct upcall u;
    void *data = build_parse(b, &u);

    check_read_back(data, upcall_record_size(u.rec), false,
                    &(struct record_context) { .ports = test_ports });
    format(&u, test_ports, &ds);
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
    free(data);
}

static void
format_text(const struct upcall *u, const struct port_map *map, struct ds *ds)
{
    upcall_format(u, map, NULL, ds);
}

/* Fails unless 'b', which is freed, is 'expected' as text. */
void
check_text(struct build *b, const char *expected)
{
    check_format(b, expected, format_text);
}

/* Fails unless the events of 'b', which is freed, are 'expected' as text. */
void
check_events(struct build *b, const char *expected)
{
    check_format(b, expected, upcall_format_events);
}

/* Returns true if 'json' is a record with a number. */
static bool
is_record(const struct json *json)
{
    const struct json *seq = (json->type == JSON_OBJECT
                              ? shash_find_data(json_object(json), "seq")
                              : NULL);

    return seq && seq->type == JSON_INTEGER;
}

/* Returns 'text', which is freed, as JSON.  Fails unless it is what OVS makes
 * of that JSON with sorted keys. */
struct json *
parse_json(struct ds *text)
{
    struct json *json = json_from_string(ds_cstr(text));
    char *sorted;

    ck_assert_int_ne(json->type, JSON_STRING);  /* An error message. */
    sorted = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(ds_cstr(text), sorted);
    if (is_record(json)) {
        keep_line(sorted);
    }
    free(sorted);
    ds_destroy(text);
    return json;
}

/* Returns 'u' as JSON.  Names of ports come from 'map', which may be NULL. */
struct json *
get_upcall_json(const struct upcall *u, const struct port_map *map)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    check_read_back(u->rec, upcall_record_size(u->rec), false,
                    &(struct record_context) { .ports = map });
    json_writer_init(&w, &ds);
    upcall_json_write(&w, u, 3, map, NULL);
    return parse_json(&ds);
}

/* Returns 'b', which is freed, as JSON. */
struct json *
get_json(struct build *b)
{
    struct upcall u;
    void *data = build_parse(b, &u);
    struct json *json = get_upcall_json(&u, test_ports);

    free(data);
    return json;
}

/* Returns the JSON of the pass 'b', which is freed, with what is known of
 * 'ports', 'flows' and 'layout'.  The caller frees it. */
struct json *
get_pass_json(struct build_pass *b, const struct port_map *ports,
              const struct flow_table *flows,
              const struct kernel_layout *layout)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    struct pass p;
    void *data = build_pass_parse(b, &p);

    check_read_back(data, pass_record_size(p.rec), true,
                    &(struct record_context) {
                        .ports = ports, .flows = flows, .layout = layout,
                    });
    json_writer_init(&w, &ds);
    pass_json_write(&w, &p, 4, ports, flows, layout);
    free(data);
    return parse_json(&ds);
}

/* Fails unless 'json', or NULL, is 'expected' as a string with sorted keys. */
void
check_json(const struct json *json, const char *expected)
{
    char *s;

    ck_assert_ptr_nonnull(json);
    s = json_to_string(json, JSSF_SORT);
    ck_assert_str_eq(s, expected);
    free(s);
}

/* Fails unless 'json' has a member 'name', which is 'expected'. */
void
check_part(const struct json *json, const char *name, const char *expected)
{
    const struct json *member = shash_find_data(json_object(json), name);

    ck_assert_msg(member != NULL, "no member %s", name);
    check_json(member, expected);
}

/* Fails unless member 'name' of 'b', which is freed, is 'expected'. */
void
check_member(struct build *b, const char *name, const char *expected)
{
    struct json *json = get_json(b);

    check_part(json, name, expected);
    json_destroy(json);
}

/* Fails unless event 'index' of 'b', which is freed, is 'expected'. */
void
check_event(struct build *b, size_t index, const char *expected)
{
    struct json *json = get_json(b);
    const struct json *events = shash_find_data(json_object(json), "events");

    ck_assert_uint_gt(upcall_json_array_size(events), index);
    check_json(upcall_json_array_at(events, index), expected);
    json_destroy(json);
}

/* Returns the member 'name' of the object 'json'. */
const struct json *
get_member(const struct json *json, const char *name)
{
    const struct json *value = shash_find_data(json_object(json), name);

    ck_assert_msg(value != NULL, "no %s", name);
    return value;
}

/* Returns what the text in 'ds', which is freed, is: an object, of which
 * members may be in any order. */
struct json *
parse_unsorted(struct ds *ds)
{
    struct json *json = json_from_string(ds_cstr(ds));

    ck_assert_int_eq(json->type, JSON_OBJECT);
    ds_destroy(ds);
    return json;
}
