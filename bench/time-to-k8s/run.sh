#!/usr/bin/env bash
# bench/time-to-k8s/run.sh [rounds]: from nothing to a first app with DNS, in phases, then memory and idle CPU of Kobune's own processes.
# Budgets of now: 5 s in total, 250 MiB with containerd, 1 % of a core idle. Memory and CPU are those of a node with 10 pods that have an HTTP probe every 10 s,
# SETTLE seconds (120; DESIGN.md's figure is after 600) after they became ready, CPU over IDLE seconds (60).
set -uo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}; idle=${IDLE:-60}; settle=${SETTLE:-120}
KOBUNE=${KOBUNE:-./kobune}; export KUBECTL=${KUBECTL:-kubectl}
work=$(mktemp -d); export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=bench
image=registry.k8s.io/echoserver:1.10
trap '"$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work"' EXIT

now() { local t=${EPOCHREALTIME/[.,]/}; echo $((t / 1000)); }
until_ok() { # until_ok SECONDS COMMAND...
  local end=$(( $(now) + $1 * 1000 )); shift
  until "$@" >/dev/null 2>&1; do [ "$(now)" -lt "$end" ] || { echo "timed out: $*" >&2; return 1; }; sleep 0.02; done
}
phase() { local t; t=$(now); printf '  %-22s %6d ms\n' "$1" $((t - last)); last=$t; }

"$KOBUNE" version >/dev/null || exit 1 # publishes when sources are newer; not part of the time
[ "$KOBUNE" != ./kobune ] || KOBUNE=artifacts/publish/kobune/kobune # a source that changes meanwhile must not be built in between, nor keep the cluster from being deleted
echo "preparing the image"
"$KOBUNE" start >/dev/null 2>&1 && "$KOBUNE" image build -t $image samples/echoserver >/dev/null 2>&1
"$KOBUNE" ssh -- ctr -n k8s.io images export - $image > "$work/image.tar" 2>/dev/null
"$KOBUNE" delete >/dev/null 2>&1

round() {
  local start; start=$(now); last=$start
  "$KOBUNE" start > "$work/start.log" 2>&1 || { cat "$work/start.log"; return 1; }; phase "command ends" # alone: a kubectl that asks again and again takes one of two processors
  until_ok 60 "$KUBECTL" get --raw /readyz; phase "API answering"
  until_ok 60 "$KUBECTL" get service kubernetes; phase "kubernetes Service"
  until_ok 60 "$KUBECTL" -n kube-system get service kube-dns; phase "DNS Service"
  "$KOBUNE" image load "$work/image.tar" >/dev/null 2>&1; phase "image loaded"
  "$KUBECTL" create deployment app --image=$image >/dev/null
  "$KUBECTL" rollout status deployment/app --timeout=60s >/dev/null; phase "app running"
  until_ok 60 "$KUBECTL" exec deployment/app -- /bin/busybox nslookup kubernetes.default.svc.cluster.local; phase "DNS answering"
  printf '  %-22s %6d ms\n' "in total" $((last - start))
}

# Those of this cluster: each has the profile's cgroup, or the node's file system.
ours() { local p; for p in $(pgrep -f 'kobune (node|init)|supervisor\.sh|containerd( |$)'); do grep -q "$KOBUNE_PROFILE" "/proc/$p/cgroup" "/proc/$p/mountinfo" 2>/dev/null && echo "$p"; done; }
of_kind() { case $(tr '\0' ' ' < "/proc/$1/cmdline" 2>/dev/null) in containerd*) echo containerd ;; *) echo Kobune ;; esac; }
used() { # jiffies of the processes of a kind (their ended threads included)
  local s=0 p; for p in $(ours); do [ "$(of_kind "$p")" = "$1" ] && s=$((s + $(awk '{print $14 + $15}' "/proc/$p/stat" 2>/dev/null || echo 0))); done; echo "$s"
}
for i in $(seq "$rounds"); do
  echo "round $i"; round || exit 1
  [ "$i" = "$rounds" ] || "$KOBUNE" delete >/dev/null 2>&1
done

"$KUBECTL" delete deployment app >/dev/null
"$KUBECTL" apply -f - >/dev/null <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: idle}
spec:
  replicas: 10
  selector: {matchLabels: {app: idle}}
  template:
    metadata: {labels: {app: idle}}
    spec: {containers: [{name: c, image: "$image", readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 10}}]}
Y
"$KUBECTL" rollout status deployment/idle --timeout=120s >/dev/null || exit 1
sleep "$settle"
echo "resident memory with 10 pods"
for p in $(ours); do printf '  %8d KiB  %s\n' "$(awk '/^VmRSS/ {print $2}' "/proc/$p/status")" "$(tr '\0' ' ' < "/proc/$p/cmdline" | cut -c1-80)"; done
kobune=$(used Kobune) containerd=$(used containerd); sleep "$idle"
share() { awk -v n="$1" -v s="$idle" -v hz="$(getconf CLK_TCK)" 'BEGIN {printf "%.2f %%", 100 * n / s / hz}'; }
echo "idle CPU over $idle s, of a core: Kobune $(share $(($(used Kobune) - kobune))), containerd $(share $(($(used containerd) - containerd)))"
