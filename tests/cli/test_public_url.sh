#!/bin/sh
# A node that knows its public URL links to the proof of each listing, in every format; what is read back has no
# such link.
. "${srcdir:?}/tests/cli/nodes.sh"
receipt=https://data.example.org/cat/api/v1/listings/nbs/rice-1/receipt
log=https://data.example.org/cat/log/nbs

found nbs uni
lines 1 3 >listings.jsonl
start nbs --public-url=https://data.example.org/cat/
fedcat publish listings.jsonl --dir "$(dir nbs)" >out || fail "cannot publish"

links() { jq -r "$1 | [.receipt, .log] | @tsv"; }
both="$receipt	$log"
[ "$(fedcat show nbs/rice-1 --dir "$(dir nbs)" --json | links .)" = "$both" ] || fail "show"
[ "$(fedcat search "county 1" --dir "$(dir nbs)" --json | links '.hits[0]')" = "$both" ] || fail "search"
[ "$(get nbs /api/v1/listings/nbs/rice-1 | links .)" = "$both" ] || fail "HTTP"
[ "$(get nbs /api/v1/export | links 'select(.id == "rice-1")')" = "$both" ] || fail "HTTP export"
for format in jsonld datajson ntriples native; do
	fedcat export --format $format --dir "$(dir nbs)" --output "with.$format" >out || fail "export"
	grep -qF "$receipt" "with.$format" || fail "$format has no link to the receipt"
	grep -qF "$log" "with.$format" || fail "$format has no link to the log"
done
grep -qF "<http://www.w3.org/ns/prov#has_provenance> <$receipt> ." with.ntriples || fail "no provenance"

# The host of that URL is ours, and no other.
at=http://$(address http nbs)
[ "$(curl -s -o out -w '%{http_code}' -H "Host: data.example.org" "$at/healthz")" = 200 ] || fail "our host"
[ "$(curl -s -o out -w '%{http_code}' -H "Host: example.org" "$at/healthz")" = 421 ] || fail "another host"

# Published again: nothing is new.
for format in jsonld datajson ntriples native; do
	fedcat publish "with.$format" --dir "$(dir nbs)" --json >out || fail "cannot publish $format"
	[ "$(jq -r '[.new, .changed, .unchanged] | @tsv' out)" = "0	0	3" ] || fail "$format: $(cat out)"
done

# Without fedcatd the file of settings says it; and nothing says it when it is not set.
stop nbs
fedcat export --format native --dir "$(dir nbs)" >out || fail "export"
! grep -q receipt out || fail "a link to nowhere"
echo "public-url = https://data.example.org/cat" >>"$(dir nbs)/config"
fedcat export --format native --dir "$(dir nbs)" >out || fail "export"
cmp out with.native || fail "another export without fedcatd"
