#!/usr/bin/env bash
# build.sh FOLDER: builds upstream's own server of custom resources (k8s.io/apiextensions-apiserver, as Debian unstable packs its source) with Debian's Go, and takes the definitions
# that its tests validate. Nothing is installed; sources, programs and definitions stay outside the tree. About 320 MB to load, 5 minutes the first time.
set -uo pipefail
cache=$1
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$cache/apiextensions-apiserver" ] && [ -x "$cache/etcd" ] && [ -s "$cache/definitions.jsonl" ] && exit 0
mkdir -p "$cache"/{parts,lists/partial,archives/partial,debs,root}
uri=$(grep -hE '^URIs:' /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '{print $2; exit}')
[ -n "$uri" ] || uri=$(grep -hE '^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk '{for (i = 2; i <= NF; i++) if ($i ~ /^http/) {print $i; exit}}')
[ -n "$uri" ] || { echo "no Debian mirror is configured" >&2; exit 1; }
printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$uri" >"$cache/parts/debian.sources"
apt=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$cache/parts" -o "Dir::State::Lists=$cache/lists" -o "Dir::Cache=$cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User=root)
apt-get "${apt[@]}" update -qq || exit 1
go=$(apt-cache "${apt[@]}" depends golang-go | awk '/Depends: golang-1/ {print $2; exit}')
packages=$(apt-get "${apt[@]}" install --print-uris -y --no-install-recommends golang-k8s-apiextensions-apiserver-dev "$go" | awk '/^\x27/ {print $2}' | grep '^golang' | sed 's/_.*//')
(cd "$cache/debs" && apt-get "${apt[@]}" download -qq $packages etcd-server) || exit 1
for package in "$cache"/debs/*.deb; do dpkg -x "$package" "$cache/root" || exit 1; done
cp "$cache/root/usr/bin/etcd" "$cache/etcd"

export GOROOT=$cache/root/usr/lib/${go%-go} GOPATH=$cache/gopath GOCACHE=$cache/gocache GO111MODULE=off GOFLAGS='' GOTOOLCHAIN=local CGO_ENABLED=0
GOROOT=${GOROOT/golang-/go-}
export PATH=$GOROOT/bin:$PATH
mkdir -p "$GOPATH" && ln -sfn "$cache/root/usr/share/gocode/src" "$GOPATH/src"
cd "$GOPATH/src/k8s.io/apiextensions-apiserver" || exit 1
go build -o "$cache/apiextensions-apiserver" . || exit 1

# The definitions: what the tests of its validation pass to it is written down on the way, without a change in the sources.
python3 "$here/overlay.py" "$(readlink -f pkg/apis/apiextensions/validation/validation.go)" "$PWD/pkg/apis/apiextensions/validation/validation.go" "$cache" || exit 1
rm -f "$cache/definitions.jsonl"
DEFINITIONS=$cache/definitions.jsonl go test -overlay "$cache/overlay.json" ./pkg/apis/apiextensions/validation/ >/dev/null || exit 1
