#!/usr/bin/env bash
# Issue "bad input and faults": what goes wrong on a real computer gets one clear line with the mend and an exit code, and leaves nothing half made.
# KOBUNE names the program, PROFILE the profile, ROUNDS how often the last loop starts, stops and deletes a cluster.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-faults}
ROUNDS=${ROUNDS:-5}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE LC_ALL=C.UTF-8
pause=registry.k8s.io/pause:3.10
id=$(printf '%s\n%s' "$KOBUNE_HOME" "$PROFILE" | sha256sum | cut -c1-8) # names what this profile makes on the host
k() { "$KUBECTL" "$@"; }

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  ip link delete kbfault0 2>/dev/null
  umount "$work/home" "$work/small" 2>/dev/null
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }

# refused NAME CODE PATTERN COMMAND...: the command must end with this code and say a line that matches.
refused() {
  local name=$1 code=$2 pattern=$3 rc; shift 3
  "$@" >"$STEP_LOG" 2>&1; rc=$?
  OUT=$(cat "$STEP_LOG")
  if [ "$rc" = "$code" ] && grep -Eq -- "$pattern" "$STEP_LOG"; then echo "ok - $name"; return; fi
  echo "not ok - $name"; echo "    ran: $*"; echo "    exit code $rc (wanted $code), wanted a line: $pattern"; sed 's/^/    | /' "$STEP_LOG" | tail -n 30
  return 1
}

# What must be the same before and after: mounts, links, routes, nftables, forwarding, cgroups, processes of this profile.
footprint() {
  awk '{print $5}' /proc/self/mountinfo | sort
  ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | sort
  ip route show table all | sed 's/ metric.*//; /local\|broadcast\|multicast/d' | sort
  nft list tables 2>/dev/null | sort
  cat /proc/sys/net/ipv4/ip_forward
  find /sys/fs/cgroup -maxdepth 4 -type d -path "*kobune/$id-*" 2>/dev/null | sort
  pgrep -af "$work" | grep -v 'pgrep\|faults.sh' | awk '{$1=""; print}' | sort
}
untouched() { footprint >"$work/after"; diff "$work/before" "$work/after"; }
nothing_kept() { untouched && [ -z "$(find "$KOBUNE_HOME" -mindepth 1 -print -quit 2>/dev/null)" ]; }

echo "# before there is a cluster"
footprint >"$work/before"
refused "not root" 57 'DRV_NEEDS_ROOT' unshare --user "$KOBUNE" start
expect "with the mend" 'sudo kobune start'
hide='mount -t tmpfs none /usr/lib/cni &&'
refused "a missing package with --no-install" 55 'containernetworking-plugins' unshare --mount sh -c "$hide"' exec "$0" start --no-install' "$KOBUNE"
expect "with the command to run" 'apt-get install -y .*containernetworking-plugins'
# dpkg and apt as on a computer that never had the package; all of it in a mount namespace of its own.
offline="$hide"' mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work &&
  mount -t overlay overlay -o lowerdir=/var/lib/dpkg,upperdir=/mnt/upper,workdir=/mnt/work /var/lib/dpkg &&
  awk "BEGIN{RS=\"\";ORS=\"\n\n\"} !/^Package: containernetworking-plugins\n/" /var/lib/dpkg/status >/mnt/status && cp /mnt/status /var/lib/dpkg/status &&
  mount -t tmpfs none /var/lib/apt/lists && mount -t tmpfs none /var/cache/apt &&'
refused "a missing package without a network" 40 'INET_REPO' unshare --mount --net sh -c "$offline"' exec "$0" start' "$KOBUNE"
expect "with apt's reason" 'containernetworking-plugins'
ip link add kbfault0 type bridge && ip address add 192.168.49.77/24 dev kbfault0 && ip link set kbfault0 up
refused "a subnet that is taken" 70 'IF_DEDICATED_NETWORK.*192\.168\.49\.0/24' "$KOBUNE" start --subnet 192.168.49.0/24
ip link delete kbfault0
refused "an unknown flag" 14 'MK_USAGE' "$KOBUNE" start --no-such-flag
refused "a bad profile name" 14 'not a valid profile name' "$KOBUNE" start -p 'a/b'
echo 'clusters: [' >"$KUBECONFIG"
refused "a broken kubeconfig" 38 'HOST_KUBECONFIG_UPDATE.*kubeconfig' "$KOBUNE" start
rm "$KUBECONFIG"
mkdir "$work/small" && mount -t tmpfs -o size=64m none "$work/small"
refused "a full disk" 26 'RSRC_INSUFFICIENT_STORAGE' env KOBUNE_HOME="$work/small/home" "$KOBUNE" start
umount "$work/small" && mount -t tmpfs -o size=1g,nr_inodes=14 none "$work/small"
refused "a disk that fills up while the cluster is made" 26 'RSRC_INSUFFICIENT_STORAGE' env KOBUNE_HOME="$work/small/home" "$KOBUNE" start
step "takes back what was made" test -z "$(find "$work/small" -type f)"
umount "$work/small"
step "nothing was touched by all this" nothing_kept

