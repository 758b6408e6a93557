using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.Scheduler.Cache;
using Kobune.Scheduler.Framework;
using Kobune.Scheduler.Plugins;
using Kobune.Scheduler.Queue;
using Kobune.Scheduler.Volumes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kobune.Scheduler.Tests;

/// <summary>Nodes with pods on them, and what the default plugins say of another pod. Nothing runs by itself.</summary>
internal sealed class TestCluster
{
    public TestCluster()
    {
        Client = new KubernetesClient(Server, TimeProvider.System);
        var informers = new InformerFactory(Client, TimeProvider.System, NullLoggerFactory.Instance);
        View = ClusterView.Of(informers).View; // empty: nothing runs the informers
    }

    public FakeServer Server { get; } = new();

    public KubernetesClient Client { get; }

    public SchedulerCache Cache { get; } = new();

    public Snapshot Snapshot { get; } = new();

    public Nominator Nominator { get; } = new();

    public ClusterView View { get; set; }

    public ListInformer<PersistentVolumeClaim> Claims { get; set; } = new();

    public ListInformer<PersistentVolume> Volumes { get; set; } = new();

    public ListInformer<Kobune.Api.Storage.V1.StorageClass> Classes { get; set; } = new();

    public ListInformer<Kobune.Api.Storage.V1.CSIDriver> Drivers { get; set; } = new();

    public ListInformer<Kobune.Api.Storage.V1.CSIStorageCapacity> Capacities { get; set; } = new();

    public Kobune.Scheduler.Devices.DeviceView? Devices { get; set; }

    public SchedulerProfile Profile { get; set; } = new();

    public ManualTime Time { get; } = new();

    public SchedulingFramework Framework => new(Plugins, Profile.Plugins);

    public Profiles Profiles => new(new Dictionary<string, RunningProfile> { [Profile.SchedulerName] = new(Framework, null!, null!) });

    public IReadOnlyList<(IPlugin Plugin, int Weight)> Plugins => DefaultPlugins.Create(new(
        Client,
        Snapshot,
        View,
        new VolumeView(Claims, Volumes, Classes, new(Drivers, Capacities)),
        Devices,
        Nominator,
        new EventRecorder(Client, "default-scheduler", "", TimeProvider.System, NullLogger.Instance),
        Profile,
        new(),
        Time,
        _ => 0));

    /// <summary>Adds nodes: "name" or "name:label=value,...".</summary>
    public TestCluster Nodes(params string[] nodes)
    {
        foreach (var node in nodes)
        {
            var (name, labels) = node.Split(':') is [var n, var l] ? (n, l) : (node, "");
            Cache.SetNode(Objects.Node(name, labels: labels));
        }

        return this;
    }

    /// <summary>Gives a node a taint, "k".</summary>
    public TestCluster Taint(string node, string labels)
    {
        Cache.SetNode(Objects.Node(node, labels: labels, taints: Objects.Taint("k")));
        return this;
    }

    /// <summary>Nodes a and b that a description of pods leaves out are not there for others.</summary>
    public TestCluster Fill(string pods)
    {
        foreach (var node in new[] { "a", "b" }.Where(node => !pods.Contains($"/{node}/", StringComparison.Ordinal)))
        {
            Cache.RemoveNode(node);
        }

        return this;
    }

    public TestCluster Add(params Pod[] pods)
    {
        foreach (var pod in pods)
        {
            Cache.SetPod(new PodInfo(pod));
        }

        return this;
    }

    /// <summary>Why not, by node; empty where the pod fits.</summary>
    public IReadOnlyDictionary<string, string> Reasons(Pod pod)
    {
        Cache.Update(Snapshot);
        var (framework, state, info) = (Framework, new CycleState(), new PodInfo(pod));
        Assert.Null(framework.PreFilter(state, info, out _, out _));
        return Snapshot.Nodes.ToDictionary(node => node.Name, node => framework.Filter(state, info, node)?.Message ?? "");
    }

    /// <summary>The nodes that take a pod, in order.</summary>
    public string Fitting(Pod pod) => string.Join(',', Reasons(pod).Where(r => r.Value.Length == 0).Select(r => r.Key).Order(StringComparer.Ordinal));

    /// <summary>What one plugin scores the nodes, normalized; null when it skips.</summary>
    public long[]? Scores(string plugin, Pod pod)
    {
        Cache.Update(Snapshot);
        var (state, info, chosen) = (new CycleState(), new PodInfo(pod), Plugins.Single(p => p.Plugin.Name == plugin).Plugin);
        if (((IPreScorePlugin)chosen).PreScore(state, info, Snapshot.Nodes) is { Code: StatusCode.Skip })
        {
            return null;
        }

        var score = (IScorePlugin)chosen;
        long[] scores = [.. Snapshot.Nodes.Select(node => score.Score(state, info, node))];
        score.NormalizeScore(scores);
        return scores;
    }

    /// <summary>A whole cycle that must find no node, and what the post-filters make of it.</summary>
    public (PostFilterResult Result, string Message) Reject(Pod pod)
    {
        Cache.Update(Snapshot);
        var (framework, state, info) = (Framework, new CycleState(), new PodInfo(pod));
        var node = new SchedulingAlgorithm(framework, Snapshot, Nominator, 0, _ => 1).Schedule(state, info, out var diagnosis);
        Assert.Null(node);
        var result = framework.PostFilter(state, info, diagnosis);
        diagnosis.PostFilterMessage = result.Status?.Message ?? "";
        return (result, FitMessage.Of(diagnosis));
    }

    /// <summary>Whether a change would make a plugin's rejected pod be tried again.</summary>
    public bool Helps(string plugin, Pod pod, ClusterEvent happened) => Framework.IsWorthRetrying(pod, new HashSet<string> { plugin }, happened);
}
