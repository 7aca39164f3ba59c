/* SPDX-License-Identifier: Apache-2.0 */

/* Screens of watch.
 *
 * At the top is what matters most: how many upcalls there are, and how many
 * are lost.  What a screen has no room for is left out, the least important
 * first. */

#include <config.h>

#include "show/watch-screen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Screens with fewer rows have no empty ones. */
#define SPACIOUS_ROWS 20

/* Rows that a table has in the overview, as far as there are any, before
 * others get more. */
#define FAIR_ROWS 3

/* Screens. */

/* Makes 's' a screen without any rows.  The caller frees what it refers to
 * with watch_screen_uninit(). */
void
watch_screen_init(struct watch_screen *s)
{
    memset(s, 0, sizeof *s);
}

/* Frees what 's' refers to. */
void
watch_screen_uninit(struct watch_screen *s)
{
    free(s->text);
    free(s->styles);
}

/* Makes 's' an empty screen with 'rows' and 'cols'. */
void
watch_screen_clear(struct watch_screen *s, size_t rows, size_t cols)
{
    s->rows = rows;
    s->cols = cols;
    s->text = xrealloc(s->text, MAX(1, rows * cols));
    s->styles = xrealloc(s->styles, MAX(1, rows * cols));
    memset(s->text, ' ', rows * cols);
    memset(s->styles, WATCH_PLAIN, rows * cols);
    s->n_used = 0;
}

/* Puts 'text' at 'row' and 'col' of 's', as far as there is room.  Returns the
 * column behind it. */
size_t
watch_screen_put(struct watch_screen *s, size_t row, size_t col,
                 enum watch_style style, const char *text)
{
    size_t length = strlen(text);

    if (row < s->rows && col < s->cols) {
        size_t n = MIN(length, s->cols - col);

        memcpy(s->text + row * s->cols + col, text, n);
        memset(s->styles + row * s->cols + col, style, n);
        s->n_used = MAX(s->n_used, row + 1);
    }
    return col + length;
}

/* Has all characters of 'row' of 's' look like 'style'. */
void
watch_screen_fill(struct watch_screen *s, size_t row, enum watch_style style)
{
    if (row < s->rows) {
        memset(s->styles + row * s->cols, style, s->cols);
    }
}

/* The first rows. */

/* Puts the text that 'text' has behind what is there, and empties it.  If it
 * has no room as a whole, nothing is put, unless it is the first. */
static void
put_next(struct watch_screen *s, size_t row, size_t *col,
         enum watch_style style, struct ds *text)
{
    size_t from = *col ? *col + 2 : 0;

    if (!*col || from + text->length <= s->cols) {
        *col = watch_screen_put(s, row, from, style, ds_cstr(text));
    }
    ds_clear(text);
}

static const char *
state_text(const struct watch_figures *f)
{
    return (f->state == WATCH_RUNNING ? "running"
            : f->state == WATCH_ENDED ? "the trace has ended"
            : "no trace");
}

static void
draw_bar(struct watch_screen *s, const struct watch_figures *f,
         const struct watch_look *look)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t col = 0;

    watch_screen_fill(s, 0, WATCH_BAR);
    ds_put_format(&ds, "watch: %s%s", look->paused ? "PAUSED, " : "",
                  state_text(f));
    put_next(s, 0, &col, WATCH_BAR, &ds);
    ds_put_format(&ds, "every %s", look->interval);
    put_next(s, 0, &col, WATCH_BAR, &ds);
    ds_put_format(&ds, "by %s", watch_sort_name(look->sort));
    put_next(s, 0, &col, WATCH_BAR, &ds);
    ds_put_cstr(&ds, look->chosen ? "only --where" : "");
    if (ds.length) {
        put_next(s, 0, &col, WATCH_BAR, &ds);
    }
    if (look->clock && col + 2 + strlen(look->clock) <= s->cols) {
        watch_screen_put(s, 0, s->cols - strlen(look->clock), WATCH_BAR,
                         look->clock);
    }
    ds_destroy(&ds);
}

