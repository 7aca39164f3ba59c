# -*- autoconf -*-
# SPDX-License-Identifier: Apache-2.0
#
# The configure tests of ovs-upcall-trace.
#
# There are four groups:
#
#   - Libraries and tools that the build needs.  What is missing is collected
#     and reported at once, each with the Debian package that holds it.
#
#   - Where Open vSwitch is.  Its private headers and its static library are
#     used, so both a source tree and a finished build of it are needed.
#
#   - How Open vSwitch's headers will be compiled.  They consult macros from
#     config.h, and some of these change the layout of structures, so our
#     config.h must define them as Open vSwitch's own config.h did.
#
#   - Which API this version of Open vSwitch and of libbpf has.  This is found
#     by compiling small programs, never from version numbers, because
#     distributions backport.

dnl ---------------------------------------------------------------------------
dnl Libraries and tools.
dnl ---------------------------------------------------------------------------

dnl UPCALL_MISSING([WHAT], [PACKAGE])
dnl
dnl Notes that WHAT is not there and that Debian's PACKAGE would provide it.
AC_DEFUN([UPCALL_MISSING],
  [upcall_missing="$upcall_missing
  - $1 (Debian package $2)"
   upcall_missing_packages="$upcall_missing_packages $2"])

dnl UPCALL_REPORT_MISSING
dnl
dnl Stops with the list of everything that UPCALL_MISSING noted.
AC_DEFUN([UPCALL_REPORT_MISSING],
  [if test -n "$upcall_missing"; then
     AC_MSG_ERROR([these are required but were not found:
$upcall_missing

On Debian and Ubuntu, install them with:

  apt install$upcall_missing_packages
])
   fi])

dnl UPCALL_CHECK_PKG_CONFIG
dnl
dnl pkg-config finds all libraries, so without it nothing else makes sense.
AC_DEFUN([UPCALL_CHECK_PKG_CONFIG],
  [PKG_PROG_PKG_CONFIG([0.25])
   if test -z "$PKG_CONFIG"; then
     AC_MSG_ERROR([pkg-config is required (Debian package pkg-config)])
   fi])

dnl UPCALL_CHECK_LIBRARY([VARIABLE], [MODULE], [PACKAGE])
dnl
dnl Sets VARIABLE_CFLAGS and VARIABLE_LIBS from pkg-config's MODULE.
AC_DEFUN([UPCALL_CHECK_LIBRARY],
  [PKG_CHECK_MODULES([$1], [$2], [], [UPCALL_MISSING([$2], [$3])])])

dnl UPCALL_CHECK_BASH_COMPLETION
dnl
dnl Sets bashcompletiondir to the directory in which bash-completion looks for
dnl the file of a command.  It looks into that of /usr and of /usr/local, so
dnl what its pkg-config file says is taken for our own prefix.
AC_DEFUN([UPCALL_CHECK_BASH_COMPLETION],
  [AC_ARG_WITH([bash-completion-dir],
     [AS_HELP_STRING([--with-bash-completion-dir=DIR],
        [directory for completion in bash, "no" for none
         @<:@DATADIR/bash-completion/completions@:>@])],
     [bashcompletiondir=$withval], [bashcompletiondir=yes])
   if test "$bashcompletiondir" = yes; then
     bashcompletiondir=`$PKG_CONFIG --define-variable=prefix='${prefix}' \
       --define-variable=datadir='${datadir}' --variable=completionsdir \
       bash-completion 2>/dev/null`
     test -n "$bashcompletiondir" ||
       bashcompletiondir='${datadir}/bash-completion/completions'
   fi
   AC_SUBST([bashcompletiondir])
   AM_CONDITIONAL([BASH_COMPLETION], [test "$bashcompletiondir" != no])])

dnl UPCALL_CHECK_PYTHON3
dnl
dnl Open vSwitch's build-aux/soexpand.py formats our manual pages, and tests
dnl run programs.  "python3" may be a script that takes its time to find the
dnl interpreter, which is asked here once.
AC_DEFUN([UPCALL_CHECK_PYTHON3],
  [AC_ARG_VAR([PYTHON3], [python3, formats the manual pages])
   AC_PATH_PROGS([PYTHON3], [$PYTHON3 python3])
   if test -z "$PYTHON3"; then
     UPCALL_MISSING([python3], [python3])
   fi
   upcall_python3=`"$PYTHON3" -c 'import sys; print(sys.executable)' \
                     2>/dev/null`
   test -z "$upcall_python3" || PYTHON3=$upcall_python3])

