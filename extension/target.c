/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bounded.h"
#include "base/printable.h"
#include "dirs.h"
#include "openvswitch/json.h"
#include "openvswitch/util.h"
#include "usdt/usdt-known.h"
#include "usdt/usdt-notes.h"
#include "util.h"

#define TARGET_PROGRAM "ovs-vswitchd"

/* How long finding a target may take, in ms.  It is some ms, unless a file
 * system does not answer. */
#define SEARCH_TIMEOUT 10000

/* Opens 'path' for reading if it is a regular file: others could block. */
static FILE *
open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat s;

    if (fd < 0) {
        return NULL;
    }
    if (fstat(fd, &s) || !S_ISREG(s.st_mode)) {
        close(fd);
        errno = EINVAL;
        return NULL;
    }
    return fdopen(fd, "r");
}

/* Returns the process that has locked 'file', a pidfile, as OVS daemons do as
 * long as they run (make_pidfile() in lib/daemon-unix.c of OVS), or 0 if there
 * is none.  The kernel says which it is in our PID namespace, while the number
 * in the file is that of the process's own. */
static pid_t
get_lock_owner(FILE *file)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return (!fcntl(fileno(file), F_GETLK, &lock) && lock.l_type != F_UNLCK
            && lock.l_pid > 0 ? lock.l_pid : 0);
}

/* Reads a pid from 'path'.  Stores what the file says in '*ns_pidp' and which
 * process it is for us in '*pidp'.  Returns NULL or an error message. */
static char *
read_pid(const char *path, pid_t *pidp, pid_t *ns_pidp)
{
    FILE *file = open_regular(path);
    char line[32];
    pid_t owner;
    int pid;
    bool ok;

    if (!file) {
        return xasprintf("%s: %s: start ovs-vswitchd, or name it with "
                         "--target=PIDFILE or --target=PID",
                         path, ovs_strerror(errno));
    }
    ok = fgets(line, sizeof line, file) != NULL;
    if (ok) {
        line[strcspn(line, "\n")] = '\0';
        ok = str_to_int(line, 10, &pid) && pid > 0;
    }
    owner = get_lock_owner(file);
    fclose(file);
    if (!ok) {
        return xasprintf("%s: does not contain a pid: name a pidfile of "
                         "ovs-vswitchd with --target=PIDFILE", path);
    }
    *pidp = owner ? owner : pid;
    *ns_pidp = pid;
    return NULL;
}

/* Returns the number that process 'pid' has in its own PID namespace: the last
 * of the line "NSpid:" in /proc/PID/status (since Linux 4.1). */
static pid_t
read_ns_pid(pid_t pid)
{
    char path[64], line[256];
    pid_t ns_pid = pid;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/status", (long) pid);
    file = fopen(path, "r");
    if (!file) {
        return pid;
    }
    while (fgets(line, sizeof line, file)) {
        const char *last = strrchr(line, '\t');
        int number;

        line[strcspn(line, "\n")] = '\0';
        if (!strncmp(line, "NSpid:", 6) && last
            && str_to_int(last + 1, 10, &number)) {
            ns_pid = number;
        }
    }
    fclose(file);
    return ns_pid;
}

/* Stores the first line of /proc/PID/comm in 'comm'. */
static bool
read_comm(pid_t pid, char *comm, size_t size)
{
    char path[64];
    FILE *file;
    bool ok;

    snprintf(path, sizeof path, "/proc/%ld/comm", (long) pid);
    file = fopen(path, "r");
    if (!file) {
        return false;
    }
    ok = fgets(comm, size, file) != NULL;
    fclose(file);
    if (ok) {
        comm[strcspn(comm, "\n")] = '\0';
    }
    return ok;
}

/* Returns the name of the file that process 'pid' runs, printable, or NULL. */
static char *
read_binary(pid_t pid)
{
    char path[64], link[4096];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%ld/exe", (long) pid);
    n = readlink(path, link, sizeof link);
    if (n < 0) {
        return NULL;
    }
    return printable_copy(link, n);
}

static uint32_t
read_netns(pid_t pid)
{
    char path[64];
    struct stat s;

    snprintf(path, sizeof path, "/proc/%ld/ns/net", (long) pid);
    return stat(path, &s) ? 0 : s.st_ino;
}

/* Returns true if process 'pid' has the USDT probes of ovs-vswitchd. */
static bool
has_usdt(pid_t pid)
{
    struct usdt_notes notes;
    char *error = usdt_notes_read_process(pid, &notes);
    bool found = !error && usdt_known_count(&notes) > 0;

    if (!error) {
        usdt_notes_destroy(&notes);
    }
    free(error);
    return found;
}

/* Returns when process 'pid' was started, in clock ticks since boot, or 0 if
 * there is no such process.  It is field 22 of /proc/PID/stat, and field 2,
 * the name, may contain anything. */
static unsigned long long int
read_start_time(pid_t pid)
{
    char path[64], line[1024];
    unsigned long long int start = 0;
    const char *end;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long) pid);
    file = fopen(path, "r");
    if (!file) {
        return 0;
    }
    if (fgets(line, sizeof line, file) && (end = strrchr(line, ')')) != NULL
        && end[1] == ' ' && end[2] != 'Z' && end[2] != 'X') {
        sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u "
               "%*d %*d %*d %*d %*d %*d %llu", &start);
    }
    fclose(file);
    return start;
}

