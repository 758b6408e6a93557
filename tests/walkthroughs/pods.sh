#!/usr/bin/env bash
# Rows D2 D3 D7 E2 F1: what a pod may ask of its node, on a real kubelet with real containers. One cluster, all pods at once, then a look at each.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-pods}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
k() { "$KUBECTL" "$@"; }
node() { "$KOBUNE" ssh -- "$@"; }

finish() {
  [ -n "${KEEP:-}" ] && return
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,events -o wide 2>&1 | tail -n 60 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 60 | sed 's/^/    # /'
}

# Asking a pod's field: field POD JSONPATH
field() { k get pod "$1" -o jsonpath="{$2}"; }
# is NAME POD JSONPATH PATTERN: waits until the field matches.
matches() { OUT=$(field "$1" "$2"); grep -Eq -- "$3" <<<"$OUT" || { echo "$1 $2 is: $OUT"; return 1; }; }
is() { step "$1" within 40 matches "$2" "$3" "$4"; }
# event NAME POD REASON [MESSAGE]: waits for an Event of the pod.
has_event() { k get events --field-selector "involvedObject.name=$1,reason=$2" -o jsonpath='{range .items[*]}{.type} {.message}{"\n"}{end}' | grep -E -- "${3:-.}" || { k get events --field-selector "involvedObject.name=$1"; return 1; }; }
event() { step "$1" within 30 has_event "$2" "$3" "${4:-.}"; }
# says NAME POD PATTERN...: each pattern is a line of the pod's log.
logged() { k logs "$1" | grep -Eq -- "$2" || { echo "no line matches: $2"; k logs "$1"; return 1; }; }
says() { local name=$1 pod=$2; shift 2; local p; for p in "$@"; do step "$name: $p" within 15 logged "$pod" "$p"; done; }
in_pod() { local pod=$1; shift; k exec "$pod" -- /bin/sh -c "$*"; }

need "start" "$KOBUNE" start
need "the sample image" "$KOBUNE" image build -t registry.k8s.io/echoserver:1.10 samples/echoserver
node_name=$(k get nodes -o jsonpath='{.items[0].metadata.name}')
node mkdir -p /srv/dir
node touch /srv/file
sed "s/NODE/$node_name/" tests/walkthroughs/pods.yaml > "$work/pods.yaml"
need "all pods are taken" k apply -f "$work/pods.yaml"

# Init containers, in order, before the container; a sidecar among them.
need "init: the pod becomes Ready" k wait --for=condition=Ready pod/init --timeout=60s
step "init: they ran one after the other, the sidecar before the second" in_pod init 'cat /work/order' && expect "init: first" "^first$" && expect "init: second saw the sidecar" "^second after sidecar$" && expect "init: main last" "^main$"
is "init: the sidecar runs on" init ".status.initContainerStatuses[?(@.name=='side')].state.running.startedAt" "."
is "init: Initialized" init ".status.conditions[?(@.type=='Initialized')].status" "^True$"
is "init: the first has Completed" init ".status.initContainerStatuses[0].state.terminated.reason" "^Completed$"
is "init: a failed one ends a pod that never restarts" init-fails .status.phase "^Failed$"
is "init: its container never ran" init-fails ".status.containerStatuses[0].state.waiting.reason" "^PodInitializing$"

# Environment, commands, downward API.
says "env" env '^greeting=hello world!$' '^argument=hello world literal=\$\(NAME\) unknown=\$\(NOPE\)$' '^pod=env default$' '^ip=10\.244\.[0-9]+\.[0-9]+$' "^node=$node_name\$" \
  '^label=blue$' '^note=a note$' '^limit=48$' '^cpu=200$' '^request=32$' '^map=from the map$' '^optional=$' '^secret=s3cr3t$' '^P_color=green$' '^account=default$'

