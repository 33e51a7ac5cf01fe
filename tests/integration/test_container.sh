#!/bin/bash
# The image of tools/container/Containerfile, built with buildah on a base of debootstrap's, and three nodes of it
# that find each other by the names in their charter: each in a network namespace of its own, on a read-only
# root, as the image's user, with the image's environment and that of compose.yaml.
set -euo pipefail
: "${srcdir:?}"

skip() {
	echo "SKIPPED: $*"
	exit 77
}

[ "$(id -u)" -eq 0 ] || skip "namespaces and chroot need root"
for tool in buildah debootstrap ip unshare jq; do
	command -v "$tool" >/dev/null || skip "$tool is not installed (tools/install-packages test)"
done
# All mounts are made in a mount namespace of ours, so that however this ends none is left; network
# namespaces, too, which are mounts in /run/netns.
if [ -z "${IN_NAMESPACE:-}" ]; then
	unshare --mount --propagation private true 2>/dev/null || skip "no mount namespace can be made here"
	IN_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"
fi
mkdir -p /run/netns
mount -t tmpfs none /run/netns || skip "nothing can be mounted here"
ip netns add probe 2>/dev/null && ip -n probe link add name wires type bridge 2>/dev/null ||
	skip "no network namespace with a bridge can be made here"
ip netns del probe

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | head -n 1)
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$mirror" ] && [ -n "$suite" ] || skip "apt knows no mirror here"

work=$(mktemp -d "$PWD/container.XXXXXX")
nodes=(bureau lakes clinic)
declare -A pid=()

