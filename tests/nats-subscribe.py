# SPDX-License-Identifier: Apache-2.0
"""Subscribes to a subject of a NATS server, and prints each message.

    nats-subscribe.py PORT SUBJECT

Prints the subject, a space and the message.  Says "ready" on standard error
once the server knows of it.  Ends with the server."""

import socket
import sys


def main():
    """Does it all."""
    port, subject = sys.argv[1:]
    server = socket.create_connection(("127.0.0.1", int(port)))
    stream = server.makefile("rwb")
    stream.write(b'CONNECT {"verbose":false}\r\nSUB %s 1\r\nPING\r\n'
                 % subject.encode())
    stream.flush()
    while True:
        verb, *args = stream.readline().split() or [b""]
        if verb == b"MSG":
            message = stream.read(int(args[-1]) + 2)[:-2]
            print(args[0].decode(), message.decode(), flush=True)
        elif verb == b"PONG":
            print("ready", file=sys.stderr, flush=True)
        elif verb == b"PING":
            stream.write(b"PONG\r\n")
            stream.flush()
        elif not verb:
            return


main()
