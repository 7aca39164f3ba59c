/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-files.h"

#include <check.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask-flows.h"
#include "base/compat.h"
#include "build-pass.h"
#include "build-record.h"
#include "file/trace-writer.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "record/record.h"
#include "util.h"

static char dir[32], old_dir[PATH_MAX];
struct record_context trace_context;
struct flow_table *trace_flows;
uint64_t trace_seq;

/* Goes into an empty directory, with no flows known. */
void
trace_setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-writer-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_ptr_nonnull(getcwd(old_dir, sizeof old_dir));
    ck_assert_int_eq(chdir(dir), 0);
    trace_flows = flow_table_create(1 << 20);
    memset(&trace_context, 0, sizeof trace_context);
    trace_seq = 0;
}

/* Removes all of that. */
void
trace_teardown(void)
{
    ck_assert_int_eq(system("rm -f ./* ./.[!.]*"), 0);
    ck_assert_int_eq(chdir(old_dir), 0);
    ck_assert_int_eq(rmdir(dir), 0);
    flow_table_destroy(trace_flows);
}

/* Writers. */

/* Returns a writer to the file 'name', to be freed with trace_destroy() or, if
 * it is to fail, trace_writer_destroy(). */
struct trace_writer *
trace_create(const char *name, uint64_t rotate, uint64_t files)
{
    const struct trace_writer_options options = {
        .name = name, .rotate = rotate, .files = files,
    };
    struct trace_writer *w;

    ck_assert_ptr_null(trace_writer_create(&options, &w));
    return w;
}

/* Frees 'w', which must have written all. */
void
trace_destroy(struct trace_writer *w)
{
    ck_assert_ptr_null(trace_writer_destroy(w));
}

/* Has 'w' get a record, or a gap, with number 'trace_seq' at 'now'. */
void
trace_put_item(struct trace_writer *w, enum follow_kind kind,
               const void *record, size_t size, uint64_t n, long long int now)
{
    const struct follow_item item = {
        .kind = kind, .seq = trace_seq, .record = record, .size = size, .n = n,
    };

    trace_writer_put(w, &item, &trace_context, now);
}

/* Has 'w' get the record of an upcall with a flow that it has put. */
void
trace_put_upcall(struct trace_writer *w, long long int now)
{
    struct build b;
    struct upcall u;
    void *data;
    size_t size;
    char *error;

    ask_build_put(&b, ++trace_seq, "2", 0);
    b.rec.ufid[0] = trace_seq;
    data = build_get(&b, &size);
    ck_assert(upcall_parse(data, size, &u, &error));
    flow_table_add(trace_flows, &u, 0);
    trace_put_item(w, FOLLOW_RECORD, data, size, 0, now);
    free(data);
    build_uninit(&b);
}

/* Has 'w' get the record of a pass that hits a flow that nobody has seen being
 * put. */
void
trace_put_pass(struct trace_writer *w, long long int now)
{
    struct build_pass b;
    size_t size;
    void *data;

    build_pass_hit(&b);
    trace_seq++;
    data = build_pass_get(&b, &size);
    ask_add_hit(trace_flows, &b, NULL);
    trace_put_item(w, FOLLOW_RECORD, data, size, 0, now);
    free(data);
}

/* Has 'w' get the end of the trace. */
void
trace_end(struct trace_writer *w)
{
    trace_writer_end(w, "{\"produced\":9,\"delivered\":8,\"dropped\":1}", NULL,
                     &trace_context);
}

/* Files. */

/* Returns the lines of file 'name', each an object. */
struct json *
trace_read_lines(const char *name)
{
    struct json *lines = json_array_create_empty();
    struct ds line = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(name, "r");

    ck_assert_msg(stream != NULL, "no %s", name);
    while (ds_get_line(&line, stream) != EOF) {
        struct json *json = json_from_string(ds_cstr(&line));

        ck_assert_msg(json->type == JSON_OBJECT, "%s", ds_cstr(&line));
        json_array_add(lines, json);
    }
    fclose(stream);
    ds_destroy(&line);
    return lines;
}

/* Returns the lines of file 'name' in short: of each, its event, or its kind
 * and number.  The caller frees it. */
char *
trace_get_outline(const char *name)
{
    struct json *lines = trace_read_lines(name);
    struct ds ds = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < upcall_json_array_size(lines); i++) {
        const struct shash *line = json_object(upcall_json_array_at(lines, i));
        const struct json *event = shash_find_data(line, "event");
        const struct json *kind = shash_find_data(line, "kind");

        if (kind) {
            ds_put_format(&ds, "%s %"PRId64", ", json_string(kind),
                          (int64_t) json_integer(shash_find_data(line,
                                                                 "seq")));
        } else {
            ds_put_format(&ds, "%s, ", json_string(event));
        }
    }
    ds_truncate(&ds, ds.length - (ds.length > 2 ? 2 : 0));
    json_destroy(lines);
    return ds_steal_cstr(&ds);
}

/* The lines of file 'name' must be 'expected' in short. */
void
trace_expect_outline(const char *name, const char *expected)
{
    char *found = trace_get_outline(name);

    ck_assert_str_eq(found, expected);
    free(found);
}

/* The last line of file 'name' must be 'expected'. */
void
trace_expect_end(const char *name, const char *expected)
{
    struct json *lines = trace_read_lines(name);
    struct json *json = json_from_string(expected);
    size_t last = upcall_json_array_size(lines) - 1;
    char *found = json_to_string(upcall_json_array_at(lines, last),
                                 JSSF_SORT);
    char *sorted = json_to_string(json, JSSF_SORT);

    ck_assert_str_eq(found, sorted);
    free(sorted);
    free(found);
    json_destroy(json);
    json_destroy(lines);
}
