/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/file. */

#include <config.h>

#include <check.h>

Suite *file_suite(void);

/* Each is in a file of its own. */
TCase *feed_tcase(void);
TCase *follow_tcase(void);
TCase *follow_hits_tcase(void);
TCase *follow_place_tcase(void);
TCase *trace_errors_tcase(void);
TCase *trace_writer_tcase(void);
TCase *followers_tcase(void);
TCase *forward_queue_tcase(void);
TCase *forward_file_tcase(void);
TCase *forward_session_tcase(void);
TCase *forward_tcase(void);
TCase *frame_tcase(void);
TCase *frame_payload_tcase(void);
TCase *hidden_file_tcase(void);
TCase *packed_file_tcase(void);
TCase *packed_reader_tcase(void);
TCase *pcapng_tcase(void);
TCase *perfetto_tcase(void);
TCase *record_links_tcase(void);
TCase *report_tcase(void);
TCase *report_page_tcase(void);
TCase *retis_tcase(void);
TCase *rotation_tcase(void);
TCase *schema_tcase(void);
TCase *spill_sort_tcase(void);
TCase *trace_begin_tcase(void);
TCase *trace_order_tcase(void);
TCase *trace_reader_tcase(void);
TCase *trace_records_tcase(void);
TCase *trace_seek_tcase(void);
TCase *trace_sort_tcase(void);

Suite *
file_suite(void)
{
    Suite *suite = suite_create("file");

    suite_add_tcase(suite, frame_tcase());
    suite_add_tcase(suite, frame_payload_tcase());
    suite_add_tcase(suite, hidden_file_tcase());
    suite_add_tcase(suite, packed_file_tcase());
    suite_add_tcase(suite, packed_reader_tcase());
    suite_add_tcase(suite, pcapng_tcase());
    suite_add_tcase(suite, perfetto_tcase());
    suite_add_tcase(suite, record_links_tcase());
    suite_add_tcase(suite, report_tcase());
    suite_add_tcase(suite, report_page_tcase());
    suite_add_tcase(suite, retis_tcase());
    suite_add_tcase(suite, rotation_tcase());
    suite_add_tcase(suite, schema_tcase());
    suite_add_tcase(suite, spill_sort_tcase());
    suite_add_tcase(suite, trace_begin_tcase());
    suite_add_tcase(suite, trace_order_tcase());
    suite_add_tcase(suite, trace_reader_tcase());
    suite_add_tcase(suite, trace_records_tcase());
    suite_add_tcase(suite, forward_queue_tcase());
    suite_add_tcase(suite, forward_tcase());
    suite_add_tcase(suite, forward_file_tcase());
    suite_add_tcase(suite, forward_session_tcase());
    suite_add_tcase(suite, trace_seek_tcase());
    suite_add_tcase(suite, trace_sort_tcase());
    suite_add_tcase(suite, feed_tcase());
    suite_add_tcase(suite, followers_tcase());
    suite_add_tcase(suite, follow_tcase());
    suite_add_tcase(suite, follow_hits_tcase());
    suite_add_tcase(suite, follow_place_tcase());
    suite_add_tcase(suite, trace_errors_tcase());
    suite_add_tcase(suite, trace_writer_tcase());
    return suite;
}
