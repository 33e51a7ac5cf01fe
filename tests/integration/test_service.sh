#!/bin/sh
# The unit of tools/systemd: systemd reads it without a word, and finds little that it leaves open.
set -eu
: "${top_builddir:?}" "${srcdir:?}"
command -v systemd-analyze >/dev/null || { echo "SKIPPED: systemd-analyze is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# systemd-analyze looks whether the program is there.
sed "s|@bindir@/fedcatd|$top_builddir/fedcatd|" "$srcdir/tools/systemd/fedcatd.service.in" >"$work/fedcatd.service"
systemd-analyze verify --man=no "$work/fedcatd.service" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
[ ! -s "$work/out" ] || { cat "$work/out"; exit 1; }
# Of 100; what is left is that it speaks to other machines.
systemd-analyze security --offline=yes --threshold=15 "$work/fedcatd.service" >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
