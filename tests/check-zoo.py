#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flows with every action, and packets that hit them.

usage: check-zoo.py install DATAPATH
       check-zoo.py send DEVICE
       check-zoo.py execute DATAPATH
       check-zoo.py check DUMP < PASSES

"install" adds a flow for each action to DATAPATH, which no ovs-vswitchd
manages, with port 1 for what is sent and port 2, and one with several of them;
prints the actions that the kernel did not take, "expected" before those that
it or ovs-dpctl is too old for, or too new.  Those in BY_HAND are given to the
kernel as bytes, because ovs-dpctl can print but not parse them.  "send" sends
a packet for each flow from DEVICE.  "execute" asks DATAPATH to execute actions
that no kernel knows, which it must refuse.  "check" compares PASSES, the
output of upcall-trace/passes --json, with DUMP, that of "ovs-dpctl dump-flows
-m --no-names": each flow must have counted a packet and must have a pass, and
its actions must be printed exactly as there.  What ovs-dpctl does not print,
the event mask of ct, must be in the JSON.  There must be a pass for what
"execute" has asked for, with the numbers and the bytes of its actions.
"""

import errno
import json
import os
import re
import socket
import struct
import subprocess
import sys

from flow_netlink import Flows, Packets, attr

MACS = bytes.fromhex("020000000002020000000001")

UDP = "eth_type(0x0800),ipv4(proto=17,frag=no),udp(dst=%d)"
TCP = ("eth_type(0x0800),ipv4(proto=6,frag=no),tcp(dst=%d),"
       "tcp_flags(0/0)")
SCTP = "eth_type(0x0800),ipv4(proto=132,frag=no),sctp(dst=%d)"
UDP6 = "eth_type(0x86dd),ipv6(proto=17,frag=no),udp(dst=%d)"
MPLS = "eth_type(0x8847),mpls(label=%d,tc=0,ttl=64,bos=1)"
NSH = "a network service header, see nsh_key()"

# Actions, and the packets for which they make sense.
ACTIONS = [
    (UDP, "2"),
    (UDP, "drop"),
    (UDP, "userspace(pid=9)"),
    (UDP, "userspace(pid=9,userdata(0102030405),actions)"),
    (UDP, "userspace(pid=9,slow_path(lacp))"),
    (UDP, "userspace(pid=9,controller(reason=1,dont_send=0,continuation=0,"
          "recirc_id=4,rule_cookie=0x1234,controller_id=5,max_len=65535))"),
    (UDP, "set(eth(src=01:02:03:04:05:06,dst=07:08:09:0a:0b:0c)),2"),
    (UDP, "set(eth(src=01:02:03:04:05:06/ff:ff:ff:ff:ff:ff)),2"),
    (UDP, "set(eth(dst=01:02:03:00:00:00/ff:ff:ff:00:00:00)),2"),
    (UDP, "set(ipv4(ttl=63)),2"),
    (UDP, "set(ipv4(src=1.2.3.0/255.255.255.0,tos=0x4/0xfc)),2"),
    (UDP6, "set(ipv6(dst=fc00::/ffff:ffff::)),2"),
    (UDP6, "set(ipv6(label=0x5/0xff,tclass=0x4/0xfc,hlimit=9)),2"),
    (UDP, "set(ct_mark(0x5/0xff)),2"),
    (UDP, "set(ct_label(0x1/0x3)),2"),
    (UDP, "set(udp(src=53,dst=54)),2"),
    (UDP, "set(udp(dst=53/0xff)),2"),
    (TCP, "set(tcp(src=80,dst=8080)),2"),
    (SCTP, "set(sctp(src=1,dst=2)),2"),
    (UDP, "set(skb_mark(0x5)),2"),
    (UDP, "set(skb_mark(0x5/0xff)),2"),
    (UDP, "set(skb_priority(3)),2"),
    (MPLS, "set(mpls(label=7,tc=1,ttl=64,bos=1)),2"),
    (UDP, "set(tunnel(tun_id=0x7b,dst=10.9.9.9,ttl=64,tp_dst=4789,"
          "flags(df|key))),2"),
    (UDP, "set(tunnel(tun_id=0x1,dst=10.9.9.9,ttl=64,geneve({class=0xffff,"
          "type=0x80,len=4,0xa}),flags(key))),2"),
    (UDP, "set(tunnel(tun_id=0xffffffffffffffff,src=10.9.9.1,dst=10.9.9.9,"
          "tos=0xfc,ttl=255,tp_src=1234,tp_dst=4789,flags(csum|oam|key))),2"),
    (UDP, "set(tunnel(ipv6_src=fd00::1,ipv6_dst=fd00::9,ttl=64,"
          "geneve({class=0x102,type=0x80,len=4,0x50004}{class=0x103,"
          "type=0x1,len=0}),flags(df|csum))),2"),
    (UDP, "set(tunnel(tun_id=0x2,dst=10.9.9.9,ttl=64,vxlan(gbp(id=10,"
          "flags=0x8)),flags(key))),2"),
    (UDP, "set(tunnel(tun_id=0x3,dst=10.9.9.9,ttl=64,erspan(ver=1,idx=0x7),"
          "flags(key))),2"),
    (UDP, "2," + ",".join(
        "set(tunnel(tun_id=0x%x,dst=10.9.9.%d,ttl=64,flags(key))),2" % (n, n)
        for n in range(1, 31))),
    (UDP, "push_vlan(vid=5,pcp=3),2"),
    (UDP, "push_vlan(tpid=0x88a8,vid=5,pcp=0),2"),
    (UDP, "pop_vlan,2"),
    (UDP, "sample(sample=50.0%,actions(2))"),
    (UDP, "sample(sample=100.0%,actions(userspace(pid=9,userdata(01)))),2"),
    (UDP, "recirc(31)"),
    (UDP, "2,recirc(32),2"),
    (UDP, "add_mpls(label=1,tc=2,ttl=3,bos=1,eth_type=0x8847),2"),
    (UDP, "ct"),
    (UDP, "ct(commit),2"),
    (UDP, "ct(force_commit,zone=65535),2"),
    (UDP, "ct(commit,zone=7,mark=0x5/0xff,label=0x1/0x3),2"),
    (UDP, "ct(commit,zone=8,nat(src=10.7.0.1-10.7.0.9:5000-5010,hash)),2"),
    (UDP, "ct(commit,zone=9,nat(dst=10.7.0.1:80,persistent,random)),2"),
    (UDP, "ct(commit,zone=10,nat(src=10.7.0.1)),2"),
    (UDP6, "ct(commit,zone=11,nat(src=[fd00::1]-[fd00::9]:5000-5010)),2"),
    (UDP6, "ct(commit,zone=12,nat(dst=fd00::1)),2"),
    (UDP, "ct(zone=13,nat),2"),
    (TCP, "ct(commit,zone=14,helper=ftp),2"),
    (TCP, "clone(ct(commit,zone=17,helper=ftp),2),check_pkt_len(size=1500,"
          "gt(ct(commit,zone=18,helper=ftp)),le(2))"),
    (UDP, "ct(commit,zone=15,timeout=zoo),2"),
    (UDP, "ct_clear,2"),
    (UDP, "trunc(100),2"),
    (UDP, "push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x1,si=255,c1=0x1,"
          "c2=0x2,c3=0x3,c4=0x4),2"),
    (UDP, "userspace(pid=9,sFlow(vid=3,pcp=1,output=2))"),
    (UDP, "userspace(pid=9,flow_sample(probability=7,collector_set_id=1,"
          "obs_domain_id=2,obs_point_id=3,output_port=4,egress))"),
    (UDP, "userspace(pid=9,ipfix(output_port=2),tunnel_out_port=2)"),
    (UDP, "push_nsh(flags=2,ttl=62,mdtype=2,np=1,spi=0x7,si=9,"
          "md2=0x12340100),2"),
    (UDP, "add_mpls(label=5,tc=0,ttl=64,bos=0,eth_type=0x8848),2"),
    (UDP, "psample(group=7,cookie=0x0102)"),
    (UDP, "psample(group=4294967295),2"),
    (UDP, "sample(sample=50.0%,actions(psample(group=1,cookie=0x"
          "0102030405060708090a0b0c0d0e0f10))),trunc(60),psample(group=2)"),
    (UDP, "clone(2),2"),
    (UDP, "clone(set(ipv4(ttl=63)),ct(commit,zone=3),recirc(33)),2"),
    (UDP, "check_pkt_len(size=1500,gt(2),le(set(skb_mark(0x7)),2))"),
    (UDP, "check_pkt_len(size=20,gt(set(ipv4(ttl=9)),2),le(drop))"),
    (UDP, "check_pkt_len(size=1500,gt(set(tunnel(tun_id=0x4,dst=10.9.9.4,"
          "ttl=64,flags(df|key))),2),le(clone(set(tunnel(tun_id=0x5,"
          "dst=10.9.9.5,ttl=64,flags(key))),2),2)),set(tunnel(tun_id=0x6,"
          "dst=10.9.9.6,ttl=64,flags(key))),2"),
    (UDP, "sample(sample=50.0%,actions(check_pkt_len(size=9,gt(check_pkt_len("
          "size=99,gt(2),le(set(tunnel(tun_id=0x7,dst=10.9.9.7,ttl=64,"
          "flags(key))),2))),le(drop)))),set(tunnel(tun_id=0x8,dst=10.9.9.8,"
          "ttl=64,flags(key))),2"),
    (UDP, "clone(clone(sample(sample=50.0%,actions(check_pkt_len(size=9,"
          "gt(ct(commit,zone=1),recirc(34)),le(clone(2))))))),2"),
    (UDP, "push_vlan(vid=9,pcp=1),2,pop_vlan,set(skb_mark(0x5)),"
          "set(ipv4(ttl=63)),set(udp(src=53)),ct(commit,zone=2,"
          "mark=0x1/0x1,nat(src=10.7.0.1)),ct_clear,trunc(60),clone(2),"
          "sample(sample=50.0%,actions(2)),check_pkt_len(size=1500,gt(2),"
          "le(2)),set(tunnel(tun_id=0x7,dst=10.9.9.9,ttl=64,flags(key))),"
          "userspace(pid=9,userdata(01)),recirc(35)"),
]

def u32(*values):
    return struct.pack("=%dI" % len(values), *values)


# Numbers of actions and of what is in them.
(OUTPUT, SET, RECIRC, HASH, PUSH_MPLS, POP_MPLS, SET_MASKED, CT, PUSH_ETH,
 POP_ETH, POP_NSH, METER, CLONE, DEC_TTL,
 DROP) = 1, 3, 7, 8, 9, 10, 11, 12, 14, 15, 18, 19, 20, 23, 24
NOBODYS = 63                            # Of no kernel yet.
CT_COMMIT, CT_ZONE, CT_EVENTMASK = 1, 2, 8
DEC_TTL_ACTIONS = 1
(KEY_IN_PORT, KEY_ETHERNET, KEY_ETHERTYPE, KEY_TUNNEL, KEY_NSH,
 NSH_KEY_BASE, NSH_KEY_MD1) = 3, 4, 6, 16, 28, 1, 2
TUNNEL_ID, TUNNEL_IPV4_DST, TUNNEL_TTL = 0, 2, 4

OUTPUT_2 = attr(OUTPUT, u32(2))
HASH_L4 = attr(HASH, u32(0, 5))
MPLS_LABEL = attr(PUSH_MPLS, struct.pack("!IHxx", 7 << 12 | 3 << 9 | 0x140,
                                         0x8847))
MAC_PAIR = bytes(range(1, 13))
EVENTMASK = 0x30f
SET_TUNNEL = attr(SET, attr(KEY_TUNNEL, attr(
    TUNNEL_ID, bytes(7) + b"\7") + attr(TUNNEL_IPV4_DST, bytes([10, 9, 9, 9]))
                            + attr(TUNNEL_TTL, b"\x40")))


def nsh_base(path, mask=False):
    """Returns flags, TTL, type of metadata, next protocol and 'path', or the
    mask of TTL and path."""
    return (struct.pack("!BBBBI", 0, 255, 0, 0, path) if mask
            else struct.pack("!BBBBI", 0, 9, 1, 3, path))


def set_nsh(action, *parts):
    """Returns 'action', which sets those parts of an NSH header."""
    return attr(action, attr(KEY_NSH, b"".join(parts))) + OUTPUT_2


# The same with bytes, and what they are.
BY_HAND = [
    (UDP, "hash, recirc", HASH_L4 + attr(RECIRC, u32(36))),
    (UDP, "symmetric hash, recirc", attr(HASH, u32(1, 6))
     + attr(RECIRC, u32(37))),
    (UDP, "push_mpls", MPLS_LABEL + OUTPUT_2),
    (MPLS, "pop_mpls", attr(POP_MPLS, b"\x08\x00") + OUTPUT_2),
    (UDP, "pop_eth, push_eth", attr(POP_ETH) + attr(PUSH_ETH, MAC_PAIR)
     + OUTPUT_2),
    (NSH, "pop_nsh", attr(POP_NSH) + OUTPUT_2),
    (NSH, "set nsh", set_nsh(
        SET, attr(NSH_KEY_BASE, nsh_base(7 << 8 | 3)),
        attr(NSH_KEY_MD1, bytes(range(16))))),
    (NSH, "set nsh, masked", set_nsh(
        SET_MASKED, attr(NSH_KEY_BASE, nsh_base(7 << 8) + nsh_base(
            0xffffff00, True)))),
    (NSH, "set context of nsh, masked", set_nsh(
        SET_MASKED, attr(NSH_KEY_MD1, bytes(range(16)) + b"\xff" * 16))),
    (UDP, "meter", attr(METER, u32(9)) + OUTPUT_2),
    (UDP, "dec_ttl", attr(DEC_TTL, attr(DEC_TTL_ACTIONS, OUTPUT_2))
     + OUTPUT_2),
    (UDP, "dec_ttl and drop", attr(DEC_TTL, attr(DEC_TTL_ACTIONS))
     + OUTPUT_2),
    (UDP, "set tunnel in dec_ttl", attr(DEC_TTL, attr(
        DEC_TTL_ACTIONS, OUTPUT_2 + SET_TUNNEL + OUTPUT_2)) + SET_TUNNEL
     + OUTPUT_2),
    (UDP, "ct with event mask", attr(CT, attr(CT_COMMIT)
                                     + attr(CT_ZONE, struct.pack("=H", 16))
                                     + attr(CT_EVENTMASK, u32(EVENTMASK)))
     + OUTPUT_2),
    (UDP, "drop with a reason", attr(DROP, u32(4))),
    (UDP, "several", attr(CLONE, attr(METER, u32(9)) + MPLS_LABEL + OUTPUT_2)
     + attr(DEC_TTL, attr(DEC_TTL_ACTIONS, attr(CLONE, HASH_L4 + OUTPUT_2)))
     + OUTPUT_2),
]

# What no kernel executes, and how it is printed.
UNKNOWN = (OUTPUT_2 + attr(NOBODYS, b"\1\2\3\4\5") + attr(NOBODYS)
           + attr(CLONE, attr(NOBODYS, b"\xfe") + OUTPUT_2))
UNKNOWN_TEXT = "2,action63(01 02 03 04 05),action63,clone(action63(fe),2)"

# Words of what some do not take, and the first versions of Linux and of OVS
# that do.  That of NSH headers was never executed, and is no more taken by
# Linux 6.18 and what was mended since ("remove never-working support for
# setting nsh fields").
FIRST_VERSIONS = [
    ("psample(", (6, 11), (3, 4)),
    (": drop", (6, 7), (3, 3)),
    ("symmetric hash", (6, 7), (0, 0)),
    ("nsh, masked", (99, 0), (0, 0)),
    ("set nsh", (99, 0), (0, 0)),
]

# Those of which ovs-dpctl before 3.3 does not know all numbers.
UNPRINTABLE = ("dec_ttl", "dec_ttl and drop", "set tunnel in dec_ttl",
               "drop with a reason", "several")

# Keys of the packets, the flows have this order.
KEYS = [zoo[0] for zoo in ACTIONS + BY_HAND]


def number(i):
    """The port or the label of the packet for action 'i'."""
    return 1001 + i


def ufid(i):
    return "00000000-0000-0000-0000-%012x" % number(i)


def add_flow(datapath, i, actions):
    """Has ovs-dpctl add flow 'i' with 'actions', a text."""
    flow = "ufid:%s,recirc_id(0),in_port(1),eth(),%s" % (
        ufid(i), KEYS[i] % number(i))
    return subprocess.run(["ovs-dpctl", "add-flow", datapath, flow, actions],
                          capture_output=True, text=True)


def nsh_key(port, mac, eth_type, base):
    """Returns attributes of a key, or of its mask."""
    return (attr(KEY_IN_PORT, port) + attr(KEY_ETHERNET, mac)
            + attr(KEY_ETHERTYPE, eth_type)
            + attr(KEY_NSH, attr(NSH_KEY_BASE, base)))


def version(text):
    return tuple(map(int, re.search(r"(\d+)\.(\d+)", text).groups()))


def dpctl_version():
    return version(subprocess.run(["ovs-dpctl", "--version"], check=True,
                                  capture_output=True, text=True).stdout)


def is_expected(text):
    """Whether what 'text' says to be not taken cannot be."""
    linux, ovs = version(os.uname().release), dpctl_version()
    if "helper=ftp" in text:
        return not os.path.exists("/sys/module/nf_conntrack_ftp")
    return any(words in text and (linux < first_linux or ovs < first_ovs)
               for words, first_linux, first_ovs in FIRST_VERSIONS)


def print_refused(text):
    print(("expected " if is_expected(text) else "") + text)


def install_by_hand(datapath):
    """Adds the flows in BY_HAND that the kernel takes."""
    flows = Flows(datapath)
    is_old = dpctl_version() < (3, 3)
    for i, (key, name, actions) in enumerate(BY_HAND, len(ACTIONS)):
        try:
            if is_old and name in UNPRINTABLE:
                print("expected not printed: %s" % name)
            elif key == NSH:
                flows.add(ufid(i), nsh_key(
                    u32(1), bytes(12), b"\x89\x4f",
                    struct.pack("!BBBBI", 0, 0, 1, 3, number(i) << 8 | 255)),
                          nsh_key(u32(0xffffffff), bytes(12), b"\xff\xff",
                                  b"\0\0" + b"\xff" * 6), actions)
            elif add_flow(datapath, i, "2").returncode:
                print("no flow for %s" % name)
            else:
                flows.set_actions(ufid(i), actions)
        except OSError as error:
            print_refused("not taken by hand: %s: %s" % (name, error))


def install(datapath):
    """Adds all flows that the kernel takes."""
    for i, (_, actions) in enumerate(ACTIONS):
        done = add_flow(datapath, i, actions)
        if done.returncode:
            print_refused("not taken: %s: %s" % (
                actions, (done.stderr or done.stdout).strip().split("\n")[-1]))
    install_by_hand(datapath)


def execute(datapath):
    """Asks for what no kernel executes."""
    try:
        Packets(datapath).execute(frame(UDP, 9), attr(KEY_IN_PORT, u32(1)),
                                  UNKNOWN)
        sys.exit("executed")
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def ipv4(protocol, payload):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, 64,
                         protocol, 0, bytes([10, 8, 0, 1]),
                         bytes([10, 8, 0, 2]))
    return (b"\x08\x00" + header[:10] + struct.pack("!H", checksum(header))
            + header[12:] + payload)


def frame(key, n):
    """A packet that 'key' matches with 'n'."""
    udp = struct.pack("!HHHH", 4000, n, 8 + 40, 0) + bytes(40)
    if key == UDP:
        packet = ipv4(17, udp)
    elif key == TCP:
        packet = ipv4(6, struct.pack("!HHIIBBHHH", 4000, n, 1, 0, 0x50, 2,
                                     1000, 0, 0))
    elif key == SCTP:
        packet = ipv4(132, struct.pack("!HHII", 4000, n, 0, 0)
                      + b"\x01\0\0\x14" + bytes(16))
    elif key == UDP6:
        packet = b"\x86\xdd" + struct.pack(
            "!IHBB16s16s", 6 << 28, len(udp), 17, 64,
            socket.inet_pton(socket.AF_INET6, "fd00:8::1"),
            socket.inet_pton(socket.AF_INET6, "fd00:8::2")) + udp
    elif key == NSH:
        packet = (b"\x89\x4f\x0f\xc6\x01\x03" + struct.pack(
            "!IIIII", n << 8 | 255, 1, 2, 3, 4) + MACS + ipv4(17, udp))
    else:
        packet = (b"\x88\x47" + struct.pack("!I", n << 12 | 1 << 8 | 64)
                  + ipv4(17, udp)[2:])
    return MACS + packet


def send(device):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        for i, key in enumerate(KEYS):
            sock.send(frame(key, number(i)))


def parse_dump(text):
    """Returns the actions by UFID of those flows that counted a packet, and a
    list of those of the others."""
    flows, others = {}, []
    for line in text.splitlines():
        match = re.match(r"ufid:([0-9a-f-]+),.* packets:(\d+),.*"
                         r" actions:(.*)$", line)
        if match and int(match.group(2)):
            flows[match.group(1)] = match.group(3)
        elif match:
            others.append(match.group(3))
    return flows, others


def has_event_mask(id_, events):
    """Whether the event masks in 'events' of the flow 'id_' are right."""
    i = int(id_[-12:], 16) - number(len(ACTIONS))
    expected = (EVENTMASK if i >= 0 and BY_HAND[i][1] == "ct with event mask"
                else None)
    return all(event["eventmask"] == expected for event in events
               if event["action"] == "ct")


def has_values(event):
    """Whether the JSON has the tunnel or helper that its text has."""
    if event["action"] == "set" and event["field"] == "tunnel":
        return bool(event["value"]) and event["value"] in event["text"]
    if event["action"] == "ct" and "helper=" in event["text"]:
        return "helper=%s" % event["helper"] in event["text"]
    return True


def texts(p):
    """The actions of the pass 'p'."""
    return [event["text"] for event in p["events"]
            if event["event"] == "action_execute"]


def check_unknown(passes):
    """Returns a description of what is wrong with that of execute()."""
    seen = [",".join(texts(p)) for p in passes if p["lookup"] is None]
    return ([] if seen == [UNKNOWN_TEXT]
            else ["no pass: %s, but %s" % (UNKNOWN_TEXT, seen)])


def check(dump, passes):
    """Returns a description of each difference."""
    with open(dump, encoding="ascii") as file:
        flows, others = parse_dump(file.read())
    seen = {}
    for p in passes:
        if p["lookup"] == "hit":
            seen[p["ufid"]] = [event for event in p["events"]
                               if event["event"] == "action_execute"]
    wrong = ["no flow has counted a packet"] if not flows else []
    wrong += ["no packet: %s" % theirs for theirs in others]
    wrong += check_unknown(passes)
    for id_, theirs in sorted(flows.items()):
        if id_ not in seen:
            wrong.append("no pass: %s" % theirs)
            continue
        ours = ",".join(event["text"] for event in seen[id_]) or "drop"
        if ours != theirs:
            wrong.append("actions: %s instead of %s" % (ours, theirs))
        elif not all(map(has_values, seen[id_])):
            wrong.append("JSON: %s" % theirs)
        elif not has_event_mask(id_, seen[id_]):
            wrong.append("event mask: %s" % theirs)
    print("%d flows, %d passes" % (len(flows), len(passes)))
    return wrong


def main():
    commands = {"install": install, "send": send, "execute": execute}
    if len(sys.argv) != 3 or sys.argv[1] not in [*commands, "check"]:
        sys.exit(__doc__)
    if sys.argv[1] in commands:
        commands[sys.argv[1]](sys.argv[2])
        return 0
    wrong = check(sys.argv[2], json.load(sys.stdin))
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