# Limits hold.
is "limits: too much memory is OOMKilled" oom ".status.containerStatuses[0].state.terminated.reason" "^OOMKilled$"
is "limits: with 137" oom ".status.containerStatuses[0].state.terminated.exitCode" "^137$"
is "limits: the pod Failed" oom .status.phase "^Failed$"
step "limits: cgroup of cpu and memory" in_pod env 'cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us' && expect "limits: 200m is a quota of 20 ms" "^20000"
is "limits: QoS class" env .status.qosClass "^Burstable$"

# Security context.
says "security" secure '^uid=1000 gid=3000' 'groups=.*2000' '^rootfs is read-only$' '^CapEff:.*0000000000000000$' '^CapBnd:.*0000000000000400$' '^NoNewPrivs:.*1$' '^volume 2000$' '^Seccomp:.*2$'
is "security: runAsNonRoot refuses root" nonroot ".status.containerStatuses[0].state.waiting.reason" "^CreateContainerConfigError$"
is "security: and says why" nonroot ".status.containerStatuses[0].state.waiting.message" "container has runAsNonRoot and image will run as root"

# Volumes.
need "volumes: the pod becomes Ready" k wait --for=condition=Ready pod/volumes --timeout=60s
step "volumes: emptyDir is shared and open to all" in_pod volumes 'stat -c %a /empty; mount' && expect "volumes: mode" "^777$" && expect "volumes: medium Memory is tmpfs of its size" "^tmpfs on /memory type tmpfs .*size=8192k" && expect "volumes: secrets are in memory" "^tmpfs on /secret type tmpfs"
step "volumes: configMap" in_pod volumes 'cat /map/key; echo; stat -L -c %a /map/key; cat /map-items/path/to; echo; stat -L -c %a /map-items/path/to' && expect "volumes: content" "^one$" && expect "volumes: mode 644" "^644$" && expect "volumes: item's own mode" "^400$"
step "volumes: a key as a file by subPath" in_pod volumes 'cat /etc/one' && expect "volumes: its content" "^one$"
step "volumes: secret" in_pod volumes 'cat /secret/password; echo; stat -L -c %a /secret/password' && expect "volumes: decoded" "^s3cr3t$" && expect "volumes: defaultMode" "^440$"
step "volumes: projected" in_pod volumes 'ls /all; cut -d. -f2 /all/token; cat /all/labels' && expect "volumes: token, map, labels" "^key$" && expect "volumes: labels" '^color="blue"$'
step "volumes: the token has its audience" in_pod volumes 'cut -d. -f2 /all/token | tr _- /+ | { read t; while [ $((${#t} % 4)) != 0 ]; do t=$t=; done; echo $t | base64 -d; }' && expect "volumes: vault" '"aud":\["vault"\]'
step "volumes: upstream's layout on the node" node "ls -d /var/lib/kubelet/pods/$(field volumes .metadata.uid)/volumes/*" && expect "volumes: emptyDir's folder" "kubernetes.io~empty-dir$" && expect "volumes: projected's folder" "kubernetes.io~projected$"
step "volumes: hostPath made the folder and the file" node 'stat -c "%F %a" /srv/made /srv/made-file' && expect "volumes: folder 755" "^directory 755$" && expect "volumes: file 644" "^regular empty file 644$"
for type in Directory File Socket CharDevice; do event "volumes: hostPath $type that is none fails" "host-${type,,}" FailedMount "hostPath type check failed: /srv/nothing is not a"; done
event "volumes: a missing configMap" missing-map FailedMount 'MountVolume.SetUp failed for volume "m" : configmap "nothing" not found'
k create configmap data --from-literal=key=two --from-literal=other=new --dry-run=client -o yaml | k replace -f - >/dev/null
k label pod volumes color=red --overwrite >/dev/null; k annotate pod volumes note=fresh --overwrite >/dev/null
updated() { in_pod volumes 'cat /map/key /map/other /all/key /downward/labels /downward/note' | tr '\n' ' ' | tee /dev/stderr | grep -q 'twonewtwocolor="red" *fresh'; }
step "volumes: a changed configMap and changed labels arrive" within 30 updated
step "volumes: a subPath keeps what it was" in_pod volumes 'cat /etc/one' && expect "volumes: still one" "^one$"
k create configmap nothing --from-literal=a=b >/dev/null

