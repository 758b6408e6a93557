#!/usr/bin/env bash
# build.sh OUTPUT: builds main.go with client-go of Debian sid, unpacked beside the system, never installed into it. Exit code 3: the packages cannot be had.
set -uo pipefail
output=$(realpath -m "$1") # before the next line: it is relative to where the caller stands
cd "$(dirname "$0")"
cache=$(realpath -m ../../../artifacts/client-go)
[ "$output" -nt main.go ] && [ -x "$output" ] && exit 0
mkdir -p "$cache"/{parts,lists/partial,archives/partial,debs,root,src} "$(dirname "$output")"

uri=$(grep -hE '^URIs:' /etc/apt/sources.list.d/*.sources 2>/dev/null | awk '{print $2; exit}')
[ -n "$uri" ] || uri=$(grep -hE '^deb ' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | awk '{for (i = 2; i <= NF; i++) if ($i ~ /^http/) {print $i; exit}}')
[ -n "$uri" ] || { echo "no Debian mirror is configured"; exit 3; }
printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' "$uri" > "$cache/parts/sid.sources"
apt=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$cache/parts" -o "Dir::State::Lists=$cache/lists" -o "Dir::Cache=$cache" -o Dir::State::status=/dev/null)

if [ ! -x "$cache/root/go" ]; then
  apt-get "${apt[@]}" update -qq || { echo "Debian sid cannot be reached"; exit 3; }
  go=$(apt-cache "${apt[@]}" depends golang-go | grep -oE 'golang-[0-9.]+-go' | head -1)
  libraries=$(apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances golang-k8s-client-go-dev | grep -E '^golang-[a-z0-9.-]+-dev$' | sort -u)
  (cd "$cache/debs" && apt-get "${apt[@]}" download -qq $libraries "$go" "${go%-go}-src") || { echo "client-go cannot be downloaded"; exit 3; }
  for package in "$cache"/debs/*.deb; do dpkg -x "$package" "$cache/root" || exit 3; done
  rm -rf "$cache/debs"
  ln -sfn "$(echo "$cache"/root/usr/lib/go-*/bin/go)" "$cache/root/go"
fi

rm -rf "$cache/gopath"; mkdir -p "$cache/gopath"; ln -s "$cache/root/usr/share/gocode/src" "$cache/gopath/src"
tool=$(readlink -f "$cache/root/go")
GOROOT=$(dirname "$(dirname "$tool")") GO111MODULE=off GOPATH=$cache/gopath GOCACHE=$cache/build GOFLAGS= GOTOOLCHAIN=local "$tool" build -o "$output" main.go
