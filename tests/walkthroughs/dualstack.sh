#!/usr/bin/env bash
# Dual stack: pods, Services, node ports and DNS of IPv4 and IPv6 on a cluster of two nodes, with real packets, and what is left after it.
# KOBUNE names the program, KUBECTL the kubectl, PROFILE the profile, SUBNET a free subnet.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-walkdual}
SUBNET=${SUBNET:-192.168.233.0/24}
net=${SUBNET%.*}
net6=fd00:192:168:$(cut -d. -f3 <<<"$SUBNET"):
pods6=fd00:10:244 services6=fd00:10:96 taken=fd00:192:168:7
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
a=$PROFILE b=$PROFILE-m02
k() { "$KUBECTL" "$@"; }

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  ip link delete kbdual0 2>/dev/null
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get nodes,pods,services,endpointslices -A -o wide 2>&1 | tail -n 40 | sed 's/^/    # /'
  "$KOBUNE" ssh -- 'ip -6 address; ip -6 route; nft list ruleset' 2>&1 | tail -n 120 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 40 | sed 's/^/    # /'
}

refused() { # refused CODE COMMAND...: it fails with this code
  local code=$1; shift
  "$@"; local rc=$?
  echo "exit code $rc"; [ $rc = "$code" ]
}
# What the host has of IPv6 and must have again afterwards.
footprint() { ip -6 route show table all | sed 's/ metric.*//; / dev lo /d; /fe80:/d; /ff00:/d' | sort; nft list tables | sort; ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | sort; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding; }
footprint > "$work/before"

echo "# A pair that cannot be"
for pair in 10.96.0.0/12,10.97.0.0/16 fd00:10:96::/112,10.96.0.0/12 fd00:10:96::/112 10.96.0.0/12,fd00:10:96::/32 10.96.0.0/12,fd00:10:96::/112,fd00:10:97::/112 10.96.0.0/12,fd00:10:244::/112; do
  step "--service-cluster-ip-range=$pair" refused 14 "$KOBUNE" start --service-cluster-ip-range="$pair" && expect "is refused" "service-cluster-ip-range"
done
step "--subnet with a public pair" refused 14 "$KOBUNE" start --subnet="$SUBNET,2001:db8::/64" && expect "is refused" "2001:db8::/64 is not private"
step "pods' range too small for the nodes" refused 14 "$KOBUNE" start --extra-config=kubeadm.pod-network-cidr=10.244.0.0/16,fd00:10:244::/64 && expect "is refused" "kubeadm.pod-network-cidr"
ip link add kbdual0 type veth peer name kbdual1 && ip link set kbdual0 up && ip -6 address add $taken::1/64 dev kbdual0 nodad
step "--subnet that the PC uses" refused 70 "$KOBUNE" start --subnet="$SUBNET,$taken::/64" && expect "is taken" "the subnet $taken::/64 is taken"
ip link delete kbdual0
step "nothing of it is left" diff "$work/before" <(footprint)

need "start with a pair" "$KOBUNE" start --nodes 2 --subnet "$SUBNET" --service-cluster-ip-range=10.96.0.0/12,$services6::/112
need "the sample image is there" "$KOBUNE" image build -t $image samples/echoserver

echo "# Nodes"
step "addresses of the first node" k get node "$a" -o jsonpath='{range .status.addresses[*]}{.type}={.address} {end}' && expect "are two and its name" "^InternalIP=$net.2 InternalIP=$net6:2 Hostname=$a $"
step "podCIDRs of the first node" k get node "$a" -o jsonpath='{.spec.podCIDR} {.spec.podCIDRs}' && expect "are two" "^10.244.0.0/24 \[\"10.244.0.0/24\",\"$pods6::/64\"\]$"
step "podCIDRs of the second" k get node "$b" -o jsonpath='{.spec.podCIDRs}' && expect "are its own" "^\[\"10.244.1.0/24\",\"$pods6:1::/64\"\]$"
step "CNI configuration" "$KOBUNE" ssh -- cat /etc/cni/net.d/1-kobune.conflist && expect "has two ranges" "\[\[\{\"subnet\": \"10.244.0.0/24\"\}\], \[\{\"subnet\": \"$pods6::/64\"\}\]\]"
step "the ServiceCIDR" k get servicecidr kubernetes -o jsonpath='{.spec.cidrs}' && expect "has both" "^\[\"10.96.0.0/12\",\"$services6::/112\"\]$"
step "the kubernetes Service" k get service kubernetes -o jsonpath='{.spec.ipFamilyPolicy} {.spec.clusterIPs}' && expect "has one" '^SingleStack \["10.96.0.1"\]$'
step "kube-dns" k get service kube-dns -n kube-system -o jsonpath='{.spec.clusterIPs}' && expect "has both" "^\[\"10.96.0.10\",\"$services6::a\"\]$"

