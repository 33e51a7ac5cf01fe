#!/bin/sh
# fedcat health beside real nodes; and settings that name files elsewhere, as a container's do.
. "${srcdir:?}/tests/cli/nodes.sh"
found nbs uni
dir=$(dir nbs)

! fedcat health --dir "$dir" >out || fail "healthy without fedcatd"
grep -q "unhealthy: no fedcatd runs in $dir" out || fail "does not say so: $(cat out)"
[ ! -e "$dir/store" ] || fail "it opened the store"

# Charter and keys from elsewhere, by the environment; the directory is made.
mkdir secrets && mv "$dir/member.key" secrets/member && mv "$dir/node.key" secrets/node && mv "$dir/charter" secrets/charter
rm -r "$dir"
FEDCAT_CHARTER_FILE=$work/secrets/charter FEDCAT_MEMBER_KEY_FILE=$work/secrets/member FEDCAT_NODE_KEY_FILE=$work/secrets/node
export FEDCAT_CHARTER_FILE FEDCAT_MEMBER_KEY_FILE FEDCAT_NODE_KEY_FILE
start nbs
[ "$(stat -c %a "$dir")" = 700 ] || fail "the directory is open to others"
[ ! -e "$dir/member.key" ] && [ ! -e "$dir/node.key" ] || fail "a secret was copied: $(ls "$dir")"
fedcat health --dir "$dir" >out || fail "not healthy: $(cat out)"
fedcat health --dir "$dir" --json | jq -e '.health != "unhealthy" and (.checks | length) == 6' >out || fail "$(cat out)"
lines 1 3 >three.jsonl
fedcat publish --force-new-log --dir "$dir" three.jsonl >out || fail "publishing with a key from elsewhere"
code=0
fedcat withdraw uni/rice-1 --dir "$dir" 2>err || code=$?
[ "$code" -eq 4 ] || fail "withdrew what is another's: $code $(cat err)"

kill -STOP "$(pid nbs)"
code=0
fedcat health --timeout 1 --dir "$dir" >out || code=$?
kill -CONT "$(pid nbs)"
[ "$code" -eq 1 ] && grep -q "does not answer in time" out || fail "a hung fedcatd: $code $(cat out)"
stop nbs

# Another federation's charter, for this directory; and a key that is not there.
unset FEDCAT_MEMBER_KEY_FILE
fedcat federation create Other --out other --member "who=Who,country=KE" >/dev/null || fail "no other federation"
! fedcatd --dir="$dir" --listen=127.0.0.1:0 --http=off --charter-file=other/charter 2>err || fail "took another charter"
grep -q "of another federation" err || fail "$(cat err)"
! fedcatd --dir="$dir" --listen=127.0.0.1:0 --http=off --member-key-file=nowhere 2>err || fail "ran without its key"
grep -q "nowhere" err || fail "$(cat err)"