static char *
check_program(pid_t pid)
{
    char comm[32];

    if (!read_comm(pid, comm, sizeof comm)) {
        return xasprintf("there is no process %ld: start ovs-vswitchd, or "
                         "name it with --target", (long) pid);
    }
    /* "ovs-vswitchd", or a variant of it. */
    if (!strstr(comm, "vswitchd")) {
        char *name = printable_copy(comm, strlen(comm));
        char *error = xasprintf("process %ld is %s, not "TARGET_PROGRAM": "
                                "name another with --target", (long) pid,
                                name);

        free(name);
        return error;
    }
    return NULL;
}

/* A search, which may be made in a thread of its own. */
struct search {
    char *name;                 /* NULL for OVS's own pidfile. */
    struct target *target;      /* What was found, or */
    char *error;                /* why nothing was. */
};

static void
search_destroy(void *search_)
{
    struct search *search = search_;

    free(search->name);
    target_destroy(search->target);
    free(search->error);
    free(search);
}

/* Stores in 't' the process that 'name', a number, is, and its socket.
 * Returns NULL or an error message. */
static char *
find_by_pid(struct target *t, const char *name, int number)
{
    if (number <= 0) {
        return xasprintf("--target=%s: not a pid", name);
    }
    t->name = xstrdup(name);
    t->by_pid = true;
    t->pid = number;
    ctl_socket_find(&t->socket, NULL, t->pid, read_ns_pid(t->pid));
    return NULL;
}

/* The same for 'name', a socket or a pidfile. */
static char *
find_by_file(struct target *t, const char *name)
{
    struct stat s;
    pid_t ns_pid = 0;
    char *error;

    t->name = abs_file_name(ovs_rundir(), name);
    if (!stat(t->name, &s) && S_ISSOCK(s.st_mode)) {
        ctl_socket_use(&t->socket, t->name);
        return ctl_socket_get_server(t->name, &t->pid);
    }
    error = read_pid(t->name, &t->pid, &ns_pid);
    if (!error) {
        ctl_socket_find(&t->socket, t->name, t->pid, ns_pid);
    }
    return error;
}

/* Does 'search_'. */
static void
search_run(void *search_)
{
    struct search *search = search_;
    const char *name = search->name ? search->name : TARGET_PROGRAM".pid";
    struct target *t = xzalloc(sizeof *t);
    int number;

    t->socket.fd = -1;
    search->error = (str_to_int(name, 10, &number)
                     ? find_by_pid(t, name, number)
                     : find_by_file(t, name));
    if (!search->error) {
        search->error = check_program(t->pid);
    }
    if (search->error) {
        target_destroy(t);
        return;
    }
    t->binary = read_binary(t->pid);
    t->start_time = read_start_time(t->pid);
    t->netns = read_netns(t->pid);
    t->usdt = has_usdt(t->pid);
    search->target = t;
}

/* Finds the ovs-vswitchd that 'name', a pidfile, a pid or a control socket,
 * says; NULL means OVS's own pidfile.
 *
 * Returns NULL and stores the target in '*targetp', which the caller frees
 * with target_destroy(); or returns an error message, which the caller
 * frees. */
char *
target_find(const char *name, struct target **targetp)
{
    struct search *search;
    char *error;

    *targetp = NULL;
    if (name && !printable_is(name)) {
        return xstrdup("--target: must be printable characters");
    }
    search = xzalloc(sizeof *search);
    search->name = nullable_xstrdup(name);
    if (!bounded_call(search_run, search_destroy, search, SEARCH_TIMEOUT)) {
        return xstrdup("the files of ovs-vswitchd cannot be read in time: see "
                       "whether their file system, which may be one of a "
                       "container, answers");
    }
    *targetp = search->target;
    error = search->error;
    search->target = NULL;
    search->error = NULL;
    search_destroy(search);
    return error;
}

/* Returns true if the process of 't' still exists, and is no other one with
 * the same number. */
bool
target_is_alive(const struct target *t)
{
    return t->start_time && read_start_time(t->pid) == t->start_time;
}

/* Returns the name of the file that lists the netlink sockets in the network
 * namespace of 't', which the caller frees; NULL if 't' has ended and there is
 * none. */
char *
target_get_sockets_file(const struct target *t)
{
    if (target_is_alive(t)) {
        return xasprintf("/proc/%ld/net/netlink", (long) t->pid);
    }
    return (read_netns(getpid()) == t->netns
            ? xstrdup("/proc/self/net/netlink") : NULL);
}

/* Frees 't', which may be NULL. */
void
target_destroy(struct target *t)
{
    if (t) {
        free(t->name);
        free(t->binary);
        free(t->version);
        ctl_socket_destroy(&t->socket);
        free(t);
    }
}

static struct json *
string_or_null(const char *s)
{
    return s ? json_string_create(s) : json_null_create();
}

/* Returns 't' as JSON; 't' may be NULL. */
struct json *
target_to_json(const struct target *t)
{
    struct json *json;

    if (!t) {
        return json_null_create();
    }
    json = json_object_create();
    json_object_put(json, "pid", json_integer_create(t->pid));
    json_object_put(json, "name", json_string_create(t->name));
    json_object_put(json, "binary", string_or_null(t->binary));
    json_object_put(json, "version", string_or_null(t->version));
    json_object_put(json, "alive", json_boolean_create(target_is_alive(t)));
    json_object_put(json, "usdt", json_boolean_create(t->usdt));
    json_object_put(json, "netns", json_integer_create(t->netns));
    return json;
}
