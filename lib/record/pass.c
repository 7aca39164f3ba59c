/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass.h"

#include <string.h>

#include "openvswitch/util.h"
#include "record/record.h"
#include "util.h"

/* See record.c. */
#define TIME_BITS 62

BUILD_ASSERT_DECL(sizeof(struct pass_record) % 8 == 0);

/* Returns where the actions of 'rec' start, in bytes. */
static size_t
get_actions_ofs(const struct pass_record *rec)
{
    return sizeof *rec + ROUND_UP(rec->packet_kept, 8);
}

/* Returns where what the actions point to starts in 'rec', in bytes. */
static size_t
get_pointed_ofs(const struct pass_record *rec)
{
    return get_actions_ofs(rec) + ROUND_UP(rec->actions_len, 8);
}

/* Returns where what was executed starts in 'rec', in bytes. */
static size_t
get_executed_ofs(const struct pass_record *rec)
{
    return get_pointed_ofs(rec) + rec->pointed_len;
}

/* Returns the size of 'rec' in bytes: of the structure, of which all has to be
 * there, and of the variable parts that it says it has. */
size_t
pass_record_size(const struct pass_record *rec)
{
    return (!rec->n_executed && !rec->pointed_len
            ? get_actions_ofs(rec) + rec->actions_len
            : (get_executed_ofs(rec)
               + rec->n_executed * sizeof(struct pass_executed)));
}

/* Returns NULL if the structure at the start of the record at 'data' is
 * possible and its parts are in the record, 'size' bytes, otherwise a string
 * that says what is wrong. */
static char *
check_fixed(const void *data, size_t size)
{
    const struct pass_record *rec = data;

    if ((uintptr_t) data % 8) {
        return xstrdup("record is not aligned to 8 bytes");
    } else if (size < sizeof *rec) {
        return xasprintf("record of %"PRIuSIZE" bytes is shorter than its "
                         "fixed part, %"PRIuSIZE" bytes", size, sizeof *rec);
    } else if (!(rec->head & PASS_RECORD)) {
        return xstrdup("record is none of a pass");
    } else if (rec->packet_kept > UPCALL_SNAP_MAX
               || (rec->actions_len > PASS_ACTIONS_MAX
                   && !(rec->flags & PASS_F_DECODED))) {
        return xasprintf("record has impossible parts of %d and %d bytes",
                         rec->packet_kept, rec->actions_len);
    } else if (rec->pointed_len > PASS_POINTED_MAX || rec->pointed_len % 8) {
        return xasprintf("record has impossible %d bytes that actions point "
                         "to", rec->pointed_len);
    } else if (rec->n_executed > PASS_EXECUTED_MAX) {
        return xasprintf("record has impossible %d executed actions",
                         rec->n_executed);
    } else if (size < pass_record_size(rec)
               || size > ROUND_UP(pass_record_size(rec), 8)) {
        return xasprintf("record has %"PRIuSIZE" bytes, its parts need "
                         "%"PRIuSIZE, size, pass_record_size(rec));
    } else if (rec->lookup >= PASS_N_LOOKUPS) {
        return xasprintf("record has unknown lookup %d", rec->lookup);
    } else if (rec->ts >> TIME_BITS) {
        return xstrdup("record has an impossible time");
    }
    return NULL;
}

/* Sets where the actions of 'p' are. */
static void
find_actions(struct pass *p)
{
    const struct pass_record *rec = p->rec;
    const uint8_t *actions = (const uint8_t *) rec + get_actions_ofs(rec);

    if (!(rec->flags & PASS_F_ACTIONS)) {
        return;
    } else if (rec->flags & PASS_F_ACTIONS_CUT) {
        p->first_actions = actions;
        p->first_actions_len = rec->actions_len;
    } else {
        p->actions = actions;
        p->actions_len = rec->actions_len;
    }
}

/* Fills '*p' with what the record at 'data', 'size' bytes, says.  'data' has
 * to be aligned to 8 bytes and to live as long as '*p' is used.
 *
 * Returns true if successful.  If the structure at the start of the record is
 * impossible, returns false and stores a string that says why, which the
 * caller has to free, in '*errorp'; '*p' is undefined then.  On success
 * '*errorp' is NULL. */
