#!/bin/sh
# fedcat audit: bytes are flipped in copies of a store; it finds them, and what it mends comes back.
. "${srcdir:?}/tests/cli/nodes.sh"
flip=$top_builddir/tests/cli/flip
found nbs uni
dir=$(dir uni)

# audit CODE [FLAG...]: it ends with that code, in time.
audit() {
	wanted=$1
	shift
	code=0
	timeout 120 fedcat audit --dir "$dir" "$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "audit $* ended with $code instead of $wanted: $(cat out err)"
}

start nbs
lines 1 400 >some.jsonl
fedcat publish --force-new-log --dir "$(dir nbs)" some.jsonl >out || fail "publishing"
peers=nbs@$(address gossip nbs)
start uni --peers="$peers"
within 60 are_equal 400 nbs uni
lines 1 40 crop >more.jsonl
fedcat publish --force-new-log --dir "$(dir nbs)" more.jsonl >out || fail "publishing more"
within 60 are_equal 400 nbs uni

# Beside a fedcatd that runs; mending does not go beside it.
audit 0
grep -q '^Good: 2 logs with 44[0-9] entries' out || fail "says: $(cat out)"
audit 0 --json
jq -e '.damage == null and .logs == 2 and .entries > 440' out >/dev/null || fail "says: $(cat out)"
audit 7 --repair
grep -q 'fedcat stop' err || fail "does not say what to do: $(cat err)"
stop uni
cp -r "$dir/store" whole
fedcat export --dir "$dir" --format native >whole.jsonl || fail "no export"

# Through LMDB: each is found and named, mended, and what was let go comes back.
for one in 'entries 17 entry' 'entries 333 entry' 'checkpoints 0 checkpoint' 'checkpoints 1 checkpoint' \
	'view 40 view' 'logs 0 status' 'docs 1 index' 'docs 2 index'; do
	set -- $one
	rm -rf "$dir/store" && cp -r whole "$dir/store"
	"$flip" "$dir/store" "$1" "$2" || fail "cannot flip $one"
	audit 8 --json
	jq -e --arg class "$3" '.damage.class == $class and .damage.member == "nbs" and .damage.text != ""' out \
		>/dev/null || fail "$one: $(cat out)"
	audit 8
	grep -q "^Damaged ($3): .*nbs" out && grep -q -e '--repair' out || fail "$one says: $(cat out)"
	audit 0 --repair
	grep -q "^Mended ($3): " out && grep -q '^Good: ' out || fail "$one says: $(cat out)"
	audit 0
done
# The last of them was mended without anybody's help; an entry is fetched again.
fedcat export --dir "$dir" --format native >now.jsonl && cmp whole.jsonl now.jsonl || fail "mending changed what is listed"
"$flip" "$dir/store" entries 400 || fail "cannot flip"
audit 0 --repair --json
jq -e '.damage == null and .repairs[0].class == "entry" and .repairs[0].entries_to_fetch > 0' out >/dev/null ||
	fail "says: $(cat out)"
start uni --peers="$peers"
within 60 are_equal 400 nbs uni
audit 0
stop uni
fedcat export --dir "$dir" --format native >now.jsonl && cmp whole.jsonl now.jsonl || fail "not all came back"

# Anywhere in the file: the audit ends, and says that all is good only if all is.
seed=${FLIP_SEED:-1} last=$((${FLIP_SEED:-1} + ${FLIP_ROUNDS:-24}))
good=0 bad=0
while [ "$seed" -lt "$last" ]; do
	rm -rf "$dir/store" && cp -r whole "$dir/store"
	"$flip" "$dir/store/data.mdb" "$seed" || fail "cannot flip"
	code=0
	timeout 120 fedcat audit --dir "$dir" >out 2>err || code=$?
	case $code in
	0)
		good=$((good + 1))
		fedcat export --dir "$dir" --format native >now.jsonl && cmp -s whole.jsonl now.jsonl ||
			fail "seed $seed: the audit finds nothing, and the export is another"
		;;
	8)
		bad=$((bad + 1))
		grep -q '^Damaged (' out || fail "seed $seed: $(cat out err)"
		grep -q '^Damaged (pages)' out && { grep -q 'move .*/store away' out || fail "no advice: $(cat out)"; }
		;;
	*) fail "seed $seed: the audit ended with $code: $(cat out err)" ;;
	esac
	seed=$((seed + 1))
done
[ "$good" -gt 0 ] && [ "$bad" -gt 0 ] || fail "of the flipped bytes $bad were found and $good not"
echo "bytes flipped anywhere: $bad found, $good change nothing that is listed"

# A store without its end; and what is to be done about damaged pages works.
rm -rf "$dir/store" && cp -r whole "$dir/store"
truncate -s 20480 "$dir/store/data.mdb"
audit 8
grep -q '^Damaged (pages)' out || fail "says: $(cat out)"
audit 8 --repair
mv "$dir/store" away
audit 3
start uni --peers="$peers"
within 60 are_equal 400 nbs uni
audit 0
stop uni
stop nbs

# Entries of our own log, which perhaps nobody else holds, are not dropped unasked.
dir=$(dir nbs)
"$flip" "$dir/store" entries 430 || fail "cannot flip"
audit 4 --repair
grep -q -e '--yes' err || fail "does not say so: $(cat err)"
audit 8
audit 0 --repair --yes
audit 0
