#!/usr/bin/env bash
# Row B7: `kobune path` finds each of twenty faults on a real cluster, blames no sound hop, and answers quickly.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=${PROFILE:-pathwalk}
trap '"$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
on_failure() { "$KUBECTL" get pods,services,endpointslices,ingress,events -A -o wide 2>&1 | tail -n 60 | sed 's/^/    # /'; }
image=registry.k8s.io/echoserver:1.10

# fault NAME EXPECTED-FAULT EXPECTED-HOP ARGUMENTS...: the JSON names them; "" "" means that the way is sound.
fault() {
  local name=$1 id=$2 hop=$3; shift 3
  found() { OUT=$("${PC[@]}" "$KOBUNE" path "$@" -o json 2>&1); [ "$(field fault)" = "$id" ] && [ "$(field firstBroken)" = "$hop" ]; }
  if within 30 found "$@" >/dev/null; then echo "ok - path: $name"; else echo "not ok - path: $name"; echo "    wanted $id at $hop"; sed 's/^/    | /' <<<"$OUT" | head -c 4000; fi
}
PC=() # what stands before the program: a PC with other names in its /etc/hosts
field() { grep -oE "\"$1\":(\"[^\"]*\"|null)" <<<"$OUT" | head -1 | sed -E 's/^[^:]*://; s/"//g; s/null//'; }

pod() { # pod NAME COMMAND [MORE YAML at the container's level]
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, labels: {app: %s}}\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: app\n    image: %s\n    ports: [{name: http, containerPort: 8080}]\n    command: ["/bin/busybox", "sh", "-c", "%s"]\n%s\n' "$1" "$1" "$image" "$2" "${3:-}"
}
service() { # service NAME SELECTOR TARGETPORT [TYPE]
  printf -- '---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {type: %s, selector: {%s}, ports: [{port: 80, targetPort: %s}]}\n' "$1" "${4:-NodePort}" "$2" "$3"
}
listen='busybox httpd -f -p 8080'

need "start" "$KOBUNE" start
need "the sample image is built" "$KOBUNE" image build -t $image samples/echoserver
{
  pod web "exec /bin/$listen"; service web 'app: web' 8080
  service nothing 'tier: database' 8080
  service typo 'app: wbe' 8080
  service wrongport 'app: web' 9999
  service unnamed 'app: web' htpp
  pod loopback "exec /bin/busybox httpd -f -p 127.0.0.1:8080"; service loopback 'app: loopback' 8080
  pod elsewhere "exec /bin/busybox httpd -f -p 5000"; service elsewhere 'app: elsewhere' 8080
  pod unready "exec /bin/$listen" '    readinessProbe: {exec: {command: ["/bin/busybox", "false"]}, periodSeconds: 1}'; service unready 'app: unready' 8080
  pod crash "exit 3"; service crash 'app: crash' 8080
  pod noimage "exec /bin/$listen" | sed "s|$image|registry.invalid/none:1|"; service noimage 'app: noimage' 8080
  pod pending "exec /bin/$listen" '    resources: {requests: {cpu: "4000"}}'; service pending 'app: pending' 8080
  service internal 'app: web' 8080 ClusterIP
  service balanced 'app: web' 8080 LoadBalancer
  pod deaf "exec /bin/busybox sleep 10000"; service deaf 'app: deaf' 5353 | sed 's/port: 80,/port: 53, protocol: UDP,/'
  service outside 'app: none' 8080 | sed 's/ selector: {[^}]*},//'
  printf -- '---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: outside-1, labels: {kubernetes.io/service-name: outside}}\naddressType: IPv4\nports: [{port: 5354}]\nendpoints: [{addresses: ["10.244.0.1"]}]\n'
} > "$work/faults.yaml"
need "the faults are set up" "$KUBECTL" apply -f "$work/faults.yaml"
need "the sound pod is ready" "$KUBECTL" wait --for=condition=Ready pod/web pod/loopback pod/elsewhere pod/deaf --timeout=60s
node=$("$KOBUNE" ip)
nodeport=$("$KUBECTL" get service web -o jsonpath='{.spec.ports[0].nodePort}')

