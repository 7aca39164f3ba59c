/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "usdt-attach.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "openvswitch/util.h"
#include "usdt-notes.h"
#include "util.h"

struct usdt_attachment {
    struct bpf_link **links;
    size_t n, allocated;
};

/* Returns true if 'probe' is called 'name', "PROVIDER:NAME". */
static bool
probe_is(const struct usdt_probe *probe, const char *name)
{
    size_t len = strlen(probe->provider);

    return (!strncmp(name, probe->provider, len) && name[len] == ':'
            && !strcmp(name + len + 1, probe->name));
}

/* Attaches 'prog' to all places of 'probe' in its file.  Returns NULL or an
 * error message. */
static char *
attach_in_file(struct usdt_attachment *ua, pid_t pid,
               const struct usdt_probe *probe, const struct bpf_program *prog)
{
    struct bpf_link *link;

    /* The file is one below /proc/PID, so it is the one that the process has
     * mapped, in whichever mount namespace and even if it was replaced. */
    link = bpf_program__attach_usdt(prog, pid, probe->object->file,
                                    probe->provider, probe->name, NULL);
    if (libbpf_get_error(link)) {
        return xasprintf("cannot attach to the USDT probe %s:%s in %s (%s): "
                         "use --track=kernel, see also the log",
                         probe->provider, probe->name, probe->object->path,
                         ovs_strerror(-libbpf_get_error(link)));
    }
    if (ua->n >= ua->allocated) {
        ua->links = x2nrealloc(ua->links, &ua->allocated, sizeof *ua->links);
    }
    ua->links[ua->n++] = link;
    return NULL;
}

/* Attaches 'program' in each file of 'notes' that has its probe. */
static char *
attach_program(struct usdt_attachment *ua, pid_t pid,
               const struct usdt_notes *notes,
               const struct usdt_program *program)
{
    const struct usdt_object *last = NULL;
    char *error = NULL;

    /* The probes of a file follow each other. */
    for (size_t i = 0; i < notes->n && !error; i++) {
        const struct usdt_probe *probe = &notes->probes[i];

        if (probe->object != last && probe_is(probe, program->probe)) {
            last = probe->object;
            error = attach_in_file(ua, pid, probe, program->prog);
        }
    }
    if (!error && !last) {
        error = xasprintf("process %ld has no USDT probe %s: build Open "
                          "vSwitch with ./configure --enable-usdt-probes, or "
                          "use --track=kernel", (long) pid, program->probe);
    }
    return error;
}

/* Attaches each of the 'n' 'programs' to its probe in process 'pid'.
 *
 * Returns NULL and stores what usdt_detach() needs in '*uap'; or, if one of
 * them can't be attached, returns an error message, which the caller frees,
 * and stores NULL. */
char *
usdt_attach(pid_t pid, const struct usdt_program *programs, size_t n,
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
        free(ua->links);
        free(ua);
    }
}
