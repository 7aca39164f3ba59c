# SPDX-License-Identifier: Apache-2.0
#
# What can be tested without a kernel, as a library for all our programs.  It
# has rooms, in this order; each may use those before it only.
#
#   base    text, commands and their options, JSON, histograms
#   record  records of the BPF programs and their events
#   usdt    probes of a program and where they are
#   store   what is kept: history, ports, statistics, conditions
#   flow    what ovs-vswitchd says of flows
#   show    text, JSON and metrics
#   file    files with traces

EXTRA_DIST += lib/rooms.awk

noinst_LTLIBRARIES += lib/libupcall.la
lib_libupcall_la_SOURCES = \
	lib/base/base64.c \
	lib/base/base64.h \
	lib/base/bounded.c \
	lib/base/bounded.h \
	lib/base/clock.h \
	lib/base/command-show.c \
	lib/base/command.c \
	lib/base/command.h \
	lib/base/compat.c \
	lib/base/compat.h \
	lib/base/duration.c \
	lib/base/duration.h \
	lib/base/histogram.c \
	lib/base/histogram.h \
	lib/base/json-writer.c \
	lib/base/json-writer.h \
	lib/base/option-kind.c \
	lib/base/option-kind.h \
	lib/base/plain-text.h \
	lib/base/printable.c \
	lib/base/printable.h \
	lib/base/user-text.c \
	lib/base/user-text.h \
	lib/record/action.c \
	lib/record/action.h \
	lib/record/attr-check.c \
	lib/record/attr-check.h \
	lib/record/event.c \
	lib/record/event.h \
	lib/record/kernel-actions-ct.c \
	lib/record/kernel-actions-fill.c \
	lib/record/kernel-actions-private.h \
	lib/record/kernel-actions.c \
	lib/record/kernel-actions.h \
	lib/record/kernel-layout.c \
	lib/record/names.c \
	lib/record/names.h \
	lib/record/pass-actions.c \
	lib/record/pass-actions.h \
	lib/record/pass-links.c \
	lib/record/pass-links.h \
	lib/record/pass.c \
	lib/record/pass.h \
	lib/record/record.c \
	lib/record/record.h \
	lib/record/userdata.c \
	lib/record/userdata.h \
	lib/usdt/proc-maps.c \
	lib/usdt/proc-maps.h \
	lib/usdt/usdt-args.c \
	lib/usdt/usdt-args.h \
	lib/usdt/usdt-known.c \
	lib/usdt/usdt-known.h \
	lib/usdt/usdt-notes.c \
	lib/usdt/usdt-notes.h \
	lib/usdt/usdt-probe.c \
	lib/usdt/usdt-probe.h \
	lib/store/history.c \
	lib/store/history.h \
	lib/store/name-log.c \
	lib/store/name-log.h \
	lib/store/netlink-sockets.c \
	lib/store/netlink-sockets.h \
	lib/store/option-conditions.c \
	lib/store/option-names.c \
	lib/store/option-names.h \
	lib/store/place.c \
	lib/store/place.h \
	lib/store/port-map.c \
	lib/store/port-map.h \
	lib/store/port-names.c \
	lib/store/port-names.h \
	lib/store/record-facts.c \
	lib/store/record-keys.c \
	lib/store/record-keys.h \
	lib/store/selection.c \
	lib/store/selection.h \
	lib/store/start-options.c \
	lib/store/start-options.h \
	lib/store/commands.c \
	lib/store/commands.h \
	lib/store/condition.c \
	lib/store/condition.h \
	lib/store/upcall-stats-handlers.c \
	lib/store/upcall-stats-ports.c \
	lib/store/upcall-stats-private.h \
	lib/store/upcall-stats.c \
	lib/store/upcall-stats.h \
	lib/store/vswitchd-stats.c \
	lib/store/vswitchd-stats.h \
	lib/flow/ctl-client.c \
	lib/flow/ctl-client.h \
	lib/flow/dp-flow.h \
	lib/flow/enricher-answers.c \
	lib/flow/enricher-private.h \
	lib/flow/enricher.c \
	lib/flow/enricher.h \
	lib/flow/flow-answer-trace.c \
	lib/flow/flow-answer.c \
	lib/flow/flow-answer.h \
	lib/flow/flow-match.c \
	lib/flow/flow-match.h \
	lib/flow/flow-queue.c \
	lib/flow/flow-queue.h \
	lib/flow/flow-rules.c \
	lib/flow/flow-rules.h \
	lib/flow/flow-table.c \
	lib/flow/flow-table.h \
	lib/flow/flow-text-key.c \
	lib/flow/flow-text-private.h \
	lib/flow/flow-text.c \
	lib/flow/flow-text.h \
	lib/flow/packet-flow.c \
	lib/flow/packet-flow.h \
	lib/flow/slice.h \
	lib/flow/version-query.c \
	lib/flow/version-query.h \
	lib/show/action-json-ct.c \
	lib/show/action-json-members.c \
	lib/show/action-json-private.h \
	lib/show/action-json.c \
	lib/show/action-json.h \
	lib/show/flow-show.c \
	lib/show/flow-show.h \
	lib/show/json-values.c \
	lib/show/json-values.h \
	lib/show/metrics.c \
	lib/show/metrics.h \
	lib/show/packet-text.c \
	lib/show/packet-text.h \
	lib/show/pass-json.c \
	lib/show/pass-json.h \
	lib/show/pass-text-events.c \
	lib/show/pass-text.c \
	lib/show/pass-text.h \
	lib/show/record-json.c \
	lib/show/record-json.h \
	lib/show/record-show.c \
	lib/show/record-show.h \
	lib/show/record-text.c \
	lib/show/record-text.h \
	lib/show/stats-json.c \
	lib/show/stats-metrics.c \
	lib/show/stats-metrics.h \
	lib/show/stats-rows.c \
	lib/show/stats-rows.h \
	lib/show/stats-show.h \
	lib/show/stats-text.c \
	lib/show/stats-times.c \
	lib/show/stats-times.h \
	lib/show/upcall-json-events.c \
	lib/show/upcall-json-private.h \
	lib/show/upcall-json.c \
	lib/show/upcall-json.h \
	lib/show/upcall-text-events.c \
	lib/show/upcall-text.c \
	lib/show/upcall-text.h \
	lib/show/vswitchd-show.c \
	lib/show/vswitchd-show.h \
	lib/file/feed.c \
	lib/file/feed.h \
	lib/file/followers.c \
	lib/file/followers.h \
	lib/file/frame.c \
	lib/file/frame.h \
	lib/file/trigger-files.c \
	lib/file/trigger-files.h \
	lib/file/trigger.c \
	lib/file/trigger.h
