#!/usr/bin/env bash
# tests/conformance/kinds/run.sh: what upstream's own API server of release 1.20 (the newest that Debian packs whole) answers, and what this program answers to the same requests: kinds with one thing changed,
# and updates of them, patches, requests and tables. Prints each difference, 0 when there is none; since.py knows what later releases changed, known.txt what stays, each with its reason, and what they leave is to be judged
# by the release that this program follows. Not part of ./test.sh.
# KOBUNE names the program, SET some of pods, services, workloads, storage, core, policies, patches, requests and views. Needs etcd, Python 3 and what build.sh looks for, in artifacts/conformance or CACHE.
set -uo pipefail
cd "$(dirname "$0")/../../.."
cache=${CACHE:-$PWD/artifacts/conformance}
tests/conformance/kinds/build.sh "$cache" || exit 1

work=$(mktemp -d)
export KOBUNE_HOME=$work/home
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
"$(command -v etcd || echo "$cache/etcd")" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23790 --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800 \
  --initial-advertise-peer-urls http://127.0.0.1:23800 --initial-cluster default=http://127.0.0.1:23800 >"$work/etcd.log" 2>&1 & pids+=($!)
"${KOBUNE:-./kobune}" test-server --api-only --port 26443 --kubeconfig "$work/kubeconfig" >"$work/kobune.log" 2>&1 & pids+=($!)
until [ -s "$work/kubeconfig" ]; do kill -0 "${pids[1]}" || { cat "$work/kobune.log"; exit 1; }; sleep 0.2; done
grep -o 'certificate-authority-data: .*' "$work/kubeconfig" | cut -d' ' -f2 | base64 -d >"$work/ca.crt"
echo 'bootstrap,bootstrap,bootstrap,system:masters' >"$work/tokens.csv"
openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
"$cache/kube-apiserver" --etcd-servers http://127.0.0.1:23790 --secure-port 26444 --bind-address 127.0.0.1 --cert-dir "$work/certs" --client-ca-file "$work/ca.crt" --authorization-mode Node,RBAC --allow-privileged \
  --service-account-issuer https://kubernetes.default.svc --service-account-signing-key-file "$work/sa.key" --service-account-key-file "$work/sa.key" --service-cluster-ip-range 10.96.0.0/12 \
  --token-auth-file "$work/tokens.csv" --feature-gates IPv6DualStack=true,MixedProtocolLBService=true,ServiceLBNodePortControl=true,TTLAfterFinished=true,GenericEphemeralVolume=true,CSIServiceAccountToken=true,EphemeralContainers=true,BoundServiceAccountTokenVolume=true,RootCAConfigMap=true,HPAContainerMetrics=true,SetHostnameAsFQDN=true,LocalStorageCapacityIsolation=true,CSIStorageCapacity=true,AnyVolumeDataSource=true,ProcMountType=true \
  >"$work/upstream.log" 2>&1 & pids+=($!)
binding='{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"kubeadm:cluster-admins"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"kubeadm:cluster-admins"}]}'
until curl -sfk -o "$work/bound" -H 'Authorization: Bearer bootstrap' -H 'Content-Type: application/json' -d "$binding" https://127.0.0.1:26444/apis/rbac.authorization.k8s.io/v1/clusterrolebindings; do
  kill -0 "${pids[2]}" 2>/dev/null || { tail -5 "$work/upstream.log"; exit 1; }
  sleep 0.5
done
python3 tests/conformance/kinds/compare.py "$work/kubeconfig" ${SET:-}
code=$?
kill -0 "${pids[2]}" 2>/dev/null || grep -m1 -A15 -E "^(panic|fatal error)" "$work/upstream.log"
exit $code
