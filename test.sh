#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test project and every walkthrough, and ends with "N passed, N failed".
# ./test.sh [--fast]   --fast: only the test projects, no walkthroughs
set -uo pipefail
cd "$(dirname "$0")"
fast=${1:-}
configuration=debug
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C.UTF-8
results=artifacts/test-results
passed=0 failed=0

say() { printf '== %s (%d s)\n' "$1" "$SECONDS"; }

# What the tests drive, beside what ./kobune installs itself.
install() {
  local missing=()
  while read -r program package; do
    command -v "$program" >/dev/null || missing+=("$package")
  done <<'P'
containerd containerd
runc runc
nft nftables
ip iproute2
conntrack conntrack
buildah buildah
docker-registry docker-registry
busybox busybox-static
catatonit catatonit
dig dnsutils
curl curl
socat socat
script bsdutils
openssl openssl
dropbear dropbear-bin
ssh openssh-client
ps procps
P
  [ -d /usr/lib/cni ] || missing+=(containernetworking-plugins)
  file -L "$(command -v busybox)" 2>/dev/null | grep -q 'dynamically linked' && missing+=(busybox-static)
  [ ${#missing[@]} = 0 ] && return
  echo "installing: ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# kubectl 1.20 of Debian's kubernetes-client, unpacked beside the system: another kubectl may own the path.
old_kubectl() {
  local folder=$PWD/artifacts/kubectl-1.20
  if [ ! -x "$folder/usr/bin/kubectl" ]; then
    mkdir -p "$folder" && (cd "$folder" && apt-get download -qq kubernetes-client 2>/dev/null && dpkg -x kubernetes-client_*.deb . && rm -f ./*.deb) || return 1
  fi
  echo "$folder/usr/bin/kubectl"
}

project() { # one test project; its log is shown only when something failed
  "artifacts/bin/$1/$configuration/$1" -noColor >"$results/$1.log" 2>&1
  echo $? >"$results/$1.rc"
}
export -f project; export results configuration

count_project() {
  local log=$results/$1.log summary total errors bad skipped
  summary=$(grep -E "Total: [0-9]+" "$log" | tail -1)
  total=$(sed -nE 's/.*Total: ([0-9]+).*/\1/p' <<<"$summary"); errors=$(sed -nE 's/.*Errors: ([0-9]+).*/\1/p' <<<"$summary")
  bad=$(sed -nE 's/.*Failed: ([0-9]+).*/\1/p' <<<"$summary"); skipped=$(sed -nE 's/.*Skipped: ([0-9]+).*/\1/p' <<<"$summary")
  if [ -z "$total" ] || { [ "$(cat "$results/$1.rc")" != 0 ] && [ "$((${bad:-0} + ${errors:-0}))" = 0 ]; }; then
    total=1 bad=1 errors=0 skipped=0 # the runner itself died, or there was no test
  fi
  bad=$((bad + errors)); passed=$((passed + total - bad - skipped)); failed=$((failed + bad))
  echo "$1: $((total - bad - skipped)) passed, $bad failed"
  [ "$bad" = 0 ] || grep -vE '^\s*$' "$log" | tail -n 150
}

walk() { # walk NAME COMMAND...: counts the "ok" and "not ok" lines of a walkthrough
  local name=$1 log=$results/$1.log rc good bad; shift
  "$@" >"$log" 2>&1; rc=$?
  good=$(grep -c '^ok - ' "$log"); bad=$(grep -c '^not ok - ' "$log")
  [ "$rc" = 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$((good + bad))" -gt 0 ] || bad=1
  passed=$((passed + good)); failed=$((failed + bad))
  echo "$name: $good passed, $bad failed"
  [ "$bad" = 0 ] || tail -n 200 "$log"
}

check() { # check NAME COMMAND...: one test that is a command
  local name=$1; shift
  if "$@" >"$results/check.log" 2>&1; then passed=$((passed + 1)); echo "$name: 1 passed, 0 failed"; else failed=$((failed + 1)); echo "$name: 0 passed, 1 failed"; tail -n 60 "$results/check.log"; fi
}

rm -rf "$results" && mkdir -p "$results"
install || { echo "the packages that the tests need could not be installed" >&2; exit 1; }
say "build"
dotnet build Kobune.slnx -v q -clp:NoSummary || { echo "the build failed" >&2; exit 1; }
say "test projects"
projects=$(ls tests/*/*.csproj | xargs -n1 basename -s .csproj)
printf '%s\n' $projects | xargs -P 2 -I{} bash -c 'project {}'
for name in $projects; do count_project "$name"; done
say "format"
check format dotnet format Kobune.slnx --verify-no-changes --no-restore -v q

if [ "$fast" != --fast ]; then
  say "publish"
  check publish ./kobune version
  say "walkthroughs"
  walk hello tests/walkthroughs/hello.sh
  say "the same with kubectl 1.20 and two nodes"
  if old=$(old_kubectl); then KUBECTL=$old NODES=2 PROFILE=walk2 walk hello-kubectl-1.20 tests/walkthroughs/hello.sh; else echo "kubectl 1.20 cannot be had: its walk is left out"; fi
  say "faults"
  walk faults tests/walkthroughs/faults.sh
  say "network"
  walk network tests/walkthroughs/network.sh
  NODES=2 PROFILE=walknet2 walk network-two-nodes tests/walkthroughs/network.sh
  say "services"
  walk services tests/walkthroughs/services.sh
  say "commands"
  walk commands tests/walkthroughs/commands.sh
  say "apply and custom resources"
  walk apply tests/walkthroughs/apply.sh
  say "pods, streams, storage"
  walk pods tests/walkthroughs/pods.sh
  walk streams tests/walkthroughs/streams.sh
  [ -z "$old" ] || KUBECTL=$old PROFILE=streams20 walk streams-kubectl-1.20 tests/walkthroughs/streams.sh
  walk storage tests/walkthroughs/storage.sh
  say "metrics"
  OLD_KUBECTL=$old walk metrics tests/walkthroughs/metrics.sh
  say "images"
  walk images tests/walkthroughs/images.sh
  say "ingress"
  walk ingress tests/walkthroughs/ingress.sh
  say "the released archive"
  walk released tests/walkthroughs/released.sh
  say "client-go"
  walk client-go tests/walkthroughs/client-go.sh
  say "kobune path"
  walk path tests/walkthroughs/path.sh
fi
say "done"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
