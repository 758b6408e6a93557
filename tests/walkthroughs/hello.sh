#!/usr/bin/env bash
# Rows B1 B2 C5 D6 D13 E1 E2 E4 E5: the hello walk of the README, with real kubectl, from nothing to nothing.
# KOBUNE names the program, KUBECTL the kubectl, PROFILE the profile, NODES the number of nodes.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-walk}
NODES=${NODES:-1}
work=$(mktemp -d)
mkdir "$work/tmp"
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE TMPDIR=$work/tmp
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,events -A -o wide 2>&1 | tail -n 40 | sed 's/^/    # /'
  "$KOBUNE" logs -n 80 2>&1 | tail -n 80 | sed 's/^/    # /'
}

id=$(printf '%s\n%s' "$KOBUNE_HOME" "$PROFILE" | sha256sum | cut -c1-8) # names what this profile makes on the host
# What must be the same before and after: processes of ours, mounts, links, routes, nftables, cgroups.
footprint() {
  awk '{print $5}' /proc/self/mountinfo | sort
  ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | sort
  ip route show table all | sed 's/ metric.*//; /local\|broadcast\|multicast/d' | sort
  nft list tables 2>/dev/null | sort
  find /sys/fs/cgroup -maxdepth 4 -type d -path "*kobune/$id-*" 2>/dev/null | sort
  pgrep -af 'kobune|containerd' | grep -v "hello.sh\|dotnet\|pgrep\|walkthroughs" | awk '{$1=""; print}' | sort
}
footprint > "$work/before"

need "start brings up a cluster" "$KOBUNE" start --nodes "$NODES"
need "kubectl has the context" k config get-contexts
expect "the context is named after the profile" "^\*? +$PROFILE +$PROFILE +$PROFILE +default"
need "the context is current" k config current-context
expect "current-context prints the profile" "^$PROFILE$"
need "the node is Ready" k wait --for=condition=Ready node --all --timeout=60s
need "the sample image is built" "$KOBUNE" image build -t $image samples/echoserver
step "the image is listed" "$KOBUNE" image ls && expect "with its name" "echoserver:1.10"

need "create deployment" k create deployment hello --image=$image
need "expose it" k expose deployment hello --type=NodePort --port=8080
need "the deployment becomes available" k rollout status deployment/hello --timeout=90s
need "get pods" k get pods
expect "shows Running 1/1" "^hello-[a-z0-9]+-[a-z0-9]+ +1/1 +Running"
need "service --url" "$KOBUNE" service hello --url
URL=$(grep -Eo 'http://[0-9.]+:[0-9]+' <<<"$OUT" | head -1)
need "curl reaches the app" within 20 curl -sf --max-time 5 "$URL/some/path?a=b"
expect "the answer names the pod" "^Hostname: hello-"
expect "the answer shows the request" "^Request Information:"
expect "the answer shows the path" "/some/path"
expect "the answer shows the headers" "^Request Headers:"
step "curl posts a body" curl -sf --max-time 5 -d hello=world "$URL/" && expect "the body comes back" "hello=world"
step "the service table" "$KOBUNE" service hello && expect "has its four columns" "NAMESPACE.*NAME.*TARGET PORT.*URL" && expect "and the row" "default.*hello.*8080.*http://"
step "service list" "$KOBUNE" service list && expect "lists the service" "hello"

need "a second pod runs" k run client --image=$image --restart=Never --command -- /bin/busybox sleep 3600
need "it becomes Ready" k wait --for=condition=Ready pod/client --timeout=60s
for name in hello hello.default hello.default.svc.cluster.local; do
  step "the pod resolves $name" within 10 k exec client -- /bin/busybox timeout 5 /bin/busybox wget -qO- "http://$name:8080/" && expect "and reaches the ClusterIP as $name" "^Hostname: hello-"
done
step "nslookup answers" k exec client -- /bin/busybox nslookup hello.default.svc.cluster.local && expect "with the ClusterIP" "$(k get service hello -o jsonpath='{.spec.clusterIP}')"
step "resolv.conf is as documented" k exec client -- /bin/busybox cat /etc/resolv.conf && expect "search list" "^search default.svc.cluster.local svc.cluster.local cluster.local" && expect "nameserver" "^nameserver 10.96.0.10" && expect "ndots" "ndots:5"
step "service variables are set" k exec client -- /bin/busybox env && expect "HELLO_SERVICE_HOST" "^HELLO_SERVICE_HOST=" && expect "KUBERNETES_SERVICE_HOST" "^KUBERNETES_SERVICE_HOST=10.96.0.1"

need "scale to 3" k scale deployment hello --replicas=3
need "three are ready" k rollout status deployment/hello --timeout=60s
spread() { for _ in $(seq 30); do curl -sf --max-time 5 "$URL/" | grep '^Hostname'; done | sort -u | wc -l; }
all_answer() { [ "$(spread)" -ge 3 ]; }
step "the answers spread over the pods" within 20 all_answer
victim=$(k get pods -l app=hello -o jsonpath='{.items[0].metadata.name}')
need "delete a pod" k delete pod "$victim" --wait=false
replaced() { [ "$(k get pods -l app=hello --no-headers | grep -v "$victim" | grep -c 'Running')" = 3 ]; }
step "it is replaced" within 60 replaced

