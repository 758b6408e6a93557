#!/usr/bin/env bash
# What upstream's conformance suite has asked of a node and of the network since 1.20, on two real nodes with real containers: rows with * in the
# sections node, network and apps. All objects at once, then a look at each.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-newer}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }
proxy=

finish() {
  [ -z "$proxy" ] || kill "$proxy" 2>/dev/null
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,jobs,events -o wide 2>&1 | tail -n 60 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 40 | sed 's/^/    # /'
}

get() { k get "$1" "$2" -o jsonpath="{$3}"; }
matches() { OUT=$(get "$1" "$2" "$3"); grep -Eq -- "$4" <<<"$OUT" || { echo "$1 $2 $3 is: $OUT"; return 1; }; }
is() { step "$1" within 60 matches "$2" "$3" "$4" "$5"; } # is NAME KIND OBJECT JSONPATH PATTERN: waits until the field matches
in_pod() { local pod=$1; shift; k exec "$pod" -- /bin/sh -c "$*"; }
logged() { k logs "$1" | grep -Fqx -- "$2" || { echo "no line is: $2"; k logs "$1"; return 1; }; }
has() { step "$1" within 40 logged "$2" "$3"; } # has NAME POD LINE: waits for a line of its log
refused() { ! "$@"; }
# What the kernel holds a container to, under cgroup v2 or v1: limit NAME POD CONTAINER quota|memory VALUE (of 100 ms; of bytes)
held() { case $3 in
  quota) k exec "$1" -c "$2" -- sh -c 'cut -d" " -f1 /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us' ;;
  memory) k exec "$1" -c "$2" -- sh -c 'cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes' ;;
esac; }
limit_is() { OUT=$(held "$1" "$2" "$3"); [ "$OUT" = "$4" ] || { echo "$1 $2 $3 is: $OUT"; return 1; }; }
limit() { step "$1" within 40 limit_is "$2" "$3" "$4" "$5"; }

need "start with two nodes" "$KOBUNE" start --nodes 2
need "the sample image" "$KOBUNE" image build -t $image samples/echoserver
step "two nodes are ready and take pods" within 40 sh -c '[ "$("$0" get nodes -o jsonpath="{range .items[*]}{.spec.taints}{.status.conditions[?(@.type==\"Ready\")].status} {end}")" = "True True " ]' "$KUBECTL"
sed "s#IMAGE#$image#; s#NODE#$PROFILE-m02#" tests/walkthroughs/newer.yaml > "$work/newer.yaml"
need "all objects are taken" k apply -f "$work/newer.yaml"
k proxy --port=0 >"$work/proxy" & proxy=$!
need "kubectl proxy" within 10 grep -q "Starting to serve" "$work/proxy"
api=http://$(sed -n 's/.*serve on //p' "$work/proxy")

# Environment: any printable character but "=" may be in a prefix.
has "a prefix with digits, dashes, dots and slashes" environment "1-st.map/color=green"
has "a prefix with other characters" environment "~ \$#:color=green"
has "a prefix for a Secret" environment "2.nd-(secret)word=s3cr3t"
has "all addresses of the node" environment "HOST_IPS=$(get pod environment .status.hostIP)"

# Kernel settings.
has "a safe sysctl is in force" kernel 1
is "an unsafe one is refused by the node" pod kernel-unsafe .status.reason "^SysctlForbidden$"
bad_sysctls() { k run bad-sysctls --image=$image --restart=Never --overrides='{"spec":{"securityContext":{"sysctls":[{"name":"foo-","value":"bar"},{"name":"kernel.shmmax","value":"1"},{"name":"safe-and-unsafe","value":"1"},{"name":"bar..","value":"42"}]}}}'; }
step "malformed ones are refused" refused bad_sysctls
expect "the first by its path" 'spec.securityContext.sysctls\[0\].name: Invalid value: "foo-"' && expect "the last too" 'sysctls\[3\].name: Invalid value: "bar.."' && step "no other" refused grep -E "shmmax|safe-and-unsafe" <<<"$OUT"

# Groups.
has "runAsGroup of the pod" group-of-pod "uid=1001 gid=2002 groups=2002"
has "runAsGroup of the container" group-of-container "uid=1001 gid=2002 groups=2002"

# An image as a volume.
need "a pod with an image as a volume runs" k wait --for=condition=Ready pod/image-volume --timeout=60s
step "its files are there" in_pod image-volume 'cmp /of-image/srv/serve /srv/serve && ls /of-image' && expect "all of them" "^bin$"
step "read-only" refused in_pod image-volume 'touch /of-image/x'

