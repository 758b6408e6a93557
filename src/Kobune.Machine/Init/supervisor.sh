#!/bin/sh
# The supervisor of a node: keeps containerd and the node process alive, each restarted with back-off when it ends.
# Containers are children of their shims, so they outlive both. The command line of the node process is in run-node, not in this
# script's arguments: pkill -f with the node process's words must not find the supervisor.
# On SIGTERM: the node process ends first (it closes its store), then everything else gets SIGTERM and two seconds.
logs=/var/lib/kobune/logs
run=/run/kobune
mkdir -p "$logs"
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"
ulimit -c 0

uptime_seconds() { read -r up _ </proc/uptime; echo "${up%.*}"; }

# keep NAME COMMAND...: the first restart comes at once, later ones after 1, 2, 4, 8, 10 seconds; ten seconds of life reset that.
keep() {
  name=$1 delay=0
  shift
  until [ -e "$run/stopping" ]; do
    began=$(uptime_seconds)
    [ "$(stat -c %s "$logs/$name.log" 2>/dev/null || echo 0)" -lt 20000000 ] || mv "$logs/$name.log" "$logs/$name.log.1"
    sh -c 'echo $$ >"$0"; exec "$@"' "$run/$name.pid" "$@" >>"$logs/$name.log" 2>&1
    code=$?
    [ ! -e "$run/stopping" ] || break
    [ $(($(uptime_seconds) - began)) -lt 10 ] || delay=0
    echo "supervisor: $name ended with $code, next start in $delay s" >>"$logs/$name.log"
    sleep "$delay"
    delay=$((delay == 0 ? 1 : delay * 2))
    [ "$delay" -le 10 ] || delay=10
  done
}

# The pause image comes from a file, because there may be no registry.
import_pause() {
  until [ -S /run/containerd/containerd.sock ]; do sleep 0.02; done
  [ -z "$(ctr -n k8s.io images ls -q name=="$PAUSE_IMAGE" 2>/dev/null)" ] || return 0
  until ctr -n k8s.io images import "$run/pause.tar" >>"$logs/containerd.log" 2>&1; do sleep 0.2; done
}

# The processes in containers; pids is the version 1 hierarchy, the other is version 2.
in_containers() {
  find /sys/fs/cgroup/pids/kubepods /sys/fs/cgroup/kubepods -name cgroup.procs -exec cat {} + 2>/dev/null
}

power_off() {
  trap '' TERM
  : >"$run/stopping"
  pid=$(cat "$run/node.pid" 2>/dev/null)
  if [ -n "$pid" ] && kill -TERM "$pid" 2>/dev/null; then
    for _ in $(seq 300); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.05
    done
  fi
  kill -TERM -1
  for _ in $(seq 20); do
    [ -n "$(in_containers)" ] || break
    sleep 0.1
  done
  sync
  exit 0
}

rm -f "$run/stopping"
echo "supervisor: machine starts" >>"$logs/node.log"
trap power_off TERM
# The SSH server that `kobune ssh-key` asked for once; its keys are kept, so it comes back with the machine.
start_ssh() {
  [ -e /var/lib/kobune/ssh/host_key ] && command -v dropbear >/dev/null || return 0
  mkdir -p /root/.ssh && chmod 700 /root /root/.ssh && cp /var/lib/kobune/ssh/authorized_keys /root/.ssh/authorized_keys && chmod 600 /root/.ssh/authorized_keys
  keep ssh dropbear -F -E -s -r /var/lib/kobune/ssh/host_key -p "$(cat /var/lib/kobune/ssh/listen)"
}
start_ssh &
keep containerd containerd --config "$run/containerd.toml" &
import_pause &
[ ! -e "$run/run-node" ] || keep node /bin/sh "$run/run-node" &
# wait returns when a signal came, or when all have ended.
while :; do
  wait
  sleep 1 &
done
