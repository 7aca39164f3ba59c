/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "store/netlink-sockets.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* Sockets beyond this many are not read; a file with more is refused. */
#define SOCKETS_MAX 1000000

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
 * Returns true and fills '*sockets', which the caller destroys with
 * netlink_sockets_destroy(); or, if it has not this form, returns false and
 * empties '*sockets'. */
bool
netlink_sockets_parse(FILE *stream, struct netlink_sockets *sockets)
{
    char line[256];
    bool ok;

    memset(sockets, 0, sizeof *sockets);
    ok = fgets(line, sizeof line, stream) && !strncmp(line, "sk ", 3);
    while (ok && fgets(line, sizeof line, stream)) {
        unsigned int protocol;
        uint32_t id;

        ok = (sockets->n < SOCKETS_MAX && strchr(line, '\n')
              && ovs_scan(line, "%*x %u %"SCNu32" ", &protocol, &id));
        if (ok && protocol == NETLINK_GENERIC) {
            if (sockets->n >= sockets->allocated) {
                sockets->portids = x2nrealloc(sockets->portids,
                                              &sockets->allocated,
                                              sizeof *sockets->portids);
            }
            sockets->portids[sockets->n++] = id;
        }
    }
    if (!ok) {
        netlink_sockets_destroy(sockets);
    } else if (sockets->n) {
        qsort(sockets->portids, sockets->n, sizeof *sockets->portids,
              compare_ids);
    }
    return ok;
}

/* Does the same with the file named 'file', such as /proc/PID/net/netlink. */
bool
netlink_sockets_read(const char *file, struct netlink_sockets *sockets)
{
    FILE *stream = fopen(file, "re");
    bool ok = false;

    memset(sockets, 0, sizeof *sockets);
    if (stream) {
        ok = netlink_sockets_parse(stream, sockets);
        fclose(stream);
    }
    return ok;
}

/* Returns true if one of 'sockets' has 'portid'. */
bool
netlink_sockets_contain(const struct netlink_sockets *sockets, uint32_t portid)
{
    return sockets->n && bsearch(&portid, sockets->portids, sockets->n,
                                 sizeof *sockets->portids, compare_ids);
}

/* Frees what 'sockets' refers to and empties it. */
void
netlink_sockets_destroy(struct netlink_sockets *sockets)
{
    free(sockets->portids);
    memset(sockets, 0, sizeof *sockets);
}
