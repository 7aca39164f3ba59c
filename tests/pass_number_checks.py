# SPDX-License-Identifier: Apache-2.0
"""The checks of check-pass-numbers.py.

Each of the functions in CHECKS takes the Evidence and yields a text for each
thing that is wrong."""

import collections

# What the rules do with a packet, by the low bits of its destination port:
# where it comes out, one of these; see exact-passes.at.
WAYS = {
    0: [("ovs-p1",)],                           # Conntrack with NAT.
    1: [("ovs-p1", "ovs-p2", "ovs-p2")],        # Recirculations in clones.
    2: [("ovs-p1",), ("ovs-p2",)],              # Group that selects.
    3: [("ovs-p1", "ovs-p3")],                  # Another bridge.
    4: [("ovs-p4",)],                           # Tunnel.
    5: [()],                                    # Drop.
    6: [("ovs-p1", "ovs-p2")],                  # Controller behind a recirc.
    7: [("ovs-p1", "ovs-p1", "ovs-p2")],        # Five zones, group of all.
}
NAT, TUNNEL = 0, 4
NAT_ADDRESS = "10.9.100.1"
IN_PORT, TUNNEL_PORT, INNER_PORT = "ovs-p0", "genev_sys_6081", "br2"

# How often the packet of each way is recirculated.
RECIRCS = {0: 2, 1: 2, 2: 1, 3: 1, 4: 0, 5: 0, 6: 1, 7: 5}


def way(dst):
    return dst & 7


def differences(expected, counted):
    """Yields a text for each difference of two Counters."""
    for key in sorted(set(expected) | set(counted), key=repr):
        if expected[key] != counted[key]:
            yield "%s: %d, not %d" % (key, counted[key], expected[key])


def check_form(e):
    yield from e.malformed
    if e.dropped:
        yield "%d records were dropped" % e.dropped
    for ident, n in collections.Counter(p.id for p in e.passes).items():
        if n > 1:
            yield "%s occurs %d times" % (ident, n)
    for p in e.passes:
        if p.number not in e.sent:
            yield "%s has packet %s, which was not sent" % (p.id, p.number)


def check_first(e):
    """Each packet came once, and those of the tunnel once more."""
    came = collections.Counter((p.port, p.number) for p in e.first())
    expected = collections.Counter((IN_PORT, number) for number in e.sent)
    expected.update((INNER_PORT, number) for number, dst in e.sent.items()
                    if way(dst) == TUNNEL)
    yield from differences(expected, came)


def check_rules(e):
    """Each packet was captured where the rules send it to."""
    for number, dst in e.sent.items():
        ports = tuple(port for port in sorted(e.got)
                      for _ in range(e.got[port][number]))
        if ports not in WAYS[way(dst)]:
            yield "packet %d came out of %s" % (number, ports)


def check_outputs(e):
    """Each output that was executed was captured, and nothing else."""
    executed = collections.Counter(
        (port, p.number) for p in e.executing() for port in p.outputs
        if port != TUNNEL_PORT)
    captured = collections.Counter({
        (port, number): n for port, numbers in e.got.items()
        for number, n in numbers.items()})
    yield from differences(captured, executed)
    entered = collections.Counter(
        p.number for p in e.executing() for port in p.outputs
        if port == TUNNEL_PORT)
    left = collections.Counter(p.number for p in e.first()
                               if p.port == INNER_PORT)
    yield from differences(left, entered)


def check_recircs(e):
    """Each recirculation that was executed began a pass, and nothing else."""
    executed = collections.Counter(
        (p.number, recirc_id) for p in e.executing()
        for recirc_id in p.recircs)
    began = collections.Counter((p.number, p.recirc_id)
                                for p in e.recirculated())
    yield from differences(executed, began)
    expected = collections.Counter({number: RECIRCS[way(dst)]
                                    for number, dst in e.sent.items()})
    yield from differences(+expected, collections.Counter(
        p.number for p in e.recirculated()))


def check_parents(e):
    """A parent is the pass of the same packet whose actions recirculate with
    this number, once for each of these."""
    passes = e.by_id()
    used = collections.Counter()
    for p in e.passes:
        if p.parent is None:
            continue
        parent = passes.get(p.parent)
        if not p.lookup or not p.recirc_id:
            yield "%s has a parent and was not recirculated" % p.id
        elif not parent:
            yield "%s: its parent %s is not there" % (p.id, p.parent)
        elif parent.number != p.number:
            yield "%s of packet %s has a parent of packet %s" % (
                p.id, p.number, parent.number)
        elif parent.lookup == "miss":
            yield "%s: its parent %s missed" % (p.id, p.parent)
        else:
            used[parent.id, p.recirc_id] += 1
            if (used[parent.id, p.recirc_id]
                    > parent.recircs.count(p.recirc_id)):
                yield "%s: its parent %s has not so often recirc(%#x)" % (
                    p.id, p.parent, p.recirc_id)