fault "a sound Service" "" "" web
fault "a sound pod" "" "" pod/web
fault "a sound URL" "" "" "http://$node:$nodeport/"
fault "selector matches nothing" SelectorMatchesNothing Service nothing
fault "label typo" LabelTypo Service typo
fault "wrong targetPort" WrongTargetPort Service wrongport
fault "unknown named port" UnknownNamedPort Service unnamed
fault "app listens on 127.0.0.1 only" ListensOnLoopback ContainerPort loopback
fault "app listens on another port" ListensElsewhere ContainerPort elsewhere
fault "no process listens on a UDP port" NothingListens ContainerPort deaf
fault "nothing answers at an address without a pod" EndpointSilent EndpointSlice outside
fault "readiness fails" ReadinessFails Pod unready
fault "crash loop" CrashLoop Pod crash
fault "image missing" ImageMissing Pod noimage
fault "pod pending" PodPending Pod pending
why() { "$KOBUNE" path pending; [ $? = 115 ]; }
step "pod pending says why" why && expect "with the scheduler's sentence" "Insufficient cpu"
fault "NodePort out of range" NodePortOutOfRange Service "http://$node:8080/"
service taken 'app: web' 8080 | sed "s/targetPort: 8080/targetPort: 8080, nodePort: $nodeport/" > "$work/taken.yaml"
fault "NodePort taken" NodePortTaken Service -f "$work/taken.yaml"
fault "ClusterIP asked from the PC without a route" NoRouteToClusterIP Pc "http://$("$KUBECTL" get service internal -o jsonpath='{.spec.clusterIP}')/"
fault "no tunnel" NoTunnel Service balanced
fault "Service in another namespace" ServiceInAnotherNamespace Service web -n kube-system

ingress() { # ingress NAME CLASS HOST PATH [TLS]
  printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %s}\nspec:\n  ingressClassName: %s\n%s\n  rules: [{host: %s, http: {paths: [{path: %s, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]\n' "$1" "$2" "${5:-}" "$3" "$4" | "$KUBECTL" apply -f -
}
need "an Ingress without a controller" ingress cart nginx cart.test /cart
fault "no ingress controller" NoIngressController IngressController "http://$node/cart"
if "$KOBUNE" addons enable ingress > "$STEP_LOG" 2>&1; then
  echo "ok - addons enable ingress"
  ingress sound nginx shop.test / > "$STEP_LOG"; ingress classless nosuchclass classless.test / > "$STEP_LOG"
  ingress secretless nginx secretless.test / '  tls: [{hosts: [secretless.test], secretName: none}]' > "$STEP_LOG"
  fault "wrong host" WrongHost Ingress "http://$node/nothing"
  fault "DNS not set up on the PC" NameNotResolved Resolver ingress/sound
  { cat /etc/hosts; printf '%s shop.test cart.test classless.test secretless.test\n' "$node"; } > "$work/hosts"
  PC=(unshare --mount sh -c "mount --bind $work/hosts /etc/hosts && exec \"\$@\"" pc)
  fault "a sound Ingress" "" "" ingress/sound
  fault "a sound Ingress by its URL" "" "" "http://shop.test/x"
  fault "TLS secret missing" TlsSecretMissing Ingress ingress/secretless
  fault "no ingress class" NoIngressClass Ingress ingress/classless
  fault "wrong path" WrongPath Ingress "http://cart.test/other"
  PC=()
else
  echo "not ok - addons enable ingress"; sed 's/^/    | /' "$STEP_LOG"
fi

step "the way as a picture" "$KOBUNE" path web -o svg && expect "is SVG" "<svg xmlns="
japanese() { LC_ALL=ja_JP.UTF-8 "$KOBUNE" path loopback; [ $? = 115 ]; }
step "the way in Japanese, exit code 115" japanese && expect "speaks Japanese" "対処: "
need "stop" "$KOBUNE" stop
fault "machine stopped" MachineStopped Machine web
