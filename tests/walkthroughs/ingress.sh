#!/usr/bin/env bash
# Rows A14 D5: the addons ingress and ingress-dns, with real kubectl, curl, dig and openssl: routes by host and path, TLS by server name, HTTP/2, a
# connection that leaves HTTP, sticky sessions, basic auth, a change under load, and names by DNS.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

# "dns install" writes into /etc/resolv.conf: this walk has one of its own, in a mount namespace of its own.
[ -n "${INGRESS_WALK:-}" ] || exec env INGRESS_WALK=1 unshare --mount tests/walkthroughs/ingress.sh

PROFILE=${PROFILE:-ingress}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }
finish() { "$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"; }
trap finish EXIT
on_failure() {
  k get pods,ingresses,events -A -o wide 2>&1 | tail -n 40 | sed 's/^/    # /'
  "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'
}

printf 'nameserver 192.0.2.53\n' > "$work/resolv.conf" && cp "$work/resolv.conf" "$work/resolv.before"
mount --bind "$work/resolv.conf" /etc/resolv.conf

need "start" "$KOBUNE" start
IP=$("$KOBUNE" ip)
fetch() { curl -sS --max-time 10 "$@"; }
refused() { ! curl -s --max-time 2 -o /dev/null "http://$IP/"; }
step "nothing listens before the addon is on" refused
need "addons enable ingress" "$KOBUNE" addons enable ingress
step "addons enable ingress-dns" "$KOBUNE" addons enable ingress-dns
need "the sample image" "$KOBUNE" image build -t $image samples/echoserver
need "two deployments" bash -c "$KUBECTL create deployment one --image=$image && $KUBECTL create deployment two --image=$image --replicas=2"
need "and their services" bash -c "$KUBECTL expose deployment one --port=80 --target-port=8080 && $KUBECTL expose deployment two --port=80 --target-port=8080"
step "the class is there" within 20 k get ingressclass nginx -o 'jsonpath={.spec.controller}' && expect "of ingress-nginx' controller" "k8s.io/ingress-nginx"
status_of() { fetch -o /dev/null -w '%{http_code}' "$@"; }
is_status() { local want=$1; shift; [ "$(status_of "$@")" = "$want" ]; }
step "an unknown host gets 404" within 20 is_status 404 "http://$IP/"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=shop.test -addext subjectAltName=DNS:shop.test -keyout "$work/key" -out "$work/cert" 2>/dev/null
step "a TLS secret" k create secret tls shop-tls --cert="$work/cert" --key="$work/key"
printf 'ada:%s\n' "$(openssl passwd -apr1 secret)" > "$work/auth"
step "a secret of users" k create secret generic users --from-file=auth="$work/auth"
cat > "$work/ingress.yaml" <<'Y'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  tls: [{hosts: [shop.test], secretName: shop-tls}]
  rules:
  - host: shop.test
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}
      - {path: /two, pathType: Prefix, backend: {service: {name: two, port: {number: 80}}}}
  - host: "*.wild.test"
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: two, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rewritten
  annotations:
    nginx.ingress.kubernetes.io/use-regex: "true"
    nginx.ingress.kubernetes.io/rewrite-target: /$2
    nginx.ingress.kubernetes.io/affinity: cookie
    nginx.ingress.kubernetes.io/session-cookie-path: /
spec:
  ingressClassName: nginx
  rules:
  - host: api.test
    http: {paths: [{path: "/v1(/|$)(.*)", pathType: ImplementationSpecific, backend: {service: {name: two, port: {number: 80}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: closed
  annotations: {nginx.ingress.kubernetes.io/auth-type: basic, nginx.ingress.kubernetes.io/auth-secret: users, nginx.ingress.kubernetes.io/auth-realm: Staff}
spec:
  ingressClassName: nginx
  rules:
  - host: staff.test
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: one, port: {number: 80}}}}]}
Y
need "the ingresses" k apply -f "$work/ingress.yaml"
need "the pods run" bash -c "$KUBECTL rollout status deployment/one --timeout=90s && $KUBECTL rollout status deployment/two --timeout=90s"
addressed() { [ "$(k get ingress shop -o 'jsonpath={.status.loadBalancer.ingress[0].ip}')" = "$IP" ]; }
step "the status names the node's address" within 20 addressed
step "kubectl get ingress" k get ingress shop && expect "shows class, hosts and address" "shop +nginx +shop.test,\*.wild.test +$IP +80, 443"

