#!/usr/bin/env bash
# Rows C3 D1 D6 D13: Services through nftables and the cluster DNS, with real packets, on one node or two.
# KOBUNE names the program, KUBECTL the kubectl, PROFILE the profile, NODES the number of nodes, SUBNET a free subnet.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-walknet}
NODES=${NODES:-1}
SUBNET=${SUBNET:-192.168.231.0/24}
net=${SUBNET%.*}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }
upstream= stub=

finish() {
  for pid in $upstream $stub; do kill "$pid" 2>/dev/null; done
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,services,endpointslices -A -o wide 2>&1 | tail -n 40 | sed 's/^/    # /'
  "$KOBUNE" ssh -- nft list ruleset 2>&1 | tail -n 80 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 40 | sed 's/^/    # /'
}

# The node takes over the PC's DNS servers; here that is a server of the test's own, which the PC runs on the bridge.
cat > "$work/resolv.conf" <<R
nameserver $net.1
R
start() { unshare --mount --propagation slave bash -c 'mount --bind "$1/resolv.conf" "$(readlink -f /etc/resolv.conf)" && shift && exec "$@"' start "$work" "$KOBUNE" start --nodes "$NODES" --subnet "$SUBNET"; }
need "start" start
dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --log-facility=- --no-resolv --no-hosts --bind-interfaces --listen-address="$net.1" \
  --host-record=example.com,198.51.100.7,1800 --local=/#/ 2>"$work/upstream.log" & upstream=$! # it knows one name; every other gets NXDOMAIN
need "the sample image is there" "$KOBUNE" image build -t $image samples/echoserver

a=$PROFILE b=$PROFILE
[ "$NODES" = 1 ] || b=$PROFILE-m02
bip=$net.$((NODES > 1 ? 3 : 2))
pod() { # pod NAME NODE [LINES...]: an echo server, a member of the Services that follow
  cat <<P
---
apiVersion: v1
kind: Pod
metadata: {name: $1, labels: {app: echo, name: $1}}
spec:
  nodeName: $2
  hostname: $1
  subdomain: head
  terminationGracePeriodSeconds: 0
  containers:
  - name: echo
    image: $image
    ports: [{containerPort: 8080, name: web${3:+, hostPort: $3}}]
    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
P
}
host_port() { # host_port NAME NODE LINES: an echo server on port 18081 of its node, with an address or a protocol of its own
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {nodeName: %s, hostname: %s, terminationGracePeriodSeconds: 0, containers: [{name: c, image: %s, ports: [{containerPort: 8080, %shostPort: 18081}]}]}\n' "$1" "$2" "$1" "$image" "$3"
}
service() { # service NAME SPEC
  printf -- '---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {%s}\n' "$1" "$2"
}
{
  pod a "$a" 18080
  pod b "$b"
  host_port hp1 "$a" 'hostIP: 127.0.0.1, '
  host_port hp2 "$a" "hostIP: $net.2, "
  host_port hp3 "$a" "hostIP: $net.2, protocol: UDP, "
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: onhost}\nspec: {nodeName: %s, hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [{name: c, image: %s, command: [sleep, "3600"]}]}\n' "$b" "$image"
  service web 'type: NodePort, selector: {app: echo}, ports: [{name: http, port: 80, targetPort: web, nodePort: 30081}]'
  service sticky 'sessionAffinity: ClientIP, selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service self 'selector: {name: a}, ports: [{port: 80, targetPort: 8080}]'
  service none 'type: NodePort, selector: {app: nobody}, ports: [{port: 80, nodePort: 30082}]'
  service head 'clusterIP: None, selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}]'
  service away 'type: ExternalName, externalName: example.com'
  service hand 'ports: [{name: http, port: 80}]'
  service own-node 'trafficDistribution: PreferSameNode, selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service by-zone 'selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service many-ports 'selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}, {name: admin-api, port: 8443, targetPort: 8080}, {name: name-service, port: 53, protocol: UDP}]'
} > "$work/all.yaml"
need "apply" k apply -f "$work/all.yaml"
need "the pods are Ready" k wait --for=condition=Ready pod/a pod/b pod/hp1 pod/hp2 pod/hp3 pod/onhost --timeout=90s
ip_of() { k get pod "$1" -o jsonpath='{.status.podIP}'; }
cluster_ip() { k get service "$1" -o jsonpath='{.spec.clusterIP}'; }
pa=$(ip_of a) pb=$(ip_of b) web=$(cluster_ip web)
in_a() { k exec a -- "$@"; }
get() { in_a timeout 5 wget -qO- "http://$1/"; }
hosts() { in_a sh -c "for i in \$(seq $2); do timeout 5 wget -qO- http://$1/; done" | sed -n 's/^Hostname: //p' | sort | uniq -c; }

