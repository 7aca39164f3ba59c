#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs Python scripts for ask-python, each in a process that is forked from
this one.

usage: python-server.py SOCKET

Under emulation, starting Python takes a second, and a test does it ten times.
A forked process has all that scripts import already.  It is otherwise as if
the client had started Python: it has the client's standard input, output and
error, environment, current directory, network and mount namespaces, and ends
when the client does.

What the script does not have is the client's user, resource limits, CPU
affinity, umask, and other open files.

A client sends 32 bits with the length of what follows, 32 bits with the number
of its arguments, these, and its environment, each string with a NUL behind it;
and six files, see FILES.  It gets back 32 bits: the status that waitpid() has
for the script.
"""

import argparse  # noqa: F401
import array
import atexit
import base64  # noqa: F401
import bisect  # noqa: F401
import collections  # noqa: F401
import copy  # noqa: F401
import ctypes
import itertools  # noqa: F401
import json  # noqa: F401
import os
import re  # noqa: F401
import selectors
import shlex  # noqa: F401
import signal
import socket
import struct
import subprocess  # noqa: F401
import sys
import threading
import traceback

FILES = ("stdin", "stdout", "stderr", "directory", "net", "mnt")
CLONE_NEWNET = 0x40000000
CLONE_NEWNS = 0x00020000

# A client that does not go on with its request for so many seconds is gone.
REQUEST_TIMEOUT = 10

libc = ctypes.CDLL(None, use_errno=True)
compiled = {}


def set_namespace(fd, kind):
    if libc.setns(fd, kind):
        raise OSError(ctypes.get_errno(), "setns")


def compile_script(name):
    """Returns the code of file 'name', which is compiled once."""
    key = name, os.stat(name).st_mtime_ns
    if key not in compiled:
        with open(name, "rb") as stream:
            compiled[key] = compile(stream.read(), name, "exec")
    return compiled[key]


def receive(connection, files):
    """Returns the arguments and the environment of a client, and adds its files
    to the array 'files'."""
    connection.settimeout(REQUEST_TIMEOUT)
    text, ancillary, _, _ = connection.recvmsg(
        1 << 20, socket.CMSG_SPACE(len(FILES) * files.itemsize))
    for level, kind, numbers in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            files.frombytes(numbers)
    while len(text) < 4 or len(text) < 4 + struct.unpack("=I", text[:4])[0]:
        more = connection.recv(1 << 20)
        if not more:
            raise EOFError
        text += more
    n = struct.unpack("=I", text[4:8])[0]
    words = text[8:].split(b"\0")
    environment = dict(word.split(b"=", 1)
                       for word in words[n:] if b"=" in word)
    return [os.fsdecode(word) for word in words[:n]], environment


def enter(environment, files):
    """Makes this process look as if the client had started it."""
    for i, name in enumerate(FILES[:3]):
        os.dup2(files[name], i)
    for name, kind in (("mnt", CLONE_NEWNS), ("net", CLONE_NEWNET)):
        mine = os.stat("/proc/self/ns/" + name).st_ino
        if os.fstat(files[name]).st_ino != mine:
            set_namespace(files[name], kind)
    os.fchdir(files["directory"])
    os.closerange(3, 1 << 16)
    os.environb.clear()
    os.environb.update(environment)
    sys.stdin = open(0, encoding="utf-8")
    sys.stdout = open(1, "w", encoding="utf-8")
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)


def run(arguments):
    """Runs a script, or the one behind -c, and returns its exit status."""
    script = {"__name__": "__main__"}
    try:
        if arguments[0] == "-c":
            code = compile(arguments[1], "<string>", "exec")
            sys.argv = ["-c"] + arguments[2:]
        else:
            code = compile_script(arguments[0])
            script["__file__"] = arguments[0]
            sys.argv = arguments
            sys.path.insert(0, os.path.dirname(arguments[0]))
        exec(code, script)
        status = 0
    except SystemExit as end:
        status = end.code
        if status is None:
            status = 0
        elif not isinstance(status, int):
            print(status, file=sys.stderr)
            status = 1
    except BaseException:
        traceback.print_exc()
        status = 1
    # What Python does when it exits.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status & 0xFF


def run_and_exit(arguments, environment, files):
    """The life of a script's process."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in signal.SIGCHLD, signal.SIGINT, signal.SIGQUIT:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        enter(environment, dict(zip(FILES, files)))
        status = run(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def start(connection):
    """Starts the script of a client.  Returns the pid of its process."""
    files = array.array("i")
    try:
        arguments, environment = receive(connection, files)
        if arguments[0] != "-c":
            try:
                compile_script(arguments[0])
            except (OSError, SyntaxError, ValueError):
                pass            # The script's process will say so.
        pid = os.fork()
        if not pid:
            run_and_exit(arguments, environment, files)
    finally:
        for fd in files:
            os.close(fd)
    return pid


def reap(clients):
    """Tells the clients whose scripts have ended."""
    while clients:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        connection = clients.pop(pid, None)
        if connection:
            try:
                connection.sendall(struct.pack("=I", status))
            except OSError:
                pass            # It has ended before.
            yield connection


def main():
    clients = {}
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    wake_up, woken = socket.socketpair()
    for s in wake_up, woken:
        s.setblocking(False)
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    selector.register(wake_up, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    continue
                try:
                    pid = start(connection)
                except (EOFError, OSError, LookupError, struct.error):
                    connection.close()
                    continue
                clients[pid] = connection
                selector.register(connection, selectors.EVENT_READ, pid)
            elif key.fileobj is wake_up:
                wake_up.recv(1 << 16)
            elif key.data in clients:
                # A client says nothing more, so it has ended.
                selector.unregister(key.fileobj)
                os.kill(key.data, signal.SIGTERM)
        for connection in reap(clients):
            if connection.fileno() in selector.get_map():
                selector.unregister(connection)
            connection.close()


if __name__ == "__main__":
    main()
