/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/usdt/proc-maps.c. */

#include <config.h>
#include "usdt/proc-maps.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

TCase *proc_maps_tcase(void);

START_TEST(test_map_parse)
{
    static const struct {
        const char *line;
        bool executable;
        uint64_t inode;
        const char *path;       /* NULL if the line is bad. */
        bool deleted;
    } lines[] = {
        { "00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/a b\n",
          true, 173521, "/usr/bin/a b", false },
        { "7f00-ffffffffffffffff rw-s 00000000 fe:ff 7  /x (deleted)\n",
          false, 7, "/x", true },
        { "1-2 --xp 0 0:0 0", true, 0, "", false },
        { "1-2 r-xp 0 0:0 0  [vdso]\n", true, 0, "[vdso]", false },
        { "1-2 r-xp 0 0:0 5 /a\\012b\n", true, 5, "/a\\012b", false },
        { "1-2 r-xp 0 0:0 5 /a\nb", true, 5, "/a", false },
        { "1-2 r-xp 0 0:0 5  (deleted)", true, 5, "(deleted)", false },
        { "2-1 r-xp 0 0:0 5 /a", .path = NULL },
        { "1-2 r-xp 0 0:0", .path = NULL },
        { "1-2 r-", .path = NULL },
        { "1", .path = NULL },
        { "", .path = NULL },
        { "\n", .path = NULL },
        { "x-y r-xp 0 0:0 0", .path = NULL },
        { "[heap] /usr/bin/a", .path = NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        char *line = xstrdup(lines[i].line);
        struct proc_map map;

        ck_assert_int_eq(proc_map_parse(1, line, &map), !!lines[i].path);
        if (lines[i].path) {
            ck_assert_int_eq(map.executable, lines[i].executable);
            ck_assert_uint_eq(map.inode, lines[i].inode);
            ck_assert_str_eq(map.path, lines[i].path);
            ck_assert_int_eq(map.deleted, lines[i].deleted);
        }
        free(line);
    }
}
END_TEST

/* Lines of any form do no harm. */
START_TEST(test_map_flipped)
{
    static const char good[] =
        "55a45f1b0000-55a45f1b4000 r-xp 00001000 fe:00 2471 /bin/ls (deleted)";

    for (uint32_t i = 0; i < 100000; i++) {
        char *line = xmemdup(good, sizeof good);
        struct proc_map map;

        for (uint32_t j = 0; j <= i % 4; j++) {
            uint32_t random = hash_2words(i, j);

            line[random % (sizeof good - 1)] = random >> 8;
        }
        if (proc_map_parse(1, line, &map)) {
            ck_assert(map.path >= line);
            ck_assert_uint_lt(strlen(map.path), sizeof good);
        }
        free(line);
    }
}
END_TEST

/* Returns these tests. */
TCase *
proc_maps_tcase(void)
{
    TCase *tcase = tcase_create("proc-maps");

    tcase_add_test(tcase, test_map_parse);
    tcase_add_test(tcase, test_map_flipped);
    return tcase;
}
