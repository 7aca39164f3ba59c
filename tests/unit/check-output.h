/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_CHECK_OUTPUT_H
#define TESTS_CHECK_OUTPUT_H 1

/* Comparison of what is made of a record with what is expected. */

#include <stddef.h>

struct build;
struct build_pass;
struct ds;
struct flow_table;
struct json;
struct kernel_layout;
struct port_map;
struct upcall;

/* The ports of all tests, for which each test case needs this fixture. */
extern struct port_map *test_ports;
void check_output_setup(void);
void check_output_teardown(void);

void check_text(struct build *, const char *expected);
void check_events(struct build *, const char *expected);

struct json *parse_json(struct ds *);
struct json *parse_unsorted(struct ds *);
const struct json *get_member(const struct json *, const char *name);
struct json *get_upcall_json(const struct upcall *, const struct port_map *);
struct json *get_json(struct build *);
struct json *get_pass_json(struct build_pass *, const struct port_map *,
                           const struct flow_table *,
                           const struct kernel_layout *);
void check_json(const struct json *, const char *expected);
void check_part(const struct json *, const char *name, const char *expected);
void check_member(struct build *, const char *name, const char *expected);
void check_event(struct build *, size_t index, const char *expected);

#endif /* tests/unit/check-output.h */
