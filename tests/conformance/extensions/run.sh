#!/usr/bin/env bash
# tests/conformance/extensions/run.sh: what upstream's own server of custom resources (release 1.36) answers, and what this program answers to the same requests: definitions from upstream's tests,
# custom objects of every kind of schema, changes, patches, applies, lists and deletions, options that are wrong; and
# requests under admission policies with their warnings and audit annotations; random sequences of applies, patches and updates by several managers (SEED, COUNT); lists and watches with a history; documents and methods; random rules of CEL. Prints each difference; 0 when there is none but those in known.txt. Not part of ./test.sh.
# KOBUNE names the program, SET one of definitions, objects, changes, options, policies, sequences, reads, documents and rules. Needs Debian's mirror, Python 3 and 2 GB; everything it makes lies in artifacts/conformance/extensions. Upstream's server asks this program who may do what.
set -uo pipefail
cd "$(dirname "$0")/../../.."
cache=$PWD/artifacts/conformance/extensions
tests/conformance/extensions/build.sh "$cache" || exit 1

work=$(mktemp -d)
export KOBUNE_HOME=$work/home
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
"$cache/etcd" --data-dir "$work/etcd" --listen-client-urls http://127.0.0.1:23790 --advertise-client-urls http://127.0.0.1:23790 --listen-peer-urls http://127.0.0.1:23800 \
  --initial-advertise-peer-urls http://127.0.0.1:23800 --initial-cluster default=http://127.0.0.1:23800 >"$work/etcd.log" 2>&1 & pids+=($!)
printf 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata, resources: [{group: p.example.com}]}]\n' >"$work/audit.yaml"
touch "$work"/audit-{ours,upstream}.log
"${KOBUNE:-./kobune}" test-server --port 26443 --kubeconfig "$work/kubeconfig" --extra-config="apiserver.audit-policy-file=$work/audit.yaml" --extra-config="apiserver.audit-log-path=$work/audit-ours.log" >"$work/kobune.log" 2>&1 & pids+=($!)
until [ -s "$work/kubeconfig" ]; do kill -0 "${pids[1]}" || { cat "$work/kobune.log"; exit 1; }; sleep 0.2; done
"$cache/apiextensions-apiserver" --etcd-servers http://127.0.0.1:23790 --secure-port 26444 --bind-address 127.0.0.1 --cert-dir "$work/certs" --enable-priority-and-fairness=false \
  --audit-policy-file "$work/audit.yaml" --audit-log-path "$work/audit-upstream.log" \
  --kubeconfig "$work/kubeconfig" --authentication-kubeconfig "$work/kubeconfig" --authorization-kubeconfig "$work/kubeconfig" >"$work/upstream.log" 2>&1 & pids+=($!)
python3 tests/conformance/extensions/compare.py "$work/kubeconfig" "$cache/definitions.jsonl" ${SET:+"$SET"}
