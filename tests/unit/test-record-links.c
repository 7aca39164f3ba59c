/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/record-links.c, record-links-scan.c and of
 * lib/base/json-scan.c: what is looked for in lines is what the parser for
 * all of them finds, and what that or OVS's refuses is not accepted. */

#include <config.h>

#include "file/record-links.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/compat.h"
#include "base/json-node.h"
#include "base/json-scan.h"
#include "build-pass.h"
#include "build-record.h"
#include "check-output.h"
#include "file/trace-lines.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "random.h"
#include "record/pass.h"
#include "show/record-context.h"
#include "util.h"

TCase *record_links_tcase(void);

static struct ds line;

/* Makes 'line' of a record, which is freed. */
static void
make_line(void *record, size_t size)
{
    const struct record_context c = { .ports = test_ports, .raw = true };
    char *error;

    ds_clear(&line);
    error = trace_line_put_record(&line, record, size, 42, &c);
    ck_assert_ptr_null(error);
    ds_truncate(&line, line.length - 1);
    free(record);
}

static void
make_upcall(uint64_t parent, uint64_t group, uint64_t pass, uint64_t track)
{
    struct build b;
    size_t size;
    void *record;

    build_executed(&b);
    b.rec.parent = parent;
    b.rec.flags |= parent ? UPCALL_F_NESTED : 0;
    b.rec.group = group;
    b.rec.pass = pass;
    b.rec.track = track;
    record = build_get(&b, &size);
    build_uninit(&b);
    make_line(record, size);
}

static void
make_pass(struct build_pass *b, uint64_t below, uint64_t track)
{
    size_t size;
    void *record;

    b->rec.below = below;
    b->rec.flags |= below ? PASS_F_BELOW : 0;
    b->rec.track = track;
    record = build_pass_get(b, &size);
    build_pass_uninit(b);
    make_line(record, size);
}

/* Returns true if OVS's parser makes an object of the 'n' bytes at 's'. */
static bool
is_object(const char *s, size_t n)
{
    struct json_parser *parser = json_parser_create(0);
    size_t used = json_parser_feed(parser, s, n);
    struct json *json = json_parser_finish(parser);
    bool ok = json->type == JSON_OBJECT && used == n;

    json_destroy(json);
    return ok;
}

static bool
is_string(const struct json_node *node, const char *s)
{
    return node && node->type == JSON_STRING && !strcmp(node->string, s);
}

/* Stores what the parser for all finds in the 'n' bytes at 's' in '*links'.
 * Returns false if that is no object, or none of a record. */
static bool
parse(const char *s, size_t n, struct record_links *links)
{
    struct json_tree *tree = json_tree_create();
    char *error;
    const struct json_node *root = json_tree_parse(tree, s, n, &error);
    bool ok = false;

    if (root && root->type == JSON_OBJECT && !json_node_find(root, "event")) {
        const struct json_node *kind = json_node_find(root, "kind");
        bool is_pass = is_string(kind, "pass");

        if (is_pass || is_string(kind, "upcall")) {
            error = record_links_from_json(root, is_pass, links);
            ok = !error;
        }
    }
    free(error);
    json_tree_destroy(tree);
    return ok;
}

static void
check_same(const struct record_links *a, const struct record_links *b)
{
    ck_assert_uint_eq(a->self, b->self);
    ck_assert_uint_eq(a->seq, b->seq);
    ck_assert_uint_eq(a->ts, b->ts);
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_uint_eq(a->n_above, b->n_above);
    for (int i = 0; i < a->n; i++) {
        ck_assert_uint_eq(a->links[i], b->links[i]);
    }
}

/* Fails unless 'line' is accepted and has these links, the first 'n_above' of
 * which it is beneath. */
static void
check_line(uint64_t self, size_t n_above, size_t n, const uint64_t *expected)
{
    struct record_links links, parsed;

    ck_assert(record_links_scan(line.string, line.length, &links));
    ck_assert(parse(line.string, line.length, &parsed));
    check_same(&links, &parsed);
    ck_assert_uint_eq(links.self, self);
    ck_assert_uint_eq(links.seq, 42);
    ck_assert_uint_eq(links.ts / 1000000, BUILD_TS / 1000000);
    ck_assert_uint_eq(links.n_above, n_above);
    ck_assert_uint_eq(links.n, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(links.links[i], expected[i]);
    }
}

