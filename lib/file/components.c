/* SPDX-License-Identifier: Apache-2.0 */

/* Edges are united in memory (union-find) until there is no more room.  Then
 * each component that was found becomes a star: an edge from each of its nodes
 * to the least of them, its root.  If there was room for all edges, that is
 * it.
 *
 * Otherwise two steps are repeated until they change nothing, each of which is
 * a pass over sorted edges.  Neither changes which nodes are connected, nor
 * are there ever more edges:
 *
 *   - The greater neighbors of each node become neighbors of its least one.
 *
 *   - The lesser neighbors of each node, and itself, become neighbors of the
 *     least one of them.
 *
 * When nothing changes, no node has both lesser and greater neighbors, or more
 * than one lesser one: there are stars again.  (Kiveris et al., "Connected
 * components in MapReduce and beyond", 2014, which also shows that the number
 * of rounds grows no faster than the square of the logarithm of that of
 * nodes.) */

#include <config.h>

#include "file/components.h"

#include <stdlib.h>

#include "file/spill-sort.h"
#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/util.h"
#include "util.h"

/* A node in memory. */
struct member {
    struct hmap_node node;      /* In 'members' of struct components. */
    uint64_t id;
    uint32_t parent;            /* Index of one with a lesser 'id', or its
                                 * own. */
};

struct edge {
    uint64_t a, b;
};

struct components {
    size_t memory;              /* Bytes. */
    int error;                  /* A positive errno value, or 0. */
    struct hmap by_id;
    struct member *members;
    size_t n, allocated, max;
    unsigned int n_written;     /* How often there was no room. */
    struct spill_sort *edges;   /* From greater to lesser nodes. */
    bool changed;               /* Has the last round changed anything? */
};

static int
compare_edges(const void *a_, const void *b_)
{
    const struct edge *a = a_;
    const struct edge *b = b_;

    return (a->a != b->a ? (a->a < b->a ? -1 : 1)
            : a->b < b->b ? -1 : a->b > b->b);
}

/* Returns a new object for edges, at most two of which are there at the same
 * time. */
static struct spill_sort *
create_edges(const struct components *c)
{
    return spill_sort_create(sizeof(struct edge), compare_edges,
                             c->memory / 2);
}

/* Returns a new object that needs about 'memory' bytes.  The caller frees it
 * with components_destroy(). */
struct components *
components_create(size_t memory)
{
    struct components *c = xzalloc(sizeof *c);

    c->memory = memory;
    c->max = memory / 2 / (sizeof *c->members + 2 * sizeof(void *));
    c->max = MAX(2, MIN(c->max, UINT32_MAX));
    hmap_init(&c->by_id);
    c->edges = create_edges(c);
    return c;
}

static void
fail(struct components *c, int error)
{
    if (!c->error) {
        c->error = error;
    }
}

static void
free_members(struct components *c)
{
    hmap_destroy(&c->by_id);
    hmap_init(&c->by_id);
    free(c->members);
    c->members = NULL;
    c->n = c->allocated = 0;
}

/* Frees 'c', which may be NULL.  Returns the error, a positive errno value, or
 * 0. */
int
components_destroy(struct components *c)
{
    int error;

    if (!c) {
        return 0;
    }
    fail(c, spill_sort_destroy(c->edges));
    error = c->error;
    free_members(c);
    hmap_destroy(&c->by_id);
    free(c);
    return error;
}

/* Returns what has gone wrong, a positive errno value, or 0. */
int
components_error(const struct components *c)
{
    return c->error ? c->error : spill_sort_error(c->edges);
}

/* In memory. */

/* Moves the members to where there is more room. */
static void
grow(struct components *c)
{
    c->allocated = MIN(MAX(64, 2 * c->allocated), c->max);
    c->members = xrealloc(c->members, c->allocated * sizeof *c->members);
    hmap_clear(&c->by_id);
    for (size_t i = 0; i < c->n; i++) {
        hmap_insert(&c->by_id, &c->members[i].node,
                    hash_uint64(c->members[i].id));
    }
}

/* Returns the index of the member 'id', which is new if it was not there. */
static uint32_t
get_member(struct components *c, uint64_t id)
{
    uint32_t hash = hash_uint64(id);
    struct member *m;

    HMAP_FOR_EACH_WITH_HASH (m, node, hash, &c->by_id) {
        if (m->id == id) {
            return m - c->members;
        }
    }
    if (c->n >= c->allocated) {
        grow(c);
    }
    m = &c->members[c->n];
    m->id = id;
    m->parent = c->n;
    hmap_insert(&c->by_id, &m->node, hash);
    return c->n++;
}