echo "# Services"
step "pods reach each other by address" get "$pb:8080" && expect "and nobody stands between" "client_address=$pa\$"
step "a ClusterIP answers" within 10 get "$web" && expect "with a pod's name" "^Hostname: (a|b)"
step "it spreads over the pods" hosts "$web" 16 && expect "over a" " a$" && expect "over b" " b$"
step "session affinity" hosts "$(cluster_ip sticky)" 10 && expect "keeps one pod for all requests" "^ *10 [ab]$"
step "a pod reaches itself through its Service" get "$(cluster_ip self)" && expect "as itself" "^Hostname: a"
for node in $(seq "$NODES"); do
  step "NodePort on node $node, from the PC" curl -sf --max-time 5 "http://$net.$((node + 1)):30081/" && expect "answers" "^Hostname: (a|b)"
done
step "NodePort on the node's 127.0.0.1" "$KOBUNE" ssh -- curl -sf --max-time 5 http://127.0.0.1:30081/ && expect "answers" "^Hostname: (a|b)"
step "ClusterIP from the node" "$KOBUNE" ssh -- curl -sf --max-time 5 "http://$web/" && expect "answers" "^Hostname: (a|b)"
step "hostPort from the PC" curl -sf --max-time 5 "http://$net.2:18080/" && expect "answers" "^Hostname: a"
step "hostPort from pod b" k exec b -- timeout 5 wget -qO- "http://$net.2:18080/" && expect "answers" "^Hostname: a"
step "hostPort on the node's 127.0.0.1" "$KOBUNE" ssh -- curl -sf --max-time 5 http://127.0.0.1:18080/ && expect "answers" "^Hostname: a"
step "one hostPort at 127.0.0.1" "$KOBUNE" ssh -- curl -sf --max-time 5 http://127.0.0.1:18081/ && expect "is one pod's" "^Hostname: hp1"
step "the same at the node's address" curl -sf --max-time 5 "http://$net.2:18081/" && expect "is another's" "^Hostname: hp2"
on_host() { k exec onhost -- timeout 5 wget -qO- "http://$1/"; }
step "a pod in the host's network reaches a pod" on_host "$pa:8080" && expect "by address" "^Hostname: a"
step "and a ClusterIP" on_host "$web" && expect "too" "^Hostname: (a|b)"
affinity() { k patch service sticky -p "{\"spec\": {\"sessionAffinity\": \"$1\"}}"; }
spreads() { hosts "$(cluster_ip sticky)" 12 > "$work/spread"; grep -q " a$" "$work/spread" && grep -q " b$" "$work/spread"; }
sticks() { hosts "$(cluster_ip sticky)" 12 | grep -E "^ *12 [ab]$"; }
step "affinity None" affinity None && step "spreads again" within 10 spreads
step "affinity ClientIP" affinity ClientIP && step "sticks again" within 10 sticks
refused() { # refused COMMAND...: it fails at once, and because it was refused
  local from=${EPOCHREALTIME/./}
  "$@"; local rc=$?
  echo "exit code $rc after $(((${EPOCHREALTIME/./} - from) / 1000)) ms"
  [ $rc != 0 ]
}
step "without endpoints: a pod" refused get "$(cluster_ip none)" && expect "is refused" "[Cc]onnection refused"
step "without endpoints: the PC" refused curl -sS --max-time 5 "http://$net.2:30082/" && expect "is refused" "[Cc]onnection refused|Couldn't connect"
step "a port that the Service has not" refused get "$web:81" && expect "is refused" "[Cc]onnection refused"

step "trafficDistribution PreferSameNode" hosts "$(cluster_ip own-node)" 12 && expect "reaches this node's pod" " a$"
if [ "$NODES" -gt 1 ]; then
  only_a() { hosts "$(cluster_ip "$1")" 12 | grep -E "^ *12 a$"; }
  step "and no other's" within 10 only_a own-node
  zones() { k label node "$a" topology.kubernetes.io/zone=z1 && k label node "$b" topology.kubernetes.io/zone=z2 && k patch service by-zone -p '{"spec": {"trafficDistribution": "PreferSameZone"}}'; }
  step "zones of the nodes, and PreferSameZone" zones && step "keep to the zone" within 10 only_a by-zone
