/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the options of upcall-trace/start, and with them of the kinds of
 * options: lib/store/start-options.c, lib/base/option-kind.c and
 * lib/store/option-names.c. */

#include <config.h>
#include "store/start-options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "random.h"
#include "svec.h"
#include "util.h"

Suite *start_options_suite(void);

#define KERNEL "--track=kernel "
#define DATAPATH KERNEL "--datapath=flows --sample="
#define DEFAULTS KERNEL "--snaplen=128 --buffer=8M --history=32M"
#define OPTIONS "(options: --track, --datapath, --sample, --snaplen, "       \
                "--buffer, --history, "                                     \
                "--duration, --stop-after, --target, --class, --port, "     \
                "--filter, --enrich, --enrich-rate, --trigger, "            \
                "--trigger-window, --trigger-dir, --trigger-files)"
#define CLASSES "(classes: miss, slow_path, controller, sflow, ipfix, "     \
                "flow_sample, action)"
#define SUFFIXES " bytes (suffixes: K, M, G)"
#define TARGET_ERROR "must be the name of a pidfile or of a control socket, " \
                     "or a process id from 1 to 4194304"
#define EMPTY_ERROR "a name is empty (names are separated by single commas)"
#define PORT_ERROR "the name of a port must be 1 to 64 printable characters"
#define X8 "xxxxxxxx"
#define X64 X8 X8 X8 X8 X8 X8 X8 X8

/* A test of the parser. */
struct parse_test {
    const char *args;           /* Arguments, separated by '|'. */
    const char *expected;       /* The options as text, or the error. */
};

/* Initializes 'options' with the defaults, and parses 'args', which are
 * separated by '|'.  Returns the error, which the caller must free. */
static char *
parse(struct start_options *options, const char *args)
{
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    char *copy = xstrdup(args);
    char *rest = args[0] ? copy : NULL;
    char *error;

    svec_add(&argv, "upcall-trace/start");
    while (rest) {
        svec_add(&argv, strsep(&rest, "|"));
    }
    svec_terminate(&argv);

    start_options_init(options);
    error = start_options_parse(options, argv.n, (const char **) argv.names);
    svec_destroy(&argv);
    free(copy);
    return error;
}

/* Fails unless 'options' are shown as 'expected'. */
static void
check_text(const struct start_options *options, const char *expected)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    start_options_format(options, &text);
    ck_assert_str_eq(ds_cstr(&text), expected);
    ds_destroy(&text);
}

/* Fails unless 'options' are 'expected' in JSON. */
static void
check_json(const struct start_options *options, const char *expected)
{
    struct json *json = start_options_to_json(options);
    char *text = json_to_string(json, JSSF_SORT);

    ck_assert_str_eq(text, expected);
    free(text);
    json_destroy(json);
}

START_TEST(test_defaults)
{
    struct start_options options;

    start_options_init(&options);
    ck_assert_int_eq(options.track, UPCALL_TRACK_KERNEL);
    ck_assert_uint_eq(options.snaplen, 128);
    ck_assert_uint_eq(options.buffer, 8 << 20);
    ck_assert_uint_eq(options.history, 32 << 20);
    ck_assert_uint_eq(options.duration, 0);
    ck_assert_uint_eq(options.stop_after, 0);
    ck_assert_ptr_null(options.target);
    ck_assert_uint_eq(options.classes, UINT32_MAX);
    ck_assert(port_names_is_empty(&options.ports));
    check_text(&options, DEFAULTS);
    check_json(&options, "{\"buffer\":8388608,\"class\":null,"
               "\"datapath\":null,\"duration_s\":null,"
               "\"enrich\":false,\"enrich-rate\":null,\"filter\":null,"
               "\"history\":33554432,\"port\":null,"
               "\"sample\":null,\"snaplen\":128,\"stop-after\":null,"
               "\"target\":null,"
               "\"track\":\"kernel\",\"trigger\":null,\"trigger-dir\":null,"
               "\"trigger-files\":null,\"trigger-window\":null}");
    start_options_destroy(&options);
    start_options_destroy(NULL);
}
END_TEST

