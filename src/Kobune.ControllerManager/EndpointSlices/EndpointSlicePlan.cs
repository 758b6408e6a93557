using Kobune.Api.Discovery.V1;
using Kobune.Api.Meta.V1;
using Kobune.ControllerManager.Endpoints;
using Kobune.ControllerManager.EndpointSlices.Topology;

namespace Kobune.ControllerManager.EndpointSlices;

/// <summary>
/// The slices to create, update and delete for one Service, with as few writes as upstream needs: endpoints stay in their slice, what is new
/// fills slices that change anyway, then new ones. Source: k8s.io/endpointslice, reconcileByPortMapping and finalize.
/// </summary>
internal sealed class EndpointSlicePlan
{
    private readonly bool _keepHints;

    private EndpointSlicePlan(bool keepHints) => _keepHints = keepHints;

    public List<EndpointSlice> Create { get; } = [];

    public List<EndpointSlice> Update { get; } = [];

    public List<EndpointSlice> Delete { get; } = [];

    /// <summary>For each address type how many endpoints come, change and go, for the metrics.</summary>
    public List<(int Added, int Updated, int Removed)> Moves { get; } = [];

    /// <param name="template">What new slices look like.</param>
    /// <param name="families">What it wants, by address type.</param>
    /// <param name="existing">Slices of this controller for the Service.</param>
    /// <param name="trigger">Value of the trigger annotation, or null.</param>
    /// <param name="keepHints">Whether hints are another's business (see <see cref="HintByZone"/>), so that they alone are no change.</param>
    public static EndpointSlicePlan Compute(
        SliceTemplate template, IReadOnlyDictionary<string, IReadOnlyList<EndpointGroup>> families, IReadOnlyList<EndpointSlice> existing, string? trigger, bool keepHints = false)
    {
        var plan = new EndpointSlicePlan(keepHints);
        plan.Delete.AddRange(existing.Where(s => !families.ContainsKey(s.AddressType) || !IsOwned(s, template.Owner)));
        foreach (var (type, groups) in families)
        {
            plan.Family(template, type, groups, [.. existing.Where(s => s.AddressType == type && IsOwned(s, template.Owner))], trigger);
        }

        plan.Recycle(template.Owner);

        return plan;
    }

    /// <summary>Gives the endpoints of one address type hints by the zones' shares. Returns why there are none, or null.</summary>
    /// <param name="type">The address type.</param>
    /// <param name="existing">What <see cref="Compute"/> was given.</param>
    /// <param name="shares">See <see cref="ZoneShares"/>.</param>
    /// <param name="trigger">Value of the trigger annotation, or null.</param>
    public string? HintByZone(string type, IReadOnlyList<EndpointSlice> existing, SortedDictionary<string, double>? shares, string? trigger)
    {
        var create = Create.FindAll(s => s.AddressType == type);
        var update = Update.FindAll(s => s.AddressType == type);
        var written = Update.Concat(Delete).Select(s => s.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var unchanged = existing.Where(s => s.AddressType == type && !written.Contains(s.Metadata.Name)).ToList();
        var hints = ZoneHintPlan.Compute([.. create.Concat(update).Select(s => s.Endpoints)], [.. unchanged.Select(s => s.Endpoints)], shares);
        Create.RemoveAll(s => s.AddressType == type);
        Update.RemoveAll(s => s.AddressType == type);
        Create.AddRange(create.Select((s, i) => s with { Endpoints = hints.Changing[i] }));
        Update.AddRange(update.Select((s, i) => s with { Endpoints = hints.Changing[create.Count + i] }));
        Update.AddRange(unchanged
            .Select((s, i) => s with { Endpoints = hints.Unchanged[i], Metadata = s.Metadata with { Annotations = Annotations(s.Metadata.Annotations, trigger) } })
            .Where((s, i) => !s.Endpoints.SequenceEqual(unchanged[i].Endpoints)));
        return hints.Problem;
    }

    /// <summary>What would be created takes the place of what would be deleted, under its name: one write instead of two, and no moment without endpoints.</summary>
    private void Recycle(OwnerReference owner)
    {
        foreach (var gone in Delete.Where(s => IsOwned(s, owner)).ToList())
        {
            if (Create.FindLastIndex(s => s.AddressType == gone.AddressType) is >= 0 and var index)
            {
                Update.Add(Create[index] with { Metadata = gone.Metadata with { Labels = Create[index].Metadata.Labels, Annotations = Create[index].Metadata.Annotations } });
                Create.RemoveAt(index);
                Delete.Remove(gone);
            }
        }
    }

    private void Family(SliceTemplate template, string type, IReadOnlyList<EndpointGroup> groups, List<EndpointSlice> existing, string? trigger)
    {
        if (groups.Count == 0)
        {
            groups = [new([], [])]; // a placeholder tells consumers that the Service is known and empty
        }

        Moves.Add(default);
        var byPorts = existing.ToLookup(s => DesiredEndpoints.Key(s.Ports));
        var wanted = groups.Select(g => DesiredEndpoints.Key(g.Ports)).ToHashSet();
        Delete.AddRange(existing.Where(s => !wanted.Contains(DesiredEndpoints.Key(s.Ports))));
        foreach (var group in groups)
        {
            Group(template, type, group, [.. byPorts[DesiredEndpoints.Key(group.Ports)]], trigger);
        }
    }

    private void Group(SliceTemplate template, string type, EndpointGroup group, List<EndpointSlice> existing, string? trigger)
    {
        var ordered = existing.OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).ToList();
        var (own, others) = template.IsSingle ? (ordered[..Math.Min(1, ordered.Count)], ordered[Math.Min(1, ordered.Count)..]) : (existing, []);
        var missing = group.Endpoints.ToDictionary(Identity, StringComparer.Ordinal);
        var (updated, removed) = (0, 0);
        var kept = new List<KeptSlice>();
        foreach (var slice in own)
        {
            var endpoints = new List<Endpoint>();
            var changed = !SameMetadata(slice, template);
            foreach (var have in slice.Endpoints)
            {
                if (missing.Remove(Identity(have), out var want))
                {
                    want = _keepHints ? want with { Hints = have.Hints } : want;
                    endpoints.Add(want);
                    updated += want != have ? 1 : 0;
                    changed |= want != have;
                }
                else
                {
                    removed++;
                    changed = true;
                }
            }

            kept.Add(new(slice, endpoints, changed));
        }

        var open = new Queue<Endpoint>(missing.Values);
        var before = Moves[^1];
        Moves[^1] = (before.Added + open.Count, before.Updated + updated, before.Removed + removed);
        SliceFilling.Fill(kept, open, template.MaxEndpoints);
        while (open.Count > 0)
        {
            if (!SliceFilling.Fit(kept, open, template.MaxEndpoints))
            {
                Create.Add(NewSlice(template, type, group, SliceFilling.Take(open, template.MaxEndpoints), trigger));
            }
        }

        Settle(template, group, kept, trigger);
        if (kept.Count == 0 && group.Endpoints.Count == 0)
        {
            Create.Add(NewSlice(template, type, group, [], trigger));
        }

        Delete.AddRange(others); // last: what is created takes the place of the one first
    }

