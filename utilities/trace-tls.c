/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "trace-tls.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#ifdef HAVE_OPENSSL
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#endif

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "stream-ssl.h"
#include "timeval.h"
#include "trace-program.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(trace_tls);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 10);

/* How often it is looked at whether files have changed, in ms. */
#define RENEW_INTERVAL 1000

/* What makes such files. */
#define REMEDY ": ovs-pki(8) makes such files"

/* Protocols. */

/* Returns true if the 'len' bytes at 'word' are the name of a protocol, which
 * a "+" may follow. */
static bool
is_protocol(const char *word, size_t len)
{
    static const char *const names[] = {
        "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"
    };

    len -= len && word[len - 1] == '+';
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (len == strlen(names[i]) && !strncasecmp(word, names[i], len)) {
            return true;
        }
    }
    return false;
}

/* Returns what is wrong with 'protocols', a value of --ssl-protocols, NULL if
 * nothing is.  The caller frees it. */
char *
tls_check_protocols(const char *protocols)
{
    static const char separators[] = " ,\t-";
    const char *word = protocols + strspn(protocols, separators);
    bool any = false;

    while (*word) {
        size_t len = strcspn(word, separators);

        if (!is_protocol(word, len)) {
            break;
        }
        any = true;
        word += len;
        word += strspn(word, separators);
    }
    return (any && !*word ? NULL
            : xasprintf("--ssl-protocols=%s: no protocols, such as "
                        "TLSv1.2,TLSv1.3", protocols));
}

/* Files. */

#ifdef HAVE_OPENSSL
/* Returns what is wrong with the file 'name', which has to have what OpenSSL
 * reads, NULL if nothing is that can be seen from outside.  The caller frees
 * it. */
static char *
check_pem(const char *name)
{
    static const char begin[] = "-----BEGIN ";
    FILE *file = fopen(name, "r");
    char line[256];
    bool found = false;
    int error;

    if (!file) {
        return xasprintf("cannot read %s (%s)" REMEDY, name,
                         ovs_strerror(errno));
    }
    while (!found && fgets(line, sizeof line, file)) {
        found = !strncmp(line, begin, strlen(begin));
    }
    error = ferror(file) ? errno : 0;
    fclose(file);
    return (found ? NULL
            : error ? xasprintf("cannot read %s (%s)", name,
                                ovs_strerror(error))
            : xasprintf("%s is no PEM file" REMEDY, name));
}

/* Nobody is there to be asked for what a key is encrypted with. */
static int
give_no_password(char *buffer OVS_UNUSED, int size OVS_UNUSED,
                 int writing OVS_UNUSED, void *aux OVS_UNUSED)
{
    return -1;
}

/* Returns what is wrong with the certificate and the key of 'tls' in
 * 'ctx'. */
static char *
check_pair(SSL_CTX *ctx, const struct tls_files *tls)
{
    int reason;

    if (SSL_CTX_use_certificate_file(ctx, tls->certificate,
                                     SSL_FILETYPE_PEM) != 1) {
        return xasprintf("%s has no certificate" REMEDY, tls->certificate);
    }
    ERR_clear_error();
    if (SSL_CTX_use_PrivateKey_file(ctx, tls->private_key,
                                    SSL_FILETYPE_PEM) == 1) {
        return NULL;
    }
    reason = ERR_GET_REASON(ERR_peek_last_error());
    return (reason == X509_R_KEY_VALUES_MISMATCH
            || reason == X509_R_KEY_TYPE_MISMATCH
            ? xasprintf("%s is not the private key of %s", tls->private_key,
                        tls->certificate)
            : xasprintf("%s has no private key that can be used without a "
                        "passphrase" REMEDY, tls->private_key));
}

/* Returns what is wrong with what 'tls' trusts. */
static char *
check_ca(SSL_CTX *ctx, const struct tls_files *tls)
{
    return (!strcmp(tls->ca_cert, "none")
            || SSL_CTX_load_verify_locations(ctx, tls->ca_cert, NULL) == 1
            ? NULL
            : xasprintf("%s has no certificate" REMEDY, tls->ca_cert));
}

