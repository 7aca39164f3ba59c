/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "record/pass-links.h"

#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "openvswitch/util.h"
#include "record/action.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

/* Limits.  What is beyond them is not known. */
#define MEMBERS_MAX 32          /* Passes of a family. */
#define IDS_MAX 8               /* Recirculations in the actions of one. */
#define FAMILIES_MAX 4          /* Families that are kept for each CPU. */
#define SEEN_MAX 64             /* Bits of 'seen'. */
#define MISSES_MAX 1024         /* Misses that are kept. */

/* A pass that may recirculate packets. */
struct member {
    uint64_t id;
    uint64_t track;             /* The first pass of its packet. */
    uint32_t flags;             /* PASS_F_DP, PASS_F_PORT: what is known. */
    uint32_t dp_ifindex, port_no;
    bool unknown;               /* Are its actions not known? */
    uint8_t n_ids;
    uint32_t ids[IDS_MAX];      /* Those that nothing is known to come from. */
};

/* Passes with the same root. */
struct family {
    uint64_t root;              /* 0 if this is unused. */
    bool root_seen;
    bool incomplete;            /* May a member be missing? */
    size_t n_members;
    struct member members[MEMBERS_MAX];
};

/* A CPU, which numbers its passes in steps of the number of CPUs. */
struct cpu {
    uint64_t newest;            /* Greatest number that was seen, */
    uint64_t seen;              /* and which of those up to it: bit 0 is
                                 * 'newest', bit 1 the one before. */
    uint64_t evicted;           /* It when a family was last evicted. */
    uint64_t evicted_root;      /* Greatest root of those. */
    unsigned int next_family;
    struct family families[FAMILIES_MAX];
};

/* A miss, and the first pass of its packet. */
struct miss {
    uint64_t upcall, track;
};

struct pass_links {
    unsigned int n_cpus;
    struct cpu *cpus;
    struct miss misses[MISSES_MAX];
};

/* Returns a new object for the passes of 'n_cpus' possible CPUs. */
struct pass_links *
pass_links_create(unsigned int n_cpus)
{
    struct pass_links *l = xzalloc(sizeof *l);

    l->n_cpus = MAX(n_cpus, 1);
    l->cpus = xcalloc(l->n_cpus, sizeof *l->cpus);
    return l;
}

/* Frees 'l', which may be NULL. */
void
pass_links_destroy(struct pass_links *l)
{
    if (l) {
        free(l->cpus);
        free(l);
    }
}

/* Numbers. */

static unsigned int
cpu_of(const struct pass_links *l, uint64_t id)
{
    return (id - 1) % l->n_cpus;
}

/* Notes that the record of pass 'id' was seen. */
static void
note_seen(const struct pass_links *l, struct cpu *cpu, uint64_t id)
{
    uint64_t n;

    if (id > cpu->newest) {
        n = (id - cpu->newest) / l->n_cpus;
        cpu->seen = cpu->newest && n < SEEN_MAX ? cpu->seen << n : 0;
        cpu->newest = id;
    }
    n = (cpu->newest - id) / l->n_cpus;
    if (n < SEEN_MAX) {
        cpu->seen |= UINT64_C(1) << n;
    }
}

/* Returns true if the records of all passes between 'from' and 'to', which has
 * been seen, were seen. */
static bool
all_seen(const struct pass_links *l, const struct cpu *cpu, uint64_t from,
         uint64_t to)
{
    uint64_t first = (cpu->newest - to) / l->n_cpus + 1;
    uint64_t n = (to - from) / l->n_cpus - 1;

    if (first + n > SEEN_MAX) {
        return false;
    }
    for (uint64_t i = first; i < first + n; i++) {
        if (!(cpu->seen & UINT64_C(1) << i)) {
            return false;
        }
    }
    return true;
}

/* Families. */

static struct family *
find_family(struct cpu *cpu, uint64_t root)
{
    for (size_t i = 0; i < FAMILIES_MAX; i++) {
        if (cpu->families[i].root == root) {
            return &cpu->families[i];
        }
    }
    return NULL;
}

/* Returns the family of 'root', which is new if it was not there.  One that is
 * not new, but was evicted, is incomplete. */
