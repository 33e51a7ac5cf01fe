#!/bin/sh
# The benchmark brings catalogues over, ours and those of the others that are there, and tells figures and limits.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

out=$work/out
run() {
	TMPDIR=$work srcdir=$srcdir timeout 300 "${top_builddir:?}/tools/bench_replicate" "$@" >"$out" 2>"$work/err" ||
		fail "bench_replicate $* failed: $(cat "$out" "$work/err")"
	[ -z "$(find "$work" -name 'bench_replicate.*')" ] || fail "files stay behind"
}

run -n 300 -c 10 -w fgrh
for way in fedcat 'git fetch' 'rsync -a'; do
	for job in 'cold start' changes; do
		grep -q "^  $job  *$way  *[0-9]" "$out" || grep -q "^  without $way: " "$out" ||
			fail "no $job by $way: $(cat "$out")"
	done
done
grep -q '^  without hypercore: ' "$out" || fail "hypercore was neither asked for nor passed over: $(cat "$out")"
# The bytes that were counted are about those of the entries: all of them passed the proxy.
for job in 'cold start' changes; do
	ratio=$(sed -n "s/^  $job: wire bytes \/ zstd .* \([0-9.]*\)  (limit.*/\1/p" "$out")
	awk -v r="$ratio" 'BEGIN {exit !(r > 0.9 && r < 3)}' || fail "$job: wire bytes / zstd is \"$ratio\""
done

run -n 300 -p 2
[ "$(grep -c 'MB of its own.* [1-9][0-9]*\.[0-9]*  (limit' "$out")" = 4 ] || fail "no memory: $(cat "$out")"
grep -q 'each has 300 or more' "$out" || fail "the peers did not get all: $(cat "$out")"
