/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/store/port-map.c. */

#include <config.h>
#include "store/port-map.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "odp-util.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/hmap.h"
#include "random.h"
#include "store/name-log.h"
#include "util.h"

Suite *port_map_suite(void);

/* Datapaths. */
#define DP1 7
#define DP2 8

/* Fails unless number 'port_no' of 'dp_ifindex' was 'name' at 'ts'. */
static void
check_name(const struct port_map *map, uint32_t dp_ifindex, uint32_t port_no,
           uint64_t ts, const char *name)
{
    ck_assert_pstr_eq(port_map_lookup(map, dp_ifindex, port_no, ts), name);
}

/* Appends "DP/NUMBER=NAME " to 'ds_'. */
static void
found_cb(uint32_t dp_ifindex, uint32_t port_no, const char *name, void *ds_)
{
    ds_put_format(ds_, "%"PRIu32"/%"PRIu32"=%s ", dp_ifindex, port_no, name);
}

/* Fails unless the ports named 'name' are 'expected'. */
static void
check_found(const struct port_map *map, const char *name,
            const char *expected, size_t n)
{
    struct ds found = DS_EMPTY_INITIALIZER;

    ck_assert_uint_eq(port_map_find(map, name, found_cb, &found), n);
    ck_assert_str_eq(ds_cstr(&found), expected);
    ck_assert_uint_eq(port_map_find(map, name, NULL, NULL), n);
    ds_destroy(&found);
}

START_TEST(test_empty)
{
    struct port_map *map = port_map_create(10);

    check_name(map, DP1, 1, 0, NULL);
    check_name(map, DP1, 1, UINT64_MAX, NULL);
    ck_assert_ptr_null(port_map_dp_name(map, DP1, 5));
    check_found(map, NULL, "", 0);
    check_found(map, "p1", "", 0);
    port_map_remove(map, DP1, 1, 5);
    port_map_end_dump(map, 6);
    check_name(map, DP1, 1, 5, NULL);
    port_map_destroy(map);
    port_map_destroy(NULL);
}
END_TEST

START_TEST(test_interval)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 1, "p1", 100);
    check_name(map, DP1, 1, 0, NULL);
    check_name(map, DP1, 1, 99, NULL);
    check_name(map, DP1, 1, 100, "p1");
    check_name(map, DP1, 1, UINT64_MAX, "p1");
    check_name(map, DP1, 2, 100, NULL);
    check_name(map, DP2, 1, 100, NULL);

    port_map_remove(map, DP1, 1, 200);
    check_name(map, DP1, 1, 99, NULL);
    check_name(map, DP1, 1, 100, "p1");
    check_name(map, DP1, 1, 199, "p1");
    check_name(map, DP1, 1, 200, NULL);
    check_name(map, DP1, 1, UINT64_MAX, NULL);

    /* Is gone already. */
    port_map_remove(map, DP1, 1, 300);
    check_name(map, DP1, 1, 250, NULL);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_since_ever)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 0, "ovs-system", 0);
    port_map_add(map, DP2, 0, "other", 0);
    ck_assert_str_eq(port_map_dp_name(map, DP1, 0), "ovs-system");
    ck_assert_str_eq(port_map_dp_name(map, DP1, 5), "ovs-system");
    ck_assert_str_eq(port_map_dp_name(map, DP2, 5), "other");
    ck_assert_ptr_null(port_map_dp_name(map, 9, 5));

    /* Since ever, but not in the time of the port before. */
    port_map_add(map, DP1, 1, "p1", 0);
    port_map_remove(map, DP1, 1, 50);
    port_map_add(map, DP1, 1, "p2", 0);
    check_name(map, DP1, 1, 0, "p1");
    check_name(map, DP1, 1, 49, "p1");
    check_name(map, DP1, 1, 50, "p2");
    port_map_destroy(map);
}
END_TEST

