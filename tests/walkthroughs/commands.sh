#!/usr/bin/env bash
# Issue "commands": config, profile, node, addons, pause, limits, completion on a real cluster.
# KOBUNE names the program, PROFILE the profile.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-commands}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig LC_ALL=C.UTF-8
unset KOBUNE_PROFILE
k() { "$KUBECTL" "$@"; }
finish() {
  "$KOBUNE" delete --all >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }
exits() { local code=$1; shift; "$@"; local rc=$?; [ "$rc" = "$code" ] || { echo "exit code $rc instead of $code"; return 1; }; }
lacks() { ! grep -Eq -- "$1" <<<"$OUT"; }

echo "# defaults: flag before environment before config"
step "config set" "$KOBUNE" config set cpus 2 && expect "tells when it takes effect" "delete and then a .* start"
step "config view" "$KOBUNE" config view && expect "shows it" "^- cpus: 2$"
step "a missing key" exits 14 "$KOBUNE" config get nodes && expect "says so" "could not be found in config"
step "a bad value" exits 10 "$KOBUNE" config set memory 250MB && expect "with minikube's id" "MK_CONFIG_SET"
step "profile of the environment" env MINIKUBE_PROFILE=else "$KOBUNE" profile && expect "is understood" "^else$"
step "profile of the config" sh -c "'$KOBUNE' config set profile '$PROFILE' && '$KOBUNE' profile" && expect "is taken" "^$PROFILE$"
ln -s "$(readlink -f "$KOBUNE")" "$work/minikube"
if [ -x "${KOBUNE_BINARY:-artifacts/publish/kobune/kobune}" ]; then ln -sf "$(readlink -f "${KOBUNE_BINARY:-artifacts/publish/kobune/kobune}")" "$work/minikube"; fi
step "called as minikube" "$work/minikube" version && expect "it is that" "^minikube version: v"
step "completion" bash -c 'eval "$("$0" completion bash)"; type _kobune_complete' "$KOBUNE"
step "words to complete" "$KOBUNE" __complete addons enable ingress && expect "are found" "^ingress-dns$"

echo "# a cluster with two nodes to be"
need "start with options" "$KOBUNE" start --memory 2000 --addons metallb --namespace team --service-cluster-ip-range 10.100.0.0/16 --dns-domain cluster.example \
  --apiserver-names api.example --apiserver-ips 127.0.0.1 --apiserver-port 8555 --extra-config kubelet.max-pods=20 --extra-config kubelet.node-labels=tier=web \
  --extra-config kubelet.event-qps=5 --extra-config apiserver.service-node-port-range=31000-31010
