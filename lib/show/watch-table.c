/* SPDX-License-Identifier: Apache-2.0 */

/* The tables of watch: which columns each has, of which a narrow screen shows
 * those that matter most, and in which order the rows are. */

#include <config.h>

#include "show/watch-screen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* A column, beside that of the name. */
struct column {
    const char *title;
    size_t width;
    int priority;               /* Those with smaller ones are shown first. */
    int sort;                   /* enum watch_sort by which it is sorted, or
                                 * WATCH_N_SORTS. */
    void (*put)(struct ds *, const struct watch_row *,
                const struct watch_figures *);
    bool (*is_bad)(const struct watch_row *);   /* Or NULL. */
};

/* Values. */

static void
put_rate(struct ds *ds, uint64_t n, uint64_t interval)
{
    double rate = interval ? n * (double) NS_PER_SECOND / interval : 0;

    if (!interval) {
        ds_put_char(ds, '-');
    } else if (rate >= 9999999.5) {
        ds_put_format(ds, "%.1fM", rate / 1e6);
    } else {
        ds_put_format(ds, "%.*f", rate < 99.95 ? 1 : 0, rate);
    }
}

static void
put_time(struct ds *ds, const struct watch_times *t, uint64_t ns)
{
    if (t->n) {
        duration_put(ds, ns);
    } else {
        ds_put_char(ds, '-');
    }
}

/* Columns. */

static void
put_count_rate(struct ds *ds, const struct watch_row *row,
               const struct watch_figures *f)
{
    put_rate(ds, row->count.now, f->interval);
}

static void
put_lost_rate(struct ds *ds, const struct watch_row *row,
              const struct watch_figures *f)
{
    put_rate(ds, row->lost.now, f->interval);
}

static void
put_part(struct ds *ds, uint64_t part, uint64_t all)
{
    if (all) {
        ds_put_format(ds, "%.1f %%", 100.0 * part / all);
    } else {
        ds_put_char(ds, '-');
    }
}

static void
put_share(struct ds *ds, const struct watch_row *row,
          const struct watch_figures *f)
{
    put_part(ds, row->count.now, f->upcalls.now);
}

static void
put_pass_share(struct ds *ds, const struct watch_row *row,
               const struct watch_figures *f)
{
    put_part(ds, row->count.now, f->passes.now);
}

static void
put_all(struct ds *ds, const struct watch_row *row,
        const struct watch_figures *f OVS_UNUSED)
{
    ds_put_format(ds, "%"PRIu64, row->count.all);
}

static void
put_all_lost(struct ds *ds, const struct watch_row *row,
             const struct watch_figures *f OVS_UNUSED)
{
    ds_put_format(ds, "%"PRIu64, row->lost.all);
}

static void
put_cpu(struct ds *ds, const struct watch_row *row,
        const struct watch_figures *f OVS_UNUSED)
{
    if (row->cpu >= 0) {
        ds_put_format(ds, "%.0f %%", 100 * row->cpu);
    } else {
        ds_put_char(ds, '-');
    }
}

static void
put_queue(struct ds *ds, const struct watch_row *row,
          const struct watch_figures *f OVS_UNUSED)
{
    if (row->has_queue) {
        ds_put_format(ds, "%"PRIu32, row->queue_len);
    } else {
        ds_put_char(ds, '-');
    }
}

static void
put_drops(struct ds *ds, const struct watch_row *row,
          const struct watch_figures *f OVS_UNUSED)
{
    if (row->has_queue) {
        ds_put_format(ds, "%"PRIu64, row->queue_drops.all);
    } else {
        ds_put_char(ds, '-');
    }
}

#define X(NAME, TIMES, VALUE)                                           \
static void                                                             \
put_##NAME(struct ds *ds, const struct watch_row *row,                  \
           const struct watch_figures *f OVS_UNUSED)                    \
{                                                                       \
    put_time(ds, &row->TIMES, row->TIMES.VALUE);                        \
}
X(p50, times, p50)
X(p90, times, p90)
X(p99, times, p99)
X(p999, times, p999)
X(max, times, max)
X(all_p50, times_all, p50)
X(all_p90, times_all, p90)
X(all_p99, times_all, p99)
X(all_max, times_all, max)
#undef X

