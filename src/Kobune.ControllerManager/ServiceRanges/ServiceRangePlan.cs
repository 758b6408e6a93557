using System.Net;
using Kobune.Api.Addressing;
using Kobune.Api.Networking.V1;
using IPAddress = System.Net.IPAddress;

namespace Kobune.ControllerManager.ServiceRanges;

/// <summary>Whether a ServiceCIDR can go. Source: pkg/controller/servicecidrs/servicecidrs_controller.go, canDeleteCIDR.</summary>
internal static class ServiceRangePlan
{
    private const string ManagerLabel = "ipaddress.kubernetes.io/managed-by";
    private const string Manager = "ipallocator.k8s.io";

    public static IReadOnlyList<IPNetwork> RangesOf(ServiceCIDR range) => [.. range.Spec.CIDRs.Where(c => IPNetwork.TryParse(c, out _)).Select(c => IPNetwork.Parse(c))];

    /// <summary>The address of an object that the servers' allocator made; null for those of others.</summary>
    public static IPAddress? AddressOf(Api.Networking.V1.IPAddress address) =>
        address.Metadata.Labels.GetValueOrDefault(ManagerLabel) == Manager && IPAddress.TryParse(address.Metadata.Name, out var parsed) ? parsed : null;

    /// <summary>Whether no address is left without a range: each of its ranges lies within another ServiceCIDR, or no address is in this one alone.</summary>
    public static bool CanGo(ServiceCIDR range, IReadOnlyList<ServiceCIDR> all, IReadOnlyList<Api.Networking.V1.IPAddress> addresses)
    {
        var others = all.Where(o => o.Metadata.Name != range.Metadata.Name).SelectMany(RangesOf).ToArray();
        var own = RangesOf(range);
        return own.All(mine => others.Any(o => ServiceRange.Holds(o, mine)))
            || !addresses.Select(AddressOf).OfType<IPAddress>().Any(a => own.Any(r => ServiceRange.Holds(r, a)) && !others.Any(r => ServiceRange.Holds(r, a)));
    }
}
