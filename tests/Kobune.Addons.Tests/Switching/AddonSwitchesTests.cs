using System.Text.Json.Nodes;
using System.Threading.Channels;
using Kobune.Addons.Switching;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControlPlane.Hosting;
using Kobune.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Addons.Tests.Switching;

/// <summary>The switch in a real API server, under a node's identity.</summary>
public sealed class AddonSwitchesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Channel<string> _seen = Channel.CreateUnbounded<string>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_addon_runs_while_it_is_enabled_and_with_its_settings()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 0 }, Ct);
        await using var host = new ComponentHost(TimeProvider.System, NullLoggerFactory.Instance);
        Start(cluster, host);
        await cluster.Client.CreateAsync(Map(new() { ["lamp"] = new(true, "red"), ["unknown"] = new(true, "") }), Ct);
        Assert.Equal("on red", await NextAsync());
        await SetAsync(cluster, "lamp.settings", "blue");
        Assert.Equal("off red", await NextAsync());
        Assert.Equal("on blue", await NextAsync());
        await SetAsync(cluster, "lamp", "disabled");
        Assert.Equal("off blue", await NextAsync());
        Assert.Equal("removed", await NextAsync());
        await SetAsync(cluster, "lamp", "enabled");
        Assert.Equal("on blue", await NextAsync());
        await cluster.Client.DeleteAsync<ConfigMap>(AddonConfigMap.Namespace, AddonConfigMap.Name, null, Ct);
        Assert.Equal("off blue", await NextAsync());
        Assert.Equal("removed", await NextAsync());
        Assert.Empty(cluster.DeniedRequests);
    }

    [Fact]
    public async Task A_choice_made_while_the_cluster_was_stopped_is_applied_and_keys_of_others_stay()
    {
        await using var cluster = await TestCluster.StartAsync(new() { Nodes = 0 }, Ct);
        await using var host = new ComponentHost(TimeProvider.System, NullLoggerFactory.Instance);
        await cluster.Client.CreateAsync(Map(new() { ["lamp"] = new(true, ""), ["bell"] = new(true, "") }), Ct);
        Start(cluster, host);
        Assert.Equal("on ", await NextAsync());
        host.Start(new AddonMapWriter(cluster.Client, AddonConfigMap.Data(new Dictionary<string, AddonState> { ["lamp"] = new(false, "") }), TimeProvider.System));
        Assert.Equal("off ", await NextAsync());
        Assert.Equal("removed", await NextAsync());
        var states = AddonConfigMap.Read(await cluster.Client.GetAsync<ConfigMap>(AddonConfigMap.Namespace, AddonConfigMap.Name, Ct));
        Assert.Equal((false, true), (states["lamp"].IsEnabled, states["bell"].IsEnabled));
    }

    private static ConfigMap Map(Dictionary<string, AddonState> states) =>
        new() { Metadata = new() { Name = AddonConfigMap.Name, Namespace = AddonConfigMap.Namespace }, Data = AddonConfigMap.Data(states) };

    private static Task<ConfigMap> SetAsync(TestCluster cluster, string key, string value) =>
        cluster.Client.PatchAsync<ConfigMap>(AddonConfigMap.Namespace, AddonConfigMap.Name, Patch.Merge(new JsonObject { ["data"] = new JsonObject { [key] = value } }), null, Ct);

    private void Start(TestCluster cluster, ComponentHost host)
    {
        var informers = new InformerFactory(cluster.ClientFor("system:node:one"), TimeProvider.System, NullLoggerFactory.Instance);
        host.Start(informers);
        var part = new AddonPart("lamp", settings => [new Lamp(settings, _seen.Writer)])
        {
            Remove = _ =>
            {
                _seen.Writer.TryWrite("removed");
                return Task.CompletedTask;
            },
        };
        host.Start(new AddonSwitches(informers, [part], host.Run, NullLogger<AddonSwitches>.Instance));
    }

    private async Task<string> NextAsync() => await _seen.Reader.ReadAsync(Ct).AsTask().WaitAsync(Patience, Ct);

    private sealed class Lamp(string settings, ChannelWriter<string> seen) : IComponent
    {
        public string Name => "lamp";

        public async Task RunAsync(CancellationToken ct)
        {
            seen.TryWrite("on " + settings);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            }
            finally
            {
                seen.TryWrite("off " + settings);
            }
        }
    }
}
