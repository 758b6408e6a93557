using Kobune.Api.Apps.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Api.Schema;
using Kobune.Api.Selectors;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Pods;
using Kobune.ControllerManager.Revisions;

namespace Kobune.ControllerManager.StatefulSets;

/// <summary>The history of a set's templates. Source: pkg/controller/statefulset/stateful_set_control.go, getStatefulSetRevisions and truncateHistory.</summary>
internal sealed class StatefulSetRevisions(ICache<ControllerRevision> revisions, IClient client, KubernetesVersion release)
{
    private const string HashLabel = "controller.kubernetes.io/hash";
    private readonly RevisionHistory _history = new(revisions, client);

    /// <summary>The set's revisions, oldest first.</summary>
    public Task<List<ControllerRevision>> ClaimAsync(StatefulSet set, Selector selector, CancellationToken ct) => _history.ClaimAsync(set, selector, ct);

    /// <summary>Finds, renumbers or creates the revision of the set's template.</summary>
    /// <param name="sorted">All revisions of the set, oldest first.</param>
    /// <returns>It, and the collisions of names until now; null for a set that is going and has none.</returns>
    public async Task<(ControllerRevision Revision, int Collisions)?> UpdateRevisionAsync(StatefulSet set, List<ControllerRevision> sorted, CancellationToken ct)
    {
        var collisions = set.Status.CollisionCount ?? 0;
        var data = RevisionData.Of(set.Spec.Template, release);
        var next = RevisionOrder.Next(sorted);
        if (sorted.FindLast(r => RevisionData.Matches(r, data, set.Spec.Template)) is { } known)
        {
            // One that is not the newest is what the set was rolled back to.
            return (ReferenceEquals(known, sorted[^1]) || set.IsDeleting() ? known : await _history.ChangeAsync(known, known with { Revision = next }, ct), collisions);
        }

        if (set.IsDeleting())
        {
            return null;
        }

        var hash = RevisionNames.Hash(data, collisions);
        var labels = new Dictionary<string, string>(set.Spec.Template.Metadata.Labels) { [HashLabel] = hash };
        return await _history.CreateAsync(
            count => new ControllerRevision
            {
                Metadata = new ObjectMeta
                {
                    Name = RevisionNames.Of(set.Metadata.Name, RevisionNames.Hash(data, count)),
                    Namespace = set.Metadata.Namespace,
                    Labels = labels,
                    Annotations = set.Metadata.Annotations,
                    OwnerReferences = [PodFromTemplate.ControllerReference(set)],
                },
                Data = data,
                Revision = next,
            },
            collisions,
            taken => RevisionData.Matches(taken, data, set.Spec.Template),
            ct);
    }

    /// <summary>Deletes the oldest revisions that nothing uses, above the limit.</summary>
    public async Task TruncateAsync(StatefulSet set, IReadOnlyList<Pod> pods, List<ControllerRevision> sorted, StatefulSetView view, CancellationToken ct)
    {
        if (set.Spec.RevisionHistoryLimit is not (>= 0 and var limit))
        {
            return;
        }

        HashSet<string> live = [view.Current.Name, view.Update.Name, .. pods.Select(StatefulPods.Revision)];
        var unused = sorted.Where(r => !live.Contains(r.Metadata.Name)).ToList();
        foreach (var revision in unused.Take(unused.Count - limit))
        {
            await _history.DeleteAsync(revision, ct);
        }
    }
}
