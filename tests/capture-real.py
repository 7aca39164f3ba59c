#! /usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures packets that real protocol stacks send, for tests of filters.

usage: capture-real.py FILE SCHEMA

Writes FILE, a capture file for libpcap.  Two hosts in network namespaces talk
to each other: what they send is that of the kernel, of ping and of the C
library's resolver, over IPv4 and IPv6.  Open vSwitch, with a datapath in user
space, is between them.  It sends copies of their packets with VLAN tags and
MPLS labels, and through tunnels, and packets of its own.  Addresses, ports,
VLANs and labels are those of tests/unit/filter-expressions.c.

Needs root; SCHEMA is vswitch.ovsschema of the Open vSwitch in the PATH.  This
has made tests/unit/real-packets.pcap.
"""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

A, B, SWITCH = "real-a", "real-b", "real-switch"
MAX_LEN = 1600                          # Longer packets are left out.
ETHERNET = 1                            # DLT_EN10MB of libpcap.
SIOCETHTOOL = 0x8946                    # linux/sockios.h
ETHTOOL_STXCSUM = 0x17                  # linux/ethtool.h
HELLO = b"GET / HTTP/1.0\r\n\r\n"

# What Open vSwitch sends copies of packets with.
COPIES = [
    "push_vlan:0x8100,set_field:4099->vlan_vid,output:wire",
    "push_vlan:0x8100,set_field:4099->vlan_vid,"
    "push_vlan:0x88a8,set_field:4101->vlan_vid,output:wire",
    "push_mpls:0x8847,set_field:100->mpls_label,output:wire",
    "push_mpls:0x8847,set_field:200->mpls_label,"
    "push_mpls:0x8847,set_field:100->mpls_label,output:wire",
    "push_mpls:0x8847,set_field:200->mpls_label,"
    "push_vlan:0x8100,set_field:4101->vlan_vid,output:wire",
]
TUNNELS = {
    "gen": "geneve options:key=7 options:remote_ip=10.0.0.4",
    "gen6": "geneve options:key=9 options:remote_ip=fd00::4",
    "vx": "vxlan options:key=7 options:remote_ip=10.0.0.4",
    "gre": "gre options:key=7 options:remote_ip=10.0.0.4",
}

# Of the copies, so many in a row are left out, and one is not.
LEFT_OUT = 6


def run(command, check=False):
    done = subprocess.run(command.split(), capture_output=True, text=True)
    if done.returncode and done.stderr:
        print("%s: %s" % (command, done.stderr.strip()), file=sys.stderr)
        if check:
            sys.exit(1)


def both(command):
    """Runs 'command' in A and B, where # is 1 or 2, and % the other one."""
    for ns, own, other in ((A, "1", "2"), (B, "2", "1")):
        run("ip netns exec %s %s" % (
            ns, command.replace("#", own).replace("%", other)))


def set_up():
    for ns in A, B, SWITCH:
        run("ip netns add " + ns, True)
        run("ip -n %s link set lo up" % ns)
    for ns, number in (A, 1), (B, 2):
        run("ip link add e0 netns %s address 02:00:00:00:00:0%d type veth "
            "peer name p%d netns %s" % (ns, number, number, SWITCH), True)
    for name in "wire", "under", "own":
        run("ip link add %s netns %s type veth peer name %s-end netns %s"
            % (name, SWITCH, name, SWITCH), True)
        run("ip -n %s link set %s up" % (SWITCH, name))
        run("ip -n %s link set %s-end up" % (SWITCH, name))
    for name in "p1", "p2":
        run("ip -n %s link set %s up" % (SWITCH, name))
    both("ip link set e0 up")
    both("ip address add 10.0.0.#/24 dev e0 broadcast 10.0.0.255")
    both("ip address add fd00::#/64 dev e0 nodad")
    both("ip route add 224.0.0.0/4 dev e0")
    both("sysctl -q net.ipv4.icmp_echo_ignore_broadcasts=0")


# Open vSwitch.

def in_switch(command):
    run("ip netns exec %s %s" % (SWITCH, command))


def vsctl(command):
    in_switch("ovs-vsctl --timeout=20 " + command)


