#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends Ethernet packets that each need a flow of their own, or all the same.

usage: send-packets.py DEVICE COUNT [--size=BYTES] [--interval=SECONDS]
                       [--first=NUMBER] [--same]

Packet number N, from --first (default 0), has N in its source address.  With
--same, all have the number of the first.
"""

import argparse
import os
import socket
import struct
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("device")
    parser.add_argument("count", type=int)
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--interval", type=float, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--same", action="store_true")
    args = parser.parse_args()

    # Packets that come from one CPU are for one handler.
    os.sched_setaffinity(0, {0})
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
        s.bind((args.device, 0))
        for i in range(args.first, args.first + args.count):
            # An EtherType for experiments, so that nobody answers.
            number = args.first if args.same else i
            head = struct.pack("!6sHI2s", b"\x02\0\0\0\0\x02", 0x0A00, number,
                               b"\x88\xb5")
            s.send(head.ljust(args.size, b"x"))
            if args.interval:
                time.sleep(args.interval)


if __name__ == "__main__":
    main()
