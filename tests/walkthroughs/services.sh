#!/usr/bin/env bash
# Rows A11 A12 A13 B5 D1 D6: every way from the PC to a Service: service, tunnel, port-forward, kubectl proxy, published ports; and the kinds of Service.
# KOBUNE names the program, KUBECTL the kubectl, PROFILE the profile, SUBNET a free subnet.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-walksvc}
SUBNET=${SUBNET:-192.168.233.0/24}
net=${SUBNET%.*}
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
  k get pods,services,endpointslices,events -A -o wide 2>&1 | tail -n 50 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 40 | sed 's/^/    # /'
}
exits() { # exits CODE COMMAND...: the command ends with this exit code
  local code=$1; shift
  "$@"; local rc=$?
  [ "$rc" = "$code" ] || { echo "exit code $rc instead of $code"; return 1; }
}

need "start with a static address and published ports" "$KOBUNE" start --static-ip "$net.77" --ports 127.0.0.1:18081:30081 --ports 127.0.0.1:18053:30053/udp
step "ip" "$KOBUNE" ip && expect "is the static address" "^$net.77$"
need "the sample image is there" "$KOBUNE" image build -t $image samples/echoserver
cat > "$work/all.yaml" <<Y
apiVersion: apps/v1
kind: Deployment
metadata: {name: hello}
spec:
  replicas: 2
  selector: {matchLabels: {app: hello}}
  template:
    metadata: {labels: {app: hello}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: echo, image: $image, ports: [{name: web, containerPort: 8080}], readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}}
---
apiVersion: v1
kind: Service
metadata: {name: many}
spec:
  type: NodePort
  selector: {app: hello}
  ports:
  - {name: http, port: 80, targetPort: web, nodePort: 30081}
  - {name: admin, port: 81, targetPort: 8080, nodePort: 30083}
  - {name: dns, port: 53, targetPort: 5353, nodePort: 30054, protocol: UDP}
