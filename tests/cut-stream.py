# SPDX-License-Identifier: Apache-2.0
"""Stands between a follower and the daemon, and cuts its connections off.

    cut-stream.py SOCKET DAEMON BYTES...

Listens on SOCKET and carries what comes there to the socket DAEMON, and back.
The first connection is closed after the first of BYTES that came back, and so
on; later ones are not.  Prints a line for each that is closed."""

import select
import socket
import sys


def carry(follower, daemon, limit):
    """Returns when LIMIT bytes have come from DAEMON, or one of them ends."""
    n = 0
    while True:
        readable = select.select([follower, daemon], [], [])[0]
        if follower in readable:
            data = follower.recv(65536)
            if not data:
                return
            daemon.sendall(data)
        if daemon in readable:
            data = daemon.recv(65536 if limit is None else
                               min(65536, limit - n))
            if not data:
                return
            follower.sendall(data)
            n += len(data)
            if n == limit:
                return


def main():
    """Carries one connection after the other."""
    name, to, *limits = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        print("ready", flush=True)
        while True:
            follower = listener.accept()[0]
            with socket.socket(socket.AF_UNIX) as daemon, follower:
                daemon.connect(to)
                try:
                    carry(follower, daemon,
                          int(limits.pop(0)) if limits else None)
                except (BrokenPipeError, ConnectionResetError):
                    pass
            print("closed", flush=True)


main()
