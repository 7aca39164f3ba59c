#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads records of upcalls as JSON from standard input and checks that the
bytes of each TCP packet over IPv4 are all there and are those that were sent:
then the checksum is right.  Prints how many packets there are."""

import base64
import json
import struct
import sys

ETH_LEN = 14


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


def is_right(packet):
    """Returns true if the checksum of a whole packet is right."""
    ip = packet[ETH_LEN:]
    header_len = (ip[0] & 15) * 4
    segment = ip[header_len:struct.unpack("!H", ip[2:4])[0]]
    pseudo = ip[12:20] + struct.pack("!BBH", 0, ip[9], len(segment))
    return checksum(pseudo + segment) == 0xffff


def main():
    n = 0
    for record in json.load(sys.stdin):
        packet = base64.b64decode(record["packet"]["data"] or "")
        if packet[12:14] != b"\x08\0" or packet[ETH_LEN + 9] != 6:
            continue
        n += 1
        length = record["packet"]["len"]
        if len(packet) != length:
            sys.exit("%s: %d of %d bytes" % (record["id"], len(packet),
                                             length))
        if not is_right(packet):
            sys.exit("%s: the checksum is wrong" % record["id"])
    print(n)


if __name__ == "__main__":
    main()
