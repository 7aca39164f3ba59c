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
 * with one of a few ids, some are not executed, some are deferred to the end
 * of the root, and some records are lost. */

#define N_CPUS 2
#define DEPTH_MAX 4
#define DEFERRED_MAX 10

struct deferred {
    uint64_t parent;
    uint32_t recirc_id;
    int depth;
};

struct model {
    struct pass_links *links;
    uint64_t n_ids;
    uint64_t root;
    int loss;                   /* Of 1000 records. */
    struct deferred deferred[DEFERRED_MAX];
    size_t n_deferred;
    size_t n_known, n_unknown;  /* Parents. */
};

static void run_pass(struct model *, uint64_t parent, uint32_t recirc_id,
                     int depth, bool execute);

/* Hands the record of pass 'id' over, and compares the parent. */
static void
hand_over(struct model *m, uint64_t id, uint64_t parent, uint32_t recirc_id,
          bool execute, const struct ofpbuf *actions)
{
    struct upcall_attrs attrs = { .data = actions->data,
                                  .len = actions->size };
    struct pass_record rec = {
        .head = PASS_RECORD | id,
        .root = m->root,
        .below = m->root,
        .flags = PASS_F_BELOW,
        .recirc_id = recirc_id,
        .lookup = execute ? PASS_NONE : PASS_HIT,
    };

    if (random_range(1000) < m->loss) {
        return;
    }
    if (!random_range(20)) {
        attrs.data = NULL;              /* They were cut. */
    }
    pass_links_resolve(m->links, &rec, &attrs);
    if (rec.flags & PASS_F_BELOW) {
        ck_assert_uint_eq(rec.below, parent);
        m->n_known++;
    } else if (parent) {
        m->n_unknown++;
    }
}

/* Executes the recirculations in 'ids' of pass 'id'. */
static void
execute(struct model *m, uint64_t id, const uint32_t ids[], size_t n,
        int depth)
{
    for (size_t i = 0; i < n; i++) {
        int what = random_range(8);

        if (!what) {
            continue;           /* In a branch that is not taken. */
        } else if (what == 1 && m->n_deferred < DEFERRED_MAX) {
            m->deferred[m->n_deferred++] = (struct deferred) {
                id, ids[i], depth + 1
            };
        } else {
            run_pass(m, id, ids[i], depth + 1, false);
        }
    }
}

static void
run_pass(struct model *m, uint64_t parent, uint32_t recirc_id, int depth,
         bool is_execute)
{
    uint64_t id = m->n_ids++ * N_CPUS + 1;
    size_t n = depth < DEPTH_MAX ? random_range(4) : 0;
    uint64_t stub[16];
    struct ofpbuf actions;
    uint32_t ids[4];

    ofpbuf_use_stub(&actions, stub, sizeof stub);
    for (size_t i = 0; i < n; i++) {
        ids[i] = 1 + random_range(6);
        nl_msg_put_u32(&actions, OVS_ACTION_ATTR_RECIRC, ids[i]);
    }
    if (!depth) {
        m->root = id;
    }
    if (!is_execute) {
        hand_over(m, id, parent, recirc_id, false, &actions);
    }
    execute(m, id, ids, n, depth);
    for (size_t i = 0; !depth && i < m->n_deferred; i++) {
        run_pass(m, m->deferred[i].parent, m->deferred[i].recirc_id,
                 m->deferred[i].depth, false);
    }
    if (is_execute) {
        hand_over(m, id, 0, 0, true, &actions);
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
        m->n_deferred = 0;
        run_pass(m, 0, 0, 0, !random_range(4));
    }
    pass_links_destroy(m->links);
}

/* No parent is ever wrong, and most are known. */
START_TEST(test_model)
{
    static const int losses[] = { 0, 1, 20, 300 };
    struct model m;

    random_set_seed(_i + 1);
    run_model(&m, losses[_i], 300000);
    ck_assert_uint_gt(m.n_known, _i < 2 ? 50000 : 0);
}
END_TEST

/* Returns the tests of this file. */
TCase *
pass_links_tcase(void)
{
    TCase *tcase = tcase_create("pass-links");

    tcase_add_loop_test(tcase, test_model, 0, 4);
    return tcase;
}
