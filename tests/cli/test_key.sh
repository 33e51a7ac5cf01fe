#!/bin/sh
# Keys: shown, made, put under a passphrase and taken out again, backed up; what needs the passphrase and what
# does not.
. "${srcdir:?}/tests/cli/nodes.sh"
unset FEDCAT_PASSPHRASE_FILE || :

# expect CODE COMMAND...: without a terminal to ask at.
expect() {
	wanted=$1 code=0
	shift
	setsid -w "$@" </dev/null >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "$* ended with $code instead of $wanted: $(cat out err)"
}
says() { grep -qF -e "$2" "$1" || fail "$1 does not say: $2: $(cat "$1")"; }

found nbs uni
dir=$(dir nbs)
key=$dir/member.key
cp "$key" plain.key
printf 'correct horse battery\nmore\n' >words
printf 'another horse\n' >others
printf 'short\n' >short
chmod 600 words others short

expect 0 fedcat key show --dir "$dir"
says out "not encrypted"
says out "of nbs"
expect 0 fedcat key show --dir "$dir" --json
jq -e '.member.member == "nbs" and .node.member == "nbs" and (.member.encrypted | not)' out >/dev/null
print=$(jq -r .member.fingerprint out)
expect 0 fedcat members --dir "$dir" --json
[ "$(jq -r '.members[0].fingerprint' out)" = "$print" ] || fail "two fingerprints of one key"

# A key for a mirror, named at the founding.
expect 0 fedcat key make mirror.key --json
node=$(jq -r .public out)
[ "$(stat -c %a mirror.key)" = 600 ] || fail "the made key is open to others"
expect 4 fedcat key make mirror.key
expect 0 fedcat federation create M --out m --member "a=A,country=KE,node=$node"
expect 0 fedcat init --charter m/charter --node-key mirror.key --dir m/mirror
expect 0 fedcat key show --dir m/mirror --json
jq -e --arg node "$node" '.member == null and .node.member == "a" and .node.public == $node' out >/dev/null

# Encrypting wants words.
expect 4 fedcat key encrypt --dir "$dir"
says err FEDCAT_PASSPHRASE_FILE
expect 2 env FEDCAT_PASSPHRASE_FILE=short fedcat key encrypt --dir "$dir"
expect 3 env FEDCAT_PASSPHRASE_FILE=nowhere fedcat key encrypt --dir "$dir"
cmp -s "$key" plain.key || fail "a key changed that was not encrypted"
expect 0 env FEDCAT_PASSPHRASE_FILE=words fedcat key encrypt --dir "$dir"
[ "$(stat -c %a "$key")" = 600 ] || fail "the encrypted key is open to others"
seed=$(sed -n 2p plain.key)
! grep -qF "$seed" "$key" || fail "the seed is in the encrypted file"
expect 0 fedcat key show --dir "$dir" --json
jq -e --arg print "$print" '.member.encrypted and .member.fingerprint == $print' out >/dev/null

# Reading needs none; publishing does.
lines 1 3 >three.jsonl
expect 0 fedcat search --dir "$dir" rice
expect 4 fedcat publish --dir "$dir" three.jsonl
says err FEDCAT_PASSPHRASE_FILE
expect 6 env FEDCAT_PASSPHRASE_FILE=others fedcat publish --dir "$dir" three.jsonl
expect 0 env FEDCAT_PASSPHRASE_FILE=words fedcat publish --dir "$dir" three.jsonl
expect 1 timeout 30 fedcatd --dir="$dir" --listen=127.0.0.1:0 --http=off
says err FEDCAT_PASSPHRASE_FILE
FEDCAT_PASSPHRASE_FILE=$work/words start nbs
expect 0 fedcat withdraw --dir "$dir" rice-1 # fedcatd signs
[ "$(ask nbs .listings)" = 2 ] || fail "fedcatd did not sign"
stop nbs

# A backup is as encrypted as the key is, and opens a node elsewhere.
expect 0 fedcat key backup copy --dir "$dir"
[ "$(stat -c %a copy)" = 700 ] || fail "the backup is open to others"
cmp -s copy/member.key "$key" && cmp -s copy/node.key "$dir/node.key" && cmp -s copy/charter "$dir/charter" ||
	fail "the backup is no copy"
expect 4 fedcat key backup copy --dir "$dir"
expect 0 fedcat init --charter copy/charter --key copy/member.key --dir second --json
jq -e '.member == "nbs" and .known' out >/dev/null
cmp -s second/member.key "$key" || fail "init did not copy the encrypted key as it is"

expect 6 env FEDCAT_PASSPHRASE_FILE=others fedcat key decrypt --dir "$dir"
expect 0 env FEDCAT_PASSPHRASE_FILE=words fedcat key decrypt --dir "$dir"
cmp -s "$key" plain.key || fail "the key did not come back"
expect 0 fedcat key decrypt --dir "$dir"
expect 3 fedcat key encrypt --dir m/mirror

# At a terminal: asked for twice, without echo.
command -v script >/dev/null || exit 0
mkfifo keys
script -qefc "fedcat key encrypt --dir '$dir'" screen <keys >/dev/null 2>&1 &
typing=$!
nodes="$nodes $typing"
exec 3>keys
within 30 grep -q "New passphrase" screen
printf 'open sesame now\n' >&3
within 30 grep -q "The same again" screen
printf 'open sesame now\n' >&3
wait "$typing" || fail "encrypting at a terminal: $(cat screen)"
exec 3>&-
! grep -q "sesame" screen || fail "the passphrase was shown"
printf 'open sesame now\n' >words
expect 0 env FEDCAT_PASSPHRASE_FILE=words fedcat key decrypt --dir "$dir"
cmp -s "$key" plain.key || fail "the key did not come back from the terminal's passphrase"