/* Appends 'n' in an interval of 'ns' as a rate. */
static void
format_rate(struct ds *ds, const char *name, uint64_t n, uint64_t ns)
{
    if (ns) {
        double rate = n * (double) NS_PER_SECOND / ns;

        ds_put_format(ds, "%s %.*f/s", name, rate < 99.95 ? 1 : 0, rate);
    } else {
        ds_put_format(ds, "%s -/s", name);
    }
}

static void
draw_rates(struct watch_screen *s, size_t row, const struct watch_figures *f)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t col = 0;

    format_rate(&ds, "upcalls", f->upcalls.now, f->interval);
    put_next(s, row, &col, WATCH_STRONG, &ds);
    format_rate(&ds, "lost", f->lost.now, f->interval);
    put_next(s, row, &col, f->lost.now ? WATCH_BAD : WATCH_STRONG, &ds);
    if (f->missed.now) {
        format_rate(&ds, "missed", f->missed.now, f->interval);
        put_next(s, row, &col, WATCH_BAD, &ds);
    }
    if (f->dropped.now) {
        format_rate(&ds, "dropped", f->dropped.now, f->interval);
        put_next(s, row, &col, WATCH_BAD, &ds);
    }
    if (f->has_passes) {
        format_rate(&ds, "passes", f->passes.now, f->interval);
        put_next(s, row, &col, WATCH_STRONG, &ds);
        format_rate(&ds, "packet drops", f->pass_drops.now, f->interval);
        put_next(s, row, &col, WATCH_PLAIN, &ds);
    }
    ds_destroy(&ds);
}

/* Puts how many 'what' there were, as a loss if there were any and they are
 * 'bad'. */
static void
put_count(struct watch_screen *s, size_t row, size_t *col, uint64_t n,
          const char *what, bool bad)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    ds_put_format(&ds, "%"PRIu64" %s", n, what);
    put_next(s, row, col, bad && n ? WATCH_BAD : WATCH_PLAIN, &ds);
    ds_destroy(&ds);
}

static void
draw_totals(struct watch_screen *s, size_t row, const struct watch_figures *f)
{
    uint64_t seconds = f->since / NS_PER_SECOND;
    struct ds ds = DS_EMPTY_INITIALIZER;
    size_t col = 0;

    ds_put_format(&ds, "in %"PRIu64":%02"PRIu64":%02"PRIu64,
                  seconds / 3600, seconds / 60 % 60, seconds % 60);
    put_next(s, row, &col, WATCH_PLAIN, &ds);
    put_count(s, row, &col, f->upcalls.all, "upcalls", false);
    put_count(s, row, &col, f->lost.all, "lost", true);
    if (f->knows_dropped) {
        put_count(s, row, &col, f->dropped.all, "dropped", true);
    }
    put_count(s, row, &col, f->missed.all, "missed", true);
    if (f->has_passes) {
        put_count(s, row, &col, f->passes.all, "passes", false);
    }
    ds_destroy(&ds);
}

/* Puts what there is to say as long as there are no figures, and how to get
 * some. */
static void
draw_hint(struct watch_screen *s, size_t row)
{
    static const char *const lines[] = {
        "No trace is running.  To start one:",
        "ovs-upcall-trace start",
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        watch_screen_put(s, row + i, i ? 2 : 0,
                         i ? WATCH_STRONG : WATCH_PLAIN, lines[i]);
    }
}

static void
draw_keys(struct watch_screen *s)
{
    size_t row = s->rows - 1;

    watch_screen_fill(s, row, WATCH_WEAK);
    watch_screen_put(s, row, 0, WATCH_WEAK,
                     "q quit  h help  v view  s sort  p pause  r reset");
}

/* Tables. */

/* How many rows each table has on the screen, with its titles, 0 if it is not
 * there. */
