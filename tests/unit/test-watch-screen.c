/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/show/watch-*.c: what is on a screen, and what keys do. */

#include <config.h>
#include "show/watch-screen.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "show/watch-keys.h"
#include "store/watch-private.h"
#include "test-stats.h"
#include "util.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

static struct watch_figures figures;
static struct watch_screen screen;
static struct watch_look look;

static struct watch_row *
add_row(enum watch_table_kind kind, const char *name, uint64_t now,
        uint64_t all)
{
    struct watch_row *row = watch_table_add(&figures.tables[kind],
                                            xstrdup(name));

    row->count = (struct watch_count) { now, all };
    return row;
}

static struct watch_times
times(uint64_t p50)
{
    return (struct watch_times) {
        .n = 1, .p50 = p50, .p90 = 2 * p50, .p99 = 3 * p50, .p999 = 4 * p50,
        .max = 5 * p50,
    };
}

static void
setup(void)
{
    struct watch_row *row;

    watch_figures_init(&figures);
    watch_screen_init(&screen);
    look = (struct watch_look) {
        .sort = WATCH_SORT_RATE, .has_keys = true, .interval = "2 s",
        .clock = "12:03:04",
    };
    figures.state = WATCH_RUNNING;
    figures.interval = 2 * NS_PER_SECOND;
    figures.since = 3725 * NS_PER_SECOND;
    figures.upcalls = (struct watch_count) { 400, 90000 };
    figures.lost = (struct watch_count) { 3, 1204 };
    figures.knows_dropped = true;

    row = add_row(WATCH_STAGE, "queue", 400, 80000);
    row->times = times(100 * US);
    row->times_all = times(110 * US);
    row = add_row(WATCH_STAGE, "total", 0, 80000);
    row->times_all = times(500 * MS);
    row = add_row(WATCH_PORT, "tap3", 100, 60000);
    row->times = times(5 * MS);
    row = add_row(WATCH_PORT, "a-port-with-a-name-that-is-long", 300, 30000);
    row->lost = (struct watch_count) { 3, 1204 };
    row->times = times(2 * MS);
    row = add_row(WATCH_HANDLER, "handler9 (77)", 300, 60000);
    row->has_queue = true;
    row->queue_len = 12;
    row->queue_drops = (struct watch_count) { 0, 8 };
    row->cpu = 0.125;
    add_row(WATCH_HANDLER, "handler10 (78)", 100, 30000)->cpu = 0.5;
}

static void
teardown(void)
{
    watch_figures_uninit(&figures);
    watch_screen_uninit(&screen);
}

/* Draws a screen with 'rows' and 'cols' and fails unless it has the lines
 * 'expected', of which those at the end may be missing if they are empty. */
static void
check_screen(size_t rows, size_t cols, const char *expected)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    watch_screen_draw(&screen, rows, cols, &figures, &look);
    ck_assert_uint_eq(screen.rows, rows);
    ck_assert_uint_eq(screen.cols, cols);
    for (size_t row = 0; row < screen.n_used; row++) {
        ds_put_buffer(&ds, screen.text + row * cols, cols);
        while (ds_chomp(&ds, ' ')) {
            continue;
        }
        ds_put_char(&ds, '\n');
    }
    ck_assert_str_eq(ds_cstr(&ds), expected);
    ds_destroy(&ds);
}

#define BAR_80 "\
watch: running  every 2 s  by rate                                      \
12:03:04\n"
#define KEYS_80 "q quit  h help  v view  s sort  p pause  r reset\n"