/* Returns the root of the member 'i', and shortens the way there. */
static uint32_t
find_root(struct components *c, uint32_t i)
{
    while (c->members[i].parent != i) {
        struct member *m = &c->members[i];

        m->parent = c->members[m->parent].parent;
        i = m->parent;
    }
    return i;
}

/* Writes what is in memory as stars. */
static void
write_stars(struct components *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t root = find_root(c, i);

        if (root != i) {
            spill_sort_add(c->edges, &(struct edge) {
                .a = c->members[i].id, .b = c->members[root].id,
            });
        }
    }
    hmap_clear(&c->by_id);
    c->n = 0;
    c->n_written++;
}

/* Adds that 'a' and 'b' belong together. */
void
components_add(struct components *c, uint64_t a, uint64_t b)
{
    uint32_t i, j;

    if (a == b || c->error) {
        return;
    } else if (c->n + 2 > c->max) {
        write_stars(c);
    }
    i = find_root(c, get_member(c, a));
    j = find_root(c, get_member(c, b));
    if (c->members[i].id < c->members[j].id) {
        c->members[j].parent = i;
    } else {
        c->members[i].parent = j;
    }
}

/* Not in memory. */

/* Stores what comes next in 's' in '*edge', other than what is there
 * already. */
static bool
next_edge(struct spill_sort *s, struct edge *edge, bool is_first)
{
    struct edge last = *edge;

    while (spill_sort_next(s, edge)) {
        if (is_first || compare_edges(&last, edge)) {
            return true;
        }
    }
    return false;
}

/* Takes 's' apart.  Its edges are from greater to lesser nodes; the result has
 * them in both directions. */
static struct spill_sort *
add_reverse(struct components *c, struct spill_sort *s)
{
    struct spill_sort *both = create_edges(c);
    struct edge e = { 0, 0 };

    for (bool first = true; next_edge(s, &e, first); first = false) {
        spill_sort_add(both, &e);
        spill_sort_add(both, &(struct edge) { .a = e.b, .b = e.a });
    }
    fail(c, spill_sort_destroy(s));
    spill_sort_finish(both);
    return both;
}

/* Takes 's' apart, which has edges in both directions, and gives the greater
 * neighbors of each node to its least one.  The result is from greater to
 * lesser nodes. */
static struct spill_sort *
move_greater(struct components *c, struct spill_sort *s)
{
    struct spill_sort *out = create_edges(c);
    uint64_t node = 0, least = 0;
    struct edge e = { 0, 0 };

    for (bool first = true; next_edge(s, &e, first); first = false) {
        if (first || e.a != node) {
            node = e.a;
            least = MIN(node, e.b);
        }
        if (e.b > node) {
            c->changed = c->changed || least != node;
            spill_sort_add(out, &(struct edge) { .a = e.b, .b = least });
        }
    }
    fail(c, spill_sort_destroy(s));
    spill_sort_finish(out);
    return out;
}

/* Takes 's' apart, which has edges from greater to lesser nodes, and makes the
 * lesser neighbors of each node those of the least one.  So is the result. */
static struct spill_sort *
move_lesser(struct components *c, struct spill_sort *s)
{
    struct spill_sort *out = create_edges(c);
    uint64_t node = 0, least = 0;
    struct edge e = { 0, 0 };

    for (bool first = true; next_edge(s, &e, first); first = false) {
        if (first || e.a != node) {
            node = e.a;
            least = e.b;
            spill_sort_add(out, &e);
        } else {
            c->changed = true;
            spill_sort_add(out, &(struct edge) { .a = e.b, .b = least });
        }
    }
    fail(c, spill_sort_destroy(s));
    spill_sort_finish(out);
    return out;
}

/* Ends adding: from now on, nodes are found. */
void
components_finish(struct components *c)
{
    write_stars(c);
    free_members(c);
    spill_sort_finish(c->edges);
    c->changed = c->n_written > 1;
    while (c->changed && !components_error(c)) {
        c->changed = false;
        c->edges = add_reverse(c, c->edges);
        c->edges = move_greater(c, c->edges);
        c->edges = move_lesser(c, c->edges);
    }
}

/* Stores the next node that is not alone, or the root of those that belong to
 * it, in '*node', and the least node that belongs to it in '*root'.  Nodes
 * come in their order.  Returns false if that was all, or if something has
 * gone wrong. */
bool
components_next(struct components *c, uint64_t *node, uint64_t *root)
{
    struct edge e;

    if (components_error(c) || !spill_sort_next(c->edges, &e)) {
        return false;
    }
    *node = e.a;
    *root = e.b;
    return true;
}
