# SPDX-License-Identifier: Apache-2.0
#
# Tests.
#
#   make check             Unit tests, then the Autotest suite.
#   make check-kernel      The system tests on this host, as root.
#   make check-vm          The system tests in a virtual machine.
#   make check-valgrind    What "make check" does, under valgrind.
#   make fuzz              Builds a fuzzer for each input that is not ours.
#   make bpf-matrix        Loads what several compilers make of the BPF
#                          programs, on several kernels.
#
# TESTSUITEFLAGS are options for the suite, such as "-j4", "-k KEYWORD" or a
# range of test numbers.  RECHECK=yes runs tests that failed a second time.
# VMFLAGS are options for utilities/dev/vm, such as "--kernel=6.1 --ovs=4.0".

# Unit tests, with libcheck.
UNIT_TESTS_C_FILES = \
	tests/fuzz/fuzz-actions.c \
	tests/fuzz/fuzz-answer.c \
	tests/fuzz/fuzz-common.c \
	tests/fuzz/fuzz-control.c \
	tests/fuzz/fuzz-filter.c \
	tests/fuzz/fuzz-forward.c \
	tests/fuzz/fuzz-options.c \
	tests/fuzz/fuzz-packed.c \
	tests/fuzz/fuzz-record.c \
	tests/fuzz/fuzz-stream.c \
	tests/fuzz/fuzz-trace.c \
	tests/fuzz/fuzz-usdt.c \
	tests/fuzz/seeds.c \
	tests/fuzz/seeds-packed.c \
	tests/unit/ask-flows.c \
	tests/unit/build-actions.c \
	tests/unit/build-elf.c \
	tests/unit/build-pass.c \
	tests/unit/build-record.c \
	tests/unit/check-output.c \
	tests/unit/execute-machine.c \
	tests/unit/fake-attach.c \
	tests/unit/fake-handlers.c \
	tests/unit/fake-vswitchd.c \
	tests/unit/filter-expressions.c \
	tests/unit/filter-libpcap.c \
	tests/unit/filter-compare.c \
	tests/unit/filter-machine.c \
	tests/unit/filter-packets.c \
	tests/unit/follow.c \
	tests/unit/frames.c \
	tests/unit/hidden-hit.c \
	tests/unit/kernel-bytes.c \
	tests/unit/pointed-walk.c \
	tests/unit/read-pcapng.c \
	tests/unit/unit-tests.c \
	tests/unit/test-action-json.c \
	tests/unit/test-actions.c \
	tests/unit/test-attach-filter.c \
	tests/unit/read-back.c \
	tests/unit/test-attr-check.c \
	tests/unit/test-bounded.c \
	tests/unit/test-command.c \
	tests/unit/test-ctl-client.c \
	tests/unit/test-enricher-answers.c \
	tests/unit/test-enricher.c \
	tests/unit/test-facts.c \
	tests/unit/test-feed.c \
	tests/unit/test-file.c \
	tests/unit/test-filter-deadline.c \
	tests/unit/test-filter-job.c \
	tests/unit/test-filter-child.c \
	tests/unit/test-filter-real.c \
	tests/unit/test-filter.c \
	tests/unit/test-flow-answer.c \
	tests/unit/test-flow-hits.c \
	tests/unit/test-flow-table.c \
	tests/unit/test-flow-text.c \
	tests/unit/test-flows.c \
	tests/unit/test-follow-hits.c \
	tests/unit/test-follow-place.c \
	tests/unit/test-follow.c \
	tests/unit/test-followers.c \
	tests/unit/test-forward-file.c \
	tests/unit/test-forward-queue.c \
	tests/unit/test-forward-session.c \
	tests/unit/test-forward.c \
	tests/unit/test-frame-payload.c \
	tests/unit/test-frame.c \
	tests/unit/test-histogram.c \
	tests/unit/test-fuzz.c \
	tests/unit/test-hidden-actions.c \
	tests/unit/test-hidden-file.c \
	tests/unit/test-hidden-flows.c \
	tests/unit/test-history-kinds.c \
	tests/unit/test-history-span.c \
	tests/unit/test-history.c \
	tests/unit/test-hostile.c \
	tests/unit/test-json-writer.c \
	tests/unit/test-kernel-actions.c \
	tests/unit/test-kernel-actions-fill.c \
	tests/unit/test-kernel-actions-find.c \
	tests/unit/test-kernel-actions-pointed.c \
	tests/unit/test-kernel-layout.c \
	tests/unit/test-metrics.c \
	tests/unit/test-netlink-sockets.c \
	tests/unit/test-output.c \
	tests/unit/test-packet-text.c \
	tests/unit/test-packed-file.c \
	tests/unit/test-packed-reader.c \
	tests/unit/test-pass-condition.c \
	tests/unit/test-pass-execute.c \
	tests/unit/test-pass-executed.c \
	tests/unit/test-pass-links.c \
	tests/unit/test-pass-pointed.c \
	tests/unit/test-pass-show.c \
	tests/unit/test-pass-stats-show.c \
	tests/unit/test-pass-stats.c \
	tests/unit/test-pcapng.c \
	tests/unit/test-perfetto.c \
	tests/unit/test-report.c \
	tests/unit/test-report-page.c \
	tests/unit/retis-check.c \
	tests/unit/test-retis.c \
	tests/unit/test-rotation.c \
	tests/unit/test-schema.c \
	tests/unit/test-port-map.c \
	tests/unit/test-printable.c \
	tests/unit/test-port-names.c \
	tests/unit/test-proc-maps.c \
	tests/unit/test-record-links.c \
	tests/unit/test-record.c \
	tests/unit/test-selection.c \
	tests/unit/test-spill-sort.c \
	tests/unit/test-start-options.c \
	tests/unit/test-stats.c \
	tests/unit/test-stats-show.c \
	tests/unit/test-condition.c \
	tests/unit/test-duration.c \
	tests/unit/test-json-node.c \
	tests/unit/test-moment.c \
	tests/unit/test-sweep.c \
	tests/unit/test-trace-begin.c \
	tests/unit/test-trace-order.c \
	tests/unit/test-trace-reader.c \
	tests/unit/test-trace-records.c \
	tests/unit/test-trace-errors.c \
	tests/unit/test-trace-sort.c \
	tests/unit/test-trace-writer.c \
	tests/unit/session-files.c \
	tests/unit/trace-files.c \
	tests/unit/test-trace-seek.c \
	tests/unit/test-trigger.c \
	tests/unit/test-upcall-passes.c \
	tests/unit/test-upcall-stats.c \
	tests/unit/test-usdt-args.c \
	tests/unit/test-usdt-notes.c \
	tests/unit/test-usdt.c \
	tests/unit/test-vport-monitor.c \
	tests/unit/test-vswitchd-stats.c \
	tests/unit/test-thread-cpu.c \
	tests/unit/test-watch-screen.c \
	tests/unit/test-watch.c
