#!/bin/sh
# fedcat prove writes receipts, fedcat verify checks them with nothing but the charter or a key.
set -eu
: "${top_builddir:?}"
fedcat=$top_builddir/fedcat
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
unset FEDCAT_DIR XDG_DATA_HOME || :
HOME=$dir/nobody
export HOME

fail() {
	echo "FAILED: $*" >&2
	exit 1
}
# says TEXT FILE
says() {
	grep -qF -- "$1" "$2" || { cat "$2" >&2; fail "does not say: $1"; }
}
# ends STATUS COMMAND...: its output goes to out and err.
ends() {
	want=$1
	shift
	got=0
	"$@" >out 2>err || got=$?
	[ "$got" -eq "$want" ] || { cat out err >&2; fail "$* ended with $got, not $want"; }
}

"$fedcat" federation create Test --member "nbs=Bureau of Statistics,country=KE" \
	--member "uni=University,country=UG" --out fed >out
node="--dir fed/nbs"
cat >one.json <<'END'
{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [
 {"identifier": "rice", "title": "Rice yield", "description": "A", "modified": "2024-01-01"},
 {"identifier": "tea", "title": "Tea exports", "description": "B", "modified": "2024-01-01"}]}
END
sed 's/"A"/"C"/' one.json >two.json
"$fedcat" publish one.json $node >out
"$fedcat" publish two.json $node >out
"$fedcat" withdraw tea --reason "It moved" $node >out

# Made: to a file, to standard output, as JSON; the same receipt each time.
ends 0 "$fedcat" prove nbs/rice $node --output rice.tlog-proof
says "Proven: nbs (Bureau of Statistics) lists rice (entry 4), and this is its newest version as of the checkpoint of 7 entries signed with key" out
says "Title: Rice yield" out
ends 0 "$fedcat" prove rice $node
cmp out rice.tlog-proof || fail "standard output is another receipt"
says "Proven: nbs" err
ends 0 "$fedcat" prove rice $node --json
says '"claim":"current"' out
says 'c2sp.org/tlog-proof@v1\nextra ' out
ends 0 "$fedcat" prove nbs/tea --absent $node --output tea.tlog-proof
says "withdrew tea" out
says "Reason: It moved" out
ends 0 "$fedcat" prove nbs/coffee --absent $node --output coffee.tlog-proof
ends 0 "$fedcat" prove nbs/rice --entry 1 $node --output old.tlog-proof
says "this is an OLDER version, and entry 4 is its newest" out

# Not made.
ends 3 "$fedcat" prove nbs/coffee $node
says "--absent" err
ends 4 "$fedcat" prove nbs/rice --absent $node
ends 3 "$fedcat" prove nbs/rice --entry 2 $node
ends 2 "$fedcat" prove nbs/rice --entry 0 $node
ends 2 "$fedcat" prove nbs/rice --entry 1 --absent $node

# Verified with no node: by the charter, by a key, by standard input, without a network.
mkdir away
mv ./*.tlog-proof away
cp fed/charter away
key=$("$fedcat" members $node --json | tr ',{' '\n\n' | sed -n 's/^"key":"\([0-9a-f]*\)"$/\1/p' |
	head -n 1)
id=$("$fedcat" status $node --json | tr ',{' '\n\n' | sed -n 's/^"id":"\([0-9a-f]*\)"$/\1/p')
[ ${#key} -eq 64 ] || fail "no key among the members"
[ ${#id} -eq 64 ] || fail "no federation id in the status"
rm -rf fed
cd away
alone=
if unshare -rn true 2>/dev/null; then
	alone="unshare -rn"
fi
ends 0 $alone "$fedcat" verify rice.tlog-proof --charter charter
says "Proven: nbs (Bureau of Statistics) lists rice (entry 4)" out
ends 0 "$fedcat" verify rice.tlog-proof --charter charter --federation "$id"
ends 0 "$fedcat" verify rice.tlog-proof --key "$key" --federation "$id"
says "Proven: nbs lists rice (entry 4)" out
says "only the federation's charter tells" out
"$fedcat" verify - --key "$key" <rice.tlog-proof >out || fail "from standard input"
says "Proven: nbs lists rice (entry 4)" out
ends 0 "$fedcat" verify tea.tlog-proof --charter charter --json
says '"claim":"withdrawn"' out
says '"reason":"It moved"' out
ends 0 "$fedcat" verify coffee.tlog-proof --charter charter
says 'lists nothing under the id "coffee", and never did' out
ends 0 "$fedcat" verify old.tlog-proof --charter charter --json
says '"claim":"superseded"' out

# Refused, naming what failed.
sed 's/^index 3$/index 1/' rice.tlog-proof >bad
ends 6 "$fedcat" verify bad --charter charter
says "bad: not proven: The inclusion proof of the entry" err
sed 's/^7$/8/' rice.tlog-proof >bad
ends 6 "$fedcat" verify bad --charter charter --json
says '"code":"unverified"' err
says "signature of nbs" err
head -c 400 rice.tlog-proof >bad
ends 6 "$fedcat" verify bad --charter charter
echo nonsense >bad
ends 6 "$fedcat" verify bad --charter charter
says "This is no receipt" err
other=$(echo "$id" | tr 0-9a-f 1-9a-f0)
ends 6 "$fedcat" verify rice.tlog-proof --charter charter --federation "$other"
ends 6 "$fedcat" verify rice.tlog-proof --key "$key" --federation "$other"
ends 6 "$fedcat" verify rice.tlog-proof --key "$other"
ends 6 "$fedcat" verify rice.tlog-proof --charter rice.tlog-proof
ends 3 "$fedcat" verify nothing --charter charter
ends 3 "$fedcat" verify rice.tlog-proof --charter nothing
ends 2 "$fedcat" verify rice.tlog-proof
says "--charter FILE" err
ends 2 "$fedcat" verify rice.tlog-proof --charter charter --key "$key"
ends 2 "$fedcat" verify rice.tlog-proof --key 12
