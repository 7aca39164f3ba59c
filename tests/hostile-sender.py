# SPDX-License-Identifier: Apache-2.0
"""Misuses a receiver of traces in a number of ways.

    hostile-sender.py PORT WAY

PORT is one of 127.0.0.1, or the path of a socket.

Prints what the receiver answers, and ends when it has closed the connection.
WAY is one of the functions below."""

import fcntl
import json
import select
import socket
import struct
import sys
import termios
import time

SESSION = "01234567-89ab-cdef-0123-456789abcdef"
STARTUP = '{"event":"startup"}'


def call(method, params, number=None):
    """Returns a message."""
    return json.dumps({"id": number, "method": "upcall_trace." + method,
                       "params": [params]}).encode()


def hello(host="x", session=SESSION):
    """Returns what a sender says first."""
    return call("hello", {"version": 1, "session": session, "host": host,
                          "system_id": None, "first": 1, "window": 0}, 1)


def records(first, *lines):
    """Returns lines."""
    return call("records", {"first": first, "lines": lines})


def connect():
    """Returns a connection to the receiver."""
    if sys.argv[1].isdigit():
        return socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    return connection


def wait_for(connection, expected):
    """Returns what comes, up to what is 'expected'."""
    said = b""
    while expected not in said:
        data = connection.recv(65536)
        assert data, said
        said += data
    return said


def echo(text):
    """Returns a request to send 'text' back."""
    return b'{"id":1,"method":"echo","params":["%s"]}' % text


def close(number):
    """Returns what says that nothing else will come."""
    return call("close", {"number": number, "why": "over"})


def garbage():
    """No JSON."""
    yield b"\x00\xff" * 1000


def deep():
    """Deep nesting."""
    yield b"[" * 100000


def long_string():
    """A message that does not end."""
    yield hello() + b'{"id":null,"method":"'
    while True:
        yield b"x" * 65536


def many_values():
    """The same, of values that need the most memory."""
    yield b'{"id":null,"method":"x","params":['
    while True:
        yield b'{"":0},' * 10000


def silent():
    """Nothing."""
    yield b""


def no_hello():
    """Lines of nobody."""
    yield no_hello_at_all()


def notification():
    """Who it is, but no wish to be answered."""
    yield hello().replace(b'"id": 1', b'"id": null')


def flood():
    """What does not end, in spite of an error."""
    yield no_hello_at_all() + b'{"id":null,"method":"'
    while True:
        yield b"x" * 65536


def no_hello_at_all():
    """Returns lines of nobody."""
    return records(1, STARTUP)


def hole():
    """Numbers that are missing."""
    yield hello("x", "31234567-89ab-cdef-0123-456789abcdef")
    yield records(7, STARTUP)


def outside():
    """A host with a name of a file."""
    yield hello("../../outside", "21234567-89ab-cdef-0123-456789abcdef")
    yield records(1, STARTUP, '{"event":"end"}')
    yield close(3)
    yield b"garbage"


def other():
    """The session of another host."""
    session = "41234567-89ab-cdef-0123-456789abcdef"
    with connect() as second:
        second.sendall(hello("x", session))
        print(second.recv(65536).decode())
        yield hello("y", session)


def lines():
    """Lines that make no sense, and other hosts' names."""
    yield hello("lines", "11234567-89ab-cdef-0123-456789abcdef")
    yield records(1, STARTUP, '{"event":"end","host":"other"}', "nonsense",
                  '{"event":"end"}\n{"event":"startup"}', '{"kind":"upcall"}')
    yield close(6)
    yield b"garbage"


def send_values(n, start):
    """Has 'n' connections that begin with what 'start' returns, and then all
    send at the same time what needs the most memory, until they are
    closed."""
    values = b'{"":0},' * 10000
    connections = []
    for i in range(n):
        connection = connect()
        connection.sendall(start(i))
        connection.setblocking(False)
        connections.append(connection)
    parts = {connection: b'{"id":null,"method":"x","params":['
             for connection in connections}
    while parts:
        _, ready, _ = select.select([], list(parts), [])
        for connection in ready:
            try:
                sent = connection.send(parts[connection] or values)
                parts[connection] = (parts[connection] or values)[sent:]
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                del parts[connection]
                connection.close()


def strangers():
    """Values from many of whom nobody knows who they are."""
    send_values(50, lambda i: b"")


def senders():
    """The same, but they have said so."""
    send_values(50, lambda i: hello("h%d" % i,
                                    "5%07d-89ab-cdef-0123-456789abcdef" % i))


def empty():
    """Many senders that send nothing, and say that this was all."""
    for i in range(200):
        with connect() as connection:
            connection.sendall(hello("e%d" % i,
                                     "7%07d-89ab-cdef-0123-456789abcdef" % i))
            connection.sendall(close(1))
            wait_for(connection, b"upcall_trace.ack")


def late():
    """Somebody who takes nothing for a while, and then all."""
    with connect() as connection:
        connection.sendall(hello("late",
                                 "81234567-89ab-cdef-0123-456789abcdef"))
        # Until nothing else comes in two seconds.
        waiting, since = 0, time.monotonic()
        connection.sendall(echo(b"e" * 8000))
        while time.monotonic() < since + 2:
            now = struct.unpack("i", fcntl.ioctl(connection, termios.FIONREAD,
                                                 b"    "))[0]
            if now > waiting:
                waiting, since = now, time.monotonic()
                connection.sendall(echo(b"e" * 8000))
            time.sleep(0.01)
        connection.sendall(records(1, STARTUP, '{"event":"end"}'))
        # The acknowledgement is due meanwhile.
        time.sleep(3)
        wait_for(connection, b'"number":2')


def startups():
    """Many senders, each with a first line that needs much memory."""
    startup = '{"event":"startup","x":[' + "{}," * 249999 + "{}]}"
    connections = []
    for i in range(50):
        connection = connect()
        connection.sendall(hello("s%d" % i,
                                 "6%07d-89ab-cdef-0123-456789abcdef" % i))
        connection.sendall(records(1, startup) + echo(b"here"))
        connections.append(connection)
        # All messages at once would be too much.
        said = wait_for(connection, b'"here"')
        if b'"refused":1' not in said:
            wait_for(connection, b'"refused":1')


def replaced():
    """A connection that is replaced by another one of the same session, when
    it is about to be asked whether it is there, and stays open."""
    def say_hello(connection):
        connection.sendall(hello("r", "91234567-89ab-cdef-0123-456789abcdef"))
        wait_for(connection, b'"result"')

    with connect() as first, connect() as second:
        say_hello(first)
        time.sleep(9.5)
        say_hello(second)
        while first.recv(65536):
            pass


def crowd():
    """More connections than anybody has room for, of which nothing comes."""
    connections = []
    for _ in range(300):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", int(sys.argv[1])))
        connections.append(connection)
    print("full", flush=True)
    time.sleep(200)


def main():
    """Does what is asked for."""
    way = sys.argv[2]
    if way in ("strangers", "senders", "startups", "crowd", "empty", "late",
               "replaced"):
        globals()[way]()
        return
    receiver = connect()
    try:
        for data in globals()[way]():
            receiver.sendall(data)
            time.sleep(0.01)
        while True:
            data = receiver.recv(65536)
            if not data:
                break
            print(data.decode())
    except (BrokenPipeError, ConnectionResetError):
        pass


main()