shop() { fetch --resolve "shop.test:443:$IP" --resolve "shop.test:80:$IP" "$@"; }
step "the endpoints answer" within 30 shop -fk https://shop.test/ && expect "the path / leads to one" "Hostname: one-"
step "the path /two" shop -fk https://shop.test/two/x && expect "leads to two" "Hostname: two-"
step "TLS shows the secret's certificate" shop -f --cacert "$work/cert" https://shop.test/
step "HTTP/2" shop -fk --http2 -o /dev/null -w 'version=%{http_version}' https://shop.test/ && expect "is spoken" "version=2"
step "HTTP goes to HTTPS" shop -o /dev/null -w '%{http_code} %{redirect_url}' http://shop.test/a?b=c && expect "by 308" "308 https://shop.test/a\?b=c"
default_cert() { openssl s_client -connect "$IP:443" -servername nobody.test </dev/null 2>/dev/null | openssl x509 -noout -subject; }
step "another server name" default_cert && expect "is shown the self-made certificate" "Kubernetes Ingress Controller Fake Certificate"
step "a wildcard host" fetch -f -H 'Host: any.wild.test' "http://$IP/" && expect "leads to two" "Hostname: two-"
step "and only one label" is_status 404 -H 'Host: a.b.wild.test' "http://$IP/"
step "rewrite-target" fetch -f -H 'Host: api.test' "http://$IP/v1/users?id=7" && expect "the endpoint sees the new path" "real path=/users\?id=7"
step "headers as ingress-nginx sets them" fetch -f -H 'Host: any.wild.test' "http://$IP/" && expect "x-real-ip" "^\s*x-real-ip=" && expect "x-forwarded-host" "^\s*x-forwarded-host=any.wild.test" && expect "x-request-id" "^\s*x-request-id=[0-9a-f]{32}"
sticky() {
  local first again
  first=$(fetch -f -c "$work/cookies" -H 'Host: api.test' "http://$IP/v1/" | grep '^Hostname') || return 1
  for _ in 1 2 3 4 5 6; do again=$(fetch -f -b "INGRESSCOOKIE=$(awk '/INGRESSCOOKIE/ {print $NF}' "$work/cookies")" -H 'Host: api.test' "http://$IP/v1/" | grep '^Hostname'); [ "$first" = "$again" ] || { echo "$first, then $again"; return 1; }; done
}
step "a session cookie keeps its pod" sticky
step "basic auth refuses" is_status 401 -H 'Host: staff.test' "http://$IP/"
step "and lets the user in" fetch -f -u ada:secret -H 'Host: staff.test' "http://$IP/" && expect "to the app" "Hostname: one-"

# A connection that leaves HTTP, as WebSockets do: the pod echoes bytes after its 101.
cat > "$work/upgrade.yaml" <<Y
apiVersion: v1
kind: Pod
metadata: {name: upgrade, labels: {app: upgrade}}
spec:
  containers:
  - name: echo
    image: $image
    command: [/bin/busybox, nc, -ll, -p, "8080", -e, /bin/busybox, sh, -c, 'while read -r line && [ "\${#line}" -gt 1 ]; do :; done; printf "HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n"; exec cat']
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: upgrade}
spec:
  ingressClassName: nginx
  rules: [{host: chat.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: upgrade, port: {number: 80}}}}]}}]
Y
need "a pod that upgrades" bash -c "$KUBECTL apply -f $work/upgrade.yaml && $KUBECTL expose pod upgrade --port=80 --target-port=8080 && $KUBECTL wait --for=condition=Ready pod/upgrade --timeout=60s"
upgrade() {
  exec 5<>"/dev/tcp/$IP/80" || return 1
  printf 'GET /chat HTTP/1.1\r\nHost: chat.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n' >&5
  local line; read -r -t 5 line <&5; echo "$line"; case $line in *101*) ;; *) exec 5>&-; return 1 ;; esac
  while read -r -t 5 line <&5 && [ "${#line}" -gt 1 ]; do :; done
  echo ping >&5; read -r -t 5 line <&5; exec 5>&-; echo "$line"; [ "$line" = ping ]
}
step "an upgraded connection carries bytes both ways" within 20 upgrade

load() { local i; for i in $(seq 150); do [ "$(status_of -H 'Host: any.wild.test' "http://$IP/")" = 200 ] || { echo "request $i failed"; return 1; }; done; }
change_under_load() {
  load > "$work/load" 2>&1 & local pid=$!
  k annotate ingress shop nginx.ingress.kubernetes.io/proxy-read-timeout=70 --overwrite && k scale deployment two --replicas=3 && k rollout status deployment/two --timeout=60s && k scale deployment two --replicas=1
  wait $pid || { cat "$work/load"; return 1; }
}
step "changes and scaling under load drop no request" change_under_load
need "no endpoint" k scale deployment one --replicas=0
step "is 503" within 30 is_status 503 -u ada:secret -H 'Host: staff.test' "http://$IP/"

answers() { dig +short +time=2 +tries=1 "@$IP" "$1" A | grep -qx "$IP"; }
step "ingress-dns answers a host" within 20 answers shop.test
step "and a wildcard host" answers any.wild.test
unknown() { dig +time=2 +tries=1 "@$IP" example.com A | grep -q 'status: REFUSED'; }
step "other names are left to other servers" unknown

step "dns install" "$KOBUNE" dns install --domain test
step "curl finds the host by its name" within 10 curl -fsS --max-time 5 http://any.wild.test/ && expect "and the app" "Hostname: two-"
step "dns uninstall" "$KOBUNE" dns uninstall
unchanged() { cmp "$work/resolv.conf" "$work/resolv.before"; }
step "leaves the resolver as it was" unchanged
step "dns install again" "$KOBUNE" dns install

step "addons disable ingress" "$KOBUNE" addons disable ingress
step "nothing listens any more" within 30 refused
cleared() { [ -z "$(k get ingress shop -o 'jsonpath={.status.loadBalancer.ingress}')" ] && ! k get ingressclass nginx 2>/dev/null; }
step "and the status and the class are gone" within 20 cleared
step "all the while nothing went amiss in the node" untroubled
need "delete" "$KOBUNE" delete
step "delete takes the resolver entry along" unchanged