struct share {
    size_t rows[WATCH_N_TABLES];
};

/* Gives each table of the overview a place among 'n_rows', with 'gap' empty
 * rows between any two. */
static struct share
share_rows(const struct watch_figures *f, size_t n_rows, size_t gap)
{
    struct share share = { .rows = { 0 } };
    size_t left = n_rows + gap;
    bool changed = true;

    for (int i = 0; i < WATCH_N_TABLES; i++) {
        size_t n = f->tables[i].n;
        size_t fair = i == WATCH_STAGE && gap ? n : MIN(n, FAIR_ROWS);

        if (n && left >= 2 + gap) {
            share.rows[i] = MIN(1 + fair, left - gap);
            left -= share.rows[i] + gap;
        }
    }
    while (left && changed) {
        changed = false;
        for (int i = 0; i < WATCH_N_TABLES && left; i++) {
            if (share.rows[i] && share.rows[i] < 1 + f->tables[i].n) {
                share.rows[i]++;
                left--;
                changed = true;
            }
        }
    }
    return share;
}

static void
draw_overview(struct watch_screen *s, size_t row, size_t n_rows,
              const struct watch_figures *f, const struct watch_look *look)
{
    size_t gap = s->rows >= SPACIOUS_ROWS;
    const struct share share = share_rows(f, n_rows, gap);

    for (int i = 0; i < WATCH_N_TABLES; i++) {
        if (share.rows[i]) {
            watch_table_draw(s, row, share.rows[i], i, f, look->sort, 0);
            row += share.rows[i] + gap;
        }
    }
}

/* Puts one table on the screen.  Scrolls no further than to its end. */
static void
draw_one(struct watch_screen *s, size_t row, size_t n_rows,
         const struct watch_figures *f, struct watch_look *look)
{
    int kind = look->view - WATCH_VIEW(0);
    size_t n = f->tables[kind].n;

    look->scroll = MIN(look->scroll, n - MIN(n, n_rows - 1));
    watch_table_draw(s, row, n_rows, kind, f, look->sort, look->scroll);
}

static void
draw_body(struct watch_screen *s, size_t row, size_t n_rows,
          const struct watch_figures *f, struct watch_look *look)
{
    if (look->help) {
        watch_help_draw(s, row, n_rows);
    } else if (f->state == WATCH_NO_TRACE) {
        draw_hint(s, row);
    } else if (look->view == WATCH_OVERVIEW) {
        draw_overview(s, row, n_rows, f, look);
    } else {
        draw_one(s, row, n_rows, f, look);
    }
}

/* Returns how many rows a screen needs to show all of 'f'. */
size_t
watch_screen_rows(const struct watch_figures *f)
{
    size_t n = 4;

    for (int i = 0; i < WATCH_N_TABLES; i++) {
        n += f->tables[i].n ? 2 + f->tables[i].n : 0;
    }
    return MAX(n, SPACIOUS_ROWS);
}

/* Makes 's' a screen with 'rows' and 'cols' that shows 'f' as 'look' says.
 * Corrects 'look' where it asks for what is not there. */
void
watch_screen_draw(struct watch_screen *s, size_t rows, size_t cols,
                  const struct watch_figures *f, struct watch_look *look)
{
    bool has_bar = rows >= 4;
    size_t row = has_bar;

    watch_screen_clear(s, rows, cols);
    if (!rows || !cols) {
        return;
    }
    if (has_bar) {
        draw_bar(s, f, look);
    }
    if (look->has_keys && rows >= 6) {
        draw_keys(s);
        rows--;
    }
    if (f->state != WATCH_NO_TRACE) {
        draw_rates(s, row++, f);
        if (rows >= 3) {
            draw_totals(s, row++, f);
        }
    }
    row += s->rows >= SPACIOUS_ROWS;
    if (row < rows) {
        draw_body(s, row, rows - row, f, look);
    }
}
