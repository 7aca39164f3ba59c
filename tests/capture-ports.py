#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures whole packets on the devices that are ports of a datapath.

usage: capture-ports.py [--host=DEVICE]... FILE DEVICE...

Runs in the background, prints its process ID when it listens, and ends with
SIGTERM.  Then FILE gets an object of JSON, with a member for each DEVICE: a
list of [LEAVES, LENGTH, DATA], in the order in which they were there.  LEAVES
is true if DEVICE has sent the packet, false if it has received it.  DATA has
the bytes in base 16, with the VLAN tag that the kernel keeps beside them, and
without cutting what is to be cut into segments.

What DEVICE sends with its own address does not come from the datapath, and is
ignored, unless it is one of those with --host: ports to the host, of which the
datapath receives what they send.
"""

import argparse
import json
import os
import signal
import socket
import struct

ETH_P_ALL = 3                           # linux/if_ether.h
SO_RCVBUFFORCE = 33                     # asm-generic/socket.h
SOL_PACKET, PACKET_STATISTICS, PACKET_AUXDATA = 263, 6, 8
PACKET_OUTGOING = 4                     # linux/if_packet.h
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6


def open_socket(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 25)
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.bind((device, ETH_P_ALL))
    return s


def vlan_tag(ancillary):
    """Returns the tag that is beside the packet, or b""."""
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH",
                                                          data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return struct.pack("!HH", tpid if status
                                   & TP_STATUS_VLAN_TPID_VALID else 0x8100,
                                   tci)
    return b""


def own_address(device):
    with open("/sys/class/net/%s/address" % device, encoding="ascii") as file:
        return bytes.fromhex(file.read().strip().replace(":", ""))


def read_all(s, ignored):
    """Returns what has been captured."""
    packets = []
    s.setblocking(False)
    while True:
        try:
            data, ancillary, _, address = s.recvmsg(1 << 18, 256)
        except BlockingIOError:
            break
        leaves = address[2] == PACKET_OUTGOING
        if not (leaves and data[6:12] == ignored):
            data = data[:12] + vlan_tag(ancillary) + data[12:]
            packets.append([leaves, len(data), data.hex()])
    _, dropped = struct.unpack("=II", s.getsockopt(SOL_PACKET,
                                                   PACKET_STATISTICS, 8))
    if dropped:
        raise OSError("%d packets were not captured" % dropped)
    return packets


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", action="append", default=[])
    parser.add_argument("file")
    parser.add_argument("device", nargs="*")
    args = parser.parse_args()
    sockets = [(device, open_socket(device), own_address(device))
               for device in args.device]
    sockets += [(device, open_socket(device), None) for device in args.host]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    pid = os.fork()
    if pid:
        print(pid)
        return
    # Who reads what this prints must not wait for more.
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)
    signal.sigwait({signal.SIGTERM})
    captured = {device: read_all(s, ignored)
                for device, s, ignored in sockets}
    with open(args.file + ".new", "w", encoding="ascii") as file:
        json.dump(captured, file)
    os.rename(args.file + ".new", args.file)


if __name__ == "__main__":
    main()