echo "# a start that is disturbed"
mkdir -p "$work/home" && mount -t tmpfs -o size=1g none "$work/home"
footprint >"$work/before"
starting() { grep -q "^$1 " "$KOBUNE_HOME/profiles/$PROFILE/starting" 2>/dev/null; } # a killed start leaves the file, with its own number
killed_start() { # killed_start CONDITION...: a start that is killed as soon as the condition holds
  "$KOBUNE" start >/dev/null 2>&1 & local pid=$!
  within 30 "$@" "$pid" && kill -9 "$pid"; wait "$pid" 2>/dev/null; true
}
machine_file() { [ -e "$KOBUNE_HOME/machines/$PROFILE/$1" ]; }
step "kill -9 of a start as soon as it begins" killed_start starting
step "delete takes away what it left" "$KOBUNE" delete
step "all of it" nothing_kept
step "kill -9 of a start when its machine is about to run" killed_start machine_file machine.json
step "kill -9 of the next start when its machine runs" killed_start machine_file init.json
printf 'kobune %s 1 %s\n' $$ "$(cat /proc/sys/kernel/random/boot_id)" > "$KUBECONFIG.lock" # as a command leaves it that is killed while it writes: the next one takes it away
delete_during_start() {
  "$KOBUNE" start >"$work/start.log" 2>&1 & local pid=$!
  within 30 starting "$pid" && "$KOBUNE" delete || return 1
  wait "$pid"; local rc=$?
  cat "$work/start.log"
  [ "$rc" = 11 ] || [ "$rc" = 0 ] # ended by the delete, unless it was done before
}
step "delete while starting" delete_during_start
step "leaves nothing" nothing_kept
parallel() {
  "$KOBUNE" start >"$work/one" 2>&1 & local one=$!
  "$KOBUNE" start >"$work/two" 2>&1 & local two=$!
  wait "$one"; local first=$?
  wait "$two"; local second=$?
  cat "$work/one" "$work/two"
  [ "$first$second" = 00 ]
}
need "two starts at once: both succeed" parallel
need "with one cluster" k get nodes
expect "of one node" "^$PROFILE +Ready"

echo "# a cluster whose parts die"
need "a pod" k run before --image=$pause
need "runs" k wait --for=condition=Ready pod/before --timeout=60s
id() { k get pod "$1" -o jsonpath='{.status.containerStatuses[0].containerID}'; }
before=$(id before)
step "kill -9 of containerd" "$KOBUNE" ssh -- 'kill -9 $(cat /run/kobune/containerd.pid)'
need "the next pod" k run after --image=$pause
step "runs all the same" k wait --for=condition=Ready pod/after --timeout=60s
step "and the first was not touched" test "$before" = "$(id before)"
dd if=/dev/zero of="$work/home/filler" bs=1M >/dev/null 2>&1
refused "status of a full disk" 1 'InsufficientStorage' "$KOBUNE" status
big() { head -c 900000 /dev/zero | tr '\0' x >"$work/big"; ! k create configmap full --from-file="$work/big" --request-timeout=20s; }
step "a write that the disk does not take is refused" big
rm -f "$work/home/filler"
step "and taken once there is room" within 20 k create configmap roomy --from-literal=a=b
step "nothing was lost" k get pod before after

echo "# the computer was switched off and on"
forward=$(sed -n '/^[01]$/p' "$work/before" | head -1)
power_cut() {
  kill -9 "$(sed -E 's/.*"pid":([0-9]+).*/\1/' "$KOBUNE_HOME/machines/$PROFILE/init.json")"
  within 20 gone || return 1
  ip -o link show | awk -F': ' '{print $2}' | sed 's/@.*//' | grep "$id" | xargs -r -n1 ip link delete 2>/dev/null
  nft delete table ip "kobune_$id"
  find /sys/fs/cgroup -depth -type d -path "*kobune/$id-*" -exec rmdir {} + 2>/dev/null
  echo "$forward" >/proc/sys/net/ipv4/ip_forward
  untouched
}
gone() { ! pgrep -f "$KOBUNE_HOME" >/dev/null; }
need "everything in memory is gone" power_cut
refused "status says that it is stopped" 7 'host: Stopped' "$KOBUNE" status
echo 11111111-2222-4333-8444-555555555555 >"$work/boot_id"
after_reboot() { unshare --mount sh -c 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"' "$work/boot_id" "$@"; }
need "start after the reboot" after_reboot "$KOBUNE" start
step "the pods are back" k wait --for=condition=Ready pod/before pod/after --timeout=60s
step "the objects are there" k get configmap roomy
need "delete" after_reboot "$KOBUNE" delete
step "leaves nothing" nothing_kept

echo "# again and again"
rounds() {
  for round in $(seq "$ROUNDS"); do
    "$KOBUNE" start --wait apiserver && "$KOBUNE" stop && "$KOBUNE" delete && nothing_kept || { echo "round $round of $ROUNDS"; return 1; }
  done
}
step "$ROUNDS rounds of start, stop, delete leave nothing behind" rounds
