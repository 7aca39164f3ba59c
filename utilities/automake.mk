# SPDX-License-Identifier: Apache-2.0
#
# Scripts for developers.  They are distributed but not installed.

EXTRA_DIST += \
	utilities/demo-guest \
	utilities/fetch-kernel \
	utilities/fetch-lib.sh \
	utilities/fetch-ovs \
	utilities/quickstart \
	utilities/vm \
	utilities/vm-guest-init
