using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Policy.V1;

namespace Kobune.Testing.Tests.Chaos;

/// <content>What each kind promises.</content>
internal sealed partial class EndState
{
    private void Check(Wanted w)
    {
        switch (w.Kind)
        {
            case "Deployment":
                Check<Deployment>(w, Check);
                break;
            case "ReplicaSet":
                Check<ReplicaSet>(w, Check);
                break;
            case "StatefulSet":
                Check<StatefulSet>(w, Check);
                break;
            case "DaemonSet":
                Check<DaemonSet>(w, Check);
                break;
            case "Job" when w.IsShortLived && !w.Flag:
                Expect(!Of<Job>(w.Namespace).Any(j => j.Metadata.Name == w.Name), $"{w.Key} has outlived its time");
                break;
            case "Job":
                Check<Job>(w, Check);
                break;
            case "CronJob":
                Check<CronJob>(w, Check);
                break;
            case "Service":
                Check<Service>(w, Check);
                break;
            default:
                Check<PodDisruptionBudget>(w, Check);
                break;
        }
    }

    private void Check<T>(Wanted w, Action<Wanted, T> check)
        where T : class, IKubernetesObject<T>
    {
        if (Of<T>(w.Namespace).FirstOrDefault(o => o.Metadata.Name == w.Name) is { } found)
        {
            check(w, found);
        }
        else
        {
            _problems.Add($"{w.Key} is gone");
        }
    }

    private void Check(Wanted w, Deployment found)
    {
        var status = found.Status;
        Same(w, (w.Count, w.Count, w.Count, w.Count, w.Count), (found.Spec.Replicas ?? 1, status.Replicas, status.ReadyReplicas, status.UpdatedReplicas, status.AvailableReplicas));
        Same(w, found.Metadata.Generation, status.ObservedGeneration);
        var sets = Of<ReplicaSet>(w.Namespace).Where(s => IsOwnedBy(s, found)).ToList();
        Same(w, w.Count, sets.Sum(s => s.Status.ReadyReplicas));
        CheckPods(w, w.Count, [.. Of<Pod>(w.Namespace).Where(p => sets.Exists(s => IsOwnedBy(p, s)))]);
        Expect(sets.Count(s => s.Spec.Replicas > 0) <= 1, $"{w.Key} has several ReplicaSets with pods");
        Expect(!Of<ReplicaSet>(w.Namespace).Any(s => s.Metadata.Labels.GetValueOrDefault("app") == w.App && s.Metadata.OwnerReferences.Count == 0), $"{w.Key} has not adopted a ReplicaSet");
    }

    private void Check(Wanted w, ReplicaSet found)
    {
        Same(w, (w.Count, w.Count, w.Count, w.Count), (found.Spec.Replicas ?? 1, found.Status.Replicas, found.Status.ReadyReplicas, found.Status.AvailableReplicas));
        Same(w, found.Metadata.Generation, found.Status.ObservedGeneration);
        CheckPods(w, w.Count, [.. Of<Pod>(w.Namespace).Where(p => IsOwnedBy(p, found))], anyVersion: true);
        Same(w, w.Count, PodsOf(w.Namespace, w.App).Count);
    }

    private void Check(Wanted w, StatefulSet found)
    {
        var status = found.Status;
        Same(w, (w.Count, w.Count, w.Count, w.Count, w.Count), (found.Spec.Replicas ?? 1, status.Replicas, status.ReadyReplicas, status.UpdatedReplicas, status.AvailableReplicas));
        Same(w, (found.Metadata.Generation, status.UpdateRevision), (status.ObservedGeneration, status.CurrentRevision));
        var names = Enumerable.Range(0, w.Count).Select(i => $"{w.Name}-{i}").ToHashSet();
        var pods = Of<Pod>(w.Namespace).Where(p => IsOwnedBy(p, found)).ToList();
        CheckPods(w, w.Count, pods);
        Expect(names.SetEquals(pods.Select(p => p.Metadata.Name)), $"{w.Key} has {string.Join(' ', pods.Select(p => p.Metadata.Name))}");
        var claims = Of<PersistentVolumeClaim>(w.Namespace).Where(c => c.Metadata.Name.StartsWith($"{ChaosObjects.Claim}-{w.Name}-", StringComparison.Ordinal)).ToDictionary(c => c.Metadata.Name[(ChaosObjects.Claim.Length + 1)..]);
        Expect(names.IsSubsetOf(claims.Keys), $"{w.Key} has the claims {string.Join(' ', claims.Keys)}");
        // Who scales down gives a claim to its pod, with which it goes. A pod that something else took first leaves its claim, as upstream.
        Expect(!w.Flag || claims.All(c => names.Contains(c.Key) || !c.Value.Metadata.OwnerReferences.Any(o => o.Kind == "Pod")), $"{w.Key} has kept the claims of pods: {string.Join(' ', claims.Keys)}");
        Expect(claims.Values.All(c => c.Status.Phase == "Bound"), $"{w.Key} has a claim without a volume");
    }