finish() {
	local code=$?
	trap - EXIT
	for one in "${pid[@]}"; do
		kill -9 "$one" 2>/dev/null || :
	done
	wait
	# What is mounted beneath would be emptied with it.
	grep -o " $work/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l || exit 1
	rm -rf --one-file-system "$work"
	exit "$code"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP
cd "$work"
export TMPDIR=$work

fail() {
	echo "FAILED: $*" >&2
	for log in ./*.log; do
		echo "== $log" >&2
		tail -n 15 "$log" >&2
	done
	exit 1
}

within() { # SECONDS COMMAND...
	local limit=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -le $limit ] || fail "not in time: $*"
		sleep 0.1
	done
}

took() { echo "   $((SECONDS - begun)) s: $*"; }
begun=$SECONDS

# --- the image ------------------------------------------------------------------------------------

# Nothing but this test's directory is used, so that nothing is left in the machine's own store of images.
build() { buildah --root "$work/images" --runroot "$work/run" --storage-driver vfs "$@"; }

debootstrap --variant=minbase "$suite" base "$mirror" >debootstrap.log 2>&1 || {
	grep -qE "Failed getting|Couldn't download|Invalid Release" debootstrap.log && skip "the mirror of this machine cannot be reached"
	fail "debootstrap"
}
rm -rf base/var/cache/apt/archives/*.deb
echo 'force-unsafe-io' >base/etc/dpkg/dpkg.cfg.d/of-a-test # a power cut may cost us this image
took "a base"
printf 'FROM scratch\nCOPY base /\n' >Containerfile.base
build bud --isolation chroot --layers=false -t localhost/base -f Containerfile.base . >base.log 2>&1 || fail "the base"
rm -rf base
took "an image of it"
build bud --isolation chroot --layers=false --pull-never --format docker -t localhost/fedcat \
	--build-arg BASE=localhost/base --build-arg CFLAGS=-O1 \
	-f "$srcdir/tools/container/Containerfile" "$srcdir" >image.log 2>&1 || fail "the image"
took "the image"

build inspect --type image localhost/fedcat >image.json
jq -e '.Docker.config | .User == "10001:10001" and (.Volumes | keys) == ["/var/lib/fedcat"] and
	.Entrypoint == ["/usr/bin/fedcatd"] and .StopSignal == "SIGTERM" and
	.Healthcheck.Test == ["CMD", "/usr/bin/fedcat", "health"]' image.json >/dev/null || fail "$(jq .Docker.config image.json)"
mapfile -t environment < <(jq -r '.Docker.config.Env[]' image.json)
container=$(build from --pull-never localhost/fedcat)
root=$(build mount "$container")
took "a root of it"

# --- three machines -------------------------------------------------------------------------------

compose=$srcdir/tools/container/compose.yaml
# The words of the service that founds; the settings of those that run.
mapfile -t founding < <(sed -n '/entrypoint:/,/^$/s/^      - //p' "$compose")
mapfile -t settings < <(sed -n '/&environment/,/^$/s/^    \(FEDCAT_[A-Z_]*\): /\1=/p' "$compose")
[ ${#founding[@]} -eq 8 ] && [ ${#settings[@]} -ge 3 ] || fail "compose.yaml is not read as it was meant"

ip netns add switch
ip -n switch link add name wires type bridge
ip -n switch link set dev wires up
number=0
for name in "${nodes[@]}"; do
	number=$((number + 1))
	ip netns add "$name"
	ip -n "$name" link set dev lo up
	ip -n switch link add name "$name" type veth peer name eth0 netns "$name"
	ip -n switch link set dev "$name" master wires up
	ip -n "$name" link set dev eth0 up
	ip -n "$name" address add "192.0.2.$number/24" dev eth0
	echo "192.0.2.$number $name"
done >hosts
echo "127.0.0.1 localhost" >>hosts

# a_root NAME: the image as that machine has it.
a_root() {
	mkdir -p "roots/$1" "volumes/$1" "secrets/$1"
	chown 10001:10001 "volumes/$1"
	chmod 700 "volumes/$1"
	mount --bind "$root" "roots/$1"
	mount --bind hosts "roots/$1/etc/hosts"
	mount --bind "volumes/$1" "roots/$1/var/lib/fedcat"
	mount -t tmpfs -o mode=1777 none "roots/$1/tmp"
	mount -t tmpfs none "roots/$1/run"
	mkdir "roots/$1/run/secrets"
	mount --bind "secrets/$1" "roots/$1/run/secrets"
	mount -o remount,bind,ro "roots/$1"
}

# in_root NAME COMMAND...: as the image's user, with its environment.  Each of these programs becomes the next, so
# that in the background its process is the command's.
into() {
	line=(ip netns exec "$1" env -i "${environment[@]}" "${settings[@]}" chroot --userspec=10001:10001 "roots/$1")
}
in_root() {
	into "$1"
	"${line[@]}" "${@:2}"
}

for name in "${nodes[@]}"; do
	a_root "$name"
done
founding=("${founding[@]/--out=\/federation\/made/--out=/tmp/made}")
in_root bureau "${founding[@]}" >found.log 2>&1 || fail "founding"
for name in "${nodes[@]}"; do
	made=roots/bureau/tmp/made/$name
	mv "$made/member.key" "$made/node.key" "$made/charter" "secrets/$name/"
	# As Kubernetes and systemd hand secrets in: root's, for one group.
	chown root:10001 "secrets/$name"/*.key
	chmod 440 "secrets/$name"/*.key
done
rm -rf roots/bureau/tmp/made

! in_root bureau sh -c 'echo >/usr/x' 2>/dev/null || fail "the root can be written"
[ "$(in_root bureau id -u)" = 10001 ] || fail "it does not run as 10001"
! in_root bureau fedcat health >health.log || fail "healthy before it runs"

for name in "${nodes[@]}"; do
	# Its own log alone: nothing is to be written elsewhere.
	into "$name"
	"${line[@]}" fedcatd >"$name.out" 2>"$name.log" &
	pid[$name]=$!
done
for name in "${nodes[@]}"; do
	within 60 test -s "volumes/$name/addresses"
	grep -q '^gossip 0.0.0.0:7420$' "volumes/$name/addresses" || fail "$name listens elsewhere"
done

# --- what they do ---------------------------------------------------------------------------------

awk 'BEGIN {for (i = 1; i <= 20; i++) printf "{\"id\": \"rice-%d\", \"listing\": {\"title\": {\"en\": \"Rice yield in county %d\"}, \"description\": {\"en\": \"By variety.\"}}}\n", i, i}' >volumes/bureau/rice.jsonl
chown 10001:10001 volumes/bureau/rice.jsonl
in_root bureau fedcat publish /var/lib/fedcat/rice.jsonl >publish.log 2>&1 || fail "publishing"
for name in "${nodes[@]}"; do
	in_root "$name" fedcat status --wait-equal 2 --timeout 60 >"status.$name.log" 2>&1 || fail "$name does not agree with both others"
	[ "$(in_root "$name" fedcat search "rice county" --json | jq .total)" = 20 ] || fail "$name does not find what the bureau published"
	in_root "$name" fedcat health >health.log || fail "$name is not healthy"
	grep -q '2 nodes linked\|degraded' health.log || fail "what is said of $name"
done
in_root lakes fedcat show bureau/rice-7 >show.log 2>&1 || fail "the proof of what another published"
took "three nodes agree"

# A wire between two others that breaks is survived by who is not on it.
ip -n switch link set dev clinic down
in_root bureau fedcat withdraw rice-1 >withdraw.log 2>&1 || fail "withdrawing"
within 60 eval '[ "$(in_root lakes fedcat status --json | jq .listings)" = 19 ]'
ip -n switch link set dev clinic up
within 120 eval '[ "$(in_root clinic fedcat status --json | jq .listings)" = 19 ]'
took "and again after one was cut off"

for name in "${nodes[@]}"; do
	from=$SECONDS code=0
	kill -TERM "${pid[$name]}"
	wait "${pid[$name]}" || code=$?
	unset "pid[$name]"
	[ "$code" -eq 0 ] || fail "$name ended with $code"
	[ $((SECONDS - from)) -le 10 ] || fail "$name took $((SECONDS - from)) s to stop"
	grep -q 'stopped$' "$name.log" || fail "$name does not say that it stopped"
	[ ! -s "$name.out" ] || fail "$name wrote on standard output"
	[ -z "$(find "volumes/$name" ! -user 10001)" ] || fail "a file of another user in the volume of $name"
	! ls "volumes/$name"/*.key 2>/dev/null || fail "a key was copied into the volume of $name"
done
took "stopped"
