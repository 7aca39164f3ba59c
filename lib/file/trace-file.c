/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/trace-file.h"

#include <stdlib.h>
#include <string.h>

#include "file/packed-reader.h"
#include "util.h"

struct trace_file {
    struct packed_reader *packed;
    struct trace_reader *reader;
    bool at_end;                /* Is nothing to be put into 'reader' any
                                 * more? */
};

/* Opens the trace in the file 'name', "-" for standard input.  Returns NULL
 * and stores in '*fp' what is to be closed with trace_file_close(), or returns
 * an error message, which the caller frees. */
char *
trace_file_open(const char *name, struct trace_file **fp)
{
    struct packed_reader *packed;
    int error = packed_reader_open(name, &packed);

    *fp = NULL;
    if (error) {
        return xasprintf("%s: cannot be opened (%s)", name,
                         ovs_strerror(error));
    }
    *fp = xzalloc(sizeof **fp);
    (*fp)->packed = packed;
    (*fp)->reader = trace_reader_create();
    return NULL;
}

/* Frees 'f', which may be NULL. */
void
trace_file_close(struct trace_file *f)
{
    if (f) {
        packed_reader_close(f->packed);
        trace_reader_destroy(f->reader);
        free(f);
    }
}

/* Has 'f' read what 'mode' says, from the next line on. */
void
trace_file_set_mode(struct trace_file *f, enum trace_reader_mode mode)
{
    trace_reader_set_mode(f->reader, mode);
}

/* Puts some more bytes into the reader, or tells it that there are none. */
static void
put_more(struct trace_file *f)
{
    const void *data;
    size_t size;
    char *error = packed_reader_next(f->packed, &data, &size);

    if (size) {
        trace_reader_put(f->reader, data, size);
    }
    if (!size || error) {
        f->at_end = true;
        trace_reader_end(f->reader, error);
    }
    free(error);
}

/* Stores what comes next in '*item', which is valid until the next call.
 * Returns false if that was all.  What is wrong with a file is its last item,
 * TRACE_ERROR. */
bool
trace_file_next(struct trace_file *f, struct trace_item *item)
{
    for (;;) {
        if (trace_reader_next(f->reader, item)) {
            f->at_end = f->at_end || item->kind == TRACE_ERROR;
            return true;
        } else if (f->at_end) {
            return false;
        }
        put_more(f);
    }
}

/* Has 'f', whose first line was read, go on at byte 'offset' of the file,
 * which trace-seek.h has found: all before it is left out.  Returns false if
 * that is not possible. */
bool
trace_file_seek(struct trace_file *f, uint64_t offset)
{
    if (packed_reader_seek(f->packed, offset)) {
        return false;
    }
    trace_reader_skip(f->reader, offset);
    f->at_end = false;
    return true;
}

/* Returns how many bytes of the file were read. */
uint64_t
trace_file_n_read(const struct trace_file *f)
{
    return packed_reader_n_read(f->packed);
}

/* Returns how many lines were ignored because they are of a kind that is not
 * known. */
uint64_t
trace_file_n_unknown(const struct trace_file *f)
{
    return trace_reader_n_unknown(f->reader);
}

/* Returns true if the last trace in what was read has ended properly, with a
 * last line. */
bool
trace_file_has_ended(const struct trace_file *f)
{
    return trace_reader_has_ended(f->reader);
}

/* Returns the descriptor of the file if the lines of items are in it as they
 * are and can be read again, and stores in '*start' what is to be added to
 * their 'offset'; otherwise -1. */
int
trace_file_plain_fd(const struct trace_file *f, uint64_t *start)
{
    return packed_reader_plain_fd(f->packed, start);
}

/* Stores how many bytes of the file were read, and how many it has, 0 if that
 * is unknown. */
void
trace_file_get_progress(const struct trace_file *f, uint64_t *done,
                        uint64_t *total)
{
    *done = packed_reader_position(f->packed);
    *total = packed_reader_size(f->packed);
}
