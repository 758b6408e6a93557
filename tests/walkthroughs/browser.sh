#!/usr/bin/env bash
# What a person sees: pages of an app in the cluster in a real Chromium, by NodePort, by Ingress over TLS and HTTP/2, and through kubectl proxy.
# Left out where Chromium cannot be had.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=browser
trap 'kill $proxy 2>/dev/null; "$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
proxy=
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; k get pods -A -o wide 2>&1 | sed 's/^/    # /'; }
k() { $KUBECTL "$@"; }
command -v chromium >/dev/null || { echo "ok - there is no Chromium here"; exit 0; }

# page URL [HOST IP]: the document as it is after its scripts have run. Names but HOST lead nowhere: a browser asks much of its own.
page() {
  HOME=$work chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --disable-component-update --no-first-run --ignore-certificate-errors \
    --host-resolver-rules="MAP ${2:-none.example.test} ${3:-127.0.0.1},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE $ip" --virtual-time-budget=8000 --dump-dom "$1" 2>"$work/chromium.log"
}

need "start" "$KOBUNE" start
ip=$("$KOBUNE" ip)
need "the sample image" "$KOBUNE" image build -t registry.k8s.io/echoserver:1.10 samples/echoserver
need "ingress" "$KOBUNE" addons enable ingress
cat >"$work/app.yaml" <<'Y'
apiVersion: v1
kind: ConfigMap
metadata: {name: pages}
data:
  style.css: "body { color: rgb(1, 2, 3) }"
  hello.txt: "hello from a file"
  app.js: |
    const show = (id, text) => document.getElementById(id).textContent = text;
    show('color', getComputedStyle(document.body).color);
    fetch(document.body.dataset.api).then(r => r.text()).then(t => {
      const entry = performance.getEntriesByType('navigation')[0];
      show('api', t);
      show('protocol', entry.nextHopProtocol);
    });
  index.html: |
    <!doctype html><html><head><title>Boats</title><link rel="stylesheet" href="/style.css"></head>
    <body data-api="hello.txt"><a id="next" href="/next">next</a><p id="color"></p><p id="protocol"></p><pre id="api"></pre><script src="/app.js"></script></body></html>
  shop.html: |
    <!doctype html><html><head><title>Shop</title><link rel="stylesheet" href="/style.css"></head>
    <body data-api="/echo/x"><p id="color"></p><p id="protocol"></p><pre id="api"></pre><script src="/app.js"></script></body></html>
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: httpd, image: "registry.k8s.io/echoserver:1.10", command: [/bin/busybox, httpd, -f, -p, "8000", -h, /pages], ports: [{containerPort: 8000}], volumeMounts: [{name: pages, mountPath: /pages}]}
  volumes: [{name: pages, configMap: {name: pages}}]
---
apiVersion: v1
kind: Pod
metadata: {name: echo, labels: {app: echo}}
spec: {containers: [{name: echo, image: "registry.k8s.io/echoserver:1.10", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8000}]}
---
apiVersion: v1
kind: Service
metadata: {name: echo}
spec: {selector: {app: echo}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  tls: [{hosts: [shop.example.test], secretName: shop-tls}]
  rules:
  - host: shop.example.test
    http:
      paths:
      - {path: /echo, pathType: Prefix, backend: {service: {name: echo, port: {number: 80}}}}
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
Y
need "the app is applied" k apply -f "$work/app.yaml"
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=shop.example.test -addext subjectAltName=DNS:shop.example.test -keyout "$work/key" -out "$work/crt" 2>/dev/null
need "the TLS secret" k create secret tls shop-tls --cert="$work/crt" --key="$work/key"
need "the pods run" k wait --for=condition=Ready pod/web pod/echo --timeout=60s

url=$("$KOBUNE" service web --url)
step "the page by its NodePort" page "$url" && expect "has its title" "<title>Boats</title>" && expect "is styled" 'id="color">rgb\(1, 2, 3\)<' && expect "and its script's request was answered" 'id="api">hello from a file<'
loaded() { page https://shop.example.test/shop.html shop.example.test "$ip" >"$STEP_LOG.page" && grep -q 'Hostname: echo' "$STEP_LOG.page"; }
step "the page by its Ingress over TLS" within 20 loaded; OUT=$(cat "$STEP_LOG.page"); rm -f "$STEP_LOG.page"
expect "has its title" "<title>Shop</title>"; expect "is styled" 'id="color">rgb\(1, 2, 3\)<'; expect "came by HTTP/2" 'id="protocol">h2<'
expect "and its script reached the second Service" "x-forwarded-proto[=:] ?https|X-Forwarded-Proto[=:] ?https"
step "http leads to https" page http://shop.example.test/shop.html shop.example.test "$ip" && expect "where the page is" "<title>Shop</title>"

k proxy --port=0 >"$work/proxy.log" 2>&1 & proxy=$!
within 10 grep -q "Starting to serve" "$work/proxy.log"
base=$(sed -nE 's/.*on (.*)/http:\/\/\1/p' "$work/proxy.log")/api/v1/namespaces/default/services/web/proxy
step "the page through kubectl proxy" page "$base/" && expect "is styled by a link that names the root" 'id="color">rgb\(1, 2, 3\)<' \
  && expect "its script runs" 'id="api">hello from a file<' && expect "and its links lead through the proxy" 'id="next" href="/api/v1/namespaces/default/services/web/proxy/next"'
step "without the slash at the end it is the same" page "$base" && expect "is styled" 'id="color">rgb\(1, 2, 3\)<'
