# Sourced by scripts/demo and scripts/test: installs what is missing from Debian's packages.

packages=(
  g++ cmake ninja-build python3
  libcaf-dev libdeflate-dev zlib1g-dev libcurl4-openssl-dev libssl-dev
  nlohmann-json3-dev libsimdjson-dev libexpected-dev uuid-dev libdw-dev libelf-dev
  libcpp-httplib-dev libcli11-dev libspdlog-dev doctest-dev
)

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

# install_packages NAME... : nothing happens when all are there.
install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo)
  fi
  echo "installing:" $missing
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  # shellcheck disable=SC2086  # a list of words
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"}
}
