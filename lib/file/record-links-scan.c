/* SPDX-License-Identifier: Apache-2.0 */

/* What is needed of a record, from its line; see json-scan.h for what is
 * accepted. */

#include <config.h>

#include "file/record-links.h"

#include <string.h>

#include "base/json-scan.h"
#include "openvswitch/util.h"
#include "util.h"

/* The members that are looked for. */
enum {
    MEMBER_EVENT = RECORD_N_IDS,        /* None of a record. */
    MEMBER_EVENTS,
    MEMBER_KIND,
    MEMBER_LOOKUP,
    MEMBER_RAW,
    MEMBER_SEQ,
    N_MEMBERS
};

#define BIT(MEMBER) (1u << (MEMBER))

/* Those that have to be there. */
#define MEMBERS (BIT(RECORD_ID) | BIT(RECORD_PARENT) | BIT(MEMBER_EVENTS)  \
                 | BIT(MEMBER_KIND) | BIT(MEMBER_RAW) | BIT(MEMBER_SEQ))
#define MEMBERS_OF_PASS (MEMBERS | BIT(RECORD_UPCALL) | BIT(RECORD_TRACK)  \
                         | BIT(MEMBER_LOOKUP))
#define MEMBERS_OF_UPCALL (MEMBERS | BIT(RECORD_PASS) | BIT(RECORD_GROUP))

/* What was read. */
struct scan {
    struct json_scan in;
    struct record_members members;
    uint32_t seen;              /* Bits: members that are there. */
    uint32_t of_passes;         /* Bits: ids with a "p". */
    uint64_t raw_track;
    bool has_raw_track, has_raw_track_p, raw_track_seen;
};

/* Members.  As those of json-scan.h, each of these functions goes on behind
 * what it has read, or returns false. */

/* An id, or null: then '*known' is false.  '*has_p' is whether it is that of a
 * pass. */
static bool
scan_id(struct scan *s, uint64_t *id, bool *known, bool *has_p)
{
    const char *string;
    size_t len;

    *known = !json_scan_word(&s->in, "null");
    *has_p = false;
    if (!*known) {
        return true;
    } else if (!json_scan_string(&s->in, &string, &len)) {
        return false;
    }
    *has_p = len && string[0] == 'p';
    string += *has_p;
    len -= *has_p;
    return len && json_scan_digits(string, string + len, id) == len;
}

/* An id that is a member of the record. */
static bool
scan_member_id(struct scan *s, int member)
{
    bool known, has_p;

    if (!scan_id(s, &s->members.ids[member], &known, &has_p)) {
        return false;
    }
    s->members.known |= known ? BIT(member) : 0;
    s->of_passes |= has_p ? BIT(member) : 0;
    return true;
}

static bool
is_name(const char *name, size_t len, const char *string)
{
    return len == strlen(string) && !memcmp(name, string, len);
}

/* A time, or null, for which it is 0. */
static bool
scan_time(struct scan *s, uint64_t *ts)
{
    *ts = 0;
    return json_scan_word(&s->in, "null") || json_scan_number(&s->in, ts);
}

/* An event. */
static bool
scan_event(struct scan *s)
{
    uint64_t *first = &s->members.ts;
    bool has_ts = false;
    const char *name;
    size_t len;
    bool more;

    if (!json_scan_open(&s->in, '{', '}', &more)) {
        return false;
    }
    while (more) {
        uint64_t ts = 0;
        bool is_ts;

        if (!json_scan_name(&s->in, &name, &len)) {
            return false;
        }
        is_ts = is_name(name, len, "ts");
        if (is_ts ? has_ts || !scan_time(s, &ts)
            : !json_scan_value(&s->in, 3)) {
            return false;
        }
        has_ts = has_ts || is_ts;
        *first = ts && (!*first || ts < *first) ? ts : *first;
        if (!json_scan_separator(&s->in, '}', &more)) {
            return false;
        }
    }
    return true;
}

static bool
scan_events(struct scan *s)
{
    bool more;

    if (!json_scan_open(&s->in, '[', ']', &more)) {
        return false;
    }
    while (more) {
        if (!scan_event(s) || !json_scan_separator(&s->in, ']', &more)) {
            return false;
        }
    }
    return true;
}

static bool
scan_raw_track(struct scan *s)
{
    bool again = s->raw_track_seen;

    s->raw_track_seen = true;
    return !again && scan_id(s, &s->raw_track, &s->has_raw_track,
                             &s->has_raw_track_p);
}

static bool
scan_raw(struct scan *s)
{
    const char *name;
    size_t len;
    bool more;

    if (!json_scan_open(&s->in, '{', '}', &more)) {
        return false;
    }
    while (more) {
        if (!json_scan_name(&s->in, &name, &len)
            || !(is_name(name, len, "track") ? scan_raw_track(s)
                 : json_scan_value(&s->in, 2))
            || !json_scan_separator(&s->in, '}', &more)) {
            return false;
        }
    }
    return true;
}