step "the API server by IPv6" k --server "https://[$net6:2]:8443" get nodes -o name && expect "answers, by its certificate" "^node/$b$"
step "a kubelet by IPv6" curl -gsk --max-time 5 "https://[$net6:3]:10250/healthz" && expect "answers" "Unauthorized"

pod() { # pod NAME NODE [PORT-FIELDS]
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
    ports: [{containerPort: 8080, name: web${3:-}}]
    readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
    env:
    - {name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
    - {name: HOST_IPS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}
P
}
service() { printf -- '---\napiVersion: v1\nkind: Service\nmetadata: {name: %s}\nspec: {%s}\n' "$1" "$2"; }
{
  pod a "$a" ', hostPort: 18080'
  pod b "$b"
  printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: onhost}\nspec: {nodeName: %s, hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [{name: c, image: %s, command: [sleep, "3600"]}]}\n' "$b" "$image"
  service require 'type: NodePort, ipFamilyPolicy: RequireDualStack, selector: {app: echo}, ports: [{name: http, port: 80, targetPort: web, nodePort: 30081}]'
  service prefer 'ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv6], selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}]'
  service single 'selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service six 'ipFamilies: [IPv6], selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service sticky 'ipFamilyPolicy: PreferDualStack, sessionAffinity: ClientIP, selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]'
  service self 'ipFamilies: [IPv6], selector: {name: a}, ports: [{port: 80, targetPort: 8080}]'
  service none 'ipFamilies: [IPv6], selector: {app: nobody}, ports: [{port: 80}]'
  service head 'clusterIP: None, ipFamilyPolicy: PreferDualStack, selector: {app: echo}, ports: [{name: http, port: 80, targetPort: 8080}]'
  service hand 'clusterIP: None, ports: [{name: http, port: 80}]'
  service local 'type: NodePort, externalTrafficPolicy: Local, ipFamilies: [IPv6], selector: {name: b}, ports: [{port: 80, targetPort: 8080, nodePort: 30083}]'
} > "$work/all.yaml"
need "apply" k apply -f "$work/all.yaml"
need "the pods are Ready" k wait --for=condition=Ready pod/a pod/b pod/onhost --timeout=90s
ips() { k get pod "$1" -o jsonpath='{range .status.podIPs[*]}{.ip} {end}'; }
read -r a4 a6 <<<"$(ips a)"; read -r b4 b6 <<<"$(ips b)"
cluster_ips() { k get service "$1" -o jsonpath='{.spec.clusterIPs[*]}'; }
in_a() { k exec a -- "$@"; }
get() { in_a timeout 5 wget -qO- "http://$1/"; }
hosts() { in_a sh -c "for i in \$(seq $2); do timeout 5 wget -qO- http://$1/; done" | sed -n 's/^Hostname: //p' | sort | uniq -c; }

echo "# Pods"
step "pod a" ips a && expect "has an address of each family" "^10\.244\.0\.[0-9]+ $pods6::[0-9a-f]+ $"
step "pod b" ips b && expect "has them of its node's ranges" "^10\.244\.1\.[0-9]+ $pods6:1::[0-9a-f]+ $"
step "hostIPs" k get pod b -o jsonpath='{.status.hostIP} {.status.hostIPs}' && expect "are both" "^$net.3 \[\{\"ip\":\"$net.3\"\},\{\"ip\":\"$net6:3\"\}\]$"
step "a pod in the host's network" ips onhost && expect "has the node's two" "^$net.3 $net6:3 $"
step "the downward API" in_a env && expect "tells both" "^IPS=$a4,$a6$" && expect "of the host too" "^HOST_IPS=$net.2,$net6:2$"
step "/etc/hosts" in_a cat /etc/hosts && expect "has IPv4" "^$a4	a.head.default.svc.cluster.local	a$" && expect "and IPv6" "^$a6	a.head.default.svc.cluster.local	a$"
step "a pod reaches one on the other node by IPv6" get "[$b6]:8080" && expect "and nobody stands between" "client_address=$a6$" && expect "as b" "^Hostname: b"
step "and by IPv4" get "$b4:8080" && expect "as before" "client_address=$a4$"
step "the node reaches its pod" "$KOBUNE" ssh -- curl -gsf --max-time 5 "http://[$a6]:8080/" && expect "by IPv6" "^Hostname: a"
step "and the other's" "$KOBUNE" ssh -- curl -gsf --max-time 5 "http://[$b6]:8080/" && expect "by IPv6" "^Hostname: b"
step "a pod in the host's network reaches a pod" k exec onhost -- timeout 5 wget -qO- "http://[$a6]:8080/" && expect "by IPv6" "^Hostname: a"
socat TCP6-LISTEN:18099,bind="[$net6:1]",reuseaddr,fork SYSTEM:'echo from=$SOCAT_PEERADDR' & socat=$!
step "a pod reaches the PC by IPv6" within 5 in_a sh -c "nc -w 3 $net6:1 18099 </dev/null | grep from" && expect "with the node's address" "from=.*0*192:0*168:.*2\]?$"
kill $socat; wait $socat 2>/dev/null
step "hostPort by IPv6, from the PC" curl -gsf --max-time 5 "http://[$net6:2]:18080/" && expect "answers" "^Hostname: a"
step "and by IPv4" curl -sf --max-time 5 "http://$net.2:18080/" && expect "answers" "^Hostname: a"

