/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store/netlink-sockets.h"
#include "usdt/proc-maps.h"
#include "usdt/usdt-args.h"
#include "usdt/usdt-known.h"
#include "usdt/usdt-notes.h"
#include "util.h"

static void
check_probe(const struct usdt_probe *p)
{
    ovs_assert(*p->provider && *p->name && *p->object->file);
    fuzz_check_printable(p->provider);
    fuzz_check_printable(p->name);
    fuzz_check_printable(p->args_text);
    ovs_assert(p->n_args <= USDT_ARGS_MAX);
    for (size_t i = 0; i < p->n_args; i++) {
        struct upcall_arg where;

        ovs_assert(strstr(p->args_text, p->args[i].location));
        usdt_arg_locate(&p->args[i], USDT_X86_64, &where);
    }
    usdt_known_probe_find(p->provider, p->name);
}

/* Takes a file. */
void
fuzz_notes(const uint8_t *data, size_t size)
{
    int fd = memfd_create("notes", MFD_CLOEXEC);
    char *name = xasprintf("/proc/self/fd/%d", fd);
    struct usdt_notes notes;
    char *error;

    ovs_assert(fd >= 0 && write(fd, data, size) == size);
    error = usdt_notes_read_file(name, &notes);
    if (error) {
        fuzz_check_printable(error);
        ovs_assert(!notes.n);
    }
    for (size_t i = 0; i < notes.n; i++) {
        check_probe(&notes.probes[i]);
    }
    usdt_notes_destroy(&notes);
    free(error);
    free(name);
    close(fd);
}

/* Takes an argument without its size. */
void
fuzz_args(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct usdt_arg arg = { .size = size % 16, .location = text };

    for (int machine = 0; machine <= USDT_OTHER; machine++) {
        struct upcall_arg where;

        if (usdt_arg_locate(&arg, machine, &where)) {
            ovs_assert(where.kind <= UPCALL_ARG_MEMORY && where.bits);
        }
    }
    free(text);
}

/* Takes a line of /proc/PID/maps, and reads it as a list of sockets, too. */
void
fuzz_maps(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct netlink_sockets sockets;
    struct proc_map map;
    FILE *stream;

    if (size) {
        stream = fmemopen(text, size, "r");
        ovs_assert(stream);
        if (netlink_sockets_parse(stream, &sockets)) {
            netlink_sockets_contain(&sockets, 7);
        }
        netlink_sockets_destroy(&sockets);
        fclose(stream);
    }
    if (proc_map_parse(getpid(), text, &map)) {
        ovs_assert(strlen(map.path) <= size);
        free(proc_map_get_file(&map));
    }
    free(text);
}