/* Returns what is wrong with the files 'tls', all of which are given, NULL if
 * they can be used.  The caller frees it. */
char *
tls_check(const struct tls_files *tls)
{
    char *error = check_pem(tls->private_key);
    SSL_CTX *ctx;

    if (!error) {
        error = check_pem(tls->certificate);
    }
    if (!error && strcmp(tls->ca_cert, "none")) {
        error = check_pem(tls->ca_cert);
    }
    if (error) {
        return error;
    }
    ctx = SSL_CTX_new(TLS_method());
    if (!ctx) {
        return xstrdup("cannot use OpenSSL");
    }
    SSL_CTX_set_default_passwd_cb(ctx, give_no_password);
    error = check_pair(ctx, tls);
    if (!error) {
        error = check_ca(ctx, tls);
    }
    ERR_clear_error();
    SSL_CTX_free(ctx);
    return error;
}
#else
char *
tls_check(const struct tls_files *tls OVS_UNUSED)
{
    return xstrdup("Open vSwitch was built without OpenSSL");
}
#endif

/* Renewing. */

/* What is in use: names that stay what they are in another directory, and when
 * the files were written. */
static struct {
    char *names[3];             /* Key, certificate, CA; NULL for none. */
    struct timespec mtimes[3];
    long long int next;         /* When to look again; time_msec(). */
    char *error;                /* What is wrong with what is there now, NULL
                                 * if nothing is. */
} used;

/* Stores in 'mtimes' when the files were written. */
static void
get_mtimes(struct timespec mtimes[3])
{
    memset(mtimes, 0, 3 * sizeof *mtimes);
    for (int i = 0; i < 3; i++) {
        if (used.names[i]) {
            get_mtime(used.names[i], &mtimes[i]);
        }
    }
}

/* Has tls_renew() look at the files 'tls', which have been checked. */
void
tls_use(const struct tls_files *tls)
{
    bool has_ca = strcmp(tls->ca_cert, "none");

    tls_unuse();
    used.names[0] = abs_file_name(NULL, tls->private_key);
    used.names[1] = abs_file_name(NULL, tls->certificate);
    used.names[2] = has_ca ? abs_file_name(NULL, tls->ca_cert) : NULL;
    get_mtimes(used.mtimes);
}

/* Notes that 'error', which becomes ours, is wrong with the files, NULL if
 * nothing is. */
static void
set_error(char *error)
{
    if (error && !nullable_string_is_equal(error, used.error)) {
        VLOG_WARN_RL(&rl, "%s; going on with what was there before", error);
    }
    free(used.error);
    used.error = error;
}

/* Forgets them. */
void
tls_unuse(void)
{
    set_error(NULL);
    for (int i = 0; i < 3; i++) {
        free(used.names[i]);
        used.names[i] = NULL;
    }
}

/* Has the next connection use what is in the files, if they have changed and
 * fit each other: somebody may be about to replace one after the other.  To be
 * called before a connection is made or accepted. */
void
tls_renew(void)
{
    const struct tls_files tls = {
        .private_key = used.names[0], .certificate = used.names[1],
        .ca_cert = used.names[2] ? used.names[2] : "none",
    };
    struct timespec mtimes[3];

    if (!tls.private_key || time_msec() < used.next) {
        return;
    }
    used.next = time_msec() + RENEW_INTERVAL;
    get_mtimes(mtimes);
    if (!memcmp(mtimes, used.mtimes, sizeof mtimes)) {
        set_error(NULL);
        return;
    }
    set_error(tls_check(&tls));
    if (used.error) {
        /* They are looked at again: what is being written now may have the
         * same time when it is whole. */
        return;
    }
    memcpy(used.mtimes, mtimes, sizeof mtimes);
    /* The certificate comes first: OpenSSL takes no key that does not fit it.
     * Both are read again if they have changed; so the function that does
     * both, which needs the key to have changed, is of no use. */
    stream_ssl_set_certificate_file(tls.certificate);
    stream_ssl_set_private_key_file(tls.private_key);
    if (used.names[2]) {
        stream_ssl_set_ca_cert_file(used.names[2], false);
    }
    VLOG_INFO_RL(&rl, "the files for TLS have changed");
}
