using Kobune.Api.Core.V1;

namespace Kobune.Api.Quotas;

/// <summary>Quality of service class of a pod: Guaranteed when every container's limits equal its requests for cpu and memory, BestEffort when none asks for anything (pkg/apis/core/v1/helper/qos).</summary>
public static class PodQos
{
    /// <summary>"Guaranteed", "Burstable" or "BestEffort".</summary>
    public static string Of(PodSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var containers = spec.Containers.Concat(spec.InitContainers).Select(c => c.Resources).ToList();
        if (spec.Resources is { } whole && (whole.Requests.Count > 0 || whole.Limits.Count > 0))
        {
            containers = [whole];
        }

        var asksForSomething = containers.Any(r => Counts(r.Requests) || Counts(r.Limits));
        if (!asksForSomething)
        {
            return "BestEffort";
        }

        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    private static bool Counts(IReadOnlyDictionary<string, Quantity> values) =>
        (values.TryGetValue("cpu", out var cpu) && cpu.Sign > 0) || (values.TryGetValue("memory", out var memory) && memory.Sign > 0);

    private static bool IsGuaranteed(ResourceRequirements resources) => Same(resources, "cpu") && Same(resources, "memory");

    private static bool Same(ResourceRequirements resources, string name) =>
        resources.Limits.TryGetValue(name, out var limit) && limit.Sign > 0 && (!resources.Requests.TryGetValue(name, out var request) || request == limit);
}
