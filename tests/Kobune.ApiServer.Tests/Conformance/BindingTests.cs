using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>The resource bindings, by which pods were bound before they had a subresource for it; discovery lists it still.</summary>
public class BindingTests
{
    private const string Bindings = "/api/v1/namespaces/default/bindings";

    [Fact]
    public async Task A_binding_binds_the_pod_of_its_name()
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of("pods.v1");
        await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        const string Body = """{"metadata":{"name":"cf-1","annotations":{"by":"bindings"}},"target":{"kind":"Node","name":"n"}}""";
        await server.MustAsync("POST", $"{Bindings}?dryRun=All", Body);
        Assert.Null((await server.MustAsync("GET", sample.Path(1)))["spec"]!["nodeName"]);
        var answer = await server.SendAsync("POST", Bindings, Body);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}""", answer.Body.ToJsonString());
        var pod = await server.MustAsync("GET", sample.Path(1));
        Assert.Equal(("n", "bindings"), ((string?)pod["spec"]!["nodeName"], (string?)pod["metadata"]!["annotations"]!["by"]));
        Assert.Equal("PodScheduled", (string?)pod["status"]!["conditions"]![0]!["type"]);
        var again = await server.SendAsync("POST", Bindings, Body);
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"cf-1\": pod cf-1 is already assigned to node \"n\""), (again.Code, again.Message));
    }

    [Theory]
    [InlineData("""{"target":{"kind":"Node","name":"n"}}""", 400, "BadRequest", "Name parameter required.")]
    [InlineData("""{"metadata":{"name":"no"},"target":{"kind":"Node","name":"n"}}""", 404, "NotFound", "pods \"no\" not found")]
    [InlineData("""{"metadata":{"name":"no"},"target":{"kind":"Node"}}""", 500, null, "target.name: Required value")]
    [InlineData("""{"metadata":{"name":"no"},"target":{"kind":"X"}}""", 500, null, "[target.kind: Unsupported value: \"X\": supported values: \"Node\", \"<empty>\", target.name: Required value]")]
    [InlineData("{}", 500, null, "target.name: Required value")]
    public async Task A_binding_of_nothing_is_refused(string body, int code, string? reason, string message)
    {
        await using var server = await TestServer.StartAsync();
        var refused = await server.SendAsync("POST", Bindings, body);
        Assert.Equal((code, reason ?? "", message), (refused.Code, refused.Reason, refused.Message));
    }
}
