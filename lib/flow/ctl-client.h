/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIB_CTL_CLIENT_H
#define LIB_CTL_CLIENT_H 1

/* A client of the control socket (unixctl) of an OVS daemon.
 *
 * There is one request at a time.  The connection is kept for the next one;
 * when anything goes wrong on it, it is closed, and the next request opens
 * another, so that an answer that comes too late is never taken for that of a
 * later request. */

#include <stdbool.h>
#include <stdint.h>

struct ctl_client;

/* Largest answer, in bytes on the socket. */
#define CTL_ANSWER_MAX (1024 * 1024)

enum ctl_result {
    CTL_REPLY,                  /* 'text' is the reply. */
    CTL_ERROR,                  /* 'text' is the error reply. */
    CTL_FAILED,                 /* There is no answer; 'text' says why. */
};

struct ctl_answer {
    enum ctl_result result;
    int error;                  /* For CTL_FAILED, positive: ETIMEDOUT, EPROTO
                                 * if the answer is not one, EMSGSIZE if it is
                                 * larger than CTL_ANSWER_MAX, or an error of
                                 * the connection. */
    char *text;                 /* To be freed by ctl_answer_destroy(). */
    uint64_t took;              /* From the request to the answer, in us. */
};

void ctl_answer_destroy(struct ctl_answer *);

struct ctl_client *ctl_client_create(void);
void ctl_client_destroy(struct ctl_client *);

bool ctl_client_set_path(struct ctl_client *, const char *path);
bool ctl_client_is_idle(const struct ctl_client *);
void ctl_client_request(struct ctl_client *, const char *command,
                        const char *const args[], int n_args, int timeout_ms);
bool ctl_client_run(struct ctl_client *, struct ctl_answer *);
void ctl_client_wait(struct ctl_client *);

#endif /* lib/flow/ctl-client.h */