# Probes.
is "probes: a failing liveness probe restarts" liveness ".status.containerStatuses[0].restartCount" "^[1-9]"
event "probes: Unhealthy" liveness Unhealthy "Warning Liveness probe failed: "
event "probes: Killing" liveness Killing "Container c failed liveness probe, will be restarted"
step "probes: a good http probe makes it Ready" k wait --for=condition=Ready pod/ready --timeout=40s
endpoints() { k get endpointslices -l kubernetes.io/service-name=probed -o jsonpath="{range .items[*].endpoints[*]}{.conditions.ready}{'\n'}{end}" | grep -qx "$1"; }
step "probes: it is in the Service" within 20 endpoints true
in_pod ready 'rm /tmp/ok' >/dev/null
event "probes: not Ready is told" ready Unhealthy "Readiness probe failed: HTTP probe failed with statuscode: 500|Readiness probe failed"
step "probes: and it leaves the Service" within 20 endpoints false
is "probes: Ready False says why" ready ".status.conditions[?(@.type=='Ready')].reason" "^ContainersNotReady$"
in_pod ready 'touch /tmp/ok' >/dev/null
step "probes: it comes back" within 20 endpoints true
is "probes: a startup probe holds the others until it passes" startup ".status.containerStatuses[0].started" "^true$"
is "probes: no restart meanwhile" startup ".status.containerStatuses[0].restartCount" "^0$"
event "probes: it was Unhealthy before" startup Unhealthy "Startup probe failed: dial tcp .*connect: connection refused"

# Restart policies and crash loops.
is "restart Never with 3: Failed" never-3 .status.phase "^Failed$"
is "restart Never: the code" never-3 ".status.containerStatuses[0].state.terminated.exitCode" "^3$"
is "restart Never: reason Error" never-3 ".status.containerStatuses[0].state.terminated.reason" "^Error$"
is "restart Never: the message of the container" never-3 ".status.containerStatuses[0].state.terminated.message" "^last words$"
is "restart Never: the last lines of the log, where asked for" fallback ".status.containerStatuses[0].state.terminated.message" "^only in the log"
is "restart OnFailure with 0: Succeeded" onfailure-0 .status.phase "^Succeeded$"
is "restart OnFailure with 1 restarts until it passes" onfailure-1 .status.phase "^Succeeded$"
is "restart OnFailure: after one restart" onfailure-1 ".status.containerStatuses[0].restartCount" "^1$"
is "crash: CrashLoopBackOff" crash ".status.containerStatuses[0].state.waiting.reason" "^CrashLoopBackOff$"
is "crash: the pause is told" crash ".status.containerStatuses[0].state.waiting.message" "^back-off [0-9ms]+ restarting failed container=c pod=crash_default\("
is "crash: the last state stays" crash ".status.containerStatuses[0].lastState.terminated.exitCode" "^1$"
is "crash: the phase stays Running" crash .status.phase "^Running$"
event "crash: BackOff" crash BackOff "Warning Back-off restarting failed container c in pod crash_default\("

# Conditions and Events of a plain pod.
for condition in PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled; do is "conditions: $condition" volumes ".status.conditions[?(@.type=='$condition')].status" "^True$"; done
event "events: Scheduled" volumes Scheduled "Successfully assigned default/volumes to "
event "events: Pulled" volumes Pulled 'Container image "registry.k8s.io/echoserver:1.10" already present on machine'
event "events: Created" volumes Created "Container created|Created container"
event "events: Started" volumes Started "Container started|Started container"
step "the node has a lease" k -n kube-node-lease get lease "$node_name" -o jsonpath='{.spec.holderIdentity} {.spec.leaseDurationSeconds}' && expect "held by itself for 40 s" "^$node_name 40$"