START_TEST(test_overview)
{
    check_screen(24, 80, BAR_80 "\
upcalls 200/s  lost 1.5/s\n\
in 1:02:05  90000 upcalls  1204 lost  0 dropped  0 missed\n\
\n\
stage              p50     p90     p99     max   all p50 all p90 all p99 \
all max\n\
queue          100.0us 200.0us 300.0us 500.0us   110.0us 220.0us 330.0us \
550.0us\n\
total                -       -       -       -   500.0ms    1.0s    1.5s    \
2.5s\n\
\n\
port              upcalls/s    share  lost/s     p50     p99    upcalls     \
lost\n\
a-port-with-a-n+        150   75.0 %     1.5   2.0ms   6.0ms      30000     \
1204\n\
tap3                   50.0   25.0 %     0.0   5.0ms  15.0ms      60000 \
       0\n\
\n\
handler               upcalls/s    share    cpu  queue   drops wait p50 \
wait p99\n\
handler9 (77)               150   75.0 %   12 %     12       8        - \
       -\n\
handler10 (78)             50.0   25.0 %   50 %      -       -        - \
       -\n\
\n\n\n\n\n\n\n\n" KEYS_80);
}
END_TEST

START_TEST(test_small)
{
    check_screen(12, 40, "\
watch: running  every 2 s  by rate\n\
upcalls 200/s  lost 1.5/s\n\
in 1:02:05  90000 upcalls  1204 lost\n\
stage                p50     p99     max\n\
queue            100.0us 300.0us 500.0us\n\
total                  -       -       -\n\
port           upcalls/s  lost/s     p99\n\
a-port-with-+        150     1.5   6.0ms\n\
tap3                50.0     0.0  15.0ms\n\
handler 1/2     upcalls/s    cpu   drops\n\
handler9 (77)         150   12 %       8\n\
q quit  h help  v view  s sort  p pause\n");
    check_screen(5, 25, "\
watch: running  every 2 s\n\
upcalls 200/s  lost 1.5/s\n\
in 1:02:05  90000 upcalls\n\
stage 1/2            p50\n\
queue            100.0us\n");
    check_screen(3, 12, "\
upcalls 200/\n\
in 1:02:05\n");
    check_screen(1, 1, "u\n");
    check_screen(0, 0, "");
}
END_TEST

/* Whatever size it has, all on it is in place and can be printed. */
START_TEST(test_all_sizes)
{
    bool ok = true;

    for (look.view = 0; look.view < WATCH_N_VIEWS; look.view++) {
        for (size_t rows = 0; rows < 30; rows++) {
            for (size_t cols = 0; cols < 130; cols++) {
                look.help = (rows + cols) % 5 == 0;
                look.scroll = rows;
                watch_screen_draw(&screen, rows, cols, &figures, &look);
                for (size_t i = 0; i < rows * cols; i++) {
                    ok = (ok && screen.text[i] >= ' ' && screen.text[i] <= '~'
                          && screen.styles[i] < WATCH_N_STYLES);
                }
                ck_assert(ok);
            }
        }
    }
}
END_TEST

START_TEST(test_no_trace)
{
    figures.state = WATCH_NO_TRACE;
    check_screen(7, 80, "\
watch: no trace  every 2 s  by rate                                     \
12:03:04\n\
No trace is running.  To start one:\n\
  ovs-upcall-trace start\n\
\n\n\n" KEYS_80);
}
END_TEST

/* Returns the style of the first character of the first 'text'. */
static int
style_of(const char *text)
{
    size_t n = screen.rows * screen.cols;
    const char *at = memmem(screen.text, n, text, strlen(text));

    ck_assert_ptr_nonnull(at);
    return screen.styles[at - screen.text];
}