bool
pass_parse(const void *data, size_t size, struct pass *p, char **errorp)
{
    const struct pass_record *rec = data;

    *errorp = check_fixed(data, size);
    if (*errorp) {
        return false;
    }

    memset(p, 0, sizeof *p);
    p->rec = rec;
    p->id = pass_record_id(rec);
    p->track = rec->track;
    p->has_dp = rec->flags & PASS_F_DP;
    p->has_port = p->has_dp && rec->flags & PASS_F_PORT;
    p->packet = rec->packet_kept ? rec->data : NULL;
    p->packet_kept = rec->packet_kept;
    p->is_execute = rec->lookup == PASS_NONE;
    if (rec->flags & PASS_F_EXECUTED) {
        p->executed = (const void *) ((const uint8_t *) rec
                                      + get_executed_ofs(rec));
        p->n_executed = rec->n_executed;
    }
    find_actions(p);
    if (rec->flags & PASS_F_ACTIONS && rec->pointed_len) {
        p->pointed = (const uint8_t *) rec + get_pointed_ofs(rec);
        p->pointed_len = rec->pointed_len;
    }
    return true;
}

/* Removes what 'rec' has of the packet beyond 'snaplen' bytes and moves what
 * follows up.  'rec' must be one that pass_parse() accepts.  Returns its size
 * in bytes, which is not larger than before. */
size_t
pass_limit_packet(struct pass_record *rec, size_t snaplen)
{
    if (rec->packet_kept > snaplen) {
        const uint8_t *actions = (uint8_t *) rec + get_actions_ofs(rec);
        size_t n = pass_record_size(rec) - get_actions_ofs(rec);
        uint8_t *to;

        rec->packet_kept = snaplen;
        to = (uint8_t *) rec + get_actions_ofs(rec);
        memset(rec->data + snaplen, 0, to - rec->data - snaplen);
        memmove(to, actions, n);
    }
    return pass_record_size(rec);
}

/* Returns the positive errno value for which the kernel refused the execute
 * 'p', 0 if it did not, or 'p' is none, or that is unknown. */
int
pass_get_errno(const struct pass *p)
{
    return (p->is_execute && p->rec->flags & PASS_F_DONE
            ? upcall_ret_to_errno(p->rec->ret) : 0);
}

/* Names.  Each returns NULL if the number has none. */

#define NAME_OF(NUMBER, NAMES) \
    ((NUMBER) >= 0 && (NUMBER) < ARRAY_SIZE(NAMES) ? (NAMES)[NUMBER] : NULL)

/* Returns the name of 'lookup', an enum pass_lookup. */
const char *
pass_lookup_name(int lookup)
{
    static const char *const names[] = {
#define X(ENUM, NAME, DESCRIPTION) [PASS_##ENUM] = NAME,
        PASS_LOOKUPS
#undef X
    };

    return NAME_OF(lookup, names);
}

/* Returns the name of 'hook', an enum pass_hook: that of the function. */
const char *
pass_hook_name(int hook)
{
    static const char *const names[] = {
#define X(ENUM, NAME, WHERE) [PASS_HOOK_##ENUM] = NAME,
        PASS_HOOKS
#undef X
    };

    return NAME_OF(hook, names);
}

/* Returns where in it 'hook', an enum pass_hook, is: "entry" or "exit", or
 * "tracepoint" if it is one. */
const char *
pass_hook_where(int hook)
{
    static const char *const names[] = {
#define X(ENUM, NAME, WHERE) [PASS_HOOK_##ENUM] = WHERE,
        PASS_HOOKS
#undef X
    };

    return NAME_OF(hook, names);
}

/* Returns the name of 'drop', an enum pass_drop. */
const char *
pass_drop_name(int drop)
{
    static const char *const names[] = {
#define X(ENUM, NAME, DESCRIPTION) [PASS_DROP_##ENUM] = NAME,
        PASS_DROPS
#undef X
    };

    return NAME_OF(drop, names);
}
