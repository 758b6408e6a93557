#!/usr/bin/env bash
# Rows A3-A8 D7 F1: volumes that outlive pods, and the folders of the PC in the node. Two nodes, because volumes are on one of them.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh

PROFILE=${PROFILE:-storage}
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=$PROFILE
image=registry.k8s.io/echoserver:1.10
k() { "$KUBECTL" "$@"; }
node() { "$KOBUNE" ssh -- "$@"; }
node2() { "$KOBUNE" ssh -n m02 -- "$@"; }

finish() {
  "$KOBUNE" delete >/dev/null 2>&1
  rm -rf "$work" "$STEP_LOG"
}
trap finish EXIT
on_failure() {
  k get pods,pvc,pv,events -o wide 2>&1 | tail -n 60 | sed 's/^/    # /'
  "$KOBUNE" logs -n 40 2>&1 | tail -n 60 | sed 's/^/    # /'
}
matches() { OUT=$(k get "$1" "$2" -o jsonpath="{$3}"); grep -Eq -- "$4" <<<"$OUT" || { echo "$1/$2 $3 is: $OUT"; return 1; }; }
is() { step "$1" within 40 matches "$2" "$3" "$4" "$5"; }
has_event() { k get events --field-selector "involvedObject.name=$1,reason=$2" -o jsonpath='{range .items[*]}{.type} {.message}{"\n"}{end}' | grep -E -- "${3:-.}" || { k get events --field-selector "involvedObject.name=$1"; return 1; }; }
event() { step "$1" within 30 has_event "$2" "$3" "${4:-.}"; }
in_pod() { local pod=$1; shift; k exec "$pod" -- /bin/sh -c "$*"; }
gone() { ! k get "$1" "$2" >/dev/null 2>&1; }
claim() { # claim NAME SIZE [MORE]
  printf 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: %s}\nspec: {accessModes: [%s], resources: {requests: {storage: %s}}%s}\n---\n' "$1" "${4:-ReadWriteOnce}" "$2" "${3:+, $3}"
}
pod() { # pod NAME CLAIM [MORE]
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: "%s", command: [sleep, "3600"], volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: %s}}]%s}\n---\n' "$1" "$image" "$2" "${3:+, $3}"
}
volume() { # volume NAME SIZE MODE SOURCE [MORE]
  printf 'apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: %s, labels: {kind: %s}}\nspec: {capacity: {storage: %s}, accessModes: [%s], %s%s}\n---\n' "$1" "$1" "$2" "$3" "$4" "${5:+, $5}"
}

# Files that are there before the first start (A3), certificates, a folder to mount (A8).
mkdir -p "$KOBUNE_HOME/files/etc/sub" "$KOBUNE_HOME/files/usr/local/bin" "$KOBUNE_HOME/certs" "$work/shared" "$work/second"
echo synced > "$KOBUNE_HOME/files/etc/foo.conf"; chmod 640 "$KOBUNE_HOME/files/etc/foo.conf"
printf '#!/bin/sh\necho tool runs\n' > "$KOBUNE_HOME/files/usr/local/bin/own-tool"; chmod 755 "$KOBUNE_HOME/files/usr/local/bin/own-tool"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$work/key.pem" -out "$KOBUNE_HOME/certs/own-ca.pem" -subj "/CN=own authority" -days 2 2>/dev/null
echo from-the-pc > "$work/shared/file"

need "start with two nodes and a mount" "$KOBUNE" start --nodes 2 --mount --mount-string "$work/shared:/shared"
need "the sample image" "$KOBUNE" image build -t $image samples/echoserver

# A3, A4
step "file sync: the file is in the node, with its mode" node 'cat /etc/foo.conf; stat -c %a /etc/foo.conf' && expect "its text" "^synced$" && expect "its mode" "^640$"
step "file sync: on every node" node2 cat /etc/foo.conf && expect "the same" "^synced$"
step "file sync: a program can be run" node own-tool && expect "it does" "^tool runs$"
step "certificates: the node trusts the authority" node openssl verify -CApath /etc/ssl/certs /usr/share/ca-certificates/own-ca.pem && expect "by hash" "OK$"
step "certificates: in the bundle too" node openssl verify -no-CApath -CAfile /etc/ssl/certs/ca-certificates.crt /usr/share/ca-certificates/own-ca.pem
step "driver mount: /home of the PC is /hosthome" node 'mountpoint -q /hosthome && ls -di /hosthome' && step "it is the same folder" test "$(awk '{print $1}' <<<"$OUT")" = "$(ls -di /home | awk '{print $1}')"

