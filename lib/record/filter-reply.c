/* SPDX-License-Identifier: Apache-2.0 */

/* What the child process of filter-child.c says: struct reply, and then the
 * instructions of each program, or an error message. */

#include <config.h>

#include "record/filter.h"

#include <string.h>

#include "openvswitch/ofpbuf.h"
#include "util.h"

struct reply {
    uint32_t is_error;
    uint32_t n[FILTER_N_LINKS];
};

/* Appends to 'b' what filter_compile() has returned: 'error', or, if that is
 * NULL, 'codes'. */
void
filter_put_reply(const char *error,
                 const struct filter_code codes[FILTER_N_LINKS],
                 struct ofpbuf *b)
{
    struct reply reply = { .is_error = error != NULL };

    for (int i = 0; i < FILTER_N_LINKS && !error; i++) {
        reply.n[i] = codes[i].n;
    }
    ofpbuf_put(b, &reply, sizeof reply);
    if (error) {
        ofpbuf_put(b, error, strlen(error));
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        if (reply.n[i]) {
            ofpbuf_put(b, codes[i].insns, reply.n[i] * sizeof *codes[i].insns);
        }
    }
}

/* Takes the reply in 'b', which may be cut off, as it is if the child was
 * ended.  Returns NULL and stores the programs in 'codes', whose instructions
 * the caller frees; or returns an error message, which the caller frees, and
 * leaves 'codes' alone. */
char *
filter_take_reply(struct ofpbuf *b, struct filter_code codes[FILTER_N_LINKS])
{
    const struct reply *reply = ofpbuf_try_pull(b, sizeof *reply);
    uint64_t size = 0;

    if (!reply) {
        return xstrdup("libpcap has written nothing");
    } else if (reply->is_error) {
        return xmemdup0(b->data, b->size);
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        size += (uint64_t) reply->n[i] * sizeof *codes[i].insns;
    }
    if (size != b->size) {
        return xstrdup("libpcap has not written all of it");
    }
    for (int i = 0; i < FILTER_N_LINKS; i++) {
        codes[i].n = reply->n[i];
        size = codes[i].n * sizeof *codes[i].insns;
        codes[i].insns = xmemdup(ofpbuf_pull(b, size), size);
    }
    return NULL;
}
