/* SPDX-License-Identifier: Apache-2.0 */

/* Reading of USDT probes.
 *
 * Each has a note in section .note.stapsdt, which usdt-probe.c parses.
 * Programs that move a file to other addresses, such as prelink, do not know
 * of the addresses in a note.  They do move .stapsdt.base, an empty section
 * that is there only for this: the difference between where it is now and
 * 'base' has to be added to 'pc' and to 'semaphore'.
 *
 * A process may have mapped any file, so nothing in a file is trusted.  Sizes
 * and counts have the limits below.  libelf checks that what a header refers
 * to is inside of the file, but it allocates memory for as many sections as
 * the file says that it has, so check_header() comes before libelf.  Files are
 * read, not mapped, lest one that shrinks meanwhile kills us.  A note that
 * makes no sense is skipped and counted. */

#include <config.h>
#include "usdt/usdt-notes.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bounded.h"
#include "base/printable.h"
#include "usdt/proc-maps.h"
#include "util.h"

#define SECTIONS_MAX 4096       /* In a file. */
#define SEGMENTS_MAX 1024       /* In a file. */
#define SECTION_SIZE_MAX (4 * 1024 * 1024) /* Of those that are read. */
#define PROBES_MAX 8192         /* In a struct usdt_notes. */
#define READ_TIMEOUT 8000       /* For the files of a process, in ms. */

/* Owner and type of the notes. */
#define NOTE_OWNER "stapsdt"
#define NOTE_TYPE 3

#ifdef WORDS_BIGENDIAN
#define NATIVE_BYTE_ORDER ELFDATA2MSB
#else
#define NATIVE_BYTE_ORDER ELFDATA2LSB
#endif

/* Start of an ELF file. */
union header {
    unsigned char ident[EI_NIDENT];
    Elf32_Ehdr elf32;
    Elf64_Ehdr elf64;
};

/* An ELF file that is being read. */
struct reader {
    struct usdt_notes *notes;   /* Where probes go. */
    const struct usdt_object *object; /* What they belong to. */
    uint64_t file_size;         /* In bytes. */
    Elf *elf;                   /* The file. */
    Elf_Data *names;            /* Names of sections. */
    size_t n_segments;          /* Number of program headers. */
    uint64_t base;              /* Address of .stapsdt.base, 0 if none. */
};

static char *finish(struct usdt_notes *, char *error);
static proc_map_cb read_map;

/* These return what is wrong with the file, or NULL. */
static const char *errno_problem(int error);
static const char *read_object(struct usdt_notes *, struct usdt_object *);
static const char *read_fd(struct usdt_notes *, struct usdt_object *, int fd);
static const char *check_header(const union header *, ssize_t size);
static const char *read_elf(struct reader *);
static const char *read_sections(struct reader *);
static const char *get_data(Elf_Scn *, Elf_Data **);

static char *add_object(struct usdt_notes *, const char *path, char *file,
                        bool deleted);
static void object_destroy(struct usdt_object *);
static Elf_Scn *next_section(const struct reader *, Elf_Scn *,
                             const char *name, GElf_Shdr *);

/* Notes. */
static void read_notes(struct reader *, Elf_Data *);
static void read_note(struct reader *, const char *note, size_t size);
static bool locate(const struct reader *, struct usdt_probe *);
static bool find_offset(const struct reader *, uint64_t address,
                        uint32_t flags, uint64_t *offset);

/* Reads the probes of the ELF file 'path' into '*notes'.  Returns NULL if
 * successful, also if there are none; the caller must then free what is in
 * '*notes' with usdt_notes_destroy().  Otherwise returns an error message of
 * one line, which the caller must free, and '*notes' is empty. */
char *
usdt_notes_read_file(const char *path, struct usdt_notes *notes)
{
    memset(notes, 0, sizeof *notes);
    return finish(notes, add_object(notes, path, xstrdup(path), false));
}

/* What is read of a process, maybe in a thread of its own. */
struct process {
    pid_t pid;
    struct usdt_notes notes;
    char *error;
};

static void
process_destroy(void *process_)
{
    struct process *process = process_;

    usdt_notes_destroy(&process->notes);
    free(process->error);
    free(process);
}

static void
process_read(void *process_)
{
    struct process *process = process_;
    struct usdt_notes *notes = &process->notes;
    size_t n_skipped;
    char *error;

    error = proc_maps_for_each_file(process->pid, read_map, notes, &n_skipped);
    notes->n_skipped_maps = n_skipped;
    process->error = finish(notes, error);
}

/* Reads the probes of all files from which process 'pid' may run code into
 * '*notes'.  Files that cannot be read are no error but counted there.
 * Returns as usdt_notes_read_file() does; the error says what to do. */
char *
usdt_notes_read_process(pid_t pid, struct usdt_notes *notes)
{
    struct process *process = xzalloc(sizeof *process);
    char *error;

    memset(notes, 0, sizeof *notes);
    process->pid = pid;
    if (!bounded_call(process_read, process_destroy, process, READ_TIMEOUT)) {
        return xasprintf("the files of process %d cannot be read in time: see "
                         "whether their file system answers", (int) pid);
    }
    *notes = process->notes;
    error = process->error;
    free(process);
    return error;
}

