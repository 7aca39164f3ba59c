# SPDX-License-Identifier: Apache-2.0
"""What check-pass-numbers.py knows of numbered packets: the passes and upcalls
of a trace, and, without the trace, what was sent, what was captured behind the
output ports, and the flows and counters of the datapath."""

import base64
import collections
import dataclasses
import json
import re

MAGIC = b"numbered"

FLOW = re.compile(r"ufid:([0-9a-f-]+), .*packets:(\d+),.* actions:(.*)$")


@dataclasses.dataclass
class Pass:
    """A pass.  'number' is that in the packet, None if it has none."""
    id: str
    number: int = None
    port: str = None
    recirc_id: int = 0
    lookup: str = "hit"
    parent: str = None
    track: str = None
    upcall: str = None
    ufid: str = None
    actions: str = "drop"
    outputs: tuple = ()                 # Names of ports,
    recircs: tuple = ()                 # and numbers, of all actions.
    source: str = None                  # IPv4 address.
    executed: bool = True               # All actions, as the record says.


@dataclasses.dataclass
class Upcall:
    id: str
    number: int = None
    pass_: str = None
    cls: str = "miss"
    executed: bool = True


def number_of(data):
    """Returns the number in a packet."""
    at = data.find(MAGIC)
    return int.from_bytes(data[at + 8:at + 12], "big") if at >= 0 else None


def packet_of(record):
    return base64.b64decode(record["packet"]["data"] or "")


def walk_actions(value):
    """Yields all actions in JSON, also those within others."""
    if isinstance(value, list):
        for item in value:
            yield from walk_actions(item)
    elif isinstance(value, dict):
        if "action" in value:
            yield value
        for member in value.values():
            if isinstance(member, (dict, list)):
                yield from walk_actions(member)


def parse_pass(r):
    data = packet_of(r)
    events = [e for e in r["events"] if e["event"] == "action_execute"]
    actions = list(walk_actions(events))
    return Pass(
        id=r["id"], number=number_of(data), port=(r["port"] or {}).get("name"),
        recirc_id=r["recirc_id"], lookup=r["lookup"], parent=r["parent"],
        track=r["track"], upcall=r["upcall"], ufid=r["ufid"],
        actions=",".join(e["text"] for e in events) or "drop",
        outputs=tuple(a["port"]["name"] for a in actions
                      if a["action"] == "output"),
        recircs=tuple(a["recirc_id"] for a in actions
                      if a["action"] == "recirc"),
        source=".".join(map(str, data[26:30])),
        executed=all(a.get("executed") for a in actions))


def parse_upcall(r):
    return Upcall(id=r["id"], number=number_of(packet_of(r)),
                  pass_=r["pass"], cls=r["class"],
                  executed=r["outcome"] == "executed")


def read_lines(name):
    with open(name, encoding="utf-8") as stream:
        *lines, about = map(json.loads, stream)
    return lines, about


def read_flows(name):
    """Returns packets and actions by UFID."""
    flows = {}
    with open(name, encoding="utf-8") as stream:
        for line in stream:
            m = FLOW.match(line)
            if m:
                flows[m[1]] = (int(m[2]), m[3])
    return flows


def read_lookups(name):
    """Returns the counters of "ovs-dpctl show"."""
    with open(name, encoding="utf-8") as stream:
        m = re.search(r"hit:(\d+) missed:(\d+) lost:(\d+)", stream.read())
    return dict(zip(("hit", "missed", "lost"), map(int, m.groups())))


class Evidence:
    """Everything that is known of a round."""

    def __init__(self):
        self.passes = []
        self.upcalls = {}               # By id.
        self.malformed = []             # Texts.
        self.sent = {}                  # Number: destination port.
        self.got = {}                   # Port: Counter of numbers.
        self.before = self.after = None         # Flows.
        self.lookups = None             # Counters, of this round; None if
                                        # they are unknown.
        self.dropped = 0                # Records.
        self.says_executed = False      # Do they say which actions were?

    def read_records(self, pages):
        for page in pages:
            if page["gap"]:
                self.malformed.append("%d were forgotten" % page["gap"])
            for r in page["records"]:
                if r["kind"] == "pass":
                    self.passes.append(parse_pass(r))
                else:
                    self.upcalls[r["id"]] = parse_upcall(r)

    def read_sent(self, name):
        lines, about = read_lines(name)
        for number, _, dst, _ in lines:
            self.sent[number] = dst
        if len(lines) != about["count"]:
            self.malformed.append(name + ": not all were sent")

    def read_got(self, port, name):
        lines, about = read_lines(name)
        self.got[port] = collections.Counter(line[0] for line in lines)
        if about["lost"]:
            self.malformed.append("%s: %d were not captured"
                                  % (name, about["lost"]))

    def read_counters(self, before, after):
        """The arguments are pairs of names of files: flows, and counters."""
        self.before, self.after = read_flows(before[0]), read_flows(after[0])
        first, last = read_lookups(before[1]), read_lookups(after[1])
        self.lookups = {key: last[key] - first[key] for key in last}

    def choose(self, numbers):
        """Leaves what is known of these packets.  Those of others never have
        the same flows, and how often there was one for them is not known."""
        self.sent = {number: dst for number, dst in self.sent.items()
                     if number in numbers}
        for port, got in self.got.items():
            self.got[port] = collections.Counter({
                number: n for number, n in got.items() if number in numbers})
        flows = {p.ufid for p in self.passes}
        self.after = {ufid: flow for ufid, flow in self.after.items()
                      if ufid in flows}
        self.lookups = None

    # Asking.

    def by_id(self):
        return {p.id: p for p in self.passes}

    def executing(self):
        """Returns the passes whose actions were executed."""
        return [p for p in self.passes if p.lookup != "miss"]

    def first(self):
        """Returns the passes of packets as they came to the datapath."""
        return [p for p in self.passes if p.lookup and not p.recirc_id]

    def recirculated(self):
        return [p for p in self.passes if p.lookup and p.recirc_id]

    def flow_packets(self):
        """Returns how many packets each flow has counted in this round."""
        counted = collections.Counter()
        for ufid, (packets, _) in self.after.items():
            counted[ufid] = packets - self.before.get(ufid, (0,))[0]
        return +counted
