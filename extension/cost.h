/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EXTENSION_COST_H
#define EXTENSION_COST_H 1

/* What the daemon costs. */

long cost_resident_kb(void);
long long int cost_cpu_ms(void);

#endif /* extension/cost.h */
