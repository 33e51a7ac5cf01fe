# What the scripts of this folder share.  Source it; work is in $work, which goes away at the end.
: "${top_builddir:?}" "${srcdir:?}"
PATH=$top_builddir:$PATH
unset FEDCAT_DIR NO_COLOR COLUMNS LC_ALL LC_MESSAGES LANG || :
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# expect CODE COMMAND...: it ends with that exit code; what it said is in $work/out and $work/err.
expect() {
	wanted=$1
	shift
	code=0
	"$@" >"$work/out" 2>"$work/err" || code=$?
	[ "$code" -eq "$wanted" ] || {
		cat "$work/out" "$work/err" >&2
		fail "$* ended with $code instead of $wanted"
	}
}

# says FILE TEXT: the text is in it.
says() {
	grep -qF -e "$2" "$1" || {
		cat "$1" >&2
		fail "$1 does not say: $2"
	}
}

# catalogue FIRST LAST [WORD]: data.json of the datasets FIRST to LAST, with WORD in the titles.
catalogue() {
	awk -v a="$1" -v b="$2" -v w="${3:-yield}" 'BEGIN {
		printf "{\"@type\": \"dcat:Catalog\", \"dataset\": ["
		for (i = a; i <= b; i++)
			printf "%s\n{\"identifier\": \"rice-%d\", \"title\": \"Rice %s in county %d\", \"description\": \"By variety and season.\", \"keyword\": [\"rice\"], \"theme\": [\"Agriculture\"], \"modified\": \"2024-05-01\"}", (i > a ? "," : ""), i, w, i
		print "]}"
	}'
}

# A federation of two in $work/hd.
found() {
	expect 0 fedcat federation create "Health and Data" --out hd \
		--member "nbs=National Bureau of Statistics, Kenya,country=KE,sector=statistics,address=127.0.0.1:7420" \
		--member "uni=University,country=vn"
}
