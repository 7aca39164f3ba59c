#! /bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Generates ./configure and its companions in a fresh git checkout.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --force