    private void Check(Wanted w, DaemonSet found)
    {
        var nodes = Of<Node>().Where(n => !w.OtherFlag || n.Metadata.Labels.GetValueOrDefault("role") == "x").Select(n => n.Metadata.Name).ToList();
        var (count, status) = (nodes.Count, found.Status);
        Same(w, (count, count, count, count, count, 0), (status.DesiredNumberScheduled, status.CurrentNumberScheduled, status.NumberReady, status.UpdatedNumberScheduled, status.NumberAvailable, status.NumberMisscheduled));
        Same(w, found.Metadata.Generation, status.ObservedGeneration);
        var pods = Of<Pod>(w.Namespace).Where(p => IsOwnedBy(p, found)).ToList();
        CheckPods(w, count, pods);
        Expect(pods.Select(p => p.Spec.NodeName).ToHashSet().SetEquals(nodes), $"{w.Key} runs on {string.Join(' ', pods.Select(p => p.Spec.NodeName))}");
    }

    private void Check(Wanted w, Job found)
    {
        var status = found.Status;
        var ended = status.Conditions.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" })?.Type;
        Expect(ended is not null || w.Flag, $"{w.Key} has not ended");
        Expect(ended is null || ended == (w.OtherFlag ? "Failed" : "Complete"), $"{w.Key} is {ended}: {string.Join(", ", status.Conditions.Select(c => c.Message))}");
        Expect(ended is not "Complete" || status.Succeeded == w.Count, $"{w.Key} has {status.Succeeded} successes instead of {w.Count}");
        Expect(status.Active == 0 && (status.Terminating ?? 0) == 0, $"{w.Key} has {status.Active} active and {status.Terminating} terminating pods");
        Expect(status.UncountedTerminatedPods is null or { Succeeded.Count: 0, Failed.Count: 0 }, $"{w.Key} has not counted all its pods");
        Expect(Of<Pod>(w.Namespace).Where(p => IsOwnedBy(p, found)).All(p => p.Status.Phase is PodPhase.Succeeded or PodPhase.Failed && p.Metadata.Finalizers.Count == 0), $"{w.Key} has a pod that runs or was not counted");
    }

    private void Check(Wanted w, CronJob found)
    {
        var jobs = Of<Job>(w.Namespace).Where(j => IsOwnedBy(j, found)).ToList();
        var done = jobs.Count(j => j.Status.Conditions.Any(c => c is { Type: "Complete", Status: "True" }));
        Expect(done <= w.Count, $"{w.Key} keeps {done} Jobs instead of {w.Count}");
        Expect(jobs.Select(j => j.Metadata.Uid).Where(u => jobs.Single(j => j.Metadata.Uid == u).Status.CompletionTime is null).ToHashSet().SetEquals(found.Status.Active.Select(a => a.Uid)), $"{w.Key} says that other Jobs are active than are");
        Expect(w.Flag || jobs.Count == 0 == (w.Count == 0) || found.Status.Active.Count > 0, $"{w.Key} has {jobs.Count} Jobs");
        Expect(w.Flag || found.Status.LastScheduleTime > _now - TimeSpan.FromMinutes(3), $"{w.Key} ran last at {found.Status.LastScheduleTime:O}");
    }

    private void Check(Wanted w, Service found)
    {
        var wanted = PodsOf(w.Namespace, w.App).Where(p => p.Status.Phase == PodPhase.Running && IsReady(p)).Select(p => p.Status.PodIP).ToList();
        var slices = Of<EndpointSlice>(w.Namespace).Where(s => IsOwnedBy(s, found)).ToList();
        var told = slices.SelectMany(s => s.Endpoints).Where(e => e.Conditions.Ready != false).SelectMany(e => e.Addresses).ToList();
        Expect(wanted.Order().SequenceEqual(told.Order()), $"{w.Key} leads to {string.Join(' ', told)} by its slices instead of {string.Join(' ', wanted)}");
        var old = Of<Endpoints>(w.Namespace).Single(e => e.Metadata.Name == w.Name).Subsets.SelectMany(s => s.Addresses).Select(a => a.IP).ToList();
        Expect(wanted.Order().SequenceEqual(old.Order()), $"{w.Key} leads to {string.Join(' ', old)} by its Endpoints instead of {string.Join(' ', wanted)}");
    }

    private void Check(Wanted w, PodDisruptionBudget found)
    {
        var pods = PodsOf(w.Namespace, w.App).Where(p => p.Status.Phase is PodPhase.Running).ToList();
        if (w.OtherFlag && (w.App[0] is 'j' or 'x' || pods.Exists(p => p.Metadata.OwnerReferences.Count == 0)))
        {
            return; // pods without a controller that can be scaled: maxUnavailable has no meaning
        }

        var healthy = pods.Count(IsReady);
        var desired = w.OtherFlag ? Math.Max(0, pods.Count - w.Count) : w.Count;
        Same(w, (healthy, desired, healthy > 0 ? Math.Max(0, healthy - desired) : 0), (found.Status.CurrentHealthy, found.Status.DesiredHealthy, found.Status.DisruptionsAllowed));
        Same(w, found.Metadata.Generation, found.Status.ObservedGeneration);
    }

    private void CheckPods(Wanted w, int count, List<Pod> pods, bool anyVersion = false)
    {
        Same(w, count, pods.Count);
        Expect(pods.TrueForAll(p => anyVersion || VersionOf(p) == $"{w.Version}"), $"{w.Key} has pods of another version than {w.Version}");
        Expect(pods.TrueForAll(p => p.Status.Phase == PodPhase.Running), $"{w.Key} has a pod that does not run");
    }

    private void Same<T>(Wanted w, T wanted, T found) => Expect(EqualityComparer<T>.Default.Equals(wanted, found), $"{w.Key}: {found} instead of {wanted}");
}
