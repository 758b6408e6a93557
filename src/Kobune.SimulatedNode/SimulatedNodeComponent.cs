using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.SimulatedNode.Nodes;
using Kobune.SimulatedNode.Pods;
using Microsoft.Extensions.Logging;

namespace Kobune.SimulatedNode;

/// <summary>
/// Nodes without containers: registers them, renews their leases, and moves the pods bound to them through declarative stages. Writes under each
/// node's own identity (system:node:name); reads Pods and Nodes from the informers.
/// </summary>
public sealed class SimulatedNodeComponent : IComponent
{
    private readonly SimulatedNodeOptions _options;
    private readonly SimulatedNodes _nodes;
    private readonly IInformer<Pod> _pods;
    private readonly IInformer<Node> _nodeInformer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private NodeKeeper? _keeper;
    private Action<string>? _resume;

    /// <summary>Asks the factory for its informers; nothing is written before <see cref="RunAsync"/>.</summary>
    public SimulatedNodeComponent(SimulatedNodeOptions options, IClientFactory clients, InformerFactory informers, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _time, _logger) = (options, time, loggers.CreateLogger("Kobune.SimulatedNode"));
        _nodes = new(options, clients);
        _pods = informers.For<Pod>();
        _nodeInformer = informers.For<Node>();
        Kubelet = new SimulatedKubelet(options, _pods);
        Metrics = new SimulatedMetrics(options, _pods, _nodeInformer, time);
    }

    /// <summary>The kubelets' server (logs), for whoever connects the API server to its nodes.</summary>
    public HttpMessageHandler Kubelet { get; }

    /// <summary>The metrics server of the nodes' pods (metrics.k8s.io/v1beta1).</summary>
    public HttpMessageHandler Metrics { get; }

    /// <summary>Whether a node is one of these.</summary>
    public bool Has(string node) => _nodes.Has(node);

    /// <inheritdoc/>
    public string Name => "simulated-nodes";

    /// <summary>The node goes silent, as one that lost its power: no lease, no status, its pods stand still.</summary>
    /// <exception cref="ArgumentException">There is no such node.</exception>
    public void StopNode(string name) => _nodes.SetRunning(name, false);

    /// <summary>The node is back: it says that it is ready, and goes on with its pods.</summary>
    public async Task StartNodeAsync(string name, CancellationToken ct)
    {
        _nodes.SetRunning(name, true);
        if (_keeper is { } keeper)
        {
            await keeper.ReportAsync(name, ct);
            _resume?.Invoke(name);
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        var keeper = _keeper = new NodeKeeper(_options, _nodes, _nodeInformer.Cache, _time, _logger);
        await keeper.RegisterAsync(ct);
        await Waits.UntilAllAsync([_pods.Synced, _nodeInformer.Synced], Timeout.InfiniteTimeSpan, _time, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var mover = new PodMover(_options, _nodes, _pods, _nodeInformer, _time, _logger);
        _resume = mover.Resume;
        Task[] loops = [keeper.RenewAsync(stop.Token), mover.RunAsync(stop.Token)];
        var first = await Task.WhenAny(loops);
        await stop.CancelHereAsync();
        await Task.WhenAll(loops).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }
}
