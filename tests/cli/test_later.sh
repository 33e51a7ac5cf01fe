#!/bin/sh
# A newcomer fetches much and indexes it afterwards: its searches say what they lack until then, a node that is killed
# meanwhile goes on, and with search = off nothing is indexed.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b

# search NODE WHAT: how many a search finds, or what it says is missing.
search() { get "$1" '/api/v1/search?q=county&limit=1' | jq -r ".$2 // 0"; }
# has_all NODE: it finds everything.
has_all() { [ "$(search "$1" total)" = 11000 ] && [ "$(ask "$1" .index_missing)" = 0 ]; }
# some NODE: it finds something.
some() { [ "$(search "$1" total)" -gt 0 ]; }

start a --listen=0.0.0.0:0
lines 1 11000 >a.jsonl
fedcat publish --dir "$(dir a)" a.jsonl >/dev/null || fail "publishing"
has_all a || fail "a does not find what it published"

start b --peers="a@$(address gossip a)" --search=off
within 60 are_equal 11000 a b
[ "$(ask b .index_missing)" -gt 11000 ] || fail "something is indexed: $(ask b .index_missing)"
[ "$(search b total)" = 0 ] || fail "a search finds what is not indexed"
[ "$(search b index_missing)" = "$(ask b .index_missing)" ] || fail "a search does not say what it lacks"
[ "$(search b partial)" = true ] || fail "a search does not say that it lacks something"
fedcat search --dir "$(dir b)" county | grep -q "The search index lacks 11,0" || fail "nor does the command"
fedcat status --dir "$(dir b)" | grep -q "which lacks 11,0" || fail "nor does the status"
get b /metrics | grep -q "^fedcat_index_missing 11" || fail "nor do the metrics"
[ "$(get b '/api/v1/listings/a/rice-7' | jq .verified)" = true ] || fail "what is not indexed is not shown"
stop b

# Killed while it catches up, and again, it goes on from where it was.
for i in 1 2; do
	start b --peers="a@$(address gossip a)"
	within 60 some b
	crash b
done
start b --peers="a@$(address gossip a)"
within 60 has_all b
[ "$(search b partial)" = 0 ] || fail "it still lacks something"
grep -q "the search index has caught up with .*: with all" "$work/b.log" || fail "the log does not say so"
fedcat audit --dir "$(dir b)" >/dev/null || fail "the index is not what it should be"

# What is little is searchable at once.
lines 11001 11050 >more.jsonl
fedcat publish --dir "$(dir a)" more.jsonl >/dev/null || fail "publishing more"
within 60 are_equal 11050 a b
[ "$(search b total)" = 11050 ] || fail "a small change is not found at once"
stop b
stop a
