#!/bin/sh
# kill -9 in the middle of a publish and in the middle of a pull: what was acknowledged is there, and what was
# begun can be done again.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b
count=5000
lines 1 $count >many.jsonl

# holds NAME LEAST: so many entries of a at least.
holds() { [ "$(ask "$1" '.members[] | select(.name == "a").entries')" -ge "$2" ]; }

start a
start b --peers="a@$(address gossip a)"

fedcat publish --dir "$(dir a)" many.jsonl >out 2>err &
publishing=$!
within 60 holds a 1000
crash a
! wait $publishing || fail "the publish went through before the crash: too few listings to test with"
grep -q "publishing again adds only the rest" err || fail "$(cat err)"
told=$(sed -n 's/.* read, \([0-9,]*\) are acknowledged .*/\1/p' err | tr -d ,)
[ -n "$told" ] || fail "it does not say how many were acknowledged: $(cat err)"
start a --peers="b@$(address gossip b)"
kept=$(ask a .listings)
[ "$kept" -ge 999 ] || fail "$kept listings are left of those that were on disk"
[ "$kept" -lt $count ] || fail "nothing was in the middle"
# What was acknowledged is there, and so may be the batches of which the node could not tell any more.
[ "$told" -le "$kept" ] && [ $((kept - told)) -le 2500 ] || fail "$told were acknowledged, $kept are there"
fedcat publish --dir "$(dir a)" many.jsonl --json >out || fail "publishing again"
[ "$(jq .unchanged out)" = "$kept" ] && [ "$(jq .new out)" = $((count - kept)) ] ||
	fail "$kept were there, and then: $(cat out)"
within 60 are_equal $count a b

# In the middle of a pull: b begins anew, and is killed when it has some and not all.
caught=
for try in 1 2 3 4 5; do
	stop b
	rm -rf "$(dir b)/store"
	start b --peers="a@$(address gossip a)"
	within 60 holds b 1
	crash b
	start b --http=127.0.0.1:0
	[ "$(ask b .listings)" -eq $count ] || caught=$try
	[ -z "$caught" ] || break
done
[ -n "$caught" ] || echo "the pull was never caught in the middle: this machine is too quick"
state=$(ask b '.members[] | select(.name == "a").state')
[ -z "$caught" ] || [ "$state" = partial ] || fail "b is $state"
stop b
start b --peers="a@$(address gossip a)"
within 60 are_equal $count a b
[ "$(get b "/api/v1/listings/a/rice-$count" | jq .verified)" = true ] || fail "the last one does not verify"
stop a
stop b