# A class with overhead.
with_class() { k run "$1" --image=$image --restart=Never --overrides="{\"spec\":{\"runtimeClassName\":\"$2\"}}"; }
step "a pod of a RuntimeClass" with_class heavy heavy
is "gets its overhead" pod heavy ".spec.overhead.cpu} {.spec.overhead.memory" "^10m 1Mi$"
is "and is scheduled" pod heavy .spec.nodeName "."
step "an unknown class is refused" refused with_class light light && expect "as forbidden" "Error from server \(Forbidden\): .*RuntimeClass \"light\" not found"

# Resizes of running pods.
need "pods to resize run" k wait --for=condition=Ready pod/resized pod/guaranteed pod/tiny --timeout=60s
resize() { k patch pod "$1" --subresource resize -p "{\"spec\":{\"containers\":[$2]}}"; }
amounts() { printf '{"name":"%s","resources":{"requests":{"cpu":"%s","memory":"%s"},"limits":{"cpu":"%s","memory":"%s"}}}' "$@"; }
before=$(get pod resized ".status.containerStatuses[*].containerID")
step "burstable: one up, one down, one from nothing" resize resized "$(amounts up 40m 30Mi 200m 60Mi),$(amounts down 10m 15Mi 50m 40Mi),$(amounts none 20m 20Mi 100m 40Mi)"
limit "the first has more CPU" resized up quota 20000
limit "and more memory" resized up memory $((60 << 20))
limit "the second has less CPU" resized down quota 5000
limit "the third has limits now" resized none quota 10000
limit "of memory too" resized none memory $((40 << 20))
is "the status says so" pod resized ".status.containerStatuses[?(@.name=='up')].resources.limits.memory" "^60Mi$"
is "and what is allocated" pod resized ".status.containerStatuses[?(@.name=='down')].allocatedResources.cpu" "^10m$"
is "nothing is pending" pod resized ".status.conditions[?(@.type=='PodResizePending')].status} {.status.conditions[?(@.type=='PodResizeInProgress')].status" "^ $"
is "observed" pod resized ".status.observedGeneration" "^2$"
step "no container was replaced" [ "$(get pod resized ".status.containerStatuses[*].containerID")" = "$before" ]
is "and none restarted" pod resized ".status.containerStatuses[*].restartCount" "^0 0 0$"
step "guaranteed: one up, one down" resize guaranteed "$(amounts a 80m 50Mi 80m 50Mi),$(amounts b 30m 40Mi 30m 40Mi)"
limit "the first has more" guaranteed a quota 8000
limit "the second less" guaranteed b quota 3000
is "it stays Guaranteed" pod guaranteed ".status.qosClass} {.status.containerStatuses[*].restartCount" "^Guaranteed 0 0$"
step "another class of service is refused" refused resize guaranteed "$(amounts a 10m 50Mi 80m 50Mi)" && expect "with why" "Pod QOS Class may not change as a result of resizing"
step "shares that come out alike" resize tiny '{"name":"c","resources":{"requests":{"cpu":"1m"},"limits":{"cpu":"5m"}}}'
is "are told as asked" pod tiny ".status.containerStatuses[0].resources.requests.cpu} {.status.containerStatuses[0].resources.limits.cpu" "^1m 5m$"
put() { curl -sf "$api/api/v1/namespaces/default/pods/$1/resize" | sed 's/"cpu": "5m"/"cpu": "8m"/' > "$work/resize.json" && curl -sf -X PUT -H "Content-Type: application/json" --data-binary "@$work/resize.json" "$api/api/v1/namespaces/default/pods/$1/resize"; }
step "PUT to resize" put tiny && is "is done" pod tiny ".status.containerStatuses[0].resources.limits.cpu" "^8m$"
same() { diff <(curl -sf "$api/api/v1/namespaces/default/pods/tiny") <(curl -sf "$api/api/v1/namespaces/default/pods/tiny/resize"); }
step "GET of resize is the pod" within 10 same

# Generations.
need "the pod runs" k wait --for=condition=Ready pod/generation --timeout=60s
is "what a create says does not count" pod generation ".metadata.generation} {.status.observedGeneration" "^1 1$"
step "a label" k label pod generation color=blue && is "is no new generation" pod generation .metadata.generation "^1$"
for n in $(seq 499); do printf 'next\nurl = "%s/api/v1/namespaces/default/pods/generation"\nrequest = PATCH\nheader = "Content-Type: application/merge-patch+json"\ndata = "{\\"spec\\":{\\"activeDeadlineSeconds\\":%d}}"\noutput = /dev/null\n' "$api" $((100000 - n)); done | sed 1d > "$work/patches"
step "499 changes of the spec" curl -sSf --config "$work/patches"
is "are 500 generations, all observed" pod generation ".metadata.generation} {.status.observedGeneration" "^500 500$"
step "a deletion with grace" k delete pod generation --wait=false && is "is one more" pod generation .metadata.generation "^501$"
k delete pod generation --force --grace-period=0 >/dev/null 2>&1

