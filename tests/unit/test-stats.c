/* SPDX-License-Identifier: Apache-2.0 */

/* The suite of statistics and of choices of upcalls. */

#include <config.h>
#include "test-stats.h"

#include "build-record.h"
#include "store/port-map.h"

Suite *stats_suite(void);

/* Returns the ports of a datapath, of which number 3 has 'name', which the
 * caller frees. */
struct port_map *
stats_ports_create(const char *name)
{
    struct port_map *ports = port_map_create(4096);

    port_map_add(ports, BUILD_DP_IFINDEX, PORT_MAP_LOCAL, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, name, 0);
    return ports;
}

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
    suite_add_tcase(suite, json_node_tcase());
    suite_add_tcase(suite, moment_tcase());
    suite_add_tcase(suite, condition_tcase());
    suite_add_tcase(suite, pass_condition_tcase());
    suite_add_tcase(suite, trigger_tcase());
    suite_add_tcase(suite, vswitchd_stats_tcase());
    suite_add_tcase(suite, thread_cpu_tcase());
    suite_add_tcase(suite, watch_tcase());
    suite_add_tcase(suite, watch_screen_tcase());
    return suite;
}
