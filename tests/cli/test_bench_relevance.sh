#!/bin/sh
# The first ten answers to judged queries over real catalogues are as good as SQLite's FTS5 gives and as Xapian gives, of
# the same documents: asked for all words, and as people ask.  Skipped where the catalogues are not.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

out=$work/out
TMPDIR=$work srcdir=$srcdir "${top_builddir:?}/tools/bench_relevance" >"$out" 2>"$work/err" ||
	fail "bench_relevance failed: $(cat "$work/err")"
if grep '^skipped' "$out"; then
	exit 77
fi
# Ours come first: all words, then leniently; the others' follow in the same order.
awk '$1 == "all" {
	seen = 1
	for (i = 5; i <= NF; i++)
		if ($i > $(i % 2 ? 3 : 4)) {
			print "column " i " is better than ours: " $0
			exit 1
		}
}
END { if (!seen) { print "no figures"; exit 1 } }' "$out" || fail "$(cat "$out")"
