#!/bin/bash
# check.sh - the long checks that .ci/run leaves out.
#   scripts/check.sh [asan] [clang] [double] [mpi] [tsan] [mpi-asan] [mpi-tsan] [tidy]      all when none is named
#     asan    the whole suite with the address and undefined-behaviour sanitizers
#     clang   the suite of an optimised build by clang
#     double  the suite with fields in double
#     mpi     all that runs in several ranks, 30 kills in a loop among it
#     tsan    data races, with clang and its OpenMP library; the C tests alone (gcc's libgomp gives false reports)
#     mpi-asan, mpi-tsan   what runs in several ranks (label mpi, whole runs in brief) with the sanitizers: the exchange, gathering, shared
#             files, runs on up to 6 ranks x 2 threads. Leaks are not looked for: MPI's own have no names, since its plugins are gone by then
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

[ $# -gt 0 ] || set -- asan clang double mpi tsan mpi-asan mpi-tsan tidy
failed=()
for suite in "$@"; do
  echo "== $suite"
  case $suite in
    asan | clang | double) scripts/test.sh "$suite" || failed+=("$suite") ;;
    mpi) TARGET=rank_tests scripts/test.sh mpi -L mpi || failed+=("$suite") ;;
    tsan) OMP_NUM_THREADS=4 scripts/test.sh tsan -LE 'python|house' || failed+=("$suite") ;;
    mpi-asan)
      BASHU_BRIEF=1 ASAN_OPTIONS=detect_leaks=0:strict_string_checks=1 TARGET=rank_tests scripts/test.sh mpi-asan -L mpi || failed+=("$suite") ;;
    mpi-tsan)
      BASHU_BRIEF=1 TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1 OMP_NUM_THREADS=2 TARGET=rank_tests \
        scripts/test.sh mpi-tsan -L mpi || failed+=("$suite") ;;
    tidy) tidy || failed+=("$suite") ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
[ ${#failed[@]} -eq 0 ] || { echo "check.sh: failed: ${failed[*]}" >&2; exit 1; }
echo "check.sh: passed: $*"