dnl UPCALL_CHECK_BPF_TOOLS
dnl
dnl Finds what makes a skeleton header from a BPF program: clang, llvm-strip
dnl (optional, makes objects smaller) and bpftool, which Debian installs into
dnl a directory that is not in the PATH of ordinary users.
AC_DEFUN([UPCALL_CHECK_BPF_TOOLS],
  [AC_REQUIRE([AC_CANONICAL_HOST])
   AC_ARG_VAR([CLANG], [clang, compiles the BPF programs])
   AC_ARG_VAR([LLVM_STRIP], [llvm-strip, removes DWARF from BPF objects])
   AC_ARG_VAR([BPFTOOL], [bpftool, generates skeletons from BPF objects])
   upcall_llvm_suffixes="-21 -20 -19 -18 -17 -16 -15 -14"
   upcall_clang=clang
   upcall_llvm_strip=llvm-strip
   for upcall_suffix in $upcall_llvm_suffixes; do
     upcall_clang="$upcall_clang clang$upcall_suffix"
     upcall_llvm_strip="$upcall_llvm_strip llvm-strip$upcall_suffix"
   done
   AC_PATH_PROGS([CLANG], [$CLANG $upcall_clang])
   AC_PATH_PROGS([LLVM_STRIP], [$LLVM_STRIP $upcall_llvm_strip], [:])
   AC_PATH_PROGS([BPFTOOL], [$BPFTOOL bpftool], [],
     [$PATH$PATH_SEPARATOR/usr/sbin$PATH_SEPARATOR/sbin])
   if test -z "$CLANG"; then
     UPCALL_MISSING([clang], [clang])
   fi
   if test -z "$BPFTOOL"; then
     UPCALL_MISSING([bpftool], [bpftool])
   fi

   dnl The name that libbpf's bpf_tracing.h has for the machine.
   case $host_cpu in
     x86_64 | i?86) BPF_ARCH=x86 ;;
     aarch64*) BPF_ARCH=arm64 ;;
     arm*) BPF_ARCH=arm ;;
     powerpc* | ppc*) BPF_ARCH=powerpc ;;
     s390*) BPF_ARCH=s390 ;;
     riscv*) BPF_ARCH=riscv ;;
     loongarch*) BPF_ARCH=loongarch ;;
     mips*) BPF_ARCH=mips ;;
     sparc*) BPF_ARCH=sparc ;;
     *) BPF_ARCH=$host_cpu ;;
   esac
   AC_SUBST([BPF_ARCH])

   dnl BPF programs have the byte order of the machine that will run them.
   case $ac_cv_c_bigendian in
     yes) BPF_TARGET=bpfeb ;;
     no) BPF_TARGET=bpfel ;;
     *) BPF_TARGET=bpf ;;
   esac
   AC_SUBST([BPF_TARGET])

   dnl Which compiler it is, for tests that depend on that.
   BPF_COMPILER="clang `$CLANG -dumpversion 2>/dev/null | sed 's/\..*//'`"
   AC_SUBST([BPF_COMPILER])

   if test -n "$CLANG"; then
     _UPCALL_FIND_BPF_INCLUDES
   fi
   if test -n "$CLANG" && test -n "$BPFTOOL" && test -n "$LIBBPF_LIBS"; then
     _UPCALL_TRY_BPF_SKELETON
   fi])

dnl Sets BPF_CPPFLAGS to the directories in which clang looks for system
dnl headers when it compiles for this machine.  For the BPF target it leaves
dnl out the multiarch directory, which has <asm/types.h>.
m4_define([_UPCALL_FIND_BPF_INCLUDES],
  [AC_CACHE_CHECK([for system headers of BPF programs],
     [upcall_cv_bpf_cppflags],
     [upcall_cv_bpf_cppflags=`LC_ALL=C $CLANG -v -E -x c /dev/null 2>&1 |
        awk '/^End of search list/ { on = 0 }
             on && !/framework/ { printf " -idirafter %s", $[]1 }
             /^#include <...> search starts here/ { on = 1 }'`])
   AC_SUBST([BPF_CPPFLAGS], [$upcall_cv_bpf_cppflags])])

dnl Takes a tiny BPF program all the way to its skeleton.  Finding the tools is
dnl not enough: clang may be built without the BPF target, and in some
dnl distributions bpftool is a script that works for one kernel only.
m4_define([_UPCALL_TRY_BPF_SKELETON],
  [AC_MSG_CHECKING([whether $CLANG compiles BPF programs])
   cat >conftest.bpf.c <<_UPCALL_EOF
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
const volatile int knob;
SEC("raw_tp/conftest") int conftest(void *ctx) { return ctx ? knob : 0; }
char LICENSE@<:@@:>@ SEC("license") = "Dual BSD/GPL";
_UPCALL_EOF
   if $CLANG -O2 -g -target $BPF_TARGET -mcpu=v3 \
        -D__TARGET_ARCH_$BPF_ARCH $LIBBPF_CFLAGS $upcall_cv_bpf_cppflags \
        -c conftest.bpf.c -o conftest.bpf.o >&AS_MESSAGE_LOG_FD 2>&1; then
     AC_MSG_RESULT([yes])
     AC_MSG_CHECKING([whether $BPFTOOL generates skeletons])
     if $BPFTOOL gen skeleton conftest.bpf.o name conftest \
          >conftest.skel.h 2>&AS_MESSAGE_LOG_FD &&
        grep conftest__open conftest.skel.h >/dev/null 2>&1; then
       AC_MSG_RESULT([yes])
     else
       AC_MSG_RESULT([no])
       UPCALL_MISSING([a bpftool that can generate skeletons], [bpftool])
     fi
   else
     AC_MSG_RESULT([no])
     UPCALL_MISSING([a clang that can compile for BPF], [clang])
   fi
   rm -f conftest.bpf.c conftest.bpf.o conftest.skel.h])

dnl UPCALL_CHECK_CHECK
dnl
dnl The unit tests use the library "Check".  Nothing else does, so it may be
dnl absent: then "make check" says so.
AC_DEFUN([UPCALL_CHECK_CHECK],
  [PKG_CHECK_MODULES([CHECK], [check >= 0.11], [have_check=yes],
     [have_check=no
      AC_MSG_WARN([Check was not found, so "make check" cannot run the unit
tests.  Install the Debian package check and configure again.])])
   AM_CONDITIONAL([HAVE_CHECK], [test $have_check = yes])])

