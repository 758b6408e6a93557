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

    [Fact]
    public async Task A_webhook_is_called_over_the_control_planes_own_connections_and_believed_by_its_bundle()
    {
        await using var store = new MemoryStore();
        using var certificates = ClusterCertificates.CreateOrLoad(new(), TimeProvider.System);
        await using var host = await ControlPlaneHost.StartAsync(
            new() { Store = store, Certificates = certificates, RunControllers = false, RunScheduler = false, Listen = [new(System.Net.IPAddress.Loopback, 0)] }, TestContext.Current.CancellationToken);
        var url = $"https://{host.Server.Addresses[0]}/hook"; // the API server itself: no webhook, but a server that answers and has a certificate
        var refusals = new List<string>();
        foreach (var bundle in new[] { "", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(certificates.Authority.CertificatePem)) })
        {
            await SendAsync(host, "POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", $$$"""
                {"metadata":{"name":"hook"},"webhooks":[{"name":"hook.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"{{{url}}}","caBundle":"{{{bundle}}}"},
                 "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}]}
                """);
            refusals.Add(await SendAsync(host, "POST", "/api/v1/namespaces/default/configmaps", """{"metadata":{"name":"a"}}"""));
            await SendAsync(host, "DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/hook", "");
        }

        const string Failed = "Internal error occurred: failed calling webhook \"hook.example.com\": failed to call webhook: ";
        Assert.Equal([$"{Failed}Post \"{url}?timeout=10s\": tls: failed to verify certificate: x509: certificate signed by unknown authority", $"{Failed}forbidden: User \"system:anonymous\" cannot post path \"/hook\""], refusals);
    }

    private static async Task<string> SendAsync(ControlPlaneHost host, string method, string path, string body)
    {
        var answer = await host.Server.InProcess.SendAsync(new(ApiServer.Authentication.UserInfo.Of("admin", "system:masters"), method, path, System.Text.Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken);
        return (string?)System.Text.Json.Nodes.JsonNode.Parse(answer.Body.Json.Span)!["message"] ?? "";
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
