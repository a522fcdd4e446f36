# shellcheck shell=bash
# What the machine must have, and how it gets it. Sourced by `run`, whose say and step it uses.

has() { command -v "$1" >/dev/null 2>&1; }
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; } # MINIMUM VERSION
compiles() { "${CXX:-g++}" -std=c++20 -fsyntax-only -x c++ - <<<"$1" >/dev/null 2>&1; }
node_fits() { has node && at_least 20.17.0 "$(node -p process.versions.node)"; }
fuzzer_compiles() {
  local clang
  for clang in "${VIGIL_CLANG:-clang++}" clang++-{20,19,18,17,16,15,14}; do
    if has "$clang"; then
      "$clang" -fsanitize=fuzzer -o /dev/null -x c++ - <<<'extern "C" int LLVMFuzzerTestOneInput(const char*, long) { return 0; }' \
        >/dev/null 2>&1
      return
    fi
  done
  return 1
}
clang_format() { command -v clang-format-14 || command -v clang-format; }

missing_packages() { # prints Debian package names; "test", "arm64", "fuzz" and "tidy" ask for those needs as well
  node_fits && has npm || printf 'nodejs npm '
  compiles $'#include <span>\n#include <bit>\nstatic_assert(__cplusplus >= 202002L);' || printf 'g++ '
  has ninja || has make || printf 'make '
  { has cmake && at_least 3.20 "$(cmake --version | awk 'NR == 1 { print $3 }')"; } || printf 'cmake '
  has ffmpeg || printf 'ffmpeg '
  compiles '#include <turbojpeg.h>' || printf 'libturbojpeg0-dev '
  compiles '#include <zstd.h>' || printf 'libzstd-dev '
  if [[ " $* " == *' test '* ]]; then
    compiles '#include <doctest/doctest.h>' || printf 'doctest-dev '
    clang_format >/dev/null || printf 'clang-format '
  fi
  [[ " $* " != *' arm64 '* ]] || has aarch64-linux-gnu-g++ || printf 'crossbuild-essential-arm64 '
  [[ " $* " != *' fuzz '* ]] || fuzzer_compiles || printf 'clang-14 libclang-rt-14-dev '
  [[ " $* " != *' tidy '* ]] || has clang-tidy-14 || has clang-tidy || printf 'clang-tidy '
}

prerequisites() {
  local missing root=()
  missing=$(missing_packages "$@")
  [[ -z $missing ]] && { say '✓' prerequisites 'present'; return; }
  local command="apt-get install -y --no-install-recommends ${missing% }"
  if ((EUID != 0)); then
    root=(sudo -n)
    { has apt-get && has sudo && sudo -n true 2>/dev/null; } || refuse "$missing" "sudo $command"
  fi
  has apt-get || refuse "$missing" "$command"
  step 'package lists' env "${root[@]}" apt-get -qq update
  if [[ $missing == *nodejs* ]]; then
    local offered
    offered=$(apt-cache policy nodejs | awk '/Candidate:/ { print $2 }')
    at_least 20.17 "${offered%%[~+-]*}" || refuse_node "$offered"
  fi
  # shellcheck disable=SC2086 # a list of package names
  step "install ${missing% }" env "${root[@]}" DEBIAN_FRONTEND=noninteractive ${command/install/install -qq}
  missing=$(missing_packages "$@")
  [[ -z $missing ]] || refuse "$missing" "$command"
}

refuse_node() {
  printf 'vigil: Node 20.17 or later is needed, this Debian offers %s: install it from https://nodejs.org.\n' "$1" >&2
  exit 2
}

refuse() {
  printf 'vigil: these Debian packages are needed: %s\nInstall them with this command, then start again:\n\n  %s\n\n' \
    "${1% }" "$2" >&2
  exit 2
}
