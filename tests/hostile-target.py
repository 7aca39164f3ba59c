#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a container may have in store for who looks for ovs-vswitchd in it.

usage: hostile-target.py chroot DIR
       hostile-target.py fuse DIR
       hostile-target.py answer SOCKET TEXT

"chroot" is a process that calls itself ovs-vswitchd and whose root directory
is DIR.  "fuse" mounts a file system at DIR that never answers.  "answer"
listens at SOCKET and has TEXT as the result of each command.  All print
"ready" and go on until they are killed.
"""

import ctypes
import json
import os
import signal
import socket
import sys


def become_vswitchd(directory):
    with open("/proc/self/comm", "w", encoding="ascii") as comm:
        comm.write("ovs-vswitchd")
    os.chroot(directory)


def mount_fuse(directory):
    """Returns the device, which must stay open."""
    fd = os.open("/dev/fuse", os.O_RDWR)
    options = "fd=%d,rootmode=40000,user_id=0,group_id=0" % fd
    if ctypes.CDLL(None, use_errno=True).mount(
            b"none", directory.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount")
    return fd


def answer(path, text):
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(5)
    print("ready", flush=True)
    while True:
        client, _ = server.accept()
        with client:
            request = client.recv(65536)
            if request:
                client.sendall(json.dumps(
                    {"id": json.loads(request)["id"], "result": text,
                     "error": None}).encode())


def main():
    mode, name, *args = sys.argv[1:]
    if mode == "answer":
        answer(name, *args)
    {"chroot": become_vswitchd, "fuse": mount_fuse}[mode](name)
    print("ready", flush=True)
    while True:
        signal.pause()


main()
