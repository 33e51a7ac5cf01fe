#!/bin/sh
# Bad records and bad files: what is reported, what --strict and --withdraw-missing then do, exit codes.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"
found
export FEDCAT_DIR="$work/hd/nbs"
vector() { fedcat status --json | jq -r .vector; }
catalogue 1 9 >good.json
cat >bad.json <<END
{"@type": "dcat:Catalog", "dataset": [
{"identifier": "rice-1", "title": "Rice yield"},
{"identifier": "rice-2"},
{"identifier": "rice-3"},
{"identifier": "rice-4"},
{"identifier": "rice-5", "title": "Rice prices"}]}
END

empty=$(vector)
expect 5 fedcat publish good.json bad.json --strict
says out "bad.json, record 2"
says err "--strict"
[ "$(vector)" = "$empty" ] || fail "--strict published something"
expect 5 fedcat publish bad.json --strict --dry-run
expect 0 fedcat publish good.json --strict --json
jq -e '.new == 9 and .dry_run == false' out >/dev/null

expect 0 fedcat publish bad.json --json --rejects 2
jq -e '.read == 5 and .changed == 2 and .rejected == 3 and (.rejections | length) == 2
	and .rejections_left_out == 1' out >/dev/null
jq -e '.rejections[0] | .id == "rice-2" and .path == "/title" and (.place | test("line 3"))' out >/dev/null
expect 0 fedcat publish bad.json --rejects 1
says out "and 2 more"

# The rejected ones are at the source still: 4 of 9 are missing.
expect 4 fedcat publish bad.json --withdraw-missing
says err "4 of the 9"
expect 0 fedcat publish bad.json --withdraw-missing --yes --json
jq -e '.withdrawn == 4 and .live == 5' out >/dev/null

expect 3 fedcat publish nowhere.json
says err "nothing was changed"
catalogue 1 9 >whole.json
head -c 700 whole.json >cut.json
expect 1 fedcat publish cut.json --json
jq -e '.complete == false and .live >= 5' out >/dev/null
before=$(vector)
expect 1 fedcat publish cut.json --withdraw-missing --yes
says err "nothing was withdrawn"
[ "$(vector)" = "$before" ] || fail "a file that was cut withdrew something"
expect 2 fedcat publish good.json --format xls
expect 2 fedcat publish