echo "# Services"
addressing() { k get service "$1" -o jsonpath='{.spec.ipFamilyPolicy} {.spec.ipFamilies} {.spec.clusterIPs}'; }
v4='"10\.[0-9.]+"' v6="\"$services6::[0-9a-f:]+\""
step "RequireDualStack" addressing require && expect "has two addresses" "^RequireDualStack \[\"IPv4\",\"IPv6\"\] \[$v4,$v6\]$"
step "PreferDualStack of IPv6" addressing prefer && expect "has two, IPv6 first" "^PreferDualStack \[\"IPv6\",\"IPv4\"\] \[$v6,$v4\]$"
step "nothing said" addressing single && expect "is IPv4 alone" "^SingleStack \[\"IPv4\"\] \[$v4\]$"
step "SingleStack of IPv6" addressing six && expect "is IPv6 alone" "^SingleStack \[\"IPv6\"\] \[$v6\]$"
step "headless" addressing head && expect "has both families" '^PreferDualStack \["IPv4","IPv6"\] \["None"\]$'
step "headless without a selector" addressing hand && expect "has both too" '^RequireDualStack \["IPv4","IPv6"\] \["None"\]$'
slices() { k get endpointslices -l kubernetes.io/service-name="$1" -o jsonpath='{range .items[*]}{.addressType}:{.endpoints[*].addresses[0]}{"\n"}{end}'; }
step "EndpointSlices" slices require && expect "one of IPv4" "^IPv4:($a4 $b4|$b4 $a4)$" && expect "one of IPv6" "^IPv6:($a6 $b6|$b6 $a6)$"
step "of IPv6 alone" slices six && expect "have those" "^IPv6:" && step "and no others" test "$(slices six | wc -l)" = 1
read -r r4 r6 <<<"$(cluster_ips require)"; read -r p6 p4 <<<"$(cluster_ips prefer)"; read -r s4 s6 <<<"$(cluster_ips sticky)"; read -r six <<<"$(cluster_ips six)"
step "a ClusterIP of IPv6" within 10 get "[$r6]" && expect "answers" "^Hostname: (a|b)"
step "and of IPv4" get "$r4" && expect "answers" "^Hostname: (a|b)"
step "the other way round" get "[$p6]" && expect "answers" "^Hostname: (a|b)" && step "both" get "$p4" && expect "answers" "^Hostname: (a|b)"
step "it spreads over the pods" hosts "[$six]" 16 && expect "over a" " a$" && expect "over b" " b$"
step "session affinity by IPv6" hosts "[$s6]" 10 && expect "keeps one pod for all requests" "^ *10 [ab]$"
step "and by IPv4" hosts "$s4" 10 && expect "keeps one pod for all requests" "^ *10 [ab]$"
step "a pod reaches itself through its Service" get "[$(cluster_ips self)]" && expect "as itself" "^Hostname: a"
step "without endpoints" refused 1 get "[$(cluster_ips none)]" && expect "is refused" "[Cc]onnection refused"
step "ClusterIP from the node" "$KOBUNE" ssh -- curl -gsf --max-time 5 "http://[$r6]/" && expect "answers" "^Hostname: (a|b)"
step "from a pod in the host's network" k exec onhost -- timeout 5 wget -qO- "http://[$r6]/" && expect "answers" "^Hostname: (a|b)"
for node in 2 3; do
  step "NodePort on $net6:$node, from the PC" curl -gsf --max-time 5 "http://[$net6:$node]:30081/" && expect "answers" "^Hostname: (a|b)"
  step "and on $net.$node" curl -sf --max-time 5 "http://$net.$node:30081/" && expect "answers" "^Hostname: (a|b)"
