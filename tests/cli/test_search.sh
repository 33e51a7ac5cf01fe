#!/bin/sh
# Searching at the command line: filters, counts, suggestions of what to do next, and questions that cost too much.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"
found
export FEDCAT_DIR="$work/hd/nbs"
cat >data.json <<-'END'
	{"@type": "dcat:Catalog", "dataset": [
	{"identifier": "a", "title": "Rice yield", "theme": ["Landwirtschaft"], "keyword": ["rice"], "modified": "2020-01-01",
	 "distribution": [{"downloadURL": "https://example.org/a.csv", "format": "CSV"}]},
	{"identifier": "b", "title": "Rice prices", "theme": ["Economy and finance"], "keyword": ["rice"], "modified": "2024-01-01"},
	{"identifier": "c", "title": "Rice mills", "theme": ["Mills of the north"], "modified": "2025-01-01"}
	]}
END
expect 0 fedcat publish data.json

# total NUMBER COMMAND...: so many are found.
total() {
	number=$1
	shift
	expect 0 fedcat search "$@" --json
	[ "$(jq .total out)" = "$number" ] || fail "$*: $(jq .total out) instead of $number"
}
total 3 rice
total 1 rice --theme AGRI
total 1 rice --theme agriculture
total 1 --theme finance
total 1 --theme "mills of the north"
total 1 rice --format csv
total 2 rice --since 2024-01-01
total 1 --sort modified --since 2025
total 2 "rice -yield"
total 1 '"rice yield"'
total 3 --country KE --facets all

# What is counted is said in words, and how to go on.
COLUMNS=80 expect 0 fedcat search rice --facets theme,year --limit 1
says out "agri  Agriculture, fisheries, forestry and food"
says out "1  2024"
expect 0 script -qec "fedcat search rice --facets theme --limit 1" /dev/null
says out "Narrow:  add --theme agri"
says out "More:    add --offset 1"
expect 0 script -qec "fedcat search rice --limit 1" /dev/null
says out "Narrow:  add --facets all"
expect 0 fedcat search ricce
says out "Did you mean: rice"
expect 0 fedcat search rice --explain --limit 1
says out "rarity"

# Page after page by cursor.
expect 0 fedcat search rice --limit 2 --json
cursor=$(jq -r .cursor out)
expect 0 fedcat search rice --limit 2 --cursor "$cursor" --json
jq -e '(.hits | length) == 1 and .cursor == null' out >/dev/null || fail "the second page: $(cat out)"
expect 2 fedcat search maize --cursor "$cursor"
says err "begin again without"

# What cannot be meant, or costs too much, is told with what to do.
expect 2 fedcat search --country Kenya
says err "two letters"
expect 2 fedcat search --since soon
says err "such as 2026"
expect 2 fedcat search --bbox 1,2,3
says err "west,south,east,north"
expect 2 fedcat search --time 2000..1990
says err "1990..2000"
expect 2 fedcat search --usage "for fun and more in K"
says err "research in KE"
expect 2 fedcat search --sort best
says err "relevance modified entry"
expect 2 fedcat search '*'
says err "two letters"
expect 1 fedcat search "$(printf '(%.0s' $(seq 40))"
says err "parentheses"
expect 1 fedcat search "$(seq 100 | tr '\n' ' ')"
says err "32 words"
expect 2 fedcat search "$(seq 10000 | tr '\n' ' ')"
says err "bytes"
expect 2 fedcat search --facets colour
says err "theme"
