#!/bin/sh
# Somebody else's program audits a member's log over HTTP, and finds out when it is lied to.
. "${srcdir:?}/tests/cli/nodes.sh"
command -v python3 >/dev/null || {
	echo "python3 is not here: skipped" >&2
	exit 77
}
audit="python3 $srcdir/tests/cli/auditor.py"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

found nbs uni
start nbs
catalogue() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		printf "{\"conformsTo\": \"https://project-open-data.cio.gov/v1.1/schema\", \"dataset\": ["
		for (i = a; i <= b; i++)
			printf "%s{\"identifier\": \"rice-%d\", \"title\": \"Rice %d\"}", (i > a ? "," : ""), i, i
		print "]}"
	}'
}
catalogue 1 100 >some.json
catalogue 1 700 >all.json
fedcat publish some.json --dir "$(dir nbs)" >out || fail "cannot publish"
fedcat publish all.json --dir "$(dir nbs)" >out || fail "cannot publish"
url=http://$(sed -n 's/^http //p' "$(dir nbs)/addresses")
key=$(curl -sf "$url/api/v1/members" | jq -r '.members[] | select(.name == "nbs").key')
origin=fedcat/$(curl -sf "$url/api/v1/status" | jq -r '.federation.id[:16]')/nbs

$audit "$url" "$origin" "$key" /api/v1/listings/nbs/rice-1/receipt \
	/api/v1/listings/nbs/rice-700/receipt >out || fail "the audit failed"
cat out
grep -q "^702 entries under " out || fail "the audit saw something else"
[ "$(head -n 1 out)" = "/api/v1/listings/nbs/rice-1/receipt: entry 0" ] || fail "another entry"

# Under another key it is worth nothing.
other=$(curl -sf "$url/api/v1/members" | jq -r '.members[] | select(.name == "uni").key')
if $audit "$url" "$origin" "$other" 2>err; then
	fail "the audit passed with another member's key"
fi
grep -q "did not sign" err || fail "the audit said something else"
