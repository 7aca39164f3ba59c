# SPDX-License-Identifier: Apache-2.0
"""Checks a trace that is sorted by packet against the one that it was made of:

    check-sorted.py TRACE SORTED

The lines of both must be the same, but for the first and the last.  Whatever
belongs together must be there together, in the order of time, and each record
behind what it is beneath.  Prints how many records and packets there are."""

import json
import sys


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read().splitlines()


def links_of(record):
    """Returns the id of RECORD, the ids of others of its packet, and those of
    what it is beneath, the innermost first."""
    if record["kind"] == "pass":
        others = [record["parent"], record["upcall"], record["track"]]
        above = [record["parent"]]
        if record["lookup"] is None:
            above.append(record["upcall"])
    else:
        others = [record["pass"], record["parent"], record["group"],
                  record["raw"]["track"]]
        above = [record["pass"], record["parent"]]
    return (record["id"], [link for link in others if link is not None],
            [link for link in above if link is not None])


def time_of(record):
    return min(event["ts"] for event in record["events"]
               if event.get("ts") is not None)


def find_packets(records):
    """Returns the name of the packet of each id."""
    packets = {}

    def find(link):
        packets.setdefault(link, link)
        while packets[link] != link:
            link = packets[link]
        return link

    for record in records:
        me, others, _ = links_of(record)
        for link in others:
            packets[find(link)] = find(me)
    return {link: find(link) for link in list(packets)}


def check_packet(records):
    """RECORDS are those of a packet, in their order."""
    ids = [record["id"] for record in records]
    stack = []
    times = {(): 0}
    for i, record in enumerate(records):
        me, _, above = links_of(record)
        parent = next((link for link in above if link in ids), None)
        # What is above it is the last record, or above that.
        while stack and stack[-1] != parent:
            stack.pop()
        assert parent is None or (stack and ids.index(parent) < i), me
        key = tuple(stack)
        assert times.get(key, 0) <= time_of(record), me
        times[key] = time_of(record)
        stack.append(me)


def main():
    before, after = read(sys.argv[1]), read(sys.argv[2])
    startup = json.loads(after[0])
    assert startup.pop("sorted") == "packet", startup
    old_startup = json.loads(before[0])
    old_startup.pop("sorted", None)
    assert startup == old_startup, startup
    end = None
    if '"event":"end"' in before[-1]:
        end = json.loads(after.pop())
        assert end["event"] == "end", end
        before.pop()
    assert sorted(before[1:]) == sorted(after[1:])

    lines = [json.loads(line) for line in after[1:]]
    records = [line for line in lines if "kind" in line]
    if end:
        assert end["file"] == {
            "records": len(records), "next": None,
            "missed": sum(line["records"] for line in lines
                          if "kind" not in line)}, end
    packets = find_packets(records)
    last, last_time, found = None, 0, []
    seen = set()
    for record in records:
        packet = packets.get(record["id"], record["id"])
        if packet != last:
            assert packet not in seen, record["id"]
            seen.add(packet)
            found.append([])
            last = packet
        found[-1].append(record)
    for packet in found:
        check_packet(packet)
        time = min(map(time_of, packet))
        assert time >= last_time, packet[0]["id"]
        last_time = time
    print(len(records), len(found))


main()
