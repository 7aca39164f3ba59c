/* SPDX-License-Identifier: Apache-2.0 */

/* Opening and closing the files of a session: where it was left. */

#include <config.h>

#include "file/forward-file-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "file/forward-dir.h"
#include "file/forward-name.h"
#include "file/packed-file.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "sset.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(forward_file);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* Names. */

/* Returns the name of the file with 'number', from 1 on.  The caller frees
 * it. */
char *
forward_file_get_name(const struct forward_file *f, uint64_t number)
{
    const char *ending = f->options.ending;

    return (number == 1 && !f->options.rotate
            ? xasprintf("%s%s", f->base, ending)
            : xasprintf("%s.%05"PRIu64"%s", f->base, number, ending));
}

/* Has 'f' have the name of the last file, or of the first if there is none. */
void
forward_file_set_name(struct forward_file *f)
{
    free(f->name);
    f->name = forward_file_get_name(f, MAX(f->state.file, 1));
}

/* Errors. */

/* Notes that 'error', a positive errno value, has happened to 'name', the
 * first time. */
void
forward_file_fail(struct forward_file *f, const char *name, int error)
{
    if (!f->error) {
        f->error = xasprintf("%s: %s%s", name, ovs_strerror(error),
                             error == ENOSPC || error == EDQUOT
                             ? ": free space" : "");
    }
}

/* Returns what is wrong with 'f', NULL if nothing is. */
const char *
forward_file_error(const struct forward_file *f)
{
    return f->error;
}

/* Opening and closing. */

/* Sets the names of 'f', with 'digits' digits of 'session'. */
static void
set_base(struct forward_file *f, const char *session, int digits)
{
    free(f->base);
    free(f->state_name);
    f->base = xasprintf("%s/%s.%.*s", f->options.dir, f->host_name, digits,
                        session);
    f->state_name = xasprintf("%s/" FORWARD_STATE_DIR "/%s.%.*s",
                              f->options.dir, f->host_name, digits, session);
}

/* Has 'f' know nothing of 'session' but which files there are of it: nothing
 * is written to these any more, as it is not known what in them was
 * acknowledged.  'error' says why; it is no matter if there are none. */
static void
begin_anew(struct forward_file *f, const char *session, int error)
{
    const char *base = strrchr(f->base, '/') + 1;
    struct forward_name name = {
        .host = base, .host_len = strlen(f->host_name),
        .session = base + strlen(f->host_name) + 1,
    };

    name.session_len = strlen(name.session);
    memset(&f->state, 0, sizeof f->state);
    ovs_strlcpy(f->state.session, session, sizeof f->state.session);
    f->state.file = forward_dir_last(f->options.dir, &name);
    f->state.is_closed = true;
    if (f->state.file) {
        VLOG_WARN_RL(&rl, "%s: %s: beginning another file of this session, "
                     "in which records may be that are in the last one, too",
                     f->state_name,
                     error == EINVAL ? "not a state" : ovs_strerror(error));
    }
}

/* Returns true if another session, which need not have a state yet, uses the
 * names of 'f'. */
static bool
is_in_use(const struct forward_file *f)
{
    return (f->options.in_use
            && sset_contains(f->options.in_use, f->state_name));
}

/* Finds the state of 'session', or where it will be, with 'digits' digits of
 * it in the name.  Returns 0, EEXIST if it is that of another session, or
 * another positive errno value. */
static int
load(struct forward_file *f, const char *session, int digits)
{
    int error;

    set_base(f, session, digits);
    if (is_in_use(f)) {
        return EEXIST;
    }
    error = forward_state_load(f->state_name, &f->state);
    if (error == ENOENT || error == EINVAL) {
        begin_anew(f, session, error);
        return 0;
    }
    return error ? error : strcmp(f->state.session, session) ? EEXIST : 0;
}

