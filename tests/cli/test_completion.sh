#!/bin/bash
# The completion loads in bash and completes commands, options, members, choices and files.
set -eu
. "${srcdir:?}/tests/cli/lib.sh"
found
# shellcheck disable=SC1091
. "$top_builddir/tools/completion/fedcat"

# completes LINE WORD: LINE, split at spaces and =, as bash does; the last word is the one to complete.
completes() {
	local line=${1//=/ = }
	read -ra COMP_WORDS <<<"$line"
	case $1 in *' ') COMP_WORDS+=("") ;; *=) ;; esac
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_fedcat 2>/dev/null || : # compopt has nothing to work on here
	local reply
	for reply in "${COMPREPLY[@]}"; do
		[ "$reply" != "$2" ] || return 0
	done
	fail "\"$1\" is not completed to $2 but to: ${COMPREPLY[*]}"
}
completes "fedcat pub" publish
completes "fedcat fed" federation
completes "fedcat federation cr" create
completes "fedcat key enc" encrypt
completes "fedcat help sea" search
completes "fedcat --js" --json
completes "fedcat publish --wi" --withdraw-missing
completes "fedcat publish --format tur" turtle
completes "fedcat publish --format=tur" turtle
completes "fedcat export --format data" datajson
completes "fedcat --dir hd/nbs search --member n" nbs
completes "fedcat search --dir=hd/nbs --member=u" uni
completes "fedcat show --dir hd/nbs un" uni/
completes "fedcat init --dir h" hd
catalogue 1 3 >rice.json
fedcat --dir hd/nbs publish rice.json >/dev/null
completes "fedcat --dir hd/nbs search ri" rice
completes "fedcat --dir hd/nbs search --sort mod" modified
completes "fedcat --dir hd/nbs search --theme fin" finance
completes "fedcat --dir hd/nbs search --theme=he" heal
completes "fedcat --dir hd/nbs search --facets key" keyword
completes "fedcat init --charter hd/ch" hd/charter
completes "fedcat publish hd/ch" hd/charter
while read -r command; do
	completes "fedcat $command --he" --help
done < <(fedcat --commands)