UNIT_TESTS_H_FILES = \
	tests/fuzz/fuzz.h \
	tests/fuzz/seeds.h \
	tests/unit/ask-flows.h \
	tests/unit/build-actions.h \
	tests/unit/build-elf.h \
	tests/unit/build-pass.h \
	tests/unit/build-record.h \
	tests/unit/check-output.h \
	tests/unit/read-back.h \
	tests/unit/fake-attach.h \
	tests/unit/fake-vswitchd.h \
	tests/unit/filter-cases.h \
	tests/unit/execute-machine.h \
	tests/unit/filter-compare.h \
	tests/unit/filter-machine.h \
	tests/unit/follow.h \
	tests/unit/frames.h \
	tests/unit/hidden-hit.h \
	tests/unit/kernel-bytes.h \
	tests/unit/pointed-walk.h \
	tests/unit/read-pcapng.h \
	tests/unit/retis-check.h \
	tests/unit/test-stats.h \
	tests/unit/session-files.h \
	tests/unit/trace-files.h

# Files of the Autotest suite that "make check" runs.
TESTSUITE_AT = \
	tests/testsuite.at \
	tests/cache.at \
	tests/commands.at \
	tests/daemon.at \
	tests/exact.at \
	tests/files.at \
	tests/files-damaged.at \
	tests/files-parts.at \
	tests/files-terminal.at \
	tests/filter.at \
	tests/followers.at \
	tests/forward-daemon.at \
	tests/forward-nats.at \
	tests/forward-tls.at \
	tests/forward.at \
	tests/completion.at \
	tests/monitor.at \
	tests/output.at \
	tests/pcapng.at \
	tests/report.at \
	tests/retis.at \
	tests/schema.at \
	tests/pressure.at \
	tests/program.at \
	tests/record-ends.at \
	tests/receive.at \
	tests/record.at \
	tests/robustness.at \
	tests/sort.at \
	tests/stats.at \
	tests/target.at \
	tests/watch.at

