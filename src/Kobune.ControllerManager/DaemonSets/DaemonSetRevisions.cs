using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Deployments;
using Kobune.ControllerManager.Pods;
using Kobune.ControllerManager.Revisions;

namespace Kobune.ControllerManager.DaemonSets;

/// <summary>The history of a daemon set's template.</summary>
/// <param name="Current">The revision of the template.</param>
/// <param name="Old">Those before it.</param>
/// <param name="Collisions">Collisions of names until now.</param>
/// <param name="Pods">The set's pods, with new labels where those were changed.</param>
internal sealed record DaemonHistory(ControllerRevision Current, IReadOnlyList<ControllerRevision> Old, int? Collisions, IReadOnlyList<Pod> Pods)
{
    /// <summary>The label of pods of the current revision.</summary>
    public string Hash => Current.Metadata.Labels.GetValueOrDefault(DaemonPods.HashLabel, "");
}

/// <summary>The history of a daemon set's templates. Source: pkg/controller/daemon/update.go, constructHistory and cleanupHistory.</summary>
internal sealed class DaemonSetRevisions(ICache<ControllerRevision> revisions, IClient client, KubernetesVersion release)
{
    private readonly RevisionHistory _history = new(revisions, client);

    /// <summary>Finds, renumbers or creates the current revision. Of several with the same template the newest stays.</summary>
    /// <param name="pods">The set's pods, which get the label of the one that stays.</param>
    public async Task<DaemonHistory> ConstructAsync(DaemonSet set, Selector selector, IReadOnlyList<Pod> pods, CancellationToken ct)
    {
        var data = RevisionData.Of(set.Spec.Template, release);
        List<ControllerRevision> same = [], old = [];
        foreach (var revision in await _history.ClaimAsync(set, selector, ct))
        {
            var labelled = await LabelledAsync(revision, ct);
            (RevisionData.Matches(labelled, data, set.Spec.Template) ? same : old).Add(labelled);
        }

        var next = RevisionOrder.Next(old);
        if (same.Count == 0)
        {
            var (created, collisions) = await _history.CreateAsync(
                count => Make(set, next, count == 0 ? set.Status.CollisionCount : count) with { Data = data },
                set.Status.CollisionCount ?? 0,
                taken => RevisionData.Matches(taken, data, set.Spec.Template),
                ct);
            return new(created, old, collisions == 0 ? set.Status.CollisionCount : collisions, pods);
        }

        var current = same[^1];
        if (same.Count > 1)
        {
            pods = await RelabelledAsync(pods, current, ct); // before their old revision goes, so that none is taken for an old one
            foreach (var duplicate in same.SkipLast(1))
            {
                await _history.DeleteAsync(duplicate, ct);
            }
        }

        return new(current.Revision < next ? await _history.ChangeAsync(current, current with { Revision = next }, ct) : current, old, set.Status.CollisionCount, pods);
    }

    /// <summary>Deletes the oldest revisions of which no pod is, above the limit.</summary>
    public async Task TruncateAsync(DaemonSet set, DaemonHistory history, IEnumerable<Pod> pods, CancellationToken ct)
    {
        var excess = history.Old.Count - (set.Spec.RevisionHistoryLimit ?? history.Old.Count);
        if (excess <= 0)
        {
            return;
        }

        var live = pods.Select(p => p.Metadata.Labels.GetValueOrDefault(DaemonPods.HashLabel, "")).ToHashSet(StringComparer.Ordinal);
        foreach (var revision in history.Old.Where(r => !live.Contains(r.Metadata.Labels.GetValueOrDefault(DaemonPods.HashLabel, ""))).Take(excess))
        {
            await _history.DeleteAsync(revision, ct);
        }
    }

    private static ControllerRevision Make(DaemonSet set, long number, int? collisions)
    {
        var hash = PodTemplateHash.Of(set.Spec.Template, collisions);
        return new()
        {
            Metadata = new ObjectMeta
            {
                Name = set.Metadata.Name + "-" + hash,
                Namespace = set.Metadata.Namespace,
                Labels = new Dictionary<string, string>(set.Spec.Template.Metadata.Labels) { [DaemonPods.HashLabel] = hash },
                Annotations = set.Metadata.Annotations,
                OwnerReferences = [PodFromTemplate.ControllerReference(set)],
            },
            Revision = number,
        };
    }

    /// <summary>A revision that somebody else made may have no hash; its name is as good.</summary>
    private async Task<ControllerRevision> LabelledAsync(ControllerRevision revision, CancellationToken ct) =>
        revision.Metadata.Labels.ContainsKey(DaemonPods.HashLabel)
            ? revision
            : await _history.ChangeAsync(revision, revision with { Metadata = With(revision.Metadata, revision.Metadata.Name) }, ct);

    private async Task<List<Pod>> RelabelledAsync(IReadOnlyList<Pod> pods, ControllerRevision kept, CancellationToken ct)
    {
        var hash = kept.Metadata.Labels[DaemonPods.HashLabel];
        var all = new List<Pod>();
        foreach (var pod in pods)
        {
            all.Add(DaemonPods.HasHash(pod, hash)
                ? pod
                : await client.PatchAsync<Pod>(pod.Metadata.Namespace, pod.Metadata.Name, Patch.Between(pod, pod with { Metadata = With(pod.Metadata, hash) })!, null, ct));
        }

        return all;
    }

    private static ObjectMeta With(ObjectMeta metadata, string hash) => metadata with { Labels = new Dictionary<string, string>(metadata.Labels) { [DaemonPods.HashLabel] = hash } };
}