dnl UPCALL_CHECK_D3
dnl
dnl D3 draws the charts of "ovs-upcall-trace report", and becomes a part of the
dnl program.  Sets D3 and D3_LICENSE to its minified source and the file that
dnl has its licence.  It may be absent: then "report" says so.  Any version from
dnl 3 on will do; Debian 12 and 13 have 3.5.17 in libjs-d3 and 5.16 in node-d3.
AC_DEFUN([UPCALL_CHECK_D3],
  [AC_ARG_WITH([d3],
     [AS_HELP_STRING([--with-d3=FILE],
        [d3.min.js, which draws the charts of reports (default: where Debian's
         libjs-d3 or node-d3 has it)])],
     [], [with_d3=check])
   AC_ARG_WITH([d3-license],
     [AS_HELP_STRING([--with-d3-license=FILE],
        [its licence (default: Debian's, or LICENSE beside it or above)])],
     [], [with_d3_license=check])
   AC_MSG_CHECKING([for D3])
   D3=
   D3_LICENSE=
   case $with_d3 in
     no) ;;
     check | yes)
       for upcall_d3 in javascript/d3 nodejs/d3/dist; do
         if test -z "$D3" && test -r /usr/share/$upcall_d3/d3.min.js; then
           D3=/usr/share/$upcall_d3/d3.min.js
         fi
       done ;;
     *) D3=$with_d3 ;;
   esac
   if test -n "$D3"; then
     case $with_d3_license in
       check | yes | no)
         upcall_dir=`AS_DIRNAME(["$D3"])`
         case $D3 in
           /usr/share/javascript/*) upcall_doc=/usr/share/doc/libjs-d3 ;;
           *) upcall_doc=/usr/share/doc/node-d3 ;;
         esac
         for upcall_file in "$upcall_dir/LICENSE" "$upcall_dir/../LICENSE" \
                            "$upcall_doc/copyright"; do
           if test -z "$D3_LICENSE" && test -r "$upcall_file"; then
             D3_LICENSE=$upcall_file
           fi
         done ;;
       *) D3_LICENSE=$with_d3_license ;;
     esac
   fi
   have_d3=no
   upcall_why=
   if test -z "$D3"; then
     upcall_why="D3 was not found"
   elif test ! -r "$D3"; then
     upcall_why="$D3 cannot be read"
   elif test -z "$D3_LICENSE" || test ! -r "$D3_LICENSE"; then
     upcall_why="the licence of $D3, which goes with it into each page, was not
found (--with-d3-license=FILE)"
   else
     have_d3=yes
     AC_DEFINE([HAVE_D3], [1],
       [Define to 1 if D3, which draws the charts of reports, was found.])
   fi
   AS_IF([test $have_d3 = yes], [AC_MSG_RESULT([$D3])],
     [AC_MSG_RESULT([no])
      case $with_d3 in
        no) ;;
        check)
          AC_MSG_WARN([$upcall_why, so "ovs-upcall-trace report" cannot make
pages.  Install the Debian package libjs-d3, or use --with-d3=FILE, and
configure again.]) ;;
        *) AC_MSG_ERROR([$upcall_why]) ;;
      esac])
   AC_SUBST([D3])
   AC_SUBST([D3_LICENSE])
   AC_SUBST([have_d3])
   AM_CONDITIONAL([HAVE_D3], [test $have_d3 = yes])])

dnl UPCALL_CHECK_NCURSES
dnl
dnl "ovs-upcall-trace watch" draws with ncurses, nothing else does.
AC_DEFUN([UPCALL_CHECK_NCURSES],
  [PKG_CHECK_MODULES([NCURSES], [ncursesw], [have_ncurses=yes],
     [have_ncurses=no
      AC_MSG_WARN([ncurses was not found, so "ovs-upcall-trace watch" cannot
draw on terminals, but only print text with --once.  Install the Debian package
libncurses-dev and configure again.])])
   if test $have_ncurses = yes; then
     AC_DEFINE([HAVE_NCURSES], [1], [Define to 1 if there is ncurses.])
   fi
   AC_SUBST([have_ncurses])
   AM_CONDITIONAL([HAVE_NCURSES], [test $have_ncurses = yes])])

dnl UPCALL_CHECK_VALGRIND
dnl
dnl "make check-valgrind" needs valgrind, nothing else does.
AC_DEFUN([UPCALL_CHECK_VALGRIND],
  [AC_ARG_VAR([VALGRIND_PROGRAM], [valgrind, for "make check-valgrind"])
   AC_PATH_PROGS([VALGRIND_PROGRAM], [$VALGRIND_PROGRAM valgrind])])

dnl ---------------------------------------------------------------------------
dnl Where Open vSwitch is.
dnl ---------------------------------------------------------------------------

dnl UPCALL_CHECK_OVS
dnl
dnl Finds Open vSwitch's source and build directories and sets:
dnl
dnl   ovs_srcdir, ovs_builddir     These two directories, absolute.
dnl   OVS_VERSION                  The version of Open vSwitch.
dnl   OVS_RUNDIR, OVS_LOGDIR, ...  Directories compiled into its library.
dnl   OVS_CPPFLAGS                 Options to compile against its headers.
AC_DEFUN([UPCALL_CHECK_OVS],
  [AC_ARG_WITH([ovs-source],
     [AS_HELP_STRING([--with-ovs-source=DIR],
                     [source directory of Open vSwitch (required)])])
   AC_ARG_WITH([ovs-build],
     [AS_HELP_STRING([--with-ovs-build=DIR],
                     [directory in which Open vSwitch was built (default: its
                      source directory)])])
   _UPCALL_CHECK_OVS_SOURCE
   _UPCALL_CHECK_OVS_BUILD
   _UPCALL_READ_OVS_SETTINGS
   OVS_CPPFLAGS="-I $ovs_srcdir/include -I $ovs_builddir/include \
-I $ovs_srcdir/lib -I $ovs_builddir/lib -I $ovs_srcdir -I $ovs_builddir"
   AC_SUBST([OVS_CPPFLAGS])
   _UPCALL_CHECK_OVS_DPDK])

dnl Sets ovs_srcdir.
m4_define([_UPCALL_CHECK_OVS_SOURCE],
  [AC_MSG_CHECKING([for the source of Open vSwitch])
   case $with_ovs_source in
     "" | yes | no)
       AC_MSG_RESULT([not given])
       AC_MSG_ERROR([--with-ovs-source=DIR is required.

ovs-upcall-trace uses Open vSwitch's own libraries, so it is built against a
source tree of Open vSwitch (3.1 or later) which has been configured and
built.  On Debian and Ubuntu:

  apt install openvswitch-source
  tar xzf /usr/src/openvswitch/openvswitch.tar.gz -C ..     # Debian 12
  cp -r /usr/src/openvswitch ../openvswitch                 # later ones
  cd ../openvswitch
  ./configure --prefix=/usr --localstatedir=/var --sysconfdir=/etc
  make

Then run this configure again with --with-ovs-source=that directory.
(utilities/dev/fetch-ovs does all of this in a private directory.)
]) ;;
   esac
   if test ! -f "$with_ovs_source/lib/unixctl.h"; then
     AC_MSG_RESULT([no])
     AC_MSG_ERROR([$with_ovs_source is not a source directory of
Open vSwitch: it has no lib/unixctl.h])
   fi
   ovs_srcdir=`cd "$with_ovs_source" && pwd`
   AC_SUBST([ovs_srcdir])
   AC_MSG_RESULT([$ovs_srcdir])])

dnl Sets ovs_builddir.
m4_define([_UPCALL_CHECK_OVS_BUILD],
  [AC_MSG_CHECKING([for the build of Open vSwitch])
   case $with_ovs_build in
     yes | no)
       AC_MSG_ERROR([--with-ovs-build needs a directory]) ;;
     "")
       upcall_ovs_build=$ovs_srcdir
       upcall_ovs_configure="cd $ovs_srcdir && ./configure && make"
       upcall_ovs_hint="
If it was built in another directory, give that with --with-ovs-build=DIR." ;;
     *)
       upcall_ovs_build=$with_ovs_build
       upcall_ovs_configure="mkdir -p $with_ovs_build && \
cd $with_ovs_build && $ovs_srcdir/configure && make"
       upcall_ovs_hint= ;;
   esac
   if test ! -f "$upcall_ovs_build/config.h"; then
     AC_MSG_RESULT([no])
     AC_MSG_ERROR([Open vSwitch has not been configured in $upcall_ovs_build.
To configure and build it, run:

  $upcall_ovs_configure
$upcall_ovs_hint])
   fi
   for upcall_file in include/odp-netlink.h lib/libopenvswitch.la \
                      lib/vswitch-idl.h; do
     if test ! -f "$upcall_ovs_build/$upcall_file"; then
       AC_MSG_RESULT([no])
       AC_MSG_ERROR([Open vSwitch is configured in $upcall_ovs_build, but not
built: there is no $upcall_file.  To build it, run:

  make -C $upcall_ovs_build
$upcall_ovs_hint])
     fi
   done
   ovs_builddir=`cd "$upcall_ovs_build" && pwd`
   AC_SUBST([ovs_builddir])
   AC_MSG_RESULT([$ovs_builddir])])

dnl Reads from the build of Open vSwitch its version, and the directories which
dnl it compiled into its library.  Our daemon uses that library, so these and
dnl not our own --localstatedir decide where its socket and log file are.
m4_define([_UPCALL_READ_OVS_SETTINGS],
  [AC_MSG_CHECKING([for the version of Open vSwitch])
   OVS_VERSION=`$SED -n \
     's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$ovs_builddir/config.h"`
   AC_SUBST([OVS_VERSION])
   AC_MSG_RESULT([$OVS_VERSION])
   m4_foreach_w([upcall_dir], [RUNDIR LOGDIR PKGDATADIR SYSCONFDIR],
     [OVS_[]upcall_dir=`$SED -n \
        's/^.*"\(.*\)", *"OVS_[]upcall_dir[]".*/\1/p' \
        "$ovs_builddir/lib/dirs.c" 2>/dev/null`
      AC_SUBST([OVS_]upcall_dir)
      ])
   if test -z "$OVS_RUNDIR" || test -z "$OVS_LOGDIR"; then
     AC_MSG_ERROR([cannot find in $ovs_builddir/lib/dirs.c where
Open vSwitch keeps its sockets and log files])
   fi])

