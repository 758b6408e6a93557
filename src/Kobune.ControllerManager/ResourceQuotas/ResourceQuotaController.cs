using Kobune.Api;
using Kobune.Api.Apps.V1;
using Kobune.Api.Batch.V1;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Networking.V1;
using Kobune.Api.Quotas;
using Kobune.Api.Resource.V1;
using Kobune.Client;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.ResourceQuotas;

/// <summary>Registration of the resource quota controller: a change of anything that a quota counts is a change of the namespace's quotas.</summary>
internal static class ResourceQuotaController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("resourcequota", "resourcequota-controller");
        var quotas = controller.Informer<ResourceQuota>();
        controller.Runner.On(quotas, change =>
        {
            if (IsToBeCounted(change))
            {
                Changed(change.Key.Namespace);
            }
        });
        var others = new ObjectCounts(controller.Untracked, Changed, context.Time, controller.Logger<ObjectCounts>());
        controller.Runner.On(quotas, _ => others.Want(quotas.Cache.List().SelectMany(q => q.Spec.Hard.Keys).Where(QuotaRecount.IsOther)));
        var counted = new CountedObjects(others);
        counted.Add(quotas.Cache);
        var countsDevices = ControllerList.IsServed(ControllerList.Claims, context.Options.Features);
        var isWatching = false;
        return controller.Build(new ResourceQuotaReconciler(quotas.Cache, counted, controller.Client, context.Time, countsDevices), async ct =>
        {
            await AnyAsync(quotas, ct);
            if (isWatching)
            {
                return; // a loop that starts again
            }

            isWatching = true;
            Watch<Pod>();
            Watch<Service>();
            Watch<PersistentVolumeClaim>();
            Watch<ConfigMap>();
            Watch<Secret>();
            Watch<ServiceAccount>();
            Watch<ReplicationController>();
            Watch<Deployment>();
            Watch<ReplicaSet>();
            Watch<StatefulSet>();
            Watch<DaemonSet>();
            Watch<Job>();
            Watch<CronJob>();
            Watch<Ingress>();
            if (countsDevices)
            {
                Watch<Api.Resource.V1.ResourceClaim>();
                var classes = controller.Informer<DeviceClass>();
                counted.Add(classes.Cache);
                controller.Runner.Watches(classes, _ => quotas.Cache.List().Select(ObjectKey.Of)); // which resource a class stands behind
            }
        }, others.RunAsync);

        void Changed(string? ns)
        {
            foreach (var quota in ns is null ? quotas.Cache.List() : quotas.Cache.List(ns))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(quota));
            }
        }

        void Watch<T>()
            where T : class, IKubernetesObject<T>
        {
            var informer = controller.Informer<T>();
            controller.Runner.Watches(informer, item => InNamespace(quotas.Cache, item));
            counted.Add(informer.Cache);
        }
    }

    /// <summary>Most clusters have no quota: they are spared the caches of everything that one could count.</summary>
    private static async Task AnyAsync(IInformer<ResourceQuota> quotas, CancellationToken ct)
    {
        var any = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = quotas.Subscribe(_ => any.TrySetResult());
        await any.Task.UntilAsync(ct);
    }

    /// <summary>
    /// Whether a change of a quota is one of what it bounds, or of how many quotas there are. What admission charges is none: to count when that is seen, and what was charged for is not yet,
    /// would give it back.
    /// </summary>
    internal static bool IsToBeCounted(Change<ResourceQuota> change) =>
        change.Old is not { } old || change.New is not { } quota || old.Spec != quota.Spec || !ResourceQuotaReconciler.Same(quota.Status.Hard, quota.Spec.Hard);

    private static IEnumerable<ObjectKey> InNamespace(ICache<ResourceQuota> quotas, IKubernetesObject item) =>
        quotas.List(item.Metadata.Namespace).Select(q => ObjectKey.Of(q));
}
