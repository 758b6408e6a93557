#!/usr/bin/env bash
# Rows A12 C5 E4: everything that flows between kubectl and a container: exec, attach, logs, cp, port-forward. KUBECTL names the kubectl (old ones speak SPDY, new ones WebSocket).
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-streams}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
k() { "$KUBECTL" "$@"; }

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,events -o wide 2>&1 | tail -n 30 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 60 | sed 's/^/    # /'
}

need "start" "$KOBUNE" start
need "the sample image" "$KOBUNE" image build -t registry.k8s.io/echoserver:1.10 samples/echoserver
need "the pods are taken" k apply -f - <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: c, image: "registry.k8s.io/echoserver:1.10", command: [sh, -c, "exec httpd -f -p 8080 -h /tmp"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: c, image: "registry.k8s.io/echoserver:1.10", stdin: true, command: [sh, -c, "while read line; do echo got $line; done"]}]
---
apiVersion: v1
kind: Pod
metadata: {name: talker}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: c
    image: registry.k8s.io/echoserver:1.10
    command: [sh, -c, "if [ -e /v/once ]; then echo second run; for i in 1 2 3 4 5; do echo line $i; done; echo to stderr >&2; sleep 3; echo new line; until [ -e /v/more ]; do sleep 0.2; done; echo the last line; sleep 3600; else touch /v/once; echo first run; exit 1; fi"]
    volumeMounts: [{name: v, mountPath: /v}]
  volumes: [{name: v, emptyDir: {}}]
Y
need "they run" k wait --for=condition=Ready pod/box pod/reader --timeout=60s
head -c 104857600 /dev/urandom > "$work/blob"
sum=$(sha256sum < "$work/blob" | cut -d' ' -f1)

# exec
in_and_out() { k exec -i box -- cat < "$work/blob" | sha256sum | grep -q "^$sum "; }
step "exec -i: 100 MB through cat come back unchanged" in_and_out
into() { k exec -i box -- sh -c 'sha256sum; echo done >&2' < "$work/blob"; }
step "exec -i: 100 MB arrive, and the end of input too" into && expect "with their checksum" "^$sum " && expect "and stderr" "^done$"
out_only() { k exec box -- sh -c 'head -c 20000000 /dev/zero' | wc -c | grep -qx 20000000; }
step "exec: 20 MB without input" out_only
early() { k exec -i box -- sh -c 'head -c 10; exit 3' < "$work/blob" > "$work/early"; [ $? = 3 ] && [ "$(wc -c < "$work/early")" = 10 ]; }
step "exec -i: a command that leaves 100 MB unread ends" timeout 20 bash -c "$(declare -f k early); KUBECTL=$KUBECTL work=$work; for i in 1 2 3 4 5; do early || exit; done"
apart() { k exec box -- sh -c 'echo out; echo err >&2' >"$work/out" 2>"$work/err"; grep -qx out "$work/out" && grep -qx err "$work/err" && ! grep -q err "$work/out"; }
step "exec: stdout and stderr stay apart" apart
for code in 0 1 42 137 255; do exits() { k exec box -- sh -c "exit $code" >/dev/null 2>&1; [ $? = $code ]; }; step "exec: exit code $code" exits; done
no_command() { k exec box -- /no/such/program; [ $? != 0 ]; }
step "exec: a program that is not there fails" no_command && expect "and says so" "no such file or directory"
no_container() { k exec box -c nothing -- true; [ $? = 1 ]; }
step "exec: a container that is not there fails" no_container && expect "and says so" "container (not found|nothing is not valid)"
many() { local i pids=(); for i in $(seq 20); do k exec box -- echo "n$i" >"$work/many.$i" & pids+=($!); done; wait "${pids[@]}"; cat "$work"/many.* | sort -u | wc -l | grep -qx 20; }
step "exec: 20 at once" many

# A terminal and its size
resize() {
  rm -f "$work/tty"
  script -qec "tty > $work/tty; stty rows 30 cols 100; exec $KUBECTL exec -it box -- sh -c 'until [ \"\$(stty size)\" = \"30 100\" ]; do sleep 0.1; done; echo first size; until [ \"\$(stty size)\" = \"50 120\" ]; do sleep 0.1; done; echo second size; exit 5'" /dev/null > "$work/screen" 2>&1 </dev/null & local pid=$!
  within 15 grep -q "first size" "$work/screen" && stty -F "$(cat "$work/tty")" rows 50 cols 120 && within 15 grep -q "second size" "$work/screen" || { kill $pid; cat "$work/screen"; return 1; }
  wait $pid; [ $? = 5 ]
}
step "exec -it: stty size follows the terminal, and the exit code comes through" resize

