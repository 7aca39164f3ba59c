# SPDX-License-Identifier: Apache-2.0
"""Usage: terminal.py [--raw=FILE] COMMANDS PROGRAM [ARG]...

Runs PROGRAM on a terminal with 80 columns and 24 rows, does to it what the file
COMMANDS says, a line for each, and fails if a wait does not end or the terminal
is not as it was before when PROGRAM has ended.  The terminal is of the kind
that the environment variable TERMINAL says, by default "xterm".

  wait ERE        until what is on the screen matches, with lines that end in $
  gone ERE        until it does not
  press KEYS      sends KEYS, with escapes as in Python
  flood N KEYS    sends KEYS N times, and takes nothing meanwhile
  size COLS ROWS  has the terminal another size
  signal NAME     sends PROGRAM a signal
  stopped         waits until PROGRAM has stopped
  shell COMMAND   runs COMMAND, which must succeed
  print           prints the screen
  end STATUS      waits until PROGRAM has ended with STATUS; "blocked" behind it
                  says that it could not send anything

--raw writes what PROGRAM sends to FILE."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

# Modes that a terminal has at first: it wraps lines, and has a cursor.
MODES = {7, 25}

# The mode in which there is another screen instead.
ALTERNATE = 1049

# Seconds that a wait may take.
PATIENCE = float(os.environ.get("OVS_CTL_TIMEOUT", "120"))


class Screen:
    """A terminal like an xterm, as far as ncurses makes use of it."""

    SEQUENCE = re.compile(r"\033\[([?>]?)([\d;]*)([@-~])|\033[()][A-Za-z0-9]"
                          r"|\033[=>78DEM]|[^\033]", re.DOTALL)

    def __init__(self, cols, rows):
        self.rest = ""
        self.modes = set(MODES)
        self.last = " "
        self.row = self.col = 0
        self.lines = []
        self.resize(cols, rows)

    def resize(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.lines = [(line + [" "] * cols)[:cols] for line in self.lines]
        self.lines += [[" "] * cols for _ in range(rows - len(self.lines))]
        del self.lines[rows:]
        self.top, self.bottom = 0, rows - 1
        self.move(self.row, self.col)

    def move(self, row, col):
        self.row = max(0, min(self.rows - 1, row))
        self.col = max(0, min(self.cols - 1, col))

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.lines)

    def put(self, c):
        if self.col >= self.cols:
            self.line_feed()
            self.col = 0
        self.lines[self.row][self.col] = self.last = c
        # At the right margin, the next character wraps.
        self.col += 1

    def line_feed(self):
        if self.row == self.bottom:
            self.shift(self.top, 1)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def shift(self, at, n):
        """Has the lines from 'at' to the bottom go up by 'n'."""
        for _ in range(abs(n)):
            empty = [" "] * self.cols
            if n > 0:
                del self.lines[at]
                self.lines.insert(self.bottom, empty)
            else:
                del self.lines[self.bottom]
                self.lines.insert(at, empty)

    def control(self, c):
        if c == "\r":
            self.col = 0
        elif c == "\n":
            self.line_feed()
        elif c == "\b":
            self.move(self.row, min(self.col, self.cols - 1) - 1)
        elif c == "\t":
            self.move(self.row, (self.col // 8 + 1) * 8)
        elif c not in "\a\016\017":
            raise ValueError("unexpected character %r" % c)

    def erase(self, line, first, end):
        for i in range(max(0, first), min(end, self.cols)):
            self.lines[line][i] = " "

    def csi(self, private, numbers, final):
        args = [int(n) if n else 0 for n in numbers.split(";")]
        n = max(1, args[0])
        line = self.lines[self.row]
        if private == "?" and final in "hl":
            for mode in args:
                (self.modes.add if final == "h" else self.modes.discard)(mode)
                if mode == ALTERNATE:
                    # What was on the other screen is of no interest.
                    for i in range(self.rows):
                        self.erase(i, 0, self.cols)
        elif final in "Hf":
            self.move(n - 1, (args + [1])[1] - 1 if len(args) > 1 else 0)
        elif final == "G":
            self.move(self.row, n - 1)
        elif final == "d":
            self.move(n - 1, self.col)
        elif final in "ABCD":
            self.move(self.row + {"A": -n, "B": n}.get(final, 0),
                      min(self.col, self.cols - 1)
                      + {"C": n, "D": -n}.get(final, 0))
        elif final == "J":
            for i in range(self.rows):
                if args[0] == 2 or (i > self.row if args[0] == 0
                                    else i < self.row):
                    self.erase(i, 0, self.cols)
            if args[0] < 2:
                self.csi("", numbers, "K")
        elif final == "K":
            self.erase(self.row, 0 if args[0] else self.col,
                       self.col + 1 if args[0] == 1 else self.cols)
        elif final == "X":
            self.erase(self.row, self.col, self.col + n)
        elif final == "b":
            for _ in range(n):
                self.put(self.last)
        elif final == "@":
            line[self.col:] = ([" "] * n + line[self.col:])[:len(line)
                                                             - self.col]
        elif final == "P":
            line[self.col:] = (line[self.col + n:]
                               + [" "] * n)[:len(line) - self.col]
        elif final in "LM":
            self.shift(self.row, n if final == "M" else -n)
        elif final in "ST":
            self.shift(self.top, n if final == "S" else -n)
        elif final == "r":
            self.top = n - 1
            self.bottom = args[1] - 1 if len(args) > 1 else self.rows - 1
            self.move(0, 0)
        elif final not in "mhlt":
            raise ValueError("unexpected sequence %r"
                             % (private + numbers + final))

    def feed(self, text):
        text = self.rest + text
        pos = 0
        while pos < len(text):
            match = self.SEQUENCE.match(text, pos)
            if not match:
                break                           # It is not whole.
            sequence = match.group()
            pos = match.end()
            if match.group(3):
                self.csi(*match.groups())
            elif sequence == "\033M":
                if self.row == self.top:
                    self.shift(self.top, -1)
                else:
                    self.move(self.row - 1, self.col)
            elif sequence[0] == "\033":
                pass
            elif sequence < " ":
                self.control(sequence)
            else:
                self.put(sequence)
        self.rest = text[pos:]
        if len(self.rest) > 100:
            raise ValueError("unexpected sequence %r" % self.rest)


class Terminal:
    def __init__(self, args, raw):
        self.screen = Screen(80, 24)
        self.raw = raw
        self.status = None
        self.fd, self.slave = pty.openpty()
        self.modes = termios.tcgetattr(self.slave)
        self.set_size(80, 24)
        self.pid = os.fork()
        if not self.pid:
            self.exec(args)

    def exec(self, args):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(self.slave, fd)
        os.closerange(3, 256)
        os.environ["TERM"] = os.environ.get("TERMINAL", "xterm")
        os.execvp(args[0], args)

    def set_size(self, cols, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def read(self, seconds):
        """Takes what the program has sent, for which it waits."""
        if select.select([self.fd], [], [], seconds)[0]:
            data = os.read(self.fd, 65536)
            if self.raw:
                self.raw.write(data)
                self.raw.flush()
            self.screen.feed(data.decode())

    def wait(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                sys.exit("waited in vain for %s, on the screen there is:\n%s"
                         % (what, self.screen.text()))
            self.read(0.1)

    def has_ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = status if pid else None
        return self.status is not None

    def has_stopped(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if pid and not os.WIFSTOPPED(status):
            sys.exit("it has ended with status %d" % status)
        return pid != 0

    def end(self, expected, blocked=False):
        self.wait("the end", self.has_ended)
        while select.select([self.fd], [], [], 0)[0]:
            self.read(0)
        found = (os.WEXITSTATUS(self.status) if os.WIFEXITED(self.status)
                 else -os.WTERMSIG(self.status))
        if found != expected:
            sys.exit("exit status %d, on the screen there is:\n%s"
                     % (found, self.screen.text()))
        self.check_modes(blocked)

    def check_modes(self, blocked=False):
        if termios.tcgetattr(self.slave) != self.modes:
            sys.exit("it has changed the modes of the terminal")
        if not blocked:
            # What it has sent may still be on its way.
            self.wait("the modes of the screen as they were",
                      lambda: self.screen.modes == MODES)

    def run(self, command, argument):
        if command == "wait":
            expression = re.compile(argument, re.MULTILINE)
            self.wait(argument, lambda: expression.search(self.screen.text()))
        elif command == "gone":
            expression = re.compile(argument, re.MULTILINE)
            self.wait("the end of " + argument,
                      lambda: not expression.search(self.screen.text()))
        elif command == "press":
            os.write(self.fd, argument.encode().decode("unicode_escape")
                     .encode())
        elif command == "flood":
            n, _, keys = argument.partition(" ")
            for _ in range(int(n)):
                self.run("press", keys)
                time.sleep(0.12)
        elif command == "size":
            cols, rows = map(int, argument.split())
            self.screen.resize(cols, rows)
            self.set_size(cols, rows)
        elif command == "signal":
            os.kill(self.pid, getattr(signal, "SIG" + argument))
        elif command == "stopped":
            self.wait("the stop", self.has_stopped)
            self.check_modes()
        elif command == "shell":
            subprocess.run(argument, shell=True, check=True)
        elif command == "print":
            print(self.screen.text())
        elif command == "end":
            status, _, blocked = argument.partition(" ")
            self.end(int(status), blocked == "blocked")
        else:
            sys.exit("unknown command " + command)


def main():
    args = sys.argv[1:]
    raw = None
    if args[0].startswith("--raw="):
        raw = open(args.pop(0)[6:], "wb")
    with open(args[0]) as file:
        commands = [line.rstrip("\n").partition(" ") for line in file]
    terminal = Terminal(args[1:], raw)
    try:
        for command, _, argument in commands:
            terminal.run(command, argument)
    finally:
        if not terminal.has_ended():
            os.kill(terminal.pid, signal.SIGKILL)


main()
