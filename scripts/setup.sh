#!/bin/bash
# setup.sh - installs what Bashu needs on Debian 12 or Ubuntu 24.04; does nothing where all of it is there.
#   scripts/setup.sh [--mpi] [--maps] [--gis] [--tests] [--check]
#     (none)   what the program is built with
#     --mpi    also what it is built with for several nodes (preset mpi): Open MPI with parallel netCDF and HDF5
#     --maps   also what scripts/plot_map.py and scripts/report.py draw with
#     --gis    also what scripts/export_gis.py writes with
#     --tests  also what scripts/test.sh and .ci/run need
#     --check  also what scripts/check.sh needs
# Needs root, or sudo. Other systems: the package lists are in docs/install.md.
set -euo pipefail

packages=(build-essential cmake ninja-build pkg-config git ca-certificates
          libnetcdf-dev libhdf5-dev zlib1g-dev libproj-dev libfyaml-dev libudunits2-dev libgeos-dev)
mpi=(libopenmpi-dev openmpi-bin libnetcdf-mpi-dev libhdf5-openmpi-dev)
maps=(python3 python3-matplotlib python3-netcdf4 python3-numpy python3-pyproj fonts-wqy-zenhei)
gis=(python3 python3-gdal python3-netcdf4 python3-numpy)
tests=(libcmocka-dev netcdf-bin cdo gdal-bin python3-gdal python3-xarray python3-pytest python3-yaml python3-shapely python3-scipy
       python3-pil ccache clang clang-format libclang-rt-dev libomp-dev)
# For tests that open a page. Debian has it as a package, Ubuntu has not: those tests then skip.
browser=(chromium-headless-shell)
check=(clang-tidy)
optional=()

for option in "$@"; do
  case $option in
    --mpi) packages+=("${mpi[@]}") ;;
    --maps) packages+=("${maps[@]}") ;;
    --gis) packages+=("${gis[@]}") ;;
    --tests) packages+=("${maps[@]}" "${tests[@]}"); optional+=("${browser[@]}") ;;
    --check) packages+=("${maps[@]}" "${tests[@]}" "${check[@]}") ;;
    *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "setup.sh: this system has no apt-get. docs/install.md, section 'Other systems', lists the packages for dnf, conda and" \
       "spack; then: cmake --preset release && cmake --build --preset release" >&2
  exit 2
fi

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]; }
missing=() wanted=()
for package in "${packages[@]}"; do
  installed "$package" || missing+=("$package")
done
for package in ${optional[@]+"${optional[@]}"}; do
  installed "$package" || wanted+=("$package")
done
[ $((${#missing[@]} + ${#wanted[@]})) -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null; then
    root=(sudo)
  elif [ ${#missing[@]} -gt 0 ]; then
    echo "setup.sh: run as root (no sudo here) to install: ${missing[*]}" >&2
    exit 2
  else
    exit 0
  fi
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "$@"; }
install() { apt install -y -qq --no-install-recommends "$@" </dev/null; }
have_lists() { [[ $(apt-cache policy "$@" 2>/dev/null) == *"Candidate: "[^\(]* ]]; } # not grep -q: with pipefail its early end fails

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup.sh: installing ${missing[*]}"
  if ! have_lists "${missing[@]}" || ! install "${missing[@]}" >"$log" 2>&1; then # no lists, or lists that have grown old
    if ! { apt update -qq && install "${missing[@]}"; } >>"$log" 2>&1; then
      tail -n 20 "$log" >&2
      echo "setup.sh: apt-get could not install the packages above; the last lines it printed are shown" >&2
      exit 1
    fi
  fi
fi
if [ ${#wanted[@]} -gt 0 ] && ! have_lists "${wanted[@]}" && ! compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
  apt update -qq >"$log" 2>&1 || true
fi
if [ ${#wanted[@]} -gt 0 ] && have_lists "${wanted[@]}"; then
  echo "setup.sh: installing ${wanted[*]}"
  install "${wanted[@]}" >"$log" 2>&1 || { apt update -qq && install "${wanted[@]}"; } >"$log" 2>&1 ||
    echo "setup.sh: ${wanted[*]} could not be installed; tests that open a page will skip" >&2
fi
