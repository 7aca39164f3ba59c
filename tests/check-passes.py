#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks passes of packets through the datapath.

usage: check-passes.py [--unsure] DUMP < READ

READ is the output of upcall-trace/read --json, with all records of a trace,
and DUMP that of "ovs-appctl dpctl/dump-flows -m --no-names" behind it.

A pass that hit a flow must have the actions that the datapath has for it.  One
that missed must name an upcall, which names this pass, comes from the same port
and happened within it.  An execute must name an upcall, if any, that was
executed then, with the same actions.  A pass that was recirculated must have a
parent with the same track, and with an action that recirculates to this
number, once for each of its children; no other may have one.  With --unsure,
what is null is no error.

Prints how many passes there are of each kind: hits and misses as they came
from a port, and recirculated; executes of upcalls and others; and, for each
port, packets as they came in.
"""

import argparse
import collections
import json
import re
import sys


class Passes:
    def __init__(self, records, dump, unsure):
        self.upcalls = {r["id"]: r for r in records if r["kind"] == "upcall"}
        self.passes = {r["id"]: r for r in records if r["kind"] == "pass"}
        self.flows = dict(self.parse_flow(line) for line in dump)
        self.unsure = unsure
        self.errors = []
        self.recircs = collections.Counter()

    @staticmethod
    def parse_flow(line):
        """Returns UFID and actions of a line of dump-flows."""
        match = re.match(r"ufid:([0-9a-f-]+), .* actions:(.*)$", line)
        return match.group(1), match.group(2)

    def error(self, p, text):
        self.errors.append("%s: %s" % (p["id"], text))

    @staticmethod
    def actions(record):
        return [event["text"] for event in record["events"]
                if event["event"] == "action_execute"]

    def check_hit(self, p):
        actions = ",".join(self.actions(p)) or "drop"
        expected = self.flows.get(p["ufid"])
        if actions != expected:
            self.error(p, "has %s, flow %s %s" % (actions, p["ufid"],
                                                  expected))

    def check_miss(self, p):
        upcall = self.upcalls.get(p["upcall"])
        if not upcall:
            if p["upcall"] or not self.unsure:
                self.error(p, "missed, and no upcall is %s" % p["upcall"])
        elif upcall["class"] != "miss":
            self.error(p, "missed, and its upcall is no miss")
        elif upcall["pass"] != p["id"]:
            self.error(p, "its upcall has pass %s" % upcall["pass"])
        elif upcall["port"] != p["port"]:
            self.error(p, "its upcall came from %s" % upcall["port"])
        elif upcall["events"][0]["ts"] < p["events"][0]["ts"]:
            self.error(p, "its upcall was before the lookup")

    def check_execute(self, p):
        upcall = self.upcalls.get(p["upcall"])
        if not p["upcall"]:
            return
        if not upcall:
            self.error(p, "no upcall is %s" % p["upcall"])
            return
        execs = [event for event in upcall["events"]
                 if event["event"] == "flow_exec"]
        if not execs:
            self.error(p, "its upcall was not executed")
        elif self.actions(p) != self.actions(upcall):
            self.error(p, "executes %s, its upcall %s"
                       % (self.actions(p), self.actions(upcall)))
        else:
            ts, total = p["events"][0]["ts"], p["latency"]["total"]
            if (execs[0]["ts"] < ts
                    or total is not None and execs[0]["ts"] > ts + total):
                self.error(p, "its upcall was executed at another time")

    def check_parent(self, p):
        parent = self.passes.get(p["parent"])
        if not p["recirc_id"]:
            if p["parent"]:
                self.error(p, "was not recirculated and has a parent")
        elif not p["parent"]:
            if not self.unsure:
                self.error(p, "was recirculated and has no parent")
        elif not parent:
            self.error(p, "its parent %s is not there" % p["parent"])
        elif parent["track"] != p["track"]:
            self.error(p, "is of another track than its parent")
        else:
            recirc = "recirc(%#x)" % p["recirc_id"]
            self.recircs[p["parent"], recirc] += 1
            if (self.recircs[p["parent"], recirc]
                    > ",".join(self.actions(parent)).count(recirc)):
                self.error(p, "its parent %s has not so often %s"
                           % (p["parent"], recirc))

    @staticmethod
    def kind(p):
        if p["lookup"] is None:
            return "execute of upcall" if p["upcall"] else "execute"
        return p["lookup"] + (", recirculated" if p["recirc_id"] else "")

    def check(self):
        kinds = collections.Counter()
        ports = collections.Counter()
        for p in self.passes.values():
            kinds[self.kind(p)] += 1
            if p["lookup"] is None:
                self.check_execute(p)
                continue
            if p["lookup"] == "hit":
                self.check_hit(p)
            else:
                self.check_miss(p)
            self.check_parent(p)
            if not p["recirc_id"]:
                ports[p["port"]["name"] if p["port"] else "no port"] += 1
        for name, n in sorted(kinds.items()):
            print("%s: %d" % (name, n))
        for name, n in sorted(ports.items()):
            print("%s: %d" % (name, n))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unsure", action="store_true")
    parser.add_argument("dump")
    args = parser.parse_args()
    with open(args.dump, encoding="ascii") as dump:
        passes = Passes(json.load(sys.stdin)["records"], dump, args.unsure)
    passes.check()
    for error in passes.errors[:20]:
        print(error, file=sys.stderr)
    sys.exit(bool(passes.errors))


main()
