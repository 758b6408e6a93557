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
            controller.Runner
                .Watches(rules, r => claims.Cache.List().Where(c => Uses(c, r)).SelectMany(UsersOf))
                .For(rules); // a key without a namespace is a rule's
        }

        var devices = new ClaimedDevices(claims.Cache, slices.Cache, rules?.Cache);
        var status = rules is null ? null : new TaintRuleStatus(rules.Cache, pods.Cache, devices, controller.Client, controller.Runner.Queue, context.Time);
        return controller.Build(new DeviceTaintReconciler(pods.Cache, devices, status, controller.Client, controller.Events, context.Options.Metrics.Claims, context.Time));
    }

    private static bool HasRules(ControllerManagerOptions options) => options.Features.IsEnabled("DRADeviceTaintRules") && options.Serves("resource.k8s.io", "v1beta2", "devicetaintrules");

    private static bool Uses(ResourceClaim claim, DeviceTaintRule rule) => claim.Status.Allocation?.Devices.Results.Any(r => DeviceTaintRules.IsAbout(rule, r.Driver, r.Pool, r.Device)) == true;

    private static IEnumerable<ObjectKey> UsersOf(ResourceClaim claim) =>
        claim.Status.ReservedFor.Where(c => c is { APIGroup: "", Resource: "pods" }).Select(c => new ObjectKey(claim.Metadata.Namespace, c.Name));
}
