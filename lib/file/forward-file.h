/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_FORWARD_FILE_H
#define LIB_FORWARD_FILE_H 1

/* The files of a session, in a receiver's directory: what a host has sent.
 *
 * Each line gets the members "host" and "system-id".  The first file is
 * "HOST.SESSION.json", with what the options have as its ending; others are
 * "HOST.SESSION.00002.json" and so on.  HOST is the name that the host gives
 * itself, as far as it can be part of a name of a file, and SESSION the start
 * of the session's UUID, so that hosts of the same name are kept apart.
 *
 * What was written counts once forward_file_sync() has returned 0: a file that
 * is opened for the same session again continues from there, also if the
 * process was killed meanwhile.  If it is not known where, another file is
 * begun.  No file that is there is ever overwritten.  Any error is for good:
 * then open it again.
 *
 * Who uses the directory has locked it with forward_dir_lock(). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file/forward-state.h"

struct forward_file;
struct sset;

struct forward_file_options {
    const char *dir;
    const char *ending;         /* ".json", ".json.gz" or ".json.zst". */
    uint64_t rotate;            /* Bytes after which another file is begun, 0
                                 * for never. */
    uint64_t files;             /* How many are kept of a host, of all its
                                 * sessions, 0 for all. */
    bool to_disk;               /* Wait for the disk? */
    struct sset *in_use;        /* What all sessions use, see
                                 * file/forward-dir.h; NULL if there is no
                                 * other. */
};

char *forward_file_open(const struct forward_file_options *,
                        const char *session, const char *host,
                        const char *system_id, struct forward_file **);
void forward_file_close(struct forward_file *);
void forward_file_set_sender(struct forward_file *, const char *address,
                             const char *certificate);

void forward_file_begin(struct forward_file *, const char *startup);
void forward_file_put(struct forward_file *, const char *line, size_t len);
void forward_file_put_gap(struct forward_file *, uint64_t next,
                          uint64_t dropped, uint64_t missed);
void forward_file_end(struct forward_file *, const char *line,
                      const char *why);
void forward_file_end_file(struct forward_file *, const char *why);
int forward_file_sync(struct forward_file *);

struct forward_state *forward_file_state(struct forward_file *);
bool forward_file_in_trace(const struct forward_file *);
uint64_t forward_file_unsynced(const struct forward_file *);
bool forward_file_has_news(const struct forward_file *);
const char *forward_file_error(const struct forward_file *);
const char *forward_file_host(const struct forward_file *);
bool forward_file_exists(const struct forward_file *);
const char *forward_file_name(const struct forward_file *);

#endif /* lib/file/forward-file.h */
