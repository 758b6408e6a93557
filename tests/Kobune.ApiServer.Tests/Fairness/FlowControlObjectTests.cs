using System.Text.Json.Nodes;
using Kobune.Api.FlowControl.V1;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Fairness;

/// <summary>The objects of priority and fairness as the server keeps them.</summary>
public class FlowControlObjectTests
{
    private const string Schemas = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
    private const string Levels = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations";
    private const string Apply = "application/merge-patch+json";

    [Fact]
    public async Task A_server_makes_upstreams_objects_and_tells_that_none_dangles()
    {
        await using var server = await StartAsync(new TimerTime());
        await Until(server, Schemas, items => items.Count == 13 && items.All(i => (string?)i!["status"]?["conditions"]?[0]?["reason"] == "Found"));
        await Until(server, Levels, items => items.Count == 8);
        var schema = await server.MustAsync("GET", $"{Schemas}/kube-scheduler");
        Assert.Equal("true", (string?)schema["metadata"]!["annotations"]!["apf.kubernetes.io/autoupdate-spec"]);
        Assert.Equal("""[{"type":"Dangling","status":"False","reason":"Found","message":"This FlowSchema references the PriorityLevelConfiguration object named \u0022workload-high\u0022 and it exists"}]""", Conditions(schema));
        Assert.Equal(["api-priority-and-fairness-config-producer-v1", "api-priority-and-fairness-config-consumer-v1"], schema["metadata"]!["managedFields"]!.AsArray().OrderByDescending(m => (string?)m!["manager"]).Select(m => (string?)m!["manager"]));
        Assert.Equal("""{"type":"Limited","limited":{"nominalConcurrencyShares":40,"limitResponse":{"type":"Queue","queuing":{"queues":128,"handSize":6,"queueLengthLimit":50}},"lendablePercent":50}}""", (await server.MustAsync("GET", $"{Levels}/workload-high"))["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task What_somebody_deletes_or_changes_is_mended_as_its_annotation_says()
    {
        var time = new TimerTime();
        await using var server = await StartAsync(time);
        await Until(server, Levels, items => items.Count == 8);
        await Until(server, Schemas, items => items.Count == 13);
        await server.MustAsync("DELETE", $"{Schemas}/probes");
        await server.MustAsync("PATCH", $"{Levels}/system", """{"spec":{"limited":{"nominalConcurrencyShares":7}}}""", Apply);
        await server.MustAsync("PATCH", $"{Levels}/node-high", """{"metadata":{"annotations":{"apf.kubernetes.io/autoupdate-spec":"false"}},"spec":{"limited":{"nominalConcurrencyShares":8}}}""", Apply);
        await server.MustAsync("PATCH", $"{Levels}/exempt", """{"spec":{"exempt":{"nominalConcurrencyShares":9}}}""", Apply);
        await server.MustAsync("POST", Levels, """{"metadata":{"name":"old","annotations":{"apf.kubernetes.io/autoupdate-spec":"true"}},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
        await server.MustAsync("POST", Levels, """{"metadata":{"name":"own"},"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""");
        Assert.Equal("True NotFound", await DanglesAsync(server));
        await Sees(server, "own", l => true);
        await Sees(server, "exempt", l => l.Spec.Exempt!.NominalConcurrencyShares == 9);
        await Sees(server, "system", l => l.Spec.Limited!.NominalConcurrencyShares == 7);
        await Sees(server, "node-high", l => l.Spec.Limited!.NominalConcurrencyShares == 8);
        time.Advance(TimeSpan.FromMinutes(1));
        await Until(server, Schemas, items => items.Any(i => (string?)i!["metadata"]!["name"] == "probes"));
        await Until(server, Levels, items => items.Count == 9);
        var shares = (await server.MustAsync("GET", Levels))["items"]!.AsArray().ToDictionary(i => (string)i!["metadata"]!["name"]!, i => (int?)(i!["spec"]!["limited"] ?? i["spec"]!["exempt"])!["nominalConcurrencyShares"]);
        Assert.Equal((30, 8, 9, 30, false), (shares["system"], shares["node-high"], shares["exempt"], shares["own"], shares.ContainsKey("old")));
    }

    [Fact]
    public async Task What_is_mandatory_cannot_be_changed()
    {
        await using var server = await StartAsync(new TimerTime());
        await Until(server, Levels, items => items.Count == 8);
        var level = await server.SendAsync("PATCH", $"{Levels}/catch-all", """{"spec":{"limited":{"nominalConcurrencyShares":6}}}""", Apply);
        Assert.Equal(422, level.Code);
        Assert.EndsWith(": spec of 'catch-all' must equal the fixed value", level.Message, StringComparison.Ordinal);
        var schema = await server.SendAsync("PATCH", $"{Schemas}/exempt", """{"spec":{"rules":[]}}""", Apply);
        Assert.EndsWith(": spec of 'exempt' must equal the fixed value", schema.Message, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(TimerTime time) => TestServer.StartAsync(o => o with { KeepsSystemObjects = true, Time = time });

    /// <summary>Makes a schema whose level is not there, and reads its condition.</summary>
    private static async Task<string> DanglesAsync(TestServer server)
    {
        await server.MustAsync("POST", Schemas, """{"metadata":{"name":"lost"},"spec":{"priorityLevelConfiguration":{"name":"nowhere"},"rules":[{"subjects":[{"kind":"Group","group":{"name":"g"}}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}]}]}}""");
        await Until(server, Schemas, items => items.Any(i => (string?)i!["metadata"]!["name"] == "lost" && i["status"]?["conditions"] is not null));
        var condition = (await server.MustAsync("GET", $"{Schemas}/lost"))["status"]!["conditions"]![0]!;
        return $"{condition["status"]} {condition["reason"]}";
    }

    private static string Conditions(JsonObject schema)
    {
        var conditions = schema["status"]!["conditions"]!.AsArray();
        ((JsonObject)conditions[0]!).Remove("lastTransitionTime");
        return conditions.ToJsonString();
    }

    private static async Task Until(TestServer server, string path, Func<JsonArray, bool> isThere)
    {
        for (var tries = 0; ; tries++)
        {
            var items = (await server.MustAsync("GET", path))["items"]!.AsArray();
            if (isThere(items))
            {
                return;
            }

            Assert.True(tries < 3000, $"{path} never showed it: {items.ToJsonString()}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until the server's own view shows it.</summary>
    private static async Task Sees(TestServer server, string name, Func<PriorityLevelConfiguration, bool> isThere)
    {
        for (var tries = 0; server.Host.Objects.Find<PriorityLevelConfiguration>("", name) is not { } level || !isThere(level); tries++)
        {
            Assert.True(tries < 3000, $"the server's view never showed {name}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