def start_switch(directory, schema):
    for name in "RUN", "LOG", "DB", "SYSCONF":
        os.environ["OVS_%sDIR" % name] = directory
    run("ovsdb-tool create %s/conf.db %s" % (directory, schema), True)
    in_switch("ovsdb-server --detach --pidfile --log-file "
              "--remote=punix:%s/db.sock %s/conf.db" % (directory, directory))
    in_switch("ovs-vsctl --no-wait init")
    in_switch("ovs-vswitchd --detach --pidfile --log-file --disable-system")
    vsctl("add-br under-br -- set bridge under-br datapath_type=netdev -- "
          "add-port under-br under")
    in_switch("ip address add 10.0.0.3/24 dev under-br")
    in_switch("ip address add fd00::3/64 dev under-br nodad")
    in_switch("ip link set under-br up")
    for address in "10.0.0.4", "fd00::4":
        in_switch("ovs-appctl tnl/neigh/set under-br %s 02:00:00:00:00:04"
                  % address)
    vsctl("add-br br -- set bridge br datapath_type=netdev "
          "other_config:disable-in-band=true fail_mode=secure")
    for port in "p1", "p2", "wire":
        vsctl("add-port br " + port)
    for name, options in TUNNELS.items():
        vsctl("add-port br %s -- set interface %s type=%s" % (name, name,
                                                              options))
    copies = ["clone(%s)" % copy for copy in COPIES]
    copies += ["output:" + name for name in TUNNELS]
    for own, other in ("p1", "p2"), ("p2", "p1"):
        in_switch("ovs-ofctl -O OpenFlow13 --names add-flow br "
                  "in_port=%s,actions=output:%s,%s"
                  % (own, other, ",".join(copies)))
    vsctl("add-br own-br -- set bridge own-br datapath_type=netdev "
          "stp_enable=true -- add-port own-br own -- set interface own "
          "cfm_mpid=1")


def stop_switch(directory):
    for name in "ovs-vswitchd", "ovsdb-server":
        with open("%s/%s.pid" % (directory, name), encoding="ascii") as f:
            os.kill(int(f.read()), signal.SIGTERM)


def setns(name):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/var/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, 0):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


def in_namespace(name, function, *args):
    """Runs 'function' in a process of its own, whose ID it returns."""
    pid = os.fork()
    if not pid:
        setns(name)
        try:
            function(*args)
        except OSError as error:
            print("%s: %s" % (function.__name__, error), file=sys.stderr)
        os._exit(0)
    return pid


def leave_checksums():
    """Has e0 send whole checksums, since the switch passes them on as is."""
    value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL_STXCSUM, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCETHTOOL, struct.pack(
            "16sP16x", b"e0", ctypes.addressof(value)))


# Capturing.

class Header(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("us", ctypes.c_long),
                ("caplen", ctypes.c_uint32), ("len", ctypes.c_uint32)]


def capture(device, path, left_out):
    """Appends what passes 'device' to 'path', as libpcap sees it, with tags
    where they are on the wire, but for 'left_out' packets in a row."""
    pcap = ctypes.CDLL("libpcap.so.0.8")
    pcap.pcap_open_live.restype = ctypes.c_void_p
    error = ctypes.create_string_buffer(256)
    handle = ctypes.c_void_p(pcap.pcap_open_live(device.encode(), 65535, 1,
                                                 10, error))
    if not handle:
        sys.exit(error.value)
    header = ctypes.POINTER(Header)()
    data = ctypes.c_void_p()
    n = 0
    with open(path, "ab", buffering=0) as f:
        while True:
            if pcap.pcap_next_ex(handle, ctypes.byref(header),
                                 ctypes.byref(data)) != 1:
                continue
            h = header.contents
            n += 1
            if h.caplen == h.len <= MAX_LEN and not n % (left_out + 1):
                f.write(struct.pack("=IIII", h.seconds, h.us, h.caplen, h.len)
                        + ctypes.string_at(data, h.caplen))


# What hosts do.

def answer(kind, protocol, family, port):
    try:
        s = socket.socket(family, kind, protocol)
    except OSError:                     # The kernel has no SCTP.
        return
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", port))
    if kind == socket.SOCK_DGRAM:
        while True:
            query, address = s.recvfrom(2000)
            # No such name (RFC 1035, 4.1.1).
            s.sendto(query[:2] + b"\x81\x83" + query[4:], address)
    s.listen(5)
    while True:
        connection, _ = s.accept()
        connection.recv(1000)
        connection.send(b"HTTP/1.0 404 Not Found\r\n\r\n")
        connection.close()


