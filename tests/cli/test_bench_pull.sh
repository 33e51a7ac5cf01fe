#!/bin/sh
# A pull between two real nodes over loopback has its figures, each beside its limit; and a benchmark that is given
# nothing to measure says so.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

out=$work/out
TMPDIR=$work "${top_builddir:?}/tools/bench_pull" -n 700 -r 1 >"$out" 2>"$work/err" ||
	fail "bench_pull failed: $(cat "$work/err")"
[ -s "$work/err" ] && fail "the nodes complain: $(cat "$work/err")"
grep -Eq '^cold start, without index +[1-9]' "$out" || fail "no rate: $(cat "$out")"
for ratio in 'cold start, without index / bare loop, libsodium.s hash' 'until that is searched / index alone'; do
	grep -Eq "^$ratio: [0-9.]+ .*, limit >= 0\.[58]0: (held|MISSED); " "$out" || fail "no $ratio: $(cat "$out")"
done
grep -Eq 'over the socket [1-9].* limit <= 1\.05: (held|MISSED)$' "$out" || fail "nothing of the wire: $(cat "$out")"
grep -Eiq '(^|[^a-z])(nan|inf)([^a-z]|$)' "$out" && fail "no number: $(cat "$out")"

code=0
TMPDIR=$work "$top_builddir/tools/bench_files" "$work" >"$out" 2>"$work/err" || code=$?
[ $code -eq 1 ] || fail "bench_files of a directory ended with $code"
grep -q 'name files that `fedcat publish` reads' "$work/err" || fail "not helpful: $(cat "$work/err")"
[ ! -s "$out" ] || fail "figures of nothing: $(cat "$out")"
[ -z "$(find "$work" -name 'bench_*.*')" ] || fail "files stay behind"
