/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/json-writer.h"
#include "flow/flow-answer.h"
#include "flow/flow-rules.h"
#include "flow/flow-table.h"
#include "openvswitch/dynamic-string.h"
#include "record/record.h"
#include "show/flow-show.h"
#include "store/port-map.h"
#include "unit/build-record.h"
#include "util.h"

#define DATAPATH "system@ovs-system"

/* Returns a table with the flow of a ping. */
static struct flow_table *
make_flows(void)
{
    struct flow_table *flows = flow_table_create(1 << 20);
    struct upcall u;
    struct build b;
    char *error;
    size_t size;
    void *rec;

    build_executed(&b);
    rec = build_get(&b, &size);
    build_uninit(&b);
    ovs_assert(upcall_parse(rec, size, &u, &error));
    flow_table_add(flows, &u, 0);
    free(rec);
    return flows;
}

/* Stores 'rules' and 'actions' of a flow and shows them. */
static void
show(const char *rules, const char *actions)
{
    struct port_map *ports = port_map_create(1);
    struct flow_table *flows = make_flows();
    struct dp_flow *f = flow_table_pop(flows);
    struct ds ds = DS_EMPTY_INITIALIZER;
    struct json_writer w;

    flow_table_set_rules(flows, f, rules, "test");
    flow_table_set_now(flows, f, actions);
    flow_show(f, ports, true, &ds);
    fuzz_check_printable(ds_cstr(&ds));
    ds_clear(&ds);
    json_writer_init(&w, &ds);
    flow_show_write(&w, f, ports, true);
    fuzz_check_printable(ds_cstr(&ds));
    ds_destroy(&ds);
    flow_table_destroy(flows);
    port_map_destroy(ports);
}

/* Fails unless 'rules' and 'actions' are as flow-rules.h says, and clears
 * them. */
static void
check(enum flow_answer answer, struct ds *rules, struct ds *actions)
{
    ovs_assert(answer <= FLOW_ANSWER_BAD);
    ovs_assert(rules->length <= FLOW_RULES_MAX + sizeof FLOW_RULES_CUT);
    fuzz_check_printable(ds_cstr(rules));
    fuzz_check_printable(ds_cstr(actions));
    flow_rules_are_cut(ds_cstr(rules));
    show(ds_cstr(rules), ds_cstr(actions));
    ds_clear(rules);
    ds_clear(actions);
}

/* Takes an answer to any of the commands. */
void
fuzz_answer(const uint8_t *data, size_t size)
{
    struct ds actions = DS_EMPTY_INITIALIZER;
    struct ds rules = DS_EMPTY_INITIALIZER;
    char *text = fuzz_text(data, size);
    struct flow_counters counters;
    enum flow_answer answer;

    flow_answer_lists(text, "ofproto/detrace");
    flow_answer_count_datapaths(text);
    for (int n_datapaths = 1; n_datapaths <= 2; n_datapaths++) {
        answer = flow_answer_detrace(text, DATAPATH, n_datapaths, &rules);
        check(answer, &rules, &actions);
    }
    answer = flow_answer_trace(text, &rules, &actions);
    check(answer, &rules, &actions);
    answer = flow_answer_get_flow(text, &counters, &rules, &actions);
    check(answer, &rules, &actions);
    check(flow_answer_get_flow_error(text), &rules, &actions);
    ds_destroy(&rules);
    ds_destroy(&actions);
    free(text);
}
