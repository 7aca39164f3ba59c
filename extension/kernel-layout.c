/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "kernel-layout.h"

#include <stdbool.h>
#include <string.h>

#include <bpf/btf.h>

#include "openvswitch/util.h"
#include "record/kernel-actions.h"
#include "record/pass-drop.h"
#include "util.h"

/* Most structures in each other, if no BTF is as it should be. */
#define MAX_DEPTH 8

static bool find_member(const struct btf *, uint32_t id, const char *path,
                        uint32_t bit, struct kernel_place *, int depth);

/* Returns what comes after 'name' and a dot, or the end, in 'path'; NULL if
 * 'path' does not begin with that. */
static const char *
skip_name(const char *path, const char *name)
{
    size_t len = strlen(name);

    if (!len || strncmp(path, name, len)) {
        return NULL;
    }
    return (!path[len] ? &path[len]
            : path[len] == '.' ? &path[len + 1] : NULL);
}

/* Stores in '*place' where the member of type 'id' at 'bit' is, which has
 * 'bits' if it is a bit field, or what 'rest' says in it. */
static bool
find_in_member(const struct btf *btf, uint32_t id, const char *rest,
               uint32_t bit, uint32_t bits, struct kernel_place *place,
               int depth)
{
    long long int size;

    if (*rest) {
        return find_member(btf, id, rest, bit, place, depth + 1);
    }
    size = btf__resolve_size(btf, id);
    if (size <= 0 || size > UINT16_MAX) {
        return false;
    }
    place->bit = bit;
    place->bits = bits ? bits : size * 8;
    return true;
}

/* Returns 'id' without what does not change the layout. */
static const struct btf_type *
skip_modifiers(const struct btf *btf, uint32_t id)
{
    int resolved = btf__resolve_type(btf, id);

    return resolved < 0 ? NULL : btf__type_by_id(btf, resolved);
}

/* Stores in '*place' where the member 'path' of the structure 'id', which is
 * at 'bit', is.  Returns false if there is none.  Looks into structures
 * without a name, too. */
static bool
find_member(const struct btf *btf, uint32_t id, const char *path,
            uint32_t bit, struct kernel_place *place, int depth)
{
    const struct btf_type *type = skip_modifiers(btf, id);
    const struct btf_member *members;

    if (!type || !btf_is_composite(type) || depth > MAX_DEPTH) {
        return false;
    }
    members = btf_members(type);
    for (int i = 0; i < btf_vlen(type); i++) {
        const struct btf_member *m = &members[i];
        const char *name = btf__name_by_offset(btf, m->name_off);
        uint32_t m_bit = bit + btf_member_bit_offset(type, i);
        const char *rest = skip_name(path, name);

        if (rest
            ? find_in_member(btf, m->type, rest, m_bit,
                             btf_member_bitfield_size(type, i), place, depth)
            : !name[0] && find_member(btf, m->type, path, m_bit, place,
                                      depth + 1)) {
            return true;
        }
    }
    return false;
}

/* Adds what 'layout' has of the structure 'id', and is not known yet. */
static void
read_structure(struct kernel_layout *layout, const struct btf *btf,
               uint32_t id)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    const char *name = btf__name_by_offset(btf, type->name_off);

    for (int i = 0; i < KERNEL_N_FIELDS; i++) {
        struct kernel_place *place = &layout->fields[i];
        const char *member = kernel_field_member(i);

        if (place->bits || strcmp(name, kernel_field_structure(i))) {
            continue;
        } else if (member[0]) {
            find_member(btf, id, member, 0, place, 0);
        } else {
            place->bits = type->size * 8;
        }
    }
}

/* Adds the numbers that the enumeration 'type' has and 'layout' has not. */
static void
read_enum(struct kernel_layout *layout, const struct btf *btf,
          const struct btf_type *type)
{
    const struct btf_enum *values = btf_enum(type);

    for (int i = 0; i < btf_vlen(type); i++) {
        const char *name = btf__name_by_offset(btf, values[i].name_off);

        if (!strstr(name, "OVS_")) {
            return;
        }
        for (int j = 0; j < KERNEL_N_NUMBERS; j++) {
            if (!layout->numbers[j] && !strcmp(name, kernel_number_name(j))) {
                layout->numbers[j] = values[i].val;
            }
        }
    }
}

/* Returns what remains of 'name', an enumerator, as the kernel prints it as a
 * reason to drop packets ('drop_reasons' in net/core/skbuff.c, and
 * 'ovs_drop_reasons' in net/openvswitch/datapath.c, Linux 6.1 to 7.2), or NULL
 * if it is none of 'enumeration'. */
static const char *
get_drop_name(const char *enumeration, const char *name)
{
    static const char prefix[] = "SKB_DROP_REASON_";

    if (!strcmp(enumeration, "ovs_drop_reason")) {
        return strncmp(name, "OVS_DROP_", 9) || !strcmp(name, "OVS_DROP_MAX")
               ? NULL : name;
    }
    return (strncmp(name, prefix, strlen(prefix)) ? NULL
            : name + strlen(prefix));
}

/* Adds why packets are dropped, which the enumeration 'type' says. */
static void
read_drops(struct kernel_layout *layout, const struct btf *btf,
           const struct btf_type *type)
{
    const char *enumeration = btf__name_by_offset(btf, type->name_off);
    const struct btf_enum *values = btf_enum(type);

    if (strcmp(enumeration, "skb_drop_reason")
        && strcmp(enumeration, "ovs_drop_reason")) {
        return;
    }
    for (int i = 0; i < btf_vlen(type); i++) {
        const char *name = get_drop_name(
            enumeration, btf__name_by_offset(btf, values[i].name_off));
        struct kernel_drop *drop = &layout->drops[layout->n_drops];

        if (name && layout->n_drops < KERNEL_DROPS_MAX
            && !kernel_drop_name(layout, values[i].val)) {
            drop->reason = values[i].val;
            ovs_strlcpy(drop->name, name, sizeof drop->name);
            layout->n_drops++;
        }
    }
}

/* Adds what is known from the types of 'btf' that are not in its base. */
static void
read_types(struct kernel_layout *layout, const struct btf *btf,
           const struct btf *base)
{
    for (uint32_t id = base ? btf__type_cnt(base) : 1;
         id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_struct(type) && type->name_off) {
            read_structure(layout, btf, id);
        } else if (btf_is_enum(type)) {
            read_enum(layout, btf, type);
            read_drops(layout, btf, type);
        }
    }
}

/* Adds what all types of 'btf', the kernel's, which may be NULL, say beside
 * those of the module: why packets are dropped, and structures that others
 * use as well. */
static void
read_kernel_types(struct kernel_layout *layout, const struct btf *btf)
{
    for (uint32_t id = 1; btf && id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_is_struct(type) && type->name_off) {
            read_structure(layout, btf, id);
        } else if (btf_is_enum(type)) {
            read_drops(layout, btf, type);
        }
    }
}

/* Stores in '*layout' what 'btf', of the module openvswitch and continuing
 * 'base', that of the kernel, says.  Either may be NULL; a kernel that has
 * openvswitch built in has only 'base'.  What is in neither is unknown, see
 * kernel_layout_is_complete(). */
void
kernel_layout_read(struct kernel_layout *layout, const struct btf *btf,
                   const struct btf *base)
{
    memset(layout, 0, sizeof *layout);
    if (btf) {
        read_types(layout, btf, base);
        read_kernel_types(layout, base);
    } else if (base) {
        read_types(layout, base, NULL);
    }
}
