/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_DIR_H
#define LIB_FORWARD_DIR_H 1

/* The directory of a receiver: the files of all hosts, and in
 * FORWARD_STATE_DIR what is known of each session.
 *
 * 'in_use' of these functions has the paths, as they are opened, of the files
 * that are written and of the states that are needed: these are not removed.
 * It may be NULL for none. */

#include <stdbool.h>
#include <stdint.h>

struct forward_name;
struct lockfile;
struct sset;

/* Where what is known of each session is, in the receiver's directory. */
#define FORWARD_STATE_DIR ".state"

char *forward_dir_lock(const char *dir, struct lockfile **);
int forward_dir_sync(const char *dir);
uint64_t forward_dir_last(const char *dir, const struct forward_name *);
int forward_dir_make_room(const char *dir, const char *host, uint64_t n,
                          const struct sset *in_use);
void forward_dir_forget(const char *dir, uint64_t age,
                        const struct sset *in_use);

#endif /* lib/file/forward-dir.h */
