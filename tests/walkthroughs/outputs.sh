#!/usr/bin/env bash
# What the commands print for a running cluster, in each form and language, as files that a person reads too: tests/walkthroughs/outputs. What differs from run to run is masked.
# A change of a form is seen as a change of its file: run it with KOBUNE_WRITE_EXAMPLES=1 to write them anew, and look at the difference.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig LC_ALL=C.UTF-8
unset KOBUNE_PROFILE MINIKUBE_PROFILE
trap '"$KOBUNE" delete --all >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }
k() { $KUBECTL "$@"; }
"$KOBUNE" version >/dev/null || exit 1

mask() {
  sed -E "s#$work#WORK#g; s#\b$(hostname)\b#THIS-PC#g; s# on Debian .*\(amd64\)# on THIS-SYSTEM#; s#^(\* \[[a-z]+\] Kobune v).*#\1…#; s#192\.168\.[0-9]+\.#192.168.N.#g; s#([:=\" ])3[0-2][0-9]{3}\b#\1PORT#g; s#10\.(9[6-9]|10[0-9]|11[01])\.[0-9]+\.[0-9]+#10.96.X.X#g; s#10\.244\.[0-9]+\.[0-9]+#10.244.X.X#g; \
    s#-[a-z0-9]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b#-POD#g; s#[0-9]+(\.[0-9]+)? ?ms\b#N ms#g; s#[0-9]+\.[0-9]+ ?s\b#N s#g; s#[0-9a-f]{64}#SHA256#g; s#\b[0-9a-f]{13,15}\b#ID#g; s#AAAA[A-Za-z0-9+/=]+#KEY#; \
    s#\"(time|id)\":\"[^\"]*\"#\"\1\":\"…\"#g; s#[0-9]+(\.[0-9]+)? ?(kB|MB)\b#N MB#g; s#[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z#TIME#g; s#\"size\": ?\"[0-9]+\"#\"size\":\"N\"#g; s#(size: )\"?[0-9]+\"?#\1N#; s#v[0-9]+\.[0-9]+\.[0-9]+#vX.Y.Z#g; s#(milliseconds.?.?:) ?[0-9.]+#\1N#g; s#, [0-9]+ ms#, N ms#g"
}

# example FILE CODE COMMAND...: what the command prints, both streams, is what the file holds; and it ends with CODE.
example() {
  local file=tests/walkthroughs/outputs/$1 code=$2 rc; shift 2
  "$KOBUNE" "$@" >"$work/out" 2>"$work/err"; rc=$?
  { cat "$work/out"; [ ! -s "$work/err" ] || { echo "--- standard error"; cat "$work/err"; }; } | mask >"$work/actual"
  [ "${KOBUNE_WRITE_EXAMPLES:-}" != 1 ] || { mkdir -p "$(dirname "$file")"; cp "$work/actual" "$file"; }
  if ! diff -u "$file" "$work/actual" >"$STEP_LOG" 2>&1; then echo "not ok - $*"; sed 's/^/    | /' "$STEP_LOG"; return 1; fi
  if [ $rc != "$code" ]; then echo "not ok - $* ends with $code"; echo "    it ended with $rc"; return 1; fi
  echo "ok - $*"
}

example start.txt 0 start || { on_failure; exit 1; }
"$KOBUNE" image build -t registry.k8s.io/echoserver:1.10 samples/echoserver >/dev/null 2>&1
k run hello --image=registry.k8s.io/echoserver:1.10 --port=8080 --labels=app=hello >/dev/null # names and addresses are given: a picture cuts long ones
cat >"$work/hello.yaml" <<'Y'
apiVersion: v1
kind: Service
metadata: {name: hello}
spec: {type: NodePort, clusterIP: 10.96.1.1, selector: {app: hello}, ports: [{port: 8080, nodePort: 30123}]}
Y
k apply -f "$work/hello.yaml" >/dev/null
k create service clusterip inside --tcp=80:8080 --clusterip=10.96.1.2 >/dev/null
k create service clusterip broken --tcp=80:8080 --clusterip=10.96.1.3 >/dev/null
need "the app runs" k wait --for=condition=Ready pod/hello --timeout=60s

example start-again.txt 0 start
example start-again.json 0 start -o json
example status.txt 0 status
example status.json 0 status -o json
example ip.txt 0 ip
example profile-list.txt 0 profile list
example profile-list.json 0 profile list -o json
example node-list.txt 0 node list
example service.txt 0 service hello
example service-url.txt 0 service hello --url
example service-https.txt 0 service hello --url --https
example service-format.txt 0 service hello --url --format '{{.IP}} {{.Port}} {{.Name}}'
example service-inside.txt 0 service inside --url
example service-missing.txt 115 service nosuch
example service-list.txt 0 service list
example service-list.json 0 service list -o json
example service-list-namespace.txt 0 service list -n kube-system
example path-service.txt 0 path hello
example path-service.json 0 path hello -o json
example path-service.svg 0 path hello -o svg
example path-broken.txt 115 path broken
example path-broken.json 115 path broken -o json
example path-missing.txt 115 path nosuch
example ssh-key.txt 0 ssh-key
example ssh.txt 0 ssh -- hostname
example image-ls.txt 0 image ls
example image-ls-table.txt 0 image ls --format table
example image-tag.txt 0 image tag registry.k8s.io/echoserver:1.10 local/echo:2
example image-rm.txt 0 image rm local/echo:2
example docker-env.txt 14 docker-env --shell bash
example podman-env.txt 14 podman-env --shell bash
example addons-enable.txt 0 addons enable registry
example addons-enable-again.txt 0 addons enable registry
example addons-open.txt 115 addons open registry --url
example addons-disable.txt 0 addons disable registry
example addons-list.txt 0 addons list
example config-set.txt 0 config set memory 3g
example config-view.txt 0 config view
example config-view-format.txt 0 config view --format '{{.ConfigKey}}={{.ConfigValue}}'
example config-unset.txt 0 config unset memory
example update-check.txt 49 update-check
example update-context.txt 0 update-context
example license.txt 0 license -d "$work"
example logs-problems.txt 0 logs --problems
example stop-schedule.txt 0 stop --schedule 5m
example stop-cancel.txt 0 stop --cancel-scheduled
example pause.txt 0 pause
example status-paused.txt 2 status
example path-paused.txt 115 path hello
example unpause.txt 0 unpause
export LC_ALL=ja_JP.UTF-8 2>/dev/null
example ja/service.txt 0 service hello
example ja/service-missing.txt 115 service nosuch
example ja/path-service.txt 0 path hello
example ja/path-broken.txt 115 path broken
example ja/addons-list.txt 0 addons list
example ja/pause.txt 0 pause
example ja/unpause.txt 0 unpause
example ja/stop.txt 0 stop
example ja/start.txt 0 start
export LC_ALL=C.UTF-8
example stop.txt 0 stop
example stop-again.txt 0 stop
example path-stopped.txt 115 path hello
example stop.json 0 stop -o json
example delete.txt 0 delete
example delete-again.txt 0 delete
example start.json 0 start -o json
example delete.json 0 delete -o json
example delete-all.txt 0 delete --all