def serve():
    for family in socket.AF_INET, socket.AF_INET6:
        for args in ((socket.SOCK_STREAM, 0, family, 80),
                     (socket.SOCK_STREAM, 0, family, 22),
                     (socket.SOCK_STREAM, 0, family, 443),
                     (socket.SOCK_STREAM, socket.IPPROTO_SCTP, family, 7),
                     (socket.SOCK_DGRAM, 0, family, 53)):
            threading.Thread(target=answer, args=args, daemon=True).start()
    while True:
        time.sleep(60)


def ask(address, port, protocol=0, source=None):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM, protocol) as s:
            s.settimeout(10)
            if source:
                s.bind(("", source))
            s.connect((address, port))
            s.send(HELLO)
            s.recv(1000)
    except OSError as error:
        print("%s port %d: %s" % (address, port, error), file=sys.stderr)


def send(address, port, source):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.bind(("", source))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        for data in b"", HELLO, bytes(120):
            try:
                s.sendto(data, (address, port))
            except OSError as error:    # It is told of the one before.
                print("%s: %s" % (address, error), file=sys.stderr)
            time.sleep(0.1)


def join():
    """Has the kernel tell of groups, and sends to some."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                     socket.inet_aton("239.0.0.1")
                     + socket.inet_aton("10.0.0.1"))
        time.sleep(1.5)
    send("239.0.0.1", 1003, 1024)


def resolve():
    """Has the C library ask B for names."""
    directory = "/etc/netns/" + A       # See ip-netns(8).
    os.makedirs(directory)
    with open(directory + "/resolv.conf", "w", encoding="ascii") as f:
        f.write("nameserver 10.0.0.2\noptions timeout:2 attempts:1\n")
    run("ip netns exec %s getent ahosts example.com" % A)
    os.unlink(directory + "/resolv.conf")
    os.rmdir(directory)


def captured(path):
    """Yields the packets in 'path'."""
    with open(path, "rb") as f:
        data = f.read()[24:]
    while data:
        n = struct.unpack("=4I", data[:16])[2]
        yield data[16:16 + n]
        data = data[16 + n:]


def talk():
    """Does what A does."""
    for ping in ("10.0.0.2", "fd00::2", "-s 1300 10.0.0.2", "-s 1600 10.0.0.2",
                 "-s 1600 fd00::2", "-R 10.0.0.2", "-t 1 10.0.0.2",
                 "-b 10.0.0.255", "-s 0 10.0.0.2", "-Q 0xb8 10.0.0.2",
                 "-I e0 ff02::1"):
        run("ping -q -c 2 -i 0.2 -W 2 " + ping)
    for address in "10.0.0.2", "fd00::2":
        ask(address, 80)
        ask(address, 7, socket.IPPROTO_SCTP)
    ask("10.0.0.2", 22, source=1024)
    ask("10.0.0.2", 443, source=40000)
    ask("10.0.0.2", 1215)               # Nobody is there.
    for address in "10.0.0.2", "fd00::2":
        send(address, 53, 1024)
        send(address, 1001, 1003)       # Nobody is there, either.
    send("10.0.0.255", 7, 1001)
    send("ff02::1%e0", 1003, 1024)
    join()


def main():
    path = os.path.abspath(sys.argv[1])
    set_up()
    with open(path, "wb") as f:
        f.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                            ETHERNET))
    for ns in A, B:
        os.waitpid(in_namespace(ns, leave_checksums), 0)
    pids = [in_namespace(A, capture, "e0", path, 0)]
    pids += [in_namespace(SWITCH, capture, device, path, left_out)
             for device, left_out in (("wire-end", LEFT_OUT),
                                      ("under-end", LEFT_OUT),
                                      ("own-end", 0))]
    time.sleep(1)
    with tempfile.TemporaryDirectory() as directory:
        start_switch(directory, sys.argv[2])
        pids.append(in_namespace(B, serve))
        time.sleep(2)
        resolve()
        os.waitpid(in_namespace(A, talk), 0)
        time.sleep(3)
        stop_switch(directory)
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        for ns in A, B, SWITCH:
            run("ip netns del " + ns)
    print("%d packets" % len(list(captured(path))))


main()