fi
auto() { k annotate service by-zone service.kubernetes.io/topology-mode=Auto; }
told() { k get events --field-selector involvedObject.name=by-zone,reason=TopologyAwareHintsDisabled -o jsonpath='{.items[*].message}' | grep .; }
step "topology-mode Auto" auto && step "says why there are no hints" within 10 told && expect "as a control plane's node does not count" "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4"

echo "# One table, changed at once"
step "nft shows one table of the proxy" "$KOBUNE" ssh -- nft list tables && expect "of IPv4" "^table ip kobune-proxy"
hand() { # hand ADDRESS: the endpoints of the Service without a selector, by hand
  cat <<S | k apply -f -
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: hand-1, labels: {kubernetes.io/service-name: hand}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [$1], conditions: {ready: true}}]
S
}
says() { get "$(cluster_ip hand)" | grep "^Hostname: $1"; }
step "a Service without a selector takes endpoints by hand" hand "$pa" && step "and leads to them" within 10 says a
changes() { # one change of one endpoint, with the kernel's own record of transactions
  "$KOBUNE" ssh -- timeout 3 nft monitor > "$work/monitor" & local pid=$!
  within 5 pgrep -f '^nft monitor' >/dev/null
  hand "$pb" >/dev/null && within 10 says b >/dev/null
  wait $pid
  echo "transactions: $(grep -c 'new generation' "$work/monitor")"; cat "$work/monitor"
}
step "another endpoint" changes && expect "is one transaction" "^transactions: 1$"

echo "# DNS"
lookup() { in_a nslookup "$1"; }
dns() { dig +time=3 +tries=1 -p 10053 @"$net.2" "$@"; } # from the PC, at the node's address
domain=cluster.local
for name in web web.default web.default.svc web.default.svc.$domain; do
  step "nslookup $name in a pod" within 10 in_a timeout 5 wget -qO- "http://$name/" && expect "answers" "^Hostname:"
done
step "nslookup by full name" lookup web.default.svc.$domain && expect "gives the ClusterIP" "Address(:| 1:) *$web"
step "resolv.conf" in_a cat /etc/resolv.conf && expect "search path" "^search default.svc.$domain svc.$domain $domain" && expect "server" "^nameserver 10.96.0.10" && expect "ndots" "ndots:5"
step "A over UDP" dns +short web.default.svc.$domain A && expect "is the ClusterIP" "^$web$"
step "A over TCP" dns +tcp +short web.default.svc.$domain A && expect "is the ClusterIP" "^$web$"
step "A from the node, at the Service" "$KOBUNE" ssh -- dig +short @10.96.0.10 web.default.svc.$domain && expect "is the ClusterIP" "^$web$"
step "A from the node, TCP" "$KOBUNE" ssh -- dig +tcp +short @10.96.0.10 web.default.svc.$domain && expect "is the ClusterIP" "^$web$"
step "SRV" dns +short _http._tcp.web.default.svc.$domain SRV && expect "has port and name" "^0 100 80 web.default.svc.$domain.$"
step "SRV of a headless Service" dns +short _http._tcp.head.default.svc.$domain SRV && expect "names pod a" "^0 [0-9]+ 8080 a.head.default.svc.$domain.$" && expect "and pod b" "^0 [0-9]+ 8080 b.head.default.svc.$domain.$"
step "PTR of a ClusterIP" dns +short -x "$web" && expect "is the Service" "^web.default.svc.$domain.$"
step "PTR of a pod of a headless Service" dns +short -x "$pb" && expect "is its host name" "^b.head.default.svc.$domain.$"
step "a headless Service" dns +short head.default.svc.$domain A && expect "gives pod a" "^$pa$" && expect "and pod b" "^$pb$"
step "a host name in it" dns +short b.head.default.svc.$domain A && expect "gives the pod" "^$pb$"
step "ExternalName" dns +short away.default.svc.$domain CNAME && expect "is a CNAME" "^example.com.$"
step "a pod's record" dns +short "${pa//./-}.default.pod.$domain" A && expect "is its address" "^$pa$"
step "NXDOMAIN" dns nobody.default.svc.$domain && expect "is said" "status: NXDOMAIN" && expect "with the zone's SOA" "SOA"
step "a name without the asked type" dns web.default.svc.$domain MX && expect "is NOERROR" "status: NOERROR" && expect "with nothing" "ANSWER: 0"
outside() { dns "$1" A | tee "$work/dig"; grep -q "status: $2" "$work/dig"; }
step "a name of the outside" within 20 outside example.com NOERROR && expect "is forwarded" "198.51.100.7$"
step "from a pod too, through the ExternalName" lookup away.default.svc.$domain && expect "to its end" "198.51.100.7"
step "an unknown one" within 20 outside no.example.org NXDOMAIN && expect "is NXDOMAIN" "status: NXDOMAIN"
retype() { k patch service away --type=merge -p "{\"spec\": $1}"; }
step "ExternalName becomes NodePort" retype '{"type": "NodePort", "externalName": null, "selector": {"app": "echo"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30085}]}'
has_address() { [ "$(dns +short away.default.svc.$domain)" = "$(cluster_ip away)" ]; }
step "its name has the cluster IP" within 10 has_address && step "and answers" within 10 get away.default && step "and its node port too" curl -sf --max-time 5 "http://$net.2:30085/"
step "NodePort becomes ExternalName" retype '{"type": "ExternalName", "externalName": "example.com", "ports": null, "selector": null}'
has_alias() { [ "$(dns +short away.default.svc.$domain CNAME)" = example.com. ] && ! curl -s --max-time 2 "http://$net.2:30085/"; }
step "its name is an alias again, and the node port is closed" within 10 has_alias
step "host.kobune.internal" lookup host.kobune.internal && expect "is the PC" "Address(:| 1:) *$net.1"
step "and host.minikube.internal" lookup host.minikube.internal && expect "too" "Address(:| 1:) *$net.1"

