#!/usr/bin/env bash
# The addon metrics-server: kubectl top, the metrics API behind its APIService, the kubelet's stats, and who may read them.
# KOBUNE names the program, KUBECTL the kubectl, OLD_KUBECTL kubectl 1.20 where it is to be tried too, PROFILE the profile.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-walkmetrics}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }
finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get apiservice,svc,endpointslices -A 2>&1 | grep -i metrics | sed 's/^/    # /'
  "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'
}

need "start" "$KOBUNE" start --addons=metrics-server
need "the sample image is built" "$KOBUNE" image build -t $image samples/echoserver
need "a pod that works hard" k run busy --image=$image --restart=Never --labels=app=busy --command -- /bin/busybox sh -c 'while :; do :; done'
need "a pod that does not" k run idle --image=$image --restart=Never --labels=app=idle --command -- /bin/busybox sleep 3600
need "both are Ready" k wait --for=condition=Ready pod/busy pod/idle --timeout=60s
need "the APIService becomes available" k wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout=30s
step "get apiservices" k get apiservices && expect "ours leads to its Service" "^v1beta1.metrics.k8s.io +kube-system/metrics-server +True" && expect "built-in ones are local" "^v1.apps +Local +True"
step "api-resources" k api-resources --api-group=metrics.k8s.io && expect "nodes" "^nodes +metrics.k8s.io/v1beta1 +false +NodeMetrics" && expect "pods" "^pods +metrics.k8s.io/v1beta1 +true +PodMetrics"
step "explain" k explain pods.containers --api-version=metrics.k8s.io/v1beta1 && expect "tells the fields" "usage"
step "the kubelet's summary through the API server" k get --raw "/api/v1/nodes/$PROFILE/proxy/stats/summary" && expect "knows the pod" '"name":"busy"' && expect "its network" '"rxBytes"'
step "the machine's logs through the API server" k get --raw "/api/v1/nodes/$PROFILE/proxy/logs/" && expect "shows folders" '<a href="pods/">pods/</a>'
step "the resource metrics" k get --raw "/api/v1/nodes/$PROFILE/proxy/metrics/resource" && expect "of the container" '^container_cpu_usage_seconds_total\{container="busy",namespace="default",pod="busy"\} [0-9.]+ [0-9]{13}$'
step "cadvisor's metrics" k get --raw "/api/v1/nodes/$PROFILE/proxy/metrics/cadvisor" && expect "of the pod's interface" '^container_network_receive_bytes_total\{.*pod="idle",interface="eth0"\}'
need "top pod" within 45 k top pod busy
expect "shows hundreds of millicores" "^busy +[0-9]{2,4}m +[0-9]+Mi"
step "top node" within 30 k top node && expect "with its use and percentages" "^$PROFILE +[0-9]+m +[0-9]+% +[0-9]+Mi +[0-9]+%"
step "top pod -A --containers --sort-by=cpu" within 30 k top pod -A --containers --sort-by=cpu && expect "names containers" "^default +busy +busy +"
sorted() { k top pod --sort-by=cpu --no-headers | head -1 | grep -q '^busy '; }
step "the busy one comes first" within 30 sorted
step "top pod -l" within 30 k top pod -l app=idle && expect "shows the idle one" "^idle "
no_busy() { ! k top pod -l app=idle | grep -q '^busy'; }
step "and not the other" no_busy
step "get pods.metrics.k8s.io" k get pods.metrics.k8s.io && expect "has metrics-server's columns" "^NAME +CPU +MEMORY +WINDOW"
if [ -n "${OLD_KUBECTL:-}" ]; then
  step "kubectl 1.20: top node" "$OLD_KUBECTL" top node && expect "the same" "^$PROFILE +[0-9]+m"
  step "kubectl 1.20: top pod --containers" "$OLD_KUBECTL" top pod --containers && expect "the same" "^busy +busy +[0-9]+m"
fi

k delete pod busy --now >/dev/null 2>&1
hard() {
  k apply -f - <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: hard}
spec:
  selector: {matchLabels: {app: hard}}
  template:
    metadata: {labels: {app: hard}}
    spec:
      containers:
      - {name: hard, image: $image, command: [/bin/busybox, sh, -c, "while :; do :; done"], resources: {requests: {cpu: 100m}, limits: {cpu: 200m}}}
YAML
}
need "a deployment that works hard" hard
need "kubectl autoscale" k autoscale deployment hard --cpu-percent=50 --min=1 --max=2
grown() { [ "$(k get deployment hard -o 'jsonpath={.spec.replicas}')" = 2 ]; }
step "it grows" within 150 grown
step "get hpa" k get hpa && expect "shows the use and the target" "^hard +Deployment/hard +cpu: [0-9]+%/50% +1 +2"
told() { k get events | grep -q 'SuccessfulRescale.*New size: 2; reason: cpu resource utilization (percentage of request) above target'; }
step "and the event says why" within 10 told
k delete deployment/hard hpa/hard --wait=false >/dev/null 2>&1

refused() { ! k top pod --as=jane; }
step "a stranger is refused" refused && expect "in words" 'pods.metrics.k8s.io is forbidden: User "jane" cannot list'
need "view for jane" k create rolebinding jane --clusterrole=view --user=jane
step "who may view may look" within 10 k top pod --as=jane && expect "at the pods" "^idle "
need "the addon is switched off" "$KOBUNE" addons disable metrics-server
gone() { ! k get apiservice v1beta1.metrics.k8s.io; }
step "its APIService goes" within 20 gone
unavailable() { k top node; [ $? != 0 ]; }
step "and top says so" unavailable && expect "in kubectl's words" "Metrics API not available"
need "a namespace goes as before" k create namespace going
step "and is gone" k delete namespace going --timeout=30s