step "logs" k logs deployment/hello
step "exec -i passes input" bash -c "echo from-stdin | $KUBECTL exec -i client -- /bin/busybox cat" && expect "and output" "from-stdin"
exit_code() { k exec client -- /bin/busybox sh -c 'exit 7'; [ $? = 7 ]; }
step "exec passes the exit code" exit_code
exec_tty() { script -qec "$KUBECTL exec -it client -- /bin/busybox sh -c 'test -t 0 && echo is-a-tty'" /dev/null; }
step "exec -it has a terminal" exec_tty && expect "in the container" "is-a-tty"
head -c 1000000 /dev/urandom > "$work/blob"
forward() {
  k port-forward service/hello 0:8080 > "$work/forward" 2>&1 & local pid=$!
  within 10 grep -q 'Forwarding from 127' "$work/forward" && curl -sf --max-time 5 "http://$(grep -Eo '127.0.0.1:[0-9]+' "$work/forward" | head -1)/"
  local rc=$?; kill $pid; wait $pid 2>/dev/null; return $rc
}
step "port-forward" forward && expect "reaches the app" "^Hostname: hello-"
tail_follow() { timeout 5 "$KUBECTL" logs -f deployment/hello > "$work/follow" 2>&1; grep -q . "$work/follow"; }
step "logs -f follows" tail_follow
copy_in() { k cp "$work/blob" client:/tmp/blob && k cp client:/tmp/blob "$work/blob.back" && cmp "$work/blob" "$work/blob.back"; }
step "cp in and out" copy_in

# All users here may do everything: what was answered with 403 was a component's, or the node's.
none_refused() { k get --raw /metrics > "$work/metrics" && grep -q '^apiserver_request_total.*code="200"' "$work/metrics" && ! grep '^apiserver_request_total.*code="403"' "$work/metrics"; }
step "no request of a component was refused" none_refused

containers() { "$KOBUNE" ssh -- ctr -n k8s.io tasks ls -q | sort; }
containers > "$work/containers.before"
crash() { "$KOBUNE" ssh -- pkill -9 -f "'kobune node'"; within 10 k get --raw /readyz; }
step "kill -9 of the node process: the API comes back" crash
containers > "$work/containers.after"
step "and the containers were not touched" cmp "$work/containers.before" "$work/containers.after"
step "and nothing is lost" k get deployment hello && expect "still three" "hello +3/3"
step "and the app still answers" within 10 curl -sf --max-time 5 "$URL/"

step "nor after the restart" none_refused

step "ssh: ip addr" "$KOBUNE" ssh -- ip addr && expect "shows eth0's address" "inet 192\.168\.[0-9]+\.2/24.*eth0"
step "ssh: CNI configuration" "$KOBUNE" ssh -- cat /etc/cni/net.d/1-kobune.conflist && expect "is a bridge" '"type": *"bridge"' && expect "with host-local" '"type": *"host-local"'
step "kobune kubectl" "$KOBUNE" kubectl -- get pods && expect "is kubectl" "hello-"
step "status" "$KOBUNE" status && expect "host" "host: Running" && expect "kubelet" "kubelet: Running" && expect "apiserver" "apiserver: Running" && expect "kubeconfig" "kubeconfig: Configured"
step "status -o json" "$KOBUNE" status -o json && expect "is JSON" '"APIServer": *"Running"'
step "ip" "$KOBUNE" ip && expect "prints the address" "^192\.168\.[0-9]+\.2$"
step "profile list" "$KOBUNE" profile list && expect "shows the profile" "$PROFILE"
step "version" "$KOBUNE" version && expect "prints it" "version"

step "all the while nothing went amiss in the node" untroubled
need "stop" "$KOBUNE" stop
stopped() { "$KOBUNE" status; [ $? = 7 ]; }
step "status of a stopped cluster exits with 7" stopped
need "start again" "$KOBUNE" start
step "the deployment is still there" within 60 k rollout status deployment/hello --timeout=60s
step "and answers" within 20 curl -sf --max-time 5 "$URL/"
need "delete service" k delete service hello
need "delete deployment" k delete deployment hello
need "delete" "$KOBUNE" delete
expect "says its closing words" "Removed all traces of the .*$PROFILE.* cluster"
footprint > "$work/after"
step "nothing is left on the PC" diff "$work/before" "$work/after"
no_temporary() { ls -A "$TMPDIR"; [ -z "$(ls -A "$TMPDIR")" ]; }
step "nothing is left in the folder for temporary files" no_temporary
no_entries() { ! grep -q "$PROFILE" "$KUBECONFIG" 2>/dev/null; }
step "nothing is left in the kubeconfig" no_entries
no_files() { [ ! -e "$KOBUNE_HOME/profiles/$PROFILE" ]; }
step "no file is left" no_files