static struct family *
get_family(const struct pass_links *l, struct cpu *cpu, uint64_t root)
{
    struct family *f = find_family(cpu, root);

    if (!f) {
        f = &cpu->families[cpu->next_family++ % FAMILIES_MAX];
        if (f->root) {
            cpu->evicted = cpu->newest;
            if (&l->cpus[cpu_of(l, f->root)] == cpu) {
                cpu->evicted_root = MAX(cpu->evicted_root, f->root);
            }
        }
        f->root = root;
        f->root_seen = false;
        f->n_members = 0;
        f->incomplete = root <= cpu->evicted;
    }
    return f;
}

/* Returns true if what is in any of 'actions' is not known. */
static bool
has_raw(const struct upcall_attrs *actions, int depth)
{
    const struct nlattr *a;
    size_t left;

    NL_ATTR_FOR_EACH (a, left, actions->data, actions->len) {
        struct upcall_attrs lists[ACTION_LISTS_MAX];
        size_t n = depth < ACTION_MAX_DEPTH ? action_lists(a, lists) : 0;

        if (action_is_raw(a) || depth >= ACTION_MAX_DEPTH) {
            return true;
        }
        for (size_t i = 0; i < n; i++) {
            if (has_raw(&lists[i], depth + 1)) {
                return true;
            }
        }
    }
    return false;
}

/* Adds the pass of 'rec', which has 'actions', to 'f', if it can have
 * recirculated a packet. */
static void
add_member(struct family *f, const struct pass_record *rec,
           const struct upcall_attrs *actions)
{
    struct member m = {
        .id = pass_record_id(rec),
        .track = rec->track,
        .flags = rec->flags,
        .dp_ifindex = rec->dp_ifindex,
        .port_no = rec->port_no,
    };
    size_t n = 0;

    if (rec->lookup == PASS_MISS) {
        return;
    } else if (actions->data) {
        n = action_recirc_ids(actions, m.ids, IDS_MAX);
    }
    m.n_ids = MIN(n, IDS_MAX);
    m.unknown = !actions->data || n > IDS_MAX || has_raw(actions, 0);
    if (!n && !m.unknown) {
        return;
    } else if (f->n_members == MEMBERS_MAX) {
        f->incomplete = true;
    } else {
        f->members[f->n_members++] = m;
    }
}

/* Returns where 'm' has 'recirc_id', or NULL if it has not. */
static uint32_t *
find_id(struct member *m, uint32_t recirc_id)
{
    for (size_t i = 0; i < m->n_ids; i++) {
        if (m->ids[i] == recirc_id) {
            return &m->ids[i];
        }
    }
    return NULL;
}

/* Returns false if the pass of 'rec' surely is not of a packet that 'm' has
 * recirculated: that stays in its datapath, and keeps its input port and takes
 * one of the ids in the actions of 'm'. */
static bool
may_be_from(struct member *m, const struct pass_record *rec)
{
    uint32_t known = m->flags & rec->flags;

    return ((m->unknown || find_id(m, rec->recirc_id))
            && !(known & PASS_F_DP && m->dp_ifindex != rec->dp_ifindex)
            && !(known & PASS_F_PORT && m->port_no != rec->port_no));
}

/* Returns true if 'f' is 'outer', or has begun within it before the pass
 * 'id'. */
static bool
is_within(const struct family *f, const struct family *outer, uint64_t id)
{
    return f->root >= outer->root && f->root < id;
}

/* What may have recirculated a packet. */
struct candidates {
    struct member *found;       /* One of them, NULL if there is none. */
    bool several;               /* Are there more, or may there be? */
};

/* Adds those members of 'f' to 'c' that can have recirculated the packet of
 * 'rec'. */
static void
find_candidates(struct family *f, const struct pass_record *rec,
                struct candidates *c)
{
    c->several |= f->incomplete;
    for (size_t i = 0; i < f->n_members; i++) {
        struct member *m = &f->members[i];

        if (may_be_from(m, rec)) {
            c->several |= c->found || !f->root_seen;
            c->found = m;
        }
    }
}

