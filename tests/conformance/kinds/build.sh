#!/usr/bin/env bash
# build.sh FOLDER: says whether FOLDER has upstream's kube-apiserver of release 1.20. It is built with Debian 12's source package and Go, which ../build.sh FOLDER unpacks: go build -o FOLDER/kube-apiserver ./cmd/kube-apiserver,
# after openapi-gen has made pkg/generated/openapi of the packages with a +k8s:openapi-gen marker.
[ -x "$1/kube-apiserver" ] && exit 0
echo "$1/kube-apiserver is not there; the head of tests/conformance/kinds/build.sh says how to build it" >&2
exit 1
