#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends packets of many kinds.

usage: send-traffic.py frames DEVICE FRAME... [--ready] [--mark=N]
                       [--priority=N]
       send-traffic.py udp ADDRESS PORT SIZE [--segment=BYTES] [--count=N]
       send-traffic.py tcp-listen ADDRESS PORT
       send-traffic.py tcp-send ADDRESS PORT SIZE [--pause=FILE]

"frames" sends Ethernet frames, FRAME being NAME[:NUMBER[:MARK]].  NUMBER, by
default 0, is in the source address, so that frames with different ones need
different flows.  MARK, in brackets, takes the place of the last bytes, which
are in no flow key.  The names are those of the functions frame_*() below.
With --ready, it prints "ready" and waits for a line before.  --mark and
--priority are for the socket buffers, and are lost between namespaces.

"udp" sends N datagrams of SIZE bytes, which the kernel cuts into segments of
BYTES (UDP_SEGMENT).

"tcp-listen" accepts one connection and prints how many bytes came.  "tcp-send"
makes one and sends a byte and then SIZE bytes.  With --pause, it creates FILE
after the byte, and goes on when FILE is gone.
"""

import argparse
import os
import socket
import struct
import sys
import time

UDP_SEGMENT = 103                       # linux/udp.h

HOST2 = "02:00:00:00:00:02"


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def source(number):
    """Returns the address of the sender 'number'."""
    return struct.pack("!HI", 0x0A00, number)


def ethernet(dst, number, ethertype, payload):
    return (mac(dst) + source(number) + struct.pack("!H", ethertype)
            + payload).ljust(60, b"\0")


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ipv4(src, dst, protocol, payload, fragment=0, options=b""):
    """Returns an IPv4 packet; 'fragment' has flags and offset."""
    size = 20 + len(options)
    head = struct.pack("!BBHHHBBH4s4s", 0x40 + size // 4, 0,
                       size + len(payload), 1, fragment, 255, protocol, 0,
                       socket.inet_aton(src), socket.inet_aton(dst)) + options
    return (head[:10] + struct.pack("!H", checksum(head)) + head[12:]
            + payload)


def ipv6(next_header, payload, hop_limit=64):
    """Returns an IPv6 packet with a flow label."""
    return (struct.pack("!IHBB", 0x60012345, len(payload), next_header,
                        hop_limit)
            + socket.inet_pton(socket.AF_INET6, "fc00::1")
            + socket.inet_pton(socket.AF_INET6, "fc00::2") + payload)


def udp(port, payload):
    """Returns a UDP datagram without a checksum."""
    return struct.pack("!HHHH", 49152, port, 8 + len(payload), 0) + payload


def frame_miss(number):
    """An EtherType for experiments, which nobody answers."""
    return ethernet(HOST2, number, 0x88b5, b"x" * 46)


def frame_other(number):
    """The other such EtherType."""
    return ethernet(HOST2, number, 0x88b6, b"y" * 46)


def frame_jumbo(number):
    return ethernet(HOST2, number, 0x88b5, b"j" * 9000)


def frame_lacp(number):
    return ethernet("01:80:c2:00:00:02", number, 0x8809,
                    b"\x01\x01\x01\x14".ljust(110, b"\0"))


def frame_lldp(number):
    payload = (b"\x02\x07\x04" + source(number) + b"\x04\x03\x07p0"
               b"\x06\x02\x00\x78\x00\x00")
    return ethernet("01:80:c2:00:00:0e", number, 0x88cc, payload)


def frame_cfm(number):
    """A continuity check message."""
    return ethernet("01:80:c2:00:00:30", number, 0x8902,
                    b"\x00\x01\x04\x46".ljust(75, b"\0"))


def frame_bfd(number):
    control = struct.pack("!BBBBIIIII", 0x20, 0x40, 3, 24, 1, 0, 1000000,
                          1000000, 0)
    return ethernet("00:23:20:00:00:01", number, 0x0800,
                    ipv4("169.254.1.1", "169.254.1.0", socket.IPPROTO_UDP,
                         udp(3784, control)))


def frame_stp(number):
    """A configuration BPDU."""
    bpdu = b"\x42\x42\x03" + b"\0" * 35
    return ethernet("01:80:c2:00:00:00", number, len(bpdu), bpdu)


def frame_arp(number):
    """A request for the address of 10.1.1.9."""
    payload = (struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + source(number)
               + socket.inet_aton("10.1.1.1") + b"\0" * 6
               + socket.inet_aton("10.1.1.9"))
    return ethernet("ff:ff:ff:ff:ff:ff", number, 0x0806, payload)


def frame_mpls(number):
    """Two labels, 16 and 17."""
    return ethernet(HOST2, number, 0x8847, b"\x00\x01\x00\x40\x00\x01\x11\x40"
                    + ipv4("10.1.1.1", "10.1.1.2", socket.IPPROTO_UDP,
                           udp(7, b"mpls")))


def frame_ipv6(number):
    """UDP over IPv6, with a flow label."""
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(socket.IPPROTO_UDP, udp(7, b"ipv6")))


def frame_first(number):
    """The first fragment of a datagram for another host."""
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                         udp(7, b"f" * 992), 0x2000))


def frame_later(number):
    """The last fragment."""
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                         b"l" * 100, 125))


def frame_vlan(number):
    """A tag, in the bytes of the frame when they are sent."""
    return ethernet(HOST2, number, 0x8100, b"\x00\x0a\x88\xb5" + b"v" * 46)


def frame_qinq(number):
    """An 802.1ad tag and, inside, an 802.1Q tag."""
    return ethernet(HOST2, number, 0x88a8, b"\x60\x05\x81\x00\x40\x0a\x08\x00"
                    + ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                           udp(7, b"qinq")))


def frame_tagged(number):
    """A tag with a priority, and UDP."""
    return ethernet(HOST2, number, 0x8100, b"\x60\x0a\x08\x00"
                    + ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                           udp(7, b"tagged")))


def frame_llc(number):
    """A frame with a length in place of a type."""
    return ethernet(HOST2, number, 3, b"\x42\x42\x03")


def frame_icmp(number):
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_ICMP,
                         struct.pack("!BBHHH", 8, 0, 0xf7fd, 1, 1)))


def frame_udp(number):
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                         udp(7, b"udp")))


def frame_tcp(number):
    """A SYN."""
    ends = "10.1.1.1", "10.1.1.77"
    head = struct.pack("!HHIIBBH", 49152, 7, number, 0, 0x50, 2, 1024)
    summed = b"".join(map(socket.inet_aton, ends)) + b"\0\x06\0\x14" + head
    return ethernet(HOST2, number, 0x0800,
                    ipv4(*ends, socket.IPPROTO_TCP,
                         head + struct.pack("!HH", checksum(summed), 0)))


def frame_sctp(number):
    """An INIT without parameters, and with a wrong checksum."""
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_SCTP,
                         struct.pack("!HHIIBBHIIHHI", 49152, 7, 0, 0, 1, 0,
                                     20, 1, 1500, 1, 1, 1)))


def frame_igmp(number):
    """A report."""
    return ethernet("01:00:5e:01:01:01", number, 0x0800,
                    ipv4("10.1.1.1", "239.1.1.1", socket.IPPROTO_IGMP,
                         b"\x16\x00\xf9\xfc\xef\x01\x01\x01",
                         options=b"\x94\x04\x00\x00"))


def frame_options(number):
    """UDP behind IPv4 options (record route)."""
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                         udp(7, b"options"),
                         options=b"\x07\x07\x04\0\0\0\0\0"))


def frame_unknown(number):
    """IPv4 with a protocol for experiments."""
    return ethernet(HOST2, number, 0x0800,
                    ipv4("10.1.1.1", "10.1.1.77", 253, b"unknown."))


def frame_solicit(number):
    """Asks for the neighbor fc00::2, with the address of who asks."""
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(socket.IPPROTO_ICMPV6, b"\x87\0\0\0\0\0\0\0"
                         + socket.inet_pton(socket.AF_INET6, "fc00::2")
                         + b"\x01\x01" + source(number), 255))


def frame_advertise(number):
    """Tells the address of the neighbor fc00::2."""
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(socket.IPPROTO_ICMPV6, b"\x88\0\0\0\x60\0\0\0"
                         + socket.inet_pton(socket.AF_INET6, "fc00::2")
                         + b"\x02\x01" + source(number), 255))


def frame_ping6(number):
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(socket.IPPROTO_ICMPV6, b"\x80\0\0\0\0\x01\0\x01"))


def frame_extended(number):
    """UDP over IPv6, behind options for each hop and for the destination."""
    options = b"\x01\x04\0\0\0\0"
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(0, b"\x3c\0" + options + b"\x11\0" + options
                         + udp(7, b"extended")))


def frame_first6(number):
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(44, b"\x11\0\0\x01\0\0\0\x01"
                         + udp(7, b"f" * 40)))


def frame_later6(number):
    return ethernet(HOST2, number, 0x86dd,
                    ipv6(44, b"\x11\0\0\x30\0\0\0\x01" + b"l" * 40))


def frame_label(number):
    """A single label, 16."""
    return ethernet(HOST2, number, 0x8847, b"\x00\x01\x03\x40"
                    + ipv4("10.1.1.1", "10.1.1.2", socket.IPPROTO_UDP,
                           udp(7, b"label")))


def frame_nsh(number):
    """A network service header with four words of context, and IPv4."""
    return ethernet(HOST2, number, 0x894f, b"\x0f\xc6\x01\x01\0\x12\x34\xff"
                    + struct.pack("!IIII", 0x11223344, 0x55667788, 0, 1)
                    + ipv4("10.1.1.1", "10.1.1.77", socket.IPPROTO_UDP,
                           udp(7, b"nsh")))


def tunneled(number, port, header):
    """Returns a frame to the host 10.1.2.100 with frame_udp() in a tunnel."""
    return ethernet("02:00:00:00:01:00", number, 0x0800,
                    ipv4("10.1.2.1", "10.1.2.100", socket.IPPROTO_UDP,
                         udp(port, header + frame_udp(number))))


def frame_geneve(number):
    """A tunnel of number 7, with an option of four bytes."""
    return tunneled(number, 6081, b"\x02\0\x65\x58\0\0\x07\0"
                    b"\xff\xff\x00\x01\xde\xad\xbe\xef")


def frame_vxlan(number):
    """A tunnel of number 7, with the group 5, to a port of its own."""
    return tunneled(number, 8472, b"\x88\0\0\x05\0\0\x07\0")


def send_frames(args):
    # Packets that come from one CPU are for one handler.
    os.sched_setaffinity(0, {0})
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((args.device, 0))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, args.mark)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, args.priority)
        if args.ready:
            print("ready", flush=True)
            sys.stdin.readline()
        for frame in args.frame:
            name, number, mark = (frame + "::").split(":")[:3]
            data = globals()["frame_" + name](int(number or 0))
            mark = b"[%s]" % mark.encode() if mark else b""
            s.send(data[:len(data) - len(mark)] + mark)


def send_udp(args):
    os.sched_setaffinity(0, {0})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        if args.segment:
            s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, args.segment)
        s.connect((args.address, args.port))
        for _ in range(args.count):
            s.send(b"u" * args.size)


def tcp_listen(args):
    with socket.create_server((args.address, args.port)) as s:
        connection, _ = s.accept()
        total = 0
        with connection:
            while True:
                data = connection.recv(1 << 16)
                if not data:
                    break
                total += len(data)
    print(total)


def tcp_send(args):
    with socket.create_connection((args.address, args.port)) as s:
        s.send(b"t")
        if args.pause:
            with open(args.pause, "w", encoding="ascii"):
                pass
            while os.path.exists(args.pause):
                time.sleep(0.05)
        s.sendall(b"T" * args.size)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("frames")
    command.add_argument("device")
    command.add_argument("frame", nargs="+")
    command.add_argument("--ready", action="store_true")
    command.add_argument("--mark", type=int, default=0)
    command.add_argument("--priority", type=int, default=0)
    command.set_defaults(run=send_frames)
    for name, run in (("udp", send_udp), ("tcp-listen", tcp_listen),
                      ("tcp-send", tcp_send)):
        command = commands.add_parser(name)
        command.add_argument("address")
        command.add_argument("port", type=int)
        if name != "tcp-listen":
            command.add_argument("size", type=int)
        command.add_argument("--segment", type=int)
        command.add_argument("--count", type=int, default=1)
        command.add_argument("--pause")
        command.set_defaults(run=run)
    args = parser.parse_args()
    args.run(args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
