/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "file/forward-name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "util.h"

/* Most bytes of the name of a host in that of a file. */
#define HOST_MAX 64

/* Returns what of 'host' can be in the name of a file, where it is neither
 * hidden, nor an option, nor in another directory.  The caller frees it. */
char *
forward_file_name_of(const char *host)
{
    char *name = xmemdup0(host, strnlen(host, HOST_MAX));

    for (char *p = name; *p; p++) {
        if (!isalnum((unsigned char) *p) && !strchr("-_.", *p)) {
            *p = '_';
        }
    }
    if (*name == '.' || *name == '-') {
        *name = '_';
    } else if (!*name) {
        free(name);
        name = xstrdup("_");
    }
    return name;
}

/* Returns the members "host" and "system-id" of an object, which others
 * follow, for 'host' and 'system_id', NULL if that is unknown.  The caller
 * frees them. */
char *
forward_label(const char *host, const char *system_id)
{
    struct json *json = json_object_create();
    struct ds ds = DS_EMPTY_INITIALIZER;
    char *label;

    json_object_put_string(json, "host", host);
    json_object_put(json, "system-id",
                    system_id ? json_string_create(system_id)
                    : json_null_create());
    json_to_ds(json, JSSF_SORT, &ds);
    json_destroy(json);
    /* Without the braces. */
    label = xasprintf("%.*s,", (int) ds.length - 2, ds.string + 1);
    ds_destroy(&ds);
    return label;
}
