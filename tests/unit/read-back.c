/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "read-back.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json-node.h"
#include "base/json-writer.h"
#include "bpf/pass-record.h"
#include "file/json-record.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "show/record-show.h"
#include "util.h"

/* Any. */
#define SEQ 4

/* Bytes of what differs that a message has. */
#define SHOWN 300

/* Returns the 'size' bytes at 'record', which are possible, as a line of
 * JSON. */
static char *
write_line(const void *record, size_t size, uint64_t seq,
           const struct record_context *c)
{
    struct record_context raw = *c;
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    raw.raw = true;
    json_writer_init(&w, &ds);
    free(record_show_json(&w, record, size, seq, &raw));
    return ds_steal_cstr(&ds);
}

/* Returns the same as text. */
static char *
write_text(const void *record, size_t size, bool events,
           const struct record_context *c)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    free(record_show_text(&ds, record, size, events, c));
    return ds_steal_cstr(&ds);
}

/* Returns NULL if 'a' is 'b', otherwise a message.  Frees both. */
static char *
compare(char *a, char *b, const char *what)
{
    size_t same = 0;
    char *error = NULL;

    while (a[same] && a[same] == b[same]) {
        same++;
    }
    if (a[same] || b[same]) {
        size_t start = same > SHOWN / 2 ? same - SHOWN / 2 : 0;

        error = xasprintf("%s differs: ...%.*s... and ...%.*s...", what,
                          SHOWN, a + start, SHOWN, b + start);
    }

    free(a);
    free(b);
    return error;
}

/* Reads 'line' into '*r'.  Returns NULL if successful, otherwise a message. */
static char *
read_line(struct json_record *r, const char *line)
{
    struct json_tree *tree = json_tree_create();
    const struct json_node *json;
    char *error;

    json = json_tree_parse(tree, line, strlen(line), &error);
    if (!json) {
        /* Nothing to be read. */
    } else if (strstr(line, "\"kind\":\"" JSON_RECORD_PASS "\"")) {
        error = pass_from_json(r, json);
    } else {
        error = upcall_from_json(r, json);
    }
    json_tree_destroy(tree);
    return error;
}

/* Compares what '*r' has with the record that it was made of. */
static char *
compare_all(const struct json_record *r, const void *record, size_t size,
            const struct record_context *c)
{
    const void *data = r->record.data;
    char *error = NULL;

    if (r->seq != SEQ) {
        return xstrdup("it has another number");
    }
    for (int events = 0; events <= 1 && !error; events++) {
        error = compare(write_text(record, size, events, c),
                        write_text(data, r->record.size, events, &r->context),
                        events ? "text of events" : "text");
    }
    return (error ? error
            : compare(write_line(record, size, SEQ, c),
                      write_line(data, r->record.size, SEQ, &r->context),
                      "JSON"));
}

/* Appends 'line' to the file that $UPCALL_LINES names, if that is set, for who
 * wants to check it in other ways: tests/schema.at. */
void
keep_line(const char *line)
{
    const char *name = getenv("UPCALL_LINES");
    FILE *file = name ? fopen(name, "a") : NULL;

    ck_assert(!name || file);
    if (file) {
        fprintf(file, "%s\n", line);
        fclose(file);
    }
}

/* Does what read_back() does. */
static char *
write_and_read(const void *record, size_t size,
               const struct record_context *c)
{
    char *line = write_line(record, size, SEQ, c);
    struct json_record r;
    char *error;

    keep_line(line);
    json_record_init(&r);
    error = read_line(&r, line);
    if (error) {
        char *cause = error;

        error = xasprintf("%s: %.*s...", cause, SHOWN, line);
        free(cause);
    } else {
        error = compare_all(&r, record, size, c);
    }
    json_record_uninit(&r);
    free(line);
    return error;
}

/* Sets what is not known in 'rec' to 0, as it is in the records of the
 * programs. */
static void
clear_unknown(struct upcall_record *rec)
{
    if (!(rec->flags & UPCALL_F_PUT_DONE)) {
        rec->put_duration = 0;
    }
    if (!(rec->flags & UPCALL_F_EXEC_DONE)) {
        rec->exec_duration = 0;
    }
    if (!(rec->flags & UPCALL_F_EXEC)) {
        rec->n_execs = 0;
    }
    if (!(rec->flags & (UPCALL_F_RECEIVED | UPCALL_F_USDT_RECV))) {
        rec->batch_idx = 0;
        memset(rec->recv_comm, 0, sizeof rec->recv_comm);
    }
    if (!(rec->flags & UPCALL_F_RECEIVED)) {
        rec->recv_ts = 0;
    }
    rec->id &= ~PASS_RECORD;
    rec->pad2 = 0;
}

/* Writes the record, the 'size' bytes at 'record', with what 'c' has, as JSON
 * and reads it back.  It is that of a pass if 'is_pass'.  Returns NULL if what
 * was read is shown in the same way, and written as the same JSON, otherwise a
 * message. */
char *
read_back(const void *record, size_t size, bool is_pass,
          const struct record_context *c)
{
    void *copy = xmemdup(record, size);
    char *error;

    if (!is_pass) {
        clear_unknown(copy);
    }
    error = write_and_read(copy, size, c);
    free(copy);
    return error;
}

/* Fails unless read_back() finds no difference. */
void
check_read_back(const void *record, size_t size, bool is_pass,
                const struct record_context *c)
{
    char *error = read_back(record, size, is_pass, c);

    if (error) {
        ck_abort_msg("%s", error);
    }
}
