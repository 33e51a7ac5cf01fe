#!/bin/sh
# Each test that docs/security.md names is there: `folder/file: name` is a function test_name of
# tests/folder/test_file.c, `a_name_alone` one of the file that was named before it or of any,
# `cli/test_x.sh`, `fuzz/fuzz_x` and `fuzz_x` are files.
set -eu
: "${srcdir:?}"

# names PAGE: what stands in backquotes and looks like a test, one a line.
names() {
	tr '\n' ' ' <"$1" | sed 's/  */ /g' | grep -oE '`[^`]+`' | tr -d '`' |
	grep -E '^(catalog|gossip|node|tools)/test_[a-z_]+(: [a-z0-9_A-Z]+)?$|^(cli|integration)/test_[a-z_]+\.sh$|^(fuzz/)?fuzz_[a-z_]+$|^[a-z0-9A-Z]+(_[a-z0-9A-Z]+){3,}$' || :
}

# is_there NAME
is_there() {
	case $1 in
	*': '*) grep -q "^static void test_${1#*: }(" "$srcdir/tests/${1%%: *}.c" 2>/dev/null ;;
	*.sh) test -f "$srcdir/tests/$1" ;;
	fuzz/*) test -f "$srcdir/tests/$1.c" ;;
	fuzz_*) test -f "$srcdir/tests/fuzz/$1.c" ;;
	*/*) test -f "$srcdir/tests/$1.c" ;;
	*) grep -qr --include='*.c' "^static void test_$1(" "$srcdir/tests" ;;
	esac
}

# missing PAGE: the names that are of no test.
missing() {
	names "$1" | sort -u | while IFS= read -r name; do
		is_there "$name" || echo "$name"
	done
}

# The check itself: a page that names what is not there is found out.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/page" <<'END'
`gossip/test_flood: no_such_test_is_here`, `cli/test_nothing.sh`, `fuzz_nothing`,
`nobody_wrote_this_test`, `gossip/test_nothing`, `gossip/test_flood:
a_flood_of_trails_ends_the_link`
END
if [ "$(missing "$dir/page" | wc -l)" != 5 ]; then
	echo "names that are of no test are not found out:"
	missing "$dir/page"
	exit 1
fi

page=$srcdir/docs/security.md
count=$(names "$page" | sort -u | wc -l)
stray=$(missing "$page")
if [ -n "$stray" ]; then
	echo "docs/security.md names what is no test:"
	echo "$stray"
	exit 1
fi
if [ "$count" -lt 50 ]; then
	echo "docs/security.md: only $count names of tests were read"
	exit 1
fi
echo "docs/security.md: $count tests are there"