def check_tracks(e):
    """Passes of different packets have different tracks.  Those of the same
    have the same, as far as the parents and the tracks are known."""
    passes = e.by_id()
    owners = {}
    for p in e.passes:
        if p.track is None:
            continue
        owner = owners.setdefault(p.track, (p.number, p.id))
        if owner[0] != p.number:
            yield "%s of packet %s has the track of packet %s" % (
                p.id, p.number, owner[0])
        parent = passes.get(p.parent)
        if parent and parent.track not in (p.track, None):
            yield "%s has another track than its parent" % p.id
        if not p.lookup and p.upcall in e.upcalls:
            missed = passes.get(e.upcalls[p.upcall].pass_)
            if missed and missed.track not in (p.track, None):
                yield "%s has another track than its miss" % p.id


def check_upcalls(e):
    """A miss has an upcall of the same packet, which names it, and the execute
    of that is of the same packet.  Where two upcalls of a packet are equal, it
    may be unknown which of them an execute is of."""
    executes = collections.Counter()
    misses = collections.Counter()
    for p in e.passes:
        if p.upcall is None:
            continue
        upcall = e.upcalls.get(p.upcall)
        if not upcall:
            yield "%s: its upcall %s is not there" % (p.id, p.upcall)
        elif p.lookup == "hit":
            yield "%s hit and has an upcall" % p.id
        elif upcall.number != p.number:
            yield "%s of packet %s has an upcall of packet %s" % (
                p.id, p.number, upcall.number)
        elif p.lookup == "miss":
            misses[p.upcall] += 1
            if upcall.pass_ != p.id:
                yield "%s: its upcall is of %s" % (p.id, upcall.pass_)
        else:
            executes[p.upcall] += 1
    without = collections.Counter()
    for ident, upcall in e.upcalls.items():
        if misses[ident] > 1 or executes[ident] > 1:
            yield "upcall %s has %d misses and %d executes" % (
                ident, misses[ident], executes[ident])
        without[upcall.number] += upcall.executed and not executes[ident]
    unknown_ = collections.Counter(p.number for p in e.passes
                                   if not p.lookup and p.upcall is None)
    for text in differences(+without, unknown_):
        yield "upcalls without execute, of packet %s" % text


def check_action_upcalls(e):
    """An upcall that an action makes is of a pass with such an action, and of
    the same packet."""
    passes = e.by_id()
    made = collections.Counter()
    for upcall in e.upcalls.values():
        p = passes.get(upcall.pass_)
        if upcall.cls == "miss" or upcall.pass_ is None:
            continue
        elif not p:
            yield "upcall %s: its pass %s is not there" % (upcall.id,
                                                           upcall.pass_)
        elif p.number != upcall.number:
            yield "upcall %s of packet %s is in a pass of packet %s" % (
                upcall.id, upcall.number, p.number)
        else:
            made[p.id] += 1
    unknown_ = sum(u.pass_ is None for u in e.upcalls.values())
    for p in e.executing():
        n = p.actions.count("userspace(")
        if made[p.id] > n or made[p.id] < n and not unknown_:
            yield "%s has %d upcalls and %s" % (p.id, made[p.id], p.actions)


def check_flows(e):
    """The flows have counted the hits, and have the same actions."""
    hits = collections.Counter(p.ufid for p in e.passes if p.lookup == "hit")
    yield from differences(e.flow_packets(), hits)
    for p in e.passes:
        if (p.lookup == "hit" and p.ufid in e.after
                and p.actions != e.after[p.ufid][1]):
            yield "%s has %s, its flow %s" % (p.id, p.actions,
                                              e.after[p.ufid][1])
    kinds = collections.Counter(p.lookup for p in e.passes)
    counted = {"hit": kinds["hit"], "missed": kinds["miss"], "lost": 0}
    if e.lookups and e.lookups != counted:
        yield "%s, and the datapath has counted %s" % (dict(kinds), e.lookups)


def check_nat(e):
    """Behind conntrack, a packet has the other address."""
    for p in e.passes:
        if (p.number in e.sent and way(e.sent[p.number]) == NAT
                and p.lookup and p.recirc_id and "recirc" not in p.actions
                and p.source != NAT_ADDRESS and p.lookup == "hit"):
            yield "%s is from %s" % (p.id, p.source)


def check_executed(e):
    """All actions of these packets are executed."""
    for p in e.executing():
        if e.says_executed and not p.executed:
            yield "%s has executed less than %s" % (p.id, p.actions)


CHECKS = (check_form, check_first, check_rules, check_outputs, check_recircs,
          check_parents, check_tracks, check_upcalls, check_action_upcalls,
          check_flows, check_nat, check_executed)


def run_checks(e):
    """Yields (name of a check, text) of everything that is wrong."""
    for check in CHECKS:
        for text in check(e):
            yield check.__name__[len("check_"):], text


def unknown(e):
    """Returns how many links are null that could be known, by kind."""
    return {
        "parent": sum(p.parent is None for p in e.recirculated()),
        "track": sum(p.track is None for p in e.passes),
        "miss": sum(p.upcall is None for p in e.passes
                    if p.lookup == "miss"),
        "action": sum(u.pass_ is None for u in e.upcalls.values()
                      if u.cls != "miss"),
        "execute": sum(p.upcall is None for p in e.passes if not p.lookup),
    }
