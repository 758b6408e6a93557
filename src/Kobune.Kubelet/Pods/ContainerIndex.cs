using System.Collections.Concurrent;
using Kobune.Kubelet.Runtime;

namespace Kobune.Kubelet.Pods;

/// <summary>Which pod a container or sandbox belongs to, so that a runtime event wakes the right worker without a question to the runtime.</summary>
internal sealed class ContainerIndex
{
    private readonly ConcurrentDictionary<string, string> _pods = new();

    internal string? Find(string id) => _pods.GetValueOrDefault(id);

    internal void Learn(string uid, PodRuntimeStatus status)
    {
        foreach (var sandbox in status.Sandboxes)
        {
            _pods[sandbox.Id] = uid;
        }

        foreach (var container in status.Containers)
        {
            _pods[container.Id] = uid;
        }
    }

    internal void Learn(string uid, string id) => _pods[id] = uid;

    internal void Forget(string id) => _pods.TryRemove(id, out _);
}
