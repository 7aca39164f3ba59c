/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/record/pass-links.c. */

#include <config.h>
#include "record/pass-links.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build-record.h"
#include "netlink.h"
#include "odp-netlink.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/util.h"
#include "random.h"
#include "record/pass.h"
#include "record/record.h"
#include "util.h"

/* A kernel that makes up packets: each pass has actions that may recirculate
 * with one of a few ids, or output the packet to where it comes to a datapath
 * again, within this pass; some are not executed, some are deferred to the end
 * of the outermost pass, some passes are not recorded, and some records are
 * lost. */

#define N_CPUS 2
#define N_PORTS 2
#define DEPTH_MAX 4
#define DEFERRED_MAX 10

/* A pass. */
struct made_pass {
    uint64_t id;                /* 0 if it is not recorded. */
    uint64_t ts;                /* When it began. */
    uint64_t parent;            /* That has recirculated the packet, or 0. */
    uint64_t root;              /* As the programs have it, */
    uint64_t root_ts;           /* and when that began. */
    uint64_t packet;            /* First pass of the packet, or 0. */
    uint32_t recirc_id;
    uint32_t dp_ifindex, port_no;
    int depth;
    bool recirculated;
    bool unseen;                /* Is it not recorded? */
    bool execute;
    bool has_record;            /* Has its record been written? */
    const struct ofpbuf *actions;
};

struct model {
    struct pass_links *links;
    uint64_t n_ids;
    uint64_t now;
    int loss;                   /* Of 1000 records. */
    struct made_pass deferred[DEFERRED_MAX];
    size_t n_deferred;
    size_t n_known, n_unknown;  /* Parents. */
    size_t n_outer;             /* Of the first, those that are not of the
                                 * family of the root. */
    size_t n_tracks;            /* Of which user space has found the packet. */
    size_t n_orphans;           /* Recirculated by what is not recorded. */
    uint64_t first_ts[N_PORTS]; /* When the last packet came from each port
                                 * that was not recirculated, */
    uint64_t unseen_ts[N_PORTS];        /* and was not recorded. */
};

static void run_pass(struct model *, struct made_pass *,
                     struct made_pass *outermost);

/* What was said of a pass with the parent 'p' has must be right. */
static void
check_parent(struct model *m, const struct made_pass *p,
             const struct pass_record *rec)
{
    ck_assert_uint_eq(rec->below, p->parent);
    m->n_known++;
    m->n_outer += p->root != p->packet;
}

/* Hands the record of 'p' over, and compares the parent, and of which packet
 * it is. */
static void
hand_over(struct model *m, struct made_pass *p)
{
    bool ambiguous = p->recirculated && m->first_ts[p->port_no] > p->root_ts;
    bool unseen = p->recirculated && m->unseen_ts[p->port_no] > p->root_ts;
    struct upcall_attrs attrs = { .data = p->actions->data,
                                  .len = p->actions->size };
    struct pass_record rec = {
        .head = PASS_RECORD | p->id,
        .root = p->root,
        .track = ambiguous ? PASS_NO_TRACK : p->packet,
        .below = p->root,
        .flags = (PASS_F_BELOW | PASS_F_DP | PASS_F_PORT
                  | (unseen ? PASS_F_UNSEEN : 0)),
        .recirc_id = p->recirc_id,
        .dp_ifindex = p->dp_ifindex,
        .port_no = p->port_no,
        .lookup = p->execute ? PASS_NONE : PASS_HIT,
    };

    p->has_record = true;
    if (random_range(1000) < m->loss) {
        return;
    }
    if (!random_range(20)) {
        attrs.data = NULL;              /* They were cut. */
    }
    pass_links_resolve(m->links, &rec, &attrs);
    if (rec.flags & PASS_F_BELOW) {
        check_parent(m, p, &rec);
    } else if (p->parent) {
        m->n_unknown++;
    }
    ck_assert((p->packet && rec.track == p->packet)
              || (ambiguous && rec.track == PASS_NO_TRACK));
    m->n_tracks += ambiguous && rec.track != PASS_NO_TRACK;
    m->n_orphans += p->recirculated && !p->parent;
}

/* The packet of 'p' comes to some port of some datapath again. */
static void
output(struct model *m, const struct made_pass *p,
       struct made_pass *outermost)
{
    struct made_pass other = {
        .dp_ifindex = 1 + random_range(2),
        .port_no = random_range(N_PORTS),
        .depth = p->depth + 1,
        .unseen = !random_range(8),
    };

    run_pass(m, &other, outermost);
}

/* Executes the recirculations in 'ids' of 'p'.  What a pass that is not
 * recorded recirculates at once is not recorded either. */
static void
execute(struct model *m, const struct made_pass *p, const uint32_t ids[],
        size_t n, struct made_pass *outermost)
{
    for (size_t i = 0; i < n; i++) {
        struct made_pass child = *p;
        int what = random_range(8);

        child.parent = p->id;
        child.recirculated = true;
        child.recirc_id = ids[i];
        child.depth = p->depth + 1;
        child.execute = false;
        if (!random_range(8)) {
            output(m, p, outermost);
        }
        if (!what) {
            continue;           /* In a branch that is not taken. */
        } else if (what == 1 && m->n_deferred < DEFERRED_MAX) {
            child.root = outermost->id;
            child.root_ts = outermost->ts;
            child.unseen = false;
            m->deferred[m->n_deferred++] = child;
        } else {
            run_pass(m, &child, outermost);
        }
    }
}

