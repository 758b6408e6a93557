using System.Net;
using Kobune.Api.Coordination.V1;
using Kobune.Api.Core.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Events;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.LoadBalancers;

/// <summary>Writes what <see cref="LoadBalancerPlan"/> decides, and looks again when the tunnel's Lease runs out.</summary>
internal sealed class LoadBalancerReconciler(
    ICache<Service> services, ICache<Lease> leases, ICache<ConfigMap> pools, IClient client, IEventRecorder events, TimeProvider time) : IReconciler
{
    /// <summary>Where the metallb addon keeps its ranges: key "addresses", one range a line.</summary>
    public const string PoolNamespace = "metallb-system";
    public const string PoolName = "config";
    public const string PoolKey = "addresses";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (services.Find(key) is not { } service || !Concerns(service))
        {
            return ReconcileResult.Done;
        }

        var lease = leases.Find(TunnelLease.Namespace, TunnelLease.Name);
        var status = LoadBalancerPlan.Compute(service, Means(lease), Pools(), Taken(key), time.GetUtcNow());
        if (status != service.Status)
        {
            await client.UpdateStatusAsync(service with { Status = status }, ct);
            Tell(service, status);
        }

        return Means(lease).Running ? ReconcileResult.RequeueAfter(Left(lease!) + TimeSpan.FromMilliseconds(100)) : ReconcileResult.Done;
    }

    /// <summary>Whether a Service wants an address, or has one of ours.</summary>
    public static bool Concerns(Service service) =>
        service.Spec.Type == ServiceType.LoadBalancer || service.Status.Conditions.Any(c => c.Type == LoadBalancerPlan.ConditionType);

    /// <summary>What a Lease says about the tunnel now.</summary>
    public LoadBalancerPlan.TunnelState Means(Lease? lease) =>
        lease is not null && Left(lease) > TimeSpan.Zero ? new(true, lease.Metadata.Annotations.GetValueOrDefault(TunnelLease.AddressAnnotation)) : default;

    private TimeSpan Left(Lease lease) => lease.Spec.RenewTime is { } renewed ? renewed + TimeSpan.FromSeconds(lease.Spec.LeaseDurationSeconds ?? 0) - time.GetUtcNow() : TimeSpan.Zero;

    private AddressPools Pools() =>
        pools.Find(PoolNamespace, PoolName)?.Data.GetValueOrDefault(PoolKey) is { } text ? AddressPools.Parse(text.Split(['\n', ','], StringSplitOptions.RemoveEmptyEntries)) : AddressPools.None;

    private HashSet<IPAddress> Taken(ObjectKey own) =>
        [.. services.List().Where(s => ObjectKey.Of(s) != own).SelectMany(s => s.Status.LoadBalancer.Ingress).Select(i => IPAddress.TryParse(i.IP, out var a) ? a : null).OfType<IPAddress>()];

    private void Tell(Service service, ServiceStatus status)
    {
        if (status.Conditions.FirstOrDefault(c => c.Type == LoadBalancerPlan.ConditionType) is { Reason: LoadBalancerPlan.Exhausted } failed)
        {
            events.Warning(service, failed.Reason, failed.Message);
        }
        else if (status.LoadBalancer.Ingress.Count > 0)
        {
            events.Normal(service, "EnsuredLoadBalancer", "Ensured load balancer");
        }
    }
}
