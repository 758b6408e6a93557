using System.Diagnostics;
using Kobune.Api.Core.V1;
using Kobune.Api.Storage.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.Scheduler;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Metrics;
using Kobune.Scheduler.Plugins;
using Kobune.Scheduler.Queue;
using Kobune.Scheduler.Volumes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Bench.Scheduler;

/// <summary>Decisions alone, on one thread: all default plugins with the snapshot's renewal and the pod's entry into the cache, without queue, watches and bindings.</summary>
internal static class DecisionLoop
{
    /// <summary>CPU time of one decision over so many nodes that have pods already.</summary>
    public static TimeSpan Measure(int nodes, int decisions)
    {
        var client = new KubernetesClient(new BindingServer(), TimeProvider.System);
        var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance); // never run: a cluster without volumes and namespaces' labels
        var (cache, snapshot, nominator, dice) = (new SchedulerCache(), new Snapshot(), new Nominator(), new Random(1));
        var volumes = new VolumeView(informers.For<PersistentVolumeClaim>(), informers.For<PersistentVolume>(), informers.For<StorageClass>(), new(informers.For<CSIDriver>(), informers.For<CSIStorageCapacity>()));
        var events = new EventRecorder(client, "default-scheduler", "", TimeProvider.System, NullLogger.Instance);
        var profile = new SchedulerProfile();
        var plugins = DefaultPlugins.Create(new(client, snapshot, ClusterView.Of(informers).View, volumes, null, nominator, events, profile, new CallMetrics(), TimeProvider.System, dice.Next));
        var algorithm = new SchedulingAlgorithm(new SchedulingFramework(plugins, profile.Plugins), snapshot, nominator, percentageOfNodesToScore: 0, dice.Next);
        for (var i = 0; i < nodes; i++)
        {
            cache.SetNode(BindingServer.MakeNode(i));
        }

        Decide("warm-up", decisions);
        Decide("other", decisions);
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        Decide("pod", decisions);
        return (Process.GetCurrentProcess().TotalProcessorTime - before) / decisions;

        // Half full at most, so that each decision has all nodes to choose from.
        void Decide(string prefix, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var pod = new PodInfo(BindingServer.MakePod(prefix, i));
                cache.Update(snapshot);
                cache.Assume(pod, algorithm.Schedule(new CycleState(), pod, out _) ?? throw new InvalidOperationException("the nodes are full"));
                if (i >= nodes * 40)
                {
                    cache.Forget($"{prefix}-{i - (nodes * 40)}");
                }
            }

            for (var i = Math.Max(0, count - (nodes * 40)); i < count; i++)
            {
                cache.Forget($"{prefix}-{i}");
            }
        }
    }
}
