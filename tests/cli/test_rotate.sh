#!/bin/sh
# Keys are replaced while the nodes run: a member's by its council, online and by a file, a node's by its member. What
# was published before is proven as before, and what comes after is signed with the new key.
set -eu
. "${srcdir:?}/tests/cli/nodes.sh"

is_at() { [ "$(fedcat charter show --dir "$(dir "$2")" --json | jq .amendment)" = "$1" ]; }
are_at() {
	number=$1
	shift
	for name in "$@"; do is_at "$number" "$name" || return 1; done
}
key() { fedcat key show --dir "$(dir "$1")" --json | jq -r ".$2.public"; }
is_key() { [ "$(key "$1" "$2")" = "$3" ]; }
publish() { fedcat publish data.jsonl --dir "$(dir "$1")" >/dev/null || fail "$1 publishes"; }

found one two three
start one
start two --peers="one@$(address gossip one)"
start three --peers="one@$(address gossip one),two@$(address gossip two)"
lines 1 5 >data.jsonl
publish one
within 30 are_equal 5 one two three
fedcat prove rice-1 --dir "$(dir one)" --output before.proof >/dev/null || fail "prove"

# By votes.  The new key sits on the council from then on, and signs there, too: two of three are enough.
old=$(key one member)
fedcat key rotate --online --dir "$(dir one)" >out || fail "rotate"
grep -q "one signs with key .* after entry" out || fail "what it changes is not said: $(cat out)"
new=$(fedcat charter list --dir "$(dir one)" --json | jq -r '.motions[0].id')
[ -s "$(dir one)/member.key.next" ] && is_key one member "$old" || fail "the old key is gone too early"
lines 1 6 >data.jsonl
publish one # meanwhile, with the old key
within 30 are_equal 6 one two three
id=$(fedcat key rotate --online --dir "$(dir one)" --json | jq -r .id)
[ "$id" = "$new" ] && fail "the line has not moved"
voted() { fedcat charter vote "$id" --dir "$(dir two)" --json >out 2>err; }
within 30 voted
jq -e .taken out >/dev/null || fail "two of three are not enough: $(cat out)"
within 30 are_at 1 one two three
within 30 test -e "$(dir one)/member.key.old"
within 30 grep -q "gives our member its new key" one.log
[ "$(key one member)" != "$old" ] || fail "the key is the old one"
within 30 are_equal 6 one two three
within 30 test -s "$(dir one)/addresses"
lines 1 9 >data.jsonl
publish one
within 30 are_equal 9 one two three
fedcat prove one/rice-9 --dir "$(dir three)" --output after.proof >/dev/null || fail "prove after"
for proof in before after; do
	fedcat verify $proof.proof --charter "$(dir three)/charter" >out || fail "$proof: $(cat out)"
done
fedcat verify before.proof --key "$old" >/dev/null || fail "before, by the old key"
code=0
fedcat verify after.proof --key "$old" >/dev/null 2>&1 || code=$?
[ "$code" -eq 6 ] || fail "the old key signs on: $code"

# By a file.
fedcat key rotate --output rotate.txt --dir "$(dir two)" >out || fail "rotate by a file"
grep -q "Signed by 1 of the 2 .*and by 1 of the 2 of the new" out || fail "both keys do not sign: $(cat out)"
fedcat charter sign rotate.txt --dir "$(dir one)" >/dev/null || fail "one signs with its new key"
fedcat charter submit rotate.txt --dir "$(dir three)" >/dev/null || fail "submit"
within 30 are_at 2 one two three
within 30 test -e "$(dir two)/member.key.old"
within 30 grep -q "gives our member its new key" two.log
within 30 test -s "$(dir two)/addresses"
lines 20 22 >data.jsonl
publish two
within 30 are_equal 12 one two three

