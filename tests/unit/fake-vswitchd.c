/* SPDX-License-Identifier: Apache-2.0 */

#include <config.h>

#include "fake-vswitchd.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "unixctl.h"
#include "util.h"

static pid_t server;
static char server_path[64];

static void
answer_cb(struct unixctl_conn *conn, int argc, const char *argv[],
          void *answer_)
{
    const char *answer = answer_;
    struct ds args = DS_EMPTY_INITIALIZER;

    for (int i = 1; i < argc; i++) {
        ds_put_format(&args, "%s%s", i > 1 ? " " : "", argv[i]);
    }
    if (!strcmp(argv[0], "dpctl/get-flow")
        && strcmp(ds_cstr(&args), "system@ovs-system "
                  "ufid:66252ae8-0102-0304-0506-0708090a0b0c")) {
        answer = "!wrong arguments";
    } else if (!strcmp(argv[0], "ofproto/detrace")
               && strcmp(ds_cstr(&args),
                         "ufid:66252ae8-0102-0304-0506-0708090a0b0c")) {
        answer = "!wrong arguments";
    } else if (!strcmp(argv[0], "ofproto/trace")
               && (strncmp(ds_cstr(&args), "ovs-system ", 11)
                   || !strstr(ds_cstr(&args), "in_port(3)"))) {
        answer = "!wrong arguments";
    }
    if (*answer == '!') {
        unixctl_command_reply_error(conn, answer + 1);
    } else {
        unixctl_command_reply(conn, answer);
    }
    ds_destroy(&args);
}

static void
add_command(const char *name, const char *answer)
{
    if (answer) {
        unixctl_command_register(name, "", 0, 3, answer_cb,
                                 CONST_CAST(char *, answer));
    }
}

/* Starts a process that listens at 'path' and gives 'answers'. */
void
fake_vswitchd_start(const char *path, const struct fake_answers *answers)
{
    struct unixctl_server *unixctl;

    ovs_strlcpy(server_path, path, sizeof server_path);
    server = fork();
    if (server) {
        while (access(path, F_OK)) {
            usleep(1000);
        }
        return;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    fatal_ignore_sigpipe();
    add_command("dpif/dump-dps", answers->datapaths);
    add_command("ofproto/detrace", answers->detrace);
    add_command("ofproto/trace", answers->trace);
    add_command("dpctl/get-flow", answers->get_flow);
    if (unixctl_server_create(path, &unixctl)) {
        exit(1);
    }
    for (;;) {
        unixctl_server_run(unixctl);
        unixctl_server_wait(unixctl);
        poll_block();
    }
}

/* Sends 'signal' to the process. */
void
fake_vswitchd_kill(int signal)
{
    kill(server, signal);
}

/* Ends the process, if there is one. */
void
fake_vswitchd_stop(void)
{
    if (server) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        unlink(server_path);
        server = 0;
    }
}