# Ephemeral containers.
need "a pod to debug" k wait --for=condition=Ready pod/debugged --timeout=60s
step "a first debug container" k debug debugged --image=$image --container=first -- sleep 1000
is "runs" pod debugged ".status.ephemeralContainerStatuses[?(@.name=='first')].state.running.startedAt" "."
step "a second" k debug debugged --image=$image --container=second -- sleep 1000
is "runs beside it" pod debugged ".status.ephemeralContainerStatuses[?(@.name=='second')].state.running.startedAt} {.spec.ephemeralContainers[*].name" "Z first second$"
step "exec into it" k exec debugged -c second -- hostname && expect "shares the pod's name" "^debugged$"

# Services of two protocols on one port; slices written by hand.
need "the servers run" k wait --for=condition=Ready pod/both pod/hand-a pod/hand-b --timeout=60s
tcp() { in_pod debugged "nc -w 3 $1 $2 </dev/null" | grep -qx "$3"; }
udp() { "$KOBUNE" ssh -- "echo x | socat -T 2 - UDP:$(get service "$1" .spec.clusterIP):$2" | grep -qx "$3"; }
step "TCP on a port" within 20 tcp both 80 tcp
step "UDP on the same" within 20 udp both 80 udp
step "without UDP" k patch service both --type json -p '[{"op":"remove","path":"/spec/ports/1"}]'
step "TCP goes on" within 20 tcp both 80 tcp
no_udp() { ! udp both 80 udp; }
step "UDP does not" within 20 no_udp
slice() { printf 'apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: %s, labels: {kubernetes.io/service-name: by-hand}}\naddressType: IPv4\nports: [{name: first, port: %s}, {name: second, port: %s}]\nendpoints: [{addresses: ["%s"]}]\n' "$@" | k apply -f -; }
step "a slice by hand: one address, two ports" slice one 3000 3001 "$(get pod hand-a .status.podIP)"
step "the first port" within 20 tcp by-hand 80 a-3000
step "the second port" within 20 tcp by-hand 81 a-3001
step "a further slice: another address, the ports swapped" slice two 3001 3000 "$(get pod hand-b .status.podIP)"
step "its first port" within 30 tcp by-hand 80 b-3001
step "its second port" within 30 tcp by-hand 81 b-3000
step "the slice before it still" within 30 tcp by-hand 81 a-3001

# The API server as a proxy.
k expose pod debugged --port=80 --target-port=8080 >/dev/null
answers() { OUT=$(curl -s -X "$1" -o /dev/null -w '%{http_code} %{redirect_url}' "$api/api/v1/namespaces/default/$2"); [ "$OUT" = "$3" ] || { echo "$1 $2: $OUT"; return 1; }; }
for of in pods/debugged:8080 services/debugged:80; do
  for method in DELETE OPTIONS PATCH POST PUT; do step "$method through $of" within 20 answers $method $of/proxy "200 " && step "$method with a path" answers $method "$of/proxy/some/path" "200 "; done
  step "GET through $of is led to the path" within 20 answers GET $of/proxy "301 $api/api/v1/namespaces/default/$of/proxy/"
  step "GET with a path" curl -sf "$api/api/v1/namespaces/default/$of/proxy/some/path?a=b" && expect "arrives as asked" "/some/path\?a=b"
done

