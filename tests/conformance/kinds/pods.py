"""Pods: what is wrong or odd in each of their fields, and what an update may change."""

from mutations import GONE, each

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
C = "spec.containers.0."
EXTRA = {"name": "d", "image": "i"}
PROBE = {"httpGet": {"port": 80}}


def volume(**source):
    return {"spec.volumes": [dict({"name": "v"}, **source)]}


def mounted(*mounts, **volume_source):
    return {"spec.volumes": [dict({"name": "v"}, **(volume_source or {"emptyDir": {}}))], C + "volumeMounts": list(mounts)}


def affinity(kind, value):
    return {"spec.affinity": {kind: value}}


def term(**match):
    return affinity("nodeAffinity", {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [match]}})


NAMES = ["", "A", "a b", "a.b", "-a", "a-", "a" * 64, "ä"]
METADATA = (
    each("metadata.name", "", "A", "a_b", "a..b", "-a", "a.", "a" * 254, "a" * 253, "ä", 5, None)
    + each("metadata.generateName", "g-", "G", "g.", "a" * 260)
    + [{"metadata.name": GONE, "metadata.generateName": "G_"}, {"metadata.name": GONE}]
    + each("metadata.namespace", "default", "other", "", 5)
    + each("metadata.labels", {"a b": "c"}, {"a": "b c"}, {"a": "x" * 64}, {"x" * 64: "a"}, {"a/b/c": "d"}, {"A.com/b": "d"}, {"": "x"}, {"/a": "x"}, {"a": None}, {"a": 5}, None, [])
    + each("metadata.annotations", {"a b": "c"}, {"A": "c d"}, {"": ""}, {"Ex.com/A": "x"}, {"a": "x" * 262144}, {"a": 5})
    + each("metadata.finalizers", ["a"], ["a/b"], [""], ["a b"], ["kubernetes"], ["orphan", "foregroundDeletion"])
    + each("metadata.ownerReferences", [{}], [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": ""}], [{"apiVersion": "v1", "kind": "Event", "name": "x", "uid": "u"}], [{"apiVersion": "a/b/c", "kind": "X", "name": "x", "uid": "u"}],
           [{"apiVersion": "v1", "kind": "X", "name": "x", "uid": "u", "controller": True}, {"apiVersion": "v1", "kind": "X", "name": "y", "uid": "v", "controller": True}])
    + each("metadata.uid", "x") + each("metadata.resourceVersion", "5", "x", 5) + each("metadata.generation", 7, -1) + each("metadata.creationTimestamp", "2020-01-01T00:00:00Z", "x", None)
    + each("metadata.deletionTimestamp", "2020-01-01T00:00:00Z") + each("metadata.deletionGracePeriodSeconds", 5) + each("metadata", None, 5, [], "x") + each("metadata.selfLink", "/x")
)
SPEC = (
    each("spec", GONE, None, {}, 5, []) + each("spec.containers", GONE, [], None, {}, [EXTRA, EXTRA], [{}], [None]) + each("spec.restartPolicy", "", "Always", "OnFailure", "Never", "always", 1)
    + each("spec.dnsPolicy", "", "Default", "ClusterFirstWithHostNet", "None", "x") + each("spec.terminationGracePeriodSeconds", -1, 0, 1, "1", 1.5, None) + each("spec.activeDeadlineSeconds", 0, -1, 1, 4294967296)
    + each("spec.nodeName", "n", "N_", "a..b") + each("spec.nodeSelector", {"a": "b"}, {"a b": "c"}, {"a": "b c"}, {"": ""}) + each("spec.hostname", *NAMES) + each("spec.subdomain", *NAMES)
    + each("spec.serviceAccountName", "default", "Nope_", "a.b") + each("spec.serviceAccount", "other") + each("spec.automountServiceAccountToken", False) + each("spec.schedulerName", "", "x", "A b")
    + each("spec.hostNetwork", True) + [{"spec.hostNetwork": True, C + "ports": [p]} for p in ({"containerPort": 80}, {"containerPort": 80, "hostPort": 81}, {"containerPort": 80, "hostPort": 80}, {"containerPort": 80, "hostIP": "x"})]
    + [{"spec.hostPID": True, "spec.shareProcessNamespace": True}, {"spec.shareProcessNamespace": True}] + each("spec.hostIPC", True) + each("spec.enableServiceLinks", False, None) + each("spec.setHostnameAsFQDN", True)
    + each("spec.priority", 5) + each("spec.priorityClassName", "nope", "system-node-critical", "system-cluster-critical", "A_") + each("spec.preemptionPolicy", "Never", "x", "PreemptLowerPriority")
    + each("spec.runtimeClassName", "nope", "A_") + each("spec.overhead", {"cpu": "1"}) + each("spec.readinessGates", [{"conditionType": "a"}], [{"conditionType": "a b"}], [{}])
    + each("spec.imagePullSecrets", [{"name": "a"}], [{}], [{"name": ""}], [{"name": "A_"}]) + each("spec.hostAliases", [{"ip": "1.2.3.4", "hostnames": ["a"]}], [{"ip": "x"}], [{"ip": "1.2.3.4", "hostnames": ["A_"]}], [{"ip": ""}])
    + each("spec.dnsConfig", {}, {"nameservers": ["1.1.1.1"]}, {"nameservers": ["x"]}, {"nameservers": ["1.1.1.1"] * 4}, {"searches": ["a"] * 7}, {"searches": ["A_"]}, {"searches": ["."]}, {"options": [{"name": ""}]}, {"options": [{"name": "ndots", "value": "2"}, {"name": "x"}]})
    + [{"spec.dnsPolicy": "None", "spec.dnsConfig": {}}, {"spec.dnsPolicy": "None", "spec.dnsConfig": {"nameservers": ["1.1.1.1"]}}]
    + each("spec.tolerations", [{}], [{"operator": "Exists"}], [{"key": "a", "operator": "Exists", "value": "b"}], [{"key": "a", "operator": "Equal", "value": "b c"}], [{"key": "a b"}], [{"key": "a", "operator": "x"}], [{"key": "a", "effect": "x"}],
           [{"key": "a", "effect": "NoExecute", "tolerationSeconds": 5}], [{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 5}], [{"key": "a", "tolerationSeconds": 5}], [{"operator": "Equal", "value": "x"}],
           [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}], [{"key": "node.kubernetes.io/unreachable", "effect": "NoExecute", "operator": "Exists", "tolerationSeconds": 1}])
    + each("spec.ephemeralContainers", [dict(EXTRA)], [])
    + each("spec.securityContext", {}, {"runAsUser": -1}, {"runAsUser": 4294967296}, {"runAsGroup": -1}, {"fsGroup": -1}, {"supplementalGroups": [-1, 1]}, {"fsGroupChangePolicy": "x"}, {"fsGroupChangePolicy": "OnRootMismatch"}, {"seccompProfile": {"type": "x"}},
           {"seccompProfile": {"type": "Localhost"}}, {"seccompProfile": {"type": "Localhost", "localhostProfile": "/x"}}, {"seccompProfile": {"type": "Localhost", "localhostProfile": "../x"}}, {"seccompProfile": {"type": "RuntimeDefault", "localhostProfile": "x"}}, {"seccompProfile": {}},
           {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}]}, {"sysctls": [{"name": "A b", "value": "1"}]}, {"sysctls": [{"name": "a.b", "value": "1"}, {"name": "a.b", "value": "2"}]}, {"sysctls": [{"name": "", "value": "1"}]}, {"sysctls": [{"name": "net.x", "value": "1"}]},
           {"runAsNonRoot": True, "runAsUser": 0}, {"windowsOptions": {"gmsaCredentialSpecName": "A_"}}, {"windowsOptions": {"runAsUserName": "a" * 30}}, {"windowsOptions": {"runAsUserName": "a/b"}}, {"windowsOptions": {"runAsUserName": ""}}, {"seLinuxOptions": {"level": "x"}})
    + [{"spec.hostNetwork": True, "spec.securityContext": {"sysctls": [{"name": "net.x", "value": "1"}]}}, {"spec.hostIPC": True, "spec.securityContext": {"sysctls": [{"name": "kernel.shmmax", "value": "1"}]}}]
)
SPREAD = {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}
PLACEMENT = (
    each("spec.topologySpreadConstraints", [SPREAD], [dict(SPREAD, maxSkew=0)], [dict(SPREAD, maxSkew=-1)], [dict(SPREAD, topologyKey="")], [dict(SPREAD, topologyKey="a b")], [dict(SPREAD, whenUnsatisfiable="x")], [dict(SPREAD, whenUnsatisfiable="")], [SPREAD, SPREAD],
         [SPREAD, dict(SPREAD, whenUnsatisfiable="ScheduleAnyway")], [dict(SPREAD, labelSelector={"matchLabels": {"a b": "c"}})], [dict(SPREAD, labelSelector={"matchExpressions": [{"key": "a", "operator": "In"}]})], [{}])
    + [term(), term(matchExpressions=[{"key": "a", "operator": "In", "values": ["b"]}]), term(matchExpressions=[{"key": "a", "operator": "In"}]), term(matchExpressions=[{"key": "a", "operator": "Exists", "values": ["b"]}]),
       term(matchExpressions=[{"key": "a", "operator": "Gt", "values": ["b"]}]), term(matchExpressions=[{"key": "a", "operator": "Gt", "values": ["1", "2"]}]), term(matchExpressions=[{"key": "a b", "operator": "In", "values": ["b"]}]),
       term(matchExpressions=[{"key": "a", "operator": "x", "values": ["b"]}]), term(matchExpressions=[{"key": "a", "operator": "In", "values": ["b c"]}]), term(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["n"]}]),
       term(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["n", "m"]}]), term(matchFields=[{"key": "metadata.name", "operator": "Exists"}]), term(matchFields=[{"key": "x", "operator": "In", "values": ["n"]}]), term(matchFields=[{"key": "metadata.name", "operator": "In", "values": ["N_"]}]),
       affinity("nodeAffinity", {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}), affinity("nodeAffinity", {"requiredDuringSchedulingIgnoredDuringExecution": {}}), affinity("nodeAffinity", {}),
       affinity("nodeAffinity", {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 0, "preference": {}}]}), affinity("nodeAffinity", {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 101, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}]})]
    + [affinity(kind, {"requiredDuringSchedulingIgnoredDuringExecution": [t]}) for kind in ("podAffinity", "podAntiAffinity") for t in (
        {}, {"topologyKey": "z"}, {"topologyKey": "a b"}, {"topologyKey": "z", "labelSelector": {}}, {"topologyKey": "z", "labelSelector": {"matchExpressions": [{"key": "a", "operator": "x"}]}}, {"topologyKey": "z", "namespaces": ["A_"]}, {"topologyKey": "z", "labelSelector": {"matchLabels": {"a b": "c"}}})]
    + [affinity(kind, {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": w, "podAffinityTerm": {"topologyKey": k}}]}) for kind in ("podAffinity", "podAntiAffinity") for w, k in ((0, "z"), (101, "z"), (1, ""), (100, "z"))]
)
CONTAINER = (
    each(C + "name", *NAMES, GONE, None) + each(C + "image", "", " ", " i", "i ", "a b", "i:latest", "i@sha256:abc", "reg/i", GONE, "I:v1", "reg:5000/i", "i:") + each(C + "imagePullPolicy", "", "Always", "Never", "x") + each(C + "workingDir", "x", "/a")
    + each(C + "command", "x", ["a"], [5]) + each(C + "args", ["", "b"]) + each(C + "terminationMessagePath", "", "/x") + each(C + "terminationMessagePolicy", "", "x", "FallbackToLogsOnError") + each(C + "stdin", True, "true") + each(C + "tty", True)
    + each(C + "ports", [{}], [{"containerPort": 0}], [{"containerPort": 65536}], [{"containerPort": -1}], [{"containerPort": "80"}], [{"containerPort": 80, "protocol": "x"}], [{"containerPort": 80, "protocol": "tcp"}], [{"containerPort": 80, "protocol": "SCTP"}], [{"containerPort": 80, "name": "A"}],
           [{"containerPort": 80, "name": "a" * 16}], [{"containerPort": 80, "name": "80"}], [{"containerPort": 80, "name": "a--b"}], [{"containerPort": 80, "name": "-a"}], [{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}], [{"containerPort": 80, "hostPort": 65536}],
           [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}], [{"containerPort": 80, "hostPort": 80, "protocol": "UDP"}, {"containerPort": 81, "hostPort": 80}], [{"containerPort": 80}, {"containerPort": 80}], [{"containerPort": 80, "hostIP": "1.2.3.4", "hostPort": 1}], [{"containerPort": 80, "hostPort": -1}])
    + each(C + "env", [{}], [{"name": ""}], [{"name": "a b"}], [{"name": "A=B"}], [{"name": "1a"}], [{"name": "a.b-c"}], [{"name": "a", "value": 5}], [{"name": "a", "value": True}], [{"name": "a", "value": "b"}, {"name": "a", "value": "c"}], [{"name": "."}], [{"name": ".."}], [{"name": "..a"}],
           [{"name": "a", "valueFrom": {}}], [{"name": "a", "value": "x", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}])
    + [{C + "env": [{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": p}}}]} for p in ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.labels['a']", "metadata.labels['a b']", "metadata.annotations['x/y']", "metadata.annotations['']", "spec.nodeName", "spec.serviceAccountName",
                                                                                       "status.hostIP", "status.podIP", "status.podIPs", "spec.x", "", "metadata.x", "metadata.name['a']", "spec.restartPolicy")]
    + [{C + "env": [{"name": "a", "valueFrom": {"fieldRef": {"apiVersion": v, "fieldPath": "metadata.name"}}}]} for v in ("v1", "v2", "apps/v1")]
    + [{C + "env": [{"name": "a", "valueFrom": {"resourceFieldRef": r}}]} for r in ({"resource": "limits.cpu"}, {"resource": "x"}, {}, {"resource": "limits.cpu", "divisor": "1"}, {"resource": "limits.cpu", "divisor": "2"}, {"resource": "requests.memory", "divisor": "1Mi"}, {"resource": "requests.memory", "divisor": "1m"},
                                                                                      {"resource": "limits.ephemeral-storage", "divisor": "1Ki"}, {"resource": "limits.cpu", "containerName": "nope"}, {"resource": "requests.hugepages-2Mi"})]
    + [{C + "env": [{"name": "a", "valueFrom": {kind: r}}]} for kind in ("configMapKeyRef", "secretKeyRef") for r in ({}, {"name": "x"}, {"name": "x", "key": "k"}, {"name": "X_", "key": "k"}, {"name": "x", "key": "a b"}, {"key": "k"}, {"name": "x", "key": ".."}, {"name": "x", "key": "k", "optional": True})]
    + [{C + "env": [{"name": "a", "valueFrom": {"configMapKeyRef": {"name": "x", "key": "k"}, "secretKeyRef": {"name": "x", "key": "k"}}}]}]
    + each(C + "envFrom", [{}], [{"configMapRef": {"name": "x"}}], [{"configMapRef": {}}], [{"secretRef": {"name": "X_"}}], [{"prefix": "a b", "secretRef": {"name": "x"}}], [{"configMapRef": {"name": "x"}, "secretRef": {"name": "x"}}], [{"prefix": "p_", "configMapRef": {"name": "x"}}])
    + each(C + "resources", {"limits": {"cpu": "1"}}, {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}, {"limits": {"cpu": "-1"}}, {"limits": {"cpu": "x"}}, {"limits": {"cpu": ""}}, {"limits": {"cpu": 1.5}}, {"limits": {"memory": "1.5"}}, {"limits": {"memory": "100m"}}, {"limits": {"foo": "1"}}, {"limits": {"a.com/b": "1"}},
           {"requests": {"a.com/b": "1"}}, {"requests": {"a.com/b": "1"}, "limits": {"a.com/b": "2"}}, {"limits": {"a.com/b": "1.5"}}, {"limits": {"hugepages-2Mi": "4Mi"}}, {"limits": {"hugepages-2Mi": "4Mi", "memory": "1Gi"}}, {"requests": {"hugepages-2Mi": "2Mi"}, "limits": {"hugepages-2Mi": "4Mi", "cpu": "1"}},
           {"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}, {"limits": {"hugepages-x": "3Mi", "cpu": "1"}}, {"limits": {"requests.cpu": "1"}}, {"limits": {"kubernetes.io/x": "1"}}, {"limits": {"cpu": "1e3"}}, {"limits": {"cpu": "1E"}}, {"limits": {"cpu": "0.0001"}}, {"limits": {"cpu": "1Zi"}}, {"limits": {"memory": "0.1"}},
           {"limits": {"memory": "1000Ki"}}, {"limits": {"memory": "1024Ki"}}, {"limits": {"memory": "1e9"}}, {"limits": {"memory": "+1"}}, {"limits": {"memory": " 1"}}, {"limits": {"cpu": None}}, {"limits": {"storage": "1"}}, {"limits": {"ephemeral-storage": "1Gi"}}, {"requests": {"pods": "1"}}, {"limits": {"a b": "1"}}, {"limits": []},
           {"limits": {"cpu": "."}}, {"limits": {"cpu": "-"}}, {"limits": {"cpu": "Ki"}}, {"limits": {"cpu": "+"}}, {"limits": {"cpu": "1e"}}, {"limits": {"cpu": "1.0"}}, {"limits": {"cpu": "100000m"}}, {"limits": {"memory": "99999999999999999999"}}, {"limits": {"memory": "8Ei"}}, {"limits": {"memory": "9999999999999999999Ei"}}, {"limits": {"cpu": "1 "}},
           {"limits": {"cpu": "0x1"}}, {"limits": {"cpu": "1e-3"}}, {"limits": {"cpu": "1E3"}}, {"limits": {"memory": "1.5Gi"}}, {"limits": {"memory": "0.5Ki"}}, {"limits": {"memory": "128974848000m"}}, {"limits": {"cpu": "1n"}}, {"limits": {"cpu": "1u"}}, {"limits": {"cpu": "1k"}}, {"limits": {"cpu": "1K"}})
    + each(C + "securityContext", {"privileged": True}, {"privileged": True, "allowPrivilegeEscalation": False}, {"capabilities": {"add": ["SYS_ADMIN"]}, "allowPrivilegeEscalation": False}, {"runAsUser": -1}, {"runAsGroup": -1}, {"procMount": "x"}, {"procMount": "Unmasked"}, {"seccompProfile": {"type": "x"}}, {"windowsOptions": {"runAsUserName": "\x01"}},
           {"capabilities": {"add": ["CAP_SYS_ADMIN"]}, "allowPrivilegeEscalation": False}, {})
)
HANDLERS = (
    [{C + probe: value} for probe in ("livenessProbe", "readinessProbe", "startupProbe") for value in (PROBE, {}, dict(PROBE, successThreshold=2), dict(PROBE, timeoutSeconds=-1), dict(PROBE, periodSeconds=-1, failureThreshold=-1, initialDelaySeconds=-1))]
    + each(C + "livenessProbe", {"httpGet": {}}, {"httpGet": {"port": 0}}, {"httpGet": {"port": 65536}}, {"httpGet": {"port": "http"}}, {"httpGet": {"port": "HTTP"}}, {"httpGet": {"port": ""}}, {"httpGet": {"port": "80"}}, {"httpGet": {"port": 80, "scheme": "x"}}, {"httpGet": {"port": 80, "scheme": "HTTPS", "path": ""}},
           {"httpGet": {"port": 80, "path": "a"}}, {"httpGet": {"port": 80, "httpHeaders": [{"name": "a b", "value": "c"}]}}, {"httpGet": {"port": 80, "httpHeaders": [{}]}}, {"exec": {}}, {"exec": {"command": []}}, {"exec": {"command": ["a"]}}, {"tcpSocket": {}}, {"tcpSocket": {"port": 1}}, {"tcpSocket": {"port": 70000}},
           {"exec": {"command": ["a"]}, "tcpSocket": {"port": 1}}, {"httpGet": {"port": 80.5}}, {"httpGet": {"port": True}}, {"httpGet": {"port": 80, "host": "A_"}}, dict(PROBE, periodSeconds=0), dict(PROBE, periodSeconds="5"))
    + [{C + "lifecycle": {hook: value}} for hook in ("postStart", "preStop") for value in ({}, {"exec": {}}, {"exec": {"command": ["a"]}}, {"httpGet": {"port": 80}}, {"httpGet": {}}, {"tcpSocket": {"port": 5}}, {"exec": {"command": ["a"]}, "httpGet": {"port": 80}})]
    + [{"spec.initContainers": [value]} for value in (EXTRA, dict(EXTRA, name="c"), {}, dict(EXTRA, livenessProbe=PROBE), dict(EXTRA, readinessProbe=PROBE), dict(EXTRA, startupProbe=PROBE), dict(EXTRA, lifecycle={"preStop": {"exec": {"command": ["a"]}}}), dict(EXTRA, ports=[{"containerPort": 80}], stdin=True))]
)
VOLUMES = (
    [volume(**{kind: value}) for kind, value in (
        ("emptyDir", {}), ("emptyDir", {"medium": "x"}), ("emptyDir", {"medium": "Memory", "sizeLimit": "1Gi"}), ("emptyDir", {"sizeLimit": "-1"}), ("emptyDir", {"sizeLimit": "x"}), ("emptyDir", {"medium": "HugePages"}), ("emptyDir", {"medium": "HugePages-2Mi"}), ("hostPath", {}), ("hostPath", {"path": "/x"}), ("hostPath", {"path": "../x"}),
        ("hostPath", {"path": "x"}), ("hostPath", {"path": "/x", "type": "x"}), ("hostPath", {"path": "/x", "type": "DirectoryOrCreate"}), ("secret", {}), ("secret", {"secretName": "x"}), ("secret", {"secretName": "x", "defaultMode": 512}), ("secret", {"secretName": "x", "defaultMode": -1}), ("secret", {"secretName": "x", "items": [{}]}),
        ("secret", {"secretName": "x", "items": [{"key": "k", "path": "/abs"}]}), ("secret", {"secretName": "x", "items": [{"key": "k", "path": "../a"}]}), ("secret", {"secretName": "x", "items": [{"key": "k", "path": "..a"}]}), ("secret", {"secretName": "x", "items": [{"key": "k", "path": "a", "mode": 1000}]}), ("configMap", {}), ("configMap", {"name": "x", "defaultMode": 1000}),
        ("configMap", {"name": "x", "items": [{"key": "", "path": "a"}]}), ("configMap", {"name": "x", "defaultMode": 420, "optional": True}), ("persistentVolumeClaim", {}), ("persistentVolumeClaim", {"claimName": "c"}), ("persistentVolumeClaim", {"claimName": "", "readOnly": True}), ("nfs", {}), ("nfs", {"server": "s", "path": "p"}),
        ("nfs", {"server": "s", "path": "/p"}), ("downwardAPI", {}), ("downwardAPI", {"items": [{}]}), ("downwardAPI", {"items": [{"path": "a"}]}), ("downwardAPI", {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.labels"}}]}), ("downwardAPI", {"items": [{"path": "a", "fieldRef": {"fieldPath": "spec.nodeName"}}]}),
        ("downwardAPI", {"items": [{"path": "a", "resourceFieldRef": {"resource": "limits.cpu"}}]}), ("downwardAPI", {"items": [{"path": "a", "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu"}}]}), ("downwardAPI", {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}, "resourceFieldRef": {"resource": "limits.cpu"}}]}),
        ("projected", {}), ("projected", {"sources": [{}]}), ("projected", {"sources": [{"secret": {"name": "x"}}, {"configMap": {"name": "y"}}]}), ("projected", {"sources": [{"secret": {"name": "x", "items": [{"key": "a", "path": "p"}]}}, {"configMap": {"name": "y", "items": [{"key": "a", "path": "p"}]}}]}),
        ("projected", {"sources": [{"secret": {}}]}), ("projected", {"sources": [{"serviceAccountToken": {"path": "p"}}]}), ("projected", {"sources": [{"serviceAccountToken": {"path": "", "expirationSeconds": 5}}]}), ("projected", {"sources": [{"serviceAccountToken": {"path": "../p", "expirationSeconds": 4294967297}}]}),
        ("projected", {"sources": [{"secret": {"name": "x"}, "configMap": {"name": "y"}}]}), ("projected", {"defaultMode": 1000, "sources": [{"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}]}}]}), ("csi", {}), ("csi", {"driver": "A_"}), ("csi", {"driver": "d", "nodePublishSecretRef": {}}), ("csi", {"driver": "d"}),
        ("ephemeral", {}), ("ephemeral", {"volumeClaimTemplate": {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}), ("ephemeral", {"volumeClaimTemplate": {"spec": {}}}), ("iscsi", {}), ("iscsi", {"targetPortal": "t", "iqn": "iqn.2001-04.com.example:x", "lun": 0}), ("iscsi", {"targetPortal": "t", "iqn": "x", "lun": 500}),
        ("fc", {}), ("fc", {"targetWWNs": ["a"], "lun": 0}), ("rbd", {}), ("rbd", {"monitors": ["m"], "image": "i"}), ("cephfs", {}), ("glusterfs", {}), ("awsElasticBlockStore", {}), ("awsElasticBlockStore", {"volumeID": "v", "partition": 300}), ("gcePersistentDisk", {}), ("azureDisk", {}), ("azureDisk", {"diskName": "d", "diskURI": "x"}),
        ("azureFile", {}), ("cinder", {}), ("vsphereVolume", {}), ("photonPersistentDisk", {}), ("portworxVolume", {}), ("scaleIO", {}), ("storageos", {}), ("quobyte", {}), ("flocker", {}), ("flexVolume", {}), ("flexVolume", {"driver": "d"}), ("gitRepo", {}), ("gitRepo", {"repository": "r", "directory": "../x"}))]
    + [volume(), volume(emptyDir={}, hostPath={"path": "/x"}), {"spec.volumes": [{"name": "v"}, {"name": "v"}]}, {"spec.volumes": [{"name": "A_", "emptyDir": {}}]}, {"spec.volumes": [{}]}, {"spec.volumes": [{"name": "a.b", "emptyDir": {}}]}]
    + [mounted({"name": "v", "mountPath": "/a"}), mounted({}), mounted({"name": "x", "mountPath": "/a"}), mounted({"name": "v", "mountPath": ""}), mounted({"name": "v", "mountPath": "a:b"}), mounted({"name": "v", "mountPath": "a"}), mounted({"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/a"}),
       mounted({"name": "v", "mountPath": "/a", "subPath": "/x"}), mounted({"name": "v", "mountPath": "/a", "subPath": "../x"}), mounted({"name": "v", "mountPath": "/a", "subPathExpr": "$(X)"}), mounted({"name": "v", "mountPath": "/a", "subPath": "x", "subPathExpr": "y"}), mounted({"name": "v", "mountPath": "/a", "mountPropagation": "x"}),
       mounted({"name": "v", "mountPath": "/a", "mountPropagation": "Bidirectional"}), mounted({"name": "v", "mountPath": "/a", "mountPropagation": "HostToContainer", "readOnly": True})]
    + [dict(mounted(), **{C + "volumeDevices": d}) for d in ([{}], [{"name": "v", "devicePath": "/d"}], [{"name": "x", "devicePath": "/d"}])]
    + [dict(mounted(persistentVolumeClaim={"claimName": "c"}), **{C + "volumeDevices": d}) for d in ([{"name": "v", "devicePath": "/d"}], [{"name": "v", "devicePath": ""}], [{"name": "v", "devicePath": "../d"}], [{"name": "v", "devicePath": "/d"}, {"name": "v", "devicePath": "/d"}])]
    + [dict(mounted({"name": "v", "mountPath": "/d"}, persistentVolumeClaim={"claimName": "c"}), **{C + "volumeDevices": [{"name": "v", "devicePath": "/d"}]})]
)
BODIES = (each("kind", "pod", "Service", "", GONE, 5) + each("apiVersion", "v2", "", "apps/v1", GONE, "v1/x/y") + each("status", {"phase": "Running"}, {"phase": 5}, [], {"conditions": [{"type": "X", "status": "True"}]}))
CREATES = METADATA + SPEC + PLACEMENT + CONTAINER + HANDLERS + VOLUMES + BODIES
UPDATES = (
    each("metadata.labels", {"c": "d"}, {"a b": ""}) + each("metadata.annotations", {"x": "y"}) + each("metadata.name", "q") + each("metadata.namespace", "other", "") + each("metadata.uid", "x", "") + each("metadata.resourceVersion", "1", "x", GONE, "0") + each("metadata.generateName", "x") + each("metadata.finalizers", ["x"], ["a/b"])
    + each("metadata.creationTimestamp", "2020-01-01T00:00:00Z", GONE) + each("metadata.deletionTimestamp", "2020-01-01T00:00:00Z")
    + each(C + "image", "j", "", " j") + each(C + "name", "x") + each(C + "env", [{"name": "a", "value": "b"}]) + each(C + "resources", {"limits": {"cpu": "1"}}) + each(C + "ports", [{"containerPort": 1}]) + each("spec.containers.1", EXTRA) + each("spec.containers", []) + each("spec.initContainers", [EXTRA]) + each("spec.nodeName", "n")
    + each("spec.activeDeadlineSeconds", 5, 0, -1) + each("spec.terminationGracePeriodSeconds", 5, 1) + each("spec.restartPolicy", "Never", GONE) + each("spec.hostNetwork", True) + each("spec.serviceAccountName", "x") + each("spec.nodeSelector", {"a": "b"}) + each("spec.priority", 5) + each("spec.schedulerName", "x")
    + each("spec.tolerations.2", {"key": "a", "operator": "Exists"}) + each("spec.tolerations", []) + each("spec.volumes", [{"name": "v", "emptyDir": {}}]) + each("spec", GONE, {}) + each("status", GONE, {"phase": "Failed"}) + each("kind", "Service", GONE) + each("apiVersion", GONE, "v2") + each("spec.securityContext", {"runAsUser": 5}) + each("spec.dnsPolicy", "Default", GONE)
)
KINDS = [("/api/v1/namespaces/default/pods", POD, CREATES, UPDATES)]
