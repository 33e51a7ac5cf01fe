#!/bin/sh
# What a member signed is witnessed by others, shown as of when it is current, and cannot be two histories unseen.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b c
a=$(dir a)

# expect CODE COMMAND...: it ends with that; what it said is in out and err.
expect() {
	wanted=$1 code=0
	shift
	"$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "$* ended with $code instead of $wanted: $(cat out err)"
}
says() { grep -qF -e "$2" "$1" || fail "$1 does not say \"$2\": $(cat "$1")"; }

start b
start c
peers="b@$(address gossip b),c@$(address gossip c)"
start a --peers="$peers"

# Witnesses.
lines 1 20 >listings.jsonl
expect 0 fedcat publish --dir "$a" listings.jsonl --witnesses 2
says out "Cosigned by 2 other members."
within 60 are_equal 20 a b c
for one in a b c; do
	expect 0 fedcat prove --dir "$(dir $one)" a/rice-7 --output $one.tlog-proof
	expect 0 fedcat verify $one.tlog-proof --charter "$a/charter" --witnesses 2
	says out "Cosigned by: b, c"
	says out "this was still its newest"
	expect 6 fedcat verify $one.tlog-proof --charter "$a/charter" --witnesses 3
	says err "2 other members cosigned the checkpoint, and 3 are demanded"
done
expect 0 fedcat verify a.tlog-proof --charter "$a/charter" --json
[ "$(jq -r '[.witnesses[].member] | join(" ")' out)" = "b c" ] || fail "witnesses: $(cat out)"
expect 2 fedcat verify a.tlog-proof --key "$(jq -r .key out)" --witnesses 1
# Nothing new: the same are asked again, and nothing is published twice.
expect 0 fedcat publish --dir "$a" listings.jsonl --witnesses 1 --json
[ "$(jq -r '[.unchanged, .witnesses.found] | @tsv' out)" = "$(printf '20\t1')" ] || fail "again: $(cat out)"
expect 4 fedcat publish --dir "$a" listings.jsonl --witnesses 3
says err "cosigned by 2 of the 3"
stop a
expect 3 fedcat publish --dir "$a" listings.jsonl --witnesses 1 --force-new-log
start a --peers="$peers"

# As of when.
expect 0 fedcat status --dir "$(dir b)"
says out "Current as of"
[ "$(ask b '.members[] | select(.name == "a") | .old, (.current | type)' | xargs)" = "false string" ] ||
	fail "b does not know as of when a is current: $(ask b .members)"

# A fork: the same key, two stores, one size.
expect 3 fedcat fork show --dir "$(dir b)" a
says err "knows of no fork"
stop a
cp -a "$a" copy
rm -f copy/lock copy/control.sock
lines 21 21 >more.jsonl
fedcat publish --dir "$a" more.jsonl --force-new-log >out 2>err || fail "$(cat err)"
lines 22 22 >more.jsonl
fedcat publish --dir copy more.jsonl --force-new-log >out 2>err || fail "$(cat err)"
start a --peers="$peers"
within 60 are_equal 21 a b c
mv copy federation/copy
start copy --peers="$peers"
know_the_fork() {
	for one in b c copy; do
		[ "$(ask $one '.members[] | select(.name == "a") | .state')" = forked ] || return 1
	done
}
within 60 know_the_fork
within 60 sh -c "[ \"\$(curl -sS http://$(address http b)/api/v1/status | jq -r .vector)\" = \"\$(curl -sS http://$(address http c)/api/v1/status | jq -r .vector)\" ]"
expect 0 fedcat fork show --dir "$(dir b)" a --output b.fork
says out "a (Institute a) has signed two histories"
expect 0 fedcat fork show --dir "$(dir c)" a --output c.fork
cmp b.fork c.fork || fail "b and c hold different proofs"
get b /api/v1/members/a/fork | cmp - b.fork || fail "another proof over HTTP"
get b /members >out
says out "Institute a</bdi> has signed two histories"
says out 'href="/api/v1/members/a/fork"'
get b /listing/a/rice-7 >out
says out "has signed two histories of its log"
[ "$(get b /api/v1/listings/a/rice-7 | jq -r .member.state)" = forked ] || fail "no state"
[ "$(get b /api/v1/members/b/fork | jq .status)" = 404 ] || fail "b has not forked"
expect 0 fedcat verify b.fork --charter "$(dir c)/charter"
says out "one size and two roots"
expect 0 fedcat verify b.fork --charter "$(dir c)/charter" --json
[ "$(jq -r '[.claim, .member, .fork.checkpoints[0].size] | @tsv' out)" = "$(printf 'forked\ta\t23')" ] || fail "$(cat out)"
head -c 300 b.fork >cut.fork
expect 6 fedcat verify cut.fork --charter "$(dir c)/charter"
says err "not proven"
expect 0 fedcat status --dir "$(dir b)"
says out "Forked: a has signed two histories"
says out "fedcat fork show a"
# What was agreed on stays readable.
expect 0 fedcat show --dir "$(dir c)" a/rice-7