# Files of the suite that needs the kernel's openvswitch module.
SYSTEM_TESTSUITE_AT = \
	tests/system-testsuite.at \
	tests/system/actions.at \
	tests/system/chain.at \
	tests/system/cost.at \
	tests/system/datapaths.at \
	tests/system/enrich.at \
	tests/system/exact-passes.at \
	tests/system/exact.at \
	tests/system/executed-limits.at \
	tests/system/executed.at \
	tests/system/faults.at \
	tests/system/files.at \
	tests/system/filter.at \
	tests/system/flows.at \
	tests/system/follow.at \
	tests/system/forward.at \
	tests/system/full.at \
	tests/system/history.at \
	tests/system/life.at \
	tests/system/links.at \
	tests/system/macros.at \
	tests/system/metrics.at \
	tests/system/options.at \
	tests/system/packets.at \
	tests/system/pass-packets.at \
	tests/system/pass-stats.at \
	tests/system/passes.at \
	tests/system/record.at \
	tests/system/records.at \
	tests/system/report.at \
	tests/system/retis.at \
	tests/system/scenarios.at \
	tests/system/sort.at \
	tests/system/stats.at \
	tests/system/stream.at \
	tests/system/trigger.at \
	tests/system/vswitchd.at \
	tests/system/watch.at \
	tests/system/zoo.at

# Files that both suites include.
COMMON_AT = \
	tests/common-macros.at

# Anything else that tests use.
TESTS_EXTRA = \
	tests/model/bpf-shim/bpf/bpf_core_read.h \
	tests/model/bpf-shim/bpf/bpf_helpers.h \
	tests/model/bpf-shim/bpf/bpf_tracing.h \
	tests/model/bpf-shim/bpf/unaligned.h \
	tests/per-vport.c \
	tests/chain_record.py \
	tests/chain_text.py \
	tests/bpf-instructions.txt \
	tests/capture-frames.py \
	tests/capture-ports.py \
	tests/check-beneath.py \
	tests/check-chain.py \
	tests/check-checksums.py \
	tests/check-datapaths.py \
	tests/check-executed.py \
	tests/check-filters.py \
	tests/check-flows.py \
	tests/check-forward.py \
	tests/check-help.py \
	tests/check-hidden.py \
	tests/check-instructions.py \
	tests/check-json.py \
	tests/check-links.py \
	tests/check-pass-numbers.py \
	tests/browse-page.py \
	tests/check-page.py \
	tests/check-pass-packets.py \
	tests/check-passes.py \
	tests/check-perfetto.py \
	tests/check-numbered.py \
	tests/check-rules.py \
	tests/check-retis.py \
	tests/check-sorted.py \
	tests/check-schema.py \
	tests/check-stats.py \
	tests/check-trace-file.py \
	tests/complete.bash \
	tests/on-terminal.py \
	tests/check-stream.py \
	tests/check-zoo.py \
	tests/control-storm.py \
	tests/cut-stream.py \
	tests/damage-trace.py \
	tests/ctl-proxy.py \
	tests/flow_netlink.py \
	tests/follow.py \
	tests/hold-handlers.py \
	tests/hold-put.py \
	tests/hostile-client.py \
	tests/hostile-receiver.py \
	tests/hostile-sender.py \
	tests/hostile-target.py \
	tests/hostile-trace.py \
	tests/max-memory.py \
	tests/nats-subscribe.py \
	tests/nonblocking-output.py \
	tests/numbered_checks.py \
	tests/numbered_evidence.py \
	tests/numbered_selftest.py \
	tests/pass_number_checks.py \
	tests/pass_number_selftest.py \
	tests/pass_numbers.py \
	tests/python-server.py \
	tests/repeat-commands.py \
	tests/same-records.py \
	tests/see-progress.py \
	tests/send-after-idle.py \
	tests/send-packets.py \
	tests/send-tun.py \
	tests/show-all.py \
	tests/spread-trace.py \
	tests/send-traffic.py \
	tests/terminal.py \
	tests/waiting-client.py \
	tests/capture-real.py \
	tests/unit/real-packets.pcap

EXTRA_DIST += \
	$(UNIT_TESTS_C_FILES) \
	$(UNIT_TESTS_H_FILES) \
	$(TESTSUITE_AT) \
	$(SYSTEM_TESTSUITE_AT) \
	$(COMMON_AT) \
	$(TESTS_EXTRA) \
	$(TESTSUITE) \
	$(SYSTEM_TESTSUITE) \
	$(srcdir)/package.m4

