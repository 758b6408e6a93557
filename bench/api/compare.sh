#!/usr/bin/env bash
# bench/api/compare.sh [kube-apiserver]: the load of bench/api on this program's server and then on upstream's, with etcd, an audit log at Metadata and the same two users that are no administrators.
# Prints both figures, their ratio and what is wanted of it. Without a path the server is the newest that Debian packs whole (1.20), which tests/conformance/kinds/build.sh builds. Needs etcd and openssl; ten minutes.
set -uo pipefail
cd "$(dirname "$0")/../.."
cache=${CACHE:-$PWD/artifacts/conformance}
server=${1:-$cache/kube-apiserver}
[ -x "$server" ] || tests/conformance/kinds/build.sh "$cache" || exit 1
dotnet build -v q -nologo -c Release bench/api >/dev/null || exit 1
bench=artifacts/bin/api/release/Kobune.Bench.Api
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

echo "== this program's server, SQLite"
"$bench" sqlite --figures "$work/own" | grep -v '^warm-up' || exit 1

echo "== $("$server" --version), etcd"
"$(command -v etcd || echo "$cache/etcd")" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23790 --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800 \
  --initial-advertise-peer-urls http://127.0.0.1:23800 --initial-cluster default=http://127.0.0.1:23800 >"$work/etcd.log" 2>&1 & pids+=($!)
issue() { # issue FILE SUBJECT
  openssl req -newkey rsa:2048 -nodes -keyout "$work/$1.key" -subj "$2" 2>/dev/null | openssl x509 -req -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 2 -out "$work/$1.crt" -extfile "$work/names" 2>/dev/null
}
echo 'subjectAltName=IP:127.0.0.1' >"$work/names"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out "$work/ca.crt" -days 2 -subj /CN=ca 2>/dev/null
issue admin /O=system:masters/CN=admin; issue user /CN=bench; issue server /CN=127.0.0.1
openssl genrsa -out "$work/sa.key" 2048 2>/dev/null
echo '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]}' >"$work/policy"
"$server" --etcd-servers http://127.0.0.1:23790 --secure-port 26444 --bind-address 127.0.0.1 --tls-cert-file "$work/server.crt" --tls-private-key-file "$work/server.key" --client-ca-file "$work/ca.crt" \
  --authorization-mode Node,RBAC --service-account-issuer https://kubernetes.default.svc --service-account-signing-key-file "$work/sa.key" --service-account-key-file "$work/sa.key" \
  --service-cluster-ip-range 10.96.0.0/12 --feature-gates BoundServiceAccountTokenVolume=true --audit-policy-file "$work/policy" --audit-log-path "$work/audit.log" >"$work/upstream.log" 2>&1 & pids+=($!)
until curl -sf --cacert "$work/ca.crt" --cert "$work/admin.crt" --key "$work/admin.key" https://127.0.0.1:26444/readyz >/dev/null; do
  kill -0 "${pids[1]}" 2>/dev/null || { tail -5 "$work/upstream.log"; exit 1; }
  sleep 0.5
done
"$bench" https://127.0.0.1:26444 "$work" "${pids[1]},${pids[0]}" --figures "$work/upstream" | grep -v '^warm-up' || exit 1

echo "== side by side"
awk -F'\t' '
  function wanted(name, unit) {
    if (unit == "MiB") return 0.25
    if (unit != "CPU ms") return name ~ /^(list|table)/ ? 0 : 0.5
    return name ~ /gzip/ ? 1 : name ~ /^(list|table)/ ? 0.2 : name ~ /seen/ ? 0 : 0.25
  }
  $1 ~ /^warm-up/ {next}
  NR == FNR {own[$1 FS $2] = $3; next}
  FNR == 1 {printf "%-28s %-8s %10s %10s %7s %7s\n", "", "", "Kobune", "upstream", "ratio", "wanted"}
  {w = wanted($1, $2); r = own[$1 FS $2] / $3; printf "%-28s %-8s %10.2f %10.2f %7.2f %7s%s\n", $1, $2, own[$1 FS $2], $3, r, w ? w : "", (w && r > w) ? " *" : ""}' "$work/own" "$work/upstream"