/* Has others know whether the file, or the state, 'name' is in use. */
void
forward_file_set_in_use(struct forward_file *f, const char *name, bool in_use)
{
    if (f->options.in_use && in_use) {
        sset_add(f->options.in_use, name);
    } else if (f->options.in_use) {
        sset_find_and_delete(f->options.in_use, name);
    }
}

/* Closes the file, if it is open. */
void
forward_file_close_open(struct forward_file *f)
{
    if (f->file) {
        packed_file_close(f->file, NULL);
        f->file = NULL;
        forward_file_set_in_use(f, f->name, false);
    }
}

/* Opens the last file where it was left.  If that cannot be, because somebody
 * has moved it, another will be begun. */
static void
reopen(struct forward_file *f)
{
    forward_file_set_name(f);
    if (f->state.file && !f->state.is_closed) {
        int error = packed_file_reopen(f->name, f->state.size, &f->file);

        if (!error) {
            forward_file_set_in_use(f, f->name, true);
        } else if (error == ENOENT || error == EINVAL || error == ELOOP) {
            f->state.is_closed = true;
            f->state.in_trace = false;
        } else {
            forward_file_fail(f, f->name, error);
        }
    }
}

/* Opens the files of 'session', which is what 'host' with 'system_id', NULL if
 * that is unknown, sends, as 'options' ask for.  Returns NULL and stores in
 * '*fp' what the caller closes with forward_file_close(), or returns an error
 * message, which the caller frees. */
char *
forward_file_open(const struct forward_file_options *options,
                  const char *session, const char *host,
                  const char *system_id, struct forward_file **fp)
{
    struct forward_file *f = xzalloc(sizeof *f);
    char *dir = xasprintf("%s/" FORWARD_STATE_DIR, options->dir);
    int error = mkdir(dir, 0700) && errno != EEXIST ? errno : 0;
    char *why;

    f->options = *options;
    f->options.dir = xstrdup(options->dir);
    f->options.ending = xstrdup(options->ending);
    f->host = xstrdup(host);
    f->host_name = forward_file_name_of(host);
    f->system_id = nullable_xstrdup(system_id);
    f->label = forward_label(host, system_id);
    if (error) {
        forward_file_fail(f, dir, error);
    } else {
        error = load(f, session, FORWARD_SESSION_DIGITS);
        if (error == EEXIST) {
            error = load(f, session, UUID_LEN);
        }
        if (error) {
            forward_file_fail(f, f->state_name, error);
        } else {
            f->synced = f->state.number;
            forward_file_set_in_use(f, f->state_name, true);
            reopen(f);
        }
    }
    free(dir);
    why = nullable_xstrdup(f->error);
    if (why) {
        forward_file_close(f);
        f = NULL;
    }
    *fp = f;
    return why;
}

/* Frees 'f', which may be NULL.  What was written since the last sync may be
 * lost. */
void
forward_file_close(struct forward_file *f)
{
    if (f) {
        forward_file_close_open(f);
        if (f->state_name) {
            forward_file_set_in_use(f, f->state_name, false);
        }
        free(CONST_CAST(char *, f->options.dir));
        free(CONST_CAST(char *, f->options.ending));
        free(f->host);
        free(f->host_name);
        free(f->system_id);
        free(f->sender.address);
        free(f->sender.certificate);
        free(f->label);
        free(f->base);
        free(f->name);
        free(f->state_name);
        free(f->startup);
        free(f->error);
        free(f);
    }
}

/* Has first lines that are written from now on say that the sender is at
 * 'address' and has a certificate with the common name 'certificate', which
 * may be anything, NULL if it has none. */
void
forward_file_set_sender(struct forward_file *f, const char *address,
                        const char *certificate)
{
    free(f->sender.address);
    free(f->sender.certificate);
    f->sender.address = xstrdup(address);
    f->sender.certificate = (certificate
                             ? printable_copy(certificate, strlen(certificate))
                             : NULL);
}