static bool
scan_kind(struct scan *s)
{
    const char *string;
    size_t len;

    if (!json_scan_string(&s->in, &string, &len)) {
        return false;
    }
    s->members.is_pass = is_name(string, len, "pass");
    return s->members.is_pass || is_name(string, len, "upcall");
}

/* A string or null. */
static bool
scan_lookup(struct scan *s)
{
    const char *string;
    size_t len;

    s->members.is_execute = json_scan_word(&s->in, "null");
    return s->members.is_execute || json_scan_string(&s->in, &string, &len);
}

/* Returns which member 'name' is, N_MEMBERS for one that is not needed. */
static int
find_member(const char *name, size_t len)
{
#define NAME(STRING) { STRING, sizeof STRING - 1 }
    static const struct {
        const char *name;
        size_t len;
    } names[N_MEMBERS] = {
        [RECORD_GROUP] = NAME("group"),
        [RECORD_ID] = NAME("id"),
        [RECORD_PARENT] = NAME("parent"),
        [RECORD_PASS] = NAME("pass"),
        [RECORD_TRACK] = NAME("track"),
        [RECORD_UPCALL] = NAME("upcall"),
        [MEMBER_EVENT] = NAME("event"),
        [MEMBER_EVENTS] = NAME("events"),
        [MEMBER_KIND] = NAME("kind"),
        [MEMBER_LOOKUP] = NAME("lookup"),
        [MEMBER_RAW] = NAME("raw"),
        [MEMBER_SEQ] = NAME("seq"),
    };
#undef NAME

    for (int i = 0; i < N_MEMBERS; i++) {
        if (len == names[i].len && !memcmp(name, names[i].name, len)) {
            return i;
        }
    }
    return N_MEMBERS;
}

static bool
scan_member(struct scan *s)
{
    const char *name;
    size_t len;
    int member;

    if (!json_scan_name(&s->in, &name, &len)) {
        return false;
    }
    member = find_member(name, len);
    if (member == N_MEMBERS) {
        return json_scan_value(&s->in, 1);
    } else if (s->seen & BIT(member)) {
        return false;
    }
    s->seen |= BIT(member);
    switch (member) {
    case MEMBER_EVENT: return false;
    case MEMBER_EVENTS: return scan_events(s);
    case MEMBER_KIND: return scan_kind(s);
    case MEMBER_LOOKUP: return scan_lookup(s);
    case MEMBER_RAW: return scan_raw(s);
    case MEMBER_SEQ: return json_scan_number(&s->in, &s->members.seq);
    default: return scan_member_id(s, member);
    }
}

/* Returns true if all members that 's' needs are there and as they should
 * be. */
static bool
check_members(struct scan *s)
{
    uint32_t needed = (s->members.is_pass ? MEMBERS_OF_PASS
                       : MEMBERS_OF_UPCALL);
    uint32_t of_passes = (s->members.is_pass
                          ? BIT(RECORD_ID) | BIT(RECORD_PARENT)
                            | BIT(RECORD_TRACK)
                          : BIT(RECORD_PASS) | BIT(RECORD_TRACK));
    uint32_t known;

    if ((s->seen & needed) != needed) {
        return false;
    } else if (!s->members.is_pass) {
        if (!s->raw_track_seen
            || s->seen & (BIT(RECORD_TRACK) | BIT(RECORD_UPCALL))) {
            return false;
        }
        s->members.ids[RECORD_TRACK] = s->raw_track;
        s->members.known |= s->has_raw_track ? BIT(RECORD_TRACK) : 0;
        s->of_passes |= s->has_raw_track_p ? BIT(RECORD_TRACK) : 0;
    } else if (s->seen & (BIT(RECORD_PASS) | BIT(RECORD_GROUP))) {
        return false;
    }
    known = s->members.known;
    return known & BIT(RECORD_ID) && s->of_passes == (known & of_passes);
}

/* Reads the 'len' bytes at 'line' into '*links'.  Returns true if successful,
 * or false if the line has to be parsed: it is wrong, or unusual, or no
 * record. */
bool
record_links_scan(const char *line, size_t len, struct record_links *links)
{
    struct scan s = { .in = { .p = line, .end = line + len } };
    bool more;

    if (!json_scan_open(&s.in, '{', '}', &more)) {
        return false;
    }
    while (more) {
        if (!scan_member(&s) || !json_scan_separator(&s.in, '}', &more)) {
            return false;
        }
    }
    if (s.in.p != s.in.end || !check_members(&s)) {
        return false;
    }
    record_links_from_members(links, &s.members);
    return true;
}
