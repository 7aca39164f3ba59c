# SPDX-License-Identifier: Apache-2.0
"""Runs a program on a terminal until it has printed twice what matches an
expression, then has it interrupted.  Prints its output.

    on-terminal.py EXPRESSION PROGRAM [ARGUMENT]..."""

import os, pty, re, sys
pid, fd = pty.fork()
if not pid:
    os.execvp(sys.argv[2], sys.argv[2:])
output = b""
interrupted = False
try:
    while True:
        data = os.read(fd, 4096)
        if not data:
            break
        output += data
        if (not interrupted
            and len(re.findall(sys.argv[1].encode(), output)) >= 2):
            interrupted = True
            os.write(fd, b"\x03")
except OSError:
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.write(output.decode().replace("\r\n", "\n"))
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)
