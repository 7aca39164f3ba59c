/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TEST_STATS_H
#define TESTS_TEST_STATS_H 1

/* Groups of tests of statistics, each in the file of the same name. */

#include <check.h>

struct port_map;

TCase *histogram_tcase(void);
TCase *upcall_stats_tcase(void);
TCase *stats_show_tcase(void);
TCase *metrics_tcase(void);
TCase *selection_tcase(void);
TCase *condition_tcase(void);
TCase *pass_condition_tcase(void);
TCase *pass_stats_tcase(void);
TCase *pass_stats_show_tcase(void);
TCase *duration_tcase(void);
TCase *json_node_tcase(void);
TCase *moment_tcase(void);
TCase *trigger_tcase(void);
TCase *vswitchd_stats_tcase(void);
TCase *thread_cpu_tcase(void);
TCase *watch_tcase(void);
TCase *watch_screen_tcase(void);

struct port_map *stats_ports_create(const char *name);

#endif /* tests/unit/test-stats.h */
