"""What decides over others: budgets of disruption, rules of networks, roles, webhooks, classes, leases, requests for certificates. And what 1.20 has in a beta version alone."""

from mutations import GONE, each

SELECTOR = {"matchLabels": {"a": "b"}}
SELECTORS = ({}, None, GONE, {"matchLabels": {"a b": "c"}}, {"matchExpressions": [{"key": "a", "operator": "In"}]}, {"matchExpressions": [{"key": "a", "operator": "x"}]}, {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]})
NAMES = each("metadata.name", "", "A", "a.b", "a" * 254, "a b", "a:b", "a/b", "%")


def made(version, kind, **fields):
    return dict({"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}, **fields)


NUMBERS = (0, 1, -1, "0%", "25%", "100%", "101%", "x", "1", "%", "-5%", 1.5, "")
BUDGET = made("policy/v1", "PodDisruptionBudget", spec={"minAvailable": 1, "selector": SELECTOR})
BUDGETS = NAMES + each("spec", GONE, {}) + each("spec.minAvailable", GONE, None, *NUMBERS) + [{"spec.minAvailable": GONE, "spec.maxUnavailable": value} for value in NUMBERS] + each("spec.maxUnavailable", 1) + each("spec.selector", *SELECTORS) + each("status", {"currentHealthy": 5})
POLICY = made("networking.k8s.io/v1", "NetworkPolicy", spec={"podSelector": SELECTOR})
PEERS = ([{}], [{"podSelector": {}}], [{"podSelector": {"matchLabels": {"a b": "c"}}}], [{"namespaceSelector": {}}], [{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "x"}]}}], [{"ipBlock": {"cidr": "10.0.0.0/8"}}], [{"ipBlock": {"cidr": ""}}], [{"ipBlock": {"cidr": "x"}}], [{"ipBlock": {"cidr": "10.0.0.1/8"}}], [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
         [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}}], [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x"]}}], [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}}], [{"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}], [{"ipBlock": {"cidr": "fd00::/8"}}])
