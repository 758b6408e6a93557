using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.ApiServer.Kinds;

namespace Kobune.ApiServer.Admission.Quotas;

/// <summary>What a namespace uses now, counted from the objects themselves.</summary>
internal static class QuotaRecount
{
    /// <summary>Usage of all that the quota bounds. Kinds that are not counted here (custom objects) stay as the status has them: what was charged is never forgotten.</summary>
    public static Dictionary<string, Quantity> Count(ResourceQuota quota, IObjectReader objects, DateTimeOffset now)
    {
        var (hard, space) = (quota.Spec.Hard, quota.Metadata.Namespace);
        var used = hard.ToDictionary(h => h.Key, _ => Quantity.Zero, StringComparer.Ordinal);
        var counted = new HashSet<string>(StringComparer.Ordinal);
        Add<Pod>();
        Add<Service>();
        Add<PersistentVolumeClaim>();
        Add<ConfigMap>();
        Add<Secret>();
        Add<ServiceAccount>();
        Add<ReplicationController>();
        Add<ResourceQuota>();
        Add<Deployment>();
        Add<ReplicaSet>();
        Add<StatefulSet>();
        Add<DaemonSet>();
        Add<Job>();
        Add<CronJob>();
        Add<Ingress>();
        foreach (var name in hard.Keys.Where(name => name.StartsWith("count/", StringComparison.Ordinal) && !counted.Contains(name)))
        {
            used[name] = quota.Status.Used.TryGetValue(name, out var charged) ? charged : Quantity.Zero;
        }

        return used;

        void Add<T>()
            where T : class, IKubernetesObject<T>
        {
            counted.Add(QuotaUsage.CountName(T.Resource));
            foreach (var item in objects.List<T>(space))
            {
                var tree = item.ToTree();
                if (!QuotaScopes.Matches(quota, QuotaScopes.Item(T.Resource, tree)))
                {
                    continue;
                }

                foreach (var (name, value) in QuotaUsage.Of(T.Resource, tree, now))
                {
                    if (used.TryGetValue(name, out var before))
                    {
                        used[name] = before + value;
                    }
                }
            }
        }
    }
}