# Jobs.
is "indexed: all indexes are done" job indexed .status.completedIndexes "^0-3$"
step "each pod has its index" k get pods -l batch.kubernetes.io/job-name=indexed -o jsonpath='{range .items[*]}{.metadata.annotations.batch\.kubernetes\.io/job-completion-index}{.metadata.labels.batch\.kubernetes\.io/job-completion-index}{.spec.hostname}{"\n"}{end}'
for n in 0 1 2 3; do expect "$n" "^$n${n}indexed-$n$"; done
step "and its name" k logs -l batch.kubernetes.io/job-name=indexed && expect "and knows it" "^2 indexed-2$"
is "a code of FailJob ends all at once" job fail-early ".status.conditions[?(@.type=='Failed')].reason" "^PodFailurePolicy$"
is "with the pod and its code" job fail-early ".status.conditions[?(@.type=='Failed')].message" "^Container c for pod default/fail-early-.* failed with exit code 42 matching FailJob rule at index 0$"
evicted() { local pod; pod=$(k get pods -l "batch.kubernetes.io/job-name=disrupted,batch.kubernetes.io/job-completion-index=$1" --field-selector status.phase=Running -o name) && [ -n "$pod" ] && printf '{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"%s","namespace":"default"}}' "${pod#pod/}" | k create --raw "/api/v1/namespaces/default/pods/${pod#pod/}/eviction" -f -; }
seen() { "$KOBUNE" ssh -n "$PROFILE-m02" -- test -d "/srv/seen/$1"; }
for n in 0 1; do step "the pod of index $n has begun" within 30 seen $n && step "and is evicted" within 10 evicted $n; done
is "evictions are not counted, the Job completes" job disrupted ".status.conditions[?(@.type=='Complete')].status} {.status.succeeded} {.status.failed" "^True 2 $"
is "per index: odd ones fail after one retry" job per-index ".status.completedIndexes} {.status.failedIndexes} {.status.failed} {.status.succeeded" "^0,2 1,3 4 2$"
is "the Job has Failed" job per-index ".status.conditions[?(@.type=='Failed')].reason" "^FailedIndexes$"
is "FailIndex: no retry" job fail-index ".status.completedIndexes} {.status.failedIndexes} {.status.failed} {.status.succeeded" "^0,2 1,3 2 2$"
is "maxFailedIndexes: Failed" job too-many-failed ".status.conditions[?(@.type=='Failed')].reason" "^MaxFailedIndexesExceeded$"
is "the rest is stopped" job too-many-failed ".status.active} {.status.terminating" "^ ?0?$"
for job in success-all success-count success-indexes; do
  is "$job: SuccessCriteriaMet" job $job ".status.conditions[?(@.type=='SuccessCriteriaMet')].status} {.status.conditions[?(@.type=='SuccessCriteriaMet')].reason" "^True SuccessPolicy$"
  is "$job: Complete" job $job ".status.conditions[?(@.type=='Complete')].reason" "^SuccessPolicy$"
done
is "success-all: both" job success-all .status.completedIndexes "^0,1$"
is "success-count: one" job success-count ".status.completedIndexes} {.status.succeeded" "^0 1$"
is "success-indexes: the named one" job success-indexes .status.completedIndexes "^1$"

# Tokens from inside.
k create clusterrolebinding discovery --clusterrole=system:service-account-issuer-discovery --group=system:serviceaccounts >/dev/null
from_pod() { in_pod both "cd /var/run/secrets/kubernetes.io/serviceaccount; cat ca.crt | chroot /host curl -sf --cacert /dev/stdin -H 'Authorization: Bearer '\$(cat token) https://\$KUBERNETES_SERVICE_HOST$1"; }
step "the issuer's configuration for a pod's token" within 10 from_pod /.well-known/openid-configuration && expect "says where the keys are" '"jwks_uri": ?"https://[^"]+/openid/v1/jwks"'
step "the keys" from_pod /openid/v1/jwks && expect "are there" '"kty": ?"(RSA|EC)"'

# A namespace ends in order: first the pods.
k create namespace ordered >/dev/null
k -n ordered create configmap last >/dev/null
k -n ordered run held --image=$image --restart=Never --overrides='{"metadata":{"finalizers":["example.com/hold"]},"spec":{"terminationGracePeriodSeconds":0}}' >/dev/null
k delete namespace ordered --wait=false >/dev/null
is "a held pod holds the rest" namespace ordered ".status.conditions[?(@.type=='NamespaceDeletionContentFailure')].status} {.status.conditions[?(@.type=='NamespaceContentRemaining')].status" "^True|True$"
step "the ConfigMap is there" k -n ordered get configmap last
k -n ordered patch pod held --type json -p '[{"op":"remove","path":"/metadata/finalizers"}]' >/dev/null
gone() { ! k get namespace ordered >/dev/null 2>&1; }
step "afterwards all goes" within 40 gone

# What everybody needs comes back.
k delete configmap kube-root-ca.crt >/dev/null
step "kube-root-ca.crt comes back" within 20 k get configmap kube-root-ca.crt
k patch configmap kube-root-ca.crt -p '{"data":{"ca.crt":"broken"}}' >/dev/null
is "and is mended" configmap kube-root-ca.crt '.data.ca\.crt' "BEGIN CERTIFICATE"

need "delete" "$KOBUNE" delete
