/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "cmd-probes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "record/names.h"
#include "reply.h"
#include "session.h"
#include "target.h"
#include "usdt/usdt-known.h"
#include "usdt/usdt-notes.h"
#include "util.h"

/* Hooks in the kernel. */

static void
get_hooks(const struct session *s, struct attach_hook hooks[UPCALL_N_HOOKS])
{
    if (s) {
        session_get_hooks(s, hooks);
    } else {
        attach_get_hooks(NULL, hooks);
    }
}

/* Returns how many of the hooks 's' has: with --track=kernel, only those in
 * the kernel. */
static int
n_hooks(const struct session *s)
{
    return (s && session_view(s).options->track != UPCALL_TRACK_KERNEL
            ? UPCALL_N_HOOKS : UPCALL_HOOK_FIRST_USDT);
}

static struct json *
hook_to_json(const struct attach_hook *h)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "name", h->name);
    json_object_put_string(json, "where", h->where);
    json_object_put(json, "kind", h->kind ? json_string_create(h->kind)
                    : json_null_create());
    json_object_put(json, "attached", json_boolean_create(h->kind));
    json_object_put(json, "hits", json_integer_create(h->hits));
    json_object_put(json, "missed", json_integer_create(h->missed));
    json_object_put(json, "unmatched", json_integer_create(h->unmatched));
    return json;
}

/* Returns the hooks of 's' as a JSON array. */
struct json *
probes_hooks_to_json(const struct session *s)
{
    struct json *array = json_array_create_empty();
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct attach_hook pass_hooks[PASS_N_HOOKS];
    size_t n_pass = s ? session_get_pass_hooks(s, pass_hooks) : 0;

    get_hooks(s, hooks);
    for (int i = 0; i < n_hooks(s); i++) {
        json_array_add(array, hook_to_json(&hooks[i]));
    }
    for (size_t i = 0; i < n_pass; i++) {
        json_array_add(array, hook_to_json(&pass_hooks[i]));
    }
    return array;
}

static void
format_hook(const struct attach_hook *h, struct ds *ds)
{
    const char *colon = strchr(h->name, ':');

    ds_put_format(ds, "  %-25s %-10s ", colon ? colon + 1 : h->name,
                  h->where);
    if (h->kind) {
        ds_put_format(ds, "%-14s ", h->kind);
    } else {
        ds_put_format(ds, "%-14s ", "not attached");
    }
    ds_put_format(ds, "%"PRIu64" hits", h->hits);
    if (h->unmatched) {
        ds_put_format(ds, ", %"PRIu64" of no followed upcall", h->unmatched);
    }
    if (h->missed) {
        ds_put_format(ds, ", %"PRIu64" missed", h->missed);
    }
    ds_put_char(ds, '\n');
}

/* Appends the hooks of 's' to 'ds', a line each. */
void
probes_format_hooks(const struct session *s, struct ds *ds)
{
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct attach_hook pass_hooks[PASS_N_HOOKS];
    size_t n_pass = s ? session_get_pass_hooks(s, pass_hooks) : 0;

    get_hooks(s, hooks);
    ds_put_cstr(ds, "hooks:\n");
    for (int i = 0; i < n_hooks(s); i++) {
        format_hook(&hooks[i], ds);
    }
    for (size_t i = 0; i < n_pass; i++) {
        format_hook(&pass_hooks[i], ds);
    }
}

/* USDT probes. */

/* Reads the probes of the target of 's', or of the default one.  Returns NULL
 * or an error message, which the caller frees. */
static char *
read_notes(const struct session *s, struct usdt_notes *notes)
{
    struct target *target = NULL;
    char *error = NULL;

    if (!s) {
        error = target_find(NULL, &target);
    }
    if (!error) {
        error = usdt_notes_read_process(s ? session_view(s).target->pid
                                        : target->pid, notes);
    }
    target_destroy(target);
    return error;
}

static struct json *
arg_to_json(const struct usdt_known_probe *known, size_t i,
            const struct usdt_arg *arg)
{
    struct json *json = json_object_create();
    bool named = known && i < known->n_args;

    json_object_put(json, "name", named ? json_string_create(
                        known->args[i].name) : json_null_create());
    json_object_put(json, "type", named ? json_string_create(
                        known->args[i].type) : json_null_create());
    json_object_put(json, "size", json_integer_create(arg->size));
    json_object_put(json, "signed", json_boolean_create(arg->is_signed));
    json_object_put_string(json, "location", arg->location);
    return json;
}

/* Returns which of the hooks 'p' is, NULL if none. */
static const struct attach_hook *
probe_find_hook(const struct usdt_probe *p,
                const struct attach_hook hooks[UPCALL_N_HOOKS])
{
    const struct attach_hook *found = NULL;
    char *name = xasprintf("%s:%s", p->provider, p->name);

    for (int i = UPCALL_HOOK_FIRST_USDT; i < UPCALL_N_HOOKS; i++) {
        if (!strcmp(hooks[i].name, name)) {
            found = &hooks[i];
        }
    }
    free(name);
    return found;
}

