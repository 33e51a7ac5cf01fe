#!/bin/bash
# tools/demo on the programs that are built: three nodes with one catalogue, both searches find something, and
# nothing is left when it stops or is interrupted.
set -euo pipefail
: "${top_builddir:?}" "${srcdir:?}"
work=$(mktemp -d /tmp/fedcat.XXXXXX) # short: the path of a socket has 107 bytes
export FEDCAT_DEMO_BUILD=$top_builddir FEDCAT_DEMO_DIR=$work/demo
unset NO_COLOR LC_ALL LANG || :
demo=$srcdir/tools/demo
trap '"$demo" --stop >/dev/null 2>&1 || :; rm -rf "$work"' EXIT

fail() {
	cat "$work/out" >&2
	echo "FAILED: $*" >&2
	exit 1
}
says() { grep -qE -e "$1" "$work/out" || fail "the demo does not say: $1"; }
pids() { awk '{print $1}' "$FEDCAT_DEMO_DIR/pids"; }
none_run() { # PID...
	for one in "$@"; do
		# One that has ended and that nobody has waited for has no command line.
		[ -z "$(tr -d '\0' 2>/dev/null <"/proc/$one/cmdline" || :)" ] || fail "process $one runs still"
	done
}

mkdir -p "$work/a clone/tools"
cp "$srcdir/tools/install-packages" "$srcdir/tools/packages" "$work/a clone/tools"
! "$work/a clone/tools/install-packages" build >"$work/out" 2>&1 || fail "a clone that configure refuses is taken"
says 'holds a space.*a clone$'

"$demo" >"$work/out" 2>&1 || fail "it ended with $?"
[ "$(grep -cE '^ +(statistics|university|health) +70 +[0-9a-f]{16}\.\. +yes$' "$work/out")" -eq 3 ] ||
	fail "not three nodes with 70 listings each"
[ "$(awk '$4 == "yes" {print $3}' "$work/out" | sort -u | wc -l)" -eq 1 ] || fail "the vectors differ"
says 'health/bed-net-use'
says 'university/shuidao-shiyan'
says '^Signed by +Universidad de los Tres Vientos'
says '^Verified +yes'
says '^Places +PE,'
! grep -q $'\e' "$work/out" || fail "escape codes although this is no terminal"
url=$(sed -n 's/^   a search: //p' "$work/out")
[ "$(curl -sS --max-time 30 -o /dev/null -w '%{http_code}' "$url")" = 200 ] || fail "$url does not open"
started=$(pids)
[ "$(wc -w <<<"$started")" -eq 3 ] || fail "not three nodes: $started"
kill -0 $started || fail "not all nodes run on"

code=0
"$demo" >"$work/out" 2>&1 || code=$?
[ "$code" -eq 1 ] || fail "a second demo ended with $code"
says 'tools/demo --stop'

"$demo" --stop >"$work/out" 2>&1 || fail "--stop ended with $?"
none_run $started
[ ! -e "$FEDCAT_DEMO_DIR" ] || fail "its directory is there still"
"$demo" --stop >"$work/out" 2>&1 || fail "a second --stop ended with $?"

# Interrupted when the nodes are there.
started=
mkfifo "$work/said"
"$demo" >"$work/said" 2>&1 &
pid=$!
while read -r line; do
	case $line in *"Publishing"*)
		started=$(pids)
		kill -TERM "$pid"
		;;
	esac
done <"$work/said"
code=0
wait "$pid" || code=$?
[ "$code" -eq 143 ] || fail "interrupted, it ended with $code"
[ -n "$started" ] || fail "it was not interrupted"
none_run $started
[ ! -e "$FEDCAT_DEMO_DIR" ] || fail "interrupted, its directory is there still"
