/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RETIS_CHECK_H
#define TESTS_RETIS_CHECK_H 1

/* A reader of Retis' events that takes what Retis takes, and no more. */

void retis_check(const char *lines);

#endif /* tests/unit/retis-check.h */
