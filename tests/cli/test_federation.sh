#!/bin/sh
# Founding a federation and making nodes: what is there afterwards, and that nothing is overwritten.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"

found
[ "$(stat -c %a hd/nbs)" = 700 ] || fail "hd/nbs is open to others"
[ "$(stat -c %a hd/nbs/member.key)" = 600 ] || fail "the key is open to others"
[ "$(stat -c %a hd/nbs/node.key)" = 600 ] || fail "the node's key is open to others"
cmp -s hd/charter hd/uni/charter || fail "members have different charters"
says out "National Bureau of Statistics, Kenya"
before=$(cat hd/nbs/member.key)
expect 4 fedcat federation create "Other" --out hd --member "a=A,country=KE"
[ "$(cat hd/nbs/member.key)" = "$before" ] || fail "a key was overwritten"
[ "$(ls)" = "$(printf 'err\nhd\nout')" ] || fail "something was left behind: $(ls)"

expect 0 fedcat federation create "One Alone!" --member "a=A,country=ke" --json
jq -e '.threshold == 1 and .dir == "one-alone" and .members[0].dir == "one-alone/a"' out >/dev/null
expect 0 fedcat members --dir one-alone/a --json
jq -e '.members[0] | .name == "a" and .country == "KE"' out >/dev/null
expect 2 fedcat federation create "No members"
says err "--member"
expect 2 fedcat federation create "X" --member "a=A"
expect 2 fedcat federation create "X" --member "A B=C,country=KE"
expect 2 fedcat federation create "X" --member "a=A,country=KENYA"
expect 2 fedcat federation create "X" --member "a=A,country=KE" --member "a=B,country=KE"
expect 2 fedcat federation create "X" --member "a=A,country=KE" --threshold 2
expect 2 fedcat federation create "X" --member "a=A,country=KE,node=12ab"
says err "64 hexadecimal digits"
[ ! -e x ] || fail "a refused federation left a directory"

expect 0 fedcat init --charter hd/charter --dir deep/er/mirror
says out "refuse it until the charter names its key"
[ "$(stat -c %a deep/er/mirror/node.key)" = 600 ] || fail "the mirror's key is open to others"
expect 4 fedcat publish hd/charter --dir deep/er/mirror
says err "key"
expect 4 fedcat init --charter hd/charter --dir deep/er/mirror
expect 0 fedcat init --charter hd/charter --key hd/uni/member.key --dir second --json
jq -e '.member == "uni" and .known' out >/dev/null
cmp -s second/node.key hd/uni/node.key || fail "the node's key beside the member's was not taken"
node=$(jq -r .node out)
expect 0 fedcat federation create "With a mirror" --member "a=A,country=KE,node=$node"
expect 0 fedcat init --charter with-a-mirror/charter --node-key second/node.key --dir its-mirror --json
jq -e '.member == null and .known' out >/dev/null
[ "$(stat -c %a second/member.key)" = 600 ] || fail "the copied key is open to others"
expect 6 fedcat init --charter hd/charter --key one-alone/a/member.key --dir third
expect 3 fedcat init --charter nowhere --dir third
expect 1 fedcat init --charter hd/nbs/member.key --dir third
expect 2 fedcat init --dir third
chmod 644 hd/uni/member.key
expect 4 fedcat init --charter hd/charter --key hd/uni/member.key --dir third
[ ! -e third ] || fail "a refused init left a directory"

expect 1 fedcat status --dir nowhere
says err "fedcat init"
