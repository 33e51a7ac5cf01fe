#!/bin/sh
# fedcat prove writes receipts, fedcat verify checks them with nothing but the charter or a key.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"
unset XDG_DATA_HOME || :
HOME=$work/nobody
export HOME

fedcat federation create Test --member "nbs=Bureau of Statistics,country=KE" \
	--member "uni=University,country=UG" --out fed >out
node="--dir fed/nbs"
cat >one.json <<'END'
{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [
 {"identifier": "rice", "title": "Rice yield", "description": "A", "modified": "2024-01-01"},
 {"identifier": "tea", "title": "Tea exports", "description": "B", "modified": "2024-01-01"}]}
END
sed 's/"A"/"C"/' one.json >two.json
fedcat publish one.json $node >out
fedcat publish two.json $node >out
fedcat withdraw tea --reason "It moved" $node >out

# Made: to a file, to standard output, as JSON; the same receipt each time.
expect 0 fedcat prove nbs/rice $node --output rice.tlog-proof
says "$work/out" "Proven: nbs (Bureau of Statistics) lists rice (entry 4), and this is its newest version as of the checkpoint of 7 entries signed with key"
says "$work/out" "Title: Rice yield"
expect 0 fedcat prove rice $node
cmp "$work/out" rice.tlog-proof || fail "standard output is another receipt"
says "$work/err" "Proven: nbs"
expect 0 fedcat prove rice $node --json
says "$work/out" '"claim":"current"'
says "$work/out" 'c2sp.org/tlog-proof@v1\nextra '
expect 0 fedcat prove nbs/tea --absent $node --output tea.tlog-proof
says "$work/out" "withdrew tea"
says "$work/out" "Reason: It moved"
expect 0 fedcat prove nbs/coffee --absent $node --output coffee.tlog-proof
expect 0 fedcat prove nbs/rice --entry 1 $node --output old.tlog-proof
says "$work/out" "this is an OLDER version, and entry 4 is its newest"

# Not made.
expect 3 fedcat prove nbs/coffee $node
says "$work/err" "--absent"
expect 4 fedcat prove nbs/rice --absent $node
expect 3 fedcat prove nbs/rice --entry 2 $node
expect 2 fedcat prove nbs/rice --entry 0 $node
expect 2 fedcat prove nbs/rice --entry 1 --absent $node

# Verified with no node: by the charter, by a key, by standard input, without a network.
mkdir away
mv ./*.tlog-proof away
cp fed/charter away
key=$(fedcat members $node --json | tr ',{' '\n\n' | sed -n 's/^"key":"\([0-9a-f]*\)"$/\1/p' |
	head -n 1)
id=$(fedcat status $node --json | tr ',{' '\n\n' | sed -n 's/^"id":"\([0-9a-f]*\)"$/\1/p')
[ ${#key} -eq 64 ] || fail "no key among the members"
[ ${#id} -eq 64 ] || fail "no federation id in the status"
rm -rf fed
cd away
alone=
if unshare -rn true 2>/dev/null; then
	alone="unshare -rn"
fi
# shellcheck disable=SC2086
expect 0 $alone fedcat verify rice.tlog-proof --charter charter
says "$work/out" "Proven: nbs (Bureau of Statistics) lists rice (entry 4)"
expect 0 fedcat verify rice.tlog-proof --charter charter --federation "$id"
expect 0 fedcat verify rice.tlog-proof --key "$key" --federation "$id"
says "$work/out" "Proven: nbs lists rice (entry 4)"
says "$work/out" "only the federation's charter tells"
fedcat verify - --key "$key" <rice.tlog-proof >"$work/out" || fail "from standard input"
says "$work/out" "Proven: nbs lists rice (entry 4)"
expect 0 fedcat verify tea.tlog-proof --charter charter --json
says "$work/out" '"claim":"withdrawn"'
says "$work/out" '"reason":"It moved"'
expect 0 fedcat verify coffee.tlog-proof --charter charter
says "$work/out" 'lists nothing under the id "coffee", and never did'
expect 0 fedcat verify old.tlog-proof --charter charter --json
says "$work/out" '"claim":"superseded"'

# Refused, naming what failed.
sed 's/^index 3$/index 1/' rice.tlog-proof >bad
expect 6 fedcat verify bad --charter charter
says "$work/err" "bad: not proven: The inclusion proof of the entry"
sed 's/^7$/8/' rice.tlog-proof >bad
expect 6 fedcat verify bad --charter charter --json
says "$work/err" '"code":"unverified"'
says "$work/err" "signature of nbs"
head -c 400 rice.tlog-proof >bad
expect 6 fedcat verify bad --charter charter
echo nonsense >bad
expect 6 fedcat verify bad --charter charter
says "$work/err" "This is no receipt"
other=$(echo "$id" | tr 0-9a-f 1-9a-f0)
expect 6 fedcat verify rice.tlog-proof --charter charter --federation "$other"
expect 6 fedcat verify rice.tlog-proof --key "$key" --federation "$other"
expect 6 fedcat verify rice.tlog-proof --key "$other"
expect 6 fedcat verify rice.tlog-proof --charter rice.tlog-proof
expect 3 fedcat verify nothing --charter charter
expect 3 fedcat verify rice.tlog-proof --charter nothing
expect 2 fedcat verify rice.tlog-proof
says "$work/err" "--charter FILE"
expect 2 fedcat verify rice.tlog-proof --charter charter --key "$key"
expect 2 fedcat verify rice.tlog-proof --key 12
