using Kobune.Api.Core.V1;
using Kobune.Client.Events;
using Kobune.Kubelet.Containers;
using Kobune.Kubelet.Events;

namespace Kobune.Kubelet.Sources;

/// <summary>The kubelet's events as events of the API: a container is named by fieldPath, a node by its name as UID.</summary>
internal sealed class NodeEvents(IEventRecorder recorder, string nodeName) : IKubeletEvents
{
    public void Pod(Pod pod, Container? container, string type, string reason, string message)
    {
        var uid = pod.Metadata.Annotations.GetValueOrDefault("kubernetes.io/config.mirror") ?? pod.Metadata.Uid;
        recorder.Record(
            new ObjectReference
            {
                APIVersion = "v1",
                Kind = "Pod",
                Namespace = pod.Metadata.Namespace,
                Name = pod.Metadata.Name,
                Uid = uid,
                ResourceVersion = pod.Metadata.ResourceVersion,
                FieldPath = container is null || PodContainers.Find(pod, container.Name) is null ? "" : FieldPath(pod, container), // the image of a volume is pulled for no container
            },
            type,
            reason,
            message);
    }

    public void Node(string type, string reason, string message) =>
        recorder.Record(new ObjectReference { Kind = "Node", Name = nodeName, Uid = nodeName }, type, reason, message);

    private static string FieldPath(Pod pod, Container container)
    {
        var list = PodContainers.IsInit(pod, container) ? "initContainers" : pod.Spec.EphemeralContainers.Any(c => c.Name == container.Name) ? "ephemeralContainers" : "containers";
        return $"spec.{list}{{{container.Name}}}";
    }
}
