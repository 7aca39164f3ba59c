/* SPDX-License-Identifier: Apache-2.0 */

/* The suite of what asks ovs-vswitchd about flows. */

#include <config.h>

#include <check.h>

/* Each is in the file of the same name, tests/test-*.c. */
TCase *bounded_tcase(void);
TCase *ctl_client_tcase(void);
TCase *enricher_answers_tcase(void);
TCase *enricher_tcase(void);
TCase *flow_answer_tcase(void);
TCase *flow_hits_tcase(void);
TCase *flow_table_tcase(void);
TCase *flow_text_tcase(void);
TCase *hidden_actions_tcase(void);
TCase *hidden_flows_tcase(void);
TCase *kernel_actions_fill_tcase(void);
TCase *kernel_actions_find_tcase(void);
TCase *kernel_actions_pointed_tcase(void);
TCase *pass_pointed_tcase(void);
TCase *kernel_actions_tcase(void);
TCase *kernel_layout_tcase(void);
Suite *flows_suite(void);

Suite *
flows_suite(void)
{
    Suite *suite = suite_create("flows");

    suite_add_tcase(suite, bounded_tcase());
    suite_add_tcase(suite, ctl_client_tcase());
    suite_add_tcase(suite, flow_answer_tcase());
    suite_add_tcase(suite, flow_table_tcase());
    suite_add_tcase(suite, flow_hits_tcase());
    suite_add_tcase(suite, flow_text_tcase());
    suite_add_tcase(suite, hidden_actions_tcase());
    suite_add_tcase(suite, hidden_flows_tcase());
    suite_add_tcase(suite, kernel_actions_tcase());
    suite_add_tcase(suite, kernel_actions_find_tcase());
    suite_add_tcase(suite, kernel_actions_fill_tcase());
    suite_add_tcase(suite, kernel_actions_pointed_tcase());
    suite_add_tcase(suite, pass_pointed_tcase());
    suite_add_tcase(suite, kernel_layout_tcase());
    suite_add_tcase(suite, enricher_tcase());
    suite_add_tcase(suite, enricher_answers_tcase());
    return suite;
}
