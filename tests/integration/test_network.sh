#!/bin/bash
# Twelve nodes on real sockets, each in a network namespace of its own behind a bad link: 100 ms each way,
# 2 % of the packets lost, one at 64 kbit/s.  They publish, are cut in two halves and publish on for a minute,
# die and come back; in the end all hold the same, and nothing that was published is lost.
#
# Needs root, ip and /dev/net/tun; says so and skips where it cannot.  NETWORK_NODES=n takes fewer or more,
# NETWORK_PARTED_S=s another time of two halves.
set -u
. "${srcdir:?}/tests/cli/lib.sh"
count=${NETWORK_NODES:-12}
parted_s=${NETWORK_PARTED_S:-60}
round_s=5 # in which each of them publishes once
here=fc$$

skip() {
	echo "skipped: $*"
	exit 77
}
[ "$(id -u)" = 0 ] || skip "network namespaces take root"
for tool in ip jq; do
	command -v $tool >/dev/null || skip "there is no $tool here"
done
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun here"

pids=()
badlink=
tidy() {
	for pid in "${pids[@]}"; do
		kill -9 "$pid" 2>/dev/null
	done
	for i in $(seq "$count"); do
		ip netns del $here-$i 2>/dev/null
	done
	[ -z "$badlink" ] || kill "$badlink" 2>/dev/null
	rm -rf "$work"
}
trap tidy EXIT

# --- the network: badlink carries packets between the namespaces, late, or not at all
for i in $(seq "$count"); do
	ip netns add $here-$i || skip "network namespaces cannot be made here"
	ip netns exec $here-$i ip link set lo up
done
mkfifo "$work/orders"
"$top_builddir/tests/integration/badlink" $here "$count" 100 20 8000 1 <"$work/orders" >"$work/badlink" 2>&1 &
badlink=$!
exec 9>"$work/orders"
until grep -q ready "$work/badlink"; do
	kill -0 $badlink 2>/dev/null || skip "no network of our own here: $(cat "$work/badlink")"
	[ $SECONDS -lt 60 ] || fail "the network does not come up: $(cat "$work/badlink")"
	read -r -t 0.1 <> <(:) || :
done

# --- the federation
members=()
for i in $(seq "$count"); do
	members+=(--member "m$i=Member $i,country=KE,sector=test,address=10.123.0.$i:7420")
done
fedcat federation create Network --out fed "${members[@]}" >/dev/null || fail "founding"
dir() { echo "$work/fed/m$1"; }
start() {
	ip netns exec $here-$1 fedcatd --dir "$(dir $1)" --listen=10.123.0.$1:7420 --http=off 2>>"$work/m$1.log" &
	pids[$1]=$!
}
listings() { fedcat status --dir "$(dir $1)" --json | jq .listings; }
vector() { fedcat status --dir "$(dir $1)" --json | jq -r .vector; }
# within SECONDS COMMAND...: it succeeds in time.
within() {
	end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || {
			for i in $all; do
				echo "== m$i: $(listings $i 2>&1) listings, $(vector $i 2>&1)"
				tail -n 8 "$work/m$i.log"
			done >&2
			fail "not in time: $*"
		}
		read -r -t 0.5 <> <(:) || :
	done
}
are_equal() { # LISTINGS NODE...
	wanted=$1
	shift
	first=
	for i in "$@"; do
		[ "$(listings $i 2>/dev/null)" = "$wanted" ] || return 1
		now=$(vector $i 2>/dev/null)
		first=${first:-$now}
		[ "$now" = "$first" ] || return 1
	done
}
publish() { # NODE FIRST LAST
	catalogue "$2" "$3" "m$1" >"$work/c.json"
	fedcat publish --dir "$(dir $1)" --timeout 120 "$work/c.json" >/dev/null || fail "publishing at $1"
}
all=$(seq "$count")
total=0
for i in $all; do start $i; done
for i in $all; do
	within 30 test -S "$(dir $i)/control.sock"
	publish $i 1 20
	total=$((total + 20))
done
within 120 are_equal $total $all
echo "$count nodes hold the same $total listings"

# Two halves that do not hear of each other go on, each node with one listing in each round.
echo part >&9
parted=$SECONDS rounds=0
while [ $rounds = 0 ] || [ $((SECONDS - parted)) -lt "$parted_s" ]; do
	rounds=$((rounds + 1))
	for i in $all; do
		publish $i $((20 + rounds)) $((20 + rounds))
	done
	until [ $((SECONDS - parted)) -ge $((rounds * round_s)) ] || [ $((SECONDS - parted)) -ge "$parted_s" ]; do
		read -r -t 0.5 <> <(:) || :
	done
done
evens=$(seq 2 2 "$count")
odds=$(seq 1 2 "$count")
half=$((count * 20 + (count / 2) * rounds))
within 120 are_equal $half $evens
within 120 are_equal $((total + (count - count / 2) * rounds)) $odds
total=$((total + count * rounds))
echo "parted for $((SECONDS - parted)) s, each half went on and holds $half"
echo join >&9

# One after the other is killed and comes back, while they catch up.
for i in $all; do
	kill -9 "${pids[$i]}"
	wait "${pids[$i]}" 2>/dev/null
	start $i
	within 30 fedcat status --dir "$(dir $i)" --json >/dev/null 2>&1
done
within 120 are_equal $total $all
echo "joined and restarted, all $count hold the same $total"

# What each published is at each, to the byte.
for i in $all; do
	fedcat export --dir "$(dir $i)" --format native | sort | sha256sum
done >sums
[ "$(sort -u sums | wc -l)" = 1 ] || fail "exports differ"
for i in $all; do
	kill "${pids[$i]}" || { tail -n 5 "$work/m$i.log" >&2; fail "node $i has gone"; }
	wait "${pids[$i]}" || { tail -n 5 "$work/m$i.log" >&2; fail "node $i did not end well"; }
done
pids=()
echo "done in $SECONDS s"
