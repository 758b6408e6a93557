using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.Client.LeaderElection;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Devices;
using Kobune.Scheduler.Extenders;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;
using Kobune.Scheduler.Queue;
using Kobune.Scheduler.Volumes;
using Microsoft.Extensions.Logging;

namespace Kobune.Scheduler;

/// <summary>kube-scheduler: gives each pod that has no node the best one. Works as the identity of its client, system:kube-scheduler; costs nothing when idle.</summary>
/// <param name="client">The door to the API server.</param>
/// <param name="informers">Shared caches of pods and nodes; whoever made them runs them.</param>
/// <param name="options">Settings.</param>
/// <param name="time">The clock of back-offs.</param>
/// <param name="loggers">Makes the logger.</param>
public sealed class SchedulerComponent(IClient client, InformerFactory informers, SchedulerOptions options, TimeProvider time, ILoggerFactory loggers) : IComponent
{
    private const int FirstWithDevices = 34;
    private readonly IInformer<Pod> _pods = informers.For<Pod>();
    private readonly IInformer<Node> _nodes = informers.For<Node>();
    private readonly VolumeView _volumes = new(informers.For<PersistentVolumeClaim>(), informers.For<PersistentVolume>(), informers.For<StorageClass>(), new(informers.For<CSIDriver>(), informers.For<CSIStorageCapacity>()));
    private readonly DeviceView? _devices = HasDevices(options) ? DeviceView.Of(informers, options.Features.IsEnabled("DRAExtendedResource"), options.HasDeviceTaintRules) : null;
    private readonly (ClusterView View, IReadOnlyList<Task> Synced) _cluster = ClusterView.Of(informers);
    private readonly ILogger _logger = loggers.CreateLogger<SchedulerComponent>();

    /// <inheritdoc/>
    public string Name => "kube-scheduler";

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var recorders = options.Profiles.ToDictionary(p => p.SchedulerName, p => new EventRecorder(client, p.SchedulerName, host: "", time, _logger), StringComparer.Ordinal);
        var recording = Task.WhenAll(recorders.Values.Select(r => r.RunAsync(stop.Token)));
        try
        {
            if (options.LeaderElect)
            {
                var election = new LeaderElectionOptions { Name = Name, Identity = options.Identity };
                var elector = new LeaderElector(client, election, time, _logger, recorders.Values.First());
                options.Metrics.Leads = () => elector.IsLeader;
                await elector.RunAsync(leading => ScheduleAsync(recorders, leading), ct);
            }
            else
            {
                await ScheduleAsync(recorders, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The normal end.
        }
        finally
        {
            await stop.CancelHereAsync();
            await recording;
        }
    }

    private static bool HasDevices(SchedulerOptions options) => options.Features.Version.Minor >= FirstWithDevices && options.Features.IsEnabled("DynamicResourceAllocation");

    /// <summary>Every run starts from the caches: nothing is carried over from one that failed.</summary>
    private async Task ScheduleAsync(Dictionary<string, EventRecorder> recorders, CancellationToken ct)
    {
        await Waits.UntilAllAsync([_pods.Synced, _nodes.Synced, .. _volumes.Synced, .. _cluster.Synced, .. _devices?.Synced ?? []], Timeout.InfiniteTimeSpan, time, ct);
        using var extenders = new ExtenderChain(options.Extenders, options.Metrics, _logger, ct);
        var snapshot = new Snapshot();
        var cache = new SchedulerCache();
        var nominator = new Nominator();
        var profiles = new Profiles(options.Profiles.ToDictionary(p => p.SchedulerName, Start, StringComparer.Ordinal));
        using var queue = new SchedulingQueue(profiles, options, time);
        var follower = new ClusterFollower(profiles, cache, queue, nominator, options.Metrics.Events, time);
        var conditions = new PodConditionWriter(client, options.Metrics.Calls, time, _logger);
        options.Metrics.Follow(() => queue.State with { Nodes = cache.Sizes.Nodes, Pods = cache.Sizes.Pods, AssumedPods = cache.Sizes.Assumed });

        using var nodes = _nodes.Subscribe(follower.OnNode);
        using var pods = _pods.Subscribe(follower.OnPod);
        IReadOnlyList<IDisposable> storage =
        [
            .. _volumes.Subscribe(follower.OnClaim, follower.OnVolume, follower.OnClass),
            .. _volumes.Capacities.Subscribe(follower.OnCSIDriver, follower.OnCapacity),
            informers.For<CSINode>().Subscribe(follower.OnCSINode),
            informers.For<VolumeAttachment>().Subscribe(follower.OnAttachment),
            informers.For<Namespace>().Subscribe(follower.OnNamespace),
            .. _devices?.Subscribe(follower.OnDeviceClaim, follower.OnDeviceClass, follower.OnSlice, follower.OnTaintRule) ?? [],
        ];
        var scheduler = new PodScheduler(profiles, queue, cache, snapshot, nominator, _pods.Cache, conditions, options.Metrics, time, _logger);
        try
        {
            await scheduler.RunAsync(options.MaxBindings, ct);
        }
        finally
        {
            options.Metrics.Follow(() => new());
            foreach (var subscription in storage)
            {
                subscription.Dispose();
            }
        }

        RunningProfile Start(SchedulerProfile profile)
        {
            var events = recorders[profile.SchedulerName];
            profile = options.Features.IsEnabled("DRASchedulerFilterTimeout") ? profile : profile with { DeviceFilterTimeout = TimeSpan.Zero };
            var plugins = DefaultPlugins.Create(new(client, snapshot, _cluster.View, _volumes, _devices, nominator, events, profile, options.Metrics.Calls, time, Dice.Of(time).Next));
            var framework = new SchedulingFramework(plugins, profile.Plugins, options.Metrics.Evaluations(profile.SchedulerName))
            {
                HintMeter = (options.Metrics.Events, time),
                Extenders = extenders.IsEmpty ? null : extenders,
            };
            return new(framework, new(framework, snapshot, nominator, profile.PercentageOfNodesToScore ?? options.PercentageOfNodesToScore, Dice.Of(time).Next), events);
        }
    }
}
