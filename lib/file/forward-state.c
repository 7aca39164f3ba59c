/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json-read.h"
#include "file/forward-dir.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* Bytes of the file: as many as a disk writes at once. */
#define STATE_SIZE 512

/* The numbers. */
#define STATE_NUMBERS                           \
    X(number)                                   \
    X(counts.records)                           \
    X(counts.dropped)                           \
    X(counts.missed)                            \
    X(counts.refused)                           \
    X(next_dropped)                             \
    X(next_missed)                              \
    X(next_seq)                                 \
    X(file)                                     \
    X(size)                                     \
    X(in_file)                                  \
    X(missed_in_file)

/* Adds 'n' to '*sum', which a sender cannot have overflow. */
void
forward_state_add(uint64_t *sum, uint64_t n)
{
    *sum = n > INT64_MAX - *sum ? INT64_MAX : *sum + n;
}

/* Stores in '*state' what 'json' says.  Returns false if that makes no
 * sense. */
static bool
from_json(const struct json *json, struct forward_state *state)
{
    struct json_read r = JSON_READ_INITIALIZER;
    const char *session = json_read_string(&r, json, "session");
    char *error;

#define X(NAME) state->NAME = json_read_integer(&r, json, #NAME, 0, INT64_MAX);
    STATE_NUMBERS
#undef X
    state->in_trace = json_read_bool(&r, json, "in_trace");
    state->is_closed = json_read_bool(&r, json, "is_closed");
    state->is_over = json_read_bool(&r, json, "is_over");
    if (session && strlen(session) != UUID_LEN) {
        json_read_error(&r, "no session");
    } else if (session) {
        ovs_strlcpy(state->session, session, sizeof state->session);
    }
    error = json_read_finish(&r);
    free(error);
    return !error;
}

/* Reads the file 'path' into '*state'.  Returns 0, ENOENT if it is not there,
 * EINVAL if it makes no sense, or another positive errno value: then '*state'
 * may have anything. */
int
forward_state_load(const char *path, struct forward_state *state)
{
    char text[STATE_SIZE + 1] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct json *json;
    ssize_t n;
    bool ok;

    memset(state, 0, sizeof *state);
    if (fd < 0) {
        return errno;
    }
    n = pread(fd, text, STATE_SIZE, 0);
    if (n < 0) {
        int error = errno;

        close(fd);
        return error;
    }
    close(fd);
    json = json_from_string(text);
    ok = json->type == JSON_OBJECT && from_json(json, state);
    json_destroy(json);
    return ok ? 0 : EINVAL;
}

static struct json *
to_json(const struct forward_state *state)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "session", state->session);
#define X(NAME) json_object_put(json, #NAME, json_integer_create(state->NAME));
    STATE_NUMBERS
#undef X
    json_object_put(json, "in_trace", json_boolean_create(state->in_trace));
    json_object_put(json, "is_closed", json_boolean_create(state->is_closed));
    json_object_put(json, "is_over", json_boolean_create(state->is_over));
    return json;
}

/* Returns true if nothing of 'state' has to be saved, because the session has
 * no file: a sender says itself which number comes next, and it is over or no
 * record of it was counted. */
bool
forward_state_is_needless(const struct forward_state *state)
{
    const struct forward_counts *n = &state->counts;

    return (!state->file
            && (state->is_over
                || !(n->records || n->dropped || n->missed || n->refused)));
}

/* Opens the file 'path', or creates it and then sets '*is_new'.  Returns its
 * descriptor, or -1 and sets errno. */
static int
open_or_create(const char *path, bool *is_new)
{
    int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags);

    *is_new = fd < 0 && errno == ENOENT;
    return *is_new ? open(path, flags | O_CREAT | O_EXCL, 0600) : fd;
}

/* Has the directory of the file 'path' know of it when the machine stops.
 * Returns 0 or a positive errno value. */
static int
sync_dir_of(const char *path)
{
    char *dir = dir_name(path);
    int error = forward_dir_sync(dir);

    free(dir);
    return error;
}

/* Writes '*state' to the file 'path'; with 'to_disk' so that it stays when the
 * machine stops.  Returns 0 or a positive errno value. */
int
forward_state_save(const char *path, const struct forward_state *state,
                   bool to_disk)
{
    struct json *json = to_json(state);
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool is_new;
    int fd = open_or_create(path, &is_new);
    int error = fd < 0 ? errno : 0;

    json_to_ds(json, JSSF_SORT, &ds);
    json_destroy(json);
    ovs_assert(ds.length < STATE_SIZE);
    ds_put_char_multiple(&ds, '\n', STATE_SIZE - ds.length);
    if (!error) {
        ssize_t n = pwrite(fd, ds.string, ds.length, 0);

        error = n < 0 ? errno : n != ds.length ? ENOSPC : 0;
        if (!error && to_disk && fdatasync(fd)) {
            error = errno;
        }
        close(fd);
    }
    ds_destroy(&ds);
    return error || !is_new || !to_disk ? error : sync_dir_of(path);
}
