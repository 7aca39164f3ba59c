#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packets that pass through two datapaths.

usage: check-datapaths.py install
       check-datapaths.py send DEVICE COUNT
       check-datapaths.py count COUNT
       check-datapaths.py check COUNT DUMP-A DUMP-B < READ

The datapaths are dpa and dpb, which no ovs-vswitchd manages, with these ports:

  dpa: 1 ovs-p0, 2 xa, 3 nest      dpb: 0 dpb, 1 xb, 2 ovs-p1

xa and xb are the two ends of a veth, and what goes out of nest comes to dpb
from its local port at once, deeper in the kernel's stack.

"install" adds flows for all cases.  "send" sends COUNT packets of each from
DEVICE, and "count" says how many passes these have.  "check" compares READ,
the output of upcall-trace/read --json, with what must have become of them and
with DUMP-A and DUMP-B, those of "ovs-dpctl dump-flows -m --no-names" of both:
each packet must have the passes that it should have, each of them in the right
datapath, from the right port, with the actions of the flow of this datapath
(of which some have the same UFID as one of the other), and with the right
parent; each flow must have counted the packets that have hit it; each miss
must have an upcall that is lost, because nobody listens; and nothing else may
have happened.  Prints how many passes of each kind there were.
"""

import base64
import collections
import json
import re
import socket
import struct
import subprocess
import sys

MACS = bytes.fromhex("020000000002020000000001")
MARK = "set(skb_mark(0x1))"


def nest(depth, inner):
    """Clones in each other for which the kernel has to copy the key."""
    for _ in range(depth):
        inner = "clone(%s,%s),%s" % (MARK, inner, MARK)
    return inner


# A case: its name, the flows for its packets, and their passes.  A flow or a
# pass is called by its datapath, its port, and its recirc_id; behind "<" is
# the parent of a pass, and "!" says that it misses.
CASES = [
    ("veth", {"a1": "2", "b1": "2"}, "a1 b1"),
    ("nested", {"a1": "3", "b0": "2"}, "a1 b0"),
    ("both", {"a1": "3,2,3", "b0": "2", "b1": "2"}, "a1 b0 b1 b0"),
    ("local", {"a1": "0,2", "b1": MARK}, "a1 b1"),
    ("recirc", {"a1": "3,recirc(5),3", "b0": "recirc(5),2", "a1.5": "2",
                "b0.5": "2", "b1": "2"},
     "a1 b0 b0.5<b0 a1.5<a1 b0 b0.5<b0 b1"),
    # Both are put off, that of dpb first.
    ("deferred", {"a1": "3," + nest(3, "recirc(6)"),
                  "b0": nest(2, "recirc(6)") + ",2", "a1.6": "2",
                  "b0.6": "2", "b1": "2"},
     "a1 b0 b0.6<b0 a1.6<a1 b1"),
    ("deferred-there", {"a1": nest(2, "3") + ",recirc(7)",
                        "b0": "recirc(7),2", "a1.7": "2", "b0.7": "2",
                        "b1": "2"},
     "a1 b0 b0.7<b0 a1.7<a1 b1"),
    ("deferred-here", {"a1": nest(3, "recirc(8)") + ",3", "b0": "recirc(8)",
                       "a1.8": "2", "b0.8": "2", "b1": "2"},
     "a1 a1.8<a1 b0 b0.8<b0 b1"),
    ("not-executed", {"a1": "check_pkt_len(size=1000,gt(recirc(9)),le(3))",
                      "b0": nest(2, "recirc(9)") + ",2", "b0.9": "2"},
     "a1 b0 b0.9<b0"),
    ("ct", {"a1": "ct(commit,zone=1),recirc(10)", "a1.10": "3",
            "b0": "ct(commit,zone=2),recirc(10)", "b0.10": "2"},
     "a1 a1.10<a1 b0 b0.10<b0"),
    ("userspace", {"a1": "3,userspace(pid=9),2",
                   "b0": "userspace(pid=9),2", "b1": "2"}, "a1 b0 b1"),
    ("lost", {"a1": "2"}, "a1 b1!"),
    ("nested-lost", {"a1": "3,recirc(11)", "a1.11": "2", "b1": "2"},
     "a1 b0! a1.11<a1 b1"),
]
NAMES = [case[0] for case in CASES]
PORTS = {"a1": "ovs-p0", "b0": "dpb", "b1": "xb"}
DATAPATHS = {"a": "dpa", "b": "dpb"}

Name = collections.namedtuple("Name", "datapath port recirc_id")


def parse_name(text):
    """Returns what "a1.5" means."""
    port, _, recirc_id = text.partition(".")
    return Name("system@" + DATAPATHS[port[0]], PORTS[port],
                int(recirc_id or 0))


def parse_pass(text):
    """Returns name, name of the parent or None, and result of the lookup."""
    name, _, parent = text.rstrip("!").partition("<")
    return (parse_name(name), parse_name(parent) if parent else None,
            "miss" if text.endswith("!") else "hit")


def udp_port(case):
    return 2001 + NAMES.index(case)


def ufid(case, flow):
    """That of the flow of "a1" and "b1" is the same."""
    port, _, recirc_id = flow.partition(".")
    return "00000000-0000-0000-0000-%02x%04x%06x" % (
        int(port[1]), int(recirc_id or 0), udp_port(case))


def install():
    for case, flows, _ in CASES:
        for flow, actions in flows.items():
            port, _, recirc_id = flow.partition(".")
            key = ("ufid:%s,recirc_id(%s),in_port(%s),eth(),eth_type(0x0800),"
                   "ipv4(proto=17,frag=no),udp(dst=%d)" % (
                       ufid(case, flow), recirc_id or "0", port[1],
                       udp_port(case)))
            subprocess.run(["ovs-dpctl", "add-flow", DATAPATHS[port[0]], key,
                            actions], check=True)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(case, number):
    """A packet of 'case', whose last bytes are 'number'."""
    udp = struct.pack("!HHHHI", 4000, udp_port(case), 12, 0, number)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                     bytes([10, 8, 0, 1]), bytes([10, 8, 0, 2]))
    return (MACS + b"\x08\x00" + ip[:10] + struct.pack("!H", checksum(ip))
            + ip[12:] + udp)


def send(device, count):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        for number in range(count):
            for case in NAMES:
                sock.send(frame(case, number))


class Dump:
    """What dump-flows has printed: actions and packets by UFID."""

    def __init__(self, name):
        self.actions, self.packets = {}, {}
        with open(name, encoding="ascii") as file:
            for line in file:
                match = re.match(r"ufid:([0-9a-f-]+),.* packets:(\d+),.*"
                                 r" actions:(.*)$", line)
                self.actions[match.group(1)] = match.group(3)
                self.packets[match.group(1)] = int(match.group(2))


class Checker:
    def __init__(self, records, dumps):
        self.dumps = dumps              # By name of the datapath.
        self.passes = {r["id"]: r for r in records if r["kind"] == "pass"}
        self.upcalls = {r["id"]: r for r in records if r["kind"] == "upcall"}
        self.errors = []
        self.hits = collections.Counter()
        self.kinds = collections.Counter()

    @staticmethod
    def packet_of(p):
        """Returns the case and the number of the packet of 'p'."""
        data = base64.b64decode(p["packet"]["data"])
        port, number = struct.unpack("!2xH4xI", data[34:46])
        return NAMES[port - udp_port(NAMES[0])], number

    @staticmethod
    def name_of(p):
        return Name(p["datapath"], p["port"] and p["port"]["name"],
                    p["recirc_id"])

    def describe(self, p):
        """Returns 'p' as parse_pass() does."""
        parent = self.passes[p["parent"]] if p["parent"] else None
        return (self.name_of(p), parent and self.name_of(parent), p["lookup"])

    def check_flow(self, p):
        dump = self.dumps.get(p["datapath"])
        actions = ",".join(event["text"] for event in p["events"]
                           if event["event"] == "action_execute") or "drop"
        if not dump or dump.actions.get(p["ufid"]) != actions:
            self.errors.append("%s: %s of %s has %s instead of %s" % (
                p["id"], p["ufid"], p["datapath"], actions,
                dump and dump.actions.get(p["ufid"])))
        self.hits[p["datapath"], p["ufid"]] += 1

    def check_miss(self, p):
        upcall = self.upcalls.get(p["upcall"])
        if not upcall:
            self.errors.append("%s: no upcall" % p["id"])
        elif ((upcall["class"], upcall["outcome"],
               upcall["error"].split()[0], upcall["datapath"],
               upcall["port"], upcall["pass"])
              != ("miss", "lost", "ENOTCONN", p["datapath"], p["port"],
                  p["id"])):
            self.errors.append("%s: its upcall is %s" % (p["id"], upcall))

    def check_times(self, u):
        """The upcall 'u' has begun after the lookup in its pass, and has ended
        before the next one on this CPU."""
        begun, ended = u["events"][0], u["events"][-1]
        lookups = sorted(p["events"][0]["ts"] for p in self.passes.values()
                         if p["events"][0]["cpu"] == begun["cpu"])
        later = [ts for ts in lookups if ts >= (begun["ts"] or 0)]
        if (not begun["ts"] or begun["ts"] < lookups[0]
                or not begun["ts"] <= ended["ts"] <= min(later, default=2**64)
                or u["latency"]["total"] != ended["ts"] - begun["ts"]):
            self.errors.append("upcall %s: from %s to %s, %s" % (
                u["id"], begun["ts"], ended["ts"], u["latency"]))

    def check_userspace(self):
        """Each flow with such an action has had an upcall for each packet,
        and nothing else had any but misses."""
        expected = collections.Counter(
            p["id"] for p in self.passes.values()
            if any("userspace" in event.get("text", "")
                   for event in p["events"]))
        seen = collections.Counter()
        for u in self.upcalls.values():
            p = self.passes.get(u["pass"])
            if not p or (p["datapath"], p["port"]) != (u["datapath"],
                                                       u["port"]):
                self.errors.append("upcall %s: its pass is %s" % (u["id"], p))
            elif u["class"] != "miss":
                seen[u["pass"]] += 1
            self.check_times(u)
        if seen != expected:
            self.errors.append("upcalls of %s, expected of %s" % (seen,
                                                                  expected))

    def check_related(self, p, parent):
        if (parent["track"] != p["track"]
                or self.packet_of(parent) != self.packet_of(p)):
            self.errors.append("%s: other packet than its parent" % p["id"])

    def check_executed(self, p):
        """With --datapath=actions, all but what is in another branch is."""
        case, _ = self.packet_of(p)
        for event in p["events"]:
            if (event["event"] == "action_execute"
                    and event["executed"] not in (None, True)
                    and case != "not-executed"):
                self.errors.append("%s: did not execute %s" % (
                    p["id"], event["text"]))

    def check_pass(self, p):
        self.kinds[" ".join(map(str, self.name_of(p))), p["lookup"]] += 1
        if p["parent"]:
            self.check_related(p, self.passes[p["parent"]])
        if p["lookup"] == "hit":
            self.check_flow(p)
            self.check_executed(p)
        else:
            self.check_miss(p)

    def check_packets(self, count):
        packets = collections.defaultdict(collections.Counter)
        for p in self.passes.values():
            packets[self.packet_of(p)][self.describe(p)] += 1
        for case, _, passes in CASES:
            expected = collections.Counter(map(parse_pass, passes.split()))
            for number in range(count):
                seen = packets.pop((case, number), collections.Counter())
                if seen != expected:
                    self.errors.append("%s %d: not seen %s, but %s" % (
                        case, number, list((expected - seen).elements()),
                        list((seen - expected).elements())))
        self.errors += ["unexpected packet: %s" % (p,) for p in packets]

    def check(self, count):
        for p in self.passes.values():
            self.check_pass(p)
        self.check_packets(count)
        self.check_userspace()
        for datapath, dump in self.dumps.items():
            for id_, packets in dump.packets.items():
                if self.hits[datapath, id_] != packets:
                    self.errors.append("%s of %s: %d hits, %d passes" % (
                        id_, datapath, packets, self.hits[datapath, id_]))
        for (name, lookup), n in sorted(self.kinds.items()):
            print("%s %s: %d" % (name, lookup, n))
        return self.errors


def main():
    if sys.argv[1:] == ["install"]:
        install()
    elif len(sys.argv) == 4 and sys.argv[1] == "send":
        send(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) == 3 and sys.argv[1] == "count":
        print(int(sys.argv[2]) * sum(len(passes.split())
                                     for _, _, passes in CASES))
    elif len(sys.argv) == 5 and sys.argv[1] == "check":
        dumps = {"system@dpa": Dump(sys.argv[3]),
                 "system@dpb": Dump(sys.argv[4])}
        checker = Checker(json.load(sys.stdin)["records"], dumps)
        errors = checker.check(int(sys.argv[2]))
        print("\n".join(errors[:20]))
        return bool(errors)
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