/* Losses can be seen, in words and by how they look. */
START_TEST(test_losses)
{
    struct watch_row *row;

    figures.missed = (struct watch_count) { 20, 60 };
    figures.dropped = (struct watch_count) { 0, 7 };
    figures.has_passes = true;
    figures.passes = (struct watch_count) { 2000, 3000 };
    row = add_row(WATCH_LOSS, "dropped: ring_full, upcalls", 0, 7);
    row->lost = row->count;
    row = add_row(WATCH_LOSS, "missed: too slow", 20, 60);
    row->lost = row->count;
    look.view = WATCH_VIEW(WATCH_LOSS);
    look.paused = true;
    look.chosen = true;
    look.clock = NULL;
    check_screen(9, 80, "\
watch: PAUSED, running  every 2 s  by rate  only --where\n\
upcalls 200/s  lost 1.5/s  missed 10.0/s  passes 1000/s  packet drops 0.0/s\n\
in 1:02:05  90000 upcalls  1204 lost  7 dropped  60 missed  3000 passes\n\
loss                                                           per s         \
all\n\
missed: too slow                                                10.0          \
60\n\
dropped: ring_full, upcalls                                      0.0 \
          7\n\
\n\n" KEYS_80);
    ck_assert_int_eq(style_of("lost 1.5/s"), WATCH_BAD);
    ck_assert_int_eq(style_of("missed 10.0/s"), WATCH_BAD);
    ck_assert_int_eq(style_of("passes 1000/s"), WATCH_STRONG);
    ck_assert_int_eq(style_of("60 missed"), WATCH_BAD);
    ck_assert_int_eq(style_of("3000 passes"), WATCH_PLAIN);
    ck_assert_int_eq(style_of("watch"), WATCH_BAR);

    /* What is not known is not said to be nothing. */
    figures.knows_dropped = false;
    figures.interval = 0;
    figures.missed = (struct watch_count) { 0, 0 };
    watch_screen_draw(&screen, 9, 80, &figures, &look);
    ck_assert_int_eq(style_of("upcalls -/s  lost -/s  passes -/s"),
                     WATCH_STRONG);
    ck_assert_ptr_null(memmem(screen.text, 9 * 80, "dropped  ", 9));
    ck_assert_int_eq(style_of("0 missed"), WATCH_PLAIN);
}
END_TEST

/* Returns the names of the rows of 'kind' when they are sorted by 'sort', each
 * up to its first space. */
static char *
sorted(enum watch_table_kind kind, enum watch_sort sort)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    watch_screen_clear(&screen, 10, 80);
    watch_table_draw(&screen, 0, 10, kind, &figures, sort, 0);
    for (size_t row = 1; row < screen.n_used; row++) {
        const char *text = screen.text + row * 80;

        ds_put_format(&ds, "%.*s ", (int) strcspn(text, " +"), text);
    }
    return ds_steal_cstr(&ds);
}

static void
check_sorted(enum watch_table_kind kind, enum watch_sort sort,
             const char *expected)
{
    char *names = sorted(kind, sort);

    ck_assert_str_eq(names, expected);
    free(names);
}

START_TEST(test_sort)
{
    add_row(WATCH_PORT, "b", 200, 70000);
    check_sorted(WATCH_PORT, WATCH_SORT_RATE, "a-port-with-a-n b tap3 ");
    check_sorted(WATCH_PORT, WATCH_SORT_LOST, "a-port-with-a-n b tap3 ");
    check_sorted(WATCH_PORT, WATCH_SORT_P99, "tap3 a-port-with-a-n b ");
    check_sorted(WATCH_PORT, WATCH_SORT_TOTAL, "b tap3 a-port-with-a-n ");
    check_sorted(WATCH_PORT, WATCH_SORT_NAME, "a-port-with-a-n b tap3 ");
    check_sorted(WATCH_HANDLER, WATCH_SORT_RATE, "handler9 handler10 ");
    check_sorted(WATCH_HANDLER, WATCH_SORT_CPU, "handler10 handler9 ");
    check_sorted(WATCH_HANDLER, WATCH_SORT_LOST, "handler9 handler10 ");
    check_sorted(WATCH_HANDLER, WATCH_SORT_NAME, "handler10 handler9 ");
    /* Stages have their own order. */
    check_sorted(WATCH_STAGE, WATCH_SORT_P99, "queue total ");

    /* It can be seen which column it is. */
    free(sorted(WATCH_PORT, WATCH_SORT_P99));
    ck_assert_int_eq(style_of("p99"), WATCH_HEAD_SORTED);
    ck_assert_int_eq(style_of("upcalls/s"), WATCH_HEAD);
}
END_TEST

