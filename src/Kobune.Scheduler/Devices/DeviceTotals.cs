using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;

namespace Kobune.Scheduler.Devices;

/// <summary>How many devices of a class a node reaches, and how many of these are taken; for scoring. Source: pkg/scheduler/framework/plugins/noderesources, resource_allocation.go.</summary>
/// <param name="Capacity">All.</param>
/// <param name="Allocated">Those that a claim has.</param>
internal readonly record struct DeviceTotals(long Capacity, long Allocated)
{
    /// <summary>Counts; nothing where the class cannot be understood, for a score is no verdict.</summary>
    public static DeviceTotals Of(DeviceView view, DeviceClass deviceClass, Node node)
    {
        try
        {
            var (use, matcher) = (DeviceUse.Of(view.Allocations()), new DeviceMatcher());
            var wish = new DeviceWish("", deviceClass, [], IsAll: true, 0, AdminAccess: false, [], null);
            var devices = DevicePool.Of(view.Slices, node).SelectMany(p => p.Devices).Where(d => matcher.Matches(wish, d, "")).ToList();
            return new(devices.Count, devices.Count(d => use.IsUsed(d.Key)));
        }
        catch (DeviceException)
        {
            return default;
        }
    }
}