START_TEST(test_number_reused)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 3, "a", 10);
    port_map_remove(map, DP1, 3, 20);
    port_map_add(map, DP1, 3, "b", 30);
    port_map_remove(map, DP1, 3, 40);
    port_map_add(map, DP1, 3, "a", 40);

    check_name(map, DP1, 3, 9, NULL);
    check_name(map, DP1, 3, 10, "a");
    check_name(map, DP1, 3, 19, "a");
    check_name(map, DP1, 3, 20, NULL);
    check_name(map, DP1, 3, 29, NULL);
    check_name(map, DP1, 3, 30, "b");
    check_name(map, DP1, 3, 39, "b");
    check_name(map, DP1, 3, 40, "a");
    check_found(map, NULL, "7/3=a ", 1);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_added_again)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 3, "a", 10);
    port_map_add(map, DP1, 3, "a", 20);
    port_map_add(map, DP1, 3, "a", 0);
    check_name(map, DP1, 3, 9, NULL);
    check_name(map, DP1, 3, 10, "a");
    check_found(map, "a", "7/3=a ", 1);

    /* Another name ends the first one. */
    port_map_add(map, DP1, 3, "b", 30);
    check_name(map, DP1, 3, 29, "a");
    check_name(map, DP1, 3, 30, "b");
    check_found(map, "a", "", 0);
    check_found(map, "b", "7/3=b ", 1);
    port_map_destroy(map);
}
END_TEST

/* Intervals never overlap, even if times go backward. */
START_TEST(test_backward)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 3, "a", 100);
    port_map_add(map, DP1, 3, "b", 50);
    port_map_add(map, DP1, 3, "c", 200);
    port_map_remove(map, DP1, 3, 150);
    port_map_add(map, DP1, 3, "d", 160);

    check_name(map, DP1, 3, 60, NULL);
    check_name(map, DP1, 3, 99, NULL);
    check_name(map, DP1, 3, 100, "b");
    check_name(map, DP1, 3, 199, "b");
    check_name(map, DP1, 3, 200, "d");

    port_map_remove(map, DP1, 3, UINT64_MAX);
    check_found(map, NULL, "", 0);
    check_name(map, DP1, 3, 300, "d");
    port_map_add(map, DP1, 3, "e", 400);
    check_found(map, NULL, "7/3=e ", 1);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_dump)
{
    struct port_map *map = port_map_create(10);

    port_map_begin_dump(map);
    port_map_add(map, DP1, 1, "p1", 0);
    port_map_add(map, DP1, 2, "p2", 0);
    port_map_add(map, DP2, 1, "q1", 0);
    port_map_end_dump(map, 10);
    check_found(map, NULL, "7/1=p1 7/2=p2 8/1=q1 ", 3);
    port_map_add(map, DP1, 4, "p4", 15);

    /* One stays, one is renamed, one is new, two are gone. */
    port_map_begin_dump(map);
    port_map_add(map, DP1, 1, "p1", 20);
    port_map_add(map, DP2, 1, "q7", 20);
    port_map_add(map, DP1, 3, "p3", 20);
    check_found(map, "p2", "7/2=p2 ", 1);
    port_map_end_dump(map, 25);
    check_found(map, NULL, "7/1=p1 8/1=q7 7/3=p3 ", 3);
    check_name(map, DP1, 2, 24, "p2");
    check_name(map, DP1, 2, 25, NULL);
    check_name(map, DP1, 4, 24, "p4");
    check_name(map, DP1, 4, 25, NULL);
    check_name(map, DP2, 1, 19, "q1");

    /* Everything is gone. */
    port_map_begin_dump(map);
    port_map_end_dump(map, 30);
    check_found(map, NULL, "", 0);
    check_name(map, DP1, 1, 29, "p1");
    port_map_destroy(map);
}
END_TEST

START_TEST(test_dump_without_past)
{
    struct port_map *map = port_map_create(0);

    for (uint32_t i = 0; i < 100; i++) {
        port_map_add(map, DP1, i, "p", 1);
    }
    port_map_begin_dump(map);
    port_map_add(map, DP1, 50, "p", 2);
    port_map_end_dump(map, 3);
    check_found(map, NULL, "7/50=p ", 1);
    check_name(map, DP1, 49, 2, NULL);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_find)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 1, "p1", 1);
    port_map_add(map, DP1, 2, "p2", 1);
    port_map_add(map, DP2, 9, "p1", 1);
    check_found(map, "p1", "7/1=p1 8/9=p1 ", 2);
    check_found(map, "p2", "7/2=p2 ", 1);
    check_found(map, "p", "", 0);
    check_found(map, "", "", 0);
    check_found(map, NULL, "7/1=p1 7/2=p2 8/9=p1 ", 3);
    port_map_remove(map, DP1, 1, 2);
    check_found(map, "p1", "8/9=p1 ", 1);
    port_map_destroy(map);
}
END_TEST

