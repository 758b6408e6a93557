#!/usr/bin/env bash
# Server-side apply and a custom resource, from definition to deletion, with real kubectl on a cluster of its own.
# KOBUNE names the program, KUBECTL the kubectl, PROFILE the profile.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=${CLUSTER:-$work/kubeconfig} KOBUNE_PROFILE=${PROFILE:-walkapply}
trap '[ -n "${CLUSTER:-}" ] || "$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
k() { "$KUBECTL" --cache-dir="$work/cache" "$@"; }
fails() { ! "$@"; }
on_failure() { [ -n "${CLUSTER:-}" ] || "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; }

# CLUSTER names the kubeconfig of a cluster that runs already; without it one is started.
[ -n "${CLUSTER:-}" ] || need "start" "$KOBUNE" start

cat > "$work/web.yaml" <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 0
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: c
        image: registry.k8s.io/pause:3.10
YAML
need "client-side apply" k apply -f "$work/web.yaml"
need "the same manifest goes over to server-side apply" k apply --server-side -f "$work/web.yaml"
expect "kubectl says so" "^deployment.apps/web serverside-applied$"
need "somebody scales" k scale deployment web --replicas=1
step "an apply of other replicas conflicts" fails k apply --server-side -f "$work/web.yaml"
expect "the conflict names field and manager" "conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas"
need "force takes the field" k apply --server-side --force-conflicts -f "$work/web.yaml"
need "replicas are as applied" k get deployment web -o 'jsonpath={.spec.replicas}'
expect "none" "^0$"
step "a field that is none is refused" fails k apply --server-side -f <(sed 's/replicas:/replicass:/' "$work/web.yaml")
expect "by its name" "replicass"

cat > "$work/crd.yaml" <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: boats.harbour.example.com
spec:
  group: harbour.example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bo], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns:
    - {name: Length, type: integer, jsonPath: .spec.length}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    subresources: {status: {}, scale: {specReplicasPath: .spec.crew, statusReplicasPath: .status.crew}}
    selectableFields: [{jsonPath: .spec.colour}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [length]
            properties:
              length: {type: integer, minimum: 1, description: From bow to stern.}
              colour: {type: string, default: white}
              crew: {type: integer, default: 1}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
YAML
boat() { printf 'apiVersion: harbour.example.com/v1\nkind: Boat\nmetadata: {name: %s}\nspec: {%s}\n' "$1" "$2"; }
need "a definition" k apply -f "$work/crd.yaml"
need "it is established" k wait --for=condition=established crd/boats.harbour.example.com --timeout=30s
need "an object of it" k apply -f <(boat small "length: 3")
need "another, server-side" k apply --server-side -f <(boat large "length: 30, colour: red")
need "its columns" k get bo
expect "name, length and age" "^large +30 +[0-9]+s$"
need "its default" k get boat small -o 'jsonpath={.spec.colour}'
expect "is set" "^white$"
need "a selectable field" k get boats --field-selector spec.colour=red -o name
expect "selects" "^boat.harbour.example.com/large$"
need "it can be scaled" k scale boat/small --replicas=4
step "what does not fit the schema is refused" fails k apply -f <(boat tiny "length: 0")
expect "in upstream's words" "spec.length in body should be greater than or equal to 1"
need "kubectl explains it" k explain boat.spec.length
expect "with its description" "From bow to stern\."
need "the definition goes with its objects" k delete crd boats.harbour.example.com --timeout=60s
step "and is no longer served" fails k get --raw /apis/harbour.example.com/v1
