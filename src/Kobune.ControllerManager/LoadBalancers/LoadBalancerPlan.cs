using System.Net;
using System.Net.Sockets;
using Kobune.Api.Core.V1;
using Condition = Kobune.Api.Meta.V1.Condition;

namespace Kobune.ControllerManager.LoadBalancers;

/// <summary>
/// Who gives a LoadBalancer Service its address, decided in one place: the address pools when there are any, else the tunnel while it runs, else
/// nobody. A Service with a loadBalancerClass, or with an address that somebody else gave, is left alone. Pure.
/// </summary>
internal static class LoadBalancerPlan
{
    /// <summary>Marks the addresses that this controller gave; its reason says where from.</summary>
    public const string ConditionType = "kobune.dev/LoadBalancerAddress";
    public const string Tunnel = "Tunnel";
    public const string Pool = "AddressPool";
    public const string Exhausted = "AllocationFailed";
    private const string PoolAnnotation = "metallb.io/loadBalancerIPs";
    private const string OldPoolAnnotation = "metallb.universe.tf/loadBalancerIPs";

    /// <param name="Running">Whether a tunnel runs.</param>
    /// <param name="Address">Where it listens; null when it is a route.</param>
    public readonly record struct TunnelState(bool Running, string? Address);

    /// <summary>The status that the Service should have.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="pools">The address pools.</param>
    /// <param name="taken">Addresses of the other Services.</param>
    /// <param name="now">For the condition's transition time.</param>
    public static ServiceStatus Compute(Service service, TunnelState tunnel, AddressPools pools, IReadOnlySet<IPAddress> taken, DateTimeOffset now)
    {
        var own = service.Status.Conditions.FirstOrDefault(c => c.Type == ConditionType);
        if (own is null && service.Status.LoadBalancer.Ingress.Count > 0)
        {
            return service.Status; // somebody else's address
        }

        if (service.Spec.Type != ServiceType.LoadBalancer || service.Spec.LoadBalancerClass is { Length: > 0 } || service.Metadata.DeletionTimestamp is not null)
        {
            return With(service, own, [], null, "", now);
        }

        if (!pools.IsEmpty)
        {
            var pooled = FromPools(service, pools, taken);
            return pooled.Count > 0
                ? With(service, own, pooled, Pool, "The address is from the configured range.", now)
                : With(service, own, [], Exhausted, "No address of the configured range is free.", now);
        }

        return tunnel.Running
            ? With(service, own, FromTunnel(service, tunnel), Tunnel, "The address is reached through kobune tunnel.", now)
            : With(service, own, [], null, "", now);
    }

    private static List<LoadBalancerIngress> FromTunnel(Service service, TunnelState tunnel) => tunnel.Address is { } address
        ? [new() { IP = address, IPMode = "Proxy" }] // the tunnel hands connections on: the proxy must not take that address
        : [.. ClusterIPs(service).Select(ip => new LoadBalancerIngress { IP = ip.ToString(), IPMode = "VIP" })];

    private static List<LoadBalancerIngress> FromPools(Service service, AddressPools pools, IReadOnlySet<IPAddress> taken)
    {
        var wanted = Addresses((service.Spec.LoadBalancerIP + "," + service.Metadata.Annotations.GetValueOrDefault(PoolAnnotation, "") + "," + service.Metadata.Annotations.GetValueOrDefault(OldPoolAnnotation, "")).Split(','));
        var had = Addresses(service.Status.LoadBalancer.Ingress.Select(i => i.IP));
        var given = new List<LoadBalancerIngress>();
        foreach (var v6 in ClusterIPs(service).Select(IsV6).Distinct())
        {
            bool Usable(IPAddress a) => IsV6(a) == v6 && pools.Contains(a) && !taken.Contains(a);
            var mine = wanted.Where(a => IsV6(a) == v6).ToList();
            var chosen = mine.Count > 0 ? mine.FirstOrDefault(Usable) : had.FirstOrDefault(Usable) ?? pools.FirstFree(v6, taken);
            if (chosen is not null)
            {
                given.Add(new() { IP = chosen.ToString(), IPMode = "VIP" });
            }
        }

        return given;
    }

    private static ServiceStatus With(Service service, Condition? own, List<LoadBalancerIngress> ingress, string? reason, string message, DateTimeOffset now)
    {
        if (own is null && reason is null && ingress.Count == 0)
        {
            return service.Status;
        }

        var conditions = service.Status.Conditions.Where(c => c.Type != ConditionType).ToList();
        if (reason is not null)
        {
            var status = ingress.Count > 0 ? ConditionStatus.True : ConditionStatus.False;
            conditions.Add(new()
            {
                Type = ConditionType,
                Status = status,
                Reason = reason,
                Message = message,
                ObservedGeneration = service.Metadata.Generation,
                LastTransitionTime = own is not null && own.Status == status && own.LastTransitionTime is { } since ? since : now,
            });
        }

        return service.Status with { LoadBalancer = service.Status.LoadBalancer with { Ingress = ingress }, Conditions = conditions };
    }

    private static List<IPAddress> ClusterIPs(Service service) => Addresses(service.Spec.ClusterIPs.Count > 0 ? service.Spec.ClusterIPs : [service.Spec.ClusterIP]);

    private static List<IPAddress> Addresses(IEnumerable<string> texts) => [.. texts.Select(t => IPAddress.TryParse(t.Trim(), out var a) ? a : null).OfType<IPAddress>()];

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
