#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the OpenFlow rules of recorded flows with what ovs-vswitchd says.

usage: check-rules.py < SHOW

SHOW is the output of upcall-trace/show --json or flows --json.  Each complete
flow must have the rules that ofproto/detrace prints for it, but for counters;
or, if ofproto/trace told them, their tables and cookies.  Prints a line for
each flow: its state, the command that told its rules, and their cookies.
"""

import json
import re
import subprocess
import sys

COUNTERS = re.compile(r"(duration|n_\w+)=[0-9.]+s?, |idle_age=\d+, ")


def ask(command, *args):
    return subprocess.run(["ovs-appctl", command, *args], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def without_counters(rule):
    return COUNTERS.sub("", rule.strip())


def detrace(flow):
    """Returns what ofproto/detrace has: bridges and rules."""
    bridge, found = None, []
    for line in ask("ofproto/detrace", "ufid:" + flow["ufid"]).splitlines():
        if "=" in line:
            found.append((bridge, without_counters(line)))
        else:
            bridge = line.strip()
    return found


def trace(flow):
    """Returns what ofproto/trace has: bridges, tables and cookies."""
    bridge, found = None, []
    key = flow["datapath_flow"].split(", actions:")[0]
    for line in ask("ofproto/trace", "ovs-system", key).splitlines():
        name = re.match(r' *bridge\("(.*)"\)', line)
        rule = re.match(r" *(\d+)\. .*cookie (0x[0-9a-f]+)", line)
        if name:
            bridge = name.group(1)
        elif rule:
            found.append((bridge, *rule.groups()))
        elif line.startswith("Datapath actions"):
            break
    return found


def check(flow):
    rules = list(zip(flow["bridges"], flow["openflow"]))
    if flow["source"] == "ofproto/detrace":
        mine = [(bridge, without_counters(rule)) for bridge, rule in rules]
        expected = detrace(flow)
    else:
        pattern = re.compile(r"table=(\d+), .*cookie (0x[0-9a-f]+)")
        mine = [(bridge, *pattern.match(rule).groups())
                for bridge, rule in rules]
        expected = trace(flow)
    if not mine or mine != expected:
        sys.exit(f"{flow['ufid']} has {mine}, ovs-vswitchd says {expected}")


def main():
    for flow in json.load(sys.stdin):
        flow = flow.get("flow", flow)
        if flow is None:
            continue
        if flow["state"] == "complete":
            check(flow)
        cookies = re.findall(r"cookie[ =](0x[0-9a-f]+)",
                             " ".join(flow["openflow"]))
        print(flow["state"], flow["source"], *cookies)


main()
