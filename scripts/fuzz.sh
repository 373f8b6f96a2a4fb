#!/bin/bash
# fuzz.sh - throws made-up input at the readers, under the address and undefined-behaviour sanitizers (clang's libFuzzer).
#   scripts/fuzz.sh [TARGET|all] [SECONDS]      without either: an hour, shared out among all targets
# TARGET: one of tests/fuzz/target_*.c. Prints how many inputs each target tried; what made it fail lies in build/fuzz/found/TARGET, the
# inputs that reached new code in build/fuzz/work/TARGET. To look at a failure: build/fuzz/tests/fuzz/fuzz_TARGET FILE; mended, it goes to
# tests/fuzz/corpus/TARGET. FUZZ_SEED=1: the same choices each time. FUZZ_FAILS=3: go on until the third. Status 1: one failed.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:-all}
seconds=${2:-3600}
targets=()
for file in tests/fuzz/target_*.c; do
  name=${file##*/target_}
  name=${name%.c}
  if [ "$wanted" = all ] || [ "$wanted" = "$name" ]; then targets+=("$name"); fi
done
if [ ${#targets[@]} = 0 ] || ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0"
  exit 2
fi

scripts/setup.sh --tests
mkdir -p build/fuzz
{ cmake --preset fuzz && cmake --build --preset fuzz; } >build/fuzz/build.log 2>&1 || {
  grep -E -A 12 'error|FAILED' build/fuzz/build.log | head -n 60
  echo "fuzz.sh: the build failed" >&2
  exit 1
}
export ASAN_OPTIONS=allocator_may_return_null=1:max_allocation_size_mb=1500:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/fuzz/lsan.supp:print_suppressions=0 LC_ALL=C.UTF-8 TZ=UTC

# One target for its share of the time. A failure ends a process; what is left of the time goes on with another seed.
one() {
  local name=$1 share=$2 tried=0 fails=0 begin=$SECONDS left log n
  local work=build/fuzz/work/$name found=build/fuzz/found/$name
  mkdir -p "$work" "$found"
  log=build/fuzz/$name.log
  : >"$log"
  while left=$((share - (SECONDS - begin))) && [ "$left" -gt 0 ] && [ "$fails" -lt "${FUZZ_FAILS:-1}" ]; do
    "build/fuzz/tests/fuzz/fuzz_$name" -max_total_time="$left" -max_len=8192 -timeout=20 -rss_limit_mb=3000 -malloc_limit_mb=1600 \
      -print_final_stats=1 ${FUZZ_SEED:+"-seed=$FUZZ_SEED"} -dict="tests/fuzz/dict/$name.dict" -artifact_prefix="$found/" \
      "$work" "tests/fuzz/corpus/$name" >"$log.part" 2>&1 ||
      fails=$((fails + 1))
    n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log.part" | tail -n 1)
    tried=$((tried + ${n:-0}))
    cat "$log.part" >>"$log"
  done
  rm -f "$log.part"
  printf '%-10s %9d inputs in %4d s, %d failed%s\n' "$name" "$tried" $((SECONDS - begin)) "$fails" \
    "$([ "$fails" = 0 ] || echo ", see build/fuzz/$name.log and $found")"
  [ "$fails" = 0 ]
}

cores=${FUZZ_CORES:-$(nproc)}
[ "$cores" -le ${#targets[@]} ] || cores=${#targets[@]}
share=$(((seconds * cores + ${#targets[@]} - 1) / ${#targets[@]}))
status=0
pids=()
for name in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$cores" ]; do sleep 1; done
  one "$name" "$share" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || status=1; done
exit $status
