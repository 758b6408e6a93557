using Kobune.Api.Resource.V1;
using Kobune.Api.Resources;

namespace Kobune.Scheduler.Devices;

/// <summary>A request, or one of its alternatives, with its class.</summary>
/// <param name="Name">"request" or "request/subrequest".</param>
/// <param name="Class">The class.</param>
/// <param name="Selectors">The request's own selectors.</param>
/// <param name="IsAll">All devices that match.</param>
/// <param name="Count">How many otherwise.</param>
/// <param name="AdminAccess">Devices may be in use.</param>
/// <param name="Tolerations">Taints that do not matter.</param>
/// <param name="Capacity">What a device must have, or a part of it takes.</param>
internal sealed record DeviceWish(
    string Name,
    DeviceClass Class,
    IReadOnlyList<DeviceSelector> Selectors,
    bool IsAll,
    long Count,
    bool AdminAccess,
    IReadOnlyList<DeviceToleration> Tolerations,
    CapacityRequirements? Capacity)
{
    /// <summary>Whether a list of names of a constraint or configuration means it: its own name, its parent's, or none at all.</summary>
    public bool IsIn(IReadOnlyList<string> requests) => requests.Count == 0 || requests.Contains(Name) || requests.Contains(Name.Split('/')[0]);

    /// <summary>The alternatives of a request, the best one first, or the one thing that it wants. What has no class has a null.</summary>
    public static IReadOnlyList<DeviceWish> Of(DeviceRequest request, Func<string, DeviceClass?> classes, out string? missing)
    {
        missing = null;
        var wishes = new List<DeviceWish>();
        if (request.Exactly is { } one)
        {
            if (classes(one.DeviceClassName) is { } known)
            {
                wishes.Add(new(request.Name, known, one.Selectors, one.AllocationMode == "All", one.Count, one.AdminAccess == true, one.Tolerations, one.Capacity));
            }
            else
            {
                missing = $"request {request.Name}: device class {one.DeviceClassName} does not exist";
            }
        }

        foreach (var sub in request.FirstAvailable)
        {
            if (classes(sub.DeviceClassName) is not { } known)
            {
                missing = $"request {request.Name}/{sub.Name}: device class {sub.DeviceClassName} does not exist";
                break;
            }

            wishes.Add(new($"{request.Name}/{sub.Name}", known, sub.Selectors, sub.AllocationMode == "All", sub.Count, false, sub.Tolerations, sub.Capacity));
        }

        return wishes;
    }

    /// <summary>Whether a device's taints let this have it.</summary>
    public bool Tolerates(Device device) => device.Taints.All(t => t.Effect is not ("NoSchedule" or "NoExecute") || DeviceTaints.IsTolerated(t, Tolerations));
}