# A5: the default class and its provisioner
step "the default class" k get storageclass && expect "standard (default)" "^standard \(default\) +k8s.io/minikube-hostpath +Delete +WaitForFirstConsumer"
{ claim data 100Mi; claim other 50Mi; } | k apply -f - >/dev/null
event "a claim waits for its first pod" data WaitForFirstConsumer "waiting for first consumer to be created before binding"
is "it is Pending" pvc data .status.phase "^Pending$"
{ pod one data; pod two other 'nodeName: '"$PROFILE-m02"; } | k apply -f - >/dev/null
is "with a pod it is Bound" pvc data .status.phase "^Bound$"
is "it has what it asked for" pvc data .status.capacity.storage "^100Mi$"
event "events: Provisioning" data Provisioning "External provisioner is provisioning volume for claim \"default/data\""
event "events: ProvisioningSucceeded" data ProvisioningSucceeded "Successfully provisioned volume pvc-"
need "the pod runs" k wait --for=condition=Ready pod/one --timeout=60s
pv=$(k get pvc data -o jsonpath='{.spec.volumeName}')
where=$(k get pod one -o jsonpath='{.spec.nodeName}')
is "the volume is bound" pv "$pv" .status.phase "^Bound$"
is "it names its node" pv "$pv" '.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0]' "^$where\$"
is "and the chosen node is on the claim" pvc data '.metadata.annotations.volume\.kubernetes\.io/selected-node' "^$where\$"
step "the pod writes" in_pod one 'echo kept > /v/file; mkdir /v/sub'
step "the folder on the node" "$KOBUNE" ssh -n "$where" -- cat /tmp/hostpath-provisioner/default/data/file && expect "has the file" "^kept$"
step "the other node has no such folder" bash -c "! $KOBUNE ssh -n $([ "$where" = "$PROFILE" ] && echo m02 || echo "$PROFILE") -- test -e /tmp/hostpath-provisioner/default/data"
k delete pvc data --wait=false >/dev/null
step "a claim in use is only Terminating" k get pvc data && expect "its status" "Terminating"
k delete pod one --wait=false >/dev/null
step "it goes with its pod" within 30 gone pvc data
step "and its volume goes too" within 30 gone pv "$pv"
gone_folder() { ! "$KOBUNE" ssh -n "$where" -- test -e /tmp/hostpath-provisioner/default/data; }
step "and the folder" within 20 gone_folder

# A class that binds at once, on the first node
printf 'apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: now}\nprovisioner: k8s.io/minikube-hostpath\nreclaimPolicy: Retain\n' | k apply -f - >/dev/null
claim quick 10Mi 'storageClassName: now' | k apply -f - >/dev/null
is "a class that binds at once" pvc quick .status.phase "^Bound$"
quick=$(k get pvc quick -o jsonpath='{.spec.volumeName}')
pod third quick | k apply -f - >/dev/null
need "its pod is scheduled to the volume's node" k wait --for=condition=Ready pod/third --timeout=40s
step "the first one" test "$(k get pod third -o jsonpath='{.spec.nodeName}')" = "$PROFILE"
k delete pod third --grace-period=0 --force >/dev/null 2>&1; k delete pvc quick >/dev/null
is "Retain: the volume stays, Released" pv "$quick" .status.phase "^Released$"
step "Retain: the folder stays" node test -d /tmp/hostpath-provisioner/default/quick

