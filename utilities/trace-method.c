/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-method.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dns-resolve.h"
#include "socket-util.h"
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"

static bool
starts_with(const char *s, const char *start)
{
    return !strncmp(s, start, strlen(start));
}

/* Returns what there is to do before 'method', which needs TLS, can be used,
 * NULL if nothing is.  The caller frees it. */
static char *
check_ssl(const char *method)
{
#ifdef HAVE_OPENSSL
    return (stream_ssl_is_configured() ? NULL
            : xasprintf("%s: give --private-key, --certificate and --ca-cert, "
                        "before the command", method));
#else
    return xasprintf("%s: Open vSwitch was built without OpenSSL", method);
#endif
}

/* Returns true if 'host' is a name, no address. */
static bool
is_name(const char *host)
{
    return !strchr(host, ':') && host[strspn(host, "0123456789.")];
}

/* Returns NULL if 'host' of 'method' is an address, or if it is a name that
 * can be resolved, which it prepares; otherwise what to do instead, which the
 * caller frees. */
static char *
check_host(const char *method OVS_UNUSED, const char *host)
{
    if (!is_name(host)) {
        return NULL;
    }
#ifdef HAVE_UNBOUND
    /* So that nothing waits for it. */
    dns_resolve_init(true);
    return NULL;
#else
    return xasprintf("%s: names cannot be resolved, because Open vSwitch was "
                     "built without libunbound: give an address", method);
#endif
}

/* Returns what is wrong with HOST:PORT in 'method', NULL if nothing is.  The
 * caller frees it. */
static char *
check_inet(const char *method)
{
    char *copy = xstrdup(method + 4);
    char *host, *port, *error;

    inet_parse_host_port_tokens(copy, &host, &port);
    error = (!host || !*host || !port || !*port
             ? xasprintf("%s: it has to be %.4sHOST:PORT", method, method)
             : check_host(method, host));
    free(copy);
    return error;
}

/* Returns NULL if 'method' is one to connect to, otherwise what to do instead,
 * which the caller frees.  Names in it can be resolved from now on. */
char *
method_check_active(const char *method)
{
    bool is_ssl = starts_with(method, "ssl:");
    char *error = is_ssl ? check_ssl(method) : NULL;

    if (error) {
        return error;
    } else if (stream_verify_name(method)) {
        return xasprintf("%s: not a method to connect: ssl:HOST:PORT, "
                         "tcp:HOST:PORT or unix:PATH", method);
    }
    return (is_ssl || starts_with(method, "tcp:") ? check_inet(method)
            : NULL);
}

/* Returns NULL if 'method' is one to listen at, otherwise what to do instead,
 * which the caller frees. */
char *
method_check_passive(const char *method)
{
    char *error = starts_with(method, "pssl:") ? check_ssl(method) : NULL;

    return (error ? error : !pstream_verify_name(method) ? NULL
            : xasprintf("%s: not a method to listen: pssl:PORT, ptcp:PORT or "
                        "punix:PATH", method));
}