#define CHECK_LINE(SELF, N_ABOVE, ...)                                  \
    do {                                                                \
        static const uint64_t expected__[] = { __VA_ARGS__ };           \
                                                                        \
        check_line(SELF, N_ABOVE, ARRAY_SIZE(expected__), expected__);  \
    } while (0)
#define P PASS_RECORD

START_TEST(test_links)
{
    struct build_pass b;

    make_upcall(0, 0, 0, 0);
    check_line(17, 0, 0, NULL);
    make_upcall(5, 0, 0, 0);
    CHECK_LINE(17, 1, 5);
    make_upcall(5, 16, 9, 8);
    CHECK_LINE(17, 2, P | 9, 5, 16, P | 8);

    build_pass_hit(&b);
    make_pass(&b, 0, PASS_NO_TRACK);
    check_line(P | 18, 0, 0, NULL);
    build_pass_hit(&b);
    make_pass(&b, 7, 3);
    CHECK_LINE(P | 18, 1, P | 7, P | 3);
    build_pass_miss(&b);
    make_pass(&b, 7, 18);
    CHECK_LINE(P | 18, 1, P | 7, 17, P | 18);
    /* What is executed is beneath the upcall. */
    build_pass_execute(&b, "2", 0);
    make_pass(&b, 0, 18);
    CHECK_LINE(P | 19, 1, 17, P | 18);
}
END_TEST

/* The time is that of the first event that has one. */
START_TEST(test_ts)
{
    static const struct {
        const char *events;
        uint64_t ts;
    } cases[] = {
        { "[]", 0 },
        { "[{}]", 0 },
        { "[{\"ts\":null},{\"a\":[1,{\"ts\":2}]}]", 0 },
        { "[{\"a\":1,\"ts\":9},{\"ts\":8,\"b\":{}}]", 8 },
        { "[{\"ts\":null}, {\"ts\":7}, {\"ts\":8}]", 7 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct record_links links, parsed;

        ds_clear(&line);
        ds_put_format(&line, "{\"kind\":\"upcall\",\"events\":%s,\"id\":\"1\","
                      "\"parent\":null,\"raw\":{\"track\":null},\"seq\":0,"
                      "\"pass\":null,\"group\":null}", cases[i].events);
        ck_assert(record_links_scan(line.string, line.length, &links));
        ck_assert(parse(line.string, line.length, &parsed));
        check_same(&links, &parsed);
        ck_assert_uint_eq(links.ts, cases[i].ts);
    }
}
END_TEST

/* What is refused, and by OVS's parser, too; or what only that reads. */
START_TEST(test_refused)
{
    static const struct {
        const char *from, *to;
        bool parsed;
    } cases[] = {
        { "\"id\":\"17\"", "\"id\":\"017\"", false },
        { "\"id\":\"17\"", "\"id\":\"p17\"", false },
        { "\"id\":\"17\"", "\"id\":\"\"", false },
        { "\"id\":\"17\"", "\"id\":null", false },
        { "\"id\":\"17\"", "\"id\":\"9223372036854775808\"", false },
        { "\"id\":\"17\"", "\"id\":\"9223372036854775807\"", true },
        { "\"id\":\"17\"", "\"id\":\"17\",\"id\":\"18\"", true },
        { "\"id\":\"17\"", "\"id\":\"17\",\"track\":7", true },
        { "\"id\":\"17\"", "\"\\u0069d\":\"17\"", true },
        { "\"id\":\"17\"", "\"\\id\":\"17\"", false },
        { "\"id\":", "\"id\" ", false },
        { "\"seq\":42", "\"seq\":42.0", true },
        { "\"seq\":42", "\"seq\":4e1", true },
        { "\"seq\":42", "\"seq\":-42", false },
        { "\"seq\":42", "\"seq\":042", false },
        { "\"seq\":42", "\"seq\":null", false },
        { "\"seq\":42", "\"seq\":42,", false },
        { "\"seq\":42", "\"seq\":\t42", true },
        { "\"seq\":42", "\"sequence\":42", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"event\":\"end\"",
          false },
        { "\"kind\":\"upcall\"", "\"kind\":\"rain\"", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":\"\xc3\xa4\"",
          true },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":\"\x01\"", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":tru", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":[1,]", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":[1}", false },
        { "\"kind\":\"upcall\"", "\"kind\":\"upcall\",\"a\":{1:2}", false },
        { "\"raw\":{", "\"raw\":null,\"x\":{", false },
        { "\"track\":null", "\"track\":\"8\"", false },
        { "\"track\":null", "\"track\":8", false },
        { "\"events\":[{", "\"events\":[7,{", false },
        { "\"events\":[", "\"events\":{", false },
    };
    struct record_links links;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        const char *found;

        make_upcall(5, 0, 0, 0);
        found = strstr(ds_cstr(&line), cases[i].from);
        ck_assert_msg(found != NULL, "%s", cases[i].from);
        ds_put_buffer(&ds, line.string, found - line.string);
        ds_put_cstr(&ds, cases[i].to);
        ds_put_cstr(&ds, found + strlen(cases[i].from));
        ck_assert_msg(!record_links_scan(ds.string, ds.length, &links), "%s",
                      cases[i].to);
        ck_assert_msg(parse(ds.string, ds.length, &links) == cases[i].parsed,
                      "%s", cases[i].to);
        ds_destroy(&ds);
    }
}
END_TEST

