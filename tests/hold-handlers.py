#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Delays what the handlers of ovs-vswitchd have to do.

usage: hold-handlers.py PID SECONDS COMMAND...

Stops process PID, runs COMMAND, which sends packets, and lets the process go
on when SECONDS have passed since COMMAND began.  Prints how long that was
after COMMAND ended: at least so long did its packets wait; and when it began,
since when they can have waited; in nanoseconds, of CLOCK_MONOTONIC.
"""

import os
import signal
import subprocess
import sys
import time


def state(pid):
    with open("/proc/%d/stat" % pid) as f:
        return f.read().rpartition(")")[2].split()[0]


def main():
    pid, seconds = int(sys.argv[1]), float(sys.argv[2])

    os.kill(pid, signal.SIGSTOP)
    try:
        while state(pid) != "T":
            time.sleep(0.01)
        begin = time.monotonic_ns()
        subprocess.run(sys.argv[3:], check=True, stdout=subprocess.DEVNULL)
        end = time.monotonic_ns()
        time.sleep(max(0, seconds - (end - begin) / 1e9))
    finally:
        now = time.monotonic_ns()
        os.kill(pid, signal.SIGCONT)
    print(now - end, begin)


if __name__ == "__main__":
    main()
