/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of lib/flow/ctl-client.c and version-query.c, with servers that behave
 * and with others. */

#include <config.h>

#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build-record.h"
#include "flow/ctl-client.h"
#include "flow/version-query.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "timeval.h"
#include "util.h"

TCase *ctl_client_tcase(void);

/* How the server answers: the bytes, or one of these. */
static const char close_at_once[] = "close";
static const char say_nothing[] = "nothing";
static const char flood[] = "flood";
static const char late[] = "late";
static const char twice[] = "twice";

/* In an answer, replaced by the id of the request. */
#define ID "@"

static char directory[] = "/tmp/test-ctl-XXXXXX";
static char path[64];
static pid_t server;
static struct ctl_client *client;

static void
send_text(int fd, const char *s)
{
    size_t left = strlen(s);

    while (left) {
        ssize_t n = write(fd, s, left);

        if (n <= 0) {
            break;                      /* The client is gone. */
        }
        s += n;
        left -= n;
    }
}

/* Sends 'answer', with the id of 'request', all at once. */
static void
send_answer(int fd, const char *answer, const char *request)
{
    const char *id = strstr(request, "\"id\":");
    struct ds text = DS_EMPTY_INITIALIZER;

    for (; *answer; answer++) {
        if (*answer == *ID) {
            ds_put_format(&text, "%d", id ? atoi(id + 5) : 0);
        } else {
            ds_put_char(&text, *answer);
        }
    }
    send_text(fd, ds_cstr(&text));
    ds_destroy(&text);
}

#define GOOD "{\"id\":" ID ",\"result\":\"yes\",\"error\":null}"

static const char good[] = GOOD;

/* Answers 'request' when the client has given up: it has closed the
 * connection, or it sends something else. */
static void
answer_late(int fd, const char *request)
{
    char next[4096];

    if (read(fd, next, sizeof next) >= 0) {
        send_answer(fd, "{\"id\":" ID ",\"result\":\"late\","
                    "\"error\":null}", request);
    }
}

static void
serve(int fd, const char *answer, int n_before)
{
    static char chunk[65536];
    char request[4096];
    ssize_t n;

    while ((n = read(fd, request, sizeof request - 1)) > 0) {
        request[n] = '\0';
        if (answer == close_at_once) {
            return;
        } else if (answer == say_nothing) {
            continue;
        } else if (answer == late && !n_before) {
            answer_late(fd, request);
        } else if (answer == twice) {
            send_answer(fd, GOOD GOOD, request);
        } else if (answer == flood) {
            memset(chunk, 'x', sizeof chunk - 1);
            send_text(fd, "{\"id\":0,\"result\":\"");
            for (int i = 0; i < 1600; i++) {
                send_text(fd, chunk);
            }
        } else {
            send_answer(fd, answer == late ? good : answer, request);
        }
    }
}

/* Starts a server that answers all requests by 'answer'. */
static void
start_server(const char *answer)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);

    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/ctl", directory);
    strcpy(sun.sun_path, path);
    ck_assert(!bind(listener, (struct sockaddr *) &sun, sizeof sun));
    ck_assert(!listen(listener, 5));
    server = fork();
    if (!server) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        for (int n = 0; ; n++) {
            int fd = accept(listener, NULL, NULL);

            serve(fd, answer, n);
            close(fd);
        }
    }
    close(listener);
}

static void
setup(void)
{
    client = ctl_client_create();
}

static void
teardown(void)
{
    ctl_client_destroy(client);
    if (server) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
        unlink(path);
        rmdir(directory);
    }
}

/* Asks "ping", with 'timeout' in ms, and returns how that ended. */
static struct ctl_answer
ask(int timeout)
{
    static const char *const args[] = { "one", "two" };
    struct ctl_answer answer;

    ctl_client_set_path(client, path);
    ck_assert(ctl_client_is_idle(client));
    ctl_client_request(client, "ping", args, 2, timeout);
    ck_assert(!ctl_client_is_idle(client));
    while (!ctl_client_run(client, &answer)) {
        ctl_client_wait(client);
        poll_block();
    }
    ck_assert(ctl_client_is_idle(client));
    return answer;
}

