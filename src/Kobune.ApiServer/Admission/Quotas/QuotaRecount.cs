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
    public static Dictionary<string, Quantity> Count(ResourceQuota quota, IObjectReader objects)
    {
        var (hard, space) = (quota.Spec.Hard, quota.Metadata.Namespace);
        var used = hard.ToDictionary(h => h.Key, _ => Quantity.Zero, StringComparer.Ordinal);
        Add<Pod>(pod => pod);
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
        return used;

        void Add<T>(Func<T, Pod?>? asPod = null)
            where T : class, IKubernetesObject<T>
        {
            foreach (var item in objects.List<T>(space))
            {
                if (!QuotaScopes.Matches(quota, asPod?.Invoke(item)))
                {
                    continue;
                }

                foreach (var (name, value) in QuotaUsage.Of(T.Resource, item.ToTree()))
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
