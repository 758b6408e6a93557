using Kobune.Api.Core.V1;
using Kobune.Kubelet.Admission;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Resizes;

/// <summary>Whether a pod that runs may have what it asks for now (kubelet/allocation and the admission of resizes). Pure.</summary>
internal static class ResizeAdmission
{
    internal const string Deferred = "Deferred";
    internal const string Infeasible = "Infeasible";

    /// <summary>Null when it may, else why not: Infeasible is for ever, Deferred until something else makes room.</summary>
    /// <param name="pod">The pod with the resources that it asks for.</param>
    /// <param name="node">The node with what it has for pods.</param>
    /// <param name="others">All other pods with what they were given.</param>
    internal static (string Reason, string Message)? Refusal(Pod pod, Node node, IReadOnlyCollection<Pod> others)
    {
        if (PodAdmission.IsStatic(pod))
        {
            return (Infeasible, "In-place resize of static-pods is not supported");
        }

        var requests = PodQuality.Requests(pod);
        foreach (var name in (string[])["memory", "cpu"])
        {
            if (node.Status.Allocatable.TryGetValue(name, out var capacity) && requests.GetValueOrDefault(name) > capacity.MilliValue)
            {
                var (requested, has) = name == "cpu" ? (requests[name], capacity.MilliValue) : (requests[name] / 1000, capacity.Value);
                return (Infeasible, $"Node didn't have enough capacity: {name}, requested: {requested}, capacity: {has}");
            }
        }

        return PodAdmission.Resources(pod, node, others) is { } shortage ? (Deferred, shortage.Message) : null;
    }

    /// <summary>Those that make no one poorer first, then by priority, then guaranteed ones, then who has waited longest.</summary>
    internal static IEnumerable<PendingResize> Sorted(IEnumerable<PendingResize> pending) => pending
        .OrderBy(p => p.Increases)
        .ThenByDescending(p => p.Pod.Spec.Priority ?? 0)
        .ThenByDescending(p => PodQuality.QosClass(p.Pod) == PodQuality.Guaranteed)
        .ThenBy(p => p.Since);
}

/// <summary>A pod whose wish is not granted yet.</summary>
internal sealed record PendingResize(Pod Pod, PodAllocation Allocated, DateTimeOffset Since)
{
    /// <summary>Whether it asks for more of anything than it has.</summary>
    internal bool Increases
    {
        get
        {
            var (now, before) = (PodQuality.Requests(Pod), PodQuality.Requests(Allocated.ApplyTo(Pod)));
            return now.GetValueOrDefault("cpu") > before.GetValueOrDefault("cpu") || now.GetValueOrDefault("memory") > before.GetValueOrDefault("memory");
        }
    }
}
