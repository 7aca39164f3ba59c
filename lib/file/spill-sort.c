/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/spill-sort.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file/spill.h"
#include "openvswitch/util.h"
#include "util.h"

/* Least memory for the entries of a run that is merged, in bytes. */
#define CHUNK_MIN 4096

/* Entries for which there is memory at first. */
#define FIRST_ALLOCATED 64

/* A part that is sorted. */
struct run {
    uint64_t offset;            /* Where it is in the file, in bytes. */
    uint64_t n;                 /* Entries. */
};

/* A run that is being merged. */
struct cursor {
    struct run rest;            /* What is in the file yet. */
    uint8_t *entries;           /* What was read of it, */
    size_t n, pos;              /* 'n' of them, from 'pos' on. */
};

struct merge {
    struct cursor *cursors;     /* A heap: the least comes first. */
    size_t n;
    size_t chunk;               /* Entries that each reads at once. */
    uint8_t *memory;            /* Of all cursors. */
};

struct spill_sort {
    size_t size;                /* Of an entry, in bytes. */
    spill_compare *compare;
    size_t memory;              /* Bytes. */
    int error;                  /* A positive errno value, or 0. */

    uint8_t *entries;           /* In memory, */
    size_t n, allocated;
    size_t pos;                 /* of which this is the next. */

    struct spill *file;         /* NULL as long as there are no runs. */
    struct run *runs;
    size_t n_runs, allocated_runs;
    struct merge merge;         /* Of all runs. */
};

/* Returns a new object that sorts entries of 'size' bytes by 'compare', in
 * about 'memory' bytes.  The caller frees it with spill_sort_destroy(). */
struct spill_sort *
spill_sort_create(size_t size, spill_compare *compare, size_t memory)
{
    struct spill_sort *s = xzalloc(sizeof *s);

    s->size = size;
    s->compare = compare;
    s->memory = memory;
    return s;
}

static void
merge_uninit(struct merge *m)
{
    free(m->cursors);
    free(m->memory);
    memset(m, 0, sizeof *m);
}

/* Frees 's', which may be NULL.  Returns the error, a positive errno value, or
 * 0. */
int
spill_sort_destroy(struct spill_sort *s)
{
    int error;

    if (!s) {
        return 0;
    }
    error = s->error;
    merge_uninit(&s->merge);
    spill_destroy(s->file);
    free(s->runs);
    free(s->entries);
    free(s);
    return error;
}

/* Returns what has gone wrong, a positive errno value, or 0. */
int
spill_sort_error(const struct spill_sort *s)
{
    return s->error;
}

static void
fail(struct spill_sort *s, int error)
{
    if (!s->error) {
        s->error = error;
    }
}

/* Runs. */

static void
add_run(struct spill_sort *s, const struct run *run)
{
    if (s->n_runs >= s->allocated_runs) {
        s->runs = x2nrealloc(s->runs, &s->allocated_runs, sizeof *s->runs);
    }
    s->runs[s->n_runs++] = *run;
}

static void
sort_memory(struct spill_sort *s)
{
    if (s->n) {
        qsort(s->entries, s->n, s->size, s->compare);
    }
}

/* Writes what is in memory as a run. */
static void
write_run(struct spill_sort *s)
{
    struct run run = { .n = s->n };

    if (!s->file && !s->error) {
        fail(s, spill_create(&s->file));
    }
    if (!s->error) {
        sort_memory(s);
        fail(s, spill_append(s->file, s->entries, s->n * s->size,
                             &run.offset));
        add_run(s, &run);
    }
    s->n = 0;
}

/* Adds a copy of 'entry'. */
void
spill_sort_add(struct spill_sort *s, const void *entry)
{
    size_t max = MAX(s->memory / s->size, 2);

    if (s->error) {
        return;
    } else if (s->n >= max) {
        write_run(s);
    }
    if (s->n >= s->allocated) {
        s->allocated = MIN(MAX(2 * s->allocated, FIRST_ALLOCATED), max);
        s->entries = xrealloc(s->entries, s->allocated * s->size);
    }
    memcpy(s->entries + s->n++ * s->size, entry, s->size);
}

/* Merging. */

static const uint8_t *
cursor_entry(const struct spill_sort *s, const struct cursor *c)
{
    return c->entries + c->pos * s->size;
}

