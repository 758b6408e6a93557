using System.Text.Json.Nodes;
using Kobune.ApiServer.Tests.Hosting;

namespace Kobune.ApiServer.Tests.Registry;

/// <summary>pods/eviction. What a budget allows is written here by hand: there is no controller.</summary>
public class EvictionTests
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private const string Budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    private const string Merge = "application/merge-patch+json";

    [Fact]
    public async Task The_pod_says_that_it_was_evicted_and_the_budget_that_none_is_left()
    {
        await using var server = await StartAsync(isReady: true);
        await BudgetAsync(server, "b", allowed: 1, healthy: 2, desired: 1);
        await server.MustAsync("POST", $"{Pods}/p/eviction", Eviction());
        var pod = await server.MustAsync("GET", $"{Pods}/p");
        Assert.NotNull(pod["metadata"]!["deletionTimestamp"]);
        var condition = pod["status"]!["conditions"]!.AsArray().Single(c => (string?)c!["type"] == "DisruptionTarget")!;
        Assert.Equal(("True", "EvictionByEvictionAPI", "Eviction API: evicting"), ((string?)condition["status"], (string?)condition["reason"], (string?)condition["message"]));
        Assert.NotNull(condition["lastTransitionTime"]);
        var status = (await server.MustAsync("GET", $"{Budgets}/b"))["status"]!;
        Assert.NotNull(status["disruptedPods"]!["p"]);
        var allowed = Assert.Single(status["conditions"]!.AsArray())!;
        Assert.Equal(("DisruptionAllowed", "False", "InsufficientPods"), ((string?)allowed["type"], (string?)allowed["status"], (string?)allowed["reason"]));
    }

    [Theory]
    [InlineData("?dryRun=All", "")]
    [InlineData("", "\"dryRun\":[\"All\"]")]
    public async Task A_dry_run_changes_nothing(string query, string deleteOptions)
    {
        await using var server = await StartAsync(isReady: true);
        await BudgetAsync(server, "b", allowed: 1, healthy: 2, desired: 1);
        await server.MustAsync("POST", $"{Pods}/p/eviction{query}", Eviction(deleteOptions));
        var pod = await server.MustAsync("GET", $"{Pods}/p");
        Assert.Null(pod["metadata"]!["deletionTimestamp"]);
        Assert.DoesNotContain("DisruptionTarget", pod.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(1, (int)(await server.MustAsync("GET", $"{Budgets}/b"))["status"]!["disruptionsAllowed"]!);
        await BudgetAsync(server, "b", allowed: 0, healthy: 1, desired: 1);
        Assert.Equal(429, (await server.SendAsync("POST", $"{Pods}/p/eviction{query}", Eviction(deleteOptions))).Code);
    }

    [Theory]
    [InlineData("healthy pods always cost", true, "AlwaysAllow", 5, 1, false)]
    [InlineData("unhealthy pods cost nothing where the others are enough", false, "", 2, 2, true)]
    [InlineData("the same by its name", false, "IfHealthyBudget", 2, 2, true)]
    [InlineData("unhealthy pods are kept where the others are too few", false, "IfHealthyBudget", 1, 2, false)]
    [InlineData("unhealthy pods may always go", false, "AlwaysAllow", 1, 2, true)]
    public async Task Unhealthy_pods(string name, bool isReady, string policy, int healthy, int desired, bool goes)
    {
        await using var server = await StartAsync(isReady);
        await BudgetAsync(server, "b", allowed: 0, healthy, desired, policy);
        var answer = await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction());
        Assert.True(answer.Code == (goes ? 201 : 429), $"{name}: {answer.Code} {answer.Message}");
        Assert.Equal(goes, (await server.MustAsync("GET", $"{Pods}/p"))["metadata"]!["deletionTimestamp"] is not null);
        Assert.Equal(0, (int)(await server.MustAsync("GET", $"{Budgets}/b"))["status"]!["disruptionsAllowed"]!);
    }

    [Fact]
    public async Task Refusals()
    {
        await using var server = await StartAsync(isReady: true);
        await server.MustAsync("POST", Budgets, Budget("b", ""));
        await server.MustAsync("GET", Budgets);
        await RefusedAsync(429, "Cannot evict pod as it would violate the pod's disruption budget.", "The disruption budget b is still being processed by the server.", 10);
        await BudgetAsync(server, "b", allowed: 0, healthy: 3, desired: 4);
        await RefusedAsync(429, "Cannot evict pod as it would violate the pod's disruption budget.", "The disruption budget b needs 4 healthy pods and has 3 currently", null);
        await BudgetAsync(server, "other", allowed: 5, healthy: 5, desired: 0);
        await RefusedAsync(500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.", null, null);
        Assert.Equal(404, (await server.SendAsync("POST", $"{Pods}/q/eviction", Eviction("", "q"))).Code);
        Assert.Equal(400, (await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction("", "q"))).Code);

        async Task RefusedAsync(int code, string message, string? cause, int? retryAfter)
        {
            var answer = await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction());
            Assert.Equal((code, message), (answer.Code, answer.Message));
            Assert.Equal(cause, (string?)answer.Body["details"]?["causes"]?[0]?["message"]);
            Assert.Equal(retryAfter, (int?)answer.Body["details"]?["retryAfterSeconds"]);
        }
    }

    [Fact]
    public async Task Preconditions_are_kept()
    {
        await using var server = await StartAsync(isReady: true);
        Assert.Equal(409, (await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction("\"preconditions\":{\"uid\":\"another\"}"))).Code);
        Assert.Equal(409, (await server.SendAsync("POST", $"{Pods}/p/eviction", Eviction("\"preconditions\":{\"resourceVersion\":\"1\"}"))).Code);
        var pod = await server.MustAsync("GET", $"{Pods}/p");
        Assert.DoesNotContain("DisruptionTarget", pod.ToJsonString(), StringComparison.Ordinal);
        await server.MustAsync("POST", $"{Pods}/p/eviction", Eviction($"\"preconditions\":{{\"resourceVersion\":\"{(string?)pod["metadata"]!["resourceVersion"]}\"}}"));
        Assert.NotNull((await server.MustAsync("GET", $"{Pods}/p"))["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public async Task Pods_that_have_ended_or_not_begun_cost_nothing()
    {
        await using var server = await StartAsync(isReady: true);
        await BudgetAsync(server, "b", allowed: 0, healthy: 1, desired: 1);
        await server.MustAsync("PATCH", $"{Pods}/p/status", """{"status":{"phase":"Succeeded"}}""", Merge);
        await server.MustAsync("POST", $"{Pods}/p/eviction", Eviction());
        await server.MustAsync("POST", Pods, Pod("new"));
        await server.MustAsync("POST", $"{Pods}/new/eviction", Eviction("", "new"));
        Assert.Equal(404, (await server.SendAsync("GET", $"{Pods}/new")).Code);
    }

    [Fact]
    public async Task Binding_ends_a_nomination()
    {
        await using var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod("p"));
        await server.MustAsync("PATCH", $"{Pods}/p/status", """{"status":{"nominatedNodeName":"n2"}}""", Merge);
        await server.MustAsync("POST", $"{Pods}/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}""");
        Assert.Null((await server.MustAsync("GET", $"{Pods}/p"))["status"]!["nominatedNodeName"]);
    }

    private static async Task<TestServer> StartAsync(bool isReady)
    {
        var server = await TestServer.StartAsync();
        await server.MustAsync("POST", Pods, Pod("p"));
        await server.MustAsync("POST", $"{Pods}/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}""");
        var ready = isReady ? "True" : "False";
        await server.MustAsync("PATCH", $"{Pods}/p/status", $$$"""{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"{{{ready}}}"}]}}""", "application/strategic-merge-patch+json");
        return server;
    }

    /// <summary>Makes the budget, or gives it another status; then waits until the server's own view shows it.</summary>
    private static async Task BudgetAsync(TestServer server, string name, int allowed, int healthy, int desired, string policy = "")
    {
        if ((await server.SendAsync("GET", $"{Budgets}/{name}")).Code == 404)
        {
            await server.MustAsync("POST", Budgets, Budget(name, policy));
        }

        var status = new JsonObject { ["observedGeneration"] = 1, ["currentHealthy"] = healthy, ["desiredHealthy"] = desired, ["expectedPods"] = healthy, ["disruptionsAllowed"] = allowed };
        await server.MustAsync("PATCH", $"{Budgets}/{name}/status", new JsonObject { ["status"] = status }.ToJsonString(), Merge);
        await server.MustAsync("GET", Budgets);
    }

    private static string Budget(string name, string policy) =>
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["minAvailable"] = 1,
                ["unhealthyPodEvictionPolicy"] = policy.Length > 0 ? policy : null,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "a" } },
            },
        }.ToJsonString();

    private static string Eviction(string deleteOptions = "", string name = "p") =>
        $$$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"{{{name}}}"},"deleteOptions":{ {{{deleteOptions}}} }}""";

    private static string Pod(string name) => $$$"""{"metadata":{"name":"{{{name}}}","labels":{"app":"a"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";
}
