#!/bin/sh
# A council of three, of whom two must agree, decides by motions and votes in its members' logs: nobody sends a file,
# and every node, whoever's it is, goes by what they decided.
set -eu
. "${srcdir:?}/tests/cli/nodes.sh"

name() { fedcat charter show --dir "$(dir "$1")" --json | jq -r .name; }
is_at() { [ "$(fedcat charter show --dir "$(dir "$2")" --json | jq .amendment)" = "$1" ]; }
# has NAME ID STATE: what the node says of a motion.
has() {
	fedcat charter list --dir "$(dir "$1")" --json |
		jq -e --arg id "$2" --arg state "$3" '.motions[] | select(.id == $id) | .state == $state' >/dev/null
}
# refused WORDS COMMAND...: it ends with 4 and says so.
refused() {
	words=$1 code=0
	shift
	"$@" >/dev/null 2>err || code=$?
	[ "$code" -eq 4 ] || fail "$* ended with $code: $(cat err)"
	tr '\n' ' ' <err | grep -q "$words" || fail "$*: not \"$words\": $(cat err)"
}

found one two three
start one
start two --peers="one@$(address gossip one)"
start three --peers="one@$(address gossip one)"
fedcat charter list --dir "$(dir two)" | grep -q "Nobody has proposed anything" || fail "motions from nowhere"

# One proposes; two hears of it, looks at it, and its vote is enough.
fedcat charter propose --online --name "Renamed" --days 3 --dir "$(dir one)" --json >out || fail "propose"
jq -e '(.taken | not) and .number == 1 and .signed == 1 and .needed == 2 and .voters == ["one"]' out >/dev/null ||
	fail "proposed: $(cat out)"
id=$(jq -r .id out)
within 30 has two "$id" open
fedcat charter list --dir "$(dir two)" >out
grep -q "amendment 1, open, proposed by one" out || fail "not listed: $(cat out)"
grep -q "Renamed" out || fail "what it changes is not shown: $(cat out)"
grep -q "1 of the 2 votes that are needed: one" out || fail "votes are not shown: $(cat out)"
refused "one has voted for it already" fedcat charter vote "$id" --dir "$(dir one)"
code=0
fedcat charter vote ffffffffffff --dir "$(dir two)" >/dev/null 2>&1 || code=$?
[ "$code" -eq 3 ] || fail "a vote for nothing ended with $code"
fedcat charter vote "$(echo "$id" | cut -c 1-12)" --dir "$(dir two)" >out || fail "vote"
grep -q "It is in force" out || fail "not in force: $(cat out)"
for node in one two three; do
	within 30 is_at 1 "$node"
	[ "$(name $node)" = "Renamed" ] || fail "$node does not know the new name"
	within 30 has "$node" "$id" adopted
done
refused "is adopted, and takes no votes" fedcat charter vote "$id" --dir "$(dir three)"

# Two motions of one number: one is decided, the other is overtaken.
first=$(fedcat charter propose --online --name "First" --dir "$(dir one)" --json | jq -r .id)
second=$(fedcat charter propose --online --name "Second" --dir "$(dir two)" --json | jq -r .id)
within 30 has three "$first" open
within 30 has three "$second" open
fedcat charter vote "$second" --dir "$(dir three)" --json | jq -e .taken >/dev/null || fail "the second"
within 30 is_at 2 one
has one "$first" overtaken || fail "the first is not overtaken"

# All three must agree, and two of them vote where neither knows of the other's vote: whoever hears of both puts the
# amendment together, with nobody asking.
id=$(fedcat charter propose --online --council one,two,three --threshold 3 --dir "$(dir one)" --json | jq -r .id)
within 30 has two "$id" open
within 30 has three "$id" open
fedcat charter vote "$id" --dir "$(dir two)" >/dev/null || fail "two votes for three of three"
[ "$(fedcat charter show --dir "$(dir two)" --json | jq .amendment)" -eq 2 ] || fail "the new council has not agreed"
fedcat charter vote "$id" --dir "$(dir three)" >/dev/null || fail "three votes for three of three"
for node in one two three; do within 30 is_at 3 "$node"; done
id=$(fedcat charter propose --online --name "Apart" --dir "$(dir one)" --json | jq -r .id)
within 30 has two "$id" open
within 30 has three "$id" open
for node in one two three; do stop "$node"; done
for node in two three; do
	fedcat charter vote "$id" --dir "$(dir $node)" --force-new-log --json 2>/dev/null >out || fail "$node votes apart"
	jq -e '.signed == 2 and (.taken | not)' out >/dev/null || fail "$node knows too much: $(cat out)"
done
start one
start two --peers="one@$(address gossip one)"
start three --peers="one@$(address gossip one)"
for node in one two three; do within 30 is_at 4 "$node"; done
cat "$work"/*.log | grep -q "enough of the council have voted" || fail "no node says that it has assembled it"

# Nobody heeds those who are no longer on the council.
id=$(fedcat charter propose --online --council one,three --threshold 2 --dir "$(dir one)" --json | jq -r .id)
for node in two three; do
	within 30 has "$node" "$id" open
	fedcat charter vote "$id" --dir "$(dir $node)" >/dev/null || fail "$node votes for another council"
done
for node in one two three; do within 30 is_at 5 "$node"; done
refused "two is not on the council" fedcat charter propose --online --name "Mine" --dir "$(dir two)"

# The last vote is that of a member for its own suspension: its log steps back behind the vote, and the others still hear.
id=$(fedcat charter propose --online --suspend three --dir "$(dir one)" --json | jq -r .id)
within 30 has three "$id" open
fedcat charter vote "$id" --dir "$(dir three)" --json | jq -e .taken >/dev/null || fail "three votes for its suspension"
for node in one two three; do within 30 is_at 6 "$node"; done
refused "three is suspended" fedcat charter propose --online --name "Mine" --dir "$(dir three)"
within 30 are_equal 0 one two three

# All of it is there after a start.
stop one
start one
is_at 6 one || fail "an amendment is lost"
