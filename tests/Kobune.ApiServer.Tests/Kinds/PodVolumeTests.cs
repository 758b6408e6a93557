using System.Text;
using System.Text.Json.Nodes;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Registry;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Volumes of every kind, of pods and persistent, with the whole Status that refuses them.</summary>
public class PodVolumeTests
{
    private const string V = "spec.volumes[0].";
    private const string Claim = """{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"2Gi"}}}""";
    private const string Iqn = "iqn.2001-04.com.example:storage";

    /// <summary>What pods' volumes and persistent volumes share, with their common problems.</summary>
    public static TheoryData<string, string> Shared => new()
    {
        { """{"hostPath":{}}""", "FieldValueRequired {0}hostPath.path: Required value" },
        { """{"hostPath":{"path":"/a","type":"Pipe"}}""", "FieldValueNotSupported {0}hostPath.type: Unsupported value: \"Pipe\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"" },
        { """{"nfs":{"server":"s","path":"a"}}""", "FieldValueInvalid {0}nfs.path: Invalid value: \"a\": must be an absolute path" },
        { """{"iscsi":{"targetPortal":"p","iqn":"IQN","lun":256}}""".Replace("IQN", Iqn, StringComparison.Ordinal), "FieldValueInvalid {0}iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive" },
        { """{"iscsi":{"targetPortal":"p","iqn":"iqn.x","lun":1}}""", "FieldValueInvalid {0}iscsi.iqn: Invalid value: \"iqn.x\": must be valid format" },
        { """{"iscsi":{"targetPortal":"p","iqn":"IQN","lun":1,"chapAuthSession":true}}""".Replace("IQN", Iqn, StringComparison.Ordinal), "FieldValueRequired {0}iscsi.secretRef: Required value" },
        { """{"fc":{}}""", "FieldValueRequired {0}fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both" },
        { """{"fc":{"targetWWNs":["a"]}}""", "FieldValueRequired {0}fc.lun: Required value: lun is required if targetWWNs is specified" },
        { """{"fc":{"targetWWNs":["a"],"wwids":["b"],"lun":1}}""", "FieldValueInvalid {0}fc.targetWWNs: Invalid value: [\"a\"]: targetWWNs and wwids can not be specified simultaneously" },
        { """{"glusterfs":{"endpoints":"e","path":""}}""", "FieldValueRequired {0}glusterfs.path: Required value" },
        { """{"rbd":{"monitors":["m"],"image":""}}""", "FieldValueRequired {0}rbd.image: Required value" },
        { """{"cephfs":{}}""", "FieldValueRequired {0}cephfs.monitors: Required value" },
        { """{"cinder":{"volumeID":"v","secretRef":{"namespace":"n"}}}""", "FieldValueRequired {0}cinder.secretRef.name: Required value" },
        { """{"gcePersistentDisk":{"pdName":"p","partition":256}}""", "FieldValueInvalid {0}persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive" },
        { """{"awsElasticBlockStore":{}}""", "FieldValueRequired {0}awsElasticBlockStore.volumeID: Required value" },
        { """{"azureDisk":{"diskName":"d","diskURI":"http://a","kind":"Managed"}}""", "FieldValueNotSupported {0}azureDisk.diskURI: Unsupported value: \"http://a\": supported values: \"/subscriptions/{{sub-id}}/resourcegroups/{{group-name}}/providers/microsoft.compute/disks/{{disk-id}}\"" },
        { """{"azureFile":{"secretName":"s"}}""", "FieldValueRequired {0}azureFile.shareName: Required value" },
        { """{"flexVolume":{"driver":"d","options":{"kubernetes.io/a":"b"}}}""", "FieldValueInvalid {0}flexVolume.options[kubernetes.io/a]: Invalid value: \"kubernetes.io/a\": kubernetes.io and k8s.io namespaces are reserved" },
        { """{"flocker":{}}""", "FieldValueRequired {0}flocker: Required value: one of datasetName and datasetUUID is required" },
        { """{"flocker":{"datasetName":"a/b"}}""", "FieldValueInvalid {0}flocker.datasetName: Invalid value: \"a/b\": must not contain '/'" },
        { """{"quobyte":{"registry":"r","volume":"v"}}""", "FieldValueInvalid {0}quobyte.registry: Invalid value: \"r\": must be a host:port pair or multiple pairs separated by commas" },
        { """{"vsphereVolume":{}}""", "FieldValueRequired {0}vsphereVolume.volumePath: Required value" },
        { """{"photonPersistentDisk":{}}""", "FieldValueRequired {0}photonPersistentDisk.pdID: Required value" },
        { """{"portworxVolume":{}}""", "FieldValueRequired {0}portworxVolume.volumeID: Required value" },
        { """{"scaleIO":{"gateway":"g","system":"s","secretRef":{"name":"n"}}}""", "FieldValueRequired {0}scaleIO.volumeName: Required value" },
        { """{"storageos":{"volumeName":"a.b"}}""", "FieldValueInvalid {0}storageos.volumeName: Invalid value: \"a.b\": must not contain dots" },
    };

    public static TheoryData<string, string> OfPods => new()
    {
        { """{"gitRepo":{}}""", "FieldValueRequired {0}gitRepo.repository: Required value" },
        { """{"gitRepo":{"repository":"r","directory":"../a"}}""", "FieldValueInvalid {0}gitRepo.directory: Invalid value: \"../a\": must not contain '..'" },
        { """{"emptyDir":{"sizeLimit":"-1"}}""", "FieldValueForbidden {0}emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity" },
        { """{"secret":{"secretName":"s","items":[{"key":"k","path":"..a"}]}}""", "FieldValueInvalid {0}secret.items[0].path: Invalid value: \"..a\": must not start with '..'" },
        { """{"persistentVolumeClaim":{}}""", "FieldValueRequired {0}persistentVolumeClaim.claimName: Required value" },
        { """{"downwardAPI":{"items":[{"path":"a"}]}}""", "FieldValueRequired {0}downwardAPI: Required value: one of fieldRef and resourceFieldRef is required" },
        { """{"downwardAPI":{"items":[{"path":"a","resourceFieldRef":{"resource":"limits.cpu"}}]}}""", "FieldValueRequired {0}downwardAPI.resourceFieldRef.containerName: Required value" },
        { """{"projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"p"},{"key":"b","path":"p"}]}}]}}""", "FieldValueInvalid {0}projected: Invalid value: \"s\": conflicting duplicate paths" },
        { """{"projected":{"sources":[{"secret":{"name":"s"},"configMap":{"name":"m"}}]}}""", "FieldValueForbidden {0}projected.sources[0]: Forbidden: may not specify more than 1 volume type per source" },
        { """{"projected":{"sources":[{"clusterTrustBundle":{"name":"","path":"p"}}]}}""", "FieldValueRequired {0}projected.sources[0].clusterTrustBundle.name: Required value: must be a valid object name\nFieldValueInvalid {0}projected.sources[0].clusterTrustBundle.name: Invalid value: \"\": not a valid clustertrustbundlename: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
        { """{"projected":{"sources":[{"clusterTrustBundle":{"signerName":"example/s","path":"p"}}]}}""", "FieldValueInvalid {0}projected.sources[0].clusterTrustBundle.signerName: Invalid value: \"example\": should be a domain with at least two segments separated by dots" },
        { """{"projected":{"sources":[{"clusterTrustBundle":{"path":"p"}}]}}""", "FieldValueRequired {0}projected.sources[0].clusterTrustBundle: Required value: either name or signerName must be specified" },
        { """{"projected":{"sources":[{"serviceAccountToken":{"path":"/t"}}]}}""", "FieldValueInvalid {0}projected.path: Invalid value: \"/t\": must be a relative path\nFieldValueForbidden {0}projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set" },
        { """{"projected":{"sources":[{"serviceAccountToken":{"path":"t","expirationSeconds":10}}]}}""", "FieldValueInvalid {0}projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes\nFieldValueForbidden {0}projected.sources[0].serviceAccountToken: Forbidden: must not be specified when serviceAccountName is not set" },
        { """{"csi":{"driver":"A_"}}""", "FieldValueInvalid {0}csi.driver: Invalid value: \"A_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
        { """{"csi":{"driver":"d","nodePublishSecretRef":{}}}""", "FieldValueRequired {0}csi.nodePublishSecretRef.name: Required value" },
        { """{"ephemeral":{}}""", "FieldValueRequired {0}ephemeral.volumeClaimTemplate: Required value" },
        { """{"ephemeral":{"volumeClaimTemplate":{"metadata":{"name":"n"},"spec":{"accessModes":["ReadWriteOnce"]}}}}""", "FieldValueForbidden {0}ephemeral.volumeClaimTemplate.metadata.name: Forbidden: cannot be set\nFieldValueRequired {0}ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value" },
        { """{"image":{"pullPolicy":"Always"}}""", "FieldValueRequired {0}image.reference: Required value" },
        { """{"cephfs":{"monitors":["m"]},"nfs":{"server":"s","path":"/a"},"downwardAPI":{}}""", "FieldValueForbidden {0}cephFS: Forbidden: may not specify more than 1 volume type\nFieldValueForbidden {0}downwarAPI: Forbidden: may not specify more than 1 volume type" },
        { """{"iscsi":{"targetPortal":"0123456789012345678901234567890123456789012345678901234567890123","iqn":"IQN","lun":1,"initiatorName":"IQN"}}""".Replace("IQN", Iqn, StringComparison.Ordinal), "FieldValueInvalid {0}name: Invalid value: \"v\": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified." },
    };

    public static TheoryData<string, string> Persistent => new()
    {
        { """{"local":{"path":"/a/../b"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{}]}}}""", "FieldValueInvalid spec.local.path: Invalid value: \"/a/../b\": must not contain '..'" },
        { """{"local":{"path":"/a"}}""", "FieldValueRequired spec.nodeAffinity: Required value: Local volume requires node affinity" },
        { """{"hostPath":{"path":"/a"},"nodeAffinity":{}}""", "FieldValueRequired spec.nodeAffinity.required: Required value: must specify required node constraints" },
        { """{"hostPath":{"path":"/a"},"nodeAffinity":{"required":{}}}""", "FieldValueRequired spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term" },
        { """{"azureFile":{"secretName":"s","shareName":"t","secretNamespace":""}}""", "FieldValueRequired spec.azureFile.secretNamespace: Required value" },
        { """{"hostPath":{"path":"/"},"persistentVolumeReclaimPolicy":"Recycle"}""", "FieldValueForbidden spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'" },
        { """{"hostPath":{"path":"/a"},"csi":{"driver":"d","volumeHandle":"h"}}""", "FieldValueForbidden spec.csi: Forbidden: may not specify more than 1 volume type" },
        { """{"csi":{"driver":"d","nodePublishSecretRef":{"name":"n"}}}""", "FieldValueRequired spec.csi.volumeHandle: Required value\nFieldValueRequired spec.csi.nodePublishSecretRef.namespace: Required value" },
        { """{"hostPath":{"path":"/a"},"volumeAttributesClassName":"gold"}""", "FieldValueRequired spec.csi: Required value: has to be specified when using volumeAttributesClassName" },
        { """{"hostPath":{"path":"/a"},"storageClassName":"A"}""", "FieldValueInvalid spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')" },
        { """{"hostPath":{"path":"/a"},"accessModes":["ReadWriteOncePod","ReadWriteMany"]}""", "FieldValueForbidden spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes" },
        { """{"hostPath":{"path":"/a"},"capacity":{"storage":"0"}}""", "FieldValueInvalid spec.capacity[storage]: Invalid value: \"0\": must be greater than zero" },
        { """{"hostPath":{"path":"/a"},"capacity":{"storage":"1Gi","cpu":"1"}}""", "FieldValueNotSupported spec.capacity: Unsupported value: {{\"cpu\":\"1\",\"storage\":\"1Gi\"}}: supported values: \"storage\"" },
    };

    public static TheoryData<string, string> Claims => new()
    {
        { """{"dataSource":{"kind":"Pod","name":"p"}}""", "FieldValueInvalid spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup" },
        { """{"dataSourceRef":{"apiGroup":"g","kind":"K","name":""}}""", "FieldValueRequired spec.dataSourceRef.name: Required value" },
        { """{"dataSource":{"apiGroup":"g","kind":"K","name":"a"},"dataSourceRef":{"apiGroup":"g","kind":"K","name":"b"}}""", "FieldValueInvalid spec: Invalid value: \"spec.dataSource\": must match dataSourceRef" },
        { """{"dataSource":{"apiGroup":"g","kind":"K","name":"a"},"dataSourceRef":{"apiGroup":"g","kind":"K","name":"a","namespace":"n"}}""", "FieldValueInvalid spec: Invalid value: \"spec.dataSource\": may not be specified when dataSourceRef.namespace is specified" },
        { """{"volumeMode":"Tape"}""", "FieldValueNotSupported spec.volumeMode: Unsupported value: \"Tape\": supported values: \"Block\", \"Filesystem\"" },
        { """{"accessModes":["Anything"]}""", "FieldValueNotSupported spec.accessModes: Unsupported value: \"Anything\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\"" },
    };

    [Theory, MemberData(nameof(Shared)), MemberData(nameof(OfPods))]
    public void A_pods_volume_is_refused(string source, string problems) =>
        Assert.Equal(Status("pods", "Pod", "web", At(problems, V)), RefusedCreate("pods", "Pod", """{"metadata":{"name":"web"},"spec":{"volumes":[{"name":"v",SOURCE],"containers":[{"name":"c","image":"nginx"}]}}""".Replace("SOURCE", source[1..], StringComparison.Ordinal)));

    [Theory, MemberData(nameof(Shared)), MemberData(nameof(Persistent))]
    public void A_persistent_volume_is_refused(string source, string problems) =>
        Assert.Equal(Status("persistentvolumes", "PersistentVolume", "pv", At(problems, "spec.")), RefusedCreate("persistentvolumes", "PersistentVolume", Merged("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}""", source, "pv")));

    [Theory, MemberData(nameof(Claims))]
    public void A_claim_is_refused(string spec, string problems) =>
        Assert.Equal(Status("persistentvolumeclaims", "PersistentVolumeClaim", "data", problems), RefusedCreate("persistentvolumeclaims", "PersistentVolumeClaim", Merged(Claim, spec, "data")));

    [Theory]
    [InlineData("Bound", """{"resources":{"requests":{"storage":"3Gi"}}}""", "")]
    [InlineData("Bound", """{"resources":{"requests":{"storage":"1Gi"}}}""", "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity")]
    [InlineData("Bound", """{"volumeAttributesClassName":""}""", "")]
    [InlineData("Bound", """{"volumeAttributesClassName":null}""", "")]
    [InlineData("Bound", """{"volumeAttributesClassName":"silver"}""", "")]
    [InlineData("Bound", """{"volumeMode":"Block"}""", "volumeMode: Invalid value: \"Block\": field is immutable")]
    [InlineData("Pending", """{"storageClassName":"fast"}""", "")]
    [InlineData("Pending", """{"volumeName":"pv"}""", "")]
    [InlineData("Pending", """{"resources":{"requests":{"storage":"3Gi"}}}""", "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")]
    public void A_claim_changes_little(string phase, string change, string expected)
    {
        var claims = Of("persistentvolumeclaims");
        var attributes = change.Contains("Attributes", StringComparison.Ordinal) ? """{"volumeAttributesClassName":"gold"}""" : "{}";
        var old = With(Prepared("persistentvolumeclaims", Merged(Claim, attributes, "data")).ToJsonString(), "status", """{"phase":"PHASE","capacity":{"storage":"1Gi"}}""".Replace("PHASE", phase, StringComparison.Ordinal));
        var now = Merged(JsonNode.Parse(old)!["spec"]!.ToJsonString(), change, "data");
        now = With(now, "status", JsonNode.Parse(old)!["status"]!.ToJsonString());
        var errors = new FieldErrors();
        claims.ValidateUpdate(new(Encoding.UTF8.GetBytes(now)), new(Encoding.UTF8.GetBytes(old)), "", errors);
        var texts = errors.Items.Select(e => $"{e.Field}: {e.Message.Split('\n')[0]}").Where(t => !t.StartsWith("spec: ", StringComparison.Ordinal) || !change.Contains("volumeMode", StringComparison.Ordinal));
        Assert.Equal(expected, string.Join("\n", texts));
    }

    [Theory]
    [InlineData("-", 36, "spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil")]
    [InlineData("\"\"", 36, "spec.volumeAttributesClassName: Forbidden: update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil")]
    [InlineData("\"silver\"", 36, "")]
    [InlineData("-", 33, "spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden")]
    [InlineData("\"\"", 33, "spec.volumeAttributesClassName: Forbidden: update from non-nil value to an empty string is forbidden")]
    public void A_class_of_attributes_that_took_effect_stays(string name, int minor, string expected)
    {
        var old = With(Merged(Claim, """{"volumeAttributesClassName":"gold"}""", "data"), "status", """{"phase":"Bound","currentVolumeAttributesClassName":"gold"}""");
        var errors = new FieldErrors(FeatureGates.Parse(new KubernetesVersion(minor, 0), "VolumeAttributesClass=true"));
        Of("persistentvolumeclaims").ValidateUpdate(new(Encoding.UTF8.GetBytes(With(old, "spec.volumeAttributesClassName", name))), new(Encoding.UTF8.GetBytes(old)), "", errors);
        Assert.Equal(expected, string.Join("\n", errors.Items.Where(e => e.Field != "spec").Select(e => $"{e.Field}: {e.Message}")));
    }

    [Theory]
    [InlineData("""{"capacity":{"storage":"1Gi"},"allocatedResources":{"storage":"2Gi","example.com/x":"1"},"allocatedResourceStatuses":{"storage":"NodeResizePending","example.com/x":"NodeResizeInfeasible"}}""", "")]
    [InlineData("""{"capacity":{"storage":"-1"}}""", "status.capacity[storage]: Invalid value: -1: must be a valid resource quantity")]
    [InlineData("""{"allocatedResources":{"cpu":"1"}}""", "status.allocatedResources: Unsupported value: \"cpu\": supported values: \"storage\"")]
    [InlineData("""{"allocatedResources":{"storage":"-1"}}""", "status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity")]
    [InlineData("""{"allocatedResourceStatuses":{"storage":"Growing"}}""", "status.allocatedResourceStatuses: Unsupported value: \"storage\": supported values: \"ControllerResizeInProgress\", \"ControllerResizeInfeasible\", \"NodeResizeInProgress\", \"NodeResizeInfeasible\", \"NodeResizePending\"")]
    [InlineData("""{"allocatedResourceStatuses":{"cpu":"NodeResizePending"}}""", "status.allocatedResourceStatuses: Unsupported value: \"cpu\": supported values: \"storage\"")]
    public void A_claims_status_tells_of_storage(string status, string expected)
    {
        var old = Merged(Claim, "{}", "data");
        Assert.Equal(expected, Update("persistentvolumeclaims", old, With(old, "status", status), "status"));
    }

    [Theory]
    [InlineData("pods", "spec", "spec.volumes[0].image.reference: Required value")]
    [InlineData("deployments.apps", "spec.template.spec", "")]
    public void A_template_may_leave_the_image_of_a_volume_open(string resource, string path, string expected)
    {
        const string spec = """{"volumes":[{"name":"v","image":{}}],"containers":[{"name":"c","image":"nginx"}]}""";
        var workload = resource == "pods" ? """{"metadata":{"name":"web"}}""" : """{"metadata":{"name":"web"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}}}}}""";
        Assert.Equal(expected, Create(resource, With(workload, path, spec)));
    }

    [Theory]
    [InlineData("""{"signerName":"example.com/s","keyType":"ED25519","credentialBundlePath":"a.pem","userAnnotations":{"example.com/a":"b"}}""", "")]
    [InlineData("""{"signerName":"s","keyType":"ED25519","keyPath":"k"}""", "podCertificate.signerName: Invalid value: \"s\": must be a fully qualified domain and path of the form 'example.com/signer-name'")]
    [InlineData("""{"signerName":"example.com/s","keyType":"DSA","keyPath":"k"}""", "podCertificate.keyType: Unsupported value: \"DSA\": supported values: \"RSA3072\", \"RSA4096\", \"ECDSAP256\", \"ECDSAP384\", \"ECDSAP521\", \"ED25519\"")]
    [InlineData("""{"signerName":"example.com/s","keyType":"ED25519","keyPath":"k","maxExpirationSeconds":3599}""", "podCertificate.maxExpirationSeconds: Invalid value: 3599: if provided, maxExpirationSeconds must be >= 3600")]
    [InlineData("""{"signerName":"example.com/s","keyType":"ED25519","keyPath":"k","maxExpirationSeconds":7862401}""", "podCertificate.maxExpirationSeconds: Invalid value: 7862401: if provided, maxExpirationSeconds must be <= 7862400")]
    [InlineData("""{"signerName":"example.com/s","keyType":"ED25519"}""", "podCertificate: Required value: specify at least one of credentialBundlePath, keyPath, and certificateChainPath")]
    [InlineData("""{"signerName":"example.com/s","keyType":"ED25519","certificateChainPath":"/c"}""", "podCertificate.certificateChainPath: Invalid value: \"/c\": must be a relative path")]
    public void A_certificate_that_a_pod_gets_as_files(string certificate, string expected) => Assert.Equal(
        expected.Length == 0 ? "" : "spec.volumes[0].projected.sources[0]." + expected,
        Create("pods", """{"metadata":{"name":"web"},"spec":{"volumes":[{"name":"v","projected":{"sources":[{"podCertificate":SOURCE}]}}],"containers":[{"name":"c","image":"nginx"}]}}""".Replace("SOURCE", certificate, StringComparison.Ordinal)));

    [Fact]
    public void Files_of_a_certificate_are_told_once() => Assert.Equal(
        "spec.volumes[0].projected: Invalid value: \"a\": conflicting duplicate paths",
        Create("pods", """{"metadata":{"name":"web"},"spec":{"volumes":[{"name":"v","projected":{"sources":[{"podCertificate":{"signerName":"example.com/s","keyType":"ED25519","keyPath":"a","certificateChainPath":"a"}}]}}],"containers":[{"name":"c","image":"nginx"}]}}"""));

    [Fact]
    public void A_persistent_volumes_nodes_stay_but_for_newer_names_of_labels()
    {
        var old = Merged("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"}}""", Zone("failure-domain.beta.kubernetes.io/zone"), "pv");
        Assert.Equal("", Update("persistentvolumes", old, Merged(Spec(old), Zone("topology.kubernetes.io/zone"), "pv")));
        Assert.Equal(
            Status("persistentvolumes", "PersistentVolume", "pv", "FieldValueInvalid nodeAffinity: Invalid value: {\"Required\":{\"NodeSelectorTerms\":[{\"MatchExpressions\":[{\"Key\":\"other\",\"Operator\":\"In\",\"Values\":[\"a\"]}],\"MatchFields\":null}]}}: field is immutable, except for updating from beta label to GA"),
            RefusedUpdate("persistentvolumes", "PersistentVolume", old, Merged(Spec(old), Zone("other"), "pv")));

        static string Zone(string key) => """{"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"KEY","operator":"In","values":["a"]}]}]}}}""".Replace("KEY", key, StringComparison.Ordinal);
        static string Spec(string json) => JsonNode.Parse(json)!["spec"]!.ToJsonString();
    }

    private static string At(string problems, string path) => problems.Replace("{0}", path, StringComparison.Ordinal).Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal);

    private static string Merged(string spec, string more, string name)
    {
        var (obj, other) = (JsonNode.Parse(spec)!.AsObject(), JsonNode.Parse(more)!.AsObject());
        foreach (var (key, value) in other)
        {
            obj[key] = value?.DeepClone();
        }

        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = obj }.ToJsonString();
    }
}
