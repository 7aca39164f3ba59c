# SPDX-License-Identifier: Apache-2.0
"""Runs a program on a terminal, and is slow to write what it reads from a
pipe, or to read what it writes there, until what it prints on the terminal
matches an expression.  Prints whether that was ever so, and has the exit
status of the program.

    see-progress.py read PIPE EXPRESSION PROGRAM [ARGUMENT]...
    see-progress.py write PIPE EXPRESSION PROGRAM [ARGUMENT]... < FILE"""

import os, pty, re, select, sys

SIZE = 65536                    # Bytes at a time, that of a pipe, ...
INTERVAL = .1                   # ... and in so many seconds.


class Feeder:
    def __init__(self, name):
        self.data = sys.stdin.buffer.read()
        self.fd = os.open(name, os.O_RDWR | os.O_NONBLOCK)

    def run(self):
        if self.fd < 0:
            return
        try:
            n = os.write(self.fd, self.data[:SIZE])
        except BlockingIOError:
            return
        self.data = self.data[n:]
        if not self.data:
            os.close(self.fd)
            self.fd = -1


class Reader:
    def __init__(self, name):
        self.fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK)

    def run(self):
        try:
            os.read(self.fd, SIZE)
        except BlockingIOError:
            pass


def main():
    mode, name, expression = sys.argv[1:4]
    other = {"write": Feeder, "read": Reader}[mode](name)
    output = b""
    seen = False
    pid, terminal = pty.fork()
    if not pid:
        os.execvp(sys.argv[4], sys.argv[4:])
    while True:
        if select.select([terminal], [], [], .001 if seen else INTERVAL)[0]:
            try:
                data = os.read(terminal, SIZE)
            except OSError:
                break
            if not data:
                break
            output += data
            seen = seen or re.search(expression.encode(), output) is not None
        other.run()
    _, status = os.waitpid(pid, 0)
    print("seen" if seen else "not seen")
    sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)


main()