# A7: hand-written volumes
node mkdir -p /data/hand /data/old /mnt/disk && node touch /data/old/junk /data/old/.hidden
{ volume hand 1Gi 'ReadWriteOnce' 'hostPath: {path: /data/hand}' 'storageClassName: manual'
  volume large 5Gi 'ReadWriteOnce, ReadOnlyMany' 'hostPath: {path: /data/hand}' 'storageClassName: manual'
  volume fixed 2Gi 'ReadWriteMany' 'hostPath: {path: /data/fixed, type: DirectoryOrCreate}' 'storageClassName: ""'
  volume tiny 1Gi ReadWriteOnce 'hostPath: {path: /data/tiny}' 'storageClassName: ""'
  volume old 1Gi ReadWriteOnce 'hostPath: {path: /data/old}' 'storageClassName: reuse, persistentVolumeReclaimPolicy: Recycle'
  volume nodelete 1Gi ReadWriteOnce 'hostPath: {path: /data/hand}' 'storageClassName: nodelete, persistentVolumeReclaimPolicy: Delete'
  volume disk 1Gi ReadWriteOnce 'local: {path: /mnt/disk}' "storageClassName: local, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$PROFILE]}]}]}}"
  volume single 1Gi ReadWriteOncePod 'hostPath: {path: /data/single, type: DirectoryOrCreate}' 'storageClassName: single'
} | k apply -f - >/dev/null
is "hand-written: Available" pv hand .status.phase "^Available$"
{ claim c-hand 1Gi 'storageClassName: manual'
  claim c-modes 1Gi 'storageClassName: manual' ReadOnlyMany
  claim c-fixed 1Gi 'storageClassName: "", volumeName: fixed' ReadWriteMany
  claim c-small 3Gi 'storageClassName: "", volumeName: tiny'
  claim c-label 1Gi 'storageClassName: manual, selector: {matchLabels: {kind: nothing}}'
  claim c-old 1Gi 'storageClassName: reuse'
  claim c-nodelete 1Gi 'storageClassName: nodelete'
  claim c-none 100Gi 'storageClassName: ""'
  claim c-noclass 1Gi 'storageClassName: missing'
  claim c-disk 1Gi 'storageClassName: local'
  claim c-single 1Gi 'storageClassName: single' ReadWriteOncePod
} | k apply -f - >/dev/null
is "matching: the smallest that is large enough" pvc c-hand .spec.volumeName "^hand$"
is "matching: by access mode" pvc c-modes .spec.volumeName "^large$"
is "matching: by name" pvc c-fixed .status.phase "^Bound$"
event "matching: one asked for by name that is too small" c-small VolumeMismatch 'Cannot bind to requested volume "tiny": requested PV is too small'
is "matching: the selector must hold" pvc c-label .status.phase "^Pending$"
event "matching: no class, no volume" c-none FailedBinding "no persistent volumes available for this claim and no storage class is set"
event "matching: a class that is none" c-noclass ProvisioningFailed 'storageclass.storage.k8s.io "missing" not found'
{ pod hand c-hand "nodeName: $PROFILE"; pod disk c-disk; pod single-a c-single "nodeSelector: {kubernetes.io/hostname: $PROFILE}"; pod waits c-none; } | k apply -f - >/dev/null
need "hostPath under /data: the pod runs" k wait --for=condition=Ready pod/hand --timeout=40s
step "it writes" in_pod hand 'echo by-hand > /v/f' && step "on the node" node cat /data/hand/f && expect "is the file" "^by-hand$"
need "local: the pod is put on the volume's node" k wait --for=condition=Ready pod/disk --timeout=40s
step "which is the first" test "$(k get pod disk -o jsonpath='{.spec.nodeName}')" = "$PROFILE"
step "local: upstream's folder" node "ls -d /var/lib/kubelet/pods/$(k get pod disk -o jsonpath='{.metadata.uid}')/volumes/kubernetes.io~local-volume/disk"
event "an unbound claim holds its pod" waits FailedScheduling "pod has unbound immediate PersistentVolumeClaims"
need "ReadWriteOncePod: the first pod runs" k wait --for=condition=Ready pod/single-a --timeout=40s
pod single-b c-single | k apply -f - >/dev/null
event "ReadWriteOncePod: the second does not" single-b FailedScheduling "ReadWriteOncePod access mode already in-use by another pod"
k delete pod single-a --grace-period=1 >/dev/null
step "until the first is gone" k wait --for=condition=Ready pod/single-b --timeout=40s
k delete pvc c-old c-nodelete >/dev/null
is "Recycle: Available again" pv old .status.phase "^Available$"
step "Recycle: and empty" node 'ls -A /data/old | wc -l' && expect "no file" "^0$"
event "Recycle: told" old VolumeRecycled "Volume recycled"
is "Delete of a hand-written one outside of /tmp fails" pv nodelete .status.phase "^Failed$"
event "Delete: and says why" nodelete VolumeFailedDelete "host_path deleter only supports /tmp/.\+ but received provided /data/hand"
k delete pv hand --wait=false >/dev/null
step "a bound volume is only Terminating" k get pv hand && expect "its status" "Terminating"