PORTS = ([{}], [{"port": 80}], [{"port": "http"}], [{"port": "HTTP"}], [{"port": 0}], [{"port": 65536}], [{"protocol": "UDP"}], [{"protocol": "x"}], [{"protocol": "SCTP", "port": 5}], [{"port": 80, "protocol": ""}])
POLICIES = (
    NAMES + each("spec", GONE, {}) + each("spec.podSelector", *SELECTORS) + each("spec.policyTypes", [], ["Ingress"], ["Egress"], ["Ingress", "Egress"], ["x"], ["Ingress", "Egress", "x"], ["Ingress", "Ingress"]) + each("spec.ingress", [], [{}], None) + each("spec.egress", [], [{}]) + [{f"spec.ingress": [{"from": peers}]} for peers in PEERS] + [{f"spec.egress": [{"to": peers}]} for peers in PEERS[:8]]
    + [{"spec.ingress": [{"ports": ports}]} for ports in PORTS] + [{"spec.egress": [{"ports": ports}]} for ports in PORTS[:4]]
)
PRIORITY = made("scheduling.k8s.io/v1", "PriorityClass", value=1000)
PRIORITIES = NAMES + each("metadata.name", "system-x") + each("value", GONE, 0, -5, 1000000001, 1000000000, "1") + each("globalDefault", True, "x") + each("preemptionPolicy", "Never", "x", "") + each("description", "d")
RULE = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
RULES = each("rules", [], None, GONE, [{}], [dict(RULE, verbs=[])], [dict(RULE, apiGroups=[])], [dict(RULE, resources=[])], [dict(RULE, resourceNames=["a"])], [{"nonResourceURLs": ["/x"], "verbs": ["get"]}], [{"nonResourceURLs": ["x"], "verbs": ["get"]}], [dict(RULE, nonResourceURLs=["/x"])], [{"verbs": ["get"]}], [{"verbs": ["get"], "apiGroups": ["*"], "resources": ["*"]}])
ROLE = made("rbac.authorization.k8s.io/v1", "Role", rules=[RULE])
CLUSTER_ROLE = made("rbac.authorization.k8s.io/v1", "ClusterRole", rules=[RULE])
REF = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
SUBJECT = {"kind": "User", "name": "u", "apiGroup": "rbac.authorization.k8s.io"}
BINDING = made("rbac.authorization.k8s.io/v1", "RoleBinding", roleRef=REF, subjects=[SUBJECT])
CLUSTER_BINDING = dict(BINDING, kind="ClusterRoleBinding")
SUBJECTS = each("subjects", [], None, GONE, [{}], [{"kind": "User", "name": "u"}], [{"kind": "User", "name": "", "apiGroup": "rbac.authorization.k8s.io"}], [{"kind": "Group", "name": "g"}], [{"kind": "Group", "name": "g", "apiGroup": "x"}], [{"kind": "ServiceAccount", "name": "s"}], [{"kind": "ServiceAccount", "name": "s", "namespace": "default"}], [{"kind": "ServiceAccount", "name": "A b", "namespace": "default"}], [{"kind": "ServiceAccount", "name": "s", "namespace": "default", "apiGroup": "x"}], [{"kind": "X", "name": "s"}], [{"kind": "User", "name": "u", "apiGroup": "x"}])
REFS = each("roleRef", GONE, {}, dict(REF, apiGroup=""), dict(REF, apiGroup="x"), dict(REF, kind="Role"), dict(REF, kind="x"), dict(REF, name=""), dict(REF, name="a/b"), dict(REF, name="nope"), dict(REF, kind="Role", name="%"))
CLIENT = {"url": "https://example.com/x"}
HOOK = {"name": "a.b.c", "clientConfig": CLIENT, "admissionReviewVersions": ["v1"], "sideEffects": "None", "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]}
H = "webhooks.0."
RULE_PARTS = [{H + "rules.0." + part: value} for part, values in {"apiGroups": ([], ["*"], ["*", "a"], [""], ["a", "a"]), "apiVersions": ([], ["*"], ["*", "v1"], [""]), "operations": ([], ["*"], ["*", "CREATE"], ["x"], ["CONNECT"], ["CREATE", "CREATE"]), "resources": ([], ["*"], ["*/*"], ["pods/*"], ["*", "pods"], ["pods", "pods/*"], ["pods/*", "pods/status"], ["*/*", "x"], [""], ["*/status", "pods/status"], ["*/*", "*/scale"]), "scope": ("*", "Cluster", "Namespaced", "x", "")}.items() for value in values]
CLIENTS = each(H + "clientConfig", {}, {"url": "http://x"}, {"url": "https://"}, {"url": "https://u:p@x"}, {"url": "https://x?y=z"}, {"url": "https://x#y"}, {"url": "x"}, {"url": "https://x", "service": {"namespace": "n", "name": "s"}}, {"service": {}}, {"service": {"namespace": "n", "name": "s"}}, {"service": {"namespace": "n", "name": "s", "port": 0}}, {"service": {"namespace": "n", "name": "s", "port": 70000}}, {"service": {"namespace": "n", "name": "s", "path": "x"}},
               {"service": {"namespace": "n", "name": "s", "path": "/x//y"}}, {"service": {"namespace": "n", "name": "s", "path": "/x/"}}, {"service": {"namespace": "n", "name": "s", "path": "/A_b"}}, {"service": {"namespace": "n", "name": "s", "path": ""}}, {"url": "https://x", "caBundle": "eA=="}, {"url": "https://x", "caBundle": "x"})
HOOKS = (
    NAMES + each("webhooks", [], GONE, None, [HOOK, HOOK], [{}]) + each(H + "name", "", "a", "a.b", "A.b.c") + each(H + "admissionReviewVersions", [], GONE, ["v1beta1"], ["v2"], ["v1", "v1"], ["V 1", "v1"], [""]) + each(H + "sideEffects", GONE, "", "Some", "Unknown", "NoneOnDryRun", "x") + each(H + "failurePolicy", "Ignore", "x", "") + each(H + "matchPolicy", "Exact", "x") + each(H + "timeoutSeconds", 0, 31, 30, -1, "5")
    + each(H + "namespaceSelector", *SELECTORS[:4]) + each(H + "objectSelector", *SELECTORS[:4]) + each(H + "rules", [], GONE) + RULE_PARTS + CLIENTS
)
VALIDATING = made("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", webhooks=[HOOK])
MUTATING = made("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", webhooks=[HOOK])
BACKEND = {"service": {"name": "s", "port": {"number": 80}}}
INGRESS = made("networking.k8s.io/v1", "Ingress", spec={"rules": [{"host": "a.b", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND}]}}]})
R = "spec.rules.0."
PT = R + "http.paths.0."
INGRESSES = (
    NAMES + each("spec", GONE, {}) + each("spec.rules", [], GONE, [{}], [{"host": "a.b"}]) + each(R + "host", "", "A.b", "a_b", "1.2.3.4", "*.a", "*", "a.*.b", "*.*.a", "a.b.", "a" * 64) + each(R + "http", {}, {"paths": []}, {"paths": [{}]}) + each(PT + "path", "", "x", "/x/", "//", "/a//b", "/./a", "/a/..", "/a%2fb", "/[") + [{PT + "path": path, PT + "pathType": kind} for path in ("", "x", "//", "/[", "/a/./b") for kind in ("Exact", "ImplementationSpecific")]
    + each(PT + "pathType", GONE, "", "x", "Exact", "ImplementationSpecific") + each(PT + "backend", {}, GONE, {"service": {}}, {"service": {"name": "s"}}, {"service": {"name": "A_", "port": {"number": 80}}}, {"service": {"name": "s", "port": {"name": "http"}}}, {"service": {"name": "s", "port": {"name": "HTTP"}}}, {"service": {"name": "s", "port": {"number": 0}}}, {"service": {"name": "s", "port": {"number": 70000}}}, {"service": {"name": "s", "port": {"number": 80, "name": "x"}}}, {"resource": {"kind": "K", "name": "n"}},
    {"resource": {"kind": "K", "name": "n", "apiGroup": "a.b"}}, {"resource": {}}, {"resource": {"kind": "K", "name": "a b"}}, dict(BACKEND, resource={"kind": "K", "name": "n"})) + each("spec.defaultBackend", BACKEND, {}) + [{"spec.defaultBackend": BACKEND, "spec.rules": []}] + each("spec.tls", [], [{}], [{"hosts": ["a.b"], "secretName": "x"}], [{"hosts": ["A_"]}], [{"hosts": ["*.a"]}], [{"secretName": "A_"}], [{"hosts": ["a.b", "a.b"]}])
    + each("spec.ingressClassName", "", "x", "A_") + each("metadata.annotations", {"kubernetes.io/ingress.class": "x"}) + [{"metadata.annotations": {"kubernetes.io/ingress.class": "x"}, "spec.ingressClassName": "y"}] + each("status", {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}})
)
INGRESS_CLASS = made("networking.k8s.io/v1", "IngressClass", spec={"controller": "a.b/c"})
INGRESS_CLASSES = NAMES + each("spec", GONE, {}) + each("spec.controller", "", "x", "a b", "a.b/" + "c" * 250, "a.b/c/d") + each("spec.parameters", {}, {"kind": "K", "name": "n"}, {"kind": "K", "name": "n", "apiGroup": "a b"}, {"kind": "a/b", "name": "n"}, {"kind": "K", "name": "a/b"}, {"kind": "K", "name": "n", "apiGroup": "a.b"})
LEASE = made("coordination.k8s.io/v1", "Lease", spec={"holderIdentity": "h", "leaseDurationSeconds": 15})
LEASES = NAMES + each("spec", GONE, {}) + each("spec.holderIdentity", "", None) + each("spec.leaseDurationSeconds", 0, -1, 1, "5") + each("spec.leaseTransitions", -1, 0, 5) + [{f"spec.{field}": value} for field in ("acquireTime", "renewTime") for value in ("2020-01-01T00:00:00.000000Z", "2020-01-01T00:00:00Z", "x", None)]
RUNTIME = made("node.k8s.io/v1", "RuntimeClass", handler="h")
RUNTIMES = NAMES + each("handler", "", GONE, "A_", "a.b", "a" * 64) + each("overhead", {}, {"podFixed": {"cpu": "1"}}, {"podFixed": {"cpu": "-1"}}, {"podFixed": {"cpu": "x"}}, {"podFixed": {"a b": "1"}}) + each("scheduling", {}, {"nodeSelector": {"a": "b"}}, {"nodeSelector": {"a b": "c"}}, {"tolerations": [{"key": "a b"}]}, {"tolerations": [{"key": "a", "operator": "x"}]}, {"tolerations": [{"key": "a"}, {"key": "a"}]})
SERVICE = made("apiregistration.k8s.io/v1", "APIService", spec={"group": "a.b", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10, "service": {"namespace": "n", "name": "s"}, "insecureSkipTLSVerify": True})
SERVICE["metadata"] = {"name": "v1.a.b"}
SERVICES = each("metadata.name", "", "x", "v1.a", "v2.a.b") + each("spec", GONE, {}) + each("spec.group", "", "A b", GONE) + each("spec.version", "", "V 1", "2") + each("spec.groupPriorityMinimum", 0, -1, 20000, 20001) + each("spec.versionPriority", 0, -1, 1000, 1001) + each("spec.service", GONE, {}, None, {"namespace": "n", "name": "s", "port": 0}, {"namespace": "n", "name": "s", "port": 70000}, {"namespace": "", "name": "s"}) + each("spec.caBundle", "eA==") + [{"spec.insecureSkipTLSVerify": False}, {"spec.insecureSkipTLSVerify": False, "spec.caBundle": "eA=="}]
PEM = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISE1HNENBUUF3RERFS01BZ0dBMVVFQXd3QmRUQlpNQk1HQnlxR1NNNDlBZ0VHQ0NxR1NNNDlBd0VIQTBJQQpCTExjR1F4blR4cElvUlZkaExpZjQ3MS95OFBzdExUYnJGOFNCQy9sTXdSczdsVW1MQWc3djU3b3dOeUZ0TUxGCjdNQmQxUFgrdXBOY2IyUnA1RUdla1VxZ0FEQUtCZ2dxaGtqT1BRUURBZ05KQURCR0FpRUF3ODJlbTRFSzJ6ZmoKQ3JCRVhFTE9FeExCR0IreGMvUEZHQXVkdFR2T3QzRUNJUUNFZi92cFJjQ3FtSmlrUnJSK1o4QUhDUGY4QmNMMApBNTZ0MzE5NVBwVVFDUT09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo="
REQUEST = made("certificates.k8s.io/v1", "CertificateSigningRequest", spec={"request": PEM, "signerName": "a.b/c", "usages": ["client auth"]})
REQUESTS = NAMES + each("spec", GONE, {}) + each("spec.request", "", "eA==", GONE) + each("spec.signerName", "", GONE, "x", "a/b", "A.b/c", "a.b/", "kubernetes.io/legacy-unknown") + each("spec.usages", [], GONE, ["x"], ["client auth", "client auth"])
CRON = made("batch/v1", "CronJob", spec={"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}}})
CRONS = (
    NAMES + each("metadata.name", "a" * 53, "a" * 52) + each("spec", GONE, {}) + each("spec.schedule", "", GONE, "x", "* * * *", "60 * * * *", "@hourly", "@every 5m", "@x", "*/5 * * * *", "0 0 31 2 *", "TZ=UTC * * * * *", "CRON_TZ=UTC * * * * *", "* * * * mon-fri", "1-70 * * * *", "*/0 * * * *", "? * * * *") + each("spec.concurrencyPolicy", "", "Forbid", "Replace", "x") + each("spec.suspend", True, None) + each("spec.startingDeadlineSeconds", 0, -1, 5)
    + each("spec.successfulJobsHistoryLimit", 0, -1, None) + each("spec.failedJobsHistoryLimit", 0, -1, None) + each("spec.jobTemplate", GONE, {}, {"spec": {}}) + [{"spec.jobTemplate.spec." + field: value} for field, value in (("manualSelector", True), ("selector", SELECTOR), ("parallelism", -1), ("completions", 0), ("template.spec.restartPolicy", "Always"), ("template.spec.containers", []), ("backoffLimit", -1))] + each("spec.jobTemplate.metadata", {"labels": {"a b": "c"}}, {"labels": {"a": "b"}})
)
METRIC = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
SCALER = made("autoscaling/v2", "HorizontalPodAutoscaler", spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "maxReplicas": 5})


def target(**fields):
    return {"type": "Resource", "resource": {"name": "cpu", "target": fields}}


SCALERS = (
    NAMES + each("spec.minReplicas", 0, -1, 1, 6, None) + each("spec.maxReplicas", 0, -1, GONE) + each("spec.metrics", [], None, [{}], [METRIC], [METRIC, METRIC], [{"type": "Resource"}], [{"type": "x"}], [dict(METRIC, type="Pods")], [target(type="Utilization")], [target(type="Value", value="1")], [target(type="AverageValue", averageValue="1")], [target(type="AverageValue", averageValue="0")], [target(type="AverageValue", averageValue="-1")], [target(type="Utilization", averageUtilization=0)], [target(averageUtilization=5)], [target(type="Utilization", averageUtilization=5, averageValue="1")],
    [{"type": "Pods", "pods": {}}], [{"type": "Pods", "pods": {"metric": {"name": "m"}, "target": {"type": "AverageValue", "averageValue": "1"}}}], [{"type": "Pods", "pods": {"metric": {"name": "m/n"}, "target": {"type": "Value", "value": "1"}}}], [{"type": "Object", "object": {}}], [{"type": "Object", "object": {"describedObject": {"kind": "K", "name": "n"}, "metric": {"name": "m"}, "target": {"type": "Value", "value": "1"}}}], [{"type": "External", "external": {"metric": {"name": "m"}, "target": {"type": "Value", "value": "1"}}}], [{"type": "External", "external": {"metric": {"name": ""}, "target": {"type": "Value"}}}],
    [{"type": "External", "external": {"metric": {"name": "m", "selector": {"matchLabels": {"a b": "c"}}}, "target": {"type": "Value", "value": "1", "averageValue": "1"}}}], [{"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "c", "target": {"type": "Utilization", "averageUtilization": 5}}}], [{"type": "ContainerResource", "containerResource": {"name": "", "container": "", "target": {}}}])
    + each("spec.behavior", {}, {"scaleUp": {}}, {"scaleUp": {"policies": []}}, {"scaleUp": {"policies": [{}]}}, {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 5}]}}, {"scaleUp": {"policies": [{"type": "x", "value": 0, "periodSeconds": 0}]}}, {"scaleUp": {"policies": [{"type": "Percent", "value": 1, "periodSeconds": 1801}]}}, {"scaleDown": {"stabilizationWindowSeconds": -1}}, {"scaleDown": {"stabilizationWindowSeconds": 3601}}, {"scaleDown": {"selectPolicy": "x"}}, {"scaleDown": {"selectPolicy": "Disabled"}}, {"scaleUp": {"selectPolicy": "Min"}})
)
LABELS = each("metadata.labels", {"a": "b"}, {"a b": "c"}) + each("metadata.resourceVersion", GONE, "1")
RBAC, NET, ADMISSION = "/apis/rbac.authorization.k8s.io/v1/", "/apis/networking.k8s.io/v1/", "/apis/admissionregistration.k8s.io/v1/"
N = "namespaces/default/"
KINDS = [
    ("/apis/policy/v1/" + N + "poddisruptionbudgets", BUDGET, BUDGETS, LABELS + each("spec.minAvailable", 2, "x") + each("spec.selector", {"matchLabels": {"c": "d"}}, GONE) + each("status", {"currentHealthy": 5})),
    (NET + N + "networkpolicies", POLICY, POLICIES, LABELS + each("spec.podSelector", {}) + each("spec.ingress", [{"ports": [{"port": 0}]}])),
    ("/apis/scheduling.k8s.io/v1/priorityclasses", PRIORITY, PRIORITIES, LABELS + each("value", 5) + each("globalDefault", True) + each("preemptionPolicy", "Never") + each("description", "d")),
    (RBAC + N + "roles", ROLE, NAMES + RULES, LABELS + each("rules", [], [{}])),
    (RBAC + "clusterroles", CLUSTER_ROLE, NAMES + RULES + each("aggregationRule", {}, {"clusterRoleSelectors": []}, {"clusterRoleSelectors": [SELECTOR]}, {"clusterRoleSelectors": [{"matchLabels": {"a b": "c"}}]}), LABELS + each("rules", [], [{}]) + each("aggregationRule", {"clusterRoleSelectors": [SELECTOR]})),
    (RBAC + N + "rolebindings", BINDING, NAMES + SUBJECTS + REFS, LABELS + each("roleRef", dict(REF, name="edit"), GONE) + each("subjects", [], [{}])),
    (RBAC + "clusterrolebindings", CLUSTER_BINDING, NAMES + SUBJECTS + REFS, LABELS + each("roleRef", dict(REF, name="edit"), GONE) + each("subjects", [], [{}])),
    (ADMISSION + "validatingwebhookconfigurations", VALIDATING, HOOKS, LABELS + each("webhooks", [], [{}], [dict(HOOK, sideEffects="Some")]) + each(H + "name", "x")),
    (ADMISSION + "mutatingwebhookconfigurations", MUTATING, HOOKS + each(H + "reinvocationPolicy", "", "x", "IfNeeded", "Never"), LABELS + each("webhooks", [], [{}]) + each(H + "reinvocationPolicy", "IfNeeded")),
    (NET + N + "ingresses", INGRESS, INGRESSES, LABELS + each(R + "host", "A_") + each(PT + "pathType", "Exact", "x") + each("spec.ingressClassName", "A_") + each("status", {"loadBalancer": {"ingress": [{"ip": "x"}]}})),
    (NET + "ingressclasses", INGRESS_CLASS, INGRESS_CLASSES, LABELS + each("spec.controller", "d.e/f") + each("spec.parameters", {"kind": "K", "name": "n"})),
    ("/apis/coordination.k8s.io/v1/" + N + "leases", LEASE, LEASES, LABELS + each("spec.leaseTransitions", -1, 5) + each("spec.holderIdentity", "")),
    ("/apis/node.k8s.io/v1/runtimeclasses", RUNTIME, RUNTIMES, LABELS + each("handler", "g")),
    ("/apis/apiregistration.k8s.io/v1/apiservices", SERVICE, SERVICES, LABELS + each("spec.versionPriority", 0, 5) + each("spec.group", "c.d")),
    ("/apis/certificates.k8s.io/v1/certificatesigningrequests", REQUEST, REQUESTS, []),
    ("/apis/batch/v1/" + N + "cronjobs", CRON, CRONS, LABELS + each("spec.schedule", "x", "@daily") + each("spec.suspend", True) + each("spec.jobTemplate.spec.completions", 5)),
    ("/apis/autoscaling/v2/" + N + "horizontalpodautoscalers", SCALER, SCALERS, LABELS + each("spec.maxReplicas", 0, 7) + each("spec.metrics", [{}])),
]
