using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Json;
using Kobune.Kubelet.Sources;

namespace Kobune.Kubelet.Tests.Sources;

public class StaticPodsTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: \"true\"", """{"a":"true"}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: 0644", """{"a":420}""")]
    [InlineData("a: 1.5", """{"a":1.5}""")]
    [InlineData("a: 1.2.3", """{"a":"1.2.3"}""")]
    [InlineData("a: [x, 2]", """{"a":["x",2]}""")]
    [InlineData("{\"a\": {\"b\": [1]}}", """{"a":{"b":[1]}}""")]
    public void Yaml_becomes_json(string yaml, string json) => Assert.Equal(json, Encoding.UTF8.GetString(ManifestYaml.ToJson(yaml)));

    [Fact]
    public void Manifest_is_named_and_marked_for_its_node()
    {
        var pod = JsonText.Read<Pod>(ManifestYaml.ToJson("metadata: {name: web}\nspec: {containers: [{name: c, image: i}]}"));
        var one = StaticPods.Complete(pod, "n1", "/m/web.yaml", DateTimeOffset.UnixEpoch);
        Assert.Equal(("web-n1", "default", "n1"), (one.Metadata.Name, one.Metadata.Namespace, one.Spec.NodeName));
        Assert.Equal(one.Metadata.Uid, one.Metadata.Annotations["kubernetes.io/config.hash"]);
        Assert.NotEqual(one.Metadata.Uid, StaticPods.Complete(pod, "n2", "/m/web.yaml", DateTimeOffset.UnixEpoch).Metadata.Uid);
    }
}