# A model of handlers, for the matching code of bpf/, which it compiles for
# this machine: tests/model/bpf-shim has what libbpf has for BPF programs.
# The headers are those of the kernel, not those that Open vSwitch has instead.
EXTRA_PROGRAMS += tests/model-match
AUTOTEST_HELPERS = tests/model-match
tests_model_match_SOURCES = \
	tests/model/model.h \
	tests/model/model-generate.c \
	tests/model/model-machine.c \
	tests/model/model-match.c \
	tests/model/model-messages.c \
	tests/model/model-oracle.c \
	tests/model/model-print.c \
	tests/model/model-shrink.c
tests_model_match_CPPFLAGS = -I $(srcdir)/tests/model/bpf-shim

# Unit tests.

if HAVE_CHECK
check_PROGRAMS += tests/unit-tests
tests_unit_tests_SOURCES = \
	$(UNIT_TESTS_C_FILES) \
	$(UNIT_TESTS_H_FILES) \
	extension/attach-filter.c \
	extension/attach-filter.h \
	extension/backoff.c \
	extension/kernel-layout.c \
	extension/sweep.c
tests_unit_tests_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_tests_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)
# Skeletons that it includes are otherwise made by "make all" and "make check".
tests/unit/tests-test-attach-filter.$(OBJEXT): $(BPF_SKEL_FILES)

# For "make bench-userspace".
EXTRA_PROGRAMS += tests/bench-userspace
tests_bench_userspace_SOURCES = \
	tests/bench-userspace.c \
	tests/unit/build-pass.c \
	tests/unit/build-pass.h \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_bench_userspace_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_bench_userspace_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# What followers cost, see utilities/dev/BENCHMARKS.md.
EXTRA_PROGRAMS += tests/bench-followers
tests_bench_followers_SOURCES = \
	tests/bench-followers.c \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_bench_followers_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_bench_followers_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# A day of records, for the Autotest suite.
EXTRA_PROGRAMS += tests/replay-records
AUTOTEST_HELPERS += tests/replay-records
tests_replay_records_SOURCES = \
	tests/replay-records.c \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_replay_records_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_replay_records_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# A trace of any length, with packets that have several records, for the
# Autotest suite.
EXTRA_PROGRAMS += tests/make-trace
AUTOTEST_HELPERS += tests/make-trace
tests_make_trace_SOURCES = \
	tests/make-trace.c \
	tests/unit/build-pass.c \
	tests/unit/build-pass.h \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_make_trace_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_make_trace_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# A file for programs that read pcapng, for the Autotest suite.
EXTRA_PROGRAMS += tests/write-pcapng
AUTOTEST_HELPERS += tests/write-pcapng
tests_write_pcapng_SOURCES = \
	tests/write-pcapng.c \
	tests/unit/build-pass.c \
	tests/unit/build-pass.h \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_write_pcapng_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_write_pcapng_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# A trace of a busy machine, likewise.
EXTRA_PROGRAMS += tests/write-trace
AUTOTEST_HELPERS += tests/write-trace
tests_write_trace_SOURCES = \
	tests/write-trace.c \
	tests/unit/build-record.c \
	tests/unit/build-record.h
tests_write_trace_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_write_trace_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

# The daemon with records from nowhere, for the Autotest suite.
EXTRA_LIBRARIES = tests/libsynthetic.a
tests_libsynthetic_a_SOURCES = \
	tests/synthetic-varied.c \
	tests/synthetic-varied.h \
	tests/synthetic.c \
	tests/unit/build-pass.c \
	tests/unit/build-pass.h \
	tests/unit/build-record.c \
	tests/unit/build-record.h \
	tests/unit/fake-handlers.c
tests_libsynthetic_a_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
EXTRA_PROGRAMS += tests/synthetic-traced
AUTOTEST_HELPERS += tests/synthetic-traced
tests_synthetic_traced_SOURCES = \
	$(DAEMON_FILES) \
	extension/kernel-memory.c \
	extension/lockdown.c
tests_synthetic_traced_LDADD = \
	tests/libsynthetic.a \
	$(UPCALL_LIBS) \
	$(CHECK_LIBS)

check-unit: tests/unit-tests
	rm -f tests/unit-tests.lines
	UPCALL_LINES=tests/unit-tests.lines srcdir='$(srcdir)' ./tests/unit-tests
else
check-unit:
	@echo "The unit tests cannot run, because libcheck was not found when" >&2
	@echo "configure ran.  Install it (on Debian: apt install check) and" >&2
	@echo "configure again." >&2
	@exit 1
endif

