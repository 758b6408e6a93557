using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Tests.Containers;

public class PodFieldsTests
{
    private static readonly Pod Pod = new()
    {
        Metadata = new()
        {
            Name = "p",
            Namespace = "d",
            Uid = "u",
            Labels = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" },
            Annotations = new Dictionary<string, string> { ["note"] = "two\nlines, \"quoted\" \\ 名前 \u00a0\u200b\u007f" },
        },
        Spec = new() { NodeName = "n", ServiceAccountName = "default" },
    };

    [Theory]
    [InlineData("metadata.name", "p")]
    [InlineData("metadata.namespace", "d")]
    [InlineData("metadata.uid", "u")]
    [InlineData("metadata.labels", "a=\"1\"\nb=\"2\"")]
    [InlineData("metadata.labels['b']", "2")]
    [InlineData("metadata.labels['none']", "")]
    [InlineData("metadata.annotations", """note="two\nlines, \"quoted\" \\ 名前 \u00a0\u200b\x7f" """)]
    [InlineData("spec.nodeName", "n")]
    [InlineData("spec.host", "n")]
    [InlineData("spec.serviceAccountName", "default")]
    [InlineData("status.podIP", "10.244.0.5")]
    [InlineData("status.podIPs", "10.244.0.5,fd00::5")]
    [InlineData("status.hostIP", "192.168.49.2")]
    [InlineData("spec.containers", null)]
    [InlineData("status['phase']", null)]
    public void A_field_is_shown_as_upstream_shows_it(string path, string? expected) =>
        Assert.Equal(expected?.TrimEnd(' '), PodFields.Field(Pod, path, ["10.244.0.5", "fd00::5"], ["192.168.49.2"]));

    [Theory]
    [InlineData("limits.cpu", "0", "2")]
    [InlineData("limits.cpu", "1m", "1500")]
    [InlineData("requests.cpu", "1m", "250")]
    [InlineData("limits.memory", "1Mi", "4096")] // the node's, for the container has none
    [InlineData("requests.memory", "1Mi", "65")] // 64.5 rounded up
    [InlineData("requests.ephemeral-storage", "0", "0")]
    [InlineData("cpu", "0", null)]
    public void A_resource_is_counted_in_whole_divisors(string resource, string divisor, string? expected)
    {
        var container = new Container
        {
            Resources = new()
            {
                Limits = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("1500m") },
                Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("250m"), ["memory"] = Quantity.Parse("66048Ki") },
            },
        };
        Assert.Equal(expected, PodFields.Resource(container, resource, Quantity.Parse(divisor), new Dictionary<string, Quantity> { ["memory"] = Quantity.Parse("4Gi") }));
    }
}
