#!/bin/bash
# verify.sh - measures the model's numerics against published problems, reference tables and exact answers and writes
# docs/verification.md with its plots. Some minutes; no part of the tests.
#   scripts/verify.sh [REFERENCE]     REFERENCE: folder of reference tables, ../shared/reference when left out
# What needs a table that is not there is reported as such. Status 0 when all could be measured, met or not.
set -euo pipefail
reference=${1:+$(realpath -m "$1")}
cd "$(dirname "$0")/.."
reference=${reference:-$PWD/../shared/reference}
scripts/setup.sh --tests
for preset in release double; do
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" --target bashu_verify | { grep -E 'error|FAILED' || true; }
done

lines=$(mktemp -d)
trap 'rm -rf "$lines"' EXIT
echo "verify.sh: measuring"
printf '%s\n' {release,double}-{terrain,plane,sphere,conservation,column,velocity,plume,rise,modes} |
  xargs -P "$(nproc)" -I{} bash -c 'run={}; "build/${run%-*}/tests/verification/bashu_verify" --reference "$0" "${run#*-}" \
    >"$1/$run.json"' "$reference" "$lines"
PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=$lines/mpl /usr/bin/python3 scripts/verify_report.py "$lines" --reference "$reference" --out docs
