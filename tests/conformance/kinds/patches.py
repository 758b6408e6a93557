"""Patches of built-in kinds: JSON patches, merge patches, strategic merge patches with their directives and keys, broken ones, and fields that do not change."""

import json

from comparison import JSON_PATCH, MERGE, STRATEGIC

N = "/api/v1/namespaces/default/"
APPS = "/apis/apps/v1/namespaces/default/"
CONTAINER = {"name": "c", "image": "i", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81, "name": "other"}], "volumeMounts": [{"name": "v", "mountPath": "/v"}], "args": ["x", "y"], "command": ["a"]}
SPEC = {"containers": [CONTAINER, {"name": "d", "image": "j"}], "volumes": [{"name": "v", "emptyDir": {}}], "tolerations": [{"key": "a", "operator": "Exists"}], "imagePullSecrets": [{"name": "p"}], "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a"]}], "nodeSelector": {"a": "b"}, "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}]}
DEPLOYMENT = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "labels": {"l": "1"}, "finalizers": ["a.b/c", "a.b/d"]}, "spec": {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": SPEC}}}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"clusterIP": "10.96.55.5", "selector": {"a": "b"}, "ports": [{"name": "a", "port": 80, "protocol": "TCP"}, {"name": "b", "port": 80, "protocol": "UDP"}, {"name": "c", "port": 81, "protocol": "TCP"}]}}
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "1", "b": "2"}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "data": {"a": "MQ=="}, "immutable": True}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x"}, "secrets": [{"name": "a"}, {"name": "b"}], "imagePullSecrets": [{"name": "p"}]}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "x"}, "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}, "status": {"conditions": [{"type": "Ready", "status": "True"}], "addresses": [{"type": "InternalIP", "address": "1.1.1.1"}]}}
ROLE = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "x"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}


def pod(**spec):
    return {"spec": {"template": {"spec": spec}}}


def container(**fields):
    return pod(containers=[dict({"name": "c"}, **fields)])