# subPath and fsGroup on claims
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: sub}\nspec: {terminationGracePeriodSeconds: 1, nodeName: %s, securityContext: {runAsUser: 1000, fsGroup: 2000}, containers: [{name: c, image: "%s", command: [sleep, "3600"], volumeMounts: [{name: v, mountPath: /v, subPath: a/b}, {name: d, mountPath: /d}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: c-fixed}}, {name: d, persistentVolumeClaim: {claimName: c-disk}}]}\n' "$PROFILE" "$image" | k apply -f - >/dev/null
need "subPath: the pod runs" k wait --for=condition=Ready pod/sub --timeout=40s
step "subPath: is a folder of the volume" node test -d /data/fixed/a/b
step "fsGroup: a local volume belongs to the group" in_pod sub 'touch /d/x && stat -c "%u %g" /d/x' && expect "user 1000, group 2000" "^1000 2000$"

# How containers see a volume: subPathExpr, read-only, propagation, and groups that are given once
cat <<Y | k apply -f - >/dev/null
apiVersion: v1
kind: Pod
metadata: {name: views}
spec:
  terminationGracePeriodSeconds: 1
  nodeName: $PROFILE
  securityContext: {fsGroup: 3000, fsGroupChangePolicy: OnRootMismatch}
  containers:
  - {name: both, image: "$image", command: [sleep, "3600"], securityContext: {privileged: true}, env: [{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}],
     volumeMounts: [{name: prop, mountPath: /prop, mountPropagation: Bidirectional}, {name: e, mountPath: /e, subPathExpr: "logs/\$(POD)"}, {name: e, mountPath: /ro, readOnly: true}]}
  - {name: slave, image: "$image", command: [sleep, "3600"], volumeMounts: [{name: prop, mountPath: /prop, mountPropagation: HostToContainer}, {name: e, mountPath: /e}, {name: e, mountPath: /rro, readOnly: true, recursiveReadOnly: IfPossible}]}
  - {name: private, image: "$image", command: [sleep, "3600"], volumeMounts: [{name: prop, mountPath: /prop}]}
  volumes: [{name: prop, hostPath: {path: /data/prop, type: DirectoryOrCreate}}, {name: e, emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: rro}
spec:
  terminationGracePeriodSeconds: 1
  nodeName: $PROFILE
  containers: [{name: c, image: "$image", command: [sleep, "3600"], volumeMounts: [{name: e, mountPath: /ro, readOnly: true, recursiveReadOnly: Enabled}]}]
  volumes: [{name: e, emptyDir: {}}]
Y
need "views: the pod runs" k wait --for=condition=Ready pod/views --timeout=40s
in_view() { local c=$1; shift; k exec views -c "$c" -- /bin/sh -c "$*"; }
step "subPathExpr: the folder has the pod's name" in_view both 'touch /e/x' && step "which another mount sees" in_view slave 'test -f /e/logs/views/x'
step "readOnly: cannot be written" bash -c "! $KUBECTL exec views -c both -- touch /ro/y" && expect "says so" "Read-only file system"
step "recursiveReadOnly IfPossible: neither" bash -c "! $KUBECTL exec views -c slave -- touch /rro/y" && expect "says so" "Read-only file system"
step "recursiveReadOnly: what became of it" k get pod views -o jsonpath='{.status.containerStatuses[?(@.name=="slave")].volumeMounts[?(@.mountPath=="/rro")].recursiveReadOnly}' && expect "is told" "^Disabled$"
is "recursiveReadOnly Enabled is refused by this runtime" pod rro '.status.containerStatuses[0].state.waiting' "failed to resolve recursive read-only mode: volume .*e.* requested recursive read-only mode, but it is not supported by the runtime.*CreateContainerConfigError"
step "fsGroup: the emptyDir is the group's" in_view both 'id -G; stat -c %g /ro' && expect "as is the process" "^0 3000$" && expect "and the folder" "^3000$"
step "mountPropagation Bidirectional: a container's mount" in_view both 'mkdir -p /prop/in && mount -t tmpfs t /prop/in && touch /prop/in/from-container' && step "is in the node" node test -f /data/prop/in/from-container && step "and in a container with HostToContainer" in_view slave test -f /prop/in/from-container
step "mountPropagation HostToContainer: a mount of the node" node 'mkdir -p /data/prop/n && mount -t tmpfs t /data/prop/n && touch /data/prop/n/from-node' && step "is in the container" in_view slave test -f /prop/n/from-node && step "and not in one without propagation" bash -c "! $KUBECTL exec views -c private -- test -f /prop/n/from-node"
node 'umount /data/prop/in /data/prop/n' >/dev/null 2>&1
k delete pod views rro --wait=false >/dev/null

# A block device, where this PC has a loop device for it
truncate -s 20M "$work/disk.img"
if loop=$(losetup -f --show "$work/disk.img" 2>/dev/null); then
  node mknod "$loop" b 7 "${loop#/dev/loop}"
  { volume block 20Mi ReadWriteOnce "local: {path: $loop}" "volumeMode: Block, storageClassName: block, nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$PROFILE]}]}]}}"
    claim c-block 20Mi 'volumeMode: Block, storageClassName: block'
    printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: block}\nspec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: "%s", command: [sleep, "3600"], volumeDevices: [{name: v, devicePath: /dev/data}]}], volumes: [{name: v, persistentVolumeClaim: {claimName: c-block}}]}\n' "$image"
  } | k apply -f - >/dev/null
  need "block: the pod runs" k wait --for=condition=Ready pod/block --timeout=40s
  step "block: it writes the device" in_pod block 'test -b /dev/data && echo from-the-pod > /dev/data && sync' && step "which is the PC's" bash -c "sync; head -c 12 $work/disk.img" && expect "the bytes" "^from-the-pod$"
  k delete pod block --wait=true >/dev/null; losetup -d "$loop"
