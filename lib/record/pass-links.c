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

/* A pass that may recirculate packets. */
struct member {
    uint64_t id;
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
    unsigned int next_family;
    struct family families[FAMILIES_MAX];
};

struct pass_links {
    unsigned int n_cpus;
    struct cpu *cpus;
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
get_family(struct cpu *cpu, uint64_t root)
{
    struct family *f = find_family(cpu, root);

    if (!f) {
        f = &cpu->families[cpu->next_family++ % FAMILIES_MAX];
        if (f->root) {
            cpu->evicted = cpu->newest;
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
    struct member m = { .id = pass_record_id(rec) };
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

/* Returns the number of the only pass of 'f' that can have recirculated a
 * packet with 'recirc_id', which it has done then; 0 if there is none, or more
 * than one. */
static uint64_t
take_parent(struct family *f, uint32_t recirc_id)
{
    struct member *found = NULL;
    uint32_t *id;

    for (size_t i = 0; i < f->n_members; i++) {
        struct member *m = &f->members[i];

        if (m->unknown || find_id(m, recirc_id)) {
            if (found || !f->root_seen) {
                return 0;
            }
            found = m;
        }
    }
    if (!found) {
        return f->root_seen ? 0 : f->root;
    }
    id = find_id(found, recirc_id);
    if (id && !found->unknown) {
        *id = found->ids[--found->n_ids];
    }
    return found->id;
}

/* Sets the parent of 'rec', which is not its own root. */
static void
set_parent(const struct pass_links *l, struct cpu *cpu, struct family *f,
           struct pass_record *rec)
{
    uint64_t id = pass_record_id(rec);
    uint64_t parent;

    if (cpu_of(l, f->root) != cpu_of(l, id) || f->root >= id
        || !all_seen(l, cpu, f->root, id)) {
        f->incomplete = true;
    }
    parent = f->incomplete ? 0 : take_parent(f, rec->recirc_id);
    if (parent) {
        rec->below = parent;
        rec->flags |= PASS_F_BELOW;
    }
}

/* Takes the pass of 'rec', which must be one that pass_parse() accepts, into
 * account, and changes 'rec' to say what is certain: 'below' is the parent, if
 * PASS_F_BELOW is set.  Records of one CPU must come in the order in which it
 * wrote them.
 * 'actions' are those of the pass; their 'data' is NULL if they are
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
    f = get_family(cpu, rec->root);
    if (rec->root == id) {
        f->root_seen = true;
        f->incomplete = f->incomplete && f->n_members;
    } else {
        set_parent(l, cpu, f, rec);
    }
    add_member(f, rec, actions);
}