START_TEST(test_json)
{
    struct start_options options;

    ck_assert_ptr_null(parse(&options, "--snaplen=0|--duration=5|--stop-after"
                             "=9223372036854775807|--target=/x y|--port=b,a|"
                             "--class=action,miss|--track=full|--datapath|"
                             "--filter=tcp port 80"));
    check_json(&options, "{\"buffer\":8388608,\"class\":[\"miss\",\"action\"],"
               "\"datapath\":\"flows\",\"duration_s\":5,\"enrich\":false,"
               "\"enrich-rate\":null,\"filter\":\"tcp port 80\","
               "\"history\":33554432,"
               "\"port\":[\"a\",\"b\"],"
               "\"sample\":1,\"snaplen\":0,\"stop-after\":9223372036854775807,"
               "\"target\":\"/x y\",\"track\":\"full\","
               "\"trigger\":null,\"trigger-dir\":null,"
               "\"trigger-files\":null,\"trigger-window\":null}");
    start_options_destroy(&options);
}
END_TEST

static const struct parse_test good[] = {
    { "", DEFAULTS },

    /* Choices. */
    { "--track=kernel", DEFAULTS },
    { "--track=full", "--track=full --snaplen=128 --buffer=8M "
      "--history=32M" },

    { "--datapath", DATAPATH "1 --snaplen=128 --buffer=8M --history=32M" },
    { "--datapath=flows", DATAPATH "1 --snaplen=128 --buffer=8M "
      "--history=32M" },
    { "--sample=100|--datapath", DATAPATH "100 --snaplen=128 --buffer=8M "
      "--history=32M" },

    /* Numbers. */
    { "--snaplen=0", KERNEL "--snaplen=0 --buffer=8M --history=32M" },
    { "--snaplen=9216", KERNEL "--snaplen=9216 --buffer=8M --history=32M" },
    { "--snaplen=00064", KERNEL "--snaplen=64 --buffer=8M --history=32M" },
    { "--snaplen=1024", KERNEL "--snaplen=1024 --buffer=8M --history=32M" },
    { "--duration=1", DEFAULTS " --duration=1" },
    { "--duration=31536000", DEFAULTS " --duration=31536000" },
    { "--stop-after=1", DEFAULTS " --stop-after=1" },
    { "--stop-after=9223372036854775807",
      DEFAULTS " --stop-after=9223372036854775807" },

    /* Sizes. */
    { "--buffer=4K", KERNEL "--snaplen=128 --buffer=4K --history=32M" },
    { "--buffer=4096", KERNEL "--snaplen=128 --buffer=4K --history=32M" },
    { "--buffer=4097", KERNEL "--snaplen=128 --buffer=8K --history=32M" },
    { "--buffer=5m", KERNEL "--snaplen=128 --buffer=8M --history=32M" },
    { "--buffer=1g", KERNEL "--snaplen=128 --buffer=1G --history=32M" },
    { "--buffer=1023M", KERNEL "--snaplen=128 --buffer=1G --history=32M" },
    { "--buffer=64KiB", KERNEL "--snaplen=128 --buffer=64K --history=32M" },
    { "--buffer=2mib", KERNEL "--snaplen=128 --buffer=2M --history=32M" },
    { "--history=64K", KERNEL "--snaplen=128 --buffer=8M --history=64K" },
    { "--history=100000",
      KERNEL "--snaplen=128 --buffer=8M --history=100000" },
    { "--history=1536K", KERNEL "--snaplen=128 --buffer=8M --history=1536K" },
    { "--history=16GiB", KERNEL "--snaplen=128 --buffer=8M --history=16G" },

    /* Names. */
    { "--target=1", DEFAULTS " --target=1" },
    { "--target=4194304", DEFAULTS " --target=4194304" },
    { "--target=br.pid", DEFAULTS " --target=br.pid" },
    { "--target=/a b/c=d", DEFAULTS " '--target=/a b/c=d'" },
    { "--target=it's", DEFAULTS " '--target=it'\\''s'" },
    { "--class=miss", DEFAULTS " --class=miss" },
    { "--class=action,slow_path,miss",
      DEFAULTS " --class=miss,slow_path,action" },
    { "--class=miss,miss", DEFAULTS " --class=miss" },
    { "--port=p1", DEFAULTS " --port=p1" },
    { "--port=p2,p1,p2", DEFAULTS " --port=p1,p2" },
    { "--port=" X64, DEFAULTS " --port=" X64 },
    { "--port=$(x)", DEFAULTS " '--port=$(x)'" },
    { "--port=~", DEFAULTS " '--port=~'" },
    { "--port=tap*|--port=a?,p1|--port=tap*",
      DEFAULTS " '--port=a?,p1,tap*'" },

    /* Filters. */
    { "--filter=icmp", DEFAULTS " --filter=icmp" },
    { "--filter|tcp port 80", DEFAULTS " '--filter=tcp port 80'" },
    { "--filter|tcp\nport\t80\r", DEFAULTS " '--filter=tcp port 80 '" },
    { "--filter=and", DEFAULTS " --filter=and" },
    { "--filter=icmp|--filter=ip[8] = 1", DEFAULTS " '--filter=ip[8] = 1'" },
    { "--filter=ether host 02:00:00:00:00:01",
      DEFAULTS " '--filter=ether host 02:00:00:00:00:01'" },

    /* Flags, and what goes with them. */
    { "--enrich", DEFAULTS " --enrich --enrich-rate=20" },
    { "--enrich|--enrich", DEFAULTS " --enrich --enrich-rate=20" },
    { "--enrich|--port=a", DEFAULTS " --port=a --enrich --enrich-rate=20" },
    { "--enrich-rate=1|--enrich", DEFAULTS " --enrich --enrich-rate=1" },
    { "--trigger=lost",
      DEFAULTS " --trigger=lost --trigger-window=1000 --trigger-files=16" },
    { "--trigger=lost,queue>1ms|--trigger|total>1.5s,!port=p1|"
      "--trigger-dir=/tmp|--trigger-window=1",
      DEFAULTS " '--trigger=lost,queue>1ms,total>1500ms,!port=p1'"
      " --trigger-window=1 --trigger-dir=/tmp --trigger-files=16" },
    { "--trigger=lost|--trigger-files=10000",
      DEFAULTS " --trigger=lost --trigger-window=1000 --trigger-files=10000" },
    { "--enrich|--enrich-rate|1000",
      DEFAULTS " --enrich --enrich-rate=1000" },

    /* Two arguments. */
    { "--snaplen|0", KERNEL "--snaplen=0 --buffer=8M --history=32M" },
    { "--duration|7|--stop-after|8", DEFAULTS " --duration=7 --stop-after=8" },
    { "--class|miss,action|--port=p1",
      DEFAULTS " --class=miss,action --port=p1" },
    { "--port|-x", DEFAULTS " --port=-x" },
    { "--target|a=b", DEFAULTS " --target=a=b" },

    /* Repeated. */
    { "--track=full|--track|kernel", DEFAULTS },
    { "--snaplen=1|--snaplen=2",
      KERNEL "--snaplen=2 --buffer=8M --history=32M" },
    { "--target=a|--target|b", DEFAULTS " --target=b" },
    { "--class=miss|--class=sflow", DEFAULTS " --class=miss,sflow" },
    { "--port=b|--port=a,c|--port=b", DEFAULTS " --port=a,b,c" },
};

