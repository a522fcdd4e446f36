#!/usr/bin/env bash
# Runs the native unit tests under a sanitizer: sanitize.sh address|thread (address includes undefined behaviour).
# ONNX Runtime itself is not instrumented; what is checked is our code and how it calls the library.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
kind=$1
folder=build/native-tests-$kind
native/test/build.sh "$folder" -DVIGIL_SANITIZE="$kind"
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=second_deadlock_stack=1
"$folder/native_tests"
