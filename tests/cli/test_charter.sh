#!/bin/sh
# A federation that governs itself: admissions and suspensions are amendments that its council signs, and every node goes
# by them at once.
set -eu
. "${srcdir:?}/tests/cli/nodes.sh"

is_at() { [ "$(fedcat charter show --dir "$(dir "$2")" --json | jq .amendment)" = "$1" ]; }
holds() { [ "$(ask "$2" .listings)" = "$1" ]; }

# A council of one: what its member proposes is in force.
found one
start one
lines 1 20 >listings.jsonl
fedcat publish listings.jsonl --dir "$(dir one)" --force-new-log >/dev/null || fail "publish"
fedcat join federation/charter --as "two=Institute two,country=UG" --dir "$(dir two)" >request.txt || fail "join"
fedcat join federation/charter --as "two=Institute two,country=UG" --dir "$(dir two)" >again.txt || fail "join again"
sed -n "/BEGIN/,/END/p" request.txt >block.txt
sed -n "/BEGIN/,/END/p" again.txt | cmp -s block.txt - || fail "it made other keys"
sed 's/a/b/' request.txt >damaged.txt
if fedcat charter propose --dir "$(dir one)" --admit-request damaged.txt >/dev/null 2>&1; then fail "a damaged request"; fi
start two --peers="one@$(address gossip one)"
grep -q "waiting to be admitted" two.log || fail "it does not wait"
fedcat charter propose --dir "$(dir one)" --admit-request request.txt --json >out || fail "no admission"
jq -e '.taken and .number == 1 and .signed == 1' out >/dev/null || fail "not taken: $(cat out)"
[ "$(fedcat charter show --dir "$(dir one)" --json | jq -c '[.amendment, .members[].name]')" = '[1,"one","two"]' ] ||
	fail "not admitted"
# The newcomer has the charter of before, knows where one is, and learns the rest.
within 60 is_at 1 two
within 30 grep -q "admitted as two" two.log
within 30 grep -q "two of Test" two.log
within 30 holds 20 two
fedcat publish listings.jsonl --dir "$(dir two)" >/dev/null || fail "two cannot publish"
within 30 are_equal 40 one two

# Two of two must sign now: neither can alone.
fedcat charter propose --dir "$(dir one)" --council one,two --threshold 2 --output council.txt >/dev/null || fail "propose"
code=0
fedcat charter submit council.txt --dir "$(dir one)" >/dev/null 2>&1 || code=$?
[ "$code" -eq 4 ] || fail "the new council did not sign, and it ended with $code"
fedcat charter sign council.txt --dir "$(dir two)" >/dev/null || fail "two cannot sign"
fedcat charter submit council.txt --dir "$(dir two)" >/dev/null || fail "submit"
within 30 is_at 2 one
fedcat charter propose --dir "$(dir one)" --suspend two --output suspend.txt >/dev/null || fail "propose to suspend"
fedcat charter show suspend.txt --dir "$(dir one)" >out
grep -q "suspend two: nothing after entry" out || fail "not shown: $(cat out)"
grep -q "Signed by 1 of the 2" out || fail "not counted: $(cat out)"
code=0
fedcat charter submit suspend.txt --dir "$(dir one)" >/dev/null 2>&1 || code=$?
[ "$code" -eq 4 ] || fail "one of two is not enough, and it ended with $code"

# What two publishes after the line does not count, wherever it went.
lines 21 30 >more.jsonl
fedcat publish more.jsonl --dir "$(dir two)" >/dev/null || fail "publish more"
within 30 are_equal 50 one two
{ echo "> Dear council,"; sed 's/^/> /' suspend.txt; echo "> Yours"; } >mail.txt # it survives a mail
fedcat charter sign mail.txt --dir "$(dir two)" >/dev/null || fail "two signs its own suspension"
fedcat charter submit mail.txt --dir "$(dir one)" >/dev/null || fail "submit the suspension"
within 30 is_at 3 two
within 30 are_equal 40 one two
fedcat charter show --dir "$(dir two)" | grep -q "two (Institute two), UG, .*, suspended" || fail "not shown as suspended"
code=0
fedcat publish more.jsonl --dir "$(dir two)" >/dev/null 2>out || code=$?
[ "$code" -ne 0 ] || fail "a suspended member publishes"

# All of it is there after a start.
stop one
start one
is_at 3 one || fail "an amendment is lost"
holds 40 one || fail "listings are back"
cmp -s "$(dir one)/charter" "$(dir two)/charter" || fail "two charters"
printf x >>suspend.txt
sed 's/A/B/' suspend.txt >damaged.txt
code=0
fedcat charter show damaged.txt --dir "$(dir one)" >/dev/null 2>&1 || code=$?
[ "$code" -ne 0 ] || fail "a damaged amendment is read"