START_TEST(test_good)
{
    struct start_options options;

    ck_assert_pstr_eq(parse(&options, good[_i].args), NULL);
    check_text(&options, good[_i].expected);
    start_options_destroy(&options);
}
END_TEST

static const struct parse_test bad[] = {
    /* Choices. */
    { "--track=ful", "--track=ful: must be kernel or full or all" },
    { "--track=fulll", "--track=fulll: must be kernel or full or all" },
    { "--track=FULL", "--track=FULL: must be kernel or full or all" },
    { "--track=1", "--track=1: must be kernel or full or all" },
    { "--track=kernel,full",
      "--track=kernel,full: must be kernel or full or all" },
    { "--track=full\n", "--track=full\\012: must be kernel or full or all" },
    { "--track| full", "--track= full: must be kernel or full or all" },

    /* Filters, as far as it does not need libpcap. */
    { "--filter=", "--filter needs a value, such as --filter=icmp" },
    { "--filter=\xff",
      "--filter=\\377: must be UTF-8, without control characters" },
    { "--filter=icmp\x1b[2J",
      "--filter=icmp\\033[2J: must be UTF-8, without control characters" },
    { "--filter=icmp\x7f",
      "--filter=icmp\\177: must be UTF-8, without control characters" },

    /* Numbers. */
    { "--datapath=x", "--datapath=x: must be flows or actions" },
    { "--datapath=", "--datapath needs a value, such as "
      "--datapath=actions" },
    { "--datapath|flows", "unexpected argument 'flows' " OPTIONS },
    { "--sample=2", "--sample has no effect without --datapath" },
    { "--datapath|--sample=0", "--sample=0: must be 1 to 4294967295 packets" },
    { "--snaplen=9217", "--snaplen=9217: must be 0 to 9216 bytes" },
    { "--snaplen=10000", "--snaplen=10000: must be 0 to 9216 bytes" },
    { "--snaplen=-1", "--snaplen=-1: must be 0 to 9216 bytes" },
    { "--snaplen|-1", "--snaplen=-1: must be 0 to 9216 bytes" },
    { "--snaplen=+1", "--snaplen=+1: must be 0 to 9216 bytes" },
    { "--snaplen= 1", "--snaplen= 1: must be 0 to 9216 bytes" },
    { "--snaplen=1 ", "--snaplen=1 : must be 0 to 9216 bytes" },
    { "--snaplen=1K", "--snaplen=1K: must be 0 to 9216 bytes" },
    { "--snaplen=0x10", "--snaplen=0x10: must be 0 to 9216 bytes" },
    { "--snaplen=1e3", "--snaplen=1e3: must be 0 to 9216 bytes" },
    { "--snaplen=NaN", "--snaplen=NaN: must be 0 to 9216 bytes" },
    { "--snaplen=18446744073709551616",
      "--snaplen=18446744073709551616: must be 0 to 9216 bytes" },
    { "--snaplen=18446744073709551626",
      "--snaplen=18446744073709551626: must be 0 to 9216 bytes" },
    { "--duration=0", "--duration=0: must be 1 to 31536000 seconds" },
    { "--duration=31536001",
      "--duration=31536001: must be 1 to 31536000 seconds" },
    { "--stop-after=0",
      "--stop-after=0: must be 1 to 9223372036854775807 upcalls" },
    { "--stop-after=9223372036854775808", "--stop-after=9223372036854775808: "
      "must be 1 to 9223372036854775807 upcalls" },

    /* Sizes. */
    { "--buffer=0", "--buffer=0: must be 4K to 1G" SUFFIXES },
    { "--buffer=4095", "--buffer=4095: must be 4K to 1G" SUFFIXES },
    { "--buffer=1073741825", "--buffer=1073741825: must be 4K to 1G"
      SUFFIXES },
    { "--buffer=2G", "--buffer=2G: must be 4K to 1G" SUFFIXES },
    { "--buffer=8KB", "--buffer=8KB: must be 4K to 1G" SUFFIXES },
    { "--buffer=8K8", "--buffer=8K8: must be 4K to 1G" SUFFIXES },
    { "--buffer=8 M", "--buffer=8 M: must be 4K to 1G" SUFFIXES },
    { "--buffer=1.5M", "--buffer=1.5M: must be 4K to 1G" SUFFIXES },
    { "--buffer=M", "--buffer=M: must be 4K to 1G" SUFFIXES },
    { "--buffer=-8M", "--buffer=-8M: must be 4K to 1G" SUFFIXES },
    { "--buffer=99999999999999999999G",
      "--buffer=99999999999999999999G: must be 4K to 1G" SUFFIXES },

    /* 2^34 + 1 GiB, whose lower 64 bits are 1 GiB. */
    { "--buffer=17179869185G",
      "--buffer=17179869185G: must be 4K to 1G" SUFFIXES },
    { "--history=17179869184G",
      "--history=17179869184G: must be 64K to 16G" SUFFIXES },
    { "--history=63K", "--history=63K: must be 64K to 16G" SUFFIXES },
    { "--history=17G", "--history=17G: must be 64K to 16G" SUFFIXES },

    /* Names. */
    { "--target=0", "--target=0: " TARGET_ERROR },
    { "--target=4194305", "--target=4194305: " TARGET_ERROR },
    { "--target=99999999999999999999",
      "--target=99999999999999999999: " TARGET_ERROR },
    { "--target=-5", "--target=-5: " TARGET_ERROR },
    { "--target=a\nb", "--target=a\\012b: " TARGET_ERROR },
    { "--class=foo", "--class=foo: unknown class " CLASSES },
    { "--class=miss,MISS", "--class=MISS: unknown class " CLASSES },
    { "--class=miss sflow", "--class=miss sflow: unknown class " CLASSES },
    { "--class=miss,", "--class=miss,: " EMPTY_ERROR },
    { "--class=,", "--class=,: " EMPTY_ERROR },
    { "--port=a,,b", "--port=a,,b: " EMPTY_ERROR },
    { "--port=,a", "--port=,a: " EMPTY_ERROR },
    { "--port=a,b\tc", "--port=b\\011c: " PORT_ERROR },
    { "--port=\xc3\xa4", "--port=\\303\\244: " PORT_ERROR },
    { "--port=\x7f", "--port=\\177: " PORT_ERROR },
    { "--port=" X64 "x", "--port=" X64 "...: " PORT_ERROR },

    /* No value. */
    { "--enrich=", "--enrich takes no value" },
    { "--enrich=yes", "--enrich takes no value" },
    { "--enrich|yes", "unexpected argument 'yes' " OPTIONS },
    { "--enrich-rate=5", "--enrich-rate has no effect without --enrich" },
    { "--enrich|--enrich-rate=0",
      "--enrich-rate=0: must be 1 to 1000 requests per second" },
    { "--enrich|--enrich-rate=1001",
      "--enrich-rate=1001: must be 1 to 1000 requests per second" },
    { "--trigger", "--trigger needs a value, such as --trigger=total>5ms" },
    { "--trigger=lost,", "--trigger=lost,: character 6: there must be a "
      "condition: STAGE>TIME, KEY=VALUE, no-put or one of executed, "
      "installed, consumed, failed, lost, abandoned, miss, slow_path, "
      "controller, sflow, ipfix, flow_sample, action, hit, execute, drop, "
      "with ! before it for all others" },
    { "--trigger=total>5", "--trigger=total>5: character 7: \"5\" is no time: "
      "must be a number and s, ms, us or ns, such as 5ms" },
    { "--trigger-window=5",
      "--trigger-window has no effect without --trigger" },
    { "--trigger-dir=/tmp", "--trigger-dir has no effect without --trigger" },
    { "--trigger=lost|--trigger-window=0",
      "--trigger-window=0: must be 1 to 10000 upcalls" },
    { "--trigger-files=5",
      "--trigger-files has no effect without --trigger" },
    { "--trigger=lost|--trigger-files=0",
      "--trigger-files=0: must be 1 to 10000 files" },
    { "--trigger=lost|--trigger-dir=/tmp/\x01",
      "--trigger-dir=/tmp/\\001: must be the name of a directory" },
    { "--trigger=lost|--trigger-dir=/tmp/\xff",
      "--trigger-dir=/tmp/\\377: must be the name of a directory" },
    { "--trigger=lost|--trigger-dir=/tmp/\xc2\x9b",
      "--trigger-dir=/tmp/\\302\\233: must be the name of a directory" },
    { "--enrich-rate", "--enrich-rate needs a value, such as "
      "--enrich-rate=20" },
    { "--track", "--track needs a value, such as --track=full" },
    { "--track=", "--track needs a value, such as --track=full" },
    { "--buffer", "--buffer needs a value, such as --buffer=8M" },
    { "--buffer=", "--buffer needs a value, such as --buffer=8M" },
    { "--buffer|", "--buffer needs a value, such as --buffer=8M" },
    { "--snaplen|--buffer=8M",
      "--snaplen needs a value, such as --snaplen=128" },
    { "--class=", "--class needs a value, such as --class=miss" },
    { "--port=", "--port needs a value, such as --port=eth0" },
    { "--target=", "--target needs a value, such as "
      "--target=ovs-vswitchd.pid" },
    { "--duration", "--duration needs a value, such as --duration=60" },
    { "--stop-after",
      "--stop-after needs a value, such as --stop-after=1000" },

    /* No option. */
    { "--foo", "unknown option '--foo' " OPTIONS },
    { "--foo=bar", "unknown option '--foo' " OPTIONS },
    { "--snaple=1", "unknown option '--snaple' " OPTIONS },
    { "--snaplenn=1", "unknown option '--snaplenn' " OPTIONS },
    { "--SNAPLEN=1", "unknown option '--SNAPLEN' " OPTIONS },
    { "-s", "unknown option '-s' " OPTIONS },
    { "-snaplen=1", "unknown option '-snaplen' " OPTIONS },
    { "--=", "unknown option '--' " OPTIONS },
    { "--", "unknown option '--' " OPTIONS },
    { "-", "unexpected argument '-' " OPTIONS },
    { "=", "unexpected argument '=' " OPTIONS },
    { "|", "unexpected argument '' " OPTIONS },
    { "bar", "unexpected argument 'bar' " OPTIONS },
    { "xxsnaplen=1", "unexpected argument 'xxsnaplen=1' " OPTIONS },
    { "--json", "unknown option '--json' " OPTIONS },
    { "--help", "unknown option '--help' " OPTIONS },
    { "--snaplen=1|2", "unexpected argument '2' " OPTIONS },
    { "--\033[2J\\", "unknown option '--\\033[2J\\134' " OPTIONS },
    { X64, "unexpected argument '" X64 "' " OPTIONS },
    { X64 X64, "unexpected argument '" X64 "...' " OPTIONS },

    /* What comes after a good one, and before. */
    { "--port=a|--snaplen=x", "--snaplen=x: must be 0 to 9216 bytes" },
    { "--snaplen=x|--port=", "--snaplen=x: must be 0 to 9216 bytes" },
};

