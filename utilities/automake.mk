# SPDX-License-Identifier: Apache-2.0
#
# The program ovs-upcall-trace and its manual page; scripts and programs for
# developers, which are distributed but not installed.

bin_PROGRAMS += utilities/ovs-upcall-trace
utilities_ovs_upcall_trace_SOURCES = \
	utilities/ovs-upcall-trace.c \
	utilities/trace-background.c \
	utilities/trace-background.h \
	utilities/trace-child.c \
	utilities/trace-child.h \
	utilities/trace-connection.c \
	utilities/trace-connection.h \
	utilities/trace-connections.c \
	utilities/trace-connections.h \
	utilities/trace-convert.c \
	utilities/trace-find-last.c \
	utilities/trace-find-last.h \
	utilities/trace-follow.c \
	utilities/trace-follow.h \
	utilities/trace-forward-link.c \
	utilities/trace-forward-link.h \
	utilities/trace-forward-source.c \
	utilities/trace-forward-source.h \
	utilities/trace-forward.c \
	utilities/trace-method.c \
	utilities/trace-method.h \
	utilities/trace-input.c \
	utilities/trace-input.h \
	utilities/trace-json.c \
	utilities/trace-json.h \
	utilities/trace-last.c \
	utilities/trace-last.h \
	utilities/trace-monitor.c \
	utilities/trace-output.c \
	utilities/trace-output.h \
	utilities/trace-outfile.c \
	utilities/trace-outfile.h \
	utilities/trace-pager.c \
	utilities/trace-pager.h \
	utilities/trace-pcap.c \
	utilities/trace-peer.c \
	utilities/trace-peer.h \
	utilities/trace-tls.c \
	utilities/trace-tls.h \
	utilities/trace-wire.c \
	utilities/trace-wire.h \
	utilities/trace-print.c \
	utilities/trace-program.c \
	utilities/trace-program.h \
	utilities/trace-progress.c \
	utilities/trace-progress.h \
	utilities/trace-receive.c \
	utilities/trace-receiver.c \
	utilities/trace-receiver.h \
	utilities/trace-record-daemon.c \
	utilities/trace-record-stream.c \
	utilities/trace-record-summary.c \
	utilities/trace-record.c \
	utilities/trace-record.h \
	utilities/trace-relay.c \
	utilities/trace-report-page.h \
	utilities/trace-report.c \
	utilities/trace-schema.c \
	utilities/trace-signals.c \
	utilities/trace-signals.h \
	utilities/trace-sort-output.c \
	utilities/trace-sort-output.h \
	utilities/trace-sort.c \
	utilities/trace-stats.c \
	utilities/trace-target.c \
	utilities/trace-target.h \
	utilities/trace-text.c \
	utilities/trace-text.h \
	utilities/trace-watch.c \
	utilities/trace-watch.h \
	utilities/trace-wrong-type.c \
	utilities/trace-wrong-type.h
if HAVE_NCURSES
utilities_ovs_upcall_trace_SOURCES += \
	utilities/trace-crash.c \
	utilities/trace-crash.h \
	utilities/trace-terminal.c \
	utilities/trace-terminal.h \
	utilities/trace-watch-live.c
endif
utilities_ovs_upcall_trace_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
utilities_ovs_upcall_trace_LDADD = $(UPCALL_LIBS) $(NCURSES_LIBS)
utilities_ovs_upcall_trace_LDADD += $(OPENSSL_LIBS)

# The schema of what files have, which the program prints.  Where it does not
# run here, the one that is distributed is taken.
TRACE_SCHEMA = utilities/ovs-upcall-trace.schema.json
pkgdata_DATA += $(TRACE_SCHEMA)
EXTRA_DIST += $(TRACE_SCHEMA)
if CROSS_COMPILING
$(TRACE_SCHEMA):
	@echo "$@ is made by a program that does not run here: take it from a" \
	  "distribution (make dist)." >&2; \
	exit 1
else
CLEANFILES += $(TRACE_SCHEMA)
$(TRACE_SCHEMA): utilities/ovs-upcall-trace$(EXEEXT)
	$(AM_V_GEN)utilities/ovs-upcall-trace schema > $@.tmp && \
	mv -f $@.tmp $@
