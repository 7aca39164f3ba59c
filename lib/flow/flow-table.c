/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-table-private.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "netlink.h"
#include "openvswitch/util.h"
#include "timeval.h"
#include "util.h"

/* Returns the name of 'state', an enum flow_state, or NULL. */
const char *
flow_state_name(int state)
{
    static const char *const names[] = {
#define X(ENUM, NAME) [FLOW_##ENUM] = NAME,
        FLOW_STATES
#undef X
    };

    return state >= 0 && state < FLOW_N_STATES ? names[state] : NULL;
}

/* Returns an empty table that uses at most 'limit' bytes, which the caller
 * frees with flow_table_destroy(). */
struct flow_table *
flow_table_create(size_t limit)
{
    struct flow_table *t = xzalloc(sizeof *t);

    hmap_init(&t->by_id);
    hmap_init(&t->by_ufid);
    ovs_list_init(&t->by_age);
    flow_queue_init(&t->queue);
    flow_queue_init(&t->check_queue);
    flow_queue_init(&t->found_queue);
    ovs_list_init(&t->found);
    ovs_list_init(&t->changes);
    t->limit = limit;
    return t;
}

/* Frees 't', which may be NULL. */
void
flow_table_destroy(struct flow_table *t)
{
    if (t) {
        flow_table_clear(t);
        hmap_destroy(&t->by_id);
        hmap_destroy(&t->by_ufid);
        flow_queue_destroy(&t->queue);
        flow_queue_destroy(&t->check_queue);
        flow_queue_destroy(&t->found_queue);
        free(t);
    }
}

/* Memory. */

