/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/json-writer.h"
#include "file/convert-perfetto.h"
#include "file/convert-retis.h"
#include "file/follow.h"
#include "file/pcapng.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "show/record-context.h"
#include "show/record-show.h"
#include "util.h"

/* Most bytes of a stream: fewer than a socket takes at once. */
#define STREAM_MAX (64 * 1024)

/* What records are written to. */
struct writers {
    struct pcapng *pcapng;
    struct perfetto *perfetto;
    struct retis *retis;
    struct ds packets, tracks, events;
};

static int
append(const void *data, size_t n, void *ds)
{
    ds_put_buffer(ds, data, n);
    return 0;
}

static void
writers_init(struct writers *w)
{
    static const struct pcapng_about about = { .application = "fuzz" };

    ds_init(&w->packets);
    ds_init(&w->tracks);
    ds_init(&w->events);
    w->pcapng = pcapng_create(&about, append, &w->packets);
    w->perfetto = perfetto_create(append, &w->tracks);
    w->retis = retis_create(append, &w->events);
}

/* Fails unless 'line' is an object of JSON. */
static void
check_object(const char *line)
{
    struct json *json = json_from_string(line);

    fuzz_check_utf8(line);
    ovs_assert(json->type == JSON_OBJECT);
    json_destroy(json);
}

/* Fails unless the blocks in 'ds' are in each other's lengths
 * (draft-ietf-opsawg-pcapng, "General Block Structure"). */
static void
check_blocks(const struct ds *ds)
{
    const char *data = ds->string;
    size_t ofs = 0;

    while (ofs < ds->length) {
        uint32_t length, trailer;

        ovs_assert(ds->length - ofs >= 12);
        memcpy(&length, data + ofs + 4, sizeof length);
        ovs_assert(length >= 12 && length % 4 == 0
                   && length <= ds->length - ofs);
        memcpy(&trailer, data + ofs + length - 4, sizeof trailer);
        ovs_assert(trailer == length);
        ofs += length;
    }
}

/* Ends what 'w' has written, which has to be right. */
static void
writers_uninit(struct writers *w)
{
    static const struct pcapng_counts counts = { .produced = 1 };
    char *save_ptr = NULL;

    ovs_assert(!pcapng_end(w->pcapng, &counts));
    ovs_assert(!perfetto_end(w->perfetto));
    ovs_assert(!retis_end(w->retis));
    check_blocks(&w->packets);
    check_object(ds_cstr(&w->tracks));
    for (char *line = strtok_r(ds_cstr(&w->events), "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        check_object(line);
    }
    pcapng_destroy(w->pcapng);
    perfetto_destroy(w->perfetto);
    retis_destroy(w->retis);
    ds_destroy(&w->packets);
    ds_destroy(&w->tracks);
    ds_destroy(&w->events);
}

/* Shows and writes the record of 'item'. */
static void
use_record(struct writers *w, const struct follow_item *item,
           const struct record_context *c)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer jw;
    char *error = record_show_text(&ds, item->record, item->size, true, c);

    fuzz_check_printable(ds_cstr(&ds));
    if (!error) {
        ds_clear(&ds);
        json_writer_init(&jw, &ds);
        ovs_assert(!record_show_json(&jw, item->record, item->size, item->seq,
                                     c));
        check_object(ds_cstr(&ds));
        ovs_assert(!pcapng_put(w->pcapng, item->record, item->size, c));
        ovs_assert(!perfetto_put(w->perfetto, item->record, item->size, c));
        ovs_assert(!retis_put(w->retis, item->record, item->size, c));
    }
    free(error);
    ds_destroy(&ds);
}

/* Uses all that comes from 'f' until its end. */
static void
use_all(struct follow *f)
{
    struct follow_item item;
    struct writers w;
    int error;

    writers_init(&w);
    while (!(error = follow_next(f, &item))) {
        if (item.kind == FOLLOW_RECORD) {
            struct record_context c = follow_context(f);

            use_record(&w, &item, &c);
        } else if (item.kind == FOLLOW_BEGIN || item.kind == FOLLOW_END) {
            struct json *json = json_from_string(item.text);

            if (item.kind == FOLLOW_BEGIN && json->type == JSON_OBJECT) {
                retis_start(w.retis, json);
            }
            json_destroy(json);
        }
    }
    ovs_assert(error != EAGAIN);
    if (error == EPROTO) {
        fuzz_check_printable(follow_error(f));
    }
    writers_uninit(&w);
}

/* Takes what a daemon sends to a follower, all of it, and writes what is
 * recorded in all forms but lines. */
void
fuzz_stream(const uint8_t *data, size_t size)
{
    int fds[2];
    struct follow *f;

    if (size > STREAM_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, fds)) {
        return;
    }
    ovs_assert(!size || write(fds[1], data, size) == size);
    close(fds[1]);
    f = follow_create(fds[0]);
    use_all(f);
    follow_close(f);
}