/* Fails unless asking ends with 'result', 'error' and 'text'. */
static void
check_ask(int timeout, enum ctl_result result, int error, const char *text)
{
    struct ctl_answer answer = ask(timeout);

    ck_assert_msg(answer.result == result && answer.error == error,
                  "%d, %s: %s", answer.result, strerror(answer.error),
                  answer.text);
    if (text) {
        ck_assert_str_eq(answer.text, text);
    }
    ctl_answer_destroy(&answer);
}

START_TEST(test_reply)
{
    start_server(good);
    for (int i = 0; i < 3; i++) {
        check_ask(10000, CTL_REPLY, 0, "yes");
    }
}
END_TEST

START_TEST(test_error)
{
    start_server("{\"id\":" ID ",\"result\":null,\"error\":\"no\"}");
    check_ask(10000, CTL_ERROR, 0, "no");
    check_ask(10000, CTL_ERROR, 0, "no");
}
END_TEST

START_TEST(test_none)
{
    struct ctl_answer answer;

    ctl_client_request(client, "ping", NULL, 0, 1000);
    ck_assert(ctl_client_run(client, &answer));
    ck_assert_int_eq(answer.result, CTL_FAILED);
    ck_assert_int_eq(answer.error, ENOENT);
    ctl_answer_destroy(&answer);
    strcpy(path, "/nonexistent/ctl");
    check_ask(1000, CTL_FAILED, ENOENT, NULL);
}
END_TEST

START_TEST(test_close)
{
    start_server(close_at_once);
    check_ask(10000, CTL_FAILED, ECONNRESET, "the connection was closed");
    check_ask(10000, CTL_FAILED, ECONNRESET, "the connection was closed");
}
END_TEST

START_TEST(test_timeout)
{
    start_server(say_nothing);
    check_ask(100, CTL_FAILED, ETIMEDOUT, "no answer in time");
}
END_TEST

/* An answer that comes too late is not taken for the next one. */
START_TEST(test_late)
{
    start_server(late);
    check_ask(100, CTL_FAILED, ETIMEDOUT, NULL);
    check_ask(10000, CTL_REPLY, 0, "yes");
}
END_TEST

START_TEST(test_flood)
{
    start_server(flood);
    check_ask(60000, CTL_FAILED, EMSGSIZE, "the answer is too large");
}
END_TEST

/* A second answer that nobody asked for is not taken for the next one. */
START_TEST(test_twice)
{
    struct ctl_answer answer;

    start_server(twice);
    for (int i = 0; i < 3; i++) {
        check_ask(10000, CTL_REPLY, 0, "yes");
        ck_assert(!ctl_client_run(client, &answer));
    }
}
END_TEST

START_TEST(test_garbage)
{
    static const char *const answers[] = {
        "garbage", "]", "{\"id\":" ID "}", "[]", "3", "\"\\u0000\"",
        "{\"id\":" ID ",\"result\":\"yes\"}garbage",
        "{\"id\":77,\"result\":\"yes\",\"error\":null}",
        "{\"id\":" ID ",\"result\":{\"a\":1},\"error\":null}",
        "{\"id\":" ID ",\"result\":null,\"error\":null}",
        "{\"id\":" ID ",\"result\":null,\"error\":[1]}",
        "{\"id\":null,\"method\":\"yes\",\"params\":[]}",
        "{\"id\":5,\"method\":\"yes\",\"params\":[]}",
    };
    const char *answer = answers[_i % ARRAY_SIZE(answers)];

    ck_assert_uint_eq(ARRAY_SIZE(answers), 13);
    start_server(answer);
    if (strstr(answer, "}garbage")) {
        /* It is seen when it comes, or when the next answer comes. */
        for (int i = 0, n = 0; i < 4; i++) {
            struct ctl_answer a = ask(10000);

            n = a.result == CTL_REPLY ? 0 : n + 1;
            ck_assert_int_le(n, 1);
            ck_assert(a.result == CTL_REPLY || a.error == EPROTO);
            ctl_answer_destroy(&a);
        }
    } else if (isalnum((unsigned char) *answer)) {
        /* It may still become JSON. */
        check_ask(500, CTL_FAILED, ETIMEDOUT, NULL);
    } else {
        check_ask(60000, CTL_FAILED, EPROTO, NULL);
    }
}
END_TEST

