#!/usr/bin/env bash
# Builds the native unit tests into FOLDER: build.sh FOLDER [CMAKE_OPTION...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=$1
shift
generator=()
if command -v ninja >/dev/null && [[ ! -e $folder/CMakeCache.txt ]]; then generator=(-G Ninja); fi
cmake -S . -B "$folder" "${generator[@]}" -DVIGIL_TESTS=ON -DCMAKE_BUILD_TYPE=Release "$@"
cmake --build "$folder" --parallel "${VIGIL_BUILD_JOBS:-2}"
