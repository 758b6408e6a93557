using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Metrics;
using Kobune.ControllerManager.Pods;
using DeviceTaintRule = Kobune.Api.Resource.V1Beta2.DeviceTaintRule;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.ControllerManager.DeviceTaints;

/// <summary>Registration of the controller that takes pods from devices whose taints they do not tolerate. Source: pkg/controller/devicetainteviction.</summary>
internal static class DeviceTaintController
{
    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("device-taint-eviction", "device-taint-eviction-controller");
        var (pods, claims, slices) = (controller.Informer<Pod>(), controller.Informer<ResourceClaim>(), controller.Informer<ResourceSlice>());
        var byPool = claims.Cache.Index("pools", c => (c.Status.Allocation?.Devices.Results ?? []).Select(r => $"{r.Driver}/{r.Pool}").Distinct());
        controller.Runner
            .For(pods, p => p.Spec.ResourceClaims.Count > 0)
            .Watches(claims, UsersOf)
            .Watches(slices, s => byPool[$"{s.Spec.Driver}/{s.Spec.Pool.Name}"].SelectMany(UsersOf));
        var rules = HasRules(context.Options) ? controller.Informer<DeviceTaintRule>() : null;
        if (rules is not null)
        {
            controller.Runner.Watches(rules, r => claims.Cache.List().Where(c => Uses(c, r)).SelectMany(UsersOf));
        }

        return controller.Build(new DeviceTaintReconciler(pods.Cache, claims.Cache, slices.Cache, rules?.Cache, controller.Client, controller.Events, context.Options.Metrics.Claims, context.Time));
    }

    private static bool HasRules(ControllerManagerOptions options) => options.Features.IsEnabled("DRADeviceTaintRules") && options.Serves("resource.k8s.io", "v1beta2", "devicetaintrules");

    private static bool Uses(ResourceClaim claim, DeviceTaintRule rule) => claim.Status.Allocation?.Devices.Results.Any(r => DeviceTaintRules.IsAbout(rule, r.Driver, r.Pool, r.Device)) == true;

    private static IEnumerable<ObjectKey> UsersOf(ResourceClaim claim) =>
        claim.Status.ReservedFor.Where(c => c is { APIGroup: "", Resource: "pods" }).Select(c => new ObjectKey(claim.Metadata.Namespace, c.Name));
}

/// <summary>Deletes a pod when it may not use one of its devices any more.</summary>
internal sealed class DeviceTaintReconciler(ICache<Pod> pods, ICache<ResourceClaim> claims, ICache<ResourceSlice> slices, ICache<DeviceTaintRule>? rules, IClient client, IEventRecorder events, ClaimMetrics metrics, TimeProvider time) : IReconciler
{
    private const string Reason = "DeviceTaintManagerEviction";
    private readonly System.Collections.Concurrent.ConcurrentDictionary<ObjectKey, string> _marked = new(); // pod to UID, for the event that takes a mark back
    private readonly ICacheIndex<ResourceSlice> _byPool = slices.Index("pool", s => [$"{s.Spec.Driver}/{s.Spec.Pool.Name}"]);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var pod = pods.Find(key) is { } found && !found.IsDeleting() && !found.IsTerminal() && found.Spec.NodeName.Length > 0 ? found : null;
        if (pod is null || LeaveAt(pod) is not { } at)
        {
            if (_marked.TryRemove(key, out var uid) && pod?.Metadata.Uid == uid)
            {
                events.Normal(pod, Reason, "Cancelling deletion");
            }

            return ReconcileResult.Done;
        }

        if (at - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            _marked[key] = pod.Metadata.Uid;
            return ReconcileResult.RequeueAfter(left);
        }

        _marked.TryRemove(key, out _);
        events.Normal(pod, Reason, "Marking for deletion");
        await client.DeleteMarkedAsync(pod, "DeletionByDeviceTaintManager", "Device Taint manager: deleting due to NoExecute taint", time.GetUtcNow(), ct);
        metrics.Evicted(time.GetUtcNow() - at);
        return ReconcileResult.Done;
    }

    private DateTimeOffset? LeaveAt(Pod pod) => pod.Spec.ResourceClaims
        .Select(e => PodDeviceClaims.NameOf(pod, e).Name).OfType<string>()
        .Select(name => claims.Find(pod.Metadata.Namespace, name)).OfType<ResourceClaim>()
        .Where(c => PodDeviceClaims.IsReservedFor(pod, c) && c.Status.Allocation is not null)
        .SelectMany(c => c.Status.Allocation!.Devices.Results)
        .Min(r => Api.Resources.DeviceTaints.LeaveAt([.. DeviceOf(r)?.Taints ?? [], .. DeviceTaintRules.TaintsOf(rules?.List() ?? [], r.Driver, r.Pool, r.Device)], r.Tolerations));

    /// <summary>The device as its driver describes it now.</summary>
    private Device? DeviceOf(DeviceRequestAllocationResult result)
    {
        var pool = _byPool[$"{result.Driver}/{result.Pool}"];
        var newest = pool.Select(s => s.Spec.Pool.Generation).DefaultIfEmpty().Max();
        return pool.Where(s => s.Spec.Pool.Generation == newest).SelectMany(s => s.Spec.Devices).FirstOrDefault(d => d.Name == result.Device);
    }
}
