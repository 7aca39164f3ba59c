#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flows whose actions are executed in part, or later, and packets for them.

usage: check-executed.py install DATAPATH
       check-executed.py send DEVICE CASE [COUNT]
       check-executed.py check PORT=FILE... < PASSES

"install" adds the flows of all cases to DATAPATH, which no ovs-vswitchd
manages, with port 1 for what is sent and ports 2 and 3; prints those that the
kernel did not take.  "send" sends COUNT packets of CASE, each of which has a
number of its own.

"check" compares PASSES, the output of upcall-trace/passes --json, with the
frames that came out of each PORT, which capture-frames.py has written to FILE:
each output, also one in another action, must say that it was executed if and
only if the frame came out, and each frame must have been captured after that.
Whether an action was executed may not be unknown.  Prints a line for each kind
of packet: the case, what was executed by all passes of the packet, in the order
of time, what came of it, and why the packet was dropped.
"""

import base64
import collections
import json
import socket
import struct
import subprocess
import sys

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
]
RECIRCULATED = [
    (101, "2"),
    (102, "2"),
    (103, nest(4, "2") + ",3"),
    (201, "recirc(202)"),
    (202, "recirc(203)"),
    (203, "recirc(204)"),
    (204, "recirc(205)"),
    (205, "recirc(206)"),
    (206, "3"),
]
NAMES = [name for name, actions in CASES]


def port(case):
    return 1001 + NAMES.index(case)


def add_flow(datapath, number, key, actions):
    flow = "ufid:00000000-0000-0000-0000-%012x,%s" % (number, key)
    done = subprocess.run(["ovs-dpctl", "add-flow", datapath, flow, actions],
                          capture_output=True, text=True)
    if done.returncode:
        print("not taken: %s" % actions)


def install(datapath):
    for name, actions in CASES:
        add_flow(datapath, port(name), "recirc_id(0),in_port(1),eth(),"
                 "eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=%d)"
                 % port(name), actions)
    for recirc_id, actions in RECIRCULATED:
        add_flow(datapath, recirc_id, "recirc_id(%d),in_port(1),eth(),"
                 "eth_type(0x0800),ipv4(frag=no)" % recirc_id, actions)


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def frame(case, number):
    """The packet has its number as source port, and as mark."""
    mark = b"[%d]" % number
    payload = mark.rjust(200 if case == "long" else 40, b".")
    udp = struct.pack("!HHHH", number, port(case), 8 + len(payload),
                      0) + payload
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64,
                         17, 0, bytes([10, 8, 0, 1]), bytes([10, 8, 0, 2]))
    return (MACS + b"\x08\x00" + header[:10]
            + struct.pack("!H", checksum(header)) + header[12:] + udp)


def send(device, case, count):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.bind((device, 0))
    first = 10000 + 1000 * NAMES.index(case)
    for i in range(count):
        s.send(frame(case, first + i))


def get_case(p):
    """Returns the case of the packet of 'p', and its number."""
    data = base64.b64decode(p["packet"]["data"])
    number, port_ = struct.unpack("!HH", data[34:38])
    return NAMES[port_ - 1001], number


def flatten(events):
    """Returns all actions among 'events', with those in them."""
    for event in events:
        if "action" not in event:
            continue
        yield event
        for value in event.values():
            if isinstance(value, list):
                yield from flatten(e for e in value if isinstance(e, dict))


def show(action):
    name = (str(action["port"]["number"]) if action["action"] == "output"
            else action["action"])
    return name if not action["ret"] else "%s=%d" % (name, action["ret"])


def check(passes, captured):
    errors = []
    packets = collections.defaultdict(list)
    for p in passes:
        packets[p["track"]].append(p)
    outputs = collections.defaultdict(list)
    kinds = set()
    for track, of_packet in packets.items():
        first = next(p for p in of_packet if p["id"] == track)
        case, number = get_case(first)
        executed = []
        drops = []
        for p in of_packet:
            for action in flatten(p["events"]):
                if action["executed"] is None:
                    errors.append("%s: not known: %s" % (p["id"], action))
                elif not action["executed"]:
                    if action["ts"] is not None or action["ret"] is not None:
                        errors.append("%s: has a time: %s" % (p["id"],
                                                              action))
                else:
                    executed.append(action)
                    if action["action"] == "output":
                        outputs[number, action["port"]["number"]].append(
                            action["ts"])
            if p["latency"]["total"] is None:
                errors.append("%s: has no end" % p["id"])
            if p["drop"]:
                drops.append("drop=%s*%d" % (p["drop"]["reason"],
                                             p["drop"]["count"]))
        executed.sort(key=lambda action: action["ts"])
        kinds.add(" ".join([case + ":"] + [show(a) for a in executed]
                           + sorted(drops)))
    for key in set(outputs) | set(captured):
        said, seen = sorted(outputs[key]), sorted(captured[key])
        if len(said) != len(seen):
            errors.append("packet %d, port %d: %d outputs, %d frames"
                          % (*key, len(said), len(seen)))
        elif any(ts > high for ts, (_, high) in zip(said, seen)):
            errors.append("packet %d, port %d: came before its output" % key)
    for line in sorted(kinds):
        print(line)
    for error in errors[:20]:
        print(error, file=sys.stderr)
    sys.exit(bool(errors))


def read_captured(args):
    captured = collections.defaultdict(list)
    for arg in args:
        port_no, name = arg.split("=")
        with open(name, encoding="ascii") as file:
            for line in file:
                mark, low, high = json.loads(line)
                captured[int(mark), int(port_no)].append((low, high))
    return captured


if sys.argv[1] == "install":
    install(sys.argv[2])
elif sys.argv[1] == "send":
    send(sys.argv[2], sys.argv[3],
         int(sys.argv[4]) if len(sys.argv) > 4 else 1)
else:
    check(json.load(sys.stdin), read_captured(sys.argv[2:]))
