/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UTILITIES_TRACE_METHOD_H
#define UTILITIES_TRACE_METHOD_H 1

/* Connection methods, as users give them. */

struct tls_files;

char *method_check_active(const char *method, const struct tls_files *);
char *method_check_passive(const char *method, const struct tls_files *);
char *method_check_free(const char *method);

#endif /* utilities/trace-method.h */
