#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flows whose actions are executed in part, or later, and packets for them.

usage: check-executed.py install DATAPATH
       check-executed.py send DEVICE CASE [COUNT]
       check-executed.py execute DATAPATH FIRST COUNT
       check-executed.py check [--unknown] [--flows=DUMP] PORT=FILE... < PASSES

"install" adds the flows of all cases to DATAPATH, which no ovs-vswitchd
manages, with port 1 for what is sent and ports 2 and 3; prints those that the
kernel did not take.  "send" sends COUNT packets of CASE, each of which has a
number of its own.  "execute" has DATAPATH execute a request for each of COUNT
packets, as ovs-vswitchd does: they go into a tunnel at port 5, whose packets
come out of the internal port 4, and are recirculated then.  Both do this on
the first CPU.

"check" compares PASSES, the output of upcall-trace/passes --json, with the
frames that came out of each PORT, which capture-frames.py has written to FILE:
each output, also one in another action, must say that it was executed if and
only if the frame came out, and each frame must have been captured after that.
Whether an action was executed may not be unknown, but with --unknown: then as
many frames must have come out as actions are known to have been executed, and
up to as many more as are unknown.  A parent may be unknown, but not wrong: it
must be a pass of the same packet with a flow that has the recirculation.  With
--flows, each flow in DUMP, the output of "ovs-dpctl dump-flows -m", must have
as many passes as it has counted packets.  Prints a line for each kind of
packet: the case, what was executed by all passes of the packet, in the order
of time, what came of it, what is unknown, and why the packet was dropped.
"""

import base64
import collections
import json
import os
import re
import socket
import struct
import subprocess
import sys

from flow_netlink import Packets, attr

MACS = bytes.fromhex("020000000002020000000001")
VLAN = "push_vlan(vid=5,pcp=0)"


def nest(depth, inner):
    """Clones in each other which the kernel cannot but copy the key for."""
    for _ in range(depth):
        inner = "clone(%s,%s),pop_vlan" % (VLAN, inner)
    return inner


# The name of each case, and the actions for its packets.
CASES = [
    ("outputs", "2,3,2"),
    ("ct", "ct(commit,zone=7),recirc(101)"),
    ("recirc-first", "recirc(102),3"),
    ("recirc-twice", "recirc(102),2,recirc(102),3"),
    ("clone", "clone(2),clone(set(ipv4(ttl=9)),3),2"),
    ("sample", "sample(sample=50.0%,actions(2)),3"),
    ("sample-last", "sample(sample=50.0%,actions(2))"),
    ("long", "check_pkt_len(size=100,gt(2,3),le(3))"),
    ("short", "check_pkt_len(size=100,gt(2,3),le(3))"),
    ("deferred", nest(5, "2") + ",3"),
    ("deferred-recirc", "recirc(103),3"),
    ("deferred-limit", nest(3, ",".join(["clone(%s,2)" % VLAN] * 12)
                            + ",pop_vlan") + ",3"),
    ("chain", "recirc(201)"),
    ("drop", "drop"),
    ("drop-later", "clone(2),set(ipv4(ttl=9))"),
    ("changed", "set(ipv4(ttl=9)),recirc(103)"),
    ("many-actions", ",".join(["2,3"] * 40)),
    ("many-passes", ",".join(["recirc(102)"] * 20) + ",3"),
    ("many-deferred", ",".join(["recirc(103)"] * 20) + ",3"),
    ("long-chain", "recirc(301)"),
    ("twice", "recirc(103),recirc(103),3"),
    ("again", nest(4, "2") + ",set(skb_mark(0x1/0x1)),recirc(900)"),
    ("ct-limit", "clone(ct(commit,zone=4242),2),3"),
    ("ct-last", "2,ct(commit,zone=4242),3"),
    ("execute", ""),                    # No flow: it is for requests.
    ("no-port", "2,9"),
    ("mtu", "2,3"),
    ("recursion", "recirc(501)"),
]
TUNNEL, FIRST_TUNNEL = 6081, 6082       # Numbers of flows.
FIRST_TTL = 9


def to_tunnel(ttl):
    """Into the tunnel at port 5, as a packet with 'ttl' that comes out of the
    internal port 4."""
    return ("set(tunnel(tun_id=0x7,dst=10.1.9.2,ttl=%d,tp_dst=6081,"
            "flags(key))),5" % ttl)


LONG_CHAIN = [(i, "recirc(%d)" % (i + 1)) for i in range(301, 320)]
RECIRCULATED = LONG_CHAIN + [
    (101, "2"),
    (102, "2"),
    (103, nest(4, "2") + ",3"),
    (201, "recirc(202)"),
    (202, "recirc(203)"),
    (203, "recirc(204)"),
    (204, "recirc(205)"),
    (205, "recirc(206)"),
    (206, "3"),
    (320, "3"),
    (402, "3"),
    (501, "recirc(502)"),
    (502, "recirc(503)"),
    (503, to_tunnel(FIRST_TTL)),
]
NAMES = [name for name, actions in CASES]


def port(case):
    return 1001 + NAMES.index(case)


def list_flows():
    """Returns the flows, each as its number, key and actions."""
    ip = "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)"
    udp = "eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=%d)"
    tunnel = ("eth(),eth_type(0x0800),ipv4(proto=17,ttl=%d,frag=no),"
              "udp(dst=6081)")
    flows = [(port(name), "recirc_id(0),in_port(1)," + udp % port(name),
              actions) for name, actions in CASES
             if actions and name != "again"]
    flows += [(recirc_id, "recirc_id(%d),%s" % (recirc_id, ip), actions)
              for recirc_id, actions in RECIRCULATED]
    return flows + [
        # This matches the packet whatever its recirc_id is, until it is
        # marked, by itself; the mark goes away once, in the next one.
        (port("again"), "in_port(1),%s,skb_mark(0/0x1)" % udp % port("again"),
         dict(CASES)["again"]),
        (901, "recirc_id(900),skb_mark(1)," + ip,
         "set(skb_mark(2)),recirc(901)"),
        (902, "recirc_id(900),skb_mark(3)," + ip, "3"),
        (TUNNEL, "recirc_id(0),in_port(4)," + tunnel % 64,
         nest(3, "2") + ",recirc(401)"),
        (401, "recirc_id(401),in_port(4)," + tunnel % 64, "2"),
        (FIRST_TUNNEL, "recirc_id(0),in_port(4)," + tunnel % FIRST_TTL,
         to_tunnel(64))]


def add_flow(datapath, number, key, actions):
    flow = "ufid:00000000-0000-0000-0000-%012x,%s" % (number, key)
    done = subprocess.run(["ovs-dpctl", "add-flow", datapath, flow, actions],
                          capture_output=True, text=True)
    if done.returncode:
        print("not taken: %s" % actions)


def install(datapath):
    for flow in list_flows():
        add_flow(datapath, *flow)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(case, number):
    """The packet has its number as source port, and as mark."""
    mark = b"[%d]" % number
    payload = mark.rjust(200 if case in ("long", "mtu") else 40, b".")
    udp = struct.pack("!HHHH", number, port(case), 8 + len(payload),
                      0) + payload
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64,
                         17, 0, bytes([10, 8, 0, 1]), bytes([10, 8, 0, 2]))
    return (MACS + b"\x08\x00" + header[:10]
            + struct.pack("!H", checksum(header)) + header[12:] + udp)


def send(device, case, count):
    os.sched_setaffinity(0, {0})
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((device, 0))
    first = 10000 + 1000 * NAMES.index(case)
    for i in range(count):
        s.send(frame(case, first + i))


def execute(datapath, first, count):
    os.sched_setaffinity(0, {0})
    packets = Packets(datapath)
    key = (attr(2, bytes(4)) + attr(15, bytes(4))       # Priority, mark,
           + attr(3, struct.pack("=I", 1)))             # input port.
    tunnel = (attr(0, struct.pack("!Q", 7)) + attr(2, bytes([10, 1, 9, 2]))
              + attr(4, b"\x40") + attr(10, struct.pack("!H", TUNNEL)))
    actions = (attr(3, attr(16, tunnel))                # Set.
               + attr(1, struct.pack("=I", 5))          # Output.
               + attr(7, struct.pack("=I", 402)))       # Recirculation.
    for i in range(first, first + count):
        packets.execute(frame("execute", i), key, actions)


def get_case(p):
    """Returns the case of the packet of 'p', and its number."""
    data = base64.b64decode(p["packet"]["data"])
    case = None
    while struct.unpack("!H", data[36:38])[0] == TUNNEL:
        case = case or ("first-tunnel" if data[22] == FIRST_TTL else "tunnel")
        data = data[50:]
    number, port_ = struct.unpack("!HH", data[34:38])
    return case or NAMES[port_ - 1001], number


def flatten(events):
    """Returns all actions among 'events', with those in them."""
    for event in events:
        if "action" not in event:
            continue
        yield event
        for value in event.values():
            if isinstance(value, list):
                yield from flatten(e for e in value if isinstance(e, dict))


def get_actions(p):
    """Returns the actions that the flow of 'p', or its request, has."""
    if not p["ufid"]:
        return "recirc(402)"
    number = int(p["ufid"][-12:], 16)
    return next(flow[2] for flow in list_flows() if flow[0] == number)


def show(action):
    name = (str(action["port"]["number"]) if action["action"] == "output"
            else action["action"])
    return "%s=%d" % (name, action["ret"]) if action.get("ret") else name


class Checker:
    """Checks 'passes'.  If 'allow_unknown' is false, all must be known."""

    def __init__(self, passes, allow_unknown):
        self.passes = {p["id"]: p for p in passes}
        self.allow_unknown = allow_unknown
        self.errors = []
        self.kinds = set()
        self.outputs = collections.defaultdict(list)    # Their times, by
                                                        # number and port.
        self.unknown = collections.Counter()

    def error(self, format_, *args):
        self.errors.append(format_ % args)

    def check_parents(self):
        for p in self.passes.values():
            parent = self.passes.get(p["parent"])
            if p["parent"] is None:
                continue
            if (not parent or get_case(p) != get_case(parent)
                    or p["track"] != parent["track"]
                    or "recirc(%d)" % p["recirc_id"]
                    not in get_actions(parent)):
                self.error("%s: cannot come from %s", p["id"], p["parent"])

    def check_action(self, p, number, action):
        """Returns true if 'action' of 'p' was executed, None if that is
        unknown."""
        is_output = action["action"] == "output"
        key = number, action["port"]["number"] if is_output else None
        if action.get("executed"):
            if is_output:
                self.outputs[key].append(action["ts"])
        elif action.get("ts") is not None or action.get("ret") is not None:
            self.error("%s: has a time: %s", p["id"], action)
        elif action.get("executed") is None:
            self.unknown[key] += 1
            if not self.allow_unknown:
                self.error("%s: not known: %s", p["id"], action)
        return action.get("executed")

    def check_packet(self, of_packet):
        """Checks the passes of a packet, the first of which is the first."""
        case, number = get_case(of_packet[0])
        executed, unknown, drops = [], [], []
        for p in of_packet:
            for action in flatten(p["events"]):
                was = self.check_action(p, number, action)
                if was:
                    executed.append(action)
                elif was is None:
                    unknown.append(show(action))
            if p["latency"]["total"] is None and not self.allow_unknown:
                self.error("%s: has no end", p["id"])
            if p["drop"]:
                drops.append("drop=%s*%d@%s" % (
                    p["drop"]["reason"], p["drop"]["count"],
                    (p["drop"]["action"] or {}).get("action")))
        executed.sort(key=lambda action: action["ts"])
        unknown = ["unknown:"] + unknown if unknown else []
        self.kinds.add(" ".join([case + ":"] + [show(a) for a in executed]
                                + unknown + sorted(drops)))

    def check_packets(self):
        packets = collections.defaultdict(list)
        for p in self.passes.values():
            packets[p["track"]].append(p)
        for track, of_packet in packets.items():
            of_packet.sort(key=lambda p: p["id"] != track)
            self.check_packet(of_packet)

    def check_captured(self, captured, ports):
        """Checks outputs to 'ports'."""
        for key in set(self.outputs) | set(captured):
            if key[1] not in ports:
                continue
            said, seen = sorted(self.outputs[key]), sorted(captured[key])
            most = len(said) + self.unknown[key]
            if not len(said) <= len(seen) <= most:
                self.error("packet %d, port %d: %d to %d outputs, %d frames",
                           *key, len(said), most, len(seen))
            elif len(said) == len(seen) and any(
                    ts > high for ts, (_, high) in zip(said, seen)):
                self.error("packet %d, port %d: came before its output", *key)

    def check_flows(self, name):
        counted = collections.Counter(p["ufid"] for p in self.passes.values())
        with open(name, encoding="ascii") as file:
            for line in file:
                ufid, packets = re.match(r"ufid:([-0-9a-f]*).* packets:(\d+),",
                                         line).groups()
                if counted[ufid] != int(packets):
                    self.error("%s: %d passes of %s packets", ufid,
                               counted[ufid], packets)


def check(passes, args):
    options = [arg for arg in args if arg.startswith("--")]
    checker = Checker(passes, "--unknown" in options)
    checker.check_parents()
    checker.check_packets()
    files = [arg.split("=") for arg in args[len(options):]]
    checker.check_captured(read_captured(files),
                           [int(port_no) for port_no, _ in files])
    for option in options:
        if option.startswith("--flows="):
            checker.check_flows(option.split("=")[1])
    for line in sorted(checker.kinds):
        print(line)
    for error in checker.errors[:20]:
        print(error, file=sys.stderr)
    return bool(checker.errors)


def read_captured(files):
    captured = collections.defaultdict(list)
    for port_no, name in files:
        with open(name, encoding="ascii") as file:
            for line in file:
                mark, low, high = json.loads(line)
                captured[int(mark), int(port_no)].append((low, high))
    return captured


def main():
    command, *args = sys.argv[1:]
    if command == "install":
        install(args[0])
    elif command == "send":
        send(args[0], args[1], int(args[2]) if len(args) > 2 else 1)
    elif command == "execute":
        execute(args[0], int(args[1]), int(args[2]))
    else:
        sys.exit(check(json.load(sys.stdin), args))


main()