/* A part of an answer is none. */
START_TEST(test_half)
{
    start_server("{\"id\":" ID ",\"result\":\"ye");
    check_ask(200, CTL_FAILED, ETIMEDOUT, NULL);
}
END_TEST

START_TEST(test_change_path)
{
    start_server(say_nothing);
    ctl_client_set_path(client, path);
    ctl_client_request(client, "ping", NULL, 0, 10000);
    ctl_client_set_path(client, path);
    ck_assert(!ctl_client_is_idle(client));
    ctl_client_set_path(client, NULL);
    ck_assert(ctl_client_is_idle(client));
}
END_TEST

/* Asks for the version, whose answer is 'result' in JSON, and fails unless
 * that is 'expected', NULL for unknown. */
static void
check_version(const char *result, const char *expected)
{
    struct version_query *q = version_query_create();
    char *answer = xasprintf("{\"id\":" ID ",\"result\":%s,\"error\":null}",
                             result);
    char *version;

    start_server(answer);
    ck_assert(!version_query_run(q, &version));
    version_query_ask(q, path);
    while (!version_query_run(q, &version)) {
        version_query_wait(q);
        poll_block();
    }
    if (expected) {
        ck_assert_pstr_eq(version, expected);
    } else {
        ck_assert_ptr_null(version);
    }
    free(version);
    ck_assert(!version_query_run(q, &version));
    version_query_destroy(q);
    free(answer);
}

START_TEST(test_version)
{
    static const char *const cases[][2] = {
        { "\"ovs-vswitchd (Open vSwitch) 3.5.0\"", "3.5.0" },
        { "\"ovs-vswitchd (Open vSwitch) 3.1.0\\nDPDK (x) 22.11\"", "3.1.0" },
        { "\"x) \\u001b[31m3\\u00e9\"", "\\033[31m3\\303\\251" },
        { "\"x) " "0123456789012345678901234567890123456789"
          "0123456789012345678901234567890123456789\"",
          "0123456789012345678901234567890123456789"
          "012345678901234567890123..." },
        { "\"3.5.0\"", NULL }, { "\"x)\"", NULL }, { "\"x) \\n3\"", NULL },
        { "{}", NULL },
    };

    ck_assert_uint_eq(ARRAY_SIZE(cases), 8);
    check_version(cases[_i % 8][0], cases[_i % 8][1]);
}
END_TEST

/* Asking does not wait for a server that says nothing, and ends. */
START_TEST(test_no_version)
{
    struct version_query *q = version_query_create();
    long long int start;
    char *version;

    start_server(say_nothing);
    start = time_msec();
    version_query_ask(q, path);
    ck_assert(!version_query_run(q, &version));
    ck_assert_int_lt(time_msec() - start, VERSION_QUERY_TIMEOUT / 2);
    while (!version_query_run(q, &version)) {
        version_query_wait(q);
        poll_block();
    }
    ck_assert_ptr_null(version);
    ck_assert_int_ge(time_msec() - start, VERSION_QUERY_TIMEOUT);

    /* Nor for one that is not there. */
    version_query_ask(q, "/nonexistent");
    ck_assert(version_query_run(q, &version));
    ck_assert_ptr_null(version);
    version_query_ask(q, NULL);
    ck_assert(version_query_run(q, &version));
    ck_assert_ptr_null(version);
    version_query_destroy(q);
}
END_TEST

/* Returns the tests of this file. */
TCase *
ctl_client_tcase(void)
{
    TCase *tc = tcase_create("ctl-client");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_reply);
    tcase_add_test(tc, test_error);
    tcase_add_test(tc, test_none);
    tcase_add_test(tc, test_close);
    tcase_add_test(tc, test_timeout);
    tcase_add_test(tc, test_late);
    tcase_add_test(tc, test_flood);
    tcase_add_test(tc, test_twice);
    tcase_add_loop_test(tc, test_garbage, 0, 13);
    tcase_add_test(tc, test_half);
    tcase_add_test(tc, test_change_path);
    tcase_add_loop_test(tc, test_version, 0, 8);
    tcase_add_test(tc, test_no_version);
    return tc;
}
