#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares recorded flows with those of the datapath.

usage: check-flows.py [--flows=FILE] [--text=FILE] DUMP < SHOW

SHOW is the output of upcall-trace/show --json, and DUMP that of "ovs-appctl
dpctl/dump-flows -m --no-names" meanwhile.  Each flow that a record has put
must match in the datapath what the record says, field by field, and have the
same actions; but for the differences that expected_fields() has.  With --flows
and --text, FILE, the output of upcall-trace/flows with --json and without,
must tell the same, and which flows the datapath has installed otherwise.

Prints the fields that are matched, exactly or in part, the actions, what
became of flows that were not installed, and the differences that were
expected.  Fails, and says why, if there is another.
"""

import argparse
import collections
import json
import re
import sys

# Those of the connection's state, as odp_ct_state_to_string() of OVS has them.
CT_STATES = {"new": 0x01, "est": 0x02, "rel": 0x04, "rpl": 0x08, "inv": 0x10,
             "trk": 0x20, "snat": 0x40, "dnat": 0x80}

EXACT = "exact"


def split(text, separator=","):
    """Splits 'text' at what is in no parentheses or braces."""
    parts, depth = [""], 0
    for c in text:
        depth += (c in "({") - (c in ")}")
        if depth < 0:
            raise ValueError("unbalanced: %s" % text)
        if c == separator and not depth:
            parts.append("")
        else:
            parts[-1] += c
    if depth:
        raise ValueError("unbalanced: %s" % text)
    return [part for part in parts if part]


def is_zero(mask):
    """Whether 'mask' has nothing but zeros, in whichever notation."""
    return re.fullmatch(r"(0x)?[0.: ]+", mask) is not None


def parse_value(text):
    """Returns value and mask of a field."""
    value, mask = (split(text, "/") + [EXACT])[:2]
    return value.lower(), mask.lower()


def parse_ct_state(text):
    """Returns value and mask of "0x21/0x37", "+new-est+trk" or "new|trk"."""
    if re.match(r"0x|0", text):
        value, mask = parse_value(text)
        return (int(value, 16),
                0xffffffff if mask == EXACT else int(mask, 16))
    flags = re.findall(r"([-+|]?)(\w+)", text)
    value = sum(CT_STATES[name] for sign, name in flags if sign != "-")
    masked = sum(CT_STATES[name] for sign, name in flags)
    return value, masked if flags[0][0] in ("+", "-") else 0xffffffff


def parse_field(field, prefix, fields):
    """Adds what is in 'field' to 'fields', a list of name, value and mask."""
    nested = re.fullmatch(r"([\w]+)\((.*)\)", field)
    named = re.fullmatch(r"([\w]+)=(.*)", field)
    if nested and nested.group(1) == "ct_state":
        fields.append((prefix + "ct_state",
                       *parse_ct_state(nested.group(2) or "0/0")))
    elif nested and re.match(r"key\d+$", nested.group(1)):
        fields.append((prefix + nested.group(1),
                       *parse_value(nested.group(2))))
    elif nested:
        parse_fields(nested.group(2), prefix + nested.group(1) + ".", fields)
    elif named:
        fields.append((prefix + named.group(1),
                       *parse_value(named.group(2))))
    elif field.startswith("{"):
        # Options of Geneve, of which zeros may be any number.
        for option in field[1:-1].split("}{"):
            parse_fields(option, prefix + "option.", fields)
    else:
        fields.append((prefix[:-1], *parse_value(field)))


def parse_fields(text, prefix="", fields=None):
    """Returns what the flow 'text' matches, sorted: name, value and mask of
    each field, but for those with a mask of zeros.  "encap(vlan(vid=5))" is
    "encap.vlan.vid"."""
    fields = [] if fields is None else fields
    for field in split(text):
        parse_field(field, prefix, fields)
    return sorted((name, value, mask) for name, value, mask in fields
                  if mask and not (isinstance(mask, str) and is_zero(mask)))


def parse_dump(name):
    """Returns match and actions of each flow of dpctl/dump-flows -m, by
    ufid."""
    flows = {}
    with open(name, encoding="utf-8") as stream:
        for line in stream:
            ufid, match, actions = re.fullmatch(
                r"ufid:([-0-9a-f]+), (.*?), packets:.*?, actions:(.*?)"
                r"(?:, dp-extra-info:.*)?\n", line).groups()
            flows[ufid] = match, actions
    return flows


# What the datapath may have otherwise, and nothing else.

STALE_VLAN = """the tag of a VLAN that is not matched
  A mask of zeros for a VLAN is as good as none for parse_flow_mask_nlattrs()
  in net/openvswitch/flow_netlink.c of Linux, and then
  __parse_vlan_from_nlattrs() takes the attribute that it has read last: that
  of the outer mask or of the key.  The flow matches these bits of the tag."""

NSH_CONTEXT = """the context of an NSH whose type is not matched
  Linux tells the context only of a masked key that has type 1
  (nsh_key_to_nlattr() in net/openvswitch/flow_netlink.c), and
  format_odp_nsh_attr() in lib/odp-util.c of OVS prints zeros, matched exactly,
  for a context that is not told."""


def tags(text):
    """Returns the tags, outermost first, that the flow 'text' has: each a
    value and a mask of 16 bits, None if nothing of it is matched.  Matches
    have the CFI bit always, since otherwise the kernel takes none."""
    found = []
    while "encap(" in text:
        outer, _, text = text.partition("encap(")
        vlan = re.search(r"vlan\((.*?)\)", outer)
        if not vlan:
            found.append(None)
            continue
        value = mask = 0x1000
        for name, v, m in parse_fields(vlan.group(1)):
            shift, bits = {"vid": (0, 0xfff), "pcp": (13, 7)}[name]
            value |= int(v) << shift
            mask |= (bits if m == EXACT else int(m, 16)) << shift
        found.append((value, mask))
    return found


def tag_fields(prefix, value, mask):
    """Returns the fields of a match on the tag 'value' with 'mask'."""
    return [(prefix + name, str((value & mask) >> shift & bits),
             EXACT if mask >> shift & bits == bits
             else hex(mask >> shift & bits))
            for name, shift, bits in (("vlan.pcp", 13, 7),
                                      ("vlan.vid", 0, 0xfff))
            if mask >> shift & bits]


def stale_tags(packet, match):
    """Returns the fields of tags that the kernel adds to 'match', which was
    put for 'packet'."""
    fields = []
    values = [value for value, _ in tags(packet)]
    last = values[-1] if values else 0
    for level, tag in enumerate(tags(match)):
        if tag is None:
            fields += tag_fields("encap." * level, values[level], last)
        else:
            last = tag[1]
    return fields


def expected_fields(packet, match):
    """Returns the fields that the datapath says of a flow that was put for
    'packet' with 'match', both as text, and why they are others."""
    fields = parse_fields(match)
    why = []
    added = stale_tags(packet, match)
    if added:
        fields += added
        why.append(STALE_VLAN)
    if ("nsh(" in match
            and not {("nsh.mdtype", "1", EXACT)}.intersection(fields)):
        context = ["nsh.c%d" % i for i in range(1, 5)]
        fields = [field for field in fields if field[0] not in context]
        fields += [(name, "0x0", EXACT) for name in context]
        why.append(NSH_CONTEXT)
    return sorted(fields), why


# Reports.

def action_names(actions):
    """Returns the names of 'actions', also of those inside of others; of
    set(), with the field."""
    names = set()
    for action in split(actions):
        name, _, inside = action.partition("(")
        if re.match(r"\d", name):
            name = "output"
        if name in ("actions", "gt", "le", "clone", "sample", "check_pkt_len"):
            names |= action_names(inside[:-1])
        if name in ("set", "ct", "hash"):
            names |= {"%s %s" % (name, re.split("[(=]", argument)[0])
                      for argument in split(inside[:-1])}
        names.add(name)
    return {name for name in names
            if "=" not in name and name not in ("actions", "gt", "le")}


def packet_kinds(packet):
    """Returns words on what kind of packet one with the key 'packet' is."""
    return {"%s=%s" % (name, value) for name, value, _ in parse_fields(packet)
            if re.search(r"(^|\.)(eth_type|proto|frag|type)$", name)
            and not name.startswith(("ct_", "tunnel"))}


def describe(fields):
    return (" ".join(sorted("%s=%s/%s" % field for field in fields))
            or "nothing")


class Checker:
    def __init__(self, dump):
        self.dump = dump
        self.status = 0
        self.kinds = collections.defaultdict(set)
        self.actions = set()
        self.packets = set()
        self.differences = {}           # Lists of reasons, by ufid.
        self.flows = {}                 # Texts, by ufid.
        self.put = set()                # Ufids, also of refused flows.

    def wrong(self, *what):
        print("wrong:", *what)
        self.status = 1

    def add(self, packet, fields, actions):
        """Remembers what was compared."""
        for name, _, mask in fields:
            self.kinds[name].add("exact" if mask == EXACT else "masked")
        self.actions |= action_names(actions)
        self.packets |= packet_kinds(packet)

    def check_match(self, ufid, packet, mine, theirs):
        """Compares what a record and the datapath say a flow matches."""
        a, why = expected_fields(packet, mine)
        b = parse_fields(theirs)
        # A packet without an Ethernet header is one without this field.
        if a == b and ("eth(" in mine) == ("eth(" in theirs):
            self.differences[ufid] = why
            return
        self.wrong("ufid:%s\n record:   %s\n datapath: %s\n only expected: "
                   "%s\n only in the datapath: %s"
                   % (ufid, mine, theirs, describe(set(a) - set(b)),
                      describe(set(b) - set(a))))

    def check_record(self, record):
        flow = record["flow"]
        if not flow:
            if (any(event["event"] == "flow_put"
                    for event in record["events"])
                    or record["put"] and record["put"]["result"] != "none"):
                self.wrong("a put without a flow:", record)
            return
        ufid = flow["ufid"]
        self.put.add(ufid)
        put = next(event for event in record["events"]
                   if event["event"] == "flow_put")
        if record["put"]["result"] != "installed":
            if record["put"]["result"] not in ("refused", "duplicate"):
                self.wrong("a flow without a put:", record)
            print("not installed: %s, %s: %s"
                  % (record["put"]["result"], record["put"]["error"],
                     flow["datapath_flow"]))
            return
        if ufid not in self.dump:
            self.wrong("ufid:%s is not in the datapath: %s"
                       % (ufid, flow["datapath_flow"]))
            return
        if (flow["datapath_flow"]
                != "%s, actions:%s" % (put["key"], put["actions"])):
            self.wrong("the event differs from the flow:", put, flow)
        match, actions = self.dump[ufid]
        self.flows[ufid] = flow["datapath_flow"]
        self.check_match(ufid, record["packet"]["flow"], put["key"], match)
        if put["actions"] != actions:
            self.wrong("ufid:%s\n record:   %s\n datapath: %s"
                       % (ufid, put["actions"], actions))
        self.add(record["packet"]["flow"], parse_fields(put["key"]),
                 put["actions"])

    def check_flows(self, flows):
        """Checks what upcall-trace/flows --json says."""
        for flow in flows:
            ufid = flow["ufid"]
            if self.flows.get(ufid) not in (None, flow["datapath_flow"]):
                self.wrong("%s is %s in flows" % (self.flows[ufid], flow))
            why = self.differences.get(ufid)
            if (why is not None
                    and (flow["installed_as"] is not None)
                    != (STALE_VLAN in why)):
                self.wrong("installed_as of", flow)
        missing = set(self.flows) - {flow["ufid"] for flow in flows}
        if missing:
            self.wrong("not in flows:", missing)

    def check_text(self, text):
        """Checks what upcall-trace/flows says."""
        lines = set(text.splitlines())
        for flow in self.flows.values():
            if "  " + flow not in lines:
                self.wrong("not in the text of flows:", flow)

    def check_all(self):
        """Checks that the datapath has no flow that was not recorded."""
        for ufid in set(self.dump) - self.put:
            self.wrong("not recorded:", ufid, *self.dump[ufid])

    def print_all(self):
        for name, kinds in sorted(self.kinds.items()):
            print("field %s: %s" % (name, ", ".join(sorted(kinds))))
        for kind in sorted(self.packets):
            print("packet", kind)
        for action in sorted(self.actions):
            print("action %s" % action)
        for why in sorted(set(sum(self.differences.values(), []))):
            print("expected:", why)
        print("%d flows" % len(self.flows))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dump")
    parser.add_argument("--flows")
    parser.add_argument("--text")
    args = parser.parse_args()
    checker = Checker(parse_dump(args.dump))
    for record in json.load(sys.stdin):
        checker.check_record(record)
    checker.check_all()
    if args.flows:
        with open(args.flows, encoding="utf-8") as stream:
            checker.check_flows(json.load(stream))
    if args.text:
        with open(args.text, encoding="utf-8") as stream:
            checker.check_text(stream.read())
    checker.print_all()
    return checker.status


if __name__ == "__main__":
    sys.exit(main())
