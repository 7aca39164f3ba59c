/* SPDX-License-Identifier: Apache-2.0 */

/* For LD_PRELOAD: has ovs-vswitchd find that the kernel cannot dispatch
 * upcalls to a socket per CPU, so that it asks for the older way, a set of
 * sockets for each vport.
 *
 * A request to make or change a datapath that wants the feature gets an
 * unknown one in addition, so that the kernel refuses it as a kernel before
 * 5.15 would (dpif_netlink_open() in lib/dpif-netlink.c of OVS 3.1 to 4.0,
 * ovs_dp_change() in net/openvswitch/datapath.c of the kernel). */

#include <config.h>

#include <dlfcn.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/openvswitch.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#define PER_CPU (1U << 3)       /* OVS_DP_F_DISPATCH_UPCALL_PER_CPU. */
#define UNSUPPORTED (1U << 31)

/* What the request starts with. */
struct request {
    struct nlmsghdr nlmsg;
    struct genlmsghdr genl;
    struct ovs_header ovs;
};

static bool
is_datapath_request(const struct request *r, size_t size)
{
    return (size >= sizeof *r && r->nlmsg.nlmsg_len <= size
            && r->nlmsg.nlmsg_type >= NLMSG_MIN_TYPE
            && r->genl.version == OVS_DATAPATH_VERSION
            && (r->genl.cmd == OVS_DP_CMD_NEW
                || r->genl.cmd == OVS_DP_CMD_SET));
}

/* Spoils the features in the request of 'size' bytes at 'data', if it is one
 * for a datapath. */
static void
spoil(char *data, size_t size)
{
    struct nlattr attr;
    uint32_t features;

    if (!is_datapath_request((struct request *) data, size)) {
        return;
    }
    for (size_t ofs = sizeof(struct request); ofs + sizeof attr <= size;
         ofs += NLA_ALIGN(attr.nla_len)) {
        memcpy(&attr, data + ofs, sizeof attr);
        if (attr.nla_len < sizeof attr) {
            return;
        }
        if (attr.nla_type == OVS_DP_ATTR_USER_FEATURES
            && attr.nla_len == sizeof attr + sizeof features
            && ofs + attr.nla_len <= size) {
            memcpy(&features, data + ofs + sizeof attr, sizeof features);
            if (features & PER_CPU) {
                features |= UNSUPPORTED;
                memcpy(data + ofs + sizeof attr, &features, sizeof features);
            }
        }
    }
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
    ssize_t (*next)(int, const struct msghdr *, int)
        = (ssize_t (*)(int, const struct msghdr *, int)) dlsym(RTLD_NEXT,
                                                               "sendmsg");

    for (size_t i = 0; i < msg->msg_iovlen; i++) {
        spoil(msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
    }
    return next(fd, msg, flags);
}
