/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-last.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

struct last_entry {
    enum last_kind kind;
    char *text;                 /* NULL if there is none. */
    size_t length;
};

/* Prepares 'l' for the last 'max' records.  The caller frees what is in it
 * with last_uninit(). */
void
last_init(struct last *l, uint64_t max)
{
    *l = (struct last) { .max = max };
}

/* Makes room for one more. */
static void
grow(struct last *l)
{
    size_t n = l->allocated ? 2 * l->allocated : 64;
    struct last_entry *entries = xmalloc(n * sizeof *entries);

    for (size_t i = 0; i < l->n; i++) {
        entries[i] = l->entries[(l->first + i) % l->allocated];
    }
    free(l->entries);
    l->entries = entries;
    l->allocated = n;
    l->first = 0;
}

/* Takes out the oldest entry, of which there must be one.  The caller frees
 * its text. */
static struct last_entry
take_oldest(struct last *l)
{
    struct last_entry e = l->entries[l->first];

    l->first = (l->first + 1) % l->allocated;
    l->n--;
    l->n_records -= e.kind == LAST_RECORD;
    l->bytes -= sizeof e + e.length;
    return e;
}

/* Forgets the oldest entry. */
static void
forget_oldest(struct last *l)
{
    struct last_entry e = take_oldest(l);

    if (e.kind == LAST_STARTUP) {
        free(l->startup);
        l->startup = e.text;
    } else {
        free(e.text);
    }
}

/* Adds 'text', of 'kind', which becomes empty, and forgets what is before the
 * last records.  Returns false if more is kept than may be. */
bool
last_push(struct last *l, enum last_kind kind, struct ds *text)
{
    size_t length = text->length;
    struct last_entry e = {
        .kind = kind, .length = length,
        .text = length ? ds_steal_cstr(text) : NULL,
    };

    if (l->n >= l->allocated) {
        grow(l);
    }
    l->entries[(l->first + l->n++) % l->allocated] = e;
    l->n_records += kind == LAST_RECORD;
    l->bytes += sizeof e + length;
    while (l->n_records > l->max) {
        forget_oldest(l);
    }
    return l->bytes <= LAST_BYTES_MAX;
}

/* Appends the oldest of what is there to 'ds', and takes it out.  Returns
 * false if nothing is. */
bool
last_pop(struct last *l, struct ds *ds)
{
    if (l->startup) {
        ds_put_cstr(ds, l->startup);
        free(l->startup);
        l->startup = NULL;
    } else if (l->n) {
        struct last_entry e = take_oldest(l);

        ds_put_buffer(ds, e.text ? e.text : "", e.length);
        free(e.text);
    } else {
        return false;
    }
    return true;
}

/* Frees what is in 'l'. */
void
last_uninit(struct last *l)
{
    while (l->n) {
        free(take_oldest(l).text);
    }
    free(l->entries);
    free(l->startup);
}