/* Changes 'copy' here and there. */
static void
change(struct ds *copy)
{
    static const char bytes[] = "\"\\{}[]:,0123456789-.eE ntfp\xc3\x01u";

    for (int n = random_range(3); n >= 0; n--) {
        size_t at = random_range(copy->length);

        switch (random_range(4)) {
        case 0:
            copy->string[at] ^= 1 << random_range(8);
            break;
        case 1:
            copy->string[at] = bytes[random_range(sizeof bytes - 1)];
            break;
        case 2:
            memmove(copy->string + at, copy->string + at + 1,
                    copy->length - at - 1);
            ds_truncate(copy, copy->length - 1);
            break;
        default: {
            size_t to = random_range(copy->length);
            size_t len = random_range(30);

            memmove(copy->string + to, copy->string + at,
                    MIN(len, copy->length - MAX(at, to)));
            break;
        }
        }
    }
}

/* Whatever is accepted, OVS's parser accepts, and finds the same. */
START_TEST(test_random)
{
    struct record_links links, parsed;
    int n_accepted = 0, n_parsed = 0;
    struct build_pass b;

    if (_i) {
        build_pass_miss(&b);
        make_pass(&b, 7, 18);
    } else {
        make_upcall(5, 16, 9, 8);
    }
    for (int i = 0; i < 20000; i++) {
        struct ds copy;
        bool accepted, ok;

        ds_clone(&copy, &line);
        change(&copy);
        accepted = record_links_scan(copy.string, copy.length, &links);
        ok = parse(copy.string, copy.length, &parsed);
        if (accepted) {
            ck_assert_msg(ok && is_object(copy.string, copy.length), "%s",
                          ds_cstr(&copy));
            check_same(&links, &parsed);
        }
        n_accepted += accepted;
        n_parsed += ok;
        ds_destroy(&copy);
    }
    ck_assert_int_gt(n_accepted, 5000);
    ck_assert_int_gt(20000 - n_parsed, 2000);
}
END_TEST

/* Checks an array with a string of 'len' characters, of which the one at 'at'
 * is 'c'. */
static void
check_string(size_t len, size_t at, int c)
{
    bool plain = (!len || (c >= ' ' && c < 0x80 && c != '"' && c != '\\'));
    char text[50];
    struct json_scan s = { .p = text, .end = text + len + 4 };
    struct json *json;

    memset(text, 'a', sizeof text);
    text[0] = '[';
    text[1] = text[len + 2] = '"';
    text[len + 3] = ']';
    text[len + 4] = '\0';
    if (len) {
        text[2 + at] = c;
    }
    ck_assert_int_eq(json_scan_value(&s, 0) && s.p == s.end, plain);
    json = json_from_string(text);
    if (plain) {
        const struct json *string;

        ck_assert_int_eq(json->type, JSON_ARRAY);
        string = upcall_json_array_at(json, 0);
        ck_assert_uint_eq(strlen(json_string(string)), len);
    }
    json_destroy(json);
}

/* Strings of all lengths, with anything in all places. */
START_TEST(test_strings)
{
    for (size_t len = 0; len < 40; len++) {
        for (size_t at = 0; at < MAX(len, 1); at++) {
            for (int c = 0; c < 256; c++) {
                check_string(len, at, c);
            }
        }
    }
}
END_TEST

