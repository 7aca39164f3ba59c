/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAKE_VSWITCHD_H
#define TESTS_FAKE_VSWITCHD_H 1

/* A process that answers on a control socket as ovs-vswitchd would, about one
 * flow: that of tests/unit/build-record.h. */

/* What the process answers: a reply or, with a '!' in front, an error. */
struct fake_answers {
    const char *datapaths;
    const char *detrace;        /* NULL: there is no such command. */
    const char *trace;
    const char *get_flow;
};

void fake_vswitchd_start(const char *path, const struct fake_answers *);
void fake_vswitchd_kill(int signal);
void fake_vswitchd_stop(void);

#endif /* tests/unit/fake-vswitchd.h */
