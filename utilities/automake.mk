# SPDX-License-Identifier: Apache-2.0
#
# Scripts and programs for developers.  They are distributed but not installed.

EXTRA_DIST += \
	utilities/BENCHMARKS.md \
	utilities/bench \
	utilities/bench-guest \
	utilities/bench-peer.bt \
	utilities/bench-upcall-cost \
	utilities/bench-userspace \
	utilities/bpf-matrix \
	utilities/cache-lib.sh \
	utilities/check-lib.sh \
	utilities/demo-guest \
	utilities/fetch-kernel \
	utilities/fetch-lib.sh \
	utilities/fetch-ovs \
	utilities/fetch-prometheus \
	utilities/fetch-root \
	utilities/in-root \
	utilities/quickstart \
	utilities/vm \
	utilities/vm-guest-init

noinst_PROGRAMS += utilities/bench-floor utilities/bench-traffic
utilities_bench_floor_SOURCES = utilities/bench-floor.c
utilities_bench_floor_LDADD = $(LIBBPF_LIBS) $(LIBELF_LIBS) $(ZLIB_LIBS)
utilities_bench_traffic_SOURCES = utilities/bench-traffic.c

# What the tracer costs, in instructions.  BENCH_JSON names a file for the
# figures, BENCHFLAGS has options of utilities/bench.
bench: all
	UPCALL_TRACE_BUILD='$(abs_top_builddir)' \
	  $(srcdir)/utilities/bench $(BENCHFLAGS)

# How many records user space handles in a second.
bench-userspace: tests/bench-userspace
	$(srcdir)/utilities/bench-userspace tests/bench-userspace

.PHONY: bench bench-userspace
