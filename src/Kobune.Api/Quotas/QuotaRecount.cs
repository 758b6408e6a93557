using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;

namespace Kobune.Api.Quotas;

/// <summary>A view of the objects that quotas count.</summary>
public interface IQuotaObjects
{
    /// <summary>The objects of a namespace.</summary>
    IEnumerable<T> List<T>(string ns)
        where T : class, IKubernetesObject<T>;

    /// <summary>How many objects of another kind a namespace has, by the kind's name in quotas, "count/widgets.example.com"; null when that is not known.</summary>
    long? CountOf(string name, string ns) => null;
}

/// <summary>What a namespace uses now, counted from the objects themselves.</summary>
public static class QuotaRecount
{
    private static readonly HashSet<string> Counted = new(
        new[]
        {
            Pod.Resource, Service.Resource, PersistentVolumeClaim.Resource, ConfigMap.Resource, Secret.Resource, ServiceAccount.Resource, ReplicationController.Resource, ResourceQuota.Resource,
            Deployment.Resource, ReplicaSet.Resource, StatefulSet.Resource, DaemonSet.Resource, Job.Resource, CronJob.Resource, Ingress.Resource, Resource.V1.ResourceClaim.Resource,
        }.Select(QuotaUsage.CountName),
        StringComparer.Ordinal);

    /// <summary>Whether a name in a quota means the number of objects of a kind that is not counted from its objects: "count/widgets.example.com".</summary>
    public static bool IsOther(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("count/", StringComparison.Ordinal) && !Counted.Contains(name);
    }

    /// <summary>Usage of all that the quota bounds. Kinds of which the number is not known (<see cref="IQuotaObjects.CountOf"/>) stay as the status has them: what was charged is not forgotten.</summary>
    /// <param name="quota">The quota.</param>
    /// <param name="objects">The objects.</param>
    /// <param name="now">The time.</param>
    /// <param name="countsDevices">Whether there are claims of devices.</param>
    public static Dictionary<string, Quantity> Count(ResourceQuota quota, IQuotaObjects objects, DateTimeOffset now, bool countsDevices)
    {
        ArgumentNullException.ThrowIfNull(quota);
        ArgumentNullException.ThrowIfNull(objects);
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
        if (countsDevices)
        {
            Add<Resource.V1.ResourceClaim>();
        }

        foreach (var name in hard.Keys.Where(name => name.StartsWith("count/", StringComparison.Ordinal) && !counted.Contains(name)))
        {
            var number = QuotaScopes.Matches(quota, null) ? objects.CountOf(name, space) : 0;
            used[name] = number is { } known ? new(known) : quota.Status.Used.TryGetValue(name, out var charged) ? charged : Quantity.Zero;
        }

        return used;

        void Add<T>()
            where T : class, IKubernetesObject<T>
        {
            counted.Add(QuotaUsage.CountName(T.Resource));
            foreach (var item in objects.List<T>(space))
            {
                if (!QuotaScopes.Matches(quota, item))
                {
                    continue;
                }

                foreach (var (name, value) in QuotaUsage.Of(T.Resource, item, now, objects))
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
