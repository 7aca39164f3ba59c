#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that the links in records of upcalls are right.

usage: check-numbered.py [OPTION]...
       check-numbered.py --self-test

Compares records with what is known without them: the files of send-numbered
and capture-numbered, the flows and counters of the datapath, and the rules of
OpenFlow.  Prints a summary, and what is wrong; fails if anything is.
"""

import argparse
import collections
import json
import sys

import numbered_evidence as evidence
from numbered_checks import run_checks
from numbered_selftest import synthetic_evidence, test_mutations


def parse_rule(text):
    """Returns the mask and value of a rule VALUE/MASK on the UDP destination
    port, as in OpenFlow."""
    value, mask = (int(word, 0) for word in text.split("/"))
    return mask, value


def parse_args():
    parser = argparse.ArgumentParser(
        description="Proves that the links in records of upcalls are right.")
    add = parser.add_argument
    add("--self-test", action="store_true",
        help="mutate the evidence, or without any some that is made up, "
        "and fail unless each mutation is noticed")
    add("--read", metavar="COMMAND",
        help="command that says what upcall-trace/read --json does")
    add("--records", metavar="FILE", action="append", default=[],
        help="output of upcall-trace/read --json or show --json")
    add("--sent", metavar="FILE", nargs="+", default=[],
        help="of send-numbered")
    add("--got", metavar="FILE", help="of capture-numbered")
    add("--flows", metavar="FILE",
        help="output of dpctl/dump-flows -m; all flows must be ours")
    add("--counters", metavar="FILE", nargs=2,
        help="output of dpctl/show -s before and after")
    add("--status", metavar="FILE", help="output of status --json")
    add("--controller", metavar="VALUE/MASK", type=parse_rule,
        help="UDP destination ports of packets that go to a controller, too")
    add("--drop", metavar="VALUE/MASK", type=parse_rule,
        help="UDP destination ports of packets that are dropped")
    add("--batch", metavar="N", type=int, default=0,
        help="there must be a batch of so many upcalls, each with put or "
        "execute")
    add("--misses", metavar="N", type=int,
        help="there must be so many misses")
    add("--puts", metavar="N", type=int, help="there must be so many puts")
    add("--wrong", metavar="FILE",
        help="where to write the records about which something is wrong")
    return parser.parse_args()


def pages(args):
    """Yields what the options say about records, page by page."""
    for name in args.records:
        yield from evidence.pages_of_file(name)
    if args.read:
        yield from evidence.pages_of_command(args.read)


def read_evidence(args):
    e = evidence.Evidence()
    e.controller, e.drop = args.controller, args.drop
    e.read_records(pages(args))
    for name in args.sent:
        e.read_sent(name)
    if args.got:
        e.read_got(args.got)
    if args.flows:
        e.read_flows(args.flows)
    if args.counters:
        e.before, e.after = (evidence.read_counters(name)
                             for name in args.counters)
    if args.status:
        with open(args.status, encoding="utf-8") as stream:
            e.status = json.load(stream)
    return e


def count(values):
    """Returns a text with the number of each value, which may be None."""
    counter = collections.Counter(value or "unknown" for value in values)
    return ", ".join("%d %s" % (n, value) for value, n in
                     sorted(counter.items()))


def batch_sizes(e):
    """Returns the number of upcalls with put or execute, by batch."""
    return collections.Counter((r.tid, r.batch) for r in e.records
                               if r.outcome in ("executed", "installed"))


def print_summary(e):
    sent = [s for copies in e.sent.values() for s in copies]
    seconds = (max(s.ts for s in sent) - min(s.ts for s in sent)) / 1e9
    sizes = batch_sizes(e).values()
    misses = e.misses()
    print("sent: %d packets of %d flows in %.3f s" % (
        len(sent), len({s[:3] for s in sent}), seconds))
    print("records: %d (%s; %s)" % (
        len(e.records), count(r.cls for r in e.records),
        count(r.outcome for r in e.records)))
    print("misses: %d with put and execute, %d with execute only" % (
        sum(bool(r.put and r.exec) for r in misses),
        sum(bool(r.exec and not r.put) for r in misses)))
    print("batches: %d, the largest with %d put or executed; at most %d in "
          "flight" % (len(sizes), max(sizes, default=0), e.most_in_flight()))
    if e.got is not None:
        print("captured: %d" % sum(map(len, e.got.values())))
    if e.dropped():
        print("dropped: %s" % e.status["records"])
    if e.before is not None:
        print("datapath: %s" % ", ".join(
            "%s %d" % (key, e.after[key] - e.before.get(key, 0))
            for key in sorted(e.after)))


def check_wishes(e, args):
    """Yields what is not as the options say it must be."""
    n_misses = len(e.misses())
    n_puts = sum(bool(r.put) for r in e.records)
    if args.batch and args.batch not in batch_sizes(e).values():
        yield "no batch of %d upcalls with put or execute" % args.batch
    if args.misses is not None and n_misses != args.misses:
        yield "%d misses, not %d" % (n_misses, args.misses)
    if args.puts is not None and n_puts != args.puts:
        yield "%d puts, not %d" % (n_puts, args.puts)


def print_wrong(wrong, args):
    """Prints what is wrong, and writes the records into the file that the
    options name."""
    for name, n in sorted(collections.Counter(w[0] for w in wrong).items()):
        print("%s: %d wrong" % (name, n))
    for name, r, text in wrong[:40]:
        print("%s: %s%s" % (name, "#%d: " % r.id if r else "", text))
    ids = {str(r.id) for _, r, _ in wrong if r}
    if args.wrong and ids:
        with open(args.wrong, "w", encoding="utf-8") as stream:
            json.dump([r for page in pages(args) for r in page["records"]
                       if r["id"] in ids], stream, indent=1)


def main():
    args = parse_args()
    if args.read or args.records:
        e = read_evidence(args)
        print_summary(e)
    else:
        e = synthetic_evidence()
    wrong = list(run_checks(e))
    wrong += [("wish", None, text) for text in check_wishes(e, args)]
    print_wrong(wrong, args)
    if args.self_test:
        for text in test_mutations(e):
            wrong.append(("self-test", None, text))
            print("self-test: " + text)
    print("%d wrong" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
