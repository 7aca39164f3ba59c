/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-method.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns-resolve.h"
#include "socket-util.h"
#include "stream.h"
#include "trace-program.h"
#include "util.h"

static bool
starts_with(const char *s, const char *start)
{
    return !strncmp(s, start, strlen(start));
}

#ifdef HAVE_OPENSSL
/* Returns what is wrong with the file 'name', which has to have what OpenSSL
 * reads, NULL if nothing is that can be seen from outside.  The caller frees
 * it. */
static char *
check_pem(const char *name)
{
    FILE *file = fopen(name, "r");
    char line[256];
    bool found = false;
    int error;

    if (!file) {
        return xasprintf("cannot read %s (%s): ovs-pki(8) makes such files",
                         name, ovs_strerror(errno));
    }
    while (!found && fgets(line, sizeof line, file)) {
        found = starts_with(line, "-----BEGIN ");
    }
    error = ferror(file) ? errno : 0;
    fclose(file);
    return (found ? NULL
            : error ? xasprintf("cannot read %s (%s)", name,
                                ovs_strerror(error))
            : xasprintf("%s is no PEM file: ovs-pki(8) makes such files",
                        name));
}

/* Returns what is wrong with 'tls' for 'method', NULL if nothing is.  The
 * caller frees it. */
static char *
check_ssl(const char *method, const struct tls_files *tls)
{
    char *error;

    if (!tls->private_key || !tls->certificate || !tls->ca_cert) {
        return xasprintf("%s: give --private-key, --certificate and "
                         "--ca-cert, before the command", method);
    }
    error = check_pem(tls->private_key);
    if (!error) {
        error = check_pem(tls->certificate);
    }
    if (!error && strcmp(tls->ca_cert, "none")) {
        error = check_pem(tls->ca_cert);
    }
    if (error) {
        char *whole = xasprintf("%s: %s", method, error);

        free(error);
        return whole;
    }
    return NULL;
}
#else
static char *
check_ssl(const char *method, const struct tls_files *tls OVS_UNUSED)
{
    return xasprintf("%s: Open vSwitch was built without OpenSSL", method);
}
#endif

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

/* Returns NULL if 'method' is one to connect to, if it needs TLS with 'tls',
 * otherwise what to do instead, which the caller frees.  Names in it can be
 * resolved from now on. */
char *
method_check_active(const char *method, const struct tls_files *tls)
{
    bool is_ssl = starts_with(method, "ssl:");
    char *error = is_ssl ? check_ssl(method, tls) : NULL;

    if (error) {
        return error;
    } else if (stream_verify_name(method)) {
        return xasprintf("%s: not a method to connect: ssl:HOST:PORT, "
                         "tcp:HOST:PORT or unix:PATH", method);
    }
    return (is_ssl || starts_with(method, "tcp:") ? check_inet(method)
            : NULL);
}

/* Returns NULL if 'method' is one to listen at, if it needs TLS with 'tls',
 * otherwise what to do instead, which the caller frees. */
char *
method_check_passive(const char *method, const struct tls_files *tls)
{
    char *error = (starts_with(method, "pssl:") ? check_ssl(method, tls)
                   : NULL);

    return (error ? error : !pstream_verify_name(method) ? NULL
            : xasprintf("%s: not a method to listen: pssl:PORT, ptcp:PORT or "
                        "punix:PATH", method));
}
