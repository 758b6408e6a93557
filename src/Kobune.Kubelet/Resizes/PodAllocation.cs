using Kobune.Api.Core.V1;
using Kobune.Kubelet.Containers;

namespace Kobune.Kubelet.Resizes;

/// <summary>The resources that containers of a pod were given, by container. Only what a resize may change is in it: containers and sidecars.</summary>
internal sealed record PodAllocation(IReadOnlyDictionary<string, ResourceRequirements> Containers)
{
    internal static PodAllocation None { get; } = new(new Dictionary<string, ResourceRequirements>());

    internal static PodAllocation Of(Pod pod) => new(Resizable(pod).ToDictionary(c => c.Name, c => c.Resources, StringComparer.Ordinal));

    internal static IEnumerable<Container> Resizable(Pod pod) => pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(PodContainers.IsSidecar));

    internal ResourceRequirements? Find(string container) => Containers.TryGetValue(container, out var resources) ? resources : null;

    internal PodAllocation With(string container, ResourceRequirements resources) =>
        new(new Dictionary<string, ResourceRequirements>(Containers, StringComparer.Ordinal) { [container] = resources });

    /// <summary>The pod with these resources instead of those that it asks for; the very same pod when there is no difference.</summary>
    internal Pod ApplyTo(Pod pod) => Resizable(pod).All(c => Find(c.Name) is not { } mine || mine == c.Resources) ? pod
        : pod with { Spec = pod.Spec with { Containers = [.. pod.Spec.Containers.Select(Given)], InitContainers = [.. pod.Spec.InitContainers.Select(Given)] } };

    private Container Given(Container container) => Find(container.Name) is { } mine && mine != container.Resources ? container with { Resources = mine } : container;
}