START_TEST(test_bad)
{
    struct start_options options;
    char *error = parse(&options, bad[_i].args);

    ck_assert_pstr_eq(error, bad[_i].expected);
    free(error);
    start_options_destroy(&options);
}
END_TEST

/* Returns "--port=" and 'n' names, which end with 'end' and which the caller
 * must free. */
static char *
many_ports(int n, const char *end)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "--port=");
    for (int i = 0; i < n; i++) {
        ds_put_format(&s, "%sp%d%s", i ? "," : "", i, end);
    }
    return ds_steal_cstr(&s);
}

START_TEST(test_many_ports)
{
    struct start_options options;
    char *args = many_ports(1024, "");
    char *error = parse(&options, args);

    ck_assert_pstr_eq(error, NULL);
    ck_assert_uint_eq(port_names_count(&options.ports), 1024);
    ck_assert(port_names_has(&options.ports, "p0"));
    ck_assert(port_names_has(&options.ports, "p1023"));
    start_options_destroy(&options);
    free(args);

    args = many_ports(1025, "");
    error = parse(&options, args);
    ck_assert_pstr_eq(error, "--port=p1024: there must be no more than 1024 "
                      "ports (leave out --port for all)");
    start_options_destroy(&options);
    free(error);
    free(args);
}
END_TEST

