using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Kinds;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Admission.Quotas;

using Resources = IReadOnlyDictionary<string, Quantity>;

/// <summary>
/// Refuses what would exceed a ResourceQuota, and charges the rest to its status. The new status is part of the object's own transaction, so two
/// requests can never both take the last place, and nothing is charged for a write that fails.
/// </summary>
internal sealed class ResourceQuotaAdmission : IValidatingAdmission
{
    private static readonly HashSet<string> MustBeGiven = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];

    public string Name => "ResourceQuota";

    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken ct)
    {
        if (request.Namespace.Length == 0 || request.Info.Subresource.Length > 0 || request.Object is null
            || !(request.Is(AdmissionOperation.Create) || (request.Is(AdmissionOperation.Update) && QuotaUsage.ChangesOnUpdate(request.Resource))))
        {
            return default;
        }

        var quotas = request.Objects.List<ResourceQuota>(request.Namespace);
        if (quotas.Count > 0)
        {
            Charge(request, quotas);
        }

        return default;
    }

    private static void Charge(AdmissionRequest request, IReadOnlyList<ResourceQuota> quotas)
    {
        var pod = request.IsFor("", "pods") ? request.Object!.Read<Pod>() : null;
        var oldPod = request.IsFor("", "pods") ? request.OldObject?.Read<Pod>() : null;
        var usage = QuotaUsage.Of(request.Resource, request.Object!);
        var oldUsage = request.OldObject is { } old ? QuotaUsage.Of(request.Resource, old.ToTree()) : null;
        foreach (var quota in quotas)
        {
            if (!QuotaScopes.Matches(quota, pod) || !quota.Spec.Hard.Keys.Any(usage.ContainsKey))
            {
                if (pod is not null && QuotaScopes.Matches(quota, pod))
                {
                    RequireGiven(request, quota, pod);
                }

                continue;
            }

            if (pod is not null)
            {
                RequireGiven(request, quota, pod);
            }

            var delta = Delta(quota.Spec.Hard, usage, oldPod is null || QuotaScopes.Matches(quota, oldPod) ? oldUsage : null);
            if (delta.Count > 0)
            {
                Charge(request, quota, delta);
            }
        }
    }

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

    private static void Charge(AdmissionRequest request, ResourceQuota quota, Dictionary<string, Quantity> delta)
    {
        // What the status says is the truth while there is room; without a status, or when full, the objects are counted: deletes are not charged here.
        var used = quota.Status.Hard.Count > 0 ? quota.Status.Used : QuotaRecount.Count(quota, request.Objects);
        if (Exceeded(quota.Spec.Hard, used, delta).Count > 0)
        {
            used = QuotaRecount.Count(quota, request.Objects);
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

    private static List<string> Exceeded(Resources hard, Resources used, Dictionary<string, Quantity> delta) =>
    [
        .. delta.Where(d => d.Value.Sign > 0 && (used.TryGetValue(d.Key, out var before) ? before : Quantity.Zero) + d.Value > hard[d.Key])
            .Select(d => d.Key).Order(StringComparer.Ordinal),
    ];

    private static string Show(Resources values, List<string> names) =>
        string.Join(",", names.Select(n => $"{n}={(values.TryGetValue(n, out var value) ? value : Quantity.Zero)}"));
}