# Fuzzers, which need clang's libFuzzer (Debian package libclang-rt-dev).  Our
# library is compiled for it in a directory of its own; Open vSwitch's is as it
# was built.  fuzz/TARGET is a fuzzer for each target of tests/fuzz/fuzz.h, and
# fuzz/seeds/TARGET has inputs to start from:
#
#   make fuzz && fuzz/record -max_total_time=60 fuzz/seeds/record
FUZZ_INPUTS = \
	tests/fuzz/inputs/actions/layout-beyond \
	tests/fuzz/inputs/actions/nested-too-long \
	tests/fuzz/inputs/answer/detrace \
	tests/fuzz/inputs/answer/dump-dps \
	tests/fuzz/inputs/answer/get-flow \
	tests/fuzz/inputs/answer/get-flow-error \
	tests/fuzz/inputs/answer/list-commands \
	tests/fuzz/inputs/answer/trace \
	tests/fuzz/inputs/answer/trace-blank-bridge \
	tests/fuzz/inputs/args/aarch64 \
	tests/fuzz/inputs/args/constant \
	tests/fuzz/inputs/args/s390x \
	tests/fuzz/inputs/args/x86-64 \
	tests/fuzz/inputs/control/error \
	tests/fuzz/inputs/control/junk \
	tests/fuzz/inputs/control/number \
	tests/fuzz/inputs/control/reply \
	tests/fuzz/inputs/control/request \
	tests/fuzz/inputs/control/twice \
	tests/fuzz/inputs/filter/loads \
	tests/fuzz/inputs/filter/tcp-port \
	tests/fuzz/inputs/forward/hostile \
	tests/fuzz/inputs/forward/session \
	tests/fuzz/inputs/maps/anonymous \
	tests/fuzz/inputs/maps/library \
	tests/fuzz/inputs/maps/sockets \
	tests/fuzz/inputs/notes/no-elf \
	tests/fuzz/inputs/options/conditions \
	tests/fuzz/inputs/options/filter-control \
	tests/fuzz/inputs/options/hostile \
	tests/fuzz/inputs/options/selection \
	tests/fuzz/inputs/options/start \
	tests/fuzz/inputs/options/trigger-dir \
	tests/fuzz/inputs/packed/damaged-behind-start \
	tests/fuzz/inputs/packed/empty-frames \
	tests/fuzz/inputs/packed/no-trace \
	tests/fuzz/inputs/packed/window \
	tests/fuzz/inputs/packed/zero-in-line \
	tests/fuzz/inputs/stream/error-not-printable \
	tests/fuzz/inputs/stream/hello-too-long \
	tests/fuzz/inputs/stream/junk \
	tests/fuzz/inputs/stream/other-records \
	tests/fuzz/inputs/trace/control \
	tests/fuzz/inputs/trace/upcall \
	tests/fuzz/inputs/record/short
EXTRA_DIST += $(FUZZ_INPUTS) tests/fuzz/libfuzzer.c tests/fuzz/make-seeds.c
FUZZ_TARGETS = actions answer args control filter forward maps notes options \
	packed record stream trace
FUZZ_FLAGS = -g -O1 -w -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_C_FILES = \
	$(filter %.c,$(lib_libupcall_la_SOURCES)) \
	$(filter tests/fuzz/%.c,$(UNIT_TESTS_C_FILES)) \
	tests/fuzz/libfuzzer.c \
	tests/unit/build-elf.c \
	tests/unit/build-pass.c \
	tests/unit/build-record.c \
	tests/unit/filter-machine.c \
	tests/unit/kernel-bytes.c
FUZZ_H_FILES = \
	$(filter %.h,$(lib_libupcall_la_SOURCES)) \
	$(BPF_H_FILES) \
	$(UNIT_TESTS_H_FILES)
FUZZ_OBJECTS = $(FUZZ_C_FILES:%.c=fuzz/obj/%.o)

fuzz/obj/%.o: %.c $(FUZZ_H_FILES) Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_CC)$(CLANG) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) \
	  -I $(srcdir)/tests $(CHECK_CFLAGS) $(CPPFLAGS) $(FUZZ_FLAGS) \
	  -fsanitize=fuzzer-no-link,address,undefined -c $< -o $@

fuzz/fuzz: $(FUZZ_OBJECTS)
	$(AM_V_CCLD)$(LIBTOOL) $(AM_V_lt) --tag=CC --mode=link $(CLANG) \
	  $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ \
	  $(FUZZ_OBJECTS) $(filter-out lib/libupcall.la,$(UPCALL_LIBS)) \
	  $(CHECK_LIBS) $(LIBS)

