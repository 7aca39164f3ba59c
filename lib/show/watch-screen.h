/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_WATCH_SCREEN_H
#define LIB_WATCH_SCREEN_H 1

/* What the command watch shows, as a screen of any size: characters and how
 * each looks.  Nothing here knows of terminals. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/watch.h"

/* How characters look. */
enum watch_style {
    WATCH_PLAIN,
    WATCH_BAR,                  /* The first line. */
    WATCH_HEAD,                 /* Titles of columns, */
    WATCH_HEAD_SORTED,          /* and that by which rows are sorted. */
    WATCH_STRONG,
    WATCH_BAD,                  /* Losses. */
    WATCH_WEAK,                 /* The last line. */
    WATCH_N_STYLES
};

/* A screen.  All characters are printable ASCII. */
struct watch_screen {
    size_t rows, cols;
    char *text;                 /* 'cols' characters of each row. */
    uint8_t *styles;            /* enum watch_style of each of these. */
    size_t n_used;              /* Rows up to the last one that is not
                                 * empty. */
};

/* Views: one of all tables, and one of each. */
#define WATCH_OVERVIEW 0
#define WATCH_VIEW(KIND) (1 + (KIND))
#define WATCH_N_VIEWS (1 + WATCH_N_TABLES)

/* What of the figures is shown, and what with them. */
struct watch_look {
    int view;
    enum watch_sort sort;
    size_t scroll;              /* Rows of the table that are above the
                                 * screen, unless it is the overview. */
    bool paused;
    bool help;                  /* Are the keys explained instead? */
    bool has_keys;              /* Can keys be pressed at all? */
    const char *interval;       /* How often it is refreshed: "2 s". */
    const char *clock;          /* What time it is, or NULL. */
    bool chosen;                /* Are only some upcalls counted? */
};

void watch_screen_init(struct watch_screen *);
void watch_screen_uninit(struct watch_screen *);
void watch_screen_clear(struct watch_screen *, size_t rows, size_t cols);
size_t watch_screen_put(struct watch_screen *, size_t row, size_t col,
                        enum watch_style, const char *);
void watch_screen_fill(struct watch_screen *, size_t row, enum watch_style);

void watch_screen_draw(struct watch_screen *, size_t rows, size_t cols,
                       const struct watch_figures *, struct watch_look *);
size_t watch_screen_rows(const struct watch_figures *);

/* Tables: watch-table.c. */
bool watch_table_is_sorted(enum watch_table_kind);
void watch_table_draw(struct watch_screen *, size_t row, size_t n_rows,
                      enum watch_table_kind, const struct watch_figures *,
                      enum watch_sort, size_t scroll);

/* What keys do, for the help: watch-help.c. */
void watch_help_draw(struct watch_screen *, size_t row, size_t n_rows);

#endif /* lib/show/watch-screen.h */
