#!/bin/sh
# Tries the two commands of the README on a machine that has nothing but Python and make: a Debian made by
# debootstrap, thrown away afterwards. Needs root, debootstrap and git.
# usage: scripts/try-fresh-machine.sh CLIP [GALLERY]     (SUITE=bookworm KEEP=1 WORK=/var/tmp)
#
# How this machine reaches its package indexes (mirrors, proxies, certificates) is passed through read-only:
# apt's, pip's and npm's configuration and the variables that name them; nothing else of it is seen inside.
set -eu

suite=${SUITE:-bookworm}
self=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P)/$(basename -- "$0")
checkout=$(dirname -- "$(dirname -- "$self")")
passed="/etc/resolv.conf /etc/hosts /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/apt/keyrings
/usr/share/keyrings /etc/pip.conf /etc/xdg/pip /etc/npmrc $HOME/.pip $HOME/.config/pip $HOME/.npmrc"
certificates="/usr/local/share/ca-certificates /etc/ssl/certs/ca-certificates.crt" # copied: apt may write beside them
variables='PIP_[A-Z_]*|NPM_CONFIG_[A-Z_]*|npm_config_[a-z_]*|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS'
variables="$variables|(http|https|no|HTTP|HTTPS|NO)_(proxy|PROXY)"

fail() {
    echo "try-fresh-machine: $1" >&2
    exit 1
}

show() { # path: bind it into the machine, read-only, at the same place
    [ -e "$1" ] || return 0
    if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root$(dirname -- "$1")" && { [ -e "$root$1" ] || : >"$root$1"; }; fi
    mount --bind "$1" "$root$1" && mount -o remount,bind,ro "$root$1"
}

timed() { # what, command ...: run it inside and say how long it took
    what=$1
    shift
    began=$(date +%s)
    grep -zE "^($variables)=" /proc/self/environ >"$root/run/environment" || :
    env -i $(xargs -0 -r -n1 <"$root/run/environment") \
        HOME="$HOME" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb \
        chroot "$root" /bin/sh -c 'cd /srv/sightline && exec "$@"' sh "$@" || fail "$what failed"
    echo "try-fresh-machine: $what took $(($(date +%s) - began)) s" >&2
}

inside() { # runs in a mount namespace of its own, so that no mount outlives it
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    rm -f "$root/etc/apt/sources.list" # debootstrap's; the machine's own sources stand in for it
    for path in $passed; do show "$path"; done
    for path in $certificates; do
        [ ! -e "$path" ] || { mkdir -p "$root$(dirname -- "$path")" && cp -RL -- "$path" "$root$path"; }
    done
    # pip may be told of folders of this machine as well.
    for path in $(python3 -m pip config list 2>/dev/null | grep -oE "file://[^' ]*|find-links='[^']*" | sed -E "s#^file://##; s#^find-links='##"); do
        show "${path%/simple}"
    done
    ! chroot "$root" python3 -c 'import ensurepip, pip' 2>/dev/null || fail "the machine is not as bare as it should be"
    timed "make setup" make setup
    timed "make setup, again" make setup
    timed "watching the clip" ./sightline watch /srv/clip.mp4 ${gallery:+--gallery /srv/gallery}
    timed "the demo until its guest is on record" sh -c "$demo"
}

# make demo, until the guest who is enrolled has been seen and recorded; then Ctrl-C.
demo='make demo >/run/demo.log 2>&1 & make=$!
found=
for second in $(seq 120); do
    sleep 1
    SIGHTLINE_DATA_DIR=$HOME/.local/share/sightline/demo ./sightline sightings list --known --json 2>/dev/null |
        grep -q "Grace Hopper" && found=yes && break
done
cat /run/demo.log
kill -TERM $(pgrep -f "sightline demo" || python3 -c "
import os
for one in filter(str.isdigit, os.listdir(\"/proc\")):
    words = open(f\"/proc/{one}/cmdline\", \"rb\").read().split(b\"\\0\")
    if b\"demo\" in words and b\"sightline\" in words: print(one)")
wait $make || :
[ -n "$found" ]'

if [ "${1:-}" = --inside ]; then
    root=$2 gallery=$3
    inside
    exit
fi

[ $# -ge 1 ] && [ -f "$1" ] || fail "name a clip: scripts/try-fresh-machine.sh CLIP [GALLERY]"
[ "$(id -u)" -eq 0 ] || fail "only root may make a machine by debootstrap"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" 'Created-By: Packages' | head -n 1)
[ -n "$mirror" ] || fail "apt knows no mirror of $suite; set SUITE to a release in this machine's sources"

root=$(mktemp -d "${WORK:-/var/tmp}/fresh-machine.XXXXXX")
chmod 755 "$root"
[ -n "${KEEP:-}" ] || trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM
echo "try-fresh-machine: making a $suite with python3 and make in $root" >&2
debootstrap --variant=minbase --include=python3,make "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
    fail "debootstrap failed, see $root.log"
rm -f "$root.log"
mkdir -p "$root/srv/sightline" "$root/srv/gallery"
git -C "$checkout" archive HEAD | tar -x -C "$root/srv/sightline"
cp -- "$1" "$root/srv/clip.mp4"
[ -z "${2:-}" ] || cp -rL -- "$2/." "$root/srv/gallery"
unshare --mount sh "$self" --inside "$root" "${2:-}"
