using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.ApiServer.Errors;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Quotas;

using Resources = IReadOnlyDictionary<string, Quantity>;

/// <summary>
/// Refuses what would exceed a ResourceQuota, and charges the rest to its status. The new status is part of the object's own transaction, so two
/// requests can never both take the last place, and nothing is charged for a write that fails.
/// </summary>
internal sealed class ResourceQuotaAdmission(TimeProvider time, bool countsDevices = true, IReadOnlyList<LimitedResource>? limited = null) : IValidatingAdmission
{
    private static readonly HashSet<string> MustBeGiven = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    private const int Patience = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly IReadOnlyList<LimitedResource> _limited = limited ?? [];

    public string Name => "ResourceQuota";

    public async ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        var creates = request.Is(AdmissionOperation.Create) && request.Info.Subresource.Length == 0;
        if (request.Namespace.Length == 0 || request.Object is null
            || !(creates || (request.Is(AdmissionOperation.Update) && QuotaUsage.ChangesOnUpdate(request.Resource, request.Info.Subresource))))
        {
            return;
        }

        var quotas = request.Objects.List<ResourceQuota>(request.Namespace);
        if (quotas.Count > 0 || _limited.Count > 0)
        {
            await ChargeAsync(request, quotas, ct);
        }
    }

    private async ValueTask ChargeAsync(AdmissionRequest request, IReadOnlyList<ResourceQuota> quotas, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var (item, old) = (Item(request.Resource, request.Object!), request.OldObject is { } before ? Item(request.Resource, before.ToTree()) : null);
        var usage = QuotaUsage.Of(request.Resource, item, now, new View(request.Objects));
        if (usage.Where(u => u.Value.Sign < 0).Select(u => u.Key).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } negative)
        {
            throw request.Refusal($"quota usage is negative for resource(s): {string.Join(",", negative)}");
        }

        var oldUsage = request.OldObject is null ? null : QuotaUsage.Of(request.Resource, old, now, new View(request.Objects));
        var matching = quotas.Where(q => QuotaScopes.Matches(q, item)).ToList();
        foreach (var quota in matching)
        {
            if (item is Pod pod && !PodTotals.SaysAsAWhole(pod.Spec))
            {
                RequireGiven(request, quota, pod);
            }
        }

        if (_limited.Count > 0 && Delta(usage, usage, oldUsage).Count > 0)
        {
            RequireCover(request, quotas, matching, usage, item);
        }

        foreach (var quota in matching)
        {
            var delta = Delta(quota.Spec.Hard, usage, QuotaScopes.Matches(quota, old) ? oldUsage : null);
            if (delta.Count > 0 && await request.Objects.GetAsync<ResourceQuota>(quota.Metadata.Namespace, quota.Metadata.Name, ct) is { } fresh)
            {
                // The store's word: with the cache's, a second request at the same moment would lose its compare again and again.
                await ChargeAsync(request, fresh, delta, ct);
            }
        }
    }

    /// <summary>The object, where a quota counts more than that it is there.</summary>
    private static object? Item(ResourceDescriptor resource, JsonObject tree) => (resource.Group, resource.Plural) switch
    {
        ("", "pods") => tree.Read<Pod>(),
        ("", "services") => tree.Read<Service>(),
        ("", "persistentvolumeclaims") => tree.Read<PersistentVolumeClaim>(),
        ("resource.k8s.io", "resourceclaims") => tree.Read<Api.Resource.V1.ResourceClaim>(),
        _ => null,
    };

    private static Dictionary<string, Quantity> Delta(Resources hard, Dictionary<string, Quantity> usage, Dictionary<string, Quantity>? oldUsage)
    {
        var delta = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var name in hard.Keys.Where(usage.ContainsKey))
        {
            var change = oldUsage is not null && oldUsage.TryGetValue(name, out var before) ? usage[name] - before : usage[name];
            if (!change.IsZero)
            {
                delta[name] = change;
            }
        }

        return delta;
    }

    private void RequireCover(AdmissionRequest request, IReadOnlyList<ResourceQuota> quotas, List<ResourceQuota> matching, Dictionary<string, Quantity> usage, object? item)
    {
        var covered = matching.SelectMany(q => q.Spec.Hard.Keys).ToHashSet(StringComparer.Ordinal);
        if (LimitedResource.Names(_limited, request.Resource, usage).Where(n => !covered.Contains(n)).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } names)
        {
            throw request.Refusal($"insufficient quota to consume: {string.Join(",", names)}");
        }

        if (LimitedResource.Uncovered(_limited, quotas, item) is { Length: > 0 } scopes)
        {
            throw StatusErrors.Unknown($"insufficient quota to match these scopes: [{scopes}]");
        }
    }

    // A pod that says nothing about a limited resource could take all of it.
    private static void RequireGiven(AdmissionRequest request, ResourceQuota quota, Pod pod)
    {
        var missing = quota.Spec.Hard.Keys.Where(MustBeGiven.Contains).Order(StringComparer.Ordinal)
            .Select(name => (Name: name, Containers: Without(pod, name)))
            .Where(m => m.Containers.Count > 0)
            .Select(m => $"{m.Name} for: {string.Join(",", m.Containers)}")
            .ToList();
        if (missing.Count > 0)
        {
            throw request.Refusal($"failed quota: {quota.Metadata.Name}: must specify {string.Join("; ", missing)}");
        }
    }

    private static List<string> Without(Pod pod, string name) =>
    [
        .. pod.Spec.Containers.Concat(pod.Spec.InitContainers)
            .Where(c => !(name.StartsWith("limits.", StringComparison.Ordinal) ? c.Resources.Limits : c.Resources.Requests).ContainsKey(name[(name.IndexOf('.') + 1)..]))
            .Select(c => c.Name).Order(StringComparer.Ordinal),
    ];

    private async ValueTask ChargeAsync(AdmissionRequest request, ResourceQuota quota, Dictionary<string, Quantity> delta, CancellationToken ct)
    {
        // What the status says is the truth while there is room; without a status, or when full, the objects are counted: deletes are not charged here.
        var used = quota.Status.Hard.Count > 0 ? quota.Status.Used : await CountAsync(request, quota, ct);
        if (Exceeded(quota.Spec.Hard, used, delta).Count > 0)
        {
            used = await CountAsync(request, quota, ct);
        }

        var exceeded = Exceeded(quota.Spec.Hard, used, delta);
        if (exceeded.Count > 0)
        {
            throw request.Refusal($"exceeded quota: {quota.Metadata.Name}, requested: {Show(delta, exceeded)}, used: {Show(used, exceeded)}, limited: {Show(quota.Spec.Hard, exceeded)}");
        }

        var charged = quota.Spec.Hard.Keys.ToDictionary(
            name => name,
            name => (used.TryGetValue(name, out var before) ? before : Quantity.Zero) + (delta.TryGetValue(name, out var change) ? change : Quantity.Zero),
            StringComparer.Ordinal);
        request.Plan.Changes.Add(new ObjectChange(quota, quota with { Status = quota.Status with { Hard = quota.Spec.Hard, Used = charged } }));
    }

    // Counting is right only in a view that shows all that was charged. The charge was part of each object's own transaction, so a view that shows the quota
    // at its newest revision shows the objects too; until then the status counts.
    private async ValueTask<Resources> CountAsync(AdmissionRequest request, ResourceQuota quota, CancellationToken ct)
    {
        var wanted = Revision(quota);
        for (var attempt = 0; attempt < Patience; attempt++)
        {
            await Task.Delay(Pause, time, ct);
            if (request.Objects.Find<ResourceQuota>(quota.Metadata.Namespace, quota.Metadata.Name) is { } seen && Revision(seen) >= wanted)
            {
                return QuotaRecount.Count(quota, new View(request.Objects), time.GetUtcNow(), countsDevices);
            }
        }

        return quota.Status.Used;
    }

    private static long Revision(ResourceQuota quota) => long.TryParse(quota.Metadata.ResourceVersion, out var revision) ? revision : 0;

    private static List<string> Exceeded(Resources hard, Resources used, Dictionary<string, Quantity> delta) =>
    [
        .. delta.Where(d => d.Value.Sign > 0 && hard.TryGetValue(d.Key, out var limit) && (used.TryGetValue(d.Key, out var before) ? before : Quantity.Zero) + d.Value > limit)
            .Select(d => d.Key).Order(StringComparer.Ordinal),
    ];

    private static string Show(Resources values, List<string> names) =>
        string.Join(",", names.Select(n => $"{n}={(values.TryGetValue(n, out var value) ? value : Quantity.Zero)}"));

    private sealed class View(IObjectReader objects) : IQuotaObjects
    {
        public IEnumerable<T> List<T>(string ns)
            where T : class, IKubernetesObject<T> => objects.List<T>(ns);
    }
}