/* Frees all that is in '*notes', which becomes empty, but not 'notes' itself.
 * Does nothing if 'notes' is NULL. */
void
usdt_notes_destroy(struct usdt_notes *notes)
{
    if (notes) {
        for (size_t i = 0; i < notes->n; i++) {
            usdt_probe_uninit(&notes->probes[i]);
        }
        for (size_t i = 0; i < notes->n_objects; i++) {
            object_destroy(notes->objects[i]);
        }
        free(notes->probes);
        free(notes->objects);
        free(notes->problem);
        memset(notes, 0, sizeof *notes);
    }
}

/* Files. */

/* Returns 'error', and empties 'notes' if there is one. */
static char *
finish(struct usdt_notes *notes, char *error)
{
    if (error) {
        usdt_notes_destroy(notes);
    }
    return error;
}

static void
read_map(const struct proc_map *map, void *notes_)
{
    struct usdt_notes *notes = notes_;
    char *error = add_object(notes, map->path, proc_map_get_file(map),
                             map->deleted);

    notes->n_skipped_files += error != NULL;
    if (notes->problem) {
        free(error);
    } else {
        notes->problem = error;
    }
}

/* Adds the probes of 'file', which people call 'path', to 'notes'.  Takes
 * ownership of 'file'.  Returns NULL if successful, otherwise an error, which
 * the caller must free. */
static char *
add_object(struct usdt_notes *notes, const char *path, char *file,
           bool deleted)
{
    struct usdt_object *object = xzalloc(sizeof *object);
    size_t n_before = notes->n;

    object->path = printable_copy(path, strlen(path));
    object->file = file;
    object->deleted = deleted;

    const char *problem = read_object(notes, object);
    char *error = problem ? xasprintf("cannot read the USDT probes of %s: %s",
                                      object->path, problem) : NULL;

    if (notes->n > n_before) {
        notes->objects = xrealloc(notes->objects, (notes->n_objects + 1)
                                  * sizeof *notes->objects);
        notes->objects[notes->n_objects++] = object;
    } else {
        object_destroy(object);
    }
    return error;
}

static void
object_destroy(struct usdt_object *object)
{
    free(object->path);
    free(object->file);
    free(object);
}

static const char *
errno_problem(int error)
{
    return (error == EACCES || error == EPERM
            ? "not permitted: run this as root" : ovs_strerror(error));
}

/* Looks before opening, because to open a device or FIFO can have effects. */
static const char *
read_object(struct usdt_notes *notes, struct usdt_object *object)
{
    const char *problem;
    struct stat s;
    int fd;

    if (stat(object->file, &s)) {
        return errno_problem(errno);
    } else if (!S_ISREG(s.st_mode)) {
        return "it is not a regular file";
    }
    fd = open(object->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return errno_problem(errno);
    }
    problem = read_fd(notes, object, fd);
    close(fd);
    return problem;
}

static const char *
read_fd(struct usdt_notes *notes, struct usdt_object *object, int fd)
{
    struct reader r = { .notes = notes, .object = object };
    union header header;
    ssize_t size = pread(fd, &header, sizeof header, 0);
    const char *problem = (size < 0 ? ovs_strerror(errno)
                           : check_header(&header, size));

    if (!problem) {
        object->is_64bit = header.ident[EI_CLASS] == ELFCLASS64;
        r.file_size = lseek(fd, 0, SEEK_END);
        elf_version(EV_CURRENT);
        r.elf = elf_begin(fd, ELF_C_READ, NULL);
        problem = r.elf ? read_elf(&r) : elf_errmsg(-1);
        elf_end(r.elf);
    }
    return problem;
}

/* Checks 'header', of which 'size' bytes could be read.  A file with more
 * sections than 'e_shnum' can tell has a 0 there. */
static const char *
check_header(const union header *header, ssize_t size)
{
    const unsigned char *ident = header->ident;
    bool is_64bit = ident[EI_CLASS] == ELFCLASS64;
#define FIELD(NAME) (is_64bit ? header->elf64.NAME : header->elf32.NAME)

    if (size < EI_NIDENT || memcmp(ident, ELFMAG, SELFMAG)) {
        return "it is not an ELF file";
    } else if (!is_64bit && ident[EI_CLASS] != ELFCLASS32) {
        return "it is neither ELF32 nor ELF64";
    } else if (ident[EI_DATA] != NATIVE_BYTE_ORDER) {
        return "it is for a machine with another byte order";
    } else if (size < (is_64bit ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr))) {
        return "it is truncated";
    } else if (FIELD(e_type) != ET_EXEC && FIELD(e_type) != ET_DYN) {
        return "it is neither a program nor a shared library";
    } else if (FIELD(e_shnum) > SECTIONS_MAX
               || (!FIELD(e_shnum) && FIELD(e_shoff))) {
        return "it has too many sections";
    } else if (FIELD(e_phnum) > SEGMENTS_MAX) {
        return "it has too many segments";
    }
    return NULL;