/* 'p' begins within 'outermost': gives it its number, and writes the record of
 * an execute that has recirculated a packet, which comes first. */
static void
begin_pass(struct model *m, struct made_pass *p, struct made_pass *outermost)
{
    p->ts = ++m->now;
    p->id = p->unseen ? 0 : m->n_ids++ * N_CPUS + 1;
    if (!p->recirculated) {
        p->root = p->packet = p->id;
        p->root_ts = m->first_ts[p->port_no] = p->ts;
    }
    if (p->unseen) {
        m->unseen_ts[p->port_no] = p->ts;
    } else if (p->recirculated && p->root == outermost->id
               && !outermost->has_record) {
        hand_over(m, outermost);
    }
}

/* Runs 'p', which is within 'outermost', or is that if this is NULL. */
static void
run_pass(struct model *m, struct made_pass *p, struct made_pass *outermost)
{
    size_t n = p->depth < DEPTH_MAX ? random_range(4) : 0;
    bool is_outermost = !outermost;
    uint64_t stub[16];
    struct ofpbuf actions;
    uint32_t ids[4];

    outermost = outermost ? outermost : p;
    begin_pass(m, p, outermost);
    ofpbuf_use_stub(&actions, stub, sizeof stub);
    for (size_t i = 0; i < n; i++) {
        ids[i] = 1 + random_range(6);
        nl_msg_put_u32(&actions, OVS_ACTION_ATTR_RECIRC, ids[i]);
    }
    p->actions = &actions;
    if (!p->execute && !p->unseen) {
        hand_over(m, p);
    }
    execute(m, p, ids, n, outermost);
    for (size_t i = 0; is_outermost && i < m->n_deferred; i++) {
        struct made_pass child = m->deferred[i];

        run_pass(m, &child, p);
    }
    if (p->execute && !p->has_record) {
        hand_over(m, p);
    }
    ofpbuf_uninit(&actions);
}

/* Runs packets with so many passes in all, of which 'loss' in 1000 are
 * lost. */
static void
run_model(struct model *m, int loss, size_t n_passes)
{
    memset(m, 0, sizeof *m);
    m->links = pass_links_create(N_CPUS);
    m->loss = loss;
    while (m->n_ids < n_passes) {
        struct made_pass first = {
            .dp_ifindex = 1 + random_range(2),
            .port_no = random_range(N_PORTS),
            .execute = !random_range(4),
        };

        m->n_deferred = 0;
        run_pass(m, &first, NULL);
    }
    pass_links_destroy(m->links);
}

/* No parent or packet is ever wrong, and most are known. */
START_TEST(test_model)
{
    static const int losses[] = { 0, 1, 20, 300 };
    struct model m;

    random_set_seed(_i + 1);
    run_model(&m, losses[_i], 300000);
    ck_assert_uint_gt(m.n_known, _i < 2 ? 50000 : 0);
    ck_assert_uint_gt(m.n_outer, _i < 2 ? 1000 : 0);
    ck_assert_uint_gt(m.n_tracks, _i < 2 ? 10000 : 0);
    ck_assert_uint_gt(m.n_orphans, 500);
}
END_TEST

/* Returns what is said of the packet of a pass of upcall 17, a miss or its
 * execute, with number 'id', of which the programs say 'track'. */
static uint64_t
track_of(struct pass_links *links, uint64_t id, enum pass_lookup lookup,
         uint64_t track)
{
    const struct upcall_attrs none = { .data = NULL };
    struct pass_record rec = {
        .head = PASS_RECORD | id,
        .root = id,
        .track = track,
        .upcall = 17,
        .flags = PASS_F_UPCALL,
        .lookup = lookup,
    };

    pass_links_resolve(links, &rec, &none);
    return rec.track;
}

/* The execute of an upcall is of the packet of the miss.  The records come
 * from different CPUs, so in any order; if that of the execute comes first,
 * only the programs can know. */
START_TEST(test_execute)
{
    struct pass_links *links = pass_links_create(N_CPUS);

    ck_assert_uint_eq(track_of(links, 2, PASS_NONE, 5), 5);
    ck_assert_uint_eq(track_of(links, 4, PASS_NONE, PASS_NO_TRACK),
                      PASS_NO_TRACK);
    ck_assert_uint_eq(track_of(links, 7, PASS_MISS, 5), 5);
    ck_assert_uint_eq(track_of(links, 6, PASS_NONE, PASS_NO_TRACK), 5);
    ck_assert_uint_eq(track_of(links, 8, PASS_NONE, 3), 3);
    pass_links_destroy(links);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_links_tcase(void)
{
    TCase *tcase = tcase_create("pass-links");

    tcase_add_loop_test(tcase, test_model, 0, 4);
    tcase_add_test(tcase, test_execute);
    return tcase;
}
