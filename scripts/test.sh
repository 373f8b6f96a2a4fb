#!/bin/bash
# test.sh - installs what is missing, builds one preset and runs its tests.
#   scripts/test.sh [PRESET] [OPTIONS OF ctest]      as: scripts/test.sh asan -L kernels
# PRESET: a row of CMakePresets.json, release when left out. The last lines are ctest's summary.
# TARGET=rank_tests scripts/test.sh mpi -L mpi builds and runs nothing but the tests in several ranks.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=release
if [ $# -gt 0 ] && [ "${1:0:1}" != - ]; then
  preset=$1
  shift
fi

setup=(--tests)
[[ $preset != mpi* ]] || setup+=(--mpi)
scripts/setup.sh "${setup[@]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "test.sh: building $preset"
{ cmake --preset "$preset" && cmake --build --preset "$preset" ${TARGET:+--target "$TARGET"}; } >"$log" 2>&1 || {
  grep -E -A 12 'error|FAILED' "$log" | head -n 80
  echo "test.sh: the build of $preset failed" >&2
  exit 1
}

export LC_ALL=C.UTF-8 TZ=UTC MPLBACKEND=Agg CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}
# Tests beside each other have more threads than there are cores: those that wait for others must not spin.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-ignore_noninstrumented_modules=1:halt_on_error=1}
[ ! -f tests/lsan.supp ] || export LSAN_OPTIONS=${LSAN_OPTIONS:-suppressions=$PWD/tests/lsan.supp:print_suppressions=0}
ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --no-label-summary "$@"
