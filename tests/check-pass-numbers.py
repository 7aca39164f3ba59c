#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that passes of numbered packets, their actions and links are right.

usage: check-pass-numbers.py [OPTION]...
       check-pass-numbers.py --self-test

Compares the records of a trace with the files of send-numbered and
capture-numbered, the rules of exact-passes.at, and the flows and counters of
the datapath.  Prints a summary, how many links are unknown (null), and what is
wrong; fails if anything is, or more than --unknown links are unknown.
"""

import argparse
import collections
import sys

import numbered_evidence
from pass_number_checks import run_checks, unknown, way
from pass_number_selftest import synthetic_evidence, test_mutations
from pass_numbers import Evidence


def parse_args():
    parser = argparse.ArgumentParser(
        description="Proves that passes of numbered packets are right.")
    add = parser.add_argument
    add("--self-test", action="store_true",
        help="fail unless each mutation of made up evidence is noticed")
    add("--read", metavar="COMMAND",
        help="command that says what upcall-trace/read --json does")
    add("--sent", metavar="FILE", nargs="+", default=[],
        help="of send-numbered")
    add("--got", metavar="PORT=FILE", nargs="+", default=[],
        help="of capture-numbered, behind each output port")
    add("--before", metavar="FILE", nargs=2,
        help="output of dpctl/dump-flows -m --no-names, and of dpctl/show, "
        "before")
    add("--after", metavar="FILE", nargs=2, help="the same afterwards")
    add("--dropped", metavar="N", type=int, default=0,
        help="records that the trace has dropped")
    add("--ways", metavar="WAY,...", type=lambda text: set(map(
        int, text.split(","))),
        help="packets of these ways must be recorded, and no other")
    add("--executed", action="store_true",
        help="the trace has --datapath=actions: all must be executed")
    add("--unknown", metavar="N", type=int, default=0,
        help="links that may be unknown")
    return parser.parse_args()


def read_evidence(args):
    e = Evidence()
    e.read_records(numbered_evidence.pages_of_command(args.read))
    for name in args.sent:
        e.read_sent(name)
    for text in args.got:
        e.read_got(*text.split("=", 1))
    e.read_counters(args.before, args.after)
    e.dropped = args.dropped
    e.says_executed = args.executed
    if args.ways:
        e.choose({number for number, dst in e.sent.items()
                  if way(dst) in args.ways})
    return e


def print_summary(e):
    def count(values):
        return ", ".join("%d %s" % (n, key) for key, n in
                         sorted(collections.Counter(values).items()))
    print("sent: %d packets (by way: %s)" % (
        len(e.sent), count(way(dst) for dst in e.sent.values())))
    print("passes: %d (%s), %d recirculated, %d executed outputs" % (
        len(e.passes), count(p.lookup or "execute" for p in e.passes),
        len(e.recirculated()), sum(len(p.outputs) for p in e.executing())))
    print("upcalls: %d, flows: %d" % (len(e.upcalls), len(e.after)))
    print("captured: %s" % ", ".join(
        "%s %d" % (port, sum(numbers.values()))
        for port, numbers in sorted(e.got.items())))
    print("unknown: %s" % ", ".join(
        "%s %d" % item for item in unknown(e).items()))


def main():
    args = parse_args()
    e = synthetic_evidence() if args.self_test else read_evidence(args)
    print_summary(e)
    wrong = list(run_checks(e))
    n_unknown = sum(unknown(e).values())
    if n_unknown > args.unknown:
        wrong.append(("unknown", "%d links are unknown, at most %d may be"
                      % (n_unknown, args.unknown)))
    for name, n in sorted(collections.Counter(w[0] for w in wrong).items()):
        print("%s: %d wrong" % (name, n))
    printed = collections.Counter()
    for name, text in wrong:
        printed[name] += 1
        if printed[name] <= 10:
            print("%s: %s" % (name, text))
    if args.self_test:
        for text in test_mutations(e):
            wrong.append(("self-test", text))
            print("self-test: " + text)
    print("%d wrong" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
