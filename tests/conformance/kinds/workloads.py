"""Deployments and their kin, jobs, autoscalers and revisions."""

from mutations import GONE, each

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
JOB_TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
SELECTOR = {"matchLabels": {"a": "b"}}


def workload(kind, **spec):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "x"}, "spec": dict({"selector": SELECTOR, "template": TEMPLATE}, **spec)}


SELECTORS = each("spec.selector", GONE, {}, None, {"matchLabels": {"c": "d"}}, {"matchLabels": {"a b": "c"}}, {"matchExpressions": [{"key": "a", "operator": "In"}]}, {"matchExpressions": [{"key": "a", "operator": "x"}]}, {"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {"matchLabels": {"a": 5}}, [])
TEMPLATES = (
    each("spec.template", GONE, {}, None) + each("spec.template.metadata", {}, {"labels": {"c": "d"}}, {"labels": {"a": "b", "c d": "e"}}, {"labels": {"a": "b"}, "annotations": {"a b": "c"}}, {"labels": {"a": "b"}, "name": "A_", "namespace": "x"}) + each("spec.template.spec.restartPolicy", "Always", "Never", "OnFailure", "x")
    + each("spec.template.spec.containers", [], [{}], [{"name": "c", "image": ""}], [{"name": "A", "image": "i"}]) + each("spec.template.spec.activeDeadlineSeconds", 5) + each("spec.template.spec.nodeSelector", {"a b": "c"}) + each("spec.template.spec.ephemeralContainers", [{"name": "e", "image": "i"}])
    + each("spec.template.spec.terminationGracePeriodSeconds", -1) + each("spec.template.spec.volumes", [{"name": "v", "hostPath": {"path": "../x"}}]) + each("spec.template.spec.dnsPolicy", "x") + each("spec.template.spec.priorityClassName", "nope")
)
REPLICAS = each("spec.replicas", 0, -1, None, "1", 1.5, 2147483648, 5)
READY = each("spec.minReadySeconds", -1, 5)
NAMES = each("metadata.name", "", "A", "a.b", "a" * 254, "a" * 253, "a" * 64) + each("metadata.labels", {"a b": "c"}) + each("spec", GONE, {}) + each("status", {"replicas": 5})
LIMITS = each("spec.revisionHistoryLimit", -1, 0, 5)
INTS = (0, 1, -1, "0%", "25%", "100%", "101%", "x", "1", "%", "-5%", "1.5%", 1.5, True, "")
DEPLOYMENT = (
    NAMES + SELECTORS + TEMPLATES + REPLICAS + READY + LIMITS + each("spec.paused", True, "x") + each("spec.progressDeadlineSeconds", 0, -1, 5, 600, None) + [{"spec.minReadySeconds": 5, "spec.progressDeadlineSeconds": 5}, {"spec.minReadySeconds": 600}] + each("spec.strategy", {}, {"type": "x"}, {"type": ""}, {"type": "Recreate"}, {"type": "Recreate", "rollingUpdate": {}},
    {"type": "RollingUpdate", "rollingUpdate": None}, {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}, {"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": "0%"}}) + [{"spec.strategy": {"rollingUpdate": {field: value}}} for field in ("maxSurge", "maxUnavailable") for value in INTS] + each("spec.rollbackTo", {"revision": 1})
)
DAEMONSET = NAMES + SELECTORS + TEMPLATES + READY + LIMITS + each("spec.updateStrategy", {}, {"type": "x"}, {"type": "OnDelete"}, {"type": "OnDelete", "rollingUpdate": {}}, {"type": "RollingUpdate", "rollingUpdate": None}) + [{"spec.updateStrategy": {"rollingUpdate": {"maxUnavailable": value}}} for value in INTS]
CLAIM = {"metadata": {"name": "v"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
STATEFULSET = (
    NAMES + SELECTORS + TEMPLATES + REPLICAS + LIMITS + each("spec.serviceName", "", GONE, "A_", "x.y") + each("spec.podManagementPolicy", "", "x", "Parallel") + each("spec.updateStrategy", {}, {"type": "x"}, {"type": "OnDelete"}, {"type": "OnDelete", "rollingUpdate": {"partition": 1}}, {"type": "RollingUpdate", "rollingUpdate": {"partition": -1}}, {"type": "RollingUpdate", "rollingUpdate": {}}, {"type": ""})
    + each("spec.volumeClaimTemplates", [], [CLAIM], [{}], [dict(CLAIM, spec={})], [dict(CLAIM, metadata={"name": "A_"})], [CLAIM, CLAIM])
)
JOB = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"template": JOB_TEMPLATE}}
JOBS = (
    NAMES + TEMPLATES + [{f"spec.{field}": value} for field in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished") for value in (0, -1, 1, 5, "1", None)] + each("spec.selector", SELECTOR, {}) + [{"spec.manualSelector": True}, {"spec.manualSelector": True, "spec.selector": SELECTOR}]
    + [{"spec.manualSelector": True, "spec.selector": SELECTOR, "spec.template.metadata": {"labels": {"a": "b"}}}, {"spec.parallelism": 0, "spec.completions": 0}, {"spec.template.metadata": {"labels": {"job-name": "x"}}}, {"spec.template.metadata": {"labels": {"controller-uid": "x"}}}]
)
UPDATES = (
    each("spec.replicas", 3, -1, GONE) + each("spec.selector", {"matchLabels": {"c": "d"}}, GONE, {}) + each("spec.template.metadata.labels", {"c": "d"}, {"a": "b", "c": "d"}) + each("spec.template.spec.containers.0.image", "j", "") + each("metadata.labels", {"x": "y"}) + each("metadata.resourceVersion", GONE, "1") + each("metadata.generation", 9) + each("metadata.name", "y")
    + each("spec.template.spec.restartPolicy", "Never") + each("status", {"replicas": 7}, GONE) + each("spec", GONE) + each("spec.minReadySeconds", -1)
)
HPA = {"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "h"}, "spec": {"maxReplicas": 5, "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"}}}
REVISION = {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "r"}, "revision": 1, "data": {"a": 1}}
CONTROLLER = {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "rc"}, "spec": {"template": TEMPLATE}}
APPS = "/apis/apps/v1/namespaces/default/"
KINDS = [
    (APPS + "deployments", workload("Deployment"), DEPLOYMENT, UPDATES + each("spec.strategy", {"type": "Recreate"}, {"type": "x"}) + each("spec.progressDeadlineSeconds", 1)),
    (APPS + "replicasets", workload("ReplicaSet"), NAMES + SELECTORS + TEMPLATES + REPLICAS + READY, UPDATES),
    (APPS + "daemonsets", workload("DaemonSet"), DAEMONSET, UPDATES + each("spec.templateGeneration", 5)),
    (APPS + "statefulsets", workload("StatefulSet", serviceName="s"), STATEFULSET, UPDATES + each("spec.serviceName", "x") + each("spec.podManagementPolicy", "Parallel") + each("spec.volumeClaimTemplates", [CLAIM]) + each("spec.updateStrategy", {"type": "OnDelete"}) + each("spec.revisionHistoryLimit", 3)),
    ("/apis/batch/v1/namespaces/default/jobs", JOB, JOBS, each("spec.parallelism", 3, -1) + each("spec.completions", 5) + each("spec.backoffLimit", 1) + each("spec.selector", SELECTOR) + each("spec.template.spec.containers.0.image", "j") + each("spec.template.metadata.labels", {}) + each("spec.activeDeadlineSeconds", 6) + each("spec.ttlSecondsAfterFinished", 6) + each("spec.manualSelector", True)),
    ("/api/v1/namespaces/default/replicationcontrollers", CONTROLLER, NAMES + TEMPLATES + REPLICAS + READY + each("spec.selector", GONE, {}, {"a": "b"}, {"c": "d"}, {"a b": "c"}), each("spec.replicas", 3, -1) + each("spec.selector", {"c": "d"}, {}) + each("spec.template", GONE)),
    ("/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", HPA, each("metadata.name", "A", "a.b", "") + each("spec", GONE, {}) + [{f"spec.{field}": value} for field in ("minReplicas", "maxReplicas", "targetCPUUtilizationPercentage") for value in (0, -1, 1, 7, 100, "1", None)]
     + each("spec.scaleTargetRef", {}, {"kind": "", "name": "x"}, {"kind": "X", "name": ""}, {"kind": "a/b", "name": "c/d"}, {"kind": "X", "name": "y", "apiVersion": "a/b/c"}) + [{"spec.minReplicas": 6}]
     + each("metadata.annotations", {"autoscaling.alpha.kubernetes.io/metrics": "x"}, {"autoscaling.alpha.kubernetes.io/metrics": '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]'}), each("spec.maxReplicas", 0, 9) + each("spec.scaleTargetRef.name", "z")),
    (APPS + "controllerrevisions", REVISION, each("metadata.name", "A", "") + each("revision", -1, 0, "x") + each("data", GONE, None, 5, "x", [], {}), each("data", {"a": 2}, GONE) + each("revision", 2, -1)),
]
