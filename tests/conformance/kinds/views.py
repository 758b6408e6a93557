"""Tables of kinds, of single objects and of lists, with what each cell tells; and the metadata of objects alone."""

from comparison import TABLE

from core import EVENT, LIMITS, MAP, NODE, QUOTA, SECRET, TEMPLATE
from core import ACCOUNT
from policies import BINDING, BUDGET, CLUSTER_BINDING, CLUSTER_ROLE, CRON, INGRESS, INGRESS_CLASS, LEASE, MUTATING, POLICY, PRIORITY, REQUEST, ROLE, RUNTIME, SCALER, SERVICE as API_SERVICE, VALIDATING
from services import ENDPOINTS, SERVICE
from storage import ATTACHMENT, CLAIM, CLASS, CSINODE, DRIVER, VOLUME
from workloads import JOB, SELECTOR, TEMPLATE as POD_TEMPLATE, workload

N = "/api/v1/namespaces/default/"
APPS = "/apis/apps/v1/namespaces/default/"
RBAC, NET, ADMISSION, STORAGE = "/apis/rbac.authorization.k8s.io/v1/", "/apis/networking.k8s.io/v1/", "/apis/admissionregistration.k8s.io/v1/", "/apis/storage.k8s.io/v1/"
D = "namespaces/default/"
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}, {"name": "d", "image": "j"}], "nodeSelector": {"a": "b"}, "readinessGates": [{"conditionType": "a.b/c"}]}}
OBJECTS = [
    (N + "configmaps", MAP), (N + "secrets", SECRET), (N + "pods", POD), (N + "services", SERVICE), (N + "endpoints", ENDPOINTS), (N + "limitranges", LIMITS), (N + "resourcequotas", QUOTA), (N + "serviceaccounts", ACCOUNT), (N + "events", EVENT), (N + "podtemplates", TEMPLATE), ("/api/v1/nodes", NODE), (N + "persistentvolumeclaims", CLAIM), ("/api/v1/persistentvolumes", VOLUME),
    (N + "replicationcontrollers", {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": "x"}, "spec": {"replicas": 2, "selector": {"a": "b"}, "template": POD_TEMPLATE}}),
    (APPS + "deployments", workload("Deployment")), (APPS + "daemonsets", workload("DaemonSet")), (APPS + "replicasets", workload("ReplicaSet")), (APPS + "statefulsets", workload("StatefulSet", serviceName="s")), (APPS + "controllerrevisions", {"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "x"}, "revision": 3, "data": {}}),
    ("/apis/batch/v1/" + D + "jobs", JOB), ("/apis/batch/v1/" + D + "cronjobs", CRON), ("/apis/autoscaling/v2/" + D + "horizontalpodautoscalers", SCALER), ("/apis/policy/v1/" + D + "poddisruptionbudgets", BUDGET), (STORAGE + "storageclasses", CLASS), (STORAGE + "csidrivers", DRIVER), (STORAGE + "csinodes", CSINODE), (STORAGE + "volumeattachments", ATTACHMENT),
    (NET + D + "networkpolicies", POLICY), (NET + D + "ingresses", INGRESS), (NET + "ingressclasses", INGRESS_CLASS), (RBAC + D + "roles", ROLE), (RBAC + "clusterroles", CLUSTER_ROLE), (RBAC + D + "rolebindings", BINDING), (RBAC + "clusterrolebindings", CLUSTER_BINDING), (ADMISSION + "validatingwebhookconfigurations", VALIDATING), (ADMISSION + "mutatingwebhookconfigurations", MUTATING),
    ("/apis/scheduling.k8s.io/v1/priorityclasses", PRIORITY), ("/apis/coordination.k8s.io/v1/" + D + "leases", LEASE), ("/apis/node.k8s.io/v1/runtimeclasses", RUNTIME), ("/apis/apiregistration.k8s.io/v1/apiservices", API_SERVICE), ("/apis/certificates.k8s.io/v1/certificatesigningrequests", REQUEST),
]
META, METAS = (f"application/json;as={kind};v=v1;g=meta.k8s.io" for kind in ("PartialObjectMetadata", "PartialObjectMetadataList"))
# What tells of other objects of the servers themselves, of ages, of addresses that are given, and of descriptions, whose wording is not compared.
APART = r"^\.(columnDefinitions\[\d+\]\.description|metadata\.resourceVersion)"


def run(comparison):
    for path, base in OBJECTS:
        comparison.servers.beta = base["kind"] in ("CronJob", "HorizontalPodAutoscaler", "PodDisruptionBudget")
        name, kind = base["metadata"]["name"], base["kind"]
        comparison.both(f"{kind} made", "POST", path, base, accept=TABLE, ignore=APART)
        comparison.both(f"{kind} table", "GET", f"{path}/{name}", accept=TABLE, ignore=APART)
        for include in ("None", "Object", "Metadata", "x", ""):
            comparison.both(f"{kind} table with {include}", "GET", f"{path}/{name}?includeObject={include}", accept=TABLE, ignore=APART)
        comparison.both(f"{kind} metadata", "GET", f"{path}/{name}", accept=META)
        field = f"?fieldSelector=metadata.name%3D{name}"
        comparison.both(f"{kind} list", "GET", path + field, accept=TABLE, ignore=APART)
        comparison.both(f"{kind} list of metadata", "GET", path + field, accept=METAS)
        comparison.both(f"{kind} one as list of metadata", "GET", f"{path}/{name}", accept=METAS)
        comparison.both(f"{kind} list as one's metadata", "GET", path + field, accept=META)
        comparison.both(f"{kind} gone", "DELETE", f"{path}/{name}?gracePeriodSeconds=0&dryRun=All", accept=TABLE, ignore=APART)
        comparison.remove(f"{path}/{name}?gracePeriodSeconds=0")
    comparison.servers.beta = False
