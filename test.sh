#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test project and every walkthrough, and ends with "N passed, N failed".
# ./test.sh [--fast]   --fast: only the test projects, no walkthroughs
set -uo pipefail
cd "$(dirname "$0")"
fast=${1:-}
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
dnsmasq dnsmasq-base
curl curl
socat socat
script bsdutils
openssl openssl
dropbear dropbear-bin
ssh openssh-client
ps procps
chromium chromium
sudo sudo
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

project() { # one test project; its log is shown only when something failed, and names the tests that ran long
  bounded "$1" 1200 "artifacts/bin/$1/debug/$1" -noColor -longRunning 120
  echo "$1 ended"
}

bounded() { # bounded NAME SECONDS COMMAND...: leaves the log and the exit code of a command, which is ended when it hangs
  local name=$1 watcher; watch "$1" "$2" & watcher=$!
  shift 2
  (
    echo "$BASHPID" >"$results/$name.pid"
    "$@"
  ) >"$results/$name.log" 2>&1
  echo $? >"$results/$name.rc"
  kill "$watcher" 2>/dev/null
}

watch() { # its log tells what ran then; Ctrl-C makes xunit say which tests had not ended
  read -rt "$2" <> <(:)
  trap '' TERM # from here on to its end
  local root all; root=$(cat "$results/$1.pid"); all=$(tree "$root")
  { ps --forest -o pid,stat,wchan:24,etime,args -p "$(tr '\n' , <<<"$all" | sed 's/,*$//')"; echo "not ok - $1 hung, and was ended"; } | cut -c1-200 >>"$results/$1.log"
  pkill -INT -P "$root"; kill -INT "$root"
  read -rt 30 <> <(:)
  kill -KILL $all 2>/dev/null
}

tree() { # a process and all below it
  local child
  echo "$1"
  for child in $(pgrep -P "$1"); do tree "$child"; done
}
export -f project bounded watch tree; export results

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

run_walk() { bounded "$1" 900 "${@:2}"; } # run_walk NAME COMMAND...

count_walk() { # the "ok" and "not ok" lines of a walkthrough; one that died, or said nothing, has failed
  local name=$1 log=$results/$1.log good bad
  good=$(grep -c '^ok - ' "$log"); bad=$(grep -c '^not ok - ' "$log")
  [ "$(cat "$results/$name.rc")" = 0 ] || [ "$bad" -gt 0 ] || bad=1
  [ "$((good + bad))" -gt 0 ] || bad=1
  passed=$((passed + good)); failed=$((failed + bad))
  echo "$name: $good passed, $bad failed"
  [ "$bad" = 0 ] || tail -n 200 "$log"
}

walk() { run_walk "$@"; count_walk "$1"; }

# apart COMMAND: on a PC of its own (network, processes, mounts) whose default route leads nowhere, so that two clusters do not meet.
apart() {
  unshare --net --pid --mount --uts --ipc --fork --mount-proc --propagation private bash -c '
    ip link set lo up; ip link add up0 type veth peer name up1; ip link set up0 up; ip link set up1 up
    ip addr add 10.255.250.2/24 dev up0; ip route add default via 10.255.250.1 dev up0
    exec bash -c "$1"' apart "$1"
}

side_by_side() { # side_by_side NAME COMMAND NAME COMMAND...: walks mostly wait. The first runs apart
  set -m # else the one behind would not hear Ctrl-C, which some walks send
  run_walk "$1" apart "$2" &
  local one=$!
  set +m
  run_walk "$3" "${@:4}"
  wait "$one"
  count_walk "$1"; count_walk "$3"
}

check() { # check NAME COMMAND...: one test that is a command
  local name=$1; shift
  if "$@" >"$results/check.log" 2>&1; then passed=$((passed + 1)); echo "$name: 1 passed, 0 failed"; else failed=$((failed + 1)); echo "$name: 0 passed, 1 failed"; tail -n 60 "$results/check.log"; fi
}

rm -rf "$results" && mkdir -p "$results"
install || { echo "the packages that the tests need could not be installed" >&2; exit 1; }
say "build"
dotnet build Kobune.slnx -p:Analyze=true -v q -clp:NoSummary || { echo "the build failed" >&2; exit 1; }
say "test projects"
projects=$(ls tests/*/*.csproj samples/*/*.Tests/*.csproj | xargs -n1 basename -s .csproj)
printf '%s\n' $projects | xargs -P 2 -I{} bash -c 'project {}'
for name in $projects; do count_project "$name"; done
say "format" # style and analyzers are part of the build
check format dotnet format whitespace Kobune.slnx --verify-no-changes --no-restore -v q

if [ "$fast" != --fast ]; then
  set -m; nice tests/clients/go/build.sh artifacts/client-go/driver >"$results/client-go-build.log" 2>&1 & driver=$!; set +m # downloaded and compiled while walks wait
  say "publish"
  check publish ./kobune version
  say "walkthroughs"
  walks=tests/walkthroughs
  walk hello $walks/hello.sh
  say "the same with kubectl 1.20 and two nodes; faults"
  if old=$(old_kubectl); then side_by_side hello-kubectl-1.20 "KUBECTL=$old NODES=2 PROFILE=walk2 $walks/hello.sh" faults $walks/faults.sh; else echo "kubectl 1.20 cannot be had: its walk is left out"; walk faults $walks/faults.sh; fi
  say "network on one node and on two"
  side_by_side network $walks/network.sh network-two-nodes apart "NODES=2 PROFILE=walknet2 $walks/network.sh"
  say "dual stack"
  walk dualstack apart $walks/dualstack.sh
  say "services, commands"
  side_by_side services $walks/services.sh commands apart $walks/commands.sh
  say "apply and custom resources, pods"
  side_by_side apply $walks/apply.sh pods apart $walks/pods.sh
  say "streams, with kubectl 1.20 too"
  if [ -n "$old" ]; then side_by_side streams $walks/streams.sh streams-kubectl-1.20 apart "KUBECTL=$old PROFILE=streams20 $walks/streams.sh"; else walk streams $walks/streams.sh; fi
  say "storage, ingress"
  side_by_side storage $walks/storage.sh ingress apart $walks/ingress.sh
  say "metrics, kobune path"
  side_by_side metrics "OLD_KUBECTL=$old $walks/metrics.sh" path apart $walks/path.sh
  say "images, the released archive"
  side_by_side images $walks/images.sh released $walks/released.sh
  say "outputs, helm"
  side_by_side outputs $walks/outputs.sh helm $walks/helm.sh
  say "a browser, what conformance asks since 1.20"
  side_by_side browser $walks/browser.sh newer $walks/newer.sh
  say "Kobune.Testing from its package, test-server"
  walk testing $walks/testing.sh
  say "a normal user, client-go"
  wait "$driver"
  side_by_side normaluser $walks/normaluser.sh client-go $walks/client-go.sh
fi
say "done"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
