/* SPDX-License-Identifier: Apache-2.0 */

/* Runs the unit tests of lib/, and of what of extension/ needs no kernel.
 *
 * Each test runs in a process of its own, so that a crash is a failure of one
 * test.  libcheck's environment variables choose what runs and how much is
 * printed: CK_RUN_SUITE, CK_RUN_CASE, CK_VERBOSITY=verbose, CK_FORK=no. */

#include <config.h>

#include <check.h>
#include <stdlib.h>

#include "util.h"

/* Each is in the file of the same name, tests/test-*.c. */
Suite *record_suite(void);
Suite *output_suite(void);
Suite *history_suite(void);
Suite *port_map_suite(void);
Suite *port_names_suite(void);
Suite *start_options_suite(void);
Suite *command_suite(void);
Suite *usdt_notes_suite(void);
Suite *flows_suite(void);
Suite *stats_suite(void);
Suite *vport_monitor_suite(void);
Suite *file_suite(void);
Suite *filter_suite(void);
Suite *filter_child_suite(void);
Suite *attach_filter_suite(void);

int
main(int argc OVS_UNUSED, char *argv[])
{
    SRunner *runner;
    int n_failed;

    set_program_name(argv[0]);
    /* libcheck's 4 seconds for a test are too few on a busy machine. */
    setenv("CK_DEFAULT_TIMEOUT", "600", 0);
    runner = srunner_create(record_suite());
    srunner_add_suite(runner, output_suite());
    srunner_add_suite(runner, history_suite());
    srunner_add_suite(runner, port_map_suite());
    srunner_add_suite(runner, port_names_suite());
    srunner_add_suite(runner, start_options_suite());
    srunner_add_suite(runner, command_suite());
    srunner_add_suite(runner, usdt_notes_suite());
    srunner_add_suite(runner, flows_suite());
    srunner_add_suite(runner, stats_suite());
    srunner_add_suite(runner, vport_monitor_suite());
    srunner_add_suite(runner, file_suite());
    srunner_add_suite(runner, filter_suite());
    srunner_add_suite(runner, filter_child_suite());
    srunner_add_suite(runner, attach_filter_suite());

    srunner_run_all(runner, CK_ENV);
    n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
