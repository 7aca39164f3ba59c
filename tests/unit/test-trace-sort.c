/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/trace-sort.c and sort-tree.c: what comes out is what a
 * model says, which compares everything with everything. */

#include <config.h>

#include "file/trace-sort.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bpf/pass-record.h"
#include "file/record-links.h"
#include "file/trace-reader.h"
#include "openvswitch/util.h"
#include "random.h"
#include "util.h"

TCase *trace_sort_tcase(void);

#define LINES_MAX 400

/* A line, and what the model says about it. */
struct line {
    struct record_links links;
    bool is_other, chosen;
    char text[40];
    int before;                 /* If it is other: the record before, or
                                 * -1. */
    uint64_t ts;
    int packet;                 /* The least line of it, */
    int first;                  /* the earliest, */
    size_t size;                /* and how many it has. */
    bool wanted;                /* Is its packet? */
    int parent;                 /* What it is beneath, or -1. */
};

struct model {
    struct line lines[LINES_MAX];
    int n;
    int order[LINES_MAX];       /* Of lines. */
    uint32_t depth[LINES_MAX];  /* Of each in 'order'. */
    int n_ordered;
    uint64_t n_packets;
};

static struct model *m;

/* Traces. */

/* Returns a number that others are likely to have, too. */
static uint64_t
make_id(uint64_t range)
{
    return (1 + random_range(range)) | (random_range(2) ? PASS_RECORD : 0);
}

static void
make_record(struct line *l, uint64_t range, uint64_t ts_range)
{
    l->links.self = make_id(range);
    l->links.ts = random_range(ts_range);
    l->links.n_above = random_range(3);
    l->links.n = MIN(l->links.n_above + random_range(2), RECORD_LINKS_MAX);
    for (int i = 0; i < l->links.n; i++) {
        l->links.links[i] = (random_range(20) ? make_id(range)
                             : l->links.self);
    }
    l->chosen = !random_range(10);
}

/* Makes a trace of 'n' lines, with links to each other or to what is
 * missing. */
static void
make_trace(int n)
{
    uint64_t range = 1 + random_range(4 * n + 1);
    uint64_t ts_range = 1 + random_range(3 * n + 1);
    int before = -1;

    memset(m, 0, sizeof *m);
    m->n = n;
    for (int i = 0; i < n; i++) {
        struct line *l = &m->lines[i];

        snprintf(l->text, sizeof l->text, "{\"line\":%d%*s}", i,
                 (int) random_range(10), "");
        l->is_other = !random_range(20);
        if (!l->is_other) {
            make_record(l, range, ts_range);
            before = i;
        }
        l->before = before;
        l->ts = l->links.ts;
    }
}

/* The model. */

/* Returns true if 'a' has a number, or refers to one, that 'b' has or refers
 * to. */
static bool
are_linked(const struct record_links *a, const struct record_links *b)
{
    for (int i = -1; i < a->n; i++) {
        uint64_t x = i < 0 ? a->self : a->links[i];

        for (int j = -1; j < b->n; j++) {
            if (x == (j < 0 ? b->self : b->links[j])) {
                return true;
            }
        }
    }
    return false;
}

/* Finds the packets. */
static void
find_packets(void)
{
    bool changed = true;

    for (int i = 0; i < m->n; i++) {
        m->lines[i].packet = i;
    }
    while (changed) {
        changed = false;
        for (int i = 0; i < m->n; i++) {
            for (int j = 0; j < m->n; j++) {
                struct line *a = &m->lines[i];
                struct line *b = &m->lines[j];

                if (a->packet < b->packet && !a->is_other && !b->is_other
                    && are_linked(&a->links, &b->links)) {
                    b->packet = a->packet;
                    changed = true;
                }
            }
        }
    }
}

static bool
is_before(int i, int j)
{
    const struct line *a = &m->lines[i];
    const struct line *b = &m->lines[j];

    return a->ts != b->ts ? a->ts < b->ts : i < j;
}

/* Finds what there is to know of each packet. */
static void
describe_packets(bool choose)
{
    for (int i = 0; i < m->n; i++) {
        struct line *l = &m->lines[i];

        l->first = i;
        l->wanted = !choose;
        for (int j = 0; j < m->n; j++) {
            if (m->lines[j].packet == l->packet) {
                l->size++;
                l->first = is_before(j, l->first) ? j : l->first;
                l->wanted = l->wanted || m->lines[j].chosen;
            }
        }
        m->n_packets += !l->is_other && l->wanted && l->first == i;
    }
}

/* Returns the earliest record of 'packet' with the number 'self', -1 if there
 * is none. */
static int
find_record(int packet, uint64_t self)
{
    int found = -1;

    for (int i = 0; i < m->n; i++) {
        if (m->lines[i].packet == packet && m->lines[i].links.self == self
            && !m->lines[i].is_other && (found < 0 || is_before(i, found))) {
            found = i;
        }
    }
    return found;
}

