namespace Kobune.Testing.Tests.Aggregation;

/// <summary>What kubectl knows of kinds that another server has.</summary>
public sealed class ExplainTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubectl_explains_and_lists_a_kind_behind_an_APIService()
    {
        using var boats = new BoatServer();
        await using var cluster = await TestCluster.StartAsync(o => o with { Https = true, Outbound = target => BoatServer.Of(target, boats) }, Ct);
        await BoatServer.RegisterAsync(cluster.Client, Ct);
        var kubeconfig = cluster.KubeconfigFile();
        Assert.Contains("condition met", await Kubectl.RunAsync(kubeconfig, "wait", "--for=condition=Available", $"apiservices/{BoatServer.ApiService}", "--timeout=60s"), StringComparison.Ordinal);
        boats.Add("default");
        Assert.Contains("sculler", await Kubectl.RunAsync(kubeconfig, "get", "boats", "-o", "name"), StringComparison.Ordinal);
        var explained = await Kubectl.RunAsync(kubeconfig, "explain", "boats.oars");
        Assert.Contains("FIELD: oars <integer>", explained, StringComparison.Ordinal);
        Assert.Contains("How many oars it has.", explained, StringComparison.Ordinal);
    }
}
