/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "commands-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "host.h"
#include "lockdown.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "reply.h"
#include "target.h"
#include "usdt/usdt-notes.h"
#include "util.h"

enum check_result {
    CHECK_OK,
    CHECK_LIMITED,              /* It works, but not everything. */
    CHECK_FAILED
};

/* The result of one check. */
struct check {
    const char *name;
    enum check_result result;
    char *found;                /* What was found, owned. */
    const char *remedy;         /* What to do, unless CHECK_OK. */
};

typedef void check_cb(const struct target *, struct check *);

static bool
file_exists(const char *path)
{
    return !access(path, F_OK);
}

static void
check_kernel(const struct target *t OVS_UNUSED, struct check *c)
{
    struct utsname u;

    uname(&u);
    c->found = xasprintf("%s %s", u.release, u.machine);
    c->result = CHECK_OK;
}

static void
check_privileges(const struct target *t OVS_UNUSED, struct check *c)
{
    if (host_is_privileged()) {
        c->found = xstrdup("CAP_SYS_ADMIN and CAP_SYS_PTRACE");
        c->result = CHECK_OK;
    } else {
        c->found = xasprintf("no CAP_SYS_ADMIN or CAP_SYS_PTRACE, user %ld",
                             (long) geteuid());
        c->remedy = "run ovs-upcall-traced as root";
    }
}

static void
check_module(const struct target *t OVS_UNUSED, struct check *c)
{
    if (host_has_datapath()) {
        c->found = xstrdup("loaded");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("not loaded");
        c->remedy = "run \"modprobe openvswitch\", or start ovs-vswitchd "
                    "with a kernel datapath";
    }
}

static void
check_lockdown(const struct target *t OVS_UNUSED, struct check *c)
{
    if (kernel_is_locked_down()) {
        c->found = xstrdup("confidentiality");
        c->remedy = "BPF programs may not read kernel memory: boot without "
                    "lockdown=confidentiality";
    } else {
        c->found = xstrdup("not for confidentiality");
        c->result = CHECK_OK;
    }
}

static void
check_kernel_btf(const struct target *t OVS_UNUSED, struct check *c)
{
    if (file_exists("/sys/kernel/btf/vmlinux")) {
        c->found = xstrdup("/sys/kernel/btf/vmlinux");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("none");
        c->remedy = "run a kernel that was built with "
                    "CONFIG_DEBUG_INFO_BTF, as distributions do";
    }
}

static void
check_module_btf(const struct target *t OVS_UNUSED, struct check *c)
{
    if (file_exists("/sys/kernel/btf/openvswitch")) {
        c->found = xstrdup("/sys/kernel/btf/openvswitch");
        c->result = CHECK_OK;
    } else {
        c->found = xstrdup("none");
        c->result = CHECK_LIMITED;
        c->remedy = "kprobes are used instead of fentry, which costs more: "
                    "load the openvswitch module that came with the kernel, "
                    "built with CONFIG_DEBUG_INFO_BTF_MODULES";
    }
}

/* The functions of the kernel that have to be there. */
static const char *const functions[] = {
    "ovs_dp_upcall", "skb_zerocopy", "skb_recv_datagram",
    "ovs_flow_cmd_new", "ovs_packet_cmd_execute",
};

/* Stores in 'found' which of the functions the kernel or a module has. */
static void
find_functions(bool found[ARRAY_SIZE(functions)])
{
    FILE *file = fopen("/proc/kallsyms", "r");
    char line[512], name[256];

    memset(found, 0, ARRAY_SIZE(functions) * sizeof *found);
    while (file && fgets(line, sizeof line, file)) {
        for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
            if (!found[i] && strstr(line, functions[i])) {
                found[i] = (sscanf(line, "%*s %*s %255s", name) == 1
                            && !strcmp(name, functions[i]));
            }
        }
    }
    if (file) {
        fclose(file);
    }
}

static void
check_hooks(const struct target *t OVS_UNUSED, struct check *c)
{
    struct ds missing = DS_EMPTY_INITIALIZER;
    bool found[ARRAY_SIZE(functions)];

    find_functions(found);
    for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
        if (!found[i]) {
            ds_put_format(&missing, "%s%s", missing.length ? ", " : "",
                          functions[i]);
        }
    }
    if (!missing.length) {
        c->found = xasprintf("%"PRIuSIZE" functions", ARRAY_SIZE(functions));
        c->result = CHECK_OK;
    } else {
        c->found = xasprintf("missing: %s", ds_cstr(&missing));
        c->remedy = "load the openvswitch module of a kernel that has them";
    }
    ds_destroy(&missing);
}

static void
check_vswitchd(const struct target *t, struct check *c)
{
    c->found = xasprintf("pid %ld, %s", (long) t->pid,
                         t->binary ? t->binary : "unknown binary");
    c->result = CHECK_OK;
}