endif

# The manual page of files, with all members from the schema.
TRACE_MAN = utilities/ovs-upcall-trace.5.man
man_MANS += utilities/ovs-upcall-trace.5
EXTRA_DIST += utilities/ovs-upcall-trace.5.in utilities/man-members
CLEANFILES += $(TRACE_MAN) utilities/ovs-upcall-trace.5
$(TRACE_MAN): utilities/ovs-upcall-trace.5.in utilities/man-members \
		$(TRACE_SCHEMA)
	$(AM_V_GEN)schema=$(TRACE_SCHEMA); \
	test -f $$schema || schema=$(srcdir)/$(TRACE_SCHEMA); \
	$(PYTHON3) $(srcdir)/utilities/man-members $$schema \
	  < $(srcdir)/utilities/ovs-upcall-trace.5.in > $@.tmp && \
	mv -f $@.tmp $@
utilities/ovs-upcall-trace.5: $(TRACE_MAN) Makefile
	$(MAKE_MAN)

# What comes from the tables of the commands: their entries in the manual page,
# and what bash completes.  Where programs that were built do not run here, the
# files that are distributed are taken, see extension/automake.mk.
PROGRAM_MAN = utilities/ovs-upcall-trace.man
PROGRAM_BASH = utilities/ovs-upcall-trace.bash
EXTRA_DIST += $(PROGRAM_MAN) $(PROGRAM_BASH)
if CROSS_COMPILING
$(PROGRAM_MAN) $(PROGRAM_BASH):
	@echo "$@ is made by a program that does not run here: take it from a" \
	  "distribution (make dist)." >&2; \
	exit 1
else
CLEANFILES += $(PROGRAM_MAN) $(PROGRAM_BASH)
$(PROGRAM_MAN): utilities/ovs-upcall-trace.8.in extension/command-docs
	$(AM_V_GEN)$(MKDIR_P) $(@D) && extension/command-docs --program-man \
	  < $(srcdir)/utilities/ovs-upcall-trace.8.in > $@.tmp && \
	mv -f $@.tmp $@
$(PROGRAM_BASH): utilities/ovs-upcall-trace.bash.in extension/command-docs
	$(AM_V_GEN)$(MKDIR_P) $(@D) && extension/command-docs --bash \
	  < $(srcdir)/utilities/ovs-upcall-trace.bash.in > $@.tmp && \
	mv -f $@.tmp $@
endif

# The page of the command report, with the library that draws its charts.
REPORT_PAGE = \
	utilities/report/build-page.py \
	utilities/report/chart.js \
	utilities/report/colors.css \
	utilities/report/handlers.js \
	utilities/report/heat.js \
	utilities/report/lost.js \
	utilities/report/main.js \
	utilities/report/report.css \
	utilities/report/report.html \
	utilities/report/slowest.js \
	utilities/report/stages.js \
	utilities/report/text.js \
	utilities/report/traced.js \
	utilities/report/who.js
EXTRA_DIST += $(REPORT_PAGE)
if HAVE_D3
nodist_utilities_ovs_upcall_trace_SOURCES = utilities/trace-report-page.c
CLEANFILES += utilities/trace-report-page.c
utilities/trace-report-page.c: $(REPORT_PAGE) $(D3) $(D3_LICENSE) Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(PYTHON3) $(srcdir)/utilities/report/build-page.py \
	  '$(D3)' '$(D3_LICENSE)' $(srcdir)/utilities/report > $@.tmp && \
	mv -f $@.tmp $@
endif

# Which is run as it is.
dist_pkgdata_SCRIPTS = utilities/trace-to-nats

man_MANS += utilities/ovs-upcall-trace.8
EXTRA_DIST += utilities/ovs-upcall-trace.8.in
CLEANFILES += utilities/ovs-upcall-trace.8
utilities/ovs-upcall-trace.8: $(PROGRAM_MAN) Makefile
	$(MAKE_MAN)

