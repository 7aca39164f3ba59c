/* SPDX-License-Identifier: Apache-2.0 */

/* Where the functions are to which programs are attached by trampoline, and
 * tracepoints with BTF: in the BTF of the module openvswitch, or in that of
 * the kernel.
 *
 * libbpf finds that by itself, but for each program it looks through the types
 * of the kernel, and again for each module before openvswitch, as the BTF of a
 * module continues that of the kernel (find_kernel_btf_id() in src/libbpf.c
 * and btf__find_by_name_kind() in src/btf.c of libbpf 0.8 to 1.5).  With 22
 * modules and 8 programs, these were 840 of the 870 million instructions of a
 * start.  libbpf has a hook for programs that know better, which was tried
 * with libbpf 1.1, 1.5 and 1.7. */

#include <config.h>

#include "attach-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "kernel-layout.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "openvswitch/vlog.h"
#include "record/kernel-actions.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(attach_btf);

/* Level for why the kernel does not take the programs, see 'quiet' of struct
 * attach_config.  libbpf has a single function for its messages. */
enum vlog_level attach_failure_level = VLL_INFO;

/* Between attach_btf_open() and attach_btf_close(). */
static struct btf *kernel_btf;
static struct btf *module_btf;          /* NULL if it has none. */
static int module_btf_fd = -1;

/* Returns true if the BTF that 'fd' refers to is that of the module. */
static bool
is_module_btf(int fd)
{
    char name[64] = "";
    struct bpf_btf_info info = {
        .name = (uintptr_t) name, .name_len = sizeof name,
    };
    uint32_t len = sizeof info;

    return (!bpf_obj_get_info_by_fd(fd, &info, &len)
            && info.kernel_btf && !strcmp(name, "openvswitch"));
}

/* Returns 'btf', or NULL if that is an error, as libbpf 0.8 returns it. */
static struct btf *
btf_or_null(struct btf *btf)
{
    return libbpf_get_error(btf) ? NULL : btf;
}

/* Returns the BTF of the module, and stores its file descriptor in '*fdp'.
 * Returns NULL if it has none. */
static struct btf *
load_module_btf(int *fdp)
{
    uint32_t id = 0;

    while (!bpf_btf_get_next_id(id, &id)) {
        int fd = bpf_btf_get_fd_by_id(id);

        if (fd >= 0 && is_module_btf(fd)) {
            *fdp = fd;
            return btf_or_null(btf__load_from_kernel_by_id_split(id,
                                                                 kernel_btf));
        } else if (fd >= 0) {
            close(fd);
        }
    }
    return NULL;
}

/* What a program can be attached to. */
struct place {
    char name[64];
    uint32_t kind;              /* BTF_KIND_* of what has that name. */
};

/* Finds out to what the program in 'section' is to be attached.  Returns false
 * if the name of the section does not say it. */
static bool
get_place(const char *section, struct place *place)
{
    const char *name = strchr(section, '/');
    bool is_tracepoint = !strncmp(section, "tp_btf", 6);

    if (!name) {
        return false;
    }
    snprintf(place->name, sizeof place->name, "%s%s",
             is_tracepoint ? "btf_trace_" : "", name + 1);
    place->kind = is_tracepoint ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC;
    return true;
}

/* Returns the id of 'place' in 'btf', whose types follow those of 'base', or 0
 * if it is not among those. */
static int
find_place(const struct btf *btf, const struct btf *base,
           const struct place *place)
{
    for (uint32_t id = base ? btf__type_cnt(base) : 1;
         id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_kind(type) == place->kind
            && !strcmp(btf__name_by_offset(btf, type->name_off),
                       place->name)) {
            return id;
        }
    }
    return 0;
}

/* Returns true if there is something to which 'prog' can be attached. */
bool
attach_btf_has(const struct bpf_program *prog)
{
    struct place place;

    return (get_place(bpf_program__section_name(prog), &place)
            && ((module_btf && find_place(module_btf, kernel_btf, &place))
                || (kernel_btf && find_place(kernel_btf, NULL, &place))));
}

/* Returns true if the kernel itself has the function 'name', which programs
 * can call. */
bool
attach_btf_has_kfunc(const char *name)
{
    return (kernel_btf
            && btf__find_by_name_kind(kernel_btf, name, BTF_KIND_FUNC) > 0);
}

/* Has libbpf load 'prog' for the function that its section names. */
static int
prepare_load(struct bpf_program *prog, struct bpf_prog_load_opts *opts,
             long cookie OVS_UNUSED)
{
    const char *section = bpf_program__section_name(prog);
    struct place place;
    int id = 0;

    if (!kernel_btf || !get_place(section, &place)) {
        return -ESRCH;
    }
    if (module_btf) {
        id = find_place(module_btf, kernel_btf, &place);
    }
    if (id) {
        opts->attach_btf_obj_fd = module_btf_fd;
    } else {
        id = find_place(kernel_btf, NULL, &place);
    }
    if (!id) {
        VLOG(attach_failure_level, "%s: no BTF has this", section);
        return -ESRCH;
    }
    opts->attach_btf_id = id;
    return 0;
}

static int
attach_program(const struct bpf_program *prog, long cookie OVS_UNUSED,
               struct bpf_link **linkp)
{
    int error;

    *linkp = bpf_program__attach_trace(prog);
    error = libbpf_get_error(*linkp);
    if (error) {
        *linkp = NULL;
    }
    return error;
}

/* Has libbpf ask us about all programs whose section begins with 'prefix'. */
static void
register_section(const char *prefix, enum bpf_attach_type type)
{
    LIBBPF_OPTS(libbpf_prog_handler_opts, opts,
                .prog_prepare_load_fn = prepare_load,
                .prog_attach_fn = attach_program);
    int error = libbpf_register_prog_handler(prefix, BPF_PROG_TYPE_TRACING,
                                             type, &opts);

    if (error < 0) {
        VLOG_WARN("cannot register \"%s\" with libbpf (%s)", prefix,
                  ovs_strerror(-error));
    }
}

/* Reads the BTF of the kernel and of the module, for programs that are loaded
 * until attach_btf_close(). */
void
attach_btf_open(void)
{
    static bool registered;

    if (!registered) {
        registered = true;
        register_section("fentry+", BPF_TRACE_FENTRY);
        register_section("fexit+", BPF_TRACE_FEXIT);
        register_section("tp_btf+", BPF_TRACE_RAW_TP);
    }
    kernel_btf = btf_or_null(btf__load_vmlinux_btf());
    if (kernel_btf) {
        module_btf = load_module_btf(&module_btf_fd);
    }
}

/* Stores in '*layout' what attach_btf_open() has read of the actions of
 * flows. */
void
attach_btf_get_layout(struct kernel_layout *layout)
{
    kernel_layout_read(layout, module_btf, kernel_btf);
}

/* Logs what 'layout' does not have. */
void
attach_btf_check_layout(const struct kernel_layout *layout)
{
    struct ds missing = DS_EMPTY_INITIALIZER;

    if (!kernel_layout_is_complete(layout, &missing)) {
        VLOG_WARN("the BTF of this kernel does not have %s: some actions of "
                  "flows will be shown by number and bytes, or with \"?\"",
                  ds_cstr(&missing));
    }
    ds_destroy(&missing);
}

/* Frees what attach_btf_open() has read. */
void
attach_btf_close(void)
{
    btf__free(module_btf);
    module_btf = NULL;
    btf__free(kernel_btf);
    kernel_btf = NULL;
    if (module_btf_fd >= 0) {
        close(module_btf_fd);
        module_btf_fd = -1;
    }
}