START_TEST(test_many_patterns)
{
    struct start_options options;
    char *args = many_ports(64, "*");
    char *error = parse(&options, args);

    ck_assert_pstr_eq(error, NULL);
    ck_assert(port_names_has(&options.ports, "p63x"));
    start_options_destroy(&options);
    free(args);

    args = many_ports(65, "?");
    error = parse(&options, args);
    ck_assert_pstr_eq(error, "--port=p64?: there must be no more than 64 "
                      "names with * or ?");
    start_options_destroy(&options);
    free(error);
    free(args);
}
END_TEST

START_TEST(test_long_target)
{
    struct start_options options;
    char *args = xasprintf("--target=/%04095d", 0);
    char *error = parse(&options, args);

    ck_assert_ptr_nonnull(error);
    ck_assert(strstr(error, "...: " TARGET_ERROR));
    start_options_destroy(&options);
    free(error);

    args[strlen(args) - 1] = '\0';
    ck_assert_pstr_eq(parse(&options, args), NULL);
    ck_assert_uint_eq(strlen(options.target), 4095);
    start_options_destroy(&options);
    free(args);
}
END_TEST

START_TEST(test_clone)
{
    struct start_options options, clone;

    ck_assert_pstr_eq(parse(&options, "--target=t|--port=a|--class=miss|"
                            "--track=full"), NULL);
    start_options_clone(&clone, &options);
    start_options_destroy(&options);
    ck_assert_int_eq(clone.track, UPCALL_TRACK_FULL);
    check_text(&clone, "--track=full --snaplen=128 --buffer=8M --history=32M "
               "--target=t --class=miss --port=a");
    start_options_destroy(&clone);

    ck_assert_pstr_eq(parse(&options, "--track=all"), NULL);
    ck_assert_int_eq(options.track, UPCALL_TRACK_ALL);
    start_options_destroy(&options);

    start_options_init(&options);
    start_options_clone(&clone, &options);
    check_text(&clone, DEFAULTS);
    start_options_destroy(&clone);
    start_options_destroy(&options);
}
END_TEST

