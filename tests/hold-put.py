#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs commands just before and after a handler of ovs-vswitchd puts a flow.

usage: hold-put.py PID FIRST BEFORE IS-PUT AFTER

PID is that of ovs-vswitchd, whose handlers have nothing to do.  Runs the shell
command FIRST, which sends a packet without a flow.  When a handler is about to
send its first request, to put the flow or to ask how many there are, runs
BEFORE.  When the kernel has carried out a request and the command IS-PUT says
that this was the put, runs AFTER, and everything goes on.

So packets that BEFORE sends are misses in spite of the flow, those that AFTER
sends are not, and the handler receives them together.
"""

import ctypes
import os
import platform
import subprocess
import sys
import time

# sys/ptrace.h
PTRACE_DETACH = 17
PTRACE_SYSCALL = 24
PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
PTRACE_GET_SYSCALL_INFO = 0x420e
PTRACE_O_TRACESYSGOOD = 1
SYSCALL_STOP = 0x85                     # SIGTRAP | 0x80
WALL = 0x40000000                       # __WALL
ENTRY = 1                               # PTRACE_SYSCALL_INFO_ENTRY
EXIT = 2

# The number of sendmsg().
SENDMSG = {"x86_64": 46, "ppc64le": 341, "s390x": 370}.get(platform.machine(),
                                                           211)
TIMEOUT = 300

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p,
                        ctypes.c_void_p]


class SyscallInfo(ctypes.Structure):
    """struct ptrace_syscall_info."""
    _fields_ = [("op", ctypes.c_uint8), ("arch", ctypes.c_uint32),
                ("ip", ctypes.c_uint64), ("sp", ctypes.c_uint64),
                ("nr", ctypes.c_uint64), ("args", ctypes.c_uint64 * 7)]


def ptrace(request, tid, addr=0, data=0):
    result = libc.ptrace(request, tid, addr, data)
    if result < 0:
        raise OSError(ctypes.get_errno(), "ptrace %#x" % request)
    return result


def handlers(pid):
    """Returns the thread IDs of the handlers."""
    def name(tid):
        with open("/proc/%d/task/%d/comm" % (pid, tid)) as f:
            return f.read()
    tids = [int(tid) for tid in os.listdir("/proc/%d/task" % pid)]
    return [tid for tid in tids if name(tid).startswith("handler")]


def run(command, check=True):
    return subprocess.run(["sh", "-c", command], check=check).returncode


def next_stop(tids, deadline):
    """Waits until one of the threads stops.  Returns its ID and the status."""
    while time.monotonic() < deadline:
        for tid in tids:
            stopped, status = os.waitpid(tid, WALL | os.WNOHANG)
            if stopped:
                return tid, status
        time.sleep(0.001)
    sys.exit("no handler sends anything")


def wait_for_sendmsg(tids, op):
    """Lets the threads 'tids', all stopped or running, go on until one is at
    the 'op', ENTRY or EXIT, of sendmsg(), and returns that one, stopped."""
    deadline = time.monotonic() + TIMEOUT
    info = SyscallInfo()
    while True:
        tid, status = next_stop(tids, deadline)
        number = os.WSTOPSIG(status)
        if number == SYSCALL_STOP:
            ptrace(PTRACE_GET_SYSCALL_INFO, tid, ctypes.sizeof(info),
                   ctypes.addressof(info))
            # Only the entry has the number, and the exit is the next stop.
            if info.op == op and (op == EXIT or info.nr == SENDMSG):
                return tid
            number = 0
        elif status >> 16:
            number = 0                  # A stop of ptrace() alone.
        ptrace(PTRACE_SYSCALL, tid, 0, number)


def main():
    pid, first, before, is_put, after = int(sys.argv[1]), *sys.argv[2:]
    tids = handlers(pid)
    if not tids:
        sys.exit("process %d has no handlers" % pid)
    for tid in tids:
        ptrace(PTRACE_SEIZE, tid, 0, PTRACE_O_TRACESYSGOOD)
        ptrace(PTRACE_INTERRUPT, tid)
    run(first)
    sender = wait_for_sendmsg(tids, ENTRY)
    run(before)
    while True:
        ptrace(PTRACE_SYSCALL, sender)
        wait_for_sendmsg([sender], EXIT)
        if not run(is_put, check=False):
            break
        ptrace(PTRACE_SYSCALL, sender)
        wait_for_sendmsg([sender], ENTRY)
    run(after)
    # Those that still run are let go by the end of this process.
    ptrace(PTRACE_DETACH, sender)


if __name__ == "__main__":
    main()
