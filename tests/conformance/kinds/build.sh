#!/usr/bin/env bash
# build.sh FOLDER: builds upstream's kube-apiserver of release 1.20 from Debian 12's source package, with Debian 12's Go, into FOLDER.
set -uo pipefail
cache=$1
[ -x "$cache/kube-apiserver" ] && exit 0
. "$(dirname "$0")/../source.sh"

# What its Makefile would have generated: descriptions of all types that are marked for it.
go build -o "$cache/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen || exit 1
packages=$(grep -Rl --include='*.go' '+k8s:openapi-gen=' vendor/k8s.io pkg | grep -vE 'vendor/k8s.io/(code-generator|sample-apiserver|kube-openapi|gengo)/|_test.go|_examples' | xargs -n1 dirname | sort -u | sed 's,^,k8s.io/kubernetes/,' | paste -sd,)
"$cache/openapi-gen" -i "$packages" -p k8s.io/kubernetes/pkg/generated/openapi -O zz_generated.openapi -h hack/boilerplate/boilerplate.generatego.txt -r /dev/null || exit 1
go build -ldflags "-s -w" -o "$cache/kube-apiserver" ./cmd/kube-apiserver