done
step "externalTrafficPolicy Local where the pod is" curl -gsf --max-time 5 "http://[$net6:3]:30083/" && expect "keeps the PC's address" "client_address=$net6:1$"
silent() { ! curl -gsf --max-time 1 "http://[$net6:2]:30083/"; }
step "and where it is not" silent

echo "# DNS"
domain=cluster.local
dns() { dig +time=3 +tries=1 -p 10053 @"$net.2" "$@"; }
step "AAAA" dns +short require.default.svc.$domain AAAA && expect "is the second ClusterIP" "^$r6$"
step "A" dns +short require.default.svc.$domain A && expect "is the first" "^$r4$"
step "AAAA of IPv4 alone" dns single.default.svc.$domain AAAA && expect "is NOERROR" "status: NOERROR" && expect "with nothing" "ANSWER: 0"
step "A of IPv6 alone" dns six.default.svc.$domain A && expect "is NOERROR" "status: NOERROR" && expect "with nothing" "ANSWER: 0"
step "headless AAAA" dns +short head.default.svc.$domain AAAA && expect "gives pod a" "^$a6$" && expect "and pod b" "^$b6$"
step "a host name in it" dns +short b.head.default.svc.$domain AAAA && expect "is the pod's" "^$b6$"
step "PTR of a ClusterIP of IPv6" dns +short -x "$r6" && expect "is the Service" "^require.default.svc.$domain.$"
step "PTR of a pod" dns +short -x "$b6" && expect "is its host name" "^b.head.default.svc.$domain.$"
step "SRV" dns +short _http._tcp.prefer.default.svc.$domain SRV && expect "has port and name" " 80 prefer.default.svc.$domain.$"
step "the DNS at the node's IPv6 address" dig +time=3 +tries=1 -p 10053 @"$net6:2" +short require.default.svc.$domain AAAA && expect "answers" "^$r6$"
step "kube-dns by IPv6, from the node, UDP" "$KOBUNE" ssh -- dig +time=3 +tries=1 +short @$services6::a require.default.svc.$domain AAAA && expect "answers" "^$r6$"
step "and TCP" "$KOBUNE" ssh -- dig +time=3 +tries=1 +tcp +short @$services6::a require.default.svc.$domain AAAA && expect "answers" "^$r6$"
step "kube-dns by IPv6, from a pod on the other node" k exec b -- nslookup require.default.svc.$domain $services6::a && expect "answers" "$r6"
step "a Service of IPv6 alone by its name" get six && expect "answers" "^Hostname: (a|b)"

echo "# Changes"
patch() { k patch service "$1" -p "{\"spec\": $2}"; }
step "SingleStack becomes PreferDualStack" patch single '{"ipFamilyPolicy": "PreferDualStack"}' && step "and has" addressing single && expect "a second address" "^PreferDualStack \[\"IPv4\",\"IPv6\"\] \[$v4,$v6\]$"
read -r o4 o6 <<<"$(cluster_ips single)"
step "which answers" within 10 get "[$o6]" && step "and is an IPAddress" k get ipaddress "$o6" -o jsonpath='{.spec.parentRef.name}' && expect "of the Service" "^single$"
step "back to SingleStack" patch single '{"ipFamilyPolicy": "SingleStack"}' && step "and has" addressing single && expect "the first again" "^SingleStack \[\"IPv4\"\] \[\"$o4\"\]$"
gone() { ! get "[$o6]" && ! k get ipaddress "$o6" && [ "$(slices single | grep -c IPv6)" = 0 ]; }
step "the second is gone" within 10 gone && step "the first answers" get "$o4"
other() { patch single '{"ipFamilies": ["IPv6"]}'; [ $? = 1 ]; }
step "the first family" other && expect "cannot change" "spec.clusterIPs\[0\]: Invalid value: \"$o4\": expected an IPv6 value as indicated by .ipFamilies\[0\]."

