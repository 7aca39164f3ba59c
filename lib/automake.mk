# SPDX-License-Identifier: Apache-2.0
#
# What can be tested without a kernel, as a library for all our programs.

noinst_LTLIBRARIES += lib/libupcall.la
lib_libupcall_la_SOURCES = \
	lib/attr-check.c \
	lib/attr-check.h \
	lib/base64.c \
	lib/base64.h \
	lib/clock.h \
	lib/compat.c \
	lib/compat.h \
	lib/ctl-client.c \
	lib/ctl-client.h \
	lib/enricher.c \
	lib/enricher.h \
	lib/event.c \
	lib/event.h \
	lib/flow-answer.c \
	lib/flow-answer.h \
	lib/flow-show.c \
	lib/flow-show.h \
	lib/flow-table.c \
	lib/flow-table.h \
	lib/flow-text.c \
	lib/flow-text.h \
	lib/histogram.c \
	lib/histogram.h \
	lib/history.c \
	lib/history.h \
	lib/metrics.c \
	lib/metrics.h \
	lib/name-log.c \
	lib/name-log.h \
	lib/names.c \
	lib/names.h \
	lib/packet-text.c \
	lib/packet-text.h \
	lib/port-map.c \
	lib/port-map.h \
	lib/portids.c \
	lib/portids.h \
	lib/proc-maps.c \
	lib/proc-maps.h \
	lib/record-facts.c \
	lib/record.c \
	lib/record.h \
	lib/selection.c \
	lib/selection.h \
	lib/start-names.c \
	lib/start-options.c \
	lib/start-options.h \
	lib/start-values.c \
	lib/start-values.h \
	lib/stats-json.c \
	lib/stats-metrics.c \
	lib/stats-metrics.h \
	lib/stats-rows.c \
	lib/stats-rows.h \
	lib/stats-show.h \
	lib/stats-text.c \
	lib/upcall-json-events.c \
	lib/upcall-json-values.c \
	lib/upcall-json-values.h \
	lib/upcall-json.c \
	lib/upcall-json.h \
	lib/upcall-stats.c \
	lib/upcall-stats.h \
	lib/upcall-text-events.c \
	lib/upcall-text.c \
	lib/upcall-text.h \
	lib/usdt-args.c \
	lib/usdt-args.h \
	lib/usdt-notes.c \
	lib/usdt-notes.h \
	lib/user-text.c \
	lib/user-text.h
