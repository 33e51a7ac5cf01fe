#!/bin/sh
# A publisher that lost its store, or put an old one back, never forks its member: it learns from the others where its
# log stands before it signs, and gets back what it lacks.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b c
a=$(dir a)

# publish FIRST LAST [FLAG...]: at a; what is said is in out and err, and counts in out.
publish() {
	lines 1 "$2" >listings.jsonl
	first=$1
	shift 2
	code=0
	fedcat publish --dir "$a" --json listings.jsonl "$@" >out 2>err || code=$?
}
# published FIRST LAST [FLAG...]: it goes through, and only those from FIRST on are new.
published() {
	last=$2
	publish "$@"
	[ "$code" -eq 0 ] || fail "publishing to $last ended with $code: $(cat err)"
	[ "$(jq -r '[.unchanged, .new] | @tsv' out)" = "$(printf '%d\t%d' $((first - 1)) $((last - first + 1)))" ] ||
		fail "publishing $first to $last: $(cat out)"
}
# unconfirmed WORDS COMMAND...: it is refused for that, and says so.
unconfirmed() {
	words=$1 code=0
	shift
	"$@" >out 2>err || code=$?
	[ "$code" -eq 4 ] || fail "$* ended with $code instead of 4: $(cat err)"
	grep -qF -e "$words" err || fail "$* does not say \"$words\": $(cat err)"
}
# are_good COUNT NAME...: they hold the same, and nobody sees anything wrong with anybody.
are_good() {
	within 60 are_equal "$@"
	shift
	for one in "$@"; do
		[ "$(ask "$one" '[.members[].state] - ["complete", "empty"] | length')" = 0 ] ||
			fail "$one: $(ask "$one" .members)"
	done
}

start b
start c
echo "peers = b@$(address gossip b),c@$(address gossip c)" >"$a/config"
start a
published 1 300
are_good 300 a b c

# The store is gone.
stop a
rm -rf "$a/store"
lines 1 5 >listings.jsonl
unconfirmed "without fedcatd" fedcat publish --dir "$a" listings.jsonl
unconfirmed "without fedcatd" fedcat withdraw --dir "$a" rice-1
fedcat publish --dir "$a" listings.jsonl --dry-run >out || fail "a dry run signs nothing"
[ "$(fedcat status --dir "$a" --json | jq -r .entries)" = 0 ] || fail "something was signed"
start a
published 301 305
are_good 305 a b c
[ "$(ask a .signing.confirmed)" = true ] || fail "a: $(ask a .signing)"

# Last week's backup is put back.
stop a
cp -a "$a/store" kept
start a
published 306 360
fedcat withdraw --dir "$a" rice-7 >/dev/null || fail "withdrawing"
are_good 359 a b c
stop a
rm -rf "$a/store"
mv kept "$a/store"
start a
fedcat withdraw --dir "$a" rice-8 >/dev/null || fail "withdrawing after a restore"
are_good 358 a b c
[ "$(get a /api/v1/listings/a/rice-7 | jq .status)" = 410 ] || fail "a does not know what it withdrew"

# Killed while it signs, at any moment: what was signed is there, and it goes on from there.
has() { [ "$(ask a .entries)" -gt "$1" ]; }
for try in 1 2 3; do
	entries=$(ask a .entries)
	lines $((try * 3000)) $((try * 3000 + 2499)) >many.jsonl
	fedcat publish --dir "$a" many.jsonl >/dev/null 2>&1 &
	publishing=$!
	within 60 has $((entries + (try - 1) * 1000))
	crash a
	wait $publishing || :
	start a
	fedcat publish --dir "$a" many.jsonl >/dev/null 2>err || fail "publishing again: $(cat err)"
done
are_good 7858 a b c

# The directory is in use; a copy of it elsewhere learns what the first signs, and the first what the copy does.
code=0
fedcatd --dir="$a" --listen=127.0.0.1:0 --http=off 2>err || code=$?
[ "$code" -eq 1 ] && grep -qF "in use by process" err || fail "a second fedcatd: $code, $(cat err)"
stop a
cp -a "$a" federation/copy
rm -f federation/copy/lock
start a
start copy
lines 401 402 >more.jsonl
fedcat publish --dir federation/copy more.jsonl >/dev/null || fail "the copy does not publish"
are_good 7860 a b c copy
lines 403 403 >more.jsonl
fedcat publish --dir "$a" more.jsonl >/dev/null || fail "the first does not publish after the copy"
are_good 7861 a b c copy
stop copy

# Nobody is there to ask, then one, then both.
for one in a b c; do
	stop $one
done
rm -rf "$a/store"
start a
unconfirmed "0 of 2 members" fedcat publish --dir "$a" more.jsonl --timeout 0
unconfirmed '"unconfirmed"' fedcat withdraw --dir "$a" rice-1 --timeout 0 --json
fedcat status --dir "$a" | grep -q '^Signing *not yet; 0 of 2 members' || fail "status does not say that a waits"
start b --peers="a@$(address gossip a)"
within 60 are_equal 7861 a b
unconfirmed "1 of 2 members" fedcat publish --dir "$a" more.jsonl --timeout 1
lines 404 404 >more.jsonl
fedcat publish --dir "$a" more.jsonl >out 2>err &
publishing=$!
start c --peers="a@$(address gossip a)"
wait $publishing || fail "it does not wait for the second: $(cat err)"
are_good 7862 a b c

# Insisting says what it does.
for one in a b c; do
	stop $one
done
start a
lines 405 405 >more.jsonl
fedcat publish --dir "$a" more.jsonl --force-new-log >out 2>err || fail "--force-new-log: $(cat err)"
grep -q "cannot be taken back" err || fail "--force-new-log does not say what it does: $(cat err)"
[ "$(ask a .listings)" = 7863 ] || fail "--force-new-log: $(ask a .listings)"
[ "$(ask a .signing.confirmed)" = false ] || fail "a forced signature is no confirmation"
stop a
fedcat withdraw --dir "$a" rice-405 --force-new-log >out 2>err || fail "--force-new-log without fedcatd: $(cat err)"
grep -q "cannot be taken back" err || fail "without fedcatd it does not say what it does"