static bool
has_lost_now(const struct watch_row *row)
{
    return row->lost.now > 0;
}

static bool
has_lost(const struct watch_row *row)
{
    return row->lost.all > 0;
}

static bool
has_drops(const struct watch_row *row)
{
    return row->queue_drops.all > 0;
}

static const struct column stage_columns[] = {
    { "p50", 8, 1, WATCH_N_SORTS, put_p50, NULL },
    { "p90", 8, 4, WATCH_N_SORTS, put_p90, NULL },
    { "p99", 8, 1, WATCH_N_SORTS, put_p99, NULL },
    { "p99.9", 8, 8, WATCH_N_SORTS, put_p999, NULL },
    { "max", 8, 2, WATCH_N_SORTS, put_max, NULL },
    { "all p50", 10, 5, WATCH_N_SORTS, put_all_p50, NULL },
    { "all p90", 8, 7, WATCH_N_SORTS, put_all_p90, NULL },
    { "all p99", 8, 5, WATCH_N_SORTS, put_all_p99, NULL },
    { "all max", 8, 6, WATCH_N_SORTS, put_all_max, NULL },
    { "upcalls", 12, 9, WATCH_N_SORTS, put_all, NULL },
};

static const struct column upcall_columns[] = {
    { "upcalls/s", 10, 1, WATCH_SORT_RATE, put_count_rate, NULL },
    { "share", 9, 4, WATCH_N_SORTS, put_share, NULL },
    { "lost/s", 8, 2, WATCH_SORT_LOST, put_lost_rate, has_lost_now },
    { "p50", 8, 5, WATCH_N_SORTS, put_p50, NULL },
    { "p90", 8, 8, WATCH_N_SORTS, put_p90, NULL },
    { "p99", 8, 3, WATCH_SORT_P99, put_p99, NULL },
    { "max", 8, 9, WATCH_N_SORTS, put_max, NULL },
    { "upcalls", 11, 6, WATCH_SORT_TOTAL, put_all, NULL },
    { "lost", 9, 7, WATCH_N_SORTS, put_all_lost, has_lost },
};

static const struct column handler_columns[] = {
    { "upcalls/s", 10, 1, WATCH_SORT_RATE, put_count_rate, NULL },
    { "share", 9, 4, WATCH_N_SORTS, put_share, NULL },
    { "cpu", 7, 1, WATCH_SORT_CPU, put_cpu, NULL },
    { "queue", 7, 3, WATCH_N_SORTS, put_queue, NULL },
    { "drops", 8, 2, WATCH_SORT_LOST, put_drops, has_drops },
    { "wait p50", 9, 6, WATCH_N_SORTS, put_p50, NULL },
    { "wait p99", 9, 5, WATCH_SORT_P99, put_p99, NULL },
    { "wait max", 9, 8, WATCH_N_SORTS, put_max, NULL },
    { "upcalls", 11, 7, WATCH_SORT_TOTAL, put_all, NULL },
};

static const struct column pass_columns[] = {
    { "passes/s", 10, 1, WATCH_SORT_RATE, put_count_rate, NULL },
    { "share", 9, 3, WATCH_N_SORTS, put_pass_share, NULL },
    { "drops/s", 8, 2, WATCH_SORT_LOST, put_lost_rate, has_lost_now },
    { "lookup p50", 11, 5, WATCH_N_SORTS, put_p50, NULL },
    { "lookup p99", 11, 4, WATCH_SORT_P99, put_p99, NULL },
    { "passes", 11, 6, WATCH_SORT_TOTAL, put_all, NULL },
    { "drops", 9, 7, WATCH_N_SORTS, put_all_lost, has_lost },
};

static const struct column loss_columns[] = {
    { "per s", 8, 1, WATCH_SORT_RATE, put_count_rate, has_lost_now },
    { "all", 12, 2, WATCH_SORT_TOTAL, put_all, NULL },
};

