/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/portids.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Sockets beyond this many are not read; a file with more is refused. */
#define PORTIDS_MAX 1000000

static int
compare_ids(const void *a_, const void *b_)
{
    const uint32_t *a = a_;
    const uint32_t *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Reads the portids of generic netlink sockets from 'stream', which has the
 * form of /proc/net/netlink (netlink_native_seq_show() in
 * net/netlink/af_netlink.c of Linux 6.1 to 7.2): a line of titles, then one
 * for each socket that starts with its address, protocol and portid.
 *
 * Returns true and fills '*portids', which the caller destroys with
 * portids_destroy(); or, if it has not this form, returns false and empties
 * '*portids'. */
bool
portids_parse(FILE *stream, struct portids *portids)
{
    char line[256];
    bool ok;

    memset(portids, 0, sizeof *portids);
    ok = fgets(line, sizeof line, stream) && !strncmp(line, "sk ", 3);
    while (ok && fgets(line, sizeof line, stream)) {
        unsigned int protocol;
        uint32_t id;

        ok = (portids->n < PORTIDS_MAX && strchr(line, '\n')
              && ovs_scan(line, "%*x %u %"SCNu32" ", &protocol, &id));
        if (ok && protocol == NETLINK_GENERIC) {
            if (portids->n >= portids->allocated) {
                portids->ids = x2nrealloc(portids->ids, &portids->allocated,
                                          sizeof *portids->ids);
            }
            portids->ids[portids->n++] = id;
        }
    }
    if (!ok) {
        portids_destroy(portids);
    } else if (portids->n) {
        qsort(portids->ids, portids->n, sizeof *portids->ids, compare_ids);
    }
    return ok;
}

/* Does the same with the file named 'file', such as /proc/PID/net/netlink. */
bool
portids_read(const char *file, struct portids *portids)
{
    FILE *stream = fopen(file, "re");
    bool ok = false;

    memset(portids, 0, sizeof *portids);
    if (stream) {
        ok = portids_parse(stream, portids);
        fclose(stream);
    }
    return ok;
}

/* Returns true if 'portid' is one of 'portids'. */
bool
portids_contains(const struct portids *portids, uint32_t portid)
{
    return portids->n && bsearch(&portid, portids->ids, portids->n,
                                 sizeof *portids->ids, compare_ids);
}

/* Frees what 'portids' refers to and empties it. */
void
portids_destroy(struct portids *portids)
{
    free(portids->ids);
    memset(portids, 0, sizeof *portids);
}
