# What the scripts that run fedcatd share.  Source it.  Work is in $work, which goes away at the end, and the
# nodes that are left running with it.
set -eu
: "${top_builddir:?}"
PATH=$top_builddir:$PATH
unset FEDCAT_DIR NOTIFY_SOCKET NO_COLOR COLUMNS LC_ALL LANG || :
work=$(mktemp -d /tmp/fedcat.XXXXXX) # short: the path of a socket has 107 bytes
nodes=
clean() {
	for pid in $nodes; do
		kill -9 "$pid" 2>/dev/null || :
	done
	wait
	rm -rf "$work"
}
trap clean EXIT
cd "$work"

fail() {
	echo "FAILED: $*" >&2
	for log in "$work"/*.log; do
		echo "== $log" >&2
		tail -n 30 "$log" >&2 || :
	done
	exit 1
}

# within SECONDS COMMAND...: try it until it succeeds.
within() {
	limit=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -le "$limit" ] || fail "not in time: $*"
		sleep 0.02
	done
}

# found NAME...: a federation of members of these names, each with its directory.
found() {
	set -- "$@" --
	while [ "$1" != -- ]; do
		name=$1
		shift
		set -- "$@" --member "$name=Institute $name,country=KE"
	done
	shift
	fedcat federation create "Test" --out federation "$@" >/dev/null || fail "no federation"
}

dir() { echo "$work/federation/$1"; }

# start NAME [FLAG...]: its node, on any ports; its process is pid_NAME.
start() {
	name=$1
	shift
	# A killed one leaves its file.
	rm -f "$(dir "$name")/addresses"
	fedcatd --dir="$(dir "$name")" --listen=127.0.0.1:0 --http=127.0.0.1:0 "$@" \
		2>>"$work/$name.log" &
	eval "pid_$name=$!"
	nodes="$nodes $!"
	within 30 test -s "$(dir "$name")/addresses"
}

pid() { eval "echo \$pid_$1"; }

# address gossip|http NAME: where it listens.
address() { awk -v kind="$1" '$1 == kind {print $2}' "$(dir "$2")/addresses"; }

# crash NAME: as when the power goes.
crash() {
	kill -9 "$(pid "$1")"
	wait "$(pid "$1")" 2>/dev/null || :
}

# stop NAME: as it should be; it ends with 0.
stop() {
	code=0
	kill -TERM "$(pid "$1")"
	wait "$(pid "$1")" || code=$?
	[ "$code" -eq 0 ] || fail "$1 ended with $code"
}

# get NAME PATH: over HTTP.
get() { curl -sS --max-time 30 "http://$(address http "$1")$2"; }

# ask NAME FILTER: of its status.
ask() { get "$1" /api/v1/status | jq -r "$2"; }

# are_equal LISTINGS NAME...: all hold the same catalogue of so many listings.
are_equal() {
	listings=$1 vector=
	shift
	for one in "$@"; do
		of_one=$(ask "$one" '[.listings, .vector] | @tsv') || return 1
		[ "${of_one%%	*}" = "$listings" ] || return 1
		[ "${vector:=$of_one}" = "$of_one" ] || return 1
	done
}

# lines FIRST LAST [WORD]: listings, one a line, with WORD in their titles.
lines() {
	awk -v a="$1" -v b="$2" -v w="${3:-yield}" 'BEGIN {
		for (i = a; i <= b; i++)
			printf "{\"id\": \"rice-%d\", \"listing\": {\"title\": {\"en\": \"Rice %s in county %d\"}, \"description\": {\"en\": \"By variety and season.\"}}}\n", i, w, i
	}'
}
