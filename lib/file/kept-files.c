/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/kept-files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/trace-file.h"
#include "openvswitch/util.h"
#include "util.h"

/* Prepares 'k', which has no files.  The caller frees what is in it with
 * kept_files_uninit(). */
void
kept_files_init(struct kept_files *k)
{
    *k = (struct kept_files) { .names = SVEC_EMPTY_INITIALIZER };
}

/* Frees what is in 'k', but removes no files. */
void
kept_files_uninit(struct kept_files *k)
{
    svec_destroy(&k->names);
    free(k->warning);
}

/* Returns true if the file 'name' begins as traces do, or has nothing that
 * could be lost. */
static bool
is_trace(const char *name)
{
    struct trace_file *file;
    struct trace_item item;
    struct stat s;
    char *error;
    bool is_ours;

    if (lstat(name, &s) || (S_ISREG(s.st_mode) && !s.st_size)) {
        return true;
    }
    error = S_ISREG(s.st_mode) ? trace_file_open(name, &file) : xstrdup(name);
    if (error) {
        free(error);
        return false;
    }
    is_ours = trace_file_next(file, &item) && item.kind == TRACE_STARTUP;
    trace_file_close(file);
    return is_ours;
}

/* Notes 'warning', which it frees, unless there is one. */
static void
warn(struct kept_files *k, char *warning)
{
    if (k->warning) {
        free(warning);
    } else {
        k->warning = warning;
    }
}

/* Removes the file 'name', if that is a trace. */
static void
remove_file(struct kept_files *k, const char *name)
{
    if (!is_trace(name)) {
        warn(k, xasprintf("%s: does not begin as a trace: it is kept", name));
    } else if (unlink(name) && errno != ENOENT) {
        warn(k, xasprintf("%s: cannot be removed (%s): it is kept", name,
                          ovs_strerror(errno)));
    } else {
        k->n_removed++;
    }
}

/* Removes the oldest of 'k', so that there are no more than 'max'.  Those that
 * cannot be removed, or are no traces, do not count from then on. */
void
kept_files_limit(struct kept_files *k, size_t max)
{
    struct svec *names = &k->names;
    size_t n = names->n > max ? names->n - max : 0;

    for (size_t i = 0; i < n; i++) {
        remove_file(k, names->names[i]);
        free(names->names[i]);
    }
    if (n) {
        names->n -= n;
        memmove(names->names, names->names + n,
                names->n * sizeof *names->names);
    }
}
