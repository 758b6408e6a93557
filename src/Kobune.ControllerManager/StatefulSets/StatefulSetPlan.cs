using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;
using static Kobune.ControllerManager.StatefulSets.StatefulPods;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>What is done to one pod.</summary>
internal enum PodAction
{
    /// <summary>It is created, its claims before it.</summary>
    Create,

    /// <summary>It has ended: it goes, and comes back when it is gone.</summary>
    Delete,

    /// <summary>It waits: claims that are missing are made again.</summary>
    MakeClaims,

    /// <summary>It gets its identity, its storage and its claims' owners back.</summary>
    Repair,
}

/// <summary>One thing done to one pod.</summary>
internal sealed record PodStep(PodAction Action, Pod Pod);

/// <summary>
/// One step of a StatefulSet. An ordered set does one thing at a time and waits for it: first the lowest number that is not as it should be, then the highest that is too many,
/// then the highest of an old revision. Source: pkg/controller/statefulset/stateful_set_control.go, updateStatefulSet.
/// </summary>
internal sealed record StatefulSetPlan
{
    /// <summary>Steps for the pods that should be, by ascending number. Steps of different pods are independent when the set is parallel, and in order otherwise.</summary>
    public IReadOnlyList<PodStep> Steps { get; private init; } = [];

    /// <summary>Pods that are too many, whose claims get other owners before they go.</summary>
    public IReadOnlyList<Pod> Disown { get; private init; } = [];

    /// <summary>Pods that are too many and go now.</summary>
    public IReadOnlyList<Pod> ScaleDown { get; private init; } = [];

    /// <summary>Pods of an old revision that go now, to come back with the new one.</summary>
    public IReadOnlyList<Pod> Replace { get; private init; } = [];

    /// <summary>Whether the set's pods need not wait for each other.</summary>
    public static bool IsParallel(StatefulSet set) => set.Spec.PodManagementPolicy == PodManagementPolicyType.Parallel;

    /// <summary>The next step.</summary>
    public static StatefulSetPlan Compute(StatefulSetView view)
    {
        var set = view.Set;
        if (set.IsDeleting())
        {
            return new();
        }

        var replicas = Replicas(view);
        var condemned = view.Pods.Where(p => Ordinal(p) >= 0 && !IsInRange(set, p)).OrderByDescending(Ordinal).ToList();
        var steps = new List<PodStep>();
        var blocked = false;
        foreach (var replica in replicas)
        {
            blocked = AddSteps(view, replica, steps) && !IsParallel(set);
            if (blocked)
            {
                return new() { Steps = steps };
            }
        }

        var plan = new StatefulSetPlan { Steps = steps, Disown = [.. condemned.Where(p => !ClaimsAreRight(view, p))], ScaleDown = ScaleDownOf(view, replicas, condemned) };
        return condemned.Count > 0 && !IsParallel(set) ? plan : plan with { Replace = StatefulSetRollout.Choose(view, replicas) };
    }

    /// <summary>The pods that should be, by number: those that are, and those to create.</summary>
    internal static List<Replica> Replicas(StatefulSetView view)
    {
        var set = view.Set;
        var known = new Dictionary<int, Pod>();
        foreach (var pod in view.Pods)
        {
            known[Ordinal(pod)] = pod;
        }

        return [.. Enumerable.Range(Start(set), StatefulPods.Replicas(set)).Select(n => known.TryGetValue(n, out var pod) ? new Replica(pod, true) : new Replica(MakePod(view, n), false))];
    }

    /// <summary>A pod below the partition is of the current revision also when it is made anew.</summary>
    private static Pod MakePod(StatefulSetView view, int ordinal)
    {
        var set = view.Set;
        var partition = set.Spec.UpdateStrategy.RollingUpdate is { } rolling ? rolling.Partition ?? 0 : set.Status.CurrentReplicas;
        var isOld = set.Spec.UpdateStrategy.Type == StatefulSetUpdateStrategyType.RollingUpdate && ordinal < Start(set) + partition;
        var revision = isOld ? view.Current : view.Update;
        return Make(set, revision.Template, revision.Name, ordinal);
    }

    /// <summary>Adds what one pod needs. True when an ordered set must stop here.</summary>
    private static bool AddSteps(StatefulSetView view, Replica replica, List<PodStep> steps)
    {
        var (pod, exists) = replica;
        if (!exists)
        {
            if (!HasStaleClaim(view, pod))
            {
                steps.Add(new(PodAction.Create, pod));
            }

            return true;
        }

        if (pod.IsTerminal())
        {
            if (!pod.IsDeleting())
            {
                steps.Add(new(PodAction.Delete, pod));
            }

            return true;
        }

        if (pod.Status.Phase is PodPhase.Pending or "")
        {
            steps.Add(new(PodAction.MakeClaims, pod));
        }

        if (!IsParallel(view.Set) && (pod.IsDeleting() || !IsRunningAndReady(pod) || !pod.IsAvailable(view.Set.Spec.MinReadySeconds, view.Now)))
        {
            return true;
        }

        if (!IdentityMatches(view.Set, pod) || !StorageMatches(view.Set, pod) || !ClaimsAreRight(view, pod))
        {
            steps.Add(new(PodAction.Repair, pod));
        }

        return false;
    }

    private static List<Pod> ScaleDownOf(StatefulSetView view, List<Replica> replicas, List<Pod> condemned)
    {
        if (IsParallel(view.Set))
        {
            return [.. condemned.Where(p => !p.IsDeleting())];
        }

        // The first that is unhealthy, from the lowest number on, may go; before it nothing may.
        var unhealthy = replicas.Select(r => r.Pod).Concat(Enumerable.Reverse(condemned)).FirstOrDefault(p => !IsHealthy(view, p));
        return condemned is [var highest, ..] && !highest.IsDeleting() && (ReferenceEquals(highest, unhealthy) || IsHealthy(view, highest)) ? [highest] : [];
    }

    internal static bool IsHealthy(StatefulSetView view, Pod pod) => !pod.IsDeleting() && IsRunningAndReady(pod) && pod.IsAvailable(view.Set.Spec.MinReadySeconds, view.Now);

    private static bool HasStaleClaim(StatefulSetView view, Pod pod) =>
        StatefulClaims.Names(view.Set, pod).Any(name => view.FindClaim(name) is { } claim && StatefulClaims.IsStale(claim, view.Set, pod));

    private static bool ClaimsAreRight(StatefulSetView view, Pod pod) =>
        StatefulClaims.Names(view.Set, pod).All(name => view.FindClaim(name) is not { } claim || StatefulClaims.AreOwnersRight(claim, view.Set, pod));
}

/// <summary>A pod that should be, and whether it is.</summary>
internal readonly record struct Replica(Pod Pod, bool Exists);
