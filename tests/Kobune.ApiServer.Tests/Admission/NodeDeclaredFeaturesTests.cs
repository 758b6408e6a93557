using Kobune.Api.Core.V1;
using Kobune.ApiServer.Admission;
using Kobune.ApiServer.Admission.Plugins;
using Kobune.ApiServer.Tests.Authorization;
using static Kobune.ApiServer.Tests.Kinds.Strategies;

namespace Kobune.ApiServer.Tests.Admission;

public class NodeDeclaredFeaturesTests
{
    private const string Bound = """
        {"metadata":{"name":"web","namespace":"default"},"spec":{"nodeName":"able","initContainers":[{"name":"once","image":"i"},{"name":"side","image":"i","restartPolicy":"Always"}],
         "containers":[{"name":"c","image":"i"}],"resources":{"requests":{"cpu":"1"}}}}
        """;

    private readonly ObjectTable _nodes = new ObjectTable()
        .Put(new Node { Metadata = new() { Name = "able" }, Status = new() { DeclaredFeatures = ["InPlacePodLevelResourcesVerticalScaling", "InPlacePodVerticalScalingInitContainers"] } })
        .Put(new Node { Metadata = new() { Name = "old" } });

    [Theory]
    [InlineData("able", "spec.resources", null)]
    [InlineData("able", "spec.initContainers.0.resources", null)]
    [InlineData("old", "spec.containers.0.resources", null)]
    [InlineData("old", "spec.initContainers.1.resources", null)]
    [InlineData("old", "spec.resources", "pods \"web\" is forbidden: pod update requires features InPlacePodLevelResourcesVerticalScaling which are not available on node \"old\"")]
    [InlineData("old", "spec.initContainers.0.resources", "pods \"web\" is forbidden: pod update requires features InPlacePodVerticalScalingInitContainers which are not available on node \"old\"")]
    [InlineData("gone", "spec.resources", "pods \"web\" is forbidden: node \"gone\" not found")]
    [InlineData("", "spec.resources", null)]
    public async Task A_resize_needs_a_node_that_knows_of_it(string node, string path, string? refusal)
    {
        var old = With(Bound, "spec.nodeName", $"\"{node}\"");
        var request = Admissions.Of<Pod>(AdmissionOperation.Update, _nodes, With(old, path, """{"requests":{"cpu":"2"}}"""), old, subresource: "resize");
        var refused = await Record.ExceptionAsync(() => new NodeDeclaredFeatures().ValidateAsync(request, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(refusal, refused?.Message);
    }
}
