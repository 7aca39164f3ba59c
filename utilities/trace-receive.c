/* SPDX-License-Identifier: Apache-2.0 */

/* The command receive: collects what "forward" sends from many hosts. */

#include <config.h>

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/command.h"
#include "daemon.h"
#include "file/forward-dir.h"
#include "file/forward-file.h"
#include "lockfile.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "store/program-commands.h"
#include "stream.h"
#include "timeval.h"
#include "trace-background.h"
#include "trace-method.h"
#include "trace-program.h"
#include "trace-receiver.h"
#include "trace-signals.h"
#include "trace-tls.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(receive);

/* Allows as many open files as the process may have: each sender needs
 * three. */
static void
allow_open_files(void)
{
    struct rlimit limit;

    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Returns how the names of files end.  The caller frees it. */
static char *
get_ending(enum compression compress)
{
    return (compress == COMPRESSION_NONE ? xstrdup(".json")
            : xasprintf(".json.%s", compression_name(compress - 1)));
}

/* Writes what comes to 'pstream' into 'dir', until a signal comes.  Returns
 * true if all of it is in files that are whole. */
static bool
run(struct pstream *pstream, const struct receive_options *options,
    const char *dir, bool json)
{
    char *ending = get_ending(options->compress);
    const struct forward_file_options file = {
        .dir = dir,
        .ending = ending,
        .rotate = options->rotate,
        .files = options->files,
        .to_disk = !options->no_sync,
    };
    struct receiver *r = receiver_create(pstream, options, &file, json);
    bool ok;

    while (!signals_run()) {
        receiver_run(r);
        background_run();
        receiver_wait(r);
        background_wait();
        signals_wait();
        poll_block();
    }
    ok = receiver_destroy(r);
    free(ending);
    return ok;
}

static int
listen_and_run(const struct program *program,
               const struct receive_options *options, const char *method,
               bool json)
{
    char *in_use = method_check_free(method);
    struct pstream *pstream;
    bool ok = false;
    char *dir;
    int error;

    if (in_use) {
        ovs_error(0, "%s", in_use);
        free(in_use);
        return PROGRAM_FAILURE;
    }
    error = pstream_open(method, &pstream, 0);
    if (error) {
        ovs_error(error, "%s: cannot listen", method);
        return PROGRAM_FAILURE;
    }
    VLOG_INFO("listening on %s", pstream_get_name(pstream));
    /* In the background, there is another working directory. */
    dir = (get_detach() ? abs_file_name(NULL, options->output)
           : xstrdup(options->output));
    if (!background_complete(program)) {
        ok = run(pstream, options, dir, json);
    }
    background_end();
    pstream_close(pstream);
    tls_unuse();
    free(dir);
    return ok ? signals_status() : PROGRAM_FAILURE;
}

static int
receive(const struct program *program, const struct receive_options *options,
        const char *method, bool json)
{
    struct lockfile *lock;
    char *error;
    int status;

    background_start(program);
    allow_open_files();
    error = forward_dir_lock(options->output, &lock);
    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        return PROGRAM_FAILURE;
    }
    status = listen_and_run(program, options, method, json);
    lockfile_unlock(lock);
    return status;
}

/* Returns what is wrong with the command line, NULL if nothing is. */
static char *
check(const struct program_call *call)
{
    const struct receive_options *options = call->options;
    char *error = background_check(call);

    if (error) {
        return error;
    } else if (call->line->args.n != 1) {
        return xstrdup("one METHOD is needed, such as pssl:PORT");
    } else if (!options->output) {
        return xstrdup("--output=DIR is missing, such as -o traces");
    }
    return method_check_passive(call->line->args.names[0],
                                &call->program->tls);
}

static int
work(const struct program_call *call)
{
    return receive(call->program, call->options, call->line->args.names[0],
                   call->line->json);
}

/* Collects what is sent, until a signal comes. */
int
receive_run(const struct program *program, const struct command *command,
            int argc, char *argv[])
{
    struct receive_options options;

    return program_run_command(program, command, argc, argv, &options, check,
                               work);
}
