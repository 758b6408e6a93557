using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Kinds;

/// <summary>Storage classes, CSI objects and attachments with the whole Status that refuses them.</summary>
public class StorageRuleTests
{
    private const string Group = ".storage.k8s.io";
    private const string Class = """{"metadata":{"name":"s"},"provisioner":"a.io/p","parameters":{"a":"b"}}""";
    private const string Driver = """{"metadata":{"name":"d"},"spec":{}}""";
    private const string Node = """{"metadata":{"name":"n"},"spec":{"drivers":[{"name":"a.io","nodeID":"i","allocatable":{"count":1}}]}}""";
    private const string Attachment = """{"metadata":{"name":"a"},"spec":{"attacher":"a.io","nodeName":"n","source":{"persistentVolumeName":"v"}}}""";
    private const string Capacity = """{"metadata":{"name":"c"},"storageClassName":"s"}""";
    private const string Attributes = """{"metadata":{"name":"v"},"driverName":"a.io","parameters":{"a":"b"}}""";
    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string NotInline = "may not be specified in the context of inline volumes";
    private const string OneOfTwo = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
    private const string Terms = "allowedTopologies[0].matchLabelExpressions";

    [Theory]
    [InlineData("provisioner", "\"\"", "FieldValueRequired provisioner: Required value")]
    [InlineData("provisioner", "\"A/B/C\"", "FieldValueInvalid provisioner: Invalid value: \"A/B/C\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")]
    [InlineData("allowedTopologies", "[{}]", "FieldValueDuplicate " + Terms + ": Duplicate value: \"\"")]
    [InlineData("parameters", """{"":"x"}""", "FieldValueInvalid parameters: Invalid value: \"\": field can not be empty.")]
    [InlineData("reclaimPolicy", "\"Recycle\"", "FieldValueNotSupported reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\"")]
    [InlineData("volumeBindingMode", "\"Some\"", "FieldValueNotSupported volumeBindingMode: Unsupported value: \"Some\": supported values: \"Immediate\", \"WaitForFirstConsumer\"")]
    [InlineData("allowedTopologies", """[{"matchLabelExpressions":[{"key":"a"}]}]""", "FieldValueRequired " + Terms + "[0].values: Required value")]
    [InlineData("allowedTopologies", """[{"matchLabelExpressions":[{"key":"a","values":["x","x"]},{"key":"a","values":["y"]}]}]""", "FieldValueDuplicate " + Terms + "[0].values[1]: Duplicate value: \"x\"\nFieldValueDuplicate " + Terms + "[1].key: Duplicate value: \"a\"")]
    [InlineData("allowedTopologies", """[{"matchLabelExpressions":[{"key":"a","values":["x","y"]}]},{"matchLabelExpressions":[{"key":"a","values":["y","x"]}]}]""", "FieldValueDuplicate allowedTopologies[1].matchLabelExpressions: Duplicate value: \"\"")]
    public void A_storage_class_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("storageclasses" + Group, "StorageClass", "s", problems), RefusedCreate("storageclasses" + Group, "StorageClass", With(Class, path, value)));

    [Fact]
    public void Parameters_are_bounded()
    {
        var many = "{" + string.Join(",", Enumerable.Range(0, 513).Select(i => $"\"k{i}\":\"\"")) + "}";
        Assert.Equal("parameters: Too long: may not be more than 512 bytes", Create("storageclasses" + Group, With(Class, "parameters", many)));
        Assert.Equal("parameters: Too long: may not be more than 262144 bytes", Create("storageclasses" + Group, With(Class, "parameters", $$"""{"a":"{{new string('x', 262144)}}"}""")));
    }

    [Theory]
    [InlineData("provisioner", "\"b.io/p\"", "FieldValueForbidden provisioner: Forbidden: updates to provisioner are forbidden.")]
    [InlineData("parameters", """{"a":"c"}""", "FieldValueForbidden parameters: Forbidden: updates to parameters are forbidden.")]
    [InlineData("reclaimPolicy", "\"Retain\"", "FieldValueForbidden reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.")]
    [InlineData("volumeBindingMode", "\"WaitForFirstConsumer\"", "FieldValueInvalid volumeBindingMode: Invalid value: \"WaitForFirstConsumer\": field is immutable")]
    public void A_storage_class_stays(string path, string value, string problems) =>
        Assert.Equal(Status("storageclasses" + Group, "StorageClass", "s", problems), RefusedUpdate("storageclasses" + Group, "StorageClass", Class, With(Class, path, value)));

    [Theory]
    [InlineData("spec.fsGroupPolicy", "\"Some\"", "FieldValueNotSupported spec.fsGroupPolicy: Unsupported value: \"Some\": supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\"")]
    [InlineData("spec.tokenRequests", """[{"audience":"a"},{"audience":"a"},{"audience":"b","expirationSeconds":5},{"audience":"c","expirationSeconds":4294967297}]""", "FieldValueDuplicate spec.tokenRequests[1].audience: Duplicate value: \"a\"\nFieldValueInvalid spec.tokenRequests[2].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes\nFieldValueInvalid spec.tokenRequests[3].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds")]
    [InlineData("spec.volumeLifecycleModes", """["Some"]""", "FieldValueNotSupported spec.volumeLifecycleModes: Unsupported value: \"Some\": supported values: \"Persistent\", \"Ephemeral\"")]
    [InlineData("spec.nodeAllocatableUpdatePeriodSeconds", "9", "FieldValueInvalid spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds")]
    [InlineData("spec.serviceAccountTokenInSecrets", "false", "FieldValueInvalid spec.serviceAccountTokenInSecrets: Invalid value: false: serviceAccountTokenInSecrets is set but no tokenRequests are specified")]
    public void A_driver_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("csidrivers" + Group, "CSIDriver", "d", problems), RefusedCreate("csidrivers" + Group, "CSIDriver", With(Driver, path, value)));

    [Theory]
    [InlineData("spec.attachRequired", "false", "FieldValueInvalid spec.attachedRequired: Invalid value: false: field is immutable")]
    [InlineData("spec.volumeLifecycleModes", """["Ephemeral"]""", "FieldValueInvalid spec.volumeLifecycleModes: Invalid value: [\"Ephemeral\"]: field is immutable")]
    public void A_driver_stays(string path, string value, string problems) =>
        Assert.Equal(Status("csidrivers" + Group, "CSIDriver", "d", problems), RefusedUpdate("csidrivers" + Group, "CSIDriver", Driver, With(Driver, path, value)));

    [Theory]
    [InlineData("""{"nodeID":"i"}""", "FieldValueRequired spec.drivers[0].name: Required value\nFieldValueInvalid spec.drivers[0].name: Invalid value: \"\": " + Subdomain)]
    [InlineData("""{"name":"a.io"}""", "FieldValueRequired spec.drivers[0].nodeID: Required value")]
    [InlineData("""{"name":"a.io","nodeID":"i","allocatable":{"count":-1}}""", "FieldValueInvalid spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("""{"name":"a.io","nodeID":"i","topologyKeys":["a","a"]}""", "FieldValueDuplicate spec.drivers[0]: Duplicate value: \"a\"")]
    [InlineData("""{"name":"a.io","nodeID":"i"},{"name":"a.io","nodeID":"j"}""", "FieldValueDuplicate spec.drivers[1].name: Duplicate value: \"a.io\"")]
    public void A_node_of_drivers_is_refused(string drivers, string problems) =>
        Assert.Equal(Status("csinodes" + Group, "CSINode", "n", problems), RefusedCreate("csinodes" + Group, "CSINode", With(Node, "spec.drivers", $"[{drivers}]")));

    [Fact]
    public void A_node_may_count_anew_what_a_driver_can_attach_but_not_rename_itself()
    {
        Assert.Equal("", Update("csinodes" + Group, Node, With(Node, "spec.drivers.0.allocatable.count", "5")));
        Assert.Contains("spec.drivers: Invalid value", Update("csinodes" + Group, Node, With(Node, "spec.drivers.0.nodeID", "\"j\"")), StringComparison.Ordinal);
        Assert.Equal("", Update("csinodes" + Group, Node, With(Node, "spec.drivers", "[]")));
    }

    [Theory]
    [InlineData("spec.source", "{}", "FieldValueRequired spec.source: Required value: " + OneOfTwo)]
    [InlineData("spec.source", """{"persistentVolumeName":"v","inlineVolumeSpec":{}}""", "FieldValueForbidden spec.source: Forbidden: " + OneOfTwo)]
    [InlineData("spec.attacher", "\"a_b\"", "FieldValueInvalid spec.attacher: Invalid value: \"a_b\": " + Subdomain)]
    [InlineData("status.attachError", """{"errorCode":-1}""", "FieldValueInvalid status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive")]
    public void An_attachment_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("volumeattachments" + Group, "VolumeAttachment", "a", problems), RefusedCreate("volumeattachments" + Group, "VolumeAttachment", With(Attachment, path, value)));

    [Theory]
    [InlineData("{}", "csi: Required value: has to be specified in the context of inline volumes", "accessModes: Required value", ": Required value: must specify a volume type")]
    [InlineData("""{"accessModes":["ReadWriteOnce"],"csi":{"driver":"a.io","volumeHandle":"h"},"persistentVolumeReclaimPolicy":"Retain","volumeMode":"Filesystem"}""")]
    [InlineData("""{"accessModes":["ReadWriteOnce"],"csi":{"driver":"a.io"},"claimRef":{},"capacity":{"storage":"1"},"persistentVolumeReclaimPolicy":"Delete","nodeAffinity":{},"storageClassName":"c","volumeMode":"Block","volumeAttributesClassName":""}""", "claimRef: Forbidden: " + NotInline, "capacity: Forbidden: " + NotInline, "persistentVolumeReclaimPolicy: Forbidden: may only be Retain in the context of inline volumes", "nodeAffinity: Forbidden: " + NotInline, "csi.volumeHandle: Required value", "storageClassName: Forbidden: " + NotInline, "volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes", "volumeAttributesClassName: Required value: an empty string is disallowed")]
    public void An_inline_volume_is_of_a_driver_and_nothing_else(string volume, params string[] problems) =>
        Creates("volumeattachments" + Group, "VolumeAttachment", With(Attachment, "spec.source", $$$"""{"inlineVolumeSpec":{{{volume}}}}"""), string.Join("\n", problems.Select(p => "spec.source.inlineVolumeSpec" + (p.StartsWith(':') ? "" : ".") + p)));

    [Fact]
    public void An_attachment_stays() =>
        Assert.Equal("spec: Invalid value: {\"Attacher\":\"a.io\",\"Source\":{\"PersistentVolumeName\":\"v\",\"InlineVolumeSpec\":null},\"NodeName\":\"other\"}: field is immutable", Update("volumeattachments" + Group, Attachment, With(Attachment, "spec.nodeName", "\"other\"")));

    [Theory]
    [InlineData("capacity", "\"-1\"", "FieldValueInvalid capacity: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("nodeTopology", """{"matchExpressions":[{"key":"a","operator":"Exists","values":["x"]}]}""", "FieldValueForbidden nodeTopology.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    public void A_capacity_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("csistoragecapacities" + Group, "CSIStorageCapacity", "c", problems), RefusedCreate("csistoragecapacities" + Group, "CSIStorageCapacity", With(Capacity, path, value)));

    [Fact]
    public void A_capacity_keeps_its_class() => Assert.Equal("storageClassName: Invalid value: \"t\": field is immutable", Update("csistoragecapacities" + Group, Capacity, With(Capacity, "storageClassName", "\"t\"")));

    [Theory]
    [InlineData("driverName", "\"\"", "FieldValueRequired driverName: Required value")]
    [InlineData("parameters", "{}", "FieldValueRequired parameters: Required value: must contain at least one key/value pair")]
    public void A_class_of_attributes_is_refused(string path, string value, string problems) =>
        Assert.Equal(Status("volumeattributesclasses" + Group, "VolumeAttributesClass", "v", problems), RefusedCreate("volumeattributesclasses" + Group, "VolumeAttributesClass", With(Attributes, path, value)));

    [Theory]
    [InlineData("driverName", "\"b.io\"", "driverName: Forbidden: updates to driverName are forbidden.")]
    [InlineData("parameters", """{"a":"c"}""", "parameters: Forbidden: updates to parameters are forbidden.")]
    public void A_class_of_attributes_stays(string path, string value, string problem) =>
        Assert.Equal(problem, Update("volumeattributesclasses" + Group, Attributes, With(Attributes, path, value)));
}
