using Kobune.Api.Core.V1;
using Kobune.Api.Quotas;

namespace Kobune.ControllerManager.HorizontalPodAutoscalers;

/// <summary>What pods ask for of a resource, in thousandths: what their usage is a part of. Source: pkg/controller/podautoscaler, replica_calculator.go, calculateRequests.</summary>
internal static class MeasuredRequests
{
    /// <param name="only">One container by its name; null for whole pods.</param>
    /// <exception cref="MetricException">A pod does not say what it asks for.</exception>
    public static Dictionary<string, long> Of(IReadOnlyList<Pod> pods, string resource, string? only) =>
        pods.ToDictionary(p => p.Metadata.Name, p => only is null && PodTotals.RequestsAsAWhole(p.Spec) ? OfPod(p, resource) : OfContainers(p, resource, only), StringComparer.Ordinal);

    private static long OfPod(Pod pod, string resource) => PodTotals.ChargedRequests(pod.Spec).TryGetValue(resource, out var request)
        ? request.MilliValue
        : throw new MetricException($"missing pod-level request for {resource} in Pod {pod.Metadata.Name}");

    private static long OfContainers(Pod pod, string resource, string? only)
    {
        // Sidecars run beside the containers and count with them.
        var containers = pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(c => c.RestartPolicy == "Always")).Where(c => only is null || c.Name == only).ToList();
        return containers.Count == 0 && only is not null
            ? throw new MetricException($"container {only} not found in Pod {pod.Metadata.Name}")
            : containers.Sum(c => c.Resources.Requests.TryGetValue(resource, out var request)
                ? request.MilliValue
                : throw new MetricException($"missing request for {resource} in container {c.Name} of Pod {pod.Metadata.Name}"));
    }
}
