#!/usr/bin/env bash
# Cross-compiles every addon for arm64 into build/native-arm64 (or VIGIL_ARM64_FOLDER) and checks what came out:
# cross-arm64.sh [CMAKE_OPTION...]. The arm64 libraries come from Debian through an apt configuration of our own: the
# machine's package lists and architectures stay untouched. test/arm64/run.sh runs what is built here.
# Needs: crossbuild-essential-arm64, node_modules (npm ci). Exit code 2: the cross compiler is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
sysroot=$PWD/build/sysroot-arm64

if ! command -v aarch64-linux-gnu-g++ >/dev/null; then
  echo 'The arm64 cross compiler is missing: apt-get install -y --no-install-recommends crossbuild-essential-arm64' >&2
  exit 2
fi

# shellcheck source=native/test/arm64-packages.sh
source native/test/arm64-packages.sh
arm64_packages "$sysroot" libturbojpeg0 libturbojpeg0-dev libzstd1 libzstd-dev

generator=()
folder=${VIGIL_ARM64_FOLDER:-build/native-arm64}
if command -v ninja >/dev/null && [[ ! -e $folder/CMakeCache.txt ]]; then generator=(-G Ninja); fi
cmake -S . -B "$folder" "${generator[@]}" -DCMAKE_TOOLCHAIN_FILE="$PWD/native/test/arm64.cmake" \
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_JS_INC="$PWD/node_modules/node-api-headers/include" -DCMAKE_JS_LIB= \
  -DNODE_ADDON_API_DIR="$PWD/node_modules/node-addon-api" "$@"
cmake --build "$folder" --parallel "${VIGIL_BUILD_JOBS:-2}"

# Each addon that the machine's own build has must have come out, as an AArch64 library that registers with Node.
for name in $(find native -mindepth 2 -name 'addon*.cc' -printf '%h\n' | sort -u | xargs -n 1 basename); do
  [[ $name == test ]] && name=probe
  file=$folder/Release/$name.node
  [[ -e $file ]] || { echo "Expected $file but it was not built." >&2; exit 1; }
  aarch64-linux-gnu-readelf -h "$file" | grep -q 'Machine: *AArch64' || { echo "$file is not for AArch64." >&2; exit 1; }
  grep -q ' T napi_register_module_v1$' <<<"$(aarch64-linux-gnu-nm -D "$file")" || { echo "$file is no addon." >&2; exit 1; }
  echo "$file: $(aarch64-linux-gnu-readelf -h "$file" | sed -n 's/^ *Machine: *//p'), needs" \
    "$(aarch64-linux-gnu-readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')"
done