static void
check_socket(const struct target *t, struct check *c)
{
    c->found = xstrdup(t->ctl);
    if (t->version) {
        c->result = CHECK_OK;
    } else {
        c->result = CHECK_LIMITED;
        c->remedy = "upcalls can be traced, but ovs-vswitchd does not answer "
                    "on its control socket: run ovs-upcall-traced as the "
                    "same user or root, with the same OVS_RUNDIR";
    }
}

static void
check_version(const struct target *t, struct check *c)
{
    c->found = xstrdup(t->version ? t->version : "unknown");
    c->result = t->version ? CHECK_OK : CHECK_LIMITED;
    c->remedy = "see the control socket";
}

static void
check_usdt(const struct target *t, struct check *c)
{
    struct usdt_notes notes;
    char *error = usdt_notes_read_process(t->pid, &notes);
    size_t n;

    if (error) {
        c->found = error;
        c->result = CHECK_LIMITED;
        c->remedy = "not needed to trace the kernel tier";
        return;
    }
    n = usdt_notes_count_known(&notes);
    c->found = xasprintf("%"PRIuSIZE" probes%s%s", n,
                         notes.problem ? ", but " : "",
                         notes.problem ? notes.problem : "");
    c->result = n ? CHECK_OK : CHECK_LIMITED;
    c->remedy = "not needed to trace the kernel tier; to have them, build "
                "OVS with ./configure --enable-usdt-probes";
    usdt_notes_destroy(&notes);
}

/* All checks, in the order in which they are shown. */
static const struct {
    const char *name;
    bool needs_target;
    check_cb *cb;
} checks[] = {
    { "kernel", false, check_kernel },
    { "privileges", false, check_privileges },
    { "lockdown", false, check_lockdown },
    { "kernel BTF", false, check_kernel_btf },
    { "openvswitch module", false, check_module },
    { "openvswitch BTF", false, check_module_btf },
    { "hooks", false, check_hooks },
    { "ovs-vswitchd", true, check_vswitchd },
    { "control socket", true, check_socket },
    { "OVS version", true, check_version },
    { "USDT probes", true, check_usdt },
};

/* Runs check number 'i'.  't' is NULL if it was not found, because of
 * 'error'. */
static void
run_check(size_t i, const struct target *t, const char *error,
          struct check *c)
{
    memset(c, 0, sizeof *c);
    c->name = checks[i].name;
    c->result = CHECK_FAILED;
    if (!checks[i].needs_target || t) {
        checks[i].cb(t, c);
    } else if (checks[i].cb == check_vswitchd) {
        c->found = xstrdup("not found");
        c->remedy = error;
    } else {
        c->found = xstrdup("unknown");
        c->remedy = "see ovs-vswitchd";
    }
}

static void
run_checks(const char *name, void (*cb)(const struct check *, void *aux),
           void *aux)
{
    struct target *t;
    char *error = target_find(name, &t);

    if (t) {
        target_ask_version(t);
    }
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        struct check c;

        run_check(i, t, error, &c);
        cb(&c, aux);
        free(c.found);
    }
    target_destroy(t);
    free(error);
}

static const char *
result_name(enum check_result result)
{
    return (result == CHECK_OK ? "ok"
            : result == CHECK_LIMITED ? "limited"
            : "failed");
}

static void
add_json(const struct check *c, void *array)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "name", c->name);
    json_object_put_string(json, "result", result_name(c->result));
    json_object_put_string(json, "found", c->found);
    json_object_put(json, "remedy",
                    c->result != CHECK_OK && c->remedy
                    ? json_string_create(c->remedy) : json_null_create());
    json_array_add(array, json);
}

/* Returns the results as a JSON array. */
static struct json *
check_to_json(const char *target)
{
    struct json *array = json_array_create_empty();

    run_checks(target, add_json, array);
    return array;
}

static void
add_text(const struct check *c, void *text)
{
    ds_put_format(text, "%-20s %-8s %s", c->name, result_name(c->result),
                  c->found);
    if (c->result != CHECK_OK && c->remedy) {
        ds_put_format(text, ": %s", c->remedy);
    }
    ds_put_char(text, '\n');
}

/* Appends the results to 'text', a line each. */
static void
check_format(const char *target, struct ds *text)
{
    run_checks(target, add_text, text);
}

/* upcall-trace/check: what is possible here, and what to do about the rest. */
void
cmd_check(struct commands *c OVS_UNUSED, const struct request *request)
{
    const struct check_options *options = request->options;

    if (request->json) {
        reply_json(request->conn, check_to_json(options->target));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        check_format(options->target, &text);
        reply_text(request->conn, &text);
    }
}