expect "names the setting without effect" "kubelet.event-qps is known"
expect "says which addons are on" "Enabled addons: .*metallb"
need "the cluster has the profile of the config" k get node "$PROFILE"
step "the namespace of the context" k config view --minify && expect "is team" "namespace: team"
step "the API server has its port" k config view --minify && expect "in the kubeconfig" "server: https://.*:8555"
step "and its names" sh -c "echo | openssl s_client -connect $("$KOBUNE" ip):8555 2>/dev/null | openssl x509 -noout -ext subjectAltName" && expect "in the certificate" "api.example" && expect "with the address" "127.0.0.1"
step "Services have their range" k get service kubernetes -n default -o wide && expect "from the first address on" " 10\.100\.0\.1 "
step "the DNS too" k get service kube-dns -n kube-system && expect "at its tenth" " 10\.100\.0\.10 "
step "kubelet.max-pods" k get node -o jsonpath='{.items[0].status.allocatable.pods}' && expect "is applied" "^20$"
step "kubelet.node-labels" k get node -l tier=web -o name && expect "is applied" "^node/"
step "a node port out of the range" exits 1 k create service nodeport far -n default --tcp=80:80 --node-port=32000 && expect "is refused" "31000-31010"
memory() { "$KOBUNE" ssh -- 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || true'; }
step "the memory limit" memory && expect "holds" "^(2097152000|)$"
step "cpus of the config" grep -q '"CPUs": 2' "$KOBUNE_HOME/profiles/$PROFILE/config.json"
need "node add" "$KOBUNE" node add && expect "says so" "Successfully added $PROFILE-m02 to $PROFILE"
step "it is Ready" k get node "$PROFILE-m02" && expect "in the cluster" " Ready "
step "node list" "$KOBUNE" node list && expect "lists it" "^$PROFILE-m02	192\.168\."
step "the first node reaches its pods" "$KOBUNE" ssh -- ip route && expect "by a route" "10.244.1.0/24 via"
step "node stop" "$KOBUNE" node stop m02
step "status shows it as stopped" exits 3 "$KOBUNE" status -n m02 && expect "host" "host: Stopped"
need "node start" "$KOBUNE" node start m02
step "a second time" "$KOBUNE" node start m02 && expect "changes nothing" "already running"
need "node delete" "$KOBUNE" node delete m02
gone() { ! k get node "$PROFILE-m02" 2>/dev/null; }
step "it is gone" gone
step "from the first node too" "$KOBUNE" ssh -- ip route && step "with its route" lacks "10.244.1.0"
step "an unknown node" exits 85 "$KOBUNE" node start m07
step "the control plane stays" exits 80 "$KOBUNE" node delete "$PROFILE"

echo "# addons without a restart"
step "addons list" "$KOBUNE" addons list && expect "marks what is on" "metallb.*enabled"
step "addons list -o json" "$KOBUNE" addons list -o json && expect "has both states" '"ingress":\{"Profile":"'"$PROFILE"'","Status":"disabled"\}.*"metallb":\{"Profile":"'"$PROFILE"'","Status":"enabled"\}'
step "addons configure" "$KOBUNE" addons configure metallb --set 192.168.49.200-192.168.49.201
need "a LoadBalancer service" k create namespace team
need "a service for it" k create service loadbalancer web --tcp=80:80
address() { k get service web -o jsonpath='{.status.loadBalancer.ingress[0].ip}' | grep -x '192.168.49.200'; }
step "gets an address of the range" within 20 address
step "addons disable" "$KOBUNE" addons disable metallb && expect "says so" "'metallb' addon is disabled"
no_address() { [ -z "$(k get service web -o jsonpath='{.status.loadBalancer.ingress[*].ip}')" ]; }
step "the address is taken back" within 20 no_address
step "an addon that would pull" exits 116 "$KOBUNE" addons enable dashboard && expect "names its images" "kubernetesui/dashboard"
step "no such addon" exits 116 "$KOBUNE" addons enable nonsense
step "addons images" "$KOBUNE" addons images dashboard && expect "lists them" "MetricsScraper"

echo "# pause"
need "a pod" k run steady --image=registry.k8s.io/pause:3.10
need "runs" k wait --for=condition=Ready pod/steady --timeout=60s
need "pause" "$KOBUNE" pause -A && expect "says how many" "Paused all namespaces in the cluster \([1-9]"
step "status" exits 2 "$KOBUNE" status && expect "shows it" "^apiserver: Paused$"
step "status -l cluster" exits 2 "$KOBUNE" status -o json -l cluster && expect "with code 418" '"StatusCode":418,"StatusName":"Paused"'
step "addons refuse" exits 11 "$KOBUNE" addons enable ingress
step "unpause" "$KOBUNE" unpause -A && expect "says how many" "Unpaused all namespaces in the cluster \([1-9]"
step "the API answers" within 10 k get --raw /readyz
step "pause again" "$KOBUNE" pause
step "a paused cluster stops" "$KOBUNE" stop

echo "# limits of an existing cluster, addons of a stopped one"
step "addons enable on a stopped cluster" "$KOBUNE" addons enable metallb
need "start with more memory" "$KOBUNE" start --memory 2400
step "it has that" memory && expect "as a limit" "^(2516582400|)$"
need "a running cluster gets another limit" "$KOBUNE" start --memory 2200
step "at once" memory && expect "as a limit" "^(2306867200|)$"
step "logs --audit" "$KOBUNE" logs --audit && expect "tells what was done" "node delete"
step "logs --file" "$KOBUNE" logs --file "$work/all.log" && step "writes it" grep -q '==> node' "$work/all.log"

echo "# a stop that is planned"
step "stop --schedule" "$KOBUNE" stop --schedule 5m && expect "says when" "Stopping in 5m"
step "status tells the time" "$KOBUNE" status && expect "that is left" "timeToStop: 4m"
step "stop --cancel-scheduled" "$KOBUNE" stop --cancel-scheduled && expect "takes it back" "cancelled"
step "status tells none" "$KOBUNE" status && step "any more" lacks timeToStop
need "another plan" "$KOBUNE" stop --schedule 2s
stopped() { exits 7 "$KOBUNE" status; }
step "comes true" within 40 stopped
need "start" "$KOBUNE" start
step "the address is back" within 20 address
need "delete --all" "$KOBUNE" delete --all
step "the config is still there" "$KOBUNE" config get cpus && expect "as it was" "^2$"
no_profile() { [ "$("$KOBUNE" profile)" = kobune ]; }
step "but not the deleted profile" no_profile

echo "# an older Kubernetes, and an upgrade"
step "versions" "$KOBUNE" versions && expect "lists what can be run" "- v1\.30\.0$"
step "one that cannot be run" exits 106 "$KOBUNE" start -p "$PROFILE" --kubernetes-version v1.29 && expect "is refused" "K8S_OLD_UNSUPPORTED"
need "start with v1.30" "$KOBUNE" start -p "$PROFILE" --kubernetes-version v1.30.5
step "kubectl version" k version && expect "shows it" "Server Version: v1\.30\.5"
step "the node too" k get node && expect "in its column" " v1\.30\.5"
no_kind() { ! k api-resources --api-group=resource.k8s.io --no-headers 2>/dev/null | grep -q .; }
step "a kind of later" no_kind
late='{"apiVersion":"v1","kind":"Pod","metadata":{"name":"late"},"spec":{"hostnameOverride":"x","containers":[{"name":"c","image":"i"}]}}'
late() { k create --validate=strict -f - <<<"$late"; }
step "a field of later" exits 1 late && expect "is unknown" "unknown field .*hostnameOverride"
need "an object" k create configmap kept --from-literal=a=b
need "upgrade of the running cluster" "$KOBUNE" start -p "$PROFILE" --kubernetes-version v1.33 && expect "says so" "from v1\.30\.5 to v1\.33\."
step "kubectl version" k version && expect "shows the new one" "Server Version: v1\.33\."
node_says() { k get node -o jsonpath='{.items[0].status.nodeInfo.kubeletVersion}' | grep -q '^v1\.33\.'; }
step "the node" within 40 node_says
step "the object" k get configmap kept -o jsonpath='{.data.a}' && expect "is kept" "^b$"
step "a downgrade" exits 106 "$KOBUNE" start -p "$PROFILE" --kubernetes-version v1.32.0 && expect "is refused" "K8S_DOWNGRADE_UNSUPPORTED"
need "a start without a version" "$KOBUNE" start -p "$PROFILE" && expect "tells of the newer one" "v1\.36\.0 is now available"
need "delete" "$KOBUNE" delete -p "$PROFILE"
