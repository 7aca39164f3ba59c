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
#include "uuid.h"

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

/* Returns how many bytes of the 'len' at 's' are left if 'ending' is taken
 * off. */
static size_t
without(const char *s, size_t len, const char *ending)
{
    size_t n = strlen(ending);

    return len > n && !memcmp(s + len - n, ending, n) ? len - n : len;
}

/* Returns how many of the 'len' bytes at 's' come before the last dot, 'len'
 * if there is none. */
static size_t
before_dot(const char *s, size_t len)
{
    const char *dot = memrchr(s, '.', len);

    return dot ? dot - s : len;
}

/* Returns true if the 'len' bytes at 's' are all of 'set'. */
static bool
are_all(const char *s, size_t len, const char *set)
{
    return strspn(s, set) >= len;
}

/* Takes the number of a file off the '*len' bytes at 's'.  Returns it, 1 if
 * there is none.  It has as many digits as cannot be taken for a session. */
static uint64_t
take_number(const char *s, size_t *len)
{
    size_t n = before_dot(s, *len);
    size_t digits = *len - n - (n < *len);
    uint64_t number = 1;

    if (n < *len && digits >= FORWARD_NUMBER_DIGITS
        && digits < FORWARD_SESSION_DIGITS
        && are_all(s + n + 1, digits, "0123456789")) {
        number = strtoull(s + n + 1, NULL, 10);
        *len = n;
    }
    return number;
}

/* Stores in '*parsed' what 'name' says, without the directory.  Returns false
 * if it is not one of a receiver's files, which are called
 * HOST.SESSION[.NUMBER].json[.KIND]. */
bool
forward_name_parse(const char *name, struct forward_name *parsed)
{
    size_t len = strlen(name);
    size_t n;

    len = without(name, len, ".gz");
    len = without(name, len, ".zst");
    n = without(name, len, ".json");
    if (n == len) {
        return false;
    }
    len = n;
    parsed->number = take_number(name, &len);
    n = before_dot(name, len);
    parsed->host = name;
    parsed->host_len = n;
    parsed->session = name + n + 1;
    parsed->session_len = n < len ? len - n - 1 : 0;
    return (n && (parsed->session_len == FORWARD_SESSION_DIGITS
                  || parsed->session_len == UUID_LEN)
            && are_all(parsed->session, parsed->session_len,
                       "0123456789abcdefABCDEF-"));
}

/* Returns what the names of all files of the session of '*parsed' begin with.
 * The caller frees it. */
char *
forward_name_base(const struct forward_name *parsed)
{
    return xasprintf("%.*s.%.*s", (int) parsed->host_len, parsed->host,
                     (int) parsed->session_len, parsed->session);
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
