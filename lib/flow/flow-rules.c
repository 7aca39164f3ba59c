/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/flow-rules.h"

#include <string.h>

#include "base/printable.h"
#include "flow/slice.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Appends 'prefix', 'text', which is printable, and 'suffix' to 'ds'.  Returns
 * false and appends nothing if it would have more than FLOW_RULES_MAX bytes
 * with a line behind that says so. */
static bool
put_limited__(struct ds *ds, const char *prefix, const struct ds *text,
              const char *suffix)
{
    const size_t max = FLOW_RULES_MAX - strlen(FLOW_RULES_CUT);

    if (ds->length + strlen(prefix) + text->length + strlen(suffix) > max) {
        return false;
    }
    ds_put_cstr(ds, prefix);
    ds_put_buffer(ds, ds_cstr_ro(text), text->length);
    ds_put_cstr(ds, suffix);
    return true;
}

/* Appends 'prefix', 'line' and 'suffix' to 'ds'.  Returns false and appends
 * nothing if that is too much. */
bool
flow_rules_put_limited(struct ds *ds, const char *prefix,
                       const struct slice *line, const char *suffix)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    bool fits;

    printable_put(&text, line->s, MIN(line->n, FLOW_RULES_MAX));
    fits = put_limited__(ds, prefix, &text, suffix);
    ds_destroy(&text);
    return fits;
}

static bool
are_cut(const char *rules, size_t length)
{
    size_t n = strlen(FLOW_RULES_CUT);

    return length >= n && !strcmp(rules + length - n, FLOW_RULES_CUT);
}

/* Returns true if 'rules' are not all that the flow has. */
bool
flow_rules_are_cut(const char *rules)
{
    return are_cut(rules, strlen(rules));
}

/* Appends to 'rules' that there are more. */
void
flow_rules_put_cut(struct ds *rules)
{
    if (!are_cut(ds_cstr(rules), rules->length)) {
        ds_put_cstr(rules, FLOW_RULES_CUT);
    }
}

/* Appends 'line', of which 'prefix' says whether it is a bridge or a rule, to
 * 'rules', as long as there is room. */
void
flow_rules_put(struct ds *rules, const char *prefix, const struct slice *line)
{
    if (!are_cut(ds_cstr(rules), rules->length)
        && !flow_rules_put_limited(rules, prefix, line, "\n")) {
        flow_rules_put_cut(rules);
    }
}

/* Appends the name of a bridge to 'rules', as long as there is room.  A name
 * may have blanks, and even be one, so these are printed in octal digits: what
 * starts with a blank is a rule. */
void
flow_rules_put_bridge(struct ds *rules, const struct slice *name)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    if (are_cut(ds_cstr(rules), rules->length)) {
        return;
    }
    for (size_t i = 0; i < MIN(name->n, FLOW_RULES_MAX); i++) {
        if (name->s[i] == ' ') {
            ds_put_cstr(&text, "\\040");
        } else {
            printable_put(&text, &name->s[i], 1);
        }
    }
    if (!put_limited__(rules, "", &text, "\n")) {
        flow_rules_put_cut(rules);
    }
    ds_destroy(&text);
}
