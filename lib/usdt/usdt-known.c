/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>
#include "usdt/usdt-known.h"

#include <string.h>

#include "util.h"

const struct usdt_known_probe usdt_known_probes[] = {
#define PROBE(PROVIDER, NAME, SINCE, N_ARGS, WHEN, ARGS) \
    { #PROVIDER, #NAME, SINCE, WHEN, N_ARGS, { ARGS } },
#define ARG(NAME, TYPE, MEANING) { NAME, TYPE, MEANING },
    USDT_KNOWN_PROBES
#undef ARG
#undef PROBE
};

/* Returns the probe 'name' of 'provider' in usdt_known_probes[], or NULL. */
const struct usdt_known_probe *
usdt_known_probe_find(const char *provider, const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(usdt_known_probes); i++) {
        const struct usdt_known_probe *known = &usdt_known_probes[i];

        if (!strcmp(known->provider, provider) && !strcmp(known->name, name)) {
            return known;
        }
    }
    return NULL;
}

/* Returns how many of 'notes' are in usdt_known_probes[].  Others are, for
 * example, those of the C library. */
size_t
usdt_known_count(const struct usdt_notes *notes)
{
    size_t n = 0;

    for (size_t i = 0; i < notes->n; i++) {
        const struct usdt_probe *probe = &notes->probes[i];

        n += usdt_known_probe_find(probe->provider, probe->name) != NULL;
    }
    return n;
}
