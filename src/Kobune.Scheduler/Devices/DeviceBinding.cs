using Kobune.Api.Meta.V1;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>What drivers have to bring about at some devices before a pod may be bound. Pure. Source: pkg/scheduler/framework/plugins/dynamicresources.</summary>
internal static class DeviceBinding
{
    /// <summary>Whether a pod of an allocated claim has to wait for conditions at all.</summary>
    public static bool HasConditions(ResourceClaim claim) => claim.Status.Allocation?.Devices.Results.Any(r => r.BindingConditions.Count > 0) == true;

    /// <summary>The drivers that have to bring conditions about, each once.</summary>
    public static IEnumerable<string> WaitedFor(IEnumerable<ResourceClaim> claims) =>
        claims.SelectMany(c => c.Status.Allocation?.Devices.Results ?? []).Where(r => r.BindingConditions.Count > 0).Select(r => r.Driver).Distinct();

    /// <summary>Whether all conditions that devices bind by are there. A condition of failure is a problem, which no waiting mends.</summary>
    public static bool IsReady(ResourceClaim claim, out string? problem)
    {
        problem = null;
        if (claim.Status.Allocation is not { } allocation)
        {
            return false;
        }

        foreach (var result in allocation.Devices.Results.Where(r => r.BindingConditions.Count > 0))
        {
            if (claim.Status.Devices.FirstOrDefault(d => d.Driver == result.Driver && d.Pool == result.Pool && d.Device == result.Device && d.ShareID == result.ShareID)?.Conditions is not { } conditions)
            {
                return false;
            }

            if (result.BindingFailureConditions.Select(f => True(conditions, f)).FirstOrDefault(c => c is not null) is { } failed)
            {
                problem = $"claim {claim.Metadata.Name} binding failed: reason={failed.Reason}, message=\"{failed.Message}\"";
                return false;
            }

            if (result.BindingConditions.Any(c => True(conditions, c) is null))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether devices would be better given to the claim anew: they failed, or had their time.</summary>
    public static bool IsLost(ResourceClaim claim, TimeSpan timeout, DateTimeOffset now) =>
        !IsReady(claim, out var problem) && (problem is not null || (HasConditions(claim) && claim.Status.Allocation?.AllocationTimestamp is { } begun && begun + timeout < now));

    private static Condition? True(IReadOnlyList<Condition> conditions, string type) => conditions.FirstOrDefault(c => c.Type == type && c.Status == "True");
}
