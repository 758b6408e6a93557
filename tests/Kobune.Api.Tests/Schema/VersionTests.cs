using System.Text;
using Kobune.Api.Schema;
using Kobune.Api.Schema.OpenApi;
using Kobune.Api.Schema.Protobuf;

namespace Kobune.Api.Tests.Schema;

/// <summary>Since when kinds and fields exist. Facts: upstream's types and pkg/features at each release.</summary>
public class VersionTests
{
    private static ApiSchema At(int minor) => ApiSchema.Of(new(minor, 0));

    [Theory]
    [InlineData("resource.k8s.io", "v1beta1", "resourceclaims", 35, "resource.k8s.io/v1beta1 ResourceClaim is deprecated in v1.35+, unavailable in v1.38+")]
    [InlineData("resource.k8s.io", "v1beta2", "resourceslices", 36, "resource.k8s.io/v1beta2 ResourceSlice is deprecated in v1.36+, unavailable in v1.39+")]
    [InlineData("networking.k8s.io", "v1beta1", "servicecidrs", 34, "networking.k8s.io/v1beta1 ServiceCIDR is deprecated in v1.34+, unavailable in v1.37+")]
    [InlineData("storage.k8s.io", "v1beta1", "volumeattributesclasses", 34, "storage.k8s.io/v1beta1 VolumeAttributesClass is deprecated in v1.34+, unavailable in v1.37+")]
    [InlineData("coordination.k8s.io", "v1beta1", "leasecandidates", 36, "coordination.k8s.io/v1beta1 LeaseCandidate is deprecated in v1.36+, unavailable in v1.39+")]
    [InlineData("certificates.k8s.io", "v1beta1", "clustertrustbundles", 36, "certificates.k8s.io/v1beta1 ClusterTrustBundle is deprecated in v1.36+, unavailable in v1.39+")]
    [InlineData("admissionregistration.k8s.io", "v1beta1", "validatingadmissionpolicies", 31, "admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy is deprecated in v1.31+, unavailable in v1.34+; use admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy")]
    public void Beta_versions_are_deprecated_three_releases_on(string group, string version, string plural, int minor, string warning)
    {
        Assert.Equal(warning, At(minor).FindResource(group, version, plural)!.DeprecationWarning);
        Assert.Equal("", At(minor - 1).FindResource(group, version, plural)!.DeprecationWarning);
    }

    [Theory]
    [InlineData("v1.33.2", true, 33, 2)]
    [InlineData("1.30.0+kobune", true, 30, 0)]
    [InlineData("v1.33", false, 0, 0)]
    [InlineData("v2.33.1", false, 0, 0)]
    [InlineData("v1.33.-1", false, 0, 0)]
    [InlineData(null, false, 0, 0)]
    public void Versions_are_read(string? text, bool isVersion, int minor, int patch)
    {
        Assert.Equal(isVersion, KubernetesVersion.TryParse(text, out var version));
        Assert.Equal(new KubernetesVersion(minor, patch), version);
    }

    [Theory]
    [InlineData("v1.29.0")]
    [InlineData("v1.37.0")]
    [InlineData("latest")]
    public void What_cannot_be_served_is_refused(string text) => Assert.Throws<FormatException>(() => KubernetesVersion.ParseOrNewest(text));

    [Theory]
    [InlineData("apps", "v1", "deployments", 30)]
    [InlineData("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", 30)]
    [InlineData("networking.k8s.io", "v1beta1", "ipaddresses", 31)]
    [InlineData("networking.k8s.io", "v1", "ipaddresses", 33)]
    [InlineData("networking.k8s.io", "v1", "servicecidrs", 33)]
    [InlineData("storage.k8s.io", "v1", "volumeattributesclasses", 34)]
    [InlineData("resource.k8s.io", "v1", "resourceclaims", 34)]
    [InlineData("resource.k8s.io", "v1beta1", "resourceclaims", 32)]
    [InlineData("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies", 36)]
    public void Kinds_are_served_since(string group, string version, string plural, int since)
    {
        for (var minor = 30; minor <= 36; minor++)
        {
            var kind = ApiSchema.BuiltIn.FindResource(group, version, plural)!.Kind;
            Assert.Equal(minor >= since, At(minor).FindResource(group, version, plural) is not null);
            Assert.Equal(minor >= since, At(minor).FindKind(group, version, kind) is not null);
        }
    }

