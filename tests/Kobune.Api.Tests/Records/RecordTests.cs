using System.Text;
using System.Text.Json;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;

namespace Kobune.Api.Tests.Records;

public class RecordTests
{
    private static Pod Sample => new()
    {
        Metadata = new() { Name = "a", Namespace = "b", Labels = new Dictionary<string, string> { ["z"] = "1", ["a"] = "<2>" } },
        Spec = new() { Containers = [new() { Name = "c", Image = "i", Resources = new() { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("0.5") } } }] },
    };

    [Fact]
    public void Canonical_form_is_upstreams()
    {
        const string expected = """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"b","labels":{"a":"\u003c2\u003e","z":"1"}},"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"500m"}}}]},"status":{}}""";
        Assert.Equal(expected, JsonText.Of(Sample));
        Assert.Equal(expected, Sample.ToString());
    }

    [Fact]
    public void Equality_is_deep()
    {
        Assert.Equal(Sample, Sample);
        Assert.Equal(Sample.GetHashCode(), Sample.GetHashCode());
        var changed = Sample with { Status = Sample.Status with { Phase = PodPhase.Running } };
        Assert.NotEqual(Sample, changed);
        Assert.Equal("Running", changed.Status.Phase);
        Assert.Same(PodStatus.Empty, new Pod().Status);
    }

    [Fact]
    public void Unknown_fields_are_skipped_and_null_is_absent()
    {
        var pod = JsonText.Read<Pod>("""{"metadata":{"name":null,"labels":null,"new":{"a":[1]}},"spec":{"containers":null,"\u0068ostNetwork":true},"status":null}"""u8);
        Assert.Equal("", pod.Metadata.Name);
        Assert.Empty(pod.Spec.Containers);
        Assert.True(pod.Spec.HostNetwork);
        Assert.Same(PodStatus.Empty, pod.Status);
        Assert.Equal("v1", pod.ApiVersion);
    }

    [Theory]
    [InlineData("""{"metadata":[]}""")]
    [InlineData("""{"spec":{"containers":{}}}""")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":"x"}}""")]
    [InlineData("""{"metadata":{"creationTimestamp":"yesterday"}}""")]
    [InlineData("""[]""")]
    public void Wrong_types_are_refused(string json)
    {
        Assert.ThrowsAny<JsonException>(() => JsonText.Read<Pod>(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Every_cut_of_an_object_is_refused_or_read()
    {
        var bytes = JsonText.Bytes(Sample);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.ThrowsAny<JsonException>(() => JsonText.Read<Pod>(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Times_have_upstreams_digits()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2));
        var lease = new Coordination.V1.Lease { Metadata = new() { CreationTimestamp = time }, Spec = new() { RenewTime = time } };
        Assert.Equal("""{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"creationTimestamp":"2026-01-02T01:04:05Z"},"spec":{"renewTime":"2026-01-02T01:04:05.678000Z"}}""", JsonText.Of(lease));
    }

    [Fact]
    public void Text_is_escaped_as_go_escapes_it()
    {
        var map = new ConfigMap { Data = new Dictionary<string, string> { ["k"] = "é小\U0001F6A2\u2028<&>\"\\\n\u0001–" } };
        Assert.Contains("\"é小\U0001F6A2\\u2028\\u003c\\u0026\\u003e\\\"\\\\\\n\\u0001–\"", JsonText.Of(map), StringComparison.Ordinal);
        Assert.Equal(map, JsonText.Read<ConfigMap>(JsonText.Bytes(map)));
    }

    [Fact]
    public void Kinds_know_their_resource()
    {
        Assert.Equal(new ResourceDescriptor("apps", "v1", "Deployment", "deployments", true), Apps.V1.Deployment.Resource);
        Assert.Equal("apps/v1", Apps.V1.Deployment.Resource.ApiVersion);
        Assert.False(Core.V1.Node.Resource.Namespaced);
        Assert.Equal("x", ((Pod)Sample.WithMetadata(new() { Name = "x" })).Metadata.Name);
        var list = new PodList { Items = [Sample] };
        Assert.Single(((IKubernetesList<Pod>)list).Items);
    }
}