    private void Settle(SliceTemplate template, EndpointGroup group, List<KeptSlice> kept, string? trigger)
    {
        var filled = kept.Exists(k => k.Endpoints.Count > 0);
        for (var i = kept.Count - 1; i >= 0; i--)
        {
            var (slice, endpoints, changed) = kept[i];
            var isSpare = endpoints.Count == 0 && (filled || group.Endpoints.Count > 0 || kept.Count > 1);
            if (isSpare)
            {
                Delete.Add(slice);
                kept.RemoveAt(i);
            }
            else if (changed)
            {
                Update.Add(Changed(slice, template, endpoints, trigger));
            }
        }
    }

    /// <summary>An endpoint is the same when its pod and its addresses are.</summary>
    private static string Identity(Endpoint endpoint) => $"{string.Join(',', endpoint.Addresses)}/{endpoint.TargetRef?.Namespace}/{endpoint.TargetRef?.Name}";

    /// <summary>A slice of an earlier Service of the name, left by a deletion that orphaned it, is not taken over: nobody would ever remove it.</summary>
    private static bool IsOwned(EndpointSlice slice, OwnerReference owner) =>
        slice.Metadata.OwnerReferences.Any(o => o.Uid == owner.Uid && o.Kind == owner.Kind && o.APIVersion == owner.APIVersion);

    private static bool SameMetadata(EndpointSlice slice, SliceTemplate template) =>
        Same(template.Labels, slice.Metadata.Labels)
        && (template.Annotations is null || Same(template.Annotations, slice.Metadata.Annotations.Where(a => a.Key != ServicePods.TriggerAnnotation).ToDictionary()));

    private static bool Same(IReadOnlyDictionary<string, string> left, IReadOnlyDictionary<string, string> right) =>
        left.Count == right.Count && left.All(l => right.GetValueOrDefault(l.Key) == l.Value);

    private static EndpointSlice Changed(EndpointSlice slice, SliceTemplate template, List<Endpoint> endpoints, string? trigger) =>
        slice with { Metadata = slice.Metadata with { Labels = template.Labels, Annotations = Annotations(template.Annotations ?? slice.Metadata.Annotations, trigger) }, Endpoints = endpoints };

    private static EndpointSlice NewSlice(SliceTemplate template, string type, EndpointGroup group, List<Endpoint> endpoints, string? trigger) => new()
    {
        Metadata = new ObjectMeta
        {
            GenerateName = template.GenerateName,
            Namespace = template.Namespace,
            Labels = template.Labels,
            Annotations = Annotations(template.Annotations ?? new Dictionary<string, string>(), trigger),
            OwnerReferences = [template.Owner],
        },
        AddressType = type,
        Endpoints = endpoints,
        Ports = group.Ports,
    };

    private static Dictionary<string, string> Annotations(IReadOnlyDictionary<string, string> have, string? trigger)
    {
        var annotations = have.ToDictionary();
        annotations.Remove(ServicePods.TriggerAnnotation);
        if (trigger is not null)
        {
            annotations[ServicePods.TriggerAnnotation] = trigger;
        }

        return annotations;
    }
}
