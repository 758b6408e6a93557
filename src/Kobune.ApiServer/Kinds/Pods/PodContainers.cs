using System.Text.Json.Nodes;
using Kobune.Api.Core.V1;

namespace Kobune.ApiServer.Kinds.Pods;

/// <summary>All containers of a pod with the paths of their fields (upstream's VisitContainersWithPath).</summary>
internal static class PodContainers
{
    /// <summary>Init containers, containers, ephemeral containers.</summary>
    public static IEnumerable<(string Path, Container Container)> All(PodSpec spec, string path) =>
    [
        .. spec.InitContainers.Select((c, i) => ($"{path}.initContainers[{i}]", c)),
        .. spec.Containers.Select((c, i) => ($"{path}.containers[{i}]", c)),
        .. spec.EphemeralContainers.Select((c, i) => ($"{path}.ephemeralContainers[{i}]", AsContainer(c))),
    ];

    /// <summary>What an ephemeral container has in common with the others.</summary>
    public static Container AsContainer(EphemeralContainer container)
    {
        var tree = (JsonObject)container.ToTree().DeepClone();
        tree.Remove("targetContainerName");
        return tree.Read<Container>();
    }
}
