/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "flow/version-query.h"

#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "flow/ctl-client.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

struct version_query {
    struct ctl_client *client;
};

/* Returns a query that asks nobody yet, which the caller frees with
 * version_query_destroy(). */
struct version_query *
version_query_create(void)
{
    struct version_query *q = xmalloc(sizeof *q);

    q->client = ctl_client_create();
    return q;
}

/* Frees 'q', which may be NULL. */
void
version_query_destroy(struct version_query *q)
{
    if (q) {
        ctl_client_destroy(q->client);
        free(q);
    }
}

/* Begins to ask the daemon with the control socket 'path', NULL if it has
 * none.  If 'q' is asking it already, that goes on; if 'q' is asking another
 * one, that is given up. */
void
version_query_ask(struct version_query *q, const char *path)
{
    ctl_client_set_path(q->client, path);
    if (ctl_client_is_idle(q->client)) {
        ctl_client_request(q->client, "version", NULL, 0,
                           VERSION_QUERY_TIMEOUT);
    }
}

/* Returns the version in 'reply', such as "ovs-vswitchd (Open vSwitch) 3.5.0",
 * as it can be shown, which the caller frees; NULL if there is none. */
static char *
parse_version(const char *reply)
{
    const char *s = strchr(reply, ')');
    struct ds version = DS_EMPTY_INITIALIZER;
    size_t len;

    s = s ? s + strspn(s, ") ") : "";
    len = strcspn(s, " \n");
    if (!len) {
        return NULL;
    }
    printable_put_start(&version, s, len);
    return ds_steal_cstr(&version);
}

/* Does what 'q' has to do.  Returns true if it was asking and has ended: then
 * stores the version in '*versionp', which the caller frees, or NULL if there
 * was no answer. */
bool
version_query_run(struct version_query *q, char **versionp)
{
    struct ctl_answer answer;

    *versionp = NULL;
    if (!ctl_client_run(q->client, &answer)) {
        return false;
    }
    if (answer.result == CTL_REPLY) {
        *versionp = parse_version(answer.text);
    }
    ctl_answer_destroy(&answer);
    ctl_client_set_path(q->client, NULL);
    return true;
}

/* Arranges for the poll loop to wake up when version_query_run() has work. */
void
version_query_wait(struct version_query *q)
{
    ctl_client_wait(q->client);
}
