/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file/member-search.h"
#include "file/packed-reader.h"
#include "file/trace-choice.h"
#include "file/trace-file.h"
#include "file/trace-seek.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "store/file-options.h"
#include "util.h"

/* In front of a file: what to do with it, and where. */
#define HEAD 3
#define HEAD_REPEAT 1           /* Its end comes again, until it is large: a
                                 * value, as that takes long. */

/* Where there is a place in a file that is so large is searched. */
#define LARGE (136 * 1024)

/* What is unpacked to more than that is left alone: it takes too long. */
#define UNPACKED_MAX (512 * 1024)

/* Places of a file that are looked at. */
#define PLACES_MAX 4

/* Appends the 'size' bytes at 'data' to the file 'fd'. */
static void
put(int fd, const uint8_t *data, size_t size)
{
    ovs_assert(write(fd, data, size) == size);
}

/* Opens what is in the file 'name'. */
static struct packed_reader *
open_packed(const char *name)
{
    struct packed_reader *r;

    ovs_assert(!packed_reader_open(name, &r));
    return r;
}

/* Appends all that 'r' still has, and what is wrong with the rest, to 'ds'.
 * Returns false if it is too much. */
static bool
read_all(struct packed_reader *r, struct ds *ds)
{
    const void *data;
    char *error;
    size_t size;

    do {
        error = packed_reader_next(r, &data, &size);
        ds_put_buffer(ds, data, size);
        ovs_assert(packed_reader_position(r) <= packed_reader_size(r));
    } while (size && !error && ds->length <= UNPACKED_MAX);
    if (error) {
        fuzz_check_printable(error);
        ds_put_cstr(ds, error);
        free(error);
    } else if (!size) {
        ovs_assert(packed_reader_position(r) == packed_reader_size(r));
    }
    return ds->length <= UNPACKED_MAX;
}

/* Fails unless the file 'name' is the same whenever it is read from its start.
 * Returns false if there is too much in it. */
static bool
check_again(const char *name, uint64_t at, struct ds *all)
{
    struct packed_reader *r = open_packed(name);
    bool ok = read_all(r, all);
    struct ds again = DS_EMPTY_INITIALIZER;
    uint64_t start;

    if (ok && packed_reader_plain_fd(r, &start) >= 0) {
        ovs_assert(!start && all->length == packed_reader_size(r));
    }
    for (int i = 0; ok && i < 2; i++) {
        ds_clear(&again);
        ovs_assert(!packed_reader_seek(r, 0));
        ovs_assert(read_all(r, &again));
        ovs_assert(again.length == all->length);
        ovs_assert(!memcmp(ds_cstr(&again), ds_cstr(all), all->length));
        /* From anywhere, it may be anything. */
        ovs_assert(!packed_reader_seek(r, at));
        ds_clear(&again);
        read_all(r, &again);
    }
    packed_reader_close(r);
    ds_destroy(&again);
    return ok;
}

/* Fails unless the file 'name' has a line at 'offset'. */
static void
check_place(const char *name, uint64_t offset)
{
    struct packed_reader *r = open_packed(name);
    struct ds line = DS_EMPTY_INITIALIZER;

    ovs_assert(!packed_reader_seek(r, offset));
    read_all(r, &line);
    ovs_assert(ds_cstr(&line)[0] == '{' && strchr(ds_cstr(&line), '\n'));
    ds_destroy(&line);
    packed_reader_close(r);
}

/* Fails unless the places that are found in the file 'name' are some. */
static void
check_places(const char *name)
{
    struct member_search *s = member_search_open(name);
    uint64_t size = s ? member_search_size(s) : 0;
    uint64_t from = 1, offset;

    for (int i = 0; i < PLACES_MAX && from < size
         && member_search_next(s, from, size, &offset); i++) {
        ovs_assert(offset >= from && offset < size);
        check_place(name, offset);
        from = offset + 1;
    }
    member_search_close(s);
}

/* Returns how many records the file 'name' has from 'offset' on. */
static uint64_t
count_from(const char *name, uint64_t offset)
{
    struct trace_file *file;
    struct trace_item item;
    uint64_t n = 0;

    ovs_assert(!trace_file_open(name, &file));
    if (trace_file_next(file, &item) && item.kind == TRACE_STARTUP) {
        ovs_assert(!offset || trace_file_seek(file, offset));
        while (trace_file_next(file, &item)) {
            n += item.kind == TRACE_RECORD;
            if (item.kind == TRACE_ERROR) {
                fuzz_check_printable(item.error);
            }
        }
    }
    trace_file_close(file);
    return n;
}

/* Fails unless the last 'n' records of the file 'name' are found. */
static void
check_seek(const char *name, uint64_t n)
{
    static const struct file_choice since = {
        .since = { .kind = MOMENT_FROM_START, .ns = INT64_C(2000000000) },
    };
    static const struct file_choice all;
    struct trace_choice choice;
    struct trace_place place;

    trace_choice_init(&choice, &all);
    trace_seek_last(name, &choice, n, &place);
    ovs_assert(!place.offset || place.n_chosen >= n);
    ovs_assert(!place.is_one_trace
               || place.n_chosen == count_from(name, place.offset));
    trace_choice_init(&choice, &since);
    trace_seek_since(name, &choice, &place);
}

/* Takes what to do with a file, a number of 16 bits, and the file, packed or
 * not.  One that is repeated is, from that number on. */
void
fuzz_packed(const uint8_t *data, size_t size)
{
    struct ds all = DS_EMPTY_INITIALIZER;
    uint64_t at;
    size_t file_size;
    char *name;
    int fd;

    if (size <= HEAD) {
        return;
    }
    at = (data[1] | data[2] << 8) % (size - HEAD);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    ovs_assert(fd >= 0);
    put(fd, data + HEAD, size - HEAD);
    file_size = size - HEAD;
    if (data[0] == HEAD_REPEAT && size - HEAD - at >= 256) {
        while (file_size < LARGE) {
            put(fd, data + HEAD + at, size - HEAD - at);
            file_size += size - HEAD - at;
        }
    }
    name = xasprintf("/proc/self/fd/%d", fd);
    if (check_again(name, at, &all)) {
        check_places(name);
        check_seek(name, 1 + at % 50);
    }
    free(name);
    close(fd);
    ds_destroy(&all);
}