    /// <summary>Since when the type has the field, and since when its gate is on.</summary>
    [Theory]
    [InlineData("core/v1.PodSpec", "nodeName", 30, 30)]
    [InlineData("core/v1.PodSpec", "hostUsers", 30, 33)]
    [InlineData("core/v1.PodSpec", "resources", 32, 34)]
    [InlineData("core/v1.PodSpec", "hostnameOverride", 34, 35)]
    [InlineData("core/v1.PodSecurityContext", "supplementalGroupsPolicy", 31, 33)]
    [InlineData("core/v1.PodSecurityContext", "seLinuxChangePolicy", 32, 33)]
    [InlineData("core/v1.Container", "resizePolicy", 30, 33)]
    [InlineData("core/v1.Container", "restartPolicyRules", 34, 35)]
    [InlineData("core/v1.EnvVarSource", "fileKeyRef", 34, 35)]
    [InlineData("core/v1.Volume", "image", 31, 35)]
    [InlineData("core/v1.VolumeMount", "recursiveReadOnly", 30, 31)]
    [InlineData("core/v1.ServiceSpec", "trafficDistribution", 30, 31)]
    [InlineData("core/v1.PersistentVolumeClaimSpec", "volumeAttributesClassName", 30, 34)]
    [InlineData("core/v1.NodeStatus", "declaredFeatures", 35, 36)]
    [InlineData("batch/v1.JobSpec", "successPolicy", 30, 31)]
    [InlineData("batch/v1.JobSpec", "managedBy", 30, 32)]
    [InlineData("apps/v1.DeploymentStatus", "terminatingReplicas", 33, 35)]
    [InlineData("autoscaling/v2.HPAScalingRules", "tolerance", 33, 35)]
    [InlineData("authorization.k8s.io/v1.ResourceAttributes", "fieldSelector", 31, 32)]
    [InlineData("discovery.k8s.io/v1.EndpointHints", "forNodes", 33, 34)]
    [InlineData("storage.k8s.io/v1.CSIDriverSpec", "serviceAccountTokenInSecrets", 35, 35)]
    [InlineData("meta/v1.DeleteOptions", "ignoreStoreReadErrorWithClusterBreakingPotential", 32, 32)]
    public void Fields_exist_since_and_are_kept_since(string type, string name, int since, int on)
    {
        for (var minor = 30; minor <= 36; minor++)
        {
            var exists = At(minor).FindType(type)!.TryGetField(name, out var field);
            Assert.Equal((minor, minor >= since), (minor, exists));
            Assert.Equal((minor, minor >= since && minor >= on), (minor, exists && !field!.IsOff));
        }
    }

    [Fact]
    public void The_newest_version_has_all_that_schema_describes()
    {
        Assert.Contains(At(36).FindResource("", "v1", "pods")!.Subresources, s => s.Name == "resize");
        Assert.DoesNotContain(At(32).FindResource("", "v1", "pods")!.Subresources, s => s.Name == "resize");
        Assert.DoesNotContain(ApiSchema.BuiltIn.Types.Where(t => t.Shape == SchemaShape.Object).SelectMany(t => t.Fields), f => f.IsOff);
    }

    [Fact]
    public void A_field_that_does_not_exist_yet_is_unknown_and_one_that_is_off_is_dropped_in_silence()
    {
        const string Pod = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"hostnameOverride":"b","hostUsers":false,"containers":[{"name":"c"}]}}""";
        Assert.Equal(["unknown field \"spec.hostnameOverride\""], Read(Pod, 30, out var at30));
        Assert.DoesNotContain("hostUsers", at30, StringComparison.Ordinal);
        Assert.Equal(["unknown field \"spec.hostnameOverride\""], Read(Pod, 33, out var at33));
        Assert.Contains("\"hostUsers\":false", at33, StringComparison.Ordinal);
        Assert.Empty(Read(Pod, 34, out var at34));
        Assert.DoesNotContain("hostnameOverride", at34, StringComparison.Ordinal);
        Assert.Empty(Read(Pod, 36, out var at36));
        Assert.Contains("\"hostnameOverride\":\"b\"", at36, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_off_must_still_be_of_its_type() =>
        Assert.Throws<ObjectDecodeException>(() => Read("""{"kind":"Pod","apiVersion":"v1","spec":{"hostUsers":"no"}}""", 30, out _));

    [Fact]
    public void Protobuf_of_a_newer_client_loses_what_is_not_there_yet()
    {
        var type = At(36).FindKind("v1", "Pod")!;
        var pod = ObjectReader.Read(Encoding.UTF8.GetBytes("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"hostnameOverride":"b","hostUsers":false,"nodeName":"n"}}"""), type);
        var bytes = ProtobufEnvelope.Encode(pod, type);
        var old = Encoding.UTF8.GetString(ObjectWriter.Write(ProtobufEnvelope.Decode(bytes, At(30)), At(30).FindKind("v1", "Pod")!));
        Assert.Contains("\"nodeName\":\"n\"", old, StringComparison.Ordinal);
        Assert.DoesNotContain("hostnameOverride", old, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenApi_describes_what_the_version_has()
    {
        var old = Encoding.UTF8.GetString(new OpenApiV3Builder(At(30), "v1.30.0").Document("", "v1")!);
        Assert.DoesNotContain("hostnameOverride", old, StringComparison.Ordinal);
        Assert.DoesNotContain("FileKeySelector", old, StringComparison.Ordinal);
        Assert.Contains("\"hostUsers\"", old, StringComparison.Ordinal); // a gate does not hide a field
        Assert.DoesNotContain("/resize\"", old, StringComparison.Ordinal);
        Assert.Null(new OpenApiV3Builder(At(33), "v1.33.0").Document("resource.k8s.io", "v1"));
        var swagger = Encoding.UTF8.GetString(new OpenApiV2Builder(At(33), "v1.33.0").Json());
        Assert.Contains("io.k8s.api.networking.v1.ServiceCIDR\"", swagger, StringComparison.Ordinal);
        Assert.DoesNotContain("io.k8s.api.storage.v1.VolumeAttributesClass\"", swagger, StringComparison.Ordinal);
        Assert.DoesNotContain("MutatingAdmissionPolicy", swagger, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Read(string json, int minor, out string written)
    {
        var type = At(minor).FindKind("v1", "Pod")!;
        var strict = new StrictErrors();
        var obj = ObjectReader.Read(Encoding.UTF8.GetBytes(json), type, strict);
        DisabledFields.Drop(obj, type, null);
        written = Encoding.UTF8.GetString(ObjectWriter.Write(obj, type));
        return strict.Items;
    }
}