START_TEST(test_depth)
{
    for (int depth = 1; depth < 1000; depth++) {
        char text[2000];
        struct json_scan s = { .p = text, .end = text + 2 * depth };

        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert_int_eq(json_scan_value(&s, 0), depth <= 33);
    }
}
END_TEST

/* The reader finds links in all modes, and lines where they are. */
START_TEST(test_reader)
{
    static const char startup[] = "{\"event\":\"startup\"}\n";
    struct ds all = DS_EMPTY_INITIALIZER;

    make_upcall(5, 16, 9, 8);
    ds_put_format(&all, "%s%s\n{\"event\":\"rain\"}\n", startup,
                  ds_cstr(&line));
    for (int mode = 0; mode <= TRACE_READ_BOTH; mode++) {
        struct trace_reader *t = trace_reader_create();
        struct trace_item item;

        trace_reader_set_mode(t, mode);
        trace_reader_put(t, all.string, all.length);
        trace_reader_end(t, NULL);
        ck_assert(trace_reader_next(t, &item));
        ck_assert_int_eq(item.kind, TRACE_STARTUP);
        ck_assert_uint_eq(item.offset, 0);
        ck_assert(trace_reader_next(t, &item));
        ck_assert_int_eq(item.kind, TRACE_RECORD);
        ck_assert_uint_eq(item.offset, strlen(startup));
        ck_assert_uint_eq(item.seq, 42);
        ck_assert_int_eq(item.record != NULL, mode != TRACE_READ_LINKS);
        ck_assert_int_eq(item.links != NULL, mode != TRACE_READ_RECORDS);
        if (item.links) {
            ck_assert_uint_eq(item.links->self, 17);
            ck_assert_uint_eq(item.links->n, 4);
        }
        if (mode != TRACE_READ_RECORDS) {
            ck_assert(trace_reader_next(t, &item));
            ck_assert_int_eq(item.kind, TRACE_GAP);
            ck_assert_uint_eq(item.n, 0);
            ck_assert_ptr_null(item.links);
        }
        ck_assert(!trace_reader_next(t, &item));
        ck_assert_uint_eq(trace_reader_n_unknown(t), 1);
        trace_reader_destroy(t);
    }
    ds_destroy(&all);
}
END_TEST

/* Records are in the order of "seq", unless the first line says that they are
 * sorted otherwise. */
START_TEST(test_sorted)
{
    static const char *const startups[] = {
        "{\"event\":\"startup\"}\n",
        "{\"event\":\"startup\",\"sorted\":null}\n",
        "{\"event\":\"startup\",\"sorted\":\"packet\"}\n",
    };
    bool is_sorted = _i / TRACE_READ_BOTH == 2;
    struct trace_reader *t = trace_reader_create();
    struct trace_item item;
    struct ds all = DS_EMPTY_INITIALIZER;

    make_upcall(5, 16, 9, 8);
    ds_put_format(&all, "%s%s\n%s\n", startups[_i / TRACE_READ_BOTH],
                  ds_cstr(&line), ds_cstr(&line));
    trace_reader_set_mode(t, _i % TRACE_READ_BOTH);
    trace_reader_put(t, all.string, all.length);
    trace_reader_end(t, NULL);
    ck_assert(trace_reader_next(t, &item));
    ck_assert(trace_reader_next(t, &item));
    ck_assert_int_eq(item.kind, TRACE_RECORD);
    ck_assert(trace_reader_next(t, &item));
    ck_assert_int_eq(item.kind, is_sorted ? TRACE_RECORD : TRACE_ERROR);
    trace_reader_destroy(t);
    ds_destroy(&all);
}
END_TEST

static void
setup(void)
{
    check_output_setup();
    ds_init(&line);
    random_set_seed(16);
}

static void
teardown(void)
{
    ds_destroy(&line);
    check_output_teardown();
}

/* Returns the tests of this file. */
TCase *
record_links_tcase(void)
{
    TCase *tc = tcase_create("record-links");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_links);
    tcase_add_test(tc, test_ts);
    tcase_add_test(tc, test_refused);
    tcase_add_loop_test(tc, test_random, 0, 2);
    tcase_add_test(tc, test_strings);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_reader);
    tcase_add_loop_test(tc, test_sorted, 0, 3 * TRACE_READ_BOTH);
    return tc;
}
