/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"

#include <stdlib.h>

#include "check-list.h"
#include "cmd-check.h"
#include "flow/version-query.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/util.h"
#include "record/filter.h"
#include "reply.h"
#include "target.h"
#include "util.h"

/* Clients that may wait at the same time. */
#define MAX_WAITING 64

struct checks {
    struct ovs_list list;       /* Contains "struct checking"s. */
};

static const char *
result_name(enum check_result result)
{
    return (result == CHECK_OK ? "ok"
            : result == CHECK_LIMITED ? "limited"
            : "failed");
}

static void
add_json(const struct check *c, void *array)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "name", c->name);
    json_object_put_string(json, "result", result_name(c->result));
    json_object_put_string(json, "found", c->found);
    json_object_put(json, "remedy",
                    c->result != CHECK_OK && c->remedy
                    ? json_string_create(c->remedy) : json_null_create());
    json_array_add(array, json);
}

static void
add_text(const struct check *c, void *text)
{
    ds_put_format(text, "%-20s %-8s %s", c->name, result_name(c->result),
                  c->found);
    if (c->result != CHECK_OK && c->remedy) {
        ds_put_format(text, ": %s", c->remedy);
    }
    ds_put_char(text, '\n');
}

static void
reply(const struct checking *in)
{
    if (in->json) {
        struct json *array = json_array_create_empty();

        check_list_run(in, add_json, array);
        reply_json(in->conn, array);
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        check_list_run(in, add_text, &text);
        reply_text(in->conn, &text);
    }
}

/* Clients that wait. */

/* Returns a new, empty set of clients that wait for the results. */
struct checks *
checks_create(void)
{
    struct checks *cs = xmalloc(sizeof *cs);

    ovs_list_init(&cs->list);
    return cs;
}

/* Replies to the client of 'in' and frees it. */
static void
finish(struct checking *in)
{
    reply(in);
    target_destroy(in->target);
    free(in->error);
    version_query_destroy(in->version);
    filter_job_destroy(in->filters);
    free(in->filters_found);
    ovs_list_remove(&in->node);
    free(in);
}

/* Waits for up to 'ms' for what the job of 'in' makes of its filter. */
static void
run_filters(struct checking *in, int ms)
{
    struct filter *filter;
    char *error;

    if (in->filters && filter_job_run_for(in->filters, ms, &filter, &error)) {
        in->filters_ok = !error;
        in->filters_found = error ? error : xstrdup("can be used");
        filter_destroy(filter);
        filter_job_destroy(in->filters);
        in->filters = NULL;
    }
}

static void
run_version(struct checking *in)
{
    in->version_ended = (in->version_ended
                         || version_query_run(in->version,
                                              &in->target->version));
}

static bool
is_ready(const struct checking *in)
{
    return in->version_ended && !in->filters;
}

/* Replies to all and frees 'cs', which may be NULL. */
void
checks_destroy(struct checks *cs)
{
    struct checking *in;

    if (cs) {
        LIST_FOR_EACH_SAFE (in, node, &cs->list) {
            finish(in);
        }
        free(cs);
    }
}

/* Replies to one of the clients whose results are there: that takes a while,
 * so the others get theirs in the next turns of the main loop. */
void
checks_run(struct checks *cs)
{
    struct checking *first = NULL;
    struct checking *in;

    LIST_FOR_EACH (in, node, &cs->list) {
        run_version(in);
        run_filters(in, 0);
        if (is_ready(in) && !first) {
            first = in;
        }
    }
    if (first) {
        finish(first);
    }
}

/* Arranges for the poll loop to wake up when checks_run() has work. */
void
checks_wait(struct checks *cs)
{
    struct checking *in;

    LIST_FOR_EACH (in, node, &cs->list) {
        if (is_ready(in)) {
            poll_immediate_wake();
        }
        if (!in->version_ended) {
            version_query_wait(in->version);
        }
        if (in->filters) {
            filter_job_wait(in->filters);
        }
    }
}

/* upcall-trace/check: what is possible here, and what to do about the rest.
 * The client gets the results when ovs-vswitchd has told its version, or has
 * not in time, and libpcap has made a filter; or at once, without the version,
 * if it may not wait. */
void
cmd_check(struct commands *c, const struct request *request)
{
    const struct check_options *options = request->options;
    struct checking *in = xzalloc(sizeof *in);
    bool may_wait = (request->may_wait
                     && ovs_list_size(&c->checks->list) < MAX_WAITING);

    in->conn = request->conn;
    in->json = request->json;
    in->error = target_find(options->target, &in->target);
    in->filters = filter_job_create("tcp port 80 or udp");
    if (in->target && may_wait) {
        in->version = version_query_create();
        version_query_ask(in->version, in->target->socket.path);
    }
    in->version_ended = !in->version;
    ovs_list_push_back(&c->checks->list, &in->node);
    if (!may_wait) {
        run_filters(in, COMMANDS_BLOCK_MS);
        finish(in);
    }
}
