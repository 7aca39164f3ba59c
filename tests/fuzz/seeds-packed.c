/* SPDX-License-Identifier: Apache-2.0 */

/* Files with a trace, packed by members, for fuzz-packed.c. */

#include <config.h>

#include "fuzz/seeds.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file/packed-file.h"
#include "file/trace-lines.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "show/record-context.h"
#include "unit/build-record.h"
#include "util.h"

#define STARTUP "{\"event\":\"startup\",%s\"started_ms\":1795961130000," \
    "\"wall_offset\":1795961130000000000}\n"
#define END "{\"event\":\"end\",\"started_ms\":1795961130000}\n"

/* As in fuzz-packed.c. */
#define HEAD 3

#define SIZE_MAX_SEED 8192

/* Appends the records with numbers from 'first' up to 'last'. */
static void
put_records(struct ds *ds, uint64_t first, uint64_t last)
{
    struct record_context context = { .raw = true };

    for (uint64_t i = first; i <= last; i++) {
        struct build b;
        size_t size;
        void *rec;

        build_init(&b, UPCALL_CLASS_MISS);
        build_message(&b, build_icmp_key, build_icmp, NULL, 0);
        b.rec.id = i;
        b.rec.ret_word = UPCALL_RET_TAG(i) | 30500;
        rec = build_get(&b, &size);
        ovs_assert(!trace_line_put_record(ds, rec, size, i, &context));
        build_uninit(&b);
        free(rec);
    }
}

/* Appends a member with 'lines', which it empties, to 'fd', packed as 'name'
 * is. */
static void
put_member(int fd, const char *name, struct ds *lines)
{
    struct packed_file *f = packed_file_create_fd(name, fd, NULL);

    ovs_assert(!packed_file_write(f, ds_cstr(lines), lines->length));
    ovs_assert(!packed_file_close(f, NULL));
    ds_clear(lines);
}

/* Calls 'cb' with a file packed as 'name' is; whose records, if 'repeat', may
 * come again. */
static void
build_file(const char *name, bool repeat, int number, fuzz_seed_cb *cb)
{
    int fd = memfd_create("seed", MFD_CLOEXEC);
    struct ds lines = DS_EMPTY_INITIALIZER;
    uint8_t data[SIZE_MAX_SEED] = { repeat };
    ssize_t size;
    off_t at;

    ovs_assert(fd >= 0);
    ds_put_format(&lines, STARTUP, repeat ? "\"sorted\":\"packet\"," : "");
    put_member(fd, name, &lines);
    at = lseek(fd, 0, SEEK_CUR);
    data[1] = at;
    data[2] = at >> 8;
    put_records(&lines, 1, 1);
    put_member(fd, name, &lines);
    put_records(&lines, 2, 3);
    ds_put_cstr(&lines, repeat ? "" : END);
    put_member(fd, name, &lines);
    size = pread(fd, data + HEAD, sizeof data - HEAD, 0);
    ovs_assert(size > at && size < sizeof data - HEAD);
    cb("packed", number, data, HEAD + size);
    ds_destroy(&lines);
    close(fd);
}

/* Calls 'cb' for each file. */
void
fuzz_for_each_packed_seed(fuzz_seed_cb *cb)
{
    static const char *const names[] = { "t.json", "t.json.gz", "t.json.zst" };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        build_file(names[i], false, 2 * i, cb);
        build_file(names[i], true, 2 * i + 1, cb);
    }
}
