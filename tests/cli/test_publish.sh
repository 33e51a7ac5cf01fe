#!/bin/sh
# The life of listings on one node, without fedcatd: publish, again, change, show, search, withdraw, export.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"
found
export FEDCAT_DIR="$work/hd/nbs"
vector() { fedcat status --json | jq -r .vector; }
catalogue 1 20 >a.json

expect 0 fedcat publish a.json --dry-run --json
jq -e '.dry_run and .new == 20 and .rejected == 0' out >/dev/null
expect 0 fedcat status --json
jq -e '.listings == 0 and .entries == 0 and .running == false' out >/dev/null

expect 0 fedcat publish a.json --json
jq -e '.read == 20 and .new == 20 and .live == 20 and .complete and .checkpoint.size == 21' out >/dev/null
before=$(vector)
expect 0 fedcat publish a.json
says out "unchanged           20"
[ "$(vector)" = "$before" ] || fail "publishing again appended something"

sed 's/"Rice yield in county 3"/"Rice harvest in county 3"/' a.json >b.json
expect 0 fedcat publish b.json --json
jq -e '.changed == 1 and .new == 0 and .unchanged == 19' out >/dev/null

expect 0 fedcat search harvest --json
jq -e '.total == 1 and .hits[0].id == "rice-3" and .hits[0].member == "nbs"' out >/dev/null
expect 0 fedcat search --theme Agriculture --member nbs --country KE --limit 5 --offset 18 --json
jq -e '.total == 20 and (.hits | length) == 2' out >/dev/null
expect 0 fedcat search wheat
says out "No dataset"
expect 2 fedcat search --limit 0
expect 2 fedcat search --limit 5x
expect 3 fedcat search --member nobody

expect 0 fedcat show nbs/rice-3
says out "Rice harvest in county 3"
says out "Signed by       National Bureau of Statistics, Kenya (nbs, KE)"
says out "In place of     entry 3"
says out "Verified        yes"
expect 0 fedcat show rice-3 --json
jq -e '.verified and .state == "current" and .listing.identifier == ["rice-3"]' out >/dev/null
expect 3 fedcat show rice-99
expect 3 fedcat show uni/rice-3
expect 2 fedcat show "no id"

expect 0 fedcat withdraw nbs/rice-3 --reason "Replaced by rice-4"
expect 0 fedcat show rice-3
says out "withdrawn"
says out "Replaced by rice-4"
says out "Verified        yes"
expect 0 fedcat show rice-3 --json
jq -e '.state == "withdrawn" and .listing == null and .reason == "Replaced by rice-4"' out >/dev/null
expect 3 fedcat withdraw rice-3
expect 4 fedcat withdraw uni/rice-4

# 19 are listed; without 1 to 3 of them 17 stay: 2 of 19 may go, 16 of 19 may not.
catalogue 4 20 >most.json
catalogue 18 20 >few.json
before=$(vector)
expect 4 fedcat publish few.json --withdraw-missing --dry-run
expect 4 fedcat publish few.json --withdraw-missing --strict
expect 4 fedcat publish few.json --withdraw-missing
says err "--yes"
[ "$(vector)" = "$before" ] || fail "a refused withdrawal changed something"
expect 0 fedcat publish most.json --withdraw-missing --json
jq -e '.withdrawn == 2 and .live == 17 and .unchanged == 17' out >/dev/null
expect 0 fedcat publish few.json --withdraw-missing --yes --json
jq -e '.withdrawn == 14 and .live == 3' out >/dev/null
expect 2 fedcat publish few.json --yes

expect 0 fedcat export --format native --output native.jsonl
says out "3 datasets"
[ "$(wc -l <native.jsonl)" -eq 3 ] || fail "not three lines"
before=$(vector)
expect 0 fedcat publish native.jsonl --withdraw-missing
[ "$(vector)" = "$before" ] || fail "an export published again is not the same"
for format in jsonld datajson ntriples; do
	expect 0 fedcat export --format $format --output again.$format
	expect 0 fedcat publish again.$format --withdraw-missing
	[ "$(vector)" = "$before" ] || fail "an export as $format published again is not the same"
done
expect 0 fedcat export --json --member uni
[ ! -s out ] || fail "uni lists something"

expect 0 fedcat stop
says out "No fedcatd"
expect 1 fedcat status --wait-equal 1 --timeout 0
