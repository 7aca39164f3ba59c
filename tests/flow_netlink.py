# SPDX-License-Identifier: Apache-2.0
"""Asks for what ovs-dpctl has no words for, by netlink: gives a flow of the
kernel's datapath actions, and has it execute actions for a packet.

Numbers and layouts are those of linux/netlink.h, linux/genetlink.h and
linux/openvswitch.h."""

import os
import socket
import struct

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 1, 4, 0x400
NLMSG_ERROR = 2
GENL_ID_CTRL, CTRL_CMD_GETFAMILY = 16, 3
CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 1, 2
OVS_FLOW_CMD_NEW, OVS_FLOW_CMD_GET, OVS_FLOW_CMD_SET = 1, 3, 4
(OVS_FLOW_ATTR_KEY, OVS_FLOW_ATTR_ACTIONS, OVS_FLOW_ATTR_MASK,
 OVS_FLOW_ATTR_UFID) = 1, 2, 7, 9
OVS_PACKET_CMD_EXECUTE = 3
(OVS_PACKET_ATTR_PACKET, OVS_PACKET_ATTR_KEY,
 OVS_PACKET_ATTR_ACTIONS) = 1, 2, 3
NLA_TYPE_MASK = 0x3fff


def attr(type_, payload=b""):
    """Returns a netlink attribute."""
    return (struct.pack("=HH", 4 + len(payload), type_) + payload
            + bytes(-len(payload) % 4))


def parse_attrs(data):
    """Returns payloads by type."""
    attrs = {}
    while len(data) >= 4:
        length, type_ = struct.unpack_from("=HH", data)
        attrs[type_ & NLA_TYPE_MASK] = data[4:length]
        data = data[length + 3 & ~3:]
    return attrs


def ufid_bytes(text):
    return struct.pack("=4I", *struct.unpack(
        "!4I", bytes.fromhex(text.replace("-", ""))))


class Datapath:
    """What the generic netlink family 'family' does for the datapath
    'name'."""

    def __init__(self, name, family):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  NETLINK_GENERIC)
        self.sock.bind((0, 0))
        answer = self.ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, b"",
                          attr(CTRL_ATTR_FAMILY_NAME, family + b"\0"))
        self.family = struct.unpack(
            "=H", parse_attrs(answer)[CTRL_ATTR_FAMILY_ID])[0]
        self.dp = struct.pack("=i", socket.if_nametoindex(name))

    def ask(self, family, command, flags, header, attrs):
        """Returns the attributes of the answer, if there is one."""
        body = struct.pack("=BBH", command, 1, 0) + header + attrs
        self.sock.send(struct.pack("=IHHII", 16 + len(body), family,
                                   NLM_F_REQUEST | flags, 1, 0) + body)
        answer = self.sock.recv(1 << 16)
        if struct.unpack_from("=H", answer, 4)[0] == NLMSG_ERROR:
            error = -struct.unpack_from("=i", answer, 16)[0]
            if error:
                raise OSError(error, os.strerror(error))
        return answer[20 + len(header):]


class Packets(Datapath):
    """Requests to execute actions in the datapath 'name'."""

    def __init__(self, name):
        super().__init__(name, b"ovs_packet")

    def execute(self, packet, key, actions):
        """Executes 'actions' for 'packet', which has 'key'.  Raises OSError if
        the kernel does not do that."""
        self.ask(self.family, OVS_PACKET_CMD_EXECUTE, NLM_F_ACK, self.dp,
                 b"".join([attr(OVS_PACKET_ATTR_PACKET, packet),
                           attr(OVS_PACKET_ATTR_KEY, key),
                           attr(OVS_PACKET_ATTR_ACTIONS, actions)]))


class Flows(Datapath):
    """The flows of the datapath 'name'."""

    def __init__(self, name):
        super().__init__(name, b"ovs_flow")

    def put(self, command, flags, ufid, key, mask, actions):
        self.ask(self.family, command, NLM_F_ACK | flags, self.dp,
                 b"".join([attr(OVS_FLOW_ATTR_UFID, ufid),
                           attr(OVS_FLOW_ATTR_KEY, key),
                           attr(OVS_FLOW_ATTR_MASK, mask),
                           attr(OVS_FLOW_ATTR_ACTIONS, actions)]))

    def add(self, ufid, key, mask, actions):
        """Adds the flow 'ufid'.  Raises OSError if the kernel does not take
        it."""
        self.put(OVS_FLOW_CMD_NEW, NLM_F_CREATE, ufid_bytes(ufid), key, mask,
                 actions)

    def set_actions(self, ufid, actions):
        """Replaces the actions of the flow 'ufid', which are all that changes.
        Raises OSError if the kernel does not take them."""
        flow = parse_attrs(self.ask(
            self.family, OVS_FLOW_CMD_GET, 0, self.dp,
            attr(OVS_FLOW_ATTR_UFID, ufid_bytes(ufid))))
        self.put(OVS_FLOW_CMD_SET, 0, ufid_bytes(ufid),
                 flow[OVS_FLOW_ATTR_KEY], flow[OVS_FLOW_ATTR_MASK], actions)
