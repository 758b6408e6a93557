using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Testing.Faults;

namespace Kobune.Testing.Tests.Chaos;

/// <summary>A cluster in which random things happen and fail, what was declared in it, and what may be left.</summary>
internal sealed partial class ChaosRun(TestCluster cluster, int seed, CancellationToken ct)
{
    public const int Nodes = 4;
    private const string Everything = "kube-controller-manager";
    private const string Scheduler = "kube-scheduler";
    private static readonly string[] AllNamespaces = ["a", "b", "c"];
    private static readonly string[] Stoppable =
    [
        Everything, Scheduler, "deployment-controller", "replicaset-controller", "statefulset-controller", "daemonset-controller", "job-controller", "cronjob-controller",
        "endpoints-controller", "endpointslice-controller", "garbage-collector-controller", "namespace-controller", "disruption-controller", "persistentvolume-binder-controller",
        "persistentvolumeclaim-protection-controller", "pod-garbage-collector-controller", "node-lifecycle-controller", "taint-eviction-controller", "ttl-after-finished-controller",
    ];

    private static readonly string[] Watched =
    [
        "pods", "nodes", "namespaces", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "services", "endpointslices", "endpoints",
        "persistentvolumeclaims", "persistentvolumes", "poddisruptionbudgets", "controllerrevisions",
    ];

    private readonly Random _dice = new(seed);
    private readonly HashSet<string> _stopped = [];
    private readonly HashSet<string> _silent = [];
    private readonly Dictionary<(string Kind, string Namespace, string Name), Wanted> _declared = [];
    private readonly HashSet<string> _namespaces = [];
    private readonly HashSet<(string Namespace, string App)> _orphans = [];
    private readonly PodJudge _judge = new();
    private long _seen;
    private IDisposable? _held;

    /// <summary>What was declared and not taken back.</summary>
    public IReadOnlyCollection<Wanted> Declared => _declared.Values;

    /// <summary>Of a, b and c.</summary>
    public IReadOnlySet<string> Namespaces => _namespaces;

    /// <summary>Labels of what lost its owner by a deletion that said so.</summary>
    public IReadOnlySet<(string Namespace, string App)> Orphans => _orphans;

    /// <summary>Pods that should not have been made.</summary>
    public IReadOnlyList<string> Doubles => _judge.Findings;

    /// <summary>Pods that were made, by the kind of their controller.</summary>
    public IReadOnlyDictionary<string, int> Made => _judge.Made;

    public async Task BeginAsync()
    {
        foreach (var name in AllNamespaces)
        {
            await CreateNamespaceAsync(name);
        }
    }

    /// <summary>Random steps, and then no fault any more until everything is calm.</summary>
    public async Task RunAsync(int steps)
    {
        cluster.Faults.Conflict(new() { Verb = "update" }, probability: 0.05);
        cluster.Faults.Conflict(new() { Verb = "patch" }, probability: 0.02);
        cluster.Faults.InternalError(new() { Verb = "create" }, probability: 0.03);
        cluster.Faults.InternalError(new() { Verb = "delete" }, probability: 0.03);
        cluster.Faults.TooManyRequests(new() { Verb = "create", Resource = "pods/binding" }, probability: 0.05);
        cluster.Faults.Delay(new() { Verb = "patch" }, TimeSpan.FromMilliseconds(200), probability: 0.05);
        cluster.Faults.Delay(new() { Verb = "create" }, TimeSpan.FromMilliseconds(300), probability: 0.05);
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
            await ProvideVolumesAsync();
            await cluster.Time.AdvanceAsync(Pause(), ct);
            Judge();
        }

        await CalmAsync();
    }

    /// <summary>Nothing fails any more, everything runs; longer than the longest back-off passes.</summary>
    private async Task CalmAsync()
    {
        cluster.Faults.Clear();
        foreach (var name in _stopped.Order(StringComparer.Ordinal))
        {
            await cluster.StartControllerAsync(name);
        }

        _stopped.Clear();
        for (var i = 0; i < Nodes; i++)
        {
            await CordonAsync(i, false);
            await StartNodeAsync(i);
        }

        for (var i = 0; i < 60; i++) // half an hour
        {
            await cluster.Time.AdvanceAsync(TimeSpan.FromSeconds(30), ct);
            await ProvideVolumesAsync();
            Judge();
        }

        // Only now: an owner that went again before its controller saw it has adopted nothing.
        _orphans.ExceptWith(_declared.Keys.Where(k => k.Kind is not ("Job" or "CronJob")).Select(k => (k.Namespace, k.Name)));
    }

    private TimeSpan Pause() => _dice.Next(200) switch
    {
        0 => TimeSpan.FromMinutes(6), // pods of silent nodes are evicted
        < 4 => TimeSpan.FromMinutes(1),
        _ => TimeSpan.FromMilliseconds(_dice.Next(3000)),
    };

    private void Judge()
    {
        foreach (var change in cluster.History.Changes)
        {
            if (change.Revision > _seen)
            {
                _seen = change.Revision;
                _judge.See(change);
            }
        }
    }

    private async Task SwitchAsync()
    {
        var name = AnyOf(Stoppable);
        if (_stopped.Remove(name))
        {
            await cluster.StartControllerAsync(name);
        }
        else if (name == Scheduler || !_stopped.Contains(Everything))
        {
            foreach (var other in name == Everything ? _stopped.Where(s => s != Scheduler).Order(StringComparer.Ordinal).ToArray() : [])
            {
                _stopped.Remove(other);
                await cluster.StartControllerAsync(other);
            }

            await cluster.StopControllerAsync(name);
            _stopped.Add(name);
        }
    }

    /// <summary>Caches stay behind for a moment: shorter than a controller waits for what it wrote itself.</summary>
    private async Task HoldAsync()
    {
        _held = cluster.Faults.HoldWatches(new() { Resource = AnyOf(Watched) });
        await cluster.Time.AdvanceAsync(TimeSpan.FromMilliseconds(_dice.Next(2500)), ct);
        _held.Dispose();
    }

    /// <summary>What a provisioner would do.</summary>
    private async Task ProvideVolumesAsync()
    {
        foreach (var claim in (await cluster.Client.ListAsync<PersistentVolumeClaim>("", null, ct)).Items.Where(c => c is { Status.Phase: "Pending", Spec.VolumeName: "", Metadata.DeletionTimestamp: null }))
        {
            await WriteAsync(() => cluster.Client.CreateAsync(ChaosObjects.Volume(claim), ct));
        }

        foreach (var volume in (await cluster.Client.ListAsync<PersistentVolume>("", null, ct)).Items.Where(v => v is { Status.Phase: "Released", Metadata.DeletionTimestamp: null }))
        {
            await WriteAsync(() => DeletedAsync<PersistentVolume>("", volume.Metadata.Name, null));
        }
    }

    private T AnyOf<T>(params IReadOnlyList<T> choices) => choices[_dice.Next(choices.Count)];

    private bool OneIn(int number) => _dice.Next(number) == 0;
}
