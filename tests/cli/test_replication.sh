#!/bin/sh
# Three nodes, each publishing its own: all come to hold the same, through restarts and withdrawals.
. "${srcdir:?}/tests/cli/nodes.sh"
found a b c d

start a --listen=0.0.0.0:0
start b --peers="a@$(address gossip a)"
start c --peers="a@$(address gossip a),b@$(address gossip b)"
lines 1 300 yield >a.jsonl
lines 1 20 price >b.jsonl
lines 1 7 export >c.jsonl
for one in a b c; do
	fedcat publish --dir "$(dir $one)" $one.jsonl >/dev/null || fail "publishing at $one"
done
within 60 are_equal 327 a b c
[ "$(get c '/api/v1/search?q=yield' | jq .total)" = 300 ] || fail "c does not find what a published"
[ "$(get b '/api/v1/listings/c/rice-7' | jq .verified)" = true ] || fail "b cannot verify c's"
fedcat status --dir "$(dir a)" --wait-equal 2 --timeout 60 >/dev/null || fail "a knows of no equals"

# A node that was away catches up.
stop b
fedcat withdraw --dir "$(dir a)" rice-1 --reason "counted twice" >/dev/null || fail "withdrawing"
within 60 are_equal 326 a c
start b --peers="a@$(address gossip a)"
within 60 are_equal 326 a b c
[ "$(get b /api/v1/listings/a/rice-1 | jq -r '[.status, .reason] | @tsv')" = "410	counted twice" ] ||
	fail "b does not say that it was withdrawn"

# A new one gets everything, from one that published none of it.
# It has the key of a node of d's, and not d's own.
fedcat init --charter federation/charter --node-key "$(dir d)/node.key" --dir "$(dir mirror)" >/dev/null ||
	fail "no mirror"
stop a
start mirror --peers="b@$(address gossip b)"
within 60 are_equal 326 b c mirror
! fedcat withdraw --dir "$(dir mirror)" rice-2 2>err || fail "a mirror withdrew"

# Whom no member has named is told so, and learns nothing.
fedcat init --charter federation/charter --dir "$(dir stranger)" >/dev/null || fail "no stranger"
start stranger --peers="b@$(address gossip b)"
within 30 grep -q "no member has named the node" "$work/b.log"
[ "$(ask stranger .listings)" = 0 ] || fail "a stranger was served"
for one in b c mirror stranger; do
	stop $one
done
