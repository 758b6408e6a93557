using Kobune.Api.Apps.V1;
using static Kobune.ControllerManager.Deployments.DeploymentMath;

namespace Kobune.ControllerManager.Deployments;

/// <summary>
/// The decisions of one look at a Deployment. Each look takes one step (create the new set, or scale up, or scale down, or clean up) and leaves
/// the next to the look after it, when the caches show the step. Source: pkg/controller/deployment, rolling.go, recreate.go, sync.go.
/// </summary>
internal sealed class Rollout
{
    private readonly DeploymentView _view;
    private readonly Deployment _deployment;
    private readonly Dictionary<string, SetChange> _changes = [];
    private readonly ReplicaSet? _new;
    private readonly List<ReplicaSet> _old;
    private readonly long _revision;

    public Rollout(DeploymentView view)
    {
        _view = view;
        _deployment = view.Deployment;
        var byAge = view.Sets.OrderBy(s => s.Metadata.CreationTimestamp).ThenBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        _new = byAge.Find(s => PodTemplateHash.EqualIgnoringHash(s.Spec.Template, _deployment.Spec.Template));
        _old = [.. byAge.Where(s => s != _new)];
        _revision = _old.Select(DeploymentAnnotations.RevisionOf).DefaultIfEmpty().Max() + 1;
    }

    /// <summary>The size of the Deployment changed since its sets were last scaled.</summary>
    public bool IsScaling => All.Any(s => Replicas(s) > 0 && DeploymentAnnotations.Number(s, DeploymentAnnotations.DesiredReplicas) is { } desired && desired != Wanted(_deployment));

    /// <summary>
    /// Several sets have pods: adopted from a rolling update, or from before the strategy changed. Recreate shares no size out between them, so that scaling alone
    /// would never end (as it does not upstream): the old ones go first.
    /// </summary>
    public bool HasSeveralActive => All.Count(s => Replicas(s) > 0) > 1;

    private IEnumerable<ReplicaSet> All => _new is null ? _old : _old.Append(_new);

    public DeploymentPlan StatusOnly() => Finish(DeploymentStatusPlan.Settled(_deployment, _view.Sets, _new, _view.Now), []);

    public DeploymentPlan Paused()
    {
        AnnotateNew();
        ScaleSets();
        var delete = _changes.Count == 0 ? History() : [];
        var status = DeploymentStatusPlan.Settled(DeploymentStatusPlan.WithPause(_deployment, _view.Now), _view.Sets, _new, _view.Now);
        return Finish(status, delete);
    }

    public DeploymentPlan Scale()
    {
        AnnotateNew();
        ScaleSets();
        var found = DeploymentStatusPlan.WithFound(_deployment, _new, _view.Now);
        return Finish(DeploymentStatusPlan.Settled(found, _view.Sets, _new, _view.Now), []);
    }

    public DeploymentPlan Roll()
    {
        if (_new is null)
        {
            return CreateNew();
        }

        AnnotateNew();
        var size = Replicas(_new);
        var next = size > Wanted(_deployment) ? Wanted(_deployment) : NewSetReplicas(_deployment, Replicas(All), size);
        if (next != size)
        {
            Resize(_new, next);
        }
        else
        {
            ShrinkOld(_new);
        }

        return Progress();
    }

    public DeploymentPlan Recreate()
    {
        AnnotateNew();
        foreach (var old in _old.Where(s => Replicas(s) > 0))
        {
            Resize(old, 0);
        }

        if (_old.Any(s => Replicas(s) > 0 || s.Status.Replicas > 0) || _old.Any(_view.HasRunningPods))
        {
            return Progress();
        }

        if (_new is null)
        {
            return CreateNew();
        }

        Resize(_new, Wanted(_deployment));
        return Progress();
    }

    private DeploymentPlan CreateNew()
    {
        var size = NewSetReplicas(_deployment, Replicas(_old), 0);
        var created = NewReplicaSet.Make(_deployment, size, _revision);
        var status = DeploymentStatusPlan.Created(_deployment, _view.Sets, created.Metadata.Name, _view.Now);
        return Finish(status, [], DeploymentAnnotations.RevisionOf(created)) with { Create = created };
    }

    /// <summary>The new set carries the newest revision, also when it is an old one that a rollback brought back, and also in a pause.</summary>
    private void AnnotateNew()
    {
        if (_new is not { } set)
        {
            return;
        }

        var annotated = DeploymentAnnotations.WithRevision(set, _deployment, _revision);
        if (annotated.Spec.MinReadySeconds != _deployment.Spec.MinReadySeconds)
        {
            annotated = annotated with { Spec = annotated.Spec with { MinReadySeconds = _deployment.Spec.MinReadySeconds } };
        }

        if (annotated != set)
        {
            _changes[set.Metadata.Uid] = new(set, annotated);
        }
    }

    private void Resize(ReplicaSet set, int size)
    {
        var from = _changes.GetValueOrDefault(set.Metadata.Uid) ?? new(set, set);
        var to = DeploymentAnnotations.WithSizes(from.To, Wanted(_deployment), Wanted(_deployment) + MaxSurge(_deployment));
        to = Replicas(to) == size ? to : to with { Spec = to.Spec with { Replicas = size } };
        if (to != set)
        {
            _changes[set.Metadata.Uid] = new(set, to);
        }
    }