# Images.
is "image: missing, IfNotPresent: ErrImagePull, then ImagePullBackOff" pull-missing ".status.containerStatuses[0].state.waiting.reason" "^(ErrImagePull|ImagePullBackOff)$"
is "image: the back-off comes" pull-missing ".status.containerStatuses[0].state.waiting.reason" "^ImagePullBackOff$"
event "image: Failed" pull-missing Failed 'Failed to pull image "127.0.0.1:1/nothing:1"'
event "image: BackOff" pull-missing BackOff 'Back-off pulling image "127.0.0.1:1/nothing:1"'
is "image: missing, Never: ErrImageNeverPull" pull-never ".status.containerStatuses[0].state.waiting.reason" "^ErrImageNeverPull$"
is "image: a name that is none" pull-badname ".status.containerStatuses[0].state.waiting.reason" "^InvalidImageName$"

# The kubelet's own admission.
is "admission: too much CPU is OutOfcpu" admit-cpu .status.reason "^OutOfcpu$"
is "admission: the pod Failed" admit-cpu .status.phase "^Failed$"
is "admission: and says what" admit-cpu .status.message "Node didn't have enough resource: cpu, requested: 1000000, used: [0-9]+, capacity: [0-9]+"
is "admission: another node's selector is NodeAffinity" admit-selector .status.reason "^NodeAffinity$"

# The end of a pod.
need "end: the pod runs" k wait --for=condition=Ready pod/graceful pod/stubborn --timeout=40s
need "end: delete the graceful one" k delete pod graceful --timeout=20s
step "end: preStop, then SIGTERM, in this order" node cat /srv/made/graceful && expect "end: the hook" "^preStop$" && expect "end: the signal" "^TERM$"
step "end: the hook came first" node 'test "$(head -1 /srv/made/graceful)" = preStop'
event "end: Killing" graceful Killing "Stopping container c"
before=$SECONDS
need "end: delete one that ignores SIGTERM" k delete pod stubborn --timeout=30s
step "end: its grace of 2 s was given, and no more" test $((SECONDS - before)) -ge 2 -a $((SECONDS - before)) -lt 20
is "end: exit code of SIGKILL is kept where the pod stays" killed ".status.containerStatuses[0].state.terminated.exitCode" "^137$"

# Static pods.
node mkdir -p /etc/kubernetes/manifests
sed -n '/^# static$/,$p' tests/walkthroughs/pods.yaml | "$KOBUNE" ssh -- 'cat > /etc/kubernetes/manifests/still.yaml'
static=still-$node_name
static_up() { k wait --for=condition=Ready "pod/$static" --timeout=10s; }
step "static: the mirror becomes Ready" within 30 static_up
is "static: it is owned by the node" "$static" ".metadata.ownerReferences[0].kind" "^Node$"
is "static: and says where it is from" "$static" ".metadata.annotations.kubernetes\.io/config\.source" "^file$"
k delete pod "$static" --wait=false >/dev/null
step "static: a deleted mirror comes back" within 30 static_up
node rm /etc/kubernetes/manifests/still.yaml
static_gone() { ! k get pod "$static" 2>/dev/null; }
step "static: without its file it goes" within 40 static_gone

# Killed daemons.
survivors="init volumes ready"
ids() { local p; for p in $survivors; do field "$p" ".status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount"; echo; done; }
ids > "$work/before"
node pkill -9 -x containerd
step "containerd killed: exec works again" within 30 in_pod volumes true
step "containerd killed: a new pod runs" k run after-containerd --image=registry.k8s.io/echoserver:1.10 --restart=Never --command -- sleep 600 && step "it is Ready" k wait --for=condition=Ready pod/after-containerd --timeout=40s
node pkill -9 -f "'kobune node'"
step "node process killed: the API is back" within 20 k get --raw /readyz
step "node process killed: exec works again" within 30 in_pod volumes true
step "node process killed: a new pod runs" within 20 k run after-node --image=registry.k8s.io/echoserver:1.10 --restart=Never --command -- sleep 600 && step "it is Ready" k wait --for=condition=Ready pod/after-node --timeout=40s
ids > "$work/after"
step "the containers were not touched" diff "$work/before" "$work/after"
echo "# $SECONDS s"
