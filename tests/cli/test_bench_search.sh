#!/bin/sh
# Our index, SQLite's FTS5 and Xapian give the same totals and counts of facets for the same queries of the same
# listings, two engines that we did not write being the judges of the third.  Those that are not there judge nothing.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

out=$work/out
TMPDIR=$work srcdir=$srcdir "${top_builddir:?}/tools/bench_search" -n 1500 -q 25 -p 1 -w 1000 >"$out" 2>"$work/err" ||
	fail "bench_search failed: $(cat "$work/err")"
for class in 'rare term' 'common term' 'two terms' 'three terms' phrase prefix facets 'deep page'; do
	grep -q "^  $class *0 of 25" "$out" || fail "$class: $(grep "^  $class" "$out")"
done
grep -q '^build ' "$out" || fail "no figures: $(cat "$out")"
grep -q '^fedcat .*[0-9]' "$out" || fail "no queries a second: $(cat "$out")"
[ -z "$(find "$work" -name 'bench_search.*')" ] || fail "files stay behind"
