using Kobune.Api;
using Kobune.Api.Clocks;
using Kobune.Api.Core.V1;
using Kobune.Api.Resource.V1;
using ResourceClaim = Kobune.Api.Resource.V1.ResourceClaim;

namespace Kobune.Scheduler.Devices;

/// <summary>What is written into claims for the devices that were chosen.</summary>
internal static class AllocationWriter
{
    /// <summary>One result for each claim.</summary>
    public static IReadOnlyList<AllocationResult> Write(IReadOnlyList<ClaimWish> claims, IReadOnlyList<ChosenDevice> chosen, string node, TimeProvider time) =>
        [.. claims.Select((claim, i) => Write(claim.Claim, [.. chosen.Where(c => c.Claim == i)], node, time))];

    private static AllocationResult Write(ResourceClaim claim, IReadOnlyList<ChosenDevice> chosen, string node, TimeProvider time) => new()
    {
        Devices = new DeviceAllocationResult
        {
            Results = [.. chosen.Select(c => ResultOf(c, time))],
            Config =
            [
                .. chosen.Select(c => c.Wish).Distinct().SelectMany(w => w.Class.Spec.Config.Select(c => new DeviceAllocationConfiguration { Source = "FromClass", Requests = [w.Name], Opaque = c.Opaque })),
                .. claim.Spec.Devices.Config.Where(c => chosen.Any(d => d.Wish.IsIn(c.Requests))).Select(c => new DeviceAllocationConfiguration { Source = "FromClaim", Requests = c.Requests, Opaque = c.Opaque }),
            ],
        },
        NodeSelector = NodesOf(chosen, node),
        AllocationTimestamp = time.GetUtcNow(),
    };

    private static DeviceRequestAllocationResult ResultOf(ChosenDevice chosen, TimeProvider time) => new()
    {
        Request = chosen.Wish.Name,
        Driver = chosen.Device.Key.Driver,
        Pool = chosen.Device.Key.Pool,
        Device = chosen.Device.Key.Device,
        AdminAccess = chosen.Wish.AdminAccess ? true : null,
        Tolerations = chosen.Wish.Tolerations,
        BindingConditions = chosen.Device.Device.BindingConditions,
        BindingFailureConditions = chosen.Device.Device.BindingFailureConditions,
        ShareID = chosen.Part is null ? null : Dice.NewUid(time),
        ConsumedCapacity = chosen.Part ?? new Dictionary<string, Quantity>(),
    };

    /// <summary>Where all of the devices can be reached: one node, those that all selectors mean, or any.</summary>
    private static NodeSelector? NodesOf(IReadOnlyList<ChosenDevice> chosen, string node)
    {
        if (chosen.Any(c => c.Device.NodeName is { Length: > 0 } || c.Device.Device.BindsToNode == true))
        {
            return new() { NodeSelectorTerms = [new() { MatchFields = [new() { Key = "metadata.name", Operator = "In", Values = [node] }] }] };
        }

        var terms = chosen.Select(c => c.Device.NodeSelector).OfType<NodeSelector>().SelectMany(s => s.NodeSelectorTerms.Take(1)).ToList();
        return terms.Count == 0 ? null : new()
        {
            NodeSelectorTerms = [new() { MatchExpressions = [.. terms.SelectMany(t => t.MatchExpressions).Distinct()], MatchFields = [.. terms.SelectMany(t => t.MatchFields).Distinct()] }],
        };
    }
}
