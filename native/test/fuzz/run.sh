#!/usr/bin/env bash
# Runs fuzzers built by build.sh: run.sh FOLDER SECONDS [TARGET...]; all of them when none is named. What a run learns
# stays in FOLDER/found/TARGET, and a reproducer of a finding in FOLDER/crashes; the committed corpus is only read.
# Exit code 1 when anything was found.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1
seconds=$2
shift 2
if (($# == 0)); then
  for source in "$here"/*_fuzz.cc; do set -- "$@" "$(basename "$source" .cc)"; done
fi
mkdir -p "$folder/crashes"
findings=0
for target in "$@"; do
  known=$folder/found/$target
  mkdir -p "$known"
  dictionary=$here/$target.dict
  printf '%s: %s seconds\n' "$target" "$seconds"
  # A single input has 10 s and 2 GiB: the parsers must not hang or reserve memory on an input's word either.
  "$folder/$target" "$known" "$here/corpus/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -malloc_limit_mb=1024 -max_len=65536 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$folder/crashes/$target-" ${FUZZ_SEED:+-seed="$FUZZ_SEED"} \
    $([[ -e $dictionary ]] && printf -- '-dict=%s' "$dictionary") || findings=$((findings + 1))
done
if ((findings > 0)); then
  printf '%d target(s) with a finding; reproducers are in %s\n' "$findings" "$folder/crashes" >&2
  exit 1
fi
