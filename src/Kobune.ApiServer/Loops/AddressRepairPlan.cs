using System.Globalization;
using System.Net;
using Kobune.Api;
using Kobune.Api.Addressing;
using Kobune.Api.Core.V1;
using Kobune.ApiServer.Allocation;
using Kobune.ApiServer.Kinds.Services;
using IPAddress = System.Net.IPAddress;
using IPAddressRecord = Kobune.Api.Networking.V1.IPAddress;

namespace Kobune.ApiServer.Loops;

/// <summary>
/// What is wrong between a Service's cluster IPs and the IPAddress objects, and what mends it. Source: k8s.io/kubernetes,
/// registry/core/service/ipallocator/controller/repairip.go.
/// </summary>
internal static class AddressRepairPlan
{
    /// <summary>How long an address may be there before its Service: another server may be at work.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private const string Allocation = "ClusterIPAllocation";
    private const string NotAllocated = "ClusterIPNotAllocated";
    private const string AddressAllocation = "IPAddressAllocation";

    /// <summary>The addresses that a Service has and needs.</summary>
    public static IEnumerable<string> AddressesOf(Service service) =>
        service.Spec.Type == "ExternalName" ? [] : service.Spec.ClusterIPs.Where(ip => ip is not ("" or ServiceAddressing.None));

    /// <summary>One address of a Service.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="ip">The address in its canonical form.</param>
    /// <param name="address">The object of that name.</param>
    /// <param name="holder">The Service that the object names, when it is another one and exists.</param>
    /// <param name="ranges">All ServiceCIDRs' ranges.</param>
    public static Repair? OfService(Service service, string ip, IPAddressRecord? address, Service? holder, IReadOnlyList<IPNetwork> ranges)
    {
        var (family, what) = (ServiceRange.FamilyOf(IPAddress.Parse(ip)), $"{service.Metadata.Namespace}/{service.Metadata.Name}");
        if (!ranges.Any(r => ServiceRange.Holds(r, IPAddress.Parse(ip))))
        {
            return new(service, "ClusterIPOutOfRange", Allocation, $"Cluster IP [{family}]: {ip} is not within any configured Service CIDR; please recreate service");
        }

        if (address is null)
        {
            return new(service, NotAllocated, Allocation, $"Cluster IP [{family}]: {ip} is not allocated; repairing") { Create = ip };
        }

        var isOwn = IsOfService(address) && address.Spec.ParentRef!.Namespace == service.Metadata.Namespace && address.Spec.ParentRef.Name == service.Metadata.Name;
        if (!IsOfService(address) || (!isOwn && holder is null))
        {
            return new(service, NotAllocated, Allocation, $"the ClusterIP [{family}]: {ip} for Service {what} has a wrong reference; repairing") { Delete = ip, Create = ip };
        }

        if (!isOwn)
        {
            return holder!.Spec.ClusterIPs.Any(held => Canonical(held) == ip)
                ? new(service, "ClusterIPAlreadyAllocated", Allocation, $"Cluster IP [{family}]:{ip} was assigned to multiple services; please recreate service")
                : null; // the address' own look will find that its Service has another one
        }

        return address.Metadata.Labels.GetValueOrDefault(IPAddressObject.FamilyLabel) == family && IsManaged(address) ? null : new(null, "", "", "") { Delete = ip, Create = ip };
    }

    /// <summary>One address of the allocator. <paramref name="again"/> is when to look once more.</summary>
    public static Repair? OfAddress(IPAddressRecord address, Service? service, DateTimeOffset now, out DateTimeOffset? again)
    {
        again = null;
        var name = address.Metadata.Name;
        if (!IsManaged(address))
        {
            return null;
        }

        if (!IsOfService(address))
        {
            return new(address, "IPAddressNotAllocated", AddressAllocation, $"IPAddress {name} appears to have been modified, not referencing a Service {Text(address)}: cleaning up") { Delete = name };
        }

        var owner = $"{address.Spec.ParentRef!.Namespace}/{address.Spec.ParentRef.Name}";
        if (service is not null)
        {
            return service.Spec.ClusterIPs.Any(held => Canonical(held) == name)
                ? null
                : new(address, "IPAddressWrongReference", AddressAllocation, $"IPAddress: {name} for Service {owner} has a wrong reference; cleaning up") { Delete = name };
        }

        if (address.Metadata.CreationTimestamp + Grace is { } due && now <= due)
        {
            again = due + TimeSpan.FromSeconds(1);
            return null;
        }

        return new(address, "IPAddressNotAllocated", AddressAllocation, $"IPAddress: {name} for Service {owner} appears to have leaked: cleaning up") { Delete = name };
    }

    public static string Canonical(string ip) => IPAddress.TryParse(ip, out var address) ? address.ToString() : ip;

    public static bool IsOfService(IPAddressRecord address) => address.Spec.ParentRef is { Group: "", Resource: "services" };

    private static bool IsManaged(IPAddressRecord address) => address.Metadata.Labels.GetValueOrDefault(IPAddressObject.ManagerLabel) == IPAddressObject.Manager;

    private static string Text(IPAddressRecord address) => address.Spec.ParentRef is { } parent
        ? string.Create(CultureInfo.InvariantCulture, $"&{{{parent.Group} {parent.Resource} {parent.Namespace} {parent.Name}}}")
        : "<nil>";

    /// <summary>What is said about an object, and what is done.</summary>
    /// <param name="About">The object; null for nothing to say.</param>
    /// <param name="Reason">The event's reason.</param>
    /// <param name="Action">The event's action.</param>
    /// <param name="Message">The event's sentence.</param>
    internal sealed record Repair(IKubernetesObject? About, string Reason, string Action, string Message)
    {
        /// <summary>An address that goes.</summary>
        public string? Delete { get; init; }

        /// <summary>An address that is made for the Service.</summary>
        public string? Create { get; init; }
    }
}
