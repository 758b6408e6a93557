using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.SimulatedNode.Pods;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.SimulatedNode.Tests;

/// <summary>The component against collections in memory; the test plays scheduler and node IPAM.</summary>
public sealed class SimulatedNodeComponentTests : IAsyncLifetime, IClientFactory
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ObjectServer _api = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _identities = [];
    private readonly KubernetesClient _client;
    private InformerFactory _informers = null!;
    private Task[] _running = [];

    public SimulatedNodeComponentTests() => _client = new(_api, TimeProvider.System);

    public IClient For(string identity)
    {
        _identities.Add(identity);
        return _client;
    }

    public async ValueTask InitializeAsync()
    {
        _informers = new(_client, TimeProvider.System, NullLoggerFactory.Instance);
        var component = new SimulatedNodeComponent(new() { Count = 2, LabelsOf = i => new Dictionary<string, string> { ["zone"] = "z" + i } }, this, _informers, TimeProvider.System, NullLoggerFactory.Instance);
        _running = [_informers.RunAsync(_stop.Token), component.RunAsync(_stop.Token)];
        for (var i = 0; i < 2; i++)
        {
            var node = await SeeAsync<Node>("", "node-" + i, n => n is not null, "should be registered");
            await _client.UpdateAsync(node! with { Spec = node.Spec with { PodCIDR = $"10.244.{i}.0/24" } }, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ContinueWith(static _ => { }, TaskScheduler.Default).WaitAsync(Patience);
        _stop.Dispose();
    }

    [Fact]
    public async Task Nodes_register_ready_with_a_lease_under_their_own_identity()
    {
        var node = await SeeAsync<Node>("", "node-1", n => n is not null, "should be registered");
        Assert.Equal("True", node!.Status.Conditions.Single(c => c.Type == "Ready").Status);
        Assert.Equal(("z1", "node-1"), (node.Metadata.Labels["zone"], node.Metadata.Labels["kubernetes.io/hostname"]));
        Assert.Equal("172.16.0.2", node.Status.Addresses.Single(a => a.Type == "InternalIP").Address);
        var lease = await SeeAsync<Lease>("kube-node-lease", "node-1", l => l is not null, "should exist");
        Assert.Equal(("node-1", 40, node.Metadata.Uid), (lease!.Spec.HolderIdentity, lease.Spec.LeaseDurationSeconds, lease.Metadata.OwnerReferences[0].Uid));
        Assert.Equal(["system:node:node-0", "system:node:node-1"], _identities.Distinct());
    }

    [Fact]
    public async Task Bound_pods_run_with_addresses_of_their_node_and_go_when_deleted()
    {
        await _client.CreateAsync(Pods.Bound("a", "node-1"), CancellationToken.None);
        await _client.CreateAsync(Pods.Bound("elsewhere", "real-node"), CancellationToken.None);
        var pod = await SeeAsync<Pod>("default", "a", p => p?.Status.Phase == "Running", "should run");
        Assert.StartsWith("10.244.1.", pod!.Status.PodIP, StringComparison.Ordinal);
        Assert.Contains(pod.Status.Conditions, c => c is { Type: "PodScheduled", Status: "True" });

        await _client.UpdateAsync(pod with { Metadata = pod.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch, DeletionGracePeriodSeconds = 30 } }, CancellationToken.None);
        await SeeAsync<Pod>("default", "a", p => p is null, "should be gone");
        Assert.Equal("Pending", (await _client.GetAsync<Pod>("default", "elsewhere", CancellationToken.None)).Status.Phase);
    }

    [Fact]
    public async Task Annotated_pods_end_with_their_exit_code()
    {
        var pod = Pods.Bound("job");
        pod = pod with
        {
            Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { [PodStage.AnnotationPrefix + "exit-code"] = "4", [PodStage.AnnotationPrefix + "run-duration"] = "20ms" } },
            Spec = pod.Spec with { RestartPolicy = "Never" },
        };
        await _client.CreateAsync(pod, CancellationToken.None);
        var ended = await SeeAsync<Pod>("default", "job", p => p?.Status.Phase == "Failed", "should fail");
        Assert.Equal(4, ended!.Status.ContainerStatuses[0].State.Terminated!.ExitCode);
    }

    [Fact]
    public async Task A_pod_with_finalizers_is_reported_as_ended_before_it_is_removed()
    {
        var pod = Pods.Bound("kept");
        await _client.CreateAsync(pod with { Metadata = pod.Metadata with { Finalizers = ["batch.kubernetes.io/job-tracking"] } }, CancellationToken.None);
        var running = await SeeAsync<Pod>("default", "kept", p => p?.Status.Phase == "Running", "should run");
        await _client.UpdateAsync(running! with { Metadata = running.Metadata with { DeletionTimestamp = DateTimeOffset.UnixEpoch, DeletionGracePeriodSeconds = 30 } }, CancellationToken.None);
        var ended = await SeeAsync<Pod>("default", "kept", p => p?.Status.Phase == "Failed", "should be reported as failed");
        Assert.Equal(143, ended!.Status.ContainerStatuses[0].State.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Five_hundred_pods_on_two_nodes_all_run_with_addresses_of_their_own()
    {
        foreach (var node in (string[])["node-0", "node-1"])
        {
            for (var i = 0; i < 250; i++)
            {
                await _client.CreateAsync(Pods.Bound($"{node}-{i}", node), CancellationToken.None);
            }
        }

        await SeeAsync<Pod>("default", "node-1-249", p => p?.Status.Phase == "Running", "should run");
        await _api.UntilAsync(() => _api.Count<Pod>(p => p.Status.Phase == "Running") == 500, "all pods should run", Patience);
        Assert.Equal(500, _api.All<Pod>().Select(p => p.Status.PodIP).Distinct().Count());
    }

    private async Task<T?> SeeAsync<T>(string ns, string name, Predicate<T?> good, string expectation)
        where T : class, Kobune.Api.IKubernetesObject<T>
    {
        await _api.UntilAsync(() => good(_api.Find<T>(ns, name)), $"{name} {expectation}", Patience);
        return _api.Find<T>(ns, name);
    }
}