/* Has none of those that are beneath 'i', which is, be beneath itself. */
static void
cut_circle(int i)
{
    int j = i;

    for (int n = 0; n <= m->n && j >= 0; n++) {
        j = m->lines[j].parent;
    }
    if (j >= 0) {               /* In a circle by now. */
        int first = j;

        for (int k = m->lines[j].parent; k != j; k = m->lines[k].parent) {
            first = is_before(k, first) ? k : first;
        }
        m->lines[first].parent = -1;
    }
}

static void
find_parents(size_t packet_max)
{
    for (int i = 0; i < m->n; i++) {
        struct line *l = &m->lines[i];

        l->parent = -1;
        for (int j = 0; j < l->links.n_above && l->parent < 0; j++) {
            l->parent = (l->size <= packet_max
                         ? find_record(l->packet, l->links.links[j]) : -1);
        }
    }
    for (int i = 0; i < m->n; i++) {
        cut_circle(i);
    }
}

/* Adds those of 'packet' that are beneath 'parent', and what is beneath
 * these. */
static void
put_children(int packet, int parent, uint32_t depth)
{
    int last = -1;

    for (;;) {
        int next = -1;

        for (int i = 0; i < m->n; i++) {
            if (m->lines[i].packet == packet && m->lines[i].parent == parent
                && (last < 0 || is_before(last, i))
                && (next < 0 || is_before(i, next))) {
                next = i;
            }
        }
        if (next < 0) {
            return;
        }
        m->depth[m->n_ordered] = depth;
        m->order[m->n_ordered++] = next;
        put_children(packet, next, depth + 1);
        last = next;
    }
}

/* Adds the others that come behind 'packet', -1 for those before all. */
static void
put_others(int packet)
{
    for (int i = 0; i < m->n; i++) {
        const struct line *l = &m->lines[i];

        if (l->is_other && (l->before < 0 ? -1 : m->lines[l->before].packet)
            == packet) {
            m->depth[m->n_ordered] = 0;
            m->order[m->n_ordered++] = i;
        }
    }
}

/* Finds the order of all. */
static void
find_order(bool choose, uint64_t last, size_t packet_max)
{
    uint64_t skip, n = 0;
    int previous = -1;

    find_packets();
    describe_packets(choose);
    find_parents(packet_max);
    skip = m->n_packets - MIN(last, m->n_packets);
    if (!skip) {
        put_others(-1);
    }
    for (;;) {
        int next = -1;

        for (int i = 0; i < m->n; i++) {
            if (!m->lines[i].is_other && m->lines[i].first == i
                && (previous < 0 || is_before(previous, i))
                && (next < 0 || is_before(i, next))) {
                next = i;
            }
        }
        if (next < 0) {
            return;
        }
        n += m->lines[next].wanted;
        if (n > skip || !skip) {
            if (m->lines[next].wanted) {
                put_children(m->lines[next].packet, -1, 0);
            }
            put_others(m->lines[next].packet);
        }
        previous = next;
    }
}

/* What is tested. */

static FILE *stream;            /* With the lines, or NULL. */

static struct trace_sort *
put_all(const struct trace_sort_options *options)
{
    struct trace_sort *s = trace_sort_create(options);
    uint64_t offset = 0;

    if (stream) {
        trace_sort_set_file(s, fileno(stream), 5);
    }
    for (int i = 0; i < m->n; i++) {
        const struct line *l = &m->lines[i];
        struct trace_item item = {
            .kind = l->is_other ? TRACE_GAP : TRACE_RECORD,
            .offset = offset,
            .text = l->text,
            .text_len = strlen(l->text),
            .links = l->is_other ? NULL : &l->links,
        };

        offset += item.text_len + 1;
        ck_assert(trace_sort_put(s, &item, i, l->chosen));
    }
    return s;
}

static void
check_trace(const struct trace_sort_options *options)
{
    struct trace_sort *s = put_all(options);
    struct trace_sort_line line;

    find_order(options->choose, options->last,
               trace_sort_packet_max(options->memory));
    ck_assert(trace_sort_finish(s));
    ck_assert_uint_eq(trace_sort_n_packets(s), m->n_packets);
    for (int i = 0; i < m->n_ordered; i++) {
        const struct line *l = &m->lines[m->order[i]];

        ck_assert(trace_sort_next(s, &line));
        ck_assert_uint_eq(line.number, m->order[i]);
        ck_assert_uint_eq(line.len, strlen(l->text));
        ck_assert_int_eq(memcmp(line.text, l->text, line.len), 0);
        ck_assert_int_eq(line.is_record, !l->is_other);
        ck_assert_uint_eq(line.depth, m->depth[i]);
        ck_assert_int_eq(line.begins, !l->is_other
                         && (!i || m->lines[m->order[i - 1]].packet
                             != l->packet));
    }
    ck_assert(!trace_sort_next(s, &line));
    ck_assert_ptr_null(trace_sort_destroy(s));
}

static const size_t memories[] = { 1, 2000, 20000, 100000, 32 << 20 };

