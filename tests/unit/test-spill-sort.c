/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file/spill.c, spill-sort.c and components.c: with little memory
 * the same comes out as with much. */

#include <config.h>

#include "file/spill-sort.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "file/components.h"
#include "file/spill.h"
#include "openvswitch/util.h"
#include "random.h"
#include "util.h"

TCase *spill_sort_tcase(void);

/* Bytes: from less than an entry to all. */
static const size_t memories[] = { 1, 100, 5000, 40000, 1 << 20 };

static char dir[32];

static void
setup(void)
{
    ovs_strlcpy(dir, "/tmp/test-spill-XXXXXX", sizeof dir);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    setenv("TMPDIR", dir, 1);
    random_set_seed(16);
}

static void
teardown(void)
{
    /* Fails if anything is left there. */
    ck_assert_int_eq(rmdir(dir), 0);
}

/* Returns how many files have names in 'dir'. */
static int
count_files(void)
{
    DIR *d = opendir(dir);
    int n = -2;                 /* "." and "..". */

    while (readdir(d)) {
        n++;
    }
    closedir(d);
    return n;
}

START_TEST(test_spill)
{
    static const size_t sizes[] = { 0, 1, 100, 65535, 65536, 65537, 200000 };
    uint8_t *data = xmalloc(200000);
    uint8_t *found = xmalloc(200000);
    uint64_t offsets[100];
    struct spill *s;

    for (size_t i = 0; i < 200000; i++) {
        data[i] = random_uint32();
    }
    ck_assert_int_eq(spill_create(&s), 0);
    for (int i = 0; i < 100; i++) {
        size_t n = sizes[i % ARRAY_SIZE(sizes)];

        ck_assert_int_eq(spill_append(s, data, n, &offsets[i]), 0);
        ck_assert_int_eq(count_files(), 0);
        for (int j = 0; j < 2; j++) {
            int k = random_range(i + 1);

            n = sizes[k % ARRAY_SIZE(sizes)];
            ck_assert_int_eq(spill_read(s, offsets[k], found, n), 0);
            ck_assert_int_eq(memcmp(found, data, n), 0);
        }
    }
    ck_assert_int_eq(spill_read(s, spill_size(s) - 1, found, 2), EIO);
    spill_destroy(s);
    free(data);
    free(found);
}
END_TEST

/* Entries. */

struct entry {
    uint64_t key;
    uint64_t other[3];
};

static int
compare(const void *a_, const void *b_)
{
    const struct entry *a = a_;
    const struct entry *b = b_;

    return a->key < b->key ? -1 : a->key > b->key;
}

/* Sorts 'n' random entries in 'memory' bytes. */
static void
check_sort(size_t n, size_t memory)
{
    struct spill_sort *s = spill_sort_create(sizeof(struct entry), compare,
                                             memory);
    struct entry *expected = xcalloc(n + 1, sizeof *expected);
    struct entry e;

    for (size_t i = 0; i < n; i++) {
        expected[i].key = random_uint64() % (2 * n);
        expected[i].other[2] = expected[i].key * 3;
        spill_sort_add(s, &expected[i]);
    }
    qsort(expected, n, sizeof *expected, compare);
    spill_sort_finish(s);
    for (size_t i = 0; i < n; i++) {
        ck_assert(spill_sort_next(s, &e));
        ck_assert_uint_eq(e.key, expected[i].key);
        ck_assert_uint_eq(e.other[2], e.key * 3);
    }
    ck_assert(!spill_sort_next(s, &e));
    ck_assert(!spill_sort_next(s, &e));
    ck_assert_int_eq(spill_sort_destroy(s), 0);
    free(expected);
}

START_TEST(test_sort)
{
    static const size_t counts[] = { 0, 1, 2, 3, 100, 1000, 5000 };

    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        check_sort(counts[i], memories[_i]);
    }
    ck_assert_int_eq(count_files(), 0);
}
END_TEST