START_TEST(test_max_past)
{
    struct port_map *map = port_map_create(2);

    port_map_add(map, DP1, 1, "a", 10);
    port_map_add(map, DP1, 2, "b", 10);
    port_map_add(map, DP1, 3, "c", 10);
    port_map_remove(map, DP1, 2, 20);
    port_map_add(map, DP1, 1, "d", 30);
    check_name(map, DP1, 1, 15, "a");
    check_name(map, DP1, 2, 15, "b");

    /* "b" ended first, then "a". */
    port_map_remove(map, DP1, 3, 40);
    check_name(map, DP1, 2, 15, NULL);
    check_name(map, DP1, 1, 15, "a");
    port_map_add(map, DP1, 1, "e", 50);
    check_name(map, DP1, 1, 15, NULL);
    check_name(map, DP1, 1, 35, "d");
    check_name(map, DP1, 1, 55, "e");
    check_name(map, DP1, 3, 15, "c");

    /* Ports that exist are not limited. */
    for (uint32_t i = 100; i < 200; i++) {
        port_map_add(map, DP1, i, "x", 60);
    }
    check_name(map, DP1, 100, 60, "x");
    check_name(map, DP1, 3, 15, "c");
    port_map_destroy(map);
}
END_TEST

/* A number that is used again and again. */
START_TEST(test_churn)
{
    struct port_map *map = port_map_create(1000);
    char name[32];

    for (uint64_t i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "veth%"PRIu64, i);
        port_map_add(map, DP1, 1, name, 10 * i);
        if (i % 2) {
            port_map_remove(map, DP1, 1, 10 * i + 5);
        }
    }

    /* The last one has ended, too. */
    check_name(map, DP1, 1, 10 * 98999 + 1, NULL);
    for (uint64_t i = 99000; i < 100000; i++) {
        snprintf(name, sizeof name, "veth%"PRIu64, i);
        check_name(map, DP1, 1, 10 * i, name);
        check_name(map, DP1, 1, 10 * i + 4, name);
        check_name(map, DP1, 1, 10 * i + 9, i % 2 ? NULL : name);
    }
    port_map_destroy(map);
}
END_TEST

START_TEST(test_hostile_names)
{
    char *long_name = xmalloc(100001);
    const char *const names[] = {
        "", " ", "%s%n%d", "a\nb", "\033[2J", "\xff\xfe", "'\"\\`$(x)", ",",
        long_name,
    };
    struct port_map *map = port_map_create(1);

    memset(long_name, 'x', 100000);
    long_name[100000] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        port_map_add(map, DP1, UINT32_MAX, names[i], 10 * i + 1);
        check_name(map, DP1, UINT32_MAX, 10 * i + 1, names[i]);
        ck_assert_uint_eq(port_map_find(map, names[i], NULL, NULL), 1);
    }
    check_name(map, DP1, UINT32_MAX, 71, ",");
    port_map_destroy(map);
    free(long_name);
}
END_TEST

/* Fails unless port_map_get_names() gives 'expected' for the numbers 0 to 3 of
 * DP1. */
static void
check_portno_names(const struct port_map *map, uint64_t ts,
                   const char *expected, size_t n)
{
    struct hmap names = HMAP_INITIALIZER(&names);
    struct ds s = DS_EMPTY_INITIALIZER;

    port_map_get_names(map, DP1, ts, &names);
    ck_assert_uint_eq(hmap_count(&names), n);
    for (uint32_t i = 0; i < 4; i++) {
        odp_portno_name_format(&names, u32_to_odp(i), &s);
        ds_put_char(&s, ' ');
    }
    ck_assert_str_eq(ds_cstr(&s), expected);
    ds_destroy(&s);
    odp_portno_names_destroy(&names);
    hmap_destroy(&names);
}