/* Returns true if passes are known of all packets that came to a datapath
 * within 'f' and may have been recirculated there with that of 'rec'. */
static bool
knows_others(const struct cpu *cpu, const struct family *f,
             const struct pass_record *rec)
{
    return cpu->evicted_root <= f->root && !(rec->flags & PASS_F_UNSEEN);
}

/* Finds out which pass has recirculated the packet of 'rec', whose root is
 * that of 'f': the only one that can have done it, in 'f' or in the passes of
 * other packets that came to a datapath within it, which must be known.  What
 * these put off is executed by the outermost pass, so then the root of 'rec'
 * is not theirs.
 *
 * Stores it in 'rec', and the first pass of the same packet if the programs
 * did not know that. */
static void
take_parent(struct cpu *cpu, struct family *f, struct pass_record *rec)
{
    struct candidates c = { .found = NULL };
    uint64_t id = pass_record_id(rec);
    uint32_t *taken;

    for (size_t i = 0; i < FAMILIES_MAX; i++) {
        struct family *other = &cpu->families[i];

        if (is_within(other, f, id)) {
            find_candidates(other, rec, &c);
        }
    }
    if (c.several || (!c.found && f->root_seen)) {
        return;
    }
    rec->flags |= PASS_F_BELOW;
    if (!c.found) {
        rec->below = f->root;   /* The only one that was not seen. */
        return;
    }
    rec->below = c.found->id;
    if (rec->track == PASS_NO_TRACK) {
        rec->track = c.found->track;
    }
    taken = find_id(c.found, rec->recirc_id);
    if (taken && !c.found->unknown) {
        *taken = c.found->ids[--c.found->n_ids];
    }
}

/* Sets the parent of 'rec', which is not its own root. */
static void
set_parent(const struct pass_links *l, struct cpu *cpu, struct family *f,
           struct pass_record *rec)
{
    uint64_t id = pass_record_id(rec);

    if (cpu_of(l, f->root) != cpu_of(l, id) || f->root >= id
        || !all_seen(l, cpu, f->root, id)) {
        f->incomplete = true;
    }
    if (!f->incomplete && knows_others(cpu, f, rec)) {
        take_parent(cpu, f, rec);
    }
}

/* Tracks. */

static struct miss *
miss_of(struct pass_links *l, uint64_t upcall)
{
    return &l->misses[upcall % MISSES_MAX];
}

/* Notes of what packet the upcall of 'rec' is if that is a miss; else has it
 * be of the packet of the miss of its upcall, if it is not known of which it
 * is, and if that has come before, as it mostly does. */
static void
track_upcall(struct pass_links *l, struct pass_record *rec)
{
    struct miss *m = miss_of(l, rec->upcall);

    if (!(rec->flags & PASS_F_UPCALL)) {
        return;
    } else if (rec->lookup == PASS_MISS) {
        m->upcall = rec->upcall;
        m->track = rec->track;
    } else if (rec->track == PASS_NO_TRACK && m->upcall == rec->upcall) {
        rec->track = m->track;
    }
}

/* Takes the pass of 'rec', which must be one that pass_parse() accepts, into
 * account, and changes 'rec' to say what is certain: 'below' is the parent, if
 * PASS_F_BELOW is set, and 'track' may become known.  Records of one CPU must
 * come in the order in which it wrote them, those of others may come before or
 * after.  'actions' are those of the pass; their 'data' is NULL if they are
 * unknown. */
void
pass_links_resolve(struct pass_links *l, struct pass_record *rec,
                   const struct upcall_attrs *actions)
{
    uint64_t id = pass_record_id(rec);
    struct cpu *cpu = &l->cpus[cpu_of(l, id)];
    struct family *f;

    rec->flags &= ~PASS_F_BELOW;
    if (!id || !rec->root) {
        return;                 /* No record of our programs. */
    }
    note_seen(l, cpu, id);
    f = get_family(l, cpu, rec->root);
    if (rec->root == id) {
        f->root_seen = true;
        f->incomplete = f->incomplete && f->n_members;
    } else {
        set_parent(l, cpu, f, rec);
    }
    track_upcall(l, rec);
    add_member(f, rec, actions);
}
