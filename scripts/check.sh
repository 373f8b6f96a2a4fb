#!/bin/bash
# check.sh - the long checks that .ci/run leaves out.
#   scripts/check.sh [asan] [double] [tsan] [tidy]      all when none is named
#     asan    the whole suite with the address and undefined-behaviour sanitizers
#     double  the suite with fields in double
#     tsan    data races, with clang and its OpenMP library; the C tests alone (gcc's libgomp gives false reports)
#     tidy    clang-tidy over the sources, findings in house code
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --check

tidy() {
  cmake --preset clang >/dev/null
  cmake --build --preset clang --target bs_version >/dev/null
  # One file a run: from the second on, clang-tidy 14 takes every va_list for uninitialised.
  git ls-files 'kernels/*.c' 'grids/*.c' 'model/*.c' |
    xargs -P "$(nproc)" -n 1 clang-tidy --quiet --warnings-as-errors='*' -p build/clang
}

[ $# -gt 0 ] || set -- asan double tsan tidy
failed=()
for suite in "$@"; do
  echo "== $suite"
  case $suite in
    asan) scripts/test.sh asan || failed+=("$suite") ;;
    double) scripts/test.sh double || failed+=("$suite") ;;
    tsan) OMP_NUM_THREADS=4 scripts/test.sh tsan -LE 'python|house' || failed+=("$suite") ;;
    tidy) tidy || failed+=("$suite") ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
[ ${#failed[@]} -eq 0 ] || { echo "check.sh: failed: ${failed[*]}" >&2; exit 1; }
echo "check.sh: passed: $*"