START_TEST(test_get_names)
{
    struct port_map *map = port_map_create(10);

    port_map_add(map, DP1, 0, "ovs-system", 0);
    port_map_add(map, DP1, 1, "p1", 10);
    port_map_add(map, DP2, 2, "q2", 10);
    port_map_add(map, DP1, 1, "p7", 20);
    port_map_add(map, DP1, 3, "p3", 20);
    check_portno_names(map, 5, "ovs-system 1 2 3 ", 1);
    check_portno_names(map, 15, "ovs-system p1 2 3 ", 2);
    check_portno_names(map, 25, "ovs-system p7 2 p3 ", 3);
    port_map_destroy(map);
}
END_TEST

/* A simple model of a port map, for comparison: all names there have ever
 * been, in the order of their end, then those that exist. */
#define MODEL_MAX 8192
#define MODEL_DPS 3
#define MODEL_PORTS 6
#define MODEL_PAST 20

struct model_name {
    uint32_t dp_ifindex;
    uint32_t port_no;
    uint64_t from;
    uint64_t until;
    char name[2];
};

struct model {
    struct model_name past[MODEL_MAX];
    size_t n_past;
    struct model_name live[MODEL_DPS][MODEL_PORTS];
};

static void
model_remove(struct model *model, uint32_t dp, uint32_t port, uint64_t now)
{
    struct model_name *live = &model->live[dp][port];

    if (live->name[0]) {
        live->until = now;
        model->past[model->n_past++] = *live;
        live->name[0] = '\0';
    }
}

static void
model_add(struct model *model, uint32_t dp, uint32_t port, const char *name,
          uint64_t now)
{
    struct model_name *live = &model->live[dp][port];

    if (strcmp(live->name, name)) {
        model_remove(model, dp, port, now);
        *live = (struct model_name) {
            .dp_ifindex = dp, .port_no = port, .from = now,
            .until = UINT64_MAX, .name = { name[0] },
        };
    }
}

static bool
model_matches(const struct model_name *name, uint32_t dp, uint32_t port,
              uint64_t ts)
{
    return (name->dp_ifindex == dp && name->port_no == port
            && ts >= name->from && ts < name->until && name->name[0]);
}

static const char *
model_lookup(const struct model *model, uint32_t dp, uint32_t port,
             uint64_t ts)
{
    for (size_t i = MAX(model->n_past, MODEL_PAST) - MODEL_PAST;
         i < model->n_past; i++) {
        if (model_matches(&model->past[i], dp, port, ts)) {
            return model->past[i].name;
        }
    }
    return (model_matches(&model->live[dp][port], dp, port, ts)
            ? model->live[dp][port].name
            : NULL);
}

/* Changes 'map' and 'model' in the same way. */
static void
change_both(struct port_map *map, struct model *model, uint64_t now)
{
    uint32_t dp = random_range(MODEL_DPS);
    uint32_t port = random_range(MODEL_PORTS);
    const char name[2] = { 'a' + random_range(4) };

    if (random_range(3)) {
        port_map_add(map, dp, port, name, now);
        model_add(model, dp, port, name, now);
    } else {
        port_map_remove(map, dp, port, now);
        model_remove(model, dp, port, now);
    }
}

START_TEST(test_random)
{
    struct port_map *map = port_map_create(MODEL_PAST);
    struct model *model = xzalloc(sizeof *model);
    uint64_t now = 1000;

    random_set_seed(20261121);
    for (int i = 0; i < MODEL_MAX; i++) {
        now += random_range(3);
        change_both(map, model, now);
        for (int j = 0; j < 20; j++) {
            uint32_t dp = random_range(MODEL_DPS);
            uint32_t port = random_range(MODEL_PORTS);
            uint64_t ts = now + 3 - random_range(80);

            check_name(map, dp, port, ts, model_lookup(model, dp, port, ts));
        }
    }
    ck_assert_uint_ge(model->n_past, 1000);
    port_map_destroy(map);
    free(model);
}
END_TEST

/* Another map that is told what has changed. */
struct copy {
    struct port_map *map;
    uint64_t serial;
    int at_once;                /* Changes that it is told in a call. */
    int left;                   /* The same, in this call. */
    int n;                      /* Changes that it was told. */
    uint64_t last;              /* Number of the last of them. */
};

