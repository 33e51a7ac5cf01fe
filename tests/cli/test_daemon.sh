#!/bin/bash
# fedcatd from start to end: what it refuses, where it listens, what it leaves behind, however it ends.
. "${srcdir:?}/tests/cli/nodes.sh"
found nbs
dir=$(dir nbs)

# refused CODE WORDS FLAG...: fedcatd with these does not run, and says why.
refused() {
	wanted=$1 words=$2 code=0
	shift 2
	timeout 30 fedcatd --http=127.0.0.1:0 "$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "fedcatd $*: ended with $code: $(cat err)"
	grep -qF -e "$words" err || fail "fedcatd $*: does not say \"$words\": $(cat err)"
}

refused 1 "listening on 192.0.2.1:7420" --dir="$dir" --listen=192.0.2.1:7420 # of no machine
refused 2 "is not on loopback" --dir="$dir" --listen=127.0.0.1:0 --http='[::]:7480'
refused 2 'did you mean "listen"' --dir="$dir" --lissten=127.0.0.1:0
refused 1 "no such directory" --dir="$work/nowhere" --listen=127.0.0.1:0
refused 1 'no member "who"' --dir="$dir" --listen=127.0.0.1:0 --peers=who@127.0.0.1:1
(ulimit -n 64 && refused 1 "may open 64 files only" --dir="$dir" --listen=127.0.0.1:0)
fedcatd --version | grep -q '^fedcatd [0-9]' || fail "no version"
fedcatd --help | grep -q -e '--outgoing-links=COUNT' || fail "no help"

start nbs
[ "$(stat -c %a "$dir/control.sock")" = 600 ] || fail "the control socket is not 0600"
lines 1 5 >five.jsonl
fedcat publish --dir "$dir" five.jsonl >out || fail "publishing"
[ "$(get nbs '/api/v1/search?q=rice+county' | jq .total)" = 5 ] || fail "search over HTTP"
[ "$(get nbs /healthz)" = ok ] || fail "health"
get nbs / | grep -q 'Rice yield in county' || fail "the page"
refused 1 "in use by process $(pid nbs)" --dir="$dir" --listen=127.0.0.1:0
[ "$(get nbs /healthz)" = ok ] || fail "the second one hurt the first"

# A second node on the ports of the first says which is taken.
mkdir mirror && cp "$dir/charter" mirror
refused 1 "another program" --dir="$work/mirror" --listen="$(address gossip nbs)"
refused 1 "another program" --dir="$work/mirror" --listen=127.0.0.1:0 --http="$(address http nbs)"

grep -q "other nodes will refuse this one: no member has named" err || fail "no word of a key that nobody knows: $(cat err)"
[ "$(stat -c %a mirror/node.key)" = 600 ] || fail "the node's key was not made, or is open to others"

# Who connects and says nothing is hung up on; meanwhile others are served.
gossip=$(address gossip nbs)
exec 3<>"/dev/tcp/${gossip%:*}/${gossip##*:}"
[ "$(get nbs /healthz)" = ok ] || fail "a silent connection hurt it"
within 30 grep -q "closing the link with 127.0.0.1: no handshake in time" nbs.log
[ "$(wc -c <&3)" = 0 ] || fail "a silent one was told something"
exec 3>&-

# What is no node is hung up on, and said so.
! curl -sS --max-time 30 "http://$(address gossip nbs)/" >out 2>&1 || fail "the nodes' port speaks HTTP"
within 30 grep -q "closing the link with 127.0.0.1" nbs.log
[ "$(get nbs /healthz)" = ok ] || fail "nonsense on the nodes' port hurt it"

# Who connects all the time is not let in for a while: it is hung up on at once, where others have 5 s to say something.
# (The log may say so or not: of one address only some lines a minute are written.)
is_hung_up_on() {
	for ((i = 0; i < 200; i++)); do
		# shellcheck disable=SC2188
		(: <>"/dev/tcp/${gossip%:*}/${gossip##*:}") 2>/dev/null || :
	done
	# shellcheck disable=SC2016
	timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2" && cat <&3' hung "${gossip%:*}" "${gossip##*:}" >out 2>&1
}
within 30 is_hung_up_on
[ "$(get nbs /healthz)" = ok ] || fail "a flood of connections hurt it"

stop nbs
[ ! -e "$dir/control.sock" ] && [ ! -e "$dir/addresses" ] || fail "left things behind: $(ls "$dir")"

# Killed: the socket stays, and does not keep the next one from starting.
start nbs
crash nbs
[ -S "$dir/control.sock" ] || fail "no stale socket to test with"
start nbs
[ "$(ask nbs .listings)" = 5 ] || fail "what was acknowledged is not there"

# Asked to, over the control socket.
fedcat stop --dir "$dir" >/dev/null || fail "fedcat stop"
wait "$(pid nbs)" || fail "fedcat stop: ended with $?"
[ ! -e "$dir/addresses" ] || fail "fedcat stop left the addresses"

# Without HTTP.
fedcatd --dir="$dir" --listen=127.0.0.1:0 --http=off 2>>nbs.log &
pid_nbs=$!
nodes="$nodes $pid_nbs"
within 30 test -s "$dir/addresses"
! grep -q http "$dir/addresses" || fail "http=off serves HTTP"
stop nbs

# A command that has the directory for a moment does not keep fedcatd from starting.
exec 7>"$dir/lock"
flock -x 7 || fail "cannot take the lock"
: >nbs.log
fedcatd --dir="$dir" --listen=127.0.0.1:0 --http=off 2>>nbs.log 7>&- &
pid_nbs=$!
nodes="$nodes $pid_nbs"
within 30 grep -q "waiting for a moment" nbs.log
[ ! -e "$dir/addresses" ] || fail "it started beside another process"
exec 7>&-
within 30 test -s "$dir/addresses"
stop nbs

# A fedcatd that has the directory and does not listen yet is waited for: the lock is let go when the command has
# looked for it many times, sleeping between.
exec 7>"$dir/lock"
flock -x 7 || fail "cannot take the lock"
fedcat status --dir "$dir" >out 2>err 7>&- &
pid_status=$!
nodes="$nodes $pid_status"
has_slept() { [ "$(awk '/^voluntary_ctxt_switches/ {print $2}' "/proc/$pid_status/status")" -ge 50 ]; }
within 30 has_slept
exec 7>&-
wait "$pid_status" || fail "the command was not as patient as a start takes: $(cat err)"