echo "# Load balancers"
service lb 'type: LoadBalancer, ipFamilyPolicy: RequireDualStack, selector: {app: echo}, ports: [{port: 8088, targetPort: 8080}]' > "$work/lb.yaml"
need "a load balancer of both families" k apply -f "$work/lb.yaml"
need "tunnel" "$KOBUNE" tunnel --detach
expect "has both routes" "^	route: 10.96.0.0/12 -> $net.2, $services6::/112 -> $net6:2$"
balancer() { k get service lb -o jsonpath='{.status.loadBalancer.ingress[*].ip}' | grep .; }
step "its addresses" within 10 balancer && expect "are its cluster IPs" "^$(cluster_ips lb)$"
read -r l4 l6 <<<"$(cluster_ips lb)"
step "the PC reaches it by IPv6" within 10 curl -gsf --max-time 5 "http://[$l6]:8088/" && expect "at the Service's own port" "^Hostname: (a|b)"
step "and by IPv4" curl -sf --max-time 5 "http://$l4:8088/" && expect "too" "^Hostname: (a|b)"
step "path walks the ways of both families" "$KOBUNE" path lb && expect "and finds them sound" "^Every hop is sound" && expect "by the Service's IPv6 address" "\[$l6\]:8088: connected"
step "path: by an IPv6 address" "$KOBUNE" path "http://[$l6]:8088/" && expect "sound" "^Every hop is sound"
step "tunnel --stop" "$KOBUNE" tunnel --stop
no_route() { ! ip -6 route | grep "^$services6::/112"; }
step "its routes are gone" no_route

echo "# Ingress"
need "addons enable ingress" "$KOBUNE" addons enable ingress
printf 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: echo}\nspec: {ingressClassName: nginx, rules: [{host: echo.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: lb, port: {number: 8088}}}}]}}]}\n' | k apply -f - >/dev/null
published() { k get ingress echo -o jsonpath='{.status.loadBalancer.ingress[*].ip}' | grep .; }
step "its status" within 20 published && expect "has both addresses" "^$net.2 $net6:2$"
step "by IPv6" within 10 curl -gsf --max-time 5 -H 'Host: echo.test' "http://[$net6:2]/" && expect "the pods" "^Hostname: (a|b)"
step "by IPv4" curl -sf --max-time 5 -H 'Host: echo.test' "http://$net.2/" && expect "the pods" "^Hostname: (a|b)"
unresolved() { "$KOBUNE" path ingress/echo; [ $? = 115 ]; }
step "path walks both ways to it" unresolved && expect "of IPv6 too" "PC → \[$net6:2\]:80: connected"
step "addons disable ingress" "$KOBUNE" addons disable ingress

echo "# A node more, a restart"
need "a third node" "$KOBUNE" node add
step "and it has its ranges" k get node "$PROFILE-m03" -o jsonpath='{.spec.podCIDRs}' && expect "of both" "^\[\"10.244.2.0/24\",\"$pods6:2::/64\"\]$"
"$KOBUNE" image build -t $image samples/echoserver >/dev/null 2>&1
pod c "$PROFILE-m03" | k apply -f - >/dev/null
need "its pod is Ready" k wait --for=condition=Ready pod/c --timeout=60s
read -r c4 c6 <<<"$(ips c)"
step "pod a reaches it" get "[$c6]:8080" && expect "by IPv6" "^Hostname: c"
step "and it pod b" k exec c -- timeout 5 wget -qO- "http://[$b6]:8080/" && expect "by IPv6" "^Hostname: b"
k delete pod c --now >/dev/null
step "the node goes" "$KOBUNE" node delete "$PROFILE-m03" && step "and the ways to it" "$KOBUNE" ssh -- 'ip -6 route | grep -c "244:2::" || true' && expect "are gone" "^0$"
step "all the while nothing went amiss in the node" untroubled
need "stop" "$KOBUNE" stop
step "nothing is left on the PC" diff "$work/before" <(footprint)
need "start again, without the flag" "$KOBUNE" start
need "the pods are Ready" k wait --for=condition=Ready pod/a pod/b --timeout=90s
read -r a4 a6 <<<"$(ips a)"; read -r b4 b6 <<<"$(ips b)"
step "it is still a dual-stack one" within 10 get "[$b6]:8080" && expect "with pods by IPv6" "^Hostname: b" && step "and Services" within 10 get "[$r6]" && expect "that answer" "^Hostname: (a|b)"

echo "# Deletion"
k delete -f "$work/all.yaml" -f "$work/lb.yaml" --now >/dev/null 2>&1
of_services() { ! "$KOBUNE" ssh -- nft list table ip6 kobune-proxy | grep -E "$r6|$p6|$six|30081"; }
step "without the Services the rules are" within 10 of_services
addresses() { [ "$(k get ipaddresses -o name | wc -l)" = 3 ]; } # of kubernetes and kube-dns
step "and their addresses given back" addresses
need "delete" "$KOBUNE" delete
step "routes, tables, links and settings are as before" diff "$work/before" <(footprint)
