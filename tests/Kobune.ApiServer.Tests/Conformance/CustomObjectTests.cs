using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.CustomResources;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>What custom objects share with the strictest built-in kinds: a PUT names its revision, and the status endpoint writes the status alone.</summary>
public class CustomObjectTests
{
    private const string Boats = "/apis/example.com/v1/namespaces/default/boats";

    private const string Definition = """
        {"metadata":{"name":"boats.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"boats","kind":"Boat"},"versions":[{"name":"v1","served":true,"storage":true,
        "subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},
        "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
        """;

    [Fact]
    public async Task A_put_without_a_revision_is_refused_as_is_a_patch_that_takes_it_away()
    {
        await using var server = await StartAsync();
        const string Message = "boats.example.com \"a\" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update";
        var put = await server.SendAsync("PUT", $"{Boats}/a", """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":2}}""");
        Assert.Equal((422, "Invalid", Message), (put.Code, put.Reason, put.Message));
        var patch = await server.SendAsync("PATCH", $"{Boats}/a", """{"metadata":{"resourceVersion":null},"spec":{"replicas":2}}""", "application/merge-patch+json");
        Assert.Equal((422, Message), (patch.Code, patch.Message));
        Assert.Equal(1, (int)(await server.MustAsync("GET", $"{Boats}/a"))["spec"]!["replicas"]!);
        var status = await server.SendAsync("PUT", $"{Boats}/a/status", """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"status":{"replicas":2}}""");
        Assert.Equal((422, "Invalid", Message), (status.Code, status.Reason, status.Message));
        var scale = await server.MustAsync("PUT", $"{Boats}/a/scale", """{"metadata":{"name":"a","namespace":"default"},"spec":{"replicas":3}}""");
        Assert.Equal(3, (int)scale["spec"]!["replicas"]!); // a Scale may come without
    }

    [Fact]
    public async Task The_status_endpoint_writes_and_owns_the_status_alone()
    {
        await using var server = await StartAsync();
        var patched = await server.MustAsync("PATCH", $"{Boats}/a/status?fieldManager=writer", """{"metadata":{"annotations":{"x":"1"},"labels":{"y":"1"},"finalizers":["example.com/z"]},"spec":{"replicas":9},"status":{"replicas":2}}""", "application/merge-patch+json");
        var metadata = patched["metadata"]!;
        Assert.Null(metadata["annotations"]);
        Assert.Null(metadata["labels"]);
        Assert.Null(metadata["finalizers"]);
        Assert.Equal((1, 2), ((int)patched["spec"]!["replicas"]!, (int)patched["status"]!["replicas"]!));
        var owned = ((JsonArray)metadata["managedFields"]!).Single(m => (string?)m!["manager"] == "writer")!["fieldsV1"]!.AsObject();
        Assert.Equal(["f:status"], owned.Select(f => f.Key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/status")]
    [InlineData("/scale")]
    public async Task A_strategic_merge_patch_is_no_patch_of_a_custom_object_in_any_shape(string subresource)
    {
        await using var server = await StartAsync();
        var refused = await server.SendAsync("PATCH", $"{Boats}/a{subresource}", """{"spec":{"replicas":2}}""", "application/strategic-merge-patch+json");
        Assert.Equal((415, "UnsupportedMediaType"), (refused.Code, refused.Reason));
        Assert.Equal("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml", refused.Message);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        await server.EstablishAsync((JsonObject)JsonNode.Parse(Definition)!);
        await server.MustAsync("POST", Boats, """{"apiVersion":"example.com/v1","kind":"Boat","metadata":{"name":"a"},"spec":{"replicas":1}}""");
        return server;
    }
}
