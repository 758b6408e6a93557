namespace Kobune.ControllerManager.LoadBalancers;

/// <summary>
/// How `kobune tunnel` says that it is at work: a Lease that it renews. While the Lease is fresh, LoadBalancer Services have the tunnel's address;
/// when it is deleted, or not renewed because the tunnel was killed, they lose it.
/// </summary>
public static class TunnelLease
{
    /// <summary>Where the Lease is.</summary>
    public const string Namespace = "kube-system";

    /// <summary>Its name.</summary>
    public const string Name = "kobune-tunnel";

    /// <summary>Annotation with the address that the tunnel listens on; without it the tunnel is a route, and each Service's address is its cluster IP.</summary>
    public const string AddressAnnotation = "kobune.dev/address";

    /// <summary>How long the Lease holds without renewal.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    /// <summary>How often the tunnel renews it.</summary>
    public static readonly TimeSpan RenewPeriod = TimeSpan.FromSeconds(5);
}