/* Reads more of 'c', which must have some. */
static void
cursor_fill(struct spill_sort *s, const struct merge *m, struct cursor *c)
{
    c->n = MIN(c->rest.n, m->chunk);
    c->pos = 0;
    fail(s, spill_read(s->file, c->rest.offset, c->entries, c->n * s->size));
    c->rest.n -= c->n;
    c->rest.offset += c->n * s->size;
}

/* Moves the first of 'm' down to where it belongs, as its entry is another. */
static void
sift_down(const struct spill_sort *s, struct merge *m, size_t i)
{
    for (;;) {
        size_t least = i;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < m->n;
             child++) {
            if (s->compare(cursor_entry(s, &m->cursors[child]),
                           cursor_entry(s, &m->cursors[least])) < 0) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        struct cursor c = m->cursors[i];
        m->cursors[i] = m->cursors[least];
        m->cursors[least] = c;
        i = least;
    }
}

/* Prepares 'm' to merge the 'n' runs at 'runs', none of which is empty. */
static void
merge_init(struct spill_sort *s, struct merge *m, const struct run *runs,
           size_t n)
{
    m->n = n;
    m->chunk = MAX(s->memory / n / s->size, 1);
    m->cursors = xcalloc(n, sizeof *m->cursors);
    m->memory = xmalloc(n * m->chunk * s->size);
    for (size_t i = 0; i < n; i++) {
        m->cursors[i].rest = runs[i];
        m->cursors[i].entries = m->memory + i * m->chunk * s->size;
        cursor_fill(s, m, &m->cursors[i]);
    }
    for (size_t i = n / 2; i-- > 0; ) {
        sift_down(s, m, i);
    }
}

/* Stores what comes next of 'm' in 'entry'.  Returns false if that was all, or
 * if something has gone wrong. */
static bool
merge_next(struct spill_sort *s, struct merge *m, void *entry)
{
    struct cursor *first = m->cursors;

    if (!m->n || s->error) {
        return false;
    }
    memcpy(entry, cursor_entry(s, first), s->size);
    if (++first->pos >= first->n) {
        if (first->rest.n) {
            cursor_fill(s, m, first);
        } else {
            *first = m->cursors[--m->n];
        }
    }
    sift_down(s, m, 0);
    return !s->error;
}

/* Merges the 'n' runs at 'runs' into one, which becomes the last of 'file',
 * and stores that in '*merged'. */
static void
merge_to_file(struct spill_sort *s, const struct run *runs, size_t n,
              struct spill *file, struct run *merged)
{
    uint8_t *entry = xmalloc(s->size);
    struct merge m;

    *merged = (struct run) { .offset = spill_size(file) };
    merge_init(s, &m, runs, n);
    while (merge_next(s, &m, entry)) {
        uint64_t offset;

        fail(s, spill_append(file, entry, s->size, &offset));
        merged->n++;
    }
    merge_uninit(&m);
    free(entry);
}

/* Merges the runs, 'max' at a time, so that there are fewer. */
static void
merge_runs(struct spill_sort *s, size_t max)
{
    struct spill *file;
    size_t n = 0;

    fail(s, spill_create(&file));
    for (size_t i = 0; i < s->n_runs && !s->error; i += max) {
        struct run merged;

        merge_to_file(s, &s->runs[i], MIN(max, s->n_runs - i), file, &merged);
        s->runs[n++] = merged;
    }
    s->n_runs = n;
    spill_destroy(s->file);
    s->file = file;
}

/* Ends adding: from now on, entries are found. */
void
spill_sort_finish(struct spill_sort *s)
{
    size_t max = MAX(s->memory / CHUNK_MIN, 2);

    if (!s->n_runs) {
        sort_memory(s);
        return;
    }
    if (s->n) {
        write_run(s);
    }
    free(s->entries);
    s->entries = NULL;
    while (s->n_runs > max && !s->error) {
        merge_runs(s, max);
    }
    if (!s->error) {
        merge_init(s, &s->merge, s->runs, s->n_runs);
    }
}

/* Stores what comes next in 'entry'.  Returns false if that was all, or if
 * something has gone wrong. */
bool
spill_sort_next(struct spill_sort *s, void *entry)
{
    if (s->n_runs || s->error) {
        return merge_next(s, &s->merge, entry);
    } else if (s->pos >= s->n) {
        return false;
    }
    memcpy(entry, s->entries + s->pos++ * s->size, s->size);
    return true;
}
