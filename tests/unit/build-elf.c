/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "build-elf.h"

#include <gelf.h>
#include <sys/mman.h>

#include "openvswitch/ofpbuf.h"
#include "util.h"

static void
put_address(struct ofpbuf *b, int class, uint64_t address)
{
    uint32_t address32 = address;

    if (class == ELFCLASS64) {
        ofpbuf_put(b, &address, sizeof address);
    } else {
        ofpbuf_put(b, &address32, sizeof address32);
    }
}

/* Appends a note of a probe at 'pc' to 'b'. */
void
build_note(struct ofpbuf *b, int class, uint64_t pc, uint64_t semaphore,
           const char *strings, size_t size)
{
    size_t n_addresses = 3 * (class == ELFCLASS64 ? 8 : 4);
    uint32_t header[] = { sizeof "stapsdt", n_addresses + size, 3 };

    ofpbuf_put(b, header, sizeof header);
    ofpbuf_put(b, "stapsdt", sizeof "stapsdt");
    put_address(b, class, pc);
    put_address(b, class, BASE);
    put_address(b, class, semaphore);
    ofpbuf_put(b, strings, size);
    ofpbuf_put_zeros(b, ROUND_UP(size, 4) - size);
}

static void
add_section(Elf *elf, size_t name, uint32_t type, uint64_t address,
            const void *data, size_t size)
{
    Elf_Scn *section = elf_newscn(elf);
    Elf_Data *d = elf_newdata(section);
    GElf_Shdr header;

    d->d_buf = CONST_CAST(void *, data);
    d->d_size = size;
    d->d_align = 4;
    ovs_assert(gelf_getshdr(section, &header));
    header.sh_name = name;
    header.sh_type = type;
    header.sh_addr = address;
    ovs_assert(gelf_update_shdr(section, &header));
}

static void
set_segment(Elf *elf, int i, uint32_t flags, uint64_t address)
{
    GElf_Phdr segment = {
        .p_type = PT_LOAD,
        .p_flags = flags,
        .p_offset = SEGMENT_OFFSET,
        .p_vaddr = address,
        .p_filesz = SEGMENT_SIZE,
        .p_memsz = 2 * SEGMENT_SIZE,
    };

    ovs_assert(gelf_update_phdr(elf, i, &segment));
}

/* Returns a file descriptor for a new ELF file of the given 'class' and 'type'
 * with .stapsdt.base at 'base' and with 'notes'. */
int
build_elf(int class, int type, uint64_t base, const struct ofpbuf *notes)
{
    static const char names[] = "\0.stapsdt.base\0.note.stapsdt\0.shstrtab";
    int fd = memfd_create("usdt", MFD_CLOEXEC);
    GElf_Ehdr header;
    Elf *elf;

    ovs_assert(fd >= 0);
    elf_version(EV_CURRENT);
    elf = elf_begin(fd, ELF_C_WRITE, NULL);
    ovs_assert(elf);
    ovs_assert(gelf_newehdr(elf, class));
    ovs_assert(gelf_newphdr(elf, 2));
    set_segment(elf, 0, PF_R | PF_X, CODE);
    set_segment(elf, 1, PF_R | PF_W, DATA);
    add_section(elf, 1, SHT_PROGBITS, base, "", 1);
    add_section(elf, 15, SHT_NOTE, 0, notes->data, notes->size);
    add_section(elf, 29, SHT_STRTAB, 0, names, sizeof names);

    ovs_assert(gelf_getehdr(elf, &header));
    header.e_type = type;
    header.e_shstrndx = 3;
    ovs_assert(gelf_update_ehdr(elf, &header));
    ovs_assert(elf_update(elf, ELF_C_WRITE) > 0);
    elf_end(elf);
    return fd;
}

/* Returns a file with three probes. */
int
build_elf_sample(int class, int type, uint64_t base)
{
    struct ofpbuf b;
    int fd;

    ofpbuf_init(&b, 0);
    PUT_NOTE(&b, class, CODE + 4, 0, "prov\0first\0");
    PUT_NOTE(&b, class, CODE + 8, DATA + 2,
             "prov\0second\0" "8@%rdx -4@12(%rbx)");
    PUT_NOTE(&b, class, CODE + 12, 0,
             "other\0third\0"
             " 8@[sp, 16]  -1@$-5 4f@%xmm0 %eax 2@a+4(%rip) 8@ 99@%rax");
    fd = build_elf(class, type, base, &b);
    ofpbuf_uninit(&b);
    return fd;
}
