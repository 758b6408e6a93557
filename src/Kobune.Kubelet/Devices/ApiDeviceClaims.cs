using Kobune.Api.Core.V1;
using Kobune.Api.Resources;
using Kobune.Client;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Kubelet.Devices;

/// <summary>
/// Claims of devices, read when a pod with them is set up. Drivers of devices do not register at this kubelet: a pod that was given a device waits for its driver, rather than that it runs
/// without what it asked for. Source: pkg/kubelet/cm/dra, manager.go.
/// </summary>
internal sealed class ApiDeviceClaims(IClient client) : IDeviceClaims
{
    public async Task<string?> ComplaintAsync(Pod pod, CancellationToken ct)
    {
        var entries = pod.Spec.ResourceClaims.Select(e => PodDeviceClaims.NameOf(pod, e));
        if (pod.Status.ExtendedResourceClaimStatus is { } extended)
        {
            entries = entries.Append(new(extended.ResourceClaimName, false, null));
        }

        foreach (var entry in entries)
        {
            if ((entry.Problem ?? (entry.Name is null ? null : await ReadAsync(pod, entry, ct))) is { } complaint)
            {
                return complaint;
            }
        }

        return null;
    }

    /// <summary>What a claim keeps from a pod. Pure.</summary>
    internal static string? Complaint(Pod pod, DeviceClaimName entry, ResourceClaim claim) =>
        entry.IsGenerated && !PodDeviceClaims.IsFor(pod, claim) ? PodDeviceClaims.NotFor(pod, claim)
        : !PodDeviceClaims.IsReservedFor(pod, claim) ? $"pod {pod.Metadata.Name} ({pod.Metadata.Uid}) is not allowed to use ResourceClaim {claim.Metadata.Name} ({claim.Metadata.Uid})"
        : claim.Status.Allocation is not { } allocation ? $"ResourceClaim {claim.Metadata.Name}: not allocated"
        : allocation.Devices.Results is [var device, ..] ? $"DRA driver {device.Driver} is not registered"
        : null;

    private async Task<string?> ReadAsync(Pod pod, DeviceClaimName entry, CancellationToken ct)
    {
        try
        {
            return Complaint(pod, entry, await client.GetAsync<ResourceClaim>(pod.Metadata.Namespace, entry.Name!, ct));
        }
        catch (ApiException e)
        {
            return $"fetch ResourceClaim {entry.Name}: {e.Message}";
        }
    }
}
