#!/bin/bash
# submit.sh - a set of runs as an array of Slurm jobs.
#   scripts/slurm/submit.sh SET.yaml DIR [OPTIONS OF sbatch]...      as: --time=02:00:00 --cpus-per-task=16 --partition=cpu
# Three jobs: the meteorology, once, if the set shares it; the array, each run queued again when its time was too short; and, after them,
# a table of how they went (DIR/status.txt). Without Slurm: scripts/batch.py run SET.yaml --out DIR.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
scripts=$(dirname "$here")
set_file=$1 dir=$2
shift 2
command -v sbatch >/dev/null || { echo "submit.sh: there is no sbatch here; without Slurm: $scripts/batch.py run $set_file --out $dir" >&2; exit 2; }

names=$("$scripts/batch.py" list "$set_file")
last=$(($(wc -l <<<"$names") - 1))
mkdir -p "$dir/logs"
export BASHU_SCRIPTS=$scripts

first=$(sbatch --parsable --job-name=bashu-prepare --output="$dir/logs/prepare-%j.log" "$@" \
  --wrap "'$scripts/batch.py' prepare '$set_file' --out '$dir'")
array=$(sbatch --parsable --array="0-$last" --dependency="afterok:$first" --output="$dir/logs/run-%a.log" "$@" \
  "$here/array.sbatch" "$set_file" "$dir")
sbatch --parsable --job-name=bashu-status --dependency="afterany:$array" --output="$dir/status.txt" \
  --wrap "'$scripts/batch.py' status '$dir'" >/dev/null
echo "submitted: prepare $first, array $array (0-$last); how it goes: $scripts/batch.py status $dir"
