"""Volumes, claims and what belongs to them."""

from mutations import GONE, each

CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
VOLUME = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "v"}, "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}}
CLASS = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "sc"}, "provisioner": "p"}
MODES = each("spec.accessModes", GONE, [], ["x"], ["ReadOnlyMany", "ReadWriteMany"], ["ReadWriteOnce", "ReadWriteOnce"], "ReadWriteOnce")
NODES = {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}]}}
ATTACHMENT = {"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttachment", "metadata": {"name": "va"}, "spec": {"attacher": "a", "nodeName": "n", "source": {"persistentVolumeName": "v"}}}


def source(**value):
    return dict({"spec.hostPath": GONE}, **{"spec." + kind: v for kind, v in value.items()})


CLAIMS = (
    each("metadata.name", "A", "a.b", "") + MODES + each("spec", GONE, {}) + each("spec.resources", GONE, {}, {"requests": {}}, {"requests": {"storage": "0"}}, {"requests": {"storage": "-1"}}, {"requests": {"storage": "x"}}, {"requests": {"storage": "1Gi", "cpu": "1"}}, {"requests": {"cpu": "1"}}, {"requests": {"storage": "1Gi"}, "limits": {"storage": "500Mi"}}, {"requests": {"storage": 5}}, {"requests": {"storage": "1.5Gi"}}, {"requests": {"storage": "100m"}})
    + each("spec.storageClassName", "", "x", "A_", None) + each("spec.volumeMode", "Block", "x", "", None) + each("spec.volumeName", "v", "V_") + each("spec.selector", {"matchLabels": {"a b": "c"}}, {}, {"matchExpressions": [{"key": "a", "operator": "x"}]})
    + each("spec.dataSource", {"kind": "PersistentVolumeClaim", "name": "x"}, {"kind": "Pod", "name": "x"}, {"kind": "", "name": ""}, {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "x"}, {"apiGroup": "x.y", "kind": "Z", "name": "x"}, {"kind": "PersistentVolumeClaim", "name": "A b"}) + each("metadata.annotations", {"volume.beta.kubernetes.io/storage-class": "x"}) + each("status", {"phase": "Bound"})
)
VOLUMES = (
    each("metadata.name", "A", "a.b", "") + MODES + each("spec", GONE, {}) + each("spec.capacity", GONE, {}, {"storage": "0"}, {"storage": "-1"}, {"storage": "x"}, {"cpu": "1"}, {"storage": "1Gi", "cpu": "1"}, {"storage": "1.5"}) + each("spec.persistentVolumeReclaimPolicy", "", "x", "Delete", "Retain", "Recycle") + each("spec.storageClassName", "", "x", "A_") + each("spec.volumeMode", "Block", "x", "")
    + each("spec.mountOptions", ["a"], [""]) + each("spec.claimRef", {"name": "c", "namespace": "default"}, {}) + each("spec.nodeAffinity", NODES, {}, {"required": {}}, {"required": {"nodeSelectorTerms": []}}, {"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a b", "operator": "x"}]}]}}) + each("spec.hostPath", {}, {"path": "../x"}, {"path": "/"}, {"path": "/x", "type": "x"})
    + [{"spec.hostPath": {"path": "/"}, "spec.persistentVolumeReclaimPolicy": "Recycle"}] + each("metadata.annotations", {"volume.beta.kubernetes.io/storage-class": "x"}, {"volume.alpha.kubernetes.io/node-affinity": "x"}) + each("status", {"phase": "Bound"})
    + [source(), source(nfs={}), source(nfs={"server": "s", "path": "/p"}), source(nfs={"server": "s", "path": "/p"}, hostPath={"path": "/x"}), source(local={"path": "/x"}), dict(source(local={"path": "/x"}), **{"spec.nodeAffinity": NODES}), source(local={}), source(local={"path": "../x"}), source(csi={}), source(csi={"driver": "A_", "volumeHandle": "h"}), source(csi={"driver": "d", "volumeHandle": "h"}),
       source(csi={"driver": "d", "volumeHandle": "h", "nodePublishSecretRef": {}}), source(csi={"driver": "d", "volumeHandle": "h", "controllerExpandSecretRef": {"name": "a", "namespace": "A_"}}), source(iscsi={}), source(fc={}), source(fc={"wwids": ["a"]}), source(fc={"wwids": ["a"], "targetWWNs": ["b"]}), source(rbd={}), source(cephfs={}), source(glusterfs={}), source(awsElasticBlockStore={}), source(gcePersistentDisk={}), source(gcePersistentDisk={"pdName": "p"}),
       source(azureDisk={}), source(azureFile={}), source(azureFile={"secretName": "s", "shareName": "t", "secretNamespace": ""}), source(cinder={}), source(vsphereVolume={}), source(photonPersistentDisk={}), source(portworxVolume={}), source(scaleIO={}), source(storageos={}), source(quobyte={}), source(flocker={}), source(flexVolume={})]
)
CLASSES = (
    each("metadata.name", "A", "") + each("provisioner", "", "A b", "a/b", GONE, "x" * 70) + each("parameters", {"a": ""}, {"": "x"}, {"a": 5}, {"a": "x" * 262144}) + each("reclaimPolicy", "", "x", "Retain", "Recycle") + each("mountOptions", ["a"], [""]) + each("volumeBindingMode", "", "x", "WaitForFirstConsumer") + each("allowVolumeExpansion", True, "x")
    + each("allowedTopologies", [], [{}], [{"matchLabelExpressions": [{"key": "a", "values": ["b"]}]}], [{"matchLabelExpressions": [{"key": "a b", "values": []}]}], [{"matchLabelExpressions": [{"key": "a", "values": ["b", "b"]}]}], [{"matchLabelExpressions": [{"key": "a", "values": ["b"]}, {"key": "a", "values": ["c"]}]}])
)
DRIVER = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "d"}, "spec": {}}
CSINODE = {"apiVersion": "storage.k8s.io/v1", "kind": "CSINode", "metadata": {"name": "n"}, "spec": {"drivers": [{"name": "d", "nodeID": "x", "topologyKeys": ["a"]}]}}
S = "/apis/storage.k8s.io/v1/"
KINDS = [
    ("/api/v1/namespaces/default/persistentvolumeclaims", CLAIM, CLAIMS, each("spec.resources.requests.storage", "2Gi", "500Mi") + each("spec.accessModes", ["ReadWriteMany"]) + each("spec.storageClassName", "x", GONE) + each("spec.volumeName", "v") + each("spec.volumeMode", "Block") + each("metadata.labels", {"a": "b"}) + each("spec.selector", {"matchLabels": {"a": "b"}}) + each("status", {"phase": "Bound"})),
    ("/api/v1/persistentvolumes", VOLUME, VOLUMES, each("spec.capacity.storage", "2Gi", "x") + each("spec.hostPath.path", "/y") + each("spec.accessModes", ["ReadWriteMany"]) + each("spec.volumeMode", "Block") + each("spec.nodeAffinity", NODES) + each("spec.persistentVolumeReclaimPolicy", "Delete", "x") + [{"spec.hostPath": GONE, "spec.nfs": {"server": "s", "path": "/p"}}] + each("spec.claimRef", {"name": "c"})),
    (S + "storageclasses", CLASS, CLASSES, each("provisioner", "q") + each("parameters", {"a": "b"}) + each("reclaimPolicy", "Retain") + each("volumeBindingMode", "WaitForFirstConsumer", "x") + each("allowVolumeExpansion", True) + each("mountOptions", ["x"])),
    (S + "csidrivers", DRIVER, each("metadata.name", "A", "a b", "", "a" * 64) + [{f"spec.{field}": value} for field in ("attachRequired", "podInfoOnMount", "storageCapacity", "requiresRepublish") for value in (True, False, None, "x")] + each("spec.volumeLifecycleModes", [], ["Ephemeral"], ["x"], ["Persistent", "Persistent"]) + each("spec.fsGroupPolicy", "x", "File", "None", "") + each("spec.tokenRequests", [{"audience": "a"}], [{"audience": "a"}, {"audience": "a"}], [{"audience": "a", "expirationSeconds": 5}], [{}]) + each("spec", GONE),
     each("spec.attachRequired", False) + each("spec.podInfoOnMount", True) + each("spec.requiresRepublish", True) + each("spec.storageCapacity", True) + each("spec.volumeLifecycleModes", ["Ephemeral"]) + each("spec.fsGroupPolicy", "File")),
    (S + "csinodes", CSINODE, each("metadata.name", "A", "") + each("spec.drivers", GONE, [], [{}], [{"name": "A_", "nodeID": "x"}], [{"name": "d", "nodeID": ""}], [{"name": "d", "nodeID": "x" * 300}], [{"name": "d", "nodeID": "x"}, {"name": "d", "nodeID": "y"}], [{"name": "d", "nodeID": "x", "topologyKeys": ["a b"]}], [{"name": "d", "nodeID": "x", "topologyKeys": ["a", "a"]}], [{"name": "d", "nodeID": "x", "allocatable": {"count": -1}}]),
     each("spec.drivers", [], [{"name": "d", "nodeID": "y"}], [{"name": "d", "nodeID": "x", "topologyKeys": ["b"]}], [{"name": "d", "nodeID": "x", "topologyKeys": ["a"]}, {"name": "e", "nodeID": "z"}])),
    (S + "volumeattachments", ATTACHMENT, each("metadata.name", "A", "") + each("spec", GONE, {}) + each("spec.attacher", "", "A b") + each("spec.nodeName", "", "N_") + each("spec.source", {}, {"persistentVolumeName": "V_"}, {"persistentVolumeName": ""}, {"inlineVolumeSpec": {}}, {"persistentVolumeName": "v", "inlineVolumeSpec": {"accessModes": ["ReadWriteOnce"], "csi": {"driver": "d", "volumeHandle": "h"}}}) + each("status", {"attached": True}),
     each("spec.attacher", "b") + each("spec.nodeName", "m") + each("status", {"attached": True}) + each("metadata.labels", {"a": "b"})),
]
