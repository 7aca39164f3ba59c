/* SPDX-License-Identifier: Apache-2.0 */

/* What pointers among the kernel's actions point to: how the BPF programs find
 * it (bpf/pass-pointed.bpf.h), and how it is found in what they have read. */

#include <config.h>

#include "record/kernel-actions-private.h"

#include <string.h>

#include "bpf/pass-record.h"
#include "openvswitch/util.h"
#include "util.h"

/* Largest structures that are taken for possible, in bytes. */
#define OFFSET_MAX 4096
#define CT_MAX 512
#define ARGUMENT_MAX 64

/* Returns how many bytes 'field' has if these are at most 'max', otherwise or
 * if it is unknown, 0. */
static uint32_t
get_size(const struct kernel_layout *layout, enum kernel_field field,
         uint32_t max)
{
    uint32_t size = layout->fields[field].bits / 8;

    return size <= max ? size : 0;
}

/* Returns where 'field' begins, in bytes from the structure that it is in. */
static uint32_t
get_offset(const struct kernel_layout *layout, enum kernel_field field)
{
    return layout->fields[field].bit / 8;
}

/* Returns true if 'field' is a pointer in the first 'size' bytes of its
 * structure. */
static bool
is_pointer(const struct kernel_layout *layout, enum kernel_field field,
           size_t size)
{
    return (kernel_field_has_size(layout, field, sizeof(uint64_t))
            && get_offset(layout, field) + sizeof(uint64_t) <= size);
}

/* Returns true if 'layout' has all that is needed to read a tunnel, whose
 * structure has 'size' bytes. */
static bool
can_read_tunnel(const struct kernel_layout *layout, size_t size)
{
    return (size && is_pointer(layout, KERNEL_FIELD_TUN_DST, sizeof(uint64_t))
            && layout->fields[KERNEL_FIELD_TUN_INFO].bits
            && get_offset(layout, KERNEL_FIELD_TUN_INFO) <= OFFSET_MAX
            && kernel_field_has_size(layout, KERNEL_FIELD_TUNNEL_OPTIONS_LEN,
                                     1)
            && get_offset(layout, KERNEL_FIELD_TUNNEL_OPTIONS_LEN) < size);
}

/* The same for the helper of a "ct". */
static bool
can_read_helper(const struct kernel_layout *layout, size_t size)
{
    return (size && is_pointer(layout, KERNEL_FIELD_CT_HELPER, size)
            && kernel_field_has_size(layout, KERNEL_FIELD_HELPER_NAME,
                                     PASS_HELPER_LEN)
            && get_offset(layout, KERNEL_FIELD_HELPER_NAME) <= OFFSET_MAX);
}

/* Stores in '*p' what the BPF programs have to know of 'layout'.  What they
 * cannot find so is not to be read. */
void
kernel_layout_get_pointers(const struct kernel_layout *layout,
                           struct pass_pointers *p)
{
    uint32_t tunnel_len = get_size(layout, KERNEL_FIELD_TUNNEL,
                                   PASS_TUNNEL_MAX);
    uint32_t ct_len = get_size(layout, KERNEL_FIELD_CT, CT_MAX);

    memset(p, 0, sizeof *p);
    if (can_read_tunnel(layout, tunnel_len)) {
        p->tunnel_info = layout->numbers[KERNEL_NUMBER_TUNNEL_INFO];
        p->tunnel = get_offset(layout, KERNEL_FIELD_TUN_INFO);
        p->tunnel_len = tunnel_len;
        p->tunnel_options_len = get_offset(layout,
                                           KERNEL_FIELD_TUNNEL_OPTIONS_LEN);
    }
    if (can_read_helper(layout, ct_len)) {
        p->ct_len = ct_len;
        p->ct_helper = get_offset(layout, KERNEL_FIELD_CT_HELPER);
        p->helper_name = get_offset(layout, KERNEL_FIELD_HELPER_NAME);
    }
    p->sample_len = get_size(layout, KERNEL_FIELD_SAMPLE, ARGUMENT_MAX);
    p->check_len = get_size(layout, KERNEL_FIELD_CHECK_PKT_LEN, ARGUMENT_MAX);
}

/* Returns what of 'kind', an enum pass_pointed_kind, the action at 'offset'
 * points to, and stores its size in '*len'.  Returns NULL if that is
 * unknown. */
const void *
kernel_pointed_find(const struct kernel_pointed *pointed, int kind,
                    size_t offset, size_t *len)
{
    const uint8_t *at = pointed->data;
    size_t left = pointed->len;

    while (left >= sizeof(struct pass_pointed)) {
        const struct pass_pointed *p = (const void *) at;
        size_t size = sizeof *p + ROUND_UP(p->len, 8);

        if (size > left) {
            break;
        } else if (p->kind == kind && p->offset == offset) {
            *len = p->len;
            return p + 1;
        }
        at += size;
        left -= size;
    }
    return NULL;
}

/* Returns the name of the helper of the "ct" at 'offset', or NULL if it is
 * unknown. */
const char *
kernel_pointed_helper(const struct kernel_pointed *pointed, size_t offset)
{
    const char *name;
    size_t len;

    name = kernel_pointed_find(pointed, PASS_POINTED_HELPER, offset, &len);
    return (name && len && name[0] && memchr(name, '\0', len) ? name : NULL);
}
