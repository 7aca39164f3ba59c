#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures frames with marks where they come out of the datapath.

usage: capture-frames.py DEVICE FILE

Runs in the background, prints its process ID when it listens, and ends with
SIGTERM.  FILE gets a line of JSON for each frame that send-traffic.py has
marked: [MARK, LOW, HIGH].  The kernel passed it to DEVICE, which if that is a
veth device is within the action "output", between the times LOW and HIGH of
CLOCK_MONOTONIC, in nanoseconds.  Other frames are ignored.
"""

import json
import os
import re
import socket
import struct
import sys
import time

ETH_P_ALL = 3                           # linux/if_ether.h
SO_TIMESTAMPNS = 35                     # asm-generic/socket.h
SO_RCVBUFFORCE = 33

MARK = re.compile(rb"\[(\w+)\]$")


def clock_limits():
    """Returns limits of CLOCK_REALTIME - CLOCK_MONOTONIC, which are narrow
    because they are those of many measurements."""
    low, high = -1 << 63, 1 << 63
    for _ in range(100):
        before = time.monotonic_ns()
        real = time.time_ns()
        after = time.monotonic_ns()
        low, high = max(low, real - after), min(high, real - before)
    return low, high


def timestamp(ancillary):
    """Returns the time in what recvmsg() has returned."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, ns = struct.unpack("@ll", data[:struct.calcsize("@ll")])
            return seconds * 10**9 + ns
    raise ValueError("no time of a frame")


def capture(s, stream):
    while True:
        frame, ancillary, _, address = s.recvmsg(1 << 16, 256)
        mark = MARK.search(frame)
        if mark and address[2] != socket.PACKET_OUTGOING:
            real = timestamp(ancillary)
            low, high = clock_limits()
            json.dump([mark[1].decode(), real - high, real - low], stream)
            stream.write("\n")
            stream.flush()


def main():
    device, name = sys.argv[1:]
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    s.bind((device, ETH_P_ALL))
    with open(name, "a", encoding="ascii") as stream:
        pid = os.fork()
        if pid:
            print(pid)
            return
        # Who reads what this prints must not wait for more.
        null = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        capture(s, stream)


if __name__ == "__main__":
    main()