# Completion in bash.  bash-completion loads the file of that name when a
# command is completed for the first time, and "_ovs-appctl" for ovs-appctl
# where no other package has completed that by then.  Where Open vSwitch's own
# is loaded with the shell, from /etc/bash_completion.d, the last one comes
# after it and has it loaded at once.
EXTRA_DIST += utilities/ovs-upcall-trace.bash.in utilities/ovs-upcall-trace.sh.in
CLEANFILES += utilities/ovs-upcall-trace.sh
if BASH_COMPLETION
noinst_DATA += $(PROGRAM_BASH) utilities/ovs-upcall-trace.sh
utilities/ovs-upcall-trace.sh: utilities/ovs-upcall-trace.sh.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) 's,[@]bashcompletiondir[@],$(bashcompletiondir),g' \
	  < $(srcdir)/utilities/ovs-upcall-trace.sh.in > $@.tmp && \
	mv -f $@.tmp $@
install-data-local: install-bash-completion
install-bash-completion: $(PROGRAM_BASH) utilities/ovs-upcall-trace.sh
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)' \
	  '$(DESTDIR)$(sysconfdir)/bash_completion.d'
	file=`test -f $(PROGRAM_BASH) || echo $(srcdir)/`$(PROGRAM_BASH); \
	$(INSTALL_DATA) "$$file" \
	  '$(DESTDIR)$(bashcompletiondir)/ovs-upcall-trace'
	cd '$(DESTDIR)$(bashcompletiondir)' && rm -f _ovs-appctl && \
	$(LN_S) ovs-upcall-trace _ovs-appctl
	$(INSTALL_DATA) utilities/ovs-upcall-trace.sh \
	  '$(DESTDIR)$(sysconfdir)/bash_completion.d/ovs-upcall-trace.sh'
uninstall-local: uninstall-bash-completion
uninstall-bash-completion:
	rm -f '$(DESTDIR)$(bashcompletiondir)/ovs-upcall-trace' \
	  '$(DESTDIR)$(bashcompletiondir)/_ovs-appctl' \
	  '$(DESTDIR)$(sysconfdir)/bash_completion.d/ovs-upcall-trace.sh'
endif
.PHONY: install-bash-completion uninstall-bash-completion

EXTRA_DIST += \
	utilities/dev/BENCHMARKS.md \
	utilities/dev/bench \
	utilities/dev/bench-files \
	utilities/dev/bench-guest \
	utilities/dev/bench-peer.bt \
	utilities/dev/bench-upcall-cost \
	utilities/dev/bench-userspace \
	utilities/dev/bpf-matrix \
	utilities/dev/cache-lib.sh \
	utilities/dev/check-lib.sh \
	utilities/dev/demo-guest \
	utilities/dev/fetch-kernel \
	utilities/dev/fetch-lib.sh \
	utilities/dev/fetch-ovs \
	utilities/dev/fetch-prometheus \
	utilities/dev/fetch-root \
	utilities/dev/in-root \
	utilities/quickstart \
	utilities/dev/vm \
	utilities/dev/vm-guest-init

noinst_PROGRAMS += utilities/dev/bench-floor utilities/dev/bench-traffic
utilities_dev_bench_floor_SOURCES = utilities/dev/bench-floor.c
utilities_dev_bench_floor_LDADD = $(LIBBPF_LIBS) $(LIBELF_LIBS) $(ZLIB_LIBS)
utilities_dev_bench_traffic_SOURCES = utilities/dev/bench-traffic.c

# What the tracer costs, in instructions.  BENCH_JSON names a file for the
# figures, BENCHFLAGS has options of utilities/dev/bench.
bench: all
	UPCALL_TRACE_BUILD='$(abs_top_builddir)' \
	  $(srcdir)/utilities/dev/bench $(BENCHFLAGS)

# How many records user space handles in a second.
bench-userspace: tests/bench-userspace
	$(srcdir)/utilities/dev/bench-userspace tests/bench-userspace

# The commands that read files, for one of 1 GB.
bench-files: utilities/ovs-upcall-trace tests/make-trace
	tests/make-trace 195000 > bench-files.json
	$(srcdir)/utilities/dev/bench-files utilities/ovs-upcall-trace \
	  bench-files.json
	rm -f bench-files.json

.PHONY: bench bench-files bench-userspace
