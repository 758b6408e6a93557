using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Testing.History;

namespace Kobune.Testing.Tests.Chaos;

/// <summary>
/// Reads the history as it comes, and notes each pod that was made although its controller had as many as it had been asked for within the last minute, had one for
/// the same index or node, or had already succeeded with it.
/// </summary>
internal sealed class PodJudge
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, List<(DateTimeOffset Since, int Most)>> _wanted = [];
    private readonly Dictionary<string, int> _completions = [];
    private readonly Dictionary<string, Dictionary<string, string>> _living = []; // by controller: pods, and the slot of each
    private readonly Dictionary<string, string> _controllerOf = [];
    private readonly Dictionary<string, Dictionary<string, string>> _succeeded = []; // by Job: pods, and the index of each

    public List<string> Findings { get; } = [];

    /// <summary>Pods that were made, by the kind of their controller.</summary>
    public SortedDictionary<string, int> Made { get; } = new(StringComparer.Ordinal);

    public void See(ObjectChange change)
    {
        switch (change.Kind)
        {
            case "ReplicaSet":
                var set = change.Object.Read<ReplicaSet>();
                Want(set.Metadata.Uid, change.Time, set.Spec.Replicas ?? 1);
                break;
            case "Job":
                var job = change.Object.Read<Job>();
                Want(job.Metadata.Uid, change.Time, job.Spec.Suspend == true ? 0 : job.Spec.Parallelism ?? 1);
                _completions[job.Metadata.Uid] = job.Spec.Completions ?? int.MaxValue;
                break;
            case "Pod":
                See(change, change.Object.Read<Pod>());
                break;
            default:
                break;
        }
    }

    private void See(ObjectChange change, Pod pod)
    {
        var uid = pod.Metadata.Uid;
        if (_controllerOf.Remove(uid, out var before))
        {
            _living[before].Remove(uid);
        }

        if (pod.Metadata.OwnerReferences.FirstOrDefault(o => o.Controller == true) is not { } owner)
        {
            return;
        }

        if (pod.Status.Phase == PodPhase.Succeeded && owner.Kind == "Job")
        {
            Succeed(owner.Uid, owner.Name, pod, change.Revision);
        }

        if (change.Type == ObjectChangeType.Deleted || pod.Metadata.DeletionTimestamp is not null || pod.Status.Phase is PodPhase.Succeeded or PodPhase.Failed)
        {
            return;
        }

        var living = _living.TryGetValue(owner.Uid, out var known) ? known : _living[owner.Uid] = [];
        var slot = SlotOf(pod, owner.Kind);
        if (change.Type == ObjectChangeType.Added)
        {
            Made[owner.Kind] = Made.GetValueOrDefault(owner.Kind) + 1;
            if (slot.Length > 0 && living.ContainsValue(slot))
            {
                Findings.Add($"{owner.Kind} {change.Namespace}/{owner.Name} made {pod.Metadata.Name} for {slot}, where it had a pod, at revision {change.Revision}");
            }

            if (_wanted.TryGetValue(owner.Uid, out var wanted) && living.Count >= MostOf(wanted, change.Time))
            {
                Findings.Add($"{owner.Kind} {change.Namespace}/{owner.Name} made {pod.Metadata.Name} when it had {living.Count} pods, and {MostOf(wanted, change.Time)} were asked for, at revision {change.Revision}");
            }
        }

        living[uid] = slot;
        _controllerOf[uid] = owner.Uid;
    }

    private void Succeed(string job, string name, Pod pod, long revision)
    {
        var index = SlotOf(pod, "Job");
        var known = _succeeded.TryGetValue(job, out var pods) ? pods : _succeeded[job] = [];
        var twice = index.Length > 0 && known.ContainsValue(index);
        if (known.TryAdd(pod.Metadata.Uid, index) && (twice || known.Count > _completions.GetValueOrDefault(job, int.MaxValue)))
        {
            Findings.Add($"Job {pod.Metadata.Namespace}/{name} succeeded with {pod.Metadata.Name} {index} once too often, at revision {revision}");
        }
    }

    private static string SlotOf(Pod pod, string kind) => kind switch
    {
        "Job" => pod.Metadata.Annotations.TryGetValue("batch.kubernetes.io/job-completion-index", out var index) ? "index " + index : "",
        "DaemonSet" => "node " + pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms[0].MatchFields[0].Values[0],
        _ => "",
    };

    private void Want(string controller, DateTimeOffset now, int most)
    {
        var known = _wanted.TryGetValue(controller, out var values) ? values : _wanted[controller] = [];
        if (known.Count == 0 || known[^1].Most != most)
        {
            known.Add((now, most));
        }
    }

    /// <summary>The largest number that held within the memory: a cache may be behind.</summary>
    private static int MostOf(List<(DateTimeOffset Since, int Most)> wanted, DateTimeOffset now)
    {
        var most = wanted[^1].Most;
        for (var i = wanted.Count - 2; i >= 0 && wanted[i + 1].Since > now - Memory; i--)
        {
            most = Math.Max(most, wanted[i].Most);
        }

        return most;
    }
}
