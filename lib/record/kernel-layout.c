/* SPDX-License-Identifier: Apache-2.0 */

/* What kernel-actions.h says of the layout of the kernel's structures. */

#include <config.h>

#include "record/kernel-actions-private.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "util.h"

/* Returns the name of the kernel's enumerator for 'number'. */
const char *
kernel_number_name(enum kernel_number number)
{
    static const char *const names[] = {
#define X(ENUM, ENUMERATOR) [KERNEL_NUMBER_##ENUM] = ENUMERATOR,
        KERNEL_NUMBERS
#undef X
    };

    return names[number];
}

/* Returns the name of the structure that 'field' is in. */
const char *
kernel_field_structure(enum kernel_field field)
{
    static const char *const structures[] = {
#define X(ENUM, STRUCTURE, MEMBER) [KERNEL_FIELD_##ENUM] = STRUCTURE,
        KERNEL_FIELDS
#undef X
    };

    return structures[field];
}

/* Returns the name of 'field' in its structure, with dots where it is in a
 * structure in that one; "" for the structure as a whole. */
const char *
kernel_field_member(enum kernel_field field)
{
    static const char *const members[] = {
#define X(ENUM, STRUCTURE, MEMBER) [KERNEL_FIELD_##ENUM] = MEMBER,
        KERNEL_FIELDS
#undef X
    };

    return members[field];
}

static void
put_missing(const char *structure, const char *member, struct ds *missing)
{
    ds_put_format(missing, "%s%s%s%s", missing->length ? ", " : "", structure,
                  member[0] ? "." : "", member);
}

/* Returns true if 'layout' has everything.  Otherwise returns false and
 * appends what it has not, in the words of the kernel, to 'missing'. */
bool
kernel_layout_is_complete(const struct kernel_layout *layout,
                          struct ds *missing)
{
    size_t start = missing->length;

    for (int i = 0; i < KERNEL_N_NUMBERS; i++) {
        if (!layout->numbers[i]) {
            put_missing(kernel_number_name(i), "", missing);
        }
    }
    for (int i = 0; i < KERNEL_N_FIELDS; i++) {
        if (!layout->fields[i].bits) {
            put_missing(kernel_field_structure(i), kernel_field_member(i),
                        missing);
        }
    }
    return missing->length == start;
}

/* Returns true if the structure 'first' has 'size' bytes and each field after
 * it, up to 'last', is known and in it. */
bool
kernel_fields_fit(const struct kernel_layout *layout, enum kernel_field first,
                  enum kernel_field last, size_t size)
{
    for (int i = first; i <= last; i++) {
        const struct kernel_place *place = &layout->fields[i];

        if (!place->bits || place->bits > size * 8
            || place->bit > size * 8 - place->bits) {
            return false;
        }
    }
    return layout->fields[first].bits == size * 8;
}

/* Returns true if 'field' has 'size' bytes, and is none of bits. */
bool
kernel_field_has_size(const struct kernel_layout *layout,
                      enum kernel_field field, size_t size)
{
    return (layout->fields[field].bits == size * 8
            && !(layout->fields[field].bit % 8));
}

/* Returns the bit 'bit' of 'bytes'.  Bits are counted as BTF does, from that
 * which has the value 1 where the machine has that byte first. */
static bool
get_bit(const uint8_t *bytes, uint32_t bit)
{
#ifdef WORDS_BIGENDIAN
    return bytes[bit / 8] >> (7 - bit % 8) & 1;
#else
    return bytes[bit / 8] >> bit % 8 & 1;
#endif
}

/* Returns the number that 'field', of at most 64 bits, is in 'structure'.  It
 * has to be known and to fit. */
uint64_t
kernel_field_get(const struct kernel_layout *layout, enum kernel_field field,
                 const void *structure)
{
    const struct kernel_place *place = &layout->fields[field];
    uint32_t bits = MIN(place->bits, 64);
    uint64_t value = 0;

    for (uint32_t i = 0; i < bits; i++) {
#ifdef WORDS_BIGENDIAN
        uint32_t bit = i;
#else
        uint32_t bit = bits - 1 - i;
#endif
        value = value << 1 | get_bit(structure, place->bit + bit);
    }
    return value;
}

/* Returns where 'field' begins in 'structure'.  It has to be known and to
 * fit. */
const void *
kernel_field_find(const struct kernel_layout *layout, enum kernel_field field,
                  const void *structure)
{
    return (const uint8_t *) structure + layout->fields[field].bit / 8;
}
