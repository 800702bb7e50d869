# shellcheck shell=bash
# Sourced by deploy/quickstart.sh and tests/run.sh, after steps.sh: the Debian 12 packages that Parc needs, and how a
# machine gets them. Nothing else is downloaded but the locked Node packages of tests/node.

# What builds the three programs and tries them.
BUILD_PACKAGES=(
  g++ cmake ninja-build ccache mold pkg-config
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev
  libboost1.81-dev libsqlite3-dev libssl-dev libsystemd-dev libnghttp2-dev libgoogle-perftools-dev
  libspdlog-dev libfmt-dev libcli11-dev libtomlplusplus-dev libhowardhinnant-date-dev
  tzdata openssl ca-certificates curl python3 procps
)

# What the tests need besides.
TEST_PACKAGES=(
  catch2 librapidcheck-dev libbenchmark-dev
  clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev
  python3-grpcio python3-protobuf
  prometheus # for promtool alone; its service is not started
  faketime iproute2 nftables # clocks that jump and networks that are cut, in tests/fault
  openvpn strongswan-charon ocserv wireguard-go wireguard-tools systemd # real VPN servers, in tests/vpn; none of them starts by itself
  git
)

# What a machine needs that only runs them: the README has the same lists for whoever installs by hand, and
# tests/e2e/install_test.py compares both with what the programs are linked to.
# shellcheck disable=SC2034
SERVER_PACKAGES=( # parcd, parc-swarm
  libabsl20220623 libc6 libdate-tz3 libfmt9 libgcc-s1 libgrpc++1.51 libgrpc29 libnghttp2-14 libprotobuf32 libspdlog1.10
  libsqlite3-0 libssl3 libstdc++6 libsystemd0 libtcmalloc-minimal4 libtomlplusplus3
  tzdata ca-certificates # civil dates; whom a webhook may prove itself by
)
PEOPLE_PACKAGES=( # parc
  libabsl20220623 libc6 libfmt9 libgcc-s1 libgrpc++1.51 libgrpc29 libprotobuf32 libstdc++6
)
LAPTOP_PACKAGES=( # parc-agent, parc-agent-report, parc-collect
  libc6 libnghttp2-14 libssl3 libsystemd0
  ca-certificates # whom gateways and applications may prove themselves by
)

# Those of the named packages that are not installed, one a line.
missing_packages() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# Lets apt install a package without starting its service; the administrator's own policy, if any, is kept.
run_apt() {
  local policy=/usr/sbin/policy-rc.d ours=no result=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=yes
  fi
  DEBIAN_FRONTEND=noninteractive apt-get "$@" || result=$?
  [ "$ours" = no ] || rm -f "$policy"
  return "$result"
}

# install_packages PACKAGE…: does nothing, and needs neither root nor network, when everything is there.
# Packages that would push others off the machine are not installed: that is for a person to decide.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then
    say "  packages: all $# are installed"
    return 0
  fi
  command -v apt-get >/dev/null || fail "this is no Debian machine: install ${missing[*]} by hand and run this again."
  [ "$(id -u)" -eq 0 ] || fail "packages are missing and only root may install them: run
  apt-get install --no-install-recommends ${missing[*]}
and then this script again."
  step "updating the list of packages" run_apt update
  step "installing ${#missing[@]} packages" run_apt install -y --no-install-recommends --no-remove "${missing[@]}"
}

# Node may come from elsewhere than Debian, whose packages would then be in conflict: the programs count.
install_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then
    say "  node: $(node --version), npm $(npm --version)"
    return 0
  fi
  install_packages nodejs npm
}