echo "# dnsPolicy and dnsConfig"
client() { # client NAME SPEC: a pod whose resolv.conf or environment is looked at
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {nodeName: %s, terminationGracePeriodSeconds: 0, %s, containers: [{name: c, image: %s, command: [sleep, "3600"]}]}\n' "$1" "$a" "$2" "$image"
}
{
  client plain 'dnsPolicy: ClusterFirst'
  client host-first 'dnsPolicy: ClusterFirst, hostNetwork: true'
  client host-cluster 'dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true'
  client default 'dnsPolicy: Default'
  client own 'dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.53], searches: [one.test, _srv.two.test], options: [{name: ndots, value: "2"}, {name: edns0}]}'
  client more 'dnsConfig: {nameservers: [10.96.0.10, 192.0.2.53], searches: [svc.cluster.local, one.test], options: [{name: ndots, value: "3"}]}'
  client full 'dnsConfig: {nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}'
  client unlinked 'enableServiceLinks: false'
} > "$work/clients.yaml"
need "apply" k apply -f "$work/clients.yaml"
need "the pods are Ready" k wait --for=condition=Ready pod/plain pod/host-first pod/host-cluster pod/default pod/own pod/more pod/full pod/unlinked --timeout=60s
resolv() { k exec "$1" -- cat /etc/resolv.conf | sed 's/ *$//'; }
cluster="default.svc.$domain svc.$domain $domain"
step "ClusterFirst" resolv plain && expect "asks the cluster" "^nameserver 10.96.0.10$" && expect "in its domains" "^search $cluster" && expect "with five dots" "^options ndots:5$"
node_resolv() { "$KOBUNE" ssh -- cat /etc/resolv.conf; }
same_as_node() { diff <(resolv "$1" | grep -E '^(nameserver|search)') <(node_resolv | grep -E '^(nameserver|search)'); }
step "ClusterFirst in the host's network" same_as_node host-first && step "Default" same_as_node default
step "ClusterFirstWithHostNet" resolv host-cluster && expect "asks the cluster" "^nameserver 10.96.0.10$" && expect "in its domains" "^search $cluster"
step "which answers there" k exec host-cluster -- timeout 5 wget -qO- http://web/ && expect "to short names" "^Hostname:"
step "None" resolv own && expect "has its own server" "^nameserver 192.0.2.53$" && expect "its own domains" "^search one.test _srv.two.test$" && expect "and options" "^options (ndots:2 edns0|edns0 ndots:2)$"
one_server() { [ "$(resolv own | grep -c ^nameserver)" = 1 ]; }
step "and nothing else" one_server
step "dnsConfig beside ClusterFirst" resolv more && expect "adds a server" "^nameserver 192.0.2.53$" && expect "and a domain" "^search $cluster.* one.test$" && expect "and takes the option's place" "^options ndots:3$"
once() { [ "$(resolv more | grep -c '^nameserver 10.96.0.10$')" = 1 ] && [ "$(resolv more | grep -o ' svc.cluster.local' | wc -l)" = 1 ]; }
step "what was there already is there once" once
step "a fourth server" resolv full && expect "takes three" "^nameserver 192.0.2.2$"
left_out() { ! resolv full | grep -F 192.0.2.3; }
forming() { k get events --field-selector involvedObject.name=full,reason=DNSConfigForming -o jsonpath='{.items[*].message}' | grep .; }
step "the fourth is left out" left_out && step "and an event says so" within 10 forming && expect "with the line that is applied" "^Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2$"
rejected() { client bad "$1" | k apply -f - ; [ $? != 0 ]; }
step "None without a server" rejected 'dnsPolicy: None, dnsConfig: {searches: [one.test]}' && expect "is refused" 'spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None'
step "a bad search domain" rejected 'dnsConfig: {searches: [Two.test]}' && expect "is refused" 'spec.dnsConfig.searches\[0\]: Invalid value: "Two.test"'

