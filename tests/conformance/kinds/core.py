"""Kinds of the core group that are neither pods nor services: what is kept, what bounds it, and what tells of it."""

from mutations import GONE, each

N = "/api/v1/namespaces/default/"
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "b"}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": "Opaque", "data": {"a": "Yg=="}}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}}
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}, "spec": {}}
LIMITS = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}}]}}
QUOTA = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": {"requests.cpu": "1"}}}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}, "secrets": [{"name": "t"}]}
EVENT = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e"}, "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"}, "reason": "R", "message": "m", "type": "Normal"}
TEMPLATE = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "t"}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}}
NAMES = each("metadata.name", "", "A", "a.b", "a" * 254, "a b")


def limit(kind="Container", **values):
    return {"spec.limits": [dict({"type": kind}, **{name: {"cpu": v} for name, v in values.items()})]}


SECRETS = (
    NAMES + each("data", None, {}, {"a b": "Yg=="}, {"": "Yg=="}, {"a": "x"}, {"a": ""}, {"a": None}, {"a": 5}, {"a": "QUJD" * 350000}, {".": ""}, {"..a": ""}, {"a" * 254: ""}) + each("stringData", {"a": "x"}, {"c": "d"}, {"a b": "x"}, {}) + each("immutable", True, False, "x")
    + each("type", "", GONE, "x", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token")
    + [{"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": value}} for value in ("e30=", "eA==", "")] + [{"type": "kubernetes.io/dockercfg", "data": {".dockercfg": value}} for value in ("e30=", "eA==")] + [{"type": "kubernetes.io/tls", "data": {"tls.crt": "", "tls.key": ""}}, {"type": "kubernetes.io/tls", "data": {"tls.crt": "eA=="}}]
    + [{"type": "kubernetes.io/basic-auth", "data": {"username": "eA=="}}, {"type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": ""}}, {"type": "kubernetes.io/ssh-auth", "data": {"ssh-privatekey": "eA=="}}, {"type": "kubernetes.io/service-account-token", "metadata.annotations": {"kubernetes.io/service-account.name": "x"}}]
)
NODES = (
    NAMES + each("metadata.labels", {"a b": "c"}) + each("metadata.annotations", {"scheduler.alpha.kubernetes.io/preferAvoidPods": "x"}) + each("spec", GONE, None, {"unschedulable": True}) + each("spec.podCIDR", "10.1.0.0/24", "x", "10.1.0.1/24") + each("spec.podCIDRs", ["10.1.0.0/24"], ["10.1.0.0/24", "10.2.0.0/24"], ["x"], ["10.1.0.0/24", "fd00::/64"], ["10.1.0.0/24", "fd00::/64", "10.3.0.0/24"])
    + each("spec.taints", [{}], [{"key": "a", "effect": "NoSchedule"}], [{"key": "a b", "effect": "NoSchedule"}], [{"key": "a", "value": "b c", "effect": "NoSchedule"}], [{"key": "a", "effect": "x"}], [{"key": "a"}], [{"key": "a", "effect": "NoSchedule"}, {"key": "a", "effect": "NoSchedule"}], [{"key": "a", "effect": "NoExecute"}])
    + each("spec.providerID", "x") + each("spec.externalID", "x") + each("spec.configSource", {}) + each("status", {"capacity": {"cpu": "x"}}, {"capacity": {"cpu": "-1"}}, {"capacity": {"cpu": "1.5", "pods": "1.5"}}, {"capacity": {"A b": "1"}}, {"addresses": [{"type": "InternalIP", "address": "x"}, {"type": "InternalIP", "address": "x"}]}, {"phase": "x"}, {"allocatable": {"memory": "100m"}})
)
LIMIT_RANGES = (
    NAMES + each("spec", GONE, {}, None) + each("spec.limits", [], [{}], [{"type": "Container"}, {"type": "Container"}], [{"type": "A b"}], [{"type": "x.y/Z"}], [{"type": ""}], [{"type": "PersistentVolumeClaim"}], [{"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}], [{"type": "Container", "max": {"A b": "1"}}], [{"type": "Container", "max": {"x": "1"}}], [{"type": "Container", "max": {"cpu": "x"}}])
    + [limit(kind, **values) for kind in ("Container", "Pod") for values in ({"min": "2", "max": "1"}, {"min": "1", "max": "2"}, {"default": "3", "max": "2"}, {"default": "1", "min": "2"}, {"defaultRequest": "3", "max": "2"}, {"defaultRequest": "2", "default": "1"}, {"defaultRequest": "1", "min": "2"}, {"maxLimitRequestRatio": "0.5"}, {"maxLimitRequestRatio": "3", "min": "1", "max": "2"}, {"maxLimitRequestRatio": "2"}, {"max": "-1"}, {"min": "1"})]
)
QUOTAS = (
    NAMES + each("spec", GONE, {}, None) + each("spec.hard", {}, None, {"x": "1"}, {"cpu": "-1"}, {"pods": "1.5"}, {"pods": "1"}, {"count/deployments.apps": "1"}, {"requests.x.y/z": "1"}, {"limits.x.y/z": "1"}, {"A b": "1"}, {"x.y/z": "1"}, {"requests.nvidia.com/gpu": "1500m"}, {"c.storageclass.storage.k8s.io/requests.storage": "1Gi"}, {"hugepages-2Mi": "1"}, {"requests.hugepages-2Mi": "3Mi"}, {"services.nodeports": "1"}, {"cpu": "x"})
    + each("spec.scopes", ["x"], ["BestEffort"], ["Terminating"], ["Terminating", "NotTerminating"], ["BestEffort", "NotBestEffort"], ["NotBestEffort"], ["PriorityClass"], ["NotBestEffort", "NotBestEffort"]) + [{"spec.scopes": ["BestEffort"], "spec.hard": {"pods": "1"}}]
    + each("spec.scopeSelector", {}, {"matchExpressions": [{}]}, {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["a"]}]}, {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In"}]}, {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "Exists", "values": ["a"]}]}, {"matchExpressions": [{"scopeName": "BestEffort", "operator": "In", "values": ["a"]}]}, {"matchExpressions": [{"scopeName": "x", "operator": "Exists"}]}, {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "x"}]})
    + each("status", {"hard": {"cpu": "5"}})
)
EVENTS = (
    NAMES + each("involvedObject", GONE, {}, {"kind": "Pod", "namespace": "other"}, {"kind": "Node", "name": "n"}, {"kind": "Node", "name": "n", "namespace": "default"}, {"kind": "Foo", "apiVersion": "x/v1", "name": "n"}) + each("reason", "", GONE, "a" * 200) + each("type", "", "x", GONE) + each("message", "", "x" * 2000)
    + each("firstTimestamp", "2020-01-01T00:00:00Z", "x", None) + each("eventTime", "2020-01-01T00:00:00.000000Z", "2020-01-01T00:00:00Z", "x") + each("count", 5, "5") + each("action", "a") + each("reportingComponent", "a", "A b") + each("source", {"component": "a", "host": "b"}) + each("series", {"count": 1, "lastObservedTime": "2020-01-01T00:00:00.000000Z"}) + each("related", {"kind": "Pod"})
    + [{"eventTime": "2020-01-01T00:00:00.000000Z", "reportingComponent": "a", "reportingInstance": "b", "action": "c"}, {"eventTime": "2020-01-01T00:00:00.000000Z", "reportingComponent": "a", "reportingInstance": "b" * 200, "action": "c" * 200}]
)
KINDS = [
    (N + "configmaps", MAP, NAMES + each("data", None, {}, {"a b": "c"}, {"": "c"}, {"a": None}, {"a": 5}, {".": "c"}, {"..": "c"}, {"..a": "c"}, {"a" * 254: "c"}, {"a": "x" * 1100000}, "x", []) + each("binaryData", {"b": "Yg=="}, {"a": "Yg=="}, {"b": "x"}, {"a b": "Yg=="}, {"b": ""}) + each("immutable", True, False, "x", None) + each("metadata.namespace", "other"),
     each("data", {"a": "c"}, GONE, {"a b": "c"}) + each("immutable", True) + each("metadata.name", "x") + each("metadata.resourceVersion", "1", "x", "0", GONE) + each("metadata.uid", "x", GONE) + each("metadata.finalizers", ["a/b"], ["a"]) + each("metadata.creationTimestamp", "2020-01-01T00:00:00Z", GONE) + each("metadata.deletionTimestamp", "2020-01-01T00:00:00Z") + each("metadata.generateName", "x")),
    (N + "secrets", SECRET, SECRETS, each("type", "x", GONE, "") + each("data", {}, {"a": "Yw=="}, {"a b": "Yg=="}) + each("stringData", {"a": "z"}) + each("immutable", True)),
    ("/api/v1/namespaces", NAMESPACE, NAMES + each("metadata.name", "a" * 64) + each("spec", {"finalizers": ["x"]}, {"finalizers": ["a/b"]}, {"finalizers": ["kubernetes", "kubernetes"]}, {}) + each("status", {"phase": "Terminating"}) + each("metadata.labels", {"kubernetes.io/metadata.name": "x"}), each("spec", GONE, {"finalizers": []}, {"finalizers": ["x"]}) + each("metadata.labels", {"a": "b"}, {"a b": "c"}) + each("status", {"phase": "Terminating"})),
    ("/api/v1/nodes", NODE, NODES, each("spec", {"podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24"]}, {"unschedulable": True}, {"providerID": "x"}, {"taints": [{"key": "a", "effect": "x"}]}) + each("metadata.labels", {"a b": "c"}) + each("status", {"capacity": {"cpu": "1"}})),
    (N + "limitranges", LIMITS, LIMIT_RANGES, each("spec", GONE, {"limits": [{"type": "Pod"}]}) + each("spec.limits.0.max", {"cpu": "x"}, {"cpu": "-1"})),
    (N + "resourcequotas", QUOTA, QUOTAS, each("spec.hard", {"x": "1"}, {"cpu": "2"}) + each("spec.scopes", ["Terminating"]) + each("status", {"hard": {"cpu": "5"}})),
    (N + "serviceaccounts", ACCOUNT, NAMES + each("secrets", [], GONE, [{}], [{"name": "A b"}]) + each("imagePullSecrets", [{"name": "a"}], [{}]) + each("automountServiceAccountToken", False, "x"), each("secrets", []) + each("imagePullSecrets", [{"name": "b"}]) + each("metadata.name", "x")),
    (N + "events", EVENT, EVENTS, each("count", 2) + each("reason", "S") + each("involvedObject.namespace", "other")),
    (N + "podtemplates", TEMPLATE, NAMES + each("template", GONE, {}, None) + each("template.spec.restartPolicy", "Never", "x") + each("template.spec.containers", [], [{}]) + each("template.metadata.labels", {"a b": "c"}), each("template.spec.containers.0.image", "j", "") + each("template.metadata.labels", {"c": "d"})),
]
