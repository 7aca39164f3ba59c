/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "file/convert.h"
#include "file/record-links.h"
#include "file/report.h"
#include "file/trace-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/record-show.h"
#include "util.h"

/* Fails unless the record of 'item' can be shown. */
static void
show_record(const struct trace_item *item)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;
    struct json *json;

    for (int events = 0; events <= 1; events++) {
        ovs_assert(!record_show_text(&ds, item->record, item->size, events,
                                     item->context));
    }
    fuzz_check_printable(ds_cstr(&ds));
    ds_clear(&ds);
    json_writer_init(&w, &ds);
    ovs_assert(!record_show_json(&w, item->record, item->size, item->seq,
                                 item->context));
    fuzz_check_utf8(ds_cstr(&ds));
    json = json_from_string(ds_cstr(&ds));
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
    ds_destroy(&ds);
}

/* Fails unless what was looked for in the line of 'item' is what was read. */
static void
check_links(const struct trace_item *item)
{
    const struct record_links *a = item->links;
    struct record_links b;

    if (record_links_scan(item->text, item->text_len, &b)) {
        ovs_assert(a->self == b.self && a->seq == b.seq && a->ts == b.ts
                   && a->n == b.n && a->n_above == b.n_above);
        for (int i = 0; i < a->n; i++) {
            ovs_assert(a->links[i] == b.links[i]);
        }
    }
}

/* Fails unless what 'r' has can be put into a page. */
static void
show_report(struct report *r)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct ds escaped = DS_EMPTY_INITIALIZER;
    struct json *json;

    report_finish(r);
    report_put_json(r, 0, &ds);
    report_put_escaped(&escaped, ds_cstr(&ds));
    ovs_assert(escaped.length < 3 << 20);
    ovs_assert(!strpbrk(ds_cstr(&escaped), "<>&"));
    fuzz_check_utf8(ds_cstr(&escaped));
    json = json_from_string(ds_cstr(&escaped));
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
    ds_destroy(&ds);
    ds_destroy(&escaped);
}

static int
append(const void *data, size_t n, void *ds)
{
    ds_put_buffer(ds, data, n);
    return 0;
}

/* Has 'c' write 'item', which is no error. */
static void
convert(struct converter *c, const struct trace_item *item)
{
    if (item->kind == TRACE_STARTUP) {
        converter_begin(c, item->json);
    } else {
        if (item->kind == TRACE_RECORD) {
            ovs_assert(!converter_put(c, item));
        }
        free(converter_tell(c, item));
    }
}

/* Fails unless what 'c' has written to 'ds' is right. */
static void
check_converted(struct converter *c, struct ds *ds)
{
    struct json *json;

    ovs_assert(!converter_end(c));
    fuzz_check_utf8(ds_cstr(ds));
    json = json_from_string(ds_cstr(ds));
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
}

/* Uses all items that 't' has, also in 'r' and 'c'.  Returns false if one is
 * an error. */
static bool
take(struct trace_reader *t, struct report *r, struct converter *c)
{
    struct trace_item item;

    while (trace_reader_next(t, &item)) {
        free(report_put(r, &item));
        if (item.kind != TRACE_ERROR) {
            convert(c, &item);
        }
        if (item.kind == TRACE_RECORD) {
            show_record(&item);
            check_links(&item);
        } else if (item.kind == TRACE_ERROR) {
            fuzz_check_printable(item.error);
            ovs_assert(!trace_reader_next(t, &item));
            return false;
        }
    }
    return true;
}

/* Takes the length of blocks, and a trace. */
void
fuzz_trace(const uint8_t *data, size_t size)
{
    struct trace_reader *t = trace_reader_create();
    struct report *r = report_create();
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct converter *c = converter_create(CONVERT_PERFETTO, append, &ds);
    size_t block = size ? 1 + data[0] * 16 : 1;
    size_t i = size > 0;

    report_begin_file(r, "<name>");
    trace_reader_set_mode(t, TRACE_READ_BOTH);
    while (i < size && take(t, r, c)) {
        size_t n = MIN(block, size - i);

        trace_reader_put(t, data + i, n);
        i += n;
    }
    trace_reader_end(t, NULL);
    take(t, r, c);
    trace_reader_destroy(t);
    show_report(r);
    report_destroy(r);
    check_converted(c, &ds);
    converter_destroy(c);
    ds_destroy(&ds);
}