static bool
copy_change(uint32_t dp_ifindex, uint32_t port_no,
            const struct logged_name *name, void *copy_)
{
    struct copy *copy = copy_;

    ck_assert_ptr_nonnull(name);
    ck_assert_uint_gt(name->serial, copy->last);
    copy->last = name->serial;
    copy->n++;
    port_map_add(copy->map, dp_ifindex, port_no, name->name, name->from);
    if (name->until != NAME_LOG_NEVER) {
        port_map_remove(copy->map, dp_ifindex, port_no, name->until);
    }
    return --copy->left > 0;
}

static void
follow(struct copy *copy, const struct port_map *map)
{
    copy->left = copy->at_once;
    port_map_changes(map, &copy->serial, copy_change, copy);
}

START_TEST(test_changes)
{
    struct port_map *map = port_map_create(10);
    struct copy copy = { .map = port_map_create(10), .at_once = 100 };

    follow(&copy, map);
    ck_assert_int_eq(copy.n, 0);
    port_map_add(map, 1, 1, "a", 0);
    port_map_add(map, 1, 2, "b", 5);
    port_map_add(map, 1, 1, "c", 7);            /* Ends "a". */
    follow(&copy, map);
    ck_assert_int_eq(copy.n, 3);
    ck_assert_str_eq(port_map_lookup(copy.map, 1, 1, 6), "a");
    ck_assert_str_eq(port_map_lookup(copy.map, 1, 1, 7), "c");
    follow(&copy, map);
    ck_assert_int_eq(copy.n, 3);                /* Not again. */

    port_map_remove(map, 1, 2, 9);
    port_map_add(map, 1, 2, "b", 9);            /* Ended and began. */
    port_map_remove(map, 1, 1, 10);             /* Ended, after being told. */
    follow(&copy, map);
    ck_assert_int_eq(copy.n, 6);
    ck_assert_ptr_null(port_map_lookup(copy.map, 1, 1, 10));
    ck_assert_uint_eq(copy.serial, port_map_serial(map));
    port_map_destroy(copy.map);
    port_map_destroy(map);
}
END_TEST

/* A copy that is told of changes at any time, and as many at once as it likes,
 * knows the same in the end. */
START_TEST(test_changes_random)
{
    struct port_map *map = port_map_create(100000);
    struct copy copies[3];
    uint64_t now = 1;

    for (int i = 0; i < 3; i++) {
        copies[i] = (struct copy) {
            .map = port_map_create(100000), .at_once = 1 + i * i
        };
    }
    for (int i = 0; i < 5000; i++) {
        uint32_t port_no = random_range(8);
        char name[8];

        now += random_range(3);
        snprintf(name, sizeof name, "p%u", random_range(4));
        if (random_range(3)) {
            port_map_add(map, 1, port_no, name, now);
        } else {
            port_map_remove(map, 1, port_no, now);
        }
        if (!random_range(4)) {
            follow(&copies[random_range(3)], map);
        }
    }
    for (int i = 0; i < 3; i++) {
        while (copies[i].serial != port_map_serial(map)) {
            follow(&copies[i], map);
        }
        for (uint64_t ts = 0; ts <= now; ts++) {
            for (uint32_t port_no = 0; port_no < 8; port_no++) {
                check_name(copies[i].map, 1, port_no, ts,
                           port_map_lookup(map, 1, port_no, ts));
            }
        }
        port_map_destroy(copies[i].map);
    }
    port_map_destroy(map);
}
END_TEST

/* Returns the tests of lib/store/port-map.c. */
Suite *
port_map_suite(void)
{
    Suite *suite = suite_create("port-map");
    TCase *tcase = tcase_create("port-map");

    tcase_add_test(tcase, test_empty);
    tcase_add_test(tcase, test_interval);
    tcase_add_test(tcase, test_since_ever);
    tcase_add_test(tcase, test_number_reused);
    tcase_add_test(tcase, test_added_again);
    tcase_add_test(tcase, test_backward);
    tcase_add_test(tcase, test_dump);
    tcase_add_test(tcase, test_dump_without_past);
    tcase_add_test(tcase, test_find);
    tcase_add_test(tcase, test_max_past);
    tcase_add_test(tcase, test_churn);
    tcase_add_test(tcase, test_hostile_names);
    tcase_add_test(tcase, test_get_names);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_changes);
    tcase_add_test(tcase, test_changes_random);
    suite_add_tcase(suite, tcase);
    return suite;
}
