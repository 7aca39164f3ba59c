/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_SIGNALS_H
#define UTILITIES_TRACE_SIGNALS_H 1

/* Signals that ask a program that runs for long to come to its end. */

#include <stdbool.h>

void signals_catch(void);
bool signals_run(void);
void signals_wait(void);

bool signals_have_come(void);
int signals_number(void);
int signals_status(void);
int signals_count(void);
bool signals_from_process(void);

#endif /* utilities/trace-signals.h */
