using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Fields;

public class ManagedFieldsTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    [Fact]
    public async Task A_create_owns_what_it_sets_under_the_name_of_its_client()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a","labels":{"x":"y"}},"data":{"k":"v"}}""", userAgent: "kubectl-create/v1.32");
        var entry = Entries(created).Single();
        Assert.Equal(("kubectl-create", "Update", "v1", "FieldsV1"), ((string?)entry["manager"], (string?)entry["operation"], (string?)entry["apiVersion"], (string?)entry["fieldsType"]));
        Assert.Equal("""{"f:data":{".":{},"f:k":{}},"f:metadata":{"f:labels":{".":{},"f:x":{}}}}""", entry["fieldsV1"]!.ToJsonString());
    }

    [Fact]
    public async Task A_field_that_another_writer_changes_goes_over_to_it()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"v","l":"w"}}""", userAgent: "one");
        var patched = await server.MustAsync("PATCH", $"{ConfigMaps}/a?fieldManager=two", """{"data":{"k":"other","m":"new"}}""", "application/merge-patch+json");
        Assert.Equal("""{"f:data":{".":{},"f:l":{}}}""", Fields(patched, "one"));
        Assert.Equal("""{"f:data":{"f:k":{},"f:m":{}}}""", Fields(patched, "two"));
        var removed = await server.MustAsync("PATCH", $"{ConfigMaps}/a?fieldManager=three", """{"data":{"k":null,"m":null}}""", "application/merge-patch+json");
        Assert.Equal(["one"], Entries(removed).Select(e => (string?)e["manager"]));
    }

    [Fact]
    public async Task Lists_are_owned_item_by_item_and_empty_structs_by_nobody()
    {
        await using var server = await TestServer.StartAsync();
        var created = await server.MustAsync("POST", Deployments, """
            {"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},
             "spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}}}
            """);
        var fields = Entries(created).Single()["fieldsV1"]!;
        Assert.Null(fields["f:spec"]!["."]);
        Assert.Null(fields["f:spec"]!["f:template"]!["f:spec"]!["f:containers"]!["."]);
        var container = fields["f:spec"]!["f:template"]!["f:spec"]!["f:containers"]!["k:{\"name\":\"c\"}"]!;
        Assert.NotNull(container["."]);
        Assert.NotNull(container["f:image"]);
        Assert.NotNull(container["f:resources"]);
        Assert.NotNull(container["f:ports"]!["k:{\"containerPort\":80,\"protocol\":\"TCP\"}"]!["f:protocol"]);
        Assert.Null(fields["f:metadata"]);
    }

    [Fact]
    public async Task A_status_writer_owns_the_status_at_its_subresource()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Deployments, """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"a"}},"template":{"metadata":{"labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", userAgent: "one");
        var written = await server.MustAsync("PATCH", $"{Deployments}/d/status", """{"status":{"replicas":2,"conditions":[{"type":"Available","status":"True"}]}}""", "application/strategic-merge-patch+json", "ctrl");
        var entry = Entries(written).Single(e => (string?)e["manager"] == "ctrl");
        Assert.Equal("status", (string?)entry["subresource"]);
        var text = entry["fieldsV1"]!.ToJsonString();
        Assert.StartsWith("""{"f:status":{"f:conditions":{".":{},"k:{\u0022type\u0022:\u0022Available\u0022}":{".":{}""", text, StringComparison.Ordinal);
        Assert.DoesNotContain("f:spec", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reset_forgets_all_managers()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        var reset = await server.MustAsync("PATCH", $"{ConfigMaps}/a", """{"metadata":{"managedFields":[{}]}}""", "application/merge-patch+json");
        Assert.Null(reset["metadata"]!["managedFields"]);
    }

    [Fact]
    public async Task After_a_reset_nobody_is_followed_until_somebody_applies()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""", userAgent: "one");
        Assert.Null((await server.MustAsync("PATCH", $"{ConfigMaps}/a", """{"metadata":{"managedFields":[]}}""", "application/merge-patch+json"))["metadata"]!["managedFields"]);
        Assert.Null((await server.MustAsync("PATCH", $"{ConfigMaps}/a?fieldManager=two", """{"data":{"l":"w"}}""", "application/merge-patch+json"))["metadata"]!["managedFields"]);
        var applied = await server.MustAsync("PATCH", $"{ConfigMaps}/a?fieldManager=three", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"m":"x"}}""", "application/apply-patch+yaml");
        Assert.Equal("""{"f:data":{".":{},"f:k":{},"f:l":{}}}""", Fields(applied, "before-first-apply"));
    }

    [Fact]
    public async Task An_item_without_key_lets_all_managers_be_forgotten()
    {
        await using var server = await TestServer.StartAsync();
        const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
        await server.MustAsync("POST", Accounts, """{"metadata":{"name":"a"},"secrets":[{"name":"s"}]}""", userAgent: "one");
        var broken = await server.MustAsync("PATCH", $"{Accounts}/a?fieldManager=two", """{"secrets":[{"kind":"Secret"}]}""", "application/merge-patch+json");
        Assert.Null(broken["metadata"]!["managedFields"]);
    }

    [Fact]
    public async Task What_is_written_without_a_value_is_owned_as_well()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", "/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""", userAgent: "one");
        var written = await server.MustAsync("PATCH", "/api/v1/namespaces/default/pods/p/status?fieldManager=two", """{"status":{"conditions":[{"type":"x.y/z","status":"True"}]}}""", "application/merge-patch+json");
        var condition = JsonNode.Parse(Fields(written, "two"))!["f:status"]!["f:conditions"]!["k:{\"type\":\"x.y/z\"}"]!;
        Assert.Equal("""{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}""", condition.ToJsonString());
    }

    [Fact]
    public async Task Beyond_ten_writers_the_oldest_are_put_together()
    {
        await using var server = await TestServer.StartAsync();
        await server.CreateConfigMapAsync("a");
        JsonObject last = [];
        for (var i = 0; i < 12; i++)
        {
            last = await server.MustAsync("PATCH", $"{ConfigMaps}/a?fieldManager=m{i:00}", $"{{\"data\":{{\"k{i}\":\"v\"}}}}", "application/merge-patch+json");
        }

        Assert.Equal(10, Entries(last).Count());
        Assert.Contains("ancient-changes", Entries(last).Select(e => (string?)e["manager"]));
    }

    private static IEnumerable<JsonNode> Entries(JsonObject obj) => obj["metadata"]!["managedFields"]!.AsArray().Select(e => e!);

    private static string Fields(JsonObject obj, string manager) => Entries(obj).Single(e => (string?)e["manager"] == manager)["fieldsV1"]!.ToJsonString();
}