START_TEST(test_track_name)
{
    ck_assert_str_eq(start_track_name(UPCALL_TRACK_KERNEL), "kernel");
    ck_assert_str_eq(start_track_name(UPCALL_TRACK_FULL), "full");
    ck_assert_str_eq(start_track_name(UPCALL_TRACK_ALL), "all");
    ck_assert_ptr_null(start_track_name(UPCALL_N_TRACKS));
    ck_assert_ptr_null(start_track_name(-1));
}
END_TEST

/* Returns true if 's' is one line that can be shown on a terminal. */
static bool
is_showable(const char *s)
{
    while (*s >= ' ' && *s <= '~') {
        s++;
    }
    return !*s;
}

/* Fails unless 'options' are the same after they have been shown and parsed,
 * if that needs no shell. */
static void
check_round_trip(const struct start_options *options)
{
    struct start_options again;
    struct ds text = DS_EMPTY_INITIALIZER;

    start_options_format(options, &text);
    if (!strchr(ds_cstr(&text), '\'')) {
        char *args = xstrdup(ds_cstr(&text));

        for (char *p = args; *p; p++) {
            *p = *p == ' ' ? '|' : *p;
        }
        ck_assert_pstr_eq(parse(&again, args), NULL);
        check_text(&again, ds_cstr(&text));
        start_options_destroy(&again);
        free(args);
    }
    ds_destroy(&text);
}

