#!/bin/bash
# setup.sh - installs what Bashu needs on Debian 12 or Ubuntu 24.04; does nothing where all of it is there.
#   scripts/setup.sh [--maps] [--tests] [--check]
#     (none)   what the program is built with
#     --maps   also what scripts/plot_map.py draws with
#     --tests  also what scripts/test.sh and .ci/run need
#     --check  also what scripts/check.sh needs
# Needs root, or sudo. Other systems: the package lists are in README.md.
set -euo pipefail

packages=(build-essential cmake ninja-build pkg-config git ca-certificates
          libnetcdf-dev libproj-dev libfyaml-dev libudunits2-dev libgeos-dev)
maps=(python3 python3-matplotlib python3-netcdf4 python3-numpy python3-pyproj fonts-wqy-zenhei)
tests=(libcmocka-dev netcdf-bin cdo gdal-bin python3-gdal python3-xarray python3-pytest python3-yaml python3-shapely python3-scipy
       clang clang-format libomp-dev)
check=(clang-tidy libclang-rt-dev)

for option in "$@"; do
  case $option in
    --maps) packages+=("${maps[@]}") ;;
    --tests) packages+=("${maps[@]}" "${tests[@]}") ;;
    --check) packages+=("${maps[@]}" "${tests[@]}" "${check[@]}") ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup.sh: this system has no apt-get. README.md, section 'Other systems', lists the packages for dnf, conda and" \
       "spack; then: cmake --preset release && cmake --build --preset release" >&2
  exit 2
fi

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: run as root (no sudo here) to install: ${missing[*]}" >&2; exit 2; }
  root=(sudo)
fi
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
install() { apt install -y -qq --no-install-recommends "${missing[@]}" </dev/null; }

echo "setup.sh: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
have_lists() { apt-cache policy "${missing[@]}" 2>/dev/null | grep -q 'Candidate: [^(]'; }
if ! have_lists || ! install >"$log" 2>&1; then # no lists, or lists that have grown old
  if ! { apt update -qq && install; } >>"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup.sh: apt-get could not install the packages above; the last lines it printed are shown" >&2
    exit 1
  fi
fi
