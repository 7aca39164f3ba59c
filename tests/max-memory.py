#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program and has its exit status.

usage: max-memory.py KB PROGRAM [ARGUMENT]...

If it has used more than so many KB of memory at a time, says so, and exits
with status 99.
"""

import resource
import subprocess
import sys

status = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
if used > int(sys.argv[1]):
    sys.stderr.write("%d KB of memory\n" % used)
    sys.exit(99)
sys.exit(status)
