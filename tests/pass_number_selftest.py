# SPDX-License-Identifier: Apache-2.0
"""The self-test of check-pass-numbers.py: each of the functions in MUTATIONS
changes evidence in which nothing is wrong as a fault of the tracer would, and
that must be noticed."""

import collections
import copy

from pass_number_checks import NAT_ADDRESS, run_checks, unknown
from pass_numbers import Evidence, Pass, Upcall

# Each flow: actions, outputs, recirculations.
FLOWS = {
    "nat": ("ct(zone=1,nat),recirc(0x1)", (), (1,)),
    "nat-1": ("ct(commit,zone=1,nat(src=10.9.100.1)),recirc(0x2)", (), (2,)),
    "nat-2": ("2", ("ovs-p1",), ()),
    "clone": ("clone(ct(zone=3),recirc(0x3)),clone(ct(zone=3),recirc(0x3)),2",
              ("ovs-p1",), (3, 3)),
    "clone-3": ("3", ("ovs-p2",), ()),
    "tunnel": ("set(tunnel(tun_id=0x1,dst=10.0.0.1,ttl=64)),6",
               ("genev_sys_6081",), ()),
    "inner": ("5", ("ovs-p4",), ()),
    "drop": ("drop", (), ()),
    "control": ("ct(zone=8),recirc(0x4),userspace(pid=9),3", ("ovs-p2",),
                (4,)),
    "control-4": ("2", ("ovs-p1",), ()),
}

# The flows of a packet by its way: (place of the parent, recirc_id, flow).
PASSES = {
    0: [(None, 0, "nat"), (0, 1, "nat-1"), (1, 2, "nat-2")],
    1: [(None, 0, "clone"), (0, 3, "clone-3"), (0, 3, "clone-3")],
    4: [(None, 0, "tunnel"), (None, 0, "inner")],
    5: [(None, 0, "drop")],
    6: [(None, 0, "control"), (0, 4, "control-4")],
}


def add_pass(e, number, flow, parent=None, recirc_id=0, **members):
    actions, outputs, recircs = FLOWS[flow]
    p = Pass(id="p%d" % (len(e.passes) + 1), number=number, port="ovs-p0",
             recirc_id=recirc_id, ufid=flow, actions=actions, outputs=outputs,
             recircs=recircs, source="10.9.1.1")
    if flow == "inner":
        p.port = "br2"
    elif flow == "nat-2":
        p.source = NAT_ADDRESS
    p.parent, p.track = parent and parent.id, parent.track if parent else p.id
    for name, value in members.items():
        setattr(p, name, value)
    e.passes.append(p)
    if p.lookup != "miss":
        for port in outputs:
            if port in e.got:
                e.got[port][number] += 1
    return p


def add_packet(e, number, kind):
    passes = []
    e.sent[number] = 1024 + kind
    for place, recirc_id, flow in PASSES[kind]:
        parent = None if place is None else passes[place]
        passes.append(add_pass(e, number, flow, parent, recirc_id))
        if flow == "control":
            e.upcalls["c%d" % number] = Upcall(
                id="c%d" % number, number=number, pass_=passes[-1].id,
                cls="controller", executed=False)


def add_missed(e, number):
    """Adds a packet of which the first pass missed."""
    e.sent[number] = 1024 + 1
    upcall = e.upcalls[str(number)] = Upcall(id=str(number), number=number)
    miss = add_pass(e, number, "clone", lookup="miss", ufid=None, outputs=(),
                    recircs=(), actions="drop", upcall=upcall.id)
    upcall.pass_ = miss.id
    execute = add_pass(e, number, "clone", lookup=None, ufid=None,
                       recirc_id=None, track=miss.track, upcall=upcall.id)
    add_pass(e, number, "clone-3", execute, 3)
    add_pass(e, number, "clone-3", execute, 3)


def synthetic_evidence():
    """Returns evidence in which nothing is wrong."""
    e = Evidence()
    e.got = {"ovs-p%d" % i: collections.Counter() for i in range(1, 5)}
    for number in range(0, 48, 6):
        for i, kind in enumerate(PASSES):
            add_packet(e, number + i, kind)
        add_missed(e, number + 5)
    hits = collections.Counter(p.ufid for p in e.passes if p.lookup == "hit")
    e.before = {flow: (1, FLOWS[flow][0]) for flow in FLOWS}
    e.after = {flow: (1 + hits[flow], FLOWS[flow][0]) for flow in FLOWS}
    e.lookups = {"hit": sum(hits.values()), "lost": 0,
                 "missed": sum(p.lookup == "miss" for p in e.passes)}
    return e


# Mutations.

def a_pass(e, condition):
    return [p for p in e.passes if condition(p)][2]


