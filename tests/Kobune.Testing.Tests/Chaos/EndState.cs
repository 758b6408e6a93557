using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Policy.V1;

namespace Kobune.Testing.Tests.Chaos;

/// <summary>What a cluster holds when everything is calm, and whether that is what was declared.</summary>
internal sealed partial class EndState
{
    private readonly ChaosRun _run;
    private readonly DateTimeOffset _now;
    private readonly List<IKubernetesObject> _all = [];
    private readonly List<string> _problems = [];

    private EndState(ChaosRun run, DateTimeOffset now)
    {
        (_run, _now) = (run, now);
    }

    /// <summary>What is not as it was declared.</summary>
    public static async Task<IReadOnlyList<string>> ProblemsAsync(TestCluster cluster, ChaosRun run, CancellationToken ct)
    {
        var state = new EndState(run, cluster.Time.GetUtcNow());
        await state.ReadAsync(cluster, ct);
        state.CheckNamespaces();
        state.CheckOwners();
        state.CheckPods();
        foreach (var wanted in run.Declared.OrderBy(w => w.Key))
        {
            state.Check(wanted);
        }

        state.CheckUndeclared();
        return state._problems;
    }

    private async Task ReadAsync(TestCluster cluster, CancellationToken ct)
    {
        await AddAsync<Namespace>();
        await AddAsync<Node>();
        await AddAsync<Pod>();
        await AddAsync<Deployment>();
        await AddAsync<ReplicaSet>();
        await AddAsync<StatefulSet>();
        await AddAsync<DaemonSet>();
        await AddAsync<ControllerRevision>();
        await AddAsync<Job>();
        await AddAsync<CronJob>();
        await AddAsync<Service>();
        await AddAsync<Endpoints>();
        await AddAsync<EndpointSlice>();
        await AddAsync<PodDisruptionBudget>();
        await AddAsync<PersistentVolumeClaim>();
        await AddAsync<PersistentVolume>();

        async Task AddAsync<T>()
            where T : class, IKubernetesObject<T> => _all.AddRange((await cluster.Client.ListAsync<T>("", null, ct)).Items);
    }

    private IEnumerable<T> Of<T>(string? ns = null)
        where T : class, IKubernetesObject<T> => _all.OfType<T>().Where(o => ns is null || o.Metadata.Namespace == ns);

    private List<Pod> PodsOf(string ns, string app) => [.. Of<Pod>(ns).Where(p => p.Metadata.Labels.GetValueOrDefault("app") == app)];

    private void Expect(bool holds, string problem)
    {
        if (!holds)
        {
            _problems.Add(problem);
        }
    }

    private void CheckNamespaces()
    {
        var there = Of<Namespace>().Where(n => n.Metadata.Name.Length == 1).ToList();
        Expect(there.TrueForAll(n => n.Status.Phase == "Active"), "a namespace still goes");
        Expect(there.Select(n => n.Metadata.Name).ToHashSet().SetEquals(_run.Namespaces), $"namespaces {string.Join(' ', there.Select(n => n.Metadata.Name))} instead of {string.Join(' ', _run.Namespaces)}");
        var left = _all.Where(o => o.Metadata.Namespace.Length == 1 && !_run.Namespaces.Contains(o.Metadata.Namespace)).ToList();
        Expect(left.Count == 0, "left of a namespace: " + string.Join(", ", left.Select(Name)));
    }

    /// <summary>Whoever names an owner has one; who has none was orphaned by its owner's deletion.</summary>
    private void CheckOwners()
    {
        var owners = _all.Select(o => o.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var obj in _all)
        {
            Expect(obj.Metadata.OwnerReferences.All(r => owners.Contains(r.Uid)), $"{Name(obj)} names an owner that is gone");
            Expect(obj.Metadata.DeletionTimestamp is null, $"{Name(obj)} still goes");
            var declared = _run.Declared.Any(w => w.Key == (obj.Kind, obj.Metadata.Namespace, obj.Metadata.Name));
            if (obj is Pod or ReplicaSet or Job or ControllerRevision or EndpointSlice && obj.Metadata.Namespace.Length == 1 && obj.Metadata.OwnerReferences.Count == 0 && !declared)
            {
                var app = obj.Metadata.Labels.GetValueOrDefault("kubernetes.io/service-name") ?? obj.Metadata.Labels.GetValueOrDefault("app") ?? "";
                Expect(_run.Orphans.Contains((obj.Metadata.Namespace, app)), $"{Name(obj)} is an orphan of {app}");
            }
        }
    }

    private void CheckPods()
    {
        foreach (var pod in Of<Pod>())
        {
            var isStarting = pod.Status.Phase == PodPhase.Pending && pod.Metadata.OwnerReferences.Any(o => o.Kind == "Job") && _now - pod.Metadata.CreationTimestamp < TimeSpan.FromSeconds(30); // a CronJob's, of this minute
            Expect(isStarting || (pod.Status.Phase is PodPhase.Running ? IsReady(pod) : pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed), $"{Name(pod)} is {pod.Status.Phase} and not ready on {pod.Spec.NodeName}: {pod.Status.Conditions.FirstOrDefault(c => c.Type == "PodScheduled")?.Message}");
        }
    }

    /// <summary>What was declared is there; this is what is there and was not declared.</summary>
    private void CheckUndeclared()
    {
        foreach (var obj in _all.Where(o => o is Deployment or StatefulSet or DaemonSet or CronJob or Service or PodDisruptionBudget && o.Metadata.Namespace.Length == 1))
        {
            Expect(_run.Declared.Any(w => w.Key == (obj.Kind, obj.Metadata.Namespace, obj.Metadata.Name)), $"{Name(obj)} was taken back and is there");
        }

        foreach (var volume in Of<PersistentVolume>())
        {
            Expect(volume.Status.Phase == "Bound", $"{Name(volume)} is {volume.Status.Phase}");
        }
    }

    private static string Name(IKubernetesObject obj) => $"{obj.Kind} {obj.Metadata.Namespace}/{obj.Metadata.Name}";

    private static bool IsReady(Pod pod) => pod.Status.Conditions.Any(c => c is { Type: "Ready", Status: "True" });

    private static string VersionOf(Pod pod) => pod.Metadata.Annotations.GetValueOrDefault(ChaosObjects.VersionKey) ?? "";

    private static bool IsOwnedBy(IKubernetesObject obj, IKubernetesObject owner) => obj.Metadata.OwnerReferences.Any(r => r.Uid == owner.Metadata.Uid);
}
