#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Damages a trace.

usage: damage-trace.py KIND FILE OUT

FILE has a trace without compression and without a gap.  OUT has its first 12
lines, and then what KIND says.
"""

import gzip
import json
import sys
import zlib

KEPT = 12


def cut(lines):
    """Ends within a line."""
    return b"".join(lines) + lines[-1][:200]


def flipped(lines):
    """A bit of a quote, of a number, and so on, is another one."""
    line = bytearray(lines[-1])
    line[line.index(b'"kind"')] ^= 2
    return b"".join(lines) + line + lines[-1]


def number(lines):
    """A number that no record has."""
    record = json.loads(lines[-1])
    record["events"][0]["cpu"] = -1
    return b"".join(lines) + json.dumps(record).encode() + b"\n"


def kind(lines):
    """A member of a wrong type."""
    record = json.loads(lines[-1])
    record["events"] = {"a": 1}
    return b"".join(lines) + json.dumps(record).encode() + b"\n"


def name(lines):
    """A name that no port can have: Linux has 15 bytes for it."""
    record = json.loads(lines[-1])
    record["seq"] += 1
    record["port"]["name"] = "p\\040" + "x" * 14
    return b"".join(lines) + json.dumps(record).encode() + b"\n"


def datapath(lines):
    """The same for a datapath; the longest there is, is in front of it."""
    record = json.loads(lines[-1])
    record["datapath"] = "system@" + "x" * 15
    longest = json.dumps(record).encode() + b"\n"
    record["seq"] += 1
    record["datapath"] += "x"
    return (b"".join(lines[:-1]) + longest + json.dumps(record).encode()
            + b"\n")


def packet(lines):
    """A message that no bytes are."""
    record = json.loads(lines[-1])
    record["seq"] += 1
    record["raw"]["upcall"] = "no base 64"
    return b"".join(lines) + json.dumps(record).encode() + b"\n"


def long(lines):
    """A line of 10 MB, which is allowed, and one of 17 MB, which is not."""
    record = json.loads(lines[-1])
    record["seq"] += 1
    record["id"] = str(record["seq"])
    record["other"] = "x" * 10000000
    return (b"".join(lines) + json.dumps(record).encode() + b"\n"
            + b'{"kind": "' + b"y" * 17000000 + b'"}\n')


def utf8(lines):
    """Bytes that are not UTF-8."""
    return (b"".join(lines)
            + lines[-1].replace(b'"kind":', b'"\xc3\x28":0,"kind":')
            + lines[-1])


def deep(lines):
    """Arrays in each other."""
    return b"".join(lines) + b'{"kind":' + b"[" * 1000000 + b"\n"


def nul(lines):
    """Bytes that no text has."""
    return b"".join(lines) + b"\0" * 1000 + b"\n"


def missing(lines):
    """Something that comes before what is in front of it."""
    return b"".join(lines) + lines[-2]


def bomb(lines):
    """A GB of zeros in a MB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(b"".join(lines))]
    zeros = bytes(1 << 20)
    for _ in range(1024):
        parts.append(packer.compress(zeros))
    parts.append(packer.flush())
    return b"".join(parts)


def checksum(lines):
    """A member of gzip with a wrong checksum."""
    data = bytearray(gzip.compress(b"".join(lines)))
    data[-8] ^= 1
    return data


def end(lines):
    """A member of gzip without an end."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return (packer.compress(b"".join(lines))
            + packer.flush(zlib.Z_SYNC_FLUSH))


def garbage(lines):
    """A member of gzip, and then something else."""
    return gzip.compress(b"".join(lines)) + b"\x1f\x8b\xff\xff" + bytes(100)


with open(sys.argv[2], "rb") as file:
    start = file.read().splitlines(True)[:KEPT]
with open(sys.argv[3], "wb") as file:
    file.write(globals()[sys.argv[1]](start))
