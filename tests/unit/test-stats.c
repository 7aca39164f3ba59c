/* SPDX-License-Identifier: Apache-2.0 */

/* The suite of statistics and of choices of upcalls. */

#include <config.h>
#include "test-stats.h"

Suite *stats_suite(void);

Suite *
stats_suite(void)
{
    Suite *suite = suite_create("stats");

    suite_add_tcase(suite, histogram_tcase());
    suite_add_tcase(suite, upcall_stats_tcase());
    suite_add_tcase(suite, stats_show_tcase());
    suite_add_tcase(suite, pass_stats_tcase());
    suite_add_tcase(suite, pass_stats_show_tcase());
    suite_add_tcase(suite, metrics_tcase());
    suite_add_tcase(suite, selection_tcase());
    suite_add_tcase(suite, duration_tcase());
    suite_add_tcase(suite, condition_tcase());
    suite_add_tcase(suite, pass_condition_tcase());
    suite_add_tcase(suite, trigger_tcase());
    suite_add_tcase(suite, vswitchd_stats_tcase());
    return suite;
}
