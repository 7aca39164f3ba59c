/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-method.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dirs.h"
#include "dns-resolve.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "stream.h"
#include "trace-program.h"
#include "trace-tls.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(trace_method);

static bool
starts_with(const char *s, const char *start)
{
    return !strncmp(s, start, strlen(start));
}

/* Returns 'error', which it frees, about 'method'. */
static char *
put_method(const char *method, char *error)
{
    char *whole = xasprintf("%s: %s", method, error);

    free(error);
    return whole;
}

#ifdef HAVE_OPENSSL
/* Returns what is wrong with 'tls' for 'method', NULL if nothing is: then
 * tls_renew() is for these files.  The caller frees it. */
static char *
check_ssl(const char *method, const struct tls_files *tls)
{
    char *error;

    if (!tls->private_key || !tls->certificate || !tls->ca_cert) {
        return xasprintf("%s: give --private-key, --certificate and "
                         "--ca-cert, before the command", method);
    }
    error = (tls->protocols ? tls_check_protocols(tls->protocols) : NULL);
    if (!error) {
        error = tls_check(tls);
    }
    if (error) {
        return put_method(method, error);
    }
    tls_use(tls);
    return NULL;
}
#else
static char *
check_ssl(const char *method, const struct tls_files *tls)
{
    return put_method(method, tls_check(tls));
}
#endif

/* Warns if 'tls' says that TLS is meant, but 'method' is without. */
static void
warn_of_no_ssl(const char *method, const struct tls_files *tls)
{
    if (tls->private_key || tls->certificate || tls->ca_cert
        || tls->protocols) {
        VLOG_WARN("%s is without TLS, in spite of --private-key and the like",
                  method);
    }
}

/* Returns true if 'host' is a name, no address. */
static bool
is_name(const char *host)
{
    return !strchr(host, ':') && host[strspn(host, "0123456789.")];
}

/* Returns what is wrong with 'host' of 'method', which is an address, as far
 * as can be seen here, NULL if nothing is.  The caller frees it. */
static char *
check_address(const char *method, const char *host)
{
    size_t len = strcspn(host, "%");    /* A scope may follow. */
    char *address = xmemdup0(host, len);
    struct in6_addr in6;
    struct in_addr in;
    bool ok = (inet_pton(AF_INET, host, &in) == 1
               || inet_pton(AF_INET6, address, &in6) == 1);

    free(address);
    return ok ? NULL : xasprintf("%s: %s is no address", method, host);
}

/* Returns NULL if 'host' of 'method' is an address, or if it is a name that
 * can be resolved, which it prepares; otherwise what to do instead, which the
 * caller frees. */
static char *
check_host(const char *method, const char *host)
{
    if (!is_name(host)) {
        return check_address(method, host);
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

/* Returns what is wrong with 'port' of 'method', NULL if nothing is.  The
 * caller frees it. */
static char *
check_port(const char *method, const char *port, unsigned int min)
{
    unsigned int number;

    return (str_to_uint(port, 10, &number) && number >= min
            && number <= UINT16_MAX && port[strspn(port, "0123456789")] == '\0'
            ? NULL
            : xasprintf("%s: %s is no port, %u to %d", method, port, min,
                        UINT16_MAX));
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
             : check_port(method, port, 1));
    if (!error) {
        error = check_host(method, host);
    }
    free(copy);
    return error;
}

/* Returns what is wrong with PORT[:HOST] in 'method', NULL if nothing is.  The
 * caller frees it. */
static char *
check_passive_inet(const char *method)
{
    char *copy = xstrdup(method + 5);
    char *host = strchr(copy, ':');
    char *error;
    size_t len;

    if (host) {
        *host++ = '\0';
        len = strlen(host);
        if (host[0] == '[' && host[len - 1] == ']') {
            host[len - 1] = '\0';
            host++;
        }
    }
    /* 0 is for any port. */
    error = check_port(method, copy, 0);
    if (!error && host && !is_name(host)) {
        error = check_address(method, host);
    }
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
    } else if (stream_verify_name(method) || !strcmp(method, "unix:")) {
        return xasprintf("%s: not a method to connect: ssl:HOST:PORT, "
                         "tcp:HOST:PORT or unix:PATH", method);
    } else if (!is_ssl) {
        warn_of_no_ssl(method, tls);
    }
    return (is_ssl || starts_with(method, "tcp:") ? check_inet(method)
            : NULL);
}

/* Returns NULL if 'method' is one to listen at, if it needs TLS with 'tls',
 * otherwise what to do instead, which the caller frees. */
char *
method_check_passive(const char *method, const struct tls_files *tls)
{
    bool is_ssl = starts_with(method, "pssl:");
    char *error = is_ssl ? check_ssl(method, tls) : NULL;

    if (error) {
        return error;
    } else if (pstream_verify_name(method) || !strcmp(method, "punix:")) {
        return xasprintf("%s: not a method to listen: pssl:PORT, ptcp:PORT or "
                         "punix:PATH", method);
    } else if (!is_ssl) {
        warn_of_no_ssl(method, tls);
    }
    return (is_ssl || starts_with(method, "ptcp:")
            ? check_passive_inet(method) : NULL);
}

/* Returns NULL if nobody loses anything if 'method' is listened at, which is
 * one for that; otherwise what to do instead, which the caller frees: the file
 * of a socket would be replaced, whatever it is. */
char *
method_check_free(const char *method)
{
    const char *prefix = "punix:";
    char *path, *error = NULL;
    struct stat s;

    if (!starts_with(method, prefix)) {
        return NULL;
    }
    path = abs_file_name(ovs_rundir(), method + strlen(prefix));
    if (!lstat(path, &s) && !S_ISSOCK(s.st_mode)) {
        error = xasprintf("%s: a file is there that is no socket: remove it, "
                          "or give another path", method);
    } else if (!lstat(path, &s)) {
        int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

        /* It is left over if nobody is there any more. */
        if (fd >= 0 || fd == -EAGAIN) {
            error = xasprintf("%s: a process listens there: end it, or give "
                              "another path", method);
        } else if (fd != -ECONNREFUSED && fd != -ENOENT) {
            error = xasprintf("%s: %s", method, ovs_strerror(-fd));
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    free(path);
    return error;
}
