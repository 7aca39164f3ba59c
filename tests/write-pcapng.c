/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a pcapng file with one packet of each kind to its standard output,
 * for programs that read such files.
 *
 *     write-pcapng > FILE
 */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "file/pcapng.h"
#include "show/record-context.h"
#include "store/port-map.h"
#include "unit/build-pass.h"
#include "unit/build-record.h"
#include "util.h"

static struct pcapng *w;
static struct record_context context;

static void
put(const void *record, size_t size)
{
    char *error = pcapng_put(w, record, size, &context);

    if (error) {
        ovs_fatal(0, "%s", error);
    }
}

/* An upcall, its pass and the one of its execute, an upcall that was lost, and
 * the pass of a packet without an Ethernet header. */
static void
put_all(void)
{
    struct build_pass p;
    struct build u;

    build_pass_miss(&p);
    build_pass_write(&p, put);
    build_executed(&u);
    u.rec.track = 18;
    build_write(&u, put);
    build_pass_execute(&p, "2,recirc(418)", 0);
    p.rec.track = 18;
    p.rec.ts += 260000;
    build_pass_write(&p, put);

    build_init(&u, UPCALL_CLASS_MISS);
    build_lost_early(&u, build_icmp, -EAGAIN);
    u.rec.port_no = 2;
    build_write(&u, put);

    build_pass_init(&p, 20, PASS_HIT);
    p.rec.flags |= PASS_F_L3;
    p.rec.ethertype = htons(0x0800);
    build_pass_packet(&p, build_icmp + 28);
    build_pass_actions(&p, "2");
    build_pass_write(&p, put);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct pcapng_about about = {
        .hardware = "x86_64",
        .os = "Linux 6.12",
        .application = "ovs-upcall-trace",
        .wall_offset = 1767225600000000000LL,
        .start_ts = BUILD_TS - 1000,
        .snaplen = 128,
    };
    const struct pcapng_counts counts = {
        .produced = 8, .delivered = 5, .dropped = 3,
        .comment = "dropped: ring_full 3",
        .end_ts = BUILD_TS + 1000000000,
    };
    struct port_map *ports = port_map_create(16);
    int error;

    set_program_name(argv[0]);
    context.ports = ports;
    port_map_add(ports, BUILD_DP_IFINDEX, 0, "ovs-system", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 2, "p1", 0);
    port_map_add(ports, BUILD_DP_IFINDEX, 3, "p2", 0);

    w = pcapng_create(&about, pcapng_write_stream, stdout);
    put_all();
    error = pcapng_end(w, &counts);
    if (error || fclose(stdout)) {
        ovs_fatal(error ? error : errno, "cannot write");
    }
    pcapng_destroy(w);
    port_map_destroy(ports);
    return 0;
}