/* Tables. */
static const struct layout {
    const struct column *columns;
    size_t n;
    size_t name_min, name_max;  /* Width of the names. */
    bool is_sorted;
} layouts[WATCH_N_TABLES] = {
#define LAYOUT(COLUMNS) .columns = COLUMNS, .n = ARRAY_SIZE(COLUMNS)
    [WATCH_STAGE] = { LAYOUT(stage_columns), 10, 16, false },
    [WATCH_LOSS] = { LAYOUT(loss_columns), 20, 60, true },
    [WATCH_PORT] = { LAYOUT(upcall_columns), 13, 32, true },
    [WATCH_HANDLER] = { LAYOUT(handler_columns), 13, 32, true },
    [WATCH_CLASS] = { LAYOUT(upcall_columns), 13, 32, true },
    [WATCH_OUTCOME] = { LAYOUT(upcall_columns), 13, 32, true },
    [WATCH_PASS] = { LAYOUT(pass_columns), 10, 32, true },
};

/* Returns true if users choose in which order the rows of 'kind' are. */
bool
watch_table_is_sorted(enum watch_table_kind kind)
{
    return layouts[kind].is_sorted;
}

/* Order. */

static int
compare(double a, double b)
{
    return a > b ? -1 : a < b;
}

static int
compare_lost(const struct watch_row *a, const struct watch_row *b)
{
    int result = compare(a->lost.now + a->queue_drops.now,
                         b->lost.now + b->queue_drops.now);

    return result ? result : compare(a->lost.all + a->queue_drops.all,
                                     b->lost.all + b->queue_drops.all);
}

static int
compare_by(const struct watch_row *a, const struct watch_row *b,
           enum watch_sort sort)
{
    switch (sort) {
    case WATCH_SORT_LOST:
        return compare_lost(a, b);
    case WATCH_SORT_P99:
        return compare(a->times.p99, b->times.p99);
    case WATCH_SORT_CPU:
        return compare(a->cpu, b->cpu);
    case WATCH_SORT_TOTAL:
        return compare(a->count.all, b->count.all);
    case WATCH_SORT_NAME:
        return strcmp(a->name, b->name);
    case WATCH_SORT_RATE:
    case WATCH_N_SORTS:
    default:
        return compare(a->count.now, b->count.now);
    }
}

/* A row, and by what it is sorted: qsort() has no place for it. */
struct sorted_row {
    const struct watch_row *row;
    enum watch_sort sort;
};

/* Where the order is not given, it must not change from screen to screen. */
static int
compare_rows(const void *a_, const void *b_)
{
    const struct sorted_row *sorted = a_;
    const struct watch_row *a = sorted->row;
    const struct watch_row *b = ((const struct sorted_row *) b_)->row;
    int result = compare_by(a, b, sorted->sort);

    result = result ? result : compare(a->count.now, b->count.now);
    result = result ? result : compare(a->count.all, b->count.all);
    result = result ? result : strcmp(a->name, b->name);
    return result ? result : a < b ? -1 : a > b;
}

/* Returns the rows of 't' in their order, in an array that the caller
 * frees. */
static struct sorted_row *
sort_rows(const struct watch_table *t, const struct layout *layout,
          enum watch_sort sort)
{
    struct sorted_row *rows = xmalloc(MAX(1, t->n) * sizeof *rows);

    for (size_t i = 0; i < t->n; i++) {
        rows[i] = (struct sorted_row) { .row = &t->rows[i], .sort = sort };
    }
    if (layout->is_sorted) {
        qsort(rows, t->n, sizeof *rows, compare_rows);
    }
    return rows;
}

/* Columns that have room. */

struct choice {
    uint32_t columns;           /* A bit for each. */
    size_t name_width;
};

/* Returns which columns of 'layout' a screen with 'cols' shows. */
static struct choice
choose_columns(const struct layout *layout, size_t cols)
{
    struct choice choice = { .columns = 0 };
    size_t used = layout->name_min;
    bool fits = true;

    for (int priority = 1; fits && priority < 10; priority++) {
        for (size_t i = 0; fits && i < layout->n; i++) {
            const struct column *c = &layout->columns[i];

            if (c->priority == priority) {
                fits = used + c->width <= cols;
                used += fits ? c->width : 0;
                choice.columns |= fits ? 1u << i : 0;
            }
        }
    }
    choice.name_width = layout->name_min + (cols > used ? cols - used : 0);
    choice.name_width = MIN(choice.name_width, layout->name_max);
    return choice;
}

