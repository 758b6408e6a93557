using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ResourceQuotas;

/// <summary>
/// Counts what the namespace of a quota uses and writes it into the quota's status. Creates are charged by admission; this gives back what was deleted or has ended, and
/// fills the status of a new quota. Source: pkg/controller/resourcequota, syncResourceQuota.
/// </summary>
internal sealed class ResourceQuotaReconciler(ICache<ResourceQuota> quotas, IQuotaObjects objects, IClient client, TimeProvider time, bool countsDevices) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (quotas.Find(key) is not { } quota || quota.IsDeleting())
        {
            return ReconcileResult.Done;
        }

        var now = time.GetUtcNow();
        var used = QuotaRecount.Count(quota, objects, now, countsDevices);
        if (!Same(quota.Status.Hard, quota.Spec.Hard) || !Same(quota.Status.Used, used))
        {
            await client.UpdateStatusAsync(quota with { Status = quota.Status with { Hard = quota.Spec.Hard, Used = used } }, ct);
        }

        return ReconcileResult.RequeueAfter(NextForgiven(objects.List<Pod>(key.Namespace), now));
    }

    /// <summary>When a deleted pod that does not go, for its node is silent, is not counted any more: no event tells.</summary>
    internal static TimeSpan? NextForgiven(IEnumerable<Pod> pods, DateTimeOffset now) =>
        pods.Select(QuotaUsage.ForgivenAt).Where(at => at >= now).Min() - now + TimeSpan.FromMilliseconds(1);

    internal static bool Same(IReadOnlyDictionary<string, Quantity> one, IReadOnlyDictionary<string, Quantity> other) =>
        one.Count == other.Count && one.All(o => other.TryGetValue(o.Key, out var value) && value == o.Value);
}