else
  echo "# no loop device: block volumes are not walked"
fi

# A8: mounts, both directions
step "start --mount-string: the node sees the PC's file" node cat /shared/file && expect "its text" "^from-the-pc$"
step "on both nodes" node2 cat /shared/file
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: mounted}\nspec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: "%s", command: [sleep, "3600"], volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, hostPath: {path: /shared, type: DirectoryOrCreate}}]}\n' "$image" | k apply -f - >/dev/null
need "a pod mounts it" k wait --for=condition=Ready pod/mounted --timeout=40s
step "the pod writes, the PC reads" bash -c "$KUBECTL exec mounted -- sh -c 'echo from-the-pod > /v/answer' && cat $work/shared/answer" && expect "at once" "^from-the-pod$"
echo changed > "$work/shared/file"
step "the PC writes, the pod reads" in_pod mounted cat /v/file && expect "at once" "^changed$"
set -m # without job control the shell makes its background jobs deaf to Ctrl-C
"$KOBUNE" mount "$work/second:/second" > "$work/mount.log" 2>&1 & mount=$!
"$KOBUNE" mount "$work/second:/read" --options ro --uid 1234 --gid 4321 > "$work/mount2.log" 2>&1 & mount2=$!
set +m
step "mount: in the foreground" within 20 grep -q "Successfully mounted" "$work/mount.log"
step "mount: a second one beside it" within 20 grep -q "Successfully mounted" "$work/mount2.log"
echo late > "$work/second/file"
step "mount: live" node cat /second/file && expect "the text" "^late$"
step "mount: back" bash -c "$KOBUNE ssh -- 'echo node > /second/back' && cat $work/second/back" && expect "the text" "^node$"
step "mount: read-only" bash -c "! $KOBUNE ssh -- touch /read/x" && expect "is what it is" "Read-only file system"
step "mount: with another owner" node "stat -c '%u %g' /read/file" && expect "as asked" "^1234 4321$"
kill -INT $mount; wait $mount; rc=$?
step "mount: Ctrl-C ends it with 11" test $rc = 11
step "mount: and takes it away" bash -c "! $KOBUNE ssh -- mountpoint -q /second"
step "mount --kill ends the others" "$KOBUNE" mount --kill
wait $mount2
step "mount --kill: nothing is mounted" bash -c "! $KOBUNE ssh -- mountpoint -q /read"
wrong() { "$KOBUNE" mount "$@" >/dev/null 2>&1; echo $?; }
step "mount: a missing folder is 35" test "$(wrong /no/such:/x)" = 35
step "mount: a bad form is 14" test "$(wrong nonsense)" = 14

