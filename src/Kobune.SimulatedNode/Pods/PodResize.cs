using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Pods;

/// <summary>A change of a running pod's resources, as a kubelet grants it. Pure.</summary>
internal static class PodResize
{
    private const string Pending = "PodResizePending";

    /// <summary>Whether the containers have other resources than the spec asks for, and nobody has said no.</summary>
    public static bool IsDue(Pod pod) =>
        pod.Status.Phase == PodPhase.Running
        && pod.Spec.Containers.Any(c => StatusOf(pod, c) is { Resources: { } has } && has != Granted(c))
        && !pod.Status.Conditions.Any(c => c.Type == Pending && c.ObservedGeneration == pod.Metadata.Generation);

    /// <summary>The resources are granted, or are more than the node has.</summary>
    public static PodStatus Apply(Pod pod, IReadOnlyDictionary<string, Quantity> capacity, DateTimeOffset now)
    {
        var kept = pod.Status.Conditions.Where(c => c.Type != Pending);
        if (Excess(pod, capacity) is { } excess)
        {
            var condition = new PodCondition { Type = Pending, Status = "True", Reason = "Infeasible", Message = excess, ObservedGeneration = pod.Metadata.Generation, LastTransitionTime = now };
            return pod.Status with { Conditions = [.. kept, condition] };
        }

        return pod.Status with
        {
            ObservedGeneration = pod.Metadata.Generation,
            Conditions = [.. kept],
            ContainerStatuses = [.. pod.Status.ContainerStatuses.Select(s => pod.Spec.Containers.FirstOrDefault(c => c.Name == s.Name) is { } container ? Resized(pod, container, s, now) : s)],
        };
    }

    /// <summary>What a container has when it has what it asks for.</summary>
    public static ResourceRequirements Granted(Container container) => new() { Limits = container.Resources.Limits, Requests = container.Resources.Requests };

    private static ContainerStatus? StatusOf(Pod pod, Container container) => pod.Status.ContainerStatuses.FirstOrDefault(s => s.Name == container.Name);

    private static ContainerStatus Resized(Pod pod, Container container, ContainerStatus status, DateTimeOffset now)
    {
        var granted = Granted(container);
        var resized = status with { Resources = granted, AllocatedResources = granted.Requests };
        if (!container.ResizePolicy.Any(p => p.RestartPolicy == "RestartContainer" && Changes(p.ResourceName, status.Resources, granted)))
        {
            return resized;
        }

        return resized with
        {
            RestartCount = status.RestartCount + 1,
            ContainerID = PodStatuses.ContainerIdOf(pod, status.Name, status.RestartCount + 1),
            LastTerminationState = new() { Terminated = new() { ExitCode = 143, Reason = "Error", StartedAt = status.State.Running?.StartedAt, FinishedAt = now, ContainerID = status.ContainerID } },
            State = new() { Running = new() { StartedAt = now } },
        };
    }

    private static bool Changes(string resource, ResourceRequirements? from, ResourceRequirements to) =>
        from is null || Of(from.Requests, resource) != Of(to.Requests, resource) || Of(from.Limits, resource) != Of(to.Limits, resource);

    private static Quantity Of(IReadOnlyDictionary<string, Quantity> values, string resource) => values.TryGetValue(resource, out var value) ? value : Quantity.Zero;

    private static string? Excess(Pod pod, IReadOnlyDictionary<string, Quantity> capacity)
    {
        foreach (var resource in (string[])["cpu", "memory"])
        {
            var wanted = pod.Spec.Containers.Aggregate(Quantity.Zero, (sum, c) => sum + Of(c.Resources.Requests, resource));
            if (capacity.TryGetValue(resource, out var has) && wanted > has)
            {
                // Upstream counts CPU in thousandths here and memory in bytes.
                var (requested, held) = resource == "cpu" ? (wanted.MilliValue, has.MilliValue) : (wanted.MilliValue / 1000, has.MilliValue / 1000);
                return $"Node didn't have enough capacity: {resource}, requested: {requested}, capacity: {held}";
            }
        }

        return null;
    }
}
