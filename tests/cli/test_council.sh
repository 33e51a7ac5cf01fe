#!/bin/sh
# A council that signs two amendments of one number: both nodes end with one charter, and anybody can check the proof.
. "${srcdir:?}/tests/cli/nodes.sh"

# expect CODE COMMAND...: it ends with that; what it said is in out and err.
expect() {
	wanted=$1 code=0
	shift
	"$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "$* ended with $code instead of $wanted: $(cat out err)"
}
says() { grep -qF -e "$2" "$1" || fail "$1 does not say \"$2\": $(cat "$1")"; }
is_at() { [ "$(fedcat charter show --dir "$(dir "$2")" --json | jq .amendment)" = "$1" ]; }
members() { fedcat charter show --dir "$(dir "$1")" --json | jq -c '[.members[].name]'; }
has_proof() { [ "$(ask "$1" '.federation.conflicts | tostring')" = '[3]' ]; }

found one
start one
expect 0 fedcat join federation/charter --as "two=Institute two,country=UG" --dir "$(dir two)"
mv out request.txt
expect 0 fedcat charter propose --dir "$(dir one)" --admit-request request.txt
start two --peers="one@$(address gossip one)"
within 60 is_at 1 two
within 60 grep -q "admitted as two" two.log
within 30 grep -q "two of Test" two.log
expect 0 fedcat charter propose --dir "$(dir one)" --council one,two --threshold 2 --output council.txt
expect 0 fedcat charter sign council.txt --dir "$(dir two)"
expect 0 fedcat charter submit council.txt --dir "$(dir one)"
within 30 is_at 2 two

# Two drafts of amendment 3, and both sign both.
for name in three four; do
	expect 0 fedcat join federation/charter --as "$name=Institute $name,country=KE" --dir "$(dir $name)"
	mv out request.txt
	expect 0 fedcat charter propose --dir "$(dir one)" --admit-request request.txt --output "$name.txt"
	expect 0 fedcat charter sign "$name.txt" --dir "$(dir two)"
done
# Who begins anew must be found again: each keeps its port.
at_one=$(address gossip one) at_two=$(address gossip two)
stop two
expect 0 fedcat charter submit three.txt --dir "$(dir one)"
stop one
expect 0 fedcat charter submit four.txt --dir "$(dir two)"
[ "$(members one)" != "$(members two)" ] || fail "they go one way"
start one --listen="$at_one" --peers="two@$at_two"
start two --listen="$at_two" --peers="one@$at_one"
within 60 has_proof one
within 60 has_proof two
[ "$(cat one.log two.log | grep -c "changed course to")" = 1 ] || fail "one of the two changes course, and one alone"
within 30 is_at 3 one
[ "$(members one)" = "$(members two)" ] || fail "they still go two ways: $(members one), $(members two)"
cat one.log two.log | grep -q "TWO AMENDMENTS" || fail "nobody says so"
expect 0 fedcat status --dir "$(dir one)"
says out "it has signed two amendments 3"

# The proof, from the command and over HTTP, and who verifies it.
expect 0 fedcat charter conflict 3 --dir "$(dir one)" --output 3.conflict
says out "(this one counts)"
get two /api/v1/charter/3/conflict >http.conflict
cmp 3.conflict http.conflict || fail "another proof over HTTP"
expect 0 fedcat verify 3.conflict --charter "$(dir one)/charter"
expect 0 fedcat verify http.conflict --charter "$(dir two)/charter" --json
[ "$(jq -r .claim out)" = council-conflict ] || fail "claims $(cat out)"
sed 's/KE/UG/' 3.conflict >damaged.conflict
expect 6 fedcat verify damaged.conflict --charter "$(dir two)/charter"
expect 6 fedcat verify 3.conflict --charter federation/charter # which is of the founding
says err "does not reach so far"
expect 3 fedcat charter conflict 2 --dir "$(dir one)"
get one /metrics | grep -q '^fedcat_council_conflicts 1$' || fail "no metric"
get one /members | grep -q 'api/v1/charter/3/conflict' || fail "not on the members page"
[ "$(get one /api/v1/charter/2/conflict | jq .status)" = 404 ] || fail "there is none of 2"

# It is known after a restart, without anybody's help.
stop two
stop one
start one
has_proof one || fail "one has forgotten"
stop one
