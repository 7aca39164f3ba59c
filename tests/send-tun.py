#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has UDP packets come from a tun device, which have no Ethernet header.

usage: send-tun.py DEVICE VERSION:SOURCE:DESTINATION...

Each packet is of IP with VERSION, from port SOURCE to DESTINATION.
"""

import fcntl
import ipaddress
import os
import struct
import sys

TUNSETIFF = 0x400454ca
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000

# The addresses of each version.
HOSTS = {4: ("10.1.1.1", "10.1.1.2"), 6: ("fd00::1", "fd00::2")}


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


def packet(version, source, destination):
    src, dst = (ipaddress.ip_address(a).packed for a in HOSTS[version])
    udp = struct.pack("!HHHH", source, destination, 8 + 20, 0) + bytes(20)
    if version == 6:
        header = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64)
        return header + src + dst + udp
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0)
    header += src + dst
    return (header[:10] + struct.pack("!H", checksum(header)) + header[12:]
            + udp)


def main():
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(),
                                               IFF_TUN | IFF_NO_PI))
    for arg in sys.argv[2:]:
        os.write(device, packet(*map(int, arg.split(":"))))


main()
