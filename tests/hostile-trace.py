#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a trace of which each record is about something else.

usage: hostile-trace.py KIND COUNT FILE OUT

FILE has a trace that make-trace has written.  OUT, which is compressed, gets
COUNT of its upcalls and of its passes, in each of which KIND is another one:
ports, datapaths, names, threads or all.
"""

import base64
import gzip
import json
import struct
import sys

KIND, COUNT = sys.argv[1], int(sys.argv[2])

# What is in the templates in place of what changes.
SEQ, ID, PORT, DATAPATH, NAME, TID = (
    1111111111, 1222222222, 1333333333, 1444444444, "@name@", 1555555555)


def find(kind):
    """Returns the first line of a kind."""
    with open(sys.argv[3], encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            if record.get("kind") == kind:
                return record
    sys.exit("no %s" % kind)


def mark(record):
    """Puts in what changes."""
    record["seq"] = SEQ
    record["port"] = {"name": NAME, "number": PORT}
    record["datapath"] = "system@" + NAME
    record["raw"]["dp_ifindex"] = DATAPATH
    if "port" in record["raw"]:
        record["raw"]["port"] = PORT
    for event in record["events"]:
        if event.get("tid"):
            event["tid"] = TID
            event["comm"] = "t" + NAME
    return record


def patch(text, old, new, datapath):
    """Changes the input port of a message, an attribute of its key of type 3,
    and the datapath, which is in the third of its headers."""
    data = bytearray(base64.b64decode(text).replace(
        struct.pack("=HHI", 8, 3, old), struct.pack("=HHI", 8, 3, new)))
    struct.pack_into("=I", data, 20, datapath)
    return base64.b64encode(data).decode()


def make_upcall():
    """Returns an upcall as a template, and what it has where the port is."""
    record = find("upcall")
    number = record["port"]["number"]
    mark(record)
    record["id"] = str(ID)
    record["parent"] = None
    return json.dumps(record), record["raw"]["upcall"], number


def make_pass():
    """Returns a pass as a template."""
    record = mark(find("pass"))
    record["id"] = record["raw"]["root"] = "p%d" % ID
    record["upcall"] = record["parent"] = None
    return json.dumps(record)


def value(kind, number, other):
    """Returns what is in record 'number' in place of KIND."""
    return number if KIND in (kind, "all") else other


def fill(text, number):
    """Returns a line."""
    for old, new in ((SEQ, number), (ID, number),
                     (PORT, value("ports", number, 3)),
                     (DATAPATH, value("datapaths", number, 5)),
                     (NAME, "n%d" % value("names", number, 3)),
                     (TID, value("threads", number, 7))):
        text = text.replace(str(old), str(new))
    return text + "\n"


upcall, message, port = make_upcall()
passes = make_pass()
with gzip.open(sys.argv[4], "wt", compresslevel=1) as out:
    with open(sys.argv[3], encoding="utf-8") as file:
        out.write(file.readline())
    for i in range(1, COUNT + 1):
        out.write(fill(upcall, 2 * i).replace(message, patch(
            message, port, value("ports", 2 * i, 3),
            value("datapaths", 2 * i, 5))))
        out.write(fill(passes, 2 * i + 1))