START_TEST(test_model)
{
    for (int i = 0; i < 60; i++) {
        struct trace_sort_options options = {
            .memory = memories[_i],
            .last = random_range(3) ? UINT64_MAX : random_range(20),
            .choose = !random_range(3),
        };

        make_trace(random_range(i % 10 ? 40 : LINES_MAX));
        check_trace(&options);
    }
}
END_TEST

/* Writes the lines of the model to 'stream', behind 5 bytes. */
static void
write_stream(void)
{
    stream = tmpfile();
    fputs("12345", stream);
    for (int i = 0; i < m->n; i++) {
        fprintf(stream, "%s\n", m->lines[i].text);
    }
    fflush(stream);
}

/* Lines that are read again from where they came from. */
START_TEST(test_file)
{
    const struct trace_sort_options options = {
        .memory = 5000, .last = UINT64_MAX,
    };

    setenv("TMPDIR", "/nonexistent", 1);        /* Nothing is put there. */
    for (int i = 0; i < 20; i++) {
        make_trace(random_range(15));
        write_stream();
        check_trace(&options);
        fclose(stream);
    }
}
END_TEST

/* The file is not any more what it was. */
START_TEST(test_changed)
{
    const struct trace_sort_options options = {
        .memory = 1 << 20, .last = UINT64_MAX,
    };
    struct trace_sort_line line;
    struct trace_sort *s;
    char *error;

    make_trace(100);
    write_stream();
    s = put_all(&options);
    if (_i) {
        ck_assert_int_eq(ftruncate(fileno(stream), 20), 0);
    } else {
        rewind(stream);
        fputs(m->lines[0].text, stream);
        fflush(stream);
    }
    ck_assert(trace_sort_finish(s));
    while (trace_sort_next(s, &line)) {
        continue;
    }
    error = trace_sort_destroy(s);
    ck_assert_str_eq(error, "a file was changed while it was sorted: sort a "
                     "copy");
    free(error);
    fclose(stream);
}
END_TEST

/* More files than are kept open. */
START_TEST(test_many_files)
{
    const struct trace_sort_options options = {
        .memory = 1 << 20, .last = UINT64_MAX,
    };
    struct trace_sort *s = trace_sort_create(&options);
    struct trace_sort_line line;
    FILE *files[100];

    for (int i = 0; i < 100; i++) {
        struct record_links links = { .self = i, .ts = i };
        char text[20];
        struct trace_item item = { .text = text, .links = &links };

        item.text_len = snprintf(text, sizeof text, "{\"file\":%d}", i);
        files[i] = tmpfile();
        fputs(text, files[i]);
        fflush(files[i]);
        trace_sort_set_file(s, fileno(files[i]), 0);
        fclose(files[i]);
        ck_assert(trace_sort_put(s, &item, i, false));
    }
    ck_assert(trace_sort_finish(s));
    for (int i = 0; i < 100; i++) {
        char text[20];

        ck_assert(trace_sort_next(s, &line));
        snprintf(text, sizeof text, "{\"file\":%d}", i);
        ck_assert_uint_eq(line.len, strlen(text));
        ck_assert_int_eq(memcmp(line.text, text, line.len), 0);
    }
    ck_assert_ptr_null(trace_sort_destroy(s));
}
END_TEST

/* There is no room for temporary files, of lines or of what is sorted. */
START_TEST(test_no_room)
{
    const struct rlimit limit = { .rlim_cur = 50000, .rlim_max = 50000 };
    const struct trace_sort_options options = {
        .memory = _i ? 1 << 20 : 1000, .last = UINT64_MAX,
    };
    struct trace_sort *s = trace_sort_create(&options);
    struct trace_sort_line line;
    char text[100] = "";
    int n = 0;
    char *error;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 1000; i++) {
        struct record_links links = { .self = i, .ts = i };
        struct trace_item item = {
            .text = text, .text_len = _i ? sizeof text - 1 : 5,
            .links = &links,
        };

        n += trace_sort_put(s, &item, i, false);
    }
    ck_assert_int_lt(n, 1000);
    ck_assert(!trace_sort_finish(s));
    ck_assert(!trace_sort_next(s, &line));
    error = trace_sort_destroy(s);
    ck_assert_ptr_nonnull(error);
    ck_assert_msg(!strncmp(error, "no room for temporary files in /tmp (", 37),
                  "%s", error);
    free(error);
}
END_TEST

static void
setup(void)
{
    unsetenv("TMPDIR");
    random_set_seed(7);
    stream = NULL;
    m = xmalloc(sizeof *m);
}

static void
teardown(void)
{
    free(m);
}

/* Returns the tests of this file. */
TCase *
trace_sort_tcase(void)
{
    TCase *tc = tcase_create("trace-sort");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, test_model, 0, ARRAY_SIZE(memories));
    tcase_add_test(tc, test_file);
    tcase_add_loop_test(tc, test_changed, 0, 2);
    tcase_add_test(tc, test_many_files);
    tcase_add_loop_test(tc, test_no_room, 0, 2);
    return tc;
}
