/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/member-search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/packed-reader.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bytes that are looked through at once. */
#define CHUNK (64 * 1024)

/* Longest line that is looked at: longer ones are in no member that is
 * begun. */
#define LINE_MAX_BYTES (1024 * 1024)

/* What members begin with: RFC 1952, 2.3.1, with the only method that there
 * is; RFC 8878, 3.1.1; and the end of the line before. */
static const struct magic {
    uint8_t bytes[4];
    size_t n;
    size_t skip;                /* Bytes from there to the member. */
} magics[] = {
    { { 0x1f, 0x8b, 0x08 }, 3, 0 },
    { { 0x28, 0xb5, 0x2f, 0xfd }, 4, 0 },
    { { '\n' }, 1, 1 },
};

/* How many of what may be places are tried before it is given up: in a file
 * that is right, it is the first one. */
#define TRIES_MAX 64

struct member_search {
    int fd;
    struct packed_reader *reader;
    uint64_t size;              /* Of the file. */
    uint64_t n_read;            /* Bytes that were read from 'fd'. */
    const struct magic *magic;  /* What to look for. */
    uint8_t chunk[CHUNK];
};

/* Returns how the file that begins with the 'n' bytes at 'data' is packed. */
static const struct magic *
find_magic(const uint8_t *data, size_t n)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(magics) - 1
           && (n < magics[i].n || memcmp(data, magics[i].bytes,
                                         magics[i].n))) {
        i++;
    }
    return &magics[i];
}

/* Reads some bytes from 'offset' on.  Returns how many, 0 if there are none or
 * they cannot be read. */
static size_t
read_chunk(struct member_search *s, uint64_t offset)
{
    ssize_t n;

    do {
        n = pread(s->fd, s->chunk, CHUNK, offset);
    } while (n < 0 && errno == EINTR);
    s->n_read += MAX(n, 0);
    return MAX(n, 0);
}

/* Opens the file 'name'.  Returns NULL if it is none in which one can search,
 * otherwise what the caller closes with member_search_close(). */
struct member_search *
member_search_open(const char *name)
{
    struct member_search *s;
    struct stat st;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return NULL;
    }
    s = xzalloc(sizeof *s);
    s->fd = fd;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode)
        && !packed_reader_open(name, &s->reader)) {
        s->size = st.st_size;
        s->magic = find_magic(s->chunk, read_chunk(s, 0));
        return s;
    }
    member_search_close(s);
    return NULL;
}

/* Frees 's', which may be NULL. */
void
member_search_close(struct member_search *s)
{
    if (s) {
        packed_reader_close(s->reader);
        close(s->fd);
        free(s);
    }
}

/* Returns how many bytes the file had when it was opened. */
uint64_t
member_search_size(const struct member_search *s)
{
    return s->size;
}

/* Returns how many bytes of the file were read. */
uint64_t
member_search_n_read(const struct member_search *s)
{
    return s->n_read + packed_reader_n_read(s->reader);
}

/* Returns true if the 'n' bytes at 'data' are a line of a trace.  OVS's parser
 * takes a zero byte for a space (json_lex_input() in lib/json.c, 3.5). */
static bool
is_line(const char *data, size_t n)
{
    struct json_parser *parser;
    struct json *json;
    size_t used;
    bool ok;

    if (!n || data[0] != '{' || memchr(data, '\0', n)) {
        return false;
    }
    parser = json_parser_create(0);
    used = json_parser_feed(parser, data, n);
    json = json_parser_finish(parser);
    ok = (used == n && json->type == JSON_OBJECT
          && (shash_find(json_object(json), "kind")
              || shash_find(json_object(json), "event")));
    json_destroy(json);
    return ok;
}

/* Returns true if the file can be read from 'offset' on. */
static bool
is_place(struct member_search *s, uint64_t offset)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    bool has_end = false;
    char *error = NULL;
    bool ok;

    if (packed_reader_seek(s->reader, offset)) {
        return false;
    }
    while (!has_end && !error && line.length < LINE_MAX_BYTES) {
        const void *data;
        size_t size;
        const char *end;

        error = packed_reader_next(s->reader, &data, &size);
        if (!size) {
            break;
        }
        end = memchr(data, '\n', size);
        has_end = end != NULL;
        ds_put_buffer(&line, data, end ? end - (const char *) data : size);
    }
    ok = has_end && is_line(ds_cstr(&line), line.length);
    free(error);
    ds_destroy(&line);
    return ok;
}

/* Stores the first place between 'from', which is not 0, and 'until' in
 * '*offset'.  Returns false if there is none. */
bool
member_search_next(struct member_search *s, uint64_t from, uint64_t until,
                   uint64_t *offset)
{
    const struct magic *m = s->magic;
    uint64_t at = from - m->skip;
    int n_tries = 0;
    size_t n;

    while (at < until && (n = read_chunk(s, at)) >= m->n) {
        const uint8_t *p = s->chunk;
        const uint8_t *end = p + n;

        while ((p = memmem(p, end - p, m->bytes, m->n))) {
            *offset = at + (p - s->chunk) + m->skip;
            if (*offset >= until || n_tries++ >= TRIES_MAX) {
                return false;
            } else if (is_place(s, *offset)) {
                return true;
            }
            p++;
        }
        at += n - (m->n - 1);
    }
    return false;
}
