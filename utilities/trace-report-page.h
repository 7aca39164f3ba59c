/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_REPORT_PAGE_H
#define UTILITIES_TRACE_REPORT_PAGE_H 1

/* The page of the command report: what comes before its data, and after.  The
 * file with it is made by report/build-page.py. */

extern const char report_page_before[];
extern const char report_page_after[];

#endif /* utilities/trace-report-page.h */
