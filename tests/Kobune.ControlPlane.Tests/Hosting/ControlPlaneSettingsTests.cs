using Kobune.Api.Coordination.V1;
using Kobune.Api.Features;
using Kobune.Api.Schema;
using Kobune.ApiServer.Certificates;
using Kobune.Client;
using Kobune.Storage.Memory;

namespace Kobune.ControlPlane.Tests.Hosting;

/// <summary>What is set of a control plane gets to its components.</summary>
public sealed class ControlPlaneSettingsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scheduler_holds_a_lease_only_when_it_is_elected(bool elects)
    {
        await using var store = new MemoryStore();
        using var certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        await using var host = await ControlPlaneHost.StartAsync(new() { Store = store, Certificates = certificates, RunControllers = false, Scheduler = o => o with { LeaderElect = elects } }, TestContext.Current.CancellationToken);
        var client = host.Clients.For("system:kube-scheduler");
        if (elects)
        {
            for (var tries = 0; await FindAsync(client) is null; tries++)
            {
                Assert.True(tries < 3000, "the scheduler never took its Lease");
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
        else
        {
            Assert.Null(await FindAsync(client));
        }
    }

    [Fact]
    public async Task Features_of_a_control_plane_are_those_of_its_server()
    {
        await using var store = new MemoryStore();
        using var certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        var features = FeatureGates.Parse(new(33, 1), "HPAScaleToZero=true");
        await using var host = await ControlPlaneHost.StartAsync(
            new() { Store = store, Certificates = certificates, RunControllers = false, RunScheduler = false, Version = features.Version, Features = features, Server = o => o with { RuntimeConfig = RuntimeConfig.TryParse("api/beta")! } },
            TestContext.Current.CancellationToken);
        var answer = await host.Server.InProcess.SendAsync(new(ApiServer.Authentication.UserInfo.Of("admin", "system:masters"), "GET", "/metrics"), TestContext.Current.CancellationToken);
        Assert.Contains("kubernetes_feature_enabled{name=\"HPAScaleToZero\",stage=\"ALPHA\"} 1\n", System.Text.Encoding.UTF8.GetString(answer.Body.Json.Span), StringComparison.Ordinal);
        var beta = await host.Server.InProcess.SendAsync(new(ApiServer.Authentication.UserInfo.Of("admin", "system:masters"), "GET", "/apis/networking.k8s.io/v1beta1/ipaddresses"), TestContext.Current.CancellationToken);
        Assert.Equal(200, beta.StatusCode);
    }

    private static async Task<Lease?> FindAsync(IClient client)
    {
        try
        {
            return await client.GetAsync<Lease>("kube-system", "kube-scheduler", TestContext.Current.CancellationToken);
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
