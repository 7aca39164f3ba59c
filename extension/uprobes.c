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

VLOG_DEFINE_THIS_MODULE(uprobes);

struct uprobes {
    struct upcall_site *sites;  /* Where the programs find the arguments, by
                                 * their cookie. */
    size_t first;               /* Cookie of the first of 'links'. */
    struct bpf_link *links[UPROBES_MAX];
    const char *probes[UPROBES_MAX];    /* "PROVIDER:NAME" of each. */
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
locate_args(const struct usdt_probe *probe,
            const struct uprobe_program *program, struct upcall_site *site)
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
attach_probe(struct uprobes *u, pid_t pid,
             const struct usdt_probe *probe,
             const struct uprobe_program *program)
{
    DECLARE_LIBBPF_OPTS(bpf_uprobe_opts, opts,
        .bpf_cookie = u->first + u->n,
        .ref_ctr_offset = probe->semaphore_offset);
    struct bpf_link *link;
    char *error;

    if (u->n >= UPROBES_MAX) {
        return xasprintf("%s has its USDT probes in more than %d places",
                         probe->object->path, UPROBES_MAX);
    }
    error = locate_args(probe, program, &u->sites[u->first + u->n]);
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
    u->probes[u->n] = program->probe;
    u->links[u->n++] = link;
    return NULL;
}

/* Attaches 'program' to each place of its probe in 'notes'. */
static char *
attach_places(struct uprobes *u, pid_t pid,
              const struct usdt_notes *notes,
              const struct uprobe_program *program)
{
    char *error = NULL;

    for (size_t i = 0; i < notes->n && !error; i++) {
        if (probe_is(&notes->probes[i], program->probe)) {
            error = attach_probe(u, pid, &notes->probes[i], program);
        }
    }
    return error;
}

/* The same, and returns an error message if that is not possible, unless the
 * probe is optional. */
static char *
attach_program(struct uprobes *u, pid_t pid,
               const struct usdt_notes *notes,
               const struct uprobe_program *program)
{
    size_t n = u->n;
    char *error = attach_places(u, pid, notes, program);
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
    return (u->n > n ? NULL
            : xasprintf("process %ld has no USDT probe %s: build Open vSwitch "
                        "with ./configure --enable-usdt-probes, or use "
                        "--track=kernel", (long) pid, program->probe));
}

/* Attaches each of the 'n' 'programs' to its probe in process 'pid'.  In
 * UPROBES_MAX of 'sites', from number 'first' on, they find by their cookie
 * where the arguments are, so what used these before must be detached.
 *
 * Returns NULL and stores what uprobes_detach() needs in '*up'; or, if one of
 * them can't be attached, returns an error message, which the caller frees,
 * and stores NULL. */
char *
uprobes_attach(pid_t pid, const struct uprobe_program *programs, size_t n,
               struct upcall_site sites[UPCALL_SITES_MAX], size_t first,
               struct uprobes **up)
{
    struct uprobes *u;
    struct usdt_notes notes;
    char *error;

    *up = NULL;
    error = usdt_notes_read_process(pid, &notes);
    if (error) {
        return error;
    }
    u = xzalloc(sizeof *u);
    u->sites = sites;
    u->first = first;
    for (size_t i = 0; i < n && !error; i++) {
        error = attach_program(u, pid, &notes, &programs[i]);
    }
    usdt_notes_destroy(&notes);
    if (error) {
        uprobes_detach(u);
    } else {
        *up = u;
    }
    return error;
}

/* Detaches the programs and frees 'u', which may be NULL. */
void
uprobes_detach(struct uprobes *u)
{
    if (u) {
        for (size_t i = 0; i < u->n; i++) {
            bpf_link__destroy(u->links[i]);
        }
        free(u);
    }
}

/* Returns true if 'u', which may be NULL, has attached to 'probe', which is
 * "PROVIDER:NAME". */
bool
uprobes_have(const struct uprobes *u, const char *probe)
{
    for (size_t i = 0; u && i < u->n; i++) {
        if (!strcmp(u->probes[i], probe)) {
            return true;
        }
    }
    return false;
}