static size_t
string_size(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

/* Returns the memory that 'f' uses, in bytes: what it has itself, its places
 * in two hash tables and a heap, and what malloc() adds. */
size_t
flow_table_flow_size(const struct dp_flow *f)
{
    return (sizeof *f + 64 + f->key.len + f->mask.len + f->actions.len
            + string_size(f->error) + string_size(f->rules)
            + string_size(f->now) + string_size(f->told)
            + string_size(f->installed_as) + string_size(f->said_source));
}

static void
remove_flow(struct flow_table *t, struct dp_flow *f)
{
    t->bytes -= flow_table_flow_size(f);
    t->n_dropped += f->state == FLOW_PENDING && !f->settling;
    flow_queue_remove(f);
    hmap_remove(&t->by_id, &f->id_node);
    if (f->is_last) {
        hmap_remove(&t->by_ufid, &f->ufid_node);
    }
    ovs_list_remove(&f->age_node);
    if (f->serial) {
        ovs_list_remove(&f->change_node);
    }
    if (f->found) {
        ovs_list_remove(&f->found_node);
        t->n_found--;
    }
    free(f->error);
    free(f->told);
    free(f->said_source);
    free(f->rules);
    free(f->now);
    free(f->installed_as);
    free(CONST_CAST(struct nlattr *, f->key.data));
    free(CONST_CAST(struct nlattr *, f->mask.data));
    free(CONST_CAST(struct nlattr *, f->actions.data));
    free(f);
}

static struct dp_flow *
oldest(const struct flow_table *t)
{
    return (ovs_list_is_empty(&t->by_age) ? NULL
            : CONTAINER_OF(ovs_list_front(&t->by_age), struct dp_flow,
                           age_node));
}

/* Returns which flow to forget, or NULL if there is none: the oldest, but if
 * most were found, of these the one that was not hit for the longest time. */
static struct dp_flow *
least_needed(const struct flow_table *t)
{
    return (t->n_found > hmap_count(&t->by_id) / 2
            ? CONTAINER_OF(ovs_list_front(&t->found), struct dp_flow,
                           found_node)
            : oldest(t));
}

/* Forgets flows until those that are left fit. */
void
flow_table_limit_memory(struct flow_table *t)
{
    while (t->bytes > t->limit && oldest(t)) {
        remove_flow(t, least_needed(t));
    }
}

/* Forgets all that 't' has. */
void
flow_table_clear(struct flow_table *t)
{
    uint64_t n_dropped = t->n_dropped;

    while (oldest(t)) {
        remove_flow(t, oldest(t));
    }
    t->n_dropped = n_dropped;
}

/* Sets '*member', a string of 'f', to a copy of 's', which may be NULL. */
void
flow_table_set_string(struct flow_table *t, char **member, const char *s)
{
    t->bytes -= string_size(*member);
    free(*member);
    *member = nullable_xstrdup(s);
    t->bytes += string_size(*member);
}

/* The queue. */

/* Takes the flow that has to be asked about most out of the queue and returns
 * it, or NULL if there is none now.  It stays in the table until the table is
 * changed; flow_table_get() finds it again after that.
 *
 * Those that were put and those that were found take turns: otherwise, of many
 * flows that are hit, none of the new ones would ever be asked about.  Those
 * that are only asked about again have the turns that those that were put
 * leave. */
struct dp_flow *
flow_table_pop(struct flow_table *t)
{
    struct dp_flow *f = t->found_next ? flow_queue_pop(&t->found_queue) : NULL;

    f = f ? f : flow_queue_pop(&t->queue);
    f = f ? f : flow_queue_pop(&t->check_queue);
    f = f ? f : flow_queue_pop(&t->found_queue);
    if (f) {
        t->found_next = !f->found;
    }
    return f;
}

/* Returns when there will be a flow to be asked about, in ms of time_msec(),
 * LLONG_MAX for never. */
long long int
flow_table_next_try(struct flow_table *t)
{
    long long int next = MIN(flow_queue_next_try(&t->queue),
                             flow_queue_next_try(&t->check_queue));

    return MIN(next, flow_queue_next_try(&t->found_queue));
}

/* 'f' has been asked about, but it may have been installed anew before that by
 * an upcall whose record is still to come: then the answers were about that
 * installation.  Waits for 'delay_ms', the same for all, whether such a record
 * comes.  This may have 't' forget 'f'. */
void
flow_table_settle(struct flow_table *t, struct dp_flow *f, int delay_ms)
{
    flow_queue_settle(&t->queue, f, delay_ms);
    flow_table_limit_memory(t);
}

/* Returns a flow that has settled, or with 'all' one that was about to, or
 * NULL if there is none. */
struct dp_flow *
flow_table_pop_settled(struct flow_table *t, bool all)
{
    return flow_queue_pop_settled(&t->queue, all);
}

/* Returns when a flow will have settled, in ms of time_msec(), LLONG_MAX for
 * never. */
long long int
flow_table_next_settled(const struct flow_table *t)
{
    return flow_queue_next_settled(&t->queue);
}

/* Puts 'f' into the queue again, to be asked about in 'delay_ms'.  Returns
 * false if that makes no sense any more because it was installed anew. */
bool
flow_table_requeue(struct flow_table *t, struct dp_flow *f, int delay_ms)
{
    bool wanted = f->is_last || f->refused;

    if (wanted) {
        flow_queue_add(f->found ? &t->found_queue : &t->queue, f, delay_ms);
    }
    return wanted;
}

/* Flows. */

static uint32_t
hash_id(uint64_t id)
{
    return hash_uint64(id);
}

static uint32_t
hash_ufid(uint32_t dp_ifindex, const uint8_t ufid[16])
{
    return hash_bytes(ufid, 16, dp_ifindex);
}

/* Returns the last installation of a flow, or NULL. */
struct dp_flow *
flow_table_find_last(const struct flow_table *t, uint32_t dp_ifindex,
                     const uint8_t ufid[16])
{
    struct dp_flow *f;

    HMAP_FOR_EACH_WITH_HASH (f, ufid_node, hash_ufid(dp_ifindex, ufid),
                             &t->by_ufid) {
        if (f->dp_ifindex == dp_ifindex && !memcmp(f->ufid, ufid, 16)) {
            return f;
        }
    }
    return NULL;
}

/* Returns the installation by upcall 'id', or NULL if it is not known. */
struct dp_flow *
flow_table_get(struct flow_table *t, uint64_t id)
{
    return CONST_CAST(struct dp_flow *, flow_table_find(t, id));
}

/* Returns the installation by upcall 'id', or NULL if it is not known. */
const struct dp_flow *
flow_table_find(const struct flow_table *t, uint64_t id)
{
    const struct dp_flow *f;

    HMAP_FOR_EACH_WITH_HASH (f, id_node, hash_id(id), &t->by_id) {
        if (f->id == id) {
            return f;
        }
    }
    return NULL;
}

/* Returns the installation of the flow 'ufid' that was there at 'ts', in ns of
 * the kernel, if that is the last one, or NULL. */
const struct dp_flow *
flow_table_find_at(const struct flow_table *t, uint32_t dp_ifindex,
                   const uint8_t ufid[16], uint64_t ts)
{
    const struct dp_flow *f = flow_table_find_last(t, dp_ifindex, ufid);

    return f && f->put_ts <= ts ? f : NULL;
}

/* Returns the oldest installation, or NULL if there is none. */
const struct dp_flow *
flow_table_first(const struct flow_table *t)
{
    return oldest(t);
}

/* Returns the installation that followed 'f', or NULL if there is none. */
const struct dp_flow *
flow_table_next(const struct flow_table *t, const struct dp_flow *f)
{
    return (f->age_node.next == &t->by_age ? NULL
            : CONTAINER_OF(f->age_node.next, struct dp_flow, age_node));
}

/* 'f' is not the last installation of its flow. */
static void
supersede(struct flow_table *t, struct dp_flow *f)
{
    f->is_last = false;
    if (f->state == FLOW_PENDING) {
        flow_table_set_result(t, f, FLOW_FAILED, "installed anew before "
                              "ovs-vswitchd was asked");
    } else {
        flow_queue_remove(f);           /* If it is asked about again. */
    }
}

/* The flow that was 'found' is the installation 'f', whose record has come
 * later than those of the first hits. */
static void
replace_found(struct flow_table *t, struct dp_flow *f, struct dp_flow *found)
{
    f->n_hits = found->n_hits;
    f->hidden.differs = true;           /* Perhaps one of these did. */
    t->n_dropped -= found->state == FLOW_PENDING && !found->settling;
    remove_flow(t, found);
}

/* Has 'f' be found as the last installation of its flow. */
void
flow_table_set_last(struct flow_table *t, struct dp_flow *f)
{
    f->is_last = true;
    hmap_insert(&t->by_ufid, &f->ufid_node,
                hash_ufid(f->dp_ifindex, f->ufid));
}

/* Makes 'f' the last installation of its flow, unless one is known that came
 * later.  Records are not delivered in the order of the puts. */
static void
add_installation(struct flow_table *t, struct dp_flow *f, int delay_ms)
{
    struct dp_flow *last = flow_table_find_last(t, f->dp_ifindex, f->ufid);

    if (last && last->found && f->put_ts <= last->put_ts) {
        replace_found(t, f, last);
        last = NULL;
    }
    if (last && f->put_ts < last->put_ts) {
        f->n_installed = last->n_installed++;
        supersede(t, f);
        return;
    }
    f->n_installed = 1;
    if (last) {
        f->n_installed += last->n_installed;
        hmap_remove(&t->by_ufid, &last->ufid_node);
        supersede(t, last);
    }
    flow_table_set_last(t, f);
    flow_queue_add(&t->queue, f, delay_ms);
}

/* Makes '*dst' a copy of '*src'.  What is known and empty, such as the actions
 * of a drop, has 'data' that is not NULL, which may be the end of the record:
 * nothing of it is read. */
static void
copy_attrs(struct upcall_attrs *dst, const struct upcall_attrs *src)
{
    void *data = src->data ? xmalloc(MAX(src->len, 1)) : NULL;

    nullable_memcpy(data, src->data, src->len);
    dst->data = data;
    dst->len = src->len;
}

/* Returns true if 'u' has put a flow that can be asked about, which takes a
 * UFID: the kernel has taken it, or has refused it, and ofproto/trace can tell
 * the rules for its key.  What is a duplicate of another upcall's flow is no
 * flow of its own. */
static bool
can_be_asked_about(const struct upcall *u)
{
    int put = upcall_get_put(u->rec);

    return (u->has_dp && u->rec->flags & UPCALL_F_UFID
            && (put == UPCALL_PUT_INSTALLED
                || (put == UPCALL_PUT_REFUSED && upcall_get_put_errno(u)
                    && u->key.data)));
}

static struct dp_flow *
create_flow(const struct upcall *u)
{
    const struct upcall_record *rec = u->rec;
    struct dp_flow *f = xzalloc(sizeof *f);

    f->id = rec->id;
    f->dp_ifindex = u->dp_ifindex;
    memcpy(f->ufid, rec->ufid, sizeof f->ufid);
    copy_attrs(&f->key, &u->key);
    copy_attrs(&f->mask, &u->mask);
    copy_attrs(&f->actions, &u->put_actions);
    f->refused = upcall_get_put_errno(u);
    f->installed = time_msec();
    f->state = FLOW_PENDING;
    f->put_ts = rec->put_ts;
    hidden_actions_init(&f->hidden, rec->put_ts
                        + (rec->flags & UPCALL_F_PUT_DONE ? rec->put_duration
                           : 0));
    return f;
}

/* Adds 'f', which is in no queue. */
void
flow_table_insert(struct flow_table *t, struct dp_flow *f)
{
    hmap_insert(&t->by_id, &f->id_node, hash_id(f->id));
    ovs_list_push_back(&t->by_age, &f->age_node);
    t->bytes += flow_table_flow_size(f);
}

/* Adds the flow that 'u' has put, if it can be asked about, in 'delay_ms'; one
 * that was refused, of which nobody has to look first, at once. */
void
flow_table_add(struct flow_table *t, const struct upcall *u, int delay_ms)
{
    struct dp_flow *f;

    if (!can_be_asked_about(u) || flow_table_find(t, u->rec->id)) {
        return;
    }
    f = create_flow(u);
    flow_table_insert(t, f);
    if (f->refused) {
        f->step = FLOW_ASK_TRACE;
        flow_queue_add(&t->queue, f, 0);
    } else {
        add_installation(t, f, delay_ms);
    }
    flow_table_limit_memory(t);
}

/* Describes 't' in '*stats'. */
void
flow_table_get_stats(const struct flow_table *t,
                     struct flow_table_stats *stats)
{
    stats->n_flows = hmap_count(&t->by_id);
    stats->n_check_queued = flow_queue_count(&t->check_queue);
    stats->n_found_queued = flow_queue_count(&t->found_queue);
    stats->n_queued = (flow_queue_count(&t->queue) + stats->n_check_queued
                       + stats->n_found_queued);
    stats->n_dropped = t->n_dropped;
    stats->bytes = t->bytes;
    stats->limit = t->limit;
}