---
apiVersion: v1
kind: Service
metadata: {name: outside-dns}
spec: {type: NodePort, ports: [{name: dns, port: 53, nodePort: 30053, protocol: UDP}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: outside-dns-1, labels: {kubernetes.io/service-name: outside-dns}}
addressType: IPv4
ports: [{name: dns, port: 10053, protocol: UDP}]
endpoints: [{addresses: ["$net.77"], conditions: {ready: true}}]
---
apiVersion: v1
kind: Service
metadata: {name: inside}
spec: {selector: {app: hello}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb}
spec: {type: LoadBalancer, selector: {app: hello}, ports: [{name: http, port: 8088, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb-other}
spec: {type: LoadBalancer, loadBalancerClass: example.com/other, selector: {app: hello}, ports: [{port: 80, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: lb-local}
spec: {type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 32111, selector: {app: hello}, ports: [{port: 80, targetPort: web, nodePort: 30084}]}
---
apiVersion: v1
kind: Service
metadata: {name: outer}
spec: {externalIPs: [198.51.100.20], selector: {app: hello}, ports: [{port: 80, targetPort: web}]}
---
apiVersion: v1
kind: Service
metadata: {name: unready}
spec: {publishNotReadyAddresses: true, clusterIP: None, selector: {app: sick}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {type: NodePort, selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: near}
spec: {trafficDistribution: PreferSameNode, selector: {app: hello}, ports: [{port: 80, targetPort: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: sick, labels: {app: sick}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: c, image: $image, readinessProbe: {exec: {command: ['false']}}}]
Y
need "apply" k apply -f "$work/all.yaml"
need "the deployment is available" k rollout status deployment/hello --timeout=90s
get() { curl -sf --max-time 5 "$@"; }
lb_ip() { k get service "$1" -o jsonpath='{.status.loadBalancer.ingress[0].ip}'; }

echo "# service"
step "service --url of many ports" within 15 "$KOBUNE" service many --url
same() { [ "$OUT" = "$(printf 'http://%s:%s\n' "$net.77" 30081 "$net.77" 30083 "$net.77" 30054)" ]; }
step "prints one URL for each, in their order" same
step "the first one answers" within 15 get "http://$net.77:30081/" && expect "from a pod" "^Hostname: hello-"
step "--format" "$KOBUNE" service many --url --format '{{.Name}} {{.IP}} {{.Port}}' && expect "is filled" "^many $net.77 30081$"
step "--https" "$KOBUNE" service many --url --https && expect "changes the scheme" "^https://$net.77:30083$"
step "the table" "$KOBUNE" service many && expect "has the ports' names" "default +│ many +│ http/80 +│ http://$net.77:30081 "
step "several services" "$KOBUNE" service many lb && expect "many" "│ many " && expect "and lb" "│ lb "
step "--all" "$KOBUNE" service --all && expect "warns about ClusterIP" 'type "ClusterIP" not meant to be exposed' && expect "and shows the rest" "│ many "
step "a ClusterIP Service" "$KOBUNE" service inside && expect "has no node port" "inside +│ No node port"
printf '#!/bin/sh\necho "$1" > %s/opened\n' "$work" > "$work/browser" && chmod +x "$work/browser"
step "service opens the browser" env BROWSER="$work/browser" PATH="$work:$PATH" BROWSER=browser "$KOBUNE" service lb && expect "says so" "Opening service default/lb in default browser"
opened() { within 5 grep "^http://$net.77:" "$work/opened"; }
step "with the URL" opened
step "no name" exits 14 "$KOBUNE" service
step "a name and --all" exits 14 "$KOBUNE" service many --all
step "an unknown one" exits 115 "$KOBUNE" service missing --wait 0 && expect "is SVC_NOT_FOUND" "SVC_NOT_FOUND"
step "one without running pods" exits 115 "$KOBUNE" service nobody --wait 0 && expect "is SVC_UNREACHABLE" "SVC_UNREACHABLE"
step "service list" "$KOBUNE" service list && expect "of all namespaces" "kube-system +│ kube-dns +│ No node port"
step "service list -n -o json" "$KOBUNE" service list -n default -o json && expect "is JSON" '"Namespace": *"default"'
json() { "$KOBUNE" service list -o json | tr -d ' \n' | grep -F '"Name":"many","URLs":["http://'"$net.77"':30081"'; }
step "with names and URLs" json

echo "# published ports"
step "a published port" get http://127.0.0.1:18081/ && expect "leads to the node port" "^Hostname: hello-"
udp() { dig +short +time=2 +tries=2 -p 18053 @127.0.0.1 kubernetes.default.svc.cluster.local; }
step "a published UDP port, and a Service without a selector behind it" udp && expect "leads to the cluster DNS" "^10.96.0.1$"

echo "# tunnel"
step "before it, the load balancer" lb_ip lb && expect "has no address" "^$"
need "tunnel --detach" "$KOBUNE" tunnel --detach
expect "machine" "^	machine: $PROFILE$"; expect "route" "^	route: 10.96.0.0/12 -> $net.77$"; expect "services" "^	services: \[lb, lb-local, lb-other\]$"; expect "errors" "^		loadbalancer emulator: no errors$"
has_ip() { lb_ip lb | grep .; }
step "EXTERNAL-IP" within 10 has_ip && expect "is the cluster IP" "^$(k get service lb -o jsonpath='{.spec.clusterIP}')$"
step "ipMode" k get service lb -o jsonpath='{.status.loadBalancer.ingress[0].ipMode}' && expect "is VIP" "^VIP$"
step "the PC reaches it" within 10 get "http://$(lb_ip lb):8088/" && expect "at the Service's own port" "^Hostname: hello-"
step "and any ClusterIP" get "http://$(k get service inside -o jsonpath='{.spec.clusterIP}')/" && expect "without service and port-forward" "^Hostname: hello-"
step "and the cluster DNS" dig +short @10.96.0.10 lb.default.svc.cluster.local && expect "which knows the same" "^$(lb_ip lb)$"
step "a Service with a class of its own" lb_ip lb-other && expect "is left alone" "^$"
step "a second tunnel" exits 111 "$KOBUNE" tunnel && expect "is refused" "TUNNEL_ALREADY_RUNNING"
step "tunnel --stop" "$KOBUNE" tunnel --stop
step "the address" lb_ip lb && expect "is cleared" "^$"
no_route() { ! ip route | grep '10.96.0.0/12'; }
step "the route is gone" no_route
pid() { sed -n 's/.*"Pid": \([0-9]*\).*/\1/p' "$KOBUNE_HOME/tunnels.json"; }
need "a tunnel again" "$KOBUNE" tunnel --detach
kill -9 "$(pid)"
step "kill -9 leaves the route" ip route && expect "for now" "10.96.0.0/12"
need "the next one" "$KOBUNE" tunnel --detach --bind-address 127.0.0.1
expect "cleans up" "Removed what the tunnel of $PROFILE left"
step "the old route is gone" no_route
bound() { [ "$(lb_ip lb)" = 127.0.0.1 ]; }
step "a tunnel with an address gives that one" within 30 bound
step "and listens there" within 10 get http://127.0.0.1:8088/ && expect "for the load balancer" "^Hostname: hello-"
step "tunnel --stop" "$KOBUNE" tunnel --stop && expect "says so" "has ended"

echo "# a range of addresses instead of a tunnel"
pool() {
  k create namespace metallb-system --dry-run=client -o yaml | k apply -f -
  k create configmap config -n metallb-system --from-literal=addresses="$net.200-$net.201" --dry-run=client -o yaml | k apply -f -
}
ranged() { lb_ip lb | grep -E "^$net.20[01]$" && lb_ip lb-local | grep -E "^$net.20[01]$"; }
step "a range is configured" pool && step "load balancers have addresses of it" within 10 ranged
step "the PC reaches one" within 10 get "http://$(lb_ip lb):8088/" && expect "in the node's own network" "^Hostname: hello-"
step "and the other" within 10 get "http://$(lb_ip lb-local)/" && expect "which keeps the source" "client_address=$net.1$"
step "a tunnel beside it" "$KOBUNE" tunnel --detach && step "changes nothing" ranged && "$KOBUNE" tunnel --stop >/dev/null
cleared() { [ -z "$(lb_ip lb)$(lb_ip lb-local)" ] && ! "$KOBUNE" ssh -- ip -4 address show dev eth0 | grep "$net.20"; }
step "without the range" k delete namespace metallb-system --wait=false && step "the addresses are taken back" within 20 cleared

echo "# the kinds of Service"
step "externalIPs" "$KOBUNE" ssh -- curl -sf --max-time 5 http://198.51.100.20/ && expect "answer" "^Hostname: hello-"
step "policy Local keeps the source" within 10 get "http://$net.77:30084/" && expect "address of the PC" "client_address=$net.1$"
step "its health check node port" get "http://$net.77:32111/" && expect "counts this node's endpoints" '"localEndpoints": 2, "serviceProxyHealthy": true'
step "an unready pod of a headless Service" dig +short -p 10053 @"$net.77" unready.default.svc.cluster.local && expect "is published" "^10\.244\."
step "trafficDistribution" k get endpointslices -l kubernetes.io/service-name=near -o jsonpath='{.items[*].endpoints[*].hints.forNodes[*].name}' && expect "gives hints" "^$PROFILE $PROFILE$"
step "kube-proxy's metrics" "$KOBUNE" ssh -- curl -sf http://127.0.0.1:10249/metrics && expect "have upstream's names" "^kubeproxy_sync_proxy_rules_duration_seconds_count"
step "kube-proxy's health" get "http://$net.77:10256/healthz" && expect "is good" "nodeEligible"

echo "# kubectl's own ways"
forward() { # forward TARGET PORT
  rm -f "$work/forward"
  k port-forward "$1" ":$2" > "$work/forward" 2>&1 & local pid=$!
  within 10 grep -q 'Forwarding from 127' "$work/forward" && get "http://$(grep -Eo '127.0.0.1:[0-9]+' "$work/forward" | head -1)/"
  local rc=$?; kill $pid; wait $pid 2>/dev/null; cat "$work/forward"; return $rc
}
pod=$(k get pods -l app=hello -o jsonpath='{.items[0].metadata.name}')
step "port-forward to a pod" forward "pod/$pod" 8080 && expect "reaches it" "^Hostname: $pod$"
step "port-forward to a Service" forward service/many 81 && expect "by the Service's port" "^Hostname: hello-"
step "port-forward to a Deployment" forward deployment/hello web && expect "by the port's name" "^Hostname: hello-"
proxy() {
  k proxy --port=0 > "$work/proxy" 2>&1 & local pid=$!
  within 10 grep -q 'Starting to serve on' "$work/proxy"
  local at; at=$(grep -Eo '127.0.0.1:[0-9]+' "$work/proxy")
  get "http://$at/api/v1/namespaces/default/services/many:http/proxy/here" && get "http://$at/api/v1/namespaces/default/pods/$pod:8080/proxy/there" && get "http://$at/version"
  local rc=$?; kill $pid; wait $pid 2>/dev/null; return $rc
}
step "kubectl proxy" proxy && expect "to a Service" "real path=/here" && expect "to a pod" "real path=/there" && expect "to the API" '"gitVersion"'

echo "# kube-proxy in userspace"
change_mode() { "$KOBUNE" ssh -- sed -i "'s/\"proxyMode\": *\"[a-z]*\"/\"proxyMode\": \"$1\"/'" /var/lib/kobune/node.json && "$KOBUNE" ssh -- pkill -9 -f "'kobune node'"; within 20 mode "$1"; }
mode() { "$KOBUNE" ssh -- curl -sf http://127.0.0.1:10249/proxyMode | grep -x "$1"; }
need "the mode is changed" change_mode userspace
cluster_ip=$(k get service inside -o jsonpath='{.spec.clusterIP}')
from_pod() { k exec "$pod" -c echo -- timeout 5 wget -qO- "http://$1/"; }
step "a ClusterIP" within 15 from_pod "$cluster_ip" && expect "answers" "^Hostname: hello-"
step "a NodePort" within 10 get "http://$net.77:30081/" && expect "answers" "^Hostname: hello-"
step "DNS" k exec "$pod" -c echo -- nslookup inside.default.svc.cluster.local && expect "answers" "$cluster_ip"
ranges() { k patch service lb -p "{\"spec\": {\"loadBalancerSourceRanges\": $1}}"; }
need "a tunnel" "$KOBUNE" tunnel --detach
step "a load balancer" within 20 has_ip && step "answers the PC" within 10 get "http://$(lb_ip lb):8088/" && expect "through the relay" "^Hostname: hello-"
turned_away() { ! get "http://$(lb_ip lb):8088/"; }
step "loadBalancerSourceRanges without the PC" ranges '["198.51.100.0/24"]' && step "turn it away" within 10 turned_away
step "but no pod" from_pod "$(lb_ip lb):8088" && expect "which uses the cluster IP" "^Hostname: hello-"
step "ranges with the PC" ranges "[\"198.51.100.0/24\", \"$net.0/24\"]" && step "let it in" within 10 get "http://$(lb_ip lb):8088/" && expect "again" "^Hostname: hello-"
step "without the tunnel" "$KOBUNE" tunnel --stop
no_table() { ! "$KOBUNE" ssh -- nft list tables | grep kobune-proxy; }
step "nftables has no table of the proxy" no_table
refused() { from_pod "$(k get service nobody -o jsonpath='{.spec.clusterIP}')"; [ $? != 0 ]; }
step "without endpoints" refused && expect "it is refused" "[Cc]onnection refused"

step "all the while nothing went amiss in the node" untroubled
step "stop ends published ports" "$KOBUNE" stop
closed() { ! curl -s --max-time 2 http://127.0.0.1:18081/; }
step "they are closed" closed
step "service of a stopped cluster" exits 83 "$KOBUNE" service many
step "tunnel of a stopped cluster" exits 83 "$KOBUNE" tunnel
need "delete" "$KOBUNE" delete
step "of a deleted one" exits 85 "$KOBUNE" tunnel
nothing() { ! ls -A "$KOBUNE_HOME" 2>/dev/null | grep .; }
step "nothing is left in Kobune's home" nothing