#undef FIELD
}

static const char *
read_elf(struct reader *r)
{
    size_t names_index;

    if (elf_getphdrnum(r->elf, &r->n_segments)
        || elf_getshdrstrndx(r->elf, &names_index)) {
        return elf_errmsg(-1);
    } else if (names_index == SHN_UNDEF) {
        return NULL;
    }

    const char *problem = get_data(elf_getscn(r->elf, names_index), &r->names);

    return problem ? problem : read_sections(r);
}

static const char *
read_sections(struct reader *r)
{
    const char *problem = NULL;
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    if (next_section(r, NULL, ".stapsdt.base", &header)) {
        r->base = header.sh_addr;
    }
    while (!problem
           && (section = next_section(r, section, ".note.stapsdt", &header))) {
        Elf_Data *data;

        problem = get_data(section, &data);
        if (!problem) {
            read_notes(r, data);
        }
    }
    return problem;
}

/* Returns the first section after 'section', or of all if that is NULL, that
 * has the given 'name', and stores its header in '*header'.  Returns NULL if
 * there is none. */
static Elf_Scn *
next_section(const struct reader *r, Elf_Scn *section, const char *name,
             GElf_Shdr *header)
{
    size_t size = strlen(name) + 1;

    while ((section = elf_nextscn(r->elf, section))) {
        if (gelf_getshdr(section, header)
            && header->sh_name < r->names->d_size
            && size <= r->names->d_size - header->sh_name
            && !memcmp((char *) r->names->d_buf + header->sh_name, name,
                       size)) {
            break;
        }
    }
    return section;
}

/* Stores the contents of 'section', which may be NULL, in '*data'. */
static const char *
get_data(Elf_Scn *section, Elf_Data **data)
{
    GElf_Shdr header;

    if (!gelf_getshdr(section, &header)) {
        return elf_errmsg(-1);
    } else if (header.sh_type != SHT_NOTE && header.sh_type != SHT_STRTAB) {
        return "a section has the wrong type";
    } else if (header.sh_flags & SHF_COMPRESSED) {
        return "a section is compressed";
    } else if (header.sh_size > SECTION_SIZE_MAX) {
        return "a section is too large";
    }
    *data = elf_getdata(section, NULL);
    return *data ? NULL : elf_errmsg(-1);
}

/* Notes. */

static void
read_notes(struct reader *r, Elf_Data *data)
{
    size_t offset = 0, next, name, desc;
    GElf_Nhdr note;

    while ((next = gelf_getnote(data, offset, &note, &name, &desc)) > 0) {
        const char *bytes = data->d_buf;

        if (note.n_type == NOTE_TYPE && note.n_namesz == sizeof NOTE_OWNER
            && !memcmp(bytes + name, NOTE_OWNER, sizeof NOTE_OWNER)) {
            read_note(r, bytes + desc, note.n_descsz);
        }
        offset = next;
    }
    r->notes->n_skipped_probes += offset < data->d_size;
}

/* Adds the probe in the 'size' bytes at 'note', or counts it as skipped. */
static void
read_note(struct reader *r, const char *note, size_t size)
{
    struct usdt_notes *notes = r->notes;
    struct usdt_probe probe = { .object = r->object };

    if (notes->n >= PROBES_MAX
        || !usdt_probe_parse(note, size, r->object->is_64bit, &probe)
        || !locate(r, &probe)) {
        usdt_probe_uninit(&probe);
        notes->n_skipped_probes++;
        return;
    }
    if (notes->n >= notes->n_allocated) {
        notes->probes = x2nrealloc(notes->probes, &notes->n_allocated,
                                   sizeof *notes->probes);
    }
    notes->probes[notes->n++] = probe;
}

/* Computes where in the file 'probe' is.  Returns false if it is not there. */
static bool
locate(const struct reader *r, struct usdt_probe *probe)
{
    uint64_t moved = probe->base && r->base ? r->base - probe->base : 0;

    return (find_offset(r, probe->pc + moved, PF_X, &probe->offset)
            && (!probe->semaphore
                || find_offset(r, probe->semaphore + moved, PF_W,
                               &probe->semaphore_offset)));
}

/* Stores in '*offset' where in the file 'address' is, which must be in a
 * segment with the given 'flags'.  Returns false if it is not there. */
static bool
find_offset(const struct reader *r, uint64_t address, uint32_t flags,
            uint64_t *offset)
{
    for (size_t i = 0; i < r->n_segments; i++) {
        GElf_Phdr segment;

        if (gelf_getphdr(r->elf, i, &segment)
            && segment.p_type == PT_LOAD && segment.p_flags & flags
            && address >= segment.p_vaddr
            && address - segment.p_vaddr < segment.p_filesz) {
            *offset = address - segment.p_vaddr + segment.p_offset;
            return *offset < r->file_size;
        }
    }
    return false;
}
