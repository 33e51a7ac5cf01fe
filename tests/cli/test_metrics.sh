#!/bin/sh
# What a node tells those who watch it: somebody else's strict parser reads it, and it counts what happened.
. "${srcdir:?}/tests/cli/nodes.sh"
found nbs uni
lines 1 30 >listings.jsonl
start uni
start nbs --peers="uni@$(address gossip uni)"
fedcat publish listings.jsonl --dir "$(dir nbs)" >out || fail "cannot publish"
within 30 are_equal 30 nbs uni

metric() { get "$1" /metrics | sed -n "s/^fedcat_$2 //p"; }
is_sent() { [ "$(metric nbs 'link_entries_total{direction="out"}')" -ge 31 ]; }
is_had() { [ "$(metric uni 'link_entries_total{direction="in"}')" -ge 31 ]; }
within 30 is_sent
within 30 is_had
[ "$(metric nbs listings)" = 30 ] || fail "listings"
[ "$(metric nbs 'members{state="complete"}')" = 1 ] || fail "complete"
[ "$(metric nbs 'members{state="empty"}')" = 1 ] || fail "empty"
[ "$(metric nbs 'links_total{direction="out"}')" -ge 1 ] || fail "links out"
[ "$(metric uni 'links_total{direction="in"}')" -ge 1 ] || fail "links in"
[ "$(metric uni 'link_bytes_total{direction="in"}')" -gt 100 ] || fail "bytes"
[ "$(metric nbs 'jobs_waiting{kind="write"}')" -ge 0 ] || fail "jobs"
before=$(metric uni 'link_bytes_total{direction="in"}')

# A link that ended still counts.
stop nbs
[ "$(metric uni 'link_bytes_total{direction="in"}')" -ge "$before" ] || fail "bytes were forgotten"

get uni /metrics >metrics
tail -n 1 metrics | grep -q '^# EOF$' || fail "no end"
read=
for python in python3 /usr/bin/python3; do
	$python -c "import prometheus_client" 2>/dev/null && read=$python
done
if [ -n "$read" ]; then
	$read -c 'import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
assert len(families) > 20, families
assert all(family.name.startswith("fedcat_") for family in families)' <metrics || fail "no OpenMetrics"
else
	echo "python3-prometheus-client is not here: its parser was not asked" >&2
fi
# The older format, in which promtool knows what good names are.
if command -v promtool >/dev/null; then
	sed '/^# EOF/d; /^# UNIT/d; s/^# \(TYPE\|HELP\) fedcat_build /&_info /; s/ _info/_info/; s/ info$/ gauge/
		s/^# \(TYPE\|HELP\) \(fedcat_links\|fedcat_link_[a-z]*\|fedcat_log_lines\) /# \1 \2_total /' \
		metrics | promtool check metrics || fail "promtool"
fi
