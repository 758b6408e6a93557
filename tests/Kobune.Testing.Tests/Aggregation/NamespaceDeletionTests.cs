using Kobune.Api.ApiRegistration.V1;
using Kobune.Api.Core.V1;
using static Kobune.Testing.Tests.Aggregation.BoatServer;

namespace Kobune.Testing.Tests.Aggregation;

/// <summary>Namespaces that are deleted while a server behind an APIService does not answer.</summary>
public sealed class NamespaceDeletionTests : IAsyncLifetime
{
    private readonly BoatServer _boats = new();
    private TestCluster _cluster = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Patience with a server that hangs is by the clock of the wire: here it is the test's.
        _cluster = await TestCluster.StartAsync(o => o with { FakeTime = true, Settings = s => s with { WireTime = s.Time }, Outbound = target => Of(target, _boats) }, Ct);
        await RegisterAsync(_cluster.Client, Ct);
        await _cluster.Time.SettleAsync(Ct);
        Assert.Equal("True", await AvailableAsync());
        await _cluster.Client.CreateAsync(new Namespace { Metadata = new() { Name = "team" } }, Ct);
        await _cluster.Client.CreateAsync(new Pod { Metadata = new() { Name = "p", Namespace = "team" }, Spec = new() { Containers = [new() { Name = "c", Image = "i" }] } }, Ct);
        await _cluster.Client.CreateAsync(new ConfigMap { Metadata = new() { Name = "mine", Namespace = "team" } }, Ct);
        _boats.Add("team");
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _boats.Dispose();
    }

    [Theory]
    [InlineData("Down")]
    [InlineData("Unavailable")]
    [InlineData("Hangs")]
    public async Task All_else_is_deleted_and_the_namespace_goes_when_the_server_is_back(string mode)
    {
        await StopAsync(Enum.Parse<Mode>(mode));
        await _cluster.Client.DeleteAsync<Namespace>("", "team", null, Ct);
        await _cluster.Time.AdvanceUntilAsync(async () => (await _cluster.Client.ListAsync<ConfigMap>("team", null, Ct)).Items.Count == 0, TimeSpan.FromMinutes(2), Ct);
        await _cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(3), Ct);

        var ns = await _cluster.Client.GetAsync<Namespace>("", "team", Ct);
        Assert.Equal("Terminating", ns.Status.Phase);
        var failure = ns.Status.Conditions.Single(c => c.Type == "NamespaceDeletionDiscoveryFailure");
        Assert.Equal(
            ("True", "DiscoveryFailed", "Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server APIs: boats.example.com/v1: stale GroupVersion discovery: boats.example.com/v1"),
            (failure.Status, failure.Reason, failure.Message));
        Assert.Equal("False", ns.Status.Conditions.Single(c => c.Type == "NamespaceDeletionContentFailure").Status);
        Assert.Equal("False", ns.Status.Conditions.Single(c => c.Type == "NamespaceContentRemaining").Status);
        Assert.Empty((await _cluster.Client.ListAsync<Pod>("team", null, Ct)).Items);
        Assert.True(_boats.Has("team"));

        _boats.Now = Mode.Up;
        await _cluster.Time.AdvanceUntilAsync(IsGoneAsync, TimeSpan.FromMinutes(2), Ct);
        Assert.Equal("True", await AvailableAsync());
        Assert.False(_boats.Has("team"));
    }

    [Fact]
    public async Task The_namespace_goes_when_the_APIService_is_removed()
    {
        await StopAsync(Mode.Down);
        await _cluster.Client.DeleteAsync<Namespace>("", "team", null, Ct);
        await _cluster.Time.AdvanceAsync(TimeSpan.FromMinutes(1), Ct);
        Assert.Equal("Terminating", (await _cluster.Client.GetAsync<Namespace>("", "team", Ct)).Status.Phase);
        await _cluster.Client.DeleteAsync<APIService>("", ApiService, null, Ct);
        await _cluster.Time.AdvanceUntilAsync(IsGoneAsync, TimeSpan.FromSeconds(20), Ct);
    }

    /// <summary>The server is asked every 30 s: then it is known to be away.</summary>
    private async Task StopAsync(Mode mode)
    {
        _boats.Now = mode;
        await _cluster.Time.AdvanceUntilAsync(async () => await AvailableAsync() == "False", TimeSpan.FromMinutes(1), Ct);
    }

    private async Task<bool> IsGoneAsync() => (await _cluster.Client.ListAsync<Namespace>("", null, Ct)).Items.All(n => n.Metadata.Name != "team");

    private async Task<string?> AvailableAsync() =>
        (await _cluster.Client.GetAsync<APIService>("", ApiService, Ct)).Status.Conditions.SingleOrDefault(c => c.Type == "Available")?.Status;
}
