/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_HIDDEN_FILE_H
#define LIB_HIDDEN_FILE_H 1

/* A file that gets its name when all has been written to it, so that whenever
 * and however the program ends before, the file is not there, or is the one
 * that was there before. */

struct hidden_file;

int hidden_file_create(const char *name, struct hidden_file **);
int hidden_file_fd(const struct hidden_file *);
int hidden_file_publish(struct hidden_file *);
void hidden_file_destroy(struct hidden_file *);

#endif /* lib/file/hidden-file.h */