/* Drawing. */

/* Puts 'text' so that it ends before 'end', in a column of 'width'. */
static void
put_right(struct watch_screen *s, size_t row, size_t end, size_t width,
          enum watch_style style, const char *text)
{
    size_t length = MIN(strlen(text), width);

    watch_screen_put(s, row, end - length, style, text);
}

/* Puts the first 'width' - 1 characters of 'text', and in place of the last
 * one a plus sign if there are more. */
static void
put_name(struct watch_screen *s, size_t row, size_t width,
         enum watch_style style, const char *text)
{
    char *name = xstrdup(text);

    if (strlen(name) >= width) {
        name[width - 2] = '+';
        name[width - 1] = '\0';
    }
    watch_screen_put(s, row, 0, style, name);
    free(name);
}

static void
draw_titles(struct watch_screen *s, size_t row, enum watch_table_kind kind,
            const struct choice *choice, enum watch_sort sort,
            const char *name)
{
    const struct layout *layout = &layouts[kind];
    size_t end = choice->name_width;

    watch_screen_fill(s, row, WATCH_HEAD);
    put_name(s, row, choice->name_width + 1,
             layout->is_sorted && sort == WATCH_SORT_NAME ? WATCH_HEAD_SORTED
             : WATCH_HEAD, name);
    for (size_t i = 0; i < layout->n; i++) {
        const struct column *c = &layout->columns[i];

        if (choice->columns & 1u << i) {
            end += c->width;
            put_right(s, row, end, c->width,
                      c->sort == sort ? WATCH_HEAD_SORTED : WATCH_HEAD,
                      c->title);
        }
    }
}

static void
draw_row(struct watch_screen *s, size_t at, enum watch_table_kind kind,
         const struct choice *choice, const struct watch_row *row,
         const struct watch_figures *f)
{
    const struct layout *layout = &layouts[kind];
    size_t end = choice->name_width;
    struct ds value = DS_EMPTY_INITIALIZER;

    put_name(s, at, choice->name_width, WATCH_PLAIN, row->name);
    for (size_t i = 0; i < layout->n; i++) {
        const struct column *c = &layout->columns[i];

        if (choice->columns & 1u << i) {
            end += c->width;
            ds_clear(&value);
            c->put(&value, row, f);
            put_right(s, at, end, c->width,
                      c->is_bad && c->is_bad(row) ? WATCH_BAD : WATCH_PLAIN,
                      ds_cstr(&value));
        }
    }
    ds_destroy(&value);
}

/* Puts the table 'kind' of 'f' on 's', in 'n_rows' rows from 'row' on: one
 * with titles, then the rows of the table but for the first 'scroll', sorted
 * by 'sort'. */
void
watch_table_draw(struct watch_screen *s, size_t row, size_t n_rows,
                 enum watch_table_kind kind, const struct watch_figures *f,
                 enum watch_sort sort, size_t scroll)
{
    const struct watch_table *t = &f->tables[kind];
    const struct choice choice = choose_columns(&layouts[kind], s->cols);
    struct sorted_row *rows = sort_rows(t, &layouts[kind], sort);
    size_t n = MIN(n_rows - 1, t->n - MIN(scroll, t->n));
    char *name = (n < t->n ? xasprintf("%s %"PRIuSIZE"/%"PRIuSIZE,
                                       watch_table_name(kind), n, t->n)
                  : xstrdup(watch_table_name(kind)));

    draw_titles(s, row, kind, &choice, sort, name);
    for (size_t i = 0; i < n; i++) {
        draw_row(s, row + 1 + i, kind, &choice, rows[scroll + i].row, f);
    }
    if (!t->n && n_rows > 1) {
        watch_screen_put(s, row + 1, 0, WATCH_PLAIN, "(none)");
    }
    free(name);
    free(rows);
}
