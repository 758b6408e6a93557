using Kobune.Api.Addressing;
using Kobune.Api.Networking.V1;
using Kobune.Client;

namespace Kobune.ControllerManager.ServiceRanges;

/// <summary>Registration of the controller of ServiceCIDRs. Source: pkg/controller/servicecidrs.</summary>
internal static class ServiceRangeController
{
    public const string Finalizer = "networking.k8s.io/service-cidr-finalizer";

    public static ControllerLoop Create(ControllerContext context)
    {
        var controller = context.Controller("service-cidr", "service-cidrs-controller", eventSource: "service-cidr-controller");
        var ranges = controller.Informer<ServiceCIDR>();
        var addresses = controller.Informer<IPAddress>();

        // A range that comes or goes may set those free that it overlaps, an address that comes or goes those that hold it.
        controller.Runner.For(ranges).On(ranges, change =>
        {
            if (change.Old is null || change.New is null)
            {
                Add(other => ServiceRangePlan.RangesOf(change.Object).Any(mine => ServiceRangePlan.RangesOf(other).Any(its => ServiceRange.Overlap(mine, its))));
            }
        });
        controller.Runner.On(addresses, change =>
        {
            if ((change.Old is null || change.New is null) && ServiceRangePlan.AddressOf(change.Object) is { } address)
            {
                Add(other => ServiceRangePlan.RangesOf(other).Any(r => ServiceRange.Holds(r, address)));
            }
        });
        return controller.Build(new ServiceRangeReconciler(ranges.Cache, addresses.Cache, controller.Client, controller.Events, context.Time));

        void Add(Func<ServiceCIDR, bool> where)
        {
            foreach (var range in ranges.Cache.List().Where(where))
            {
                controller.Runner.Queue.Add(ObjectKey.Of(range));
            }
        }
    }
}
