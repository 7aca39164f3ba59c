/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_OUTPUT_NAME_H
#define LIB_OUTPUT_NAME_H 1

/* Names of files that are to be written with packed-file.h, and what is wrong
 * with them. */

char *output_name_check(const char *name);
int output_name_descriptor(const char *name);
int output_name_open(const char *name);
int output_name_try(const char *name);
char *output_name_error(const char *name, int error);

#endif /* lib/file/output-name.h */