/* Pieces that are put together at random. */
static const char *const pieces[] = {
    "--track=", "full", "kernel", "all",
    "--snaplen", "--buffer=", "--history=", "--class=", "--port=", "=",
    "--target=", "--duration=", "|", ",", "miss", "1", "9", "64K", "MiB",
    "\033", "\xff", "%n", "\n", " ", "'", X64, "-",
};

START_TEST(test_random)
{
    int n_good = 0;

    random_set_seed(20261121);
    for (int i = 0; i < 20000; i++) {
        struct ds args = DS_EMPTY_INITIALIZER;
        struct start_options options;

        for (int j = random_range(8); j >= 0; j--) {
            ds_put_cstr(&args, pieces[random_range(ARRAY_SIZE(pieces))]);
        }

        char *error = parse(&options, ds_cstr(&args));
        if (error) {
            ck_assert(*error && is_showable(error) && strlen(error) < 500);
        } else {
            check_round_trip(&options);
            n_good++;
        }
        free(error);
        start_options_destroy(&options);
        ds_destroy(&args);
    }
    ck_assert_int_ge(n_good, 500);
}
END_TEST

static const char help_text[] = "\
  --track=TIER         how much is seen, by USDT too or not (kernel, full, \
all;\n\
                       default kernel)\n\
  --datapath[=WHAT]    record each packet's pass through the datapath as well\
\n\
                       (flows, actions; default off)\n\
  --sample=N           of the packets that come to the datapath, record one in\
\n\
                       N, with all of its passes (1 to 4294967295; default 1)\
\n\
  --snaplen=BYTES      packet bytes kept (0 to 9216; default 128)\n\
  --buffer=SIZE        buffer between kernel and daemon (4K to 1G; default 8M)\
\n\
  --history=SIZE       memory for what was recorded (64K to 16G; default 32M)\
\n\
  --duration=SECONDS   stop after this time (1 to 31536000)\n\
  --stop-after=COUNT   stop after so many upcalls\n\
  --target=FILE|PID    which ovs-vswitchd (default ovs-vswitchd.pid)\n\
  --class=NAME,...     only upcalls of these classes (miss, slow_path,\n\
                       controller, sflow, ipfix, flow_sample, action; default\
\n\
                       all)\n\
  --port=NAME,...      only packets from these ports, as tap* (default all)\n\
  --filter=EXPR        only packets that match it (default all packets)\n\
  --enrich             ask ovs-vswitchd which OpenFlow rules flows have\n\
  --enrich-rate=N      requests a second, with --enrich (1 to 1000; default \
20)\n\
  --trigger=COND,...   write what was around one that meets COND to a file\n\
  --trigger-window=N   how many before and after it (1 to 10000; default \
1000)\n\
  --trigger-dir=DIR    directory for files (default OVS's for logs)\n\
  --trigger-files=N    most files there, of any trace (1 to 10000; default 16)\
\n";

START_TEST(test_help)
{
    struct ds help = DS_EMPTY_INITIALIZER;

    start_options_help(&help);
    ck_assert_str_eq(ds_cstr(&help), help_text);
    ds_destroy(&help);
}
END_TEST

/* Returns the tests of lib/store/start-options.c. */
Suite *
start_options_suite(void)
{
    Suite *suite = suite_create("start-options");
    TCase *tcase = tcase_create("start-options");

    tcase_add_test(tcase, test_defaults);
    tcase_add_test(tcase, test_json);
    tcase_add_loop_test(tcase, test_good, 0, ARRAY_SIZE(good));
    tcase_add_loop_test(tcase, test_bad, 0, ARRAY_SIZE(bad));
    tcase_add_test(tcase, test_many_ports);
    tcase_add_test(tcase, test_many_patterns);
    tcase_add_test(tcase, test_long_target);
    tcase_add_test(tcase, test_clone);
    tcase_add_test(tcase, test_track_name);
    tcase_add_test(tcase, test_random);
    tcase_add_test(tcase, test_help);
    suite_add_tcase(suite, tcase);
    return suite;
}
