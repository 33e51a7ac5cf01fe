#!/bin/sh
# fedcat bundle: what one node holds gets to another in a file, in any order, damaged or not.
. "${srcdir:?}/tests/cli/nodes.sh"
found nbs uni

# bundle CODE ARGUMENT...: it ends with that code.
bundle() {
	wanted=$1
	shift
	code=0
	timeout 120 fedcat bundle "$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "bundle $* ended with $code instead of $wanted: $(cat out err)"
}
# says FILE TEXT: the text is in it.
says() { grep -qF -e "$2" "$1" || fail "$1 does not say \"$2\": $(cat out err)"; }
listings() { fedcat export --dir "$1" --format native; }
# mirror: a new node, that never had a network.
mirror() {
	rm -rf mirror
	fedcat init --charter federation/nbs/charter --dir mirror >out 2>&1 || fail "no mirror: $(cat out)"
}
publish() {
	lines "$@" >some.jsonl
	fedcat publish --force-new-log --dir "$(dir nbs)" some.jsonl >out 2>&1 || fail "publishing: $(cat out)"
}

bundle 3 export none --dir "$(dir uni)"
start nbs
publish 1 300
bundle 0 export monday --dir "$(dir nbs)" # beside a fedcatd that runs
says out "Wrote 301 entries of 1 logs to monday"
publish 1 50 crop
bundle 0 export tuesday --dir "$(dir nbs)" --since monday
says out "Wrote 51 entries"
publish 301 320
bundle 0 export wednesday --dir "$(dir nbs)" --since nbs=352 --json
jq -e '.logs[0].member == "nbs" and .logs[0].from == 352 and .logs[0].entries == 373' out >/dev/null || fail "says: $(cat out)"
bundle 0 vector --dir "$(dir nbs)"
[ "$(cat out)" = nbs=373 ] || fail "the vector is $(cat out)"
listings "$(dir nbs)" >whole.jsonl

# In order, each again, and found.
mirror
bundle 0 import monday --dir mirror
says out "nbs: 301 new entries, 301 now"
fedcat search yield --dir mirror >out && grep -q "Rice yield" out || fail "does not find: $(cat out)"
bundle 0 import monday --dir mirror
says out "Nothing new"
bundle 0 vector --dir mirror
mv out vector
bundle 0 export rest --dir "$(dir nbs)" --since vector
says out "Wrote 72 entries"
bundle 0 import rest --dir mirror --json
jq -e '.members == [.members[0]] and .members[0].new == 72 and .members[0].entries == 373 and
	.members[0].state == "complete" and .problems == []' out >/dev/null || fail "says: $(cat out)"
listings mirror | cmp - whole.jsonl || fail "the mirror lists other things"

# In any order: one at a time it says what is missing; together it finds the order.
mirror
bundle 3 import wednesday --dir mirror
says out "import the bundle with entries 0 to 351 first"
bundle 3 import tuesday --dir mirror
bundle 0 import monday --dir mirror # proven under a checkpoint older than the newest that is known
says out "301 new entries"
bundle 0 import wednesday tuesday --dir mirror
says out "72 new entries, 373 now"
listings mirror | cmp - whole.jsonl || fail "in another order it lists other things"
mirror
bundle 0 import wednesday tuesday monday --dir mirror
listings mirror | cmp - whole.jsonl || fail "together they list other things"

# Cut off and damaged: what is whole is taken, and the rest later.
size=$(stat -c %s monday)
for len in 0 10 82 100 400 $((size / 2)) $((size - 46)) $((size - 1)); do
	mirror
	head -c "$len" monday >cut
	bundle 8 import cut --dir mirror
	says out "cut off"
	bundle 0 import monday --dir mirror
done
{ cat monday && echo more; } >longer
bundle 8 import longer --dir mirror
printf 'no bundle' >not
bundle 8 import not --dir mirror
for at in 84 90 200 350 $((size / 2)) $((size - 10)); do
	mirror
	cp monday flipped
	byte=$(od -An -tu1 -j "$at" -N 1 monday | tr -d ' ')
	printf "\\$(printf %o $((byte ^ 1)))" | dd of=flipped bs=1 seek="$at" conv=notrunc 2>/dev/null
	code=0
	fedcat bundle import flipped --dir mirror >out 2>err || code=$?
	[ "$code" -eq 8 ] || [ "$code" -eq 6 ] || fail "flipped at $at: $code $(cat out err)"
	bundle 0 import monday tuesday wednesday --dir mirror
	listings mirror | cmp - whole.jsonl || fail "after a flip at $at it lists other things"
done
bundle 8 export x --since cut --dir "$(dir nbs)"
bundle 2 export x --since nbs=many --dir "$(dir nbs)"
bundle 3 export x --since who=1 --dir "$(dir nbs)"
bundle 3 import nowhere --dir mirror

# History that was pruned around where a mirror stands: it begins anew, given all of it.
for word in rye oats millet; do
	publish 1 320 $word
done
stop nbs
"$top_builddir/tests/cli/flip" "$(dir nbs)/store" prune || fail "cannot prune"
mirror
bundle 0 import monday --dir mirror
bundle 0 vector --dir mirror
bundle 0 export since --since "$(cat out)" --dir "$(dir nbs)" --json
jq -e '.logs[0].from == 0' out >/dev/null || fail "the bundle begins within what was pruned: $(cat out)"
bundle 0 import since --dir mirror
listings "$(dir nbs)" >whole.jsonl
listings mirror | cmp - whole.jsonl || fail "after pruning it lists other things"
fedcat audit --dir mirror >out || fail "the mirror is damaged: $(cat out)"
publish 1 320 yield
publish 1 50 crop
start nbs

# Another federation's.
fedcat federation create Other --out other --member "nbs=Who,country=KE" >/dev/null || fail "no other federation"
bundle 6 import monday --dir other/nbs
says err "another federation"

# A fedcatd that runs takes it and tells its peers.
start uni
bundle 0 import monday --dir "$(dir uni)"
stop nbs
# nbs comes back with an empty store, and linked with uni alone: its log comes from there.
mv "$(dir nbs)/store" kept
start nbs --peers="uni@$(address gossip uni)"
within 60 are_equal 300 nbs uni
bundle 0 import tuesday wednesday --dir "$(dir uni)"
within 60 are_equal 320 nbs uni
stop uni
stop nbs
echo ok
