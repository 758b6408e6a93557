using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Conformance;

/// <summary>The status endpoint of every kind that has one: read, patched in four ways, replaced; and what else it may write, which differs from kind to kind.</summary>
public class StatusEndpointTests
{
    private static readonly string[] Closed =
    [
        "apiservices", "flowschemas", "prioritylevelconfigurations", "resourceclaims", "servicecidrs", "validatingadmissionpolicies", "volumeattachments",
    ];

    private static readonly string[] Owned = ["apiservices", "resourceclaims", "servicecidrs"];

    [Theory, MemberData(nameof(Samples.WithStatus), MemberType = typeof(Samples))]
    public async Task A_status_is_read_patched_applied_and_replaced(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        var created = await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        var path = $"{sample.Path(1)}/status";
        var status = JsonNode.Parse(sample.Status)!;
        var member = status.AsObject().First();
        foreach (var (type, patch) in (IEnumerable<(string, string)>)
                 [
                     ("merge-patch+json", $$"""{"status":{{sample.Status}}}"""),
                     ("strategic-merge-patch+json", $$"""{"status":{{sample.Status}}}"""),
                     ("json-patch+json", $$"""[{"op":"add","path":"/status/{{member.Key}}","value":{{member.Value!.ToJsonString()}}}]"""),
                     ("apply-patch+yaml", $$"""{"apiVersion":"{{sample.ApiVersion}}","kind":"{{sample.Kind}}","metadata":{"name":"{{sample.NameOf(1)}}"},"status":{{sample.Status}}}"""),
                 ])
        {
            await server.MustAsync("PATCH", $"{path}?dryRun=All&fieldManager=writer{(type[0] == 'a' ? "&force=true" : "")}", patch, $"application/{type}");
            var patched = await server.MustAsync("PATCH", $"{path}?fieldManager=writer{(type[0] == 'a' ? "&force=true" : "")}", patch, $"application/{type}");
            Assert.True(Holds(patched["status"], status), $"{type}: {patched["status"]} lacks {status}");
        }

        var read = await server.MustAsync("GET", path);
        Assert.True(Holds(read["status"], status));
        read["status"]![member.Key] = null;
        var cleared = await server.SendAsync("PUT", path, read.ToJsonString());
        Assert.True(cleared.Code is 200 or 422 or 409, $"{cleared.Code} {cleared.Body}"); // some status may not be taken back, and loops of the server write some
        Assert.Equal((string?)created["metadata"]!["uid"], (string?)(await server.MustAsync("GET", path))["metadata"]!["uid"]);
        foreach (var (method, verb) in (IEnumerable<(string, string)>)[("POST", "{}"), ("DELETE", "")])
        {
            Assert.Equal((405, "MethodNotAllowed"), (await server.SendAsync(method, path, verb)) is var refused ? (refused.Code, refused.Reason) : default);
        }
    }

    [Theory, MemberData(nameof(Samples.WithStatus), MemberType = typeof(Samples))]
    public async Task Metadata_sent_to_the_status_is_written_or_not_as_the_kind_has_it(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
        var patched = await server.MustAsync("PATCH", $"{sample.Path(1)}/status?fieldManager=writer", $$$"""{"metadata":{"annotations":{"a":"1"},"labels":{"l":"1"}},"status":{{{sample.Status}}}}""", "application/merge-patch+json");
        var metadata = patched["metadata"]!;
        var isClosed = Closed.Contains(sample.Plural);
        Assert.Equal(isClosed ? null : "1", (string?)metadata["annotations"]?["a"]);
        Assert.Equal(isClosed || sample.Plural == "deployments" ? null : "1", (string?)metadata["labels"]!["l"]);
        Assert.Equal("1", (string?)metadata["labels"]!["sweep"]);
        var owned = ((JsonArray)metadata["managedFields"]!).Where(m => (string?)m!["manager"] == "writer").Select(m => m!["fieldsV1"]!.AsObject()).ToList();
        var ownsMetadata = owned.Any(f => f.ContainsKey("f:metadata"));
        Assert.Equal(sample.Plural != "customresourcedefinitions" && (!isClosed || Owned.Contains(sample.Plural)), ownsMetadata);
        Assert.DoesNotContain(owned, f => f.ContainsKey("f:spec"));
    }

    [Theory, MemberData(nameof(Samples.Names), MemberType = typeof(Samples))]
    public async Task The_object_itself_does_not_take_a_status_unless_nothing_keeps_it(string kind)
    {
        await using var server = await TestServer.StartAsync();
        var sample = Samples.Of(kind);
        if (sample.Status.Length == 0)
        {
            await server.MustAsync("POST", sample.Collection, sample.Object(1).ToJsonString());
            Assert.Equal(404, (await server.SendAsync("GET", $"{sample.Path(1)}/status")).Code);
            return;
        }

        var body = sample.Object(1);
        var status = JsonNode.Parse(sample.Status)!;
        body["status"] = status.DeepClone();
        var created = await server.MustAsync("POST", sample.Collection, body.ToJsonString());
        Assert.Equal(sample.Plural is "nodes" or "servicecidrs", Holds(created["status"], status)); // kubelets register with a status; nobody thought of ServiceCIDRs
        await server.MustAsync("PATCH", $"{sample.Path(1)}/status", $$"""{"status":{{sample.Status}}}""", "application/merge-patch+json");
        var updated = await server.MustAsync("PATCH", sample.Path(1), """{"metadata":{"labels":{"l":"1"}},"status":null}""", "application/merge-patch+json");
        Assert.Equal(sample.Plural != "servicecidrs", Holds(updated["status"], status));
        Assert.Equal("1", (string?)updated["metadata"]!["labels"]!["l"]);
    }

    /// <summary>Whether everything of one tree is in another; lists may hold more.</summary>
    private static bool Holds(JsonNode? have, JsonNode? want) => (have, want) switch
    {
        (JsonObject h, JsonObject w) => w.All(m => Holds(h[m.Key], m.Value)),
        (JsonArray h, JsonArray w) => w.All(x => h.Any(y => Holds(y, x))),
        _ => JsonNode.DeepEquals(have, want),
    };
}
