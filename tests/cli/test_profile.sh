#!/bin/sh
# What the charter asks of listings is asked where they are published; a limit that is lowered later parts no nodes.
. "${srcdir:?}/tests/cli/nodes.sh"
# expect CODE COMMAND...: it ends with that; what it said is in out and err.
expect() {
	wanted=$1 code=0
	shift
	"$@" >out 2>err || code=$?
	[ "$code" -eq "$wanted" ] || fail "$* ended with $code instead of $wanted: $(cat out err)"
}
says() { grep -qF -e "$2" "$1" || fail "$1 does not say \"$2\": $(cat "$1")"; }
is_at() { [ "$(fedcat charter show --dir "$(dir "$2")" --json | jq .amendment)" = "$1" ]; }

found one two
start two
start one --peers="two@$(address gossip two)"
lines 1 30 >listings.jsonl
expect 0 fedcat publish --dir "$(dir one)" listings.jsonl
within 30 are_equal 30 one two

# With a council of two, both sign; here the founder's threshold says who must.
propose() {
	expect 0 fedcat charter propose --dir "$(dir one)" "$@" --output draft.txt
	expect 0 fedcat charter sign draft.txt --dir "$(dir two)"
	expect 0 fedcat charter submit draft.txt --dir "$(dir one)"
}
expect 2 fedcat charter propose --dir "$(dir one)" --listings 0
expect 2 fedcat charter propose --dir "$(dir one)" --listing-bytes many
propose --licences https://creativecommons.org/licenses/by/4.0/,odbl --listings 32 --listing-bytes 400 --retention 90
within 30 is_at 1 two
expect 0 fedcat charter show --dir "$(dir two)"
says out "at most 32 listings of one member"
says out "odbl"
[ "$(ask two '.federation.profile | [.listings, .listing_bytes, .retention_days] | @csv')" = "32,400,90" ] ||
	fail "not in the status: $(ask two .federation)"

lines 31 31 >more.jsonl
cat >>more.jsonl <<-END
	{"id": "nc", "listing": {"title": {"en": "Wheat"}, "license": "https://creativecommons.org/licenses/by-nc/4.0/"}}
	{"id": "by", "listing": {"title": {"en": "Wheat"}, "license": "http://creativecommons.org/licenses/by/4.0"}}
	{"id": "one-more", "listing": {"title": {"en": "Maize"}}}
	{"id": "rice-2", "listing": {"title": {"en": "Rice, corrected"}}}
	{"id": "rice-3", "listing": {"title": {"en": "$(printf '%0500d' 1)"}}}
END
expect 0 fedcat publish --dir "$(dir one)" more.jsonl --json
[ "$(jq -r '[.new, .changed] | @csv' out)" = "2,1" ] || fail "published: $(cat out)"
expect 0 fedcat publish --dir "$(dir one)" more.jsonl
cat out err >said
says said "a licence that the federation accepts, such as https://creativecommons.org/licenses/by/4.0/"
says said "at most 32 listings of one member"
says said "at most 400 bytes a listing"
within 30 are_equal 32 one two

# Lowered: what is there stays, everywhere, also at a node that begins with nothing, and is shown.
propose --listings 10 --listing-bytes 20
within 30 is_at 2 two
stop two
rm -f "$(dir two)"/store/*.mdb "$(dir two)"/*.mdb
start two --peers="one@$(address gossip one)"
within 60 are_equal 32 one two
expect 0 fedcat status --dir "$(dir two)"
says out "one has 32 listings, and the charter lets a member have 10"
get two /metrics | grep -q '^fedcat_member_over{member="one"} 1$' || fail "no metric"
expect 0 fedcat publish --dir "$(dir one)" more.jsonl --json
[ "$(jq -r .rejected out)" = 6 ] || fail "published: $(cat out)"
within 30 are_equal 32 one two
propose --listings any --listing-bytes any --licences any
within 30 is_at 3 two
expect 0 fedcat publish --dir "$(dir one)" more.jsonl
within 30 are_equal 34 one two
stop one
stop two
