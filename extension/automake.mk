# SPDX-License-Identifier: Apache-2.0
#
# The daemon ovs-upcall-traced and its manual page.

sbin_PROGRAMS += extension/ovs-upcall-traced
extension_ovs_upcall_traced_SOURCES = \
	extension/attach-btf.c \
	extension/attach-hooks.c \
	extension/attach-private.h \
	extension/attach-state.c \
	extension/attach-usdt.c \
	extension/attach.c \
	extension/attach.h \
	extension/auto-start.c \
	extension/auto-start.h \
	extension/backoff.c \
	extension/backoff.h \
	extension/check.c \
	extension/check.h \
	extension/commands.c \
	extension/commands.h \
	extension/cost.c \
	extension/cost.h \
	extension/flows.c \
	extension/flows.h \
	extension/lockdown.c \
	extension/lockdown.h \
	extension/measure.c \
	extension/measure.h \
	extension/metrics-reply.c \
	extension/metrics-reply.h \
	extension/ovs-upcall-traced.c \
	extension/pending.c \
	extension/pending.h \
	extension/probes.c \
	extension/probes.h \
	extension/read.c \
	extension/read.h \
	extension/reply.c \
	extension/reply.h \
	extension/session-datapath.c \
	extension/session-follow.c \
	extension/session-private.h \
	extension/session-stats.c \
	extension/session.c \
	extension/session.h \
	extension/show-reply.c \
	extension/show-reply.h \
	extension/show.c \
	extension/show.h \
	extension/startup-line.c \
	extension/startup-line.h \
	extension/stats.c \
	extension/stats.h \
	extension/status.c \
	extension/status.h \
	extension/sweep.c \
	extension/sweep.h \
	extension/target.c \
	extension/target.h \
	extension/usdt-attach.c \
	extension/usdt-attach.h \
	extension/vport-monitor.c \
	extension/vport-monitor.h
extension_ovs_upcall_traced_LDADD = $(UPCALL_LIBS)

man_MANS += extension/ovs-upcall-traced.8
EXTRA_DIST += extension/ovs-upcall-traced.8.in
CLEANFILES += extension/ovs-upcall-traced.8