# attach
attached() { { echo one; echo two; sleep 3; } | timeout 20 "$KUBECTL" attach -i reader 2>/dev/null > "$work/attached"; grep -qx "got one" "$work/attached" && grep -qx "got two" "$work/attached"; }
step "attach -i: input goes in, output comes out" attached
follow_attach() { timeout 4 "$KUBECTL" attach reader > "$work/follow-attach" 2>/dev/null & local pid=$!; sleep 1.5; { echo three; sleep 1; } | timeout 20 "$KUBECTL" attach -i reader >/dev/null 2>&1; wait $pid; grep -qx "got three" "$work/follow-attach"; }
step "attach: two see the same output" follow_attach

# logs
second() { local log; log=$(k logs talker) && grep -qx "new line" <<<"$log"; }
need "logs: the second run talks" within 40 second
step "logs --previous" k logs --previous talker && expect "is the run before" "^first run$"
step "logs --tail=2" k logs --tail=2 talker && expect "has the last line" "^new line$"
lines() { [ "$(wc -l <<<"$OUT")" = "$1" ]; }
step "logs --tail=2 are two lines" lines 2
step "logs --timestamps" k logs --timestamps --tail=1 talker && expect "begins with RFC 3339 with nanoseconds" "^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+(Z|[+-][0-9:]{5}) new line$"
stamp=${OUT%% *}
step "logs --since-time" k logs --since-time="$stamp" talker && expect "has what came then" "^new line$"
step "logs --since-time leaves out what was before" lines 1
step "logs --since=1h" k logs --since=1h talker && expect "has all" "^line 1$"
step "logs --limit-bytes" k logs --limit-bytes=6 talker && expect "is cut" "^.{6}$"
step "logs have stderr too" k logs talker && expect "in the same log" "^to stderr$"
follow() { timeout 15 "$KUBECTL" logs -f --tail=1 talker > "$work/follow" & local pid=$!; within 5 grep -q "new line" "$work/follow" && k exec talker -- touch /v/more && within 10 grep -qx "the last line" "$work/follow"; local rc=$?; kill $pid 2>/dev/null; wait $pid 2>/dev/null; return $rc; }
step "logs -f brings the new line" follow
ends() { k logs -f ender; }
k run ender --image=registry.k8s.io/echoserver:1.10 --restart=Never --command -- sh -c 'for i in 1 2 3; do echo tick $i; sleep 0.5; done' >/dev/null
started() { k logs ender >/dev/null 2>&1; }
within 20 started
step "logs -f ends with the container" timeout 20 bash -c "$(declare -f k ends); KUBECTL=$KUBECTL ends" && expect "after its last line" "^tick 3$"

# cp
mkdir -p "$work/folder/deep/er" && echo text > "$work/folder/a file.txt" && head -c 3000000 "$work/blob" > "$work/folder/deep/er/data"
folder() { k cp "$work/folder" box:/tmp/folder && k cp box:/tmp/folder "$work/back" && diff -r "$work/folder" "$work/back"; }
step "cp: a folder goes in and comes back" folder

# port-forward
head -c 1000000 "$work/blob" > "$work/part"; part=$(sha256sum < "$work/part" | cut -d' ' -f1)
# The shell stays behind cat: containerd lets go of the input of a command that closes its output, which a lone "cat > file" does.
k exec -i box -- sh -c 'cat > /tmp/part; true' < "$work/part"
k port-forward pod/box 0:8080 > "$work/forward" 2>&1 & forward=$!
address() { grep -Eo '127.0.0.1:[0-9]+' "$work/forward" | head -1; }
step "port-forward listens" within 10 grep -q 'Forwarding from 127' "$work/forward"
fetch() { curl -sf --max-time 30 "http://$(address)/part" | sha256sum | cut -d' ' -f1; }
fifty() { local i pids=(); for i in $(seq 50); do fetch > "$work/fetched.$i" & pids+=($!); done; wait "${pids[@]}"; cat "$work"/fetched.* | sort | uniq -c | grep -Eq "^ +50 $part$" || { cat "$work"/fetched.* | sort | uniq -c; cat "$work/forward"; return 1; }; }
step "port-forward: 50 connections at once, 1 MB each, unchanged" fifty
step "port-forward: and one more" fifty
kill $forward; wait $forward 2>/dev/null
k port-forward pod/box 0:9 > "$work/forward" 2>&1 & forward=$!
within 10 grep -q 'Forwarding from 127' "$work/forward"
refused() { ! curl -sf --max-time 10 "http://$(address)/"; within 5 grep -q "refused" "$work/forward"; cat "$work/forward"; }
step "port-forward: a port without a listener is told" refused && expect "as refused" "refused"
kill $forward 2>/dev/null; wait $forward 2>/dev/null
step "all the while nothing went amiss in the node" untroubled
echo "# $SECONDS s"
