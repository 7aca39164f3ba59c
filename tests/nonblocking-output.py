# SPDX-License-Identifier: Apache-2.0
"""Runs a program with a standard output that does not block, a small pipe, as
others may have made it that have the same.  It is read once it is full.
Prints what comes, and has the exit status of the program.

    nonblocking-output.py PROGRAM [ARGUMENT]..."""

import fcntl
import os
import struct
import subprocess
import sys
import termios
import time

SIZE = 4096                     # Bytes of a pipe, the least that it can have.


def n_unread(fd):
    """Returns how many bytes a pipe has."""
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD,
                                          struct.pack("i", 0)))[0]


def main():
    """Does that."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, SIZE)
    os.set_blocking(writer, False)
    with subprocess.Popen(sys.argv[1:], stdout=writer) as process:
        os.close(writer)
        while n_unread(reader) < SIZE and process.poll() is None:
            time.sleep(.01)
        if process.poll() is not None:
            sys.exit("it ended before the pipe was read: status %d"
                     % process.returncode)
        # What it does while there is no room.
        time.sleep(.1)
        for data in iter(lambda: os.read(reader, SIZE), b""):
            sys.stdout.buffer.write(data)
    return process.returncode


sys.exit(main())