EXTRA_PROGRAMS += tests/make-seeds
tests_make_seeds_SOURCES = \
	tests/fuzz/make-seeds.c \
	tests/fuzz/seeds.c \
	tests/fuzz/seeds-packed.c \
	tests/fuzz/seeds.h \
	tests/unit/build-elf.c \
	tests/unit/build-elf.h \
	tests/unit/build-pass.c \
	tests/unit/build-pass.h \
	tests/unit/build-record.c \
	tests/unit/build-record.h \
	tests/unit/kernel-bytes.c \
	tests/unit/kernel-bytes.h
tests_make_seeds_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_make_seeds_LDADD = $(UPCALL_LIBS) $(CHECK_LIBS)

fuzz: fuzz/fuzz tests/make-seeds
	@for target in $(FUZZ_TARGETS); do \
	  ln -sf fuzz fuzz/$$target && $(MKDIR_P) fuzz/seeds/$$target && \
	  cp $(srcdir)/tests/fuzz/inputs/$$target/* fuzz/seeds/$$target \
	    || exit 1; \
	done
	@tests/make-seeds fuzz/seeds

CLEANFILES += tests/make-seeds
CLEAN_LOCAL += clean-fuzz
clean-fuzz:
	rm -rf fuzz

# BPF programs of several compilers, for utilities/dev/bpf-matrix.  Each is in
# a directory matrix/NAME with the objects of MATRIX_OBJECTS, from which
# skeletons are made, and with these as the only difference what the daemon
# loads them with.
MATRIX_OBJECTS = upcall packet
LOAD_PROGRAMS_C_FILES = $(ATTACH_C_FILES) extension/host.c \
	extension/kernel-functions.c \
	tests/load-programs.c
EXTRA_DIST += tests/load-programs.c

.PRECIOUS: matrix/%.skel.h
matrix/%.skel.h: matrix/%.bpf.o
	$(AM_V_BPFSKEL)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@.tmp && \
	mv -f $@.tmp $@

matrix/%/load-programs: $(foreach object,$(MATRIX_OBJECTS), \
		matrix/%/bpf/$(object).skel.h) \
		$(LOAD_PROGRAMS_C_FILES) $(ATTACH_H_FILES) $(BPF_H_FILES) \
		lib/libupcall.la
	@rm -rf $(@D)/obj && $(MKDIR_P) $(@D)/obj
	$(AM_V_CC)for source in $(LOAD_PROGRAMS_C_FILES); do \
	  $(COMPILE) -iquote $(@D) -I $(srcdir) -iquote $(srcdir)/extension -I . \
	    -c $(srcdir)/$$source -o $(@D)/obj/`basename $$source .c`.o \
	    || exit 1; \
	done
	$(AM_V_CCLD)$(LIBTOOL) $(AM_V_lt) --tag=CC --mode=link $(CCLD) \
	  $(AM_CFLAGS) $(CFLAGS) $(AM_LDFLAGS) $(LDFLAGS) -o $@ \
	  $(@D)/obj/*.o $(UPCALL_LIBS) $(LIBS)

# Which compilers and kernels get along.  BPFMATRIXFLAGS has kernels, if not
# all.
bpf-matrix: all lib/libupcall.la
	UPCALL_TRACE_BUILD='$(abs_top_builddir)' BPF_FLAGS='$(BPF_FLAGS)' \
	  BPF_CPU='$(BPF_CPU)' MATRIX_OBJECTS='$(MATRIX_OBJECTS)' \
	  $(srcdir)/utilities/dev/bpf-matrix $(BPFMATRIXFLAGS)

CLEAN_LOCAL += clean-matrix
clean-matrix:
	rm -rf matrix

# Programs that tests run.  They must be fast.
noinst_PROGRAMS += \
	tests/ask-python \
	tests/capture-numbered \
	tests/filter-frames \
	tests/filter-kernel \
	tests/follow-stream \
	tests/other-traffic \
	tests/send-numbered
tests_ask_python_SOURCES = tests/ask-python.c
tests_capture_numbered_SOURCES = tests/capture-numbered.c
tests_filter_frames_SOURCES = \
	tests/filter-frames.c \
	tests/unit/filter-cases.h \
	tests/unit/filter-expressions.c \
	tests/unit/filter-packets.c
tests_filter_frames_CPPFLAGS = -I $(srcdir)/tests $(AM_CPPFLAGS)
tests_filter_frames_LDADD = $(UPCALL_LIBS)
tests_filter_kernel_SOURCES = \
	tests/filter-kernel.c \
	tests/unit/filter-cases.h \
	tests/unit/filter-expressions.c \
	tests/unit/filter-libpcap.c \
	tests/unit/filter-packets.c
tests_filter_kernel_CPPFLAGS = $(tests_filter_frames_CPPFLAGS)
tests_filter_kernel_LDADD = $(UPCALL_LIBS)
tests_follow_stream_SOURCES = tests/follow-stream.c
tests_follow_stream_LDADD = $(UPCALL_LIBS)
tests_other_traffic_SOURCES = tests/other-traffic.c
tests_send_numbered_SOURCES = tests/send-numbered.c

# For LD_PRELOAD.  Libtool makes no shared objects here.
check_DATA = tests/per-vport.so
CLEANFILES += tests/unit-tests.lines
CLEANFILES += tests/per-vport.so tests/bench-followers \
	tests/bench-userspace tests/libsynthetic.a tests/make-trace \
	tests/model-match \
	tests/replay-records tests/synthetic-traced tests/write-pcapng \
	tests/write-trace
tests/per-vport.so: tests/per-vport.c config.h Makefile
	@$(MKDIR_P) tests
	$(AM_V_CC)$(CC) $(DEFS) -D_GNU_SOURCE -I. $(CPPFLAGS) $(CFLAGS) \
	  -shared -fPIC -o $@.tmp $(srcdir)/tests/per-vport.c -ldl && \
	mv -f $@.tmp $@

# Autotest suites.  As is usual, the generated scripts are in the source
# directory and are distributed, so that running them needs no Autoconf.

TESTSUITE = $(srcdir)/tests/testsuite
SYSTEM_TESTSUITE = $(srcdir)/tests/system-testsuite
AUTOTEST = $(AUTOM4TE) --language=autotest

# Where tests find programs: ours, in directories below the build directory or
# the source directory, and those of Open vSwitch.
AUTOTEST_OWN_PATH = extension:utilities:tests
OVS_DAEMON_PATH = $(OVS_BUILDDIR)/vswitchd:$(OVS_BUILDDIR)/ovsdb
AUTOTEST_OVS_PATH = $(OVS_BUILDDIR)/utilities:$(OVS_DAEMON_PATH)
AUTOTEST_PATH = $(AUTOTEST_OWN_PATH):$(AUTOTEST_OVS_PATH)

TESTSUITE_CONFIG = tests/atconfig tests/atlocal

$(srcdir)/package.m4: $(srcdir)/configure.ac
	$(AM_V_GEN)for pair in \
	  'NAME=$(PACKAGE_NAME)' 'TARNAME=$(PACKAGE_TARNAME)' \
	  'VERSION=$(PACKAGE_VERSION)' 'STRING=$(PACKAGE_STRING)' \
	  'BUGREPORT=$(PACKAGE_BUGREPORT)' 'URL=$(PACKAGE_URL)'; do \
	  echo "m4_define([AT_PACKAGE_$${pair%%=*}], [$${pair#*=}])"; \
	done > $@.tmp && \
	mv -f $@.tmp $@

$(TESTSUITE): $(srcdir)/package.m4 $(TESTSUITE_AT) $(COMMON_AT)
	$(AM_V_GEN)$(AUTOTEST) -I '$(srcdir)' -o $@.tmp $@.at && \
	mv -f $@.tmp $@

$(SYSTEM_TESTSUITE): $(srcdir)/package.m4 $(SYSTEM_TESTSUITE_AT) $(COMMON_AT)
	$(AM_V_GEN)$(AUTOTEST) -I '$(srcdir)' -o $@.tmp $@.at && \
	mv -f $@.tmp $@

check-autotest: all $(AUTOTEST_HELPERS) $(TESTSUITE) $(TESTSUITE_CONFIG)
	set $(SHELL) '$(TESTSUITE)' -C tests \
	  AUTOTEST_PATH='$(AUTOTEST_PATH)' $(TESTSUITEFLAGS); \
	"$$@" || (test X'$(RECHECK)' = Xyes && "$$@" --recheck)

# The unit tests come first: they take a second, and what they find explains
# failures of the others.
CHECK_LOCAL += check-unit-then-autotest
check-unit-then-autotest:
	@$(MAKE) $(AM_MAKEFLAGS) check-unit
	@$(MAKE) $(AM_MAKEFLAGS) check-autotest

# The system tests change network devices of the host on which they run, so
# they run one at a time.
check-kernel: all $(SYSTEM_TESTSUITE) $(TESTSUITE_CONFIG) $(check_DATA)
	@if test "`id -u`" != 0; then \
	  echo "\"make check-kernel\" needs root; try \"make check-vm\"." >&2; \
	  exit 1; \
	fi
	set $(SHELL) '$(SYSTEM_TESTSUITE)' -C tests \
	  AUTOTEST_PATH='$(AUTOTEST_PATH)' $(TESTSUITEFLAGS) -j1; \
	"$$@" || (test X'$(RECHECK)' = Xyes && "$$@" --recheck)

# In the virtual machine, the Open vSwitch that VMFLAGS names is in the PATH
# already.  What a machine writes is forgotten when it ends, so that it copies
# the logs to the directory $VM_OUT before.  Where sh is dash, as in Debian, the
# suite takes less time there than with bash.
VM_OUT = $(abs_top_builddir)/tests/system-testsuite.vm
check-vm-build: all $(SYSTEM_TESTSUITE) $(TESTSUITE_CONFIG) $(check_DATA)
check-vm: check-vm-build
	@$(MKDIR_P) '$(VM_OUT)'
	UPCALL_TRACE_BUILD='$(abs_top_builddir)' VM_OUT='$(VM_OUT)' \
	  $(srcdir)/utilities/dev/vm --timeout=5400 $(VMFLAGS) $(SHELL) -c \
	  'trap : TERM; "$$@"; status=$$?; \
	   cp -r tests/system-testsuite.log tests/system-testsuite.dir \
	     "$$VM_OUT"; \
	   exit $$status' check-vm \
	  env CONFIG_SHELL=/bin/sh /bin/sh '$(SYSTEM_TESTSUITE)' -C tests \
	  AUTOTEST_PATH='$(AUTOTEST_OWN_PATH)' $(TESTSUITEFLAGS)

# Valgrind.  A directory with wrappers, named like the programs, comes first in
# the path of the tests.

VALGRIND_WRAPPERS = \
	tests/valgrind/ovs-upcall-trace \
	tests/valgrind/ovs-upcall-traced
VALGRIND_SUPPRESSIONS = \
	--suppressions=$(OVS_SRCDIR)/tests/glibc.supp \
	--suppressions=$(OVS_SRCDIR)/tests/openssl.supp
VALGRIND = $(VALGRIND_PROGRAM) --leak-check=full --num-callers=20 \
	$(VALGRIND_SUPPRESSIONS)

$(VALGRIND_WRAPPERS): Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)program=`echo $(sbin_PROGRAMS) $(bin_PROGRAMS) | \
	  tr ' ' '\n' | grep '/$(@F)$$'` && \
	printf '%s\n' '#! $(SHELL)' \
	  'libtool=$(abs_top_builddir)/libtool' \
	  "program=$(abs_top_builddir)/$$program" \
	  'exec "$$libtool" --quiet --mode=execute $$VALGRIND "$$program" "$$@"' \
	  > $@.tmp && \
	chmod +x $@.tmp && \
	mv -f $@.tmp $@

check-valgrind: all $(check_PROGRAMS) $(VALGRIND_WRAPPERS) $(TESTSUITE) \
		$(TESTSUITE_CONFIG)
	@if test -z '$(VALGRIND_PROGRAM)'; then \
	  echo "valgrind was not found when configure ran." >&2; \
	  exit 1; \
	fi
	for program in $(check_PROGRAMS); do \
	  srcdir='$(srcdir)' CK_FORK=no $(LIBTOOL) --quiet --mode=execute \
	    $(VALGRIND) --error-exitcode=1 ./$$program || exit 1; \
	done
	$(SHELL) '$(TESTSUITE)' -C tests -d CHECK_VALGRIND=true \
	  VALGRIND='$(VALGRIND) --log-file=valgrind.%p' \
	  AUTOTEST_PATH='tests/valgrind:$(AUTOTEST_PATH)' $(TESTSUITEFLAGS)
	@if grep -l -E -e 'ERROR SUMMARY: [1-9]' \
	    tests/testsuite.dir/*/valgrind.* 2>/dev/null; then \
	  echo "valgrind found errors, see the files above." >&2; \
	  exit 1; \
	fi

CLEANFILES += $(VALGRIND_WRAPPERS)
DISTCLEANFILES += $(TESTSUITE_CONFIG)
MAINTAINERCLEANFILES += \
	$(TESTSUITE) \
	$(SYSTEM_TESTSUITE) \
	$(srcdir)/package.m4

CLEAN_LOCAL += clean-tests
clean-tests:
	for suite in '$(TESTSUITE)' '$(SYSTEM_TESTSUITE)'; do \
	  test ! -f "$$suite" || test ! -f tests/atconfig || \
	    $(SHELL) "$$suite" -C tests --clean; \
	done
	rm -rf '$(VM_OUT)'

.PHONY: bpf-matrix fuzz check-unit check-autotest check-kernel check-vm \
	check-vm-build check-valgrind
