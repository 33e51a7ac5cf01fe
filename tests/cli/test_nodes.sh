#!/bin/sh
# Nodes that members' logs name: they find each other by them, when the charter says nothing of where they are, and
# a mirror is let in and shut out by its member.
. "$srcdir/tests/cli/nodes.sh"

found one two three

# at NAME [FLAG...]: start it where it has been before, and tell the others that it is there.
at() {
	name=$1
	shift
	start "$name" --listen="$(cat "$work/$name.at")" --address="$(cat "$work/$name.at")" "$@"
}

# settle NAME: find a port for it.
settle() {
	start "$1"
	address gossip "$1" >"$work/$1.at"
	stop "$1"
}

node() { fedcat nodes --dir "$(dir "$1")" --json | jq -r "$2"; }
knows() { [ "$(node "$1" "[.nodes[] | select(.addresses[0] == \"$(cat "$work/$2.at")\")] | length")" = 1 ]; }

settle one
settle two
at one
[ "$(node one '.nodes | length')" = 3 ] || fail "the charter's nodes: $(node one .)"

# First contact: both are told where one is.  Then each knows of the others.
at two --peers="one@$(cat one.at)"
start three --peers="one@$(cat one.at)"
lines 1 5 >data.jsonl
fedcat publish data.jsonl --dir "$(dir one)" >/dev/null || fail "publish"
within 30 knows three two
within 30 knows one two
within 30 knows three one
within 30 are_equal 5 one two three
stop three
grep -q "^one $(cat one.at) " "$(dir three)/seen" || fail "what three has seen: $(cat "$(dir three)/seen")"

# Nobody tells it anything, and the one that it asked at first is gone: it finds the other by its log.
stop one
start three
fedcat publish data.jsonl --dir "$(dir two)" >/dev/null || fail "publish at two"
within 30 are_equal 10 two three
[ "$(ask three '.peers[0].address')" = "$(cat two.at)" ] || [ "$(ask two '.peers[0].member')" = three ] ||
	fail "not linked: $(ask three .peers)"

# With an empty store, too: by what it has seen.
stop three
rm -rf "$(dir three)/store"
start three
within 30 are_equal 10 two three
at one
within 30 are_equal 10 one two three

# An own entry is written once.
entries=$(ask one '.members[0].entries')
stop one
at one
within 30 are_equal 10 one two three
[ "$(ask one '.members[0].entries')" = "$entries" ] || fail "the same entry again"

# A mirror of two's.
fedcat key make mirror.key --json | jq -r .public >mirror.pub
fedcat init --charter federation/charter --node-key mirror.key --dir federation/mirror >/dev/null || fail "init"
start mirror --peers="one@$(cat one.at),two@$(cat two.at)"
within 30 grep -q "no member has named the node" mirror.log
code=0
fedcat key delegate "$(cat mirror.pub)" --address 192.0.2.1 --dir "$(dir two)" 2>err || code=$?
[ "$code" = 2 ] && grep -q "is no address such as" err || fail "a bad address: $code $(cat err)"
code=0
fedcat key delegate "$(cat mirror.pub)" --dir federation/mirror >out 2>err || code=$?
[ "$code" = 4 ] && grep -q "no member's key" err || fail "a mirror names itself: $code $(cat err)"
fedcat key delegate "$(cat mirror.pub)" --dir "$(dir two)" >out || fail "delegate"
grep -q "is a node (mirror) of two until .*and only dials" out || fail "delegate says $(cat out)"
within 60 are_equal 10 one two three mirror
fedcat nodes two --dir "$(dir three)" >out
grep -q "mirror .*good" out || fail "nodes says $(cat out)"

# It says in time that this ends.
fedcat key delegate "$(cat mirror.pub)" --days 9 --dir "$(dir two)" >/dev/null || fail "delegate for 9 days"
within 60 are_equal 10 one two three mirror
stop mirror
start mirror --peers="one@$(cat one.at),two@$(cat two.at)"
within 30 grep -q "others let this node in for [89] more days.*fedcat key delegate $(cat mirror.pub)" mirror.log

fedcat key withdraw "$(cat mirror.pub)" --dir "$(dir two)" >out || fail "withdraw"
grep -q "is withdrawn" out || fail "withdraw says $(cat out)"
within 30 grep -q "two has withdrawn the node" mirror.log
fedcat key withdraw "$(cat mirror.pub)" --dir "$(dir two)" | grep -q "already withdrawn" || fail "again"
lines 1 7 >data.jsonl
fedcat publish data.jsonl --dir "$(dir two)" >/dev/null || fail "publish at two"
within 30 are_equal 12 one two three
[ "$(ask mirror .listings)" = 10 ] || fail "the mirror goes on: $(ask mirror .listings)"
[ "$(ask mirror '[.peers[] | select(.greeted)] | length')" = 0 ] || fail "it is linked: $(ask mirror .peers)"
code=0
fedcat key withdraw "$(printf %064d 7)" --dir "$(dir two)" 2>err || code=$?
[ "$code" = 3 ] || fail "withdrawing nobody: $code $(cat err)"
for name in one two three mirror; do
	stop "$name"
done

# By IPv6, and by a name that the hosts file knows: three has neither settings nor seen anybody.
if start one --listen="[::1]:0" 2>/dev/null && address gossip one | grep -q "^\[::1\]:"; then
	address gossip one >one.at
	stop one
	rm -f "$(dir two)/seen" "$(dir three)/seen"
	at two --address="localhost:$(sed 's/.*://' two.at)"
	at one --peers="two@$(cat two.at)"
	start three --peers="two@$(cat two.at)"
	within 30 knows three one
	named() { [ "$(node three '[.nodes[] | select(.addresses[0] | tostring | startswith("localhost:"))] | length')" = 1 ]; }
	within 30 named
	within 30 are_equal 12 one two three
	stop three
	rm -f "$(dir three)/seen"
	stop two
	start three # [::1] alone is there
	lines 1 8 >data.jsonl
	fedcat publish data.jsonl --dir "$(dir one)" >/dev/null || fail "publish over IPv6"
	within 30 are_equal 15 one three
	stop one
	stop three
	rm -f "$(dir three)/seen"
	at two --address="localhost:$(sed 's/.*://' two.at)"
	start three # localhost alone is there
	fedcat publish data.jsonl --dir "$(dir two)" >/dev/null || fail "publish by a name"
	within 30 are_equal 16 two three
	stop three
else
	echo "no IPv6 here: not tried"
	at two
fi

# Who listens everywhere is not sent to private addresses by other members' logs, unless its settings say so.
rm -f "$(dir three)/seen"
start three --listen=0.0.0.0:0
within 30 grep -q "connecting to .*: a private address, which only its member's log tells of" three.log
stop three
linked() { [ "$(ask three '[.peers[] | select(.greeted)] | length')" -gt 0 ]; }
start three --listen=0.0.0.0:0 --private-addresses=yes
within 30 linked
stop three
stop two
