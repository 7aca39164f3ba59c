/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_TLS_H
#define UTILITIES_TRACE_TLS_H 1

/* Files for TLS.  Open vSwitch, which reads them, only logs what is wrong with
 * them, and goes on without. */

struct tls_files;

char *tls_check(const struct tls_files *);
char *tls_check_protocols(const char *protocols);

void tls_use(const struct tls_files *);
void tls_renew(void);
void tls_unuse(void);

#endif /* utilities/trace-tls.h */
