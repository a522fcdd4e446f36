# shellcheck shell=bash
# Debian's arm64 packages in a folder of our own, without adding an architecture to the machine. Sourced.

# arm64_packages FOLDER PACKAGE...: unpacks into FOLDER/root; what is there already stays.
arm64_packages() {
  local folder=$1 apt=$1/apt deb
  shift
  [[ ! -e $folder/.complete ]] || return 0
  rm -rf "$folder"
  mkdir -p "$apt"/state/lists/partial "$apt"/cache/archives/partial "$folder"/{debs,root}
  : >"$apt/status"
  local options=(
    -qq
    -o APT::Architecture=arm64 -o APT::Architectures::=arm64
    -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache"
    -o Acquire::Languages=none -o Debug::NoLocking=1
    # Lists are fetched by whoever runs this, not by the _apt user, who may not read this folder.
    -o APT::Sandbox::User="$(id -un)"
  )
  echo 'Fetching the arm64 package lists'
  apt-get "${options[@]}" update
  echo "Fetching $*"
  (cd "$folder/debs" && apt-get "${options[@]}" download "${@/%/:arm64}")
  for deb in "$folder"/debs/*.deb; do dpkg-deb -x "$deb" "$folder/root"; done
  touch "$folder/.complete"
}
