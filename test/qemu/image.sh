#!/usr/bin/env bash
# Makes what the guest boots: image.sh FOLDER. Debian's kernel (unpacked to an ELF file, which boots fastest) and an
# initramfs with BusyBox, can-utils, iproute2, the CAN modules, a virtual camera and our test programs. Kept in FOLDER from run to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$(realpath -m "$1")
mkdir -p "$out"

# linux-image-amd64 depends on the current version; the cloud kernels have no CAN.
package=$(apt-cache depends linux-image-amd64 | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
[[ -n $package ]] || { echo "linux-image-amd64 is not in the package lists" >&2; exit 1; }
release=${package#linux-image-}
kernel=$out/kernel-$release
if [[ ! -e $kernel/vmlinux ]]; then
  rm -rf "$kernel"
  mkdir -p "$kernel/deb"
  (cd "$kernel/deb" && apt-get -qq download "$package")
  dpkg-deb -x "$kernel"/deb/*.deb "$kernel/root"
  # A bzImage unpacks itself inside the guest, slowly: its XZ stream unpacked here saves some seconds a boot.
  offset=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$kernel/root/boot/vmlinuz-$release" | head -n 1 | cut -d: -f1)
  # xz complains about what follows the stream; that the result is an ELF file is what counts.
  tail -c +$((offset + 1)) "$kernel/root/boot/vmlinuz-$release" | xz -dc --single-stream >"$kernel/vmlinux.part" || true
  [[ $(head -c 4 "$kernel/vmlinux.part") == $'\x7fELF' ]] || { echo "$package holds no XZ kernel" >&2; exit 1; }
  depmod -b "$kernel/root" "$release"
  mv "$kernel/vmlinux.part" "$kernel/vmlinux"
  rm -rf "$kernel/deb"
fi
ln -sfn "$kernel/vmlinux" "$out/vmlinux"

"${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -static -Inative test/qemu/can_probe.cc native/can/can_socket.cc \
  native/can/socketcan_reader.cc native/can/cyclic_sender.cc -o "$out/can_probe" -lpthread

"${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -static -Inative test/qemu/camera_probe.cc native/vision/v4l2_device.cc \
  native/vision/camera_capture.cc -o "$out/camera_probe" -lpthread

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,sbin,proc,sys,dev,tmp,usr/bin}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "$out/can_probe" "$out/camera_probe" "$root/usr/bin/"
cp test/qemu/init "$root/init"
chmod +x "$root/init"
modules=lib/modules/$release
for module in vcan can-raw kvaser_pci vivid; do
  modprobe -d "$kernel/root" -S "$release" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | sort -u | while read -r file; do
  install -D "$file" "$root/${file#"$kernel/root/"}"
done
cp "$kernel/root/$modules"/modules.{order,builtin,builtin.modinfo} "$root/$modules/"
depmod -b "$root" "$release"

# with_libraries PROGRAM NAME: copies it and what it is linked with.
with_libraries() {
  cp -L "$1" "$root/usr/bin/$2"
  ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
    [[ -e $root$library ]] || install -D "$(realpath "$library")" "$root$library"
  done
}
for program in cansend candump cangen; do with_libraries "$(command -v "$program")" "$program"; done
with_libraries "$(PATH=$PATH:/sbin:/usr/sbin command -v ip)" ip-full
# The same bytes from the same parts: a snapshot is kept for as long as they stay.
find "$root" -exec touch -h -d @0 {} +
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet | zstd -q -3 -f -o "$out/initrd.zst")
