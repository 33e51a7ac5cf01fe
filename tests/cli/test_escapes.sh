#!/bin/sh
# No control character of others reaches the output, in text or JSON, from listings, charters, files or the
# command line; nothing is coloured or moved where it should not be.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

esc=$(printf '\033') csi=$(printf '\302\233') rlo=$(printf '\342\200\256')
# clean FILE: no C0 but the line break, no DEL, no C1, nothing that turns direction.
clean() {
	LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$1" || return 0
	cat -v "$1" >&2
	fail "control characters in $1"
}

expect 0 fedcat federation create "Evil ${csi}31m ${rlo}name" --out hd --member "nbs=Bureau ${csi}2J${rlo},country=KE"
clean out
export FEDCAT_DIR="$work/hd/nbs"
cat >evil.json <<END
{"@type": "dcat:Catalog", "dataset": [
{"identifier": "a\u001b[2Jb", "title": "Title \u001b]0;owned\u0007 \u009b31m \u202eturned", "description": "\u001b[31mred\u001b[0m \u2066",
 "keyword": ["\u001bc", "k"], "landingPage": "\u001b[2J", "strange\u001b[1m": "\u009b2J"},
{"identifier": "b", "title": "Plain", "license": "\u202eevil", "distribution": [{"title": "\u009b", "accessURL": "http://\u001b"}]},
{"identifier": "\u001b[31mc"}]}
END
expect 0 fedcat publish evil.json
clean out
clean err
fedcat search --json | jq -r '.hits[] | .member + "/" + .id' >ids
[ "$(wc -l <ids)" -ge 1 ] || fail "nothing was published"
while read -r id; do
	expect 0 fedcat show "$id"
	clean out
	expect 0 fedcat show "$id" --json
	clean out
	jq . out >/dev/null
done <ids
for command in "search" "status" "members" "search --json" "status --json" "members --json"; do
	# shellcheck disable=SC2086
	expect 0 fedcat $command
	clean out
done
expect 0 fedcat search "x${esc}[2J${rlo}"
clean out
expect 2 fedcat "x${esc}[2J"
clean err
expect 3 fedcat publish "nowhere${esc}[2J${csi}.json"
clean err
expect 3 fedcat publish "nowhere${esc}[2J${csi}.json" --json
clean err
jq -e .error.code err >/dev/null
printf '{"a": \033[2J' >evil2.json
expect 1 fedcat publish evil2.json
clean err
cp evil.json "evil${esc}[2J.json"
expect 0 fedcat publish "evil${esc}[2J.json"
clean out

# This takes over a second with sanitizers; the bar itself is in tests/tools/test_terminal.c.
catalogue 1 8000 >big.json
expect 0 fedcat publish big.json
clean out
[ ! -s err ] || fail "there is a progress bar in a pipe"
command -v script >/dev/null || { echo "script is not here: colours are not tested"; exit 0; }
on_terminal() { TERM=$1 script -qec "fedcat show nbs/b" /dev/null </dev/null; }
on_terminal xterm >terminal
grep -q "$esc\[" terminal || fail "no colour on a terminal"
on_terminal dumb >terminal
! grep -q "$esc" terminal || fail "escapes on a dumb terminal"
NO_COLOR=1 on_terminal xterm >terminal
! grep -q "$esc\[[0-9]*m" terminal || fail "colour in spite of NO_COLOR"
