#!/usr/bin/env bash
# The live bus on a kernel that has CAN, under QEMU: run.sh [--ready]. With --ready only whether it can run. Exit code
# 77: something it needs is not installed, and the line it prints says what. What it makes lies in build/qemu.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=build/qemu
export PATH=$PATH:/sbin:/usr/sbin
missing=()
for pair in qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils busybox:busybox-static cansend:can-utils \
  modprobe:kmod ip:iproute2 cpio:cpio zstd:zstd xz:xz-utils apt-get:apt; do
  command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
done
if ((${#missing[@]} > 0)); then
  echo "NOT CHECKED: needs ${missing[*]} (apt-get install -y --no-install-recommends ${missing[*]})"
  exit 77
fi
[[ ${1-} != --ready ]] || exit 0
test/qemu/image.sh "$folder"
node test/qemu/run.mjs "$folder"