# cp and ssh
mkdir -p "$work/tree/a/b" && echo deep > "$work/tree/a/b/file" && head -c 3000000 /dev/urandom > "$work/tree/blob" && chmod 700 "$work/tree/blob"
step "cp: PC to node" "$KOBUNE" cp "$work/tree/blob" /root/new/dir/blob
step "cp: mode 0644, parents made" node stat -c %a /root/new/dir/blob && expect "the mode" "^644$"
step "cp: node to PC" "$KOBUNE" cp "$PROFILE:/root/new/dir/blob" "$work/back" && step "unchanged" cmp "$work/tree/blob" "$work/back"
step "cp: node to node" "$KOBUNE" cp "$PROFILE:/root/new/dir/blob" "$PROFILE-m02:/root/" && step "a trailing slash keeps the name" node2 test -s /root/blob
step "cp: a whole folder" "$KOBUNE" cp "$work/tree" "$PROFILE-m02:/root/tree" && step "and back" "$KOBUNE" cp "$PROFILE-m02:/root/tree" "$work/tree2" && step "unchanged" diff -r "$work/tree" "$work/tree2"
code() { "$KOBUNE" "$@" >/dev/null 2>&1; echo $?; }
step "cp: a relative target is 14" test "$(code cp "$work/back" relative)" = 14
step "cp: a missing local file is 35" test "$(code cp /no/such/file /root/x)" = 35
step "cp: a missing remote file is 1" test "$(code cp "$PROFILE:/no/such/file" "$work/x")" = 1
step "cp: an unknown node is 85" test "$(code cp "$work/back" nobody:/root/x)" = 85
step "ssh: a command's failure is 1" test "$(code ssh -- 'exit 7')" = 1
step "ssh: without a command it is a shell" bash -c "echo 'echo shell says \$((6*7))' | $KOBUNE ssh" && expect "it runs" "shell says 42"
step "ssh -n: the second node" "$KOBUNE" ssh -n m02 -- hostname && expect "its name" "^$PROFILE-m02$"

step "ssh-key prints the path of a key" "$KOBUNE" ssh-key && key=$(tail -n 1 <<<"$OUT") && step "which is private" test "$(stat -c %a "$key")" = 600
step "ssh-host prints the host key" env HOME="$work" "$KOBUNE" ssh-host --append-known && expect "as ssh-keyscan does" "^192\.168\.[0-9]+\.2 ssh-ed25519 AAAA"
client() { ssh -i "$key" -o UserKnownHostsFile="$work/.ssh/known_hosts" -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o ConnectTimeout=10 "root@$("$KOBUNE" ip)" "$@"; }
step "a real ssh comes in with it, and knows the host" client hostname && expect "it is the node" "^$PROFILE\$"

# A6: a restart keeps the persistent folders and resets the rest
node 'for d in /data /var/lib/kobune /var/lib/docker /var/lib/containerd /var/lib/buildkit /var/lib/containers /tmp/hostpath_pv /tmp/hostpath-provisioner; do mkdir -p $d && echo stays > $d/mark; done; echo goes > /etc/mark; echo goes > /tmp/mark; echo spoiled > /etc/foo.conf'
step "all the while nothing went amiss in the node" untroubled
need "stop" "$KOBUNE" stop
need "start" "$KOBUNE" start
step "restart: the persistent folders are kept" node 'cat /data/mark /var/lib/kobune/mark /var/lib/docker/mark /var/lib/containerd/mark /var/lib/buildkit/mark /var/lib/containers/mark /tmp/hostpath_pv/mark /tmp/hostpath-provisioner/mark | sort | uniq -c' && expect "all eight" "^ *8 stays$"
step "restart: the rest is reset" node 'ls /etc/mark /tmp/mark 2>&1; true' && expect "gone" "/etc/mark.*No such file" && expect "gone too" "/tmp/mark.*No such file"
step "restart: files are synced again" node cat /etc/foo.conf && expect "the PC's text" "^synced$"
step "restart: the mount is there again" node cat /shared/file && expect "the PC's text" "^changed$"
step "restart: pods find their volumes" within 60 in_pod hand cat /v/f && expect "as they were" "^by-hand$"
step "restart: ssh too" within 20 client hostname
echo "# $SECONDS s"