START_TEST(test_scroll)
{
    for (int i = 0; i < 20; i++) {
        char name[] = { 'a' + i, '\0' };

        add_row(WATCH_CLASS, name, 20 - i, 100);
    }
    look.view = WATCH_VIEW(WATCH_CLASS);
    look.scroll = 3;
    watch_screen_draw(&screen, 8, 40, &figures, &look);
    ck_assert_mem_eq(screen.text + 3 * 40, "class 3/20 ", 11);
    ck_assert_mem_eq(screen.text + 4 * 40, "d ", 2);
    ck_assert_mem_eq(screen.text + 6 * 40, "f ", 2);
    /* No further than to the end. */
    look.scroll = 1000;
    watch_screen_draw(&screen, 8, 40, &figures, &look);
    ck_assert_mem_eq(screen.text + 6 * 40, "t ", 2);
    ck_assert_uint_eq(look.scroll, 17);
}
END_TEST

/* Presses the keys that send 'bytes'.  Returns what is to be done after the
 * last one. */
static enum watch_action
press(const char *bytes)
{
    enum watch_action action = WATCH_DO_NOTHING;
    struct watch_keys keys = { .state = 0 };

    for (; *bytes; bytes++) {
        int key = watch_keys_put(&keys, *bytes);

        if (key != WATCH_KEY_NONE) {
            action = watch_look_press(&look, key, 10);
        }
    }
    return action;
}

START_TEST(test_keys)
{
    ck_assert_int_eq(press("q"), WATCH_DO_QUIT);
    ck_assert_int_eq(press("r"), WATCH_DO_RESET);
    ck_assert_int_eq(press("\f"), WATCH_DO_REDRAW);
    ck_assert_int_eq(press("x"), WATCH_DO_NOTHING);
    ck_assert_int_eq(press("p"), WATCH_DO_DRAW);
    ck_assert(look.paused);
    press(" ");
    ck_assert(!look.paused);

    press("vv");
    ck_assert_int_eq(look.view, 2);
    press("\t");
    ck_assert_int_eq(look.view, 3);
    press("V\033[Z");
    ck_assert_int_eq(look.view, 1);
    press("VV");
    ck_assert_int_eq(look.view, WATCH_N_VIEWS - 1);
    press("s");
    ck_assert_int_eq(look.sort, WATCH_SORT_RATE + 1);
    press("SS");
    ck_assert_int_eq(look.sort, WATCH_N_SORTS - 1);
    press(">><");
    ck_assert_int_eq(look.sort, WATCH_SORT_RATE);

    /* Any key leaves the help, and does nothing else. */
    press("h");
    ck_assert(look.help);
    ck_assert_int_eq(press("q"), WATCH_DO_DRAW);
    ck_assert(!look.help);
    press("?");
    ck_assert(look.help);
}
END_TEST

START_TEST(test_escape_sequences)
{
    press("\033[B\033OB\033[1;5B");
    ck_assert_uint_eq(look.scroll, 3);
    press("\033[6~");
    ck_assert_uint_eq(look.scroll, 13);
    press("\033[A\033OA");
    ck_assert_uint_eq(look.scroll, 11);
    press("\033[5~\033[5~");
    ck_assert_uint_eq(look.scroll, 0);
    press("\033[6~\033[1~");
    ck_assert_uint_eq(look.scroll, 0);
    press("\033[6~\033[H");
    ck_assert_uint_eq(look.scroll, 0);

    /* Those of other keys are no keys, and ESC alone is none. */
    ck_assert_int_eq(press("\033[15~\033[<0;1;2M\033OP\033\033[1"),
                     WATCH_DO_NOTHING);
    ck_assert_int_eq(press("\033[99999999999999999999~"), WATCH_DO_NOTHING);
    ck_assert_int_eq(press("\033[\001q"), WATCH_DO_QUIT);
    ck_assert_int_eq(press("\033q"), WATCH_DO_QUIT);
}
END_TEST

/* Returns the tests of screens. */
TCase *
watch_screen_tcase(void)
{
    TCase *tcase = tcase_create("watch-screen");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_overview);
    tcase_add_test(tcase, test_small);
    tcase_add_test(tcase, test_all_sizes);
    tcase_add_test(tcase, test_no_trace);
    tcase_add_test(tcase, test_losses);
    tcase_add_test(tcase, test_sort);
    tcase_add_test(tcase, test_scroll);
    tcase_add_test(tcase, test_keys);
    tcase_add_test(tcase, test_escape_sequences);
    return tcase;
}
