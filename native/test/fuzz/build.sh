#!/usr/bin/env bash
# Builds the fuzzers into FOLDER: build.sh FOLDER [TARGET...]. Needs clang 14 or later with its runtime
# (Debian: clang-14 libclang-rt-14-dev); VIGIL_CLANG names another compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
folder=$1
shift
compiler=${VIGIL_CLANG-}
if [[ -z $compiler ]]; then
  for name in clang++ clang++-{20,19,18,17,16,15,14}; do
    if command -v "$name" >/dev/null; then
      compiler=$name
      break
    fi
  done
fi
if [[ -z $compiler ]]; then
  printf 'The fuzzers need clang with libFuzzer: apt-get install clang-14 libclang-rt-14-dev\n' >&2
  exit 1
fi
generator=()
if command -v ninja >/dev/null && [[ ! -e $folder/CMakeCache.txt ]]; then generator=(-G Ninja); fi
cmake -S native/test/fuzz -B "$folder" "${generator[@]}" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$folder" --parallel "${VIGIL_BUILD_JOBS:-2}" ${1:+--target "$@"}
