using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Schema;

public class ApiSchemaTests
{
    /// <summary>Where upstream keeps its objects, and in which version: a change here would lose everybody's data.</summary>
    private const string Keys = """
        /registry/apiextensions.k8s.io/customresourcedefinitions apiextensions.k8s.io/v1
        /registry/apiregistration.k8s.io/apiservices apiregistration.k8s.io/v1
        /registry/certificatesigningrequests certificates.k8s.io/v1
        /registry/clusterrolebindings rbac.authorization.k8s.io/v1
        /registry/clusterroles rbac.authorization.k8s.io/v1
        /registry/clustertrustbundles certificates.k8s.io/v1beta1
        /registry/configmaps v1
        /registry/controllerrevisions apps/v1
        /registry/controllers v1
        /registry/cronjobs batch/v1
        /registry/csidrivers storage.k8s.io/v1
        /registry/csinodes storage.k8s.io/v1
        /registry/csistoragecapacities storage.k8s.io/v1
        /registry/daemonsets apps/v1
        /registry/deployments apps/v1
        /registry/deviceclasses resource.k8s.io/v1
        /registry/devicetaintrules resource.k8s.io/v1alpha3
        /registry/endpointslices discovery.k8s.io/v1
        /registry/events v1
        /registry/flowschemas flowcontrol.apiserver.k8s.io/v1
        /registry/horizontalpodautoscalers autoscaling/v2
        /registry/ingress networking.k8s.io/v1
        /registry/ingressclasses networking.k8s.io/v1
        /registry/ipaddresses networking.k8s.io/v1
        /registry/jobs batch/v1
        /registry/leasecandidates coordination.k8s.io/v1beta1
        /registry/leases coordination.k8s.io/v1
        /registry/limitranges v1
        /registry/minions v1
        /registry/mutatingadmissionpolicies admissionregistration.k8s.io/v1beta1
        /registry/mutatingadmissionpolicybindings admissionregistration.k8s.io/v1beta1
        /registry/mutatingwebhookconfigurations admissionregistration.k8s.io/v1
        /registry/namespaces v1
        /registry/networkpolicies networking.k8s.io/v1
        /registry/persistentvolumeclaims v1
        /registry/persistentvolumes v1
        /registry/podcertificaterequests certificates.k8s.io/v1beta1
        /registry/poddisruptionbudgets policy/v1
        /registry/pods v1
        /registry/podtemplates v1
        /registry/priorityclasses scheduling.k8s.io/v1
        /registry/prioritylevelconfigurations flowcontrol.apiserver.k8s.io/v1
        /registry/replicasets apps/v1
        /registry/resourceclaims resource.k8s.io/v1
        /registry/resourceclaimtemplates resource.k8s.io/v1
        /registry/resourcequotas v1
        /registry/resourceslices resource.k8s.io/v1
        /registry/rolebindings rbac.authorization.k8s.io/v1
        /registry/roles rbac.authorization.k8s.io/v1
        /registry/runtimeclasses node.k8s.io/v1
        /registry/secrets v1
        /registry/serviceaccounts v1
        /registry/servicecidrs networking.k8s.io/v1
        /registry/services/endpoints v1
        /registry/services/specs v1
        /registry/statefulsets apps/v1
        /registry/storageclasses storage.k8s.io/v1
        /registry/storageversionmigrations storagemigration.k8s.io/v1beta1
        /registry/validatingadmissionpolicies admissionregistration.k8s.io/v1
        /registry/validatingadmissionpolicybindings admissionregistration.k8s.io/v1
        /registry/validatingwebhookconfigurations admissionregistration.k8s.io/v1
        /registry/volumeattachments storage.k8s.io/v1
        /registry/volumeattributesclasses storage.k8s.io/v1
        """;

    [Fact]
    public void Keys_and_storage_versions_are_frozen()
    {
        var actual = ApiSchema.BuiltIn.Resources.Where(r => r.KeyPrefix.Length > 0).Select(r => $"{r.KeyPrefix} {r.StorageApiVersion}").Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Keys, string.Join('\n', actual));
    }

    [Fact]
    public void Every_type_can_be_linked()
    {
        var seen = 0;
        foreach (var type in ApiSchema.BuiltIn.Types)
        {
            foreach (var field in type.Fields)
            {
                Assert.NotNull(field.Type);
                if (field.Type.Shape is SchemaShape.List or SchemaShape.Map)
                {
                    Assert.NotNull(field.Type.Element);
                }

                seen++;
            }
        }

        Assert.True(seen > 3000);
    }

    [Fact]
    public void Fields_know_how_they_merge()
    {
        var container = ApiSchema.BuiltIn.FindType("core/v1.Container")!;
        Assert.True(container.TryGetField("ports", out var ports));
        Assert.Equal(MergeSemantics.Map, ports.Type.Merge);
        Assert.Equal(["containerPort", "protocol"], ports.Type.ListKeys);
        Assert.Equal(("merge", "containerPort"), (ports.PatchStrategy, ports.PatchMergeKey));
        Assert.True(ApiSchema.BuiltIn.FindType("core/v1.Volume")!.TryGetField("emptyDir", out _)); // of the inline VolumeSource
        Assert.Equal(MergeSemantics.Atomic, ApiSchema.BuiltIn.FindType("meta/v1.LabelSelector")!.Merge);
    }

    [Fact]
    public void Resources_carry_their_subresources_and_columns()
    {
        var pods = ApiSchema.BuiltIn.FindResource("", "v1", "pods")!;
        Assert.Equal(["po"], pods.ShortNames);
        Assert.Equal("policy", pods.FindSubresource("eviction")!.Group);
        Assert.Equal("Readiness Gates", pods.Columns[^1].Name);
        Assert.True(pods.Columns[^1].IsWide);
        Assert.Equal("io.k8s.api.core.v1.Pod", pods.Type.OpenApiName);
        Assert.Equal("autoscaling/v2", ApiSchema.BuiltIn.FindResource("autoscaling", "v1", "horizontalpodautoscalers")!.StorageApiVersion);
        Assert.Equal("v2", ApiSchema.BuiltIn.Groups.Single(g => g.Name == "autoscaling").Versions[0]);
        Assert.Equal("/registry/ranges", ApiSchema.BuiltIn.StoredKinds["RangeAllocation"]);
        Assert.Equal("io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService", ApiSchema.BuiltIn.FindKind("apiregistration.k8s.io/v1", "APIService")!.OpenApiName);
    }

    [Fact]
    public void Custom_kinds_join_a_new_snapshot()
    {
        var type = new SchemaType(SchemaShape.Object, () => [new SchemaField("metadata", () => ApiSchema.BuiltIn.FindType("meta/v1.ObjectMeta")!)]) { Name = "Widget", IsKind = true, ApiVersion = "example.com/v1", IsCustom = true, PreservesUnknownFields = true };
        var resource = new ResourceSchema { Group = "example.com", Version = "v1", Plural = "widgets", Kind = "Widget", Type = type, KeyPrefix = "/registry/example.com/widgets" };
        var schema = ApiSchema.BuiltIn.With([("example.com", "v1", type)], [resource], [new("example.com", ["v1"])]);
        Assert.Same(type, schema.FindKind("example.com/v1", "Widget"));
        Assert.Null(ApiSchema.BuiltIn.FindKind("example.com/v1", "Widget"));
        Assert.Equal("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"b":0}}""",
            System.Text.Encoding.UTF8.GetString(ObjectWriter.Write(ObjectReader.Read("""{"spec":{"b":0},"metadata":{"name":"a"},"kind":"Widget","apiVersion":"example.com/v1"}"""u8, type), type)));
    }
}
