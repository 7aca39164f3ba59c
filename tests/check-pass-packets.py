#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares passes with the packets that came to the datapath and left it.

usage: check-pass-packets.py [--host=PORT]... [--down=PORT]... [--snaplen=N]
                             CAPTURED < READ

READ is the output of upcall-trace/read --json, with all records of a trace,
and CAPTURED that of capture-ports.py, of all ports of the datapath but those
with --down, out of which nothing comes; those with --host are ports to the
host.

  - The packets that came to a port and the passes that came from it must be
    the same: length, and as many bytes as are kept.
  - A miss must have the fields that the key of its upcall has, which come from
    the kernel, and the upcall's length, unless it is cut into segments: then
    these must be as long together.
  - An execute of an upcall must have the upcall's bytes.
  - A hit must have the fields that a miss with the same bytes has.
  - What leaves by a port must be what the passes and their actions say:
    length, and as many bytes as are kept.  The actions output, push_vlan,
    pop_vlan and set(tunnel()) are known.

Prints a line for each hit with another port, length or flow: port, length,
bytes kept and fields of the flow; "*" stands for a port that the sender's
kernel has chosen.
"""

import argparse
import base64
import collections
import json
import re
import sys

TUNNEL_PORTS = 4789, 6081


def split_fields(text):
    """Returns the fields of a flow key by name."""
    fields, depth, start = {}, 0, 0
    for i, c in enumerate(text + ","):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            name, _, value = text[start:i].partition("(")
            fields[name] = value
            start = i + 1
    return fields


def header_length(data):
    """Returns the bytes before the payload of UDP or TCP over IPv4, with or
    without a VLAN tag, or None."""
    start = 18 if data[12:14] == b"\x81\x00" else 14
    if data[start - 2:start] != b"\x08\x00":
        return None
    transport = start + (data[start] & 0xf) * 4
    if data[start + 9] == 17:
        return transport + 8
    return transport + (data[transport + 12] >> 4) * 4


def hide_port(match):
    """Returns the text of ports, with "*" for one that the kernel has chosen:
    that of a tunnel, or one of a range of which send-traffic.py uses one."""
    src, dst = int(match[1]), int(match[2])
    is_chosen = dst in TUNNEL_PORTS or 32768 <= src != 49152
    return "src=%s,dst=%d)" % ("*" if is_chosen else src, dst)


class Checker:
    def __init__(self, records, captured, hosts, snaplen):
        self.passes = [r for r in records if r["kind"] == "pass"]
        self.upcalls = {r["id"]: r for r in records if r["kind"] == "upcall"}
        self.groups = collections.defaultdict(list)
        for r in self.upcalls.values():
            self.groups[r["group"] or r["id"]].append(r)
        self.captured = captured
        self.hosts = hosts
        self.snaplen = snaplen
        self.errors = []

    def error(self, what, text):
        self.errors.append("%s: %s" % (what, text))

    @staticmethod
    def data(record):
        return base64.b64decode(record["packet"]["data"] or "")

    def kept(self, length, data):
        """What is compared of a packet."""
        return length, data[:min(length, self.snaplen)].hex()

    def of_port(self, port, leaves):
        """Counts what was captured on its way out of the datapath, or in."""
        if port in self.hosts:
            leaves = not leaves
        return collections.Counter(
            self.kept(length, bytes.fromhex(data))
            for is_out, length, data in self.captured[port]
            if is_out == leaves)

    def compare(self, what, expected, counted):
        for packet, n in (expected - counted).items():
            self.error(what, "%d times not there: %s" % (n, packet))
        for packet, n in (counted - expected).items():
            self.error(what, "%d times too often: %s" % (n, packet))

    # The packets that came.

    def check_entries(self):
        came = collections.defaultdict(collections.Counter)
        for p in self.passes:
            if p["lookup"] and not p["recirc_id"]:
                came[p["port"]["name"]][self.kept(p["packet"]["len"],
                                                  self.data(p))] += 1
        for port in self.captured:
            self.compare("from " + port, self.of_port(port, False),
                         came.pop(port, collections.Counter()))
        for port in came:
            self.error(port, "was not captured")

    # Misses, executes and hits.

    def check_miss(self, p):
        upcall = self.upcalls.get(p["upcall"])
        if not upcall:
            self.error(p["id"], "missed and has no upcall")
            return
        key = split_fields(upcall["packet"]["flow"])
        for name, value in split_fields(p["packet"]["flow"]).items():
            if key.get(name) != value:
                self.error(p["id"], "%s(%s, its upcall %s"
                           % (name, value, key.get(name)))
        segments = self.groups[upcall["group"] or upcall["id"]]
        total = sum(r["packet"]["len"] for r in segments)
        if len(segments) > 1:
            total -= (len(segments) - 1) * header_length(self.data(upcall))
        if total != p["packet"]["len"]:
            self.error(p["id"], "has %d bytes, its upcall %d"
                       % (p["packet"]["len"], total))

    def check_execute(self, p):
        upcall = self.upcalls.get(p["upcall"])
        if not upcall:
            self.error(p["id"], "has no upcall")
        elif (upcall["packet"]["len"], self.data(upcall)) != (
                p["packet"]["len"], self.data(p)):
            self.error(p["id"], "has other bytes than its upcall")

    def check_hit(self, p, missed):
        fields = split_fields(p["packet"]["flow"])
        if fields != missed.get(self.data(p), fields):
            self.error(p["id"], "has %s, the miss %s"
                       % (fields, missed[self.data(p)]))

    def check_kinds(self):
        missed = {}
        for p in self.passes:
            if p["lookup"] == "miss":
                self.check_miss(p)
                missed[self.data(p)] = split_fields(p["packet"]["flow"])
        for p in self.passes:
            if p["lookup"] is None:
                self.check_execute(p)
            elif p["lookup"] == "hit":
                self.check_hit(p, missed)

    # The packets that left.

    def follow_actions(self, p, left):
        length, data = p["packet"]["len"], self.data(p)
        for action in p["events"]:
            if action["event"] != "action_execute":
                continue
            if action["action"] == "output":
                left[action["port"]["name"]].append((length, data))
            elif action["action"] == "push_vlan":
                tag = "%s%04x" % (action["tpid"][2:], action["pcp"] << 13
                                  | action["vid"])
                data = data[:12] + bytes.fromhex(tag) + data[12:]
                length += 4
            elif action["action"] == "pop_vlan":
                data = data[:12] + data[16:]
                length -= 4
            elif not action["text"].startswith("set(tunnel("):
                self.error(p["id"], "executes " + action["text"])

    def check_exits(self, down):
        """Less bytes are compared where a tag was taken away."""
        left = collections.defaultdict(list)
        for p in self.passes:
            if p["lookup"] != "miss":
                self.follow_actions(p, left)
        for port in self.captured:
            self.snaplen -= 4
            self.compare("to " + port, self.of_port(port, True),
                         collections.Counter(
                             self.kept(*packet)
                             for packet in left.pop(port, [])))
            self.snaplen += 4
        for port in left:
            if port not in down:
                self.error(port, "was not captured")

    def print_hits(self):
        for line in sorted({self.describe(p) for p in self.passes
                            if p["lookup"] == "hit"}):
            print(line)

    def describe(self, p):
        flow = re.sub(r"(in_port|recirc_id|ct_\w*)\([^)]*\),", "",
                      p["packet"]["flow"])
        flow = re.sub(r"src=(\d+),dst=(\d+)\)", hide_port, flow)
        return "%s %d %d %s" % (p["port"]["name"], p["packet"]["len"],
                                len(self.data(p)), flow)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", action="append", default=[])
    parser.add_argument("--down", action="append", default=[])
    parser.add_argument("--snaplen", type=int, default=128)
    parser.add_argument("captured")
    args = parser.parse_args()
    with open(args.captured, encoding="ascii") as file:
        checker = Checker(json.load(sys.stdin)["records"], json.load(file),
                          args.host, args.snaplen)
    checker.check_entries()
    checker.check_kinds()
    checker.check_exits(args.down)
    checker.print_hits()
    for error in checker.errors[:20]:
        print(error, file=sys.stderr)
    sys.exit(bool(checker.errors))


main()
