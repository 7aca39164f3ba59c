#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has a flow of dropped packets give one that is not, within a moment.

usage: send-after-idle.py PID BRIDGE RULE BEFORE AFTER

Stops PID, ovs-vswitchd, whose current directory is this one, and runs the
shell command BEFORE, which sends packets.  Lets PID go on.  When the handlers
have received them and sleep again, adds the OpenFlow RULE to BRIDGE, has
revalidators forget all flows, and runs AFTER, which sends more.

Prints a JSON object: "queued" is true if packets waited while PID was stopped,
"flows" has the flows that the datapath had after these were handled, and
"began" is the time of CLOCK_MONOTONIC when PID went on, in nanoseconds.

So that as little time as possible passes, programs are started before they
are needed.  AFTER has to send when it reads a line.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

TIMEOUT = 300
NETLINK_GENERIC = 16


def wait_until(condition, what):
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("timeout: " + what)
        time.sleep(0.002)


def read(name):
    with open(name, encoding="utf-8", errors="replace") as f:
        return f.read()


class Vswitchd:
    """What the kernel says of ovs-vswitchd."""

    def __init__(self, pid):
        self.pid = pid
        self.proc = "/proc/%d" % pid
        self.inodes = set()
        for fd in os.listdir(self.proc + "/fd"):
            link = re.fullmatch(r"socket:\[(\d+)\]",
                                os.readlink(self.proc + "/fd/" + fd))
            if link:
                self.inodes.add(link[1])
        self.handlers = [
            "%s/task/%s" % (self.proc, tid)
            for tid in os.listdir(self.proc + "/task")
            if read("%s/task/%s/comm" % (self.proc, tid)).startswith("handler")
        ]

    def is_stopped(self):
        return read(self.proc + "/stat").rpartition(")")[2].split()[0] == "T"

    def queued(self):
        """Returns how many bytes wait in its sockets of generic netlink."""
        lines = [line.split()
                 for line in read(self.proc + "/net/netlink").splitlines()[1:]]
        return sum(int(words[4]) for words in lines
                   if int(words[1]) == NETLINK_GENERIC
                   and words[-1] in self.inodes)

    def is_idle(self):
        """Nothing waits, and then all handlers sleep in poll()."""
        return not self.queued() and all("poll" in read(task + "/wchan")
                                         for task in self.handlers)


def missed():
    """Returns how many packets the datapaths had no flow for."""
    text = subprocess.run(["ovs-dpctl", "show"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return sum(int(n) for n in re.findall(r"missed:(\d+)", text))


def start(*args):
    """Starts a program that reads its standard input to the end and then does
    something, and waits until it reads."""
    process = subprocess.Popen(args, stdin=subprocess.PIPE, text=True,
                               stdout=subprocess.PIPE)
    wchan = "/proc/%d/wchan" % process.pid
    wait_until(lambda: "pipe" in read(wchan), "start of %s" % (args,))
    return process


def give(process, text):
    """Has it do that, and waits until it has.  Returns what it prints."""
    out = process.communicate(text)[0]
    if process.returncode:
        sys.exit("%s: status %d" % (process.args, process.returncode))
    return out


def transact(s, method, *params):
    """Has the daemon behind 's' run a command.  Returns what it prints."""
    s.sendall(json.dumps({"id": 0, "method": method,
                          "params": params}).encode())
    text = b""
    while True:
        data = s.recv(1 << 16)
        text += data
        try:
            reply = json.loads(text)
        except ValueError:
            if data:
                continue
            raise
        if reply["error"] is not None:
            sys.exit("%s: %s" % (method, reply["error"]))
        return reply["result"]


def main():
    pid, bridge, rule, before, after = int(sys.argv[1]), *sys.argv[2:]
    vswitchd = Vswitchd(pid)
    add_rule = start("ovs-ofctl", "-vconsole:off", "add-flows", bridge, "-")
    send = subprocess.Popen(["sh", "-c", after], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, text=True)
    if send.stdout.readline() != "ready\n":
        sys.exit("%s: not ready" % after)
    with socket.socket(socket.AF_UNIX) as control:
        control.connect("ovs-vswitchd.%d.ctl" % pid)
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(vswitchd.is_stopped, "stop")
            n = missed()
            subprocess.run(["sh", "-c", before], check=True)
            wait_until(lambda: missed() > n, "upcalls")
            was_queued = vswitchd.queued() > 0
            began = time.monotonic_ns()
        finally:
            os.kill(pid, signal.SIGCONT)
        wait_until(vswitchd.is_idle, "idle handlers")
        flows = transact(control, "dpctl/dump-flows", "system@ovs-system")
        give(add_rule, rule + "\n")
        transact(control, "revalidator/purge")
        give(send, "now\n")
    print(json.dumps({"queued": was_queued, "flows": flows, "began": began}))


if __name__ == "__main__":
    main()