echo "# Services as variables of the environment"
many=$(cluster_ip many-ports)
step "variables" k exec plain -- env
for line in SERVICE_HOST=$many SERVICE_PORT=80 SERVICE_PORT_HTTP=80 SERVICE_PORT_ADMIN_API=8443 SERVICE_PORT_NAME_SERVICE=53 PORT=tcp://$many:80 \
  PORT_80_TCP=tcp://$many:80 PORT_80_TCP_PROTO=tcp PORT_80_TCP_PORT=80 PORT_80_TCP_ADDR=$many PORT_8443_TCP=tcp://$many:8443 PORT_8443_TCP_PORT=8443 \
  PORT_53_UDP=udp://$many:53 PORT_53_UDP_PROTO=udp PORT_53_UDP_PORT=53 PORT_53_UDP_ADDR=$many; do
  expect "MANY_PORTS_${line%%=*}" "^MANY_PORTS_$line$"
done
unlinked() { k exec unlinked -- env | tee "$work/env"; ! grep -E "^(MANY_PORTS|WEB|SELF)_" "$work/env"; }
step "enableServiceLinks false: no Service" unlinked && expect "but the API server" "^KUBERNETES_SERVICE_HOST=10.96.0.1$"
headless_not() { ! k exec plain -- env | grep -E '^(HEAD|AWAY)_'; }
step "headless Services and names for others have none" headless_not

echo "# Stub domains, servers and times to live by the Corefile"
dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --log-facility=- --no-resolv --no-hosts --bind-interfaces --listen-address="$net.1" --port=5399 \
  --auth-server=ns.corp.test,"$net.1" --auth-zone=corp.test --host-record=www.corp.test,198.51.100.8 2>"$work/stub.log" & stub=$! # the SOA with its denials lets them be kept
corefile() { # corefile SCRIPT: the Corefile as sed changes it
  k get configmap coredns -n kube-system -o jsonpath='{.data.Corefile}' | sed "$1" > "$work/Corefile" && printf 'corp.test:53 {\n    cache 20\n    forward . %s:5399\n}\n' "$net.1" >> "$work/Corefile" &&
    k create configmap coredns -n kube-system --from-file="$work/Corefile" --dry-run=client -o yaml | k replace -f -
}
step "a stub domain, and ttl 7" corefile 's/ttl 30/ttl 7/'
stubbed() { dns +short www.corp.test A | grep -x 198.51.100.8; }
step "its names are asked of its server" within 20 stubbed
step "from a pod too" lookup www.corp.test && expect "with its address" "198.51.100.8"
step "others of the node's" dns +short example.com A && expect "as before" "^198.51.100.7$"
step "records of the cluster" dns web.default.svc.$domain A && expect "live so long" "^web.default.svc.$domain.[[:space:]]+7[[:space:]]"
step "a denial of the stub's server" within 5 outside nobody.corp.test NXDOMAIN && expect "has its SOA" "SOA"
kill $stub; wait $stub 2>/dev/null; stub=
step "with that server gone" outside nobody.corp.test NXDOMAIN && expect "the denial is kept" "status: NXDOMAIN"
step "and what was not asked before" dns never.corp.test A && expect "fails" "status: SERVFAIL"
step "the first name again" outside example.com NOERROR # the settings are new, and so is the cache

kill $upstream; wait $upstream 2>/dev/null; upstream=
step "with the upstream gone" dns +short example.com A && expect "the cache answers" "^198.51.100.7$"

step "all the while nothing went amiss in the node" untroubled
need "delete" "$KOBUNE" delete
