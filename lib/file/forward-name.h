/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_NAME_H
#define LIB_FORWARD_NAME_H 1

/* What becomes of the name that a host gives itself, which may be anything. */

char *forward_file_name_of(const char *host);
char *forward_label(const char *host, const char *system_id);

#endif /* lib/file/forward-name.h */