STRATEGIC_PATCHES = [
    container(image="k"), container(env=[{"name": "A", "value": "9"}]), container(env=[{"name": "C", "value": "3"}]), container(env=[{"name": "A", "$patch": "delete"}]), container(env=[{"$patch": "replace"}, {"name": "Z", "value": "1"}]), container(env=[{"$patch": "replace"}]), container(env=None), container(env=[]), container(**{"$setElementOrder/env": [{"name": "B"}, {"name": "A"}]}),
    container(**{"$setElementOrder/env": [{"name": "B"}, {"name": "A"}], "env": [{"name": "A", "value": "9"}]}), container(**{"$setElementOrder/env": [{"name": "B"}], "env": [{"name": "A", "value": "9"}]}), container(ports=[{"containerPort": 80, "name": "web"}]), container(ports=[{"name": "http", "containerPort": 90}]), container(ports=[{"containerPort": 81, "$patch": "delete"}]), container(volumeMounts=[{"mountPath": "/w", "name": "v"}]),
    container(args=["z"]), container(args=None), container(command=[]), container(resources={"limits": {"cpu": "1"}}), container(**{"$patch": "delete"}), container(**{"$patch": "replace", "image": "k"}), container(**{"$patch": "merge", "image": "k"}), container(**{"$patch": "x"}), container(**{"$retainKeys": ["name", "image"], "image": "k"}), container(image=5), container(image=None), container(unknown="x"), container(env="x"), container(env=[5]), container(env=[{"value": "no key"}]),
    pod(containers=[{"name": "e", "image": "k"}]), pod(containers=[{"image": "k"}]), pod(containers=[]), pod(containers=None), pod(containers=[{"$patch": "replace"}, {"name": "n", "image": "k"}]), pod(**{"$setElementOrder/containers": [{"name": "d"}, {"name": "c"}]}), pod(**{"$setElementOrder/containers": [{"name": "d"}, {"name": "c"}], "containers": [{"name": "e", "image": "k"}]}), pod(**{"$setElementOrder/containers": [{"name": "d"}, {"name": "c"}, {"name": "e"}], "containers": [{"name": "e", "image": "k"}]}), pod(**{"$setElementOrder/containers": "x"}),
    pod(volumes=[{"name": "v", "emptyDir": None, "configMap": {"name": "m"}}]), pod(volumes=[{"name": "v", "$retainKeys": ["name", "configMap"], "configMap": {"name": "m"}}]), pod(volumes=[{"name": "v", "configMap": {"name": "m"}}]), pod(volumes=[{"name": "v", "$retainKeys": ["configMap"], "emptyDir": {}}]), pod(volumes=[{"name": "w", "emptyDir": {}}]), pod(tolerations=[{"key": "b", "operator": "Exists"}]), pod(tolerations=[]), pod(imagePullSecrets=[{"name": "q"}]), pod(imagePullSecrets=[{"name": "p", "$patch": "delete"}]),
    pod(hostAliases=[{"ip": "1.2.3.4", "hostnames": ["b"]}]), pod(hostAliases=[{"ip": "5.6.7.8", "hostnames": ["b"]}]), pod(topologySpreadConstraints=[{"topologyKey": "zone", "maxSkew": 2}]), pod(topologySpreadConstraints=[{"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 2}]), pod(nodeSelector={"a": None}), pod(nodeSelector={"c": "d"}), pod(nodeSelector={"$patch": "replace", "e": "f"}), pod(nodeSelector={"$patch": "delete"}), pod(nodeSelector=None),
    pod(securityContext={"runAsUser": 5}), pod(**{"$patch": "replace", "containers": [{"name": "n", "image": "k"}]}), {"spec": {"$patch": "delete"}}, {"$patch": "delete"}, {"$patch": "replace", "metadata": {"name": "x"}}, {"spec": {"strategy": {"type": "Recreate"}}}, {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, {"spec": {"strategy": {"type": "Recreate", "rollingUpdate": None}}}, {"spec": {"strategy": {"$patch": "replace", "type": "Recreate"}}}, {"spec": {"replicas": 3}}, {"spec": {"replicas": None}}, {"spec": {"replicas": "3"}},
    {"spec": {"selector": {"matchLabels": {"c": "d"}}}}, {"spec": {"selector": None}}, {"spec": None}, {"spec": []}, {"spec": "x"}, {"metadata": {"labels": {"l": None, "m": "2"}}}, {"metadata": {"labels": {"l": 5}}}, {"metadata": {"labels": {"a b": "c"}}}, {"metadata": {"labels": None}}, {"metadata": {"labels": {"$patch": "replace", "n": "1"}}}, {"metadata": {"finalizers": ["x.y/z"]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a.b/c"]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": ["nope"]}}, {"metadata": {"$deleteFromPrimitiveList/finalizers": "x"}},
    {"metadata": {"$setElementOrder/finalizers": ["a.b/d", "a.b/c"]}}, {"metadata": {"$setElementOrder/finalizers": ["a.b/d", "x.y/z", "a.b/c"], "finalizers": ["x.y/z"]}}, {"metadata": {"finalizers": None}}, {"metadata": {"finalizers": []}}, {"metadata": {"name": "y"}}, {"metadata": {"namespace": "y"}}, {"metadata": {"uid": "y"}}, {"metadata": {"resourceVersion": "1"}}, {"metadata": {"resourceVersion": "x"}}, {"metadata": {"generation": 9}}, {"metadata": {"creationTimestamp": None}}, {"metadata": None}, {"metadata": {"ownerReferences": [{"uid": "u", "name": "n", "kind": "K", "apiVersion": "v1"}]}},
    {"status": {"replicas": 5}}, {"apiVersion": "v2"}, {"kind": "X"}, {"apiVersion": None}, {"x": 1}, {}, [], "x", 5, None, "{", "",
]
SERVICE_PATCHES = [
    {"spec": {"ports": value}} for value in ([{"port": 80, "targetPort": 9}], [{"port": 80, "protocol": "UDP", "targetPort": 9}], [{"port": 80, "$patch": "delete"}], [{"port": 80, "protocol": "UDP", "$patch": "delete"}], [{"port": 90, "name": "n"}], [{"port": 90}], [], None, [{"name": "a", "port": 99}], [{"$patch": "replace"}, {"port": 1}], [{"port": "80"}])
] + [{"spec": {"$setElementOrder/ports": [{"port": 81}, {"port": 80}]}}, {"spec": {"type": "NodePort", "ports": [{"port": 81, "nodePort": 30123}]}}, {"spec": {"clusterIP": None}}, {"spec": {"clusterIP": "10.96.55.6"}}, {"spec": {"selector": None}}, {"spec": {"selector": {"a": None, "c": "d"}}}, {"spec": {"externalIPs": ["1.2.3.4"]}}, {"spec": {"ipFamilyPolicy": None}}, {"spec": {"sessionAffinity": "ClientIP"}}, {"spec": {"sessionAffinity": None}}]
OTHER_STRATEGIC = [
    ("ServiceAccount", N + "serviceaccounts", ACCOUNT, [{"secrets": [{"name": "c"}]}, {"secrets": [{"name": "a", "$patch": "delete"}]}, {"secrets": None}, {"imagePullSecrets": [{"name": "q"}]}, {"$setElementOrder/secrets": [{"name": "b"}, {"name": "a"}]}, {"automountServiceAccountToken": False}]),
    ("Node", "/api/v1/nodes", NODE, [{"spec": {"taints": [{"key": "b", "effect": "NoSchedule"}]}}, {"spec": {"taints": [{"key": "a", "effect": "NoExecute"}]}}, {"spec": {"taints": None}}, {"spec": {"podCIDR": "10.1.0.0/24"}}, {"spec": {"podCIDRs": ["10.1.0.0/24"]}}, {"spec": {"unschedulable": True}}, {"spec": {"unschedulable": None}}]),
    ("ConfigMap", N + "configmaps", MAP, [{"data": {"a": None}}, {"data": {"c": "3"}}, {"data": None}, {"data": {"a": 5}}, {"data": {"$patch": "replace", "z": "1"}}, {"binaryData": {"a": "MQ=="}}, {"binaryData": {"z": "MQ=="}}, {"immutable": True}, {"data": {"a": "x" * 1100000}}]),
    ("Secret", N + "secrets", SECRET, [{"data": {"a": "Mg=="}}, {"stringData": {"a": "z"}}, {"stringData": {"a": "1"}}, {"immutable": False}, {"immutable": None}, {"type": "x"}, {"metadata": {"labels": {"a": "b"}}}, {"data": None}]),
    ("ClusterRole", "/apis/rbac.authorization.k8s.io/v1/clusterroles", ROLE, [{"rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]}]}, {"rules": []}, {"rules": None}, {"rules": [{"verbs": []}]}]),
]
JSON_PATCHES = [
    [{"op": op, "path": path, "value": value}] for op in ("add", "replace", "test") for path, value in (("/spec/replicas", 3), ("/spec/replicas", 1), ("/spec/replicas", "x"), ("/spec/nope", 1), ("/spec/template/spec/containers/0/image", "k"), ("/spec/template/spec/containers/-", {"name": "e", "image": "k"}), ("/spec/template/spec/containers/9", {"name": "e", "image": "k"}), ("/spec/template/spec/containers/x", {}), ("/metadata/labels/a~1b", "c"), ("/metadata/labels", None), ("", {}), ("/", 1), ("x", 1), ("/nope/deep", 1), ("/metadata/name", "y"), ("/spec/selector/matchLabels/a", "c"), ("/status/replicas", 4), ("/spec/template/spec/containers/-1", {"name": "e", "image": "k"}))
] + [[{"op": "remove", "path": path}] for path in ("/spec/replicas", "/spec/nope", "/spec/template/spec/containers/0", "/spec/template/spec/containers/9", "/spec/template/spec/containers/-", "/metadata/labels/l", "/metadata", "", "/spec/selector", "/metadata/finalizers/0")] + [[{"op": op, "from": origin, "path": path}] for op in ("move", "copy") for origin, path in (("/spec/template/spec/containers/0", "/spec/template/spec/containers/1"), ("/metadata/labels/l", "/metadata/labels/m"), ("/nope", "/metadata/labels/m"), ("/metadata/labels/l", "/nope/x"), ("/metadata/labels", "/metadata/annotations"))] + [
    [], {}, "x", "[", "", None, [{}], [{"op": "x", "path": "/spec"}], [{"op": "add"}], [{"path": "/spec/replicas", "value": 1}], [{"op": "add", "path": "/spec/replicas"}], [{"op": "test", "path": "/spec/replicas"}], [{"op": "test", "path": "/metadata/nope", "value": None}], [5], [{"op": "move", "path": "/spec/replicas"}], [{"op": 5, "path": "/x"}],
    [{"op": "test", "path": "/spec/replicas", "value": 1}, {"op": "replace", "path": "/spec/replicas", "value": 2}], [{"op": "test", "path": "/spec/replicas", "value": 9}, {"op": "replace", "path": "/spec/replicas", "value": 2}], [{"op": "add", "path": "/spec/paused", "value": True}] * 3,
]
MERGE_PATCHES = [
    {"spec": {"replicas": 3}}, {"spec": {"replicas": None}}, {"spec": {"replicas": "x"}}, {"spec": {"template": {"spec": {"containers": [{"name": "e", "image": "k"}]}}}}, {"spec": {"template": {"spec": {"containers": None}}}}, {"metadata": {"labels": {"l": None, "m": "n"}}}, {"metadata": {"labels": None}}, {"metadata": None}, {"spec": None}, {"metadata": {"name": "y"}}, {"metadata": {"namespace": "y"}}, {"metadata": {"resourceVersion": "1"}}, {"metadata": {"finalizers": ["q.r/s"]}}, {"$patch": "delete"},
    {"spec": {"selector": {"matchLabels": {"c": "d"}}}}, {"kind": "X"}, {"apiVersion": "apps/v2"}, {"x": 1}, {"status": {"replicas": 4}}, {}, [], "x", "{", "", 5, None, "null",
]
WRONG = [("text/plain", "{}"), ("application/json", "{}"), ("", "{}"), ("application/yaml", "{}"), ("application/strategic-merge-patch+json; charset=utf-8", "{}"), ("application/apply-patch+yaml", "{}"), ("application/merge-patch+json,x", "{}")]


def run(comparison):
    path = APPS + "deployments"
    comparison.both("base", "POST", path, DEPLOYMENT)
    for kind, patches in ((STRATEGIC, STRATEGIC_PATCHES), (JSON_PATCH, JSON_PATCHES), (MERGE, MERGE_PATCHES)):
        for patch in patches:
            tried(comparison, kind.split("/")[1][:9], path + "/x", patch, kind)
    for kind, patch in WRONG:
        tried(comparison, "type " + kind, path + "/x", patch, kind)
    for kind in (STRATEGIC, JSON_PATCH, MERGE):
        tried(comparison, "not there " + kind, path + "/nope", {} if kind != JSON_PATCH else [], kind)
        tried(comparison, "status " + kind, path + "/x/status", {"status": {"replicas": 5}} if kind != JSON_PATCH else [{"op": "add", "path": "/status/replicas", "value": 5}], kind)
        tried(comparison, "scale " + kind, path + "/x/scale", {"spec": {"replicas": 5}} if kind != JSON_PATCH else [{"op": "replace", "path": "/spec/replicas", "value": 5}], kind)
    comparison.remove(path + "/x")
    comparison.both("base", "POST", N + "services", SERVICE)
    for patch in SERVICE_PATCHES:
        tried(comparison, "Service strategic", N + "services/x", patch, STRATEGIC)
        tried(comparison, "Service merge", N + "services/x", patch, MERGE)
    comparison.remove(N + "services/x")
    for label, path, base, patches in OTHER_STRATEGIC:
        comparison.both("base", "POST", path, base)
        for patch in patches:
            tried(comparison, label + " strategic", path + "/x", patch, STRATEGIC)
            tried(comparison, label + " merge", path + "/x", patch, MERGE)
        comparison.remove(path + "/x")


def tried(comparison, label, path, patch, kind):
    text = patch if isinstance(patch, str) and patch in ("{", "[", "", "{}", "null") else json.dumps(patch)
    comparison.both(f"{label} {text[:200]}", "PATCH", path + "?dryRun=All", text, kind)
