using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>Every verb of every built-in kind, as upstream's "API operations" and "lifecycle" tests ask for them kind by kind.</summary>
public class LifecycleTests
{
    private const string Merge = "application/merge-patch+json";

    [Fact]
    public async Task Every_kind_that_can_be_made_and_listed_has_a_sample()
    {
        await using var server = await TestServer.StartAsync();
        var roots = new List<string> { "/api/v1" };
        foreach (var group in (JsonArray)(await server.MustAsync("GET", "/apis"))["groups"]!)
        {
            roots.AddRange(((JsonArray)group!["versions"]!).Select(v => $"/apis/{v!["groupVersion"]}"));
        }

        var served = new List<string>();
        foreach (var root in roots)
        {
            var list = await server.MustAsync("GET", root);
            Assert.Equal(root[(root.StartsWith("/apis/", StringComparison.Ordinal) ? 6 : 5)..], (string?)list["groupVersion"]);
            Assert.NotEmpty((JsonArray)list["resources"]!);
            served.AddRange(((JsonArray)list["resources"]!).Where(r => Verbs(r!).Contains("create") && Verbs(r!).Contains("list")).Select(r => $"{r!["name"]}.{list["groupVersion"]}"));
        }

        Assert.Equal(served.Where(s => s != "horizontalpodautoscalers.autoscaling/v1").Order(StringComparer.Ordinal), Samples.All.Select(s => $"{s}").Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task An_object_is_made_read_watched_changed_and_deleted(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var run = new LifecycleRun(server, Samples.Of(kind));
        await run.CreateAsync();
        foreach (var (type, patch) in run.Patches())
        {
            await run.ChangeAsync("PATCH", patch, type, type["application/".Length..type.IndexOf('+', StringComparison.Ordinal)]);
        }

        await run.ReplaceAsync();
        await run.DeleteAsync();
    }

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task A_collection_is_listed_in_pages_and_deleted_by_its_label(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        for (var i = 1; i <= 4; i++)
        {
            await server.MustAsync("POST", sample.Collection, sample.Object(i, i < 4 ? "1" : "2").ToJsonString());
        }

        var first = await server.MustAsync("GET", $"{sample.Collection}?labelSelector=sweep%3D1&limit=2");
        Assert.Equal([sample.NameOf(1), sample.NameOf(2)], Names(first));
        Assert.Null(first["metadata"]!["remainingItemCount"]); // not told with a selector
        var token = Uri.EscapeDataString((string)first["metadata"]!["continue"]!);
        var second = await server.MustAsync("GET", $"{sample.Collection}?labelSelector=sweep%3D1&limit=2&continue={token}");
        Assert.Equal([sample.NameOf(3)], Names(second));
        Assert.Null(second["metadata"]!["continue"]);
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
        var one = await server.MustAsync("GET", $"{sample.Root}/{sample.Plural}?fieldSelector=metadata.name%3D{sample.NameOf(2)}");
        Assert.Equal([sample.NameOf(2)], Names(one));

        if (kind == "namespaces.v1")
        {
            var refused = await server.SendAsync("DELETE", $"{sample.Collection}?labelSelector=sweep%3D1");
            Assert.Equal((405, "MethodNotAllowed"), (refused.Code, refused.Reason));
            return;
        }

        await server.MustAsync("DELETE", $"{sample.Collection}?labelSelector=sweep%3D1&dryRun=All");
        Assert.Equal(4, Names(await server.MustAsync("GET", $"{sample.Collection}?labelSelector=sweep")).Count);
        await using var watch = server.Watch($"{sample.Collection}?watch=true&labelSelector=sweep%3D1&resourceVersion={first["metadata"]!["resourceVersion"]}");
        for (var i = 1; i <= 3; i++)
        {
            await server.MustAsync("PATCH", sample.Path(i), """{"metadata":{"finalizers":null}}""", Merge);
        }

        await server.MustAsync("DELETE", $"{sample.Collection}?labelSelector=sweep%3D1", """{"propagationPolicy":"Background","gracePeriodSeconds":0}""");
        var gone = new HashSet<string>();
        while (gone.Count < 3)
        {
            var (type, obj) = await watch.NextAsync();
            if (type == "DELETED")
            {
                gone.Add((string)obj["metadata"]!["name"]!);
            }
        }

        Assert.Equal([sample.NameOf(4)], Names(await server.MustAsync("GET", $"{sample.Collection}?labelSelector=sweep")));
    }

    private static List<string> Names(JsonObject list) => [.. ((JsonArray)list["items"]!).Select(i => (string)i!["metadata"]!["name"]!)];

    private static List<string> Verbs(JsonNode resource) => [.. ((JsonArray)resource["verbs"]!).Select(v => (string)v!)];
}
