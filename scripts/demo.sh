#!/bin/bash
# demo.sh - from a fresh clone to a map of five winter days over the Sichuan basin: installs what is missing, builds,
# runs configs/cases/basin-winter.yaml into a new folder runs/basin-winter (or -2, -3, ...) and draws its map.png.
#   scripts/demo.sh [OPTIONS OF bashu run]      as: scripts/demo.sh --set time.end=2015-01-14T00:00:00+08:00
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh --maps
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "demo.sh: building"
if ! { cmake --preset release && cmake --build --preset release --target bashu; } >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "demo.sh: the build failed" >&2
  exit 1
fi

out=runs/basin-winter
for ((n = 2; ; n++)); do
  [ -e "$out" ] || break
  out=runs/basin-winter-$n
done
mkdir -p runs
echo "demo.sh: running configs/cases/basin-winter.yaml into $out"
build/release/bashu run configs/cases/basin-winter.yaml --out "$out" "$@"
/usr/bin/python3 scripts/plot_map.py "$out" --out "$out/map.png"
echo "demo.sh: the map is $PWD/$out/map.png"
