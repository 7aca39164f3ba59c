/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "uprobes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "usdt/usdt-args.h"
#include "usdt/usdt-notes.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(usdt_attach);

struct usdt_attachment {
    struct upcall_site *sites;  /* Where the programs find the arguments, by
                                 * their cookie. */
    size_t first;               /* Cookie of the first of 'links'. */
    struct bpf_link *links[USDT_SITES_MAX];
    const char *probes[USDT_SITES_MAX]; /* "PROVIDER:NAME" of each. */
    size_t n;
};

/* Returns true if 'probe' is called 'name', "PROVIDER:NAME". */
static bool
probe_is(const struct usdt_probe *probe, const char *name)
{
    size_t len = strlen(probe->provider);

    return (!strncmp(name, probe->provider, len) && name[len] == ':'
            && !strcmp(name + len + 1, probe->name));
}

/* Stores in '*site' where the arguments of 'probe' that 'program' needs are.
 * Returns NULL or an error message. */
static char *
locate_args(const struct usdt_probe *probe, const struct usdt_program *program,
            struct upcall_site *site)
{
    memset(site, 0, sizeof *site);
    for (size_t i = 0; i < UPCALL_SITE_ARGS; i++) {
        if (program->args & (1u << i)
            && (i >= probe->n_args || !probe->object->is_64bit
                || !usdt_arg_locate(&probe->args[i], USDT_THIS_MACHINE,
                                    &site->args[i]))) {
            return xasprintf("cannot attach to the USDT probe %s in %s, whose "
                             "arguments \"%s\" cannot be found on this "
                             "machine", program->probe, probe->object->path,
                             probe->args_text);
        }
    }
    return NULL;
}

/* Attaches 'program' to 'probe', one place of it.  Returns NULL or an error
 * message. */
static char *
attach_probe(struct usdt_attachment *ua, pid_t pid,
             const struct usdt_probe *probe,
             const struct usdt_program *program)
{
    DECLARE_LIBBPF_OPTS(bpf_uprobe_opts, opts,
        .bpf_cookie = ua->first + ua->n,
        .ref_ctr_offset = probe->semaphore_offset);
    struct bpf_link *link;
    char *error;

    if (ua->n >= USDT_SITES_MAX) {
        return xasprintf("%s has its USDT probes in more than %d places",
                         probe->object->path, USDT_SITES_MAX);
    }
    error = locate_args(probe, program, &ua->sites[ua->first + ua->n]);
    if (error) {
        return error;
    }

    /* The file is one below /proc/PID, so it is the one that the process has
     * mapped, in whichever mount namespace and even if it was replaced. */
    link = bpf_program__attach_uprobe_opts(program->prog, pid,
                                           probe->object->file, probe->offset,
                                           &opts);
    if (libbpf_get_error(link)) {
        return xasprintf("cannot attach to the USDT probe %s in %s (%s; see "
                         "also the log)", program->probe, probe->object->path,
                         ovs_strerror(-libbpf_get_error(link)));
    }
    ua->probes[ua->n] = program->probe;
    ua->links[ua->n++] = link;
    return NULL;
}

/* Attaches 'program' to each place of its probe in 'notes'. */
static char *
attach_places(struct usdt_attachment *ua, pid_t pid,
              const struct usdt_notes *notes,
              const struct usdt_program *program)
{
    char *error = NULL;

    for (size_t i = 0; i < notes->n && !error; i++) {
        if (probe_is(&notes->probes[i], program->probe)) {
            error = attach_probe(ua, pid, &notes->probes[i], program);
        }
    }
    return error;
}

/* The same, and returns an error message if that is not possible, unless the
 * probe is optional. */
static char *
attach_program(struct usdt_attachment *ua, pid_t pid,
               const struct usdt_notes *notes,
               const struct usdt_program *program)
{
    size_t n = ua->n;
    char *error = attach_places(ua, pid, notes, program);
    char *text;

    if (program->optional) {
        if (error) {
            VLOG_INFO("continuing without: %s", error);
        }
        free(error);
        return NULL;
    } else if (error) {
        text = xasprintf("%s: use --track=kernel", error);
        free(error);
        return text;
    }
    return (ua->n > n ? NULL
            : xasprintf("process %ld has no USDT probe %s: build Open vSwitch "
                        "with ./configure --enable-usdt-probes, or use "
                        "--track=kernel", (long) pid, program->probe));
}

/* Attaches each of the 'n' 'programs' to its probe in process 'pid'.  In
 * USDT_SITES_MAX of 'sites', from number 'first' on, they find by their cookie
 * where the arguments are, so what used these before must be detached.
 *
 * Returns NULL and stores what usdt_detach() needs in '*uap'; or, if one of
 * them can't be attached, returns an error message, which the caller frees,
 * and stores NULL. */
char *
usdt_attach(pid_t pid, const struct usdt_program *programs, size_t n,
            struct upcall_site sites[UPCALL_SITES_MAX], size_t first,
            struct usdt_attachment **uap)
{
    struct usdt_attachment *ua;
    struct usdt_notes notes;
    char *error;

    *uap = NULL;
    error = usdt_notes_read_process(pid, &notes);
    if (error) {
        return error;
    }
    ua = xzalloc(sizeof *ua);
    ua->sites = sites;
    ua->first = first;
    for (size_t i = 0; i < n && !error; i++) {
        error = attach_program(ua, pid, &notes, &programs[i]);
    }
    usdt_notes_destroy(&notes);
    if (error) {
        usdt_detach(ua);
    } else {
        *uap = ua;
    }
    return error;
}

/* Detaches the programs and frees 'ua', which may be NULL. */
void
usdt_detach(struct usdt_attachment *ua)
{
    if (ua) {
        for (size_t i = 0; i < ua->n; i++) {
            bpf_link__destroy(ua->links[i]);
        }
        free(ua);
    }
}

/* Returns true if 'ua', which may be NULL, has attached to 'probe', which is
 * "PROVIDER:NAME". */
bool
usdt_has_probe(const struct usdt_attachment *ua, const char *probe)
{
    for (size_t i = 0; ua && i < ua->n; i++) {
        if (!strcmp(ua->probes[i], probe)) {
            return true;
        }
    }
    return false;
}