    private int PlannedReplicas(ReplicaSet set) => Replicas(_changes.GetValueOrDefault(set.Metadata.Uid)?.To ?? set);

    /// <summary>Old sets give way: first pods that never became available, then as many as the available ones allow.</summary>
    private void ShrinkOld(ReplicaSet newest)
    {
        if (Replicas(_old) == 0)
        {
            return;
        }

        var minAvailable = Wanted(_deployment) - MaxUnavailable(_deployment);
        var unavailableNew = Replicas(newest) - newest.Status.AvailableReplicas;
        var mayGo = Replicas(All) - minAvailable - unavailableNew;
        if (mayGo <= 0)
        {
            return;
        }

        foreach (var old in _old)
        {
            var unhealthy = Math.Min(mayGo, Replicas(old) - old.Status.AvailableReplicas);
            if (unhealthy > 0)
            {
                Resize(old, Replicas(old) - unhealthy);
                mayGo -= unhealthy;
            }
        }

        var spare = All.Sum(s => s.Status.AvailableReplicas) - minAvailable;
        foreach (var old in _old)
        {
            var size = PlannedReplicas(old);
            var down = Math.Min(size, spare);
            if (down > 0)
            {
                Resize(old, size - down);
                spare -= down;
            }
        }
    }

    /// <summary>A change of size without a change of template: in the middle of a rollout all sets take their part.</summary>
    private void ScaleSets()
    {
        var active = _old.Where(s => Replicas(s) > 0).ToList();
        var both = _new is { } n && Replicas(n) > 0 ? active.Append(n).ToList() : active;
        if (both.Count <= 1)
        {
            if ((both.FirstOrDefault() ?? _new ?? _old.LastOrDefault()) is { } only)
            {
                Resize(only, Wanted(_deployment));
            }

            return;
        }

        if (_new is not null && IsSaturated(_new))
        {
            active.ForEach(s => Resize(s, 0));
            return;
        }

        if (IsRolling(_deployment))
        {
            ScaleInProportion(both);
        }
    }

    private bool IsSaturated(ReplicaSet set) =>
        Replicas(set) == Wanted(_deployment)
        && DeploymentAnnotations.Number(set, DeploymentAnnotations.DesiredReplicas) == Wanted(_deployment)
        && set.Status.AvailableReplicas == Wanted(_deployment);

    private void ScaleInProportion(List<ReplicaSet> sets)
    {
        var allowed = Wanted(_deployment) > 0 ? Wanted(_deployment) + MaxSurge(_deployment) : 0;
        var toAdd = allowed - Replicas(sets);
        // The largest sets first; of equal ones the newer when growing, the older when shrinking.
        var bySize = sets.OrderByDescending(Replicas);
        var ordered = (toAdd > 0 ? bySize.ThenByDescending(s => s.Metadata.CreationTimestamp) : bySize.ThenBy(s => s.Metadata.CreationTimestamp)).ToList();
        var sizes = new int[ordered.Count];
        var added = 0;
        for (var i = 0; i < ordered.Count; i++)
        {
            var part = Proportion(ordered[i], _deployment, toAdd, added);
            sizes[i] = Replicas(ordered[i]) + part;
            added += part;
        }

        sizes[0] = Math.Max(0, sizes[0] + toAdd - added); // what rounding left over
        for (var i = 0; i < ordered.Count; i++)
        {
            Resize(ordered[i], sizes[i]);
        }
    }

    private DeploymentPlan Progress()
    {
        var status = DeploymentStatusPlan.Rolling(_deployment, _view.Sets, _new, _view.Now);
        var complete = _changes.Count == 0 && DeploymentStatusPlan.IsComplete(_deployment, _deployment.Status);
        return Finish(status, complete ? History() : []);
    }

    /// <summary>Old empty sets beyond the history limit, the oldest revisions first.</summary>
    private List<ReplicaSet> History()
    {
        if (_deployment.Spec.RevisionHistoryLimit is not { } limit || limit == int.MaxValue)
        {
            return [];
        }

        var kept = _old.Where(s => s.Metadata.DeletionTimestamp is null).OrderBy(DeploymentAnnotations.RevisionOf).ToList();
        return [.. kept.Take(Math.Max(0, kept.Count - limit)).Where(s => s.Status.Replicas == 0 && Replicas(s) == 0 && s.Metadata.Generation <= s.Status.ObservedGeneration)];
    }

    private DeploymentPlan Finish(DeploymentStatus status, IReadOnlyList<ReplicaSet> delete, long? revision = null)
    {
        revision ??= _new is null ? null : DeploymentAnnotations.RevisionOf(_changes.GetValueOrDefault(_new.Metadata.Uid)?.To ?? _new);
        var desired = status == _deployment.Status ? _deployment : _deployment with { Status = status };
        if (revision is > 0 and var number && _deployment.Metadata.Annotations.GetValueOrDefault(DeploymentAnnotations.Revision) != number.ToString()!)
        {
            var annotations = desired.Metadata.Annotations.ToDictionary();
            annotations[DeploymentAnnotations.Revision] = number.ToString()!;
            desired = desired with { Metadata = desired.Metadata with { Annotations = annotations } };
        }

        return new() { Changes = [.. _changes.Values], Delete = delete, Desired = desired, LookAgain = DeploymentStatusPlan.UntilDeadline(_deployment, status, _view.Now) };
    }
}
