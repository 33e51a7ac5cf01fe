#!/bin/sh
# Joining with nothing but the web address of a node: the charter comes from there, its addresses are old, and once
# admitted the new node finds the others by what their logs say.
set -eu
. "${srcdir:?}/tests/cli/nodes.sh"

fedcat federation create "Test" --out federation --threshold 1 \
	--member "one=Institute one,country=KE,address=127.0.0.1:1" \
	--member "two=Institute two,country=TZ,address=127.0.0.1:1" >/dev/null || fail "no federation"
for name in one two; do # a port for each
	start $name
	address gossip $name >$name.at
	stop $name
done
start one --listen="$(cat one.at)" --address="$(cat one.at)"
start two --listen="$(cat two.at)" --address="$(cat two.at)" --peers="one@$(cat one.at)"
lines 1 7 >data.jsonl
fedcat publish data.jsonl --dir "$(dir one)" >/dev/null || fail "publish"
within 30 are_equal 7 one two
web=http://$(address http one)
id=$(fedcat charter show --dir "$(dir one)" --json | jq -r .id)
get one /charter | cmp - federation/charter || fail "the charter over HTTP is another"
both_told() { [ "$(get one /api/v1/nodes | jq '[.nodes[] | select(.addresses | length == 1)] | length')" = 2 ]; }
within 30 both_told

# What is refused makes no directory.
as="three=Institute three,country=UG"
# refused CODE WORDS ADDRESS [FLAG...]
refused() {
	expected=$1 words=$2 where=$3 code=0
	shift 3
	fedcat join "$where" --as "$as" --dir "$(dir three)" "$@" >out 2>err || code=$?
	[ "$code" -eq "$expected" ] || fail "join $where $*: $code, $(cat err)"
	tr '\n' ' ' <err | tr -s ' ' | grep -q "$words" || fail "join $where $*: not \"$words\": $(cat err)"
	[ ! -e "$(dir three)" ] || fail "join $where $* has made a directory"
}
refused 6 "is the charter of another federation" "$web" --federation "$(printf %064d 1)"
refused 2 "at least the first 16" "$web" --federation 0123
refused 3 "the server answers 404" "$web/nowhere/charter"
refused 1 "is no federation's charter" "$web/healthz"
refused 1 "cannot be fetched" http://127.0.0.1:1
refused 2 "is no http or https address" "http://"
python3 - >server.port <<'PYTHON' &
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		where = {"/round": "/round", "/away": "file:///etc/passwd"}.get(self.path)
		self.send_response(302 if where else 200)
		if where:
			self.send_header("Location", where)
		self.end_headers()
		try:
			for _ in range(0 if where else 17):
				self.wfile.write(bytes(1 << 20))
		except OSError:
			pass

	def log_message(self, *args):
		pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
nodes="$nodes $!"
within 30 test -s server.port
server=http://127.0.0.1:$(cat server.port)
refused 1 "redirects" "$server/round"
refused 1 "cannot be fetched" "$server/away"
refused 1 "is larger than 16777216 bytes" "$server/endless"

# The address of the node is enough; so is its beginning of the id to be sure.
fedcat join "$web" --as "$as" --dir "$(dir three)" >out || fail "join"
grep -q "trusted on first use, because $web has it" out || fail "what is trusted is not said: $(cat out)"
grep -q "$id" out || fail "the id is not said: $(cat out)"
sed -n '/BEGIN/,/END/p' out >request.txt
fedcat join "$web/charter" --federation "$(echo "$id" | cut -c 1-16)" --as "$as" --dir "$(dir three)" --json >out ||
	fail "join again"
jq -e '.trusted == "named" and .seeds == 2 and .federation == "'"$id"'"' out >/dev/null || fail "join says $(cat out)"
grep -q "^two $(cat two.at) " "$(dir three)/seen" || fail "the nodes were not told: $(cat "$(dir three)/seen")"

# It waits, without any settings; admitted, it finds both.
start three
within 30 grep -q "no member has named the node" three.log
fedcat charter propose --admit-request request.txt --dir "$(dir one)" >/dev/null || fail "admit"
within 60 grep -q "admitted as three" three.log
within 60 are_equal 7 one two three
linked() { [ "$(ask three '[.peers[] | select(.greeted) | .member] | unique | join(" ")')" = "one two" ]; }
within 60 linked
lines 1 4 >data.jsonl
fedcat publish data.jsonl --dir "$(dir three)" >/dev/null || fail "three publishes"
within 60 are_equal 11 one two three

# What it learnt it keeps: neither the web page nor what it has seen is needed any more.
stop three
rm -f "$(dir three)/seen"
start three
fedcat publish data.jsonl --dir "$(dir two)" >/dev/null || fail "two publishes"
within 60 are_equal 15 one two three
for name in one two three; do stop $name; done
