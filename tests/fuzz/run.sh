#!/bin/bash
# Run each fuzz target for so many seconds from its seed corpus and what earlier runs here have grown.
# Usage: run.sh SECONDS [NAME...], in a build directory configured with --enable-fuzz; `make fuzz` calls it.
# What is found is left in tests/fuzz/found-NAME/, and how to see it again is printed.  FUZZ_SEED=n repeats a run's
# seed (which the line of each target shows); FUZZ_JOBS=n runs so many at once.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
export corpus=$here/corpus
export ASAN_OPTIONS=${ASAN_OPTIONS:-} LSAN_OPTIONS=suppressions=$here/../lsan.supp:print_suppressions=0

run_one() { # SECONDS NAME
	local seconds=$1 name=$2
	local program=tests/fuzz/fuzz_$name grown=tests/fuzz/grown-$name found=tests/fuzz/found-$name log=tests/fuzz/fuzz_$name.run
	local seed=${FUZZ_SEED:-$((RANDOM * 32768 + RANDOM + 1))} failed=0

	mkdir -p "$grown" "$found"
	"$program" -seed="$seed" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$found/" "$grown" "$corpus/$name" >"$log" 2>&1 || failed=1
	local done coverage
	done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1 || :)
	if [ "$failed" -eq 0 ] && [ "${done:-0}" -gt 0 ]; then
		printf '%-18s %10d executions  %s  seed %d\n' "$name" "$done" "$coverage" "$seed"
		return 0
	fi
	echo "$name: FAILED, seed $seed; the end of $log:"
	grep -vE '^#[0-9]+' "$log" | tail -n 40
	find "$found" -type f -printf "see it again: $program %p\n"
	return 1
}
export -f run_one

seconds=${1:?seconds for each target}
shift
if [ $# -eq 0 ]; then
	for program in tests/fuzz/fuzz_*; do
		[ ! -x "$program" ] || set -- "$@" "${program#tests/fuzz/fuzz_}"
	done
fi
[ $# -gt 0 ] || { echo "no fuzz target is built here: configure with CC=clang --enable-fuzz, then make check TESTS=" >&2; exit 1; }
printf '%s\n' "$@" | xargs -P "${FUZZ_JOBS:-$(nproc)}" -I NAME bash -c 'run_one "$@"' run_one "$seconds" NAME || {
	echo "fuzzing found something" >&2
	exit 1
}