dnl If Open vSwitch was built with DPDK then a packet begins with an rte_mbuf,
dnl and its headers include those of DPDK.
m4_define([_UPCALL_CHECK_OVS_DPDK],
  [if grep '^#define DPDK_NETDEV 1' "$ovs_builddir/config.h" \
      >/dev/null 2>&1; then
     PKG_CHECK_MODULES([DPDK], [libdpdk], [],
       [AC_MSG_ERROR([Open vSwitch in $ovs_builddir was built with DPDK, so
DPDK's headers are required (Debian package libdpdk-dev)])])
     OVS_CPPFLAGS="$OVS_CPPFLAGS $DPDK_CFLAGS"
   fi])

dnl ---------------------------------------------------------------------------
dnl How Open vSwitch's headers will be compiled.
dnl ---------------------------------------------------------------------------

dnl UPCALL_CHECK_COMPILER_FEATURES
dnl
dnl Tests of the compiler and of the C library whose results Open vSwitch's
dnl headers consult.  Open vSwitch's configure has tests of the same names; the
dnl results must be the same, which UPCALL_CHECK_OVS_ABI verifies.
AC_DEFUN([UPCALL_CHECK_COMPILER_FEATURES],
  [AC_SEARCH_LIBS([pthread_rwlock_tryrdlock], [pthread])
   AC_SEARCH_LIBS([__atomic_load_8], [atomic])
   AC_CHECK_FUNCS([pthread_spin_lock sendmmsg strnlen])
   AC_CHECK_HEADERS([stdatomic.h bits/floatn-common.h linux/if_ether.h \
                     linux/net_namespace.h linux/perf_event.h linux/types.h \
                     valgrind/valgrind.h])
   AC_CHECK_MEMBERS([struct mmsghdr.msg_len], [], [],
                    [[#include <sys/socket.h>]])
   _UPCALL_CHECK_NETLINK
   _UPCALL_CHECK_THREAD_LOCAL
   _UPCALL_CHECK_GCC4_ATOMICS
   m4_foreach([upcall_size], [[1], [2], [4], [8]],
     [_UPCALL_CHECK_LOCK_FREE(upcall_size)
      ])
   _UPCALL_CHECK_PRAGMA_MESSAGE])

dnl Netlink, and whether its header is new enough to have nla_bitfield32, which
dnl Open vSwitch's own <linux/netlink.h> otherwise adds.
m4_define([_UPCALL_CHECK_NETLINK],
  [AC_CHECK_HEADER([linux/netlink.h],
     [AC_DEFINE([HAVE_NETLINK], [1],
                [Define to 1 if Netlink sockets are available.])],
     [AC_MSG_ERROR([the kernel's header <linux/netlink.h> is required
(Debian package linux-libc-dev)])],
     [#include <sys/socket.h>])
   AC_CHECK_TYPE([struct nla_bitfield32],
     [AC_DEFINE([HAVE_NLA_BITFIELD32], [1],
                [Define to 1 if <linux/netlink.h> has nla_bitfield32.])],
     [], [#include <linux/netlink.h>])])

dnl The keyword for a variable of which each thread has its own.
m4_define([_UPCALL_CHECK_THREAD_LOCAL],
  [AC_CACHE_CHECK([for thread_local in <threads.h>],
     [upcall_cv_thread_local],
     [AC_LINK_IFELSE(
        [AC_LANG_PROGRAM([[#include <threads.h>
                           static thread_local int mine;]],
                         [[return mine;]])],
        [upcall_cv_thread_local=yes], [upcall_cv_thread_local=no])])
   if test $upcall_cv_thread_local = yes; then
     AC_DEFINE([HAVE_THREAD_LOCAL], [1],
               [Define to 1 if <threads.h> has a working 'thread_local'.])
   else
     AC_CACHE_CHECK([for __thread], [upcall_cv___thread],
       [AC_LINK_IFELSE(
          [AC_LANG_PROGRAM([[static __thread int mine;]], [[return mine;]])],
          [upcall_cv___thread=yes], [upcall_cv___thread=no])])
     if test $upcall_cv___thread = yes; then
       AC_DEFINE([HAVE___THREAD], [1],
                 [Define to 1 if the compiler has '__thread'.])
     fi
   fi])

dnl The __sync_*() functions of GCC 4.0 for all integer types, linked because
dnl the compiler may leave them to a library.
m4_define([_UPCALL_CHECK_GCC4_ATOMICS],
  [AC_CACHE_CHECK([for __sync_fetch_and_add() and its kin],
     [upcall_cv_gcc4_atomics],
     [AC_LINK_IFELSE(
        [AC_LANG_PROGRAM(
           [[#define TRY(TYPE)                              \
               do {                                         \
                   static TYPE x;                           \
                   __sync_synchronize();                    \
                   sum += __sync_fetch_and_add(&x, 1);      \
                   sum += __sync_fetch_and_sub(&x, 1);      \
                   sum += __sync_fetch_and_and(&x, 1);      \
                   sum += __sync_fetch_and_or(&x, 1);       \
                   sum += __sync_fetch_and_xor(&x, 1);      \
               } while (0)]],
           [[unsigned long long int sum = 0;
             TRY(signed char);
             TRY(unsigned char);
             TRY(short);
             TRY(unsigned short);
             TRY(int);
             TRY(unsigned int);
             TRY(long int);
             TRY(unsigned long int);
             TRY(long long int);
             TRY(unsigned long long int);
             return sum != 0;]])],
        [upcall_cv_gcc4_atomics=yes], [upcall_cv_gcc4_atomics=no])])
   if test $upcall_cv_gcc4_atomics = yes; then
     AC_DEFINE([HAVE_GCC4_ATOMICS], [1],
               [Define to 1 if the compiler has the __sync_*() functions.])
   fi])

dnl _UPCALL_CHECK_LOCK_FREE([SIZE])
dnl
dnl Whether an aligned object of SIZE bytes is always accessed without a lock.
m4_define([_UPCALL_CHECK_LOCK_FREE],
  [AC_CACHE_CHECK([whether $1-byte atomics are lock free],
     [upcall_cv_lock_free_$1],
     [AC_COMPUTE_INT([upcall_cv_lock_free_$1],
                     [__atomic_always_lock_free($1, 0)], [],
                     [upcall_cv_lock_free_$1=unknown])])
   if test $upcall_cv_lock_free_$1 != unknown; then
     AC_DEFINE_UNQUOTED([ATOMIC_ALWAYS_LOCK_FREE_$1B],
                        [$upcall_cv_lock_free_$1],
                        [Define to the value of
                         __atomic_always_lock_free($1, 0).])
   fi])

m4_define([_UPCALL_CHECK_PRAGMA_MESSAGE],
  [AC_CACHE_CHECK([for _Pragma("message")], [upcall_cv_pragma_message],
     [AC_COMPILE_IFELSE(
        [AC_LANG_PROGRAM([[_Pragma("message(\"hello\")")]])],
        [upcall_cv_pragma_message=yes], [upcall_cv_pragma_message=no])])
   if test $upcall_cv_pragma_message = yes; then
     AC_DEFINE([HAVE_PRAGMA_MESSAGE], [1],
               [Define to 1 if the compiler has '#pragma message'.])
   fi])

dnl UPCALL_TAKE_OVER_OVS_DEFINES
dnl
dnl These depend on the options with which Open vSwitch was configured (such as
dnl --with-dpdk), or matter only to its copies of traffic control headers.  No
dnl test of ours could find them, so they are read from its config.h.
AC_DEFUN([UPCALL_TAKE_OVER_OVS_DEFINES],
  [m4_foreach_w([upcall_macro],
     [DPDK_NETDEV HAVE_AF_XDP HAVE_OPENSSL HAVE_SCTP_CONNTRACK_HEARTBEATS
      HAVE_STRTOK_R_BUG HAVE_STRUCT_TCF_T_FIRSTUSE
      HAVE_TCA_ACT_FLAGS_SKIP_HW HAVE_TCA_FLOWER_KEY_ENC_FLAGS_MASK
      HAVE_TCA_FLOWER_KEY_FLAGS_FRAG_IS_FIRST HAVE_TCA_MPLS_TTL
      HAVE_TCA_PEDIT_KEY_EX_HDR_TYPE_UDP HAVE_TCA_SKBEDIT_FLAGS
      HAVE_TCA_STATS_PKT64 HAVE_TCA_TUNNEL_KEY_ENC_OPTS_VXLAN
      HAVE_TCA_TUNNEL_KEY_ENC_TTL HAVE_TCA_TUNNEL_KEY_NO_FRAG
      HAVE_TCA_VLAN_PUSH_VLAN_PRIORITY HAVE_UNBOUND HAVE_UNWIND
      HAVE_USDT_PROBES],
     [if grep '^@%:@define upcall_macro 1' "$ovs_builddir/config.h" \
         >/dev/null 2>&1; then
        AC_DEFINE(upcall_macro, [1],
                  [Define to 1 if Open vSwitch's config.h does.])
      fi
      ])
   if grep '^#define HAVE_USDT_PROBES 1' "$ovs_builddir/config.h" \
      >/dev/null 2>&1; then
     OVS_HAVE_USDT_PROBES=yes
   else
     OVS_HAVE_USDT_PROBES=no
   fi
   AC_SUBST([OVS_HAVE_USDT_PROBES])
   _UPCALL_CHECK_OVS_LIBRARY([OVS_HAVE_UNBOUND], [HAVE_UNBOUND],
     [resolves names], [libunbound])
   _UPCALL_CHECK_OVS_LIBRARY([OVS_HAVE_SSL], [HAVE_OPENSSL],
     [has TLS], [OpenSSL])
   dnl A shared library of Open vSwitch does not bring what it needs itself.
   OPENSSL_LIBS=
   if test $OVS_HAVE_SSL = yes; then
     OPENSSL_LIBS="-lssl -lcrypto"
   fi
   AC_SUBST([OPENSSL_LIBS])])

dnl _UPCALL_CHECK_OVS_LIBRARY([VARIABLE], [MACRO], [WHAT], [LIBRARY])
dnl
dnl Sets VARIABLE to yes if Open vSwitch's config.h defines MACRO, otherwise to
dnl no: without LIBRARY, it does not do WHAT, which is of use to some commands of
dnl ours only.
m4_define([_UPCALL_CHECK_OVS_LIBRARY],
  [AC_MSG_CHECKING([whether Open vSwitch $3])
   if grep '^@%:@define $2 1' "$ovs_builddir/config.h" >/dev/null 2>&1; then
     $1=yes
     AC_MSG_RESULT([yes])
   else
     $1=no
     AC_MSG_RESULT([no, it was built without $4])
   fi
   AC_SUBST([$1])])

dnl UPCALL_CHECK_OVS_ABI
dnl
dnl Verifies that the tests above came out as Open vSwitch's own did.  A
dnl difference means that another compiler or another machine was used, and
dnl structures in its headers could have another layout than in its library.
AC_DEFUN([UPCALL_CHECK_OVS_ABI],
  [AC_MSG_CHECKING([whether Open vSwitch was built in the same way])
   upcall_differ=
   for upcall_macro in _FILE_OFFSET_BITS HAVE_THREAD_LOCAL \
       HAVE___THREAD HAVE_PTHREAD_SPIN_LOCK HAVE_STDATOMIC_H \
       HAVE_GCC4_ATOMICS ATOMIC_ALWAYS_LOCK_FREE_1B \
       ATOMIC_ALWAYS_LOCK_FREE_2B ATOMIC_ALWAYS_LOCK_FREE_4B \
       ATOMIC_ALWAYS_LOCK_FREE_8B HAVE_NETLINK HAVE_NLA_BITFIELD32 \
       HAVE_STRNLEN HAVE_SENDMMSG HAVE_STRUCT_MMSGHDR_MSG_LEN; do
     upcall_sed="s/^ *# *define  *$upcall_macro  *//p"
     upcall_ours=`$SED -n "$upcall_sed" confdefs.h`
     upcall_theirs=`$SED -n "$upcall_sed" "$ovs_builddir/config.h"`
     if test "$upcall_ours" != "$upcall_theirs"; then
       upcall_differ="$upcall_differ $upcall_macro"
     fi
   done
   if test -z "$upcall_differ"; then
     AC_MSG_RESULT([yes])
   else
     AC_MSG_RESULT([no])
     AC_MSG_ERROR([Open vSwitch in $ovs_builddir was configured with
another compiler or for another machine: these are different there:
 $upcall_differ])
   fi])

dnl ---------------------------------------------------------------------------
dnl Which API there is.
dnl ---------------------------------------------------------------------------

dnl UPCALL_OVS_COMPILE([DESCRIPTION], [VARIABLE], [INCLUDES], [STATEMENTS])
dnl
dnl Sets VARIABLE to yes if STATEMENTS compile against Open vSwitch's headers,
dnl otherwise to no.
AC_DEFUN([UPCALL_OVS_COMPILE],
  [AC_CACHE_CHECK([for $1], [$2],
     [upcall_save_CPPFLAGS=$CPPFLAGS
      upcall_save_CFLAGS=$CFLAGS
      CPPFLAGS="$CPPFLAGS $OVS_CPPFLAGS"
      CFLAGS="$CFLAGS -Werror=implicit-function-declaration"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([$3], [$4])], [$2=yes], [$2=no])
      CPPFLAGS=$upcall_save_CPPFLAGS
      CFLAGS=$upcall_save_CFLAGS])])

dnl UPCALL_OVS_API([DESCRIPTION], [NAME], [INCLUDES], [STATEMENTS], [COMMENT])
dnl
dnl Defines OVS_HAVE_NAME if STATEMENTS compile against Open vSwitch's headers.
AC_DEFUN([UPCALL_OVS_API],
  [UPCALL_OVS_COMPILE([$1], [upcall_cv_ovs_$2], [$3], [$4])
   if test $upcall_cv_ovs_$2 = yes; then
     AC_DEFINE([OVS_HAVE_$2], [1], [$5])
   fi])

dnl UPCALL_CHECK_OVS_API
dnl
dnl What lib/base/compat.h has to know.  The first test succeeds for every
dnl version of Open vSwitch: if it fails, then the headers do not compile at all,
dnl and the results of all others would be wrong.
AC_DEFUN([UPCALL_CHECK_OVS_API],
  [UPCALL_OVS_COMPILE([usable headers of Open vSwitch],
     [upcall_cv_ovs_headers],
     [[#include "daemon.h"
       #include "dp-packet.h"
       #include "odp-util.h"
       #include "openvswitch/json.h"
       #include "unixctl.h"]],
     [[unixctl_command_reply(NULL, "");]])
   if test $upcall_cv_ovs_headers != yes; then
     AC_MSG_ERROR([cannot compile against the headers of Open vSwitch; see
config.log])
   fi

   UPCALL_OVS_API([daemonize_start() with two arguments],
     [DAEMONIZE_START_2],
     [[#include "daemon.h"]],
     [[daemonize_start(true, false);]],
     [Define to 1 if daemonize_start() takes two arguments (OVS 3.2).])
   UPCALL_OVS_API([unixctl_command_reply_json()], [UNIXCTL_REPLY_JSON],
     [[#include "openvswitch/json.h"
       #include "unixctl.h"]],
     [[struct unixctl_conn *conn = NULL;

       if (unixctl_command_get_output_format(conn)
           == UNIXCTL_OUTPUT_FMT_JSON) {
           unixctl_command_reply_json(conn, json_null_create());
       }]],
     [Define to 1 if unixctl commands can reply in JSON (OVS 3.4).])
   UPCALL_OVS_API([unixctl_client_transact() with JSON],
     [UNIXCTL_TRANSACT_JSON],
     [[#include "unixctl.h"]],
     [[typedef int wanted(struct jsonrpc *, const char *, int, char **,
                          struct json **, struct json **);
       char same[__builtin_types_compatible_p(
                     __typeof__(unixctl_client_transact), wanted) ? 1 : -1];

       return sizeof same;]],
     [Define to 1 if clients of unixctl get replies in JSON (OVS 3.4).])
   UPCALL_OVS_API([json_array_size() and json_array_at()], [JSON_ARRAY_AT],
     [[#include "openvswitch/json.h"]],
     [[const struct json *json = NULL;

       return json_array_size(json) && json_array_at(json, 0);]],
     [Define to 1 if JSON arrays have accessor functions (OVS 3.6).])
   UPCALL_OVS_API([odp_flow_format() with eight arguments],
     [ODP_FLOW_FORMAT_8],
     [[#include "odp-util.h"]],
     [[odp_flow_format(NULL, 0, NULL, 0, NULL, NULL, true, true);]],
     [Define to 1 if odp_flow_format() has 'skip_no_mask' (OVS 3.5).])])

dnl UPCALL_CHECK_LIBBPF_API
dnl
dnl Functions of libbpf that may be used and that 0.8 does not have.  Each
dnl defines HAVE_NAME.
AC_DEFUN([UPCALL_CHECK_LIBBPF_API],
  [upcall_save_LIBS=$LIBS
   LIBS="$LIBBPF_LIBS $LIBELF_LIBS $ZLIB_LIBS $LIBS"
   AC_CHECK_FUNC([libbpf_set_print], [],
     [AC_MSG_ERROR([cannot link with libbpf; see config.log])])
   AC_CHECK_FUNCS([bpf_btf_get_info_by_fd bpf_link_get_info_by_fd \
                   bpf_map__set_autoattach bpf_map__set_autocreate \
                   bpf_map_get_info_by_fd bpf_prog_get_info_by_fd \
                   bpf_program__attach_uprobe_multi \
                   bpf_program__set_autoattach libbpf_set_memlock_rlim \
                   ring__avail_data_size ring_buffer__consume_n \
                   ring_buffer__ring])
   LIBS=$upcall_save_LIBS])

dnl ---------------------------------------------------------------------------
dnl Options.
dnl ---------------------------------------------------------------------------

dnl UPCALL_ENABLE_OPTION([OPTION])
dnl
dnl Adds OPTION to WARNING_FLAGS if the compiler has it.  It is tested with
dnl -Werror because clang only warns about warning options it does not know,
dnl and -Wno-x is tested as -Wx because GCC silently accepts any -Wno-x.
AC_DEFUN([UPCALL_ENABLE_OPTION],
  [AS_VAR_PUSHDEF([upcall_var], [upcall_cv_option_$1])
   AC_CACHE_CHECK([whether $CC accepts $1], [upcall_var],
     [upcall_save_CFLAGS=$CFLAGS
      CFLAGS="$CFLAGS -Werror -Wall m4_bpatsubst([$1], [^-Wno-], [-W])"
      AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
                        [AS_VAR_SET([upcall_var], [yes])],
                        [AS_VAR_SET([upcall_var], [no])])
      CFLAGS=$upcall_save_CFLAGS])
   AS_VAR_IF([upcall_var], [yes], [WARNING_FLAGS="$WARNING_FLAGS $1"])
   AS_VAR_POPDEF([upcall_var])])

dnl UPCALL_ENABLE_WARNINGS
dnl
dnl Open vSwitch's headers compile cleanly with all of these.
AC_DEFUN([UPCALL_ENABLE_WARNINGS],
  [WARNING_FLAGS=
   m4_foreach_w([upcall_option],
     [-Wall -Wextra -Wno-sign-compare -Wpointer-arith -Wformat
      -Wformat-security -Wswitch-enum -Wunused-parameter -Wbad-function-cast
      -Wcast-align -Wstrict-prototypes -Wold-style-definition
      -Wmissing-prototypes -Wmissing-field-initializers -Wswitch-bool
      -Wshadow -Wlogical-not-parentheses -Wsizeof-array-argument
      -Wshift-negative-value -Wduplicated-cond -Wmultistatement-macros
      -Wthread-safety -Wno-null-pointer-arithmetic -fno-strict-aliasing],
     [UPCALL_ENABLE_OPTION(upcall_option)
      ])
   AC_SUBST([WARNING_FLAGS])])

dnl UPCALL_ENABLE_WERROR
AC_DEFUN([UPCALL_ENABLE_WERROR],
  [AC_ARG_ENABLE([Werror],
     [AS_HELP_STRING([--enable-Werror], [treat warnings as errors])],
     [], [enable_Werror=no])
   WERROR=
   if test "$enable_Werror" != no; then
     WERROR=-Werror
   fi
   AC_SUBST([WERROR])])

dnl UPCALL_ENABLE_SANITIZERS
dnl
dnl Our code is instrumented, Open vSwitch's library is not (unless it was
dnl built so), which both sanitizers support.
AC_DEFUN([UPCALL_ENABLE_SANITIZERS],
  [AC_ARG_ENABLE([sanitizers],
     [AS_HELP_STRING([--enable-sanitizers],
                     [build with address and undefined behavior sanitizers])],
     [], [enable_sanitizers=no])
   SANITIZER_FLAGS=
   if test "$enable_sanitizers" != no; then
     SANITIZER_FLAGS="-fsanitize=address,undefined -fno-omit-frame-pointer"
     SANITIZER_FLAGS="$SANITIZER_FLAGS -fno-common -fno-sanitize-recover=all"
     AC_MSG_CHECKING([whether $CC has sanitizers])
     upcall_save_CFLAGS=$CFLAGS
     CFLAGS="$CFLAGS $SANITIZER_FLAGS"
     AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])],
       [AC_MSG_RESULT([no])
        AC_MSG_ERROR([$CC cannot link with $SANITIZER_FLAGS (Debian
packages libasan8 and libubsan1 for GCC, libclang-rt-dev for clang)])])
     CFLAGS=$upcall_save_CFLAGS
   fi
   AC_SUBST([SANITIZER_FLAGS])])

dnl UPCALL_SUMMARY
AC_DEFUN([UPCALL_SUMMARY],
  [AC_MSG_NOTICE([

$PACKAGE_STRING
  Open vSwitch    $OVS_VERSION in $ovs_builddir
  USDT probes     $OVS_HAVE_USDT_PROBES (of Open vSwitch)
  BPF compiler    $CLANG
  unit tests      $have_check
  pages (D3)      $have_d3
  ncurses         $have_ncurses
  -Werror         $enable_Werror
  sanitizers      $enable_sanitizers
])])
