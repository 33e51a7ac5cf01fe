#!/bin/sh
# Thin links: a metered node fetches when it is asked to, one with a limit keeps within it, a leaf serves
# nobody, all of it by settings.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b c d

start a
lines 1 40 yield >a.jsonl
fedcat publish --dir "$(dir a)" a.jsonl >/dev/null || fail "publishing at a"

# b knows of what there is, and waits.
start b --peers="a@$(address gossip a)" --pull=asked
lacks() { [ "$(fedcat status --json --dir "$(dir "$1")" | jq .fetching.entries)" = "$2" ]; }
within 60 lacks b 41
fedcat status --dir "$(dir b)" >b.txt
grep -q "^To fetch .*41 entries, about .*; they wait: fedcat pull" b.txt || fail "b says: $(cat b.txt)"
[ "$(ask b .listings)" = 0 ] || fail "b fetched unasked"
fedcat pull --dir "$(dir b)" >b.txt || fail "no pull"
grep -q "^Fetching 41 entries, about " b.txt || fail "pull says: $(cat b.txt)"
within 60 are_equal 40 a b
fedcat pull --dir "$(dir b)" | grep -q "^Nothing is lacking" || fail "b lacks something"
lines 41 50 yield >a.jsonl
fedcat publish --dir "$(dir a)" a.jsonl >/dev/null || fail "publishing more at a"
within 60 lacks b 11
[ "$(fedcat pull --json --dir "$(dir b)" | jq .entries)" = 11 ] || fail "pull --json"
within 60 are_equal 50 a b

holds() { [ "$(ask "$1" .listings)" = "$2" ]; }

# c may have 20,000 bytes a second: what it has got by then is no more than that.
awk 'BEGIN {
	srand(7)
	for (i = 1; i <= 150; i++) {
		text = ""
		for (k = 0; k < 1500; k++)
			text = text sprintf("%c", 97 + int(26 * rand()))
		printf "{\"id\":\"large-%d\",\"listing\":{\"title\":{\"en\":\"Large %d\"},\"description\":{\"en\":\"%s\"}}}\n", i, i, text
	}
}' >large.jsonl
fedcat publish --dir "$(dir a)" large.jsonl >/dev/null || fail "publishing what is large"
start c --peers="a@$(address gossip a)" --limit-rate=20k --outgoing-links=1
got() { fedcat status --json --dir "$(dir c)" | jq "[.work.bytes_in, .uptime_s, .listings] | @tsv" -r; }
whole() {
	set -- $(got)
	[ "$1" -le $((20000 * ($2 + 3) + 65536)) ] || fail "c got $1 bytes in $2 s"
	[ "$3" = 200 ]
}
within 90 whole
set -- $(got)
[ "$1" -ge 120000 ] || fail "c got all in $1 bytes, so the limit was not tried"

# d is a leaf: it comes to hold all, keeps two links at most, and the others get what its member published.
start d --peers="b@$(address gossip b),a@$(address gossip a)" --leaf=yes
lines 1 3 price >d.jsonl
within 90 holds d 200
fedcat publish --dir "$(dir d)" d.jsonl >/dev/null || fail "publishing at d"
within 90 holds a 203
[ "$(fedcat status --json --dir "$(dir d)" | jq '[.peers[] | select(.direction == "out")] | length')" -le 2 ] ||
	fail "a leaf has more than two links"
[ "$(ask d .work.entries_out)" -le 12 ] || fail "the leaf gave what is not its member's"
for one in a b c d; do
	stop $one
done