/* Returns true if 's', which may be NULL, is attached to 'p', and stores in
 * '*hits' how often that was hit. */
static bool
probe_is_attached(const struct session *s, const struct usdt_probe *p,
                  const struct attach_hook hooks[UPCALL_N_HOOKS],
                  uint64_t *hits)
{
    const struct attach_hook *hook = probe_find_hook(p, hooks);
    char *name = xasprintf("%s:%s", p->provider, p->name);
    bool attached = hook && hook->kind;

    *hits = hook ? hook->hits : 0;
    for (int i = 0; s && i < VSWITCHD_N_PROBES; i++) {
        if (!strcmp(vswitchd_probe_name(i), name)) {
            *hits = session_get_vswitchd_probe(s, i, &attached);
        }
    }
    free(name);
    return attached;
}

static struct json *
probe_to_json(const struct session *s, const struct usdt_probe *p,
              const struct attach_hook hooks[UPCALL_N_HOOKS])
{
    uint64_t hits;
    bool attached = probe_is_attached(s, p, hooks, &hits);
    const struct usdt_known_probe *known
        = usdt_known_probe_find(p->provider, p->name);
    struct json *json = json_object_create();
    struct json *args = json_array_create_empty();

    for (size_t i = 0; i < p->n_args; i++) {
        json_array_add(args, arg_to_json(known, i, &p->args[i]));
    }
    json_object_put_string(json, "provider", p->provider);
    json_object_put_string(json, "name", p->name);
    json_object_put_string(json, "object", p->object->path);
    json_object_put(json, "args", args);
    json_object_put(json, "attached", json_boolean_create(attached));
    json_object_put(json, "hits", json_integer_create(hits));
    return json;
}

/* Returns the hooks in the kernel and the USDT probes of the target. */
static struct json *
probes_to_json(const struct session *s)
{
    struct json *json = json_object_create();
    struct json *usdt = json_array_create_empty();
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct usdt_notes notes;
    char *error = read_notes(s, &notes);

    get_hooks(s, hooks);
    if (!error) {
        for (size_t i = 0; i < notes.n; i++) {
            json_array_add(usdt, probe_to_json(s, &notes.probes[i], hooks));
        }
        usdt_notes_destroy(&notes);
    }
    json_object_put(json, "hooks", probes_hooks_to_json(s));
    json_object_put(json, "usdt", usdt);
    json_object_put(json, "usdt_error", error ? json_string_create(error)
                    : json_null_create());
    free(error);
    return json;
}

static void
format_probe(const struct session *s, const struct usdt_probe *p,
             const struct attach_hook hooks[UPCALL_N_HOOKS], struct ds *ds)
{
    uint64_t hits;
    bool attached = probe_is_attached(s, p, hooks, &hits);
    const struct usdt_known_probe *known
        = usdt_known_probe_find(p->provider, p->name);

    ds_put_format(ds, "  %s:%s(", p->provider, p->name);
    for (size_t i = 0; i < p->n_args; i++) {
        ds_put_format(ds, "%s%s", i ? ", " : "",
                      known && i < known->n_args ? known->args[i].name
                      : p->args[i].location);
    }
    if (attached) {
        ds_put_format(ds, "): %"PRIu64" hits\n", hits);
    } else {
        ds_put_cstr(ds, "): not attached\n");
    }
}

/* Appends the same for people. */
static void
probes_format(const struct session *s, struct ds *ds)
{
    struct attach_hook hooks[UPCALL_N_HOOKS];
    struct usdt_notes notes;
    char *error = read_notes(s, &notes);

    get_hooks(s, hooks);
    probes_format_hooks(s, ds);
    if (error) {
        ds_put_format(ds, "USDT probes: unknown: %s\n", error);
        free(error);
        return;
    }
    ds_put_format(ds, "USDT probes: %s\n", notes.n ? ""
                  : "none: ovs-vswitchd was built without "
                  "--enable-usdt-probes, which only --track=full and "
                  "--track=all need");
    ds_chomp(ds, ' ');
    for (size_t i = 0; i < notes.n; i++) {
        format_probe(s, &notes.probes[i], hooks, ds);
    }
    usdt_notes_destroy(&notes);
}

/* upcall-trace/probes. */
void
cmd_probes(struct commands *c, const struct request *request)
{
    if (request->json) {
        reply_json(request->conn, probes_to_json(c->session));
    } else {
        struct ds text = DS_EMPTY_INITIALIZER;

        probes_format(c->session, &text);
        reply_text(request->conn, &text);
    }
}
