#!/usr/bin/env bash
# clang-tidy over the native sources: tidy.sh [--changed]. Without --changed all of them, which takes minutes;
# with it those that differ from main's last commit. Headers are checked through the files that include them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tool=$(command -v clang-tidy-14 || command -v clang-tidy) || {
  echo 'clang-tidy is missing: apt-get install -y --no-install-recommends clang-tidy' >&2
  exit 2
}
native/test/build.sh build/native-tests >/dev/null

# check FOLDER FILE...: with the compile commands of that build folder
check() {
  local folder=$1
  shift
  (($# == 0)) && return
  printf '%s\n' "$@" | xargs -P "${VIGIL_BUILD_JOBS:-2}" -n 1 "$tool" -p "$folder" --quiet
}

if [[ ${1-} == --changed ]]; then
  mapfile -t sources < <({ git diff --name-only HEAD -- 'native/*.cc'; git ls-files -o --exclude-standard 'native/*.cc'; } | sort -u)
else
  mapfile -t sources < <(git ls-files -co --exclude-standard 'native/*.cc')
fi
addons=() tests=()
for source in "${sources[@]}"; do
  case $source in
    native/test/addon_*.cc | native/*/addon*.cc) addons+=("$source") ;;
    *) tests+=("$source") ;;
  esac
done
check build/native "${addons[@]}"
check build/native-tests "${tests[@]}"
