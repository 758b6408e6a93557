using Kobune.Api;
using Kobune.Api.Core.V1;

namespace Kobune.Kubelet.Tests.Resizes;

/// <summary>Resources in one line: "cpu=100m/200m memory=/64Mi" is a request, a slash, a limit.</summary>
internal static class Resources
{
    internal static ResourceRequirements Of(string text)
    {
        Dictionary<string, Quantity> requests = [], limits = [];
        foreach (var part in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, values) = (part.Split('=')[0], part.Split('=')[1].Split('/'));
            Put(requests, name, values[0]);
            Put(limits, name, values.Length > 1 ? values[1] : "");
        }

        return new() { Requests = requests, Limits = limits };
    }

    internal static Container Container(string name, string resources, params string[] restarting) => new()
    {
        Name = name,
        Image = "app:1",
        Resources = Of(resources),
        ResizePolicy = [.. restarting.Select(r => new ContainerResizePolicy { ResourceName = r, RestartPolicy = "RestartContainer" })],
    };

    internal static Pod Pod(string uid, string resources, long generation = 1, int priority = 0) => new()
    {
        Metadata = new() { Name = uid, Namespace = "d", Uid = uid, Generation = generation },
        Spec = new() { RestartPolicy = "Always", TerminationGracePeriodSeconds = 30, Priority = priority, Containers = [Container("a", resources)] },
    };

    internal static Pod With(this Pod pod, string resources, long generation) => pod with
    {
        Metadata = pod.Metadata with { Generation = generation },
        Spec = pod.Spec with { Containers = [pod.Spec.Containers[0] with { Resources = Of(resources) }, .. pod.Spec.Containers.Skip(1)] },
    };

    internal static Kobune.Api.Core.V1.Node Node(string cpu, string memory) => new()
    {
        Status = new() { Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory), ["pods"] = Quantity.Parse("110") } },
    };

    /// <summary>The other way round, keys in order.</summary>
    internal static string Text(ResourceRequirements? resources) => resources is null ? "none" : string.Join(
        ' ', resources.Requests.Keys.Union(resources.Limits.Keys).Order(StringComparer.Ordinal).Select(k => $"{k}={Value(resources.Requests, k)}/{Value(resources.Limits, k)}"));

    private static string Value(IReadOnlyDictionary<string, Quantity> list, string name) => list.TryGetValue(name, out var value) ? value.ToString() : "";

    private static void Put(Dictionary<string, Quantity> list, string name, string value)
    {
        if (value.Length > 0)
        {
            list[name] = Quantity.Parse(value);
        }
    }
}
