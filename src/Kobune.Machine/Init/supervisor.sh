#!/bin/sh
# The supervisor of a node: keeps containerd and the node process alive, each restarted with back-off when it ends.
# Containers are children of their shims, so they outlive both. Arguments: the command line of the node process.
# On SIGTERM: the node process ends first (it closes its store), then everything else gets SIGTERM and two seconds.
logs=/var/lib/kobune/logs
mkdir -p "$logs"
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"
ulimit -c 0

uptime_seconds() { read -r up _ </proc/uptime; echo "${up%.*}"; }

# keep NAME COMMAND...: the first restart comes at once, later ones after 1, 2, 4, 8, 10 seconds; ten seconds of life reset that.
keep() {
  name=$1 delay=0
  shift
  trap 'kill -TERM "$child" 2>/dev/null; wait "$child"; exit 0' TERM
  while :; do
    began=$(uptime_seconds)
    [ "$(stat -c %s "$logs/$name.log" 2>/dev/null || echo 0)" -lt 20000000 ] || mv "$logs/$name.log" "$logs/$name.log.1"
    "$@" >>"$logs/$name.log" 2>&1 &
    child=$!
    echo "$child" >"/run/kobune/$name.pid"
    wait "$child"
    code=$?
    [ $(($(uptime_seconds) - began)) -lt 10 ] || delay=0
    echo "supervisor: $name ended with $code, next start in $delay s" >>"$logs/$name.log"
    sleep "$delay" &
    wait $!
    delay=$((delay == 0 ? 1 : delay * 2))
    [ "$delay" -le 10 ] || delay=10
  done
}

# The pause image comes from a file, because there may be no registry.
import_pause() {
  until [ -S /run/containerd/containerd.sock ]; do sleep 0.02; done
  [ -z "$(ctr -n k8s.io images ls -q name=="$PAUSE_IMAGE" 2>/dev/null)" ] || return 0
  until ctr -n k8s.io images import /run/kobune/pause.tar >>"$logs/containerd.log" 2>&1; do sleep 0.2; done
}

in_containers() { cat /sys/fs/cgroup/pids/kubepods/cgroup.procs /sys/fs/cgroup/pids/kubepods/*/cgroup.procs /sys/fs/cgroup/pids/kubepods/*/*/cgroup.procs /sys/fs/cgroup/pids/kubepods/*/*/*/cgroup.procs \
  /sys/fs/cgroup/kubepods/cgroup.procs /sys/fs/cgroup/kubepods/*/cgroup.procs /sys/fs/cgroup/kubepods/*/*/cgroup.procs /sys/fs/cgroup/kubepods/*/*/*/cgroup.procs 2>/dev/null; }

power_off() {
  trap '' TERM
  kill -TERM "$node"
  wait "$node"
  kill -TERM -1
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -n "$(in_containers)" ] || break
    sleep 0.2
  done
  sync
  exit 0
}

keep containerd containerd --config /run/kobune/containerd.toml &
import_pause &
if [ $# -gt 0 ]; then keep node "$@" & else sleep 2147483647 & fi
node=$!
trap power_off TERM
while :; do wait "$node"; done