# A node's key, and a mirror's.
old=$(key one node)
fedcat key rotate --node --dir "$(dir one)" | grep -q "fedcatd uses it when the others know it" || fail "rotate --node"
renewed() { [ "$(key one node)" != "$old" ] && [ ! -e "$(dir one)/node.key.old" ] && [ ! -e "$(dir one)/node.key.next" ]; }
within 60 renewed
state() { fedcat nodes one --dir "$(dir three)" --json | jq -r --arg key "$1" '.nodes[] | select(.key == $key) | .state'; }
is_state() { [ "$(state "$1")" = "$2" ]; }
within 30 is_state "$old" withdrawn
is_state "$(key one node)" good || fail "the new key is $(state "$(key one node)")"
within 30 test -s "$(dir one)/addresses"
lines 1 10 >data.jsonl
publish one
within 30 are_equal 13 one two three
for name in one two three; do stop "$name"; done

# Stolen: a thief with the key and a copy of the log publishes, and is believed, until the line is drawn before it.
fedcat federation create "Theft" --member "bank=Bank,country=KE" --member "other=Other,country=TZ" --threshold 1 \
	--out theft >/dev/null
ln -s "$work/theft/bank" federation/bank
ln -s "$work/theft/other" federation/other
start bank
start other --peers="bank@$(address gossip bank)"
lines 1 4 >data.jsonl
publish bank
within 30 are_equal 4 bank other
entries=$(ask bank '.members[0].entries')
lines 1 4 forged >forged.jsonl
fedcat publish forged.jsonl --dir "$(dir bank)" >/dev/null || fail "the thief publishes"
forged() { fedcat show bank/rice-1 --dir "$(dir other)" --json | jq -e '.listing.title.en | contains("forged")' >/dev/null; }
within 30 forged
fedcat key rotate --after $((entries + 2)) --dir "$(dir bank)" >out || fail "rotate after"
grep -q "after entry $entries\$" out || fail "the line is not at the checkpoint before: $(cat out)"
within 30 is_at 1 other
gone() { ! forged; }
within 30 gone
within 30 are_equal 4 bank other
within 30 test -e "$(dir bank)/member.key.old"
within 30 test -s "$(dir bank)/addresses"
lines 1 6 >data.jsonl
publish bank
within 30 are_equal 6 bank other
stop bank
stop other

# A council of one, and no fedcatd: at once.
fedcat federation create "Alone" --member "alone=Alone,country=KE" --out alone >/dev/null
old=$(fedcat key show --dir alone/alone --json | jq -r .member.public)
fedcat publish data.jsonl --dir alone/alone >/dev/null || fail "publish"
fedcat key rotate --dir alone/alone | grep -q "It is in force" || fail "alone"
lines 1 12 >data.jsonl
fedcat publish data.jsonl --dir alone/alone --json >out || fail "publish with the new key"
jq -e ".new == 6" out >/dev/null || fail "not six: $(cat out)"
[ "$(fedcat key show --dir alone/alone --json | jq -r .member.public)" != "$old" ] || fail "it is the old one"
fedcat audit --dir alone/alone >/dev/null || fail "audit"

# A key under a passphrase: the new one is, too, and whoever needs it finds the words in the file.
echo "correct horse battery" >words
chmod 600 words
export FEDCAT_PASSPHRASE_FILE="$work/words"
fedcat federation create "Sealed" --member "sealed=Sealed,country=KE" --out sealed >/dev/null
fedcat key encrypt --dir sealed/sealed >/dev/null || fail "encrypt"
ln -s "$work/sealed/sealed" federation/sealed
start sealed
fedcat publish data.jsonl --dir "$(dir sealed)" >/dev/null || fail "publish, sealed"
fedcat key rotate --dir "$(dir sealed)" | grep -q "It is in force" || fail "rotate, sealed"
within 30 test -e "$(dir sealed)/member.key.old"
within 30 test -s "$(dir sealed)/addresses"
fedcat key show --dir "$(dir sealed)" --json | jq -e .member.encrypted >/dev/null || fail "the new key is in clear"
lines 1 15 >data.jsonl
fedcat publish data.jsonl --dir "$(dir sealed)" --json >out || fail "publish, sealed anew"
jq -e ".new == 3" out >/dev/null || fail "not three: $(cat out)"
stop sealed
