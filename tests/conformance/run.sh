#!/usr/bin/env bash
# tests/conformance/run.sh [FOCUS [SKIP]]: upstream's own conformance tests, as Debian 12 carries their source (Kubernetes 1.20: 307 of today's 449), against a cluster of
# this program. FOCUS and SKIP are regular expressions over test names. Not part of ./test.sh: the suite takes ten minutes to build, and most of its tests wait a lot.
# KOBUNE names the program, NODES (1) the number of nodes: some of the [Serial] tests want two. PARALLEL (6) tests run at once; LIMIT (3600) seconds at the most. Needs root, Debian's mirror and 4 GB; everything it makes lies in artifacts/conformance.
# Images that the tests name are made here, since they cannot be pulled: agnhost from the suite's own source on a small Debian, busybox, and web servers that are one of them.
set -uo pipefail
cd "$(dirname "$0")/../.."
focus=${1:-'\[Conformance\]'}
skip=${2:-'Serial|Slow|Disruptive|Aggregator|Guestbook|Update Demo|AllowPrivilegeEscalation'} # their images or their way of testing are not to be had here
cache=$PWD/artifacts/conformance
tests/conformance/build.sh "$cache" || exit 1

work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=${PROFILE:-conformance}
KOBUNE=${KOBUNE:-./kobune}
kobune() { "$KOBUNE" "$@"; }
trap 'kobune delete >/dev/null 2>&1; rm -rf "$work"' EXIT
kobune start --nodes "${NODES:-1}" >/dev/null || exit 1
agnhost=k8s.gcr.io/e2e-test-images/agnhost:2.21
build() { kobune image build -t "$1" -f "$2" "$3" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }; }
build $agnhost "$cache/images/agnhost/Dockerfile" "$cache/images/agnhost"
build docker.io/library/busybox:1.29 "$cache/images/busybox/Dockerfile" "$cache/images/busybox"
for image in nginx:1.14-alpine nginx:1.15-alpine; do build "docker.io/library/$image" "$cache/images/web" "$cache/images/busybox"; done
for image in httpd:2.4.38-alpine httpd:2.4.39-alpine; do build "docker.io/library/$image" "$cache/images/httpd" "$cache/images/busybox"; done
kobune image tag $agnhost gcr.io/kubernetes-e2e-test-images/jessie-dnsutils:1.0 && kobune image tag registry.k8s.io/pause:3.10 k8s.gcr.io/pause:3.2 || exit 1

report=$cache/report
rm -rf "$report" && mkdir -p "$report"
(cd "$cache" && timeout "${LIMIT:-3600}" ./ginkgo -nodes="${PARALLEL:-6}" -noColor -focus="$focus" -skip="$skip" ./e2e.test -- \
  -kubeconfig="$KUBECONFIG" -provider=skeleton -num-nodes="${NODES:-1}" -kubectl-path="$(command -v kubectl)" -disable-log-dump) >"$report/log.txt" 2>&1
grep -ao '"msg":"\(PASSED\|FAILED\) [^"]*' "$report/log.txt" | sed 's/"msg":"//' | sort >"$report/results.txt"
grep '^FAILED' "$report/results.txt"
echo "$(grep -c '^PASSED' "$report/results.txt") passed, $(grep -c '^FAILED' "$report/results.txt") failed (artifacts/conformance/report/log.txt)"
! grep -q '^FAILED' "$report/results.txt"
