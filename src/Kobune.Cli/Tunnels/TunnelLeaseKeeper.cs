using Kobune.Api.Coordination.V1;
using Kobune.Client;
using Kobune.ControllerManager.LoadBalancers;

namespace Kobune.Cli.Tunnels;

/// <summary>Keeps the Lease by which the cluster knows that a tunnel is at work.</summary>
internal sealed class TunnelLeaseKeeper(IClient client, string holder, string? address, TimeProvider time)
{
    /// <summary>Makes or renews it. A Lease that another tunnel left is taken over: the lock on the profile says who may be at work.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        Dictionary<string, string> annotations = address is null ? [] : new() { [TunnelLease.AddressAnnotation] = address };
        var spec = new LeaseSpec { HolderIdentity = holder, LeaseDurationSeconds = (int)TunnelLease.Duration.TotalSeconds, RenewTime = now };
        try
        {
            var lease = await client.GetAsync<Lease>(TunnelLease.Namespace, TunnelLease.Name, ct);
            await client.UpdateAsync(lease with { Metadata = lease.Metadata with { Annotations = annotations }, Spec = spec }, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            await client.CreateAsync(new Lease { Metadata = new() { Namespace = TunnelLease.Namespace, Name = TunnelLease.Name, Annotations = annotations }, Spec = spec }, ct);
        }
    }

    /// <summary>Takes it away, whereupon the cluster clears the addresses.</summary>
    public async Task EndAsync(CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Lease>(TunnelLease.Namespace, TunnelLease.Name, null, ct);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // The cluster was deleted and made anew in between.
        }
    }
}