/* Has no file have more than 'max' bytes from now on. */
static void
limit_files(uint64_t max)
{
    const struct rlimit limit = { .rlim_cur = max, .rlim_max = max };

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(test_no_room)
{
    struct spill_sort *s = spill_sort_create(sizeof(struct entry), compare,
                                             1000);
    struct components *c = components_create(1000);
    struct entry e = { .key = 1 };

    limit_files(100000);
    for (size_t i = 0; i < 10000; i++) {
        spill_sort_add(s, &e);
        components_add(c, i, i + 1);
    }
    spill_sort_finish(s);
    ck_assert(!spill_sort_next(s, &e));
    ck_assert_int_eq(spill_sort_error(s), EFBIG);
    ck_assert_int_eq(spill_sort_destroy(s), EFBIG);
    components_finish(c);
    ck_assert(!components_next(c, &e.key, &e.key));
    ck_assert_int_eq(components_error(c), EFBIG);
    ck_assert_int_eq(components_destroy(c), EFBIG);

    /* Nor is there a directory. */
    setenv("TMPDIR", "/nonexistent", 1);
    ck_assert_str_eq(spill_directory(), "/nonexistent");
    s = spill_sort_create(sizeof(struct entry), compare, 1000);
    for (size_t i = 0; i < 10000; i++) {
        spill_sort_add(s, &e);
    }
    spill_sort_finish(s);
    ck_assert_int_eq(spill_sort_destroy(s), ENOENT);
    setenv("TMPDIR", dir, 1);
}
END_TEST

/* Components. */

#define NODES_MAX 20000

/* A graph whose nodes are numbers of an array. */
struct graph {
    size_t n_nodes;
    uint64_t ids[NODES_MAX];    /* What each is called. */
    uint32_t least[NODES_MAX];  /* What belongs to it, as one of it. */
    struct components *c;
};

static uint32_t
find(struct graph *g, uint32_t i)
{
    while (g->least[i] != i) {
        i = g->least[i] = g->least[g->least[i]];
    }
    return i;
}

static void
add_edge(struct graph *g, uint32_t i, uint32_t j)
{
    components_add(g->c, g->ids[i], g->ids[j]);
    i = find(g, i);
    j = find(g, j);
    if (g->ids[i] < g->ids[j]) {
        g->least[j] = i;
    } else {
        g->least[i] = j;
    }
}

static struct graph *
create_graph(size_t n, size_t memory)
{
    struct graph *g = xmalloc(sizeof *g);

    g->n_nodes = n;
    g->c = components_create(memory);
    for (size_t i = 0; i < n; i++) {
        g->ids[i] = random_uint64() >> random_range(8) << 16 | i;
        g->least[i] = i;
    }
    return g;
}

/* Fails unless what is found is what is there. */
static void
check_graph(struct graph *g)
{
    uint64_t node, root, last = 0;
    size_t n_found = 0, n = 0;

    for (size_t i = 0; i < g->n_nodes; i++) {
        n += find(g, i) != i;
    }
    components_finish(g->c);
    while (components_next(g->c, &node, &root)) {
        uint32_t i = node & UINT16_MAX;

        ck_assert(!n_found || node > last);
        ck_assert_uint_eq(g->ids[i], node);
        ck_assert_uint_eq(g->ids[find(g, i)], root);
        ck_assert_uint_ne(node, root);
        last = node;
        n_found++;
    }
    ck_assert_uint_eq(n_found, n);
    ck_assert_int_eq(components_destroy(g->c), 0);
    free(g);
}

/* Small ones, most of whose edges come near each other. */
START_TEST(test_clusters)
{
    size_t n = 3000;
    struct graph *g = create_graph(n, memories[_i]);

    for (size_t i = 0; i < 2 * n; i++) {
        size_t node = random_range(20) ? i / 2 : random_range(n);

        add_edge(g, node, MIN(n - 1, node / 6 * 6 + random_range(6)));
        if (!random_range(300)) {
            add_edge(g, random_range(n), random_range(n));
        }
    }
    check_graph(g);
}
END_TEST

/* A long chain, whose edges come in any order: the worst there is. */
START_TEST(test_chain)
{
    size_t n = _i ? 3000 : 200;
    struct graph *g = create_graph(n, memories[_i]);
    uint32_t *order = xcalloc(n, sizeof *order);

    for (size_t i = 0; i < n; i++) {
        order[i] = i;
    }
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = random_range(i + 1);
        uint32_t k = order[i];

        order[i] = order[j];
        order[j] = k;
    }
    for (size_t i = 0; i < n; i++) {
        if (order[i] != n / 2) {        /* Two of them. */
            add_edge(g, order[i], (order[i] + 1) % n);
        }
    }
    free(order);
    check_graph(g);
}
END_TEST

/* All belongs together, by one of them. */
START_TEST(test_star)
{
    struct graph *g = create_graph(2000, memories[_i]);

    for (size_t i = 0; i < 2000; i++) {
        add_edge(g, i, 1000);
        add_edge(g, i, i);
    }
    check_graph(g);
}
END_TEST

START_TEST(test_random)
{
    for (int i = 0; i < 20; i++) {
        size_t n = 1 + random_range(400);
        struct graph *g = create_graph(n, memories[_i]);

        for (size_t j = random_range(2 * n); j > 0; j--) {
            add_edge(g, random_range(n), random_range(n));
        }
        check_graph(g);
    }
}
END_TEST

/* Returns the tests of this file. */
TCase *
spill_sort_tcase(void)
{
    TCase *tc = tcase_create("spill-sort");
    int n = ARRAY_SIZE(memories);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_spill);
    tcase_add_loop_test(tc, test_sort, 0, n);
    tcase_add_test(tc, test_no_room);
    tcase_add_loop_test(tc, test_clusters, 0, n);
    tcase_add_loop_test(tc, test_chain, 0, n);
    tcase_add_loop_test(tc, test_star, 0, n);
    tcase_add_loop_test(tc, test_random, 0, n);
    return tc;
}
