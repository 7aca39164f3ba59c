# SPDX-License-Identifier: Apache-2.0
#
# The daemon ovs-upcall-traced and its manual page.

# What loads the BPF programs and attaches them.
ATTACH_C_FILES = \
	extension/attach-btf.c \
	extension/attach-filter.c \
	extension/attach-hooks.c \
	extension/attach-packet.c \
	extension/attach-ports.c \
	extension/attach-programs.c \
	extension/attach-state.c \
	extension/attach-usdt.c \
	extension/attach.c \
	extension/kernel-layout.c \
	extension/kernel-memory.c \
	extension/lockdown.c \
	extension/uprobes.c
ATTACH_H_FILES = \
	extension/attach-filter.h \
	extension/attach-private.h \
	extension/attach.h \
	extension/kernel-layout.h \
	extension/kernel-memory.h \
	extension/lockdown.h \
	extension/uprobes.h

# All else but what asks the kernel about datapaths.
DAEMON_FILES = \
	extension/answer.c \
	extension/answer.h \
	extension/auto-start.c \
	extension/auto-start.h \
	extension/backoff.c \
	extension/backoff.h \
	extension/chosen.c \
	extension/chosen.h \
	extension/check-list.c \
	extension/check-list.h \
	extension/cmd-check.c \
	extension/cmd-check.h \
	extension/cmd-clear.c \
	extension/cmd-flows.c \
	extension/cmd-metrics.c \
	extension/cmd-passes.c \
	extension/cmd-pending.c \
	extension/cmd-probes.c \
	extension/cmd-probes.h \
	extension/cmd-read.c \
	extension/cmd-read.h \
	extension/cmd-show.c \
	extension/cmd-start.c \
	extension/cmd-start.h \
	extension/cmd-stats.c \
	extension/cmd-status.c \
	extension/cmd-status.h \
	extension/cmd-stop.c \
	extension/commands-private.h \
	extension/commands.c \
	extension/commands.h \
	extension/cost.c \
	extension/cost.h \
	extension/ctl-socket.c \
	extension/ctl-socket.h \
	extension/host.h \
	extension/kernel-functions.c \
	extension/kernel-functions.h \
	extension/limited.c \
	extension/limited.h \
	extension/measure.c \
	extension/measure.h \
	extension/ovs-upcall-traced.c \
	extension/record-counts.c \
	extension/record-counts.h \
	extension/recorder-status.c \
	extension/recorder-status.h \
	extension/reply.c \
	extension/reply.h \
	extension/session-datapath.c \
	extension/session-follow.c \
	extension/session-private.h \
	extension/session-report.c \
	extension/session-report.h \
	extension/session-stats.c \
	extension/session-view.c \
	extension/session.c \
	extension/session.h \
	extension/show.c \
	extension/show.h \
	extension/slowest.c \
	extension/slowest.h \
	extension/startup-line.c \
	extension/startup-line.h \
	extension/stream-socket.c \
	extension/stream-socket.h \
	extension/sweep.c \
	extension/sweep.h \
	extension/target.c \
	extension/target.h \
	extension/traces.c \
	extension/traces.h \
	extension/unread.c \
	extension/unread.h \
	extension/vport-monitor.h \
	extension/waiting.c \
	extension/waiting.h

sbin_PROGRAMS += extension/ovs-upcall-traced
extension_ovs_upcall_traced_SOURCES = \
	$(ATTACH_C_FILES) \
	$(ATTACH_H_FILES) \
	$(DAEMON_FILES) \
	extension/host.c \
	extension/vport-monitor.c
extension_ovs_upcall_traced_LDADD = $(UPCALL_LIBS)

# The manual page has an entry for each command, which comes from the tables of
# the commands, as the help does.  Where programs that were built do not run
# here, the page with the entries that is distributed is taken.
TRACED_MAN = extension/ovs-upcall-traced.man
EXTRA_DIST += $(TRACED_MAN)
if CROSS_COMPILING
$(TRACED_MAN):
	@echo "$@ is made by a program that does not run here: take it from a" \
	  "distribution (make dist)." >&2; \
	exit 1
else
CLEANFILES += $(TRACED_MAN)
noinst_PROGRAMS += extension/command-docs
extension_command_docs_SOURCES = extension/command-docs.c
extension_command_docs_LDADD = $(UPCALL_LIBS)
$(TRACED_MAN): extension/ovs-upcall-traced.8.in extension/command-docs
	$(AM_V_GEN)extension/command-docs --man \
	  < $(srcdir)/extension/ovs-upcall-traced.8.in > $@.tmp && \
	mv -f $@.tmp $@
endif

EXTRA_DIST += extension/circles.awk

man_MANS += extension/ovs-upcall-traced.8
EXTRA_DIST += extension/ovs-upcall-traced.8.in
CLEANFILES += extension/ovs-upcall-traced.8
extension/ovs-upcall-traced.8: $(TRACED_MAN) Makefile
	$(MAKE_MAN)
