#! /usr/bin/env python3
#
# SPDX-License-Identifier: Apache-2.0
"""Checks what "convert --to=retis" makes of the files of a trace.

Usage: check-retis.py EVENTS FILE...

Events have to be by time, and of the kinds that the records have, as often, in
so far as each is told by one record alone.  They have to be such that "retis
sort" takes them: an enqueue comes after its upcall, and what has a queue id
after an enqueue with that (retis/src/process/tracking.rs of Retis 1.6 and 1.7).
Prints how many packets "retis sort" would tell apart, and of how many events
of which kinds each consists; packets of equal ones in one line.  Returns of
upcalls are not told, as the time of one that is handled meanwhile is not
known.  Types of
members are checked by tests/unit/retis-check.c.
"""

import collections
import json
import sys

# Events of upcalls, and what Retis calls them.
KINDS = {"upcall": "upcall", "upcall_enqueue": "upcall_enqueue",
         "upcall_return": "upcall_return", "upcall_recv": "recv_upcall",
         "flow_put": "flow_operation", "flow_exec": "flow_operation",
         "flow_tbl_lookup": "flow_lookup"}


def read(name):
    """Returns the lines of the file 'name'."""
    with open(name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def check_startup(event, startup):
    """Checks the first line, made of that of the trace."""
    about = event["startup"]
    assert about["retis_version"] == "1.7.0", event
    assert about["cmdline"].startswith("ovs-upcall-traced "), event
    assert about["machine"]["kernel_release"] == startup["kernel"], event
    offset = about["clock_monotonic_offset"]
    assert (offset["sec"] * 10**9 + offset["nsec"]
            == startup["wall_offset"]), event


def kind_of(event):
    """Returns what 'event' is called."""
    return event["ovs"]["event_type"] if "ovs" in event else "drop"


def wanted_kinds(records):
    """Returns how many events of each kind 'records' have, but actions and
    drops; several that are told of the same once."""
    wanted = collections.Counter()
    for record in records:
        seen = set()
        for event in record["events"]:
            name = event["event"]
            is_execute = record["kind"] == "pass" and name == "flow_exec"
            if (name in KINDS and name not in seen and not is_execute
                    and event["ts"] is not None):
                wanted[KINDS[name]] += 1
                seen.add(name)
    return wanted


class Sorter:
    """Tells by events which packet they are of, as "retis sort" does."""

    def __init__(self):
        self.skbs = {}
        self.queues = {}
        self.upcalls = {}
        self.packets = collections.defaultdict(list)

    def of_skb(self, event):
        """Returns the packet of an event, None if it has none."""
        skb = event.get("skb-tracking")
        if skb is None:
            return None
        key = (skb["timestamp"], skb["orig_head"])
        return self.skbs.setdefault(key, key)

    def add(self, event):
        """Adds 'event' to its packet."""
        ovs = event.get("ovs", {})
        kind = ovs.get("event_type")
        if kind == "upcall":
            packet = self.of_skb(event)
            assert packet, event
            self.upcalls[event["common"]["timestamp"], ovs["cpu"]] = packet
        elif kind == "upcall_return":
            packet = self.of_skb(event)
            self.upcalls.pop((ovs["upcall_ts"], ovs["upcall_cpu"]), None)
        elif kind == "upcall_enqueue":
            packet = self.upcalls[ovs["upcall_ts"], ovs["upcall_cpu"]]
            self.queues[ovs["queue_id"]] = packet
        elif "queue_id" in ovs:
            packet = self.queues[ovs["queue_id"]]
            skb = event.get("skb-tracking")
            if skb:
                self.skbs[skb["timestamp"], skb["orig_head"]] = packet
        else:
            packet = self.of_skb(event)
        self.packets[packet].append(kind_of(event))


def main(events_name, *names):
    """Checks, and prints what there is."""
    lines = [line for name in names for line in read(name)]
    records = [line for line in lines if "kind" in line]
    first, *events = read(events_name)
    check_startup(first, lines[0])
    times = [event["common"]["timestamp"] for event in events]
    assert times == sorted(times)
    got = collections.Counter(map(kind_of, events))
    del got["action_execute"], got["drop"]
    wanted = wanted_kinds(records)
    assert got == wanted, (got, wanted)
    numbers = {int(record["id"]) % 2**32 for record in records
               if record["kind"] == "upcall"}
    sorter = Sorter()
    for event in events:
        assert event.get("ovs", {}).get("queue_id", 0) in numbers | {0}
        sorter.add(event)
    assert None not in sorter.packets
    print("%d packets" % len(sorter.packets))
    shapes = collections.Counter()
    for kinds in sorter.packets.values():
        kinds = [kind for kind in kinds if kind != "upcall_return"]
        shapes[tuple(sorted(collections.Counter(kinds).items()))] += 1
    for shape, n in sorted(shapes.items()):
        print("%d: %s" % (n, ", ".join("%d %s" % (count, kind)
                                       for kind, count in shape)))


if __name__ == "__main__":
    main(*sys.argv[1:])