def has_parent(p):
    return p.parent is not None


def forget_pass(e):
    e.passes.remove(a_pass(e, has_parent))


def repeat_pass(e):
    e.passes.append(e.passes[0])


def wrong_number(e):
    a_pass(e, lambda p: p.number == 12).number = 18


def wrong_port(e):
    a_pass(e, lambda p: not p.recirc_id).port = "ovs-p1"


def next_parent(e):
    """As another packet of the same way has it."""
    a, b = [p for p in e.passes if p.ufid == "clone-3"][1:4:2]
    a.parent, b.parent = b.parent, a.parent


def grandparent(e):
    p = a_pass(e, lambda p: p.ufid == "nat-2")
    p.parent = {q.id: q for q in e.passes}[p.parent].parent


def missed_parent(e):
    p = a_pass(e, lambda p: p.ufid == "clone-3" and p.number % 6 == 5)
    p.parent = e.upcalls[str(p.number)].pass_


def invented_parent(e):
    a_pass(e, lambda p: p.ufid == "inner").parent = e.passes[0].id


def unknown_parent(e):
    a_pass(e, has_parent).parent = None


def other_track(e):
    a_pass(e, has_parent).track = e.passes[0].track


def own_track(e):
    p = a_pass(e, has_parent)
    p.track = p.id


def execute_of_other_track(e):
    p = a_pass(e, lambda p: not p.lookup)
    p.track = p.id


def exchange_upcalls(e):
    a, b = [p for p in e.passes if not p.lookup][:2]
    a.upcall, b.upcall = b.upcall, a.upcall


def exchange_misses(e):
    a, b = [p for p in e.passes if p.lookup == "miss"][:2]
    a.upcall, b.upcall = b.upcall, a.upcall


def unknown_upcall(e):
    a_pass(e, lambda p: p.lookup == "miss").upcall = None


def unknown_execute(e):
    a_pass(e, lambda p: not p.lookup).upcall = None


def forget_execute(e):
    """With all that follows."""
    execute = a_pass(e, lambda p: not p.lookup)
    execute.lookup, execute.upcall, execute.ufid = "miss", None, None


def child_upcall(e):
    """As if the upcall were that of the pass that ended just before."""
    upcall = e.upcalls["c10"]
    upcall.pass_ = next(p.id for p in e.passes if p.parent == upcall.pass_)


def next_upcall(e):
    a, b = e.upcalls["c10"], e.upcalls["c16"]
    a.pass_, b.pass_ = b.pass_, a.pass_


def unknown_pass(e):
    e.upcalls["c10"].pass_ = None


def wrong_flow(e):
    a_pass(e, lambda p: p.ufid == "clone-3").ufid = "nat-2"


def wrong_actions(e):
    a_pass(e, lambda p: p.ufid == "drop").actions = "2"


def lose_action(e):
    a_pass(e, lambda p: p.outputs).outputs = ()


def invent_action(e):
    a_pass(e, lambda p: p.outputs == ("ovs-p1",)).outputs += ("ovs-p3",)


def not_executed(e):
    a_pass(e, lambda p: p.recircs).executed = False
    e.says_executed = True


def lose_recirculation(e):
    a_pass(e, lambda p: p.recircs).recircs = ()


def wrong_recirculation(e):
    a_pass(e, lambda p: p.recirc_id).recirc_id = 9


def before_nat(e):
    a_pass(e, lambda p: p.source == NAT_ADDRESS).source = "10.9.1.1"


def lose_packet(e):
    e.got["ovs-p4"].popitem()


def miscount(e):
    e.lookups["hit"] += 1


def lose_records(e):
    e.dropped = 1


MUTATIONS = (
    forget_pass, repeat_pass, wrong_number, wrong_port, next_parent,
    grandparent, missed_parent, invented_parent, unknown_parent, other_track,
    own_track, execute_of_other_track, exchange_upcalls, exchange_misses,
    unknown_upcall, unknown_execute, forget_execute, child_upcall, next_upcall,
    unknown_pass, wrong_flow, wrong_actions, lose_action, invent_action,
    not_executed, lose_recirculation, wrong_recirculation, before_nat,
    lose_packet, miscount, lose_records,
)


def test_mutations(e):
    """Mutates copies of 'e', in which nothing is wrong.  Yields which mutation
    was not noticed."""
    for mutate in MUTATIONS:
        mutated = copy.deepcopy(e)
        mutate(mutated)
        if (not any(True for _ in run_checks(mutated))
                and not sum(unknown(mutated).values())):
            yield "%s was not noticed" % mutate.__name__
    print("self-test: %d mutations" % len(MUTATIONS))
