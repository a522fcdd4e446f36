#!/usr/bin/env bash
# Builds the addons for machines without a compiler into prebuilds/linux-x64 and, with --arm64, prebuilds/linux-arm64;
# `npm pack` then takes them along. The libraries they need lie beside them. They want a C library as new as this machine's
# (glibc 2.36 on Debian 12). Needs node_modules (npm ci); --arm64 needs crossbuild-essential-arm64.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# collect BUILD_FOLDER LIBRARY_FOLDER TARGET
collect() {
  local target=prebuilds/$3
  rm -rf "$target"
  mkdir -p "$target"
  for name in core can vision speech; do cp "$1/Release/$name.node" "$target/"; done
  for name in libturbojpeg.so.0 libzstd.so.1; do cp -L "$2/$name" "$target/"; done
  du -sh "$target"
}

generator=()
if command -v ninja >/dev/null && [[ ! -e build/native-prebuilt/CMakeCache.txt ]]; then generator=(-G Ninja); fi
cmake -S . -B build/native-prebuilt "${generator[@]}" -DCMAKE_BUILD_TYPE=Release -DVIGIL_PREBUILT=ON \
  -DCMAKE_JS_INC="$PWD/node_modules/node-api-headers/include" -DCMAKE_JS_LIB= \
  -DNODE_ADDON_API_DIR="$PWD/node_modules/node-addon-api"
cmake --build build/native-prebuilt --parallel "${VIGIL_BUILD_JOBS:-2}"
collect build/native-prebuilt "/usr/lib/$(gcc -dumpmachine | sed 's/-pc-/-/')" linux-x64

if [[ ${1:-} == --arm64 ]]; then
  VIGIL_ARM64_FOLDER=build/native-prebuilt-arm64 native/test/cross-arm64.sh -DVIGIL_PREBUILT=ON
  collect build/native-prebuilt-arm64 build/sysroot-arm64/root/usr/lib/aarch64-linux-gnu linux-arm64
fi
