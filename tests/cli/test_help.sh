#!/bin/sh
# Each command explains itself, and help, man pages, documentation and completion know the same commands.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

expect 2 fedcat
says err "Set up"
expect 0 fedcat --help
says out "federation create"
expect 0 fedcat --version
says out "fedcat "
expect 0 fedcat --version --json
says out '{"version":"'
expect 2 fedcat pubish
says err "did you mean"
expect 2 fedcat search --limt 3
says err "--limit"
expect 2 fedcat nonsense --json
says err '{"error":{"code":"bad-request"'
[ ! -s out ] || fail "an error in JSON left something on standard output"

fedcat --commands >commands
[ "$(wc -l <commands)" -ge 10 ] || fail "commands are missing"
while read -r command; do
	# shellcheck disable=SC2086
	expect 0 fedcat $command --help
	says out "Example"
	says out "fedcat $command"
	says out "--json"
	awk 'length($0) > 80 {exit 1}' out || fail "the help of $command is wider than 80 columns"
	page=$top_builddir/tools/man/fedcat-$(echo "$command" | tr ' ' '-').1
	[ -s "$page" ] || fail "there is no page $page: name it in tools/local.mk"
	says "$page" ".SH EXIT STATUS"
	says "$srcdir/docs/commands.md" "\`fedcat $command"
	says "$top_builddir/tools/man/fedcat.1" "fedcat\\-$(echo "$command" | sed 's/ /\\-/g')"
done <commands
sed -n 's/^\.TP$//; s/^\\fB\([0-9][0-9]*\)\\fR$/\1/p' "$top_builddir/tools/man/fedcat.1" | grep . >codes
[ "$(wc -l <codes)" -ge 9 ] || fail "exit codes are missing in fedcat.1"
while read -r code; do
	says "$srcdir/docs/commands.md" "| $code |"
done <codes
says "$top_builddir/tools/man/fedcatd.8" "\\fB\\-\\-listen\\fR"
expect 2 fedcat --man nonsense

command -v groff >/dev/null || { echo "groff is not here: whether man pages render is not tested"; exit 0; }
for page in "$top_builddir"/tools/man/*.[18]; do
	groff -man -ww -Tutf8 -z "$page" 2>warnings
	[ ! -s warnings ] || fail "$page: $(cat warnings)"
done
