# SPDX-License-Identifier: Apache-2.0
#
# BPF programs.  Each bpf/NAME.bpf.c in BPF_C_FILES is compiled to
# bpf/NAME.bpf.o, and from this bpftool generates the skeleton
# bpf/NAME.skel.h in the build directory, with functions named NAME_bpf__*().
# To add a program, add it to BPF_C_FILES.
#
# Global variables of a program that are not static appear in its skeleton, so
# whoever includes that must have included the header with their types before.
#
# Headers here must not have a name that libbpf installs too (<bpf/bpf.h>,
# <bpf/btf.h>, <bpf/libbpf.h>, <bpf/bpf_*.h>): they would hide it.

BPF_C_FILES = \
	bpf/floor.bpf.c \
	bpf/memory.bpf.c \
	bpf/packet.bpf.c \
	bpf/upcall.bpf.c

# Headers of BPF programs, among them those shared with user space.
BPF_H_FILES = \
	bpf/align.bpf.h \
	bpf/args.bpf.h \
	bpf/batch.bpf.h \
	bpf/bound.bpf.h \
	bpf/buffer.bpf.h \
	bpf/common.bpf.h \
	bpf/config.bpf.h \
	bpf/exec-match.bpf.h \
	bpf/exec.bpf.h \
	bpf/filter-buffer.h \
	bpf/filter.bpf.h \
	bpf/handler.bpf.h \
	bpf/kernel.bpf.h \
	bpf/loss.bpf.h \
	bpf/message-pages.bpf.h \
	bpf/message.bpf.h \
	bpf/pages.bpf.h \
	bpf/pass-begin.bpf.h \
	bpf/pass-execute.bpf.h \
	bpf/pass-executed.bpf.h \
	bpf/pass-packet.bpf.h \
	bpf/pass-pointed.bpf.h \
	bpf/pass-record.h \
	bpf/pass.bpf.h \
	bpf/pending.bpf.h \
	bpf/plan.bpf.h \
	bpf/ports.bpf.h \
	bpf/print.bpf.h \
	bpf/put-match.bpf.h \
	bpf/put.bpf.h \
	bpf/recv.bpf.h \
	bpf/ring.bpf.h \
	bpf/slot.bpf.h \
	bpf/twin.bpf.h \
	bpf/unseen.bpf.h \
	bpf/upcall-record.h \
	bpf/usdt-tier.bpf.h \
	bpf/vlan.bpf.h \
	bpf/vswitchd-record.h \
	bpf/vswitchd.bpf.h

EXTRA_DIST += $(BPF_C_FILES) $(BPF_H_FILES)

BPF_O_FILES = $(BPF_C_FILES:.bpf.c=.bpf.o)
BPF_SKEL_FILES = $(BPF_C_FILES:.bpf.c=.skel.h)
BPF_D_FILES = $(BPF_C_FILES:.bpf.c=.bpf.d)

# The processor is that of Linux 5.12 and later.
BPF_CPU = -mcpu=v3
BPF_CFLAGS = -O2 -g -Wall

# What does not depend on where clang is.
BPF_FLAGS = -target $(BPF_TARGET) -D__TARGET_ARCH_$(BPF_ARCH) \
	$(BPF_CFLAGS) $(WERROR)
BPF_COMPILE = $(CLANG) $(BPF_FLAGS) $(BPF_CPU) \
	-I $(top_srcdir) -I $(top_builddir) $(LIBBPF_CFLAGS) $(BPF_CPPFLAGS)

bpf/%.bpf.o: bpf/%.bpf.c Makefile
	@$(MKDIR_P) bpf
	$(AM_V_BPFCC)$(BPF_COMPILE) -MMD -MP -MF bpf/$*.bpf.d -MT $@ \
	  -c $< -o $@.tmp && \
	$(LLVM_STRIP) -g $@.tmp && \
	mv -f $@.tmp $@

bpf/%.skel.h: bpf/%.bpf.o
	$(AM_V_BPFSKEL)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@.tmp && \
	mv -f $@.tmp $@

# The headers on which each object depends, as clang found them.
-include $(BPF_D_FILES)

BUILT_SOURCES += $(BPF_SKEL_FILES)
CLEANFILES += $(BPF_O_FILES) $(BPF_SKEL_FILES) $(BPF_D_FILES)
.SECONDARY: $(BPF_O_FILES)
