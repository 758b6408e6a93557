using Kobune.Api.Core.V1;

namespace Kobune.SimulatedNode.Tests;

internal static class Pods
{
    public static Pod Bound(string name, string node = "node-0") => new()
    {
        Metadata = new() { Name = name, Namespace = "default", Uid = "uid-" + name },
        Spec = new() { NodeName = node, RestartPolicy = "Always", Containers = [new() { Name = "c", Image = "registry.k8s.io/pause:3.9" }] },
        Status = new() { Phase = "Pending", Conditions = [new() { Type = "PodScheduled", Status = "True" }] },
    };
}
