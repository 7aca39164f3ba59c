/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "auto-start.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backoff.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "record/filter.h"
#include "session.h"
#include "store/start-options.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(auto_start);

struct auto_start {
    struct start_options options;
    struct filter *filter;      /* Made of 'options'; NULL without one. */
    struct backoff backoff;
    char *error;                /* Of the last try, NULL before the first. */
    char *explained;            /* Of the last try that logged all about it. */
};

/* Makes the file name '*name' absolute, unless that is NULL: the daemon will
 * leave its working directory. */
static void
make_absolute(char **name)
{
    if (*name) {
        char *absolute = abs_file_name(NULL, *name);

        free(*name);
        *name = absolute;
    }
}

/* Makes the filter that the options of 'a' ask for, if any.  Returns NULL, or
 * an error, which the caller has to free. */
static char *
make_filter(struct auto_start *a)
{
    char *message = (a->options.filter
                     ? filter_create(a->options.filter, &a->filter) : NULL);

    return (message ? start_options_filter_error(&a->options, message)
            : NULL);
}

/* Returns NULL and stores in '*ap' a trace that is to be started with the
 * options of upcall-trace/start in 'text', separated by spaces; or returns an
 * error, which the caller has to free.  A filter is made here, as long as that
 * takes: this is for a daemon that has no other work yet. */
char *
auto_start_create(const char *text, struct auto_start **ap)
{
    struct auto_start *a = xzalloc(sizeof *a);
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    char *error;

    svec_add(&argv, "--start");
    svec_parse_words(&argv, text);
    svec_terminate(&argv);
    start_options_init(&a->options);
    error = start_options_parse(&a->options, argv.n,
                                (const char **) argv.names);
    svec_destroy(&argv);
    if (!error) {
        error = make_filter(a);
    }
    if (!error) {
        make_absolute(&a->options.trigger_dir);
    }
    if (error) {
        auto_start_destroy(a);
        a = NULL;
    }
    *ap = a;
    return error;
}

/* Frees 'a', which may be NULL. */
void
auto_start_destroy(struct auto_start *a)
{
    if (a) {
        start_options_destroy(&a->options);
        filter_destroy(a->filter);
        free(a->error);
        free(a->explained);
        free(a);
    }
}

/* Returns true if the last try failed in a way that the log explains. */
static bool
is_explained(const struct auto_start *a)
{
    return a->explained && !strcmp(a->explained, a->error);
}

/* Logs 'error', unless it is that of the last try, and keeps it.  That the
 * daemon is ready before ovs-vswitchd is no fault. */
static void
note_error(struct auto_start *a, char *error, bool explained)
{
    if (!a->error || strcmp(a->error, error)) {
        VLOG_INFO("cannot start yet: %s", error);
    }
    free(a->error);
    a->error = error;
    if (explained) {
        free(a->explained);
        a->explained = xstrdup(error);
    }
}

/* Tries to start, if it is time to.  Returns the session if successful, else
 * NULL.
 *
 * What libbpf has to say of programs that the kernel refuses can be hundreds
 * of lines.  They are logged again only if the error is another one. */
struct session *
auto_start_run(struct auto_start *a)
{
    struct session *session = NULL;
    bool quiet = is_explained(a);
    char *error;

    if (backoff_is_due(&a->backoff)) {
        error = session_start(&a->options, a->filter, quiet, &session);
        if (error) {
            note_error(a, error, !quiet);
            backoff_again(&a->backoff);
        }
    }
    return session;
}

/* Plans to start in a second, and not to wait longer because of what has
 * failed before.  (A client that has stopped a trace may start another.) */
void
auto_start_postpone(struct auto_start *a)
{
    backoff_reset(&a->backoff);
    backoff_again(&a->backoff);
}

/* Arranges for the poll loop to wake up when it is time to try. */
void
auto_start_wait(const struct auto_start *a)
{
    poll_timer_wait_until(a->backoff.next);
}

/* Returns the options that 'a' is to be started with. */
const struct start_options *
auto_start_options(const struct auto_start *a)
{
    return &a->options;
}

/* Returns why 'a' has not been started, NULL if it was not tried. */
const char *
auto_start_error(const struct auto_start *a)
{
    return a->error;
}
