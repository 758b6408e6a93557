namespace Kobune.Testing.Tests;

/// <summary>What people do with the real kubectl, on a cluster of this process.</summary>
public sealed class KubectlTests : IAsyncLifetime
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 4
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "web:1"}]}
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
        """;

    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.StartAsync(o => o with { Https = true, Nodes = 2 }, Ct);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_manifest_is_applied_changed_and_deleted()
    {
        Assert.Equal("deployment.apps/web created\npoddisruptionbudget.policy/web created\n", await FeedAsync(Manifest, "apply", "-f", "-"));
        Assert.StartsWith("deployment.apps/web unchanged\n", await FeedAsync(Manifest, "apply", "-f", "-"), StringComparison.Ordinal); // a budget's selector is replaced each time, so it is always "configured"
        Assert.StartsWith("deployment.apps/web configured\n", await FeedAsync(Manifest.Replace("web:1", "web:2", StringComparison.Ordinal), "apply", "-f", "-"), StringComparison.Ordinal);
        Assert.Equal("web:2", await RunAsync("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Contains("deployment.apps/web serverside-applied", await FeedAsync(Manifest, "apply", "-f", "-", "--server-side", "--force-conflicts"), StringComparison.Ordinal);
        Assert.Contains("deployment.apps \"web\" deleted", await FeedAsync(Manifest, "delete", "-f", "-"), StringComparison.Ordinal);
        Assert.DoesNotContain("timed out", await RunAsync("wait", "--for=delete", "pods", "-l", "app=web", "--timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("No resources found in default namespace.\n", await RunAsync("get", "deployments,pods"));
    }

    [Fact]
    public async Task A_rollout_is_followed_paused_undone_and_restarted()
    {
        await FeedAsync(Manifest, "apply", "-f", "-");
        await RolledOutAsync();
        Assert.Equal("deployment.apps/web image updated\n", await RunAsync("set", "image", "deployment/web", "web=web:2"));
        await RolledOutAsync();
        Assert.Equal("deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n", await RunAsync("rollout", "history", "deployment/web"));
        Assert.Equal("deployment.apps/web paused\n", await RunAsync("rollout", "pause", "deployment/web"));
        await RunAsync("set", "image", "deployment/web", "web=web:3");
        Assert.Equal("deployment.apps/web resumed\n", await RunAsync("rollout", "resume", "deployment/web"));
        await RolledOutAsync();
        Assert.Equal("deployment.apps/web rolled back\n", await RunAsync("rollout", "undo", "deployment/web", "--to-revision=1"));
        await RolledOutAsync();
        Assert.Equal("web:1", await RunAsync("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].spec.containers[0].image}"));
        Assert.Equal("deployment.apps/web restarted\n", await RunAsync("rollout", "restart", "deployment/web"));
        await RolledOutAsync();
    }

    [Fact]
    public async Task A_drained_node_gives_its_pods_away_as_the_budget_allows()
    {
        await FeedAsync(Manifest, "apply", "-f", "-");
        await RolledOutAsync();
        var drained = await RunAsync("drain", "node-0", "--ignore-daemonsets", "--timeout=120s");
        Assert.Contains("node/node-0 cordoned", drained, StringComparison.Ordinal);
        Assert.Contains("\nnode/node-0 drained\n", drained, StringComparison.Ordinal);
        Assert.Contains("condition met", await RunAsync("wait", "--for=condition=Available", "deployment/web", "--timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("", await RunAsync("get", "pods", "-l", "app=web", "--field-selector=spec.nodeName=node-0", "-o", "name"));
        Assert.Contains("SchedulingDisabled", await RunAsync("get", "nodes"), StringComparison.Ordinal);
        Assert.Equal("node/node-0 uncordoned\n", await RunAsync("uncordon", "node-0"));
    }

    [Fact]
    public async Task An_autoscaler_raises_a_deployment_to_its_least()
    {
        await RunAsync("create", "deployment", "small", "--image=i");
        Assert.Equal("horizontalpodautoscaler.autoscaling/small autoscaled\n", await RunAsync("autoscale", "deployment", "small", "--min=3", "--max=5"));
        Assert.Contains("condition met", await RunAsync("wait", "--for=jsonpath={.status.readyReplicas}=3", "deployment/small", "--timeout=90s"), StringComparison.Ordinal);
        Assert.Contains("Deployment/small", await RunAsync("get", "hpa", "small"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_watched_as_they_come()
    {
        using var watch = Kubectl.Start(_cluster.KubeconfigFile(), "get", "configmaps", "-w", "-l", "watched=yes", "-o", "custom-columns=NAME:.metadata.name,A:.data.a", "--no-headers");
        try
        {
            // Whether the object is there before the watch begins or comes after it, its first line is the same.
            Assert.Contains("created", await FeedAsync(Watched("first", "1"), "create", "-f", "-"), StringComparison.Ordinal);
            Assert.Equal("first   1", await watch.StandardOutput.ReadLineAsync(Ct));
            Assert.Contains("configured", await FeedAsync(Watched("first", "2"), "apply", "-f", "-"), StringComparison.Ordinal);
            Assert.Equal("first   2", await watch.StandardOutput.ReadLineAsync(Ct));
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync(Ct);
        }
    }

    private static string Watched(string name, string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, labels: {{watched: \"yes\"}}}}\ndata: {{a: \"{value}\"}}\n";

    private Task<string> RunAsync(params string[] arguments) => Kubectl.RunAsync(_cluster.KubeconfigFile(), arguments);

    private Task<string> FeedAsync(string input, params string[] arguments) => Kubectl.FeedAsync(_cluster.KubeconfigFile(), input, arguments);

    private async Task RolledOutAsync() =>
        Assert.EndsWith("deployment \"web\" successfully rolled out\n", await RunAsync("rollout", "status", "deployment/web", "--timeout=120s"), StringComparison.Ordinal);
}
