using Kobune.Api.Schema;

namespace Kobune.Api.Tests.Schema;

public class ApiSchemaTests
{
    /// <summary>Where upstream keeps its objects: a change here would lose everybody's data.</summary>
    [Theory]
    [InlineData("", "pods", "/registry/pods")]
    [InlineData("", "services", "/registry/services/specs")]
    [InlineData("", "endpoints", "/registry/services/endpoints")]
    [InlineData("", "nodes", "/registry/minions")]
    [InlineData("", "replicationcontrollers", "/registry/controllers")]
    [InlineData("", "events", "/registry/events")]
    [InlineData("", "namespaces", "/registry/namespaces")]
    [InlineData("apps", "deployments", "/registry/deployments")]
    [InlineData("networking.k8s.io", "ingresses", "/registry/ingress")]
    [InlineData("coordination.k8s.io", "leases", "/registry/leases")]
    [InlineData("apiextensions.k8s.io", "customresourcedefinitions", "/registry/apiextensions.k8s.io/customresourcedefinitions")]
    [InlineData("apiregistration.k8s.io", "apiservices", "/registry/apiregistration.k8s.io/apiservices")]
    public void Key_prefixes_are_upstreams(string group, string plural, string prefix)
    {
        Assert.Equal(prefix, ApiSchema.BuiltIn.FindResource(group, "v1", plural)!.KeyPrefix);
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
        var type = new SchemaType(SchemaShape.Object, () => [new SchemaField("metadata", () => ApiSchema.BuiltIn.FindType("meta/v1.ObjectMeta")!)]) { Name = "Widget", IsKind = true, ApiVersion = "example.com/v1", PreservesUnknownFields = true };
        var resource = new ResourceSchema { Group = "example.com", Version = "v1", Plural = "widgets", Kind = "Widget", Type = type, KeyPrefix = "/registry/example.com/widgets" };
        var schema = ApiSchema.BuiltIn.With([("example.com", "v1", type)], [resource], [new("example.com", ["v1"])]);
        Assert.Same(type, schema.FindKind("example.com/v1", "Widget"));
        Assert.Null(ApiSchema.BuiltIn.FindKind("example.com/v1", "Widget"));
        Assert.Equal("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"b":0}}""",
            System.Text.Encoding.UTF8.GetString(ObjectWriter.Write(ObjectReader.Read("""{"spec":{"b":0},"metadata":{"name":"a"},"kind":"Widget","apiVersion":"example.com/v1"}"""u8, type), type)));
    }
}
